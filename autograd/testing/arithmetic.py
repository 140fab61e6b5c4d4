"""What another arithmetic than that of floats is: a number, its functions, and primitives applied to its numbers.

A row of the table says in its column `exact` what it is in any arithmetic; an arithmetic says what its functions are. What it has no function
of its own for is composed of others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..errors import MissingPackage
from ..primitive import Primitive
from ..special import INF
from ..symbols import Formal
from .rebound import called

Function = Callable[..., Any]

# Functions in terms of others, for an arithmetic m that has none of its own.
COMPOSED: dict[str, Function] = {
    "less": lambda m, a, b: m.number(float(a < b)),  # 1 where a < b, else 0
    "select": lambda m, condition, a, b: b if is_zero(condition) else a,
    "same": lambda m, a, b: bool(a == b),
    "truth": lambda m, x: bool(x),
    "holds": lambda m, x: True,  # whether a result is one of the numbers
    "absolute": lambda m, x: m.select(m.less(x, m.number(0.0)), -x, x),
    "maximum": lambda m, a, b: m.select(m.less(a, b), b, a),
    "sign": lambda m, x: m.less(m.number(0.0), x) - m.less(x, m.number(0.0)),
    "times": lambda m, a, f, b: m.select(a, a * f(b), a * 0),  # 0 whatever f is
    "divided": lambda m, a, b: a * m.number(INF) if is_zero(b) else a / b,
    "added": lambda m, a, b: a + b,
    "subtracted": lambda m, a, b: a - b,
    "multiplied": lambda m, a, b: a * b,
    "negated": lambda m, x: -x,
    "ratio": lambda m, a, b: a * 0 if is_zero(a) else a * m.number(INF) if is_zero(b) else a / b,
    "tan": lambda m, x: m.sin(x) / m.cos(x),
    "log1p": lambda m, x: m.log(1 + x),
    "expm1": lambda m, x: m.exp(x) - 1,
    "sinh": lambda m, x: (m.exp(x) - m.exp(-x)) / 2,
    "cosh": lambda m, x: (m.exp(x) + m.exp(-x)) / 2,
    "tanh": lambda m, x: 1 - 2 / (m.exp(2 * x) + 1),
    "asinh": lambda m, x: m.log(x + m.sqrt(x * x + 1)),
    "acosh": lambda m, x: m.log(x + m.sqrt(x * x - 1)),
    "atanh": lambda m, x: (m.log(1 + x) - m.log(1 - x)) / 2,
    "asin": lambda m, x: m.atan(x / m.sqrt((1 - x) * (1 + x))),
    "acos": lambda m, x: m.pi / 2 - m.asin(x),
    "erf": lambda m, x: 1 - m.erfc(x),
    "npdf": lambda m, x: m.exp(-x * x / 2) / m.sqrt(2 * m.pi),
    "ncdf": lambda m, x: m.erfc(-x / m.sqrt(m.number(2.0))) / 2,
    "ncdf_inverse": lambda m, p: m.sqrt(m.number(2.0)) * m.erfinv(2 * p - 1),
}  # fmt: skip


class Undecided(TypeError):
    """A branch that numbers of an arithmetic do not decide."""


class Arithmetic:
    """An arithmetic: how a float becomes one of its numbers, and the functions that it has of its own.

    `more` are functions by name; others are those of `library`, or composed. What is there under no name raises TypeError.
    """

    def __init__(self, name: str, number: Function, library: Any = None, **more: Any) -> None:
        self.name, self.number, self.library, self.more = name, number, library, more

    def __getattr__(self, name: str) -> Any:
        if name in self.more:
            return self.more[name]
        if hasattr(self.library, name):
            return getattr(self.library, name)
        if name in COMPOSED:
            return lambda *args: COMPOSED[name](self, *args)
        raise TypeError(f"evaluate() has no function {name!r} in the arithmetic {self.name}")

    def applied(self, row: Primitive, args: list[Any]) -> Any:
        """Return the value of a row at numbers of this arithmetic.

        Raises TypeError for a row of one's own that says nothing of it.
        """
        exact = row.exact
        if isinstance(exact, str) and exact:
            return getattr(self, exact)(*args)
        if callable(exact):
            return exact(self, *args)
        try:  # with numbers that no function of floats takes
            y, trouble = called(row, row.forward, [Number(self, x) for x in args]), None
        except Undecided:
            raise
        except Exception as error:  # whatever a function of floats raises where it gets others: told as the cause
            y, trouble = None, error
        if isinstance(y, (int, float)):  # of a branch that is constant
            return self.number(float(y))
        if not isinstance(y, Number):
            raise TypeError(
                f"evaluate() cannot compute {row.name}() in the arithmetic {self.name}: give the Primitive exact=lambda m, x: ..., with m.exp and "
                "the like"
            ) from trouble
        return y.value


class Number(Formal):
    """A number of an arithmetic, which primitives and operators are applied to."""

    __slots__ = ("arithmetic", "value")

    def __init__(self, arithmetic: Arithmetic, value: Any) -> None:
        self.arithmetic, self.value = arithmetic, value

    @classmethod
    def apply(cls, op: Primitive, args: tuple[Any, ...]) -> Number:
        """Return op of numbers; floats among them become such."""
        m = next(arg.arithmetic for arg in args if isinstance(arg, Number))
        values = [arg.value if isinstance(arg, Number) else m.number(float(arg)) for arg in args]
        return cls(m, m.applied(op, values))

    def __eq__(self, other: object) -> bool:
        """Whether two are the same number, as functions of floats ask."""
        m = self.arithmetic
        right = (
            other.value if isinstance(other, Number) else m.number(other) if isinstance(other, (int, float)) else other
        )
        answer: bool = m.same(self.value, right)
        return answer

    __hash__ = object.__hash__

    def item(self) -> Number:
        """Return itself, as a number of NumPy does."""
        return self

    def __bool__(self) -> bool:
        """Whether it is not 0: so a function of one's own finds its branch. Raises TypeError where that is not decided."""
        answer: bool = self.arithmetic.truth(self.value)
        return answer


def is_zero(x: Any) -> bool:
    """Return whether a number of any arithmetic is 0 for sure."""
    return bool(x == 0)


def library_of(name: str) -> Any:
    """Return the library behind an arithmetic. Raises MissingPackage where it is not installed."""
    with MissingPackage.told(f"autograd.testing.evaluate() in {name}"):
        return import_module(name)
