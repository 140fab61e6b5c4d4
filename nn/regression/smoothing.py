"""The fit of a GAM at given lambdas, and what follows from it and moves with them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from math import exp, log
from typing import Any

import numpy as np
from scipy.linalg import null_space

from autograd import hessian, jvp

from ..names import few
from .inference.dispersion import rows_counted
from .inference.result import runs
from .likelihood import Likelihood
from .objective import Objective
from .solvers.newton import newton
from .solvers.separation import separation
from .solvers.steps import Solution
from .source import Array, Block

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
    """A fit at given lambdas, from coefficients to start from or as it was found already, and what follows from it."""

    def __init__(
        self,
        objective: Objective,
        smoothness: Smoothness,
        logs: Array,
        start: Array | Solution,
        known: Array | None = None,
    ) -> None:
        self.smoothness, self.logs = smoothness, logs
        self.objective = copy(objective)
        self.objective.roughness = smoothness.roughness(logs)
        if isinstance(start, Solution):
            self.solution = start
        else:
            self.solution = newton(self.objective, start, self.objective.totals(start), STEPS, TIGHT, known)
        self.theta = self.solution.theta
        doubt = self.solution.separation or self.solution.doubt or not self.solution.converged
        if doubt and self.objective.outer is self.objective.source:  # of curves a tangent tells nothing of it
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
        return float(self.totals.value - self.penalty)

    @cached_property
    def penalty(self) -> float:
        """What the penalties add."""
        return self.objective.penalty(self.theta)

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

    @property
    def freedoms(self) -> Array:
        """The effective degrees of freedom of what each penalty holds."""
        each = np.diag(self.influence).reshape(self.smoothness.K, -1).sum(axis=0)
        return np.array([each[np.diag(matrix) > 0.0].sum() for matrix in self.smoothness.matrices])

    @cached_property
    def edf(self) -> float:
        """The effective degrees of freedom of the whole."""
        return float(np.trace(self.influence))

    @cached_property
    def n(self) -> float:
        """The number of rows, by their weights."""
        return self.objective.once("n", lambda: float(sum(self.objective.source.map(rows_counted))))

    @property
    def scales(self) -> bool:
        """Whether there is a dispersion to be found."""
        return self.objective.curves.family.has_dispersion

    @cached_property
    def pulls(self) -> Array:
        """How fast each logarithm of a lambda pulls at the coefficients, in columns."""
        return np.stack([matrix @ self.theta for matrix in self.penalties], axis=1)

    @cached_property
    def penalties(self) -> list[Array]:
        """The penalties of all predictors, times their lambdas."""
        return [
            exp(rho) * self.smoothness.whole(one) for rho, one in zip(self.logs, self.smoothness.matrices, strict=True)
        ]

    def inverse(self, kind: str) -> Array:
        """Return the inverse of the second derivative of the whole, in the directions that differ."""
        seen = self.smoothness.differing
        return seen @ np.linalg.pinv(seen.T @ self.totals.matrices[kind] @ seen, hermitian=True) @ seen.T

    @cached_property
    def moved(self) -> Array:
        """The derivatives of the coefficients by the logarithms of the lambdas, in columns: their implicit formula."""
        return -self.inverse("observed") @ self.pulls

    def bends(self, kind: str, matrix: Array) -> Array:
        """Return for each lambda the trace of a matrix times the derivative of the information of a kind, which changes as the coefficients
        move.
        """
        source = self.objective.source
        if self.objective.curves.quadratic:
            return np.zeros(len(self.logs))
        return sum(source.map(partial(_bends, self.objective.likelihood, kind, self.theta, matrix, self.moved)))


def _bends(likelihood: Likelihood, kind: str, theta: Array, matrix: Array, moved: Array, block: Block) -> Array:
    """What some rows add to `Smoothed.bends`."""
    curves, K, p = likelihood.curves, likelihood.design.K, likelihood.design.p

    def third() -> Any:
        units = np.eye(K).tolist()

        def row(phi: Any, etas: Any, y: Any) -> Any:
            second = {
                "observed": lambda e: hessian(curves.loss)(e, y, phi),
                "expected": lambda e: curves.expected(e, phi),
            }
            return [jvp(second[curves.stand_in(kind)], (etas,), (unit,))[1] for unit in units]

        return row

    x = likelihood.design.columns(block.X)
    etas = likelihood.design.predictors(theta, x, block.offset)
    asked = curves.stand_in(kind)
    changes = curves.compiled(("third", asked, K), third, list(etas), likelihood.responses(block), rows=(1, 2))
    parts = matrix.reshape(K, p, K, p)
    spreads = [[((x @ parts[i, :, j]) * x).sum(axis=1) for j in range(K)] for i in range(K)]
    weights, total = 1.0 if block.weights is None else block.weights, np.zeros(moved.shape[1])
    for change, move in zip(changes, moved.reshape(K, p, -1), strict=True):
        bent = sum(change[i][j] * spreads[i][j] for i in range(K) for j in range(K))
        total += np.broadcast_to(weights * bent, block.size) @ x @ move
    return total
