"""Array twins of those rows that NumPy and SciPy lack and whose own functions branch."""

from typing import Any

import numpy as np


def compare(a: Any, b: Any) -> Any:
    """Return -1, 0 or 1 as a is below, at or above b."""
    return np.where(a < b, -1.0, np.where(a > b, 1.0, np.where(a == b, 0.0, np.nan)))


def ratio(a: Any, b: Any) -> Any:
    """Return a / b, and 0 where both are 0."""
    return np.where((a == 0.0) & (b == 0.0), 0.0, np.divide(a, b))


def step(x: Any) -> Any:
    """Return 1 where x >= 0, else 0."""
    return np.where(x >= 0.0, 1.0, np.where(x < 0.0, 0.0, np.nan))


def threshold(x: Any) -> Any:
    """Return 1 where x >= 0, else -1."""
    return np.where(x >= 0.0, 1.0, np.where(x < 0.0, -1.0, np.nan))


def relu(x: Any) -> Any:
    """Return the larger of x and 0."""
    return np.where(x <= 0.0, 0.0, x)


def leaky_relu(x: Any, slope: Any) -> Any:
    """Return x above 0, slope * x elsewhere."""
    return np.where(x > 0.0, x, slope * x)
