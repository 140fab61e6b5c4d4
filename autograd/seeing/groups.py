"""Which Values of a graph share a box: neighbourhoods, and groups by scope and by operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..primitive import Primitive
from ..value import Value
from .options import Options
from .scopes import Scope, path_of
from .steps import users, value_args

MOST_SINGLE = 12  # nodes of one operation in one scope that stand alone in a collapsed picture; more share a box
MOST_FITTING = 200  # boxes that a screen has room for
SMALL = 60  # Values of a graph without scopes that is drawn in full, however long it is


def neighbourhood(nodes: Sequence[Value], options: Options) -> list[Value]:
    """The nodes within so many edges of the one in focus, in either direction."""
    used = users(nodes)
    assert options.focus is not None
    neighbours = {options.focus}
    edge = [options.focus]
    for _ in range(options.radius):
        near = [other for node in edge for other in (*value_args(node), *used[node])]
        edge = [node for node in dict.fromkeys(near) if node not in neighbours]
        neighbours.update(edge)
    return [node for node in nodes if node in neighbours]


@dataclass(frozen=True)
class Group:
    """What the nodes of one box have in common: a scope, or within it an operation, None for leaves."""

    path: Scope
    op: Primitive | None = None
    whole: bool = False


Key = Callable[[Value], Value | Group]


def groupings(root: Value, nodes: Sequence[Value], places: dict[Value, Scope], options: Options) -> list[Key]:
    """What may set the groups apart, the finest first: of several the first that fits a screen is taken, or else the last.

    Nodes of one key share a box; a node that is its own key has one to itself.
    """
    collapse = options.collapse
    alike: dict[tuple[Scope, Primitive | None], int] = {}
    for node in nodes:
        kind = places[node], node.op
        alike[kind] = alike.get(kind, 0) + 1
    if options.focus is not None and collapse is None:
        single = {root, options.focus}
        return [
            lambda node: (
                node if node in single or alike[places[node], node.op] <= MOST_SINGLE else Group(places[node], node.op)
            )
        ]
    if collapse is False:
        return [_alone]
    opened = {path[:depth] for path in map(path_of, options.expand) for depth in range(1, len(path) + 1)}
    if isinstance(collapse, tuple):
        closed = set(map(path_of, collapse))

        def named(node: Value) -> Value | Group:
            paths = (places[node][:depth] for depth in range(1, len(places[node]) + 1))
            return next((Group(path, whole=True) for path in paths if path in closed), node)

        return [named]

    def at(level: int, most: int = MOST_SINGLE) -> Key:
        def key(node: Value) -> Value | Group:
            path = places[node]
            depth = level
            while level and depth <= len(path) and path[:depth] in opened:
                depth += 1
            if 0 < depth <= len(path):
                return Group(path[:depth], whole=True)
            if node is root or (level and alike[path, node.op] <= most):
                return node
            return Group(path if level else (), node.op)

        return key

    if type(collapse) is int:
        return [at(collapse)]
    deepest = max(map(len, places.values()))
    if collapse is None and not deepest and len(nodes) <= SMALL:
        return [_alone]
    levels = [at(level, most) for level in range(deepest, 0, -1) for most in (MOST_SINGLE, 1)]
    whole: Key = lambda node: node if node is root else Group((), whole=node.op is not None)  # noqa: E731
    return [*([_alone] if collapse is None and len(nodes) <= MOST_FITTING else []), *levels, at(0), whole]


def _alone(node: Value) -> Value:
    return node
