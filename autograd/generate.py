"""Writes the methods and functions of `Value` from the table of primitives: `make generate`.

A partial is called once with symbols for its arguments; what comes back is its formula, and so its source text.
"""

import builtins
import math
from collections.abc import Iterator
from hashlib import sha256
from inspect import Parameter, signature
from itertools import count, cycle, islice, product
from pathlib import Path
from re import findall
from textwrap import dedent, indent
from typing import Any

from . import special
from .modes import FAULTS
from .primitives import PRIMITIVES, REAL, WHOLE, Primitive
from .special import INF, NAN
from .symbols import Style, Symbol, formula, python_number, render

ROOT = Path(__file__).parent.parent
NOTE = "Generated from the table in primitives.py by `make generate`: change the row there."


# Source text of a row


def code(expression: Any) -> str:
    """Return a formula as Python on floats: it calls the rows' forwards."""
    return render(expression, Style(_call, lambda row: row.inline, python_number))


def _call(op: Primitive, args: list[str]) -> str:
    if op.selects:
        condition, a, b = args
        return f"({a} if {condition} else {b})"
    module = op.forward.__module__.rpartition(".")[2]
    return f"{module}.{op.forward.__name__}({', '.join(args)})"


def value_code(row: Primitive, names: list[str]) -> str:
    """The source text of a row's value."""
    return code(Symbol(row.name, row, tuple(map(Symbol, names))))


def partials_of(row: Primitive, names: list[str]) -> list[Any]:
    """The formulas of a row's partials, None where there is none; the output is called y."""
    assert "y" not in names, f"an argument of {row.name} has the output's name"
    symbols = [Symbol(name) for name in [*names, "y"]]
    return [None if partial is None else partial(*symbols) for partial in row.partials]


def argument_names(row: Primitive) -> list[str]:
    """The names of a row's arguments, as its first partial or its forward has them."""
    if row.variadic:
        return ["xs", "ys"][: row.variadic]
    if len(row.partials) == 1:
        return ["x"]
    if len(row.partials) == 2 and row.forward.__module__ == "math":
        return ["a", "b"]
    return list(signature(row.forward).parameters)


def defaults(row: Primitive) -> dict[str, Any]:
    """The arguments that may be left out."""
    if row.variadic or row.forward.__module__ == "math":
        return {}
    parameters = signature(row.forward).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not Parameter.empty}


# Where Python's arithmetic raises, it raises at one of these.
TRIALS = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 1e-300, -1e-300, 1e300, -1e300, 800.0, -800.0, INF, -INF, NAN)


def _can_fault(expressions: list[str], names: list[str]) -> bool:
    """Whether Python raises for some floats, where NumPy would give inf or nan."""
    lines = compile("\n".join(expressions), "<generated>", "exec")
    for point in product(TRIALS, repeat=len(names)):
        try:
            exec(lines, {"math": math, "special": special, **dict(zip(names, point, strict=True))})
        except FAULTS:
            return True
    return False


# Methods


def methods() -> Iterator[str]:
    """The methods of Value, a row or an operator each."""
    for row in PRIMITIVES.values():
        names = argument_names(row)
        if row.helper or row.variadic or (row.partials[0] is None and len(names) > 1):
            continue
        if len(names) == 1:
            yield from _unary(row)
        elif len(names) == 2:
            yield from _binary(row, names)
        else:
            yield _many(row, names)


def _header(row: Primitive) -> str:
    return f'"""Return {row.doc}."""'


def _unary(row: Primitive) -> Iterator[str]:
    own = f"__{row.name}__" if row.is_operator else row.name
    (dx,) = partials_of(row, ["x"])
    yield (
        f"def {own}(self) -> Value:\n    {_header(row)}\n"
        f"    if UNUSUAL:\n        return apply(rows.{row.name}, (self,))\n    x = self._data\n"
        + indent(_result(row, ["x"], {"self": dx}, "(self,)"), "    ")
    )
    for alias in _aliases(row, own):
        yield f"{alias} = {own}\n"


