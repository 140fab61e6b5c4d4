"""Designs: how a row leads to its linear predictors. Solvers know coefficients and designs, never columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograd import compile, dot

from .source import Array, Block, Source

SOME = 8192  # rows, evenly spaced, whose mean is taken from the columns


@dataclass(frozen=True)
class Linear:
    """K linear predictors of p columns: theta is a vector of K blocks of p, in which an intercept comes first.

    With an intercept the columns are taken from about their means, `shift`: predictors are the same, the sums of squares better
    conditioned.
    """

    names: Sequence[str]
    intercept: int
    shift: Array | None
    K: int = 1

    @classmethod
    def of(cls, source: Source, names: Sequence[str], intercept: bool, K: int = 1) -> Linear:
        """Return the design of the columns of a source.

        The shift is the mean of some rows, as any shift will do; of 24 bits, so that a difference from it is exact where the data
        have as few.
        """
        if not intercept:
            return cls(names, 0, None, K)
        some = source.only(slice(None, None, max(1, source.n // SOME)))
        total = np.sum(some.map(_sums), axis=0) if source.n else np.zeros(len(names))
        return cls(names, 1, _short(total / max(1, some.n)), K)

    @property
    def p(self) -> int:
        """The number of columns, that of ones included."""
        return len(self.names) + self.intercept

    @cached_property
    def penalized(self) -> Array:
        """1 for each coefficient that a penalty may hold, 0 for the intercepts."""
        return np.tile(np.r_[np.zeros(self.intercept), np.ones(len(self.names))], self.K)

    def columns(self, X: Array) -> Array:
        """Return the columns of rows of features, with ones and shifted."""
        if self.shift is None:
            return X
        made = np.empty((len(X), self.p))
        made[:, 0] = 1.0
        np.subtract(X, self.shift, out=made[:, 1:])
        return made

    def predictors(self, theta: Array, x: Array, offset: Array | None = None) -> Array:
        """Return the linear predictors of some rows, (K, m), from their columns."""
        etas = (x @ theta.reshape(self.K, self.p).T).T
        return etas if offset is None else etas + offset.T

    # For one row, while it is traced

    @property
    def shared(self) -> Array:
        """The numbers that all rows share, inputs of what is compiled."""
        return np.zeros(len(self.names)) if self.shift is None else self.shift

    def row(self, x: Sequence[Any], shared: Sequence[Any]) -> list[Any]:
        """Return the columns of one row."""
        return [1.0, *(a - b for a, b in zip(x, shared, strict=True))] if self.intercept else list(x)

    def etas(self, theta: Sequence[Any], xs: Sequence[Any]) -> list[Any]:
        """Return the predictors of one row, from its columns."""
        return [dot(theta[k * self.p : k * self.p + self.p], xs) for k in range(self.K)]

    def unshifted(self, block: Sequence[Any], numbers: Sequence[Any]) -> Any:
        """Return one predictor of one row of features as they are, from its coefficients for these."""
        return dot(numbers, block[self.intercept :], block[0] if self.intercept else 0.0)

    # Coefficients

    def shifted(self, theta: Array) -> Array:
        """Return coefficients of the columns as they are, from those of the shifted ones."""
        if self.shift is None:
            return theta
        blocks = theta.reshape(self.K, self.p).copy()
        blocks[:, 0] -= blocks[:, 1:] @ self.shift
        return blocks.ravel()

    @property
    def moves(self) -> Array:
        """The matrix of `shifted`."""
        matrix = np.eye(self.p)
        if self.shift is not None:
            matrix[0, 1:] = -self.shift
        return np.kron(np.eye(self.K), matrix)

    def taken(self, columns: Array) -> tuple[Linear, Array]:
        """Return the design of some of the features only, shifted as here, and the places of their coefficients in theta."""
        places = np.r_[np.arange(self.intercept), self.intercept + columns]
        places = (self.p * np.arange(self.K)[:, None] + places).ravel()
        shift = None if self.shift is None else self.shift[columns]
        return replace(self, names=[self.names[k] for k in columns], shift=shift), places


@dataclass(frozen=True)
class Network:
    """K linear predictors that are the outputs of a network: its weights are the Values that it holds."""

    names: Sequence[str]
    network: Any
    K: int = 1

    def etas(self, xs: Sequence[Any]) -> list[Any]:
        """Return the predictors of one row of features."""
        outputs = self.network(xs)
        return list(outputs) if self.K > 1 else [outputs]

    @cached_property
    def _over_rows(self) -> Any:
        return compile(self.etas, rows=0)

    def features(self, X: Array) -> Array:
        """Return what the last layer is given, for rows of features."""
        return np.stack(compile(type(self.network).of(self.network.layers[:-1]), rows=0)(X), axis=1)

    def predictors(self, X: Array, offset: Array | None = None) -> Array:
        """Return the predictors of rows of features, (K, n)."""
        etas = np.array(self._over_rows(X))
        return etas if offset is None else etas + np.reshape(offset, (len(X), -1)).T


def _sums(block: Block) -> Array:
    return block.X.sum(axis=0)


def _short(x: Array) -> Array:
    """Numbers of 24 bits next to these."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(mantissa, 24)), exponent - 24)
