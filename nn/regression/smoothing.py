"""How smooth the terms of a GAM are: the criteria of their lambdas, with derivatives, and the search for the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import exp, isfinite, log, nan, pi
from typing import Any

import numpy as np
from scipy.linalg import null_space

from autograd import exp as power
from autograd import grad, hessian, jvp

from ..links import Mean, identity
from ..names import few
from .inference.dispersion import log_ways, own_likelihood, rows_counted
from .inference.result import runs
from .objective import Objective
from .solvers.newton import newton
from .solvers.separation import separation
from .solvers.starts import starts
from .source import Array, Block

FAR = 20.0  # on the log scale: how far from its start a lambda may go, where the term is a straight line or free
TINY = 1e-100
STEPS = 200  # of one fit
TIGHT = 1e-10  # standard errors, below which the steps of a fit within the search are


@dataclass(frozen=True)
class Smoothness:
    """The roughness penalties of a fit: a matrix for each, of all coefficients of a predictor, its rank, how many coefficients there are, and
    how many predictors. These share the lambdas, and what all of several classes have in common counts nowhere.
    """

    matrices: Sequence[Array]
    ranks: Sequence[int]
    size: int
    K: int = 1

    @property
    def contrasts(self) -> int:
        """How many predictors differ."""
        return max(1, self.K - 1)

    @property
    def differing(self) -> Array:
        """Orthonormal directions, in columns, of coefficients that differ between classes; of a single predictor all."""
        basis = null_space(np.ones((1, self.K))) if self.K > 1 else np.eye(1)
        return np.kron(basis, np.eye(self.size))

    @property
    def free(self) -> int:
        """How many directions of the coefficients no penalty holds."""
        return self.contrasts * (self.size - sum(self.ranks))

    def whole(self, matrix: Array) -> Array:
        """Return a penalty of the coefficients of all predictors."""
        return np.kron(np.eye(self.K), matrix)

    def roughness(self, logs: Array) -> Array:
        """Return the whole penalty at logarithms of the lambdas."""
        one = np.zeros((self.size, self.size))
        for rho, matrix in zip(logs, self.matrices, strict=True):
            one += exp(rho) * matrix
        return self.whole(one)

    def rough(self, sizes: Array) -> Array:
        """Return logarithms of lambdas at which penalties weigh as much as the rows, given the information on each coefficient."""
        sizes = sizes.reshape(self.K, self.size).mean(axis=0)
        held = [np.diag(matrix) > 0.0 for matrix in self.matrices]
        return np.array(
            [
                log(float(sizes[there].sum() / np.diag(matrix)[there].sum()))
                for there, matrix in zip(held, self.matrices, strict=True)
            ]
        )

    def log_determinant(self, logs: Array) -> float:
        """Return the logarithm of the product of its eigenvalues that are not 0."""
        total = 0.0
        for rho, matrix, rank in zip(logs, self.matrices, self.ranks, strict=True):
            total += rank * rho + float(np.log(np.linalg.eigvalsh(matrix)[-rank:]).sum())
        return self.contrasts * total


class Smoothed:
    """A fit at given lambdas, and what follows from it."""

    def __init__(
        self,
        objective: Objective,
        smoothness: Smoothness,
        logs: Array,
        theta: Array,
        known: Array | None = None,
        steps: int = STEPS,
    ) -> None:
        self.smoothness, self.logs = smoothness, logs
        self.objective = objective.over(objective.source)
        self.objective.outer = objective.outer
        self.objective.roughness = smoothness.roughness(logs)
        self.solution = newton(self.objective, theta, self.objective.totals(theta), steps, TIGHT, known)
        self.theta = self.solution.theta
        if self.solution.separation or self.solution.doubt or not self.solution.converged:
            self._refuse_separation()

    def _refuse_separation(self) -> None:
        """Raise ValueError, naming the coefficients, if rows are told apart without error: no criterion has a value then."""
        apart = self.solution.separation or separation(self.objective)
        if apart is None:
            return
        design = self.objective.design
        gone = runs(design.moves, apart.unseen, apart.sizes)
        names = [
            name
            for name, ends in zip(
                (["the intercept"] * design.intercept + [*design.names]) * design.K, gone, strict=True
            )
            if ends
        ]
        raise ValueError(
            f"GAM.fit(): the likelihood has no maximum, it grows with the coefficient of {few(list(dict.fromkeys(names)), ' and ', longest=30)} towards infinity: some "
            "observations are told apart without error (separation). Leave them or the term out, or join levels"
        )

    @cached_property
    def totals(self) -> Any:
        """The sums over rows."""
        return self.objective.totals(self.theta, ("observed", "expected", "deviance"))

    def hessian(self, kind: str) -> Array:
        """Return the second derivative of the likelihood alone."""
        matrix: Array = self.totals.matrices[kind] - self.objective.penalties
        return matrix

    @cached_property
    def nll(self) -> float:
        """The negative log-likelihood at dispersion 1."""
        return float(self.totals.value - self.objective.penalty(self.theta))

    @cached_property
    def own(self) -> float:
        """The negative log-likelihood of observations that are their own means: a difference of two sums would lose digits."""
        return float(sum(self.objective.source.map(partial(own_likelihood, self.objective.curves))))

    @cached_property
    def deviance(self) -> float:
        """The deviance."""
        return float(self.totals.squares[3])

    @cached_property
    def influence(self) -> Array:
        """The matrix whose diagonal has the effective degrees of freedom of each coefficient."""
        seen = self.smoothness.differing
        with_penalty, without = self.totals.matrices["expected"], self.hessian("expected")
        return seen @ np.linalg.solve(seen.T @ with_penalty @ seen, seen.T @ without @ seen) @ seen.T

    @cached_property
    def edf(self) -> float:
        """The effective degrees of freedom of the whole."""
        return float(np.trace(self.influence))

    @cached_property
    def n(self) -> float:
        """The number of rows, by their weights."""
        return float(sum(self.objective.source.map(rows_counted)))

    @property
    def scales(self) -> bool:
        """Whether there is a dispersion to be found."""
        return self.objective.curves.family.has_dispersion

    # REML

    @cached_property
    def phi(self) -> float:
        """The dispersion at which REML is least; nan where no rows are left for it."""
        from scipy.optimize import brentq

        if not self.scales:
            return 1.0
        left = self.n - self.smoothness.free
        if left <= 0.0:
            return nan
        slope, middle = grad(self._by_phi), log(self._rest / left)
        low, high = middle - 5.0, middle + 5.0
        return exp(brentq(lambda t: slope(t), low, high, xtol=1e-14, rtol=1e-14))

    @property
    def _rest(self) -> float:
        """The deviance and the penalty, above 0 for a perfect fit as well."""
        return max(self.deviance + 2.0 * self.objective.penalty(self.theta), TINY)

    def _by_phi(self, t: Any) -> Any:
        """What of REML depends on the logarithm of the dispersion; the likelihood of an observation that is its own mean counts n times."""
        family, phi = self.objective.curves.family, power(t)
        y = family.inside[0]
        own = family.nll(y, Mean(y, identity), phi)
        return 0.5 * self._rest / phi + self.n * own - 0.5 * self.smoothness.free * t

    @cached_property
    def reml(self) -> float:
        """Laplace's approximation of the negative restricted log-likelihood (Wood 2011, section 2)."""
        phi, free = self.phi, self.smoothness.free
        value = self.nll + self.objective.penalty(self.theta)
        if self.scales:
            family = self.objective.curves.family
            y = family.inside[0]
            there, here = (float(family.nll(y, Mean(y, identity), at)) for at in (phi, 1.0))
            value = (
                self.own + self.n * (there - here) + (0.5 * self.deviance + self.objective.penalty(self.theta)) / phi
            )
        seen = self.smoothness.differing
        whole = np.linalg.slogdet(seen.T @ self.totals.matrices["observed"] @ seen)[1]
        value -= sum(self.objective.source.map(log_ways))  # of counts, of their orders
        return float(
            value + 0.5 * (whole - self.smoothness.log_determinant(self.logs)) - 0.5 * free * log(2.0 * pi * phi)
        )

    def reml_slopes(self) -> Array:
        """Return the derivatives of REML by the logarithms of the lambdas, by its implicit formula: as a lambda moves, the coefficients do,
        and with them the second derivatives.
        """
        smoothness, seen = self.smoothness, self.smoothness.differing
        inverse = seen @ np.linalg.pinv(seen.T @ self.totals.matrices["observed"] @ seen, hermitian=True) @ seen.T
        matrices = [
            exp(rho) * smoothness.whole(matrix) for rho, matrix in zip(self.logs, smoothness.matrices, strict=True)
        ]
        pulls = [matrix @ self.theta for matrix in matrices]
        moved = -inverse @ np.stack(pulls, axis=1)
        bends = sum(self.objective.source.map(partial(self._bends, inverse, moved)))
        slopes = [
            self.theta @ pull / self.phi + np.sum(inverse * matrix) + bend - smoothness.contrasts * rank
            for matrix, rank, pull, bend in zip(matrices, smoothness.ranks, pulls, bends, strict=True)
        ]
        return 0.5 * np.array(slopes)

    def _bends(self, inverse: Array, moved: Array, block: Block) -> Array:
        """What some rows add to the trace of the inverse times the change of the second derivatives, for each move of the coefficients."""
        curves, likelihood, K = self.objective.curves, self.objective.likelihood, self.objective.K

        def third() -> Any:
            units = np.eye(K).tolist()
            return lambda phi, etas, y: [
                jvp(lambda e: hessian(curves.loss)(e, y, phi), (etas,), (unit,))[1] for unit in units
            ]

        x = likelihood.design.columns(block.X)
        etas = likelihood.design.predictors(self.theta, x, block.offset)
        changes = curves.compiled(("third", K), third, list(etas), likelihood.responses(block), rows=(1, 2))
        parts = inverse.reshape(K, likelihood.design.p, K, likelihood.design.p)
        spreads = [[((x @ parts[i, :, j]) * x).sum(axis=1) for j in range(K)] for i in range(K)]
        weights = 1.0 if block.weights is None else block.weights
        total = 0.0
        for change, move in zip(changes, moved.reshape(K, -1, moved.shape[1]), strict=True):
            bent = sum(change[i][j] * spreads[i][j] for i in range(K) for j in range(K))
            total = total + np.broadcast_to(weights * bent, block.size) @ (x @ move)
        return np.asarray(total)

    # Generalized cross validation

    @cached_property
    def gcv(self) -> float:
        """Generalized cross validation n D / (n - edf)^2, or where the dispersion is known UBRE, D/n + 2 edf/n - 1 (Craven, Wahba 1979)."""
        if self.scales:
            return self.n * self.deviance / (self.n - self.edf) ** 2
        return self.deviance / self.n + 2.0 * self.edf / self.n - 1.0

    @property
    def gcv_or_its_log(self) -> float:
        """What is made small: of generalized cross validation the logarithm, which knows no unit."""
        return log(max(self.gcv, TINY)) if self.scales else self.gcv


