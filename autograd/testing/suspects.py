"""Each step of a graph judged alone: whether its partials are the derivatives of its value, and theirs."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from math import inf, isfinite, ulp
from typing import Any, NamedTuple

from ..modes import errstate
from ..primitive import Primitive
from ..transforms import grad
from ..trees import take_apart
from ..value import Value
from .arithmetic import Arithmetic, Number
from .differences import Differences
from .rebound import rebound
from .sharp import LEAST, LIMIT, NEAR, as_float, of_input, slope_at

ROUGH = 1e-4  # by what share a partial is off that is wrong, where only differences of floats tell
FEW_DIGITS = 1e-9  # the same where a partial is wrong, and not rounded
SURELY = 1e3  # times the error of a derivative from one side: by so much a partial is off that is wrong
STEPS = (1e-5, 1e-6)  # of differences of floats, as shares of the argument
SAME_FORMULA = 1e-15  # how far two numbers of many digits are apart that are one
WIDE = 2.0**20  # ulps by which an argument is moved to see what one changes


class Judged(NamedTuple):
    """An arithmetic that judges, how that is told, and whether None as a partial is a fault: of higher orders it may be meant."""

    m: Arithmetic
    way: str
    first: bool


def wrong_partial(node: Value, moving: Container[Any], by: Judged) -> tuple[str, str] | None:
    """Return the kind and the text where a partial of a step by a moving argument is not the derivative of its value, or has lost its digits."""
    op, args = node.op, [arg.data if type(arg) is Value else float(arg) for arg in node.args]
    assert op is not None
    wanted = [type(arg) is Value and d is not None for arg, d in zip(node.args, node.partials, strict=True)]
    with errstate("ignore"):
        slopes = op.slopes(args, node.data, wanted)
    for position, slope in enumerate(slopes):
        if node.args[position] in moving and (told := _told(op, args, node.data, position, slope, by)) is not None:
            return told
    return None


def _told(
    op: Primitive, args: list[float], y: float, position: int, slope: float | None, by: Judged
) -> tuple[str, str] | None:
    """What is wrong with one partial."""
    floats = _by_floats(op.value, args, position)
    told = f"partial {position} of {op.written(args)} is {slope!r}"
    if slope is None:
        wrong = by.first and floats is not None
        return ("wrong rule", f"{told}, and {floats:.6g} from differences") if wrong else None
    if (found := _at_digits(op, args, position, by.m)) is not None and _agree(
        as_float(found[0]), floats, _blur(op, args, position, by.m)
    ):
        units = _units(op, args, position, by.m, slope, found)
        if units <= LIMIT:
            return None
        told = f"{told}, and {as_float(found[0])!r} {by.way}"
        if not _formula_is_right(op, args, position, by.m, slope, found[0]):
            return "wrong rule", told
        return (
            "unstable rule",
            f"{told}: its formula loses digits, {units:.3g} times what float64 could have given is gone",
        )
    if floats is None:
        at_end = _at_end(op, args, position, slope)
        return ("wrong rule", f"{told}, and {at_end}") if at_end is not None else None
    # a slope that is 0 but for rounding is compared with what is usual there
    if abs(slope - floats) <= ROUGH * (abs(floats) + 1e-6 * abs(y) / (abs(args[position]) or 1.0)):
        return None
    return "wrong rule", f"{told}, and {floats!r} from differences"


def dropped_term(node: Value) -> tuple[str, str] | None:
    """Return the kind and the text where the derivative of a step's partial, as a graph gives it, is not that of its numbers."""
    op, args = node.op, [arg.data if type(arg) is Value else float(arg) for arg in node.args]
    assert op is not None
    places = [k for k, arg in enumerate(node.args) if type(arg) is Value and node.partials[k] is not None]
    for position in places:
        wanted = [k == position for k in range(len(args))]

        def partial(*xs: Any, wanted: Sequence[bool] = wanted, position: int = position) -> Any:
            return op.derived(xs, op(*xs), wanted)[position]

        for by in places:
            with errstate("ignore"):
                got = grad(partial, by)(*args)
            rough = _by_floats(lambda xs, partial=partial: partial(*xs), args, by)  # type: ignore[misc]
            if rough is not None and not abs(got - rough) <= ROUGH * abs(rough):
                right = f"{rough:.6g}"
            elif (finer := _finer(lambda *xs, partial=partial: [partial(*xs)], args, by, got)) is not None:
                right = repr(finer)
            else:
                right = ""
            if right:
                return "dropped term", (
                    f"the derivative of partial {position} of {op.written(args)} by argument {by} is {got!r}, and {right} from "
                    "differences: a part of the formula is no graph, as with .data, float() or stop_gradient()"
                )
    return None


def _finer(f: Callable[..., list[float]], args: Sequence[float], position: int, got: float) -> float | None:
    """The derivative from differences of many steps where they are alike, and clearly another than `got`; else None."""
    found = _differences(f, args, position)
    best = found.best[0]
    clear = found.steady(0) and abs(best.slope - got) > SURELY * best.error + FEW_DIGITS * abs(best.slope)
    return best.slope if clear else None


