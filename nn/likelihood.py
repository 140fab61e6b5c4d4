"""The likelihood of many rows: traced for one, replayed over arrays, summed in blocks that stay in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from math import fsum, inf, nan
from typing import Any, NamedTuple

import numpy as np

from autograd import compile, grad, hessian, value_and_grad, where

from .families import Family
from .links import REAL, Interval, Link

BLOCK = 4096  # rows: with a dozen columns they stay in the second cache
CHUNK = 16  # blocks that one thread takes at a time

Array = Any


class Curves:
    """The negative log-likelihood of one observation as a function of its linear predictors, and its derivatives.

    Where the mean leaves the family's support, or a predictor the link's domain, the likelihood is infinite.
    """

    def __init__(self, family: Family, link: Link, count: int, phi: float = 1.0) -> None:
        self.family, self.link, self.count, self.phi = family, link, count, phi
        self.pairs = [(i, j) for i in range(count) for j in range(i + 1)]
        self._compiled: dict[Any, Any] = {}

    def __reduce__(self) -> Any:
        """Pickled without what has been compiled."""
        return Curves, (self.family, self.link, self.count, self.phi)

    def loss(self, etas: Sequence[Any], y: Any) -> Any:
        """Return the negative log-likelihood of one observation."""
        eta = etas if self.family.targets == "classes" else etas[0]
        mu = self.link.mean(eta)
        value = self.family.nll(y, mu, self.phi)
        if self.link.domain != REAL:
            value = _inside(eta, self.link.domain, value)
        if not contains(self.family.support, self.link.range):
            value = _inside(mu.value, self.family.support, value)
        return value

    def expected(self, etas: Sequence[Any]) -> Any:
        """Return the Fisher information of one observation: the second derivative with the mean in the place of y."""
        eta = etas if self.family.targets == "classes" else etas[0]
        return hessian(self.loss)(etas, self.link.inverse(eta))

    def at(self, etas: Array, y: Any, kinds: Sequence[str] = ()) -> tuple[Array, Array, dict[str, Array]]:
        """Return over rows the value (n), the first derivative (K, n), and second ones, "observed" or "expected", of K
        predictors: the lower triangle in rows, (K(K + 1)/2, n).
        """
        key = tuple(sorted(set(kinds) & {"observed", "expected"}))
        if key not in self._compiled:
            self._compiled[key] = compile(self._program(key))
        value, first, *second = self._compiled[key](list(etas), y)
        found = {kind: np.asarray(lower) for kind, lower in zip(key, second, strict=True)}
        if "robust" in kinds:
            found["robust"] = np.array([first[i] * first[j] for i, j in self.pairs])
        return value, np.asarray(first), found

    def _program(self, kinds: Sequence[str]) -> Callable[..., Any]:
        ways = {
            "observed": lambda etas, y: hessian(self.loss)(etas, y),
            "expected": lambda etas, y: self.expected(etas),
        }

        def program(etas: Any, y: Any) -> Any:
            whole = [ways[kind](etas, y) for kind in kinds]
            return [*value_and_grad(self.loss)(etas, y), *([m[i][j] for i, j in self.pairs] for m in whole)]

        return program

    def residuals(self, kind: str, etas: Array, y: Array, trials: Array | None) -> Array:
        """Return the residuals of a kind over rows: see `GLM.residuals`."""
        kinds = ("response", "deviance", *(("pearson", "working") if self.family.scored_by_mean else ()))
        kinds = kinds[:1] if self.count > 1 else kinds
        if kind not in kinds:
            known = ", ".join(map(repr, kinds))
            raise ValueError(f"GLM.residuals() expects kind to be one of {known} for {self.family!r}, got {kind!r}")
        if self.count > 1:
            return np.array([np.equal(y, k) - mu for k, mu in enumerate(self.mean(list(etas)))]).T
        rest = y - self.mean(etas[0])
        root = 1.0 if trials is None else np.sqrt(trials)
        if kind == "response":
            return rest
        if kind == "deviance":
            return np.sign(rest) * np.sqrt(np.maximum(self.deviance(list(etas), y), 0.0)) * root
        _, first, second = self.at(etas, y, ("expected",))
        with np.errstate(all="ignore"):
            return (
                -first[0] / second["expected"][0]
                if kind == "working"
                else -first[0] / np.sqrt(second["expected"][0]) * root
            )

    @cached_property
    def mean(self) -> Callable[[Any], Any]:
        """The mean, over arrays of predictors."""
        return compile(self.link.inverse)

    @cached_property
    def logs(self) -> Callable[[Any], Any]:
        """The logarithms of 1 - mean and of the mean, over arrays of predictors."""

        def logs(eta: Any) -> Any:
            mu = self.link.mean(eta)
            return [mu.log1m, mu.log]

        return compile(logs)

    @cached_property
    def mean_slope(self) -> Callable[[Any], Any]:
        """The mean's derivative, over arrays of predictors."""
        return compile(grad(self.link.inverse))

    @cached_property
    def deviance(self) -> Callable[..., Any]:
        """The unit deviance, over arrays."""

        def deviance(etas: Any, y: Any) -> Any:
            return self.family.unit_deviance(y, self.link.mean(etas if self.family.targets == "classes" else etas[0]))

        return compile(deviance)


