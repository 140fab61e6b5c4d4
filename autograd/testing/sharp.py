"""The derivative of a recorded graph at many digits, and what float64 could have given at that point.

No rule has a say in it: each step's derivative comes from its values alone, by a difference at many digits or, where mpmath is missing,
by a complex step. The chain rule does the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import fsum, inf, isfinite, isinf, ulp
from typing import Any, NamedTuple

from ..errors import MissingPackage
from ..modes import errstate
from ..primitive import Primitive
from ..seeing.instruments.rounding_errors import own_rounding
from ..seeing.steps import value_args
from ..transforms import jvp
from ..trees import Form
from ..value import Value
from ..walks import arguments_first
from .arithmetic import Arithmetic
from .arithmetics import arithmetic_of

DIGITS = 60  # that are told; three times as many are computed
MOST, MOST_ARGUMENTS = 10_000, 100  # steps that are looked at, and what one may take
LIMIT = 32.0  # how many times more than float64 could have given a rule may be off
NEAR = 8.0  # ulps that need no further look
LEAST = 1e-300  # what is smaller has not all its digits
BESIDE_ZERO = 1e-15  # of the largest term: what is promised of a derivative near its zero
LARGEST = sys.float_info.max
VAGUE = 1e-6  # share of doubt above which a derivative is not known
FURTHEST = 3  # of many numbers: how many that look wrong are looked at
BESIDE = 1e-7  # by what share arguments are moved to see how a derivative changes


def many_digits() -> tuple[Arithmetic, str]:
    """Return the arithmetic that judges, and how that is told: mpmath's, or complex numbers where that is missing."""
    try:
        return arithmetic_of("mpmath", 3 * DIGITS), f"at {DIGITS} digits"
    except MissingPackage:
        return arithmetic_of("complex", DIGITS), "by a complex step"


class Place(NamedTuple):
    """Where an argument stands."""

    at: int