def _result(row: Primitive, names: list[str], edges: dict[str, Any], args: str) -> str:
    """The lines that compute the value and the partials and return the node; `args` for where Python raises."""
    value = value_code(row, names)
    partials = {arg: None if partial is None else code(partial) for arg, partial in edges.items()}
    used = any("y" in findall(r"\b[a-z]+\b", str(partial)) for partial in partials.values())
    parts = ", ".join(f"{arg}, {partial}" for arg, partial in partials.items())
    made = f"return node(rows.{row.name}, {'y' if used else value}, {parts})\n"
    lines = (f"y = {value}\n" if used else "") + made
    if not _can_fault([f"y = {value}", *filter(None, partials.values())], names):
        return lines
    return f"try:\n{indent(lines, '    ')}except FAULTS:\n    return apply(rows.{row.name}, {args})\n"


def _aliases(row: Primitive, own: str) -> list[str]:
    """The row's own name where the method is Python's, and NumPy's name for it: object arrays ask for that."""
    numpy_name = row.array.rpartition(".")[2] if row.array.startswith("np.") else row.name
    if row.is_operator:
        return [row.name] if len(row.partials) == 1 else []
    return [numpy_name] if numpy_name != row.name else []


def _binary(row: Primitive, names: list[str]) -> Iterator[str]:
    a, b = names
    da, db = partials_of(row, names)
    own = f"__{row.name}__" if row.is_operator else row.name
    default = f" = {defaults(row)[b]}" if b in defaults(row) else ""
    yield (
        f"def {own}(self, other: Value | float{default}) -> Value:\n    {_header(row)}\n    {a} = self._data\n"
        f"    if type(other) is Value:\n"
        f"        if UNUSUAL:\n            return apply(rows.{row.name}, (self, other))\n        {b} = other._data\n"
        + indent(_result(row, names, {"self": da, "other": db}, "(self, other)"), "        ")
        + indent(_number(row, b), "    ")
        + f"    if UNUSUAL:\n        return apply(rows.{row.name}, (self, {b}))\n"
        + indent(_result(row, names, {"self": da, b: None}, f"(self, {b})"), "    ")
    )
    if row.is_operator:
        yield _reflected(row, names, db)
    for alias in _aliases(row, own):
        yield f"{alias} = {own}\n"


def _number(row: Primitive, name: str) -> str:
    """The lines that make the other operand a number under this name, or give up."""
    if row.is_operator:
        return (
            f"{name} = other if type(other) is float else operand(other)\n"
            f"if {name} is NotImplemented:\n    return NotImplemented\n"
        )
    return f'{name} = other if type(other) is float else number(other, "{row.name}()")\n'


def _reflected(row: Primitive, names: list[str], db: Any) -> str:
    a, b = names
    neutral = "    if type(other) is int and other == 0:\n        return self  # where sum() starts\n"
    return (
        f"def __r{row.name}__(self, other: float) -> Value:\n    {_header(row)}\n"
        + (neutral if row.starts_at_zero else "")
        + indent(_number(row, a), "    ")
        + f"    if UNUSUAL:\n        return apply(rows.{row.name}, ({a}, self))\n    {b} = self._data\n"
        + indent(_result(row, names, {a: None, "self": db}, f"({a}, self)"), "    ")
    )


def _many(row: Primitive, names: list[str]) -> str:
    rest = "".join(f", {name}: Value | float" for name in names[1:])
    return (
        f"def {row.name}(self{rest}) -> Value:\n    {_header(row)}\n"
        f"    return apply(rows.{row.name}, (self, {', '.join(names[1:])}))\n"
    )


