"""The door at which numbers come in."""

import sys
from numbers import Real
from typing import Any


def real(x: Any, who: str) -> float:
    """Return x as a float.

    Raises TypeError, in the name of `who`, unless x is a real number, and OverflowError for an int too large.
    """
    if type(x) is float:
        return x
    if isinstance(x, Real) or _is_numpy_bool(x):
        try:
            return float(x)
        except OverflowError:
            raise OverflowError(f"{who} got an int too large for a float") from None
    raise TypeError(f"{who} takes a real number, got {_described(x)}")


def is_real(x: Any) -> bool:
    """Whether `real` accepts x."""
    return isinstance(x, Real) or _is_numpy_bool(x)


def _is_numpy_bool(x: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.bool_)


def _described(x: Any) -> str:
    if isinstance(x, complex):
        return "complex, which is not supported: pass .real"
    name = type(x).__name__
    if name == "ndarray":
        return f"an array of shape {x.shape}: pass .item() for a single number" if x.ndim == 0 else "an array"
    return name
