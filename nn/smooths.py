"""Terms of a GAM: smooth functions of one feature, straight lines, and levels of a factor.

`s("age") + l("dose") + f("region")` are three terms. A term names a column of a table, or the position of one in an array.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import Any, ClassVar

import numpy as np

from .names import few, look_up, positive_int

Array = Any


class Term(ABC):
    """A term of a GAM; terms are added by +."""

    column: str | int
    kind: ClassVar[str]
    lam: float | None = None

    def __add__(self, other: Term | Terms) -> Terms:
        return Terms([self]) + other

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.kind}({self.column})"

    @abstractmethod
    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return the term for the numbers or levels of a fit with their weights, and with the order of levels that have one.

        Raises ValueError, in the name of `who`, where they do not tell it.
        """

    @abstractmethod
    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return its columns, (n, k), for numbers or levels."""

    @abstractmethod
    def slopes(self, piece: Piece, x: Array) -> Array:
        """Return the derivatives of its columns, (n, k), by the number; nan for levels."""


class Terms:
    """Terms of a GAM, in order.

    >>> s("age") + l("dose") + f("region")
    s(age) + l(dose) + f(region)
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)

    def __add__(self, other: Term | Terms) -> Terms:
        if not isinstance(other, (Term, Terms)):
            return NotImplemented
        return Terms([*self.terms, *(other.terms if isinstance(other, Terms) else [other])])

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __repr__(self) -> str:
        return " + ".join(term.name for term in self.terms)


@dataclass(frozen=True)
class Smooth(Term):
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


@dataclass(frozen=True)
class Straight(Term):
    """A straight line; see `l`."""

    column: str | int
    kind: ClassVar[str] = "l"

    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return its column. Raises ValueError where the numbers are all the same."""
        if x.min() == x.max():
            raise ValueError(f"{who} cannot tell {self.name} from the intercept: its column is constant")
        return Piece(self, [self.name], inside=(float(x.min()), float(x.max())))

    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return its column."""
        return x[:, None]

    def slopes(self, piece: Piece, x: Array) -> Array:
        """Return 1 for each number."""
        return np.ones((len(x), 1))


@dataclass(frozen=True)
class Factor(Term):
    """Levels; see `f`."""

    column: str | int
    kind: ClassVar[str] = "f"

    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return a column for each level but the first. Raises ValueError where there is one level only."""
        try:
            levels = np.unique(x)
        except TypeError:
            kinds = sorted({type(level).__name__ for level in x})
            raise TypeError(f"{who} expects levels of one kind in {self.name}, got {few(kinds)}") from None
        if order is not None:
            levels = np.array([level for level in order if level in levels], dtype=levels.dtype)
        if len(levels) < 2:
            raise ValueError(f"{who} expects at least two levels in {self.name}, got {few(list(levels))}")
        return Piece(self, [f"{self.name}.{level}" for level in levels[1:]], levels=levels)

    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return 1 where a level is, else 0. Raises ValueError for a level that the fit has not seen."""
        unknown = ~np.isin(x, piece.levels)
        if unknown.any():
            row = int(np.argmax(unknown))
            raise ValueError(
                f"{who} expects levels of {self.name} among {few(list(piece.levels))}, got {short(x[row])} in row {row}"
            )
        return (x[:, None] == piece.levels[1:]).astype(np.float64)

    def slopes(self, piece: Piece, x: Array) -> Array:
        """Return nan: between levels there is nothing."""
        return np.full((len(x), len(piece.names)), np.nan)


@dataclass(frozen=True, eq=False)
class Piece:
    """A term for the rows of a fit: the names of its columns, their penalty with the number of directions that it leaves free, and the
    range in which it is known.
    """

    term: Any
    names: list[str]
    penalty: Array | None = None
    free: int = 0
    inside: tuple[float, float] = (-inf, inf)
    knots: Array = None
    turned: Array = None
    levels: Array = None

    def columns(self, x: Array, who: str) -> Array:
        """Return the columns for numbers or levels."""
        matrix: Array = self.term.columns(self, x, who)
        return matrix

    def slopes(self, x: Array) -> Array:
        """Return the derivatives of the columns."""
        matrix: Array = self.term.slopes(self, x)
        return matrix


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
    return Smooth(_column(column, who), n_basis, degree, order, penalty, knots, lam)


def l(column: str | int) -> Straight:  # noqa: E743
    """Return a straight line in a feature.

    >>> l("dose").name
    'l(dose)'
    """
    return Straight(_column(column, "l()"))


def f(column: str | int) -> Factor:
    """Return the levels of a feature: a number for each but the first, in their order.

    >>> f("region").name
    'f(region)'
    """
    return Factor(_column(column, "f()"))


def _column(column: Any, who: str) -> str | int:
    if isinstance(column, bool) or not (isinstance(column, str) or hasattr(column, "__index__")):
        raise TypeError(f"{who} expects the name of a column or its position, got {type(column).__name__}")
    return column if isinstance(column, str) else int(column)


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


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["f", "l", "s"]
