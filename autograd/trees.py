"""Nested lists, tuples, dicts and arrays of numbers: taken apart and put together again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

Rebuild = Callable[[Iterable[Any]], Any]


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array; NumPy is not imported to find out."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """Return the leaves of a structure in order, and a function that puts others in their places."""
    leaves: list[Any] = []
    _collect(tree, leaves)
    return leaves, lambda others: _rebuilt(tree, iter(others))


def _collect(tree: Any, leaves: list[Any]) -> None:
    if is_array(tree):
        for branch in tree.ravel().tolist():
            _collect(branch, leaves)
    elif isinstance(tree, dict):
        for branch in tree.values():
            _collect(branch, leaves)
    elif isinstance(tree, (list, tuple)):
        for branch in tree:
            _collect(branch, leaves)
    else:
        leaves.append(tree)


def _rebuilt(tree: Any, leaves: Any) -> Any:
    if is_array(tree):
        import numpy as np

        array = np.array([next(leaves) for _ in range(tree.size)])
        return array.reshape(tree.shape + array.shape[1:])
    if isinstance(tree, dict):
        return {key: _rebuilt(branch, leaves) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        branches = [_rebuilt(branch, leaves) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(leaves)
