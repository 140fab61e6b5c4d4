"""Solvers: from the likelihood of the rows to its best coefficients, and the word of how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from math import inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular

from autograd import compile, value_and_grad

from .edges import EPS, Edges, edges_of, inside
from .lasso import lasso
from .likelihood import Array, Rows, Totals
from .links import REAL
from .names import few, look_up
from .separation import Separation, separation
from .steps import Factor, Solution, cholesky, definite, halved, identified, lifted, rough_dispersion, rounding, stuck

RANK = 1e-13  # of what is left of a column, beside it, when it depends on others
LOOSE = 1e-3  # a tolerance at which a fit may end before its standard errors tell of a separation
ASK = 8  # steps of a fit whose standard errors are huge, until the linear program of separation is asked
STRIDE, PLENTY = 17, 8192  # a fit of many rows begins with one of every 17th, if these are so many
FAR = 30.0  # how much larger than it might be a standard error is where rows are separated, or next to it
MANY = 2000  # coefficients from which on a Hessian is not formed if it need not be


class ConvergenceWarning(UserWarning):
    """A fit stopped before it had converged."""


class SeparationWarning(ConvergenceWarning):
    """Some coefficients run to infinity: the likelihood has no maximum."""


def triangular(R: Array) -> Factor | None:
    """Return the factor of R'R, or None where R has not its full rank."""
    scale = np.sqrt((R * R).sum(axis=0))
    if not np.isfinite(R).all() or (scale == 0.0).any():
        return None
    _, pivoted, _ = qr(R / scale, mode="economic", pivoting=True)
    return Factor(R / scale, scale) if abs(pivoted[-1, -1]) > RANK else None


def newton(rows: Rows, theta: Array, at: Totals, max_iter: int, tol: float, known: Array | None = None) -> Solution:
    """Damped Newton steps on the observed information, or Fisher's where that is not positive definite.

    X'WX is factored by Cholesky while it is well conditioned; where it is not, steps come from a QR decomposition of the
    rows. Each step is halved until the likelihood falls and every mean is in its support; where rows may stand on an edge of
    it, steps slide along. It has converged when a step is below `tol` standard errors, or made of rounding errors only. `known`
    is an information that there has been on each coefficient.
    """
    found = edges_of(rows)
    edges = Edges(rows, found) if found else None
    size, phi, doubt = inf, 1.0, True
    most = np.zeros_like(theta) if known is None else known
    for iteration in range(1, max_iter + 1):
        if not np.isfinite(at.matrices["observed"]).all():
            return Solution(theta, iteration, "a derivative of the likelihood is not finite")
        last = size
        step, size, factor = direction(rows, theta, at) if edges is None else along(rows, edges, theta, at)
        if factor is None:
            return Solution(theta, iteration, "the rows have no information")
        most = np.maximum(most, np.diag(at.matrices["observed"]))
        doubt = far_out(factor, most)
        if doubt and iteration % ASK == 0 and (apart := separation(rows)) is not None:
            return Solution(theta, iteration, separation=apart)
        phi = rough_dispersion(rows, at)
        # Newton's steps shrink by their squares: the next would be as much below this as this is below the last.
        near = (
            edges is None
            and isfinite(last)
            and size <= 1e-4 * phi
            and size * (size / last) ** 2 <= 1e-6 * tol * tol * phi
        )
        if near or size <= max(tol * tol * phi, rounding(rows, theta, at)):
            theta = theta + step
            standing = edges.places[edges.standing(theta)] if edges else None
            return Solution(theta, iteration, doubt=doubt, standing=standing)
        slope = -size if edges is None else float(at.gradient @ step)
        share, after = halved(rows, theta, step, at, slope, near=size <= phi)
        if after is None:
            return Solution(theta, iteration, stuck(rows), doubt)
        theta, at = theta + share * step, after
    return Solution(theta, max_iter, stuck(rows, f"a step was still {sqrt(size / phi):.1e} standard errors"), doubt)


