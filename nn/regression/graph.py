"""One observation as a graph, from its numbers and the coefficients to its loss: to be drawn and differentiated."""

from __future__ import annotations

from functools import partial
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from autograd import Diagram, Value

from .. import checks
from ..diagrams import diagram
from ..heads import head_of_family
from ..names import few
from .predictor import Predictor
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
        raise ValueError(
            f"{who} needs the rows of the fit, which are kept where {who.partition('.')[0]}(keep_rows=True) asks for them"
        )
    return kept


def graph(model: Predictor, seen: Observation, etas: list[Any]) -> Value:
    """Return the graph of the loss of one observation, from its predictors without offsets, at the dispersion of the fit."""
    fit = model._found
    for k, (eta, shift) in enumerate(zip(etas, seen.offsets, strict=True)):
        etas[k] = eta + shift if shift else eta
        etas[k].name = f"eta {model.classes_[k]}" if fit.K > 1 else "eta"
    mu = fit.curves.link.mean(etas if fit.K > 1 else etas[0])
    loss = fit.family.nll(seen.target, mu, fit.curves.phi)
    if isinstance(vars(mu).get("value"), Value):
        mu.value.name = mu.value.name or "mu"
    loss = seen.trials * loss if seen.trials != 1.0 else loss
    loss.name = "loss"
    return loss  # type: ignore[no-any-return]


def diagram_of(model: Predictor, layers: list[Any], x: Any, y: Any, loss: Any) -> Diagram:
    """Return the diagram of a model, with the numbers of a row, given as in `observation`, and with the gradients of its loss.

    Raises ValueError for a loss, as the family has one; TypeError and ValueError for what is no observation.
    """
    fit = model._found
    if loss is not None:
        raise ValueError(f"draw() takes no loss for a {type(model).__name__}: it is that of its family")
    labels = model.classes_.tolist() if fit.K > 1 else ()
    head = partial(head_of_family, fit.family, fit.curves.link, fit.curves.phi, labels)
    names = list(fit.names)
    if y is None and not isinstance(x, Integral):
        return diagram(repr(model), layers, names, x, None, head())
    seen = observation(model, x, y, 0.0, "draw()")
    told = shown(model, seen.target, seen.trials)
    return diagram(repr(model), layers, names, seen.numbers, seen.target, head(seen.trials), seen.offsets, told)


def shown(model: Predictor, target: Any, trials: float) -> str | None:
    """Return an observation as people gave it: a label, or so many of so many; None for a number."""
    if hasattr(model, "classes_"):
        return str(model.classes_[target.index(1.0) if isinstance(target, list) else int(target)])
    return f"{target * trials:g} of {trials:g}" if trials != 1.0 else None


def observation(model: Predictor, row: Any, y: Any, offset: Any, who: str) -> Observation:
    """Return one observation: of a row of the fit by its position, or of the numbers of one."""
    fit = model._found
    if isinstance(row, Integral):
        if y is not None or np.any(offset):
            raise ValueError(f"{who} takes y and offset beside the numbers of a row, not beside its position")
        row = int(row)
        matrix, found, shifts = rows_of(getattr(model, "_data", None), model._who("graph"))
        if not -len(matrix) <= row < len(matrix):
            raise IndexError(f"{who} expects a row from 0 to {len(matrix) - 1}, got {row}")
        code, shift = float(found.y[row]), np.zeros(fit.K) if shifts is None else shifts[row]
        numbers, trials = matrix[row].tolist(), 1.0 if found.trials is None else float(found.trials[row])
    else:
        if y is None:
            raise TypeError(f"{who} expects the observation y beside the numbers of a row")
        numbers = checks.table([list(row) if np.ndim(row) else [row]], who)[0][0].tolist()
        several = fit.K > 1 and np.ndim(offset)
        shift = checks.column(offset if several else [offset], fit.K if several else 1, who, "offset")
        if len(numbers) != model.n_features_in_:
            raise ValueError(f"{who} expects {model.n_features_in_} numbers in a row, got {len(numbers)}")
        code, trials = coded(model, y, who)
    shifts = np.broadcast_to(shift, fit.K).tolist()
    target = [float(k == code) for k in range(fit.K)] if fit.K > 1 else code
    return Observation(numbers, target, shifts, trials)


def coded(model: Predictor, y: Any, who: str) -> tuple[float, float]:
    """Return an observation as the family takes it, of a label its number, of counts of successes and failures the share; and the trials."""
    if hasattr(model, "classes_"):
        places = np.flatnonzero(model.classes_ == y)
        if not len(places):
            raise ValueError(f"{who} expects one of the labels {few(list(model.classes_))} as y, got {y!r:.60}")
        return float(places[0]), 1.0
    family = model._found.family
    found = checks.targets([y], family, 1, who) if np.ndim(y) else checks.Targets(checks.column([y], 1, who, "y"))
    return float(checks.supported(found.y, family, who)[0]), 1.0 if found.trials is None else float(found.trials[0])
