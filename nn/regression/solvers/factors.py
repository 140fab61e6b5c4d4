"""Factors of an information matrix: by Cholesky while X'WX keeps the digits, by a QR decomposition of the rows where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.linalg import lapack, qr, solve_triangular

from ...names import few
from ..objective import Objective
from ..source import Array

EPS = float(np.finfo(float).eps)
WELL = 1e-8  # the reciprocal condition of X'WX, columns scaled, from which on Cholesky's digits are enough
RANK = 1e-13  # of what is left of a column, beside it, when it depends on others


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


def identified(objective: Objective, matrix: Array, columns: int | None = None) -> Array:
    """Return an information matrix with something added where softmax sees nothing: coefficients equal in all classes;
    of the first so many columns only.
    """
    if objective.K == 1:
        return matrix
    sizes = np.maximum(np.diag(matrix).reshape(objective.K, objective.p).mean(axis=0), 1e-300)
    sizes[columns if columns is not None else objective.p :] = 0.0
    return matrix + np.kron(np.full((objective.K, objective.K), 1.0 / objective.K), np.diag(sizes))


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


def triangular(R: Array) -> Factor | None:
    """Return the factor of R'R, or None where R has not its full rank."""
    scale = np.sqrt((R * R).sum(axis=0))
    if not np.isfinite(R).all() or (scale == 0.0).any():
        return None
    _, pivoted, _ = qr(R / scale, mode="economic", pivoting=True)
    return Factor(R / scale, scale) if abs(pivoted[-1, -1]) > RANK else None


def factored(objective: Objective, theta: Array, kind: str, matrix: Array) -> tuple[Factor | None, Array, Array]:
    """Return the factor of an information matrix by a QR decomposition of the rows, with what `Objective.triangle` gives beside
    it; rows are added for what `identified` adds to the matrix.
    """
    R, right, rest = objective.triangle(theta, kind)
    if objective.K > 1:
        root = np.sqrt(np.diag(matrix).reshape(objective.K, objective.p).mean(axis=0) / objective.K)
        below = np.c_[np.kron(np.ones((1, objective.K)), np.diag(root)), np.zeros(objective.p)]
        whole: Array = np.linalg.qr(np.vstack([np.c_[R, right], below]), mode="r")
        R, right = whole[: R.shape[1], :-1], whole[: R.shape[1], -1]
    return triangular(R), right, rest


def within(objective: Objective, theta: Array, kind: str, matrix: Array, seen: Array) -> Factor | None:
    """Return the factor of an information matrix in some directions, by way of a QR decomposition of the rows where X'WX has not
    the digits; None where it is not definite.
    """
    factor = cholesky(seen.T @ matrix @ seen)
    return factor or triangular(np.linalg.qr(objective.triangle(theta, kind)[0] @ seen, mode="r"))


class DependentColumns(ValueError):
    """Columns of the matrix depend on others."""


def refuse_dependent(objective: Objective) -> None:
    """Raise DependentColumns, a ValueError, if columns of the matrix depend on others, naming each with what it is made of."""
    corner = objective.corner()
    raw = np.sqrt((corner * corner).sum(axis=0))
    shift: Array = objective.design.shift
    if objective.design.intercept:  # what is left beside a constant
        raw = np.maximum(raw[1:], sqrt(objective.n) * np.abs(shift))
        corner = corner[1:, 1:]
    scale = np.sqrt((corner * corner).sum(axis=0))
    empty = scale <= 1e-14 * raw
    said = [
        f"{name} is {'constant' if objective.design.intercept else '0'}"
        for name, no in zip(objective.design.names, empty, strict=True)
        if no
    ]
    alive = np.flatnonzero(~empty)
    if len(alive):
        _, R, order = qr(corner[:, alive] / scale[alive], mode="economic", pivoting=True)
        rank = int(np.sum(np.abs(np.diag(R)) > RANK))
        parts = solve_triangular(R[:rank, :rank], R[:rank, rank:])
        first, constant = alive[order[:rank]], " + a constant" if objective.design.intercept else ""
        for column, shares in zip(alive[order[rank:]], parts.T, strict=True):
            terms = [
                f"{share * scale[column] / scale[other]:+.4g} {objective.design.names[other]}"
                for share, other in zip(shares, first, strict=True)
                if abs(share) > 1e-9
            ]
            said.append(f"{objective.design.names[column]} = {few(terms, ' ').removeprefix('+')}{constant}")
    if said:
        raise DependentColumns(
            f"fit() cannot tell columns of X apart, {len(said)} of {len(objective.design.names)} depend on others: {few(said, '; ', most=3, longest=110)}. "
            "Leave these out, or ask for a penalty with alpha > 0"
        )
