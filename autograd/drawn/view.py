"""What a picture shows of a graph: boxes for Values or for groups of them, and the edges between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from ..errors import GraphTooLarge
from ..passes import names, own_name, shown, users, value_args
from ..value import Value
from .groups import LARGE, Group, grouping, neighbourhood
from .options import Options
from .scopes import Scope, scopes

MOST_NUMBERS = 12  # among a node's arguments that stand alone; more share a box
MOST_COUNTED = 60  # edges between groups that bear their numbers
MOST_KINDS = 5  # of the nodes in a box, that it lists
LONGEST = 24  # characters of a name in a box


@dataclass(frozen=True)
class Box:
    """A box of the picture: a Value, a group of them, a plain number, or a hint at what is left out."""

    id: str
    kind: str
    name: str  # in bold
    lines: tuple[str, ...]
    title: str  # all there is to say, for those who point at it
    finite: bool = True
    scope: Scope = ()


@dataclass(frozen=True)
class Edge:
    """An edge of the picture, from an argument to what is made of it."""

    id: str
    tail: str
    head: str
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class View:
    """Boxes and edges, and one sentence on the whole."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    summary: str


def view(root: Value, nodes: Sequence[Value], options: Options) -> View:
    """Return what is shown of the graph below root, whose nodes are given in evaluation order.

    Raises GraphTooLarge where more boxes than `max_nodes` would be.
    """
    places = scopes(nodes)
    chosen = neighbourhood(nodes, options) if options.focus is not None else nodes
    key = grouping(root, chosen, places, options)
    members: dict[Value | Group, list[Value]] = {}
    for node in chosen:
        members.setdefault(key(node), []).append(node)
    if len(members) > options.max_nodes:
        boxes = "" if len(members) == len(nodes) else f" in {len(members)} boxes"
        raise GraphTooLarge(
            f"{options.who}() got a graph of {len(nodes)} nodes{boxes}, and draws up to {options.max_nodes}: {_way_out(options)}, or pass a larger max_nodes"
        )
    return _Builder(root, nodes, places, members, options).view()


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
        wanted = "names" in options.show and (len(members) == len(self.box_of) or len(nodes) <= LARGE)
        self.called = options.names or (names(nodes, root) if wanted else {})
        self.framed = "scopes" in options.show or len(members) < len(self.box_of)
        self.groups = {self.ids[group[0]] for group in members.values() if len(group) > 1}

    def view(self) -> View:
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
        return View(tuple(boxes), tuple(edges), self.summary(boxes))

    def kind(self, node: Value) -> str:
        if node is self.root:
            return "result"
        if node.op is not None:
            return "operation"
        return "parameter" if node in self.options.parameters or self.places[node] else "leaf"

    def single(self, node: Value) -> Box:
        kind, scope = self.kind(node), self.places[node] if self.framed else ()
        made = [kind] if node.op is None else [node.op.symbol] + [kind] * (kind == "result")
        name = within(own_name(node) or self.called.get(node, ""), scope)
        lines = ["  ".join(made)]
        lines += [f"data {self.number(node.data)}"] * ("data" in self.options.show)
        lines += [f"grad {self.number(self.options.grad(node))}"] * ("grad" in self.options.show)
        title = f"{shown(own_name(node))}: " if own_name(node) else ""
        title += f"{node.op.name if node.op else kind}, data {node.data!r}, grad {self.options.grad(node)!r}"
        finite = isfinite(node.data) and isfinite(self.options.grad(node))
        return Box(self.ids[node], kind, shown(name, LONGEST), tuple(lines), title, finite, scope)

    def arguments(self, node: Value, boxes: list[Box], edges: list[Edge]) -> None:
        """An edge from each argument in order; a plain number gets a small box of its own."""
        own = self.ids[node]
        plain = [arg for arg in node.args if type(arg) is not Value]
        if len(plain) > MOST_NUMBERS:
            text, finite = f"{len(plain)} numbers", all(map(isfinite, plain))
            boxes.append(Box(f"{own}_n", "number", "", (text,), text, finite, boxes[-1].scope))
            edges.append(Edge(f"{own}_n", f"{own}_n", own))
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            edge, label = f"{own}_{position}", f" {self.number(d)} " if d is not None else ""
            if type(arg) is not Value and len(plain) > MOST_NUMBERS:
                continue
            if type(arg) is not Value:
                scope = boxes[-1].scope
                boxes.append(Box(f"{edge}n", "number", "", (self.number(arg),), repr(arg), isfinite(arg), scope))
                edges.append(Edge(edge, f"{edge}n", own))
            elif arg in self.box_of and self.box_of[arg] not in self.groups:
                label = label if "partials" in self.options.show else ""
                edges.append(Edge(edge, self.ids[arg], own, label, d is None))

    def group(self, key: Group, group: Sequence[Value]) -> Box:
        """One box for many nodes: how many, of what, and the range of their numbers."""
        kinds: dict[str, int] = {}
        for node in group:
            what = node.op.symbol if node.op else self.kind(node)
            kinds[what] = kinds.get(what, 0) + 1
        if key.whole:
            name = "/".join(key.path) or "operations"
            scope = key.path[:-1]
            most = sorted(kinds.items(), key=lambda item: (item[0] not in ("parameter", "leaf"), -item[1]))
            lines = [f"{what} ×{count}" for what, count in most[:MOST_KINDS]] + ["…"] * (len(most) > MOST_KINDS)
        else:
            name = f"{key.op.symbol if key.op else self.kind(group[0])} ×{len(group)}"
            scope = key.path
            lines = []
        if "data" in self.options.show:
            lines.append(f"data {self.extent(node.data for node in group)}")
        if "grad" in self.options.show:
            lines.append(f"grad {self.extent(map(self.options.grad, group))}")
        bad = sum(not (isfinite(node.data) and isfinite(self.options.grad(node))) for node in group)
        lines += [f"{bad} not finite"] * (bad > 0)
        title = f"{shown('/'.join(key.path)) or 'no scope'}: {len(group)} nodes"
        return Box(
            self.ids[group[0]], "group", shown(within(name, scope), LONGEST), tuple(lines), title, not bad, scope
        )

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
        few = len(counts) <= MOST_COUNTED  # where there are many, their numbers would push the boxes apart
        return [
            Edge(f"{tail}_{head}", tail, head, f" ×{count} " if count > 1 and few else "")
            for (tail, head), count in counts.items()
        ]

    def left_out(self, boxes: list[Box], edges: list[Edge]) -> None:
        """A hint at each node whose neighbours are beyond the radius."""
        used = users(self.nodes)
        scope_of = {box.id: box.scope for box in boxes}
        for group in self.members.values():
            own = self.ids[group[0]]
            for side in ("below", "above"):
                others = [other for node in group for other in (value_args(node) if side == "below" else used[node])]
                count = sum(other not in self.box_of for other in others)
                if count:
                    hint = f"{own}_{side}"
                    text = f"… {count} more"
                    boxes.append(Box(hint, "more", "", (text,), f"{count} more not shown", True, scope_of[own]))
                    ends = (hint, own) if side == "below" else (own, hint)
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
    path = "/".join(scope) + "/"
    return name[len(path) :] if scope and name.startswith(path) else name


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
