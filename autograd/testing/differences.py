"""Numerical derivatives: differences over steps of many sizes, from one side where there is no other, with their errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..faults import FAULTS
from ..modes import no_grad
from ..trees import Form
from ..value import Value

EPSILON, EPSILON32 = 2.0**-52, 2.0**-23  # from 1 to the next number: of float64, and of float32
BITS, BITS32, SPARE = 53, 24, 4  # of a number of either, and how many of the last may all be 0 by chance
SAMPLES = [sign * step for sign in (-1, 1) for step in (1e-3, 2e-3, 0.1, 0.2)]  # where values are looked at for it
RUNGS, FACTOR = 25, 4.0  # of a ladder of steps: how many, and how much smaller each is than the one before
CLOSER, LEVELS, FEWEST = 8.0, 25, 4  # slopes on both sides: by what their step shrinks, how often, and at least
DEEP = 8  # levels after which nothing smooth is left
SHEER = 0.8  # how much of their difference is left at each level where there is a kink
MOST_ROUNDED = 32.0  # times its last digit: as far as a value may be off by rounding, where its neighbours say so
NOISE = 1e4  # by how much a value must change to show how its slope grows
ALIKE = 0.1  # share by which slopes differ that are much the same
LEAST = 1e-290  # scale of a ladder
NEARER, FEW = 16.0, 6  # where a slope grows without end: by what the step shrinks, and rungs that tell
ENDLESS = 0.98, NEARER**0.96  # by what its growth changes at a rung: a logarithm's by 1, a jump's by NEARER
NEIGHBOURS, COUNT = 1e-2, 10  # what part of the usual step neighbours are apart, and how many there are on each side
ORDERS = (4, 5, 6)  # of differences of neighbours, which show noise and nothing else (Moré and Wild 2011)
Flat = Callable[..., list[Any]]  # a function of f's arguments that returns a list of numbers


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative with the error that it may have, and the slopes on either side.

    `side` is "left" or "right" where the function has values on that side only.
    """

    step: float
    slope: float
    error: float
    left: float
    right: float
    side: str = ""


