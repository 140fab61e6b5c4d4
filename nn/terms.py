"""Small things that likelihoods, losses and links share."""

from __future__ import annotations

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
