"""How a gradient that somebody else computes adds up the parts that a graph hands back: what is lost, or counted twice, or handed on too early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ..seeing.instruments.mistakes import ENGINES
from ..value import Value
from ..walks import PLAIN, Edge, adjoints, tangents, users_first

SAME = 1e-6  # how far numbers are apart that are one
MOST_VISITS = 10_000  # of a walk along every path
ACCUMULATION = "order-dependent accumulation"
Walk = dict[Value, Sequence[Edge]]


def added_wrongly(
    inputs: Sequence[Value], output: Value, rates: Sequence[float], whole: float, got: float
) -> tuple[str, str] | None:
    """Return the kind and the text where a derivative in a direction is what a known mistake in adding up makes of the graph; else None."""
    walk: Walk = users_first([output])
    moving = {x: rate for x, rate in zip(inputs, rates, strict=True) if rate and x in walk}
    return _part(walk, output, moving, whole, got) or _engine(walk, output, moving, whole, got)


def _part(walk: Walk, output: Value, moving: dict[Value, float], whole: float, got: float) -> tuple[str, str] | None:
    """Whether the part is missing, or counted twice, that one step hands back to an argument, by one of its edges or by all."""
    users = Counter(arg for node in walk for arg, _ in walk[node])
    fitting = [
        (users[arg], node, part, how)
        for node, arg, part in _parts(walk, output, moving)
        for sign, how in ((-1.0, "missing"), (1.0, "counted twice"))
        if abs(part) > SAME * abs(whole) and abs(whole + sign * part - got) <= SAME * abs(part)
    ]
    if not fitting:
        return None
    count, node, part, how = max(fitting, key=lambda one: one[0])
    assert node.op is not None
    of = f"a number that is used {count} times" if count > 1 else "its argument"
    told = f"the part that {node.op.name}() = {node.data:.6g} hands back to {of}, {part:.6g}, is {how}"
    return ACCUMULATION if count > 1 and got else "wrong gradient", told  # 0 may lack anything


def _parts(walk: Walk, output: Value, moving: dict[Value, float]) -> Iterator[tuple[Value, Value, float]]:
    """What each step hands back to each of its arguments, of the derivative in a direction: by one edge, and by all of them."""
    forward = tangents(reversed(walk), moving, walk.__getitem__, PLAIN)
    back = adjoints(walk, {output: 1.0}, walk.__getitem__, PLAIN)
    for node in walk:
        for arg, d in dict.fromkeys([*walk[node], *_in_all(walk[node])]):
            yield node, arg, back.get(node, 0.0) * d * forward.get(arg, 0.0)


def _in_all(edges: Sequence[Edge]) -> list[Edge]:
    """The arguments of a step, each with the sum of its partials."""
    totals: dict[Value, float] = {}
    for arg, d in edges:
        totals[arg] = totals.get(arg, 0.0) + d
    return list(totals.items())


def _engine(walk: Walk, output: Value, moving: dict[Value, float], whole: float, got: float) -> tuple[str, str] | None:
    """Whether an engine with a known mistake gives this number."""
    for name, why, grads in _engines(walk, output):
        derivative = sum(rate * grads.get(x, 0.0) for x, rate in moving.items())
        if abs(derivative - got) <= SAME * abs(got) < abs(whole - got):
            return ACCUMULATION, f"an engine with the mistake {name!r} gives this number: {why}"
    return None


def _engines(walk: Walk, output: Value) -> Iterator[tuple[str, str, dict[Value, float]]]:
    """The gradients of beginners' engines, and of those whose walk hands on what a node has before all its users are done."""
    for name, why, engine in ENGINES:
        if (grads := engine(output)) is not None:
            yield name, why, grads
    for name, order in ORDERS.items():
        visited = order(walk, output)
        totals: dict[Value, float] = {output: 1.0}
        for node in visited:
            for arg, d in walk[node]:
                totals[arg] = totals.get(arg, 0.0) + totals.get(node, 0.0) * d
        if visited:
            yield name, "each node hands on what it has before all that use it are done", totals


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
    """Every node as often as there are paths to it; none where that is too often to wait for."""
    visited: list[Value] = []
    waiting = [output]
    while waiting and len(visited) < MOST_VISITS:
        visited.append(node := waiting.pop())
        waiting += [arg for arg, _ in reversed(walk[node])]
    return visited if not waiting else []


ORDERS: dict[str, Callable[[Walk, Value], list[Value]]] = {
    "breadth first": _breadth_first, "depth first": _depth_first, "along every path": _again_and_again,
}  # fmt: skip
