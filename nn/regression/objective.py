"""What a fit makes small: the sum over rows of negative log-likelihoods, and the penalties. Solvers know this and nothing below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from importlib.util import find_spec
from math import nan
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .curves import Curves
from .design import Linear
from .likelihood import Likelihood, Totals, stacked, summed
from .source import LARGE, Array, Block, Source, added

T = TypeVar("T")
WIDE = 32  # coefficients, up to which one program sums the products of all pairs of columns
WORTH_TRACING = 300_000  # numbers in X, from which on one program is traced for them


class Objective:
    """The sum over the rows of a source of weighted negative log-likelihoods, to be made small.

    In the source, the weights of rows with trials are theirs times the trials, by which a robust variance counts once more; offsets
    are (n), of classes (n, K). To the likelihood is added ridge/2 times the square of each coefficient but the intercepts, and half the
    quadratic form of the coefficients with a matrix `roughness`; `l1` is for a solver to add. `outer` has the same rows with the
    offsets that were given, where those of the source have more in them; `base` has the sums at some coefficients, where they tell all.
    """

    def __init__(
        self,
        source: Source,
        design: Linear,
        curves: Curves,
        ridge: float = 0.0,
        l1: float = 0.0,
        roughness: Array | None = None,
    ) -> None:
        self.source, self.design, self.curves = source, design, curves
        self.ridge, self.l1, self.roughness = ridge, l1, roughness
        self.likelihood = Likelihood(design, curves)
        self.outer = source
        self.base: tuple[Array, Totals] | None = None
        self._known: dict[str, Any] = {}

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.source.n

    @property
    def K(self) -> int:
        """The number of linear predictors."""
        return self.design.K

    @property
    def p(self) -> int:
        """The number of coefficients of each predictor."""
        return self.design.p

    def once(self, name: str, made: Callable[[], T]) -> T:
        """Return what is made from these rows, made when it is first asked for."""
        if name not in self._known:
            self._known[name] = made()
        return self._known[name]  # type: ignore[no-any-return]

    def over(self, source: Source) -> Objective:
        """Return the objective of other rows, or of these with other offsets; coefficients mean the same."""
        made = copy(self)
        made.source, made.outer, made.base, made._known = source, source, None, {}
        return made

    def taken(self, columns: Array) -> tuple[Objective, Array]:
        """Return the objective of some of the features only, and the places of their coefficients in theta."""
        design, places = self.design.taken(columns)
        if len(columns) == len(self.design.names):
            return self, places
        made = Objective(self.source.of(columns), design, self.curves, self.ridge, self.l1)
        made.once("responses", lambda: self.responses)
        return made, places

    # Sums

    def totals(self, theta: Array, kinds: Sequence[str] = ("observed",)) -> Totals:
        """Return the sums over rows and the penalty; of X'WX those of the kinds "observed", "expected" and "robust"; with
        "deviance" the deviance.
        """
        sums = self._summed(theta, kinds) if self.base is None else self._known_from(*self.base, theta)
        matrices = {kind: sums.matrices[self.curves.stand_in(kind)] for kind in kinds if kind != "deviance"}
        for kind in matrices.keys() - {"robust"}:
            matrices[kind] = matrices[kind] + self.penalties
        with np.errstate(all="ignore"):  # where a likelihood is not finite, a start may not be so either
            return Totals(sums.value + self.penalty(theta), sums.gradient + self.pull(theta), sums.squares, matrices)

    def _summed(self, theta: Array, kinds: Sequence[str]) -> Totals:
        """The sums over rows."""
        by_program, single = self.suits_program, self.curves.single(kinds)
        way = self.likelihood.by_program if by_program else self.likelihood.by_products
        parts = self.source.map(partial(way, theta, tuple(kinds)), *([LARGE] if by_program else []))
        nothing = np.zeros(self.K * self.p)
        return summed(parts or [Totals(0.0, nothing, np.zeros(4), {kind: np.diag(nothing) for kind in single})])

    def _known_from(self, there: Array, sums: Totals, theta: Array) -> Totals:
        """The sums over rows of a quadratic likelihood, from those at other coefficients: as good as the square root of the digits where the
        columns nearly depend on each other.
        """
        step = theta - there
        turned = sums.matrices["observed"] @ step
        more = float(sums.gradient @ step + 0.5 * step @ turned)
        second = sums.squares[0] / (self.responses.mean_weight * self.n)
        squares = sums.squares + np.array([0.0, 2.0 * second * more, 2.0 * more, 2.0 * more])
        return Totals(sums.value + more, sums.gradient + turned, squares, sums.matrices)

    def searched_from(self, theta: Array) -> Objective:
        """Return an objective for a search that needs not the last digits: of a quadratic likelihood the sums at coefficients tell all."""
        made = copy(self)
        if self.curves.quadratic:
            made.base = theta, self._summed(theta, ("observed", "expected", "deviance"))
        return made

    def value(self, theta: Array) -> float:
        """Return the sum of weighted negative log-likelihoods and the penalty."""
        return self.totals(theta, ()).value

    def penalty(self, theta: Array) -> float:
        """Return what a ridge and a roughness add."""
        return 0.5 * float(theta @ self.pull(theta))

    def pull(self, theta: Array) -> Array:
        """Return the derivative of what a ridge and a roughness add; of a ridge alone no matrix is formed."""
        ridge: Array = self.ridge * self.design.penalized * theta
        return ridge if self.roughness is None else ridge + self.roughness @ theta

    @property
    def penalties(self) -> Array:
        """The matrix of the quadratic penalty."""
        ridge: Array = np.diag(self.ridge * self.design.penalized)
        return ridge if self.roughness is None else ridge + self.roughness

    @property
    def held(self) -> Array:
        """Rows whose square is the quadratic penalty, none where there is none."""
        if self.roughness is None:
            root = np.sqrt(self.ridge) * self.design.penalized
            return np.diag(root) if self.ridge else np.zeros((0, len(root)))
        sizes, vectors = np.linalg.eigh(self.penalties)
        return np.sqrt(np.maximum(sizes, 0.0))[:, None] * vectors.T

    def deviance(self, theta: Array) -> float:
        """Return the sum of the weighted unit deviances."""
        return float(self.totals(theta, ("deviance",)).squares[3])

    @property
    def suits_program(self) -> bool:
        """Whether one program for the whole of it is faster: many rows of few columns, and machine code to run it."""
        return self.K * self.p <= WIDE and self.n * self.p >= WORTH_TRACING and bool(find_spec("numba"))

    def triangle(self, theta: Array, kind: str) -> tuple[Array, Array, Array]:
        """Return R and c of the QR decomposition of the rows root(W) (X, -first/W), and of what a ridge adds: R'R = X'WX, and
        R step = c is Newton's. What rows without a positive W have of the gradient is returned beside them.

        Taken block by block (Demmel and others 2012), so it costs the digits of X and not those of X'X.
        """
        width = self.K * self.p
        nothing = (np.zeros((0, width + 1)), np.zeros(width))
        parts = self.source.map(partial(self.likelihood.corner, theta, kind)) or [nothing]
        corners, rests = zip(*parts, strict=True)
        held = self.held
        below = [np.c_[held, -held @ theta]] if len(held) else []
        state = stacked([*corners, *below], width + 1)
        return state[:width, :width], state[:width, width], added(rests)

    def corner(self) -> Array:
        """Return the R of the QR decomposition of the columns themselves."""
        return stacked(self.source.map(partial(_corner, self.design)), self.p)

    def summed(self, theta: Array, f: Callable[[Array, Any], Array]) -> float:
        """Return the weighted sum over rows of f(predictors, observations)."""
        return float(sum(self.source.map(partial(_summed, self.likelihood, theta, f))))

    def everything(self) -> Block:
        """Return all rows at once, for what follows from no sum, such as medians."""
        return self.source.at(np.arange(self.n))

    # What is known of the rows

    @property
    def responses(self) -> Responses:
        """What the observations, weights and offsets add up to."""

        def made() -> Responses:
            parts = self.source.map(partial(_responses, self.likelihood))
            if not parts:
                return Responses(nan, 0.0, 0.0, 0.0, 1.0, labels=True)
            low, high = (pick([part[k] for part in parts], axis=0) for k, pick in ((0, np.min), (1, np.max)))
            weight, ys, offsets = (added(part[k] for part in parts) for k in (2, 3, 4))
            return Responses(ys / weight, offsets / weight, low, high, weight / self.n, all(part[5] for part in parts))

        return self.once("responses", made)

    @property
    def largest_offset(self) -> float:
        """The size of the largest offset."""
        return float(max(np.abs(self.responses.low).max(), np.abs(self.responses.high).max()))

    @property
    def lightness(self) -> float:
        """The mean weight of a row, 1 at most."""
        return min(1.0, self.responses.mean_weight)

    @property
    def sizes(self) -> Array:
        """The largest number of each column, for each class."""
        return self.once(
            "sizes", lambda: np.tile(np.max(self.source.map(partial(_sizes, self.design)), axis=0), self.K)
        )

    def mean_squares(self) -> Array:
        """Return the mean square of each column, for each class."""
        return np.tile(added(self.source.map(partial(_squares, self.design))) / self.n, self.K)


class Responses(NamedTuple):
    """The weighted means of the observations, of classes (K) of their shares, and of the offsets; the lowest and highest offset;
    the mean weight; and whether each observation is a class, or 0 or 1, and no share between them.
    """

    mean: Any
    offset: Any
    low: Any
    high: Any
    mean_weight: float
    labels: bool


def _responses(likelihood: Likelihood, block: Block) -> tuple[Any, ...]:
    """What one block adds to `Responses`."""
    w = np.ones(block.size) if block.weights is None else block.weights
    offset = np.zeros(block.size) if block.offset is None else block.offset
    ys = np.asarray(likelihood.responses(block))
    targets = likelihood.curves.family.targets
    labels = targets == "classes" or (targets == "binary" and not (block.y * (1.0 - block.y)).any())
    return offset.min(axis=0), offset.max(axis=0), w.sum(), ys @ w, w @ offset, labels


def _corner(design: Linear, block: Block) -> Array:
    return np.linalg.qr(design.columns(block.X), mode="r")


def _sizes(design: Linear, block: Block) -> Array:
    return np.abs(design.columns(block.X)).max(axis=0)


def _squares(design: Linear, block: Block) -> Array:
    x = design.columns(block.X)
    return (x * x).sum(axis=0)


def _summed(likelihood: Likelihood, theta: Array, f: Callable[[Array, Any], Array], block: Block) -> float:
    values = np.broadcast_to(f(list(likelihood.etas(theta, block)), likelihood.responses(block)), block.size)
    return float(values.sum() if block.weights is None else values @ block.weights)
