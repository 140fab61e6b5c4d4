"""The likelihood of many rows: traced for one, replayed over arrays, summed in blocks that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import cached_property, lru_cache
from importlib.util import find_spec
from math import fsum, inf, nan
from typing import Any, NamedTuple

import numpy as np

from autograd import Interval, compile, dot, errstate, grad, hessian, maximum, value_and_grad, where

from .families import Family
from .links import REAL, Link

BLOCK = 4096  # rows: with a dozen columns they stay in the second cache
CHUNK = 16  # blocks that one thread takes at a time
SOME = 8192  # rows, evenly spaced, whose mean is taken from the columns
WIDE = 32  # coefficients, up to which one program sums the products of all pairs of columns
LARGE = 300_000  # numbers in X, from which on it is worth tracing

Array = Any


class Curves:
    """The negative log-likelihood of one observation as a function of its linear predictors, and its derivatives.

    Where the mean leaves the family's support, or a predictor the link's domain, the likelihood is infinite. The dispersion
    `phi` is 1 where it only scales the score, and else an input of what is compiled.
    """

    def __init__(self, family: Family, link: Link, count: int, phi: float = 1.0) -> None:
        self.family, self.link, self.count, self.phi = family, link, count, phi
        self.pairs = [(i, j) for i in range(count) for j in range(i + 1)]
        self._compiled: dict[Any, Any] = {}

    def __reduce__(self) -> Any:
        """Pickled without what has been compiled."""
        return Curves, (self.family, self.link, self.count, self.phi)

    def at_dispersion(self, phi: float) -> Curves:
        """Return the same curves at another dispersion; what has been compiled serves both."""
        curves = Curves(self.family, self.link, self.count, phi)
        curves._compiled = self._compiled
        return curves

    def compiled(self, key: Any, f: Callable[[], Callable[..., Any]], *args: Any, **how: Any) -> Any:
        """Return what a function, made and compiled at the first call, answers; its first argument is the dispersion."""

        def made() -> Callable[..., Any]:
            inner, fixed = f(), self.family.scales
            return compile(lambda phi, *given: inner(1.0 if fixed else phi, *given), **how)

        return self._once(key, made)(self.phi, *args)

    def _once(self, key: Any, made: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """What has been compiled under a key, for every dispersion."""
        if key not in self._compiled:
            self._compiled[key] = made()
        return self._compiled[key]  # type: ignore[no-any-return]

    def loss(self, etas: Sequence[Any], y: Any, phi: Any = 1.0) -> Any:
        """Return the negative log-likelihood of one observation."""
        eta = self._given(etas)
        mu = self.link.mean(eta)
        value = self.family.nll(y, mu, phi)
        if self.link.domain != REAL:
            value = _inside(eta, self.link.domain, value)
        if not self.family.support.covers(self.link.range):
            value = _inside(mu.value, self.family.support, value)
        return value

    def expected(self, etas: Sequence[Any], phi: Any = 1.0) -> Any:
        """Return the Fisher information of one observation: the second derivative with the mean in the place of y."""
        return hessian(self.loss)(etas, self.link.inverse(self._given(etas)), phi)

    @cached_property
    def edges(self) -> Interval:
        """The interval of predictors whose means the family can have: finite ends are edges, where a row may come to stand."""
        low, high = self.link.domain
        if self.link.several or self.family.support.covers(self.link.range):
            return self.link.domain
        for end, mean in zip((-inf, inf), self.family.support, strict=True):
            if mean in self.link.range:
                if (end < 0.0) == self.link.rises:
                    low = max(low, self.link(mean))
                else:
                    high = min(high, self.link(mean))
        return Interval(low, high)

    @cached_property
    def canonical(self) -> bool:
        """Whether the second derivative does not depend on y, so that observed and expected information are one; checked at some
        numbers.
        """
        if self.link.several or not self.family.scored_by_mean:
            return self.link.several
        bend = grad(grad(lambda eta, y: self.loss([eta], y, self.phi)))
        near, far = self.edges.middle()
        spread = [near + (far - near) * share for share in (-4.0, -1.5, -0.2, 0.0, 0.3, 1.0, 2.5, 5.0)]
        with errstate("ignore"):
            bends = [[bend(eta, y) for y in self.family.inside] for eta in spread if eta in self.edges]
        return all(max(row) - min(row) <= 1e-10 * abs(row[0]) for row in bends)

    @property
    def limits(self) -> Interval:
        """The means that a predictor leads to as it runs to -inf and to inf; nan where an edge comes first."""
        ends = self.link.range if self.link.rises else self.link.range[::-1]
        return Interval(*(mean if abs(edge) == inf else nan for mean, edge in zip(ends, self.edges, strict=True)))

    def endless(self, y: Array) -> Array:
        """Return for each observation -1 or 1 where the predictor may run to -inf or inf and the likelihood still grows, as y is
        at the limit of the means or beyond; else 0.
        """
        low, high = self.limits if self.link.rises else self.limits[::-1]
        sign = 1 if self.link.rises else -1
        return sign * ((y >= high).astype(int) - (y <= low).astype(int))

    def _given(self, etas: Sequence[Any]) -> Any:
        """What the link takes: a predictor, or of classes all of them."""
        return etas if self.link.several else etas[0]

    def at(self, etas: Array, y: Any, kinds: Sequence[str] = ()) -> tuple[Array, Array, dict[str, Array]]:
        """Return over rows the value (n), the first derivative (K, n), and second ones by kind, "observed", "expected" or
        "robust", the square of the first: of K predictors the lower triangle in rows, (K(K + 1)/2, n).
        """

        def here() -> Callable[..., Any]:
            return lambda phi, etas, y: list(self.here(etas, y, kinds, phi))

        value, first, second = self.compiled(("at", *kinds), here, list(etas), y, rows=(1, 2))
        return value, np.asarray(first), {kind: np.asarray(lower) for kind, lower in second.items()}

    def here(
        self, etas: Sequence[Any], y: Any, kinds: Sequence[str], phi: Any = 1.0
    ) -> tuple[Any, list[Any], dict[str, list[Any]]]:
        """Return the same for one observation."""
        value, first = value_and_grad(self.loss)(etas, y, phi)
        whole: dict[str, Any] = {}
        for kind in kinds:
            if kind == "robust":
                whole[kind] = [[a * b for b in first] for a in first]
            else:
                whole[kind] = hessian(self.loss)(etas, y, phi) if kind == "observed" else self.expected(etas, phi)
        return value, first, {kind: [matrix[i][j] for i, j in self.pairs] for kind, matrix in whole.items()}

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
            scores, information = -first[0], second["expected"][0]
            return (
                scores / information
                if kind == "working"
                else np.sign(rest) * np.abs(scores) / np.sqrt(information) * root
            )

    @property
    def mean(self) -> Callable[[Any], Any]:
        """The mean, over arrays of predictors."""
        return self._once("mean", lambda: compile(self.link.inverse, rows=0))

    @property
    def logs(self) -> Callable[[Any], Any]:
        """The logarithms of 1 - mean and of the mean, over arrays of predictors."""

        def logs(eta: Any) -> Any:
            mu = self.link.mean(eta)
            return [mu.log1m, mu.log]

        return self._once("logs", lambda: compile(logs, rows=0))

    @property
    def mean_slope(self) -> Callable[[Any], Any]:
        """The mean's derivative, over arrays of predictors."""
        return self._once("mean_slope", lambda: compile(grad(self.link.inverse), rows=0))

    def deviance(self, etas: Sequence[Any], y: Any) -> Array:
        """Return the unit deviance over rows."""
        if not self.family.peaks_at_y:  # asked here, as nothing can be asked in a trace
            return np.full(np.shape(y), nan)

        def deviance() -> Callable[..., Any]:
            return lambda phi, etas, y: self.unit_deviance(etas, y, phi)

        return self.compiled("deviance", deviance, list(etas), y, rows=(1, 2))

    def unit_deviance(self, etas: Sequence[Any], y: Any, phi: Any = 1.0) -> Any:
        """Return the unit deviance of one observation."""
        return self.family.unit_deviance(y, self.link.mean(self._given(etas)), phi)

    def nll(self, etas: Sequence[Any], y: Any, phi: float = 1.0) -> Array:
        """Return over rows the negative log-likelihood, also on an edge, where it may be finite."""
        return self._once("nll", lambda: compile(self._one, rows=(0, 1)))(list(etas), y, phi)

    def rise(self, etas: Sequence[Any], y: Any) -> Array:
        """Return over rows its derivative with respect to the first predictor."""
        return self._once("rise", lambda: compile(grad(self._one), rows=(0, 1)))(list(etas), y, 1.0)[0]

    def nll_slope(self, etas: Sequence[Any], y: Any, phi: float) -> Array:
        """Return over rows its derivative with respect to the dispersion."""
        return self._once("nll_slope", lambda: compile(grad(self._one, 2), rows=(0, 1)))(list(etas), y, phi)

    def _one(self, etas: Any, y: Any, phi: Any) -> Any:
        return self.family.nll(y, self.link.mean(self._given(etas)), phi)


