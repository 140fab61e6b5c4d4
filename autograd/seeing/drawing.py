"""draw: the picture of a graph, small or large, as it is now."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from html import escape
from inspect import signature
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any

from ..errors import GraphTooLarge, GraphvizNotFound
from ..value import Value
from .blackboard import laid_out
from .boxes import View
from .diagram import drawn
from .dot import picture
from .looks import checked_theme
from .names import result_name
from .options import SHOWN, checked_format, checked_layout, checked_rankdir, prepared
from .svg import restyled
from .view import view

if TYPE_CHECKING:
    from .picture import Picture


@dataclass(frozen=True, eq=False, repr=False)
class Drawing:
    """The picture of a graph as it was when it was drawn: what happens to the graph later does not change it.

    A notebook shows it. `svg()` and `png()` return it, `save(path)` writes it in the format that the suffix names,
    `source` is the text in Graphviz's language, `summary` a sentence on the graph.
    """

    _seen: View
    _made: Callable[[bool], Picture]  # in dark colours or not
    _layout: str
    _theme: str
    _name: str

    def __post_init__(self) -> None:
        _ = self._graph  # a missing package is told of here

    @cached_property
    def _graph(self) -> Picture:
        return self._fresh()

    def _fresh(self) -> Picture:
        graph = self._made(self._theme == "dark")
        graph.layout = self._layout
        return graph

    def _printed(self, format: str, **settings: str) -> bytes:
        """The picture in a format of Graphviz's own."""
        graph = self._fresh()
        graph.attr(**settings)
        return bytes(graph.pipe(format))

    @property
    def source(self) -> str:
        """The picture in Graphviz's language."""
        return str(self._graph.source)

    @property
    def summary(self) -> str:
        """How large the graph is, and how it is shown."""
        return self._seen.summary

    def __repr__(self) -> str:
        return f"<drawing of {self._name}: {self.summary}>"

    @cached_property
    def _svg(self) -> str:
        return restyled(self._graph.pipe("svg", encoding="utf-8"), self._seen, self._theme, self._name)

    @property
    def height(self) -> float:
        """How high the picture is, in pixels."""
        return float(re.search(r' height="([\d.]+)pt"', self.svg())[1]) * 96 / 72  # type: ignore[index]

    def bare_svg(self) -> str:
        """Return the picture without colours, for a page that brings them."""
        return restyled(self._graph.pipe("svg", encoding="utf-8"), self._seen, self._theme, self._name, bare=True)

    def svg(self) -> str:
        """Return the picture as SVG that stands alone. Raises GraphvizNotFound where nothing can lay it out."""
        return self._svg

    def png(self, dpi: int = 150) -> bytes:
        """Return the picture as PNG, light unless the theme is dark. Raises GraphvizNotFound as `svg` does."""
        return self._printed("png", dpi=str(dpi))

    def save(self, path: str | Path) -> Path:
        """Write the picture and return the path: .svg, .png, .dot or .gv, or what else Graphviz writes, such as .pdf.

        Raises ValueError for a suffix that it does not know; nothing is written then.
        """
        target = Path(path)
        suffix = target.suffix[1:].lower()
        if suffix == "svg":
            data = self.svg().encode()
        elif suffix == "png":
            data = self.png()
        elif suffix in ("dot", "gv"):
            data = self.source.encode()
        elif suffix in ("pdf", "ps", "eps", "jpg", "jpeg", "gif", "json"):
            data = self._printed(suffix)
        else:
            raise ValueError(
                f"Drawing.save() expects a path that ends in .svg, .png, .jpg, .pdf or .dot, got {str(path)!r}"
            )
        target.write_bytes(data)
        return target

    def _image(self, style: str) -> str:
        """An img with the SVG inside: notebooks that are not trusted drop an inline svg, and keep this."""
        data = b64encode(self.svg().encode()).decode()
        text = escape(f"{self._name}: {self.summary}")
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{text}" style="{style}"/>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, or the reason why there is none. It never raises."""
        try:
            image = self._image("max-width:100%")
        except (GraphvizNotFound, CalledProcessError, OSError) as reason:
            return {"text/plain": f"{self!r}\nNo picture: {reason}"}
        return {"text/html": f"{image}<p><small>{escape(self.summary)}</small></p>", "text/plain": repr(self)}


NOT_OF_GRAPHS = ("root", "x", "y", "loss", "layout", "theme")


