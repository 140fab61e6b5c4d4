"""A picture in Graphviz's language: boxes, edges, and frames around scopes."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ..value import Value
from .boxes import Box, View
from .columns import ALONG, APART, GAP, SCREEN, columns, gap
from .looks import DARK, LIGHT, LOOKS, Theme
from .names import shown
from .options import Options, checked_rankdir, parameters_of
from .steps import a_value, below
from .view import view

if TYPE_CHECKING:
    from .picture import Picture

DEEPEST = 8  # frames one within the other


def draw_dot(root: Value, parameters: Any = (), rankdir: str = "LR", max_nodes: int = 500) -> Picture:
    """Return a picture of the graph below root to go on editing: a `graphviz.Digraph` with one box per Value.

    A box has the name and the operation, the data and the gradient that the last `backward()` left; an edge bears the
    local derivative, and is dashed where there is none. Leaves are square boxes, `parameters` (a list of Values, or the
    module that has them) hexagons, operations rounded, the result has a double border. Plain numbers stand in
    small print. `rankdir` is Graphviz's: LR, TB, RL or BT. The same graph gives the same text, byte for byte.

    Raises TypeError if root is no Value, ValueError for another rankdir, GraphTooLarge beyond `max_nodes` Values.

    >>> from autograd import Value, draw_dot
    >>> a = Value(3.0, name="a")
    >>> picture = draw_dot(a * a)
    >>> print(picture.source.count("->"))
    2
    """
    options = Options(
        "draw_dot",
        parameters_of(parameters, "draw_dot"),
        collapse=False,
        max_nodes=max_nodes,
        rankdir=checked_rankdir(rankdir, "draw_dot"),
    )
    nodes = below(a_value(root, "draw_dot"))
    return picture(view(root, nodes, options), rankdir)


def picture(seen: View, rankdir: str, dark: bool = False, widest: float = 0.0) -> Picture:
    """Return boxes and edges as a Digraph; no box narrower than `widest`, in inches."""
    from .picture import Picture

    theme = DARK if dark else LIGHT
    font = font_of(theme)
    between = gap(seen.boxes, seen.edges)
    room = {"nodesep": f"{APART / 72:.3f}", "ranksep": f"{between / 72:.3f}"}
    if any(box.kind == "group" for box in seen.boxes):
        room["remincross"] = "false"  # a second search for fewer crossings would turn the order of groups round
    else:
        room["ordering"] = "in"  # arguments from left to right, which is from above to below here
    if seen.fitted:
        room["size"] = ",".join(f"{points / 72:.2f}" for points in SCREEN)
    line = {"penwidth": "0.5"} if between > GAP else {}  # so thin that one of many can be followed
    graph = Picture(
        graph_attr={"rankdir": rankdir, "bgcolor": theme.paper, **room, **font},
        node_attr={**font, "fontsize": "11", "style": "filled", "color": theme.line, "height": "0"},
        edge_attr={**font, "fontsize": "10", "color": theme.line, "arrowsize": "0.7", **line},
        format="svg",
    )
    _place(
        graph,
        list(seen.boxes),
        0,
        Sheet(theme, dark, widest, columns(seen.boxes, seen.edges, early=True), rankdir in ALONG),
    )
    for edge in seen.edges:
        look = {"style": "dashed"} if edge.dashed else {"label": edge.label} if edge.label else {}
        graph.edge(edge.tail, edge.head, id=f"e{edge.id}", **look)
    return graph


def font_of(theme: Theme) -> dict[str, str]:
    """Return the font of all text: exactly Arial, the one font whose widths every build of Graphviz knows."""
    return {"fontname": "Arial", "fontcolor": theme.ink}


class Sheet(NamedTuple):
    """What all boxes of a picture share."""

    theme: Theme
    dark: bool
    widest: float
    columns: dict[str, int]
    along: bool  # whether columns stand from left to right


def _place(graph: Any, boxes: list[Box], depth: int, sheet: Sheet) -> None:
    """Add boxes in order; those of one scope stand together in a frame that bears its name."""
    inner: dict[str, list[Box]] = {}
    loose: list[Box] = []
    for box in boxes:
        deeper = len(box.scope[:DEEPEST]) > depth
        (inner.setdefault(box.scope[depth], []) if deeper else loose).append(box)
    for name in sorted(inner, key=_natural):
        with graph.subgraph(name=f"cluster_{inner[name][0].id}_{depth}") as part:
            look = {"style": "rounded,filled", "fillcolor": sheet.theme.frame, "color": "#999999", "margin": "6"}
            part.attr(label=f"<{_text(shown(name))}>", **look)
            _place(part, inner[name], depth + 1, sheet)
    rows: dict[int, list[str]] = {}  # groups of scopes that stand in one column, one below the other
    for box in sorted(loose, key=lambda box: _natural(box.name if box.kind == "group" else "")):
        graph.node(box.id, label=_label(box), id=box.id, **_look(box, sheet))
        if box.kind == "group" and box.what:
            rows.setdefault(sheet.columns[box.id], []).append(box.id)
    for row in rows.values():
        if len(row) > 1:
            with graph.subgraph() as part:
                part.attr(rank="same")
                for edge in pairwise(row[::-1] if sheet.along and depth else row):  # inside a frame from below
                    part.edge(*edge, style="invis")


def _natural(name: str) -> list[tuple[int, str]]:
    """What sorts names as people do: neurons[2] before neurons[10]."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def filled(box: Box, theme: Theme, dark: bool) -> dict[str, str]:
    """Return the attributes of a box: the look of its kind, what it says to those who point at it, and what is not finite."""
    look = LOOKS[box.kind]
    attributes = look.attributes | {"fillcolor": look.dark if dark else look.light}
    if not box.finite:
        bad = LOOKS["broken"]
        attributes |= bad.attributes | {"fillcolor": bad.dark if dark else bad.light, "color": theme.ink}
    return attributes | {"tooltip": box.title.replace("\\", "\\\\")}


def _look(box: Box, sheet: Sheet) -> dict[str, str]:
    """The attributes of a box of a graph, which may be in focus, and as wide as others."""
    attributes = filled(box, sheet.theme, sheet.dark)
    if box.focus:
        attributes |= {"penwidth": "3", "color": sheet.theme.forward}
    if sheet.widest and box.kind not in ("number", "more"):
        attributes["width"] = f"{sheet.widest:.2f}"
    return attributes


def _label(box: Box) -> str:
    """The text of a box, as Graphviz's HTML, its name in bold."""
    head = [f"<b>{_text(bold)}</b>{_text(rest)}" if bold else _text(rest) for bold, rest in box.head]
    return f"<{'<br/>'.join([*head, *map(_text, box.lines)])}>"


def _text(text: str) -> str:
    """Text in Graphviz's HTML, where a backslash would begin a name of its own such as \\N."""
    return escape(text).replace("\\", "\\\\")
