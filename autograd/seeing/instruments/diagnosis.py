"""diagnose: where the first nan or infinity of a graph comes from, forward and backward, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, isnan

from ...value import Value
from ..formulas import definition, partial_formula
from ..names import Names, names
from ..steps import Backward, a_value, below, last_adjoints, steps
from ..tables import Report, Table
from .lines import Lines
from .mends import Place, places

LOST = 1e-9  # a relative difference from the better formula that is worth a word


@dataclass(frozen=True)
class Mend:
    """A place whose formula has a better one: its value now, and that of the better formula."""

    node: Value
    text: str
    why: str
    now: float
    then: float
    more: int = 0  # places of the same kind


@dataclass(frozen=True, eq=False)
class Diagnosis(Report):
    """What is wrong with a graph: `value`, the first Value that is not finite; `product`, the first product of the backward
    pass that is not; `mends`, formulas that have a better one. None, None and () where all is well.
    """

    root: Value
    value: Value | None
    product: Backward | None
    mends: tuple[Mend, ...]
    lines: Lines | None = None

    @property
    def healthy(self) -> bool:
        """Whether every value and every product is finite."""
        return self.value is None and self.product is None

    def _table(self) -> Table:
        """The findings, a line each."""
        called = names(below(self.root), self.root)
        said: list[tuple[str, str]] = []
        if self.value is not None:
            said += [("first value", self._made(self.value, called)), *self._line(self.value)]
        if self.product is not None:
            said += [("first product", self._multiplied(self.product, called)), *self._line(self.product.node)]
        for mend in self.mends:
            made = f"{called[mend.node]} = {definition(mend.node, called)}"
            more = f" (and {mend.more} more like it)" if mend.more else ""
            said += [("instead of", f"{made} = {mend.now:.6g}"), *self._line(mend.node)]
            said.append(("write", f"{mend.text} = {mend.then:.6g}: {mend.why}{more}"))
        if self.healthy:
            count = len(below(self.root))
            healthy = "the value and every product" if count == 1 else f"all {count} values and every product"
            known = "; digits are lost:" if said else "; no formula in it has a better one that is known here"
            return Table(("", ""), said, (f"{healthy} of the backward pass are finite{known}",))
        return Table(("", ""), said, ("not finite:",))

    def _made(self, node: Value, called: Names) -> str:
        if node.op is None:
            return f"{called[node]} = {node.data}, a leaf"
        inputs = [f"{called[arg]} = {arg.data:.6g}" for arg in dict.fromkeys(node.args) if type(arg) is Value]
        return f"{called[node]} = {definition(node, called)} = {node.data}, where {', '.join(inputs[:6])}"

    def _multiplied(self, step: Backward, called: Names) -> str:
        y, node, arg = called[self.root], called[step.node], called[step.arg]
        formula = partial_formula(step.node, step.position, called)
        numbers = f"{step.adjoint:.6g} * {step.partial:.6g} = {step.contribution:.6g}"
        made = f"{node} = {definition(step.node, called)}"
        return f"d{y}/d{arg} += d{y}/d{node} * d{node}/d{arg} = {numbers}, where {made} and d{node}/d{arg} = {formula}"

    def _line(self, node: Value) -> list[tuple[str, str]]:
        line = self.lines.of(node) if self.lines is not None else ""
        return [("made in", line)] if line else []


def diagnose(root: Value, lines: Lines | None = None) -> Diagnosis:
    """Return where the first nan or infinity below root comes from, in the values and in the backward pass.

    A gradient can be nan where every value is finite: at 0, sqrt has an infinite slope, and 0 * inf is nan. Where a part of
    the graph is a formula with a known better one, such as the log of a sum of exponentials, it is named with the number
    that it would give; so it is where all is finite and digits are lost. `lines`, of `source_lines`, adds the
    lines of the program.

    Raises TypeError if root is no Value.

    >>> from autograd import Value, diagnose, errstate, exp, log
    >>> a, b = Value(1000.0, "a"), Value(0.0, "b")
    >>> with errstate("ignore"):
    ...     print(diagnose(log(exp(a) + exp(b))))
    not finite:
      first value    v1 = exp(a) = inf, where a = 1000
      first product  dy/da += dy/dv1 * dv1/da = 0 * inf = nan, where v1 = exp(a) and dv1/da = v1
      instead of     y = log(v3) = inf
      write          logsumexp([a, b]) = 1000: exp overflows, or all of them vanish
    """
    nodes = below(a_value(root, "diagnose"))
    value = next((node for node in nodes if not isfinite(node.data)), None)
    passes = steps(root)
    products = (step for step in passes if isinstance(step, Backward))
    product = next((step for step in products if not isfinite(step.contribution)), None)
    suspects = [] if value is None else [value]
    suspects += [] if product is None else [product.node, product.arg]
    called = names(nodes, root)
    return Diagnosis(root, value, product, tuple(_mends(root, nodes, suspects, called, last_adjoints(passes))), lines)


def _mends(
    root: Value, nodes: list[Value], suspects: list[Value], called: Names, last: dict[Value, float]
) -> list[Mend]:
    """Formulas with a better one that would be finite where they are not, or keep digits that count in the result.

    Those at the suspects come first; of one kind the first is told, and how many more there are.
    """
    inside: set[Value] = set()  # of a formula that is mended already as a part of a larger one
    kinds: dict[str, list[tuple[int, Mend]]] = {}  # by kind, each with its rank
    for node in reversed(nodes):
        for place in places(node) if node not in inside else ():
            if not place.is_current():
                continue
            then, well = _better(place)
            broken = not place.nodes.isdisjoint(suspects) and well
            felt = abs(last.get(node, 0.0) * (then - node.data))
            lost = isfinite(then) and isfinite(node.data) and felt > LOST * abs(root.data)
            spoilt = well and not isfinite(node.data)
            if broken or lost or spoilt:
                inside |= place.nodes
                mend = Mend(node, place.text(called), place.rewrite.why, node.data, then)
                rank = next((i for i, suspect in enumerate(suspects) if suspect in place.nodes), len(suspects))
                kinds.setdefault(place.kind, []).insert(0, (rank, mend))
                break
    first = [(*min(mends, key=lambda ranked: ranked[0]), len(mends) - 1) for mends in kinds.values()]
    return [replace(mend, more=more) for _, mend, more in sorted(first, key=lambda ranked: ranked[0])]


def _better(place: Place) -> tuple[float, bool]:
    """The value of the better formula, and whether it is finite and has a gradient by the Values in it."""
    leaves = place.leaves()
    y = place.better(leaves)
    y.backward()
    return y.data, isfinite(y.data) and not any(isnan(leaf.grad) for leaf in leaves.values())