@lru_cache(maxsize=32)
def curves_of(family: Family, link: Link, count: int) -> Curves:
    """Return the curves of a family and a link: the same ones for each fit, so that all is compiled once."""
    return Curves(family, link, count)


def _inside(x: Any, bounds: Interval, value: Any) -> Any:
    """The value where x lies within bounds, else infinity."""
    low, high = bounds
    if low > -inf:
        value = where(x > low, value, inf)
    return where(x < high, value, inf) if high < inf else value


class Totals(NamedTuple):
    """The sums over rows: of the weighted likelihoods with the penalty, of their gradients, and X'WX by kind.

    `squares` has, of the first predictor, the sums of the observed information, of the squared score, and of the squared
    score over the expected information, Pearson's statistic; and the deviance; 0 where it was not asked for.
    """

    value: float
    gradient: Array
    squares: Array
    matrices: dict[str, Array]


def _squares(first: Any, observed: Any, expected: Any, w: Any, deviance: Any) -> list[Any]:
    """What `Totals.squares` sums; the first derivative and the second ones have been weighted, None was not asked for."""
    square = first * first / w
    pearson = None if expected is None else square * w / expected
    found = [0.0 if x is None else x for x in (observed, square, pearson, deviance)]
    return [np.sum(x) for x in found] if isinstance(first, np.ndarray) else found