def far_out(factor: Factor, most: Array) -> bool:
    """Return whether a coefficient has a standard error that no data leave, but those that are separated or next to it: it is
    huge beside what the most information on it would leave, that of any step so far.
    """
    return not bool((np.diag(factor.inverse) * most <= FAR * FAR).all())


def along(rows: Rows, edges: Edges, theta: Array, at: Totals) -> tuple[Array, float, Factor]:
    """Return the step that crosses no edge, its size as that of `direction`, and the factor of the information."""
    matrix = at.matrices["observed"]
    factor = cholesky(matrix)
    if factor is None:  # rows that may stand on an edge may curve the wrong way; those that do stand there are to stay
        stay = edges.matrix[edges.standing(theta)]
        weight = 10.0 * float(np.abs(matrix).max()) / max(float((stay * stay).max(initial=0.0)), 1e-300)
        held = matrix + weight * stay.T @ stay
        floor = at.gradient**2 / (rows.n * (1.0 + abs(at.value)))  # where the likelihood is a straight line
        factor = cholesky(held) or cholesky(held - edges.bent(theta)) or lifted(matrix - edges.bent(theta), 1e-8, floor)
    step = edges.step(theta, at.gradient, factor.R, factor.scale)
    squares = factor.R @ (factor.scale * step)
    slack = 100.0 * EPS * (abs(at.value) + float(np.abs(at.gradient) @ np.abs(theta)))
    return step, max(float(squares @ squares), -float(at.gradient @ step) - slack), factor


def settled(rows: Rows, theta: Array, found: Separation, max_iter: int, tol: float) -> Array:
    """Return the coefficients of separated rows that have the best values of the rows that are not told apart, by Newton's steps
    in the directions that these see.
    """
    limit, seen = limit_of(rows, found, None), found.seen
    kind = "expected" if rows.curves.family.scored_by_mean else "observed"
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


def far_along(rows: Rows, theta: Array, found: Separation) -> Array:
    """Return how far to take the coefficients along the direction that separates, until there is nothing left to gain."""
    far = found.direction / float(np.abs(found.sizes * found.direction).max())
    value, last = rows.value(theta + far), inf
    while last - value > 1e-10 * (1.0 + abs(value)) and np.abs(far).max() < 1e15:
        far, last = 2.0 * far, value
        value = rows.value(theta + far)
    return far


def limit_of(rows: Rows, found: Separation | None, standing: Array | None) -> Rows:
    """Return the rows that still count at the limit: without those that are told apart, or stand on an edge; of classes, with
    offsets that set what is told apart beyond reach.
    """
    if rows.K > 1:
        return (
            rows
            if found is None
            else rows.changed(offset=found.far if rows.offset is None else rows.offset + found.far)
        )
    kept = np.ones(rows.n, dtype=bool)
    if found is not None:
        kept &= ~found.apart[:, 0]
    if standing is not None:
        kept[standing] = False
    return rows if kept.all() else rows.changed(kept=kept)


def direction(rows: Rows, theta: Array, at: Totals) -> tuple[Array, float, Factor | None]:
    """Return Newton's step, its decrement, the squared size of the step in standard errors, and the information's factor;
    None in its place if there is none.

    Raises ValueError if columns depend on each other.
    """
    matrix = identified(rows, at.matrices["observed"])
    factor = cholesky(matrix)
    if factor is None and not definite(matrix):
        if rows.curves.family.scored_by_mean:
            matrix = identified(rows, rows.totals(theta, ("expected",)).matrices["expected"])
            factor = cholesky(matrix)
        else:
            factor = lifted(matrix)
    if factor is not None:
        step = -factor.solve(at.gradient)
        return step, -float(at.gradient @ step), factor
    kind = "expected" if rows.curves.family.scored_by_mean else "observed"
    factor, right, rest = factored(rows, theta, kind, matrix)
    if factor is None:
        refuse_dependent(rows)
        return np.zeros_like(theta), 0.0, None
    step = solve_triangular(factor.R, right) / factor.scale
    step -= factor.solve(rest) if rest.any() else 0.0
    return step, -float(at.gradient @ step) if rest.any() else float(right @ right), factor


