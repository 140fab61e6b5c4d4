"""Why an exact derivative and a numerical one differ: the verdict of a check that failed."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isinf
from typing import Any, NamedTuple

from ..faults import FAULTS
from ..seeing.instruments import kinks, rounding
from ..seeing.steps import below, value_args
from ..value import Value
from ..walks import PLAIN, adjoints, arguments_first, tangents, users_first
from .comparisons import Comparison
from .differences import Differences
from .layers import ByGradient, ByRules, Claimed
from .sharp import many_digits, recorded
from .suspects import Judged, dropped_term, wrong_partial

NUMERICAL = ("step too large", "cancellation", "infinite slope")  # kinds that say something of the differences only
SURE = 1e3  # times its error: by so much a derivative beside an end is off that is wrong
SAME = 1e-6  # how far numbers are apart that are one, where a gradient lacks a part


class Cause(NamedTuple):
    """What a check that failed found: its kind, in two words, and what there is to say."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Question(NamedTuple):
    """What is asked: a function with the derivatives claimed of it, the numerical ones in a direction, the one that differs, and how the
    numbers are called.
    """

    layer: Claimed
    differences: Differences
    compared: Comparison
    names: Sequence[str]

    @property
    def output(self) -> int:
        """Which of the function's outputs it is."""
        return self.compared.output

    @property
    def step(self) -> float:
        """The usual step."""
        return self.differences.usual[self.output].step


class Graph(NamedTuple):
    """A call as it was recorded: the inputs, the output in question, and all steps, each after its arguments."""

    inputs: list[Value]
    output: Value
    order: list[Value]

    @property
    def steps(self) -> list[Value]:
        """The nodes that were computed."""
        return [node for node in self.order if node.op is not None]

    def moving(self, rates: Sequence[float]) -> set[Any]:
        """The nodes that depend on the inputs which a direction changes."""
        found: set[Any] = {x for x, rate in zip(self.inputs, rates, strict=True) if rate}
        for node in self.steps:
            if any(arg in found for arg in value_args(node)):
                found.add(node)
        return found


def cause_of(asked: Question) -> Cause:
    """Return why the derivatives differ, as far as it can be told."""
    value = asked.differences.middle[asked.output]
    if not isfinite(value):
        return Cause("no value", f"the function is {value!r} at the point itself")
    if isinstance(asked.layer, ByGradient):
        return _of_gradient(asked, asked.layer)
    graph = _graph(asked, asked.layer.point)
    if graph is None:
        return (
            _uneven(asked)
            or _endless(asked)
            or _branch(asked)
            or Cause(
                "no graph", "the result does not depend on the arguments: was it computed from .data, or with float()?"
            )
        )
    for judge in (_stale, _uneven, _rule, _endless, _domain, _branch, _kink, _dropped, _cancellation):
        if (found := judge(asked, graph)) is not None:
            return found
    return Cause(
        "no rule",
        "the rule of each step is right: is a part of the result computed from .data, or outside of the graph?",
    )


def _graph(asked: Question, point: Sequence[float]) -> Graph | None:
    """The graph of the output in question at a point; None where it depends on nothing."""
    inputs, outputs = recorded(asked.layer.f, asked.layer.form, point)
    output = outputs[asked.output]
    return Graph(inputs, output, below(output)) if type(output) is Value else None


def _stale(asked: Question, graph: Graph) -> Cause | None:
    """Whether a second call gives another value."""
    again = _graph(asked, asked.layer.point)
    other = again.output.data if again is not None else graph.output.data
    if other == graph.output.data or other != other:
        return None
    return Cause(
        "stale data",
        f"two calls at the same point return {graph.output.data!r} and {other!r}: what else does the function depend on?",
    )


def _rule(asked: Question, graph: Graph) -> Cause | None:
    """The first step whose partial is not the derivative of its value, or has lost its digits."""
    moving = graph.moving(asked.differences.rates)
    by = Judged(*many_digits(), asked.layer.order == 1)
    found = next((told for node in graph.steps if (told := wrong_partial(node, moving, by)) is not None), None)
    return Cause(*found) if found is not None else None


