"""Terms with parameters of their own, seen as the linear ones that touch them: what they add is a curve in its parameters, and its tangent
is a design such as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import inf, isfinite
from typing import Any, NamedTuple

import numpy as np

from ..names import few
from ..smooths import Piece
from .curves import Curves
from .design import Linear
from .likelihood import Likelihood, Totals
from .objective import Objective
from .smoothing import Smoothness
from .solvers.starts import starts
from .source import Array, Arrays, Block

KINDS = ("observed", "expected", "deviance")


class Touch(NamedTuple):
    """The objective of the tangent at some coefficients, the same coefficients with the parameters of curves counted from there, and the
    sums over rows; the value is half the deviance, where there is one, which has no constant that hides its digits, and the penalty.
    """

    objective: Objective
    theta: Array
    totals: Totals
    value: float

    @property
    def information(self) -> Array:
        """The second derivatives of the tangent, Fisher's, with the penalties."""
        return self.totals.matrices["expected"]


class Tangents:
    """The rows of a fit with the tangents of its curves in them. The parameters of curves stand among the coefficients, at the places
    `curved`; the design does not shift their columns.
    """

    def __init__(
        self,
        source: Arrays,
        design: Linear,
        curves: Curves,
        pieces: Sequence[Piece],
        places: Sequence[slice],
        columns: Sequence[Array],
    ) -> None:
        self.source, self.curves = source, curves
        self.parts = [
            (piece.term, piece, place, x)
            for piece, place, x in zip(pieces, places, columns, strict=True)
            if piece.curved
        ]
        self.curved = np.zeros(design.p, dtype=bool)
        for _, _, place, _ in self.parts:
            self.curved[place] = True
        shift = None if design.shift is None else np.where(self.curved[1:], 0.0, design.shift)
        self.design = replace(design, shift=shift)
        self.roughness: Array | None = None
        self.logs = np.zeros(0)

    def penalize(self, smoothness: Smoothness, logs: Array) -> None:
        """Take the penalties at logarithms of lambdas."""
        self.logs, self.roughness = logs, smoothness.roughness(logs)

    @property
    def names(self) -> list[str]:
        """The names of the coefficients."""
        return ["the intercept"] * self.design.intercept + list(self.design.names)

    def at(self, state: Array) -> Objective:
        """Return the objective of the tangent at some coefficients."""
        X, shift = self.source.X.copy(), np.zeros(self.source.n)
        for _, piece, place, x in self.parts:
            first = self.design.intercept
            with np.errstate(all="ignore"):
                X[:, place.start - first : place.stop - first] = replace(piece, at=state[place]).columns(x, "")
                shift += piece.share(x, state[place], "")
        offset = shift if self.source.offset is None else shift + self.source.offset
        made = Objective(replace(self.source, X=X, offset=offset), self.design, self.curves, roughness=self.roughness)
        made.outer = self.source
        return made

    def touch(self, state: Array) -> Touch:
        """Return the tangent at some coefficients, and what its rows add up to; of infinite value where a number is not finite."""
        objective, theta = self.at(state), self.flat(state)
        totals = objective.totals(theta, KINDS)
        finite = all(np.isfinite(part).all() for part in (totals.value, totals.gradient, *totals.matrices.values()))
        half = 0.5 * float(totals.squares[3]) + objective.penalty(theta)
        return Touch(objective, theta, totals, inf if not finite else totals.value if half != half else half)

    def flat(self, state: Array) -> Array:
        """Return coefficients with the parameters of curves counted from where they are."""
        return np.where(self.curved, 0.0, state)

    def bend(self, touch: Touch, state: Array) -> Array:
        """Return what the second derivatives of the curves add to those of the tangent."""
        first = np.concatenate(self.source_map(touch, _first))
        whole = np.zeros((len(state), len(state)))
        for term, _, place, x in self.parts:
            whole[place, place] = term.bend(state[place], x, first)
        return whole

    def pulled(self, touch: Touch, state: Array, step: Array) -> Array:
        """Return the sum over rows of their columns, times the information, times the second derivative of the curves along a step."""
        second = np.zeros(self.source.n)
        for term, _, place, x in self.parts:
            second += term.second(state[place], step[place], x)
        return np.sum(self.source_map(touch, partial(_pulled, second)), axis=0)

    def source_map(self, touch: Touch, work: Any) -> list[Any]:
        """Return what work makes of the blocks of a tangent, given its likelihood and its coefficients."""
        return touch.objective.source.map(partial(work, touch.objective.likelihood, touch.theta))

    @property
    def bounds(self) -> tuple[Array, Array]:
        """The lowest and highest coefficients."""
        low, high = np.full(self.design.p, -inf), np.full(self.design.p, inf)
        for term, _, place, _ in self.parts:
            low[place], high[place] = np.array(term.bounds).T
        return low, high

    def starting(self, y: Array, who: str) -> Iterator[Array]:
        """Yield coefficients to start from: parameters of curves as their terms have them, an intercept that suits the mean, else 0.

        Raises ValueError where at all of them a curve is not finite, or the likelihood.
        """
        try:
            each = [term.starting(x, y, who) for term, _, _, x in self.parts]
        except (ArithmeticError, LookupError, NameError, AttributeError) as error:
            raise ValueError(
                f"{who} could not compute init of {self._curves}: {type(error).__name__}: {error}"
            ) from error
        refused, ready = None, 0
        for k in range(max(map(len, each))):
            state = np.zeros(self.design.p)
            for (_, _, place, _), points in zip(self.parts, each, strict=True):
                state[place] = points[min(k, len(points) - 1)]
            try:
                yield self._ready(state, who)
                ready += 1
            except ValueError as error:
                refused = refused or error
        if refused is not None and not ready:
            raise refused

    def _ready(self, state: Array, who: str) -> Array:
        """Coefficients to start from, with an intercept that suits the mean. Raises ValueError where there is no way from there."""
        try:
            objective = self.at(state)
        except Exception as error:  # of a person's own function
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{who} could not compute {self._curves}: {type(error).__name__}: {str(error)[:300]}") from error
        self._refuse(objective, who)
        thetas = list(starts(objective)) if self.design.intercept else []
        flat = next((theta for theta in [*thetas, self.flat(state)] if isfinite(objective.value(theta))), None)
        if flat is None:
            raise ValueError(
                f"{who} expects init of {self._curves} to give each row a mean that {self.curves.family!r} may have with "
                f"{self.curves.link!r}"
            )
        return np.where(self.curved, state, flat)

    @property
    def _curves(self) -> str:
        return few([term.name for term, *_ in self.parts], " and ")

    def _refuse(self, objective: Objective, who: str) -> None:
        """Raise ValueError, naming a row, where a curve or a derivative of it is not finite."""
        block = objective.source.at(np.arange(self.source.n))
        for what, numbers in (("", np.asarray(block.offset)), (" derivatives", block.X)):
            rows = ~np.isfinite(numbers.reshape(self.source.n, -1)).all(axis=1)
            if rows.any():
                row = int(np.argmax(rows))
                at = ", ".join(f"{term.column}={x[row]:g}" for term, _, _, x in self.parts)
                raise ValueError(
                    f"{who} expects {self._curves} to have finite{what or ' numbers'} at init, got others for {at}"
                )


def _first(likelihood: Likelihood, theta: Array, block: Block) -> Array:
    """The derivatives of some rows by their predictors."""
    return np.broadcast_to(likelihood.rows(theta, block, ())[1].first[0], block.size)


def _pulled(second: Array, likelihood: Likelihood, theta: Array, block: Block) -> Array:
    x, row = likelihood.rows(theta, block, ("expected",))
    weights = row.second[likelihood.curves.stand_in("expected")][0]
    pulled: Array = x.T @ (weights * second[block.places])
    return pulled
