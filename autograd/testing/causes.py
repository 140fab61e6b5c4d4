"""Why an exact derivative and a numerical one differ: the verdict of a check that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, ulp
from typing import Any, NamedTuple

from ..errors import MissingPackage
from ..modes import errstate
from ..primitive import Primitive
from ..seeing.instruments import kinks, rounding
from ..transforms import jvp
from ..value import Value
from ..walks import arguments_first
from .arithmetics import Arithmetic, arithmetic_of
from .evaluation import evaluate

DIGITS, STEP = 60, 20  # of mpmath; a difference has a step of 10 to the minus this
WRONG = 1e-9  # by what share a partial is off that is wrong, and not rounded
ROUGH = 1e-4  # the same where only differences of floats tell


class Cause(NamedTuple):
    """What a check that failed found: its kind, in two words, and what there is to say."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Question(NamedTuple):
    """What is asked: a function of the arguments that returns numbers in a list, which of them, the arguments, a direction, the
    numerical and the exact derivative, the slopes on both sides with their step, and the step of the derivative.
    """

    f: Callable[..., list[Any]]
    output: int
    filled: Callable[[Sequence[Any]], Sequence[Any]]
    point: Sequence[float]
    rates: Sequence[float]
    expected: float
    got: float
    left: float
    right: float
    step: float
    finest: float


def cause_of(asked: Question) -> Cause:
    """Return why the derivatives differ, as far as it can be told."""
    inputs, output = _recorded(asked)
    if type(output) is not Value:
        return Cause(
            "no graph", "the result does not depend on the arguments: was it computed from .data, or with float()?"
        )
    if not isfinite(output.data):
        return Cause("no value", f"the function is {output.data!r} at the point itself")
    order = arguments_first([output], lambda node: [arg for arg in node.args if type(arg) is Value])
    for judge in (_stale, _rule, _domain, _branch, _kink, _cancellation):
        if (found := judge(asked, inputs, output, order)) is not None:
            return found
    return Cause(
        "no rule",
        "the rule of each step is right: is a part of the result computed from .data, or outside of the graph?",
    )


def at_many_digits(asked: Question) -> float | None:
    """Return the derivative by a difference at 60 digits of the recorded graph, without its partials; None where a function has no such value, or mpmath is missing."""
    inputs, output = _recorded(asked)
    try:
        m = arithmetic_of("mpmath", DIGITS)
        h = m.number(10) ** -STEP
        ends = [
            {
                node: m.number(x) + sign * h * m.number(rate)
                for node, x, rate in zip(inputs, asked.point, asked.rates, strict=True)
            }
            for sign in (1, -1)
        ]
        above, below = (evaluate(output, m, at=end).value for end in ends)
        return float((above - below) / (2 * h))
    except Exception:  # mpmath is missing, or a person's own function has no such value
        return None


def _recorded(asked: Question) -> tuple[list[Value], Any]:
    """The inputs of a call of the function and the output in question, as the graph is while it is differentiated."""
    kept: list[Any] = []

    def watched(*numbers: Any) -> Any:
        outputs = asked.f(*asked.filled(numbers))
        kept.append((list(numbers), outputs[asked.output]))
        return [kept[-1][1]]

    with errstate("ignore"):
        jvp(watched, list(asked.point), list(asked.rates))
    return kept[0]  # type: ignore[no-any-return]


