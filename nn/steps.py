"""What the steps of several solvers share: the answer's form, factors of the information, and how far a step may go."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from scipy.linalg import lapack, solve_triangular

from .edges import EPS
from .likelihood import Array, Rows, Totals
from .links import REAL
from .separation import Separation

WELL = 1e-8  # the reciprocal condition of X'WX, columns scaled, from which on Cholesky's digits are enough


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


@dataclass
class Factor:
    """The factor of an information matrix, columns scaled: by Cholesky, or the R of a QR decomposition of the rows."""

    R: Array
    scale: Array

    def solve(self, right: Array) -> Array:
        """Return the inverse times a vector or a matrix."""
        scale = self.scale if right.ndim == 1 else self.scale[:, None]
        half = solve_triangular(self.R, right / scale, trans="T")
        return solve_triangular(self.R, half) / scale

    @property
    def inverse(self) -> Array:
        """The inverse."""
        half = (
            lapack.dtrtri(self.R)[0] / self.scale[:, None]
        )  # solve_triangular(R, I) would keep BLAS's threads spinning
        return half @ half.T


def cholesky(matrix: Array) -> Factor | None:
    """Return the factor of a matrix that is positive definite and well conditioned once its columns are scaled, or None."""
    diagonal = np.diag(matrix)
    if not (diagonal > 0.0).all():
        return None
    scale = np.sqrt(diagonal)
    R, info = lapack.dpotrf(matrix / scale / scale[:, None], clean=True)
    if info:
        return None
    norm = float(np.abs(matrix / scale / scale[:, None]).sum(axis=0).max())
    rcond, _ = lapack.dpocon(R, norm)
    return Factor(R, scale) if rcond > WELL else None


def identified(rows: Rows, matrix: Array, columns: int | None = None) -> Array:
    """Return an information matrix with something added where softmax sees nothing: coefficients equal in all classes;
    of the first so many columns only.
    """
    if rows.K == 1:
        return matrix
    sizes = np.maximum(np.diag(matrix).reshape(rows.K, rows.p).mean(axis=0), 1e-300)
    sizes[columns if columns is not None else rows.p :] = 0.0
    return matrix + np.kron(np.full((rows.K, rows.K), 1.0 / rows.K), np.diag(sizes))


def definite(matrix: Array) -> bool:
    """Return whether a symmetric matrix is positive definite but for rounding."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    _, info = lapack.dpotrf(matrix / scale / scale[:, None] + 1e-10 * np.eye(len(matrix)))
    return bool(info == 0)


def lifted(matrix: Array, share: float = 1e-3, floor: Array | float = 0.0) -> Factor:
    """The factor of a matrix that is lifted until it is positive definite (Levenberg 1944), by shares of its diagonal."""
    sizes = np.maximum(np.maximum(np.abs(np.diag(matrix)), floor), 1e-200)
    while (factor := cholesky(matrix + share * np.diag(sizes))) is None:
        share *= 10.0
    return factor


def convex(rows: Rows, theta: Array, at: Totals) -> Array:
    """Return the observed information where it is positive definite, else Fisher's, or what is lifted until it is."""
    matrix = at.matrices["observed"]
    if rows.curves.canonical or definite(matrix):
        return matrix
    if rows.curves.family.scored_by_mean:
        return rows.totals(theta, ("expected",)).matrices["expected"]
    factor = lifted(matrix)
    root = factor.R * factor.scale
    return root.T @ root


def rough_dispersion(rows: Rows, at: Totals) -> float:
    """Return the mean square of the scores over the mean information, which is phi if the model is right; less where the mean
    weight of a row is below 1, so that tiny weights do not end a fit early.
    """
    information, squares, *_ = at.squares
    phi = float(abs(squares / information)) if rows.curves.family.has_dispersion and information else 1.0
    return phi * rows.lightness


def rounding(rows: Rows, theta: Array, at: Totals) -> float:
    """Return the squared size, in standard errors, of a step that may be made of rounding errors only.

    A predictor is the sum of its products and the offset, off by EPS times the sum of their sizes, and what the mean and the
    score add to that is as much as if it were off by EPS.
    """
    information = rows.K * float(abs(at.squares[0]))
    products = float(np.abs(np.diag(at.matrices["observed"])) @ theta**2)
    return (8.0 * EPS) ** 2 * (len(theta) + 1) * (products + information * (rows.largest_offset**2 + 1.0))


def halved(
    rows: Rows, theta: Array, step: Array, at: Totals, slope: float, near: bool, l1: Array | float = 0.0
) -> tuple[float, Totals | None]:
    """Return the share of a step, halved until the likelihood falls enough (Armijo 1966), and the totals there, or None.

    Near an optimum the likelihood's own rounding may hide its fall, which the gradients at both ends tell as well: their
    mean is taken then (Hager, Zhang 2005).
    """
    slack = 8.0 * EPS * (abs(at.value) + float(np.sum(l1 * np.abs(theta))))
    share = 1.0
    while share > 1e-10:
        there = theta + share * step
        after = rows.totals(there)
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


def stuck(rows: Rows, said: str = "no step is better") -> str:
    """Return what to say of a fit that comes no further, with what may be the cause."""
    free = rows.curves.link.domain == REAL and rows.curves.family.support.covers(rows.curves.link.range)
    return said + ("" if free else ", perhaps because the best mean of some row is on the edge of the support")
