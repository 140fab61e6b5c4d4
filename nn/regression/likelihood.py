"""The likelihood of a block of rows: what its rows add up to, by matrix products of their columns or by one compiled program."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any, NamedTuple

import numpy as np

from autograd import where

from .curves import Contribution, Curves
from .design import Linear
from .source import Array, Block, added


class Totals(NamedTuple):
    """What rows add up to: the weighted likelihoods, their gradient, the sums of `Contribution.squares`, and X'WX by kind."""

    value: float
    gradient: Array
    squares: Array
    matrices: dict[str, Array]


class Likelihood(NamedTuple):
    """The likelihood of each row: a design, and the curves of a family and a link."""

    design: Linear
    curves: Curves

    def etas(self, theta: Array, block: Block) -> Array:
        """Return the linear predictors of some rows, (K, m)."""
        return self.design.predictors(theta, self.design.columns(block.X), block.offset)

    def responses(self, block: Block) -> Any:
        """Return the observations of some rows; of classes, a list with a share for each."""
        if self.curves.family.targets != "classes":
            return block.y
        return [np.equal(block.y, k).astype(np.float64) for k in range(self.design.K)]

    def rows(self, theta: Array, block: Block, kinds: Sequence[str]) -> tuple[Array, Contribution]:
        """Return the columns of some rows, and what each of the rows adds."""
        x = self.design.columns(block.X)
        etas = self.design.predictors(theta, x, block.offset)
        return x, self.curves.over_rows(etas, self.responses(block), block.weights, block.trials, kinds)

    def by_products(self, theta: Array, kinds: Sequence[str], block: Block) -> Totals:
        """Return what some rows add up to, by matrix products."""
        with np.errstate(all="ignore"):
            x, row = self.rows(theta, block, kinds)
            matrices = {kind: self._square(x, lower) for kind, lower in row.second.items()}
            value, *squares = np.array([row.value, *row.squares]).sum(axis=1)
            gradient = (np.array(row.first) @ x).ravel()
            return Totals(value, gradient, np.array(squares), matrices)

    def by_program(self, theta: Array, kinds: Sequence[str], block: Block) -> Totals:
        """Return the same by one compiled program, which reads each row once."""
        columns = [part for part in (block.X, block.y, block.weights, block.offset, block.trials) if part is not None]
        given = [part is not None for part in (block.weights, block.offset, block.trials)]
        design, curves, single = self.design, self.curves, self.curves.single(kinds)
        K, p, classes = design.K, design.p, curves.family.targets == "classes"
        at = [(k, j) for k in range(K) for j in range(p)]

        def program(phi: Any, theta: Any, shared: Any, x: Any, y: Any, *more: Any) -> Any:
            rest = iter(more)
            parts = zip(given, (1.0, 0.0, 1.0), strict=True)
            w, offset, trials = (next(rest) if there else none for there, none in parts)
            xs = design.row(x, shared)
            offsets: Any = offset if classes and given[1] else [offset] * K
            etas = [eta + shift for eta, shift in zip(design.etas(theta, xs), offsets, strict=True)]
            target = [where(y - k, 0.0, 1.0) for k in range(K)] if classes else y
            row = curves.contribution(etas, target, w, trials, kinds, phi)
            gradient = [row.first[k] * xs[j] for k, j in at]
            triangles = [
                [
                    row.second[kind][k * (k + 1) // 2 + m] * xs[i] * xs[j]
                    for a, (k, i) in enumerate(at)
                    for m, j in at[: a + 1]
                ]
                for kind in single
            ]
            return [row.value, row.squares, gradient, *triangles]

        value, squares, gradient, *triangles = curves.compiled(
            ("sums", *kinds, *single, p, design.intercept, *given),
            lambda: program,
            theta,
            design.shared,
            *columns,
            rows=range(3, 3 + len(columns)),
            reduce="sum",
        )
        matrices = {kind: _whole(numbers, K * p) for kind, numbers in zip(single, triangles, strict=True)}
        return Totals(value, np.array(gradient), np.array(squares), matrices)

    def corner(self, theta: Array, kind: str, block: Block) -> tuple[Array, Array]:
        """Return R and c, side by side, of the QR decomposition of the rows root(W) (X, -first/W): R'R = X'WX, and R step = c is
        Newton's; and what rows without a positive W have of the gradient.
        """
        x, row = self.rows(theta, block, (kind,))
        first, second = np.array(row.first), np.array(row.second[self.curves.stand_in(kind)])
        roots, right = _roots(first, second, self.curves.pairs)
        K, width = self.design.K, self.design.K * self.design.p
        rest = np.where(roots[:, 0, 0] > 0.0, 0.0, first[0]) @ x if K == 1 else np.zeros(width)
        rows = (roots[..., None] * x[:, None, None, :]).reshape(-1, width)
        return np.linalg.qr(np.c_[rows, right.reshape(-1, 1)], mode="r"), rest

    def _square(self, x: Array, lower: Array) -> Array:
        """X'WX for a weight, or a symmetric matrix of weights, in each row."""
        K, p = self.design.K, self.design.p
        whole = np.empty((K, p, K, p))
        for (i, j), w in zip(self.curves.pairs, lower, strict=True):
            whole[i, :, j] = whole[j, :, i] = x.T @ (x * w[:, None])
        return whole.reshape(K * p, K * p)


def summed(parts: Sequence[Totals]) -> Totals:
    """Return the sum of what blocks add up to, in order; the value rounded once, infinite or nan if one is."""
    values = [float(part.value) for part in parts]
    value = fsum(values) if all(map(np.isfinite, values)) else sum(values)
    matrices = {kind: added(part.matrices[kind] for part in parts) for kind in parts[0].matrices}
    gradient, squares = (added(array) for array in zip(*((part.gradient, part.squares) for part in parts), strict=True))
    return Totals(value, gradient, squares, matrices)


def stacked(corners: Sequence[Array], width: int) -> Array:
    """Return the R of the QR decomposition of matrices one below the other, given that of each; square, if need be by rows of 0."""
    state: Array = np.zeros((0, width))
    for corner in corners:
        state = np.linalg.qr(np.vstack([state, corner]), mode="r")
    return np.vstack([state, np.zeros((max(0, width - len(state)), width))])[:width]


def _whole(numbers: Sequence[float], size: int) -> Array:
    """A symmetric matrix from its lower triangle."""
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = numbers
    return matrix + np.tril(matrix, -1).T


def _roots(first: Array, lower: Array, pairs: Sequence[tuple[int, int]]) -> tuple[Array, Array]:
    """For each row the root of a matrix of weights, (n, K, K), and what the first derivative is of it, (n, K)."""
    K = len(first)
    with np.errstate(all="ignore"):
        if K == 1:
            root = np.sqrt(np.maximum(lower[0], 0.0))
            return root[:, None, None], np.where(root > 0.0, -first[0] / root, 0.0)[:, None]
        weights = np.empty((lower.shape[1], K, K))
        for (i, j), w in zip(pairs, lower, strict=True):
            weights[:, i, j] = weights[:, j, i] = w
        sizes, vectors = np.linalg.eigh(weights)
        floor = 1e-14 * sizes[:, -1:]
        root = np.sqrt(np.where(sizes > floor, sizes, 0.0))
        turned = np.einsum("nik,in->nk", vectors, first)
        right = np.where(root > 0.0, -turned / root, 0.0)
        return root[:, :, None] * vectors.transpose(0, 2, 1), right
