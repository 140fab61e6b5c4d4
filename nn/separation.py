"""Separation: whether some observations are told apart without error, so that coefficients run to infinity.

A direction separates if, along it, no row's likelihood falls and some row's grows for ever. Whether there is one is a
question about the rows and not about a fit, and a linear program answers it (Konis 2007).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog

from .likelihood import BLOCK, Array, Rows

TIE = 1e-9  # of its columns, scaled: what moves a row no more leaves it where it is
ROUND = 1e-11  # the same, for rounding errors, and for what is told from nothing
START, MORE = 2000, 1000  # rows of the first program, and those that are added to the next


class Contrasts:
    """What a direction does to the rows: to the predictor of each, of classes to the predictor of its own class less another.

    They are counted by row and class, (n, K), and for one predictor (n, 1). `signs` says which way each may run for ever.
    Columns are scaled by their largest numbers.
    """

    def __init__(self, rows: Rows) -> None:
        self.K, self.p = rows.K, rows.p
        x = np.concatenate([x.copy() for _, _, x in rows.blocks()])
        sizes = np.abs(x).max(axis=0)
        self.sizes = np.where(sizes > 0.0, sizes, 1.0)
        x /= self.sizes
        norms = np.linalg.norm(x, axis=1)
        self.x = x / np.where(norms > 0.0, norms, 1.0)[:, None]
        if rows.K == 1:
            self.signs = rows.curves.endless(rows.y)[:, None]
        else:
            self.own = rows.y.astype(int)
            self.signs = (self.own[:, None] != np.arange(rows.K)).astype(int)

    def moved(self, direction: Array) -> Array:
        """Return how far a direction moves each, (n, K), up where it may run for ever."""
        etas = self.x @ direction.reshape(self.K, self.p).T
        if self.K > 1:
            etas = np.take_along_axis(etas, self.own[:, None], axis=1) - etas
        return self.signs * etas

    def sum(self, which: Array) -> Array:
        """Return the direction in which those that are asked for move the most, the sum of their rows."""
        signs = self.signs * which
        parts = -signs.T @ self.x if self.K > 1 else signs.T @ self.x
        if self.K > 1:
            np.add.at(parts, self.own, signs.sum(axis=1)[:, None] * self.x)
        return parts.ravel()

    def rows(self, places: Array, signed: bool = True) -> Array:
        """Return the rows of the matrix that makes the moves, by their places in (n, K) counted one after the other."""
        row, k = np.divmod(places, self.K)
        made = np.zeros((len(places), self.K, self.p))
        made[np.arange(len(places)), k] = self.x[row] if self.K == 1 else -self.x[row]
        if self.K > 1:
            made[np.arange(len(places)), self.own[row]] += self.x[row]
        if signed:
            made *= self.signs[row, k][:, None, None]
        return made.reshape(len(places), -1)

    def null(self, which: Array, more: Array) -> Array:
        """Return an orthonormal basis, in columns, of the directions that move none of those asked for, nor `more` rows."""
        corner = more
        places = np.flatnonzero(which)
        for low in range(0, len(places), BLOCK):
            part = np.vstack([corner, self.rows(places[low : low + BLOCK], signed=False)])
            corner = np.linalg.qr(part, mode="r")
        basis: Array = null_space(corner, rcond=ROUND) if len(corner) else np.eye(self.K * self.p)
        return basis


class Separation:
    """A direction in which the likelihood grows for ever, and what it leaves.

    `apart` says of each row, of classes of each row and other class (n, K), whether it is told apart without error. What the
    others do not see runs to infinity; all else still has its best values.
    """

    def __init__(self, rows: Rows, contrasts: Contrasts, direction: Array, apart: Array) -> None:
        self._rows, self._contrasts = rows, contrasts
        self.direction, self.apart = direction / np.tile(contrasts.sizes, rows.K), apart

    @cached_property
    def unseen(self) -> Array:
        """The directions that only the rows told apart see, (K p, k), orthonormal where columns are scaled by `sizes`."""
        every = np.ones_like(self.apart) if self._rows.K == 1 else self._contrasts.signs != 0
        return self._contrasts.null(every & ~self.apart, _held(self._rows))

    @cached_property
    def seen(self) -> Array:
        """The other directions, (K p, k), in which there still are best values."""
        basis: Array = null_space(self.unseen.T) if self.unseen.shape[1] else np.eye(len(self.unseen))
        return basis / self.sizes[:, None]

    @property
    def sizes(self) -> Array:
        """The scale of each coefficient's column."""
        return np.tile(self._contrasts.sizes, self._rows.K)

    @property
    def far(self) -> Array:
        """Of classes, offsets (n, K) that set what is told apart beyond reach, so that it has no weight any more."""
        return -1e6 * self.apart


