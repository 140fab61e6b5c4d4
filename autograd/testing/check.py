"""Numerical derivatives against exact ones, with a verdict."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..errors import GradientMismatch
from ..faults import FAULTS
from ..modes import errstate, no_grad
from ..reals import quoted, real
from ..transforms import jvp, vjp
from ..trees import Form, numbers_in, take_apart
from ..value import Value

EPSILON = 2.0**-52
MODES = ("forward", "reverse")
RUNGS, FACTOR = 25, 4.0  # of a ladder of steps: how many, and how much smaller each is than the one before
Flat = Callable[..., list[Any]]  # a function of f's arguments that returns a list of numbers


@dataclass(frozen=True)
class Comparison:
    """One derivative, exact and numerical; `share` is their difference over the one allowed."""

    where: str
    expected: float
    got: float
    share: float
    left: float
    right: float
    output: int = 0
    step: float = 0.0

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
    (f(x + h) - f(x - h)) / 2h, where h is the cube root of the machine's epsilon, times |x| where that is above 1. Where
    the two differ, f has no value there, or a step on the scale of 1 says otherwise, the step may not fit the function:
    then steps of many sizes are tried, on the scale of x and on that of 1, each two of them are extrapolated to h = 0
    (Richardson 1911), and the best estimate counts.
    With `directional`, one random direction (the same at each call) takes the place of the single arguments. Allowed
    is a difference of atol + rtol * |expected|, and the error that the estimate may have.

    Raises GradientMismatch, an AssertionError, where a derivative differs: it names the argument, what was expected and
    what came, and tells the slopes from the left and the right where they differ, as at a kink.

    >>> from autograd import check_grads, sin
    >>> check_grads(lambda x1, x2: x1 * x2 + sin(x1), (2.0, 3.0)).compared
    12
    """
    if order not in (1, 2):
        raise ValueError(f"check_grads() expects order 1 or 2, got {quoted(repr(order))}")
    if isinstance(modes, str) or not modes or not set(modes) <= set(MODES):
        raise ValueError(f"check_grads() expects modes among {MODES}, got {quoted(repr(modes))}")
    if not isinstance(args, (list, tuple)):
        raise TypeError(f"check_grads() expects a tuple of f's arguments, such as (2.0,), got {type(args).__name__}")
    form, leaves = take_apart(tuple(args))
    point = [real(x, "check_grads()") for x in numbers_in(leaves)]
    if not point:
        raise ValueError("check_grads() expects at least one number to differentiate by, got none")
    names = _argument_names(args)
    directions = _random_direction(len(point)) if directional else _single_directions(names)
    values = _flattened(f)
    outputs = len(values(*args))
    if not outputs:
        raise ValueError("check_grads() expects a function that returns at least one number, got none")
    first = [f" of output {i}" for i in range(outputs)] if outputs > 1 else [""]
    layers = [(values, [f"derivative{output}" for output in first])]
    if order == 2:
        layers.append((_slopes(values), [f"second derivative{output} by {name}" for output in first for name in names]))
    worst = Comparison("none", 0.0, 0.0, 0.0, 0.0, 0.0)
    compared = 0
    with errstate("ignore"):
        for function, labels in layers:
            for direction, rates in directions.items():
                differences = Differences(function, form, point, rates, len(labels), (rtol, atol))
                for derivative in _comparisons(differences, labels, direction, modes):
                    if not derivative.share <= 1.0:
                        raise mismatch(f, args, derivative, differences)
                    worst = max(worst, derivative, key=lambda comparison: comparison.share)
                    compared += 1
    return Verdict(compared, worst)


def mismatch(
    f: Callable[..., Any], args: Sequence[Any], derivative: Comparison, differences: Differences
) -> GradientMismatch:
    """Return the error of a derivative that differs, with its cause and with the call as code."""
    from .causes import Question, at_many_digits, cause_of  # needed now only: it looks at graphs

    asked = Question(
        differences.f, derivative.output, differences.form.filled, differences.point, differences.rates, derivative.expected, derivative.got,
        derivative.left, derivative.right, differences.usual[derivative.output].step, derivative.step,
    )  # fmt: skip
    cause = cause_of(asked)
    exact = at_many_digits(asked) if cause.kind in ("wrong rule", "cancellation", "step too large") else None
    name = getattr(f, "__name__", type(f).__name__)
    digits = "" if exact is None else f"; at 60 digits it is {exact!r}"
    call = f"; the call: {name}({', '.join(quoted(repr(arg)) for arg in args[:3])}{', ...' * (len(args) > 3)})"
    error = GradientMismatch(f"check_grads({name}): {derivative}{digits}. {cause}{call}")
    error.cause = cause
    return error


def _flattened(f: Callable[..., Any]) -> Flat:
    """The function that returns the numbers in f's result in a list."""
    return lambda *args: numbers_in(take_apart(f(*args))[1])


def _slopes(values: Flat) -> Flat:
    """The function that returns the derivatives of each output by each argument in a list."""

    def slopes(*args: Any) -> list[Any]:
        outputs, back = vjp(values, *args)
        rows = [back([float(i == j) for j in range(len(outputs))]) for i in range(len(outputs))]
        return [d for row in rows for d in numbers_in(take_apart(row)[1])]

    return slopes