def _dropped(asked: Question, graph: Graph | None = None) -> Cause | None:
    """The first step whose second derivative lacks a part."""
    base = asked.layer.below if isinstance(asked.layer, ByRules) else None
    if base is None:
        return None
    _, outputs = recorded(base, asked.layer.form, asked.layer.point)
    nodes = arguments_first([y for y in outputs if type(y) is Value], value_args)
    found = next((told for node in nodes if node.op is not None and (told := dropped_term(node)) is not None), None)
    return Cause(*found) if found is not None else None


def _uneven(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether a mixed second derivative is another one in the other order; else, without a graph, the step that lacks a part."""
    layer, size = asked.layer, len(asked.names)
    rates = asked.differences.rates
    second = isinstance(layer, ByRules) and layer.below is not None and len(layer.labels) % size == 0
    if second and sum(map(bool, rates)) == 1:
        first, last = asked.output % size, rates.index(1.0)
        turned = layer.along([float(i == first) for i in range(size)])
        way = next(way for way in turned if asked.compared.where.endswith(way))
        other, got = turned[way][asked.output - first + last], asked.compared.got
        if first != last and not abs(other - got) <= SAME * max(abs(other), abs(got)):
            a, b = asked.names[first], asked.names[last]
            inner = _rule(asked, graph) if graph is not None else None
            return Cause(
                "not symmetric",
                f"by {a} and then {b} it is {got!r}, by {b} and then {a} {other!r}; {inner or _dropped(asked) or 'one of them lacks a part'}",
            )
    return _dropped(asked) if graph is None else None


def _endless(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether the slope grows without end, on each side that has values."""
    if (sides := asked.differences.cusp(asked.output)) is not None:
        return _told_kink(*sides, asked.compared.got)
    found = [slope for slope in asked.differences.endless(asked.output) if slope is not None and isinf(slope)]
    if not found:
        return None
    return Cause(
        "infinite slope",
        f"the slope grows without end as the step shrinks: as far as floats can tell, the derivative is {found[0]!r}",
    )


def _domain(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether the function has no value on one side."""
    usual = asked.differences.usual[asked.output]
    sides = [name for name, slope in (("left", usual.left), ("right", usual.right)) if not isfinite(slope)]
    best, compared = asked.differences.best[asked.output], asked.compared
    is_wrong = compared.sharp is None or abs(compared.got - compared.sharp) > SAME * abs(compared.sharp)
    if not sides or (is_wrong and abs(best.slope - compared.got) > SURE * best.error):
        return None
    return Cause(
        "step too large",
        f"the function has no value a step of {asked.step:.1g} to the {' and the '.join(sides)}: the point is next to an end",
    )


def _kink(asked: Question, graph: Graph) -> Cause | None:
    """Whether the slopes on both sides differ, at a point without derivative."""
    left, right, got = asked.compared.left, asked.compared.right, asked.compared.got
    found = [kink for kink in kinks(graph.output).found if kink.distance <= 2.0 * asked.step]
    apart = abs(left - right) > 1e-2 * (1.0 + abs(left))
    noise = 10.0 * rounding(graph.output).total / asked.step
    if not found and (not apart or abs(left - right) <= noise):
        return None
    op = found[0].node.op if found else None
    where = f" of {op.name}()" if op is not None else ""
    if not apart or abs(left + right) * asked.step > 1e-3:
        return Cause("kink", f"the point{where} is one where its value or its slope jumps: there is no derivative")
    return _told_kink(left, right, got, where)


def _told_kink(left: float, right: float, got: float, where: str = "") -> Cause:
    """The slopes on both sides, and where the claimed one lies."""
    low, high = sorted((left, right))
    margin = 1e-3 * (high - low) if isfinite(high - low) else 0.0
    inside = "lies between" if low - margin <= got <= high + margin else "lies outside"
    return Cause(
        "kink",
        f"the slope{where} is {left:.6g} from the left and {right:.6g} from the right; {got!r} {inside} them (Clarke's set)",
    )


def _branch(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether a step to a side runs through other steps."""
    known, layer = _steps(graph), asked.layer
    for sign, side in ((-1.0, "left"), (1.0, "right")):
        moved = [x + sign * asked.step * rate for x, rate in zip(layer.point, asked.differences.rates, strict=True)]
        try:
            there = _steps(_graph(asked, moved))
        except FAULTS:  # no value there: that is told elsewhere
            continue
        if there != known:
            return Cause(
                "branch switched", f"a step of {asked.step:.1g} to the {side} runs through other steps of the function"
            )
    return None


def _steps(graph: Graph | None) -> list[Any]:
    """What a graph does, without its numbers: the steps, each with what it takes."""
    order = graph.order if graph is not None else []
    places = {node: place for place, node in enumerate(order)}
    return [
        (node.op and node.op.name, [places[arg] if type(arg) is Value else None for arg in node.args]) for node in order
    ]


def _cancellation(asked: Question, graph: Graph) -> Cause | None:
    """Whether rounding within the function hides its differences."""
    lost = rounding(graph.output)
    if not 10.0 * lost.total / asked.compared.step > abs(asked.compared.expected - asked.compared.got):
        return None
    worst = lost.lost[0].node
    name = worst.op.name if worst.op is not None else ""
    return Cause(
        "cancellation",
        f"the value has only {lost.digits:.1f} sure digits, as {name}() is rounded at {worst.data:.4g}: its differences tell less than the exact derivative",
    )


# Of a gradient that somebody else computes


def _of_gradient(asked: Question, layer: ByGradient) -> Cause:
    """Why a given gradient and the differences of its function are apart."""
    value, compared = asked.differences.middle[asked.output], asked.compared
    if (again := asked.differences.values(0.0)[0][asked.output]) != value:
        return Cause("stale data", f"two calls at the same point return {value!r} and {again!r}")
    if (found := _repeated(asked, layer)) is not None:
        return found
    if (sides := asked.differences.kink(asked.output)) is not None:
        return _told_kink(*sides, compared.got)
    if (found := _endless(asked) or _domain(asked)) is not None:
        return found
    rate = asked.differences.rate(asked.output, compared.got)
    told = f"the Taylor remainder goes with h**{rate:.2f}, where that of a right one goes with h**2"
    return _part(asked) or Cause("wrong gradient", told if rate < 1.5 else "the function's values say otherwise")


def _repeated(asked: Question, layer: ByGradient) -> Cause | None:
    """Whether a second call of the gradient gives another one."""
    row = layer.rows[asked.output]
    again = layer.again().rows[asked.output]
    for name, one, other in zip(asked.names, row, again, strict=True):
        if one != other and one == one:
            return Cause(
                "order-dependent accumulation",
                f"two calls of the gradient at the same point return {one!r} and {other!r} for {name}: is something added up from call to call, "
                "or in an order that changes?",
            )
    return None


def _part(asked: Question) -> Cause | None:
    """Whether the gradient lacks the part of one step of the graph, or has it twice."""
    try:
        graph = _graph(asked, asked.layer.point)
    except Exception:  # a function that Values cannot go through
        return None
    if graph is None:
        return None
    walk = users_first([graph.output])
    moving = {x: rate for x, rate in zip(graph.inputs, asked.differences.rates, strict=True) if rate and x in walk}
    forward = tangents(reversed(walk), moving, walk.__getitem__, PLAIN)
    back = adjoints(walk, {graph.output: 1.0}, walk.__getitem__, PLAIN)
    users: dict[Value, int] = {}
    for node in walk:
        for arg, _ in walk[node]:
            users[arg] = users.get(arg, 0) + 1
    whole, got = asked.compared.expected, asked.compared.got
    fitting = [
        (users[arg], node, part, how)
        for node in walk
        for arg, d in walk[node]
        for sign, how in ((-1.0, "missing"), (1.0, "counted twice"))
        if abs(part := back.get(node, 0.0) * d * forward.get(arg, 0.0)) > SAME * abs(whole)
        and abs(whole + sign * part - got) <= SAME * abs(part)
    ]
    if not fitting:
        return None
    count, node, part, how = max(fitting, key=lambda one: one[0])
    assert node.op is not None
    of = f"a number that is used {count} times" if count > 1 else "its argument"
    kind = "order-dependent accumulation" if count > 1 else "wrong gradient"
    return Cause(kind, f"the part that {node.op.name}() = {node.data:.6g} hands back to {of}, {part:.6g}, is {how}")
