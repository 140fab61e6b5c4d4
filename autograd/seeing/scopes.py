"""Where each node of a graph belongs: the path in its name, or, without a name, what its users and arguments share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ..value import Value
from .steps import users, value_args

Scope = tuple[str, ...]
STEP = re.compile(
    r"""[^\W\d]\w* (?: \[ (?: -?\d+ | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" ) \] )*""", re.VERBOSE
)  # an attribute, perhaps with an index or a key


@lru_cache(maxsize=8192)
def path_of(name: str) -> Scope:
    """Return the steps of a name that is a path as Python writes it, such as layers[0].w[1]; none of another name.

    >>> path_of("layers[0].neurons[3].w[1]"), path_of("heads['a.b'].w"), path_of("3 w")
    (('layers[0]', 'neurons[3]', 'w[1]'), ("heads['a.b']", 'w'), ())
    """
    steps = []
    at = 0
    while step := STEP.match(name, at):
        steps.append(step[0])
        at = step.end()
        if at == len(name):
            return tuple(steps)
        if name[at] != ".":
            break
        at += 1
    return ()


def is_held(name: str) -> bool:
    """Return whether a name says what holds a Value: a module, as in line.slope, or a dict, as in coef['x0']."""
    path = path_of(name)
    return len(path) > 1 or (len(path) == 1 and name[-2:] in ("']", '"]'))


def scopes(nodes: Sequence[Value]) -> dict[Value, Scope]:
    """Return the scope of every node, given in evaluation order.

    The name `layers[0].neurons[3].w[1]` places its node in the scope (layers[0], neurons[3]). An operation without such a name
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
    """The scope that a node's name says: of a path that ends in a point all of it. A leaf without one stands outside."""
    if node.name and "." in node.name and (path := path_of(node.name.removesuffix("."))):
        return path if node.name.endswith(".") else path[:-1]
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
