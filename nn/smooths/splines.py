"""Smooth terms of a GAM: sums of B-splines with a penalty on their roughness."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import Any, ClassVar

import numpy as np

from ..names import look_up, positive_int
from .terms import Array, Basis, Piece, column_of


@dataclass(frozen=True)
class Smooth(Basis):
    """A smooth function; see `s`."""

    column: str | int
    n_basis: int
    degree: int
    order: int
    penalty: str
    knots: tuple[float, ...] | None
    lam: float | None = None
    kind: ClassVar[str] = "s"

    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return its columns for rows, and their penalty.

        Raises ValueError for too few distinct numbers, and for numbers outside of knots that were given.
        """
        inner, degree = self.n_basis - self.degree, self.degree
        low, high = float(x.min()), float(x.max())
        distinct = len(np.unique(x))
        if distinct < self.n_basis:
            raise ValueError(
                f"{who} expects at least n_basis={self.n_basis} distinct numbers for {self.name}, got {distinct}: take fewer functions, or "
                f"l({self.column!r}) or f({self.column!r})"
            )
        if self.knots is None:
            knots = low + (high - low) / inner * np.arange(-degree, inner + degree + 1)
            knots[degree], knots[-degree - 1] = low, high
        else:
            knots = np.array(self.knots)
            if low < knots[degree] or high > knots[-degree - 1]:
                raise ValueError(
                    f"{who} expects the numbers of {self.name} within its inner knots, {knots[degree]:g} to {knots[-degree - 1]:g}, got "
                    f"{low:g} to {high:g}"
                )
        whole = _splines(knots, degree, x)
        raw = PENALTIES[self.penalty](knots, degree, self.order)
        sums = whole.sum(axis=0) if weights is None else weights @ whole
        turned = np.linalg.qr(sums[:, None], mode="complete")[0][:, 1:]  # of the functions, those that add up to 0
        sizes, vectors = np.linalg.eigh(turned.T @ raw @ turned)  # along these a large lambda costs no digits
        sizes[: self.order - 1] = 0.0
        names = [f"{self.name}.{k}" for k in range(1, self.n_basis)]
        inside = (float(knots[degree]), float(knots[-degree - 1]))
        return Piece(self, names, np.diag(sizes), self.order - 1, inside, knots, turned @ vectors)

    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return its columns for numbers; beyond the inner knots they go on as straight lines."""
        return _splines(piece.knots, self.degree, x) @ piece.turned

    def slopes(self, piece: Piece, x: Array) -> Array:
        """Return the derivatives of its columns; beyond the inner knots those of straight lines."""
        return _spline_slopes(piece.knots, self.degree, np.clip(x, *piece.inside)) @ piece.turned


def s(
    column: str | int, n_basis: int = 10, degree: int = 3, order: int = 2, penalty: str = "difference", knots: Any = None,
    lam: float | None = None,
) -> Smooth:  # fmt: skip
    """Return a smooth function of a feature: a sum of B-splines whose roughness is penalised.

    There are `n_basis` splines of a `degree`, on knots that stand equidistant over the numbers of the fit, or on `knots`, all of them:
    n_basis + degree + 1, ascending. The penalty is lam/2 times the sum of squared differences, of an `order`, of the coefficients
    ("difference": P-splines), or times the integral of the squared derivative of that order ("curvature"). Without `lam`, the
    fit chooses it. The function adds up to 0 over the rows of the fit, by their weights; beyond the inner knots it goes on as a straight line.

    Source: Eilers and Marx, Flexible smoothing with B-splines and penalties, 1996; Wood, Generalized Additive Models, 2017.

    Raises ValueError or TypeError for options that are none.

    >>> s("age", n_basis=8).name
    's(age)'
    """
    who = "s()"
    degree, order = positive_int(degree, who, "degree"), positive_int(order, who, "order")
    n_basis = positive_int(n_basis, who, "n_basis")
    if n_basis <= max(degree, order):
        raise ValueError(f"{who} expects n_basis above degree and order, got {n_basis} for {degree} and {order}")
    look_up("penalty", penalty, PENALTIES)
    if penalty == "curvature" and order > degree:
        raise ValueError(f"{who} expects an order of at most the degree {degree} for a curvature, got {order}")
    if lam is not None and not (isinstance(lam, Real) and not isinstance(lam, bool) and 0.0 <= lam < inf):
        raise ValueError(f"{who} expects lam to be a number from 0 up, got {short(lam)}")
    if knots is not None:
        knots = tuple(float(knot) for knot in knots)
        if (
            len(knots) != n_basis + degree + 1
            or not np.isfinite(knots).all()
            or not all(a <= b for a, b in pairwise(knots))
        ):
            raise ValueError(f"{who} expects {n_basis + degree + 1} ascending knots, got {len(knots)}: {short(knots)}")
    return Smooth(column_of(column, who), n_basis, degree, order, penalty, knots, lam)


def _splines(knots: Array, degree: int, x: Array) -> Array:
    """All B-splines at numbers, beyond the inner knots straight lines."""
    from scipy.interpolate import BSpline

    low, high = knots[degree], knots[-degree - 1]
    at = np.clip(x, low, high)
    matrix: Array = BSpline.design_matrix(at, knots, degree).toarray()
    outside = np.flatnonzero(x != at)
    if len(outside):
        matrix[outside] += (x - at)[outside, None] * _spline_slopes(knots, degree, at[outside])
    return matrix


def _spline_slopes(knots: Array, degree: int, x: Array) -> Array:
    """The derivatives of all B-splines at numbers within the inner knots."""
    from scipy.interpolate import BSpline

    slopes: Array = BSpline(knots, np.eye(len(knots) - degree - 1), degree).derivative()(x)
    return slopes


def _differences(knots: Array, degree: int, order: int) -> Array:
    """The squares of differences of an order of all coefficients."""
    rows = np.diff(np.eye(len(knots) - degree - 1), order, axis=0)
    return rows.T @ rows


def _curvature(knots: Array, degree: int, order: int) -> Array:
    """The integrals of the products of derivatives, over the inner knots: exact by Gauss's rule on each piece."""
    from scipy.interpolate import BSpline

    nodes, weights = np.polynomial.legendre.leggauss(degree + 1)
    low, high = knots[degree : -degree - 1], knots[degree + 1 : -degree]
    x = ((high - low)[:, None] * nodes + (high + low)[:, None]).ravel() / 2.0
    w = ((high - low)[:, None] * weights).ravel() / 2.0
    bent = BSpline(knots, np.eye(len(knots) - degree - 1), degree).derivative(order)(x)
    return bent.T @ (bent * w[:, None])


PENALTIES = {"difference": _differences, "curvature": _curvature}
