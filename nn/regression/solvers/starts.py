"""Where a fit starts: the constant predictor that suits the mean, the fit of a few rows, or the middle of what means may be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import isfinite

import numpy as np
from scipy.optimize import linprog

from ...links import REAL
from ..likelihood import Likelihood
from ..objective import Objective
from ..source import Array, Block, added
from .cuts import broken, first


def starts(objective: Objective, margin: float = 0.01) -> Iterator[Array]:
    """Yield coefficients to start from, the first of which that have a likelihood: the constant predictor of the weighted mean,
    pulled by a margin inside the range, less the mean offset, the smallest, the largest; at last those of a linear program.
    """
    yield from _constants(objective, margin)
    found = inside(objective) if objective.K == 1 and objective.curves.edges != REAL else None
    if found is not None:
        yield found


def _constants(objective: Objective, share: float) -> list[Array]:
    """Coefficients of a constant predictor, or next to it."""
    family, link, design = objective.curves.family, objective.curves.link, objective.design
    theta, known = np.zeros((objective.K, objective.p)), objective.responses
    if family.targets == "classes":
        logs = np.log(known.mean) - known.offset
        theta[:, : design.intercept] = (logs - logs.mean())[:, None]
        return [theta.ravel()]
    low, high = max(family.support[0], link.range[0]), min(family.support[1], link.range[1])
    mean = float(known.mean)
    margin = share * (high - low if isfinite(high - low) else abs(mean) or 1e-6)
    eta = link(min(max(mean, low + margin), high - margin))
    if design.intercept:
        shifts = dict.fromkeys(map(float, (known.offset, known.low, known.high)))
        return [np.r_[eta - shift, theta[0, 1:]] for shift in shifts]
    # The combination of columns that is nearest to it.
    parts = objective.source.map(partial(_normal, objective.likelihood, eta))
    products, sums = (added(part[k] for part in parts) for k in (0, 1))
    return [np.linalg.lstsq(products, sums, rcond=None)[0], theta.ravel()]


def _normal(likelihood: Likelihood, eta: float, block: Block) -> tuple[Array, Array]:
    """The normal equations of a predictor that is to be constant."""
    x = likelihood.design.columns(block.X)
    wanted = np.broadcast_to(eta - (0.0 if block.offset is None else block.offset), block.size)
    return x.T @ x, x.T @ wanted


def inside(objective: Objective) -> Array | None:
    """Return coefficients whose means lie inside the support as far as they can, or None if no such are there."""
    low, high = objective.curves.edges
    sides = [(sign, edge) for sign, edge in ((1.0, low), (-1.0, high)) if isfinite(edge)]
    scale = np.maximum(objective.sizes, 1e-300)
    unit = max(1.0, objective.largest_offset)
    widest = min(1.0, 0.5 * (high - low) / unit)
    known = first(objective.source, len(sides))
    cuts = _cuts(objective, sides, known)
    while True:
        matrix, most = np.c_[cuts[:, 1:] / -scale, np.ones(len(cuts))], cuts[:, 0] / unit
        cost, bounds = np.r_[np.zeros(objective.p), -1.0], [(None, None)] * objective.p + [(None, widest)]
        found = linprog(cost, matrix, most, bounds=bounds, method="highs")
        if not (found.success and found.x[-1] > 0.0):
            return None
        theta: Array = unit * found.x[:-1] / scale
        margin = unit * (found.x[-1] - 1e-9)
        new = broken(objective.source, partial(_margins, objective.likelihood, theta, sides), margin, known)
        if not len(new):
            return theta
        known, cuts = np.r_[known, new], np.vstack([cuts, _cuts(objective, sides, new)])


def _margins(likelihood: Likelihood, theta: Array, sides: list[tuple[float, float]], block: Block) -> Array:
    """How far inside each edge some rows are, (m, edges)."""
    eta = likelihood.etas(theta, block)[0]
    return np.stack([sign * (eta - edge) for sign, edge in sides], axis=1)


def _cuts(objective: Objective, sides: list[tuple[float, float]], places: Array) -> Array:
    """For rows and edges a bound, and the columns, turned inwards, whose product with theta is to be above its negative."""
    row, k = np.divmod(places, len(sides))
    block = objective.source.at(row)
    sign, edge = np.array(sides)[k].T
    offset = 0.0 if block.offset is None else block.offset
    return np.c_[sign * (offset - edge), sign[:, None] * objective.design.columns(block.X)]
