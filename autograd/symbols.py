"""Symbols: what a partial, or a rewrite, says when it is called with names instead of numbers; and how that is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import isfinite, pi
from operator import add
from typing import Any, NamedTuple

from .primitive import Primitive
from .primitives import PRIMITIVES, PRODUCT
from .walks import product

# How tightly things bind; an operator says it in its row. What is no operator is written as a call.
TIMES, NEGATION, POWER, ATOM = 3, 4, 5, 9
ELLIPSIS = "\u2026"


class Formal:
    """What has no number: the primitives are applied to it by the `apply` of its class, operators among them."""

    __slots__ = ()
    takes_rows = True


class Symbol(Formal):
    """A name, a number, or a primitive applied to symbols: what `lambda x, y: y / x` returns when x and y are names."""

    __slots__ = ("args", "level", "name", "op")

    def __init__(self, name: str, op: Primitive | None = None, args: tuple[Any, ...] = (), level: float = ATOM) -> None:
        self.name = name
        self.op = op
        self.args = args
        self.level = level  # how tightly a name binds that is a whole expression, written already

    @classmethod
    def apply(cls, op: Primitive, args: tuple[Any, ...]) -> Symbol:
        """Return the symbol of op applied to args, symbols and numbers."""
        return cls(op.name, op, args)

    def __repr__(self) -> str:
        return render(self)


def _infix(row: Primitive) -> Callable[..., Any]:
    return lambda first, *others: type(first).apply(row, (first, *others))


def _reflected(row: Primitive) -> Callable[[Any, Any], Any]:
    return lambda right, left: type(right).apply(row, (left, right))


for _row in PRIMITIVES.values():
    if _row.is_operator:
        setattr(Formal, f"__{_row.name}__", _infix(_row))
        setattr(Formal, f"__r{_row.name}__", _reflected(_row))
    if _row.mirrored:
        setattr(Formal, f"__{_row.mirrored[0]}__", _reflected(_row))


class Style(NamedTuple):
    """How an expression is written."""

    call: Callable[[Primitive, list[str]], str]  # what is not an operator
    infix: Callable[[Primitive], bool]  # what is
    number: Callable[[float], str]
    template: Callable[[Primitive], str] = lambda op: ""  # what is neither, as a format of its arguments
    parentheses: str = "({})"
    tight: bool = False  # whether a negative number stands in parentheses behind an operator
    spelled: Mapping[str, str] = {}


def in_brackets(op: Primitive, args: Sequence[str], most: int = 0) -> str:
    """Return the arguments of a call, sequences in brackets; of more than `most` the first three and the last."""
    if not op.variadic:
        return ", ".join(args)
    groups, rest = op.groups(args)
    return ", ".join([*(f"[{', '.join(_some(group, most))}]" for group in groups), *rest])


def _some(texts: Sequence[str], most: int) -> Sequence[str]:
    return [*texts[:3], ELLIPSIS, texts[-1]] if most and len(texts) > most else texts


PLAIN = Style(
    call=lambda op, args: f"{op.name}({in_brackets(op, args, 8)})",
    infix=lambda op: bool(op.binds),
    number=lambda x: f"{x:g}" if float(f"{x:g}") == x else repr(x),
    spelled={"pi": "pi"},
)

WHOLE = PLAIN._replace(call=lambda op, args: f"{op.name}({in_brackets(op, args)})")  # long sequences too


def python_number(x: float) -> str:
    """Return a float as Python writes it, given the module math."""
    return repr(x) if isfinite(x) else repr(x).replace("inf", "math.inf").replace("nan", "math.nan")


def render(expression: Any, style: Style = PLAIN) -> str:
    """Return an expression as text, with no more parentheses than it needs."""
    return rendered(expression, style)[0]


def factor(expression: Any, style: Style = PLAIN) -> str:
    """Return an expression as it is written in a product: a sum stands in parentheses."""
    return _within(rendered(expression, style), TIMES + 1, style)


def rendered(expression: Any, style: Style) -> tuple[str, float]:
    """Return an expression as text, and how tightly it binds."""
    if not isinstance(expression, Symbol):
        return _number(float(expression), style)
    op = expression.op
    if op is None:
        return expression.name, expression.level
    parts = [rendered(arg, style) for arg in expression.args]
    if template := style.template(op):
        return _filled(op, template, parts, style)
    if not style.infix(op):
        return style.call(op, [text for text, _ in parts]), ATOM
    if len(parts) == 1:
        return op.symbol + _within(parts[0], NEGATION + style.tight / 4, style), NEGATION
    symbol, (left, right) = op.symbol, op.binds  # a * (b / c) is rounded otherwise than a * b / c
    if op.mirrored and not isinstance(expression.args[0], Symbol):
        parts, symbol = parts[::-1], op.mirrored[1]
    last = NEGATION + 0.25 if style.tight and parts[1][0].startswith("-") else right
    text = f"{_within(parts[0], left, style)} {style.spelled.get(symbol, symbol)} {_within(parts[1], last, style)}"
    return text, min(left, right)


def _number(x: float, style: Style) -> tuple[str, float]:
    text = style.spelled["pi"] if x == pi and "pi" in style.spelled else style.number(x)
    return text, NEGATION if text.startswith("-") else TIMES if " " in text else ATOM


def _filled(op: Primitive, template: str, parts: list[tuple[str, float]], style: Style) -> tuple[str, float]:
    """A template with its arguments; a fraction is a factor, and nothing stands around the base of a power."""
    bare = template.startswith("{0}")
    texts = [_within(part, ATOM if bare and not i else 0, style) for i, part in enumerate(parts)]
    return template.format(*texts), POWER if "^" in template else max(NEGATION, min(op.binds, default=ATOM))


def _within(part: tuple[str, float], level: float, style: Style) -> str:
    text, binding = part
    return text if binding >= level else style.parentheses.format(text)


def written_out(op: Primitive, args: Sequence[Any], most: int) -> Any:
    """Return op of symbols and numbers, a sum of no more than so many products with its operators: a * b + c * d."""
    if not (op.variadic and op.products and len(args) <= most):
        return Symbol(op.name, op, tuple(args))
    return total([times(a, b) for a, b in op.products(args)])


def times(a: Any, b: Any) -> Any:
    """Return a product of symbols and numbers, without a factor of 1; that of two numbers is not computed."""
    return product(a, b) if b == 1.0 or isinstance(a, Symbol) or isinstance(b, Symbol) else Symbol("", PRODUCT, (a, b))


def total(terms: Sequence[Any]) -> Any:
    """Return the sum of symbols and numbers."""
    return reduce(add, terms) if terms else 0.0
