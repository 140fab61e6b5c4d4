"""Fits with an l1 penalty: proximal Newton steps over the few columns that have a part in them."""

from __future__ import annotations

from math import inf

import numpy as np

from ..likelihood import Totals
from ..objective import Objective
from ..source import Array
from .factors import cholesky, identified
from .separation import separation
from .steps import Solution, convex, halved, rough_dispersion, rounding, stuck

FEW = 100  # columns, up to which all have part in a step
MOVES = 1000  # of the active set, in one step
DEPENDENT = 1e-11  # of what is left of a column, beside others, when it depends on them


def lasso(objective: Objective, theta: Array, whole: Totals, max_iter: int, tol: float) -> Solution:
    """Newton steps on the likelihood and the whole of l1 times the absolute coefficients (Lee, Sun, Saunders 2014).

    Each step minimizes the quadratic model of the likelihood plus the penalty, so zeros are exact. Only columns whose
    coefficients are not 0, and those that come nearest to leaving it, have part in a step: X'WX is formed of no others. It
    has converged when what a step can still gain is below `tol` squared dispersions or rounding, and no other column would
    gain more.
    """
    sizes = np.sqrt(objective.mean_squares())
    bare, _ = objective.taken(np.zeros(0, dtype=int))
    doubt = bool(bare.p) and separation(bare) is not None  # only what has no penalty can run to infinity
    for iteration in range(1, max_iter + 1):
        part, places = objective.taken(nearest(objective, theta, whole.gradient, sizes))
        here, weights = theta[places], part.l1 * part.design.penalized
        at = part.totals(here)
        matrix = identified(part, convex(part, here, at), part.design.intercept)
        if not (np.isfinite(matrix).all() and np.isfinite(at.gradient).all()):
            return Solution(theta, iteration, "a derivative of the likelihood is not finite")
        if (np.diag(matrix)[np.abs(at.gradient) > weights] <= 0.0).any():
            return Solution(theta, iteration, "the rows have no information")
        step = best_step(matrix, at.gradient, here, weights)
        slope = downhill(at.gradient, here, step, weights)
        phi = rough_dispersion(part, at)
        least = max(tol * tol * phi, rounding(part, here, at))
        share, after = halved(part, here, step, at, slope, -slope <= phi, weights)
        done = abs(slope) <= least
        if slope > least or (after is None and not done):
            return Solution(theta, iteration, stuck(objective))
        theta = np.zeros_like(theta)
        theta[places] = here + share * step
        whole = objective.totals(theta, ())
        if done:
            others = np.abs(whole.gradient) - objective.l1 * objective.design.penalized
            others[places] = 0.0
            if (others <= np.sqrt(least * abs(whole.squares[0])) * sizes).all():
                return Solution(theta, iteration, doubt=doubt)
    return Solution(theta, max_iter, f"the last step would have gained {-slope:.1e}")


def downhill(gradient: Array, theta: Array, step: Array, weights: Array) -> float:
    """Return the slope of the likelihood along a step and the change of the penalty: the sum of small products, where no
    coefficient is added up only to be subtracted.
    """
    signs, there = np.where(theta == 0.0, np.sign(step), np.sign(theta)), theta + step
    turned = np.where(theta * there < 0.0, 2.0 * np.abs(there), 0.0)
    return float((gradient + weights * signs) @ step + weights @ turned)


def nearest(objective: Objective, theta: Array, gradient: Array, sizes: Array) -> Array:
    """Return the numbers of the columns of X that have part in a step: those with a coefficient, and as many again, but a few at
    least, whose slopes are the nearest to the penalty or the furthest beyond it, by their columns' sizes.
    """
    beyond = (np.abs(gradient) - objective.l1) / np.maximum(sizes, 1e-300)
    beyond[theta != 0.0] = inf
    best = beyond.reshape(objective.K, objective.p)[:, objective.design.intercept :].max(axis=0)
    many = max(FEW, 2 * int(np.sum(best == inf)))
    return np.sort(np.argsort(-best, kind="stable")[:many])


def best_step(matrix: Array, gradient: Array, theta: Array, weights: Array) -> Array:
    """Return the step d that minimizes g'd + d'Hd/2 + sum(w |theta + d|), H being positive semidefinite.

    An active set (Osborne, Presnell, Turlach 2000; Lee and others 2007): the coefficients that are not 0 go to the optimum
    that their signs allow, or as far on the way as it gains, where one of them becomes 0; from there others that would
    gain by it join them, with the signs that their slopes ask for.
    """
    state = _ActiveSet(matrix, gradient, theta, weights)
    for _ in range(MOVES):
        rest, noise = state.rest()
        signs = np.where(state.active, np.sign(state.u), np.sign(rest))
        pull = rest - state.w * signs
        settled = (np.abs(pull) <= noise)[state.active].all()
        beyond = np.where(state.active, 0.0, np.abs(rest) - state.w) - noise
        if (settled and not state.join(beyond, pull, signs)) or not state.go(state.inverse @ pull, pull, 1.0):
            break
    return np.where(state.u == 0.0, -theta, (state.u - state.start) / state.scale)


