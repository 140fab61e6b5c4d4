"""What a fit leaves behind: numbers, and nothing of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, nan
from typing import Any

import numpy as np

from ...families import Family
from ..curves import Curves
from ..design import Linear
from ..source import Array

KINDS = ("expected", "observed", "robust")


@dataclass(frozen=True)
class Outcome:
    """What every fit leaves behind, whatever leads to its predictors: the family with its link, the design, and how well it fits."""

    curves: Curves
    design: Any
    deviance: float
    null_deviance: float
    dispersion: float
    loglik: float

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns."""
        names: Sequence[str] = self.design.names
        return names

    @property
    def family(self) -> Family:
        """The family."""
        return self.curves.family

    @property
    def K(self) -> int:
        """The number of predictors of a row."""
        return int(self.design.K)


@dataclass(frozen=True)
class Fit(Outcome):
    """What the fit of a linear design leaves behind.

    `inner` has by kind the covariance matrix of the coefficients, columns taken from about their means. Of what runs to
    infinity it has nothing: these are the directions `endless`, (K p, k), of the same coefficients, times `scale`.
    """

    design: Linear
    n: float
    size: float
    ridge: float
    l1: float
    inner: dict[str, Array]
    endless: Array
    scale: Array
    separated: Array
    standing: Array

    @property
    def freedom(self) -> float:
        """The degrees of freedom that are left: rows less coefficients."""
        return self.n - self.size

    @property
    def parameters(self) -> float:
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
    def student(self) -> bool:
        """Whether a dispersion has been estimated from the rows, so that ratios follow Student's distribution."""
        return self.family.has_dispersion and self.family.scales and self.family.scored_by_mean

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of standard errors that there are, the usual one first."""
        return kinds_of(self.family)

    def covariance(self, kind: str) -> Array:
        """Return the covariance matrix of the coefficients, of the columns as they are: infinite variances, and no covariances,
        for those that run to infinity.
        """
        with np.errstate(invalid="ignore"):
            moves = self.design.moves
            matrix: Array = moves @ self.inner[kind] @ moves.T
        matrix[self.separated] = matrix[:, self.separated] = nan
        matrix[self.separated, self.separated] = inf
        return matrix

    def standard_errors(self, kind: str) -> Array:
        """Return the roots of the covariance's diagonal."""
        return np.sqrt(np.maximum(np.diag(self.covariance(kind)), 0.0))  # 0 on an edge, but for rounding

    def widths(self, matrix: Array, kind: str) -> Array:
        """Return the standard error of the linear predictor of each row."""
        x = self.design.columns(matrix)
        with np.errstate(invalid="ignore"):
            widths = np.sqrt(np.einsum("ij,jk,ik->i", x, self.inner[kind], x))
        return np.where(runs(x, self.endless, self.scale), inf, widths)


def runs(combinations: Array, endless: Array, scale: Array) -> Array:
    """Return which combinations of coefficients, in rows, run to infinity with the directions `endless`."""
    scaled = combinations / scale
    far: Array = np.linalg.norm(scaled @ endless, axis=1) > 1e-8 * np.linalg.norm(scaled, axis=1)
    return far


def kinds_of(family: Family) -> tuple[str, ...]:
    """Return the kinds of standard errors that a family has, the usual one first."""
    if family.has_kink:
        return ("robust",)
    return KINDS if family.scored_by_mean else KINDS[1:]
