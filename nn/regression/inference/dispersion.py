"""The dispersion of a fit, and its likelihood at that dispersion."""

from __future__ import annotations

from functools import cached_property, partial
from math import inf, log, nan, sqrt
from typing import Any

import numpy as np

from autograd import grad

from ...links import Mean, identity
from ..curves import Curves
from ..likelihood import Likelihood, Totals
from ..objective import Objective
from ..solvers.factors import EPS
from ..solvers.steps import Solution
from ..source import LARGE, Array, Block
from .null import null_deviance
from .result import kinds_of


class Dispersion:
    """What follows from an objective and its best coefficients, but for their errors: deviance, dispersion, likelihood.

    Weights count as rows: a row of weight 2 is a row that stands there twice. `phi` is a dispersion that was fitted beside the
    coefficients; `size` says how many numbers were fitted, where these are not the coefficients.
    """

    def __init__(self, objective: Objective, solution: Solution, phi: float = nan, size: float | None = None) -> None:
        self.objective, self.theta, self.phi = objective, solution.theta, phi
        self.curves, self.family = objective.curves, objective.curves.family
        self.n = float(sum(objective.source.map(rows_counted)))
        unseen = objective.p if objective.K > 1 else 0  # softmax does not see what all classes share
        self.size: float = int(np.sum(self.theta != 0.0)) if objective.l1 else len(self.theta) - unseen
        self.size = self.size if size is None else size
        self.freedom = self.n - self.size

    @cached_property
    def totals(self) -> Totals:
        """The sums over rows, with every kind of information that is asked for, and Pearson's statistic."""
        kinds = () if self.family.has_kink else kinds_of(self.family)
        objective, theta = self.objective, self.theta
        if objective.l1:  # the columns that it left in tell the predictors, and no information is asked for
            kinds = kinds[:1]
            blocks = theta.reshape(objective.K, objective.p)[:, objective.design.intercept :]
            objective, places = objective.taken(np.flatnonzero(blocks.any(axis=0)))
            theta = theta[places]
        return objective.totals(theta, kinds if objective.responses.labels else (*kinds, "deviance"))

    @property
    def nll(self) -> float:
        """The sum of the weighted negative log-likelihoods, at the dispersion of the fit."""
        return self.totals.value - self.objective.penalty(self.theta)

    @cached_property
    def deviance(self) -> float:
        """The sum of the weighted unit deviances."""
        return 2.0 * self.nll if self.objective.responses.labels else float(self.totals.squares[3])

    @cached_property
    def null_deviance(self) -> float:
        """The deviance of the intercept and the offset alone; without an intercept, of the offset."""
        return null_deviance(self.objective, self.nll, self.deviance)

    @cached_property
    def is_perfect(self) -> bool:
        """Whether each mean is its observation, but for rounding."""
        if not self.family.has_dispersion:
            return False
        tolerance = 4.0 * EPS * sqrt(self.objective.n + self.objective.p)
        exact = partial(_exact, self.objective.likelihood, self.theta, self.objective.largest_offset, tolerance)
        return self.objective.source.every(exact)

    @cached_property
    def dispersion(self) -> float:
        """The dispersion phi: Pearson's statistic over the degrees of freedom, where the score tells the variance, else
        the one of the greatest likelihood; 1 where the family has none, 0 where the fit is perfect.
        """
        if not self.family.has_dispersion:
            return 1.0
        if self.is_perfect:
            return 0.0
        if not (self.family.scored_by_mean and self.family.scales):
            return self.best_phi
        return float(self.totals.squares[2]) / self.freedom if self.freedom > 0 else nan

    @cached_property
    def best_phi(self) -> float:
        """The dispersion of the greatest likelihood, given the coefficients (Brent's method on its logarithm); nan if there is
        none.
        """
        from scipy.optimize import brentq, minimize_scalar

        if self.phi == self.phi:
            return self.phi
        rough = self.deviance / self.n
        rough = rough if rough > 0.0 else 1.0
        if not np.isfinite(rough):  # of a fit that ran away
            return nan
        middle = log(rough)
        bounds = (middle - 40.0, middle + 40.0)
        found = minimize_scalar(lambda at: self.negative_loglik(float(np.exp(at))), bounds=bounds, method="bounded")
        near = [float(np.exp(found.x + step)) for step in (-0.01, 0.01)]
        if abs(found.x - middle) > 39.0 or not self.slope(near[0]) * self.slope(near[1]) < 0.0:
            return nan  # a likelihood without its normalizing constant has none
        return float(brentq(self.slope, *near, xtol=1e-300, rtol=1e-13))

    def negative_loglik(self, phi: float) -> float:
        """Return the sum of the weighted negative log-likelihoods at a dispersion."""
        if self.family.separable:  # what is left of it depends on the rows by their number alone
            rest = self.deviance / (2.0 * phi) + self.n * (self._saturated(phi) - self._saturated(1.0))
            return float(self._own + rest)
        return self.objective.summed(self.theta, partial(_nll, self.curves, phi))

    @cached_property
    def _own(self) -> float:
        """The negative log-likelihood of observations that are their own means, at phi = 1: the difference of two sums would lose digits."""
        return float(sum(self.objective.source.map(partial(own_likelihood, self.curves), LARGE)))

    def slope(self, phi: float) -> float:
        """Return the derivative of `negative_loglik`."""
        if self.family.separable:
            return float(-self.deviance / phi / (2.0 * phi) + self.n * grad(self._saturated)(phi))
        return self.objective.summed(self.theta, partial(_nll_slope, self.curves, phi))

    def _saturated(self, phi: Any) -> Any:
        """The negative log-likelihood of an observation that is its own mean, at a dispersion."""
        y = self.family.inside[0]
        return self.family.nll(y, Mean(y, identity), phi)

    @cached_property
    def loglik(self) -> float:
        """The log-likelihood, at the dispersion of the greatest likelihood; nan where the family's nll is not complete."""
        if not self.family.complete:
            return nan
        if self.is_perfect:
            return inf
        ways = float(sum(self.objective.source.map(log_ways)))
        return ways - (self.negative_loglik(self.best_phi) if self.family.has_dispersion else self.nll)


