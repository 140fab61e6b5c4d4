"""Objectives made by hand, for what a fit does not show."""

import numpy as np

from nn.regression.curves import curves_of
from nn.regression.design import Linear
from nn.regression.objective import Objective
from nn.regression.source import Arrays


def objective(X, y, family, link=None, count=1, *, ridge=0.0, **columns):
    """The objective of rows with an intercept."""
    source = Arrays(np.asarray(X, float), np.asarray(y, float), **columns)
    design = Linear.of(source, [f"x{k}" for k in range(source.X.shape[1])], True, count)
    return Objective(source, design, curves_of(family, family.link if link is None else link, count), ridge)
