"""Newton's method, and L-BFGS, which ends with it."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from ..likelihood import Totals
from ..objective import Objective
from ..source import Array
from .edges import Edges
from .factors import EPS, Factor, cholesky, definite, factored, identified, lifted, refuse_dependent
from .separation import separation
from .steps import Solution, halved, rough_dispersion, rounding, stuck

ASK = 8  # steps of a fit whose standard errors are huge, until the linear program of separation is asked
FAR = 30.0  # how much larger than it might be a standard error is where rows are separated, or next to it


class Move(NamedTuple):
    """A step, its squared size in standard errors, the slope of the likelihood along it, and the factor of the information."""

    step: Array
    size: float
    slope: float
    factor: Factor


def newton(
    objective: Objective, theta: Array, at: Totals, max_iter: int, tol: float, known: Array | None = None
) -> Solution:
    """Damped Newton steps on the observed information, or Fisher's where that is not positive definite.

    X'WX is factored by Cholesky while it is well conditioned; where it is not, steps come from a QR decomposition of the
    rows. Each step is halved until the likelihood falls and every mean is in its support; where rows may stand on an edge of
    it, steps slide along. It has converged when a step is below `tol` standard errors, or made of rounding errors only. `known`
    is an information that there has been on each coefficient.
    """
    edges = Edges.of(objective)
    move, doubt, phi = None, True, 1.0
    most = np.zeros_like(theta) if known is None else known
    for iteration in range(1, max_iter + 1):
        if not np.isfinite(at.matrices["observed"]).all():
            return Solution(theta, iteration, "a derivative of the likelihood is not finite")
        last = inf if move is None else move.size
        move = direction(objective, theta, at) if edges is None else along(objective, edges, theta, at)
        if move is None:
            return Solution(theta, iteration, "the rows have no information")
        most = np.maximum(most, np.diag(at.matrices["observed"]))
        doubt = far_out(move.factor, most)
        if doubt and iteration % ASK == 0 and (apart := separation(objective)):
            return Solution(theta, iteration, separation=apart)
        phi = rough_dispersion(objective, at)
        if arrived(move, last if edges is None else inf, phi, tol) or move.size <= rounding(objective, theta, at):
            theta = theta + move.step
            standing = edges.block.places[edges.standing(theta)] if edges else None
            return Solution(theta, iteration, doubt=doubt, standing=standing)
        share, after = halved(objective, theta, move.step, at, move.slope, near=move.size <= phi)
        if after is None:
            return Solution(theta, iteration, stuck(objective), doubt)
        theta, at = theta + share * move.step, after
    size = inf if move is None else sqrt(move.size / phi)
    return Solution(theta, max_iter, stuck(objective, f"a step was still {size:.1e} standard errors"), doubt)


def arrived(move: Move, last: float, phi: float, tol: float) -> bool:
    """Return whether a step is below `tol` standard errors, or the next would be, given the squared size of the `last` one.

    Newton's steps shrink by their squares: the next would be as much below this as this is below the last.
    """
    near = isfinite(last) and move.size <= 1e-4 * phi and move.size * (move.size / last) ** 2 <= 1e-6 * tol * tol * phi
    return near or move.size <= tol * tol * phi


def far_out(factor: Factor, most: Array) -> bool:
    """Return whether a coefficient has a standard error that no data leave, but those that are separated or next to it: it is
    huge beside what the most information on it would leave, that of any step so far.
    """
    return not bool((np.diag(factor.inverse) * most <= FAR * FAR).all())


def along(objective: Objective, edges: Edges, theta: Array, at: Totals) -> Move:
    """Return the step that crosses no edge."""
    matrix = at.matrices["observed"]
    factor = cholesky(matrix)
    if factor is None:  # rows that may stand on an edge may curve the wrong way; those that do stand there are to stay
        stay = edges.matrix[edges.standing(theta)]
        weight = 10.0 * float(np.abs(matrix).max()) / max(float((stay * stay).max(initial=0.0)), 1e-300)
        held = matrix + weight * stay.T @ stay
        floor = at.gradient**2 / (objective.n * (1.0 + abs(at.value)))  # where the likelihood is a straight line
        factor = cholesky(held) or cholesky(held - edges.bent(theta)) or lifted(matrix - edges.bent(theta), 1e-8, floor)
    step = edges.step(theta, at.gradient, factor.R, factor.scale)
    squares = factor.R @ (factor.scale * step)
    slack = 100.0 * EPS * (abs(at.value) + float(np.abs(at.gradient) @ np.abs(theta)))
    slope = float(at.gradient @ step)
    return Move(step, max(float(squares @ squares), -slope - slack), slope, factor)


def direction(objective: Objective, theta: Array, at: Totals) -> Move | None:
    """Return Newton's step, or None if the rows have no information.

    Raises ValueError if columns depend on each other.
    """
    matrix = identified(objective, at.matrices["observed"])
    factor = cholesky(matrix)
    if factor is None and not definite(matrix):
        if objective.curves.family.scored_by_mean:
            matrix = identified(objective, objective.totals(theta, ("expected",)).matrices["expected"])
            factor = cholesky(matrix)
        else:
            factor = lifted(matrix)
    if factor is not None:
        step = -factor.solve(at.gradient)
        slope = float(at.gradient @ step)
        return Move(step, -slope, slope, factor)
    kind = "expected" if objective.curves.family.scored_by_mean else "observed"
    factor, right, rest = factored(objective, theta, kind, matrix)
    if factor is None:
        refuse_dependent(objective)
        return None
    step = solve_triangular(factor.R, right) / factor.scale
    step -= factor.solve(rest) if rest.any() else 0.0
    size = -float(at.gradient @ step) if rest.any() else float(right @ right)
    return Move(step, size, -size, factor)


def lbfgs(objective: Objective, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """L-BFGS on scaled columns (SciPy's), for many coefficients: no Hessian until Newton's steps finish."""
    from scipy.optimize import minimize

    squares = objective.n * objective.mean_squares()
    scale = np.sqrt(np.where(squares > 0.0, squares, 1.0))

    def loss(scaled: Array) -> tuple[float, Array]:
        there = objective.totals(scaled / scale, ())
        return (there.value, there.gradient / scale) if isfinite(there.value) else (1e300, np.zeros_like(scaled))

    options = {"maxiter": 100 * max_iter, "maxcor": 20, "ftol": 0.0, "gtol": tol * sqrt(objective.n), "maxfun": 10**6}
    found = minimize(loss, theta * scale, jac=True, method="L-BFGS-B", options=options)
    theta = found.x / scale
    finish = newton(objective, theta, objective.totals(theta), max_iter, tol, objective.sizes**2)
    return replace(finish, n_iter=int(found.nit) + finish.n_iter)
