"""Standardisation as a layer, so that a saved model has it with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import table, weights_of
from .module import Module

ROUNDING = 1e-14  # of the largest number of a column: it is constant, but for rounding


class Standardize(Module):
    """Takes each input to mean 0 and standard deviation 1, as they were in the rows that it was made of; saved with the model.

    The first layer of a model: `model.layers.insert(0, Standardize(X))`. A column that is constant is only centred.
    With `sample_weight` (n) a row of weight 2 counts as two rows.

    Raises ValueError and TypeError for what is no table of finite numbers.

    >>> layer = Standardize([[1.0, 10.0], [3.0, 10.0]])
    >>> layer([3.0, 10.0])
    [1.0, 0.0]
    """

    remembered = ("mean", "scale")
    formula = "(x - mean) / sd"  # in a diagram

    def __init__(self, X: Any, sample_weight: Any = None) -> None:
        rows, _ = table(X, "Standardize()")
        weights = weights_of(sample_weight, len(rows), "Standardize()")
        mean = np.average(rows, axis=0, weights=weights)
        spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights))
        self.mean: list[float] = mean.tolist()
        varies = spread > ROUNDING * np.abs(rows).max(axis=0)
        self.scale: list[float] = np.where(varies, spread, 1.0).tolist()

    def __call__(self, x: Any) -> list[Any]:
        """Return the inputs, each minus its mean and over its standard deviation."""
        row = list(x) if hasattr(x, "__iter__") else [x]
        if len(row) != len(self.mean):
            raise ValueError(f"Standardize expects {len(self.mean)} inputs, got {len(row)}")
        return [(part - mean) / scale for part, mean, scale in zip(row, self.mean, self.scale, strict=True)]

    def __repr__(self) -> str:
        return f"Standardize({len(self.mean)})"
