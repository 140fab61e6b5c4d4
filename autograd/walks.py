"""Walks over a graph: an order each way, and the chain rule each way.

A rate is what flows along edges: an adjoint from users to arguments, a tangent from arguments to users. At every node the
products of rates and partials are merged; how, says a rule. Over floats the results are floats, over Values they are graphs.
Nothing recurses.

Conditions that are not settled yet. While a function is traced, `where` keeps both branches. An adjoint is then a pair
(live, g): the branch of `where` adds its condition to live, a merge takes the or of live and adds `where(live, g, 0)`. So the
branch not taken contributes nothing, not even 0 * inf; outside `where` live is always true, and costs nothing. A tangent or
cotangent of exactly 0 contributes nothing either. Where it is a Value, it is a gate: as long as it is 0, the partials that it
meets count as 0, and so does all that it makes; by the tangent itself there is a derivative still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from math import isfinite
from operator import add
from typing import Any, NamedTuple

from .primitives import CHOICE, DIFFERENCE, PACED, PRODUCTS, TOTAL

Edge = tuple[Any, ...]  # an argument, the partial by it, and where it matters the branch that it is in
Edges = Callable[[Any], Sequence[Edge]]


def arguments_first(roots: Iterable[Any], below: Callable[[Any], Iterable[Any]]) -> list[Any]:
    """Return every node that `below` leads to from the roots, each after its arguments, these from left to right."""
    order: list[Any] = []
    seen: set[Any] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(below(root)))]
        while path:
            node, args = path[-1]
            for arg in args:
                if arg not in seen:
                    seen.add(arg)
                    path.append((arg, iter(below(arg))))
                    break
            else:
                order.append(node)
                path.pop()
    return order


def users_first(roots: Iterable[Any], until: Iterable[Any] = ()) -> dict[Any, Sequence[Edge]]:
    """Return every node below the roots with its edges, each before its arguments (Kahn 1962); none below `until`."""
    edges: dict[Any, Sequence[Edge]] = dict.fromkeys(until, ())
    users: dict[Any, int] = dict.fromkeys(roots, 0)
    nodes = list(users)
    for node in nodes:
        if node not in edges:
            edges[node] = node.edges
        for arg, _ in edges[node]:
            if arg in users:
                users[arg] += 1
            else:
                users[arg] = 1
                nodes.append(arg)
    ready = [node for node in users if not users[node]]
    for node in ready:
        for arg, _ in edges[node]:
            users[arg] -= 1
            if not users[arg]:
                ready.append(arg)
    return {node: edges[node] for node in ready}


class Rule(NamedTuple):
    """How rates are begun from a seed, taken along an edge, merged at a node, and settled where a walk ends."""

    begun: Callable[[Any], Any]
    taken: Callable[[Any, Edge], Any]
    merged: Callable[[list[Any]], Any]
    settled: Callable[[Any], Any] | None  # None where a rate is settled as it is


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges, rule: Rule) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node reached, given nodes each before its arguments."""
    begun, taken, merged, settled = rule
    terms = {node: [begun(g)] for node, g in seeds.items()}
    rates: dict[Any, Any] = {}
    for node in nodes:
        if node in terms:
            rate = merged(terms.pop(node))
            onward = edges(node)
            for edge in onward:
                terms.setdefault(edge[0], []).append(taken(rate, edge))
            rates[node] = rate if onward or settled is None else settled(rate)
    return rates


def tangents(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges, rule: Rule) -> dict[Any, Any]:
    """Return the change of every node when the seeded ones change at their rates, given nodes each after its arguments."""
    begun, taken, merged, settled = rule
    rates = {node: begun(rate) for node, rate in seeds.items()}
    for node in nodes:
        terms = [taken(rates[edge[0]], edge) for edge in edges(node) if edge[0] in rates]
        if terms:
            rates[node] = merged(terms)
    return rates if settled is None else {node: settled(rate) for node, rate in rates.items()}