def _comparisons(
    differences: Differences, labels: list[str], direction: str, modes: Sequence[str]
) -> Iterator[Comparison]:
    """The derivative of each output in one direction, in each mode."""
    f, args, rates = differences.f, differences.form.filled(differences.point), differences.rates
    exact = {}
    if "forward" in modes:
        exact["forward"] = jvp(f, args, differences.form.filled(rates))[1]
    if "reverse" in modes:
        slopes = _slopes(f)(*args)
        exact["reverse"] = [
            _product(slopes[i : i + len(rates)], rates) for i in range(0, len(labels) * len(rates), len(rates))
        ]
    for i, label in enumerate(labels):
        for mode, derivatives in exact.items():
            where = f"{label} {'and' if label.startswith('second') else 'by'} {direction} in {mode} mode"
            yield differences.compared(i, where, derivatives[i])


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative with the error that it may have, and the slopes on either side."""

    step: float
    slope: float
    error: float
    left: float
    right: float


@dataclass(frozen=True)
class Differences:
    """The numerical derivatives of a function's outputs at a point, in a direction."""

    f: Flat
    form: Form
    point: list[float]
    rates: list[float]
    outputs: int
    tolerances: tuple[float, float]

    def compared(self, output: int, where: str, got: float) -> Comparison:
        """The derivative of an output beside the exact one; other steps are tried if the usual one does not agree."""
        rtol, atol = self.tolerances

        def compared(estimate: Estimate) -> Comparison:
            share = _share(estimate.slope, got, atol + rtol * abs(estimate.slope) + estimate.error)
            sides = usual if math.isfinite(usual.left + usual.right) else estimate
            return Comparison(where, estimate.slope, got, share, sides.left, sides.right, output, estimate.step)

        usual = self.usual[output]
        first, beside = compared(usual), compared(self.finer[output])
        return first if max(first.share, beside.share) <= 1.0 else compared(self.best[output])

    @cached_property
    def size(self) -> float:
        """The largest number that the direction changes."""
        return max(abs(x) for x, rate in zip(self.point, self.rates, strict=True) if rate)

    @cached_property
    def middle(self) -> list[float]:
        """The outputs at the point."""
        return self.values(0.0)[0]

    @cached_property
    def usual(self) -> list[Estimate]:
        """The estimates from the usual step."""
        return self.at(EPSILON ** (1 / 3) * max(1.0, self.size))

    @cached_property
    def finer(self) -> list[Estimate]:
        """The estimates from a step on the scale of 1, or as far as x has digits: waves may hide in the usual one."""
        h = max(EPSILON ** (1 / 3), 256.0 * EPSILON * self.size)
        return self.usual if self.size <= 1.0 else self.at(h)

    @cached_property
    def best(self) -> list[Estimate]:
        """The estimates with the smallest error, of two ladders of steps."""
        rungs = [
            [self.at(scale / FACTOR**k) for k in range(1, RUNGS + 1)]
            for scale in {max(1.0, self.size), min(1.0, self.size) or 1.0}
        ]
        return [_best([[at[output] for at in ladder] for ladder in rungs]) for output in range(self.outputs)]

    def at(self, h: float) -> list[Estimate]:
        """The estimates from a step, with the error that rounding makes: of the outputs, and of the arguments."""
        (below, down), (above, up) = self.values(-h), self.values(h)
        span = up - down
        rounded = EPSILON * self.size / h
        estimates = []
        for low, middle, high in zip(below, self.middle, above, strict=True):
            slope = (high - low) / span if span else math.nan
            error = 2.0 * EPSILON * max(abs(high), abs(low)) / h + rounded * abs(slope)
            estimates.append(Estimate(h, slope, error, (middle - low) / h, (high - middle) / h))
        return estimates

    @cached_property
    def is_single(self) -> bool:
        """Whether one argument moves alone: then its steps are known exactly."""
        return sum(map(bool, self.rates)) == 1

    def values(self, step: float) -> tuple[list[float], float]:
        """The outputs so far along the direction, and how far that really is."""
        moved = [x + step * rate for x, rate in zip(self.point, self.rates, strict=True)]
        try:
            with no_grad():  # Values follow IEEE arithmetic where floats raise, or become complex
                outputs = self.f(*self.form.filled(map(Value, moved)))
        except FAULTS:
            outputs = [math.nan] * self.outputs  # the function has no value there
        if self.is_single:
            step = sum((new - x) / rate for new, x, rate in zip(moved, self.point, self.rates, strict=True) if rate)
        return [y.data if type(y) is Value else float(y) for y in outputs], step


def _best(ladders: list[list[Estimate]]) -> Estimate:
    """Of two steps each an estimate without the error that goes with h*h; of these the one with the smallest error, among
    those that agree with all smaller steps. A step across a pole or many waves can look exact, and does not agree.
    """
    steps = sorted((estimate for ladder in ladders for estimate in ladder), key=lambda estimate: estimate.step)
    estimates = []
    for ladder in ladders:
        for coarse, fine in pairwise(ladder):
            slope = fine.slope + (fine.slope - coarse.slope) / (FACTOR**2 - 1.0)
            error = abs(slope - fine.slope) + fine.error
            smaller = [other for other in steps if other.step < fine.step and math.isfinite(other.slope)]
            if all(abs(slope - other.slope) <= 2.0 * (error + other.error) for other in smaller):
                estimates.append(replace(fine, slope=slope, error=error))
    return min(estimates, key=lambda estimate: math.inf if math.isnan(estimate.error) else estimate.error)


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


def _argument_names(args: Sequence[Any]) -> list[str]:
    """The name of each number: its argument's, with the place in it."""
    return [f"argument {i}{place}" for i, arg in enumerate(args) for place in take_apart(arg)[0].places()]


def _single_directions(names: list[str]) -> dict[str, list[float]]:
    return {name: [float(i == j) for j in range(len(names))] for i, name in enumerate(names)}