def smoothed(
    objective: Objective,
    smoothness: Smoothness,
    fixed: Array,
    criterion: str,
    start: Array | None = None,
    steps: int = STEPS,
) -> Smoothed:
    """Return the fit at the best lambdas; `fixed` has the logarithms of those that are given, nan for the others. Coefficients to start
    from may be known; each fit takes so many `steps` at most.

    REML is made small by SciPy's L-BFGS-B with its derivatives, generalized cross validation with numerical ones.
    """
    from scipy.optimize import minimize

    chosen = np.isnan(fixed)
    if start is None:
        start = next(theta for theta in starts(objective) if isfinite(objective.value(theta)))
    sizes = np.diag(objective.totals(start, ("expected",)).matrices["expected"])
    logs: Array = np.where(chosen, smoothness.rough(sizes), fixed)
    last = Smoothed(objective, smoothness, logs, start, sizes, steps)
    if not chosen.any():
        return last
    if criterion == "reml" and last.phi != last.phi:
        raise ValueError(
            f"GAM.fit() has no REML: the weights of the rows add up to {last.n:g}, for {smoothness.free} coefficients that no penalty holds; "
            "take lam='gcv', or weights with a mean of 1"
        )

    def fit(free: Array) -> Smoothed:
        nonlocal last
        at = logs.copy()
        at[chosen] = free
        if not np.array_equal(at, last.logs):
            last = Smoothed(objective, smoothness, at, last.theta, sizes)
        return last

    def asked(free: Array) -> Any:
        found = fit(free)
        return (found.reml, found.reml_slopes()[chosen]) if criterion == "reml" else found.gcv_or_its_log

    bounds = [(rho - FAR, rho + FAR) for rho in logs[chosen]]
    options = {"ftol": 1e-15, "gtol": 1e-8, "maxiter": 200}
    found = minimize(
        asked, logs[chosen], jac=criterion == "reml" or "3-point", method="L-BFGS-B", bounds=bounds, options=options
    )
    return fit(found.x)