@dataclass(frozen=True)
class Differences:
    """The numerical derivatives of a function's outputs at a point, in a direction.

    `lifted` is what the function is handed in place of a number: a Value, so that IEEE arithmetic holds, or the number itself.
    `epsilon` is the distance from 1 to the next number that the function knows: it may compute in float32.
    """

    f: Flat
    form: Form
    point: list[float]
    rates: list[float]
    outputs: int
    lifted: Callable[[float], Any] = Value
    epsilon: float = EPSILON

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
        return self.at(self.epsilon ** (1 / 3) * max(1.0, self.size))

    @cached_property
    def fine_step(self) -> float:
        """A step on the scale of 1, or as far as x has digits."""
        return max(float(self.epsilon ** (1 / 3)), 256.0 * self.epsilon * self.size)

    @cached_property
    def finer(self) -> list[Estimate]:
        """The estimates from a step on the scale of 1: waves may hide in the usual one."""
        return self.usual if self.size <= 1.0 else self.at(self.fine_step)

    @cached_property
    def best(self) -> list[Estimate]:
        """The estimates with the smallest error, of two ladders of steps."""

        def noisy(one: Estimate, i: int) -> Estimate:  # terms that cancel within f are rounded more than its value is
            noise = min(
                self.noise[i], MOST_ROUNDED * self.epsilon * abs(self.middle[i])
            )  # what is more is a jump, or a wave
            return replace(one, error=one.error + 2.0 * noise / one.step)

        rungs = [
            [self.at(scale / FACTOR**k) for k in range(1, RUNGS + 1)]
            for scale in {max(1.0, self.size), max(min(1.0, self.size), LEAST) if self.size else 1.0}
        ]
        return [_best([[noisy(at[i], i) for at in ladder] for ladder in rungs]) for i in range(self.outputs)]

    @cached_property
    def known(self) -> dict[float, list[Estimate]]:
        """The estimates from each step that was asked for."""
        return {}

    def at(self, h: float) -> list[Estimate]:
        """The estimates from a step, with the error that rounding makes: of the outputs, and of the arguments."""
        if h not in self.known:
            self.known[h] = self._at(h)
        return self.known[h]

    def _at(self, h: float) -> list[Estimate]:
        (below, down), (above, up) = self.values(-h), self.values(h)
        span = up - down
        rounded = self.epsilon * self.size / h
        estimates = []
        for i, (low, middle, high) in enumerate(zip(below, self.middle, above, strict=True)):
            left, right = (middle - low) / h, (high - middle) / h
            if math.isfinite(middle) and math.isfinite(low) != math.isfinite(high):
                slope, side = self._one_sided(i, h, low, high)
                most = 4.0 * abs(low if side == "left" else high)
            else:
                slope, side, most = (high - low) / span if span else math.nan, "", max(abs(high), abs(low))
            error = 2.0 * self.epsilon * most / h + rounded * abs(slope)
            estimates.append(Estimate(h, slope, error, left, right, side))
        return estimates

    def _one_sided(self, output: int, h: float, low: float, high: float) -> tuple[float, str]:
        """The slope from the side that has values: the derivative of the parabola through three of them."""
        sign, near = (1.0, high) if math.isfinite(high) else (-1.0, low)
        far = self.values(2.0 * sign * h)[0][output]
        return sign * (4.0 * near - 3.0 * self.middle[output] - far) / (2.0 * h), "right" if sign > 0.0 else "left"

    def kink(self, output: int) -> tuple[float, float] | None:
        """The slopes from the left and the right where they do not come together as the step gets smaller; else None.

        In a smooth function their difference shrinks with the step.
        """
        gap, sides, seen = math.nan, None, 0
        for level in range(LEVELS):
            step = self.fine_step / CLOSER ** (level if level < FEWEST else 3 + level * (level - 3) // 2)
            last = step <= (smallest := 16.0 * self.epsilon * self.size)
            step = max(step, smallest)
            one = self.at(step)[output]
            before, gap = gap, abs(one.right - one.left)
            noise = (
                20.0 * 4.0 * self.epsilon * max(abs(self.middle[output]), (self.size + step) * abs(one.slope)) / step
            )
            if not math.isfinite(gap):
                sides, seen = None, 0  # the step leaves the domain
            elif not noise < gap:
                hidden = before * SHEER <= noise or (seen >= DEEP and not self.size)  # by rounding, or as h * h is 0
                return sides if seen >= FEWEST and hidden else None
            elif seen and not SHEER * before <= gap <= before / SHEER:
                return None
            else:
                seen += 1
                sides = (one.left, one.right) if seen <= 2 else sides  # nearer ones are rounded more
            if last:
                break
        return sides if seen >= FEWEST else None

    def endless(self, output: int) -> tuple[float | None, float | None]:
        """The slopes from the left and the right, inf or -inf where they grow without end as the step shrinks; None where there are no values.

        As of sqrt(x) and x * log(x) at 0. A jump's slope grows too, but its values do not come together.
        """
        return self._growing(output, -1.0), self._growing(output, 1.0)

    def cusp(self, output: int) -> tuple[float, float] | None:
        """The slopes from the left and the right where one is infinite and the other is not, or has the other sign; else None."""
        left, right = self.endless(output)
        if left is None or right is None or left == right or (math.isfinite(left) and math.isfinite(right)):
            return None
        return left, right

    def _growing(self, output: int, sign: float) -> float | None:
        """The slope on one side: inf or -inf where it grows without end."""
        slopes: list[float] = []
        h = sign * (self.size or 1.0) / NEARER if math.isfinite(self.size) else 0.0
        least = (2.0 if self.is_single else NEARER**4) * self.epsilon * self.size or LEAST  # one step is known exactly
        while abs(h) >= NEARER * least:
            h /= NEARER
            outputs, moved = self.values(h)
            y, middle = outputs[output], self.middle[output]
            flat = abs(y - middle) <= NOISE * self.epsilon * max(abs(y), abs(middle))  # rounding has its say
            if math.isfinite(y) and not (flat and slopes):
                slopes.append((y - middle) / moved)
            if flat or _settles(slopes):
                break
        if _grows(slopes):
            return math.copysign(math.inf, slopes[-1])
        return slopes[-1] + 0.0 if slopes else None  # no -0.0: it is told

    @cached_property
    def noise(self) -> list[float]:
        """What the last digits of the outputs are off by, from their differences of high order at neighbouring points.

        Source: J. Moré and S. Wild, Estimating computational noise, 2011.
        """
        step = 32.0 * self.epsilon * (self.size or 1.0)
        columns = zip(*(self.values(k * step)[0] for k in range(-3, 4)), strict=True)
        return [_noise(list(column)) for column in columns]

    def irregular(self, output: int) -> float:
        """By how much neighbouring values differ without a rule, as far as it is the same at two distances; else 0: they are a wave, or a jump."""
        found = []
        for apart in (NEIGHBOURS, NEIGHBOURS / FACTOR):
            step = apart * self.usual[output].step
            found.append(_noise([self.values(k * step)[0][output] for k in range(-COUNT, COUNT + 1)]))
        return min(found) if max(found) <= FACTOR * min(found) else 0.0

    @cached_property
    def to_the_right(self) -> list[tuple[list[float], float]]:
        """The outputs at steps to the right, the largest first, and how far each of them really is."""
        return [self.values(max(1.0, self.size) / FACTOR**k) for k in range(2, RUNGS)]

    @cached_property
    def to_the_left(self) -> list[tuple[list[float], float]]:
        """The same to the left."""
        return [self.values(-max(1.0, self.size) / FACTOR**k) for k in range(2, RUNGS)]

    def steady(self, output: int) -> bool:
        """Whether steps about the best one give much the same slope: not so across a jump, or a pole."""
        slopes = [self.at(self.best[output].step / FACTOR**k)[output].slope for k in range(3)]
        return max(slopes) - min(slopes) <= ALIKE * max(map(abs, slopes))

    @cached_property
    def is_single(self) -> bool:
        """Whether one argument moves alone: then its steps are known exactly."""
        return sum(map(bool, self.rates)) == 1

    def values(self, step: float) -> tuple[list[float], float]:
        """The outputs so far along the direction, and how far that really is."""
        moved = [x + step * rate for x, rate in zip(self.point, self.rates, strict=True)]
        try:
            with no_grad():  # Values follow IEEE arithmetic where floats raise, or become complex
                outputs = self.f(*self.form.filled(map(self.lifted, moved)))
        except (*FAULTS, TypeError):  # a forward may be complex beside the point
            outputs = [math.nan] * self.outputs  # the function has no value there
        if self.is_single:
            step = sum((new - x) / rate for new, x, rate in zip(moved, self.point, self.rates, strict=True) if rate)
        return [y.data if type(y) is Value else math.nan if isinstance(y, complex) else float(y) for y in outputs], step


def epsilon_of(around: Differences) -> float:
    """Return the distance from 1 to the next number that a function knows: that of float32 where its values have no more bits."""
    bits = max((_bits(y) for step in SAMPLES for y in around.values(step)[0]), default=0)
    return EPSILON32 if BITS32 - SPARE <= bits <= BITS32 else EPSILON


def _bits(x: float) -> int:
    """How many bits a number has, up to the last that is 1."""
    whole = int(math.frexp(x)[0] * 2.0**BITS) if math.isfinite(x) else 0
    return BITS + 1 - (whole & -whole).bit_length() if whole else 0


def _grows(slopes: list[float]) -> bool:
    """Whether the last of some slopes grow without end: by the same power of the step, or as its logarithm."""
    grown = [after - before for before, after in pairwise(slopes)][-FEW:]
    shares = [later / before if before else 0.0 for before, later in pairwise(grown)]
    slower, faster = ENDLESS
    return len(grown) == FEW and grown[-1] * slopes[-1] > 0.0 and slower < min(shares) <= max(shares) < faster


def _settles(slopes: list[float]) -> bool:
    """Whether the last of some slopes come to an end: each differs less from the one before, by far."""
    changes = [abs(after - before) for before, after in pairwise(slopes[-4:])]
    return len(changes) == 3 and all(4.0 * later <= before for before, later in pairwise(changes))


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


def _noise(column: list[float]) -> float:
    """The noise of equally spaced values: what is left in their differences of high order, where a smooth function has none."""
    found = 0.0
    for order in range(1, max(ORDERS) + 1):
        column = [after - before for before, after in pairwise(column)]
        if order in ORDERS:
            scale = math.factorial(order) / math.sqrt(math.factorial(2 * order))
            found = max(found, scale * max(map(abs, column)))
    return found if math.isfinite(found) else 0.0
