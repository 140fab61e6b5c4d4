"""Other arithmetics than that of floats: many digits, fractions, complex numbers, intervals, symbols.

Each library is imported when its arithmetic is asked for.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..special import INF, ndtri
from .arithmetic import Arithmetic, Function, Undecided, library_of

NEARER = 10  # digits by which a step shrinks, to see whether both sides come together


def _digits(digits: int) -> Arithmetic:
    """Floating-point numbers of so many digits."""
    mp = library_of("mpmath").mp.clone()
    mp.dps = digits

    def number(x: Any) -> Any:
        return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)

    def ncdf(x: Any) -> Any:
        return mp.erfc(-x / mp.sqrt(2)) / 2

    def ncdf_inverse(p: Any) -> Any:
        x = mp.mpf(ndtri(float(p)))
        for _ in range(digits.bit_length()):  # Newton's steps: each doubles the digits
            x -= (ncdf(x) - p) / mp.npdf(x)
        return x

    def slope(function: Function, args: list[Any], position: int) -> tuple[Any, Any] | None:
        """The derivative by differences with a third of the digits, and what it may be off by; None at a kink.

        On both sides of a kink the slopes differ by as much when the step is smaller; in a smooth function by less.
        """
        middle = function(args)

        def sides(h: Any) -> tuple[Any, Any, Any]:
            """The slopes on both sides, and what rounding may make of them."""
            below, above = (
                function([x + sign * h if k == position else x for k, x in enumerate(args)]) for sign in (-1, 1)
            )
            return (
                (middle - below) / h,
                (above - middle) / h,
                ten ** (5 - digits) * max(map(abs, (below, middle, above))) / h,
            )

        ten, size = mp.mpf(10), abs(args[position]) or 1
        left, right, rounded = sides(ten ** -(digits // 3) * size)
        slope, apart = (left + right) / 2, abs(right - left)
        doubt = rounded + ten ** -(digits // 2) * abs(slope) + (apart * apart / max(abs(slope), apart) if apart else 0)
        small = ten ** -(digits // 6)
        steep = abs(right) * size * small > max(1, abs(middle))  # perhaps no slope, but a jump
        if steep or apart > rounded + small * max(abs(left), abs(right)) or abs(slope) * size < small:
            left, right, noise = sides(ten ** -(digits // 3 + NEARER) * size)
            if abs(right - left) > noise + apart / 2:
                return None
            nearer = (left + right) / 2
            if steep and abs(nearer) > 2 * abs(slope):
                return None
            slope, doubt = nearer, noise + abs(nearer - slope)
        if abs(slope) > doubt:
            return slope, doubt
        lost = ten ** (5 - digits + digits // 3) / size  # of small values: digits may be gone within
        return mp.mpf(0), max(doubt, lost)

    return Arithmetic(
        f"mpmath, {digits} digits", number, mp, slope=slope, finer=_digits, absolute=abs, maximum=max, polygamma=lambda n, x: mp.polygamma(int(n), x),
        loggamma=lambda x: mp.re(mp.loggamma(x)), erf=lambda x: mp.erf(x), erfc=lambda x: mp.erfc(x),
        ncdf=ncdf, ncdf_inverse=ncdf_inverse, power=lambda a, b: mp.power(a, b),
    )  # fmt: skip


def _fractions(digits: int) -> Arithmetic:
    """Fractions: exact, for what is made of sums, products, quotients and whole powers."""

    def power(a: Fraction, b: Fraction) -> Fraction:
        if b.denominator != 1:
            raise TypeError(f"evaluate() has no power {b} in the arithmetic fractions: only whole ones")
        return a ** int(b) if a or b >= 0 else number(INF)

    def number(x: Any) -> Any:
        return x if isinstance(x, float) and not math.isfinite(x) else Fraction(x)  # in a branch that is not taken

    return Arithmetic(
        "fractions",
        number,
        power=power,
        holds=lambda x: type(x) is not float,
        floor=lambda x: Fraction(x.numerator // x.denominator),
    )


def _complex(digits: int) -> Arithmetic:
    """Complex numbers; comparisons ask the real parts, so that functions go on as they are there."""

    def slope(function: Function, args: list[Any], position: int) -> tuple[complex, float]:
        """The complex step of Squire and Trapp (1998): without a difference, nothing cancels."""
        h = 1e-100 * (abs(args[position]) or 1.0)
        y = function([x + h * 1j if k == position else x for k, x in enumerate(args)])
        return complex(y.imag / h), 1e-13 * abs(y.imag / h)

    return Arithmetic(
        "complex", complex, cmath, slope=slope, less=lambda a, b: complex(a.real < b.real), power=lambda a, b: a**b if a or b.real > 0 else 1.0 + 0j,
        floor=lambda x: complex(math.floor(x.real)),
    )  # fmt: skip


def _intervals(digits: int) -> Arithmetic:
    """Intervals that hold the result for sure: the ends are rounded outwards."""
    mpmath = library_of("mpmath")
    iv = mpmath.ctx_iv.MPIntervalContext()  # one of its own: that of mpmath keeps its digits
    iv.dps = digits

    def number(x: Any) -> Any:
        if isinstance(x, Fraction):
            return iv.mpf(x.numerator) / iv.mpf(x.denominator)
        return iv.make_mpf(x._mpi_) if hasattr(x, "_mpi_") else iv.mpf(x)

    def ends(a: Any) -> tuple[Any, Any]:
        low, high = (mpmath.mp.make_mpf(end) for end in a._mpi_)
        return low, high

    def hull(*numbers: Any) -> Any:
        return iv.mpf([min(numbers), max(numbers)])

    def whole(b: Any) -> int | None:
        """A number that is whole, and no interval."""
        low, high = ends(b)
        return int(low) if low == high == int(low) else None

    def less(a: Any, b: Any) -> Any:
        (low, high), (other_low, other_high) = ends(a), ends(b)
        return iv.mpf(1) if high < other_low else iv.mpf(0) if low >= other_high else iv.mpf([0, 1])

    def select(condition: Any, a: Any, b: Any) -> Any:
        low, high = ends(condition)
        if low == high == 0:
            return b
        return hull(*ends(a), *ends(b)) if low <= 0 <= high else a

    def maximum(a: Any, b: Any) -> Any:
        return hull(*(max(pair) for pair in zip(ends(a), ends(b), strict=True)))

    def exp(x: Any) -> Any:
        """The power of e: mpmath's last digit may be off, so that it is rounded once more."""
        return iv.exp(x) * about_one

    def inside(name: str) -> Function:
        """A function that says so where an interval holds numbers outside of its domain."""

        def checked(x: Any) -> Any:
            try:
                return getattr(iv, name)(x)
            except mpmath.libmp.ComplexResult:
                raise TypeError(
                    f"evaluate() has no {name} of {x} in the arithmetic intervals: it holds numbers outside of the domain"
                ) from None

        return checked

    def power(a: Any, b: Any) -> Any:
        n = whole(b)
        return exp(b * log(a)) if n is None else a**n

    def truth(x: Any) -> bool:
        low, high = ends(x)
        if low <= 0 <= high and not low == high:
            raise Undecided("evaluate() cannot decide a branch: the interval holds both answers")
        return bool(low)

    def same(a: Any, b: Any) -> bool:
        (low, high), (other_low, other_high) = ends(a), ends(b)
        if low == high == other_low == other_high:
            return True
        if low <= other_high and other_low <= high:
            raise Undecided("evaluate() cannot decide a branch: the interval holds both answers")
        return False

    def sign(x: Any) -> Any:
        return less(iv.mpf(0), x) - less(x, iv.mpf(0))

    def floor(x: Any) -> Any:
        return hull(*(mpmath.floor(end) for end in ends(x)))

    about_one, log, sqrt = 1 + iv.mpf([-1, 1]) * iv.mpf(2) ** (2 - iv.prec), inside("log"), inside("sqrt")
    return Arithmetic(
        "intervals", number, None, less=less, select=select, power=power, maximum=maximum, sign=sign, floor=floor, truth=truth, same=same,
        exp=exp, log=log, sqrt=sqrt, sin=iv.sin, cos=iv.cos, tan=iv.tan, pi=iv.pi,
    )  # fmt: skip


