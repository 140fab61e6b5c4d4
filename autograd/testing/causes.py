"""Why an exact derivative and a numerical one differ: the verdict of a check that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
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
    """What is asked: a function of the arguments that returns numbers in a list, which of them, the arguments, a direction with its name, the
    exact and the numerical derivative, the slopes on both sides, and the step between them.
    """

    f: Callable[..., list[Any]]
    output: int
    filled: Callable[[Sequence[Any]], Sequence[Any]]
    point: Sequence[float]
    rates: Sequence[float]
    got: float
    left: float
    right: float
    step: float


def cause_of(asked: Question) -> Cause:
    """Return why the derivatives differ, as far as it can be told."""
    inputs, output = _recorded(asked)
    if type(output) is not Value:
        return Cause(
            "no graph", "the result does not depend on the arguments: was it computed from .data, or with float()?"
        )
    order = arguments_first([output], lambda node: [arg for arg in node.args if type(arg) is Value])
    for judge in (_stale, _rule, _domain, _branch, _cancellation, _kink):
        if (found := judge(asked, inputs, output, order)) is not None:
            return found
    return Cause(
        "no rule",
        "the rule of each step is right: is a part of the result computed from .data, or outside of the graph?",
    )


def at_many_digits(asked: Question) -> float | None:
    """Return the derivative by a difference at 60 digits of the values alone; None where a function has no such value, or mpmath is missing."""
    inputs, output = _recorded(asked)
    if type(output) is not Value:
        return None
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
    except (MissingPackage, TypeError, ValueError, ZeroDivisionError):
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
        if not all(map(isfinite, args)):
            continue
        wanted = [type(arg) is Value and d is not None for arg, d in zip(node.args, node.partials, strict=True)]
        with errstate("ignore"):
            slopes = node.op.slopes(args, node.data, wanted)
        for position, slope in enumerate(slopes):
            right, share, how = _slope(node.op, args, position, m)
            if slope is not None and right is not None and abs(slope - right) > share * (abs(right) + 1e-3):
                at = node.op.written(args)
                return Cause("wrong rule", f"partial {position} of {at} is {slope!r}, and {right!r} {how}")
    return None


def _slope(op: Primitive, args: list[float], position: int, m: Arithmetic | None) -> tuple[float | None, float, str]:
    """The derivative of a primitive by an argument from its values: at 60 digits where that is known, else from floats; the share by which
    another one may differ; and how it was found.
    """
    if m is not None:
        try:
            h = m.number(10) ** -STEP * max(1, abs(m.number(args[position])))
            ends = [
                [m.number(x) + (sign * h if k == position else 0) for k, x in enumerate(args)] for sign in (1, 0, -1)
            ]
            above, middle, below = (m.applied(op, end) for end in ends)
            sides = float((above - middle) / h), float((middle - below) / h)
            smooth = abs(sides[0] - sides[1]) <= WRONG * (abs(sides[0]) + 1.0)
            return (float((above - below) / (2 * h)) if smooth else None), WRONG, "at 60 digits"
        except (TypeError, ValueError, ZeroDivisionError):
            pass  # it has no such value
    estimates = []
    with errstate("ignore"):
        for share in (1e-5, 1e-6):
            h = share * max(1.0, abs(args[position]))
            above, below = (
                op.value([x + (sign * h if k == position else 0.0) for k, x in enumerate(args)]) for sign in (1.0, -1.0)
            )
            estimates.append((above - below) / (2.0 * h))
    agree = abs(estimates[0] - estimates[1]) <= 0.01 * ROUGH * (abs(estimates[0]) + 1e-3)
    return (estimates[0] if agree else None), ROUGH, "from differences"


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
    if not found and not apart:
        return None
    op = found[0].node.op if found else None
    where = f" of {op.name}()" if op is not None else ""
    if not apart or abs(asked.left + asked.right) * asked.step > 1e-3:
        return Cause("kink", f"the point{where} is one where its value or its slope jumps: there is no derivative")
    low, high = sorted((asked.left, asked.right))
    inside = "lies between" if low <= asked.got <= high else "lies outside"
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
    return [(node.op, [places[arg] if type(arg) is Value else None for arg in node.args]) for node in order]


def _cancellation(asked: Question, inputs: list[Value], output: Value, order: list[Value]) -> Cause | None:
    """Whether rounding within the function hides its differences."""
    lost = rounding(output)
    if any(kink.distance <= 2.0 * asked.step for kink in kinks(output).found):
        return None
    if not lost.total / asked.step > 1e-7 * (1.0 + abs(asked.got)):
        return None
    worst = lost.lost[0].node
    name = worst.op.name if worst.op is not None else ""
    return Cause(
        "cancellation",
        f"the value has only {lost.digits:.1f} sure digits, as {name}() is rounded at {worst.data:.4g}: its differences tell less than the exact derivative",
    )
