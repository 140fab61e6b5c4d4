"""The terms of a GAM that need no choice: straight lines, and levels of a factor."""

from __future__ import annotations

from dataclasses import dataclass
from reprlib import repr as short
from typing import ClassVar

import numpy as np

from ..names import few
from .terms import Array, Basis, Piece, column_of


@dataclass(frozen=True)
class Straight(Basis):
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
class Factor(Basis):
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


def l(column: str | int) -> Straight:  # noqa: E743
    """Return a straight line in a feature.

    >>> l("dose").name
    'l(dose)'
    """
    return Straight(column_of(column, "l()"))


def f(column: str | int) -> Factor:
    """Return the levels of a feature: a number for each but the first, in their order.

    >>> f("region").name
    'f(region)'
    """
    return Factor(column_of(column, "f()"))
