"""The likelihood of one observation as a function of its linear predictors: what one row adds to every sum.

Written once, for one row; compiled, it runs over blocks of rows, or within a program that sums them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from autograd import Interval, compile, errstate, grad, hessian, jvp, maximum, value_and_grad, where

from ..families import Family
from ..links import REAL, Link

Array = Any


class Contribution(NamedTuple):
    """What a row adds, times its weight: the negative log-likelihood, its first derivatives by the K predictors, and second ones
    by kind, the lower triangle in rows.

    Of `kinds`, "observed" is the second derivative, "expected" Fisher's information, "robust" the square of the first. `squares`
    has of the first predictor the observed information, the squared score, this over the expected information (Pearson's
    statistic), and the unit deviance; 0 where a kind, or "deviance", was not asked for.
    """

    value: Any
    first: list[Any]
    second: dict[str, list[Any]]
    squares: list[Any]


class Curves:
    """The negative log-likelihood of one observation as a function of its linear predictors, and its derivatives.

    Where the mean leaves the family's support, or a predictor the link's domain, the likelihood is infinite. The dispersion
    `phi` is 1 where it only scales the score, and else an input of what is compiled.
    """

    def __init__(self, family: Family, link: Link, count: int, phi: float = 1.0) -> None:
        self.family, self.link, self.count, self.phi = family, link, count, phi
        self.pairs = [(i, j) for i in range(count) for j in range(i + 1)]
        self.peaks = family.peaks_at_y  # asked here, as nothing can be asked in a trace
        self._compiled: dict[Any, Any] = {}

    def __reduce__(self) -> Any:
        """Pickled without what has been compiled."""
        return Curves, (self.family, self.link, self.count, self.phi)

    def at_dispersion(self, phi: float) -> Curves:
        """Return the same curves at another dispersion; what has been compiled serves both."""
        curves = Curves(self.family, self.link, self.count, phi)
        curves._compiled = self._compiled
        return curves

    def compiled(self, key: Any, f: Callable[[], Callable[..., Any]], *args: Any, **how: Any) -> Any:
        """Return what a function, made and compiled at the first call, answers; its first argument is the dispersion."""

        def made() -> Callable[..., Any]:
            inner, fixed = f(), self.family.scales
            return compile(lambda phi, *given: inner(1.0 if fixed else phi, *given), **how)

        return self._once(key, made)(self.phi, *args)

    def _once(self, key: Any, made: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """What has been compiled under a key, for every dispersion."""
        if key not in self._compiled:
            self._compiled[key] = made()
        return self._compiled[key]  # type: ignore[no-any-return]

    def loss(self, etas: Sequence[Any], y: Any, phi: Any = 1.0) -> Any:
        """Return the negative log-likelihood of one observation."""
        eta = self._given(etas)
        mu = self.link.mean(eta)
        value = self.family.nll(y, mu, phi)
        if self.link.domain != REAL:
            value = _inside(eta, self.link.domain, value)
        if not self.family.support.covers(self.link.range):
            value = _inside(mu.value, self.family.support, value)
        return value

    def expected(self, etas: Sequence[Any], phi: Any = 1.0) -> Any:
        """Return the Fisher information of one observation: the second derivative with the mean in the place of y."""
        return hessian(self.loss)(etas, self.link.inverse(self._given(etas)), phi)

    @cached_property
    def edges(self) -> Interval:
        """The interval of predictors whose means the family can have: finite ends are edges, where a row may come to stand."""
        low, high = self.link.domain
        if self.link.several or self.family.support.covers(self.link.range):
            return self.link.domain
        for end, mean in zip((-inf, inf), self.family.support, strict=True):
            if mean in self.link.range:
                if (end < 0.0) == self.link.rises:
                    low = max(low, self.link(mean))
                else:
                    high = min(high, self.link(mean))
        return Interval(low, high)

    @cached_property
    def canonical(self) -> bool:
        """Whether the second derivative does not depend on y, so that observed and expected information are one; checked at some
        numbers.
        """
        if self.link.several or not self.family.scored_by_mean:
            return self.link.several
        return all(max(row) - min(row) <= 1e-10 * abs(row[0]) for row in self._some_bends)

    @cached_property
    def quadratic(self) -> bool:
        """Whether the second derivative is the same number everywhere, so that sums over rows are known from those at one point; checked at
        some numbers.
        """
        if self.link.several or not self.family.scored_by_mean or self.edges != REAL:
            return False
        bends = [bend for row in self._some_bends for bend in row]
        return max(bends) - min(bends) <= 1e-10 * abs(bends[0])

    @cached_property
    def _some_bends(self) -> list[list[float]]:
        """Second derivatives at some predictors, for some observations each."""
        bend = grad(grad(lambda eta, y: self.loss([eta], y, self.phi)))
        near, far = self.edges.middle()
        spread = [near + (far - near) * share for share in (-4.0, -1.5, -0.2, 0.0, 0.3, 1.0, 2.5, 5.0)]
        with errstate("ignore"):
            return [[bend(eta, y) for y in self.family.inside] for eta in spread if eta in self.edges]

    @property
    def limits(self) -> Interval:
        """The means that a predictor leads to as it runs to -inf and to inf; nan where an edge comes first."""
        ends = self.link.range if self.link.rises else self.link.range[::-1]
        return Interval(*(mean if abs(edge) == inf else nan for mean, edge in zip(ends, self.edges, strict=True)))

    def endless(self, y: Array) -> Array:
        """Return for each observation -1 or 1 where the predictor may run to -inf or inf and the likelihood still grows, as y is
        at the limit of the means or beyond; else 0.
        """
        low, high = self.limits if self.link.rises else self.limits[::-1]
        sign = 1 if self.link.rises else -1
        return sign * ((y >= high).astype(int) - (y <= low).astype(int))

    def _given(self, etas: Sequence[Any]) -> Any:
        """What the link takes: a predictor, or of classes all of them."""
        return etas if self.link.several else etas[0]

    def stand_in(self, kind: str) -> str:
        """Return the kind that is computed in the place of a kind: observed and expected information may be one."""
        return "observed" if kind == "expected" and self.canonical else kind

    def single(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """Return the kinds of second derivatives that are computed, each once."""
        return tuple(dict.fromkeys(self.stand_in(kind) for kind in kinds if kind != "deviance"))

    def contribution(
        self, etas: Sequence[Any], y: Any, weight: Any, trials: Any, kinds: Sequence[str], phi: Any = 1.0
    ) -> Contribution:
        """Return what one row adds; a robust variance counts its `trials`, which are within its weight, once more."""
        value, first = value_and_grad(self.loss)(etas, y, phi)
        whole: dict[str, Any] = {}
        for kind in self.single(kinds):
            if kind == "robust":
                whole[kind] = [[a * b * trials for b in first] for a in first]
            else:
                whole[kind] = hessian(self.loss)(etas, y, phi) if kind == "observed" else self.expected(etas, phi)
        second = {kind: [matrix[i][j] * weight for i, j in self.pairs] for kind, matrix in whole.items()}
        squares = [0.0, first[0] * first[0] * weight, 0.0, 0.0]
        if "observed" in kinds:
            squares[0] = second["observed"][0]
        if "expected" in kinds:
            squares[2] = squares[1] / whole[self.stand_in("expected")][0][0]
        if "deviance" in kinds:
            squares[3] = self.unit_deviance(etas, y, phi) * weight
        return Contribution(value * weight, [d * weight for d in first], second, squares)

    def over_rows(
        self, etas: Sequence[Any], y: Any, weights: Array | None, trials: Array | None, kinds: Sequence[str]
    ) -> Contribution:
        """Return what each of some rows adds, in arrays."""
        given = (weights is not None, trials is not None)
        columns = [part for part in (weights, trials) if part is not None]

        def row(phi: Any, etas: Any, y: Any, *more: Any) -> Contribution:
            rest = iter(more)
            weight, trials = (next(rest) if there else 1.0 for there in given)
            return self.contribution(etas, y, weight, trials, kinds, phi)

        key = ("rows", *kinds, *self.single(kinds), *given)  # asked before the trace, in which nothing can be asked
        added: Contribution = self.compiled(key, lambda: row, list(etas), y, *columns, rows=range(1, 3 + len(columns)))
        return added

    def residuals(self, kind: str, etas: Array, y: Array, trials: Array | None) -> Array:
        """Return the residuals of a kind over rows: see `GLM.residuals`."""
        kinds = ("response", "deviance", *(("pearson", "working") if self.family.scored_by_mean else ()))
        kinds = kinds[:1] if self.count > 1 else kinds
        if kind not in kinds:
            known = ", ".join(map(repr, kinds))
            raise ValueError(f"GLM.residuals() expects kind to be one of {known} for {self.family!r}, got {kind!r}")
        if self.count > 1:
            return np.array([np.equal(y, k) - mu for k, mu in enumerate(self.mean(list(etas)))]).T
        rest = y - self.mean(etas[0])
        root = 1.0 if trials is None else np.sqrt(trials)
        if kind == "response":
            return rest
        if kind == "deviance":
            return np.sign(rest) * np.sqrt(np.maximum(self.deviance(list(etas), y), 0.0)) * root
        added = self.over_rows(list(etas), y, None, None, ("expected",))
        with np.errstate(all="ignore"):
            scores, information = -added.first[0], added.second[self.stand_in("expected")][0]
            return (
                scores / information
                if kind == "working"
                else np.sign(rest) * np.abs(scores) / np.sqrt(information) * root
            )

    @property
    def mean(self) -> Callable[[Any], Any]:
        """The mean, over arrays of predictors."""
        return self._once("mean", lambda: compile(self.link.inverse, rows=0))

    @property
    def logs(self) -> Callable[[Any], Any]:
        """The logarithms of 1 - mean and of the mean, over arrays of predictors."""

        def logs(eta: Any) -> Any:
            mu = self.link.mean(eta)
            return [mu.log1m, mu.log]

        return self._once("logs", lambda: compile(logs, rows=0))

    @property
    def mean_slope(self) -> Callable[[Any], Any]:
        """The mean's derivative, over arrays of predictors."""
        return self._once("mean_slope", lambda: compile(grad(self.link.inverse), rows=0))

    @property
    def mean_rise(self) -> Callable[[Any, Any], Any]:
        """How fast the means move where the predictors move, over arrays of predictors and of their speeds."""
        return self._once("mean_rise", lambda: compile(self._mean_rise, rows=(0, 1)))

    def _mean_rise(self, etas: Sequence[Any], rises: Sequence[Any]) -> Any:
        return jvp(lambda moved: self.link.inverse(self._given(moved)), (list(etas),), (list(rises),))[1]

    def deviance(self, etas: Sequence[Any], y: Any) -> Array:
        """Return the unit deviance over rows; nan where the mean y is not the likeliest for y."""

        def deviance() -> Callable[..., Any]:
            return lambda phi, etas, y: self.unit_deviance(etas, y, phi)

        return np.broadcast_to(self.compiled("deviance", deviance, list(etas), y, rows=(1, 2)), np.shape(etas[0]))

    def unit_deviance(self, etas: Sequence[Any], y: Any, phi: Any = 1.0) -> Any:
        """Return the unit deviance of one observation, which is 0 where rounding makes it less."""
        if not self.peaks:
            return nan
        return maximum(self.family.unit_deviance(y, self.link.mean(self._given(etas)), phi), 0.0)

    @property
    def saturated(self) -> Callable[[Any], Any]:
        """The negative log-likelihood of observations that are their own means, at phi = 1, over rows."""
        return self._once("saturated", lambda: compile(self._saturated, rows=0))

    def _saturated(self, y: Any) -> Any:
        return 0.0 * y + self.family.nll(y, self.family.saturated(y), 1.0)

    def nll(self, etas: Sequence[Any], y: Any, phi: float = 1.0) -> Array:
        """Return over rows the negative log-likelihood, also on an edge, where it may be finite."""
        return self._once("nll", lambda: compile(self._one, rows=(0, 1)))(list(etas), y, phi)

    def rise(self, etas: Sequence[Any], y: Any) -> Array:
        """Return over rows its derivative with respect to the first predictor."""
        return self._once("rise", lambda: compile(grad(self._one), rows=(0, 1)))(list(etas), y, 1.0)[0]

    def nll_slope(self, etas: Sequence[Any], y: Any, phi: float) -> Array:
        """Return over rows its derivative with respect to the dispersion."""
        return self._once("nll_slope", lambda: compile(grad(self._one, 2), rows=(0, 1)))(list(etas), y, phi)

    def _one(self, etas: Any, y: Any, phi: Any) -> Any:
        return self.family.nll(y, self.link.mean(self._given(etas)), phi)


@lru_cache(maxsize=32)
def curves_of(family: Family, link: Link, count: int) -> Curves:
    """Return the curves of a family and a link: the same ones for each fit, so that all is compiled once."""
    return Curves(family, link, count)


def _inside(x: Any, bounds: Interval, value: Any) -> Any:
    """The value where x lies within bounds, else infinity."""
    low, high = bounds
    if low > -inf:
        value = where(x > low, value, inf)
    return where(x < high, value, inf) if high < inf else value
