"""The edges of what a mean may be: the rows that may stand on one, and steps that slide along it.

Where a link reaches means that the family cannot have (Poisson with the identity link, binomial with the log), the likelihood
ends at an edge. Most rows are infinitely unlikely there, and keep away by themselves. Others, as a count of 0, are likeliest
on the edge itself, and the best coefficients may press against it: then a step is the solution of a quadratic program.
"""

from __future__ import annotations

from functools import partial
from math import isfinite

import numpy as np
from scipy.linalg import orth, solve_triangular
from scipy.optimize import nnls

from ..curves import Curves
from ..objective import Objective
from ..source import Array, Block
from .factors import EPS

CLOSE = 30.0  # margins from an edge, within which a row stands on it


def may_stand(curves: Curves, sign: float, at: float, block: Block) -> Array:
    """Return which of some rows may stand on an edge, a predictor that is the lowest (sign 1) or the highest (-1): those whose
    likelihood is finite on the edge itself, and does not drive them away from it without bounds.
    """
    with np.errstate(all="ignore"):
        there = curves.nll([np.full(block.size, at)], block.y)
        near, nearer = (
            np.broadcast_to(sign * curves.rise([np.full(block.size, at + sign * step)], block.y), block.size)
            for step in (1e-6, 1e-12)
        )
    return np.isfinite(there) & ~(nearer < np.minimum(2.0 * near, 0.0))


def _unit(curves: Curves, at: Array) -> float:
    """The change of a predictor that would change the mean by all of it; 0 where there is none."""
    with np.errstate(all="ignore"):
        unit = float(np.abs(curves.mean(at) / curves.mean_slope(at))[0])
    return unit if isfinite(unit) else 0.0


class Edges:
    """The rows that may stand on an edge, and the linear constraints that keep them from crossing it: matrix @ theta >= least.

    A predictor that differs from its edge by a small part of `unit` has the same mean, but for rounding.
    """

    @classmethod
    def of(cls, objective: Objective) -> Edges | None:
        """Return the edges of the rows of an objective; None where no row may stand on one."""
        return objective.once("edges", lambda: cls._found(objective))

    @classmethod
    def _found(cls, objective: Objective) -> Edges | None:
        curves = objective.curves
        sides = [(sign, at) for sign, at in zip((1.0, -1.0), curves.edges, strict=True) if isfinite(at)]
        rows = [(sign, at, objective.source.where(partial(may_stand, curves, sign, at))) for sign, at in sides]
        standing = [(sign, at, block) for sign, at, block in rows if block is not None]
        return cls(objective, standing) if standing else None

    def __init__(self, objective: Objective, sides: list[tuple[float, float, Block]]) -> None:
        self.likelihood = objective.likelihood
        self.block = Block(
            *(
                None if parts[0] is None else np.concatenate(parts)
                for parts in zip(*(b for *_, b in sides), strict=True)
            )
        )
        sign, at, unit = (
            np.concatenate([np.full(block.size, number) for number, block in part])
            for part in (
                [(sign, block) for sign, _, block in sides],
                [(at, block) for _, at, block in sides],
                [(abs(at) + _unit(objective.curves, np.array([at])), block) for _, at, block in sides],
            )
        )
        self.unit = unit
        self.x = objective.design.columns(self.block.X)
        self.matrix = self.x * sign[:, None]
        offset = 0.0 if self.block.offset is None else self.block.offset
        self.least = sign * (at - offset)
        self.sizes = np.abs(self.block.X)
        self.offset = np.abs(offset)

    def margin(self, theta: Array) -> Array:
        """Return how far inside an edge a row must stay, so that rounding errors do not take it across."""
        intercept, blocks = self.likelihood.design.intercept, self.likelihood.design.shifted(theta)
        raw = self.sizes @ np.abs(blocks[intercept:]) + float(np.abs(blocks[:intercept]).sum())
        products = np.maximum(raw, np.abs(self.matrix) @ np.abs(theta)) + self.offset + self.unit
        return 1e3 * EPS * (self.likelihood.design.p + 1) * products + EPS * EPS

    def slack(self, theta: Array) -> Array:
        """Return how far inside each row is."""
        return self.matrix @ theta - self.least

    def standing(self, theta: Array) -> Array:
        """Return which of the rows stand on an edge."""
        return self.slack(theta) <= CLOSE * self.margin(theta)

    def bent(self, theta: Array) -> Array:
        """Return the information that these rows take away, where their likelihood curves the wrong way."""
        x, row = self.likelihood.rows(theta, self.block, ("observed",))
        weights = np.minimum(row.second["observed"][0], 0.0)
        taken: Array = x.T @ (x * weights[:, None])
        return taken

    def step(self, theta: Array, gradient: Array, R: Array, scale: Array) -> Array:
        """Return the step d of the least gradient'd + d'Hd/2 that crosses no edge; H is the square of R, columns scaled.

        It is the point of the constraints nearest to Newton's step, a problem of least squares with multipliers that are not
        negative (Lawson, Hanson 1974, chapter 23). Only rows that a step would take across are looked at.
        """
        bound = self.margin(theta) - self.slack(theta)
        half = solve_triangular(R, gradient / scale, trans="T")  # in these coordinates H is the identity
        turned = solve_triangular(R, (self.matrix / scale).T, trans="T").T
        norms = np.maximum(np.sqrt((turned * turned).sum(axis=1)), 1e-300)
        turned, bound = turned / norms[:, None], bound / norms
        step, known = -half, np.zeros(0, dtype=int)
        while True:
            wanting = bound - turned @ step
            slack = 1e-12 * (np.abs(bound) + np.abs(turned) @ np.abs(step))
            across = np.setdiff1d(np.flatnonzero(wanting > slack), known)
            if not len(across):
                return solve_triangular(R, step) / scale
            worst = across[np.argsort(-wanting[across])[: 10 * len(theta)]]
            known = np.union1d(known, worst)
            step = _nearest(turned[known], bound[known], -half)


def _nearest(matrix: Array, bound: Array, point: Array) -> Array:
    """The point nearest to a given one of those where matrix @ x >= bound."""
    short = bound - matrix @ point
    system = np.vstack([matrix.T, short / float(np.abs(short).max())])
    multipliers, _ = nnls(system, np.r_[np.zeros(len(point)), 1.0], maxiter=100 * len(short))
    active = multipliers > 0.0
    # The same point with all its digits, now that it is known which of the rows it stands on.
    basis = orth(matrix[active].T, rcond=1e-12)
    found = point - basis @ (basis.T @ point)
    for _ in range(2):
        found = found + np.linalg.lstsq(matrix[active], bound[active] - matrix[active] @ found, rcond=1e-12)[0]
    nearest: Array = found
    return nearest
