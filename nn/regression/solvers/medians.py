"""Medians and quantiles: the best vertex of a likelihood that is piecewise linear in the mean, by linear programming.

A program needs all rows at once.
"""

from __future__ import annotations

from math import inf, isfinite

import numpy as np

from autograd import compile, value_and_grad

from ..likelihood import Totals
from ..objective import Objective
from ..source import Array
from .factors import EPS, refuse_dependent
from .steps import Solution, stuck


def linear_program(objective: Objective, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """For a likelihood that is piecewise linear in the mean, as Laplace's: its best vertex, by linear programming.

    Where the link is not straight, the mean is taken for its tangent and the program solved again, within the box of steps
    for which the tangent has told the truth (Fletcher, Sainz de la Maza 1989). It has converged when what a step can still
    gain is within the rounding errors of the likelihood.
    """
    family, link = objective.curves.family, objective.curves.link
    below, above = family.slopes
    tangent = compile(value_and_grad(link.inverse), rows=0)
    every = objective.everything()
    x = objective.design.columns(every.X)
    if np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(axis=0), 1e-300)) < objective.p:
        refuse_dependent(objective)
    w = np.ones(objective.n) if every.weights is None else every.weights
    value, radius, walled = at.value, inf, False
    for iteration in range(1, max_iter + 1):
        mu, slope = (
            np.broadcast_to(part, objective.n)
            for part in tangent(objective.design.predictors(theta, x, every.offset)[0])
        )
        straight = x * slope[:, None]
        sizes = np.maximum(
            np.abs(straight).max(axis=0), 1e-300
        )  # so that a step is counted by what it does to the means
        found = _best_step(straight / sizes, every.y - mu, np.c_[-above * w, below * w], radius)
        if isinstance(found, str):
            return Solution(theta, iteration, found)
        move, gain = found
        products = np.abs(x) @ np.abs(theta) + objective.largest_offset
        digits = (
            np.abs(every.y) + np.abs(mu) + (objective.p + 1) * np.abs(slope) * products
        )  # what a residual is made of
        if gain <= 8.0 * EPS * max(below, above) * float(w @ digits):
            edge = walled and float(np.abs(move).max()) > 0.9 * radius
            return Solution(theta, iteration, stuck(objective) if edge else "")
        share = 1.0
        while not isfinite(after := objective.value(there := theta + share * move / sizes)) and share > 1e-10:
            share *= 0.5
        if link.is_straight and radius == inf and share == 1.0:
            return Solution(there, iteration)  # the program was no approximation
        kept = (value - after) / (share * gain)  # of what was promised
        walled = share < 1.0 or (walled and kept >= 0.25)
        if walled or not kept >= 0.25:
            radius = (share if kept >= 0.25 else 0.1 * share) * float(np.abs(move).max())
        elif kept > 0.75:
            radius *= 2.0
        if kept > 1e-4:
            theta, value = there, after
    return Solution(theta, max_iter, f"the last program gained {gain:.1e}")


def _best_step(straight: Array, rest: Array, bounds: Array, radius: float) -> tuple[Array, float] | str:
    """The step d, none of it above the radius, that minimizes the sum of the largest of `bounds` times rest - straight d, and
    what it gains; or what the program said when it failed.

    The program is the dual one, of a variable a row and few equations, which is faster by far; its multipliers are the step.
    All is counted in radii, and residuals that no step turns are cut short, so that the program's tolerances and the digits of
    its sum belong to what may change.
    """
    from scipy.optimize import linprog

    p, boxed = straight.shape[1], isfinite(radius)
    unit = radius if boxed else float(np.abs(rest).max()) or 1.0
    weight = float(bounds.max())
    far = 2.0 * np.abs(straight).sum(axis=1) if boxed else inf
    short = np.clip(rest / unit, -far, far)
    found = linprog(
        np.r_[-short, np.ones(2 * p)],
        A_eq=np.c_[straight.T, -np.eye(p), np.eye(p)],
        b_eq=np.zeros(p),
        bounds=np.r_[bounds / weight, [[0.0, inf if boxed else 0.0]] * (2 * p)],
        method="highs",
    )
    if not found.success:
        return str(found.message)
    now = float((bounds / weight * short[:, None]).max(axis=1).sum())
    return -unit * found.eqlin.marginals, unit * weight * (now + float(found.fun))
