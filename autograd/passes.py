"""The steps of the two passes over a graph, as data: what pictures, players, tables and instruments are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, count
from typing import Any

from . import graph
from .modes import FAULTS, Switch
from .primitives import Primitive
from .reals import real
from .symbols import PLAIN, Style, Symbol, formula, render, simplified
from .value import Value

LONGEST_NAME = 40
MOST_ARGUMENTS = 8  # of a call that is written
MOST_SYMBOLS = 60  # of a partial that is written
ELLIPSIS = "\u2026"
Writer = Callable[[Any, Style], str]


@dataclass(frozen=True)
class Forward:
    """A node takes its value."""

    node: Value

    def __str__(self) -> str:
        return f"{_label(self.node)} = {self.node.data:.6g}"


@dataclass(frozen=True)
class Seed:
    """The backward pass begins: the result's adjoint is set."""

    node: Value
    adjoint: float

    def __str__(self) -> str:
        return f"{_label(self.node)}: grad = {self.adjoint:.6g}"


@dataclass(frozen=True)
class Backward:
    """A node hands its adjoint on to one argument: after = before + adjoint * partial."""

    node: Value
    position: int
    arg: Value
    adjoint: float
    partial: float
    before: float
    after: float

    @property
    def contribution(self) -> float:
        """What is added."""
        return self.adjoint * self.partial

    def __str__(self) -> str:
        product = f"{self.adjoint:.6g} * {self.partial:.6g} = {self.contribution:.6g}"
        return (
            f"{_label(self.arg)}: grad += {product} ({self.before:.6g} -> {self.after:.6g}), from {_label(self.node)}"
        )


def _label(node: Value) -> str:
    """What to call a Value without looking at its graph: its name, or how it was made."""
    return shown(own_name(node)) or (f"{node.op.symbol} of {len(node.args)}" if node.op else "a leaf")


Step = Forward | Seed | Backward


def steps(root: Value, seed: float = 1.0) -> list[Step]:
    """Return each step of the forward pass below root, in order, then each one of the backward pass.

    A `Forward` step has the `node` that takes its value; `Seed` sets the result's `adjoint`; a `Backward` step is one
    product of the chain rule: `node` hands `adjoint * partial` on to its argument `arg` at `position`, whose own adjoint
    goes from `before` to `after`. Nothing is changed, and no `.grad` is read: the last state is what `backward(seed)`
    gives on leaves without gradient.

    Raises TypeError if root is no Value, or seed no real number.

    >>> from autograd import Value, steps
    >>> a = Value(3.0, "a")
    >>> for step in steps(a * a):
    ...     print(step)
    a = 3
    * of 2 = 9
    * of 2: grad = 1
    a: grad += 1 * 3 = 3 (0 -> 3), from * of 2
    a: grad += 1 * 3 = 3 (3 -> 6), from * of 2
    """
    start = real(seed, "steps()")
    found: list[Step] = [Forward(node) for node in evaluation_order(a_value(root, "steps"))]
    found.append(Seed(root, start))
    adjoints = {root: start}
    for node in graph.order([root]):
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            if d is not None:
                before = adjoints.get(arg, 0.0)
                adjoints[arg] = after = before + adjoints[node] * d
                found.append(Backward(node, position, arg, adjoints[node], d, before, after))
    return found


def adjoints(found: Iterable[Step]) -> dict[Value, float]:
    """Return the last adjoint of every Value that the backward steps reach."""
    last: dict[Value, float] = {}
    for step in found:
        if isinstance(step, Seed):
            last[step.node] = step.adjoint
        elif isinstance(step, Backward):
            last[step.arg] = step.after
    return last


def a_value(root: Any, who: str) -> Value:
    """Return root, or raise TypeError if it is no Value."""
    if type(root) is not Value:
        raise TypeError(f"{who}() expects a Value, got {type(root).__name__}")
    return root


def evaluation_order(root: Value) -> list[Value]:
    """Every Value below root, each after its arguments and these from left to right."""
    found: list[Value] = []
    seen = {root}
    path = [(root, iter(root.args))]
    while path:
        node, args = path[-1]
        for arg in args:
            if type(arg) is Value and arg not in seen:
                seen.add(arg)
                if arg.op is None:
                    found.append(arg)
                    continue
                path.append((arg, iter(arg.args)))
                break
        else:
            found.append(node)
            path.pop()
    return found


def value_args(node: Value) -> list[Value]:
    """The arguments that are Values."""
    return [arg for arg in node.args if type(arg) is Value]


def users(nodes: Iterable[Value]) -> dict[Value, list[Value]]:
    """Return the nodes that use each Value, once for each time that they use it."""
    found: dict[Value, list[Value]] = {node: [] for node in nodes}
    for node in list(found):
        for arg in value_args(node):
            found[arg].append(node)
    return found


