"""Separation: whether some observations are told apart without error, so that coefficients run to infinity.

A direction separates if, along it, no row's likelihood falls and some row's grows for ever. Whether there is one is a
question about the rows and not about a fit, and a linear program answers it (Konis 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog

from ..likelihood import Likelihood, stacked
from ..objective import Objective
from ..source import BLOCK, Array, Block
from .cuts import broken, first

TIE = 1e-9  # of its columns, scaled: what moves a row no more leaves it where it is
ROUND = 1e-11  # the same, for rounding errors, and for what is told from nothing


class Contrasts(NamedTuple):
    """What a direction does to rows: to the predictor of each, of classes to the predictor of its own class less another.

    A block has one for each row and class, (m, K), and for one predictor (m, 1). Columns are scaled by their largest numbers,
    `sizes`, rows by their length.
    """

    likelihood: Likelihood
    sizes: Array

    @property
    def several(self) -> bool:
        """Whether there are classes."""
        return self.likelihood.design.K > 1

    @property
    def width(self) -> int:
        """The number of coefficients."""
        return self.likelihood.design.K * self.likelihood.design.p

    def columns(self, block: Block) -> Array:
        """Return the columns of some rows, scaled."""
        x = self.likelihood.design.columns(block.X) / self.sizes
        lengths = np.linalg.norm(x, axis=1)
        return x / np.where(lengths > 0.0, lengths, 1.0)[:, None]

    def signs(self, block: Block) -> Array:
        """Return which way each may run for ever, -1 or 1, or 0 where it may not."""
        if self.several:
            return (block.y.astype(int)[:, None] != np.arange(self.likelihood.design.K)).astype(int)
        return self.likelihood.curves.endless(block.y)[:, None]

    def moved(self, direction: Array, block: Block) -> Array:
        """Return how far a direction moves each, up where it may run for ever."""
        etas = self.columns(block) @ direction.reshape(self.likelihood.design.K, -1).T
        if self.several:
            etas = np.take_along_axis(etas, block.y.astype(int)[:, None], axis=1) - etas
        return self.signs(block) * etas

    # Which of them

    def free(self, block: Block) -> Array:
        """Return which may run."""
        return self.signs(block) != 0

    def fixed(self, block: Block) -> Array:
        """Return which rows must stay where they are; of classes none."""
        return np.zeros_like(self.free(block)) if self.several else ~self.free(block)

    def apart(self, directions: Sequence[Array], block: Block) -> Array:
        """Return which are told apart: may run, and are moved by one of the directions."""
        moved = [self.moved(direction, block) > TIE for direction in directions]
        return self.free(block) & np.any(moved, axis=0)

    def staying(self, directions: Sequence[Array], block: Block) -> Array:
        """Return which of those that count are not told apart; without classes, every row counts."""
        return (self.free(block) | (not self.several)) & ~self.apart(directions, block)

    def tied(self, direction: Array, block: Block) -> Array:
        """Return which may run and are not moved."""
        return self.free(block) & (np.abs(self.moved(direction, block)) <= TIE)

    # What a block tells of them

    def all_held(self, block: Block) -> bool:
        """Return whether none may run."""
        return not self.free(block).any()

    def aim(self, directions: Sequence[Array], block: Block) -> Array:
        """Return the direction that moves those the most that may run and are not told apart: the sum of their rows."""
        x, signs = self.columns(block), self.signs(block) * ~self.apart(directions, block)
        if not self.several:
            return (signs.T @ x).ravel()
        parts = -signs.T @ x
        np.add.at(parts, block.y.astype(int), signs.sum(axis=1)[:, None] * x)
        return parts.ravel()

    def gains(self, direction: Array, directions: Sequence[Array], block: Block) -> bool:
        """Return whether a direction tells another one apart."""
        return bool((self.apart([direction], block) & ~self.apart(directions, block)).any())

    def lowest(self, direction: Array, block: Block) -> float:
        """Return how far the one is moved that is moved back the furthest."""
        return float(self.moved(direction, block).min())

    def rows(self, block: Block, row: Array, k: Array, signed: bool = True) -> Array:
        """Return rows of the matrix that makes the moves, by row and class."""
        x, K = self.columns(block)[row], self.likelihood.design.K
        made = np.zeros((len(row), K, x.shape[1]))
        made[np.arange(len(row)), k] = -x if self.several else x
        if self.several:
            made[np.arange(len(row)), block.y.astype(int)[row]] += x
        if signed:
            made *= self.signs(block)[row, k][:, None, None]
        return made.reshape(len(row), -1)

    def corner(self, which: Callable[[Block], Array], block: Block) -> Array:
        """Return the R of the QR decomposition of those rows of the matrix that are asked for."""
        row, k = np.nonzero(which(block))
        corner: Array = np.zeros((0, self.width))
        for low in range(0, len(row), BLOCK):
            part = self.rows(block, row[low : low + BLOCK], k[low : low + BLOCK], signed=False)
            corner = np.linalg.qr(np.vstack([corner, part]), mode="r")
        return corner


class Separation:
    """A direction in which the likelihood grows for ever, and what it leaves.

    `rows` says of each row, of classes of each row and other class (n, K), whether it is told apart without error. What the
    others do not see runs to infinity; all else still has its best values.
    """

    def __init__(self, question: Question, directions: Sequence[Array]) -> None:
        self.rows = np.concatenate(question.over(question.contrasts.apart, directions))
        self.sizes = np.tile(question.contrasts.sizes, question.objective.K)
        self.direction = np.sum(directions, axis=0) / self.sizes
        self._question, self._directions = question, directions

    @cached_property
    def unseen(self) -> Array:
        """The directions that only the rows told apart see, (K p, k), orthonormal where columns are scaled by `sizes`."""
        question = self._question
        return question.null(partial(question.contrasts.staying, self._directions), _held(question.objective))

    @cached_property
    def seen(self) -> Array:
        """The other directions, (K p, k), in which there still are best values."""
        basis: Array = null_space(self.unseen.T) if self.unseen.shape[1] else np.eye(len(self.unseen))
        return basis / self.sizes[:, None]

    @property
    def far(self) -> Array:
        """Of classes, offsets (n, K) that set what is told apart beyond reach, so that it has no weight any more."""
        return -1e6 * self.rows


def separation(objective: Objective) -> Separation | None:
    """Return how rows are separated, or None if they are not.

    A row counts as tied where a direction moves it by less than 1e-9 of what it moves its columns by.
    """
    return Question(objective).answer()


class Question:
    """The rows of an objective, asked for directions that separate them."""

    def __init__(self, objective: Objective) -> None:
        sizes = objective.sizes[: objective.p] if objective.n else np.zeros(objective.p)
        self.objective, self.source = objective, objective.source
        self.basis = np.eye(objective.K * objective.p)  # of the directions that are asked for
        self.contrasts = Contrasts(objective.likelihood, np.where(sizes > 0.0, sizes, 1.0))

    def over(self, work: Callable[..., Array], *shared: object) -> list[Array]:
        """Return what work makes of each block."""
        return self.source.map(partial(work, *shared))

    def answer(self) -> Separation | None:
        """Return directions one after the other, until none tells more rows apart; None if there is none."""
        objective, contrasts = self.objective, self.contrasts
        if self.source.every(contrasts.all_held):
            return None
        shared = np.eye(contrasts.width)[
            : objective.p if contrasts.several else 0
        ]  # what all classes share is not seen
        self.basis = self.null(contrasts.fixed, np.vstack([shared, _held(objective)]))
        directions: list[Array] = []
        while self.basis.shape[1] and (direction := self.along(directions)) is not None:
            directions.append(direction)
        return Separation(self, directions) if directions else None

    def null(self, which: Callable[[Block], Array], more: Array) -> Array:
        """Return an orthonormal basis, in columns, of the directions that move none of those asked for, nor `more` rows."""
        corners = self.over(self.contrasts.corner, which)
        basis: Array = null_space(stacked([more, *corners], self.contrasts.width), rcond=ROUND)
        return basis

    def along(self, directions: Sequence[Array]) -> Array | None:
        """Return the direction in the basis, of numbers up to 1 there, that moves those that are not told apart yet the most, and
        nothing back; None if it moves none of them.
        """
        contrasts, K = self.contrasts, self.objective.K
        aim = np.sum(self.over(contrasts.aim, directions), axis=0) @ self.basis
        if not aim.any():
            return None
        known = first(self.source, K)
        cone = self._cone(known)
        tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        while True:
            found = linprog(-aim, -cone, np.zeros(len(cone)), bounds=(-1.0, 1.0), method="highs", options=tight)
            if not found.success:
                raise ValueError(f"fit() could not decide whether the rows are separated: {found.message}")
            direction: Array = self.basis @ found.x
            if not any(self.over(contrasts.gains, direction, directions)):
                return None
            back = broken(self.source, partial(contrasts.moved, direction), -ROUND, known)
            if not len(back):
                return direction if self.holds(direction) else None
            known, cone = np.r_[known, back], np.vstack([cone, self._cone(back)])

    def _cone(self, places: Array) -> Array:
        """The rows of the program by their places."""
        row, k = np.divmod(places, self.objective.K)
        block = self.source.at(row)
        return self.contrasts.rows(block, np.arange(len(row)), k) @ self.basis

    def holds(self, direction: Array) -> bool:
        """Return whether a direction moves nothing back but for rounding; where it does, whether one next to it that leaves all tied
        rows exactly where they are moves nothing back.
        """
        contrasts = self.contrasts
        if min(self.over(contrasts.lowest, direction)) >= -ROUND:
            return True
        space = self.null(partial(contrasts.tied, direction), np.eye(len(direction)) - self.basis @ self.basis.T)
        near = space @ (space.T @ direction)
        return min(self.over(contrasts.lowest, near)) >= -ROUND and bool(np.linalg.norm(near - direction) <= 1e-6)


def _held(objective: Objective) -> Array:
    """Rows that a direction must not move, as a penalty holds them."""
    if objective.l1:
        return np.diag(objective.design.penalized)
    return objective.held