def product(a: Any, b: Any) -> Any:
    """Return a * b, without a node for a factor of 1."""
    if type(a) is float:
        return b if a == 1.0 else a * b
    return a if type(b) is float and b == 1.0 else a * b


PLAIN = Rule(
    begun=lambda seed: seed,
    taken=lambda rate, edge: rate * edge[1],
    merged=lambda terms: terms[0] if len(terms) == 1 else reduce(add, terms),
    settled=None,
)


class Term(NamedTuple):
    """A product of a rate and a partial, which counts in a branch of `where`, and is 0 while its gate is closed.

    Both are conditions, numbers that are not 0 where they hold; None where they always do.
    """

    rate: Any
    partial: Any = 1.0
    branch: Any = None
    gate: Any = None


def _seed(rate: Any) -> Term:
    """A seed as a term: a Value is its own gate; a plain number always counts, since 0 is left out at the door."""
    return Term(rate) if type(rate) is float else Term(rate, gate=rate)


def _taken(term: Term, edge: Edge) -> Term:
    """The term that a rate makes behind an edge; a finite number leaves 0 what is 0 without help."""
    rate, _, outer, gate = term
    _, d, branch = edge
    if gate is not None and not (type(d) is float and isfinite(d)):
        rate, d = PACED(rate, CHOICE(gate, d, 0.0), d), 1.0
    return Term(rate, d, _both(outer, branch), gate)


def _merged(terms: list[Term]) -> Term:
    """The sum of the products as one rate."""
    alike: dict[int, list[Term]] = {}
    for term in terms:
        alike.setdefault(id(term.branch), []).append(term)
    sums = [
        Term(
            _sum_of_products([(g, d) for g, d, _, _ in group]), 1.0, group[0].branch, _any([gate for *_, gate in group])
        )
        for group in alike.values()
    ]
    if len(sums) == 1:
        return sums[0]
    gates = [one.gate for one in sums]
    gate = None if gates.count(None) == len(gates) else _any([_both(one.branch, one.gate) for one in sums])
    return Term(_sum_of_products([(_settled(one), 1.0) for one in sums]), 1.0, _any([one.branch for one in sums]), gate)


def _sum_of_products(pairs: list[tuple[Any, Any]]) -> Any:
    """The sum of the products as one node where they are many."""
    if len(pairs) <= 2:
        return reduce(add, [product(*pair) for pair in pairs])
    if all(type(d) is float and d == 1.0 for _, d in pairs):
        return TOTAL(*(g for g, _ in pairs))
    return PRODUCTS(*(g for g, _ in pairs), *(d for _, d in pairs))


def _both(one: Any, other: Any) -> Any:
    """The condition that both hold."""
    if one is None or other is None:
        return other if one is None else one
    return CHOICE(one, other, 0.0)


def _any(conditions: list[Any]) -> Any:
    """The condition that one of them holds."""
    known = set(map(id, conditions))
    if any(id(_opposite(condition)) in known for condition in conditions):
        return None  # one of the two always holds
    either = conditions[-1]
    for condition in conditions[-2::-1]:
        if condition is not either:
            either = None if condition is None or either is None else CHOICE(condition, 1.0, either)
    return either


def _opposite(condition: Any) -> Any:
    """The c that a condition is the opposite of, as 1 - c or the other branch of a `where`; None if it is of none."""
    op = getattr(condition, "op", None)
    if op is DIFFERENCE:
        one, c = condition.args
        return c if type(one) is float and one == 1.0 else None
    if op is CHOICE:
        c, *ends = condition.args
        return c if all(type(end) is float for end in ends) and ends == [0.0, 1.0] else None
    return None


def _settled(rate: Term) -> Any:
    """A rate where it counts, else 0."""
    return rate.rate if rate.branch is None else CHOICE(rate.branch, rate.rate, 0.0)


GUARDED = Rule(_seed, _taken, _merged, _settled)
