"""The steps of the two passes over a graph, as data: what pictures, players, tables and instruments are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from . import graph
from .primitives import add
from .reals import real
from .symbols import PLAIN, Style, Symbol, formula
from .value import Value

LONGEST_NAME = 40
Writer = Callable[[Any, Style], str]


@dataclass(frozen=True)
class Forward:
    """A node takes its value."""

    node: Value


@dataclass(frozen=True)
class Seed:
    """The backward pass begins: the result's adjoint is set."""

    node: Value
    adjoint: float


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


Step = Forward | Seed | Backward


def steps(root: Value, seed: float = 1.0) -> list[Step]:
    """Return each step of the forward pass below root, in order, then each one of the backward pass.

    A `Forward` step has the `node` that takes its value; `Seed` sets the result's `adjoint`; a `Backward` step is one
    product of the chain rule: `node` hands `adjoint * partial` on to its argument `arg` at `position`, whose own adjoint
    goes from `before` to `after`. Nothing is changed, and no `.grad` is read: the last state is what `backward(seed)`
    gives on leaves without gradient.

    Raises TypeError if root is no Value, or seed no real number.

    >>> from autograd import Value, steps
    >>> a = Value(3.0)
    >>> for step in steps(a * a)[2:]:
    ...     print(step)
    Seed(node=Value(data=9.0, grad=0.0), adjoint=1.0)
    Backward(node=Value(data=9.0, grad=0.0), position=0, arg=Value(data=3.0, grad=0.0), adjoint=1.0, partial=3.0, before=0.0, after=3.0)
    Backward(node=Value(data=9.0, grad=0.0), position=1, arg=Value(data=3.0, grad=0.0), adjoint=1.0, partial=3.0, before=3.0, after=6.0)
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
    path = [(root, iter(value_args(root)))]
    while path:
        node, args = path[-1]
        for arg in args:
            if arg not in seen:
                seen.add(arg)
                path.append((arg, iter(value_args(arg))))
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
            if arg in found:
                found[arg].append(node)
    return found


def names(nodes: Iterable[Value], root: Value) -> dict[Value, str]:
    """Return a name for each Value, no two alike: its own, or v1, v2, ...; the result without one is y, f or z.

    A path's slashes become points: layer0.neuron3.w1. Names that come twice are told apart as w, w#2, w#3; what cannot be
    printed becomes a blank, and long ones are cut.
    """
    order = list(nodes)
    own = {node: own_name(node).replace("/", ".") for node in order}
    taken = set(own.values())
    fresh = (name for name in (f"v{i}" for i in count(1)) if name not in taken)
    result = next(name for name in chain("yfz", fresh) if name not in taken)
    found: dict[Value, str] = {}
    used: dict[str, int] = {}
    for node in order:
        name = wanted = shown(own[node]) or (result if node is root else next(fresh))
        while name in used:
            used[wanted] += 1
            name = f"{wanted}#{used[wanted]}"
        used[name] = 1
        found[node] = name
    return found


def own_name(node: Value) -> str:
    """The name of a Value, if it has one; one that ends in a slash only says where it belongs."""
    return "" if node.name is None or node.name.endswith("/") else node.name


def shown(name: str, longest: int = LONGEST_NAME) -> str:
    """A name as one line of text, cut in the middle where it is long."""
    text = "".join(
        c if c.isprintable() else " " for c in name[: 2 * longest] + name[-longest:] * (len(name) > 2 * longest)
    )
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-(longest // 2 - 1) :]}"


def expression(node: Value, names: dict[Value, str], style: Style = PLAIN) -> str:
    """How the node was made of its arguments, as in v1 * v2."""
    return formula(Symbol("", node.op, tuple(_symbol(arg, names) for arg in node.args)), style)


def partial_formula(
    node: Value, position: int, names: dict[Value, str], style: Style = PLAIN, write: Writer = formula
) -> str:
    """The formula of one partial: the branch that holds at this point, where it has several. `factor` writes it for a product."""
    wanted = [i == position for i in range(len(node.args))]
    return write(_symbol(node.derivatives(wanted)[position], names), style)


def _symbol(value: Any, names: dict[Value, str]) -> Any:
    """A small graph as a symbol, down to the Values that have names."""
    if type(value) is not Value:
        return value
    if value in names:
        return Symbol(names[value])
    if value.op is None:
        return value.data  # a plain number in a Value's clothes
    if value.op.selects:
        return _symbol(value.args[1 if value.args[0] else 2], names)
    args = tuple(_symbol(arg, names) for arg in value.args)
    if value.op is add and 0.0 in value.args[1:]:  # a partial adds 0 for the sake of -0.0; on paper it is nothing
        return args[0]
    return Symbol("", value.op, args)
