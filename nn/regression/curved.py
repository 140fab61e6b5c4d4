"""The fit of a GAM that has curves in it: by turns the coefficients at given lambdas, and the lambdas of the tangent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .criteria import smoothed
from .inference.result import Fit
from .objective import Objective
from .smoothing import Smoothed, Smoothness
from .solvers.marquardt import Path, held, marquardt
from .solvers.steps import Solution
from .source import Array
from .tangents import Tangents

Check = Callable[[Objective], None]
TURNS = 50  # how often lambdas are chosen anew
STILL = 1e-7  # by how much their logarithms, or the degrees of freedom, still move at the end
FIRM = 1e20  # times its information: a penalty under which a parameter on its bound stands still


class Curved(NamedTuple):
    """The fit of the tangent at the best coefficients, these themselves, and which of them stand on a bound."""

    found: Smoothed
    solution: Solution
    on_bound: Array


def curved(
    tangents: Tangents, smoothness: Smoothness, fixed: Array, criterion: str, y: Array, who: str, check: Check
) -> Curved:
    """Return the fit at the best lambdas, chosen for the tangent at the best coefficients and anew until they stand (Lindstrom and Bates,
    Nonlinear mixed effects models for repeated measures data, 1990). Observations `y` are for the terms to find a start from; `check`
    refuses a tangent whose columns are not told apart.

    Raises ValueError for a start from which there is no way.
    """
    path = _best(tangents, smoothness, fixed, y, who)
    check(tangents.at(path.state))
    low, high = tangents.bounds
    logs, last = tangents.logs, np.full(len(fixed), np.inf)
    for _ in range(TURNS):
        still = held(path, low, high)
        penalties, given = _holding(smoothness, fixed, still, path)
        if path.trouble or not np.isnan(fixed).any():
            break
        near = np.where(np.isnan(given), np.r_[logs, given[len(logs) :]], given)
        found = smoothed(tangents.at(path.state), penalties, given, criterion, tangents.flat(path.state), near)
        moved = np.minimum(np.abs(found.logs[: len(fixed)] - logs), np.abs(found.freedoms[: len(fixed)] - last))
        logs, last = found.logs[: len(fixed)], found.freedoms[: len(fixed)]
        if moved.max() <= STILL:
            break
        tangents.penalize(smoothness, logs)
        path = marquardt(tangents, path.state)
    else:
        path.trouble = "the lambdas still moved"
    solution = Solution(tangents.flat(path.state), path.n_iter, path.trouble, doubt=False)
    found = Smoothed(tangents.at(path.state), penalties, np.r_[logs, given[len(logs) :]], solution)
    return Curved(found, replace(solution, theta=path.state), still)


def _best(tangents: Tangents, smoothness: Smoothness, fixed: Array, y: Array, who: str) -> Path:
    """The best end of the searches from all starts, at rough lambdas."""
    ends: list[Path] = []
    for state in tangents.starting(y, who):
        touch = tangents.touch(state)
        if tangents.roughness is None:
            logs = np.where(np.isnan(fixed), smoothness.rough(np.diag(touch.information)), fixed)
            tangents.penalize(smoothness, logs)
        with np.errstate(all="ignore"):
            ends.append(marquardt(tangents, state))
    return min(ends, key=lambda path: (bool(path.trouble), path.value))


def _holding(smoothness: Smoothness, fixed: Array, still: Array, path: Path) -> tuple[Smoothness, Array]:
    """The penalties, and one more for each parameter on its bound, under which it stands still."""
    places = np.flatnonzero(still)
    units = [np.diag(np.arange(smoothness.size) == place).astype(float) for place in places]
    sizes = np.maximum(np.diag(path.touch.information)[places], 1e-100)
    more = replace(smoothness, matrices=[*smoothness.matrices, *units], ranks=[*smoothness.ranks, *([1] * len(places))])
    return more, np.r_[fixed, np.log(FIRM * sizes)]


def standing_still(fit: Fit, still: Array) -> Fit:
    """Return a fit in which some coefficients are known."""
    if not still.any():
        return fit
    inner = {kind: np.where(still | still[:, None], 0.0, matrix) for kind, matrix in fit.inner.items()}
    return replace(fit, inner=inner)
