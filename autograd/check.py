"""Numerical derivatives against exact ones, with a verdict."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import GradientMismatch
from .modes import errstate
from .reals import real
from .transforms import jacobian, jvp
from .trees import Rebuild, flatten

EPSILON = 2.0**-52
MODES = ("forward", "reverse")


@dataclass(frozen=True)
class Comparison:
    """One derivative, exact and numerical; `share` is their difference over the one allowed."""

    where: str
    expected: float
    got: float
    share: float
    left: float
    right: float

    def __str__(self) -> str:
        text = f"{self.where}: expected {self.expected!r} from central differences, got {self.got!r}"
        if abs(self.left - self.right) <= 1e-3 * (1.0 + abs(self.expected)):
            return text
        return f"{text}; the slope is {self.left:.6g} from the left, {self.right:.6g} from the right: is there a kink?"


@dataclass(frozen=True)
class Verdict:
    """How many derivatives agreed, and the one that came nearest to the difference allowed."""

    compared: int
    worst: Comparison

    def __str__(self) -> str:
        return f"{self.compared} derivatives agree; at the worst, {self.worst}"


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = MODES,
    directional: bool = False,
    rtol: float = 1e-6,
    atol: float = 1e-8,
) -> Verdict:
    """Compare the derivatives of f at args with central differences, and return the verdict.

    Every derivative of first and, with `order=2`, of second order, in forward and in reverse mode, is compared with
    (f(x + h) - f(x - h)) / 2h, where h is the cube root of the machine's epsilon, times |x| where that is above 1.
    With `directional`, one random direction (the same at each call) takes the place of the single arguments. Allowed
    is a difference of atol + rtol * |expected|, and what rounding of f's values comes to.

    Raises GradientMismatch, an AssertionError, where a derivative differs: it names the argument, what was expected and
    what came, and tells the slopes from the left and the right where they differ, as at a kink.

    >>> from autograd import check_grads, sin
    >>> check_grads(lambda x1, x2: x1 * x2 + sin(x1), (2.0, 3.0)).compared
    12
    """
    if order not in (1, 2):
        raise ValueError(f"check_grads() expects order 1 or 2, got {order!r}")
    if isinstance(modes, str) or not modes or not set(modes) <= set(MODES):
        raise ValueError(f"check_grads() expects modes among {MODES}, got {modes!r}")
    if not isinstance(args, (list, tuple)):
        raise TypeError(f"check_grads() expects a tuple of f's arguments, such as (2.0,), got {type(args).__name__}")
    leaves, rebuild = flatten(tuple(args))
    point = [real(x, "check_grads()") for x in leaves]
    if not point:
        raise ValueError("check_grads() expects at least one number to differentiate by, got none")
    names = _argument_names(rebuild(point))
    rates = _random_direction(len(point)) if directional else _single_directions(names)
    first = [""] * len(flatten(f(*args))[0])
    first = [f" of output {i}" for i in range(len(first))] if len(first) > 1 else first
    layers = [(f, [f"derivative{output}" for output in first])]
    if order == 2:
        second = [f"second derivative{output} by {name}" for output in first for name in names]
        layers.append((jacobian(f, tuple(range(len(args)))), second))
    worst = Comparison("none", 0.0, 0.0, 0.0, 0.0, 0.0)
    compared = 0
    with errstate("ignore"):
        for function, labels in layers:
            for found in _comparisons(function, labels, point, rebuild, modes, rates, (rtol, atol)):
                if not found.share <= 1.0:
                    raise GradientMismatch(f"check_grads({getattr(f, '__name__', type(f).__name__)}): {found}")
                worst = max(worst, found, key=lambda comparison: comparison.share)
                compared += 1
    return Verdict(compared, worst)


def _comparisons(
    f: Callable[..., Any],
    labels: list[str],
    point: list[float],
    rebuild: Rebuild,
    modes: Sequence[str],
    directions: dict[str, list[float]],
    tolerances: tuple[float, float],
) -> Iterator[Comparison]:
    """Each derivative of each output of f in each direction, in each mode."""
    args = rebuild(point)
    if "reverse" in modes:
        slopes = flatten(jacobian(f, tuple(range(len(args))))(*args))[0]
        rows = [slopes[i : i + len(point)] for i in range(0, len(slopes), len(point))]
    for direction, rates in directions.items():
        exact = {}
        if "forward" in modes:
            exact["forward"] = flatten(jvp(f, args, rebuild(rates))[1])[0]
        if "reverse" in modes:
            exact["reverse"] = [_product(row, rates) for row in rows]
        h = EPSILON ** (1 / 3) * max(1.0, *(abs(x) for x, rate in zip(point, rates, strict=True) if rate))
        below, here, above = (
            [float(y) for y in flatten(f(*rebuild(x + k * rate for x, rate in zip(point, rates, strict=True))))[0]]
            for k in (-h, 0.0, h)
        )
        for i, (label, down, middle, up) in enumerate(zip(labels, below, here, above, strict=True)):
            expected = (up - down) / (2.0 * h)
            allowed = tolerances[1] + tolerances[0] * abs(expected) + 2.0 * EPSILON * max(abs(up), abs(down)) / h
            for mode, found in exact.items():
                where = f"{label} {'and' if label.startswith('second') else 'by'} {direction} in {mode} mode"
                share = _share(expected, found[i], allowed)
                yield Comparison(where, expected, found[i], share, (middle - down) / h, (up - middle) / h)


def _share(expected: float, got: float, allowed: float) -> float:
    if expected == got or (math.isnan(expected) and math.isnan(got)):
        return 0.0
    share = abs(expected - got) / allowed
    return math.inf if math.isnan(share) else share


def _product(row: list[float], rates: list[float]) -> float:
    return sum(d * rate for d, rate in zip(row, rates, strict=True) if rate)


def _random_direction(count: int) -> dict[str, list[float]]:
    rng = random.Random(0)
    return {"a random direction": [rng.gauss(0.0, 1.0) for _ in range(count)]}


def _argument_names(args: tuple[Any, ...]) -> list[str]:
    """The name of each number, by the argument it stands in."""
    sizes = [len(flatten(arg)[0]) for arg in args]
    return [f"argument {i}" + (f"[{j}]" if size > 1 else "") for i, size in enumerate(sizes) for j in range(size)]


def _single_directions(names: list[str]) -> dict[str, list[float]]:
    return {name: [float(i == j) for j in range(len(names))] for i, name in enumerate(names)}
