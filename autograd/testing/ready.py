"""A failing point written as a test that is ready to be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..reals import is_array


def ready_test(f: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any], name: str) -> str:
    """Return the source of a test that checks f at a point again.

    A program of `expressions` is written out; another function is imported from its module, which for a lambda is left to the reader.

    >>> from autograd import tanh
    >>> print(ready_test(tanh, (0.5,), {"order": 1}, "test_mine[3]"))
    from autograd import check_grads
    from autograd.functions import tanh
    <BLANKLINE>
    <BLANKLINE>
    def test_mine_3_at_a_failing_point():
        check_grads(tanh, (0.5,), order=1)
    """
    kind, called = type(f).__name__, getattr(f, "__name__", type(f).__name__)
    module = getattr(f, "__module__", "")
    imports, before = ["from autograd import check_grads"], ""
    if kind == "Program":
        before = repr(f).rpartition("\nf(")[0] if getattr(f, "point", ()) else repr(f)
    elif called.isidentifier() and module not in ("__main__", ""):
        imports.append(f"from {module} import {called}")
    else:
        before = f"f = ...  # {called} of {module}"
        called = "f"
    numbers = ", ".join([code_of(arg) for arg in args])
    if "array(" in numbers:
        imports.insert(0, "from numpy import array\n")
    if "inf" in numbers or "nan" in numbers:
        imports.insert(0, "from math import inf, nan\n")
    more = "".join(f", {key}={value!r}" for key, value in options.items() if not callable(value))
    title = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_")
    body = f"def {title}_at_a_failing_point():\n    check_grads({called}, ({numbers},){more})"
    return "\n".join(imports) + (f"\n\n\n{before}" if before else "") + f"\n\n\n{body}"


def code_of(tree: Any) -> str:
    """Return a structure of numbers as Python that makes it again.

    >>> import numpy as np
    >>> code_of({"w": np.array([1.0, 2.0]), "b": (0.5, [3])})
    "{'w': array([1.0, 2.0]), 'b': (0.5, [3])}"
    """
    if is_array(tree):
        return f"array({tree.tolist()!r})"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {code_of(item)}" for key, item in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(code_of, tree)) + "]"
    if isinstance(tree, tuple):
        return (
            "("
            + "".join(f"{code_of(item)}, " for item in tree).rstrip(" ").rstrip(",")
            + ("," * (len(tree) == 1))
            + ")"
        )
    return repr(tree)
