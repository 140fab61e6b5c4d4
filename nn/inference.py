"""What can be said of a fit: deviance, dispersion, likelihood, standard errors. All is computed at its end, and then stands."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from math import floor, inf, log, nan, sqrt
from typing import Any

import numpy as np
from scipy.linalg import null_space

from autograd import grad

from .edges import EPS
from .families import Family
from .likelihood import BLOCK, Array, Curves, Rows, Totals
from .links import Mean, identity
from .solvers import factored, limit_of, solve, starts, triangular, within
from .steps import Solution, cholesky, identified

KINDS = ("expected", "observed", "robust")


@dataclass(frozen=True)
class Fit:
    """What a fit leaves behind: numbers, and nothing of the rows.

    `inner` has by kind the covariance matrix of the coefficients, columns taken from about their means, `shift`. Of what runs to
    infinity it has nothing: these are the directions `endless`, (K p, k), of the same coefficients, times `scale`.
    """

    curves: Curves
    names: list[str]
    intercept: bool
    n: float
    size: int
    ridge: float
    l1: float
    shift: Array | None
    moves: Array
    deviance: float
    null_deviance: float
    dispersion: float
    loglik: float
    inner: dict[str, Array]
    endless: Array
    scale: Array
    separated: Array
    standing: Array

    @property
    def family(self) -> Family:
        """The family."""
        return self.curves.family

    @property
    def K(self) -> int:
        """The number of linear predictors."""
        return self.curves.count

    @property
    def freedom(self) -> float:
        """The degrees of freedom that are left: rows less coefficients."""
        return self.n - self.size

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

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of standard errors that there are, the usual one first."""
        return kinds_of(self.family)

    def covariance(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients, of the columns as they are: infinite variances, and no covariances,
        for those that run to infinity.
        """
        with np.errstate(invalid="ignore"):
            found: Array = self.moves @ self.inner[kind] @ self.moves.T
        found[self.separated] = found[:, self.separated] = nan
        found[self.separated, self.separated] = inf
        return found

    def standard_errors(self, kind: str) -> Array:
        """Return the roots of the covariance's diagonal."""
        return np.sqrt(np.maximum(np.diag(self.covariance(kind)), 0.0))  # 0 on an edge, but for rounding

    def widths(self, matrix: Array, kind: str) -> Array:
        """Return the standard error of the linear predictor of each row."""
        ones = matrix if self.shift is None else np.c_[np.ones(len(matrix)), matrix - self.shift]
        with np.errstate(invalid="ignore"):
            found = np.sqrt(np.einsum("ij,jk,ik->i", ones, self.inner[kind], ones))
        return np.where(runs(ones, self.endless, self.scale), inf, found)

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
        if not self.dispersion:
            return np.repeat(np.asarray(self.curves.mean(eta))[:, None], 2, axis=1)
        known = width < inf
        if not known.all():  # where the mean runs to an end, any observation may come
            whole = np.tile(np.array(self.family.support), (len(eta), 1))
            whole[known] = self.observed_interval(eta[known], width[known], half)
            return whole
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


def runs(combinations: Array, endless: Array, scale: Array) -> Array:
    """Return which combinations of coefficients, in rows, run to infinity with the directions `endless`."""
    scaled = combinations / scale
    found: Array = np.linalg.norm(scaled @ endless, axis=1) > 1e-8 * np.linalg.norm(scaled, axis=1)
    return found


def kinds_of(family: Family) -> tuple[str, ...]:
    """Return the kinds of standard errors that a family has, the usual one first."""
    if family.has_kink:
        return ("robust",)
    return KINDS if family.scored_by_mean else KINDS[1:]


class Inference:
    """What follows from rows and their best coefficients, of the shifted columns.

    Weights count as rows: a row of weight 2 is a row that stands there twice. `phi` is a dispersion that was fitted beside the
    coefficients.
    """

    def __init__(self, rows: Rows, solution: Solution, phi: float = nan) -> None:
        self.rows, self.solution, self.theta, self.phi = rows, solution, solution.theta, phi
        self.family, self.curves = rows.curves.family, rows.curves
        weights = rows.weights if rows.trials is None or rows.weights is None else rows.weights / rows.trials
        self.n = float(rows.n if weights is None else weights.sum())
        unseen = rows.p if rows.K > 1 else 0  # softmax does not see what all classes share
        self.size = int(np.sum(self.theta != 0.0)) if rows.l1 else len(self.theta) - unseen
        self.freedom = self.n - self.size

    def fit(self, who: str) -> Fit:
        """Return all of it; a dispersion that is 0, or that no rows are left for, is warned of."""
        rows, found = self.rows, self.solution.separation
        told = found is not None or not rows.l1  # of an l1 penalty nobody asks for covariances, and columns may be many
        moves = rows.moves if told else np.zeros((0, 0))
        endless = np.zeros((len(moves), 0)) if found is None else found.unseen
        scale = np.ones(len(moves)) if found is None else found.sizes
        separated = np.zeros(len(self.theta), dtype=bool)
        if told:
            separated = runs(moves if rows.K == 1 else self._kept @ moves, endless, scale)
        self._warn(who)
        inner = {} if rows.l1 else {kind: self.inner(kind) for kind in kinds_of(self.family)}
        standing = np.zeros(0, dtype=int) if self.solution.standing is None else self.solution.standing
        for part in (*inner.values(), endless, separated, standing):
            part.setflags(write=False)
        return Fit(
            self.curves, rows.names, bool(rows.intercept), self.n, self.size, rows.ridge, rows.l1, rows.shift, moves,
            self.deviance, self.null_deviance, self.dispersion, self.loglik, inner, endless, scale, separated, standing,
        )  # fmt: skip

    def _warn(self, who: str) -> None:
        if not self.family.has_dispersion:
            return
        said = ""
        if self.is_perfect:
            said = "each mean is its observation, but for rounding: the dispersion is 0, the likelihood infinite"
        elif self.freedom <= 0.0 and self.family.scales and self.family.scored_by_mean:
            said = f"the weights of the rows add up to {self.n:g}, for {self.size} coefficients: there is no dispersion, and no standard errors"
        if said:
            warnings.warn(f"{who}: {said}", UserWarning, stacklevel=4)

    # Sums over rows

    @cached_property
    def etas(self) -> Array:
        """The linear predictors, (K, n)."""
        return self.rows.eta(self.theta)

    def _total(self, values: Array) -> float:
        return float(values.sum() if self.rows.weights is None else values @ self.rows.weights)

    @cached_property
    def deviance(self) -> float:
        """The sum of the weighted unit deviances."""
        return 2.0 * self.nll if self.rows.has_labels else float(self.totals.squares[3])

    @property
    def nll(self) -> float:
        """The sum of the weighted negative log-likelihoods, at the dispersion of the fit."""
        return self.totals.value - self.rows.penalty(self.theta)

    @cached_property
    def null_deviance(self) -> float:
        """The deviance of the intercept and the offset alone; without an intercept, of the offset."""
        return null_deviance(self.rows, self.nll, self.deviance)

    @cached_property
    def is_perfect(self) -> bool:
        """Whether each mean is its observation, but for rounding."""
        if not self.family.has_dispersion:
            return False
        return all(self._exact(low, min(low + BLOCK, self.rows.n)) for low in range(0, self.rows.n, BLOCK))

    def _exact(self, low: int, high: int) -> bool:
        """Whether some rows have their observations as means."""
        rows, places = self.rows, slice(low, high)
        x, y = rows.matrix(low, high), rows.y[places]
        eta = rows.predictors(self.theta, x, places)[0]
        reach = np.abs(x) @ np.abs(self.theta) + rows.largest_offset
        with np.errstate(all="ignore"):
            mu, slope = self.curves.mean(eta), np.abs(self.curves.mean_slope(eta))
            digits = np.maximum(np.maximum(np.abs(y), np.abs(mu)), slope * reach)
            return bool((np.abs(y - mu) <= 4.0 * EPS * sqrt(rows.n + rows.p) * digits).all())

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
    def totals(self) -> Totals:
        """The sums over rows, with every kind of information that is asked for, and Pearson's statistic."""
        kinds = () if self.family.has_kink else kinds_of(self.family)
        rows, theta = self.rows, self.theta
        if rows.l1:  # the columns that it left in tell the predictors, and no information is asked for
            kinds, blocks = kinds[:1], theta.reshape(rows.K, rows.p)[:, rows.intercept :]
            rows, places = rows.taken(np.flatnonzero(blocks.any(axis=0)))
            theta = theta[places]
        return rows.totals(theta, kinds if rows.has_labels else (*kinds, "deviance"))

    @cached_property
    def limit(self) -> Rows:
        """The rows that count: without those told apart, or on an edge."""
        return limit_of(self.rows, self.solution.separation, self.solution.standing)

    @cached_property
    def sums(self) -> Totals:
        """The sums over the rows that count."""
        return self.totals if self.limit is self.rows else self.limit.totals(self.theta, kinds_of(self.family))

    @cached_property
    def best_phi(self) -> float:
        """The dispersion of the greatest likelihood, given the coefficients (Brent's method on its logarithm); nan if there is
        none.
        """
        from scipy.optimize import brentq, minimize_scalar

        if self.phi == self.phi:
            return self.phi
        if not np.isfinite(self._rough):  # of a fit that ran away
            return nan
        middle = log(self._rough)
        found = minimize_scalar(
            lambda at: self.negative_loglik(float(np.exp(at))), bounds=(middle - 40.0, middle + 40.0), method="bounded"
        )
        near = [float(np.exp(found.x + step)) for step in (-0.01, 0.01)]
        if abs(found.x - middle) > 39.0 or not self.dispersion_score(near[0]) * self.dispersion_score(near[1]) < 0.0:
            return nan  # a likelihood without its normalizing constant has none
        return float(brentq(self.dispersion_score, *near, xtol=1e-300, rtol=1e-13))

    @property
    def _rough(self) -> float:
        rough = self.deviance / self.n
        return rough if rough > 0.0 else 1.0

    def negative_loglik(self, phi: float) -> float:
        """Return the sum of the weighted negative log-likelihoods at a dispersion."""
        if self.family.separable:  # what is left of it depends on the rows by their number alone
            own = self.deviance / (2.0 * phi) + self.n * (self.own_nll(phi) - self.own_nll(1.0))
            return float(self.nll - 0.5 * self.deviance + own)
        found = self.curves.nll(list(self.etas), self.rows.responses(0, self.rows.n), phi)
        return self._total(np.broadcast_to(found, self.rows.n))

    def dispersion_score(self, phi: float) -> float:
        """Return the derivative of `negative_loglik`."""
        if self.family.separable:
            return float(-self.deviance / (2.0 * phi * phi) + self.n * grad(self.own_nll)(phi))
        found = self.curves.nll_slope(list(self.etas), self.rows.responses(0, self.rows.n), phi)
        return self._total(np.broadcast_to(found, self.rows.n))

    def own_nll(self, phi: Any) -> Any:
        """Return the negative log-likelihood of an observation that is its own mean, at a dispersion."""
        y = self.family.inside[0]
        return self.family.nll(y, Mean(y, identity), phi)

    @cached_property
    def loglik(self) -> float:
        """The log-likelihood, at the dispersion of the greatest likelihood; nan where the family's nll is not complete."""
        if not self.family.complete:
            return nan
        if self.is_perfect:
            return inf
        if not self.family.has_dispersion:
            return self.log_ways - self.nll
        return self.log_ways - self.negative_loglik(self.best_phi)

    @property
    def log_ways(self) -> float:
        """For counts of successes, the logarithm of the number of orders in which they may come."""
        if self.rows.trials is None:
            return 0.0
        from scipy.special import gammaln

        m, k = self.rows.trials, self.rows.trials * self.rows.y
        weights = 1.0 if self.rows.weights is None else self.rows.weights / m
        return float(np.sum(weights * (gammaln(m + 1.0) - gammaln(k + 1.0) - gammaln(m - k + 1.0))))

    # Standard errors

    def inner(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients of the shifted columns."""
        if self.is_perfect or not len(self.theta):
            return np.zeros((len(self.theta), len(self.theta)))
        if kind == "robust":
            found = self._kinked() if self.family.has_kink else self._sandwich()
        else:
            found = self._inverse(kind) * (self.dispersion if self.family.scales else 1.0)
        return found

    @cached_property
    def seen(self) -> Array | None:
        """The directions, in columns, in which the coefficients may move: none that runs to infinity, none across an edge;
        None where all may.
        """
        found, standing = self.solution.separation, self.solution.standing
        if self.limit is self.rows:
            return None
        held = [] if found is None else [found.unseen.T]
        sizes = self.rows.sizes
        if standing is not None:
            held.append(self.rows.picked(standing) / sizes)
        basis: Array = null_space(np.vstack(held), rcond=1e-10)
        return basis / sizes[:, None]

    def _inverse(self, kind: str) -> Array:
        """The inverse of the information, by way of X'WX where that keeps the digits; nan where there is none."""
        matrix, seen = self.sums.matrices[kind], self.seen
        if seen is not None:
            if not seen.shape[1]:
                return np.zeros_like(matrix)
            factor = within(self.limit, self.theta, kind, matrix, seen)
            inverse = factor.inverse if factor else np.full(2 * seen.shape[1:], nan)
            return self._projected(seen @ inverse @ seen.T)
        matrix = identified(self.rows, matrix)
        factor = cholesky(matrix) or factored(self.rows, self.theta, kind, matrix)[0]
        return self._projected(factor.inverse) if factor else np.full_like(matrix, nan)

    @property
    def _kept(self) -> Array:
        """What takes from each coefficient its mean over the classes."""
        K = self.rows.K
        return np.kron(np.eye(K) - 1.0 / K, np.eye(self.rows.p))

    def _projected(self, matrix: Array) -> Array:
        """Of classes, without what they share: the mean of each coefficient over them."""
        return matrix if self.rows.K == 1 else self._kept @ matrix @ self._kept

    def _sandwich(self) -> Array:
        """Huber's and White's: right also where the variance is not the family's."""
        bread = self._inverse("observed")
        return bread @ self.sums.matrices["robust"] @ bread

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
        if not reach:  # half of the rows lie on one plane, and nothing tells how close the others are
            return np.full((rows.p, rows.p), nan)
        u = rest / reach
        density = float(np.sum(w * np.where(np.abs(u) <= 1.0, 0.75 * (1.0 - u * u), 0.0))) / (self.n * reach)
        x = np.concatenate([x * slope[a:b, None] for a, b, x in rows.blocks()])
        bread = triangular(np.linalg.qr(x * np.sqrt(w)[:, None], mode="r"))
        squares = np.where(rest > 0.0, below * below, above * above)
        on_plane = np.abs(rest) <= 1e-9 * spread + 8.0 * EPS * np.abs(rows.y)  # but for rounding
        squares[on_plane] = below * above  # what the mean is anywhere
        inverse = bread.inverse / (density * (below + above)) if bread else np.full((rows.p, rows.p), nan)
        return inverse @ (x.T @ (x * (w * squares)[:, None])) @ inverse


def null_deviance(rows: Rows, nll: float = nan, deviance: float = nan) -> float:
    """Return the deviance of a model of the intercept and the offset alone; without an intercept, of the offset.

    Of a family that is scored by its mean, the intercept without an offset is the link of the mean. Where another model's
    likelihood and deviance are known, they differ by the same, if that keeps the digits.
    """
    bare = Rows(
        rows.X[:, :0], rows.y, rows.curves, rows.weights, rows.offset, bool(rows.intercept), threads=rows.threads
    )
    family, (low, high) = rows.curves.family, rows.curves.link.range
    y = bare.mean
    closed = rows.intercept and rows.offset is None and family.scored_by_mean and (rows.K > 1 or low < y < high)
    theta = next(starts(bare, margin=0.0)) if closed else solve(bare).theta
    value = bare.value(theta)
    if bare.has_labels:  # whose own likelihood is 1
        return 2.0 * value
    found = deviance + 2.0 * (value - nll)
    return found if found > 1e-3 * (abs(value) + abs(nll)) else bare.deviance(theta)


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
