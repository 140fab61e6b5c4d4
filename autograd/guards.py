"""Sums of products along a graph whose edges may be guarded by conditions that are not settled yet.

While a function is traced, `where` keeps both branches. An adjoint is then a pair (live, g): the branch of `where` adds
its condition to live, a merge takes the or of live and adds `where(live, g, 0)`. So the branch not taken contributes
nothing, not even 0 * inf; outside `where` live is always true, and costs nothing.

A tangent or cotangent of exactly 0 contributes nothing either. Where it is a Value, it is a gate: as long as it is 0, the
partials that it meets count as 0, and so does all that it makes; by the tangent itself there is a derivative still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, NamedTuple

from .graph import product
from .primitives import dot, paced, where
from .primitives import sum as total


class Term(NamedTuple):
    """A product of a rate and a partial, which counts in a branch of `where`, and is 0 while its gate is closed.

    Both are conditions, numbers that are not 0 where they hold; None where they always do.
    """

    rate: Any
    partial: Any = 1.0
    branch: Any = None
    gate: Any = None


Edges = Callable[[Any], Iterable[tuple[Any, Any, Any]]]  # of a node: an argument, the partial, the branch that it is in


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node at an end, given nodes each before its arguments."""
    terms: dict[Any, list[Term]] = {node: [_seed(g)] for node, g in seeds.items()}
    for node in nodes:
        if node in terms and (onward := list(edges(node))):
            rate = _merged(terms.pop(node))
            for arg, d, branch in onward:
                terms.setdefault(arg, []).append(_times(rate, d, branch))
    return {node: _settled(_merged(found)) for node, found in terms.items()}


def tangents(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the change of every node when the seeded ones change at their rates, given nodes each after its arguments."""
    rates = {node: _seed(rate) for node, rate in seeds.items()}
    for node in nodes:
        terms = [_times(rates[arg], d, branch) for arg, d, branch in edges(node) if arg in rates]
        if terms:
            rates[node] = _merged(terms)
    return {node: _settled(rate) for node, rate in rates.items()}


def _seed(rate: Any) -> Term:
    """A seed as a term: a Value is its own gate; a plain number always counts, since 0 is left out at the door."""
    return Term(rate) if type(rate) is float else Term(rate, gate=rate)


def _times(term: Term, d: Any, branch: Any) -> Term:
    """The term that a rate makes behind an edge; a finite number leaves 0 what is 0 without help."""
    rate, _, own, gate = term
    if gate is not None and not (type(d) is float and isfinite(d)):
        rate, d = paced(rate, where(gate, d, 0.0), d), 1.0
    return Term(rate, d, _both(own, branch), gate)


def _merged(terms: list[Term]) -> Term:
    """The sum of the products as one rate."""
    alike: dict[int, list[Term]] = {}
    for term in terms:
        alike.setdefault(id(term.branch), []).append(term)
    sums = [
        Term(_sum_of_products([(g, d) for g, d, _, _ in own]), 1.0, own[0].branch, _any([gate for *_, gate in own]))
        for own in alike.values()
    ]
    if len(sums) == 1:
        return sums[0]
    gates = [one.gate for one in sums]
    gate = None if gates.count(None) == len(gates) else _any([_both(one.branch, one.gate) for one in sums])
    return Term(_sum_of_products([(_settled(one), 1.0) for one in sums]), 1.0, _any([one.branch for one in sums]), gate)


def _sum_of_products(pairs: list[tuple[Any, Any]]) -> Any:
    """The sum of the products as one node where they are many."""
    if len(pairs) <= 2:
        result = product(*pairs[0])
        return result if len(pairs) == 1 else result + product(*pairs[1])
    if all(type(d) is float and d == 1.0 for _, d in pairs):
        return total(*(g for g, _ in pairs))
    return dot(*(g for g, _ in pairs), *(d for _, d in pairs))


def _both(one: Any, other: Any) -> Any:
    """The condition that both hold."""
    if one is None or other is None:
        return other if one is None else one
    return where(one, other, 0.0)


def _any(conditions: list[Any]) -> Any:
    """The condition that one of them holds."""
    found = conditions[-1]
    for condition in conditions[-2::-1]:
        if condition is not found:
            found = None if condition is None or found is None else where(condition, 1.0, found)
    return found


def _settled(rate: Term) -> Any:
    """A rate where it counts, else 0."""
    return rate.rate if rate.branch is None else where(rate.branch, rate.rate, 0.0)
