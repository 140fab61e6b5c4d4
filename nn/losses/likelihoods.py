"""Losses that are the negative log-likelihoods of families of numbers."""

from __future__ import annotations

from math import inf
from reprlib import repr as short
from typing import Any

from autograd import Value

from ..families import Family, Gamma, Gaussian, Poisson
from ..links import identity
from .outputs import nan_if, one

Scalar = Value | float


def gaussian_nll(prediction: Any, target: Any, variance: float = 1.0) -> Any:
    """Return the negative log-likelihood of the normal distribution with this mean and variance: the family Gaussian.

    The prediction is the mean, or a list of mean and variance, where a model has two outputs.

    Raises ValueError for a target that is not finite.

    >>> f"{gaussian_nll(1.0, 1.0):.6f} {gaussian_nll([1.0, 4.0], 3.0):.6f}"
    '0.918939 2.112086'
    """
    if hasattr(prediction, "__len__"):
        if len(prediction) != 2:
            raise ValueError(f"gaussian_nll expects a mean, or a mean and a variance, got a list of {len(prediction)}")
        prediction, variance = prediction
    return _likelihood(Gaussian, prediction, target, variance, "gaussian_nll", closed=False)


def poisson_nll(mean: Scalar, target: Scalar) -> Any:
    """Return the negative log-likelihood of the Poisson distribution with this mean: the family Poisson.

    PyTorch's takes the log of the mean by default, and its `full=True` Stirling's formula for log(target!); this is exact.

    Raises ValueError for a target below 0.

    >>> f"{poisson_nll(2.0, 3):.6f}"
    '1.712318'
    """
    return _likelihood(Poisson, one(mean, "poisson_nll", "mean"), target, 1.0, "poisson_nll", closed=True)


def gamma_nll(mean: Scalar, target: Scalar, dispersion: float = 1.0) -> Any:
    """Return the negative log-likelihood of the gamma distribution with this mean, and the variance dispersion * mean**2: the
    family Gamma.

    Raises ValueError for a target that is not above 0.

    >>> f"{gamma_nll(2.0, 3.0):.6f}"
    '2.193147'
    """
    return _likelihood(Gamma, one(mean, "gamma_nll", "mean"), target, dispersion, "gamma_nll", closed=False)


def _likelihood(family: Family, mean: Any, target: Any, phi: Any, who: str, closed: bool) -> Any:
    """The negative log-likelihood of a family, by the mean itself; the support may be `closed` at its low end."""
    low = family.support[0]
    if isinstance(target, Value):
        outside = target < low if closed else target <= low
        return family.loss(target, mean, identity, phi) + nan_if(outside)
    if not hasattr(target, "__float__"):
        raise TypeError(f"{who} expects a number as its target, got {type(target).__name__}")
    if float(target) not in family.support and not (closed and target == low):
        from_up = f"target from {low:g} up" if closed else f"target above {low:g}"
        raise ValueError(f"{who} expects a {'finite target' if low == -inf else from_up}, got {short(target)}")
    return family.loss(float(target), mean, identity, phi)
