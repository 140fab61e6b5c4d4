"""The loss against the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from ..datasets import generator
from ..names import positive_int
from ..plots import loss_curve
from .fit import built_of, fit
from .history import NotANumber
from .rows import Rows, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHO = "lr_curve()"


@dataclass(frozen=True)
class RateCurve:
    """Rates, and the loss of a batch before the step with each; it ends early where the loss is no number."""

    rates: list[float]
    losses: list[float]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the loss against the rate, which is on a logarithmic scale."""
        ax = loss_curve(self.losses, ax)
        ax.lines[-1].set_xdata(self.rates)
        ax.set_xscale("log")
        ax.relim()
        ax.autoscale_view()
        ax.set(xlabel="learning rate", ylabel="loss")
        return ax


class _Endless:
    """Batches without an end; each time that it is gone through it gives one."""

    def __init__(self, rows: Rows, size: int | None, rng: Any) -> None:
        self._batches = self._all(rows, size, rng)

    def _all(self, rows: Rows, size: int | None, rng: Any) -> Iterator[Any]:
        while True:
            yield from ((batch.X, batch.y) for batch in rows.batches(size, rng))

    def __iter__(self) -> Iterator[Any]:
        yield next(self._batches)


def lr_curve(
    model: Callable[[Any], Any],
    X: Any,
    y: Any,
    *,
    loss: str | Callable[[Any, Any], Any],
    optimizer: Any,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 100,
    batch_size: int | None = None,
    rng: Any = 0,
) -> RateCurve:
    """Return the loss at rates that grow from low to high by a constant factor, a step with each (Smith 2017).

    Model and optimizer are afterwards what they were before; all groups of an optimizer take the same rate. It chooses nothing: a good rate is below the one where the loss begins to
    rise, often by a factor of 10.

    Raises ValueError for rates that are not above 0 or do not rise, and as `fit` does.

    >>> import nn
    >>> X, y = nn.datasets.sine(20)
    >>> curve = nn.lr_curve(nn.MLP(1, [8, 1], rng=0), X, y, loss="squared_error", optimizer=nn.optim.Adam, steps=5)
    >>> [f"{rate:.3g}" for rate in curve.rates], len(curve.losses)
    (['1e-06', '3.16e-05', '0.001', '0.0316', '1'], 5)
    """
    if not 0.0 < low < high < inf:
        raise ValueError(f"{WHO} expects rates above 0 that rise, got low={short(low)}, high={short(high)}")
    steps = positive_int(steps, WHO, "steps")
    rows, built = rows_of(X, y, None, WHO), built_of(optimizer, model)
    if not all(hasattr(group, "lr") for group in built.groups):
        raise ValueError(f"{WHO} expects an optimizer with a rate, got {type(built).__name__}")
    parameters = list(built.parameters)
    numbers, state = [p.data for p in parameters], built.state_dict()
    growth = (high / low) ** (1.0 / max(steps - 1, 1))
    try:
        for group in built.groups:
            group.lr = low
        losses = fit(
            model, _Endless(rows, batch_size, generator(rng, WHO)), loss=loss, optimizer=built, epochs=steps, progress=False,
            schedule=lambda t: growth**t,
        ).loss  # fmt: skip
    except NotANumber as error:
        losses = error.history.loss
    finally:
        for parameter, number in zip(parameters, numbers, strict=True):
            parameter.data = number
        built.load_state_dict(state)
    return RateCurve([low * growth**t for t in range(len(losses))], losses)
