"""What may be asked of a picture, checked: the keywords of draw, draw_dot and play."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..value import Value
from .names import closest, find
from .scopes import scopes
from .steps import a_value, below
from .unfolding import unfolded

SHOWN = ("names", "data", "grad", "partials")  # unless asked otherwise
RANKDIRS = ("LR", "TB", "RL", "BT")
LAYOUTS = ("auto", "system", "wheels")
WORDS = (*SHOWN, "scopes")


@dataclass(frozen=True)
class Options:
    """What to show of a graph; see `draw`."""

    who: str = "draw"
    parameters: frozenset[Value] = frozenset()
    show: frozenset[str] = frozenset(SHOWN)
    fmt: str = ".4g"
    collapse: bool | int | tuple[str, ...] | None = None
    expand: tuple[str, ...] = ()
    focus: Value | None = None
    radius: int = 2
    max_nodes: int = 500
    rankdir: str = "LR"
    grads: Mapping[Value, float] | None = None  # what to show as gradients instead of `.grad`
    names: Mapping[Value, str] = field(default_factory=dict)  # what to call Values that have no name
    notes: Mapping[Value, str] = field(default_factory=dict)  # a line more for some Values

    def grad(self, node: Value) -> float:
        """The gradient to show."""
        return node.grad if self.grads is None else self.grads.get(node, 0.0)


def prepared(who: str, root: Value, parameters: Any, **given: Any) -> tuple[Value, list[Value], Options]:
    """Return the graph, its `dot` nodes in `expand` unfolded, its nodes, and the options of its view, all checked."""
    checked_rankdir(given["rankdir"], who)
    a_value(root, who)
    show, expand = _words(who, "show", given["show"]), _words(who, "expand", given["expand"])
    if given["focus"] is not None and given["collapse"] not in (None, False):
        raise ValueError(f"{who}() takes focus or collapse, not both")
    if not set(show) <= set(WORDS):
        raise ValueError(f"{who}() expects show to be among {', '.join(WORDS)}, got {given['show']!r}")
    checked_format(given["fmt"], who)
    for name in ("radius", "max_nodes"):
        least = 0 if name == "radius" else 1
        if type(given[name]) is not int or given[name] < least:
            raise ValueError(f"{who}() expects {name} to be a whole number, at least {least}, got {given[name]!r}")
    nodes = below(root)
    focus = _focus(who, given["focus"], nodes, root)
    values = [item for item in expand if type(item) is Value]
    renewed: dict[Value, Value] = {}
    if values:
        root, renewed = unfolded(root, values, who)
        nodes = below(root)
    collapse = given["collapse"]
    if isinstance(collapse, int) and collapse < 0:
        raise ValueError(f"{who}() expects collapse to be a level, at least 0, got {collapse!r}")
    if not (collapse is None or isinstance(collapse, int)):
        collapse = _words(who, "collapse", collapse)
        _check_scopes(who, "collapse", collapse, nodes)
    opened = tuple(item for item in expand if type(item) is not Value)
    _check_scopes(who, "expand", opened, nodes)
    places = scopes(nodes) if values else {}
    opened += tuple(".".join(path) for value in values if (path := places[renewed[value]]))  # where it can be seen
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
            given["rankdir"],
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
    known = {".".join(path[:depth]) for path in set(scopes(nodes).values()) for depth in range(1, len(path) + 1)}
    for name in given:
        if not isinstance(name, str):
            raise TypeError(f"{who}() expects {what} to have names of scopes, got {type(name).__name__}")
        if name not in known:
            raise ValueError(f"{who}() has no scope {name!r} to {what}{closest(name, known) or '; the graph has none'}")


def parameters_of(parameters: Any, who: str) -> frozenset[Value]:
    """The Values of a module, or of a list; raise TypeError for what is neither."""
    items = parameters.parameters() if hasattr(parameters, "parameters") else parameters
    if not isinstance(items, Iterable):
        kind = type(parameters).__name__
        raise TypeError(f"{who}() expects a module or a list of parameters, as from model.parameters(), got {kind}")
    values = list(items)
    for value in values:
        if type(value) is not Value:
            raise TypeError(f"{who}() expects parameters to be Values, got {type(value).__name__}")
    return frozenset(values)


def checked_format(fmt: str, who: str) -> str:
    """Return how numbers are written, or raise ValueError."""
    try:
        format(0.5, fmt)
    except (TypeError, ValueError):
        raise ValueError(f"{who}() expects fmt to be a format of a number, such as '.4g', got {fmt!r}") from None
    return fmt


def checked_rankdir(rankdir: str, who: str) -> str:
    """Return a direction of Graphviz's, or raise ValueError."""
    if rankdir not in RANKDIRS:
        raise ValueError(f"{who}() expects rankdir LR, TB, RL or BT, got {rankdir!r}")
    return rankdir


def checked_layout(layout: str, who: str) -> str:
    """Return a way to lay a picture out, or raise ValueError."""
    if layout not in LAYOUTS:
        raise ValueError(f"{who}() expects layout to be among {', '.join(LAYOUTS)}, got {layout!r}")
    return layout
