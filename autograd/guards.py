"""Sums of products along a graph whose edges may be guarded by conditions that are not settled yet.

While a function is traced, `where` keeps both branches. An adjoint is then a pair (live, g): the branch of `where` adds
its condition to live, a merge takes the or of live and adds `where(live, g, 0)`. So the branch not taken contributes
nothing, not even 0 * inf; outside `where` live is None, statically true, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .graph import product
from .primitives import dot, where
from .primitives import sum as total

Guard = Any  # a condition, a number that is not 0 where it holds; None where it always does
Edges = Callable[[Any], Iterable[tuple[Any, Any, Guard]]]
Term = tuple[Guard, Any, Any]


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node at an end, given nodes each before its arguments."""
    terms: dict[Any, list[Term]] = {node: [(None, g, 1.0)] for node, g in seeds.items()}
    for node in nodes:
        if node in terms and (onward := list(edges(node))):
            live, g = _merged(terms.pop(node))
            for arg, d, guard in onward:
                terms.setdefault(arg, []).append((_both(live, guard), g, d))
    return {node: _settled(*_merged(found)) for node, found in terms.items()}


def tangents(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the change of every node when the seeded ones change at their rates, given nodes each after its arguments."""
    rates = dict(seeds)
    for node in nodes:
        terms = [(guard, rates[arg], d) for arg, d, guard in edges(node) if arg in rates]
        if terms:
            rates[node] = _settled(*_merged(terms))
    return rates


def _merged(terms: list[Term]) -> tuple[Guard, Any]:
    """The sum of the products, and where it is live."""
    guards = {id(live): live for live, _, _ in terms}
    if len(guards) == 1:
        return terms[0][0], _sum_of_products([(g, d) for _, g, d in terms])
    parts = []
    for guard in guards.values():
        own = _sum_of_products([(g, d) for live, g, d in terms if live is guard])
        parts.append((_settled(guard, own), 1.0))
    anywhere: Guard = 0.0
    for guard in guards.values():
        anywhere = None if guard is None or anywhere is None else where(guard, 1.0, anywhere)
    return anywhere, _sum_of_products(parts)


def _sum_of_products(pairs: list[tuple[Any, Any]]) -> Any:
    """The sum of the products as one node where they are many."""
    if len(pairs) <= 2:
        result = product(*pairs[0])
        return result if len(pairs) == 1 else result + product(*pairs[1])
    if all(type(d) is float and d == 1.0 for _, d in pairs):
        return total(*(g for g, _ in pairs))
    return dot(*(g for g, _ in pairs), *(d for _, d in pairs))


def _both(live: Guard, guard: Guard) -> Guard:
    """The condition that both hold."""
    if live is None or guard is None:
        return guard if live is None else live
    return where(live, guard, 0.0)


def _settled(live: Guard, g: Any) -> Any:
    """g where it is live, else 0."""
    return g if live is None else where(live, g, 0.0)
