"""What the steps of several solvers share: the answer's form, and how far a step may go."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from ...links import REAL
from ..likelihood import Totals
from ..objective import Objective
from ..source import Array
from .factors import EPS, definite, lifted
from .separation import Separation


@dataclass
class Solution:
    """What a solver returns: coefficients of the shifted columns, and how it came to them.

    `trouble` says why it did not converge, `doubt` whether the rows may be separated for all that the solver has seen,
    `separation` how they are, and `standing` which rows stand on an edge of the support, by their positions. Of separated rows,
    `theta` is the sum of the best values of what is left, `limit`, and of a long way, `far`, along the direction that separates.
    """

    theta: Array
    n_iter: int
    trouble: str = ""
    doubt: bool = True
    separation: Separation | None = None
    standing: Array | None = None
    limit: Array | None = None
    far: Array | None = None

    @property
    def converged(self) -> bool:
        """Whether it is at an optimum."""
        return not self.trouble and self.separation is None


def convex(objective: Objective, theta: Array, at: Totals) -> Array:
    """Return the observed information where it is positive definite, else Fisher's, or what is lifted until it is."""
    matrix = at.matrices["observed"]
    if objective.curves.canonical or definite(matrix):
        return matrix
    if objective.curves.family.scored_by_mean:
        return objective.totals(theta, ("expected",)).matrices["expected"]
    factor = lifted(matrix)
    root = factor.R * factor.scale
    return root.T @ root


def rough_dispersion(objective: Objective, at: Totals) -> float:
    """Return the mean square of the scores over the mean information, which is phi if the model is right; less where the mean
    weight of a row is below 1, so that tiny weights do not end a fit early.
    """
    information, squares, *_ = at.squares
    phi = float(abs(squares / information)) if objective.curves.family.has_dispersion and information else 1.0
    return phi * objective.lightness


def rounding(objective: Objective, theta: Array, at: Totals) -> float:
    """Return the squared size, in standard errors, of a step that may be made of rounding errors only.

    A predictor is the sum of its products and the offset, off by EPS times the sum of their sizes, and what the mean and the
    score add to that is as much as if it were off by EPS.
    """
    information = objective.K * float(abs(at.squares[0]))
    products = float(np.abs(np.diag(at.matrices["observed"])) @ theta**2)
    return (8.0 * EPS) ** 2 * (len(theta) + 1) * (products + information * (objective.largest_offset**2 + 1.0))


def halved(
    objective: Objective, theta: Array, step: Array, at: Totals, slope: float, near: bool, l1: Array | float = 0.0
) -> tuple[float, Totals | None]:
    """Return the share of a step, halved until the likelihood falls enough (Armijo 1966), and the totals there, or None.

    Near an optimum the likelihood's own rounding may hide its fall, which the gradients at both ends tell as well: their
    mean is taken then (Hager, Zhang 2005).
    """
    slack = 8.0 * EPS * (abs(at.value) + float(np.sum(l1 * np.abs(theta))))
    share = 1.0
    while share > 1e-10:
        there = theta + share * step
        after = objective.totals(there)
        penalty = float(np.sum(l1 * (np.abs(there) - np.abs(theta))))
        enough = 1e-4 * share * slope
        if after.value - at.value + penalty <= enough + slack:
            return share, after
        if (
            near
            and isfinite(after.value)
            and 0.5 * share * float((at.gradient + after.gradient) @ step) + penalty <= enough
        ):
            return share, after
        share *= 0.5
    return share, None


def stuck(objective: Objective, said: str = "no step is better") -> str:
    """Return what to say of a fit that comes no further, with what may be the cause."""
    free = objective.curves.link.domain == REAL and objective.curves.family.support.covers(objective.curves.link.range)
    return said + ("" if free else ", perhaps because the best mean of some row is on the edge of the support")
