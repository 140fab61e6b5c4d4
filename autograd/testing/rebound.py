"""A function of floats made one of other numbers: where it calls math.sin or np.tanh, the row of the table is called.

The code of the function stays; it is given other globals, in which the functions of libraries are those of the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any

from ..primitive import TWINS, Primitive
from ..primitives import PRIMITIVES

OF_MATH = {row.forward: row for row in PRIMITIVES.values() if isinstance(row.forward, BuiltinFunctionType)}
OF_ARRAYS = {row.array: row for row in PRIMITIVES.values() if row.array}
SHORT = {module: short for short, module in TWINS.items()}


class Library:
    """A library of functions of floats, whose functions are rows of the table where the table has them."""

    def __init__(self, module: ModuleType, known: dict[Any, Any]) -> None:
        self.module, self.known = module, known

    def __getattr__(self, name: str) -> Any:
        row = OF_ARRAYS.get(f"{SHORT.get(self.module.__name__)}.{name}")
        return row or _replaced(getattr(self.module, name), self.known)


def rebound(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with rows of the table in the place of math's, NumPy's and SciPy's functions.

    >>> from autograd import Value
    >>> rebound(lambda x: 2.0 * math.exp(x))(Value(0.0)).data
    2.0
    """
    made: Callable[..., Any] = _copied(function, {}) if isinstance(function, FunctionType) else _replaced(function, {})
    return made


def _replaced(thing: Any, known: dict[Any, Any]) -> Any:
    """What stands in the place of a thing that a function uses."""
    if isinstance(thing, ModuleType):
        return Library(thing, known) if thing is math or thing.__name__ in SHORT else thing
    if isinstance(thing, BuiltinFunctionType):
        return OF_MATH.get(thing, thing)
    if not isinstance(thing, FunctionType) or thing.__module__.partition(".")[0] in ("autograd", "numpy"):
        return thing
    if thing not in known:
        known[thing] = _copied(thing, known)
    return known[thing]


def _copied(function: FunctionType, known: dict[Any, Any]) -> FunctionType:
    """The same code with other globals, and other things in its cells."""
    world = dict(function.__globals__)
    cells = tuple(CellType() for _ in function.__closure__ or ())
    copy = FunctionType(function.__code__, world, function.__name__, function.__defaults__, cells or None)
    copy.__kwdefaults__ = function.__kwdefaults__
    known[function] = copy  # before what it uses, which may be itself
    for name in {*function.__code__.co_names} & {*world}:
        world[name] = _replaced(world[name], known)
    for mine, theirs in zip(cells, function.__closure__ or (), strict=True):
        mine.cell_contents = _replaced(theirs.cell_contents, known)
    return copy


def called(row: Primitive, function: Callable[..., Any], args: list[Any]) -> Any:
    """Return a row's own function, such as its forward, of numbers that no function of floats takes."""
    made = rebound(function)
    return made(args) if row.variadic else made(*args)
