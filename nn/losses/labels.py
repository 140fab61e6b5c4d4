"""Losses of labels: margins, and cross entropies of two and of several classes."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan
from operator import index
from reprlib import repr as short
from typing import Any

from autograd import Value, log, maximum, relu, where
from autograd import sum as total

from ..families import Bernoulli, Categorical
from ..links import UNIT, Link, identity, softmax
from ..links import logit as logit_link
from ..means import weighted
from .outputs import nan_if, one

Scalar = Value | float

AS_THEY_ARE = Link(lambda means: means, UNIT, several=True, name="identity of several")  # of probabilities


def hinge(score: Scalar, label: Scalar) -> Any:
    """Return max(0, 1 - label * score), for labels -1 and +1 (Cortes, Vapnik 1995).

    Raises ValueError for another label.

    >>> hinge(0.25, 1), hinge(0.25, -1), hinge(2.0, 1)
    (0.75, 1.25, 0.0)
    """
    return _margin(score, label, "hinge")


def squared_hinge(score: Scalar, label: Scalar) -> Any:
    """Return max(0, 1 - label * score)**2, for labels -1 and +1.

    Raises ValueError for another label.

    >>> squared_hinge(0.5, 1), squared_hinge(2.0, 1)
    (0.25, 0.0)
    """
    return _margin(score, label, "squared_hinge") ** 2


def _margin(score: Any, label: Any, who: str) -> Any:
    """How far a score is from being right by a margin of 1."""
    if not isinstance(label, Value) and label not in (-1, 1):
        raise ValueError(f"{who} expects a label of -1 or +1, got {short(label)}")
    short_of = relu(1.0 - label * one(score, who, "score"))
    return short_of + nan_if(abs(label) - 1.0) if isinstance(label, Value) else short_of


def binary_cross_entropy(
    probability: Scalar, target: Scalar, smoothing: float = 0.0, class_weight: Sequence[float] | None = None
) -> Any:
    """Return -log of a probability p if the target is 1, -log(1 - p) if it is 0: the family Bernoulli.

    It is inf where the target cannot be: PyTorch stops at 100. For what else there is to say see
    `binary_cross_entropy_with_logits`, which keeps the digits of small probabilities.

    >>> f"{binary_cross_entropy(0.25, 1):.6f} {binary_cross_entropy(0.25, 0):.6f}"
    '1.386294 0.287682'
    """
    return _binary(probability, target, smoothing, class_weight, identity, "binary_cross_entropy", "probability")


def binary_cross_entropy_with_logits(
    logit: Scalar, target: Scalar, smoothing: float = 0.0, class_weight: Sequence[float] | None = None
) -> Any:
    """Return -log of the probability that sigmoid(logit) gives to the target.

    It is the negative log-likelihood of the family Bernoulli with the link logit: finite, and with all its digits, for every
    logit. The target is 0 or 1, or -1 or +1, or a probability between 0 and 1. A term of weight 0 is left out. `smoothing` moves
    the target by this share towards 1/2, `class_weight` has a factor for the term of 0 and one for that of 1.

    Raises ValueError for any other target.

    >>> f"{binary_cross_entropy_with_logits(800.0, 1):.4g} {binary_cross_entropy_with_logits(-800.0, 1):.4g}"
    '0 800'
    >>> binary_cross_entropy_with_logits(-2.0, -1) == binary_cross_entropy_with_logits(-2.0, 0)
    True
    """
    who = "binary_cross_entropy_with_logits"
    return _binary(logit, target, smoothing, class_weight, logit_link, who, "logit")


def _binary(
    output: Any, target: Any, smoothing: float, class_weight: Sequence[float] | None, link: Link, who: str, what: str
) -> Any:
    """The likelihood of Bernoulli, of both codings of labels."""
    one(output, who, what)
    wrong: Any = 0.0
    if isinstance(target, Value):
        wrong = nan_if(where(target + 1.0, abs(target - 0.5) > 0.5, 0.0))
        share: Any = maximum(target, 0.0)
    elif not (hasattr(target, "__float__") and (target == -1 or 0 <= target <= 1)):
        raise ValueError(f"{who} expects a target of 0, 1, -1 or a probability, got {short(target)}")
    else:
        share = max(float(target), 0.0)
    if smoothing:
        share = share * (1.0 - _share(smoothing, who)) + 0.5 * smoothing
    if class_weight is None:
        loss = Bernoulli.loss(share, output, link)
    else:
        low, high = _weights(class_weight, 2, who)
        ones, zeros = (Bernoulli.loss(end, output, link) for end in (1.0, 0.0))
        loss = weighted(high * share, ones) + weighted(low * (1.0 - share), zeros)
    return loss + wrong if isinstance(target, Value) else loss


def _share(smoothing: Any, who: str) -> Any:
    """A smoothing, if it is one."""
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(f"{who} expects a smoothing in [0, 1), got {short(smoothing)}")
    return smoothing


def _weights(class_weight: Sequence[float], count: int, who: str) -> list[float]:
    """The factors of classes, if they are such."""
    weights = [float(w) for w in class_weight]
    if len(weights) != count or not all(0.0 <= w < inf for w in weights):
        raise ValueError(f"{who} expects {count} finite numbers from 0 up as class_weight, got {short(class_weight)}")
    return weights


def cross_entropy(
    probabilities: Sequence[Scalar], target: Any, smoothing: float = 0.0, class_weight: Sequence[float] | None = None
) -> Any:
    """Return -log of the probability of the target: the family Categorical.

    The target is as in `cross_entropy_with_logits`, which keeps the digits of small probabilities.

    >>> f"{cross_entropy([0.5, 0.25, 0.25], 1):.6f}"
    '1.386294'
    """
    return _categorical(probabilities, target, smoothing, class_weight, AS_THEY_ARE, "cross_entropy", "probabilities")


def cross_entropy_with_logits(
    logits: Sequence[Scalar], target: Any, smoothing: float = 0.0, class_weight: Sequence[float] | None = None
) -> Any:
    """Return -log of the probability that softmax(logits) gives to the target.

    It is the negative log-likelihood of the family Categorical with the link softmax, and keeps the digits of a small loss. The
    target is the number of a class, from 0, or a probability for each class. A term of weight 0 is left out. `smoothing` moves the
    target by this share towards equal probabilities, `class_weight` has a factor for the term of each class.

    Raises TypeError for a class that is no whole number, ValueError for one out of range, and for probabilities that are
    negative, do not add up to 1, or are not as many as the logits.

    >>> f"{cross_entropy_with_logits([1.0, 1.0, 1.0], 2):.6f}"
    '1.098612'
    >>> f"{cross_entropy_with_logits([50.0, 0.0], 0):.6g}"
    '1.92875e-22'
    """
    return _categorical(logits, target, smoothing, class_weight, softmax, "cross_entropy_with_logits", "logits")


def _categorical(
    outputs: Any, target: Any, smoothing: float, class_weight: Sequence[float] | None, link: Link, who: str, what: str
) -> Any:
    """The likelihood of Categorical, of a class or of shares."""
    if not hasattr(outputs, "__len__"):
        raise TypeError(f"{who} expects a list of {what}, got {type(outputs).__name__}")
    count = len(outputs)
    shares, factor, wrong = _shares(target, count, who)
    if smoothing:
        shares = [share * (1.0 - _share(smoothing, who)) + smoothing / count for share in shares]
    if class_weight is None:
        loss = Categorical.loss(shares, outputs, link)
    else:
        terms = [w * share for w, share in zip(_weights(class_weight, count, who), shares, strict=True)]
        whole = total(terms)
        if not isinstance(whole, Value) and not whole:
            return 0.0  # a class that has no weight
        parts = [term / where(whole, whole, 1.0) for term in terms]  # shares again, which add up to 1
        loss = weighted(whole, Categorical.loss(parts, outputs, link))
    loss = loss if factor is None else loss * factor
    return loss if wrong is None else loss + wrong


def _shares(target: Any, count: int, who: str) -> tuple[list[Any], Any, Any]:
    """A target as shares of the classes, and where it is wrong, and cannot be refused, a factor or a summand of nan."""
    if isinstance(target, Value):
        shares = [where(target - k, 0.0, 1.0) for k in range(count)]
        return shares, where(total(shares), 1.0, nan), None  # no class: no slope either
    if hasattr(target, "__len__"):
        if len(target) != count:
            raise ValueError(f"{who} expects {count} probabilities, got {len(target)}")
        if any(isinstance(p, Value) for p in target):
            wrong = abs(total(target) - 1.0) + abs(total(map(abs, target)) - 1.0) > 1e-9
            return [*target], None, nan_if(wrong)
        weights = [float(p) for p in target]
        if not all(p >= 0.0 for p in weights) or abs(sum(weights) - 1.0) > 1e-9:
            raise ValueError(f"{who} expects probabilities that add up to 1, got {short(weights)}")
        return weights, None, None
    try:
        label = int(target) if isinstance(target, float) and target.is_integer() else index(target)
    except TypeError:
        raise TypeError(f"{who} expects an int as a class, got {type(target).__name__}") from None
    if not 0 <= label < count:
        raise ValueError(f"{who} expects a class from 0 to {count - 1}, got {label}")
    return [float(k == label) for k in range(count)], None, None


def kl_divergence(q: Sequence[Scalar], p: Sequence[Scalar]) -> Any:
    """Return KL(p||q), the sum of p log(p/q): how many nats a code for q costs more than one for p, where p is true
    (Kullback, Leibler 1951). A term with p = 0 is left out.

    `q` is the prediction, `p` the target, as in the other losses: H(p, q) = H(p) + KL(p||q).

    Raises TypeError for what is no list, ValueError where the lengths differ, and for a p that is negative or does not add up to 1.

    >>> f"{kl_divergence([0.5, 0.5], [1.0, 0.0]):.6f}", kl_divergence([0.5, 0.5], [0.5, 0.5])
    ('0.693147', 0.0)
    """
    if not hasattr(q, "__len__") or not hasattr(p, "__len__"):
        got = type(p if hasattr(q, "__len__") else q).__name__
        raise TypeError(f"kl_divergence expects two lists of probabilities, got {got}")
    shares, _, wrong = _shares(p, len(q), "kl_divergence")
    terms = [
        weighted(share, log(where(share, share, 1.0)) - log(there))
        for share, there in zip(shares, q, strict=True)
        if isinstance(share, Value) or share
    ]
    return total(terms) if wrong is None else total(terms) + wrong