def contains(outer: Interval, inner: Interval) -> bool:
    """Return whether one interval lies in another.

    >>> contains((0.0, 1.0), (0.25, 1.0)), contains((0.0, 1.0), (0.0, 2.0))
    (True, False)
    """
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _inside(x: Any, bounds: Interval, value: Any) -> Any:
    """The value where x lies within bounds, else infinity."""
    low, high = bounds
    if low > -inf:
        value = where(x > low, value, inf)
    return where(x < high, value, inf) if high < inf else value


class Totals(NamedTuple):
    """The sums over rows: of the weighted likelihoods with the penalty, of their gradients, and X'WX by kind.

    `phi` is a rough dispersion: the scores' mean square over the mean information.
    """

    value: float
    gradient: Array
    phi: float
    matrices: dict[str, Array]


class Rows:
    """The rows of a fit: a matrix, the observations, weights and offsets, and the likelihood of each row.

    Coefficients `theta` are a vector of K blocks of p, in which an intercept comes first. With an intercept the columns
    are taken from their means, `shift`: predictors are the same, the sums of squares better conditioned.
    `ridge` is added to the likelihood, ridge/2 times the square of each coefficient but the intercepts.
    """

    def __init__(
        self,
        X: Array,
        y: Array,
        curves: Curves,
        weights: Array | None = None,
        offset: Array | None = None,
        intercept: bool = True,
        ridge: float = 0.0,
        names: Sequence[str] = (),
    ) -> None:
        self.X, self.y, self.curves, self.weights, self.offset = X, y, curves, weights, offset
        self.intercept, self.ridge = int(intercept), ridge
        self.names = list(names) or [f"x{k}" for k in range(X.shape[1])]
        self.n, self.K = len(X), curves.count
        self.p = X.shape[1] + self.intercept
        # Of 24 bits, so that a difference from it is exact where the data have as few.
        self.shift = X.mean(axis=0).astype(np.float32).astype(np.float64) if intercept else None
        self.penalized = np.tile(np.r_[np.zeros(self.intercept), np.ones(X.shape[1])], self.K)

    def shifted(self, theta: Array, back: bool = False) -> Array:
        """Return coefficients of the columns as they are, from those of the shifted ones; `back`, the other way round."""
        if self.shift is None:
            return theta
        blocks = theta.reshape(self.K, self.p).copy()
        moved = blocks[:, 1:] @ self.shift
        blocks[:, 0] += moved if back else -moved
        return blocks.ravel()

    def blocks(self) -> Iterator[tuple[int, int, Array]]:
        """Yield the first row, the last but one, and the rows of the matrix, block by block, each in the same buffer."""
        buffer = np.empty((BLOCK, self.p))
        for low in range(0, self.n, BLOCK):
            high = min(low + BLOCK, self.n)
            yield low, high, self.matrix(low, high, buffer)

    def corner(self) -> Array:
        """Return the R of the QR decomposition of the matrix itself."""
        state: Array = np.zeros((0, self.p))
        for _, _, x in self.blocks():
            state = np.linalg.qr(np.vstack([state, x]), mode="r")
        return np.vstack([state, np.zeros((max(0, self.p - len(state)), self.p))])

    @property
    def moves(self) -> Array:
        """The matrix of `shifted`."""
        matrix = np.eye(self.p)
        if self.shift is not None:
            matrix[0, 1:] = -self.shift
        return np.kron(np.eye(self.K), matrix)

    def matrix(self, low: int, high: int, out: Array | None = None) -> Array:
        """Return some rows of the matrix, with ones and shifted; written to `out`."""
        if self.shift is None:
            return self.X[low:high]
        block = np.empty((high - low, self.p)) if out is None else out[: high - low]
        block[:, 0] = 1.0
        np.subtract(self.X[low:high], self.shift, out=block[:, 1:])
        return block

    def predictors(self, theta: Array, x: Array, low: int, high: int, plain: bool = False) -> Array:
        """Return the K linear predictors of some rows; `plain`, without the offset."""
        etas = (x @ theta.reshape(self.K, self.p).T).T
        return etas if self.offset is None or plain else etas + self.offset[low:high]

    def responses(self, low: int, high: int) -> Any:
        """Return the observations of some rows; of classes, a list with a share for each."""
        y = self.y[low:high]
        return (
            [np.equal(y, k).astype(np.float64) for k in range(self.K)] if self.curves.family.targets == "classes" else y
        )

    def over(self, work: Callable[[int, int, Array], Any]) -> list[Any]:
        """Return the results of work(low, high, buffer) on all blocks, in order, done by the machine's cores."""
        starts = range(0, self.n, BLOCK)
        chunks = [starts[k : k + CHUNK] for k in range(0, len(starts), CHUNK)]

        def run(chunk: Sequence[int]) -> list[Any]:
            buffer = np.empty((BLOCK, self.p))
            return [work(low, min(low + BLOCK, self.n), buffer) for low in chunk]

        threads = min(len(chunks), os.cpu_count() or 1)
        if threads < 2:
            return [result for chunk in chunks for result in run(chunk)]
        with ThreadPoolExecutor(threads) as pool:
            return [result for results in pool.map(run, chunks) for result in results]

    def eta(self, theta: Array, plain: bool = False) -> Array:
        """Return the linear predictors of all rows, (K, n)."""

        def work(low: int, high: int, buffer: Array) -> Array:
            return self.predictors(theta, self.matrix(low, high, buffer), low, high, plain)

        return np.concatenate(self.over(work), axis=1)

    def totals(self, theta: Array, kinds: Sequence[str] = ("observed",)) -> Totals:
        """Return the sums over rows; of X'WX those of the kinds "observed", "expected" and "robust"."""

        def work(low: int, high: int, buffer: Array) -> Any:
            x = self.matrix(low, high, buffer)
            value, first, second = self.curves.at(
                self.predictors(theta, x, low, high), self.responses(low, high), kinds
            )
            squares = first * first
            if self.weights is not None:
                w = self.weights[low:high]
                value, first, squares = value * w, first * w, squares * w
                second = {kind: lower * w for kind, lower in second.items()}
            information = second["observed"][0].sum() if "observed" in second else nan
            sums = np.array([squares.sum(), information])
            return value.sum(), sums, (first @ x).ravel(), [self._products(x, second[kind]) for kind in kinds]

        with np.errstate(all="ignore"):
            values, sums, gradients, matrices = zip(*self.over(work), strict=True)
            found = {kind: np.sum([m[k] for m in matrices], axis=0) for k, kind in enumerate(kinds)}
            for kind in found.keys() - {"robust"}:
                found[kind] = found[kind] + self.ridge * np.diag(self.penalized)
            value = _total(values) + 0.5 * self.ridge * float(np.sum(self.penalized * theta * theta))
            gradient = np.sum(gradients, axis=0) + self.ridge * self.penalized * theta
            squares, information = np.sum(sums, axis=0).tolist()
        phi = abs(squares / information) if self.curves.family.has_dispersion and information else 1.0
        return Totals(value, gradient, phi, found)

    def value(self, theta: Array) -> float:
        """Return the sum of weighted negative log-likelihoods and the penalty."""
        return self.totals(theta, ()).value

    def _products(self, x: Array, lower: Array) -> Array:
        """X'WX for a weight, or a symmetric matrix of weights, in each row."""
        whole = np.empty((self.K, self.p, self.K, self.p))
        for (i, j), w in zip(self.curves.pairs, lower, strict=True):
            whole[i, :, j] = whole[j, :, i] = x.T @ (x * w[:, None])
        return whole.reshape(self.K * self.p, -1)

    def triangle(self, theta: Array, kind: str) -> tuple[Array, Array, Array]:
        """Return R and c of the QR decomposition of the rows root(W) (X, -first/W): R'R = X'WX, and R step = c is Newton's.
        What rows without a positive W have of the gradient is returned beside them.

        Taken block by block (Demmel and others 2012), so it costs the digits of X and not those of X'X; the penalty is
        rows below.
        """
        width = self.K * self.p
        state: Array = np.zeros((0, width + 1))
        rest = np.zeros(width)
        for low, high, x in self.blocks():
            _, first, second = self.curves.at(self.predictors(theta, x, low, high), self.responses(low, high), (kind,))
            w = np.ones(high - low) if self.weights is None else self.weights[low:high]
            roots, right = _roots(first * w, second[kind] * w, self.curves.pairs)
            if self.K == 1:
                rest += np.where(roots[:, 0, 0] > 0.0, 0.0, first[0] * w) @ x
            rows = (roots[..., None] * x[:, None, None, :]).reshape(-1, width)
            state = np.linalg.qr(np.vstack([state, np.c_[rows, right.reshape(-1, 1)]]), mode="r")
        if self.ridge:
            root = np.sqrt(self.ridge) * self.penalized
            state = np.linalg.qr(np.vstack([state, np.c_[np.diag(root), -root * theta]]), mode="r")
        state = np.vstack([state, np.zeros((max(0, width - len(state)), width + 1))])
        return state[:width, :width], state[:width, width], rest


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


def _total(values: Sequence[float]) -> float:
    """The sum of the blocks' values, rounded once; infinite or nan if one is."""
    whole = [float(v) for v in values]
    return fsum(whole) if all(map(np.isfinite, whole)) else sum(whole)