class Names(dict[Value, str]):
    """What each Value is called; it remembers the partials that were written with these names."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.partials: dict[Value, list[Any]] = {}


def names(nodes: Iterable[Value], root: Value) -> Names:
    """Return a name for each Value, no two alike: its own, or v1, v2, ...; the result without one is y, f or z.

    A path's slashes become points: layer0.neuron3.w1. Names that come twice are told apart as w, w#2, w#3; what cannot be
    printed becomes a blank, and long ones are cut.
    """
    own = {node: own_name(node).replace("/", ".") for node in nodes}
    taken = set(own.values())
    fresh = (name for name in (f"v{i}" for i in count(1)) if name not in taken)
    found = Names()
    used: dict[str, int] = {}
    for node, name in own.items():
        name = wanted = shown(name) or (_result(taken) if node is root else next(fresh))
        while name in used:
            used[wanted] += 1
            name = f"{wanted}#{used[wanted]}"
        used[name] = 1
        found[node] = name
    return found


def result_name(nodes: Iterable[Value], root: Value) -> str:
    """What the result is called."""
    return shown(own_name(root).replace("/", ".")) or _result({own_name(node) for node in nodes})


def _result(taken: set[str]) -> str:
    return next(name for name in chain("yfz", (f"y{i}" for i in count(1))) if name not in taken)


def find(name: str, nodes: Iterable[Value], root: Value, who: str, what: str) -> Value:
    """Return the first of the nodes with this name, its own or the one that it is shown by; raise ValueError for none."""
    order = list(nodes)
    called = names(order, root)
    found = next((node for node in order if name in (node.name, called[node])), None)
    if found is None:
        raise ValueError(f"{who}() has no {what} named {name!r}{closest(name, called.values())}")
    return found


def closest(name: str, known: Iterable[str]) -> str:
    """What to add to an error about an unknown name: the one that is nearest, or some that there are."""
    listed = list(known)
    near = get_close_matches(name, listed, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(sorted(listed)[:5])}{', ...' if len(listed) > 5 else ''}" if listed else ""


def own_name(node: Value) -> str:
    """The name of a Value, if it has one; one that ends in a slash only says where it belongs."""
    return "" if node.name is None or node.name.endswith("/") else node.name


def shown(name: str, longest: int = LONGEST_NAME) -> str:
    """A name as one line of text, cut in the middle where it is long."""
    text = "".join(
        c if c.isprintable() else " " for c in name[: 2 * longest] + name[-longest:] * (len(name) > 2 * longest)
    )
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-(longest // 2 - 1) :]}"


def expression(node: Value, names: Names, style: Style = PLAIN) -> str:
    """How the node was made of its arguments, as in v1 * v2."""
    assert node.op is not None
    return formula(Symbol("", node.op, _few(node.op, [_named(arg, names) for arg in node.args], style)), style)


def in_numbers(node: Value, fmt: str) -> str:
    """How the node was made, with the numbers in place of the names, as in 2 * 3."""
    assert node.op is not None
    args = [arg.data if type(arg) is Value else arg for arg in node.args]
    style = PLAIN._replace(number=lambda x: format(x, fmt), spelled={}, tight=True)
    return formula(Symbol("", node.op, _few(node.op, args, style)), style)


def partial_formula(node: Value, position: int, names: Names, style: Style = PLAIN, write: Writer = formula) -> str:
    """The formula of one partial: the branch that holds at this point, where it has several. `factor` writes it for a product.

    It is the one of textbooks where the row has it. A user's partial that takes floats only, or is very long, is written as
    its number, or cut.
    """
    if node not in names.partials:
        names.partials[node] = _written_out(node)
    return write(_symbol(names.partials[node][position], names, [MOST_SYMBOLS], style), style)


def _written_out(node: Value) -> list[Any]:
    """The partials as small graphs, in which plain numbers are leaves, so that log(2) is not computed."""
    assert node.op is not None
    wanted = [d is not None for d in node.partials]
    partials = node.op.taught if node.op.textbook else node.op.derived
    for args in ([arg if type(arg) is Value else Value(arg) for arg in node.args], node.args):
        try:
            with Switch(recording=True, faults="ignore"):
                return partials(args, node, wanted)
        except (TypeError, *FAULTS):  # of a partial that calls math's functions, which take no Values
            continue
    return list(node.partials)


def _symbol(value: Any, names: Names, left: list[int], style: Style) -> Any:
    """A small graph as a symbol, down to the Values that have names, or until there are too many."""
    if type(value) is not Value or value in names:
        return _named(value, names)
    if value.op is None:
        return value.data  # a plain number in a Value's clothes
    left[0] -= 1
    if left[0] < 0:
        return Symbol(ELLIPSIS)
    if value.op.selects:
        return _symbol(value.args[1 if value.args[0] else 2], names, left, style)
    return simplified(value.op, _few(value.op, [_symbol(arg, names, left, style) for arg in value.args], style))


def _named(value: Any, names: Names) -> Any:
    return Symbol(names[value]) if type(value) is Value else value


def _few(op: Primitive, args: list[Any], style: Style) -> tuple[Any, ...]:
    """The arguments of a call as people write it: sequences in brackets, of long ones the first three and the last."""
    if not op.variadic:
        return tuple(args)
    size = len(args) // op.variadic
    parts = [args[i * size : (i + 1) * size] for i in range(op.variadic)]
    return (*(_listed(part, style) for part in parts), *args[op.variadic * size :])


def _listed(args: list[Any], style: Style) -> Symbol:
    written = [render(arg, style) for arg in args]
    if len(written) > MOST_ARGUMENTS:
        written = [*written[:3], ELLIPSIS, written[-1]]
    return Symbol(f"[{', '.join(written)}]")
