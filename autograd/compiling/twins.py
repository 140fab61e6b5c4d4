"""Array twins of the rows that NumPy and SciPy lack and whose own functions branch.

These four branch because they are called often on single numbers, where an `if` is faster than a call of `where`. All other
functions of special.py choose with `where` or have no twin.
"""

from typing import Any

import numpy as np


def compare(a: Any, b: Any) -> Any:
    """Return -1, 0 or 1 as a is below, at or above b."""
    return np.where(a < b, -1.0, np.where(a > b, 1.0, np.where(a == b, 0.0, np.nan)))


def ratio(a: Any, b: Any) -> Any:
    """Return a / b, and 0 where both are 0."""
    return np.where((a == 0.0) & (b == 0.0), 0.0, np.divide(a, b))


def relu(x: Any) -> Any:
    """Return the larger of x and 0."""
    return np.where(x <= 0.0, 0.0, x)


def leaky_relu(x: Any, slope: Any) -> Any:
    """Return x above 0, slope * x elsewhere."""
    return np.where(x > 0.0, x, slope * x)