def rows_counted(block: Block) -> float:
    """Return how many rows a block counts for: the sum of weights, without the trials that are in them."""
    if block.weights is None:
        return block.size
    return float((block.weights if block.trials is None else block.weights / block.trials).sum())


def _exact(likelihood: Likelihood, theta: Array, offset: float, tolerance: float, block: Block) -> bool:
    """Whether some rows have their observations as means."""
    x, curves = likelihood.design.columns(block.X), likelihood.curves
    eta = likelihood.design.predictors(theta, x, block.offset)[0]
    reach = np.abs(x) @ np.abs(theta) + offset
    with np.errstate(all="ignore"):
        mu, slope = curves.mean(eta), np.abs(curves.mean_slope(eta))
        digits = np.maximum(np.maximum(np.abs(block.y), np.abs(mu)), slope * reach)
        return bool((np.abs(block.y - mu) <= tolerance * digits).all())


def own_likelihood(curves: Curves, block: Block) -> float:
    """Return the sum over some rows of the negative log-likelihoods of observations that are their own means, at phi = 1."""
    values = np.broadcast_to(curves.saturated(block.y), block.size)
    return float(values.sum() if block.weights is None else values @ block.weights)


def _nll(curves: Curves, phi: float, etas: Array, y: Any) -> Array:
    return curves.nll(etas, y, phi)


def _nll_slope(curves: Curves, phi: float, etas: Array, y: Any) -> Array:
    return curves.nll_slope(etas, y, phi)


def log_ways(block: Block) -> float:
    """Return, for counts of successes, the logarithm of the number of orders in which they may come; else 0."""
    if block.trials is None:
        return 0.0
    from scipy.special import gammaln

    m, k = block.trials, block.trials * block.y
    weights = 1.0 if block.weights is None else block.weights / m
    return float(np.sum(weights * (gammaln(m + 1.0) - gammaln(k + 1.0) - gammaln(m - k + 1.0))))
