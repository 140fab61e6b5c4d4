"""A `dot` taken apart: the same graph with its products and sums as nodes of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..primitives import PRODUCT, TOTAL
from ..value import Value
from .steps import a_value, below


def unfold(root: Value) -> Value:
    """Return the same graph with each `dot` taken apart: a product for each pair, and their sum.

    The leaves are those of `root`; numbers, gradients and names of the other nodes are kept, so `draw(unfold(y))`,
    `play(unfold(y))` and `trace(unfold(y))` show more of the same computation.

    Raises TypeError if root is no Value.

    >>> from autograd import Value, dot, unfold
    >>> y = dot([Value(2.0), Value(3.0)], [4.0, 5.0])
    >>> [arg.data for arg in unfold(y).args]
    [8.0, 15.0]
    """
    return unfolded(a_value(root, "unfold"), None, "unfold")[0]


def unfolded(root: Value, chosen: Iterable[Value] | None, who: str) -> tuple[Value, dict[Value, Value]]:
    """Return the graph with the chosen `dot` nodes taken apart (all of them for None), and what replaces each node."""
    nodes = below(root)
    known = set(nodes)
    wanted = {node for node in nodes if _has_products(node)} if chosen is None else set(chosen)
    for node in wanted:
        if not _has_products(node) or node not in known:
            made = node.op.name if node.op else "a leaf"
            raise ValueError(f"{who}() expects Values in expand to be `dot` nodes of the graph, got {made}")
    renewed: dict[Value, Value] = {}
    for node in nodes if wanted else []:
        args = [renewed.get(arg, arg) if type(arg) is Value else arg for arg in node.args]
        if node in wanted:
            renewed[node] = _sum_of_products(node, args)
        elif args != list(node.args):
            assert node.op is not None
            renewed[node] = Value.made(node.op, node.data, args, node.partials)
        if node in renewed:
            renewed[node].name, renewed[node].grad = node.name, node.grad
    return renewed.get(root, root), renewed


def _has_products(node: Value) -> bool:
    return node.op is not None and node.op.variadic == 2 and node.op.products is not None


def _sum_of_products(node: Value, args: list[Any]) -> Value:
    """A product for each pair, at the point at which the `dot` was computed, and their sum, the start first."""
    op: Any = node.op
    (first, second), start = op.groups(args)
    slopes, _ = op.groups(node.partials)
    terms: list[Any] = list(start)
    for a, b, da, db in zip(first, second, *slopes, strict=True):
        x, y = (number if type(arg) is not Value else arg.data for arg, number in ((a, a), (b, b)))
        x, y = x if db is None else db, y if da is None else da  # the partial by one factor is the other
        if da is None and db is None:
            terms.append(x * y)
        else:
            terms.append(Value.made(PRODUCT, x * y, (a, b), (da, db)))
            terms[-1].grad = node.grad
    return Value.made(TOTAL, node.data, terms, [1.0 if type(term) is Value else None for term in terms])
