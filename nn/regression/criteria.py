"""How the lambdas of a GAM are chosen: the criteria with their derivatives, and the search for the best."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property, partial
from math import exp, isfinite, log, nan, pi
from typing import Any, ClassVar

import numpy as np

from autograd import exp as power
from autograd import grad

from ..links import Mean, identity
from .inference.dispersion import log_ways, own_likelihood
from .objective import Objective
from .smoothing import Smoothed, Smoothness
from .solvers.starts import starts
from .source import Array

FAR = 20.0  # on the log scale: how far from its start a lambda may go, where the term is a straight line or free
TINY = 1e-300


class Criterion(ABC):
    """What is made small by the lambdas, for a fit at some of them; `shifts` says how far from the rough lambdas the searches start, as there
    may be several minima.
    """

    shifts: ClassVar[tuple[float, ...]] = (0.0,)

    def __init__(self, found: Smoothed) -> None:
        self.found = found

    @property
    @abstractmethod
    def score(self) -> float:
        """The criterion as it is told."""

    @property
    @abstractmethod
    def value(self) -> float:
        """What is made small."""

    @abstractmethod
    def slopes(self) -> Array:
        """Return the derivatives of the value by the logarithms of the lambdas."""

    @abstractmethod
    def curvature(self) -> Array | None:
        """Return second derivatives, but for small parts; None where there are none."""


class Reml(Criterion):
    """Laplace's approximation of the negative restricted log-likelihood, at its best dispersion (Wood 2011, section 2)."""

    @cached_property
    def phi(self) -> float:
        """The dispersion at which it is least; nan where no rows are left for it."""
        from scipy.optimize import brentq

        found = self.found
        if not found.scales:
            return 1.0
        left = found.n - found.smoothness.free
        if left <= 0.0 or not isfinite(self._rest):
            return nan
        slope, middle = grad(self._by_phi), log(self._rest / left)
        low, high = middle - 5.0, middle + 5.0
        return exp(brentq(lambda t: slope(t), low, high, xtol=1e-14, rtol=1e-14))

    @property
    def _rest(self) -> float:
        """The deviance and the penalty, above 0 for a perfect fit as well."""
        return max(self.found.deviance + 2.0 * self.found.penalty, TINY)

    def _by_phi(self, t: Any) -> Any:
        """What of it depends on the logarithm of the dispersion; the likelihood of an observation that is its own mean counts n times."""
        family, phi = self.found.objective.curves.family, power(t)
        y = family.inside[0]
        own = family.nll(y, Mean(y, identity), phi)
        return 0.5 * self._rest / phi + self.found.n * own - 0.5 * self.found.smoothness.free * t

    @cached_property
    def value(self) -> float:
        """The criterion."""
        found, phi, smoothness = self.found, self.phi, self.found.smoothness
        source, curves = found.objective.source, found.objective.curves
        value = found.nll + found.penalty
        if found.scales:
            y = curves.family.inside[0]
            there, here = (float(curves.family.nll(y, Mean(y, identity), at)) for at in (phi, 1.0))
            # a difference of two sums would lose digits
            own = found.objective.once("own", lambda: float(sum(source.map(partial(own_likelihood, curves)))))
            value = own + found.n * (there - here) + (0.5 * found.deviance + found.penalty) / phi
        seen = smoothness.differing
        whole = np.linalg.slogdet(seen.T @ found.totals.matrices["observed"] @ seen)[1]
        value -= found.objective.once("ways", lambda: sum(source.map(log_ways)))  # of counts, of their orders
        return float(
            value + 0.5 * (whole - smoothness.log_determinant(found.logs)) - 0.5 * smoothness.free * log(2.0 * pi * phi)
        )

    @property
    def score(self) -> float:
        """The criterion."""
        return self.value

    def slopes(self) -> Array:
        """Return its derivatives, by the implicit formula: as a lambda moves, the coefficients do, and with them the second derivatives."""
        found, inverse = self.found, self.found.inverse("observed")
        bends = found.bends("observed", inverse)
        held = np.array([np.sum(inverse * penalty) for penalty in found.penalties])
        ranks = found.smoothness.contrasts * np.array(found.smoothness.ranks)
        return 0.5 * (found.theta @ found.pulls / self.phi + held + bends - ranks)

    def curvature(self) -> Array:
        """Return its second derivatives, but for what comes of the change of the information."""
        found, inverse = self.found, self.found.inverse("observed")
        held = [inverse @ penalty for penalty in found.penalties]
        traces = np.array([[np.sum(a * b.T) for b in held] for a in held])
        own = found.theta @ found.pulls
        whole = found.pulls.T @ found.moved / self.phi - 0.5 * traces
        whole += np.diag(0.5 * own / self.phi + 0.5 * np.array([np.trace(a) for a in held]))
        if found.scales:
            mixed = -0.5 * own / self.phi
            whole -= np.outer(mixed, mixed) / grad(grad(self._by_phi))(log(self.phi))
        return whole


