"""Formulas: what a partial says when it is called with names instead of numbers."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, NamedTuple

from . import primitives as rows
from .primitives import PRIMITIVES, Primitive

# How tightly each infix or prefix symbol binds; what is not here is written as a call.
BINDING = {"<": 1, "<=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
TURNED = {"<": ">", "<=": ">="}  # for a number on the left
NEGATION = 4
ATOM = 9


class Symbol:
    """A name, a number, or a primitive applied to symbols: what `lambda x, y: y / x` returns when x and y are names."""

    __slots__ = ("args", "name", "op")

    def __init__(self, name: str, op: Primitive | None = None, args: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.op = op
        self.args = args

    @classmethod
    def apply(cls, op: Primitive, args: tuple[Any, ...]) -> Symbol:
        """Return the symbol of op applied to args, symbols and numbers."""
        return cls(op.name, op, args)

    def __repr__(self) -> str:
        return formula(self)


def _infix(row: Primitive) -> Callable[..., Symbol]:
    return lambda *args: Symbol.apply(row, args)


def _reflected(row: Primitive) -> Callable[[Any, Any], Symbol]:
    return lambda right, left: Symbol.apply(row, (left, right))


OPERATORS = {f"__{row.name}__": _infix(row) for row in PRIMITIVES.values() if row.is_operator}
OPERATORS |= {f"__r{row.name}__": _reflected(row) for row in PRIMITIVES.values() if row.is_operator}
OPERATORS |= {"__gt__": _reflected(rows.lt), "__ge__": _reflected(rows.le)}
for method, function in OPERATORS.items():
    setattr(Symbol, method, function)


class Style(NamedTuple):
    """How an expression is written."""

    call: Callable[[Primitive, list[str]], str]  # what is not an operator
    infix: Callable[[Primitive], bool]  # what is
    number: Callable[[float], str]


PLAIN = Style(
    call=lambda op, args: f"{op.name}({', '.join(args)})",
    infix=lambda op: op.symbol in BINDING,
    number=lambda x: f"{x:g}" if float(f"{x:g}") == x else repr(x),
)


def python_number(x: float) -> str:
    """Return a float as Python writes it, given the module math."""
    return repr(x) if isfinite(x) else repr(x).replace("inf", "math.inf").replace("nan", "math.nan")


def formula(expression: Any) -> str:
    """Return an expression as people write it."""
    return render(expression, PLAIN)


def factor(expression: Any) -> str:
    """Return an expression as people write it in a product: a sum stands in parentheses."""
    return _within(_render(expression, PLAIN), BINDING["*"] + 1)


def render(expression: Any, style: Style) -> str:
    """Return an expression as text, with no more parentheses than it needs."""
    return _render(expression, style)[0]


def _render(expression: Any, style: Style) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if not isinstance(expression, Symbol):
        text = style.number(float(expression))
        return text, NEGATION if text.startswith("-") else ATOM
    op = expression.op
    if op is None:
        return expression.name, ATOM
    parts = [_render(arg, style) for arg in expression.args]
    if not style.infix(op):
        return style.call(op, [text for text, _ in parts]), ATOM
    if len(parts) == 1:
        return op.symbol + _within(parts[0], NEGATION), NEGATION
    level, symbol = BINDING[op.symbol], op.symbol
    if symbol in TURNED and not isinstance(expression.args[0], Symbol):
        parts, symbol = parts[::-1], TURNED[symbol]
    left = _within(parts[0], level + (op.symbol == "**"))
    right = _within(parts[1], level + (op.symbol != "**"))  # a * (b / c) is rounded otherwise than a * b / c
    return f"{left} {symbol} {right}", level


def _within(part: tuple[str, int], level: int) -> str:
    text, own = part
    return text if own >= level else f"({text})"
