"""Arrays of Values, as `compile` hands them to a function."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from .modes import MODE
from .primitives import PRIMITIVES
from .reals import ArrayGiven, shape_of
from .tracing import refuse, tracing


class Traced(np.ndarray[Any, Any]):
    """An array of Values: while they are traced, a comparison gives an array of conditions, where NumPy's own asks each
    for its truth. The methods of a Value take no array.
    """

    @property  # type: ignore[misc]
    def shape(self) -> Any:
        """The shape; that it was asked for is noted, since a short array may stand for a long one."""
        lengths = MODE.get().lengths
        if lengths is not None:
            lengths.append(None)
        return shape_of(self)

    @property
    def size(self) -> Any:
        """The number of numbers."""
        return prod(self.shape)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return a sum over all as the Value itself, as NumPy does for its own arrays."""
        return array.view(type(self)) if array.ndim else array.item()

    def __getattr__(self, name: str) -> Any:
        if name in PRIMITIVES:
            raise ArrayGiven(f"{name}() takes a real number, got an array of shape {shape_of(self)}")
        raise AttributeError(f"'ndarray' object has no attribute {name!r}")

    def __bool__(self) -> bool:
        if tracing():
            refuse("a branch")
        return bool(np.asarray(self))

    def _compared(self, compare: Any, other: Any) -> Any:
        conditions = compare(self, other, dtype=object)
        return conditions if tracing() else conditions.astype(bool)

    def __lt__(self, other: Any) -> Any:
        return self._compared(np.less, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(np.less_equal, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(np.greater, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(np.greater_equal, other)


def traced_array(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return an array of Values."""
    flat = np.empty(len(values), dtype=object)
    flat[:] = values
    return flat.reshape(shape).view(Traced)
