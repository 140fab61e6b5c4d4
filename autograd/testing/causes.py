"""Why an exact derivative and a numerical one differ: the verdict of a check that failed."""

from __future__ import annotations

from math import isfinite, ulp

from ..seeing.instruments import kinks
from ..seeing.steps import value_args
from ..value import Value
from ..walks import arguments_first
from .accumulation import ACCUMULATION, SAME, added_wrongly
from .circumstances import (
    Cause,
    Graph,
    Question,
    branch,
    cancellation,
    endless,
    graph_at,
    kink,
    next_to_an_end,
    told_kink,
)
from .layers import ByGradient, ByRules
from .remainders import missing, rate
from .sharp import many_digits, recorded
from .suspects import Judged, dropped_term, wrong_partial

NUMERICAL = ("step too large", "cancellation", "infinite slope")  # kinds that say something of the differences only
# Kinds that say something of the derivative.
EXPLAINED = ("wrong rule", "unstable rule", "cancellation", "wrong gradient")
# Kinds of a graph that lacks a part: its digits prove nothing.
LACKING = ("dropped term", "not symmetric", "no rule", "no graph")
UNSURE = ("kink", "branch switched", "no rule")  # kinds that also say so, where the point itself has no kink
NEXT = 8.0  # ulps: as near as a step can tell what is at the point itself
LITTLE = 0.01  # share of what differs: what rounding makes of differences is more than this where it may hide them


def cause_of(asked: Question) -> Cause:
    """Return why the derivatives differ, as far as it can be told."""
    value = asked.differences.middle[asked.output]
    if not isfinite(value):
        return Cause("no value", f"the function is {value!r} at the point itself")
    if isinstance(asked.layer, ByGradient):
        return _of_gradient(asked, asked.layer)
    graph = graph_at(asked, asked.layer.point)
    if graph is None:
        return (
            _uneven(asked)
            or endless(asked)
            or branch(asked)
            or Cause(
                "no graph", "the result does not depend on the arguments: was it computed from .data, or with float()?"
            )
        )
    for judge in (_stale, _uneven, _rule, _dropped, endless, next_to_an_end, branch, kink, cancellation):
        if (found := judge(asked, graph)) is not None:
            return found
    return Cause(
        "no rule",
        "no partial is seen to be wrong: is a part of the result computed from .data, or outside of the graph?",
    )


def is_numerical(asked: Question) -> bool:
    """Whether it is the differences that are off, of a derivative that is right at many digits."""
    kind = cause_of(asked).kind
    if kind in NUMERICAL:
        return True
    best = asked.differences.best[asked.output]
    clear = abs(best.slope - asked.compared.got) > 10.0 * best.error + SAME * abs(best.slope)
    return kind in UNSURE and not (clear and asked.differences.steady(asked.output)) and _is_beside(asked)


def _is_beside(asked: Question) -> bool:
    """Whether no kink and no change of branch is at the point itself."""
    graph = graph_at(asked, asked.layer.point)
    at_point = graph is not None and any(one.distance == 0.0 for one in kinks(graph.output).found)
    return not at_point and branch(asked, graph, NEXT * ulp(asked.differences.size)) is None


def _stale(asked: Question, graph: Graph) -> Cause | None:
    """Whether a second call gives another value."""
    again = graph_at(asked, asked.layer.point)
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


# Of a gradient that somebody else computes


def _of_gradient(asked: Question, layer: ByGradient) -> Cause:
    """Why a given gradient and the differences of its function are apart."""
    value, compared = asked.differences.middle[asked.output], asked.compared
    if (again := asked.differences.values(0.0)[0][asked.output]) != value:
        return Cause("stale data", f"two calls at the same point return {value!r} and {again!r}")
    if (found := _repeated(asked, layer)) is not None:
        return found
    if (sides := asked.differences.kink(asked.output)) is not None:
        return told_kink(*sides, compared.got)
    if (found := endless(asked) or next_to_an_end(asked) or _hidden(asked)) is not None:
        return found
    apart = LITTLE * abs(compared.left - compared.right)
    if (
        abs(compared.expected - compared.got)
        <= apart
        < abs(missing(asked.differences, asked.output, compared.got, compared.step))
    ):
        return told_kink(compared.left, compared.right, compared.got)
    power = rate(asked.differences, asked.output, compared.got)
    told = f"the Taylor remainder goes with h**{power:.2f}, where that of a right one goes with h**2"
    return _part(asked) or Cause("wrong gradient", told if power < 1.5 else "the function's values say otherwise")


def _hidden(asked: Question) -> Cause | None:
    """Whether rounding hides the differences of a function whose gradient is right at many digits, or whose values are irregular."""
    compared = asked.compared
    if compared.sharp is not None:
        if not abs(compared.got - compared.sharp) <= SAME * abs(compared.sharp):
            return None
        graph = graph_at(asked, asked.layer.point)
        return cancellation(asked, graph) if graph is not None else None
    noise, gap = asked.differences.irregular(asked.output), abs(compared.expected - compared.got)
    if not noise > gap * LITTLE * compared.step:
        return None
    return Cause(
        "cancellation",
        f"neighbouring values of the function differ by about {noise:.1g} without a rule: its differences tell nothing",
    )


def _repeated(asked: Question, layer: ByGradient) -> Cause | None:
    """Whether a second call of the gradient gives another one."""
    row = layer.rows[asked.output]
    again = layer.again().rows[asked.output]
    for name, one, other in zip(asked.names, row, again, strict=True):
        if one != other and one == one:
            return Cause(
                ACCUMULATION,
                f"two calls of the gradient at the same point return {one!r} and {other!r} for {name}: is something added up from call to call, "
                "or in an order that changes?",
            )
    return None


def _part(asked: Question) -> Cause | None:
    """Whether the gradient adds up wrongly what the steps of the graph hand back."""
    try:
        graph = graph_at(asked, asked.layer.point)
    except Exception:  # a function that Values cannot go through
        return None
    if graph is None:
        return None
    compared = asked.compared
    found = added_wrongly(graph.inputs, graph.output, asked.differences.rates, compared.expected, compared.got)
    return Cause(*found) if found is not None else None
