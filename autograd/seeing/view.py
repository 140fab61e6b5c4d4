"""What a picture shows of a graph: boxes for Values or for groups of them, and the edges between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from math import isfinite

from ..errors import GraphTooLarge
from ..value import Value
from .boxes import Box, Edge, View
from .columns import ALONG, fits
from .groups import MOST_FITTING, Group, Key, groupings, neighbourhood
from .names import names, own_name, result_name, shown
from .options import Options
from .scopes import Scope, is_held, scopes
from .steps import users, value_args

MOST_NUMBERS = 12  # among a node's arguments that stand alone; more share a box
MOST_LABELLED = 24  # edges of a collapsed picture that bear their numbers: those of more would push the boxes apart
LONGEST_TITLE = 120


def view(root: Value, nodes: Sequence[Value], options: Options) -> View:
    """Return what is shown of the graph below root, whose nodes are given in evaluation order.

    Raises GraphTooLarge where more boxes than `max_nodes` would be.
    """
    places = scopes(nodes)
    chosen = neighbourhood(nodes, options) if options.focus is not None else nodes
    keys = groupings(root, chosen, places, replace(options, expand=()))
    level, last = 0, len(keys) - 1
    while not (maker := _Builder(root, nodes, places, _members(chosen, keys[level]), options)).fits() and level < last:
        level += 1
    if options.expand:
        key = groupings(root, chosen, places, options)[level]
        maker = _Builder(root, nodes, places, _members(chosen, key), options)
    count = len(maker.members)
    if count > options.max_nodes:
        boxes = "" if count == len(nodes) else f" in {count} boxes"
        raise GraphTooLarge(
            f"{options.who}() got a graph of {len(nodes)} nodes{boxes}, and draws up to {options.max_nodes}: {_way_out(options)}, or pass a larger max_nodes"
        )
    return replace(maker.view, fitted=level < last and not options.expand)


def _members(chosen: Sequence[Value], key: Key) -> dict[Value | Group, list[Value]]:
    """The nodes of each box."""
    members: dict[Value | Group, list[Value]] = {}
    for node in chosen:
        members.setdefault(key(node), []).append(node)
    return members


def _way_out(options: Options) -> str:
    if options.who == "draw_dot":
        return "draw a node further down, use draw(), which collapses modules"
    if options.who == "play" and options.focus is None:
        return "play a node further down, or a neighbourhood with focus=value"
    if options.focus is not None:
        return "pass a smaller radius"
    return "leave collapse to itself, expand less, show a neighbourhood with focus=value"


class _Builder:
    """Makes boxes and edges of groups."""

    def __init__(
        self,
        root: Value,
        nodes: Sequence[Value],
        places: dict[Value, Scope],
        members: dict[Value | Group, list[Value]],
        options: Options,
    ) -> None:
        self.root, self.nodes, self.places, self.members, self.options = root, nodes, places, members, options
        self.ids = {node: f"v{i}" for i, node in enumerate(nodes)}
        self.box_of = {node: self.ids[group[0]] for group in members.values() for node in group}
        self.framed = "scopes" in options.show or len(members) < len(self.box_of)
        self.groups = {self.ids[group[0]] for group in members.values() if len(group) > 1}

    def fits(self) -> bool:
        """Whether the picture fits a screen."""
        if len(self.members) > MOST_FITTING:
            return False
        return fits(self.view.boxes, self.view.edges, self.options.rankdir in ALONG)

    @cached_property
    def called(self) -> Mapping[Value, str]:
        """What Values are called that have a box to themselves; numbering all of them takes its time."""
        if self.options.names or "names" not in self.options.show:
            return self.options.names
        if all(len(group) > 1 or group[0] is self.root for group in self.members.values()):
            return {self.root: result_name(self.nodes, self.root)}
        return names(self.nodes, self.root)

    @cached_property
    def view(self) -> View:
        """The boxes and the edges."""
        boxes: list[Box] = []
        edges: list[Edge] = []
        for key, group in self.members.items():
            if len(group) == 1:
                boxes.append(self.single(group[0]))
                self.arguments(group[0], boxes, edges)
            else:
                assert isinstance(key, Group)
                boxes.append(self.group(key, group))
        edges += self.between_groups()
        if self.options.focus is not None:
            self.left_out(boxes, edges)
        if self.groups and len(edges) > MOST_LABELLED:
            edges = [replace(edge, label="", title=edge.label.strip()) for edge in edges]
        return View(tuple(boxes), tuple(edges), self.summary(boxes))

    def kind(self, node: Value) -> str:
        if node is self.root:
            return "result"
        if node.op is not None:
            return "operation"
        return "parameter" if node in self.options.parameters or is_held(own_name(node)) else "leaf"

    def single(self, node: Value) -> Box:
        kind, scope = self.kind(node), self.places[node] if self.framed else ()
        made = [kind] if node.op is None else [node.op.symbol] + [kind] * (kind == "result")
        made += ["in focus"] * (node is self.options.focus)
        name = within(self.called.get(node) or shown(own_name(node)), scope)
        lines = [f"data {self.number(node.data)}"] * ("data" in self.options.show)
        lines += [f"grad {self.number(self.options.grad(node))}"] * ("grad" in self.options.show)
        lines += [note for note in [self.options.notes.get(node)] if note]
        title = f"{shown(own_name(node))}: " if own_name(node) else ""
        title += f"{node.op.name if node.op else kind}, data {node.data!r}, grad {self.options.grad(node)!r}"
        finite = isfinite(node.data) and isfinite(self.options.grad(node))
        focus = node is self.options.focus
        return Box(self.ids[node], kind, name, "  ".join(made), tuple(lines), title, finite, scope, focus)

    def arguments(self, node: Value, boxes: list[Box], edges: list[Edge]) -> None:
        """An edge from each argument in order; a plain number gets a small box of its own."""
        head = self.ids[node]
        plain = [arg for arg in node.args if type(arg) is not Value]
        if len(plain) > MOST_NUMBERS:
            text, finite = f"{len(plain)} numbers", all(map(isfinite, plain))
            boxes.append(Box(f"{head}_n", "number", "", text, (), text, finite, boxes[-1].scope))
            edges.append(Edge(f"{head}_n", f"{head}_n", head))
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            edge, label = f"{head}_{position}", f" {self.number(d)} " if d is not None else ""
            if type(arg) is not Value and len(plain) > MOST_NUMBERS:
                continue
            if type(arg) is not Value:
                scope = boxes[-1].scope
                boxes.append(Box(f"{edge}n", "number", "", self.number(arg), (), repr(arg), isfinite(arg), scope))
                edges.append(Edge(edge, f"{edge}n", head))
            elif arg in self.box_of and self.box_of[arg] not in self.groups:
                label = label if "partials" in self.options.show else ""
                edges.append(Edge(edge, self.ids[arg], head, label, d is None))

    def group(self, key: Group, group: Sequence[Value]) -> Box:
        """One box for many nodes: how many, of what, and the range of their numbers."""
        kinds: dict[str, int] = {}
        for node in group:
            what = node.op.symbol if node.op else self.kind(node)
            kinds[what] = kinds.get(what, 0) + 1
        listed = ", ".join(f"{what} ×{count}" for what, count in kinds.items())
        if key.whole:
            name, what, scope = ".".join(key.path) or "operations", f"{len(group)} Values", key.path[:-1]
        else:
            name, what, scope = listed, "", key.path
        lines = []
        if "data" in self.options.show:
            lines.append(f"data {self.extent(node.data for node in group)}")
        if "grad" in self.options.show:
            lines.append(f"grad {self.extent(map(self.options.grad, group))}")
        bad = sum(not (isfinite(node.data) and isfinite(self.options.grad(node))) for node in group)
        lines += [f"{bad} not finite"] * (bad > 0)
        title = f"{shown('.'.join(key.path)) or 'no scope'}: {shown(listed, LONGEST_TITLE)}"
        name = shown(within(name, scope))
        return Box(self.ids[group[0]], "group", name, what, tuple(lines), title, not bad, scope)

    def extent(self, numbers: Iterable[float]) -> str:
        finite = [x for x in numbers if isfinite(x)]
        if not finite:
            return "not finite"
        low, high = self.number(min(finite)), self.number(max(finite))
        return low if low == high else f"{low} … {high}"

    def between_groups(self) -> list[Edge]:
        """One edge for all that run between two boxes of which one is a group, with their number."""
        counts: dict[tuple[str, str], int] = {}
        for group in self.members.values():
            head = self.ids[group[0]]
            for node in group:
                for arg in value_args(node):
                    tail = self.box_of.get(arg, head)
                    if tail != head and (head in self.groups or tail in self.groups):
                        counts[tail, head] = counts.get((tail, head), 0) + 1
        return [
            Edge(f"{tail}_{head}", tail, head, f" ×{count} " if count > 1 else "")
            for (tail, head), count in counts.items()
        ]

    def left_out(self, boxes: list[Box], edges: list[Edge]) -> None:
        """A hint at each node whose neighbours are beyond the radius."""
        used = users(self.nodes)
        scope_of = {box.id: box.scope for box in boxes}
        for group in self.members.values():
            box_id = self.ids[group[0]]
            for side in ("below", "above"):
                others = [other for node in group for other in (value_args(node) if side == "below" else used[node])]
                count = sum(other not in self.box_of for other in others)
                if count:
                    hint = f"{box_id}_{side}"
                    text = f"… {count} more"
                    boxes.append(Box(hint, "more", "", text, (), f"{count} more not shown", True, scope_of[box_id]))
                    ends = (hint, box_id) if side == "below" else (box_id, hint)
                    edges.append(Edge(f"{hint}e", *ends, "", True))

    def number(self, x: float) -> str:
        return format(x, self.options.fmt)

    def summary(self, boxes: Sequence[Box]) -> str:
        """One sentence: how large the graph is, and how it is shown."""
        kinds = dict.fromkeys(("leaf", "parameter", "operation", "result"), 0)
        for node in self.nodes:
            kinds[self.kind(node)] += 1
        operations = kinds["operation"] + (self.root.op is not None)
        edges = sum(len(value_args(node)) for node in self.nodes)
        bad = sum(not (isfinite(node.data) and isfinite(self.options.grad(node))) for node in self.nodes)
        text = f"{len(self.nodes)} Values ({_counted(kinds['leaf'] + (self.root.op is None), 'leaf', 'leaves')}, "
        text += f"{_counted(kinds['parameter'], 'parameter', 'parameters')}, {_counted(operations, 'operation', 'operations')}), "
        text += f"{_counted(edges, 'edge', 'edges')}"
        text += f", {bad} not finite" if bad else ""
        drawn = sum(box.kind not in ("number", "more") for box in boxes)
        if self.options.focus is not None:
            return f"{text}; {drawn} of them around the one in focus are drawn"
        if any(box.kind == "group" for box in boxes):
            return f"{text}; collapsed into {drawn} boxes"
        return text


def within(name: str, scope: Scope) -> str:
    """A name without the path of the scope that it stands in."""
    path = ".".join(scope) + "."
    return name[len(path) :] if scope and name.startswith(path) else name


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