def factored(rows: Rows, theta: Array, kind: str, matrix: Array) -> tuple[Factor | None, Array, Array]:
    """Return the factor of an information matrix by a QR decomposition of the rows, with what `Rows.triangle` gives beside
    it; rows are added for what `identified` adds to the matrix.
    """
    R, right, rest = rows.triangle(theta, kind)
    if rows.K > 1:
        root = np.sqrt(np.diag(matrix).reshape(rows.K, rows.p).mean(axis=0) / rows.K)
        below = np.c_[np.kron(np.ones((1, rows.K)), np.diag(root)), np.zeros(rows.p)]
        whole: Array = np.linalg.qr(np.vstack([np.c_[R, right], below]), mode="r")
        R, right = whole[: R.shape[1], :-1], whole[: R.shape[1], -1]
    return triangular(R), right, rest


def within(rows: Rows, theta: Array, kind: str, matrix: Array, seen: Array) -> Factor | None:
    """Return the factor of an information matrix in some directions, by way of a QR decomposition of the rows where X'WX has not
    the digits; None where it is not definite.
    """
    factor = cholesky(seen.T @ matrix @ seen)
    return factor or triangular(np.linalg.qr(rows.triangle(theta, kind)[0] @ seen, mode="r"))


class DependentColumns(ValueError):
    """Columns of the matrix depend on others."""


def refuse_dependent(rows: Rows) -> None:
    """Raise DependentColumns, a ValueError, if columns of the matrix depend on others, naming each with what it is made of."""
    corner = rows.corner()
    raw = np.sqrt((corner * corner).sum(axis=0))
    shift: Array = rows.shift
    if rows.intercept:  # what is left beside a constant
        raw = np.maximum(raw[1:], sqrt(rows.n) * np.abs(shift))
        corner = corner[1:, 1:]
    scale = np.sqrt((corner * corner).sum(axis=0))
    empty = scale <= 1e-14 * raw
    said = [
        f"{name} is {'constant' if rows.intercept else '0'}" for name, no in zip(rows.names, empty, strict=True) if no
    ]
    alive = np.flatnonzero(~empty)
    if len(alive):
        _, R, order = qr(corner[:, alive] / scale[alive], mode="economic", pivoting=True)
        rank = int(np.sum(np.abs(np.diag(R)) > RANK))
        parts = solve_triangular(R[:rank, :rank], R[:rank, rank:])
        first, constant = alive[order[:rank]], " + a constant" if rows.intercept else ""
        for column, shares in zip(alive[order[rank:]], parts.T, strict=True):
            terms = [
                f"{share * scale[column] / scale[other]:+.4g} {rows.names[other]}"
                for share, other in zip(shares, first, strict=True)
                if abs(share) > 1e-9
            ]
            said.append(f"{rows.names[column]} = {few(terms, ' ').removeprefix('+')}{constant}")
    if said:
        raise DependentColumns(
            f"fit() cannot tell columns of X apart, {len(said)} of {len(rows.names)} depend on others: {few(said, '; ', most=3, longest=110)}. "
            "Leave these out, or ask for a penalty with alpha > 0"
        )


