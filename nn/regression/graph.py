"""One observation as a graph, from its numbers and the coefficients to its loss: to be drawn and differentiated."""

from __future__ import annotations

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from autograd import Value, dot

from .. import checks
from ..names import few
from .fitted import Fitted
from .source import Array

Kept = tuple[Array, checks.Targets, Array | None]  # the rows of a fit, where they were asked for


class Observation(NamedTuple):
    """The numbers of one row, its observation as the family takes it, its offsets and its number of trials."""

    numbers: list[float]
    target: Any
    offsets: list[float]
    trials: float


def rows_of(kept: Kept | None, who: str) -> Kept:
    """Return the rows of a fit; raise ValueError if they were not asked for."""
    if kept is None:
        raise ValueError(f"{who} needs the rows of the fit, which are kept where GLM(keep_rows=True) asks for them")
    return kept


def graph(model: Fitted, seen: Observation) -> Value:
    """Return the graph of the loss of one observation, at the dispersion of the fit."""
    fit = model._fitted
    numbers, target, shifts, trials = seen
    leaves = [
        Value(float(number), name=f"coef[{name!r}]")
        for name, number in zip(model.parameter_names_, model.parameters_, strict=True)
    ]
    etas: list[Any] = []
    for k in range(fit.K):
        mine = leaves[k * len(leaves) // fit.K : (k + 1) * len(leaves) // fit.K]
        free = mine[0] if fit.design.intercept else 0.0
        eta: Any = dot(numbers, mine[fit.design.intercept :], free)
        etas.append(eta + shifts[k] if shifts[k] else eta)
        etas[-1].name = f"eta {model.classes_[k]}" if fit.K > 1 else "eta"
    mu = fit.curves.link.mean(etas if fit.K > 1 else etas[0])
    loss = fit.family.nll(target, mu, fit.curves.phi)
    if isinstance(vars(mu).get("value"), Value):
        mu.value.name = mu.value.name or "mu"
    loss = trials * loss if trials != 1.0 else loss
    loss.name = "loss"
    return loss  # type: ignore[no-any-return]


def observation(model: Fitted, row: Any, y: Any, offset: Any, kept: Kept | None) -> Observation:
    """Return one observation: of a row of the fit by its position, or of the numbers of one."""
    fit, who = model._fitted, "GLM.graph()"
    if isinstance(row, Integral):
        if y is not None or np.any(offset):
            raise ValueError(f"{who} takes y and offset beside the numbers of a row, not beside its position")
        row = int(row)
        matrix, found, shifts = rows_of(kept, who)
        if not -len(matrix) <= row < len(matrix):
            raise IndexError(f"{who} expects a row from 0 to {len(matrix) - 1}, got {row}")
        code, shift = float(found.y[row]), np.zeros(fit.K) if shifts is None else shifts[row]
        numbers, trials = matrix[row].tolist(), 1.0 if found.trials is None else float(found.trials[row])
    else:
        if y is None:
            raise TypeError(f"{who} expects the observation y beside the numbers of a row")
        numbers, trials = checks.table([list(row) if np.ndim(row) else [row]], who)[0][0].tolist(), 1.0
        several = fit.K > 1 and np.ndim(offset)
        shift = checks.column(offset if several else [offset], fit.K if several else 1, who, "offset")
        if len(numbers) != model.n_features_in_:
            raise ValueError(f"{who} expects {model.n_features_in_} numbers in a row, got {len(numbers)}")
        code = _code(model, y, who)
    shifts = np.broadcast_to(shift, fit.K).tolist()
    target = [float(k == code) for k in range(fit.K)] if fit.K > 1 else code
    return Observation(numbers, target, shifts, trials)


def _code(model: Fitted, y: Any, who: str) -> float:
    """An observation as the family takes it; of a label its number."""
    if not hasattr(model, "classes_"):
        return float(checks.supported(checks.column([y], 1, who, "y"), model._fitted.family, who)[0])
    places = np.flatnonzero(model.classes_ == y)
    if not len(places):
        raise ValueError(f"{who} expects one of the labels {few(list(model.classes_))} as y, got {y!r:.60}")
    return float(places[0])
