"""Walks over a graph: its order, adjoints from the outputs back, tangents from the inputs on.

They work on whatever has `edges`, pairs of an argument and the partial by it. Sums of products in the arithmetic of
the seeds and partials: over floats the results are floats, over Values they are graphs. Nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Edges = Callable[[Any], Iterable[tuple[Any, Any]]]


def order(roots: Iterable[Any], until: Iterable[Any] = ()) -> dict[Any, list[tuple[Any, Any]]]:
    """Return every node below the roots with its edges, each before its arguments (Kahn 1962); none below `until`."""
    edges: dict[Any, list[tuple[Any, Any]]] = {node: [] for node in until}
    users: dict[Any, int] = dict.fromkeys(roots, 0)
    found = list(users)
    for node in found:
        if node not in edges:
            edges[node] = node.edges
        for arg, _ in edges[node]:
            if arg in users:
                users[arg] += 1
            else:
                users[arg] = 1
                found.append(arg)
    ready = [node for node in users if not users[node]]
    for node in ready:
        for arg, _ in edges[node]:
            users[arg] -= 1
            if not users[arg]:
                ready.append(arg)
    return {node: edges[node] for node in ready}


def adjoints(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the derivative of the sum of seed * node by every node reached, given nodes each before its arguments."""
    gradients = dict(seeds)
    for node in nodes:
        if node in gradients:
            g = gradients[node]
            for arg, d in edges(node):
                add(gradients, arg, product(g, d))
    return gradients


def tangents(nodes: Iterable[Any], seeds: dict[Any, Any], edges: Edges) -> dict[Any, Any]:
    """Return the change of every node when the seeded ones change at their rates, given nodes each after its arguments."""
    rates = dict(seeds)
    for node in nodes:
        for arg, d in edges(node):
            if arg in rates:
                add(rates, node, product(d, rates[arg]))
    return rates


def add(sums: dict[Any, Any], node: Any, term: Any) -> None:
    """Add a term to the sum kept for a node."""
    sums[node] = sums[node] + term if node in sums else term


def product(a: Any, b: Any) -> Any:
    """a * b, without a node for a factor of 1."""
    if type(a) is float:
        return b if a == 1.0 else a * b
    return a if type(b) is float and b == 1.0 else a * b
