"""What a term of a GAM makes of its feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..axes import COLOURS, axes_of, finished
from .source import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class TermFit:
    """What a fit found for a term: its lambda (None where nothing is penalised), its effective degrees of freedom, and its columns
    among the coefficients, the intercept included.
    """

    lam: float | None
    edf: float
    columns: slice


@dataclass(frozen=True, eq=False)
class Effect:
    """What a term makes of its feature, on the scale of the predictor: numbers or levels `x`, the `effect`, its standard error, and the
    band from `low` to `high`; `inside` says which x lie in the range that the fit has seen, `label` which class the predictor is of, and
    `feature` what x is.
    """

    term: str
    x: Array
    effect: Array
    error: Array
    low: Array
    high: Array
    inside: Array
    levels: bool = False
    label: Any = None
    feature: str = ""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it on a matplotlib Axes, a new one if there is none.

        A smooth function is a line with its band, dashed and without a band where the fit has seen no numbers. Levels are points with bars.
        """
        ax = axes_of(ax)
        if self.levels:
            heights = [self.effect - self.low, self.high - self.effect]
            ax.errorbar(range(len(self.x)), self.effect, heights, fmt="o", color=COLOURS[0], capsize=4.0)
            ax.set_xticks(range(len(self.x)), [str(level) for level in self.x])
        else:
            _line(ax, self.x, self.effect, self.inside)
            ax.fill_between(
                self.x[self.inside], self.low[self.inside], self.high[self.inside], color=COLOURS[0], alpha=0.2
            )
        ax.set(
            xlabel=self.feature,
            ylabel=self.term if self.label is None else f"{self.term} for {self.label}",
        )
        return finished(ax)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How the answer changes as one feature moves and the others stay: numbers or levels `x`, the `mean` there, and its exact derivative,
    `slope`; `at` is the number of the feature in the row, `inside` says which x lie in the range that the fit has seen, and `label` which class's mean it is.
    """

    feature: str
    x: Array
    mean: Array
    slope: Array
    at: Any
    inside: Array
    levels: bool = False
    label: Any = None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean on a matplotlib Axes, a new one if there is none; dashed where the fit has seen no numbers."""
        ax = axes_of(ax)
        if self.levels:
            ax.plot(range(len(self.x)), self.mean, "o", color=COLOURS[0])
            ax.set_xticks(range(len(self.x)), [str(level) for level in self.x])
        else:
            _line(ax, self.x, self.mean, self.inside)
            ax.axvline(self.at, color="#767676", linestyle=":", linewidth=1.0)
        ax.set(xlabel=self.feature, ylabel=r"mean $\mu$" if self.label is None else f"probability of {self.label}")
        return finished(ax)


def _line(ax: Axes, x: Array, y: Array, inside: Array) -> None:
    """A line, dashed outside."""
    low, high = x[inside][[0, -1]]
    for part, look in ((inside, "-"), (x <= low, "--"), (x >= high, "--")):
        ax.plot(x[part], y[part], color=COLOURS[0], linestyle=look)
