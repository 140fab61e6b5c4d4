"""Writes value.py: the methods of Value, a row or an operator each."""

from collections.abc import Iterator
from re import findall
from textwrap import dedent, indent
from typing import Any

from autograd.primitive import Primitive
from autograd.primitives import PRIMITIVES

from .source import NOTE, argument_names, code, defaults, partials_of, value_of


def methods() -> Iterator[str]:
    """The methods of Value, a row or an operator each."""
    for row in PRIMITIVES.values():
        names = argument_names(row)
        if row.mirrored:
            yield from _comparison(row)
        if row.helper or row.variadic or (row.partials[0] is None and len(names) > 1):
            continue
        if len(names) == 1:
            yield from _unary(row)
        elif len(names) == 2:
            yield from _binary(row, names)
        else:
            yield _many(row, names)


def _comparison(row: Primitive) -> Iterator[str]:
    """A question of order, asked from either side."""
    for name, a, b in ((row.name, "self", "other"), (row.mirrored[0], "other", "self")):  # type: ignore[index]
        yield f"def __{name}__(self, other: Any) -> Any:\n    return self._ordered(table.{row.name}, {a}, {b}, other)\n"


def _header(row: Primitive) -> str:
    return f'"""Return {row.doc}."""'


def _unary(row: Primitive) -> Iterator[str]:
    own = f"__{row.name}__" if row.is_operator else row.name
    (dx,) = partials_of(row, ["x"])
    yield (
        f"def {own}(self) -> Value:\n    {_header(row)}\n"
        f"    if UNUSUAL:\n        return apply(table.{row.name}, (self,))\n    x = self._data\n"
        + indent(_result(row, ["x"], {"self": dx}, "(self,)"), "    ")
    )
    for alias in _aliases(row, own):
        yield f"{alias} = {own}\n"


def _result(row: Primitive, names: list[str], edges: dict[str, Any], args: str) -> str:
    """The lines that compute the value and the partials and return the node; `args` for where Python raises."""
    value = value_of(row, names)
    partials = {arg: None if partial is None else code(partial) for arg, partial in edges.items()}
    used = any("y" in findall(r"\b[a-z]+\b", str(partial)) for partial in partials.values())
    parts = ", ".join(f"{arg}, {partial}" for arg, partial in partials.items())
    made = f"return node(table.{row.name}, {'y' if used else code(value)}, {parts})\n"
    lines = (f"y = {code(value)}\n" if used else "") + made
    if not row.raises:
        return lines
    return f"try:\n{indent(lines, '    ')}except FAULTS:\n    return apply(table.{row.name}, {args})\n"


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
        f"        if UNUSUAL:\n            return apply(table.{row.name}, (self, other))\n        {b} = other._data\n"
        + indent(_result(row, names, {"self": da, "other": db}, "(self, other)"), "        ")
        + indent(_number(row, b), "    ")
        + f"    if UNUSUAL:\n        return apply(table.{row.name}, (self, {b}))\n"
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
        + f"    if UNUSUAL:\n        return apply(table.{row.name}, ({a}, self))\n    {b} = self._data\n"
        + indent(_result(row, names, {a: None, "self": db}, f"({a}, self)"), "    ")
    )


def _many(row: Primitive, names: list[str]) -> str:
    rest = "".join(f", {name}: Value | float" for name in names[1:])
    return (
        f"def {row.name}(self{rest}) -> Value:\n    {_header(row)}\n"
        f"    return apply(table.{row.name}, (self, {', '.join(names[1:])}))\n"
    )


def value_module() -> str:
    """The text of value.py."""
    head = f'''
        """Value: a number that remembers how it was made, and its operators.

        {NOTE}
        """

        from __future__ import annotations

        import math
        from typing import Any, final

        from . import primitives as table
        from . import special
        from .faults import FAULTS
        from .modes import UNUSUAL
        from .node import Node
        from .reals import number, operand


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