def proximal_newton(rows: Rows, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """Newton steps on the likelihood and the whole of an l1 penalty; without one, Newton's own."""
    if rows.l1:
        return lasso(rows, theta, at, max_iter, tol)
    return newton(rows, theta, rows.totals(theta), max_iter, tol)


def lbfgs(rows: Rows, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """L-BFGS on scaled columns (SciPy's), for many coefficients: no Hessian until Newton's steps finish."""
    from scipy.optimize import minimize

    sizes = np.sum([(x * x).sum(axis=0) for _, _, x in rows.blocks()], axis=0)
    scale = np.tile(np.sqrt(np.where(sizes > 0.0, sizes, 1.0)), rows.K)

    def loss(scaled: Array) -> tuple[float, Array]:
        there = rows.totals(scaled / scale, ())
        return (there.value, there.gradient / scale) if isfinite(there.value) else (1e300, np.zeros_like(scaled))

    options = {"maxiter": 100 * max_iter, "maxcor": 20, "ftol": 0.0, "gtol": tol * sqrt(rows.n), "maxfun": 10**6}
    found = minimize(loss, theta * scale, jac=True, method="L-BFGS-B", options=options)
    theta = found.x / scale
    finish = newton(rows, theta, rows.totals(theta), max_iter, tol, rows.sizes**2)
    return replace(finish, n_iter=int(found.nit) + finish.n_iter)


def linear_program(rows: Rows, theta: Array, at: Totals, max_iter: int, tol: float) -> Solution:
    """For a likelihood that is piecewise linear in the mean, as Laplace's: its best vertex, by linear programming.

    Where the link is not straight, the mean is taken for its tangent and the program solved again, within the box of steps
    for which the tangent has told the truth (Fletcher, Sainz de la Maza 1989). It has converged when what a step can still
    gain is within the rounding errors of the likelihood.
    """
    family, link = rows.curves.family, rows.curves.link
    below, above = family.slopes
    tangent = compile(value_and_grad(link.inverse), rows=0)
    x = np.concatenate([x.copy() for _, _, x in rows.blocks()])
    if np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(axis=0), 1e-300)) < rows.p:
        refuse_dependent(rows)
    w = np.ones(rows.n) if rows.weights is None else rows.weights
    value, radius, walled = at.value, inf, False
    for iteration in range(1, max_iter + 1):
        mu, slope = (np.broadcast_to(part, rows.n) for part in tangent(rows.eta(theta)[0]))
        straight = x * slope[:, None]
        sizes = np.maximum(
            np.abs(straight).max(axis=0), 1e-300
        )  # so that a step is counted by what it does to the means
        found = _best_step(straight / sizes, rows.y - mu, np.c_[-above * w, below * w], radius)
        if isinstance(found, str):
            return Solution(theta, iteration, found)
        move, gain = found
        products = np.abs(x) @ np.abs(theta) + rows.largest_offset
        digits = np.abs(rows.y) + np.abs(mu) + (rows.p + 1) * np.abs(slope) * products  # what a residual is made of
        if gain <= 8.0 * EPS * max(below, above) * float(w @ digits):
            edge = walled and float(np.abs(move).max()) > 0.9 * radius
            return Solution(theta, iteration, stuck(rows) if edge else "")
        share = 1.0
        while not isfinite(after := rows.value(there := theta + share * move / sizes)) and share > 1e-10:
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


class Solver(NamedTuple):
    """A solver, with the matrices that it begins with, and what it can do."""

    run: Callable[[Rows, Array, Totals, int, float], Solution]
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


def chosen(rows: Rows) -> str:
    """Return the name of the solver that fits: linear programs for kinks, a proximal one for l1, Newton's while it fits in."""
    if rows.curves.family.has_kink:
        return "linear_program"
    if rows.l1:
        return "proximal_newton"
    return "newton" if rows.K * rows.p <= MANY else "lbfgs"


