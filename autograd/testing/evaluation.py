"""One graph in other arithmetics: a recorded graph run again, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..seeing.steps import below
from ..value import Value
from .arithmetic import Arithmetic, Number
from .arithmetics import arithmetic_of

SPARE, FAR, MOST = (
    20,
    400,
    2000,
)  # digits that are computed beyond those asked for, at first; then, at least; and all in all


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A graph in another arithmetic: the `value` of its root, the `gradient` by each leaf, and of each node its value and its adjoint."""

    arithmetic: str
    value: Any
    gradient: dict[Value, Any]
    values: dict[Value, Any]
    adjoints: dict[Value, Any]

    def __repr__(self) -> str:
        told = ", ".join(f"{leaf.name or 'leaf'}: {slope}" for leaf, slope in self.gradient.items())
        return f"<{self.arithmetic}: {self.value}; gradient {told}>"


def evaluate(
    root: Value, arithmetic: str | Arithmetic = "mpmath", digits: int = 60, at: Mapping[Value, Any] | None = None
) -> Evaluation:
    """Run a recorded graph again in another arithmetic, its gradient included.

    `arithmetic` is "mpmath" (so many digits), "fractions" (exact, for sums, products, quotients and whole powers), "complex", "intervals"
    (mpmath's: they hold the result for sure) or "sympy" (formulas in the names of the leaves). Leaves have the numbers that they have in
    the graph, as exact as floats are, or those in `at`, of the arithmetic. A choice that was made when the graph was recorded stands. With
    mpmath, more digits are computed 400 at least, until that changes none of those that you get; what is 0 with all of them is told as 0.

    Constants within the rules are floats: the gradients of erf and erfc have 17 digits. Raises ValueError for an arithmetic that is none, and
    for leaves that are none; TypeError for a function that the arithmetic has not.

    >>> from autograd import Value
    >>> x = Value(0.1, name="x")
    >>> result = evaluate(x * x - x, "fractions")
    >>> result.gradient[x] == 2 * result.values[x] - 1
    True
    """
    if type(root) is not Value:
        raise TypeError(f"evaluate() expects a Value, got {type(root).__name__}")
    given, order = at or {}, below(root)
    known = set(order)
    if not all(node in known and node.op is None for node in given):
        raise ValueError("evaluate() expects at= to have leaves of the graph")
    m = arithmetic_of(arithmetic, digits)
    by_name = m is not arithmetic  # one that is handed over is used as it is
    return _agreed(m, order, given, digits) if by_name and "finer" in m.more else _run(m, order, given)


def _run(m: Arithmetic, order: list[Value], given: Mapping[Value, Any]) -> Evaluation:
    """The graph in one arithmetic. Raises TypeError where its result is none of its numbers."""
    numbers: dict[Value, Any] = {}
    for node in order:
        if node.op is None:
            numbers[node] = Number(m, m.number(given[node]) if node in given else _leaf(m, node))
        else:
            numbers[node] = Number.apply(node.op, _given(m, node, numbers))
    adjoints = _pulled(m, order, numbers)
    found = Evaluation(
        m.name,
        numbers[order[-1]].value,
        {node: adjoints[node] for node in order if node.op is None},
        {node: number.value for node, number in numbers.items()},
        adjoints,
    )
    if not all(m.holds(x) for x in (found.value, *found.gradient.values())):
        raise TypeError(
            f"evaluate() has neither inf nor nan in the arithmetic {m.name}: the result, or a derivative, is none of its numbers"
        )
    return found


def _agreed(m: Arithmetic, order: list[Value], given: Mapping[Value, Any], digits: int) -> Evaluation:
    """The graph with so many digits that more do not change those that were asked for: what cancels takes some away."""
    working = digits + SPARE

    def run(working: int) -> Evaluation:
        more = m.more["finer"](working)
        more.name = m.name  # that is told where something is wrong
        return _run(more, order, given)

    found = run(working)
    most = max(MOST, 2 * working)
    while working < most:
        working = max(2 * working, FAR)
        before, found = found, run(working)
        pairs = [
            *zip(before.values.values(), found.values.values(), strict=True),
            *zip(before.adjoints.values(), found.adjoints.values(), strict=True),
        ]
        lost = any(node.data and not found.values[node] for node in order)
        if not lost and all(_is_same(one, other, digits) for one, other in pairs):
            break

    def rounded(numbers: Mapping[Value, Any]) -> dict[Value, Any]:
        return {node: +m.number(x) for node, x in numbers.items()}

    values, adjoints = rounded(found.values), rounded(found.adjoints)
    return Evaluation(m.name, values[order[-1]], {node: adjoints[node] for node in found.gradient}, values, adjoints)


def _is_same(one: Any, other: Any, digits: int) -> bool:
    """Whether two numbers have so many digits in common; nan is nan."""
    return bool(one == other or one != one or abs(one - other) <= abs(other) / 10 ** (digits + 1))


def _leaf(m: Arithmetic, node: Value) -> Any:
    """The number of a leaf: where an arithmetic has symbols, its name."""
    return m.more["symbol"](node.name) if node.name and "symbol" in m.more else m.number(node.data)


def _given(m: Arithmetic, node: Value, numbers: dict[Value, Number]) -> tuple[Number, ...]:
    """The arguments of a node as numbers of the arithmetic."""
    return tuple(numbers[arg] if type(arg) is Value else Number(m, m.number(float(arg))) for arg in node.args)


def _pulled(m: Arithmetic, order: list[Value], numbers: dict[Value, Number]) -> dict[Value, Any]:
    """The derivative of the last node by each, from the rows' own partials."""
    rates: dict[Value, Any] = {order[-1]: Number(m, m.number(1.0))}
    for node in reversed(order):
        rate = rates.setdefault(node, Number(m, m.number(0.0)))
        if node.op is None:
            continue
        args = _given(m, node, numbers)
        wanted = [type(arg) is Value and d is not None for arg, d in zip(node.args, node.partials, strict=True)]
        slopes = node.op.derived(args, numbers[node], wanted)
        for arg, slope in zip(node.args, slopes, strict=True):
            if slope is not None and not (type(slope) is float and slope == 0.0):
                rates[arg] = rates[arg] + rate * slope if arg in rates else rate * slope
    return {node: rate.value for node, rate in rates.items()}
