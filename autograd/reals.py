"""The door at which numbers come in."""

import sys
from collections.abc import Iterable
from itertools import islice
from numbers import Real
from typing import Any

MOST = 5  # things that an error lists
LONGEST = 60  # characters that it quotes
VAST = 10**LONGEST  # Python does not even write very large ones


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


def plain_array(array: Any) -> Any:
    """Return an array of numbers or objects; raise TypeError for one that means something else by them."""
    numpy = sys.modules["numpy"]
    if isinstance(array, numpy.ma.MaskedArray):
        raise TypeError("an array with a mask is no array of numbers: pass .filled(), or the rows that are there")
    if isinstance(array, numpy.matrix):
        raise TypeError("a numpy.matrix multiplies otherwise than an array: pass np.asarray(matrix)")
    if array.dtype.kind in "mMV":
        raise TypeError(f"expected an array of numbers, got one of {quoted(array.dtype)}")
    return array


def shape_of(array: Any) -> tuple[int, ...]:
    """Return the shape of an array, whatever a kind of its own makes of that question."""
    return sys.modules["numpy"].ndarray.shape.__get__(array)  # type: ignore[no-any-return]


def listed(items: Iterable[Any], between: str = ", ") -> str:
    """Return the first of some things, for an error that stays short whatever there is."""
    first = [quoted(item) for item in islice(items, MOST + 1)]
    return between.join(first[:MOST]) + (", ..." if len(first) > MOST else "")


def quoted(x: Any, most: int = LONGEST) -> str:
    """Return what stands for x in an error: its text, cut where that is long."""
    text = "a very large int" if isinstance(x, int) and abs(x) > VAST else str(x)
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


def operand(other: Any) -> Any:
    """The other operand as a float, or NotImplemented, so that Python goes on to ask its type."""
    if is_real(other) or isinstance(other, complex) or (is_array(other) and not other.ndim and other.dtype != object):
        return number(other, "Value arithmetic")  # it raises for what is complex, and says what to do
    return NotImplemented


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
        shape = shape_of(x)
        return f"an array of shape {shape}" + (": pass .item() for a single number" if set(shape) <= {1} else "")
    name = type(x).__name__
    return f"a {name}: pass .to_numpy()" if hasattr(x, "to_numpy") else name