def _differences(f: Callable[..., list[float]], args: Sequence[float], position: int) -> Differences:
    form, _ = take_apart(tuple(args))
    return Differences(f, form, list(args), [float(k == position) for k in range(len(args))], 1, float)


def _agree(right: float, floats: float | None, blur: float) -> bool:
    """Whether differences, where there are any, do not speak against many digits: a loop may have ended elsewhere."""
    return floats is None or abs(right - floats) <= ROUGH * max(abs(right), abs(floats)) + blur


def _blur(op: Primitive, args: list[float], position: int, m: Arithmetic) -> float:
    """By how much differences of floats may be off, as the value itself is: what cancels within a forward is rounded, or gone."""
    off = abs(op.value(args) - as_float(m.applied(op, [m.number(x) for x in args])))
    step = STEPS[-1] * (abs(args[position]) or 1.0)
    return 4.0 * off / step if step else inf


def _moved(args: Sequence[Any], position: int, x: Any) -> list[Any]:
    return [x if k == position else arg for k, arg in enumerate(args)]


def _at_digits(op: Primitive, args: Sequence[float], position: int, m: Arithmetic) -> tuple[Any, Any] | None:
    """The derivative of a primitive by an argument from its values, with its doubt; None where it has no such values, and at a kink."""
    found = slope_at(m, op, [m.number(x) for x in args], position)
    return found if found is not None and isfinite(as_float(found[0])) else None


def _units(
    op: Primitive, args: Sequence[float], position: int, m: Arithmetic, slope: float, found: tuple[Any, Any]
) -> float:
    """How many times further off a partial is than float64 could have given: half an ulp of it, and near its zero more."""
    right, doubt = found
    if not isfinite(slope):
        return float("inf")
    off, allowed = as_float(abs(m.number(slope) - right)), 2.0 * as_float(abs(doubt)) + LEAST
    if off <= NEAR * ulp(as_float(right)) + allowed:
        return 0.0
    y = as_float(m.applied(op, [m.number(x) for x in args]))
    for k, x in enumerate(args):
        beside = _at_digits(op, _moved(args, k, x + WIDE * ulp(x)), position, m)
        bend = as_float(abs(beside[0] - right)) / (WIDE * ulp(x)) if beside is not None else 0.0
        allowed += of_input(bend, x, y)
    share = abs(op.value(args) - y) / (
        abs(y) or 1.0
    )  # what the value itself has lost, a partial made of it may lack too
    return off / (max(0.5 * ulp(as_float(right)), 2.0 * share * as_float(abs(right))) + allowed)


def _formula_is_right(
    op: Primitive, args: Sequence[float], position: int, m: Arithmetic, slope: float, right: Any
) -> bool:
    """Whether the partial's formula, computed with many digits, is the derivative."""
    try:
        numbers = [Number(m, m.number(x)) for x in args]
        y = Number(m, m.applied(op, [x.value for x in numbers]))
        if op.variadic:
            found = op.derived(numbers, y, [True] * len(numbers))[position]
        else:
            found = rebound(op.partials[position])(*numbers, y)  # type: ignore[arg-type]
        value = found.value if isinstance(found, Number) else m.number(float(found))
        return bool(abs(value - right) <= SAME_FORMULA * abs(right))
    except Exception:  # of a person's own function: what is nearly right has lost digits
        return abs(slope - as_float(right)) <= FEW_DIGITS * as_float(abs(right))


def _at_end(op: Primitive, args: Sequence[float], position: int, slope: float) -> str | None:
    """What differences say where a partial is clearly another, and there are values on one side only; None elsewhere."""
    found = _differences(lambda *xs: [op.value(list(xs))], args, position)
    best = found.best[0]
    if (
        not found.usual[0].side
        or not SURELY * best.error < abs(slope - best.slope) < inf
        or inf in map(abs, filter(None, found.endless(0)))
    ):
        return None
    return f"{best.slope:.6g} from differences to the {best.side} only"


def _by_floats(function: Callable[[list[float]], float], args: Sequence[float], position: int) -> float | None:
    """The derivative from floats: where the sides that have values agree at two steps, and rounding cannot hide it."""
    sides, x = [], args[position]
    try:
        with errstate("ignore"):
            middle = function(list(args))
            for share in STEPS:
                h = share * (abs(x) or 1.0)
                ends = [(moved, function(_moved(args, position, moved))) for moved in (x - h, x + h)]
                sides.append([(y - middle) / (moved - x) for moved, y in ends])
    except Exception:  # of a person's own function
        return None
    one = [pair for pair in zip(*sides, strict=True) if all(map(isfinite, pair))]
    slopes = [slope for pair in one for slope in pair]
    if not slopes or not min(map(abs, slopes)) * h > 1e6 * ulp(middle):
        return None
    mean = sum(slopes) / len(slopes)
    return mean if all(abs(slope - mean) <= 0.3 * ROUGH * abs(mean) for slope in slopes) else None
