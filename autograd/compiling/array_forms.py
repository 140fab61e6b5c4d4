"""The value of each primitive on NumPy arrays.

A row's twin in NumPy or SciPy is its array form where it names one. A function of special.py that chooses with `where`
and not with branches is run as it stands, with NumPy's functions under the names that it calls. All else goes element
by element.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from functools import cache, lru_cache
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from .. import special
from ..primitive import Primitive
from ..primitives import PRIMITIVES

ArrayForm = Callable[..., Any]


@lru_cache(maxsize=256)
def array_form(op: Primitive) -> ArrayForm:
    """Return the function that computes op on arrays and numbers; of a variadic row, on a list of them."""
    if op.twin is not None:
        return op.twin
    if op.forward.__module__ == special.__name__:
        return _rebound(op.forward.__name__)
    return _element_by_element(lambda *args: op.value(args), op.variadic > 0)


def _element_by_element(function: Callable[..., float], listed: bool) -> ArrayForm:
    def run(*args: Any) -> Any:
        args = tuple(args[0]) if listed else args
        return np.asarray(np.frompyfunc(function, len(args), 1)(*args), dtype=np.float64)

    return run


@cache
def _rebound(name: str) -> ArrayForm:
    """A function of special.py by its name, on arrays."""
    function = getattr(special, name)
    if function not in special.ON_ARRAYS:
        return _element_by_element(function, False)
    return FunctionType(function.__code__, _Names(), name, function.__defaults__)


class _Names(dict[str, Any]):
    """The names that a function of special.py finds around it when it runs on arrays."""

    def __init__(self) -> None:
        twins = {row.forward.__name__: row.twin for row in PRIMITIVES.values() if row.forward.__module__ == "math"}
        plain = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}
        slow = {name: _element_by_element(f, False) for name, f in plain.items() if callable(f)}
        super().__init__(math=SimpleNamespace(**{**plain, **slow, **{k: v for k, v in twins.items() if v}}))

    def __missing__(self, name: str) -> Any:
        row = PRIMITIVES.get(name)
        if row is not None and row.twin is not None:
            self[name] = row.twin
        elif hasattr(special, name):
            value = getattr(special, name)
            self[name] = _rebound(name) if callable(value) else value
        else:
            self[name] = getattr(builtins, name)
        return self[name]