def value_module() -> str:
    """The text of value.py."""
    head = f'''
        """Value: a number that remembers how it was made, and its operators.

        {NOTE}
        """

        from __future__ import annotations

        import math
        from typing import final

        from . import primitives as rows
        from . import special
        from .modes import FAULTS, UNUSUAL
        from .node import Node, operand
        from .reals import number


        @final
        class Value(Node):
            """A number that remembers how it was made, so that `backward()` can tell what it depends on, and how much.

            `Value(data, name=None)` is a leaf; operators and the functions of `autograd` make inner nodes. `op` is the
            primitive that made the node (None on a leaf), `args` its arguments, `grad` what `backward()` left there.
            Comparison with < and its like compares the data; == is identity, and bool() and float() are refused.

            Raises TypeError for what is no real number, OverflowError for an int beyond the floats.

            >>> a, b = Value(2.0), Value(-3.0)
            >>> y = a * b + a**2
            >>> y.backward()
            >>> y, a.grad, b.grad
            (Value(data=-2.0, grad=1.0), 1.0, 2.0)
            """

            __slots__ = ()
        '''
    body = indent("\n".join(methods()), "    ")
    return dedent(head).lstrip() + "\n" + body + "\n\nnode = Value._node\napply = Value.apply\n"


# Functions


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
    body += f"    return apply(rows.{row.name}, {', '.join(names)})\n"
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
        f"    return Value.over(rows.{row.name}, tuple(xs))\n"
        if not start
        else (
            f"    first, second = tuple(xs), tuple(ys)\n"
            f"    if len(first) != len(second):\n"
            f'        raise ValueError(f"{row.name}() expects sequences of equal length, got {{len(first)}} and {{len(second)}}")\n'
            f"    args = (*first, *second, start) if type(start) is Value or start else first + second\n"
            f"    return Value.over(rows.{row.name}, args)\n"
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
                f"The partial by {name} is {formula(partial)}." if partial is not None else f"No derivative by {name}."
            )
        for name, domain in zip(names, row.domain, strict=True):
            if within := domain_text(name, domain):
                lines.append(f"Domain: {within}.")
        point = [_inside(domain, k) for k, domain in zip(count(), row.domain)]
        call = f"{row.name}({', '.join(map(str, point))})"
    else:
        point = [0.5, 2.0]
        call = f"{row.name}({', '.join([str(point)] * row.variadic)})"
        point = point * row.variadic
    lines += ["", f'>>> f"{{{call}:.6g}}"', repr(f"{row(*point):.6g}"), '"""']
    return "\n    ".join(lines).replace("\n    \n", "\n\n")


def domain_text(name: str, domain: tuple[float, float]) -> str:
    """The interval as an inequality; empty for the whole line, and for counts."""
    low, high = domain
    if domain in (REAL, WHOLE):
        return ""
    if high == INF:
        return f"{name} > {low:g}"
    return f"{low:g} < {name} < {high:g}" if low > -INF else f"{name} < {high:g}"


def _inside(domain: tuple[float, float], position: int) -> float:
    candidates = cycle((0.5, 2.0, 1.5, -0.5))
    return next(x for x in islice(candidates, position, None) if domain[0] < x < domain[1])


def functions_module() -> str:
    """The text of functions.py."""
    head = f'''
        """The primitives as functions: numbers in, a number out; a Value in, a Value out.

        {NOTE}
        """

        from __future__ import annotations

        from collections.abc import Iterable
        from typing import overload

        from . import primitives as rows
        from .primitives import Primitive
        from .value import Value


        def apply(row: Primitive, *args: Value | float) -> Value | float:
            """A row on numbers or Values."""
            result: Value | float = row(*args)
            return result
        '''
    return dedent(head).lstrip() + "\n\n" + "\n\n".join(functions())


# The package


