"""A picture in Graphviz's language: boxes, edges, and frames around scopes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..passes import a_value, evaluation_order, shown
from ..value import Value
from .looks import DARK, LIGHT, LOOKS
from .options import Options, parameters_of
from .view import Box, View, view

if TYPE_CHECKING:
    from .picture import Picture

DEEPEST = 8  # frames one within the other
STRIPE = "#F5B78E"  # of what is not finite, where there is no hatching
SHORT = 8  # characters of a name that leave room for more on its line
RANKDIRS = ("LR", "TB", "RL", "BT")


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
        frozenset(("data", "grad", "partials")),
        collapse=False,
        max_nodes=max_nodes,
    )
    nodes = evaluation_order(a_value(root, "draw_dot"))
    return picture(view(root, nodes, options), checked_rankdir(rankdir, "draw_dot"))


def checked_rankdir(rankdir: str, who: str) -> str:
    """Return a direction of Graphviz's, or raise ValueError."""
    if rankdir not in RANKDIRS:
        raise ValueError(f"{who}() expects rankdir LR, TB, RL or BT, got {rankdir!r}")
    return rankdir


def picture(seen: View, rankdir: str, dark: bool = False, widest: float = 0.0, striped: bool = False) -> Picture:
    """Return boxes and edges as a Digraph; no box narrower than `widest`, in inches.

    What is not finite has a thick border; where the picture is not to become an SVG, which is hatched later, it is striped.
    """
    from .picture import Picture

    theme = DARK if dark else LIGHT
    # Exactly Arial: the one font whose widths every build of Graphviz knows.
    font = {"fontname": "Arial", "fontcolor": theme.ink}
    crowd = {"ranksep": "1.6"} if len(seen.edges) > 4 * len(seen.boxes) else {}  # room for many edges to turn in
    graph = Picture(
        graph_attr={"rankdir": rankdir, "ordering": "in", "bgcolor": theme.paper, **crowd, **font},
        node_attr={**font, "fontsize": "11", "style": "filled", "color": theme.line},
        edge_attr={**font, "fontsize": "10", "color": theme.line, "arrowsize": "0.7"},
        format="svg",
    )
    _place(graph, list(seen.boxes), 0, theme.frame, dark, widest, striped)
    for edge in seen.edges:
        look = {"style": "dashed"} if edge.dashed else {"label": edge.label} if edge.label else {}
        graph.edge(edge.tail, edge.head, id=f"e{edge.id}", **look)
    return graph


def _place(graph: Any, boxes: list[Box], depth: int, frame: str, dark: bool, widest: float, striped: bool) -> None:
    """Add boxes in order; those of one scope stand together in a frame that bears its name."""
    inner: dict[str, list[Box]] = {}
    for box in boxes:
        if len(box.scope[:DEEPEST]) > depth:
            inner.setdefault(box.scope[depth], []).append(box)
    begun: set[str] = set()
    for box in boxes:
        if len(box.scope[:DEEPEST]) <= depth:
            look = LOOKS[box.kind]
            attributes = look.attributes | {"fillcolor": look.dark if dark else look.light}
            if not box.finite:
                attributes |= {"color": LIGHT.backward, "penwidth": "2.5"}
                if striped and box.kind not in ("number", "more"):
                    fills = ":".join([attributes["fillcolor"], STRIPE] * 4)
                    attributes |= {"shape": "box", "style": "striped", "fillcolor": fills}
            if widest and box.kind not in ("number", "more"):
                attributes["width"] = f"{widest:.2f}"
            tooltip = box.title.replace("\\", "\\\\")
            graph.node(box.id, label=_label(box), id=box.id, tooltip=tooltip, **attributes)
        elif (name := box.scope[depth]) not in begun:
            begun.add(name)
            with graph.subgraph(name=f"cluster_{box.id}_{depth}") as part:
                part.attr(label=f"<{_text(shown(name))}>", style="rounded,filled", fillcolor=frame, color="#999999")
                _place(part, inner[name], depth + 1, frame, dark, widest, striped)


def _label(box: Box) -> str:
    """The text of a box, as Graphviz's HTML: a short name and what it is on one line, a long one on its own."""
    name = [f"<b>{_text(box.name)}</b>"] if box.name else []
    lines = [_text(line) for line in box.lines]
    if name and lines and len(box.name) <= SHORT and box.kind != "group":
        name, lines = [f"{name[0]}  {lines[0]}"], lines[1:]
    return f"<{'<br/>'.join(name + lines)}>"


def _text(text: str) -> str:
    """Text in Graphviz's HTML, where a backslash would begin a name of its own such as \\N."""
    return escape(text).replace("\\", "\\\\")
