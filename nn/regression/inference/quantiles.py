"""The covariance of the coefficients of medians and quantiles, whose likelihood has a kink and no curvature.

The kernel's bandwidth takes the quantiles of all residuals at once.
"""

from __future__ import annotations

from math import floor, nan, sqrt

import numpy as np

from ..objective import Objective
from ..solvers.factors import EPS, triangular
from ..source import Array


def kinked(objective: Objective, theta: Array, n: float) -> Array:
    """Return Powell's (1991) covariance matrix: the density at the kink, by Epanechnikov's kernel and the bandwidth of Hall and
    Sheather (1988), stands for the curvature that the likelihood lacks. `n` is the number of rows that weights count.
    """
    from scipy.stats import norm

    curves, every = objective.curves, objective.everything()
    below, above = curves.family.slopes
    columns = objective.design.columns(every.X)
    eta = objective.design.predictors(theta, columns, every.offset)[0]
    mu, slope = (np.broadcast_to(f(eta), objective.n) for f in (curves.mean, curves.mean_slope))
    rest, w = every.y - mu, np.ones(objective.n) if every.weights is None else every.weights
    tau = below / (below + above)
    z = norm.ppf(tau)
    width = n ** (-1 / 3) * norm.ppf(0.975) ** (2 / 3) * (1.5 * norm.pdf(z) ** 2 / (2 * z**2 + 1)) ** (1 / 3)
    deviation = sqrt(float(np.cov(rest, aweights=w, ddof=0)))
    spread = min(deviation, (_quantile(rest, w, 0.75) - _quantile(rest, w, 0.25)) / 1.34)
    reach = spread * (norm.ppf(min(tau + width, 1 - 1e-9)) - norm.ppf(max(tau - width, 1e-9)))
    nothing = np.full((objective.p, objective.p), nan)
    if not reach:  # half of the rows lie on one plane, and nothing tells how close the others are
        return nothing
    u = rest / reach
    density = float(np.sum(w * np.where(np.abs(u) <= 1.0, 0.75 * (1.0 - u * u), 0.0))) / (n * reach)
    x = columns * slope[:, None]
    bread = triangular(np.linalg.qr(x * np.sqrt(w)[:, None], mode="r"))
    squares = np.where(rest > 0.0, below * below, above * above)
    on_plane = np.abs(rest) <= 1e-9 * spread + 8.0 * EPS * np.abs(every.y)  # but for rounding
    squares[on_plane] = below * above  # what the mean is anywhere
    inverse = bread.inverse / (density * (below + above)) if bread else nothing
    return inverse @ (x.T @ (x * (w * squares)[:, None])) @ inverse


def _quantile(x: Array, weights: Array, share: float) -> float:
    """The quantile of numbers that stand there as often as their weights say, between neighbours by straight lines."""
    order = np.argsort(x)
    reached = np.cumsum(weights[order])
    place = share * (reached[-1] - 1.0)
    low, high = (
        x[order][min(int(np.searchsorted(reached, k, side="right")), len(x) - 1)]
        for k in (floor(place), floor(place) + 1)
    )
    return float(low + (place - floor(place)) * (high - low))