def package() -> str:
    """The text of __init__.py."""
    names = [row.name for row in PRIMITIVES.values() if not row.helper]
    modules = {
        "check": ["Verdict", "check_grads"],
        "composed": ["log_softmax", "softmax"],
        "errors": [
            "AutogradError",
            "GradientMismatch",
            "GraphError",
            "GraphTooLarge",
            "GraphvizNotFound",
            "MissingPackage",
            "TraceError",
        ],
        "functions": [name for name in names if name not in vars(builtins)],
        "modes": ["errstate", "no_grad"],
        "primitives": ["PRIMITIVES", "Primitive"],
        "tape": ["Tape"],
        "transforms": ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"],
        "trees": ["flatten"],
        "value": ["Value"],
    }
    late = {  # what shows and explains, imported when it is first asked for
        "drawn": ["Drawing", "Formula", "Player", "Trace", "draw", "draw_dot", "formula", "play", "trace", "unfold"],
        "instruments": ["diagnose", "kinks", "misconceptions", "paths", "source_lines"],
        "passes": ["steps"],
    }
    imports, later = (
        "\n".join(f"from .{module} import {', '.join(names)}" for module, names in table.items())
        for table in (modules, late)
    )
    hiding = [name for name in names if name in vars(builtins)]
    builtin = "\n".join(f"{name} = functions.{name}" for name in hiding) + "\ncompile = compiled.compile"
    public = sorted(name for names in (modules | late).values() for name in names)
    where = {name: module for module, names in late.items() for name in names}
    head = f'''
        """Scalar reverse-mode automatic differentiation: numbers that remember how they were made.

        {NOTE}

        >>> from autograd import Value, sin
        >>> x1, x2 = Value(2.0), Value(3.0)
        >>> y = x1 * x2 + sin(x1)
        >>> y.backward()
        >>> f"{{x1.grad:.4f}} {{x2.grad:.4f}}"
        '2.5839 2.0000'
        """

        from typing import TYPE_CHECKING, Any

        from . import compiled, functions
        '''
    note = "# These are left out of __all__, so that `from autograd import *` does not hide Python's own."
    tail = f'''
        _LATE = {where}


        def __getattr__(name: str) -> Any:
            """Import what shows and explains when it is first asked for."""
            if name not in _LATE:
                raise AttributeError(f"module 'autograd' has no attribute {{name!r}}")
            from importlib import import_module

            globals()[name] = found = getattr(import_module(f".{{_LATE[name]}}", "autograd"), name)
            return found


        def __dir__() -> list[str]:
            """What is public, for tab completion."""
            return sorted([*__all__, {", ".join(f'"{name}"' for name in [*hiding, "compile"])}])
        '''
    typed = "if TYPE_CHECKING:\n" + "\n".join(f"    {line}" for line in later.splitlines())
    return f"{dedent(head).lstrip()}{imports}\n\n{typed}\n\n__all__ = {public}\n\n{note}\n{builtin}\n{dedent(tail)}"


# The interpreter of tapes


def interpreter() -> str:
    """The text of the module that numba compiles: the functions of special.py, and a loop for each row."""
    source = (ROOT / "autograd" / "special.py").read_text(encoding="utf-8")
    functions = source[source.index("INF = math.inf") :].replace("\ndef ", "\n@scalar\ndef ")
    head = f'''
        # mypy: ignore-errors
        """The interpreter of tapes, for numba: it holds all that it calls, so that its cache is never stale.

        {NOTE}
        """

        from collections.abc import Sequence

        import numpy as np
        from numba import njit

        from . import vectors as math
        from .vectors import peek, poke, tile_of_8, tile_of_32, tile_of_64, transpose, whole

        scalar = njit(nogil=True, error_model="numpy")
        '''
    body = (Path(__file__).parent / "kernels" / "interpreter.txt").read_text(encoding="utf-8")
    rows = [(number, row) for number, row in enumerate(PRIMITIVES.values(), 1) if not (row.products and row.variadic)]
    for mark, case in (("# ROWS", _row_case), ("# SCALARS", _scalar_case)):
        cases = "".join(f"elif op == {number}:  # {row.name}\n{indent(case(row), '    ')}" for number, row in rows)
        body = body.replace(f"        {mark}\n", indent(cases, "        "))
    return dedent(head).lstrip() + "\n" + functions + body


