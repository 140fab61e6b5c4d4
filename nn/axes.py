"""What all plots share: colours, an Axes where none is given, and how one is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import MissingPackage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def axes_of(ax: Axes | None) -> Axes:
    """Return the Axes given, or a new one."""
    if ax is not None:
        return ax
    with MissingPackage.told("nn.plots"):
        from matplotlib import pyplot as plt

    return plt.subplots(figsize=(6.0, 4.0), layout="constrained")[1]


def four_axes() -> list[Axes]:
    """Return four new Axes."""
    with MissingPackage.told("nn.plots"):
        from matplotlib import pyplot as plt

    return list(plt.subplots(2, 2, figsize=(8.0, 6.0), layout="constrained")[1].ravel())


def finished(ax: Axes, legend: bool = False) -> Axes:
    """Return the Axes with a grid, and a legend if there is one."""
    ax.grid(alpha=0.3)
    if legend:
        ax.legend()
    return ax
