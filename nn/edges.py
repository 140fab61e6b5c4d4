"""The edges of what a mean may be: the rows that may stand on one, and steps that slide along it.

Where a link reaches means that the family cannot have (Poisson with the identity link, binomial with the log), the likelihood
ends at an edge. Most rows are infinitely unlikely there, and keep away by themselves. Others, as a count of 0, are likeliest
on the edge itself, and the best coefficients may press against it: then a step is the solution of a quadratic program.
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np
from scipy.linalg import orth, solve_triangular
from scipy.optimize import linprog, nnls

from .likelihood import Array, Curves, Rows

EPS = float(np.finfo(float).eps)
CLOSE = 30.0  # margins from an edge, within which a row stands on it


class Edge(NamedTuple):
    """Rows that may stand on an edge: their positions, and the edge, a predictor that is the lowest (sign 1) or the highest (-1).
    A predictor that differs from it by a small part of `unit` has the same mean, but for rounding.
    """

    places: Array
    sign: float
    at: float
    unit: float


def edges_of(rows: Rows) -> list[Edge]:
    """Return the edges that some rows may stand on: where their likelihood is finite on the edge itself, and does not drive
    them away from it without bounds.
    """
    found = []
    for sign, at in zip((1.0, -1.0), rows.curves.edges, strict=True):
        if isfinite(at) and not rows.curves.family.has_kink:
            with np.errstate(all="ignore"):
                there = np.broadcast_to(rows.curves.nll([np.full(rows.n, at)], rows.y), rows.n)
                near, nearer = (
                    np.broadcast_to(sign * rows.curves.rise([np.full(rows.n, at + sign * step)], rows.y), rows.n)
                    for step in (1e-6, 1e-12)
                )
            driven = nearer < np.minimum(2.0 * near, 0.0)
            places = np.flatnonzero(np.isfinite(there) & ~driven)
            if len(places):
                found.append(Edge(places, sign, at, _unit(rows.curves, np.array([at]))))
    return found


def _unit(curves: Curves, at: Array) -> float:
    """The change of a predictor that would change the mean by all of it; 0 where there is none."""
    with np.errstate(all="ignore"):
        unit = float(np.abs(curves.mean(at) / curves.mean_slope(at))[0])
    return unit if isfinite(unit) else 0.0


class Edges:
    """The linear constraints that keep rows from crossing an edge: matrix @ theta >= least."""

    def __init__(self, rows: Rows, found: list[Edge]) -> None:
        self.rows = rows
        self.places = np.concatenate([edge.places for edge in found])
        sign = np.concatenate([np.full(len(edge.places), edge.sign) for edge in found])
        self.unit = np.concatenate([np.full(len(edge.places), abs(edge.at) + edge.unit) for edge in found])
        self.x = rows.picked(self.places)
        self.matrix = self.x * sign[:, None]
        offset = 0.0 if rows.offset is None else rows.offset[self.places]
        self.least = np.concatenate([edge.sign * np.full(len(edge.places), edge.at) for edge in found]) - sign * offset
        self.sizes = np.abs(rows.X[self.places])
        self.offset = np.abs(offset)

    def margin(self, theta: Array) -> Array:
        """Return how far inside an edge a row must stay, so that rounding errors do not take it across."""
        blocks = self.rows.shifted(theta)
        free = abs(float(blocks[0])) if self.rows.intercept else 0.0
        raw = self.sizes @ np.abs(blocks[self.rows.intercept :]) + free
        products = np.maximum(raw, np.abs(self.matrix) @ np.abs(theta)) + self.offset + self.unit
        return 1e3 * EPS * (self.rows.p + 1) * products + EPS * EPS

    def slack(self, theta: Array) -> Array:
        """Return how far inside each row is."""
        return self.matrix @ theta - self.least

    def standing(self, theta: Array) -> Array:
        """Return which of the rows stand on an edge."""
        return self.slack(theta) <= CLOSE * self.margin(theta)

    def bent(self, theta: Array) -> Array:
        """Return the information that these rows take away, where their likelihood curves the wrong way."""
        rows, places = self.rows, self.places
        etas = rows.predictors(theta, self.x, places)
        second = rows.curves.at(etas, rows.y[places], ("observed",))[2]["observed"][0]
        weights = np.minimum(second, 0.0) * (1.0 if rows.weights is None else rows.weights[places])
        found: Array = self.x.T @ (self.x * weights[:, None])
        return found

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


def inside(rows: Rows) -> Array | None:
    """Return coefficients whose means lie inside the support as far as they can, or None if no such are there."""
    low, high = rows.curves.edges
    x = np.concatenate([x.copy() for _, _, x in rows.blocks()])
    offset = np.zeros(rows.n) if rows.offset is None else rows.offset
    sides = [(sign, edge) for sign, edge in ((1.0, low), (-1.0, high)) if isfinite(edge)]
    scale = np.maximum(np.abs(x).max(axis=0), 1e-300)
    unit = max(1.0, float(np.abs(offset).max()))
    matrix = np.vstack([np.c_[-sign * x / scale, np.ones(rows.n)] for sign, _ in sides])
    most = np.concatenate([sign * (offset - edge) / unit for sign, edge in sides])
    widest = min(1.0, 0.5 * (high - low) / unit)
    cost = np.r_[np.zeros(rows.p), -1.0]
    found = linprog(cost, matrix, most, bounds=[(None, None)] * rows.p + [(None, widest)], method="highs")
    return unit * found.x[:-1] / scale if found.success and found.x[-1] > 0.0 else None
