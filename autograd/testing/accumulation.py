"""How a gradient that somebody else computes adds up the parts that a graph hands back: what is lost, or counted twice, or handed on too early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ..value import Value
from ..walks import PLAIN, Edge, adjoints, tangents, users_first

SAME = 1e-6  # how far numbers are apart that are one
MOST = 10_000  # visits of a walk that counts uses again and again
ACCUMULATION = "order-dependent accumulation"
Walk = dict[Value, Sequence[Edge]]


def added_wrongly(
    inputs: Sequence[Value], output: Value, rates: Sequence[float], whole: float, got: float
) -> tuple[str, str] | None:
    """Return the kind and the text where a derivative in a direction is what a known mistake in adding up makes of the graph; else None."""
    walk: Walk = users_first([output])
    moving = {x: rate for x, rate in zip(inputs, rates, strict=True) if rate and x in walk}
    return _part(walk, output, moving, whole, got) or _order(walk, output, moving, whole, got)


def _part(walk: Walk, output: Value, moving: dict[Value, float], whole: float, got: float) -> tuple[str, str] | None:
    """Whether the part is missing, or counted twice, that one step hands back to an argument, by one of its edges or by all."""
    forward = tangents(reversed(walk), moving, walk.__getitem__, PLAIN)
    back = adjoints(walk, {output: 1.0}, walk.__getitem__, PLAIN)
    users = Counter(arg for node in walk for arg, _ in walk[node])
    fitting = [
        (users[arg], node.data, part, how, node)
        for node in walk
        for arg, d in {*walk[node], *_in_all(walk[node])}
        for sign, how in ((-1.0, "missing"), (1.0, "counted twice"))
        if abs(part := back.get(node, 0.0) * d * forward.get(arg, 0.0)) > SAME * abs(whole)
        and abs(whole + sign * part - got) <= SAME * abs(part)
    ]
    if not fitting:
        return None
    count, value, part, how, node = max(fitting, key=lambda one: one[0])
    assert node.op is not None
    of = f"a number that is used {count} times" if count > 1 else "its argument"
    told = f"the part that {node.op.name}() = {value:.6g} hands back to {of}, {part:.6g}, is {how}"
    return ACCUMULATION if count > 1 else "wrong gradient", told


def _in_all(edges: Sequence[Edge]) -> list[Edge]:
    """The arguments of a step, each with the sum of its partials."""
    totals: dict[Value, float] = {}
    for arg, d in edges:
        totals[arg] = totals.get(arg, 0.0) + d
    return list(totals.items())


def _order(walk: Walk, output: Value, moving: dict[Value, float], whole: float, got: float) -> tuple[str, str] | None:
    """Whether a walk gives this number that hands on what a node has before all its users have added their parts."""
    for name, order in ORDERS.items():
        totals: dict[Value, float] = {output: 1.0}
        for node in order(walk, output):
            for arg, d in walk[node]:
                totals[arg] = totals.get(arg, 0.0) + totals.get(node, 0.0) * d
        derivative = sum(rate * totals.get(x, 0.0) for x, rate in moving.items())
        if abs(derivative - got) <= SAME * abs(got) < abs(whole - got):
            return (
                ACCUMULATION,
                f"a walk {name} gives this number: it hands on what a node has before all its users have added theirs",
            )
    return None


def _breadth_first(walk: Walk, output: Value) -> list[Value]:
    """Every node once, those that are fewest steps away first."""
    visited, seen = [output], {output}
    for node in visited:  # it grows
        for arg, _ in walk[node]:
            if arg not in seen:
                seen.add(arg)
                visited.append(arg)
    return visited


def _depth_first(walk: Walk, output: Value) -> list[Value]:
    """Every node once, before its arguments, from left to right."""
    visited: list[Value] = []
    seen: set[Value] = set()
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            visited.append(node)
            waiting += [arg for arg, _ in reversed(walk[node])]
    return visited


def _again_and_again(walk: Walk, output: Value) -> list[Value]:
    """Every node as often as there are paths to it; nothing where that is too often."""
    visited: list[Value] = []
    waiting = [output]
    while waiting and len(visited) < MOST:
        visited.append(node := waiting.pop())
        waiting += [arg for arg, _ in reversed(walk[node])]
    return visited if not waiting else []


ORDERS: dict[str, Callable[[Walk, Value], list[Value]]] = {
    "breadth first": _breadth_first,
    "depth first": _depth_first,
    "along every path": _again_and_again,
}
