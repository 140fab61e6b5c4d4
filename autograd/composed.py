"""Functions of several outputs, made of primitives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .primitives import gap, logsumexp, peak, shares
from .value import Value

T = TypeVar("T", float, Value)


def softmax(xs: Iterable[T]) -> list[T]:
    """Return exp(x)/sum(exp(xs)) for each x, without overflow; equal shares among the largest if they are infinite.

    Raises ValueError if there is no x.

    >>> from autograd import softmax
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    scores = _some(xs, "softmax()")
    return shares(scores)


def log_softmax(xs: Iterable[T]) -> list[T]:
    """Return the logarithm of `softmax` for each x, with the digits of a log near 0 kept.

    Raises ValueError if there is no x.

    >>> from autograd import log_softmax
    >>> f"{log_softmax([0.0, -50.0])[0]:.6g}"
    '-1.92875e-22'
    """
    scores = _some(xs, "log_softmax()")
    largest = peak(*scores)
    gaps = [gap(x, largest) for x in scores]
    whole = logsumexp(*gaps)
    return [x - whole for x in gaps]


def _some(xs: Iterable[T], who: str) -> list[T]:
    scores = list(xs)
    if not scores:
        raise ValueError(f"{who} expects at least one number, got none")
    return scores
