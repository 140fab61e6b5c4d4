"""Sums of products along a graph whose edges may be guarded by conditions that are not settled yet.

While a function is traced, `where` keeps both branches. An adjoint is then a pair (live, g): the branch of `where` adds
its condition to live, a merge takes the or of live and adds `where(live, g, 0)`. So the branch not taken contributes
nothing, not even 0 * inf; outside `where` live is always true, and costs nothing.

A tangent or cotangent of exactly 0 contributes nothing either. Where it is a Value, it opens a gate: what comes through
is 0 as long as the tangent is, and yet has a derivative by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .graph import product
from .primitives import dot, gated, where
from .primitives import sum as total


class Live(NamedTuple):
    """When a rate counts: conditions, numbers that are not 0 where they hold; None where they always do."""

    branch: Any = None  # that a branch of `where` is taken
    gate: Any = None  # that a tangent is not 0


ALWAYS = Live()
Edges = Callable[[Any], Iterable[tuple[Any, Any, Any]]]  # of a node: an argument, the partial, the branch that it is in
Term = tuple[Live, Any, Any]


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node at an end, given nodes each before its arguments."""
    terms: dict[Any, list[Term]] = {node: [(_seed(g), g, 1.0)] for node, g in seeds.items()}
    for node in nodes:
        if node in terms and (onward := list(edges(node))):
            live, g = _merged(terms.pop(node))
            for arg, d, branch in onward:
                terms.setdefault(arg, []).append((_within(live, branch), g, d))
    return {node: _settled(*_merged(found)) for node, found in terms.items()}


def tangents(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the change of every node when the seeded ones change at their rates, given nodes each after its arguments."""
    rates = {node: (_seed(rate), rate) for node, rate in seeds.items()}
    for node in nodes:
        terms = [(_within(rates[arg][0], branch), rates[arg][1], d) for arg, d, branch in edges(node) if arg in rates]
        if terms:
            rates[node] = _merged(terms)
    return {node: _settled(live, rate) for node, (live, rate) in rates.items()}


def _seed(rate: Any) -> Live:
    """When a seed counts: a plain number always does, since one of 0 is left out at the door."""
    return ALWAYS if type(rate) is float else Live(gate=rate)


def _merged(terms: list[Term]) -> tuple[Live, Any]:
    """The sum of the products, and when it counts."""
    alike: dict[tuple[int, int], list[Term]] = {}
    for term in terms:
        alike.setdefault((id(term[0].branch), id(term[0].gate)), []).append(term)
    lives = [own[0][0] for own in alike.values()]
    sums = [_sum_of_products([(g, d) for _, g, d in own]) for own in alike.values()]
    if len(lives) == 1:
        return lives[0], sums[0]
    parts = [(_settled(live, g), 1.0) for live, g in zip(lives, sums, strict=True)]
    branch = _any([live.branch for live in lives])
    gate = None
    if any(live.gate is not None for live in lives):
        gate = _any([_both(live.branch, live.gate) for live in lives])
    return Live(branch, gate), _sum_of_products(parts)


def _sum_of_products(pairs: list[tuple[Any, Any]]) -> Any:
    """The sum of the products as one node where they are many."""
    if len(pairs) <= 2:
        result = product(*pairs[0])
        return result if len(pairs) == 1 else result + product(*pairs[1])
    if all(type(d) is float and d == 1.0 for _, d in pairs):
        return total(*(g for g, _ in pairs))
    return dot(*(g for g, _ in pairs), *(d for _, d in pairs))


def _within(live: Live, branch: Any) -> Live:
    """When a rate counts behind a branch."""
    return live if branch is None else Live(_both(live.branch, branch), live.gate)


def _both(one: Any, other: Any) -> Any:
    """The condition that both hold."""
    if one is None or other is None:
        return other if one is None else one
    return where(one, other, 0.0)


def _any(conditions: list[Any]) -> Any:
    """The condition that one of them holds."""
    found: Any = 0.0
    for condition in conditions:
        found = None if condition is None or found is None else where(condition, 1.0, found)
    return found


def _settled(live: Live, g: Any) -> Any:
    """g where it counts, else 0."""
    if live.gate is not None and g is not live.gate:
        g = gated(live.gate, g)
    return g if live.branch is None else where(live.branch, g, 0.0)
