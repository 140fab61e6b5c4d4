"""Numbers in a domain, its ends among them, points of a primitive, Values, and structures of numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from math import inf, isfinite, nextafter
from typing import Any

from hypothesis import strategies as st

from ... import functions
from ...interval import REAL, Interval, Whole
from ...modes import errstate
from ...primitive import Primitive
from ...primitives import PRIMITIVES
from ...value import Value

SIZE, MOST = 1e3, sys.float_info.max
# What is tried beside ordinary numbers: zeros of both signs, one, and the small, tiny, subnormal, large and huge.
SPECIAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-8,
    -1e-8,
    1e-300,
    -1e-300,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    1e8,
    -1e8,
    1e300,
    -1e300,
)
SHARES = (1e-12, 1e-6, 1e-3)  # how near to an end, as shares of the scale there
LEAVES, LONGEST = 8, 4  # of a structure: how many leaves, and how long a list or a side of an array is
KEYS = ("a", "b", "w", "x", "y")


def numbers(interval: tuple[float, float], size: float = SIZE, edges: bool = False) -> st.SearchStrategy[float]:
    """Return floats strictly inside an interval, and no larger than `size`; whole ones where the interval is for counts.

    With `edges`, about every third is next to an end, or a zero of either sign, tiny, subnormal or huge.

    >>> from hypothesis import find
    >>> find(numbers((0.0, 1.0)), lambda x: x > 0.25) <= 1.0
    True
    >>> find(numbers((0.0, 1.0), edges=True), lambda x: x > 0.999999) < 1.0
    True
    """
    low, high = interval
    if isinstance(interval, Whole):
        return st.integers(int(low), int(high)).map(float)
    if not (low < size and -size < high):
        raise ValueError(f"numbers() expects a size that reaches into {(low, high)}, got {size!r}")
    inside = st.floats(
        max(low, -size, -MOST), min(high, size, MOST), allow_nan=False, exclude_min=low > -inf, exclude_max=high < inf
    )
    special = edges_of(Interval(low, high), size) if edges else []
    return st.one_of(inside, inside, st.sampled_from(special)) if special else inside


def edges_of(interval: Interval, size: float = inf) -> list[float]:
    """Return the special numbers of an interval: next to its ends, zeros, tiny, subnormal and huge ones.

    >>> edges_of(Interval(0.0, 1.0))[:2]
    [5e-324, 0.9999999999999999]
    """
    low, high = interval
    ends = [nextafter(low, inf)] * (low > -inf) + [nextafter(high, -inf)] * (high < inf)
    near = [low + share * max(1.0, abs(low)) for share in SHARES if low > -inf]
    near += [high - share * max(1.0, abs(high)) for share in SHARES if high < inf]
    return [x for x in dict.fromkeys([*ends, *near, *SPECIAL]) if x in interval and abs(x) <= size]


def points(
    what: Primitive | Callable[..., Any] | str | tuple[float, float],
    size: float = SIZE,
    edges: bool = True,
    kinks: bool = False,
) -> st.SearchStrategy[Any]:
    """Return lists of arguments inside a primitive's domain, or numbers inside an interval, no larger than `size`.

    With `edges`, next to the ends of the domain, zeros of both signs, tiny, subnormal and (with size=math.inf) huge numbers are among them; with
    `kinks`, so are points at which the primitive has no derivative, and poles such as 1 / 0. A primitive is also meant by its function or name.

    Raises ValueError for what is neither a primitive nor an interval.

    >>> from hypothesis import find
    >>> from autograd import PRIMITIVES
    >>> find(points(PRIMITIVES["log"]), lambda point: True)[0] > 0.0
    True
    >>> find(points(PRIMITIVES["maximum"], kinks=True), lambda point: point[0] == point[1] != 0.0)
    [1.0, 1.0]
    """
    if isinstance(what, tuple):
        return numbers(what if isinstance(what, Whole) else Interval.of(what, "points() expects"), size, edges)
    what = primitive_of(what, "points()")
    if what.variadic:
        columns = st.lists(numbers(what.domain[0], size, edges), min_size=1, max_size=6)
        return columns.map(lambda xs: xs * what.variadic)
    smooth: st.SearchStrategy[Any] = st.tuples(*(numbers(one, size, edges) for one in what.domain)).map(list)
    if not kinks:
        smooth = smooth.filter(partial(_is_no_pole, what))
    gaps = what.kinks
    if gaps is None:
        return smooth
    return (
        st.one_of(smooth, smooth.map(_to_kink(gaps))) if kinks else smooth.filter(lambda point: 0.0 not in gaps(*point))
    )


def primitive_of(op: Any, who: str) -> Primitive:
    """Return the primitive that is meant: by itself, its public function, or its name. Raises ValueError for what is none."""
    row = (
        op if isinstance(op, Primitive) else PRIMITIVES.get(op if isinstance(op, str) else getattr(op, "__name__", ""))
    )
    if row is None or not (isinstance(op, (str, Primitive)) or getattr(functions, row.name, None) is op):
        raise ValueError(f"{who} expects primitives, their functions in autograd, or their names, got {op!r:.60}")
    return row


def _is_no_pole(row: Primitive, point: list[float]) -> bool:
    """Whether a value is finite, or is not so because numbers are huge."""
    if 0.0 not in point:
        return True
    with errstate("ignore"):
        return isfinite(row.value(point))


def _to_kink(gaps: Callable[..., tuple[float, ...]]) -> Callable[[list[float]], list[float]]:
    """What moves a point to the nearest kink that its first argument leads to; else all of it to 0."""

    def moved(point: list[float]) -> list[float]:
        for k in range(len(gaps(*point))):
            there = [point[0] - gaps(*point)[k], *point[1:]]
            if gaps(*there)[k] == 0.0:
                return there
        zeros = [0.0] * len(point)
        return zeros if 0.0 in gaps(*zeros) else point

    return moved


def values(
    domain: tuple[float, float] = REAL, size: float = SIZE, edges: bool = False, name: str | None = None
) -> st.SearchStrategy[Value]:
    """Return fresh leaf Values inside a domain.

    >>> from hypothesis import find
    >>> find(values((0.0, 1.0)), lambda v: v.data > 0.25).op is None
    True
    """
    return numbers(domain, size, edges).map(lambda x: Value(x, name))


def structures(leaves: st.SearchStrategy[Any] | None = None, max_leaves: int = LEAVES) -> st.SearchStrategy[Any]:
    """Return nested lists, tuples and dicts of numbers and arrays of any shape, as functions to differentiate take them.

    `leaves` are the numbers: by default floats up to 10. At least one number is in each.

    >>> from hypothesis import find
    >>> find(structures(), lambda tree: isinstance(tree, dict))
    {'a': 0.0}
    """
    from hypothesis.extra import numpy as arrays

    number = numbers(REAL, 10.0) if leaves is None else leaves
    shapes = arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=LONGEST - 1)
    array = arrays.arrays(float, shapes, elements=number, fill=st.nothing())

    def wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        some = st.lists(inner, min_size=1, max_size=LONGEST)
        keyed = st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=LONGEST)
        return st.one_of(some, some.map(tuple), keyed)

    return st.recursive(st.one_of(number, array), wrapped, max_leaves=max_leaves)