def draw(
    root: Any,
    x: Any = None,
    y: Any = None,
    *,
    loss: Any = None,
    parameters: Any = (),
    layout: str = "auto",
    rankdir: str = "LR",
    show: str | Iterable[str] = SHOWN,
    fmt: str = ".4g",
    collapse: bool | int | str | Iterable[str] | None = None,
    expand: str | Value | Iterable[str | Value] = (),
    focus: Value | str | None = None,
    radius: int = 2,
    max_nodes: int = 500,
    theme: str = "auto",
) -> Drawing:
    """Return a picture of the graph below root as it is now, or of a model: a notebook shows it, `.save("graph.svg")` writes it.

    **Of a Value**, one box per Value with its name and operation, data and gradient; on each edge the local derivative. Leaves are
    square, parameters hexagons (leaves whose name says what holds them, and those of `parameters`, a list or a module), operations rounded,
    the result has a double border; a number that is nan or infinite has a yellow box with a thick border. Modules are scopes, and so is `encoder`
    where a Value is named "encoder/h".

    - `show`: which of names (as in traces: v1, v2, ... for what has none), data, grad, partials, and scopes, which are frames
      around the operations of each module (a collapsed picture always has them); `fmt`: how numbers are written.
    - `collapse`: a picture that would not fit a screen (1,600 by 1,200 pixels) collapses to the deepest level of scopes that
      does, and where there are many operations outside scopes, they are counted by kind. True collapses a small graph too,
      an int to that level, names only these scopes, False nothing.
    - `expand`: scopes to open again, as `expand="layers[0].neurons[3]"`, and `dot` nodes to unfold into products and sums.
    - `focus` and `radius`: only what is so many edges around a Value, given itself or by its name.
    - `layout`: "system" for the installed Graphviz, "wheels" for that of the extra `wheels`, "auto" for the first or else
      the second; `rankdir`: LR, TB, RL or BT; `theme`: light, dark, or auto, which goes by the reader's screen.

    **Of a model** (a neuron, a layer, a network, a fitted GLM, what has a method `_diagram_`), the diagram of the lectures: its inputs,
    sums, activations, mean and loss in columns, with their formulas, and a line for each weight, blue above 0, orange below, the
    thicker, the larger. With `x`, one row of features, it has the numbers of a forward pass; with its observation `y` too, also those of
    the backward pass, and the lines show the gradient. `loss`, a function of prediction and target or its name in `nn.losses`, is that
    of a model that has none of its own. `layout`, `fmt` and `theme` are as above.

    Raises TypeError or ValueError for what these are not, GraphTooLarge for more than `max_nodes` boxes.

    >>> from autograd import Value, draw
    >>> a = Value(3.0, name="a")
    >>> draw(a * a + a)
    <drawing of y: 3 Values (1 leaf, 0 parameters, 2 operations), 4 edges>
    """
    checked_theme(theme, "draw")
    checked_layout(layout, "draw")
    of_graph = {
        "parameters": parameters,
        "show": show,
        "collapse": collapse,
        "expand": expand,
        "focus": focus,
        "radius": radius,
    }
    if hasattr(type(root), "_diagram_"):
        _refuse("a model", of_graph)
        checked_format(fmt, "draw")
        if checked_rankdir(rankdir, "draw") != "LR":
            raise ValueError(f"draw() draws models from left to right, got rankdir={rankdir!r}")
        diagram = root._diagram_(x, y, loss)
        seen = drawn(diagram)
        if len(seen.boxes) > max_nodes:
            raise GraphTooLarge(
                f"draw() got a diagram of {len(seen.boxes)} units, and draws up to {max_nodes}: pass a larger max_nodes"
            )
        made = partial(laid_out, diagram, seen, fmt)
        return Drawing(seen, made, layout, theme, diagram.name)
    if type(root) is not Value:
        raise TypeError(
            f"draw() expects a Value, or a model: a neuron, a layer, a network, a fitted GLM, got {type(root).__name__}"
        )
    _refuse("the graph of a Value", {"x": x, "y": y, "loss": loss})
    return annotated(root, {}, layout, theme, fmt=fmt, max_nodes=max_nodes, rankdir=rankdir, **of_graph)


def annotated(
    root: Value, notes: Mapping[Value, str], layout: str = "auto", theme: str = "auto", **given: Any
) -> Drawing:
    """Return the picture of a Value that `draw` makes, with a line more in the boxes of some Values."""
    usual = {name: one.default for name, one in signature(draw).parameters.items() if name not in NOT_OF_GRAPHS}
    root, nodes, options = prepared("draw", root, **usual | given)
    seen = view(root, nodes, replace(options, notes=notes))
    return Drawing(seen, partial(picture, seen, options.rankdir), layout, theme, result_name(nodes, root))


def _refuse(what: str, options: Mapping[str, Any]) -> None:
    """Raise TypeError for options that are not of this kind of picture."""
    defaults = signature(draw).parameters
    given = [name for name, option in options.items() if option is not defaults[name].default]
    if given:
        raise TypeError(f"draw() does not take {given[0]} for {what}")