class Rows:
    """The rows of a fit: a matrix, the observations, weights and offsets, and the likelihood of each row.

    Coefficients `theta` are a vector of K blocks of p, in which an intercept comes first. With an intercept the columns
    are taken from about their means, `shift`: predictors are the same, the sums of squares better conditioned.
    `weights` are those of the rows times the `trials` of each, by which a robust variance counts once more. `offset` is (n),
    of classes (n, K). Sums are made by so many `threads`, in one order whatever their number.
    To the likelihood is added ridge/2 times the square of each coefficient but the intercepts. `l1` is for a solver to add.
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
        l1: float = 0.0,
        names: Sequence[str] = (),
        trials: Array | None = None,
        threads: int = 1,
    ) -> None:
        self.X, self.y, self.curves, self.weights, self.offset = X, y, curves, weights, offset
        self.intercept, self.ridge, self.l1 = int(intercept), ridge, l1
        self.trials, self.threads = trials, threads
        self.names = list(names) or [f"x{k}" for k in range(X.shape[1])]
        self.n, self.K = len(X), curves.count
        self.p = X.shape[1] + self.intercept
        # Of some rows, as any shift will do; of 24 bits, so that a difference from it is exact where the data have as few.
        some = X[:: max(1, self.n // SOME)]
        self.shift = _short(some.mean(axis=0)) if intercept else None
        self.penalized = np.tile(np.r_[np.zeros(self.intercept), np.ones(X.shape[1])], self.K)

    def _copied(self) -> Rows:
        """A copy that knows nothing yet that was computed from these rows."""
        made = copy(self)
        for name in [name for name in vars(made) if isinstance(getattr(Rows, name, None), cached_property)]:
            del made.__dict__[name]
        return made

    def changed(self, kept: Array | slice | None = None, offset: Array | None = None) -> Rows:
        """Return some of the rows, or the rows with other offsets; coefficients mean the same."""
        parts = (self.X, self.y, self.weights, self.offset if offset is None else offset, self.trials)
        X, y, weights, moved, trials = (
            part if part is None or kept is None else np.ascontiguousarray(part[kept]) for part in parts
        )
        made: Any = self._copied()
        made.X, made.y, made.weights, made.offset, made.trials = X, y, weights, moved, trials
        made.n = len(made.X)
        return made  # type: ignore[no-any-return]

    def taken(self, columns: Array) -> tuple[Rows, Array]:
        """Return the rows with these columns of X only, shifted as here, and the places of their coefficients in `theta`."""
        places = np.r_[np.arange(self.intercept), self.intercept + columns]
        places = (self.p * np.arange(self.K)[:, None] + places).ravel()
        if len(columns) == len(self.names):
            return self, places
        made = self._copied()
        made.X, made.names = np.take(self.X, columns, axis=1), [self.names[k] for k in columns]
        made.shift = None if self.shift is None else self.shift[columns]
        made.p, made.penalized = self.intercept + len(columns), self.penalized[places]
        return made, places

    def mean_squares(self) -> Array:
        """Return the mean square of each column, for each class."""
        sums = np.sum([(x * x).sum(axis=0) for _, _, x in self.blocks()], axis=0)
        return np.tile(sums / self.n, self.K)

    @cached_property
    def lightness(self) -> float:
        """The mean weight, 1 at most."""
        return 1.0 if self.weights is None else min(1.0, float(np.mean(self.weights)))

    @cached_property
    def sizes(self) -> Array:
        """The largest number of each column, for each class."""
        return np.tile(np.max([np.abs(x).max(axis=0) for _, _, x in self.blocks()], axis=0), self.K)

    def shifted(self, theta: Array, back: bool = False) -> Array:
        """Return coefficients of the columns as they are, from those of the shifted ones; `back`, the other way round."""
        if self.shift is None:
            return theta
        blocks = theta.reshape(self.K, self.p).copy()
        moved = blocks[:, 1:] @ self.shift
        blocks[:, 0] += moved if back else -moved
        return blocks.ravel()

    @cached_property
    def largest_offset(self) -> float:
        """The size of the largest offset."""
        return 0.0 if self.offset is None else float(np.abs(self.offset).max(initial=0.0))

    def blocks(self) -> Iterator[tuple[int, int, Array]]:
        """Yield the first row, the last but one, and the rows of the matrix, block by block, each in the same buffer."""
        buffer = np.empty((min(BLOCK, self.n), self.p))
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

    def picked(self, places: Array) -> Array:
        """Return the rows of the matrix at some places."""
        x = self.X[places]
        return x if self.shift is None else np.c_[np.ones(len(x)), x - self.shift]

    def predictors(self, theta: Array, x: Array, places: Any, plain: bool = False) -> Array:
        """Return the K linear predictors of some rows; `plain`, without the offset."""
        etas = (x @ theta.reshape(self.K, self.p).T).T
        return etas if self.offset is None or plain else etas + self.offset[places].T

    def responses(self, low: int, high: int) -> Any:
        """Return the observations of some rows; of classes, a list with a share for each."""
        y = self.y[low:high]
        return (
            [np.equal(y, k).astype(np.float64) for k in range(self.K)] if self.curves.family.targets == "classes" else y
        )

    def over(self, work: Callable[[int, int, Array], Any]) -> list[Any]:
        """Return the results of work(low, high, buffer) on all blocks, in order, done by the threads."""
        starts = range(0, self.n, BLOCK)
        chunks = [starts[k : k + CHUNK] for k in range(0, len(starts), CHUNK)]

        def run(chunk: Sequence[int]) -> list[Any]:
            buffer = np.empty((min(BLOCK, self.n), self.p))
            return [work(low, min(low + BLOCK, self.n), buffer) for low in chunk]

        threads = min(len(chunks), self.threads)
        if threads < 2:
            return [result for chunk in chunks for result in run(chunk)]
        with ThreadPoolExecutor(threads) as pool:
            return [result for results in pool.map(run, chunks) for result in results]

    def eta(self, theta: Array, plain: bool = False) -> Array:
        """Return the linear predictors of all rows, (K, n); `plain`, without the offset."""

        def work(low: int, high: int, buffer: Array) -> Array:
            return self.predictors(theta, self.matrix(low, high, buffer), slice(low, high), plain)

        return np.concatenate(self.over(work), axis=1)

    def totals(self, theta: Array, kinds: Sequence[str] = ("observed",)) -> Totals:
        """Return the sums over rows; of X'WX those of the kinds "observed", "expected" and "robust"; with "deviance" the deviance."""
        with np.errstate(all="ignore"):
            value, squares, gradient, matrices = (self._in_kernel if self.suits_kernel else self._in_blocks)(
                theta, kinds
            )
            matrices = {kind: matrices[self._one_of(kind)] for kind in kinds if kind != "deviance"}
            value += self.penalty(theta)
            gradient = gradient + self.ridge * self.penalized * theta
            for kind in matrices.keys() - {"robust"}:
                matrices[kind] = matrices[kind] + self.ridge * np.diag(self.penalized)
        return Totals(value, gradient, squares, matrices)

    def penalty(self, theta: Array) -> float:
        """Return what a ridge penalty adds."""
        return 0.5 * self.ridge * float(np.sum(self.penalized * theta * theta))

    def _one_of(self, kind: str) -> str:
        """The kind that stands for a kind: observed and expected information may be one."""
        return "observed" if kind == "expected" and self.curves.canonical else kind

    def _single(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """The kinds of information that are summed, each once."""
        return tuple(dict.fromkeys(self._one_of(kind) for kind in kinds if kind != "deviance"))

    def deviance(self, theta: Array) -> float:
        """Return the sum of the weighted unit deviances."""
        return float(self.totals(theta, ("deviance",)).squares[3])

    def _in_blocks(self, theta: Array, kinds: Sequence[str]) -> tuple[float, Array, Array, dict[str, Array]]:
        """The sums over rows by matrix products of blocks."""

        def work(low: int, high: int, buffer: Array) -> Any:
            x = self.matrix(low, high, buffer)
            etas, y = self.predictors(theta, x, slice(low, high)), self.responses(low, high)
            value, first, second = self.curves.at(etas, y, single)
            w = 1.0 if self.weights is None else self.weights[low:high]
            first, second = first * w, {kind: lower * w for kind, lower in second.items()}
            if self.trials is not None and "robust" in second:
                second["robust"] = second["robust"] * self.trials[low:high]
            matrices = [self._products(x, second[kind]) for kind in single]
            observed, expected = (
                second[self._one_of(kind)][0] if kind in kinds else None for kind in ("observed", "expected")
            )
            deviance = w * np.maximum(self.curves.deviance(list(etas), y), 0.0) if "deviance" in kinds else None
            squares = _squares(first[0], observed, expected, w, deviance)
            return np.sum(value * w), squares, (first @ x).ravel(), matrices

        single = self._single(kinds)
        nothing = np.zeros(self.K * self.p)
        parts = self.over(work) or [(0.0, [0.0] * 4, nothing, [np.diag(nothing)] * len(single))]
        values, squares, gradients, matrices = zip(*parts, strict=True)
        found = {kind: np.sum([m[k] for m in matrices], axis=0) for k, kind in enumerate(single)}
        return _total(values), np.sum(squares, axis=0), np.sum(gradients, axis=0), found

    @cached_property
    def mean(self) -> float:
        """The weighted mean of the observations."""
        return float(np.average(self.y, weights=self.weights))

    @cached_property
    def has_labels(self) -> bool:
        """Whether each observation is one of the classes, or 0 or 1, and no share between them."""
        targets = self.curves.family.targets
        return targets == "classes" or (targets == "binary" and not (self.y * (1.0 - self.y)).any())

    @property
    def suits_kernel(self) -> bool:
        """Whether one program for the whole of it is faster: many rows of few columns, and machine code to run it."""
        return self.K * self.p <= WIDE and self.n * self.p >= LARGE and bool(find_spec("numba"))

    def _in_kernel(self, theta: Array, kinds: Sequence[str]) -> tuple[float, Array, Array, dict[str, Array]]:
        """The same sums by one compiled program, which reads each row once."""
        value, squares, gradient, *lower = self._summed(
            ("sums", *kinds, *self._single(kinds)), self._program(kinds), theta
        )
        found = {}
        for kind, numbers in zip(self._single(kinds), lower, strict=True):
            matrix = np.zeros((len(theta), len(theta)))
            matrix[np.tril_indices(len(theta))] = numbers
            found[kind] = matrix + np.tril(matrix, -1).T
        return value, np.array(squares), np.array(gradient), found

    def _summed(self, key: tuple[str, ...], f: Callable[..., Any], theta: Array) -> Any:
        """The sum over rows of f(phi, xs, etas, y, weight, trials), compiled."""
        columns = [part for part in (self.X, self.y, self.weights, self.offset, self.trials) if part is not None]
        given = [part is not None for part in (self.weights, self.offset, self.trials)]
        K, p, intercept = self.K, self.p, self.intercept
        classes = self.curves.family.targets == "classes"

        def program(phi: Any, theta: Any, shift: Any, x: Any, y: Any, *more: Any) -> Any:
            rest = iter(more)
            w, offset, trials = (
                next(rest) if there else none for there, none in zip(given, (1.0, 0.0, 1.0), strict=True)
            )
            xs = [1.0] * intercept + [a - b if intercept else a for a, b in zip(x, shift, strict=True)]
            offsets: Any = offset if classes and given[1] else [offset] * K
            etas = [dot(theta[k * p : k * p + p], xs) + offsets[k] for k in range(K)]
            return f(phi, xs, etas, [where(y - k, 0.0, 1.0) for k in range(K)] if classes else y, w, trials)

        return self.curves.compiled(
            (*key, p, intercept, *given, self.threads),
            lambda: program,
            theta,
            np.zeros(self.X.shape[1]) if self.shift is None else self.shift,
            *columns,
            rows=range(3, 3 + len(columns)),
            reduce="sum",
            threads=self.threads,
        )

    def _program(self, kinds: Sequence[str]) -> Callable[..., Any]:
        """What one row adds to the sums, as a function to be compiled."""
        curves, stands = self.curves, {kind: self._one_of(kind) for kind in kinds}
        single, peaks = self._single(kinds), curves.family.peaks_at_y  # asked here, as nothing can be asked in a trace
        at = [(k, j) for k in range(self.K) for j in range(self.p)]

        def row(phi: Any, xs: Any, etas: Any, y: Any, w: Any, trials: Any) -> Any:
            value, first, second = curves.here(etas, y, single, phi)
            first = [f * w for f in first]
            second = {
                kind: [s * w * (trials if kind == "robust" else 1.0) for s in lower] for kind, lower in second.items()
            }
            gradient = [first[k] * xs[j] for k, j in at]
            lower = [
                [
                    second[kind][k * (k + 1) // 2 + m] * xs[i] * xs[j]
                    for a, (k, i) in enumerate(at)
                    for m, j in at[: a + 1]
                ]
                for kind in single
            ]
            observed, expected = (
                second[stands[kind]][0] if kind in stands else None for kind in ("observed", "expected")
            )
            deviance = None
            if "deviance" in kinds:
                deviance = w * maximum(curves.unit_deviance(etas, y, phi), 0.0) if peaks else nan
            return [value * w, _squares(first[0], observed, expected, w, deviance), gradient, *lower]

        return row

    def value(self, theta: Array) -> float:
        """Return the sum of weighted negative log-likelihoods and the penalty."""
        return self.totals(theta, ()).value

    def _products(self, x: Array, lower: Array) -> Array:
        """X'WX for a weight, or a symmetric matrix of weights, in each row."""
        whole = np.empty((self.K, self.p, self.K, self.p))
        for (i, j), w in zip(self.curves.pairs, lower, strict=True):
            whole[i, :, j] = whole[j, :, i] = x.T @ (x * w[:, None])
        return whole.reshape(self.K * self.p, self.K * self.p)

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
            _, first, second = self.curves.at(
                self.predictors(theta, x, slice(low, high)), self.responses(low, high), (kind,)
            )
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


def _short(x: Array) -> Array:
    """Numbers of 24 bits next to these."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(mantissa, 24)), exponent - 24)


def _total(values: Sequence[float]) -> float:
    """The sum of the blocks' values, rounded once; infinite or nan if one is."""
    whole = [float(v) for v in values]
    return fsum(whole) if all(map(np.isfinite, whole)) else sum(whole)
