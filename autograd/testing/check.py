"""Numerical derivatives against exact ones, with a verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import isclose
from typing import Any

from ..errors import GradientMismatch
from ..faults import FAULTS
from ..modes import errstate, no_grad
from ..reals import quoted, real
from ..trees import Form, numbers_in, take_apart
from ..value import Value
from .comparisons import APART, Comparison, Verdict, compared, roughly, tell_apart
from .differences import Differences, Flat
from .foreign import Foreign
from .layers import ByGradient, Claimed, Direction, argument_names, directions, flattened, layers_by_rules, plain
from .remainders import missing, rate

MODES = ("forward", "reverse")
MOST_ORDERS = 3
RTOL, ATOL = 1e-6, 1e-8
MOST = 0.5  # share of a derivative by which it may be off at most, however few digits it can have
CLEARLY = 1e2  # times what is allowed: which half of a direction is wrong is told then
AGREED = 10.0  # times what is allowed: within it differences do not speak against 60 digits
LONGEST = 490  # characters of a message


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = MODES,
    directional: bool | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    gradient: Callable[..., Any] | None = None,
    kinks: bool = False,
) -> Verdict:
    """Compare the derivatives of f at args with numerical ones, and return the verdict.

    Every derivative up to `order` (1, 2 or 3), in forward and in reverse mode, is compared with

    - central differences (f(x + h) - f(x - h)) / 2h. Where the usual step does not fit the function, steps of many sizes are tried, on the
      scale of x and on that of 1, each two are extrapolated to h = 0 (Richardson 1911), and the best that agrees with all smaller ones
      counts. Where f has values on one side only, differences are taken there, and the verdict says so. Allowed is a difference of
      atol + rtol * |expected|, and the error that the estimate may have; in doubt the Taylor remainder decides.
    - the derivative at 60 digits of the recorded graph, if mpmath is installed, else a complex step. It comes from the values of
      each step, without the rules. Here no tolerance is chosen: a derivative may be off by 32 times what float64 could have given at that
      point, which is what rounding each value and each partial once would change.
    - the slopes from the left and the right: where they differ there is no derivative. With `kinks`, one that lies between the two passes.

    Up to 50 numbers, each is tried alone; of more, random directions are, and where one fails it is halved until the wrong number is
    named. `directional` says which (one random direction, the same at each call).

    `gradient` is the derivative of f that somebody else computes, called with the same arguments: it is checked in the place of ours, to
    first order, and f may be any function of numbers and arrays, also one that computes in float32: its steps are larger then. So are `from_torch(f)`, `from_jax(f)` and `from_scipy(f, jac)`.

    Raises GradientMismatch, an AssertionError, where a derivative differs: it names the argument, the numbers and where they come from, and the
    cause, as far as it can be told (its attribute `cause`).

    >>> from autograd import check_grads, sin
    >>> check_grads(lambda x1, x2: x1 * x2 + sin(x1), (2.0, 3.0)).compared
    12
    >>> check_grads(lambda x: x**3, (2.0,), gradient=lambda x: 3.0 * x**2).rate > 1.9
    True
    """
    if order not in range(1, MOST_ORDERS + 1):
        raise ValueError(f"check_grads() expects order 1, 2 or 3, got {quoted(repr(order))}")
    if isinstance(modes, str) or not modes or not set(modes) <= set(MODES):
        raise ValueError(f"check_grads() expects modes among {MODES}, got {quoted(repr(modes))}")
    if not isinstance(args, (list, tuple)):
        raise TypeError(f"check_grads() expects a tuple of f's arguments, such as (2.0,), got {type(args).__name__}")
    if isinstance(f, Foreign):
        gradient = gradient or f.gradient
    form, leaves = take_apart(tuple(args))
    point = [real(x, "check_grads()") for x in numbers_in(leaves)]
    if not point:
        raise ValueError("check_grads() expects at least one number to differentiate by, got none")
    names, values = argument_names(args), flattened(f)
    with errstate("ignore"):
        outputs = outputs_of(values, form, point) if gradient is None else outputs_of(values, form, point, float)
        if outputs == 0:
            raise ValueError("check_grads() expects a function that returns at least one number, got none")
        if gradient is None:
            layers = layers_by_rules(values, form, point, names, order, modes, outputs)
        else:
            labels = ["derivative"] if outputs == 1 else [f"derivative of output {i}" for i in range(outputs)]
            layers = [ByGradient(values, form, point, labels, gradient)]
        return Check(f, args, names, (rtol, atol), kinks).verdict(layers, directions(names, directional))


def outputs_of(values: Flat, form: Form, point: Sequence[float], lifted: Callable[[float], Any] = Value) -> int:
    """How many outputs there are at Values, as derivatives see them: a function may call their methods. One, where it has no value."""
    try:
        with no_grad():
            return len(values(*form.filled(map(lifted, point))))
    except FAULTS:
        if lifted is Value:
            raise
        return 1


class Check:
    """One call of check_grads: what it compares, until one derivative differs."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], names: list[str], tolerances: tuple[float, float], kinks: bool
    ) -> None:
        self.f, self.args, self.names, self.tolerances, self.kinks = f, args, names, tolerances, kinks

    def verdict(self, layers: Sequence[Claimed], tried: Sequence[Direction]) -> Verdict:
        """Compare all layers in all directions. Raises GradientMismatch."""
        found: list[Comparison] = []
        rates: list[float] = []
        broken: set[int] = set()  # directions in which an order has no derivative
        for layer in layers:
            judge = judge_of(layer)
            for place, direction in enumerate(tried):
                if place in broken:
                    continue
                differences = self.differences(layer, direction.rates)
                for comparison, stands_at_kink in self.comparisons(layer, judge, direction, differences):
                    found.append(comparison)
                    if stands_at_kink:
                        broken.add(place)
            if layer is layers[0]:
                claims = next(iter(layer.along(direction.rates).values()))
                rates = [rate(differences, i, claims[i]) for i in range(len(layer.labels))]
                self.asked_again(layer, found[-1], differences)
        worst = max(found, key=lambda comparison: comparison.share)
        off = [comparison.ulps for comparison in found]
        return Verdict(
            len(found), worst, math.nan if any(map(math.isnan, off)) else max(off), min(rates, default=math.inf)
        )

    def asked_again(self, layer: Claimed, comparison: Comparison, differences: Differences) -> None:
        """Ask the function, and a given gradient, a second time. Raises GradientMismatch where one answers otherwise."""
        moved = repr(differences.values(0.0)[0]) != repr(differences.middle)  # nan is nan
        if moved or (isinstance(layer, ByGradient) and repr(layer.again().rows) != repr(layer.rows)):
            raise self.mismatch(layer, comparison, differences)

    def differences(self, layer: Claimed, rates: list[float]) -> Differences:
        """The numerical derivatives of a layer in a direction."""
        return Differences(layer.f, layer.form, layer.point, rates, len(layer.labels), layer.lifted, layer.epsilon)

    def comparisons(
        self, layer: Claimed, judge: Any, direction: Direction, differences: Differences
    ) -> Iterator[tuple[Comparison, bool]]:
        """The derivative of each output in a direction from each source, with whether there is a kink. Raises GradientMismatch."""
        claims = layer.along(direction.rates)
        for output, label in enumerate(layer.labels):
            if not math.isfinite(differences.middle[output]) and layer.order > 1:
                continue  # an infinite derivative has no derivative of its own
            sides = differences.kink(output)
            for how, derivatives in claims.items():
                got = derivatives[output]
                where = f"{label} {'by' if layer.order == 1 else 'and'} {direction.name} {how}"
                comparison = self.one(layer, judge, direction.rates, differences, output, where, got)
                if not math.isfinite(differences.middle[output]):
                    raise self.mismatch(layer, comparison, differences)
                if self.kinks and sides is None and not comparison.share <= 1.0:
                    sides = differences.cusp(output)
                if sides is not None:
                    between = self.kinks and min(sides) <= got <= max(sides)
                    comparison = replace(comparison, left=sides[0], right=sides[1], share=0.0 if between else math.inf)
                if not comparison.share <= 1.0:
                    if not self.only_numerical(layer, judge, comparison, differences):
                        if direction.name not in self.names:
                            self.each_number(layer, judge)
                            self.narrowed(layer, direction, output, how, label)
                        raise self.mismatch(layer, comparison, differences)
                    assert comparison.sharp is not None
                    comparison = replace(comparison, expected=comparison.sharp, source=judge.way, share=0.0)
                    sides = None  # any kink is beside the point
                yield comparison, sides is not None
        if direction.name not in self.names:
            self.each_number(layer, judge)

    def only_numerical(self, layer: Claimed, judge: Any, comparison: Comparison, differences: Differences) -> bool:
        """Whether it is the differences that are off: they have no room, or no digits, and the derivative is the one at 60 digits."""
        from .causes import is_numerical
        from .sharp import LIMIT

        if comparison.sharp is None or comparison.source == comparison.way:
            return False
        rtol, atol = self.tolerances
        near = abs(comparison.got - comparison.sharp) <= atol + rtol * abs(comparison.sharp)
        exact = near and judge.units(comparison.output, differences.rates, comparison.got) <= LIMIT
        sure = exact or self.is_heard(comparison.got, comparison.sharp)
        return sure and is_numerical(self.question(layer, differences, comparison))

    def is_heard(self, got: float, sharp: float) -> bool:
        """Whether somebody asked for less than the usual digits, and has them."""
        rtol, atol = self.tolerances
        return (rtol > RTOL or atol > ATOL) and abs(got - sharp) <= atol + rtol * abs(sharp)

    def one(
        self,
        layer: Claimed,
        judge: Any,
        rates: list[float],
        differences: Differences,
        output: int,
        where: str,
        got: float,
    ) -> Comparison:
        """One derivative beside the numerical one, and beside that at 60 digits."""
        from .sharp import LIMIT  # needed now only: it looks at graphs

        rtol, atol = self.tolerances
        share = rtol / math.sqrt(sum(map(bool, rates)))  # of a sum of many: a single one must not hide in it
        comparison = replace(compared(differences, output, where, got, (share, atol)), origin=layer.origin)
        if judge is not None and judge.is_too_large(output, rates, got):
            return replace(comparison, share=0.0)
        right = judge.along(output, rates) if judge is not None else None
        if right is None:
            lacks = comparison.share <= 1.0 and self.lacks(differences, comparison)
            return replace(comparison, share=math.inf) if lacks else comparison
        sharp = float(right[0].real)
        comparison = replace(comparison, sharp=sharp, way=judge.way)
        if self.is_heard(got, sharp) or not comparison.share <= 1.0:
            return comparison
        far = judge.units(output, rates, got) > LIMIT
        beside = replace(comparison, share=math.inf, expected=sharp, source=judge.way)
        if far and (
            abs(sharp - comparison.expected) <= AGREED * comparison.allowed
            or tell_apart(differences, output, got, sharp)
        ):
            return beside
        # float64 could not have given better, but nothing is left of it
        useless = abs(got - sharp) > max(atol, MOST * abs(sharp))
        if (far or useless) and self.is_blind(comparison) and self.is_explained(layer, beside, differences):
            return beside
        return comparison

    def lacks(self, differences: Differences, comparison: Comparison) -> bool:
        """Whether the Taylor remainder shows for sure that a derivative is another one, be it within a tolerance that nobody asked for."""
        rtol, atol = self.tolerances
        lacking = missing(differences, comparison.output, comparison.got, comparison.step)
        return abs(lacking) > (atol if atol > ATOL else 0.0) + AGREED * rtol * abs(comparison.got)

    def is_blind(self, comparison: Comparison) -> bool:
        """Whether differences cannot tell a derivative from that at 60 digits: rounding hides it, or a kink next to the point."""
        assert comparison.sharp is not None
        apart = abs(comparison.left - comparison.right) > APART * (1.0 + abs(comparison.expected))
        return apart or abs(comparison.got - comparison.sharp) <= AGREED * comparison.allowed

    def is_explained(self, layer: Claimed, comparison: Comparison, differences: Differences) -> bool:
        """Whether a step of the graph says why a derivative is not that at 60 digits; else these are of another function."""
        from .causes import EXPLAINED, cause_of

        return cause_of(self.question(layer, differences, comparison)).kind in EXPLAINED

    def question(self, layer: Claimed, differences: Differences, comparison: Comparison) -> Any:
        """What is asked of a comparison: why it differs."""
        from .circumstances import Question  # needed now only: it looks at graphs

        return Question(layer, differences, comparison, self.names)

    def each_number(self, layer: Claimed, judge: Any) -> None:
        """Compare the derivatives by all numbers with those at 60 digits. Raises GradientMismatch."""
        from .sharp import LIMIT

        for output, row in enumerate(layer.rows if judge is not None else []):
            for place in judge.furthest(output, row):
                rates = [float(place == i) for i in range(len(row))]
                if judge.units(output, rates, row[place]) > LIMIT:
                    self.raise_for(layer, judge, Direction(self.names[place], rates))

    def narrowed(self, layer: Claimed, direction: Direction, output: int, how: str, label: str) -> None:
        """Halve a direction that fails, until one number is left. Raises GradientMismatch for that one."""
        places = [i for i, rate in enumerate(direction.rates) if rate]
        while len(places) > 1:
            half = len(places) // 2
            halves = []
            for part in (places[:half], places[half:]):
                rates = [0.0] * len(direction.rates)
                for i in part:
                    rates[i] = direction.rates[i]
                halves.append((part, layer.along(rates)[how][output], self.differences(layer, rates)))
            told: list[Any] = [
                min(one.share for one in roughly(differences, output, label, got, self.tolerances))
                for _, got, differences in halves
            ]
            if (told[0] > CLEARLY) is (told[1] > CLEARLY):  # else it is told already, and cheaply
                told = [self.badness(differences, output, label, got) for _, got, differences in halves]
            places = halves[told[1] > told[0]][0]
        rates = [float(i == places[0]) for i in range(len(direction.rates))]
        self.raise_for(layer, None, Direction(self.names[places[0]], rates))

    def badness(self, differences: Differences, output: int, label: str, got: float) -> tuple[bool, bool, float]:
        """What speaks against a derivative: a kink, a part of it that is missing, and how far it is from the best difference."""
        has_kink = differences.kink(output) is not None
        one = compared(differences, output, label, got, self.tolerances)
        return has_kink, self.lacks(differences, one), one.share

    def raise_for(self, layer: Claimed, judge: Any, direction: Direction) -> None:
        """Compare one number alone, and raise GradientMismatch where it differs."""
        list(self.comparisons(layer, judge, direction, self.differences(layer, direction.rates)))

    def mismatch(self, layer: Claimed, comparison: Comparison, differences: Differences) -> GradientMismatch:
        """The error of a derivative that differs, with its cause and with the call as code."""
        from .causes import LACKING, cause_of  # needed now only: it looks at graphs

        cause = cause_of(self.question(layer, differences, comparison))
        name = getattr(self.f, "__name__", type(self.f).__name__)
        numbers = [" ".join(quoted(repr(arg)).split()) for arg in self.args[:3]] + ["..."] * (len(self.args) > 3)
        call = f"; the call: {name}({', '.join(numbers)})"
        shown = replace(comparison, sharp=None) if cause.kind in LACKING else comparison
        told = f"check_grads({name}): {shown}. {cause}"
        error = GradientMismatch(told[:LONGEST] + call[: max(0, LONGEST - len(told))])
        error.cause = cause
        return error


def judge_of(layer: Claimed) -> Any:
    """What tells a layer's derivatives at many digits; None where its steps have no values there, or are too many.

    A function that takes floats only is tried with rows of the table in the place of math's and NumPy's functions.
    """
    from .rebound import rebound
    from .sharp import Judge

    for way in (lambda f: f, rebound):
        try:
            traced = way(layer.f)
            judge = Judge(traced, layer.form, layer.point, isinstance(layer, ByGradient))
            values = plain(layer.f(*layer.form.filled(map(layer.lifted, layer.point))))
        except Exception:  # a person's own function may raise anything of numbers that are no floats
            continue
        if all(isclose(y, float(value)) for y, value in zip(plain(judge.outputs), values, strict=True)):
            layer.traced = traced  # else it is another function
            return judge
    return None
