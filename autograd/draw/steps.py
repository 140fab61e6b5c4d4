"""The steps of the two passes over a graph, as data: what pictures, tables and traces are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import graph
from ..symbols import Symbol, factor, formula
from ..value import Value


@dataclass(frozen=True)
class Forward:
    """A node takes its value."""

    node: Value


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


def steps(root: Value, seed: float = 1.0) -> list[Forward | Backward]:
    """Return each step of the forward pass below root, in order, then each one of the backward pass.

    Nothing is changed, and no `.grad` is read: the adjoints are those of a `backward(seed)` on leaves without gradient.
    """
    nodes = evaluation_order(root)
    found: list[Forward | Backward] = [Forward(node) for node in nodes]
    adjoints = {root: seed}
    for node in graph.order([root]):
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            if d is not None:
                before = adjoints.get(arg, 0.0)
                adjoints[arg] = after = before + adjoints[node] * d
                found.append(Backward(node, position, arg, adjoints[node], d, before, after))
    return found


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


def expression(node: Value, names: dict[Value, str]) -> str:
    """How the node was made of its arguments, as in v1 * v2."""
    return formula(Symbol("", node.op, tuple(_symbol(arg, names) for arg in node.args)))


def partial_formula(node: Value, position: int, names: dict[Value, str]) -> str:
    """The formula of one partial, as a factor: the branch that holds at this point, where it has several."""
    wanted = [i == position for i in range(len(node.args))]
    return factor(_symbol(node.derivatives(wanted)[position], names))


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
    return Symbol("", value.op, tuple(_symbol(arg, names) for arg in value.args))
