"""Losses: each a function of one observation's prediction and target.

Targets are plain numbers, which are checked, or Values, as while a loss is compiled: then a target that would be refused
gives a loss of nan. A loss of a batch is a sum or mean that the user writes, or a trainer.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from operator import index
from reprlib import repr as short
from typing import Any

from autograd import Value, maximum, relu, where
from autograd import sum as total

from .families import Bernoulli, Categorical

Scalar = Value | float


def squared_error(prediction: Any, target: Any) -> Any:
    """Return (prediction - target)**2; for several outputs, lists of equal length, the sum.

    Raises ValueError where the lengths differ.

    >>> squared_error(3.0, 1.0), squared_error([1.0, 2.0], [0.0, 0.0])
    (4.0, 5.0)
    """
    if not hasattr(prediction, "__len__"):
        if hasattr(target, "__len__"):
            raise ValueError(f"squared_error expects as many targets as predictions, got {len(target)} for 1")
        return _square(prediction - target)
    if not hasattr(target, "__len__") or len(prediction) != len(target):
        count = len(target) if hasattr(target, "__len__") else 1
        raise ValueError(f"squared_error expects as many targets as predictions, got {count} for {len(prediction)}")
    return total(_square(p - t) for p, t in zip(prediction, target, strict=True))


def _square(difference: Any) -> Any:
    return difference * difference


def hinge(score: Scalar, label: Scalar) -> Any:
    """Return max(0, 1 - label * score), for labels -1 and +1 (Cortes, Vapnik 1995).

    Raises ValueError for another label.

    >>> hinge(0.25, 1), hinge(0.25, -1), hinge(2.0, 1)
    (0.75, 1.25, 0.0)
    """
    if not isinstance(label, Value) and label not in (-1, 1):
        raise ValueError(f"hinge expects a label of -1 or +1, got {short(label)}")
    loss = relu(1.0 - label * _one(score, "hinge"))
    return loss + _nan_if(abs(label) - 1.0) if isinstance(label, Value) else loss


def _one(score: Any, who: str) -> Any:
    """The score, if it is a single number."""
    if isinstance(score, str):
        raise TypeError(f"{who} expects a number as its score, got str")
    if hasattr(score, "__len__"):
        raise TypeError(f"{who} expects the score of one output, got a list of {len(score)}")
    return score


def binary_cross_entropy_with_logits(logit: Scalar, target: Scalar) -> Any:
    """Return -log of the probability that sigmoid(logit) gives to the target.

    It is the negative log-likelihood of the family Bernoulli with the link logit: finite, and with all its digits, for every
    logit. The target is 0 or 1, or -1 or +1, or a probability between 0 and 1. A term of weight 0 is left out.

    Raises ValueError for any other target.

    >>> f"{binary_cross_entropy_with_logits(800.0, 1):.4g} {binary_cross_entropy_with_logits(-800.0, 1):.4g}"
    '0 800'
    >>> binary_cross_entropy_with_logits(-2.0, -1) == binary_cross_entropy_with_logits(-2.0, 0)
    True
    """
    _one(logit, "binary_cross_entropy_with_logits")
    if isinstance(target, Value):
        wrong = where(target + 1.0, abs(target - 0.5) > 0.5, 0.0)
        return Bernoulli.loss(maximum(target, 0.0), logit) + _nan_if(wrong)
    if not (hasattr(target, "__float__") and (target == -1 or 0 <= target <= 1)):
        raise ValueError(
            f"binary_cross_entropy_with_logits expects a target of 0, 1, -1 or a probability, got {short(target)}"
        )
    return Bernoulli.loss(max(float(target), 0.0), logit)


def cross_entropy_with_logits(logits: Sequence[Scalar], target: Any) -> Any:
    """Return -log of the probability that softmax(logits) gives to the target.

    It is the negative log-likelihood of the family Categorical with the link softmax, and keeps the digits of a small loss. The
    target is the number of a class, from 0, or a probability for each class. A term of weight 0 is left out.

    Raises TypeError for a class that is no int, ValueError for one out of range, and for probabilities that are
    negative, do not add up to 1, or are not as many as the logits.

    >>> f"{cross_entropy_with_logits([1.0, 1.0, 1.0], 2):.6f}"
    '1.098612'
    >>> f"{cross_entropy_with_logits([50.0, 0.0], 0):.6g}"
    '1.92875e-22'
    """
    if not hasattr(logits, "__len__"):
        raise TypeError(f"cross_entropy_with_logits expects a list of logits, got {type(logits).__name__}")
    count = len(logits)
    if isinstance(target, Value):
        shares = [where(target - k, 0.0, 1.0) for k in range(count)]
        return Categorical.loss(shares, logits) * where(total(shares), 1.0, nan)  # no class: no slope either
    if hasattr(target, "__len__"):
        if len(target) != count:
            raise ValueError(f"cross_entropy_with_logits expects {count} probabilities, got {len(target)}")
        if any(isinstance(p, Value) for p in target):
            wrong = abs(total(target) - 1.0) + abs(total(map(abs, target)) - 1.0) > 1e-9
            return Categorical.loss(target, logits) + _nan_if(wrong)
        weights = [float(p) for p in target]
        if not all(p >= 0.0 for p in weights) or abs(sum(weights) - 1.0) > 1e-9:
            raise ValueError(f"cross_entropy_with_logits expects probabilities that add up to 1, got {short(weights)}")
        return Categorical.loss(weights, logits)
    try:
        label = index(target)
    except TypeError:
        raise TypeError(f"cross_entropy_with_logits expects an int as a class, got {type(target).__name__}") from None
    if not 0 <= label < count:
        raise ValueError(f"cross_entropy_with_logits expects a class from 0 to {count - 1}, got {label}")
    return Categorical.loss([float(k == label) for k in range(count)], logits)


def _nan_if(wrong: Any) -> Any:
    """nan where a target is wrong that cannot be refused, else 0: added to a loss, it leaves the derivatives as they are."""
    return where(wrong, nan, 0.0)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["binary_cross_entropy_with_logits", "cross_entropy_with_logits", "hinge", "squared_error"]