class Gcv(Criterion):
    """Generalized cross validation n D / (n - edf)^2, or where the dispersion is known UBRE, D/n + 2 edf/n - 1 (Craven, Wahba 1979)."""

    shifts = (0.0, -4.0, 4.0)

    @property
    def score(self) -> float:
        """The criterion."""
        found = self.found
        if found.scales:
            return found.n * found.deviance / (found.n - found.edf) ** 2
        return found.deviance / found.n + 2.0 * found.edf / found.n - 1.0

    @property
    def value(self) -> float:
        """The logarithm of generalized cross validation, which knows no unit; UBRE as it is."""
        return log(max(self.score, TINY)) if self.found.scales else self.score

    def slopes(self) -> Array:
        """Return its derivatives: those of the deviance as the coefficients move, and of the degrees of freedom."""
        found, inverse = self.found, self.found.inverse("expected")
        deviance = (
            -2.0 * found.theta @ sum(found.penalties) @ found.moved
        )  # the likelihood's slope is that of the penalty
        kept = inverse @ found.hessian("expected")
        left = inverse - kept @ inverse
        edf = found.bends("expected", left) - np.array(
            [np.sum((inverse @ penalty) * kept.T) for penalty in found.penalties]
        )
        if found.scales:
            return deviance / max(found.deviance, TINY) + 2.0 * edf / (found.n - found.edf)
        return (deviance + 2.0 * edf) / found.n

    def curvature(self) -> None:
        """Return None."""


CRITERIA: dict[str, type[Criterion]] = {"reml": Reml, "gcv": Gcv}


def smoothed(
    objective: Objective,
    smoothness: Smoothness,
    fixed: Array,
    criterion: str,
    start: Array | None = None,
    near: Array | None = None,
) -> Smoothed:
    """Return the fit at the best lambdas; `fixed` has the logarithms of those that are given, nan for the others. Coefficients to start
    from may be known, and lambdas that the search is to start `near`.

    REML is made small by SciPy's trust region (trust-exact) with its curvature, generalized cross validation by L-BFGS-B.
    Raises ValueError where no coefficients give a likelihood, and where there is no criterion.
    """
    chosen = np.isnan(fixed)
    if start is None:
        start = next((theta for theta in starts(objective) if isfinite(objective.value(theta))), None)
    if start is None:
        raise ValueError(
            "GAM.fit() finds no coefficients at which the likelihood is finite: are the numbers of y extremely large?"
        )
    sizes = np.diag(objective.totals(start, ("expected",)).matrices["expected"] - objective.penalties)
    middle: Array = np.where(chosen, smoothness.rough(sizes), fixed)
    first = Smoothed(objective, smoothness, middle if near is None else near, start, sizes)
    if not chosen.any():
        return first
    search = Search(first, chosen, middle, CRITERIA[criterion], sizes)
    if criterion == "reml" and not isfinite(search.last.value):
        raise ValueError(
            f"GAM.fit() has no REML: the weights of the rows add up to {first.n:g}, for {smoothness.free} coefficients that no penalty holds; "
            "take lam='gcv', or weights with a mean of 1"
        )
    best = search.best()
    return Smoothed(objective, smoothness, best.logs, best.theta, sizes)


class Search:
    """The search for lambdas: each fit starts where the last one leads to."""

    def __init__(self, first: Smoothed, chosen: Array, middle: Array, criterion: type[Criterion], sizes: Array) -> None:
        self.objective = first.objective.searched_from(first.theta)
        self.chosen, self.sizes, self.middle, self.begin = chosen, sizes, middle, first.logs
        self.criterion, self.last = criterion, criterion(first)

    def at(self, free: Array) -> Criterion:
        """Return the criterion at logarithms of those lambdas that are chosen; far out it is that of the edge."""
        logs, last = self.middle.copy(), self.last.found
        logs[self.chosen] += np.clip(free - self.middle[self.chosen], -FAR, FAR)
        if not np.array_equal(logs, last.logs):
            theta = last.theta + last.moved @ np.clip(logs - last.logs, -1.0, 1.0)
            self.last = self.criterion(Smoothed(self.objective, last.smoothness, logs, theta, self.sizes))
        return self.last

    def asked(self, free: Array) -> tuple[float, Array]:
        """Return the value, and its derivatives."""
        there = self.at(free)
        inside = np.abs(free - self.middle[self.chosen]) < FAR
        return there.value, np.where(inside, there.slopes()[self.chosen], 0.0)

    def curvature(self, free: Array) -> Array:
        """Return second derivatives."""
        matrix: Array = self.at(free).curvature()
        if not np.isfinite(matrix).all():
            raise ValueError(
                "GAM.fit() has no finite derivatives of REML: are the numbers of y extremely small or large?"
            )
        return matrix[np.ix_(self.chosen, self.chosen)]

    def best(self) -> Smoothed:
        """Return the fit at which the criterion is least, of those that the searches end at."""
        ends = [self._best_from(self.begin[self.chosen] + shift) for shift in self.criterion.shifts]
        return min(ends, key=lambda end: end.value).found

    def _best_from(self, free: Array) -> Criterion:
        """The end of one search."""
        from scipy.optimize import minimize

        if self.last.curvature() is not None:
            found = minimize(
                self.asked, free, jac=True, hess=self.curvature, method="trust-exact",
                options={"gtol": 1e-8, "maxiter": 200, "initial_trust_radius": 2.0, "max_trust_radius": 8.0},
            )  # fmt: skip
        else:
            bounds = [(rho - FAR, rho + FAR) for rho in self.middle[self.chosen]]
            options = {"ftol": 1e-15, "gtol": 1e-8, "maxiter": 200}
            found = minimize(self.asked, free, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return self.at(found.x)
