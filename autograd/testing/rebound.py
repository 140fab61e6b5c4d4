"""A function of floats made one of other numbers: where it calls math.sin or np.tanh, the row of the table is called.

The code of the function stays; it is given other globals, in which the functions of libraries are those of the table.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable
from functools import partial, reduce
from operator import add
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ..primitive import TWINS, Primitive
from ..primitives import PRIMITIVES
from ..reals import is_array, is_real
from .libraries import LIBRARIES

OF_MATH: dict[Any, Primitive] = {
    row.forward: row for row in PRIMITIVES.values() if isinstance(row.forward, BuiltinFunctionType)
}
OF_ARRAYS: dict[str, Callable[..., Any]] = {row.array: row for row in PRIMITIVES.values() if row.array} | LIBRARIES
SHORT = {module: short for short, module in TWINS.items()}


def _unless_number(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of floats that leaves other numbers as they are."""

    def unless(x: Any = 0.0) -> Any:
        return function(x) if is_real(x) or isinstance(x, str) else x

    return unless


def _total(xs: Iterable[Any]) -> Any:
    terms = list(xs)
    return math.fsum(terms) if all(map(is_real, terms)) else reduce(add, terms)


# What takes floats only, and what it does with numbers of other arithmetics, which are never inf or nan.
PLAIN: dict[Any, Any] = {
    float: _unless_number(float),
    math.isfinite: lambda x: not is_real(x) or math.isfinite(x),
    math.isnan: lambda x: is_real(x) and math.isnan(x),
    math.isinf: lambda x: is_real(x) and math.isinf(x),
    math.fsum: _total,
    math.floor: OF_ARRAYS["np.floor"],
}
PLAIN |= {getattr(math, name): known for name in dir(math) if (known := LIBRARIES.get(f"math.{name}"))}


def _of_each(row: Callable[..., Any]) -> Callable[..., Any]:
    """A row for arrays too: each number in them."""

    def each(*args: Any) -> Any:
        if not any(is_array(arg) and arg.ndim for arg in args):
            return row(*args)
        import numpy as np

        return np.frompyfunc(row, len(args), 1)(*args)

    return each


class Library:
    """A library of functions of floats, whose functions are rows of the table where the table has them."""

    def __init__(self, module: ModuleType, known: dict[Any, Any]) -> None:
        self.module, self.known = module, known

    def __getattr__(self, name: str) -> Any:
        row = OF_ARRAYS.get(f"{SHORT.get(self.module.__name__)}.{name}")
        return _of_each(row) if row else _replaced(getattr(self.module, name), self.known)


def rebound(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with rows of the table in the place of math's, NumPy's and SciPy's functions.

    So do functions that it calls, and those within a partial, a method, or an object that is called.

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
    if isinstance(thing, BuiltinFunctionType) or thing is float:
        return OF_MATH.get(thing) or PLAIN.get(thing, thing)
    if isinstance(thing, partial):
        return partial(_replaced(thing.func, known), *thing.args, **thing.keywords)
    if isinstance(thing, MethodType):
        return MethodType(_replaced(thing.__func__, known), thing.__self__)
    if not isinstance(thing, FunctionType):
        return _of_object(thing, known)
    if thing.__module__.partition(".")[0] in ("autograd", "numpy"):
        return thing
    if thing not in known:
        known[thing] = _copied(thing, known)
    return known[thing]


def _of_object(thing: Any, known: dict[Any, Any]) -> Any:
    """A ufunc as its row; a cached function without its cache; an object that is called by its __call__."""
    if type(thing).__name__ == "ufunc":
        row = next((row for short in SHORT.values() if (row := OF_ARRAYS.get(f"{short}.{thing.__name__}"))), None)
        return _of_each(row) if row is not None else thing
    if isinstance(inner := getattr(thing, "__wrapped__", None), FunctionType):
        return _replaced(inner, known)
    method = vars(type(thing)).get("__call__")
    own = isinstance(method, FunctionType) and not isinstance(thing, (type, Primitive))
    return MethodType(_replaced(method, known), thing) if own else thing


def _names(code: CodeType) -> set[str]:
    """The names that a code uses, and the functions written within it."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)


def _copied(function: FunctionType, known: dict[Any, Any]) -> FunctionType:
    """The same code with other globals, and other things in its cells."""
    world = dict(function.__globals__)
    cells = tuple(CellType() for _ in function.__closure__ or ())
    copy = FunctionType(function.__code__, world, function.__name__, function.__defaults__, cells or None)
    copy.__kwdefaults__ = function.__kwdefaults__
    known[function] = copy  # before what it uses, which may be itself
    for name in _names(function.__code__):
        if name in world or hasattr(builtins, name):
            world[name] = _replaced(world.get(name, getattr(builtins, name, None)), known)
    for mine, theirs in zip(cells, function.__closure__ or (), strict=True):
        mine.cell_contents = _replaced(theirs.cell_contents, known)
    return copy


def called(row: Primitive, function: Callable[..., Any], args: list[Any]) -> Any:
    """Return a row's own function, such as its forward, of numbers that no function of floats takes."""
    made = rebound(function)
    return made(args) if row.variadic else made(*args)
