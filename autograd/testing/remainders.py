"""The Taylor remainder f(x + h) - f(x) - h * d: it shrinks with h**2 where d is the derivative, and with h where it is not."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median

from .differences import Differences

CLEAR = 30.0  # by how much a remainder must be above rounding to tell a rate
BETWEEN, STEADY = (1.25, 1.75), 0.1  # rates of a function like x**1.5 at 0, if they are the same at three steps
FIRST = 0.03  # how far rates may be from 1 where a part of the derivative is missing for sure
LAST = 3  # rates that are looked at: those of the smallest steps
MUCH = 0.25  # of the difference of two derivatives: what less than this is left of the remainder speaks for one


def remainders(differences: Differences, output: int, got: float) -> list[tuple[float, float]]:
    """Return the steps with their remainders, where these are clearly more than rounding, the largest first; a remainder has its sign."""
    middle, epsilon, size, told = differences.middle[output], differences.epsilon, differences.size, []
    noise = max(differences.noise[output], epsilon * abs(middle))
    right = math.isfinite(differences.usual[output].right)
    for outputs, moved in differences.to_the_right if right else differences.to_the_left:
        remainder = outputs[output] - middle - moved * got
        rounded = noise + epsilon * (abs(outputs[output]) + abs(got) * (size + abs(moved)))
        if CLEAR * rounded < abs(remainder) < math.inf:
            told.append((moved, remainder))
    return told


def rate(differences: Differences, output: int, got: float) -> float:
    """Return the power of the step with which the remainder shrinks: 2 or more where `got` is the derivative, 1 where it is not.

    inf where nothing but rounding is left, as of a straight line with its slope.
    """
    rates = _rates(remainders(differences, output, got))
    return median(rates) if rates else math.inf


def missing(differences: Differences, output: int, got: float, step: float) -> float:
    """Return what `got` lacks of the derivative for sure, as its remainder shrinks with the step itself; else 0.

    A slope on one side that a difference of this `step` has must be what is missing: larger steps may all be too large.
    """
    told = remainders(differences, output, got)
    rates = _rates(told)
    if len(rates) < LAST or max(abs(rate - 1.0) for rate in rates) > FIRST:
        return 0.0
    moved, remainder = told[-1]
    lacking, near = remainder / moved, differences.at(step)[output]
    if near.left == near.right == 0.0:  # a step so small that rounding hides it
        near = differences.usual[output]
    seen = near.right if moved > 0.0 else near.left
    return lacking if abs(seen - got - lacking) <= MUCH * abs(lacking) else 0.0


def slope_instead(differences: Differences, output: int, expected: float, got: float) -> float | None:
    """Return the slope that the smallest step with a clear remainder has, where it shows that `expected` is further off than `got`; else None."""
    told = remainders(differences, output, got)
    if not told:
        return None
    step, remainder = told[-1]
    gap, left, rates = abs(step * (expected - got)), abs(remainder), _rates(told)
    low, high = BETWEEN
    steady = len(rates) == LAST and low < min(rates) <= max(rates) < high and max(rates) - min(rates) < STEADY
    shrinks = not rates or median(rates) > low  # else nothing is shown: neither is the derivative
    shown = (shrinks and left < MUCH * gap) or (steady and gap <= left)
    return got + remainder / step if shown else None


def _rates(told: list[tuple[float, float]]) -> list[float]:
    """The power of the step with which remainders shrink from each to the next, of the smallest steps."""
    sizes = [(abs(step), abs(remainder)) for step, remainder in told]
    return [math.log(one / other) / math.log(h / smaller) for (h, one), (smaller, other) in pairwise(sizes)][-LAST:]
