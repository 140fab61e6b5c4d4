"""The covariance of the coefficients: the inverse of an information, or a sandwich of two."""

from __future__ import annotations

from functools import cached_property
from math import nan

import numpy as np
from scipy.linalg import null_space

from ..likelihood import Totals
from ..objective import Objective
from ..solvers.factors import cholesky, factored, identified, within
from ..solvers.limits import limit_of
from ..solvers.steps import Solution
from ..source import Array
from .dispersion import Dispersion
from .quantiles import kinked
from .result import kinds_of


class Information:
    """What the rows tell of the coefficients of the shifted columns: of those that run to infinity nothing."""

    def __init__(self, objective: Objective, solution: Solution, dispersion: Dispersion) -> None:
        self.objective, self.solution, self.theta = objective, solution, solution.theta
        self.family, self.dispersion = objective.curves.family, dispersion

    def covariance(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients."""
        if self.dispersion.is_perfect or not len(self.theta):
            return np.zeros((len(self.theta), len(self.theta)))
        if kind != "robust":
            return self._inverse(kind) * (self.dispersion.dispersion if self.family.scales else 1.0)
        if self.family.has_kink:
            return kinked(self.objective, self.theta, self.dispersion.n)
        bread = self._inverse(
            "observed"
        )  # Huber's and White's sandwich: right also where the variance is not the family's
        return bread @ self.sums.matrices["robust"] @ bread

    @cached_property
    def limit(self) -> Objective:
        """The rows that count: without those told apart, or on an edge."""
        return limit_of(self.objective, self.solution.separation, self.solution.standing)

    @cached_property
    def sums(self) -> Totals:
        """The sums over the rows that count."""
        if self.limit is self.objective:
            return self.dispersion.totals
        return self.limit.totals(self.theta, kinds_of(self.family))

    @cached_property
    def seen(self) -> Array | None:
        """The directions, in columns, in which the coefficients may move: none that runs to infinity, none across an edge;
        None where all may.
        """
        if self.limit is self.objective:
            return None
        apart, standing, sizes = self.solution.separation, self.solution.standing, self.objective.sizes
        held = [] if apart is None else [apart.unseen.T]
        if standing is not None:
            held.append(self.objective.design.columns(self.objective.source.at(standing).X) / sizes)
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
        matrix = identified(self.objective, matrix)
        factor = cholesky(matrix) or factored(self.objective, self.theta, kind, matrix)[0]
        return self._projected(factor.inverse) if factor else np.full_like(matrix, nan)

    @property
    def kept(self) -> Array:
        """What takes from each coefficient its mean over the classes."""
        K = self.objective.K
        return np.kron(np.eye(K) - 1.0 / K, np.eye(self.objective.p))

    def _projected(self, matrix: Array) -> Array:
        """Of classes, without what they share: the mean of each coefficient over them."""
        return matrix if self.objective.K == 1 else self.kept @ matrix @ self.kept
