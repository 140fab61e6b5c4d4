"""What can be said of a fit: deviance, dispersion, likelihood, standard errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import floor, log, nan, sqrt
from typing import Any

import numpy as np

from autograd import compile, grad

from .families import Family
from .likelihood import Array, Curves, Rows, Totals
from .solvers import EPS, cholesky, factored, identified, solve, triangular

KINDS = ("expected", "observed", "robust")


class Inference:
    """What follows from rows and their best coefficients `theta`, of the shifted columns.

    Weights count as rows: a row of weight 2 is a row that stands there twice.
    """

    def __init__(self, rows: Rows, theta: Array, phi: float = nan) -> None:
        self.rows, self.theta, self.phi = rows, theta, phi
        self.ridge, self.l1 = rows.ridge, rows.l1
        self.family: Family = rows.curves.family
        self.curves: Curves = rows.curves
        self.K, self.names, self.intercept = rows.K, rows.names, bool(rows.intercept)
        weights = rows.weights if rows.trials is None or rows.weights is None else rows.weights / rows.trials
        self.n = float(rows.n if weights is None else weights.sum())
        unseen = rows.p if rows.K > 1 else 0  # softmax does not see what all classes share
        self.size = int(np.sum(theta != 0.0)) if rows.l1 else len(theta) - unseen
        self.shift, self._moves = rows.shift, rows.moves
        self._inner: dict[str, Array] = {}
        self._programs: dict[str, Any] = {}
        self._sums = self._sample()

    def __getstate__(self) -> dict[str, Any]:
        """Pickled with its numbers and without the rows."""
        if self.rows is not None:
            for name in ("deviance", "null_deviance", "dispersion", "loglik"):
                getattr(self, name)
            for kind in () if self.l1 else self.kinds:
                self.inner(kind)
        return {
            **{k: v for k, v in self.__dict__.items() if k not in ("etas", "unit_deviances")},
            "rows": None,
            "_programs": {},
        }

    def _sample(self) -> list[float]:
        """Sums of some of the rows, which change where the arrays of the fit do."""
        rows = self.rows
        parts = (rows.X, rows.y, rows.weights, rows.offset)
        return [float(np.sum(part[:: max(1, rows.n // 4096)])) for part in parts if part is not None]

    def check_rows(self) -> None:
        """Raise ValueError if the arrays of the fit have changed since: the answer would mix two data sets."""
        if self._sample() != self._sums:
            raise ValueError("the arrays that GLM.fit() was given have changed since: fit again, or give it copies")

    # Sums over rows

    @cached_property
    def etas(self) -> Array:
        """The linear predictors, (K, n)."""
        self.check_rows()
        return self.rows.eta(self.theta)

    @cached_property
    def unit_deviances(self) -> Array:
        """The unit deviance of each row."""
        found = self.curves.deviance(list(self.etas), self.rows.responses(0, self.rows.n))
        return np.maximum(np.broadcast_to(found, self.rows.n), 0.0)

    def _total(self, values: Array) -> float:
        return float(values.sum() if self.rows.weights is None else values @ self.rows.weights)

    @cached_property
    def deviance(self) -> float:
        """The sum of the weighted unit deviances."""
        return self._total(self.unit_deviances)

    @cached_property
    def null_deviance(self) -> float:
        """The deviance of the intercept and the offset alone; without an intercept, of the offset."""
        self.check_rows()
        rows = self.rows
        bare = Rows(rows.X[:, :0], rows.y, rows.curves, rows.weights, rows.offset, bool(rows.intercept))
        return Inference(bare, solve(bare).theta).deviance

    @cached_property
    def dispersion(self) -> float:
        """The dispersion phi: Pearson's statistic over the degrees of freedom, where the score tells the variance, else
        the one of the greatest likelihood; 1 where the family has none.
        """
        if not self.family.has_dispersion:
            return 1.0
        if not (self.family.scored_by_mean and self.family.scales):
            return self.best_phi
        return float(self.expected.squares[2]) / self.freedom if self.freedom > 0 else nan

    @property
    def freedom(self) -> float:
        """The degrees of freedom that are left: rows less coefficients."""
        return self.n - self.size

    @cached_property
    def expected(self) -> Totals:
        """The sums over rows, with Fisher's information and Pearson's statistic."""
        self.check_rows()
        return self.rows.totals(self.theta, ("expected",))

    @cached_property
    def best_phi(self) -> float:
        """The dispersion of the greatest likelihood, given the coefficients (Brent's method on its logarithm); nan if there is
        none.
        """
        from scipy.optimize import brentq, minimize_scalar

        if self.phi == self.phi:
            return self.phi
        middle = log(self._rough)
        found = minimize_scalar(
            lambda at: self.negative_loglik(float(np.exp(at))), bounds=(middle - 40.0, middle + 40.0), method="bounded"
        )
        near = [float(np.exp(found.x + step)) for step in (-0.01, 0.01)]
        if abs(found.x - middle) > 39.0 or self.dispersion_score(near[0]) * self.dispersion_score(near[1]) >= 0.0:
            return nan  # a likelihood without its normalizing constant has none
        return float(brentq(self.dispersion_score, *near, xtol=1e-300, rtol=1e-13))

    @property
    def _rough(self) -> float:
        rough = self.deviance / self.n
        return rough if rough > 0.0 else 1.0

    def negative_loglik(self, phi: float) -> float:
        """Return the sum of the weighted negative log-likelihoods at a dispersion."""
        return self._over_rows("nll", compile, phi)

    def dispersion_score(self, phi: float) -> float:
        """Return the derivative of `negative_loglik`."""
        return self._over_rows("score", lambda f, rows: compile(grad(f), rows), phi)

    def _over_rows(self, name: str, made: Callable[..., Any], phi: float) -> float:
        rows, curves = self.rows, self.curves
        if name not in self._programs:

            def loss(phi: Any, etas: Any, y: Any) -> Any:
                return Curves(curves.family, curves.link, rows.K, phi).loss(etas, y)

            self._programs[name] = made(loss, (1, 2))
        return self._total(
            np.broadcast_to(self._programs[name](phi, list(self.etas), rows.responses(0, rows.n)), rows.n)
        )

    @cached_property
    def loglik(self) -> float:
        """The log-likelihood, at the dispersion of the greatest likelihood; nan where the family's nll is not complete."""
        if not self.family.complete:
            return nan
        phi = self.best_phi if self.family.has_dispersion else 1.0
        return self.log_ways - self.negative_loglik(phi)

    @property
    def log_ways(self) -> float:
        """For counts of successes, the logarithm of the number of orders in which they may come."""
        if self.rows.trials is None:
            return 0.0
        from scipy.special import gammaln

        m, k = self.rows.trials, self.rows.trials * self.rows.y
        weights = 1.0 if self.rows.weights is None else self.rows.weights / m
        return float(np.sum(weights * (gammaln(m + 1.0) - gammaln(k + 1.0) - gammaln(m - k + 1.0))))

    @property
    def parameters(self) -> int:
        """The number of what has been estimated, a dispersion included."""
        return self.size + self.family.has_dispersion

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * self.parameters - 2.0 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return log(self.n) * self.parameters - 2.0 * self.loglik

    # Standard errors

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of standard errors that there are, the usual one first."""
        if self.family.has_kink:
            return ("robust",)
        return KINDS if self.family.scored_by_mean else KINDS[1:]

    def inner(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients of the shifted columns."""
        if kind not in self._inner:
            self.check_rows()
            if kind == "robust":
                self._inner[kind] = self._kinked() if self.family.has_kink else self._sandwich()
            else:
                self._inner[kind] = self._inverse(kind) * (self.dispersion if self.family.scales else 1.0)
        return self._inner[kind]

    def covariance(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients, of the columns as they are."""
        return self._moves @ self.inner(kind) @ self._moves.T

    def widths(self, matrix: Array, kind: str) -> Array:
        """Return the standard error of the linear predictor of each row."""
        ones = matrix if self.shift is None else np.c_[np.ones(len(matrix)), matrix - self.shift]
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.einsum("ij,jk,ik->i", ones, self.inner(kind), ones))

    def _inverse(self, kind: str) -> Array:
        """The inverse of the information, by way of X'WX where that keeps the digits; nan where there is none, as after a
        separation, of which the fit has told.
        """
        rows = self.rows
        totals = self.expected if kind == "expected" else rows.totals(self.theta, (kind,))
        matrix = identified(rows, totals.matrices[kind])
        factor = cholesky(matrix) or factored(rows, self.theta, kind, matrix)[0]
        return self._projected(factor.inverse) if factor else np.full_like(matrix, nan)

    def _projected(self, matrix: Array) -> Array:
        """Of classes, without what they share: the mean of each coefficient over them."""
        K = self.rows.K
        if K == 1:
            return matrix
        keep = np.kron(np.eye(K) - 1.0 / K, np.eye(self.rows.p))
        return keep @ matrix @ keep

    def _sandwich(self) -> Array:
        """Huber's and White's: right also where the variance is not the family's."""
        bread = self._inverse("observed")
        return bread @ self.rows.totals(self.theta, ("robust",)).matrices["robust"] @ bread

    def _kinked(self) -> Array:
        """Powell's (1991) for medians and quantiles: the density at the kink, by Epanechnikov's kernel and the bandwidth of
        Hall and Sheather (1988), stands for the curvature that the likelihood lacks.
        """
        from scipy.stats import norm

        rows = self.rows
        below, above = self.family.slopes
        mu = np.broadcast_to(self.curves.mean(self.etas[0]), rows.n)
        slope = np.broadcast_to(self.curves.mean_slope(self.etas[0]), rows.n)
        rest, w = rows.y - mu, np.ones(rows.n) if rows.weights is None else rows.weights
        tau = below / (below + above)
        z = norm.ppf(tau)
        width = self.n ** (-1 / 3) * norm.ppf(0.975) ** (2 / 3) * (1.5 * norm.pdf(z) ** 2 / (2 * z**2 + 1)) ** (1 / 3)
        deviation = sqrt(float(np.cov(rest, aweights=w, ddof=0)))
        spread = min(deviation, (_quantile(rest, w, 0.75) - _quantile(rest, w, 0.25)) / 1.34)
        reach = spread * (norm.ppf(min(tau + width, 1 - 1e-9)) - norm.ppf(max(tau - width, 1e-9)))
        u = rest / reach
        density = float(np.sum(w * np.where(np.abs(u) <= 1.0, 0.75 * (1.0 - u * u), 0.0))) / (self.n * reach)
        x = np.concatenate([x * slope[a:b, None] for a, b, x in rows.blocks()])
        bread = triangular(np.linalg.qr(x * np.sqrt(w)[:, None], mode="r"))
        squares = np.where(rest > 0.0, below * below, above * above)
        on_plane = np.abs(rest) <= 1e-9 * spread + 8.0 * EPS * np.abs(rows.y)  # but for rounding
        squares[on_plane] = below * above  # what the mean is anywhere
        inverse = bread.inverse / (density * (below + above)) if bread else np.full((rows.p, rows.p), nan)
        return inverse @ (x.T @ (x * (w * squares)[:, None])) @ inverse

    def standard_errors(self, kind: str) -> Array:
        """Return the roots of the covariance's diagonal."""
        with np.errstate(invalid="ignore"):  # after a separation there may be none
            return np.sqrt(np.diag(self.covariance(kind)))

    def quantile(self, level: float, who: str) -> float:
        """Return the half width of an interval in standard errors: Student's where a dispersion is estimated.

        Raises ValueError for a level outside (0, 1).
        """
        if not 0.0 < level < 1.0:
            raise ValueError(f"{who} expects a level between 0 and 1, got {level!r}")
        return float(self.distribution.ppf(0.5 + 0.5 * level))

    @property
    def distribution(self) -> Any:
        """The distribution of an estimate over its standard error."""
        from scipy.stats import norm, t

        return t(self.freedom) if self.student else norm()

    @property
    def student(self) -> bool:
        """Whether a dispersion has been estimated from the rows, so that ratios follow Student's distribution."""
        return self.family.has_dispersion and self.family.scales and self.family.scored_by_mean

    def observed_interval(self, eta: Array, width: Array, half: float) -> Array:
        """Return the interval of a new observation, given its predictor with a standard error, and the half width wanted."""
        from scipy import stats

        if self.family.distribution is None:
            raise ValueError(f"GLM.predict_interval() has no distribution for {self.family!r}: take of='mean'")
        nodes, weights = np.polynomial.hermite_e.hermegauss(32)
        weights = weights / weights.sum()
        grid = eta[:, None] + width[:, None] * nodes
        means = np.asarray(self.curves.mean(grid.ravel())).reshape(grid.shape)
        means = np.clip(means, *np.nextafter(self.family.support, self.family.support[::-1]))
        made = self.family.distribution(stats, means, self.dispersion)
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