class _ActiveSet:
    """Where `best_step` stands: the coefficients u, of columns of length 1, which of them are active, and the inverse of
    their H, 0 elsewhere.

    Active columns are independent: one that depends on others moves with them, at no cost, until a coefficient is 0.
    """

    def __init__(self, matrix: Array, gradient: Array, theta: Array, weights: Array) -> None:
        self.scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
        self.H = matrix / self.scale / self.scale[:, None]
        self.g, self.w, self.start = gradient / self.scale, weights / self.scale, theta * self.scale
        self.sizes = np.abs(self.H)
        self.u = self.start.copy()
        self.active = np.zeros(len(theta), dtype=bool)
        self.inverse = np.zeros_like(matrix)
        first = np.flatnonzero((weights == 0.0) | (theta != 0.0))
        if len(first) and (factor := cholesky(self.H[np.ix_(first, first)])):
            self.inverse[np.ix_(first, first)] = factor.inverse
            self.active[first] = True
        else:
            for j in first:
                self.enter(int(j), self.rest()[0] - self.w * np.sign(self.u))

    def rest(self) -> tuple[Array, Array]:
        """The slopes, downwards and without the penalty, and what of them may be rounding."""
        rest = -(self.g + self.H @ (self.u - self.start))
        return rest, 1e-12 * (np.abs(self.g) + self.sizes @ (np.abs(self.u) + np.abs(self.start)) + self.w)

    def join(self, beyond: Array, pull: Array, signs: Array) -> list[int]:
        """Make columns active that are `beyond` the penalty, and return them: the furthest first, until one depends on the
        others, but none that would go against its sign.
        """
        joined: list[int] = []
        entering = np.flatnonzero(beyond > 0.0)
        for j in entering[np.argsort(-beyond[entering])]:
            if not self.enter(int(j), pull, alone=not joined):
                break
            joined.append(int(j))
        while wrong := [j for j in joined if (self.inverse[j] @ pull) * signs[j] <= 0.0]:
            for j in wrong:
                self.leave(j)
                joined.remove(j)
        return joined

    def enter(self, j: int, pull: Array, alone: bool = True) -> bool:
        """Make a column active and return True; if it depends on the active ones, move with them first, if `alone`."""
        while True:
            beside = -self.inverse @ self.H[j]
            beside[j] = 1.0
            left = float(self.H[j] @ beside)
            if left > DEPENDENT:
                self.inverse += np.outer(beside / left, beside)
                self.active[j] = True
                return True
            if not alone or not self.go(beside if beside @ pull >= 0.0 else -beside, pull, inf) or self.u[j] == 0.0:
                return False

    def leave(self, j: int) -> None:
        """Make a column inactive."""
        column = self.inverse[j].copy()
        self.inverse -= np.outer(column / column[j], column)
        self.inverse[j] = self.inverse[:, j] = 0.0
        self.active[j] = False

    def go(self, move: Array, pull: Array, longest: float) -> bool:
        """Take the best share of a move, up to the longest, and return whether there is one.

        Where a coefficient changes its sign the slope jumps; if the best is there, it becomes 0 and inactive.
        """
        u, w = self.u, self.w
        slope, curve = -float(pull @ move), float(move @ self.H @ move) if longest < inf else 0.0
        crossing = np.flatnonzero((w > 0.0) & (u * move < 0.0))
        at = -u[crossing] / move[crossing]
        crossing = crossing[np.argsort(at)][: int(np.sum(at < longest))]
        at = -u[crossing] / move[crossing]
        after = slope + curve * at + np.cumsum(2.0 * w[crossing] * np.abs(move[crossing]))
        turn = int(np.argmax(np.r_[after, inf] >= 0.0))
        reached = slope if turn == 0 else after[turn - 1] - curve * at[turn - 1]  # the slope, but for the curve
        bottom = -reached / curve if curve > 0.0 else longest
        zero = turn < len(at) and bottom >= at[turn]
        length = at[turn] if zero else min(bottom, longest)
        if not 0.0 < length < inf:
            return False
        self.u = u + length * move
        if zero:
            self.u[crossing[turn]] = 0.0
            if self.active[crossing[turn]]:
                self.leave(crossing[turn])
        return True
