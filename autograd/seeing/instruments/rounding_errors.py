"""rounding: where the digits of a result go."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, inf, isfinite, log10, ulp
from typing import Any

from ...value import Value
from ..drawing import Drawing, annotated
from ..formulas import definition
from ..names import names
from ..steps import a_value, below, last_adjoints, steps
from ..tables import Report, Table

EPS, LEAST = 2.0**-52, 5e-324
MOST = 12  # nodes that are listed


@dataclass(frozen=True)
class Lost:
    """What the rounding of one node may do to the result: its adjoint times half a unit in the last place of its value."""

    node: Value
    adjoint: float
    error: float


@dataclass(frozen=True, eq=False)
class Rounding(Report):
    """How much of a result rounding may have changed: `lost` by each node, the largest first, and `total`, to first order.

    `ulps` is that in units in the last place of the result, `digits` how many decimal digits of it are sure, and `inputs` what half a unit
    in the last place of all leaves would change: no formula keeps more than that of numbers that were rounded before.
    """

    root: Value
    lost: tuple[Lost, ...]
    total: float
    inputs: float

    @property
    def ulps(self) -> float:
        """The total, in units in the last place of the result."""
        return self.total / ulp(self.root.data) if isfinite(self.root.data) else inf

    @property
    def digits(self) -> float:
        """How many decimal digits of the result are sure."""
        if not self.total:
            return inf
        known = self.root.data and isfinite(self.root.data) and isfinite(self.total)
        return max(0.0, log10(abs(self.root.data) / self.total)) if known else 0.0

    def draw(self, **options: Any) -> Drawing:
        """Return the picture of the graph with what the rounding of each node may change in the result, and its share.

        Takes the options of `draw`; unless asked otherwise, names and data are shown beside.

        >>> from autograd import Value, exp, rounding
        >>> rounding(exp(Value(1e-9, "x")) - 1.0).draw()
        <drawing of y: 3 Values (1 leaf, 0 parameters, 2 operations), 2 edges>
        """
        notes = {one.node: f"off {one.error:.2g}  {self._share(one)}".rstrip() for one in self.lost}
        return annotated(self.root, notes, **{"show": ("names", "data"), **options})

    def _share(self, one: Lost) -> str:
        """Which part of the total a node makes."""
        return f"{one.error / self.total:.0%}" if self.total and isfinite(self.total) else ""

    def _table(self) -> Table:
        """The nodes that lose most, as a table."""
        called = names(below(self.root), self.root)
        y = called[self.root]
        rows = [
            [f"{called[one.node]} = {definition(one.node, called)}", f"{one.node.data:.6g}", f"{one.adjoint:.4g}", f"{one.error:.2g}",
             self._share(one)]
            for one in self.lost[:MOST]
        ]  # fmt: skip
        sure = "exact" if not self.total else f"{self.digits:.1f} digits are sure"
        said = f"{y} = {self.root.data!r} may be off by {self.total:.2g} by rounding, {self.ulps:.3g} ulp: {sure}"
        more = (f"... and {len(self.lost) - MOST} nodes more",) if len(self.lost) > MOST else ()
        after = (*more, f"half an ulp of all leaves would change it by {self.inputs:.2g}")
        return Table(("node", "value", f"d{y}/d node", "may change it by", "share"), rows, (said,), after)


def rounding(root: Value) -> Rounding:
    """Return what the rounding of each node may do to the result: its adjoint times half an ulp of its value, summed over the nodes.

    This is the error to first order that a program of correctly rounded steps can have. A large share shows the step where digits go: the
    numbers before a difference of nearly equal ones, for example. What is computed without rounding, such as a product by 2, counts as well,
    so the sum is rather too large; functions count as rounded once, and sums of n terms by n units of the sum of their sizes.

    Source: Bauer, Computational graphs and rounding error, 1974.

    Raises TypeError if root is no Value.

    >>> from autograd import Value, exp, rounding
    >>> x = Value(1e-9, "x")
    >>> round(rounding(exp(x) - 1.0).digits)
    7
    """
    a_value(root, "rounding")
    last = last_adjoints(steps(root))
    parts = [Lost(node, last.get(node, 0.0), abs(last.get(node, 0.0)) * own_rounding(node)) for node in below(root)]
    made = sorted((one for one in parts if one.node.op is not None), key=lambda one: -one.error)
    given = [one.error for one in parts if one.node.op is None]
    total = _sum([one.error for one in made]) if isfinite(root.data) else inf
    return Rounding(root, tuple(made), total, _sum(given))


def own_rounding(node: Value) -> float:
    """Return what one node is rounded by: half a unit in the last place; a sum of many terms at each of them."""
    op, x = node.op, node.data
    if op is not None and op.variadic and op.products is not None:
        numbers = [arg.data if type(arg) is Value else float(arg) for arg in node.args]
        terms = op.products(numbers)
        return len(terms) * EPS * _sum([abs(a * b) for a, b in terms])
    return (max(0.5 * ulp(x), LEAST) if x or op is not None else 0.0) if isfinite(x) else inf


def _sum(errors: list[float]) -> float:
    return fsum(errors) if all(map(isfinite, errors)) else inf