def _row_case(row: Primitive) -> str:
    """The lines that run one row of the table on a block."""
    if row.variadic:
        return (
            "xs = np.empty(b)\nfor i in range(0, n, 8):\n    for k in range(b):\n"
            f"        xs[k] = peek(r + whole(operands, a + 8 * k), i)\n    poke(y, i, {row.forward.__name__}(xs))\n"
        )
    names = ["u", "v", "w"][: len(row.partials)]
    reads = ", ".join(f"peek(r + {ref}, i)" for ref, _ in zip("abc", names, strict=False))
    return f"for i in range(0, n, 8):\n    {', '.join(names)} = {reads}\n    poke(y, i, {_value(row, names)})\n"


def _scalar_case(row: Primitive) -> str:
    """The lines that run one row of the table on shared numbers."""
    if row.variadic:
        return (
            "xs = np.empty(b)\nfor k in range(b):\n    xs[k] = peek(s, whole(operands, a + 8 * k))\n"
            f"poke(y, 0, {row.forward.__name__}(xs))\n"
        )
    names = ["u", "v", "w"][: len(row.partials)]
    reads = ", ".join(f"peek(s, {ref})" for ref, _ in zip("abc", names, strict=False))
    return f"{', '.join(names)} = {reads}\npoke(y, 0, {_value(row, names)})\n"


def _value(row: Primitive, names: list[str]) -> str:
    return value_code(row, names).replace("special.", "")


def fingerprint(text: str) -> str:
    """A name for the interpreter's text and for what it imports."""
    vectors = (Path(__file__).parent / "kernels" / "vectors.py").read_text(encoding="utf-8")
    return sha256((text + vectors).encode()).hexdigest()[:8]


# Documentation


def documentation() -> str:
    """The text of docs/primitives.md."""
    lines = [
        "# The primitives",
        "",
        f"{NOTE}",
        "",
        "A partial is written in the arguments and the output y; of a sequence x1, x2 (and y1, y2) by its first members. The",
        "rows from `lt` on are helpers that only the partials of others need. The domain is where every argument has a value.",
        "",
        "| primitive | is | partial derivatives | domain |",
        "|---|---|---|---|",
    ]
    for row in PRIMITIVES.values():
        names = argument_names(row)
        found = partials_of_first_pair(row) if row.variadic else partials_of(row, names)
        partials = "; ".join("none" if partial is None else f"`{formula(partial)}`" for partial in found)
        domain = ", ".join(filter(None, map(domain_text, names, row.domain)))
        meaning = row.doc.replace("|", "\\|")
        lines.append(f"| `{row.name}({', '.join(names)})` | {meaning} | {partials} | {domain} |")
    return "\n".join(lines) + "\n"


def partials_of_first_pair(row: Primitive) -> list[Any]:
    """The partials of a variadic row's first arguments, by example of two."""
    each = row.partials[0]
    if each is None:
        return [None]
    if row.variadic == 1:
        return [each([Symbol("x1"), Symbol("x2")], Symbol("y"))[0]]
    return list(each([Symbol("x1"), Symbol("y1")], Symbol("y")))


def written(root: Path = ROOT) -> dict[Path, str]:
    """Each generated file with its text, before ruff has laid it out."""
    return {
        root / "autograd" / "__init__.py": package(),
        root / "autograd" / "value.py": value_module(),
        root / "autograd" / "functions.py": functions_module(),
        root / "docs" / "primitives.md": documentation(),
        root / "autograd" / "kernels" / f"rows_{fingerprint(interpreter())}.py": interpreter(),
    }


def main(root: Path = ROOT) -> None:
    """Write the generated files below root."""
    for stale in (root / "autograd" / "kernels").glob("rows_*.py"):
        stale.unlink()
    for path, text in written(root).items():
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8", newline="\n")
