"""What can be said of a fit: deviance, dispersion, likelihood, standard errors. All is computed at its end, and then stands."""

from __future__ import annotations

import warnings
from math import nan

import numpy as np

from ..objective import Objective
from ..solvers.steps import Solution
from .dispersion import Dispersion
from .information import Information
from .result import Fit, kinds_of, runs


def inferred(objective: Objective, solution: Solution, who: str, phi: float = nan, size: float | None = None) -> Fit:
    """Return what a fit leaves behind, given the best coefficients and, where it was fitted beside them, the dispersion; `size`
    is how many numbers were fitted, where a penalty leaves less than the coefficients.

    Warns of a dispersion that is 0, or that no rows are left for, in the name of `who`.
    """
    curves, design, apart = objective.curves, objective.design, solution.separation
    dispersion = Dispersion(objective, solution, phi, size)
    information = Information(objective, solution, dispersion)
    size = len(solution.theta)
    separated, endless, scale = np.zeros(size, dtype=bool), np.zeros((0, 0)), np.zeros(0)
    if apart is not None:
        endless, scale = apart.unseen, apart.sizes
        separated = runs(design.moves if design.K == 1 else information.kept @ design.moves, endless, scale)
    elif not objective.l1:  # of an l1 penalty nobody asks for covariances
        endless, scale = np.zeros((size, 0)), np.ones(size)
    warn_of(dispersion, who)
    kinds = () if objective.l1 else kinds_of(curves.family)
    inner = {kind: information.covariance(kind) for kind in kinds}
    standing = np.zeros(0, dtype=int) if solution.standing is None else solution.standing
    for part in (*inner.values(), endless, separated, standing):
        part.setflags(write=False)
    return Fit(
        curves, design, dispersion.deviance, dispersion.null_deviance, dispersion.dispersion, dispersion.loglik, dispersion.n,
        dispersion.size, objective.ridge, objective.l1, inner, endless, scale, separated, standing,
    )  # fmt: skip


def warn_of(dispersion: Dispersion, who: str) -> None:
    """Warn of a dispersion that is 0, or that no rows are left for, in the name of `who`."""
    family = dispersion.family
    if not family.has_dispersion:
        return
    said = ""
    if dispersion.is_perfect:
        said = "each mean is its observation, but for rounding: the dispersion is 0, the likelihood infinite"
    elif dispersion.freedom <= 0.0 and family.scales and family.scored_by_mean:
        said = (
            f"the weights of the rows add up to {dispersion.n:g}, for {dispersion.size} coefficients: there is no dispersion, "
            "and no standard errors"
        )
    if said:
        warnings.warn(f"{who}: {said}", UserWarning, stacklevel=4)
