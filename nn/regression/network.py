"""What surrounds the training of a network: where it starts and in which unit, what its fit leaves behind, and whether it separates rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from .curves import Curves
from .design import Linear, Network
from .given import Given
from .inference import warn_of
from .inference.dispersion import Dispersion
from .inference.null import null_deviance
from .inference.result import Outcome
from .objective import Objective
from .solvers.separation import separation
from .solvers.starts import starts
from .solvers.steps import Solution
from .source import Arrays

CERTAIN = 1e-3  # deviance of a row, below which its label is as good as certain


@dataclass(frozen=True)
class Scale:
    """Where the predictors start, the constant model; how far they spread, the standard deviation of y over the slope of the mean there;
    and the dispersion about that model, which takes the unit of y out of the loss.
    """

    start: list[float]
    spread: float = 1.0
    phi: float = 1.0

    @classmethod
    def of(cls, given: Given, curves: Curves) -> Scale:
        """Return the scale of some rows."""
        bare = _constant(given, curves)
        theta = next((theta for theta in starts(bare) if np.isfinite(bare.value(theta))), np.zeros(given.K))
        if given.link.several:
            return cls([float(free) for free in theta])
        eta = float(theta[0]) + float(bare.responses.offset)
        y, w = given.found.y, given.whole_weights
        deviation = float(np.sqrt(np.average((y - given.mean) ** 2, weights=w)))
        spread = deviation / abs(float(curves.mean_slope(np.array([eta]))[0]))
        phi = (
            bare.deviance(theta) / (bare.n * bare.responses.mean_weight)
            if curves.family.has_dispersion and curves.family.scales
            else 1.0
        )
        return cls([float(theta[0])], *(x if 0.0 < x < inf else 1.0 for x in (spread, phi)))


def _constant(given: Given, curves: Curves) -> Objective:
    """The objective of a model without columns."""
    source = given.source(1)
    bare = source.of(np.zeros(0, dtype=int))
    return Objective(bare, Linear.of(bare, [], True, given.K), curves)


def apart(design: Network, curves: Curves, given: Given, held: bool) -> bool:
    """Return whether weights of the last layer, or where a penalty has them `held` its biases, run to infinity: its inputs separate rows.

    It is asked where a row is as good as certain.
    """
    source = given.source(1)
    etas, several = design.predictors(source.X, source.offset), given.K > 1
    ends = np.ones(source.n, dtype=int) if several else curves.endless(source.y)
    target = [np.equal(source.y, k).astype(float) for k in range(given.K)] if several else source.y
    if not (curves.deviance(list(etas), target)[ends != 0] < CERTAIN).any():
        return False
    features = source.X[:, :0] if held else design.features(source.X)
    inner = replace(source, X=features)
    names = [f"z{k}" for k in range(features.shape[1])]
    return separation(Objective(inner, Linear.of(inner, names, True, given.K), curves)) is not None


def outcome(curves: Curves, design: Network, given: Given, who: str) -> Outcome:
    """What follows from the predictors of the rows: they are the offsets of a design without columns."""
    source, K = given.source(1), given.K
    etas = design.predictors(source.X, source.offset)
    rows = Arrays(source.X[:, :0], source.y, source.weights, etas.T if K > 1 else etas[0], source.trials)
    weights = len(design.network.parameters())
    unseen = len(design.network.layers[-1].neurons[0].parameters())
    size = weights - unseen * (K > 1)  # softmax does not see what all classes share
    known = Dispersion(Objective(rows, Linear([], 0, None, K), curves), Solution(np.zeros(0), 0), size=size)
    if known.is_perfect:
        warn_of(known, who)
    null = null_deviance(_constant(given, curves), known.nll, known.deviance)
    return Outcome(curves, design, known.deviance, null, known.dispersion, known.loglik)
