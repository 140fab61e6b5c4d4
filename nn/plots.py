"""Plots for lectures: each takes a matplotlib Axes, or makes one, draws one thing and returns the Axes.

matplotlib comes with the extra `plot`. The colours are those of Okabe and Ito (2008), the same in the pictures of graphs;
lines differ in their dashes as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle
from math import isfinite
from operator import index
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value, errstate, grad, no_grad

from .activations import resolved
from .axes import COLOURS, axes_of, finished
from .links import LINKS, Link
from .names import look_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
CLASSES = ("#B35900", "#00507A", *COLOURS[2:])  # of the points, on pale regions of their own colour
MARKERS = ("o", "^", "s", "D", "v", "P", "X")


def loss_curve(losses: Sequence[float] | Mapping[str, Sequence[float]], ax: Axes | None = None, **style: Any) -> Axes:
    """Draw losses by step: one list, or several with their names.

    The scale is logarithmic where all losses are positive and span more than a factor of 10.

    Raises ValueError if there is nothing to draw.

    >>> ax = loss_curve({"SGD": [1.0, 0.5, 0.3], "Adam": [1.0, 0.2, 0.01]})
    >>> ax.get_yscale(), [line.get_label() for line in ax.get_lines()]
    ('log', ['SGD', 'Adam'])
    """
    curves = losses if isinstance(losses, Mapping) else {"": losses}
    numbers = {name: [_number(x) for x in curve] for name, curve in curves.items()}
    every = [x for curve in numbers.values() for x in curve]
    if not every:
        raise ValueError("loss_curve() expects at least one loss, got none")
    ax = axes_of(ax)
    for (name, curve), look in zip(numbers.items(), _looks(), strict=False):
        ax.plot(range(1, len(curve) + 1), curve, label=name or None, **look | style)
    finite = [x for x in every if isfinite(x)]
    if finite and min(finite) > 0.0 and max(finite) > 10.0 * min(finite):
        ax.set_yscale("log")
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="loss")
    return finished(ax, legend=len(numbers) > 1)


def decision_boundary(
    model: Any,
    points: Any,
    labels: Any,
    ax: Axes | None = None,
    threshold: float | None = None,
    resolution: int = 60,
) -> Axes:
    """Draw what a model of two inputs says over the plane, the line where it is undecided, and the labelled points.

    `points` are rows of two numbers, or a table of pandas, polars or pyarrow with two columns, whose names are then on the
    axes. A fitted classifier, of labels of any kind, is asked for probabilities: of two classes the line is where the second
    has probability 0.5, of several the likeliest wins. Any other fitted model is asked to `predict`, and a function is called
    with each row: it gives one score, a Value or a number, that is compared with 0, or a list of scores, of which the largest
    wins. `threshold` is another score for the line.

    Raises ValueError for points that are not of two coordinates, labels that are not as many, and a threshold where there
    are several scores.
    """
    table, names = _table(points, model, "decision_boundary()")
    rows = _lists(points, "decision_boundary() expects points of numbers")
    if not rows or any(len(row) != 2 for row in rows):
        raise ValueError("decision_boundary() expects points of two coordinates each, at least one")
    if not isinstance(labels, (list, tuple)):
        labels = _tables().array_of(labels, "decision_boundary() expects labels").tolist()
    if len(labels) != len(rows):
        raise ValueError(f"decision_boundary() expects a label for each of the {len(rows)} points, got {len(labels)}")
    across, up = (_grid(min(c), max(c), resolution) for c in zip(*rows, strict=True))
    asked = _asked(model)
    with no_grad():
        if table is None:
            scores = [asked.scores([[x, y] for x in across]) for y in up]
        else:
            first, second = table.columns
            scores = [asked.scores(_tables().like(table, {first: across, second: [y] * len(across)})) for y in up]
    count = len(scores[0][0])
    if count > 1 and threshold:
        raise ValueError("decision_boundary() expects a threshold for one score only; of several the largest wins")
    ax = axes_of(ax)
    if count == 1:
        over = [[one[0] - (asked.middle if threshold is None else threshold) for one in row] for row in scores]
        ax.contourf(across, up, over, levels=_levels(over), colors=["#F6D9A0", "#BFE0F2"], extend="neither")
        ax.contour(across, up, over, levels=[0.0], colors="black", linewidths=1.5)
    else:
        winner = [[max(range(len(one)), key=one.__getitem__) for one in row] for row in scores]
        colours = [CLASSES[k % len(CLASSES)] for k in range(count)]
        ax.contourf(across, up, winner, levels=[k - 0.5 for k in range(count + 1)], colors=colours, alpha=0.25)
    others = sorted(label for label in dict.fromkeys(labels) if label not in asked.classes)
    for i, label in enumerate([*asked.classes, *others]):  # a class has the colour of its region
        own = [row for row, given in zip(rows, labels, strict=True) if given == label]
        if not own:
            continue
        xs, ys = zip(*own, strict=True)
        look: dict[str, Any] = {
            "c": CLASSES[i % len(CLASSES)],
            "marker": MARKERS[i % len(MARKERS)],
            "edgecolors": "white",
        }
        ax.scatter(xs, ys, s=25, linewidths=0.5, label=_text(label), **look)
    ax.set(xlabel=_text(names[0]) if names else "$x_1$", ylabel=_text(names[1]) if names else "$x_2$")
    return finished(ax, legend=True)


def links(
    names: str | Link | Iterable[str | Link] = ("logit", "probit", "cloglog", "loglog", "cauchit"),
    ax: Axes | None = None,
) -> Axes:
    """Draw the means that links give by the linear predictor eta, from -4 to 4.

    Raises ValueError for a name that is no link's.

    >>> ax = links(["logit", "probit"])
    >>> [line.get_label() for line in ax.get_lines()]
    ['logit', 'probit']
    """
    chosen = [link if isinstance(link, Link) else look_up("link", link, LINKS) for link in _several(names)]
    ax = axes_of(ax)
    etas = _grid(-4.0, 4.0, 161, margin=0.0)
    for link, look in zip(chosen, _looks(), strict=False):
        with errstate("ignore"):
            means = [_number(link.mean(Value(eta)).value) for eta in etas]
        ax.plot(etas, means, label=getattr(link, "name", repr(link)), **look)
    ax.set(xlabel=r"linear predictor $\eta$", ylabel=r"mean $\mu$")
    return finished(ax, legend=True)


def activations(
    names: str | Callable[[Any], Any] | Iterable[str | Callable[[Any], Any]] = ("relu", "tanh", "sigmoid"),
    ax: Axes | None = None,
) -> Axes:
    """Draw activations, and their derivatives in thin lines, from -4 to 4.

    Raises ValueError for a name that is no activation's.

    >>> ax = activations(["tanh"])
    >>> [line.get_label() for line in ax.get_lines()]
    ['tanh', "tanh'"]
    """
    chosen = [resolved(name) for name in _several(names)]
    ax = axes_of(ax)
    xs = _grid(-4.0, 4.0, 161, margin=0.0)
    for f, look in zip(chosen, _looks(), strict=False):
        name = getattr(f, "__name__", repr(f))
        slope = grad(f)
        ax.plot(xs, [f(Value(x)).data for x in xs], label=name, **look)
        ax.plot(xs, [_number(slope(x)) for x in xs], label=f"{name}'", **look | {"linewidth": 0.9, "alpha": 0.8})
    ax.set(xlabel="$x$", ylabel="activation, and its derivative (thin)")
    return finished(ax, legend=True)


def partial_effects(
    model: Any, rows: Any, feature: int | str = 0, ax: Axes | None = None, resolution: int = 60, individual: int = 0
) -> Axes:
    """Draw what a model makes of one feature, the others as they are in the rows: the mean over all rows.

    `model` is fitted, with `predict(X)`, or a function of one row. A fitted classifier, of labels of any kind, is asked for
    probabilities (for `decision_function` where it has none, for the share of each label where it has neither): of two classes that of the second in `classes_` is drawn, of
    several each in a line of its own. `rows` are lists, an array, or a table of pandas, polars or pyarrow, in which
    `feature` may be a column's name, and only this column needs to have numbers. `individual` is how many single rows are
    drawn in thin lines as well (Goldstein et al. 2015; the mean is Friedman's partial dependence, 2001).

    Raises ValueError for a feature that the rows do not have, TypeError for one that is neither a position nor a name, and
    both for a column that has other things than numbers.
    """
    who = "partial_effects()"
    individual = _whole(individual, f"{who} expects individual to be a number of rows")
    if individual < 0:
        raise ValueError(f"{who} expects individual to be a number of rows, got {individual}")
    table, names = _table(rows, model, who)
    if isinstance(feature, str) and names:
        feature = look_up("column", feature, {name: i for i, name in enumerate(names)})
    place = _whole(feature, f"{who} expects feature to be the position of a column{' or its name' if names else ''}")
    lists = [] if table is not None else _lists(rows, f"{who} expects rows of numbers")
    widths = [len(names)] if names else [len(row) for row in lists]
    if not widths or not all(0 <= place < width for width in widths):
        raise ValueError(f"{who} expects a feature among the {min(widths, default=0)} of the rows, got {place}")
    if table is None:
        column = [row[place] for row in lists]
    else:
        from .checks import column as checked

        column = checked(table[:, place].to_native(), len(table), who, table.columns[place]).tolist()
    grid = _grid(min(column), max(column), resolution, margin=0.0)

    blocks = (
        [[*row[:place], x, *row[place + 1 :]] for row in lists]
        if table is None
        else _tables().moved(table, table.columns[place], x)
        for x in grid
    )
    asked = _asked(model)
    with no_grad():
        effects = [asked.scores(block) for block in blocks]
    count = len(effects[0][0])
    if any(len(y) != count for one in effects for y in one) or (count > 1 and not asked.classes):
        raise ValueError(f"{who} expects one number for each row, got several")
    ax = axes_of(ax)
    for k in range(count):
        colour, thin = (COLOURS[0], "#767676") if count == 1 else (CLASSES[k % len(CLASSES)],) * 2
        for i in range(min(individual, len(column))):
            ax.plot(grid, [one[i][k] for one in effects], color=thin, linewidth=0.5, alpha=0.6)
        mean = [sum(y[k] for y in one) / len(one) for one in effects]
        label = _text(asked.classes[k]) if count > 1 else None
        ax.plot(grid, mean, color=colour, linestyle=DASHES[k % len(DASHES)], linewidth=2.0, label=label)
    below = ax.get_xaxis_transform()
    ax.plot(column, [0.0] * len(column), "|", color="#000000", alpha=0.4, transform=below, markersize=10)
    ax.set(xlabel=_text(names[place]) if names else f"feature {place}", ylabel=asked.what)
    return finished(ax, legend=count > 1)


class _Asked(NamedTuple):
    """How a model is asked: what it gives for each row of a block, what that is, its classes, and where it is undecided."""

    scores: Callable[[Any], list[list[float]]]
    what: str = "prediction"
    classes: Sequence[Any] = ()
    middle: float = 0.0


def _asked(model: Any) -> _Asked:
    """A classifier is asked for probabilities, else for scores, else which label; of two classes only the second counts."""
    if not hasattr(model, "predict"):
        return _Asked(lambda block: [_scores(model(row)) for row in block])
    classes = getattr(model, "classes_", None)
    if classes is None:
        return _Asked(lambda block: [_scores(y) for y in model.predict(block)])
    labels = _tables().array_of(classes, "a plot expects classes_").tolist()
    if hasattr(model, "predict_proba"):
        ask, what, middle = model.predict_proba, "probability", 0.5
    elif hasattr(model, "decision_function"):
        ask, what, middle = model.decision_function, "score", 0.0
    else:
        ask, what, middle = lambda block: [[y == k for k in labels] for y in model.predict(block)], "share", 0.5
    first = -1 if len(labels) == 2 else 0
    of = f" of {_text(labels[1])}" if first else ""
    return _Asked(lambda block: [_scores(y)[first:] for y in ask(block)], what + of, labels, middle)


def _tables() -> Any:
    """What reads tables, with which NumPy comes."""
    from . import tables

    return tables


def _table(rows: Any, model: Any, who: str) -> tuple[Any, list[str]]:
    """A table for a fitted model, which may want its names, and the names for the axes; nothing of what has none."""
    found = None if isinstance(rows, (list, tuple)) else _tables().known(rows, f"{who} expects rows")
    names = _tables().names_of(found, who) if found is not None else None
    if not names:
        return None, []
    return (found if hasattr(model, "predict") else None), names


def _lists(rows: Any, who: str) -> list[list[float]]:
    """Rows as lists of numbers."""
    if not isinstance(rows, (list, tuple)) and hasattr(rows, "columns"):
        rows = _tables().floats(rows, who)
    return [list(map(_number, row)) for row in rows]


def _text(label: Any) -> str:
    """A label or a name as text, in which no dollar begins a formula."""
    return str(label).replace("$", r"\$")


def _several(names: Any) -> list[Any]:
    """One, or several, as a list."""
    return [names] if isinstance(names, (str, Link)) or callable(names) else list(names)


def _looks() -> Iterable[dict[str, Any]]:
    """Colours and dashes, over and over."""
    return cycle({"color": colour, "linestyle": dash} for colour, dash in zip(COLOURS, DASHES, strict=True))


def _grid(low: float, high: float, count: int, margin: float = 0.1) -> list[float]:
    """Numbers from low to high, and a little beyond."""
    if _whole(count, "a plot expects a resolution of at least 2 points") < 2:
        raise ValueError(f"a plot expects a resolution of at least 2 points, got {count}")
    beyond = margin * (high - low) or (1.0 if high == low else 0.0)
    low, high = low - beyond, high + beyond
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def _whole(count: Any, expected: str) -> int:
    """A whole number, or TypeError with what was expected."""
    if isinstance(count, bool) or not hasattr(count, "__index__"):
        raise TypeError(f"{expected}, got {type(count).__name__} ({short(count)})")
    return index(count)


def _levels(scores: list[list[float]]) -> list[float]:
    """Levels for two sides of 0, in increasing order whatever the scores are."""
    every = [x for row in scores for x in row if isfinite(x)]
    if not every:
        raise ValueError("decision_boundary() expects a model with finite scores, got none")
    return [min(min(every), 0.0) - 1.0, 0.0, max(max(every), 0.0) + 1.0]


def _scores(y: Any) -> list[float]:
    """One score or several, as numbers."""
    return [_number(x) for x in y] if hasattr(y, "__len__") else [_number(y)]


def _number(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["activations", "decision_boundary", "links", "loss_curve", "partial_effects"]
