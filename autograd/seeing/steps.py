"""The steps of the two passes over a graph, as data: what pictures, players, tables and instruments are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..reals import real
from ..value import Value
from ..walks import PLAIN, adjoints, arguments_first, users_first
from .names import own_name, shown


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
    passes: list[Step] = [Forward(node) for node in below(a_value(root, "steps"))]
    passes.append(Seed(root, start))
    adjoints = {root: start}
    for node in users_first([root]):
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            if d is not None:
                before = adjoints.get(arg, 0.0)
                adjoints[arg] = after = before + adjoints[node] * d
                passes.append(Backward(node, position, arg, adjoints[node], d, before, after))
    return passes


def last_adjoints(passes: Iterable[Step]) -> dict[Value, float]:
    """Return the last adjoint of every Value that the backward steps reach."""
    last: dict[Value, float] = {}
    for step in passes:
        if isinstance(step, Seed):
            last[step.node] = step.adjoint
        elif isinstance(step, Backward):
            last[step.arg] = step.after
    return last


def sizes(order: dict[Any, Any], root: Value) -> dict[Value, float]:
    """Return of each Value the sum over all paths from root of the absolute values of their products."""
    return adjoints(order, {root: 1.0}, lambda node: [(arg, abs(d)) for arg, d in order[node]], PLAIN)


def a_value(root: Any, who: str) -> Value:
    """Return root, or raise TypeError if it is no Value."""
    if type(root) is not Value:
        raise TypeError(f"{who}() expects a Value, got {type(root).__name__}")
    return root


def below(root: Value) -> list[Value]:
    """Return every Value below root and root itself, each after its arguments and these from left to right."""
    return arguments_first([root], value_args)


def value_args(node: Value) -> list[Value]:
    """The arguments that are Values."""
    return [arg for arg in node.args if type(arg) is Value]


def users(nodes: Iterable[Value]) -> dict[Value, list[Value]]:
    """Return the nodes that use each Value, once for each time that they use it."""
    users_of: dict[Value, list[Value]] = {node: [] for node in nodes}
    for node in list(users_of):
        for arg in value_args(node):
            users_of[arg].append(node)
    return users_of
