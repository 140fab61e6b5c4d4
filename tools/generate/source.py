"""The source text of a row: a partial is called once with symbols for its arguments, and what comes back is its formula."""

from inspect import Parameter, signature
from typing import Any

from autograd.primitive import Primitive
from autograd.symbols import Style, Symbol, python_number, render

NOTE = "Generated from the table in primitives.py by `make generate`: change the row there."


def code(expression: Any) -> str:
    """Return a formula as Python on floats: it calls the rows' forwards."""
    return render(expression, Style(_call, lambda row: row.inline, python_number))


def _call(op: Primitive, args: list[str]) -> str:
    if op.selects:
        condition, a, b = args
        return f"({a} if {condition} else {b})"
    module = op.forward.__module__.rpartition(".")[2]
    return f"{module}.{op.forward.__name__}({', '.join(args)})"


def value_of(row: Primitive, names: list[str]) -> Symbol:
    """A row's value, of its arguments by these names."""
    return Symbol(row.name, row, tuple(map(Symbol, names)))


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