class Sharp:
    """The values of a graph's nodes in another arithmetic, and of each step its derivatives from its values.

    With `of_inputs`, a derivative may be off by what half an ulp of an input makes: another formula than the graph's may round first.

    Raises TypeError, or what a person's own function raises, where a step has no value in it.
    """

    def __init__(self, roots: Sequence[Value], m: Arithmetic, of_inputs: bool = False) -> None:
        self.m, self.of_inputs = m, of_inputs
        self.order = arguments_first(roots, value_args)
        if len(self.order) > MOST:
            raise TypeError(f"a graph of {len(self.order)} nodes is not computed at many digits")
        for node in self.order:
            if len(node.args) > MOST_ARGUMENTS and node.op is not None and node.op.products is None:
                raise TypeError(f"{node.op.name}() of {len(node.args)} numbers is not computed at many digits")
        self.numbers: dict[Value, Any] = {}
        self.slopes: dict[Value, list[tuple[Value, tuple[Any, Any] | None]]] = {}
        for node in self.order:
            self.numbers[node] = m.number(node.data) if node.op is None else m.applied(node.op, self._given(node))

    def _floats(self, node: Value) -> list[Any]:
        """The arguments of a step as they were in float64."""
        return [self.m.number(arg.data if type(arg) is Value else float(arg)) for arg in node.args]

    def _given(self, node: Value) -> list[Any]:
        return [self.numbers[arg] if type(arg) is Value else self.m.number(float(arg)) for arg in node.args]

    def edges(self, node: Value) -> list[tuple[Value, tuple[Any, Any] | None]]:
        """The arguments of a node with the derivative by each, and its doubt; None at a kink."""
        if node not in self.slopes:
            slopes = self._slopes_at(node, self._given(node))
            self.slopes[node] = [(arg, slopes[position]) for position, arg in self._wanted(node)]
        return self.slopes[node]

    def _slopes_at(self, node: Value, args: list[Any]) -> dict[int, tuple[Any, Any] | None]:
        """The derivative of a step by each argument that counts, at other numbers too."""
        op, places = node.op, [position for position, _ in self._wanted(node)]
        assert op is not None
        if op.products is not None:
            named = list(map(Place, range(len(args))))
            return self._of_products(op.products(named) if op.variadic else op.products(*named), args, places)
        return {position: slope_at(self.m, op, args, position) for position in places}

    def _of_products(
        self, pairs: list[tuple[Any, Any]], args: list[Any], places: list[int]
    ) -> dict[int, tuple[Any, Any] | None]:
        """The derivatives of a sum of products, which are the other factors."""
        zero = self.m.number(0.0)
        slopes = dict.fromkeys(range(len(args)), zero)
        for pair in pairs:
            for one, other in (pair, pair[::-1]):
                if type(one) is Place:
                    slopes[one.at] += args[other.at] if type(other) is Place else self.m.number(other)
        return {position: (slopes[position], zero) for position in places}

    def _wanted(self, node: Value) -> list[tuple[int, Value]]:
        """The arguments by which there are edges."""
        edges = zip(node.args, node.partials, strict=True)
        return [(position, arg) for position, (arg, d) in enumerate(edges) if type(arg) is Value and d is not None]

    def gradient(self, root: Value) -> dict[Value, tuple[Any, Any]] | None:
        """The derivative by each node with its doubt, or None where a step on the way stands at a kink."""
        zero, known = self.m.number(0.0), self.order.index(root)
        rates: dict[Value, tuple[Any, Any]] = {root: (self.m.number(1.0), zero)}
        for node in reversed(self.order[: known + 1]):
            if node not in rates or node.op is None:
                continue
            rate, doubt = rates[node]
            for arg, slope in self.edges(node):
                if slope is None:
                    return None
                before, sum_of_doubts = rates.get(arg, (zero, zero))
                more = abs(slope[0]) * doubt + abs(rate) * slope[1]
                rates[arg] = before + rate * slope[0], sum_of_doubts + more
        return rates

    def attainable(self, root: Value, tangents: dict[Value, Any]) -> float:
        """Return what float64 could have given of the derivative of a root, as its inputs change at the rates in `tangents`.

        To first order: what each value on the way is rounded by, times the derivative of the result by it, and as large a share of each product
        of the chain rule. What a rule's formula loses inside does not count: a better formula would not.
        """
        zero = self.m.number(0.0)
        order = self.order[: self.order.index(root) + 1]
        rates = dict.fromkeys(order, zero) | tangents
        for node in order:
            if node.op is not None:
                rates[node] = sum((slope[0] * rates[arg] for arg, slope in self.edges(node) if slope), zero)
        adjoint, change = {root: self.m.number(1.0)}, {root: zero}  # of the result, and of its derivative, by each node
        errors = [0.5 * ulp(as_float(rates[root]))]
        for node in reversed(order):
            if node not in adjoint:
                continue
            bent = abs(as_float(change[node]))
            if node.op is None:
                errors.append(bent * 0.5 * ulp(node.data) if self.of_inputs else of_input(bent, node.data, root.data))
                continue
            off = max(own_rounding(node), self.off(node))
            share = max(2.0**-53, off / (abs(node.data) or 1.0))
            errors.append(bent * off)
            for (arg, slope), bend in zip(self.edges(node), self._bends(node, rates), strict=True):
                assert slope is not None  # else there is no gradient that could be off
                errors.append(share * abs(as_float(adjoint[node] * slope[0] * rates[arg])))
                change[arg] = change.get(arg, zero) + adjoint[node] * bend + change[node] * slope[0]
                adjoint[arg] = adjoint.get(arg, zero) + adjoint[node] * slope[0]
        return fsum(errors) if all(map(isfinite, errors)) else inf

    def off(self, node: Value) -> float:
        """How far the value of a step is from that at many digits of the same arguments."""
        assert node.op is not None
        return abs(as_float(self.m.applied(node.op, self._floats(node))) - node.data)

    def _bends(self, node: Value, rates: dict[Value, Any]) -> list[Any]:
        """How the derivative by each argument changes as all arguments change at their rates."""
        args, zero = self._given(node), self.m.number(0.0)
        along = [rates[arg] if type(arg) is Value else zero for arg in node.args]
        most = max((abs(rate) / (abs(x) or 1) for x, rate in zip(args, along, strict=True)), default=zero)
        if not most:
            return [zero] * len(self.edges(node))
        h = BESIDE / most
        ends = []
        for sign in (1, -1):
            moved = [x + sign * h * rate for x, rate in zip(args, along, strict=True)]
            ends.append(list(self._slopes_at(node, moved).values()))
        return [(up[0] - down[0]) / (2 * h) if up and down else zero for up, down in zip(*ends, strict=True)]


def as_float(x: Any) -> float:
    """Return a number of an arithmetic as a float: of a complex one the real part."""
    return float(x.real)


def of_input(bend: float, x: float, y: float) -> float:
    """Return what half an ulp of an input changes in a derivative, as far as that is small beside y / x: near a zero of the derivative."""
    return min(bend * 0.5 * ulp(x), BESIDE_ZERO * abs(y / x)) if x and isfinite(y) else 0.0


