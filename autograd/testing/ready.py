"""A failing point written as a test that is ready to be kept."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..reals import is_array


def ready_test(f: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any], name: str) -> str:
    """Return the source of a test that checks f at a point again.

    A program of `expressions` is written out; another function is imported from its module. What cannot be imported, such as a lambda, is left to
    the reader, as a function that says so.

    >>> from autograd import tanh
    >>> print(ready_test(tanh, (0.5,), {"order": 1}, "test_mine[3]"))
    def test_mine_3_at_a_failing_point_9be0a04b():
        from autograd import check_grads
        from autograd.functions import tanh
    <BLANKLINE>
        check_grads(tanh, (0.5,), order=1)
    """
    lines, called = _reached(f, "f")
    numbers = ", ".join([code_of(arg) for arg in args])
    more = ""
    for key, option in options.items():
        if callable(option):
            before, text = _reached(option, key)
            lines += before
        else:
            text = code_of(option)
        more += f", {key}={text}"
    call = f"check_grads({called}, ({numbers},){more})"
    imports = ["from autograd import check_grads"]
    imports += ["from math import inf, nan"] * ("inf" in numbers or "nan" in numbers)
    imports += ["from numpy import array"] * ("array(" in numbers)
    title = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_")
    title += f"_at_a_failing_point_{zlib.crc32((call + repr(lines)).encode()):08x}"
    body = [*sorted(imports + [line for line in lines if line.startswith("from ")])]
    body += ["", *[line for line in lines if not line.startswith("from ")], call]
    return f"def {title}():\n" + "\n".join(f"    {line}".rstrip() for line in body)


def _reached(f: Callable[..., Any], name: str) -> tuple[list[str], str]:
    """The lines that make a function known, and what it is called then."""
    if isinstance(source := getattr(f, "source", None), str):  # a program
        return [*source.splitlines(), ""], f.__name__
    module = getattr(f, "__module__", None) or ""
    path = str(getattr(f, "__qualname__", None) or getattr(f, "__name__", ""))
    there: Any = sys.modules.get(module)
    for step in path.split("."):
        there = getattr(there, step, None)
    if there is f and module != "__main__":
        return [f"from {module} import {path.partition('.')[0]}"], path
    what = f"{path or type(f).__name__} of {module or 'nowhere'}"
    return [
        f"def {name}(*args):  # write it here",
        f'    raise NotImplementedError("{what} cannot be imported")',
        "",
    ], name


def code_of(tree: Any) -> str:
    """Return a structure of numbers as Python that makes it again.

    >>> import numpy as np
    >>> code_of({"w": np.array([1.0, 2.0]), "b": (0.5, [3])})
    "{'w': array([1.0, 2.0]), 'b': (0.5, [3])}"
    """
    if is_array(tree):
        kind = "" if tree.dtype in ("float64", "int64") else f", dtype={str(tree.dtype)!r}"
        return f"array({tree.tolist()!r}{kind})"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {code_of(item)}" for key, item in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(code_of, tree)) + "]"
    if isinstance(tree, tuple):
        return "(" + ", ".join(map(code_of, tree)) + "," * (len(tree) == 1) + ")"
    return repr(tree.item() if hasattr(tree, "item") else tree)