def solve(rows: Rows, solver: str = "auto", max_iter: int = 100, tol: float = 1e-8) -> Solution:
    """Return the best coefficients of the shifted columns.

    Raises ValueError for a solver that cannot do what is asked, and for columns that depend on each other.
    """
    if not rows.p:
        return Solution(np.zeros(0), 0)
    name = chosen(rows) if solver == "auto" else solver
    row = look_up("solver", name, SOLVERS)
    family = rows.curves.family
    if family.has_kink != row.kinks:
        raise ValueError(f"the solver {name!r} does not fit the family {family.name}: take 'auto'")
    if (rows.l1 and not row.l1) or (rows.ridge and not row.ridge):
        raise ValueError(f"the solver {name!r} has no penalty of this kind: take another, or l1_ratio=0, or alpha=0")
    few_rows = _of_few(rows, row, max_iter) if row.run is newton else []
    for theta in chain(few_rows, starts(rows)):
        at = rows.totals(theta, row.kinds)
        if isfinite(at.value):
            solution = row.run(rows, theta, at, max_iter, tol)
            break
    else:
        return Solution(theta, 0, "the likelihood is not finite where the fit starts")
    found = solution.separation
    if found is None and (solution.doubt or tol > LOOSE or not solution.converged):
        found = separation(rows)
    if found is not None:
        settles = row.ridge and not rows.l1 and not edges_of(rows)
        if not settles:
            return replace(solution, separation=found)
        theta = settled(rows, solution.theta, found, max_iter, tol)
        far = far_along(rows, theta, found)
        return replace(solution, theta=theta + far, separation=found, limit=theta, far=far)
    return solution


def _of_few(rows: Rows, solver: Solver, max_iter: int) -> list[Array]:
    """The coefficients of a fit of every so many rows, where there are so many that few tell nearly all; else nothing."""
    if rows.n < PLENTY * STRIDE or not rows.suits_kernel:
        return []
    some = rows.changed(kept=slice(None, None, STRIDE))
    some.ridge /= STRIDE
    with np.errstate(all="ignore"):  # a class may have none of them
        theta = next(starts(some))
    at = some.totals(theta, solver.kinds)
    try:
        found = newton(some, theta, at, max_iter, 1e-2) if isfinite(at.value) else None
    except DependentColumns:  # of these rows, perhaps not of all
        return []
    return [found.theta] if found and found.converged and not found.doubt else []


def starts(rows: Rows, margin: float = 0.01) -> Iterator[Array]:
    """Yield coefficients to start from, the first of which that have a likelihood: the constant predictor of the weighted mean,
    pulled by a margin inside the range, less the mean offset, the smallest, the largest; at last those of a linear program.
    """
    yield from _constants(rows, margin)
    found = inside(rows) if rows.K == 1 and rows.curves.edges != REAL else None
    if found is not None:
        yield found


def _constants(rows: Rows, share: float) -> list[Array]:
    """Coefficients of a constant predictor, or next to it."""
    family, link = rows.curves.family, rows.curves.link
    theta, offset = np.zeros((rows.K, rows.p)), rows.offset
    if family.targets == "classes":
        logs = np.log([np.average(rows.y == k, weights=rows.weights) for k in range(rows.K)])
        logs = logs if offset is None else logs - np.average(offset, axis=0, weights=rows.weights)
        theta[:, : rows.intercept] = (logs - logs.mean())[:, None]
        return [theta.ravel()]
    low, high = max(family.support[0], link.range[0]), min(family.support[1], link.range[1])
    mean = rows.mean
    margin = share * (high - low if isfinite(high - low) else abs(mean) or 1e-6)
    eta = link(min(max(mean, low + margin), high - margin))
    if rows.intercept:
        shifts = [0.0]
        if offset is not None:
            shifts = [float(np.average(offset, weights=rows.weights)), float(np.min(offset)), float(np.max(offset))]
        return [np.r_[eta - shift, theta[0, 1:]] for shift in shifts]
    # The combination of columns that is nearest to it.
    wanted = np.broadcast_to(eta - (0.0 if offset is None else offset), rows.n)
    products = np.sum([x.T @ x for _, _, x in rows.blocks()], axis=0)
    sums = np.sum([x.T @ wanted[low:high] for low, high, x in rows.blocks()], axis=0)
    return [np.linalg.lstsq(products, sums, rcond=None)[0], theta.ravel()]
