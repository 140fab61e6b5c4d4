"""Nested lists, tuples, dicts and arrays of numbers: taken apart and put together again.

What is left of a structure without its numbers is its form: hashable, so that equal structures can be told, and
picklable. A leaf's form is None, an array's its shape after "array", any other's its type with the forms inside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

Form = Any
Rebuild = Callable[[Iterable[Any]], Any]


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array; NumPy is not imported to find out."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """Return the leaves of a structure in order, and a function that puts others in their places."""
    leaves: list[Any] = []
    form = take_apart(tree, leaves)
    return leaves, lambda others: put_together(form, iter(others))


def take_apart(tree: Any, leaves: list[Any], *, arrays: bool = True) -> Form:
    """Append the leaves of a structure in order and return its form; an array may count as a leaf."""
    if arrays and is_array(tree):
        for branch in tree.ravel().tolist():
            take_apart(branch, leaves)
        return "array", tree.shape
    if isinstance(tree, dict):
        return dict, tuple(tree), tuple(take_apart(branch, leaves, arrays=arrays) for branch in tree.values())
    if isinstance(tree, (list, tuple)):
        return type(tree), tuple(take_apart(branch, leaves, arrays=arrays) for branch in tree)
    leaves.append(tree)
    return None


def put_together(form: Form, leaves: Iterator[Any], *, rows: bool = False) -> Any:
    """Return a structure of this form with the next leaves in it; where these are columns, arrays have their rows first."""
    if form is None:
        return next(leaves)
    kind, *parts = form
    if kind == "array":
        import numpy as np

        (shape,) = parts
        array = np.array([next(leaves) for _ in range(int(np.prod(shape)))])
        array = array.reshape(shape + array.shape[1:])
        return np.moveaxis(array, -1, 0) if rows else array
    branches = [put_together(branch, leaves, rows=rows) for branch in parts[-1]]
    if kind is dict:
        return dict(zip(parts[0], branches, strict=True))
    return kind(*branches) if hasattr(kind, "_fields") else kind(branches)


def leaf_count(form: Form) -> int:
    """Return the number of leaves in a form."""
    if form is None:
        return 1
    kind, *parts = form
    return prod(parts[0]) if kind == "array" else sum(map(leaf_count, parts[-1]))