def _stale(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether a second call gives another value."""
    again = _recorded(asked)[1]
    other = again.data if type(again) is Value else float(again)
    if other == output.data or other != other:
        return None
    return Cause(
        "stale data",
        f"two calls at the same point return {output.data!r} and {other!r}: what else does the function depend on?",
    )


def _rule(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """The first step whose partial is not the derivative of its value, or whose value has lost its digits."""
    try:
        m: Arithmetic | None = arithmetic_of("mpmath", DIGITS)
    except MissingPackage:
        m = None
    for node in order:
        if node.op is None:
            continue
        args = [arg.data if type(arg) is Value else float(arg) for arg in node.args]
        wanted = [type(arg) is Value and d is not None for arg, d in zip(node.args, node.partials, strict=True)]
        with errstate("ignore"):
            slopes = node.op.slopes(args, node.data, wanted)
        for position, slope in enumerate(slopes):
            right = None if slope is None else _exact_slope(node.op, args, position, m)
            how = "at 60 digits"
            if right is None and slope is not None:
                right, how = _slope_by_floats(node.op, args, position), "from differences"
            if slope is None or right is None:
                continue
            # a slope that is 0 but for rounding is compared with what is usual there
            size = abs(right) + 1e-6 * abs(node.data) / (abs(args[position]) or 1.0)
            if not abs(slope - right) <= (WRONG if how == "at 60 digits" else ROUGH) * size:  # nan too
                return Cause(
                    "wrong rule", f"partial {position} of {node.op.written(args)} is {slope!r}, and {right!r} {how}"
                )
    return None


def _exact_slope(op: Primitive, args: list[float], position: int, m: Arithmetic | None) -> float | None:
    """The derivative of a primitive by an argument from its values at 60 digits; None where it has no such values, and at a kink."""
    if m is None:
        return None
    try:
        h = m.number(10) ** -STEP * (abs(m.number(args[position])) or 1)
        ends = [[m.number(x) + (sign * h if k == position else 0) for k, x in enumerate(args)] for sign in (1, 0, -1)]
        above, middle, below = (m.applied(op, end) for end in ends)
        sides = float((above - middle) / h), float((middle - below) / h)
    except Exception:  # of a person's own function
        return None
    return _agreed(sides, WRONG)


def _slope_by_floats(op: Primitive, args: list[float], position: int) -> float | None:
    """The same from floats: where both sides of two steps agree, and rounding cannot hide it."""
    sides, x = [], args[position]
    try:
        with errstate("ignore"):
            middle = op.value(args)
            for share in (1e-5, 1e-6):
                h = share * (abs(x) or 1.0)
                for sign in (1.0, -1.0):
                    moved = [arg + sign * h if k == position else arg for k, arg in enumerate(args)]
                    sides.append((op.value(moved) - middle) / (moved[position] - x))
                    if not abs(sides[-1]) * h > 1e6 * ulp(middle):
                        return None
    except Exception:  # of a person's own function
        return None
    return _agreed(sides, ROUGH)


def _agreed(slopes: Sequence[float], share: float) -> float | None:
    """The mean of slopes that agree."""
    mean = sum(slopes) / len(slopes)
    return mean if all(isfinite(slope) and abs(slope - mean) <= 0.3 * share * abs(mean) for slope in slopes) else None


def _domain(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether the function has no value on one side."""
    sides = [name for name, slope in (("left", asked.left), ("right", asked.right)) if not isfinite(slope)]
    if not sides or not isfinite(output.data):
        return None
    return Cause(
        "step too large",
        f"the function has no value a step of {asked.step:.1g} to the {' and the '.join(sides)}: the point is next to an end",
    )


def _kink(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether the slopes on both sides differ, at a point without derivative."""
    found = [kink for kink in kinks(output).found if kink.distance <= 2.0 * asked.step]
    apart = abs(asked.left - asked.right) > 1e-2 * (1.0 + abs(asked.left))
    noise = 10.0 * rounding(output).total / asked.step
    if not found and (not apart or abs(asked.left - asked.right) <= noise):
        return None
    op = found[0].node.op if found else None
    where = f" of {op.name}()" if op is not None else ""
    if not apart or abs(asked.left + asked.right) * asked.step > 1e-3:
        return Cause("kink", f"the point{where} is one where its value or its slope jumps: there is no derivative")
    low, high = sorted((asked.left, asked.right))
    margin = 1e-3 * (high - low)
    inside = "lies between" if low - margin <= asked.got <= high + margin else "lies outside"
    return Cause(
        "kink",
        f"the slope{where} is {asked.left:.6g} from the left and {asked.right:.6g} from the right; {asked.got!r} {inside} them (Clarke's set)",
    )


def _branch(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether a step to a side runs through other steps."""
    known = _steps(order)
    for sign, side in ((-1.0, "left"), (1.0, "right")):
        moved = [x + sign * asked.step * rate for x, rate in zip(asked.point, asked.rates, strict=True)]
        there = _recorded(asked._replace(point=moved))[1]
        others = (
            []
            if type(there) is not Value
            else arguments_first([there], lambda node: [arg for arg in node.args if type(arg) is Value])
        )
        if _steps(others) != known:
            return Cause(
                "branch switched", f"a step of {asked.step:.1g} to the {side} runs through other steps of the function"
            )
    return None


def _steps(order: list[Value]) -> list[Any]:
    """What a graph does, without its numbers: the steps, each with what it takes."""
    places = {node: place for place, node in enumerate(order)}
    return [
        (node.op and node.op.name, [places[arg] if type(arg) is Value else None for arg in node.args]) for node in order
    ]


def _cancellation(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether rounding within the function hides its differences."""
    lost = rounding(output)
    if not 10.0 * lost.total / asked.finest > abs(asked.expected - asked.got):
        return None
    worst = lost.lost[0].node
    name = worst.op.name if worst.op is not None else ""
    return Cause(
        "cancellation",
        f"the value has only {lost.digits:.1f} sure digits, as {name}() is rounded at {worst.data:.4g}: its differences tell less than the exact derivative",
    )
