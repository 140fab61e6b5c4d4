"""Kernels beside eager code: what `compile` makes of a function, in ulps of what the function itself gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from ..compiling.compiled import compile
from ..errors import GradientMismatch, MissingPackage
from ..modes import errstate
from ..reals import is_real, real
from ..seeing.instruments.rounding_errors import own_rounding
from ..seeing.steps import below
from ..transforms import grad
from ..value import Value
from ..walks import PLAIN, adjoints, users_first
from .circumstances import Cause
from .comparisons import Comparison, Verdict

ULPS = 4.0  # by which an array's or a kernel's primitive may differ from its forward
LEAST = 5e-324
BACKENDS = ("python", "numpy", "numba")


def check_kernels(
    f: Callable[..., Any], points: Iterable[Sequence[float]], backends: Sequence[str] = BACKENDS, ulps: float = ULPS
) -> Verdict:
    """Compare f compiled over rows with f itself at each of the points, its value and its gradient, and return the verdict.

    f is a primitive, or a function of numbers that returns one. Each step of a kernel may differ from the same step on floats by `ulps` units
    in the last place; what that makes of the result is known from the graph. A backend that is not installed is left out.

    Raises GradientMismatch where a kernel is further off; it names the step whose array form differs from its forward.

    >>> from autograd import tanh
    >>> check_kernels(tanh, [(0.5,), (-2.0,)], backends=["numpy"]).compared
    4
    """
    points = list(points)
    if not all(isinstance(point, (list, tuple)) for point in points):
        raise TypeError("check_kernels() expects points as tuples of numbers, such as [(0.5,), (1.0,)]")
    rows = [[real(x, "check_kernels()") for x in point] for point in points]
    if not rows or not all(len(row) == len(rows[0]) > 0 for row in rows):
        raise ValueError("check_kernels() expects points, each of as many numbers")
    if not backends or not set(backends) <= set(BACKENDS) or isinstance(backends, str):
        raise ValueError(f"check_kernels() expects backends among {BACKENDS}, got {backends!r:.60}")
    if not 0.0 < ulps < math.inf:
        raise ValueError(f"check_kernels() expects ulps above 0, got {ulps!r:.60}")
    places = range(len(rows[0]))
    found: list[Comparison] = []
    functions = [("value", f)] + [(f"derivative by argument {k}", grad(f, k)) for k in places]
    with errstate("ignore"):
        for what, function in functions:
            graphs = [_root(function, row) for row in rows]
            for backend in filter(_is_there, backends):
                found += _beside(function, what, rows, graphs, backend, ulps)
    if not found:
        raise MissingPackage(f"check_kernels() found none of {', '.join(backends)}: pip install numba")
    return Verdict(len(found), max(found, key=lambda one: one.share), what="numbers")


def _is_there(backend: str) -> bool:
    """Whether what a backend needs is installed."""
    return backend != "numba" or find_spec("numba") is not None


def _beside(
    function: Callable[..., Any], what: str, rows: list[list[float]], graphs: list[Any], backend: str, ulps: float
) -> list[Comparison]:
    """What a backend gives at each point, beside the graph of the function there. Raises GradientMismatch."""
    found = []
    for at, (row, y, got) in enumerate(zip(rows, graphs, _by_kernel(function, rows, backend), strict=True)):
        where = f"{what} at point {at} = {tuple(row)!r:.60}"
        expected = y.data if type(y) is Value else float(y)
        allowed = _allowed(y, ulps)
        same = got == expected or (math.isnan(got) and math.isnan(expected))
        share = 0.0 if same else abs(got - expected) / (allowed or LEAST) if math.isfinite(got) else math.inf
        comparison = Comparison(
            where, expected, got, share, math.nan, math.nan, source="from the function", origin=f"the {backend} kernel"
        )
        if not share <= 1.0:
            raise _mismatch(comparison, y, ulps)
        found.append(comparison)
    return found


def _by_kernel(function: Callable[..., Any], rows: list[list[float]], backend: str) -> list[float]:
    """The function at each point as a backend computes it; nothing where that is not installed."""
    if backend == "python":
        one = compile(function, backend="python")
        return [float(one(*row)) for row in rows]
    import numpy as np

    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return [
        float(y)
        for y in np.broadcast_to(compile(function, rows=range(len(columns)), backend=backend)(*columns), len(rows))
    ]


def _root(function: Callable[..., Any], row: list[float]) -> Any:
    """The result as a graph."""
    y = function(*map(Value, row))
    if type(y) is not Value and not is_real(y):
        raise TypeError(f"check_kernels() expects a function that returns one number, got {type(y).__name__}")
    return y


def _allowed(root: Any, ulps: float) -> float:
    """What `ulps` at each step make of the result."""
    if type(root) is not Value or root.op is None:
        return 0.0
    walk = users_first([root])
    rates = adjoints(walk, {root: 1.0}, walk.__getitem__, PLAIN)
    errors = [abs(rates[node]) * 2.0 * own_rounding(node) for node in walk if node.op is not None]
    return ulps * math.fsum(errors) if all(map(math.isfinite, errors)) else math.inf


def _mismatch(comparison: Comparison, root: Any, ulps: float) -> GradientMismatch:
    """The error of a kernel that is too far off, with the step that is."""
    error = GradientMismatch(f"check_kernels(): {comparison}. {(cause := _cause(root, ulps))}")
    error.cause = cause
    return error


def _cause(root: Any, ulps: float) -> Cause:
    """The step whose array form differs from its forward."""
    nodes = below(root)
    for node in nodes:
        if node.op is None or node.op.twin is None:
            continue
        args = [arg.data if type(arg) is Value else float(arg) for arg in node.args]
        other = float(node.op.twin(*args))
        off = abs(other - node.data) / math.ulp(node.data) if other != node.data else 0.0
        if not off <= ulps:
            return Cause(
                "kernel",
                f"{node.op.array} of {node.op.written(args)} is {other!r}, {off:.3g} ulp from its forward's {node.data!r}; {ulps:g} are allowed",
            )
    return Cause("kernel", "no array form differs from its forward by so much: the steps of the kernel do together")
