"""What the terms of a GAM have in common, whatever function of a feature they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import numpy as np

from autograd import dot

Array = Any


class Term(ABC):
    """A term of a GAM; terms are added by +."""

    column: str | int
    kind: ClassVar[str]
    lam: float | None = None
    called: str | None = None

    def __add__(self, other: Term | Terms) -> Terms:
        return Terms([self]) + other

    @property
    def name(self) -> str:
        """What it is called: by its own name, or by its column."""
        return self.called or f"{self.kind}({self.column})"

    @abstractmethod
    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return the term for the numbers or levels of a fit with their weights, and with the order of levels that have one.

        Raises ValueError, in the name of `who`, where they do not tell it.
        """

    @abstractmethod
    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return for numbers or levels the derivatives of what it adds by its coefficients, (n, k)."""

    @abstractmethod
    def share(self, piece: Piece, x: Array, coefficients: Array, who: str) -> Array:
        """Return what it adds to the predictor for numbers or levels, (n), given its coefficients."""

    @abstractmethod
    def rise(self, piece: Piece, x: Array, coefficients: Array) -> Array:
        """Return the derivative of what it adds by the number; nan for levels."""

    @abstractmethod
    def node(self, piece: Piece, x: Any, leaves: Sequence[Any], who: str) -> Any:
        """Return what it adds for one number or level as a graph, given its coefficients as Values."""


class Basis(Term):
    """A term that adds coefficients times known functions of the feature."""

    @abstractmethod
    def slopes(self, piece: Piece, x: Array) -> Array:
        """Return the derivatives of its columns, (n, k), by the number; nan for levels."""

    def share(self, piece: Piece, x: Array, coefficients: Array, who: str) -> Array:
        """Return the sum of its columns times the coefficients."""
        return self.columns(piece, x, who) @ coefficients

    def rise(self, piece: Piece, x: Array, coefficients: Array) -> Array:
        """Return the sum of its columns' derivatives times the coefficients."""
        return self.slopes(piece, x) @ coefficients

    def node(self, piece: Piece, x: Any, leaves: Sequence[Any], who: str) -> Any:
        """Return the sum of its columns' numbers times the coefficients."""
        return dot(self.columns(piece, np.array([x]), who)[0].tolist(), list(leaves))


class Terms:
    """Terms of a GAM, in order.

    >>> from nn.smooths import f, l, s
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


@dataclass(frozen=True, eq=False)
class Piece:
    """A term for the rows of a fit: the names of its columns, their penalty with the number of directions that it leaves free, and the
    range in which it is known; of a curve also the coefficients `at` which it is touched by its columns.
    """

    term: Any
    names: list[str]
    penalty: Array | None = None
    free: int = 0
    inside: tuple[float, float] = (-inf, inf)
    knots: Array = None
    turned: Array = None
    levels: Array = None
    at: Array = None

    @property
    def curved(self) -> bool:
        """Whether what it adds is no sum of its columns, so that these are known at some coefficients only."""
        return not isinstance(self.term, Basis)

    @property
    def known(self) -> bool:
        """Whether its columns are known."""
        return not self.curved or self.at is not None

    def columns(self, x: Array, who: str) -> Array:
        """Return the columns for numbers or levels."""
        matrix: Array = self.term.columns(self, x, who)
        return matrix

    def share(self, x: Array, coefficients: Array, who: str) -> Array:
        """Return what it adds for numbers or levels."""
        added: Array = self.term.share(self, x, coefficients, who)
        return added


def column_of(column: Any, who: str) -> str | int:
    """Return the column that a term names. Raises TypeError for what is neither a name nor a position."""
    if isinstance(column, bool) or not (isinstance(column, str) or hasattr(column, "__index__")):
        raise TypeError(f"{who} expects the name of a column or its position, got {type(column).__name__}")
    return column if isinstance(column, str) else int(column)
