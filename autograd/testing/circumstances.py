"""What a point is like where an exact derivative and a numerical one differ: an end, a kink, a branch, or digits that are lost."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isinf, log10
from typing import Any, NamedTuple

from ..faults import FAULTS
from ..seeing.instruments import kinks, rounding
from ..seeing.steps import below, value_args
from ..value import Value
from .accumulation import SAME
from .comparisons import Comparison
from .differences import Differences
from .layers import Claimed
from .sharp import Sharp, as_float, many_digits, recorded
from .suspects import SURELY


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


def graph_at(asked: Question, point: Sequence[float]) -> Graph | None:
    """The graph of the output in question at a point; None where it depends on nothing."""
    inputs, outputs = recorded(asked.layer.traced, asked.layer.form, point)
    output = outputs[asked.output]
    return Graph(inputs, output, below(output)) if type(output) is Value else None


def endless(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether the slope grows without end, on each side that has values."""
    if (sides := asked.differences.cusp(asked.output)) is not None:
        return told_kink(*sides, asked.compared.got)
    found = [slope for slope in asked.differences.endless(asked.output) if slope is not None and isinf(slope)]
    if not found:
        return None
    return Cause(
        "infinite slope",
        f"the slope grows without end as the step shrinks: as far as floats can tell, the derivative is {found[0]!r}",
    )


def next_to_an_end(asked: Question, graph: Graph | None = None) -> Cause | None:
    """Whether the function has no value on one side."""
    usual = asked.differences.usual[asked.output]
    sides = [name for name, slope in (("left", usual.left), ("right", usual.right)) if not isfinite(slope)]
    best, compared = asked.differences.best[asked.output], asked.compared
    is_wrong = compared.sharp is None or abs(compared.got - compared.sharp) > SAME * abs(compared.sharp)
    if not sides or (is_wrong and abs(best.slope - compared.got) > SURELY * best.error):
        return None
    return Cause(
        "step too large",
        f"the function has no value a step of {asked.step:.1g} to the {' and the '.join(sides)}: the point is next to an end",
    )


def kink(asked: Question, graph: Graph) -> Cause | None:
    """Whether the slopes on both sides differ, at a point without derivative."""
    left, right, got = asked.compared.left, asked.compared.right, asked.compared.got
    found = [one for one in kinks(graph.output).found if one.distance <= 2.0 * asked.step]
    apart = abs(left - right) > 1e-2 * (1.0 + abs(left))
    noise = 10.0 * max(rounding(graph.output).total, _error(graph)[0]) / asked.step
    if not found and (not apart or abs(left - right) <= noise):
        return None
    op = found[0].node.op if found else None
    where = f" of {op.name}()" if op is not None else ""
    if not apart or abs(left + right) * asked.step > 1e-3:
        return Cause("kink", f"the point{where} is one where its value or its slope jumps: there is no derivative")
    return told_kink(left, right, got, where)


def told_kink(left: float, right: float, got: float, where: str = "") -> Cause:
    """The slopes on both sides, and where the claimed one lies."""
    low, high = sorted((left, right))
    margin = 1e-3 * (high - low) if isfinite(high - low) else 0.0
    inside = "lies between" if low - margin <= got <= high + margin else "lies outside"
    return Cause(
        "kink",
        f"the slope{where} is {left:.6g} from the left and {right:.6g} from the right; {got!r} {inside} them (Clarke's set)",
    )


def branch(asked: Question, graph: Graph | None = None, step: float | None = None) -> Cause | None:
    """Whether a step to a side runs through other steps."""
    step = asked.step if step is None else step
    known, layer = _steps(graph), asked.layer
    for sign, side in ((-1.0, "left"), (1.0, "right")):
        moved = [x + sign * step * rate for x, rate in zip(layer.point, asked.differences.rates, strict=True)]
        try:
            there = _steps(graph_at(asked, moved))
        except FAULTS:  # no value there: that is told elsewhere
            continue
        if there != known:
            return Cause(
                "branch switched", f"a step of {step:.1g} to the {side} runs through other steps of the function"
            )
    return None


def _steps(graph: Graph | None) -> list[Any]:
    """What a graph does, without its numbers: the steps, each with what it takes."""
    order = graph.order if graph is not None else []
    places = {node: place for place, node in enumerate(order)}
    return [
        (node.op and node.op.name, [places[arg] if type(arg) is Value else None for arg in node.args]) for node in order
    ]


def cancellation(asked: Question, graph: Graph) -> Cause | None:
    """Whether rounding within the function hides its differences."""
    lost, compared = rounding(graph.output), asked.compared
    off, within = _error(graph)
    total = max(lost.total, off)
    gap = max(abs(compared.expected - compared.got), abs(asked.differences.best[asked.output].slope - compared.got))
    if not 10.0 * total / compared.step > gap:
        return None
    worst = within if within is not None and off > lost.total else lost.lost[0].node
    name = worst.op.name if worst.op is not None else ""
    size = abs(graph.output.data)
    digits = max(-log10(total / size), 0.0) if size and total else 0.0
    return Cause(
        "cancellation",
        f"the value has only {digits:.1f} sure digits, as {name}() is rounded at {worst.data:.4g}: its differences tell less than the exact derivative",
    )


def _error(graph: Graph) -> tuple[float, Value | None]:
    """How far a result is from its value at many digits, and the step that is off by the largest share of its own; 0 where there are none."""
    m, _ = many_digits()
    try:
        sharp = Sharp([graph.output], m)
        off = as_float(abs(sharp.numbers[graph.output] - m.number(graph.output.data)))
        shares = [(sharp.off(node) / abs(node.data), i) for i, node in enumerate(graph.steps) if node.data]
    except Exception:  # a person's own function has no such value
        return 0.0, None
    return (off, graph.steps[max(shares)[1]]) if shares and isfinite(off) else (0.0, None)
