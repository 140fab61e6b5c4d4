"""Formulas: what a partial says when it is called with names instead of numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite, pi
from typing import Any, NamedTuple

from . import primitives as rows
from .primitives import PRIMITIVES, Primitive

# How tightly each infix or prefix symbol binds; what is not here is written as a call.
BINDING = {"<": 1, "<=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
TURNED = {"<": ">", "<=": ">="}  # for a number on the left
NEGATION = 4
FRACTION = 4.5  # binds as a factor, also behind a minus
ATOM = 9


class Symbol:
    """A name, a number, or a primitive applied to symbols: what `lambda x, y: y / x` returns when x and y are names."""

    __slots__ = ("args", "level", "name", "op")
    takes_rows = True

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
    template: Callable[[Primitive], str] = lambda op: ""  # what is neither, as a format of its arguments
    parentheses: str = "({})"
    tight: bool = False  # whether a negative number stands in parentheses behind an operator
    spelled: Mapping[str, str] = {}


PLAIN = Style(
    call=lambda op, args: f"{op.name}({', '.join(args)})",
    infix=lambda op: op.symbol in BINDING,
    number=lambda x: f"{x:g}" if float(f"{x:g}") == x else repr(x),
    spelled={"pi": "pi"},
)


def python_number(x: float) -> str:
    """Return a float as Python writes it, given the module math."""
    return repr(x) if isfinite(x) else repr(x).replace("inf", "math.inf").replace("nan", "math.nan")


def formula(expression: Any, style: Style = PLAIN) -> str:
    """Return an expression as people write it."""
    return render(expression, style)


def factor(expression: Any, style: Style = PLAIN) -> str:
    """Return an expression as people write it in a product: a sum stands in parentheses."""
    return _within(rendered(expression, style), BINDING["*"] + 1, style)


def render(expression: Any, style: Style) -> str:
    """Return an expression as text, with no more parentheses than it needs."""
    return rendered(expression, style)[0]


def rendered(expression: Any, style: Style) -> tuple[str, float]:
    """Return an expression as text, and how tightly it binds."""
    if not isinstance(expression, Symbol):
        number = float(expression)
        text = style.spelled["pi"] if number == pi and "pi" in style.spelled else style.number(number)
        return text, NEGATION if text.startswith("-") else BINDING["*"] if " " in text else ATOM
    op = expression.op
    if op is None:
        return expression.name, expression.level
    parts = [rendered(arg, style) for arg in expression.args]
    if template := style.template(op):
        level = (
            BINDING["**"] if "^" in template else max(NEGATION, BINDING.get(op.symbol, ATOM))
        )  # a fraction is a factor
        bare = template.startswith("{0}")  # nothing stands around the base of a power
        return template.format(
            *(_within(part, ATOM if bare and not i else 0, style) for i, part in enumerate(parts))
        ), level
    if not style.infix(op):
        return style.call(op, [text for text, _ in parts]), ATOM
    if len(parts) == 1:
        return op.symbol + _within(parts[0], NEGATION + style.tight / 4, style), NEGATION
    level, symbol = BINDING[op.symbol], op.symbol
    if symbol in TURNED and not isinstance(expression.args[0], Symbol):
        parts, symbol = parts[::-1], TURNED[symbol]
    left = _within(parts[0], level + (op.symbol == "**"), style)
    above = level + (op.symbol != "**")  # a * (b / c) is rounded otherwise than a * b / c
    right = _within(parts[1], NEGATION + 0.25 if style.tight and parts[1][0].startswith("-") else above, style)
    return f"{left} {style.spelled.get(symbol, symbol)} {right}", level


def simplified(op: Primitive, args: tuple[Any, ...]) -> Any:
    """Return op of args as people write it: 2 * x, not 2 * x ** 1; 3 - 1 is 2, but 1 / 3 and log(2) stay."""
    if all(type(arg) is float for arg in args) and op in (rows.add, rows.sub, rows.mul, rows.neg):
        return op(*args)
    rule = SIMPLER.get(op)
    found = rule(*args) if rule else None
    return Symbol("", op, args) if found is None else found


def _is(arg: Any, number: float) -> bool:
    return type(arg) is float and arg == number


def _simpler_sum(a: Any, b: Any) -> Any:
    return b if _is(a, 0.0) else a if _is(b, 0.0) else None


def _simpler_product(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if _is(one, 0.0):
            return 0.0
        if _is(one, 1.0):
            return other
        if _is(one, -1.0):
            return simplified(rows.neg, (other,))
    return None


def _simpler_quotient(a: Any, b: Any) -> Any:
    if type(b) is float and b < 0.0:
        return simplified(rows.truediv, (simplified(rows.neg, (a,)), -b))
    return a if _is(b, 1.0) else None


def _simpler_negation(a: Any) -> Any:
    return a.args[0] if isinstance(a, Symbol) and a.op is rows.neg else None


# What an operator comes to for some constants, None where it stays as it is.
SIMPLER: dict[Primitive, Callable[..., Any]] = {
    rows.add: _simpler_sum,
    rows.sub: lambda a, b: a if _is(b, 0.0) else simplified(rows.neg, (b,)) if _is(a, 0.0) else None,
    rows.mul: _simpler_product,
    rows.truediv: _simpler_quotient,
    rows.pow: lambda a, b: a if _is(b, 1.0) else 1.0 if _is(b, 0.0) else None,
    rows.neg: _simpler_negation,
}


def _within(part: tuple[str, float], level: float, style: Style) -> str:
    text, own = part
    return text if own >= level else style.parentheses.format(text)


# LaTeX

GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
ESCAPED = {character: f"\\{character}" for character in "_#$%&{}"} | {
    "\\": "\uff3c", "<": "\uff1c", ">": "\uff1e", "^": "\uff3e", "~": "\uff5e", '"': "\uff02",
}  # fmt: skip
LETTER = re.compile(rf"([A-Za-z]|{'|'.join(GREEK)})_?(\d*)")


def latex_name(name: str, accent: str = "") -> str:
    """Return a name in LaTeX: x1 as x_{1}, theta as a Greek letter, a longer one upright; with an accent above.

    >>> latex_name("x1"), latex_name("theta0", "bar"), latex_name("rate")
    ('x_{1}', '\\\\bar{\\\\theta}_{0}', '\\\\text{rate}')
    """
    found = LETTER.fullmatch(name)
    if not found:
        return _upright(name, accent)
    letter = f"\\{found[1]}" if len(found[1]) > 1 else found[1]
    letter = f"\\{accent}{{{letter}}}" if accent else letter
    return f"{letter}_{{{found[2]}}}" if found[2] else letter


def _upright(name: str, accent: str) -> str:
    text = f"\\text{{{''.join(ESCAPED.get(c, c) for c in name)}}}"
    return f"\\{'overline' if accent == 'bar' else accent}{{{text}}}" if accent else text


def latex_names(names: Mapping[Any, str], accent: str = "") -> dict[Any, str]:
    """Return names in LaTeX, no two alike: x1 and x_1 would both be x_{1}, and then the second is written upright.

    >>> latex_names({1: "x1", 2: "x_1"})
    {1: 'x_{1}', 2: '\\\\text{x\\\\_1}'}
    """
    found: dict[Any, str] = {}
    used: set[str] = set()
    for key, name in names.items():
        short = latex_name(name, accent)
        found[key] = short if short not in used else _upright(name, accent)
        used.add(short)
    return found


def latex_number(x: float) -> str:
    """Return a number in LaTeX, with six digits at most.

    >>> latex_number(-1.5e-07)
    '-1.5 \\\\cdot 10^{-7}'
    """
    if not isfinite(x):
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(str(x), r"\text{nan}")
    digits, _, exponent = f"{x:.6g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


LATEX = Style(
    call=lambda op, args: rf"\operatorname{{{latex_word(op.name)}}}\left({', '.join(args)}\right)",
    infix=lambda op: op.symbol in BINDING,
    number=latex_number,
    template=lambda op: op.latex,
    parentheses=r"\left({}\right)",
    tight=True,
    spelled={"pi": r"\pi", "*": r"\cdot", "<": r"\lt", ">": r"\gt", "<=": r"\le", ">=": r"\ge"},
)


def latex_word(name: str) -> str:
    """A function's name, its underscores escaped."""
    return name.replace("_", r"\_")
