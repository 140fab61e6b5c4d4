"""The deviance that a model is measured against: that of the intercept and the offset alone."""

from __future__ import annotations

from math import nan

import numpy as np

from ..design import Linear
from ..objective import Objective
from ..solvers.starts import starts
from ..solvers.table import solve


def null_deviance(objective: Objective, nll: float = nan, deviance: float = nan) -> float:
    """Return the deviance of a model of the intercept and the offset alone; without an intercept, of the offset.

    Of a family that is scored by its mean, the intercept without an offset is the link of the mean. Where another model's
    likelihood and deviance are known, they differ by the same, if that keeps the digits.
    """
    if objective.outer is not objective.source:  # which has more in its offsets than was given
        objective = objective.over(objective.outer)
    curves, known = objective.curves, objective.responses
    family, (low, high) = curves.family, curves.link.range
    no_columns = objective.source.of(np.zeros(0, dtype=int))
    bare = Objective(no_columns, Linear.of(no_columns, [], bool(objective.design.intercept), objective.K), curves)
    bare.once("responses", lambda: known)  # they are the same rows
    offset = any(np.any(number) for number in (known.low, known.high))
    inside = bare.K > 1 or low < known.mean < high
    closed = bare.design.intercept and not offset and family.scored_by_mean and inside
    theta = next(starts(bare, margin=0.0)) if closed else solve(bare).theta
    value = bare.value(theta)
    if known.labels:  # whose own likelihood is 1
        return 2.0 * value
    difference = deviance + 2.0 * (value - nll)
    return difference if difference > 1e-3 * (abs(value) + abs(nll)) else bare.deviance(theta)
