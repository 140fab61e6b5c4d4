"""Sums of products along a graph whose edges may be guarded by conditions that are not settled yet.

While a function is traced, `where` keeps both branches. An adjoint is then a pair (live, g): the branch of `where` adds
its condition to live, a merge takes the or of live and adds `where(live, g, 0)`. So the branch not taken contributes
nothing, not even 0 * inf; outside `where` live is always true, and costs nothing.

A tangent or cotangent of exactly 0 contributes nothing either. Where it is a Value, it opens a gate: what comes through
is 0 as long as the tangent is, and yet has a derivative by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, NamedTuple

from .graph import product
from .primitives import dot, gated, where
from .primitives import sum as total


class Live(NamedTuple):
    """When a rate counts: conditions, numbers that are not 0 where they hold; None where they always do."""

    branch: Any = None  # that a branch of `where` is taken
    gate: Any = None  # that a tangent is not 0


class Term(NamedTuple):
    """A product of a rate and a partial; `clean` says that it is 0, whatever else is, where it does not count."""

    live: Live
    rate: Any
    partial: Any = 1.0
    clean: bool = True


ALWAYS = Live()
Edges = Callable[[Any], Iterable[tuple[Any, Any, Any]]]  # of a node: an argument, the partial, the branch that it is in


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node at an end, given nodes each before its arguments."""
    terms: dict[Any, list[Term]] = {node: [_seed(g)] for node, g in seeds.items()}
    for node in nodes:
        if node in terms and (onward := list(edges(node))):
            sum_of_terms = _merged(terms.pop(node))
            for arg, d, branch in onward:
                terms.setdefault(arg, []).append(_times(sum_of_terms, d, branch))
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
    """A seed as a term: a plain number always counts, since one of 0 is left out at the door."""
    return Term(ALWAYS if type(rate) is float else Live(gate=rate), rate)


def _times(sum_of_terms: Term, d: Any, branch: Any) -> Term:
    """The term that a rate makes behind an edge. A finite number leaves 0 what is 0; an infinite one does not."""
    live, rate, _, clean = sum_of_terms
    if branch is not None:
        return Term(Live(_both(live.branch, branch), live.gate), rate, d, False)
    return Term(live, rate, d, clean and type(d) is float and isfinite(d))


def _merged(terms: list[Term]) -> Term:
    """The sum of the products as one rate."""
    alike: dict[tuple[int, int], list[Term]] = {}
    for term in terms:
        alike.setdefault((id(term.live.branch), id(term.live.gate)), []).append(term)
    sums = [
        Term(own[0].live, _sum_of_products([(g, d) for _, g, d, _ in own]), clean=all(term.clean for term in own))
        for own in alike.values()
    ]
    if len(sums) == 1:
        return sums[0]
    lives = [one.live for one in sums]
    branch = _any([live.branch for live in lives])
    gate = None
    if any(live.gate is not None for live in lives):
        gate = _any([_both(live.branch, live.gate) for live in lives])
    return Term(Live(branch, gate), _sum_of_products([(_settled(one), 1.0) for one in sums]))


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
        found = None if condition is None or found is None else where(condition, 1.0, found)
    return found


def _settled(rate: Term) -> Any:
    """A rate where it counts, else 0."""
    (branch, gate), g, _, clean = rate
    if clean:
        return g
    if gate is not None:
        g = gated(gate, g)
    return g if branch is None else where(branch, g, 0.0)
