"""Losses of how far a prediction is from its target."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from reprlib import repr as short
from typing import Any

from autograd import sum as total
from autograd import where


def squared_error(prediction: Any, target: Any) -> Any:
    """Return (prediction - target)**2; for several outputs, lists of equal length, the sum.

    Raises ValueError where the lengths differ.

    >>> squared_error(3.0, 1.0), squared_error([1.0, 2.0], [0.0, 0.0])
    (4.0, 5.0)
    """
    return _over_outputs(_square, prediction, target, "squared_error")


def absolute_error(prediction: Any, target: Any) -> Any:
    """Return |prediction - target|; for several outputs, lists of equal length, the sum. Its slope at 0 is 0.

    Raises ValueError where the lengths differ.

    >>> absolute_error(3.0, 1.0), absolute_error([1.0, -2.0], [0.0, 0.0])
    (2.0, 3.0)
    """
    return _over_outputs(abs, prediction, target, "absolute_error")


def huber(prediction: Any, target: Any, delta: float = 1.0) -> Any:
    """Return half the square of the error d = prediction - target, and beyond `delta` a line: delta (|d| - delta/2)
    (Huber 1964); for several outputs the sum.

    Raises ValueError where the lengths differ, and for a delta that is not above 0.

    >>> huber(0.5, 0.0), huber(-3.0, 0.0), huber(3.0, 0.0, delta=2.0)
    (0.125, 2.5, 4.0)
    """
    if not 0.0 < delta < inf:
        raise ValueError(f"huber expects a delta above 0, got {short(delta)}")

    def one(difference: Any) -> Any:
        size = abs(difference)
        return where(size <= delta, 0.5 * difference * difference, delta * (size - 0.5 * delta))

    return _over_outputs(one, prediction, target, "huber")


def _square(difference: Any) -> Any:
    return difference * difference


def _over_outputs(f: Callable[[Any], Any], prediction: Any, target: Any, who: str) -> Any:
    """What a function gives for the difference; of lists the sum."""
    if not hasattr(prediction, "__len__"):
        if hasattr(target, "__len__"):
            raise ValueError(f"{who} expects as many targets as predictions, got {len(target)} for 1")
        return f(prediction - target)
    if not hasattr(target, "__len__"):
        raise ValueError(
            f"{who} expects as many targets as predictions, got one number for a list of {len(prediction)}"
        )
    if len(prediction) != len(target):
        raise ValueError(f"{who} expects as many targets as predictions, got {len(target)} for {len(prediction)}")
    return total(f(p - t) for p, t in zip(prediction, target, strict=True))
