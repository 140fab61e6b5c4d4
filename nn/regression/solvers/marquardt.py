"""Levenberg's and Marquardt's method for predictors that are curves in their parameters, with a bend of each step; Newton's ends it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from ...names import few
from ..source import Array
from .factors import EPS, Factor, cholesky, triangular
from .steps import rough_dispersion

LEAST, DAMPED, MOST = 1e-100, 1e-3, 1e30  # the damping: the least, that at the start, and where no step is better
BENT = 0.75  # the most that a bend may be of its step, twice over (Transtrum and Sethna)
NEAR = 1e-6  # the squared size of a step in standard errors from which on Newton's own are taken, so many at most
LAST = 30
ENOUGH = 1e-6  # the same, of the last of them at the most
FADES = 0.5  # at each step, what is left of the information that there was
FAR, OUTWARD = (
    1e3,
    10.0,
)  # a parameter has run away where its standard error is so many times, and its start so many times less than, itself


@dataclass
class Path:
    """Where a search stands: the state, what is known there, the largest information of late, how often, and what went wrong."""

    state: Array
    touch: Any
    most: Array
    n_iter: int = 0
    trouble: str = ""

    @property
    def value(self) -> float:
        """What is made small."""
        return float(self.touch.value)


def marquardt(tangents: Any, state: Array, max_iter: int = 5000, tol: float = 1e-10) -> Path:
    """Return the coefficients at which a likelihood and its penalties are least, with parameters of curves within their bounds.

    Each step is Fisher's of the tangent, damped, with the largest information of late on each coefficient as its unit, and bent as the
    curves are (geodesic acceleration). A parameter that stands on a bound and would leave it is held.

    Source: Levenberg 1944; Marquardt 1963; Transtrum and Sethna, Improvements to the Levenberg-Marquardt algorithm, 2012; Nielsen,
    Damping parameter in Marquardt's method, 1999.
    """
    start = state
    path = Path(state, tangents.touch(state), np.zeros(len(state)))
    damping, growth, (low, high) = DAMPED, 2.0, tangents.bounds
    for path.n_iter in range(1, max_iter + 1):
        totals = path.touch.totals
        path.most = np.maximum(FADES * path.most, np.diag(path.touch.information))
        free = ~held(path, low, high)
        try:
            step, bend = damped(tangents, path, free, damping)
        except np.linalg.LinAlgError:  # of a damping too small to tell
            damping, growth = damping * growth, 2.0 * growth
            continue
        there = np.clip(path.state + step + bend, low, high)
        straight = np.clip(path.state + step, low, high) - path.state
        fall = -float(totals.gradient @ straight + 0.5 * straight @ path.touch.information @ straight)
        if damping > MOST or near(path, free):
            break
        if 0.0 <= fall <= EPS * abs(path.value):
            if (min(damping, 1.0) * path.most <= np.diag(path.touch.information)).all():
                break
            continue  # what holds it back fades
        unit = np.sqrt(np.where(path.most > 0.0, path.most, 1.0))
        after = None
        if np.isfinite(there).all() and 2.0 * np.linalg.norm(bend * unit) <= BENT * np.linalg.norm(step * unit):
            after = tangents.touch(there)
        if after is not None and fall > 0.0 and after.value < path.value:
            share = min((path.value - after.value) / fall, 2.0)
            damping, growth = max(LEAST, damping * max(1.0 / 3.0, 1.0 - (2.0 * share - 1.0) ** 3)), 2.0
            path.state, path.touch = there, after
        else:
            damping, growth = damping * growth, 2.0 * growth
    else:
        path.trouble = f"parameters still moved after {max_iter} steps"
    path = finished(tangents, path, tol)
    gone = ran_away(path, start, tangents)
    if gone.any():
        path.trouble = f"{few([tangents.names[k] for k in np.flatnonzero(gone)], ' and ')} ran away: the rows tell nothing of it there"
    return path


def near(path: Path, free: Array) -> bool:
    """Return whether the step without damping is small."""
    if not free.any():
        return True
    factor, gradient = cholesky(path.touch.information[np.ix_(free, free)]), path.touch.totals.gradient[free]
    small = max(NEAR * rough_dispersion(path.touch.objective, path.touch.totals), blurred(path))
    return factor is not None and float(gradient @ factor.solve(gradient)) <= small


def blurred(path: Path) -> float:
    """Return the squared size of a step that may be made of rounding errors only: those of the products and curves in the predictors."""
    objective, theta, totals, _ = path.touch
    products = float(np.diag(totals.matrices["observed"]) @ theta**2)
    return float((8.0 * EPS) ** 2 * (products + abs(totals.squares[0]) * objective.largest_offset**2))


def held(path: Path, low: Array, high: Array) -> Array:
    """Return which parameters stand on a bound that they would leave."""
    gradient = path.touch.totals.gradient
    on_bound: Array = ((path.state <= low) & (gradient > 0.0)) | ((path.state >= high) & (gradient < 0.0))
    return on_bound


def damped(tangents: Any, path: Path, free: Array, damping: float) -> tuple[Array, Array]:
    """Return a damped step of the free coefficients, and what bends it."""
    information, gradient = path.touch.information[np.ix_(free, free)], path.touch.totals.gradient[free]
    unit = np.sqrt(np.where(path.most[free] > 0.0, path.most[free], 1.0))
    R, right = information / unit / unit[:, None] + damping * np.eye(len(unit)), np.zeros(len(free))
    step, bend = right.copy(), right.copy()
    step[free] = -np.linalg.solve(R, gradient / unit) / unit
    with np.errstate(all="ignore"):
        pulled = tangents.pulled(path.touch, path.state, step)[free]
        bend[free] = -0.5 * np.linalg.solve(R, pulled / unit) / unit
    return step, bend


def finished(tangents: Any, path: Path, tol: float) -> Path:
    """Return the end of a path that is near its end, by Newton's steps on all second derivatives; says where parameters run away."""
    low, high = tangents.bounds
    last, size, small, most = inf, inf, 0.0, path.n_iter + LAST
    while path.n_iter < most and size > small:
        objective, _, totals, _ = path.touch
        free = ~held(path, low, high)
        factor = factor_of(tangents, path, free) if free.any() else None
        if factor is None:
            break
        step = np.zeros(len(free))
        step[free] = -factor.solve(totals.gradient[free])
        size, phi = -float(totals.gradient @ step), rough_dispersion(objective, totals)
        there = np.clip(path.state + step, low, high)
        after = tangents.touch(there)
        if not (size < last and after.value <= path.value + NEAR * phi):  # what is left is made of rounding errors
            break
        path.state, path.touch, path.n_iter, last = there, after, path.n_iter + 1, size
        small = max(tol * tol * phi, blurred(path))
    left = inf if factor is None else size
    if free.any() and left > max(ENOUGH * rough_dispersion(path.touch.objective, path.touch.totals), blurred(path)):
        path.trouble = path.trouble or "no step is better, and the slope is not 0"
    return path


def factor_of(tangents: Any, path: Path, free: Array) -> Factor | None:
    """Return the factor of all second derivatives by the free coefficients; where it costs too many digits, that of the tangent's rows."""
    objective, theta, totals, _ = path.touch
    whole = totals.matrices["observed"] + tangents.bend(path.touch, path.state)
    factor = cholesky(whole[np.ix_(free, free)]) or cholesky(path.touch.information[np.ix_(free, free)])
    if factor is not None:
        return factor
    return triangular(np.linalg.qr(objective.triangle(theta, "expected")[0][:, free], mode="r"))


def ran_away(path: Path, start: Array, tangents: Any) -> Array:
    """Return which parameters of curves are far from their start, with standard errors that are many times larger still."""
    diagonal = np.diag(path.touch.information)
    phi = rough_dispersion(path.touch.objective, path.touch.totals)
    with np.errstate(all="ignore"):
        errors = np.sqrt(phi / diagonal)  # beside all others known, so no more than the standard error
    sizes = np.abs(path.state)
    gone: Array = tangents.curved & (errors > FAR * sizes) & (sizes > OUTWARD * np.abs(start))
    return gone