def separation(rows: Rows) -> Separation | None:
    """Return how rows are separated, or None if they are not.

    A row counts as tied where a direction moves it by less than 1e-9 of what it moves its columns by.
    """
    contrasts = Contrasts(rows)
    free = contrasts.signs != 0
    if not free.any():
        return None
    fixed = ~free if rows.K == 1 else np.zeros_like(free)
    first = np.eye(rows.K * rows.p)[: rows.p if rows.K > 1 else 0]  # what all classes share is not seen
    basis = contrasts.null(fixed, np.vstack([first, _held(rows)]))
    if not basis.shape[1]:
        return None
    whole, left = np.zeros(len(basis)), free.copy()
    while left.any() and (found := _along(contrasts, basis, left)) is not None:
        whole += found
        left &= contrasts.moved(found) <= TIE
    return Separation(rows, contrasts, whole, free & ~left) if whole.any() else None


def _along(contrasts: Contrasts, basis: Array, left: Array) -> Array | None:
    """The direction in the basis, of numbers up to 1 there, that moves those `left` the most, and nothing back; None if it
    moves none of them.

    Few rows decide it, so the program begins with some and takes in those that it would move back.
    """
    places = np.flatnonzero(contrasts.signs)
    aim = contrasts.sum(left) @ basis
    known = places[np.unique(np.linspace(0, len(places) - 1, START).astype(int))]
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    while True:
        cone = contrasts.rows(known) @ basis
        found = linprog(-aim, -cone, np.zeros(len(known)), bounds=(-1.0, 1.0), method="highs", options=tight)
        if not found.success:
            raise ValueError(f"fit() could not decide whether the rows are separated: {found.message}")
        direction: Array = basis @ found.x
        moved = contrasts.moved(direction)
        if (moved[left] <= TIE).all():
            return None
        back = np.setdiff1d(np.flatnonzero(moved < -ROUND), known)
        if not len(back):
            return direction if _holds(contrasts, basis, direction, moved) else None
        known = np.union1d(known, back[np.argsort(moved.ravel()[back])[:MORE]])


def _holds(contrasts: Contrasts, basis: Array, direction: Array, moved: Array) -> bool:
    """Whether a direction moves nothing back but for rounding; where it does, whether one next to it that leaves all tied
    rows exactly where they are moves nothing back.
    """
    if moved.min() >= -ROUND:
        return True
    tied = (np.abs(moved) <= TIE) & (contrasts.signs != 0)
    space = contrasts.null(tied, np.eye(len(basis)) - basis @ basis.T)
    near = space @ (space.T @ direction)
    return bool(contrasts.moved(near).min() >= -ROUND and np.linalg.norm(near - direction) <= 1e-6)


def _held(rows: Rows) -> Array:
    """A row for each coefficient that a penalty holds."""
    kept = rows.penalized > 0.0 if rows.ridge or rows.l1 else np.zeros(rows.K * rows.p, dtype=bool)
    return np.eye(rows.K * rows.p)[kept]
