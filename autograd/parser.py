"""Formulas typed by a person: read with `ast` and a white list, never run as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from . import functions
from .primitives import PRIMITIVES

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    row.name: getattr(functions, row.name) for row in PRIMITIVES.values() if not row.helper
} | {row.also: getattr(functions, row.name) for row in PRIMITIVES.values() if row.also}
LONGEST = 60  # characters of what was typed that an error repeats
BINARY = {
    row.symbol: FUNCTIONS[row.name] for row in PRIMITIVES.values() if row.name in FUNCTIONS and len(row.partials) == 2
}
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: BINARY["+"],
    ast.Sub: BINARY["-"],
    ast.Mult: BINARY["*"],
    ast.Div: BINARY["/"],
    ast.Pow: BINARY["**"],
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(ValueError):
    """A formula cannot be read; the message is one line."""


def brief(text: str) -> str:
    """Return a text, of a long one its beginning."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\u2026"


def parse(text: str) -> ast.expr:
    """Return the tree of a formula.

    Raises ExpressionError where it is no formula, or nested too deeply.
    """
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        hint = "a product is written 2*x, a power x**2, a function sin(x); there is no = in it"
        raise ExpressionError(f"cannot read {brief(text.strip())!r}: {reason} ({hint})") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply") from None


def variables(tree: ast.expr) -> list[str]:
    """Return the names of a formula's variables in the order in which they come."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [
        (node.lineno, node.col_offset, node.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in CONSTANTS
    ]
    return list(dict.fromkeys(name for _, _, name in sorted(names)))


def evaluate(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return the value of a formula, of Values where its variables are Values.

    Operators, comparisons, lists, numbers, names, and calls of the primitives by name are known.

    Raises ExpressionError for anything else.

    >>> evaluate(parse("x1*x2 + sqrt(x1)"), {"x1": 4.0, "x2": 3.0})
    14.0
    """
    try:
        return _evaluated(tree, values)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None
    except (TypeError, OverflowError) as error:
        raise ExpressionError(str(error)) from None


def _evaluated(node: ast.AST, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return _named(name, values)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_evaluated(operand, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_evaluated(left, values), _evaluated(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_evaluated(left, values), _evaluated(right, values))
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_evaluated(element, values) for element in elements]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _function(name)(*[_evaluated(arg, values) for arg in args])
    hint = " (a power is written **)" if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor) else ""
    raise ExpressionError(f"{brief(ast.unparse(node))!r} is not part of a formula{hint}")


def _named(name: str, values: Mapping[str, Any]) -> Any:
    if name in values:
        return values[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise ExpressionError(f"{name} is a function: write {name}(...)")
    raise ExpressionError(f"{brief(name)} has no value: add {brief(name)}=... behind the expression")


def _function(name: str) -> Callable[..., Any]:
    if name not in FUNCTIONS:
        near = get_close_matches(name, FUNCTIONS, n=1)
        raise ExpressionError(f"unknown function {brief(name)}()" + (f": did you mean {near[0]}()?" if near else ""))
    return FUNCTIONS[name]
