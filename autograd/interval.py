"""Intervals: where arguments have a value, where means lie, what a link reaches."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """An open interval of numbers, from `low` to `high`.

    >>> 0.5 in Interval(0.0, 1.0), 1.0 in Interval(0.0, 1.0)
    (True, False)
    """

    low: float
    high: float

    @classmethod
    def of(cls, ends: Any, who: str) -> Interval:
        """Return the interval with these ends. Raises ValueError if it has none, or no number inside."""
        try:
            low, high = map(float, ends)
        except (TypeError, ValueError):
            low = high = inf
        if not low < high:
            raise ValueError(f"{who} an interval (low, high), got {ends!r}")
        return ends if isinstance(ends, cls) else cls(low, high)

    def __contains__(self, x: Any) -> bool:
        """Whether a number lies inside; the ends do not."""
        return bool(self.low < x < self.high)

    def covers(self, other: Interval) -> bool:
        """Return whether all of another interval lies in this one.

        >>> Interval(0.0, 1.0).covers(Interval(0.25, 1.0)), Interval(0.0, 1.0).covers(Interval(0.0, 2.0))
        (True, False)
        """
        return self.low <= other.low and other.high <= self.high

    def middle(self) -> tuple[float, float]:
        """Return two points well inside.

        >>> Interval(0.0, 1.0).middle(), Interval(0.0, inf).middle()
        ((0.25, 0.75), (0.5, 2.0))
        """
        low, high = self
        if low > -inf:
            return (low + 0.5, low + 2.0) if high == inf else (0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high)
        return (high - 2.0, high - 0.5) if high < inf else (-1.0, 1.0)

    def text(self, name: str) -> str:
        """Return the interval as an inequality; empty for the whole line.

        >>> Interval(0.0, inf).text("x"), Interval(0.0, 1.0).text("p")
        ('x > 0', '0 < p < 1')
        """
        low, high = self
        if high == inf:
            return "" if low == -inf else f"{name} > {low:g}"
        return f"{low:g} < {name} < {high:g}" if low > -inf else f"{name} < {high:g}"


class Whole(Interval):
    """The whole numbers from `low` to `high`, for an argument that counts and has no derivative."""

    __slots__ = ()

    def text(self, name: str) -> str:
        """Return nothing: what such an argument may be is said in words."""
        return ""


REAL = Interval(-inf, inf)
POSITIVE = Interval(0.0, inf)
NEGATIVE = Interval(-inf, 0.0)
UNIT = Interval(0.0, 1.0)
