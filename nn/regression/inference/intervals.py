"""Intervals: for a coefficient or a mean by its standard error, for a new observation by the family's distribution."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from ..source import Array
from .result import Fit


def reference(fit: Fit) -> Any:
    """Return the distribution of an estimate over its standard error."""
    from scipy.stats import norm, t

    return t(fit.freedom) if fit.student else norm()


def quantile(fit: Fit, level: float, who: str) -> float:
    """Return the half width of an interval in standard errors: Student's where a dispersion is estimated.

    Raises ValueError for a level outside (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"{who} expects a level between 0 and 1, got {level!r}")
    return float(reference(fit).ppf(0.5 + 0.5 * level))


def observed_interval(fit: Fit, eta: Array, width: Array, half: float) -> Array:
    """Return the interval of a new observation, given its predictor with a standard error, and the half width wanted."""
    from scipy import stats

    if fit.family.distribution is None:
        raise ValueError(f"GLM.predict_interval() has no distribution for {fit.family!r}: take of='mean'")
    if not fit.dispersion:
        return np.repeat(np.asarray(fit.curves.mean(eta))[:, None], 2, axis=1)
    known = width < inf
    if not known.all():  # where the mean runs to an end, any observation may come
        whole = np.tile(np.array(fit.family.support), (len(eta), 1))
        whole[known] = observed_interval(fit, eta[known], width[known], half)
        return whole
    nodes, weights = np.polynomial.hermite_e.hermegauss(32)
    weights = weights / weights.sum()
    grid = eta[:, None] + width[:, None] * nodes
    means = np.asarray(fit.curves.mean(grid.ravel())).reshape(grid.shape)
    means = np.clip(means, *np.nextafter(fit.family.support, fit.family.support[::-1]))
    made = fit.family.distribution(stats, means, fit.dispersion)
    counts = hasattr(made, "pmf")
    ends = []
    for sign in (-1.0, 1.0):
        level = stats.norm.cdf(sign * half)
        each = made.ppf(level)
        each = np.where(
            np.isfinite(each), each, made.mean() + sign * half * made.std()
        )  # of huge counts SciPy has none
        low, high = each.min(axis=1), each.max(axis=1)
        low, high = low - (1.0 if counts else 0.0), high + 1e-12 * np.abs(high)
        while (high - low > np.maximum(0.5 if counts else 1e-300, 1e-12 * np.abs(high))).any():
            middle = 0.5 * (low + high)
            below = made.cdf(middle[:, None]) @ weights < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append(np.floor(high) + 0.0 if counts else high)
    return np.where(np.isfinite(eta), np.array(ends), nan).T