def _symbols(digits: int) -> Arithmetic:
    """SymPy's expressions: leaves are symbols by their names, other numbers as they are written."""
    sympy = library_of("sympy")

    def number(x: Any) -> Any:
        if isinstance(x, sympy.Basic):
            return x
        if isinstance(x, float) and not math.isfinite(x):
            return sympy.nan if x != x else sympy.oo if x > 0.0 else -sympy.oo
        return sympy.Integer(int(x)) if x == int(x) else sympy.Rational(repr(x))

    def less(a: Any, b: Any) -> Any:
        return sympy.Piecewise((1, a < b), (0, True))

    def select(condition: Any, a: Any, b: Any) -> Any:
        return sympy.Piecewise((a, sympy.Ne(condition, 0)), (b, True))

    def truth(x: Any) -> bool:
        if not x.is_number:
            raise Undecided("evaluate() cannot decide a branch: it depends on symbols")
        return bool(x != 0)

    def same(a: Any, b: Any) -> bool:
        return not truth(a - b)

    return Arithmetic(
        "sympy", number, sympy, truth=truth, same=same, symbol=lambda name: sympy.Symbol(name, real=True), less=less, select=select, absolute=sympy.Abs, maximum=sympy.Max, power=sympy.Pow,
        ncdf=lambda x: sympy.erfc(-x / sympy.sqrt(2)) / 2, times=lambda a, f, b: a * f(b), ratio=lambda a, b: a / b,
    )  # fmt: skip


ARITHMETICS: dict[str, Callable[[int], Arithmetic]] = {
    "mpmath": _digits, "fractions": _fractions, "complex": _complex, "intervals": _intervals, "sympy": _symbols,
}  # fmt: skip


def arithmetic_of(asked: str | Arithmetic, digits: int) -> Arithmetic:
    """Return an arithmetic by its name. Raises ValueError for a name that is none, MissingPackage where its library is not there."""
    if isinstance(asked, Arithmetic):
        return asked
    if digits < 1:
        raise ValueError(f"evaluate() expects at least one digit, got {digits!r:.60}")
    if asked not in ARITHMETICS:
        raise ValueError(f"evaluate() expects an arithmetic among {', '.join(ARITHMETICS)}, got {asked!r:.60}")
    return ARITHMETICS[asked](digits)
