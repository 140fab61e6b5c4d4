"""What is left of a fit where some rows are told apart or stand on an edge: the limit that the other coefficients go to."""

from __future__ import annotations

from math import inf

import numpy as np

from ..objective import Objective
from ..source import Array
from .factors import lifted, within
from .separation import Separation
from .steps import halved, rough_dispersion, rounding


def settled(objective: Objective, theta: Array, apart: Separation, max_iter: int, tol: float) -> Array:
    """Return the coefficients of separated rows that have the best values of the rows that are not told apart, by Newton's steps
    in the directions that these see.
    """
    limit, seen = limit_of(objective, apart, None), apart.seen
    kind = "expected" if objective.curves.family.scored_by_mean else "observed"
    at = limit.totals(theta)
    for _ in range(max_iter if seen.shape[1] else 0):
        matrix, gradient = at.matrices["observed"], seen.T @ at.gradient
        factor = within(limit, theta, kind, matrix, seen) or lifted(seen.T @ matrix @ seen)
        step = -factor.solve(gradient)
        size = -float(gradient @ step)
        done = size <= max(tol * tol * rough_dispersion(limit, at), rounding(limit, theta, at))
        share, after = halved(limit, theta, seen @ step, at, -size, near=True)
        theta, at = (theta, at) if after is None else (theta + share * (seen @ step), after)
        if done or after is None:
            break
    return theta


def far_along(objective: Objective, theta: Array, apart: Separation) -> Array:
    """Return how far to take the coefficients along the direction that separates, until there is nothing left to gain."""
    far = apart.direction / float(np.abs(apart.sizes * apart.direction).max())
    value, last = objective.value(theta + far), inf
    while last - value > 1e-10 * (1.0 + abs(value)) and np.abs(far).max() < 1e15:
        far, last = 2.0 * far, value
        value = objective.value(theta + far)
    return far


def limit_of(objective: Objective, apart: Separation | None, standing: Array | None) -> Objective:
    """Return the rows that still count at the limit: without those that are told apart, or stand on an edge; of classes, with
    offsets that set what is told apart beyond reach.
    """
    source = objective.source
    if objective.K > 1:
        if apart is None:
            return objective
        offset = objective.everything().offset
        return objective.over(source.beside(apart.far if offset is None else offset + apart.far))
    kept = np.ones(objective.n, dtype=bool)
    if apart is not None:
        kept &= ~apart.rows[:, 0]
    if standing is not None:
        kept[standing] = False
    return objective if kept.all() else objective.over(source.only(kept))
