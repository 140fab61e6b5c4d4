"""The door at which numbers come in."""

import sys
from collections.abc import Iterable
from itertools import islice
from numbers import Real
from typing import Any

MOST = 5  # things that an error lists
LONGEST = 60  # characters that it quotes


class TakesNumbers(Exception):
    """The library takes a number and got an array: so `compile` knows that a function is one of numbers."""


class ArrayGiven(TakesNumbers, TypeError):
    """An array was given, or returned, where a number is expected."""


class OtherForm(TakesNumbers, ValueError):
    """A tangent or cotangent has not the form of what it belongs to."""


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array; NumPy is not imported to find out."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def listed(items: Iterable[Any], between: str = ", ") -> str:
    """Return the first of some things, for an error that stays short whatever there is."""
    first = [quoted(item) for item in islice(items, MOST + 1)]
    return between.join(first[:MOST]) + (", ..." if len(first) > MOST else "")


def quoted(x: Any, most: int = LONGEST) -> str:
    """Return what stands for x in an error: its text, cut where that is long."""
    text = str(x)
    return text if len(text) <= most else f"{text[:most]}..."


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
    raise (ArrayGiven if is_array(x) else TypeError)(f"{who} takes a real number, got {_described(x)}")


def number(x: Any, who: str) -> float:
    """Return an operand as a float: a real number, or an array of shape () that holds one. Raises as `real` does."""
    return x if type(x) is float else real(x.item() if is_array(x) and not x.ndim else x, who)


def is_real(x: Any) -> bool:
    """Whether `real` accepts x."""
    return isinstance(x, Real) or _is_numpy_bool(x)


def _is_numpy_bool(x: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.bool_)


def _described(x: Any) -> str:
    if isinstance(x, complex):
        return "complex, which is not supported: pass .real"
    if is_array(x):
        return f"an array of shape {x.shape}" + (": pass .item() for a single number" if x.size == 1 else "")
    name = type(x).__name__
    return f"a {name}: pass .to_numpy()" if hasattr(x, "to_numpy") else name
