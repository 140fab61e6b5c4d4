"""Where each node of a graph belongs: the path in its name, or, without a name, what its users and arguments share."""

from __future__ import annotations

from collections.abc import Sequence

from ..value import Value
from .steps import users, value_args

Scope = tuple[str, ...]


def scopes(nodes: Sequence[Value]) -> dict[Value, Scope]:
    """Return the scope of every node, given in evaluation order.

    The name `layer0/neuron3/w1` places its node in the scope (layer0, neuron3). An operation without such a name
    belongs to the deepest scope that all its users are in, and one of its arguments too: so a product of a weight is a
    part of its neuron, and what only feeds a neuron is not.
    """
    scope_of = {node: scope for node in nodes if (scope := _own(node)) is not None}
    used = users(nodes)
    shared: dict[Value, Scope] = {}
    for node in reversed(nodes):
        if node not in scope_of:
            around = [scope_of[user] if user in scope_of else shared[user] for user in used[node]]
            shared[node] = _common(around) if around else ()
    for node in nodes:
        if node not in scope_of:
            parts = [_common([shared[node], scope_of[arg]]) for arg in value_args(node)] if shared[node] else []
            scope_of[node] = max(parts, key=len, default=())
    return scope_of


def _own(node: Value) -> Scope | None:
    """The path in a node's name; a leaf without one stands outside."""
    if node.name and "/" in node.name:
        return tuple(node.name.split("/")[:-1])
    return () if node.op is None else None


def _common(paths: Sequence[Scope]) -> Scope:
    """The beginning that all paths share."""
    first = paths[0]
    for path in paths[1:]:
        if path != first:
            length = 0
            for a, b in zip(first, path, strict=False):
                if a != b:
                    break
                length += 1
            first = first[:length]
    return first
