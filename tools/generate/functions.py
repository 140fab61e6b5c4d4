"""Writes functions.py: the primitives as functions, each of a row."""

from collections.abc import Iterator
from itertools import count, cycle, islice
from textwrap import dedent

from autograd.interval import Interval
from autograd.primitive import Primitive
from autograd.primitives import PRIMITIVES
from autograd.symbols import render

from .source import NOTE, argument_names, defaults, partials_of


def functions() -> Iterator[str]:
    """The functions of autograd, one of each row."""
    for row in PRIMITIVES.values():
        if not row.helper:
            yield _variadic_function(row) if row.variadic else _function(row)


def _function(row: Primitive) -> str:
    names, optional = argument_names(row), defaults(row)
    method = (row.partials[0] is not None or len(names) == 1) and not row.is_operator
    body = f"    {_doc(row, names)}\n"
    if method:
        rest = ", ".join(names[1:])
        body += f"    if type({names[0]}) is Value:\n        return {names[0]}.{row.name}({rest})\n"
    body += f"    return apply(table.{row.name}, {', '.join(names)})\n"
    kinds = [["float"] * len(names)]
    kinds += [["float"] * i + ["Value"] + ["Value | float"] * (len(names) - i - 1) for i in range(len(names))]
    text = ""
    for kind in kinds:
        typed = [
            f"{name}: {k}" + (f" = {optional[name]}" if name in optional and k != "Value" else "")
            for name, k in zip(names, kind, strict=True)
        ]
        result = "Value" if "Value" in kind else "float"
        text += f"@overload\ndef {row.name}({', '.join(typed)}) -> {result}: ...\n"
    typed = [f"{name}: Value | float" + (f" = {optional[name]}" if name in optional else "") for name in names]
    return f"{text}def {row.name}({', '.join(typed)}) -> Value | float:\n{body}"


def _variadic_function(row: Primitive) -> str:
    names = argument_names(row)
    start = row.variadic > 1
    text = ""
    for kind, result in (("float", "float"), ("Value", "Value"), ("Value | float", "Value | float")):
        typed = ", ".join(f"{name}: Iterable[{kind}]" for name in names) + f", start: {kind} = ..." * start
        text += f"@overload\ndef {row.name}({typed}) -> {result}: ...\n"
    typed = ", ".join(f"{name}: Iterable[Value | float]" for name in names) + ", start: Value | float = 0.0" * start
    body = f"    {_doc(row, names)}\n"
    body += (
        f"    return Value.over(table.{row.name}, tuple(xs))\n"
        if not start
        else (
            f"    first, second = tuple(xs), tuple(ys)\n"
            f"    if len(first) != len(second):\n"
            f'        raise ValueError(f"{row.name}() expects sequences of equal length, got {{len(first)}} and {{len(second)}}")\n'
            f"    args = (*first, *second, start) if type(start) is Value or start else first + second\n"
            f"    return Value.over(table.{row.name}, args)\n"
        )
    )
    return f"{text}def {row.name}({typed}) -> Value | float:\n{body}"


def _doc(row: Primitive, names: list[str]) -> str:
    lines = [f'"""Return {row.doc}.']
    if not row.variadic:
        lines.append("")
    if not row.variadic:
        for name, partial in zip(names, partials_of(row, names), strict=True):
            lines.append(
                f"The partial by {name} is {render(partial)}." if partial is not None else f"No derivative by {name}."
            )
        for name, domain in zip(names, row.domain, strict=True):
            if within := domain.text(name):
                lines.append(f"Domain: {within}.")
        point = [_inside(domain, k) for k, domain in zip(count(), row.domain)]
        call = f"{row.name}({', '.join(map(str, point))})"
    else:
        point = [0.5, 2.0]
        call = f"{row.name}({', '.join([str(point)] * row.variadic)})"
        point = point * row.variadic
    lines += ["", f'>>> f"{{{call}:.6g}}"', repr(f"{row(*point):.6g}"), '"""']
    return "\n    ".join(lines).replace("\n    \n", "\n\n")


def _inside(domain: Interval, position: int) -> float:
    candidates = cycle((0.5, 2.0, 1.5, -0.5))
    return next(x for x in islice(candidates, position, None) if x in domain)


def functions_module() -> str:
    """The text of functions.py."""
    head = f'''
        """The primitives as functions: numbers in, a number out; a Value in, a Value out.

        {NOTE}
        """

        from __future__ import annotations

        from collections.abc import Iterable
        from typing import overload

        from . import primitives as table
        from .primitive import Primitive
        from .value import Value


        def apply(row: Primitive, *args: Value | float) -> Value | float:
            """A row on numbers or Values."""
            result: Value | float = row(*args)
            return result
        '''
    return dedent(head).lstrip() + "\n\n" + "\n\n".join(functions())
