"""Arrays of traced Values, as `compile` hands them to a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tracing import refuse


class Traced(np.ndarray[Any, Any]):
    """An array of traced Values: a comparison gives an array of conditions, where NumPy's own asks each for its truth."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return a sum over all as the Value itself, as NumPy does for its own arrays."""
        return array.view(type(self)) if array.ndim else array.item()

    def __bool__(self) -> bool:
        refuse("a branch")

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other, dtype=object)

    def __le__(self, other: Any) -> Any:
        return np.less_equal(self, other, dtype=object)

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other, dtype=object)

    def __ge__(self, other: Any) -> Any:
        return np.greater_equal(self, other, dtype=object)


def traced_array(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an array of traced Values."""
    flat = np.empty(len(values), dtype=object)
    flat[:] = values
    return flat.reshape(shape).view(Traced)
