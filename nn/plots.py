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
from typing import TYPE_CHECKING, Any

from autograd import MissingPackage, Value, errstate, grad, no_grad

from .activations import resolved
from .links import LINKS, Link
from .names import look_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
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
    ax = _axes(ax)
    for (name, curve), look in zip(numbers.items(), _looks(), strict=False):
        ax.plot(range(1, len(curve) + 1), curve, label=name or None, **look | style)
    finite = [x for x in every if isfinite(x)]
    if finite and min(finite) > 0.0 and max(finite) > 10.0 * min(finite):
        ax.set_yscale("log")
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="loss")
    return _finished(ax, legend=len(numbers) > 1)


def decision_boundary(
    model: Any,
    points: Sequence[Sequence[float]],
    labels: Sequence[Any],
    ax: Axes | None = None,
    threshold: float = 0.0,
    resolution: int = 60,
) -> Axes:
    """Draw what a model of two inputs says over the plane, the line where it is undecided, and the labelled points.

    `model(row)` gives one score, a Value or a number, that is compared with `threshold`, or a list of scores, of which the
    largest wins; a fitted model is asked to `predict`, and a threshold of 0.5 is for one that predicts means.

    Raises ValueError for points that are not of two coordinates, labels that are not as many, and a threshold where there
    are several scores.
    """
    rows = [list(map(_number, point)) for point in points]
    if not rows or any(len(row) != 2 for row in rows):
        raise ValueError("decision_boundary() expects points of two coordinates each, at least one")
    if len(labels) != len(rows):
        raise ValueError(f"decision_boundary() expects a label for each of the {len(rows)} points, got {len(labels)}")
    across, up = (_grid(min(c), max(c), resolution) for c in zip(*rows, strict=True))
    with no_grad():
        scores = [_answers(model, [[x, y] for x in across]) for y in up]
    count = len(scores[0][0])
    if count > 1 and threshold:
        raise ValueError("decision_boundary() expects a threshold for one score only; of several the largest wins")
    ax = _axes(ax)
    if count == 1:
        over = [[one[0] - threshold for one in row] for row in scores]
        ax.contourf(across, up, over, levels=_levels(over), colors=["#F6D9A0", "#BFE0F2"], extend="neither")
        ax.contour(across, up, over, levels=[0.0], colors="black", linewidths=1.5)
    else:
        winner = [[max(range(len(one)), key=one.__getitem__) for one in row] for row in scores]
        ax.contourf(across, up, winner, levels=[k - 0.5 for k in range(count + 1)], colors=CLASSES[:count], alpha=0.25)
    for i, label in enumerate(sorted(dict.fromkeys(labels))):
        xs, ys = zip(*(row for row, own in zip(rows, labels, strict=True) if own == label), strict=True)
        ax.scatter(
            xs,
            ys,
            c=CLASSES[i % len(CLASSES)],
            marker=MARKERS[i % len(MARKERS)],
            s=25,
            edgecolors="white",
            linewidths=0.5,
            label=str(label),
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return _finished(ax, legend=True)


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
    ax = _axes(ax)
    etas = _grid(-4.0, 4.0, 161, margin=0.0)
    for link, look in zip(chosen, _looks(), strict=False):
        with errstate("ignore"):
            means = [_number(link.mean(Value(eta)).value) for eta in etas]
        ax.plot(etas, means, label=getattr(link, "name", repr(link)), **look)
    ax.set(xlabel=r"linear predictor $\eta$", ylabel=r"mean $\mu$")
    return _finished(ax, legend=True)


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
    ax = _axes(ax)
    xs = _grid(-4.0, 4.0, 161, margin=0.0)
    for f, look in zip(chosen, _looks(), strict=False):
        name = getattr(f, "__name__", repr(f))
        slope = grad(f)
        ax.plot(xs, [f(Value(x)).data for x in xs], label=name, **look)
        ax.plot(xs, [_number(slope(x)) for x in xs], label=f"{name}'", **look | {"linewidth": 0.9, "alpha": 0.8})
    ax.set(xlabel="$x$", ylabel="activation, and its derivative (thin)")
    return _finished(ax, legend=True)


def partial_effects(
    model: Any, rows: Any, feature: int = 0, ax: Axes | None = None, resolution: int = 60, individual: int = 0
) -> Axes:
    """Draw what a model makes of one feature, the others as they are in the rows: the mean over all rows.

    `model` is fitted, with `predict(X)`, or a function of one row; `individual` is how many single rows are drawn in thin
    lines as well (Goldstein et al. 2015; the mean is Friedman's partial dependence, 2001).

    Raises ValueError for a feature that the rows do not have, TypeError for one that is no position.
    """
    feature = _whole(feature, "partial_effects() expects feature to be the position of a column")
    individual = _whole(individual, "partial_effects() expects individual to be a number of rows")
    if individual < 0:
        raise ValueError(f"partial_effects() expects individual to be a number of rows, got {individual}")
    table = [list(map(_number, row)) for row in rows]
    if not table or not all(0 <= feature < len(row) for row in table):
        width = len(table[0]) if table else 0
        raise ValueError(f"partial_effects() expects a feature among the {width} of the rows, got {feature}")
    column = [row[feature] for row in table]
    grid = _grid(min(column), max(column), resolution, margin=0.0)
    moved = [[[*row[:feature], x, *row[feature + 1 :]] for row in table] for x in grid]
    with no_grad():
        effects = [_predicted(model, block) for block in moved]
    ax = _axes(ax)
    for i in range(min(individual, len(table))):
        ax.plot(grid, [one[i] for one in effects], color="#767676", linewidth=0.5, alpha=0.6)
    ax.plot(grid, [sum(one) / len(one) for one in effects], color=COLOURS[0], linewidth=2.0)
    ax.plot(
        column, [0.0] * len(column), "|", color="#000000", alpha=0.4, transform=ax.get_xaxis_transform(), markersize=10
    )
    ax.set(xlabel=f"feature {feature}", ylabel="prediction")
    return _finished(ax)


def _predicted(model: Any, block: list[list[float]]) -> list[float]:
    """A number for each row."""
    numbers = _answers(model, block)
    if any(len(y) != 1 for y in numbers):
        raise ValueError("partial_effects() expects one number for each row, got several")
    return [y[0] for y in numbers]


def _answers(model: Any, block: list[list[float]]) -> list[list[float]]:
    """What a fitted model, or a function of one row, says of each row: one number or several."""
    found = model.predict(block) if hasattr(model, "predict") else [model(row) for row in block]
    return [_scores(y) for y in found]


def _several(names: Any) -> list[Any]:
    """One, or several, as a list."""
    return [names] if isinstance(names, (str, Link)) or callable(names) else list(names)


def _axes(ax: Axes | None) -> Axes:
    """The Axes given, or a new one."""
    if ax is not None:
        return ax
    with MissingPackage.told("nn.plots"):
        from matplotlib import pyplot as plt

    return plt.subplots(figsize=(6.0, 4.0), layout="constrained")[1]


def _finished(ax: Axes, legend: bool = False) -> Axes:
    ax.grid(alpha=0.3)
    if legend:
        ax.legend()
    return ax


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
