"""Small things that likelihoods, losses and links share."""

from __future__ import annotations

from math import inf
from typing import Any

from autograd import Value, where


def weighted(weight: Any, x: Any) -> Any:
    """Return weight * x, and 0 where the weight is 0, whatever x is.

    >>> weighted(0.0, float("-inf")), weighted(0.5, 3.0)
    (0, 1.5)
    """
    if isinstance(weight, Value):
        return where(weight, weight * x, 0.0)
    return x if weight == 1.0 else weight * x if weight else 0  # an int, which adds no node to a sum


def middle(low: float, high: float) -> tuple[float, float]:
    """Return two points inside an interval.

    >>> middle(0.0, 1.0)
    (0.25, 0.75)
    """
    if low > -inf:
        return (low + 0.5, low + 2.0) if high == inf else (0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high)
    return (high - 2.0, high - 0.5) if high < inf else (-1.0, 1.0)
