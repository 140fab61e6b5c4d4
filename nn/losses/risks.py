"""The loss of a data set."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as short
from typing import Any

from autograd import sqrt
from autograd import sum as total

from .errors import squared_error
from .outputs import Loss


def risk(
    predictions: Iterable[Any],
    targets: Iterable[Any],
    loss: Loss = squared_error,
    reduce: str = "mean",
    sample_weight: Iterable[float] | None = None,
) -> Any:
    """Return the empirical risk: the "mean" of the loss over a data set, its "sum", or the "root" of the mean.

    With `sample_weight` the mean is the weighted one, the sum of weight * loss over the sum of weights.

    Raises ValueError for another reduction, no predictions, and other lengths of targets or weights.

    >>> risk([1.0, 2.0], [0.0, 0.0]), risk([3.0, 4.0], [0.0, 0.0], reduce="sum")
    (2.5, 25.0)
    >>> risk([3.0, 3.0], [0.0, 0.0], reduce="root")
    3.0
    """
    if reduce not in ("mean", "sum", "root"):
        raise ValueError(f"risk() expects reduce to be 'mean', 'sum' or 'root', got {short(reduce)}")
    given, wanted = list(predictions), list(targets)
    if not given:
        raise ValueError("risk() expects at least one row, got none")
    weights = [1.0] * len(given) if sample_weight is None else [float(w) for w in sample_weight]
    for what, rows in (("targets", wanted), ("sample_weight", weights)):
        if len(rows) != len(given):
            raise ValueError(f"risk() expects as many {what} as predictions, got {len(rows)} for {len(given)}")
    losses = [loss(prediction, target) for prediction, target in zip(given, wanted, strict=True)]
    whole = total(losses if sample_weight is None else [w * each for w, each in zip(weights, losses, strict=True)])
    if reduce == "sum":
        return whole
    mean = whole / sum(weights)
    return sqrt(mean) if reduce == "root" else mean
