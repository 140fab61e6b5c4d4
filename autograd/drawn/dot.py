"""A graph as Graphviz draws it: a box for every Value, an edge for every argument."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from ..errors import GraphTooLarge
from ..passes import evaluation_order, value_args
from ..value import Value

if TYPE_CHECKING:
    from .picture import Picture

# Kinds of node, told apart by shape and by a fill from Okabe and Ito's palette (2008), lightened for black text.
LOOKS = {
    "leaf": {"shape": "box", "fillcolor": "#FFFFFF"},
    "parameter": {"shape": "hexagon", "margin": "0.02,0.02", "fillcolor": "#FBE3B5"},
    "operation": {"shape": "box", "style": "rounded,filled", "fillcolor": "#DCEFFB"},
    "result": {"shape": "box", "style": "rounded,filled", "peripheries": "2", "fillcolor": "#CDEBE0"},
}
LONGEST_NAME = 40


def draw_dot(root: Value, parameters: Iterable[Value] = (), rankdir: str = "LR", max_nodes: int = 500) -> Picture:
    """Return a picture of the graph below root: a `graphviz.Digraph` with one box per Value.

    A box has the name and the operation, the data and the gradient that the last `backward()` left; an edge bears the
    local derivative, and is dashed where there is none. Leaves are square boxes, `parameters` (a list of Values, as
    from `model.parameters()`) hexagons, operations rounded, the result has a double border. Plain numbers stand in
    small print. `rankdir` is Graphviz's: LR, TB, RL or BT. The same graph gives the same text, byte for byte.

    Raises TypeError if root is no Value, ValueError for another rankdir, GraphTooLarge beyond `max_nodes` Values.

    >>> from autograd import Value, draw_dot
    >>> a = Value(3.0, name="a")
    >>> picture = draw_dot(a * a)
    >>> print(picture.source.count("->"))
    2
    """
    from .picture import Picture

    if type(root) is not Value:
        raise TypeError(f"draw_dot() expects a Value, got {type(root).__name__}")
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f"draw_dot() expects rankdir LR, TB, RL or BT, got {rankdir!r}")
    if not hasattr(parameters, "__iter__"):
        kind = type(parameters).__name__
        raise TypeError(f"draw_dot() expects a list of parameters, as from model.parameters(), got {kind}")
    nodes = evaluation_order(root)
    if len(nodes) > max_nodes:
        raise GraphTooLarge(
            f"draw_dot() got a graph of {len(nodes)} nodes, and draws up to {max_nodes}: draw a node further down, "
            "or pass a larger max_nodes"
        )
    picture = Picture(
        graph_attr={"rankdir": rankdir, "ordering": "in", "fontname": "Arial"},
        node_attr={"fontname": "Arial", "fontsize": "11", "style": "filled", "color": "#333333"},
        edge_attr={"fontname": "Arial", "fontsize": "10", "color": "#555555", "arrowsize": "0.7"},
        format="svg",
    )
    ids = {node: f"v{i}" for i, node in enumerate(nodes)}
    weights = set(parameters)
    for node in nodes:
        kind = "result" if node is root else "operation" if node.op else "parameter" if node in weights else "leaf"
        picture.node(ids[node], label=_label(node, kind), tooltip=_tooltip(node), **LOOKS[kind])
        _draw_args(picture, node, ids)
    return picture


def _draw_args(picture: Picture, node: Value, ids: dict[Value, str]) -> None:
    """An edge from each argument in order; a plain number gets a small node of its own."""
    values = set(value_args(node))
    for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
        if arg in values:
            look = {"style": "dashed"} if d is None else {"label": f" {d:.4g} "}
            picture.edge(ids[arg], ids[node], **look)
        else:
            constant = f"{ids[node]}_{position}"
            picture.node(
                constant, label=f"{arg:.4g}", shape="plaintext", style="", fontsize="10", width="0", height="0"
            )
            picture.edge(constant, ids[node])


def _label(node: Value, kind: str) -> str:
    """The text of a box, as Graphviz's HTML."""
    made = kind if node.op is None else escape(node.op.symbol) + (f"  {kind}" if kind == "result" else "")
    name = f"<b>{_shown(node.name)}</b>  " if node.name else ""
    return f"<{name}{made}<br/>data {node.data:.4g}<br/>grad {node.grad:.4g}>"


def _shown(name: str) -> str:
    """A name as text that can break neither DOT nor XML."""
    text = "".join(c if c.isprintable() else " " for c in name)
    return escape(text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…")


def _tooltip(node: Value) -> str:
    return f"data {node.data!r}, grad {node.grad!r}"
