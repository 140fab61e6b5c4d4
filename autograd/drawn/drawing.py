"""draw: the picture of a graph, small or large, as it is now."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cached_property
from html import escape
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from ..errors import GraphvizNotFound
from ..passes import a_value, closest, evaluation_order, find, result_name
from ..value import Value
from .dot import checked_rankdir, parameters_of, picture
from .looks import checked_theme
from .picture import Picture, checked_layout
from .scopes import scopes
from .svg import restyled
from .unfolding import unfolded
from .view import SHOWN, WORDS, Options, View, view


class Drawing:
    """The picture of a graph as it was when it was drawn: what happens to the graph later does not change it.

    A notebook shows it. `svg()` and `png()` return it, `save(path)` writes it in the format that the suffix names,
    `source` is the text in Graphviz's language, `summary` a sentence on the graph.
    """

    def __init__(self, seen: View, graph: Picture, theme: str, name: str) -> None:
        self._seen = seen
        self._graph = graph
        self._theme = theme
        self._name = name

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
        graph = self._graph.copy()
        graph.attr(dpi=str(dpi))
        return bytes(graph.pipe("png"))

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
            data = self._graph.pipe(suffix)
        else:
            raise ValueError(f"Drawing.save() expects a path that ends in .svg, .png, .pdf or .dot, got {str(path)!r}")
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


def draw(
    root: Value,
    *,
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
    """Return a picture of the graph below root as it is now: a notebook shows it, `.save("graph.svg")` writes it.

    One box per Value with its name and operation, data and gradient; on each edge the local derivative. Leaves are square,
    parameters hexagons (leaves in a module's scope, and those of `parameters`, a list or a module), operations rounded,
    the result has a double border; a number that is nan or infinite is hatched. Modules are scopes, and so is `encoder`
    where a Value is named "encoder/h".

    - `show`: which of data, grad, partials, and scopes, which are frames around the operations of each module (a collapsed
      picture always has them); `fmt`: how numbers are written.
    - `collapse`: above 300 Values the picture collapses to the deepest level of scopes that makes 60 boxes at most, and
      operations outside scopes are counted by kind. True collapses a small graph too, an int to that level, names only
      these scopes, False nothing.
    - `expand`: scopes to open again, as `expand="layer0/neuron3"`, and `dot` nodes to unfold into products and sums.
    - `focus` and `radius`: only what is so many edges around a Value, given itself or by its name.
    - `layout`: "system" for the installed Graphviz, "wheels" for that of the extra `wheels`, "auto" for the first or else
      the second; `rankdir`: LR, TB, RL or BT; `theme`: light, dark, or auto, which goes by the reader's screen.

    Raises TypeError or ValueError for what these are not, GraphTooLarge for more than `max_nodes` boxes.

    >>> from autograd import Value, draw
    >>> a = Value(3.0, name="a")
    >>> draw(a * a + a)
    <drawing of y: 3 Values (1 leaf, 0 parameters, 2 operations), 4 edges>
    """
    checked_rankdir(rankdir, "draw")
    checked_theme(theme, "draw")
    root, nodes, options = prepared(
        "draw", root, parameters, show=show, fmt=fmt, collapse=collapse, expand=expand, focus=focus, radius=radius,
        max_nodes=max_nodes,
    )  # fmt: skip
    seen = view(root, nodes, options)
    graph = picture(seen, rankdir, theme == "dark")
    graph.layout = checked_layout(layout, "draw")
    return Drawing(seen, graph, theme, result_name(nodes, root))


def prepared(who: str, root: Value, parameters: Any, **given: Any) -> tuple[Value, list[Value], Options]:
    """Return the graph, its `dot` nodes in `expand` unfolded, its nodes, and the options of its view, all checked."""
    a_value(root, who)
    show, expand = _words(who, "show", given["show"]), _words(who, "expand", given["expand"])
    if not set(show) <= set(WORDS):
        raise ValueError(f"{who}() expects show to be among {', '.join(WORDS)}, got {given['show']!r}")
    try:
        format(0.5, given["fmt"])
    except (TypeError, ValueError):
        raise ValueError(
            f"{who}() expects fmt to be a format of a number, such as '.4g', got {given['fmt']!r}"
        ) from None
    for name in ("radius", "max_nodes"):
        least = 0 if name == "radius" else 1
        if type(given[name]) is not int or given[name] < least:
            raise ValueError(f"{who}() expects {name} to be a whole number, at least {least}, got {given[name]!r}")
    nodes = evaluation_order(root)
    focus = _focus(who, given["focus"], nodes, root)
    values = [item for item in expand if type(item) is Value]
    renewed: dict[Value, Value] = {}
    if values:
        root, renewed = unfolded(root, values, who)
        nodes = evaluation_order(root)
    collapse = given["collapse"]
    if isinstance(collapse, int) and collapse < 0:
        raise ValueError(f"{who}() expects collapse to be a level, at least 0, got {collapse!r}")
    if not (collapse is None or isinstance(collapse, int)):
        collapse = _words(who, "collapse", collapse)
        _check_scopes(who, "collapse", collapse, nodes)
    opened = tuple(item for item in expand if type(item) is not Value)
    _check_scopes(who, "expand", opened, nodes)
    return (
        root,
        nodes,
        Options(
            who,
            parameters_of(parameters, who),
            frozenset(show),
            given["fmt"],
            collapse,
            opened,
            renewed.get(focus, focus) if focus is not None else None,
            given["radius"],
            given["max_nodes"],
        ),
    )


def _words(who: str, what: str, given: Any) -> tuple[Any, ...]:
    """One word, or several, as a tuple."""
    if isinstance(given, (str, Value)):
        return (given,)
    if not isinstance(given, Iterable):
        raise TypeError(f"{who}() expects {what} to be a name or a list of them, got {type(given).__name__}")
    return tuple(given)


def _focus(who: str, focus: Any, nodes: list[Value], root: Value) -> Value | None:
    """The Value in focus, found by its name where that is given."""
    if isinstance(focus, str):
        return find(focus, nodes, root, who, "Value to focus on")
    if focus is not None and type(focus) is not Value:
        raise TypeError(f"{who}() expects focus to be a Value or its name, got {type(focus).__name__}")
    if focus is not None and focus not in nodes:
        raise ValueError(f"{who}() expects focus to be a Value of the graph, got another one")
    return focus


def _check_scopes(who: str, what: str, given: tuple[Any, ...], nodes: list[Value]) -> None:
    if not given:
        return
    known = {"/".join(path[:depth]) for path in set(scopes(nodes).values()) for depth in range(1, len(path) + 1)}
    for name in given:
        if not isinstance(name, str):
            raise TypeError(f"{who}() expects {what} to have names of scopes, got {type(name).__name__}")
        if name not in known:
            raise ValueError(f"{who}() has no scope {name!r} to {what}{closest(name, known) or '; the graph has none'}")