def slope_at(m: Arithmetic, op: Primitive | None, args: list[Any], position: int) -> tuple[Any, Any] | None:
    """Return the derivative of a primitive by an argument from its values, and its doubt; None at a kink, and next to an end."""
    assert op is not None
    try:
        found: tuple[Any, Any] | None = m.slope(lambda moved: m.applied(op, moved), args, position)
    except Exception:  # whatever a person's own function raises where it has no value
        return None
    return found


class Judge:
    """What the derivatives of a function's outputs are at many digits, and how far off float64 may be.

    Raises what a person's own function raises of Values, and TypeError for steps that no arithmetic knows.
    """

    def __init__(self, f: Callable[..., Any], form: Form, point: Sequence[float], of_inputs: bool = False) -> None:
        self.inputs, self.outputs = recorded(f, form, point)
        m, self.way = many_digits()
        self.sharp = Sharp([y for y in self.outputs if type(y) is Value], m, of_inputs)
        self.known: dict[int, list[tuple[Any, Any]] | None] = {}

    def slopes(self, output: int) -> list[tuple[Any, Any]] | None:
        """The derivatives of an output by all inputs, each with its doubt; None at a kink."""
        if output not in self.known:
            y, zero = self.outputs[output], self.sharp.m.number(0.0)
            rates = self.sharp.gradient(y) if type(y) is Value else {}
            self.known[output] = None if rates is None else [rates.get(x, (zero, zero)) for x in self.inputs]
        return self.known[output]

    def along(self, output: int, rates: Sequence[float]) -> tuple[Any, float] | None:
        """The derivative of an output in a direction with its doubt; None at a kink, and where it has no digits as a float."""
        slopes = self.slopes(output)
        if slopes is None:
            return None
        number = self.sharp.m.number
        right, doubt = number(0.0), 0.0
        for (slope, off), rate in zip(slopes, rates, strict=True):
            if rate:
                right, doubt = right + slope * number(rate), doubt + as_float(abs(off)) * abs(rate)
        known = isfinite(doubt) and doubt <= VAGUE * max(as_float(abs(right)), VAGUE) if abs(right) < LARGEST else False
        return (right, doubt) if known else None

    def is_too_large(self, output: int, rates: Sequence[float], got: float) -> bool:
        """Whether a derivative is inf, and that at many digits larger than any float."""
        if not isinf(got) or self.slopes(output) is None:
            return False
        right = sum(
            (slope * rate for (slope, _), rate in zip(self.slopes(output) or [], rates, strict=True) if rate), 0
        )
        return bool((right.real if right else 0) * (1 if got > 0 else -1) >= LARGEST)

    def _of_sum(self, output: int, rates: Sequence[float]) -> float:
        """What rounding makes of a direction's sum of many derivatives."""
        slopes = self.slopes(output) or []
        terms = [abs(as_float(slope) * rate) for (slope, _), rate in zip(slopes, rates, strict=True) if rate]
        return 2.0**-53 * len(terms) * fsum(terms) if len(terms) > 1 else 0.0

    def furthest(self, output: int, row: Sequence[float]) -> list[int]:
        """The places of the derivatives by single numbers that are furthest off in ulps, a few of them."""
        slopes = self.slopes(output) or []
        far = [
            (abs(right - got) / ulp(right), place)
            for place, ((slope, _), got) in enumerate(zip(slopes, row, strict=False))
            if not abs((right := as_float(slope)) - got) <= NEAR * ulp(right)
        ]
        return [place for _, place in sorted(far, reverse=True)[:FURTHEST]]

    def units(self, output: int, rates: Sequence[float], got: float) -> float:
        """How many times further off a derivative is than float64 could have given; 0 for a few ulps, and where nothing is known."""
        found = self.along(output, rates)
        if found is None or not isfinite(got):
            return 0.0
        right, doubt = found
        off = as_float(abs(right.real - self.sharp.m.number(got).real))
        if off <= NEAR * ulp(as_float(right)) + 2.0 * doubt + self._of_sum(output, rates) + LEAST:
            return 0.0
        number, y = self.sharp.m.number, self.outputs[output]
        along = {x: number(rate) for x, rate in zip(self.inputs, rates, strict=True)}
        return off / (self.sharp.attainable(y, along) + 2.0 * doubt + LEAST) if type(y) is Value else inf


def recorded(f: Callable[..., Any], form: Form, point: Sequence[float]) -> tuple[list[Value], list[Any]]:
    """Return the inputs of a call and its outputs, as the graph is while it is differentiated."""
    kept: list[tuple[list[Value], list[Any]]] = []

    def watched(*numbers: Any) -> Any:
        kept.append((list(numbers), list(f(*form.filled(numbers)))))
        return kept[-1][1]

    with errstate("ignore"):
        jvp(watched, list(point), [1.0] * len(point))
    return kept[0]
