"""The table of solvers, and the choice among them. None of them loops over rows; medians need all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from math import isfinite
from typing import NamedTuple

import numpy as np

from ...names import look_up
from ..likelihood import Totals
from ..objective import Objective
from ..source import Array
from .edges import Edges
from .factors import DependentColumns
from .lasso import lasso
from .limits import far_along, settled
from .medians import linear_program
from .newton import lbfgs, newton
from .separation import separation
from .starts import starts
from .steps import Solution

LOOSE = 1e-3  # a tolerance at which a fit may end before its standard errors tell of a separation
STRIDE, PLENTY = 17, 8192  # a fit of many rows begins with one of every 17th, if these are so many
MANY = 2000  # coefficients from which on a Hessian is not formed if it need not be


class ConvergenceWarning(UserWarning):
    """A fit stopped before it had converged."""


class SeparationWarning(ConvergenceWarning):
    """Some coefficients run to infinity: the likelihood has no maximum."""


def proximal_newton(objective: Objective, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """Newton steps on the likelihood and the whole of an l1 penalty; without one, Newton's own."""
    if objective.l1:
        return lasso(objective, theta, at, max_iter, tol)
    return newton(objective, theta, objective.totals(theta), max_iter, tol)


class Solver(NamedTuple):
    """A solver, with the matrices that it begins with, and what it can do."""

    run: Callable[[Objective, Array, Totals, int, float], Solution]
    kinds: tuple[str, ...] = ()
    l1: bool = False
    ridge: bool = True
    kinks: bool = False


SOLVERS = {
    "newton": Solver(newton, ("observed",)),
    "lbfgs": Solver(lbfgs),
    "proximal_newton": Solver(proximal_newton, l1=True),
    "linear_program": Solver(linear_program, ridge=False, kinks=True),
}


def chosen(objective: Objective) -> str:
    """Return the name of the solver that fits: linear programs for kinks, a proximal one for l1, Newton's while it fits in."""
    if objective.curves.family.has_kink:
        return "linear_program"
    if objective.l1:
        return "proximal_newton"
    return "newton" if objective.K * objective.p <= MANY else "lbfgs"


def solve(objective: Objective, solver: str = "auto", max_iter: int = 100, tol: float = 1e-8) -> Solution:
    """Return the best coefficients of the shifted columns.

    Raises ValueError for a solver that cannot do what is asked, and for columns that depend on each other.
    """
    if not objective.p:
        return Solution(np.zeros(0), 0)
    name = chosen(objective) if solver == "auto" else solver
    row = look_up("solver", name, SOLVERS)
    family = objective.curves.family
    if family.has_kink != row.kinks:
        raise ValueError(f"the solver {name!r} does not fit the family {family.name}: take 'auto'")
    if (objective.l1 and not row.l1) or (objective.ridge and not row.ridge):
        raise ValueError(f"the solver {name!r} has no penalty of this kind: take another, or l1_ratio=0, or alpha=0")
    few_rows = _of_few(objective, row, max_iter) if row.run is newton else []
    for theta in chain(few_rows, starts(objective)):
        at = objective.totals(theta, row.kinds)
        if isfinite(at.value):
            solution = row.run(objective, theta, at, max_iter, tol)
            break
    else:
        return Solution(theta, 0, "the likelihood is not finite where the fit starts")
    apart = solution.separation
    if apart is None and (solution.doubt or tol > LOOSE or not solution.converged):
        apart = separation(objective)
    if apart is None:
        return solution
    settles = row.ridge and not objective.l1 and Edges.of(objective) is None
    if not settles:
        return replace(solution, separation=apart)
    theta = settled(objective, solution.theta, apart, max_iter, tol)
    far = far_along(objective, theta, apart)
    return replace(solution, theta=theta + far, separation=apart, limit=theta, far=far)


def _of_few(objective: Objective, solver: Solver, max_iter: int) -> list[Array]:
    """The coefficients of a fit of every so many rows, where there are so many that few tell nearly all; else nothing."""
    if objective.n < PLENTY * STRIDE or not objective.suits_program:
        return []
    some = objective.over(objective.source.only(slice(None, None, STRIDE)))
    some.ridge /= STRIDE
    with np.errstate(all="ignore"):  # a class may have none of them
        theta = next(starts(some))
    at = some.totals(theta, solver.kinds)
    try:
        found = newton(some, theta, at, max_iter, 1e-2) if isfinite(at.value) else None
    except DependentColumns:  # of these rows, perhaps not of all
        return []
    return [found.theta] if found and found.converged and not found.doubt else []
