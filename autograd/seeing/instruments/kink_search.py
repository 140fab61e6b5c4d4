"""kinks: where a graph stands at, or next to, a point without a derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

from ...modes import errstate
from ...reals import real
from ...value import Value
from ..formulas import definition
from ..names import names
from ..steps import a_value, below, last_adjoints, steps
from ..tables import Report, Table

NEAR = (2.0**-52) ** (1 / 3)  # the step of check_grads: what lies within it spoils a numerical derivative
BESIDE = 1e-9  # how far from a kink its slopes are taken,
SAME = 1e-6  # and how much they may differ where there is none
JUMP = 1e-3  # of a value that has a slope, too


@dataclass(frozen=True)
class Kink:
    """An argument of a node that stands at a kink, `distance` away from it, with the local slope on either side."""

    node: Value
    position: int
    distance: float
    left: float
    right: float
    used: float | None  # the partial that backward() takes
    jump: float  # of the value
    adjoint: float


@dataclass(frozen=True, eq=False)
class Kinks(Report):
    """The kinks of a graph, in the order of evaluation; empty where it is smooth."""

    root: Value
    found: tuple[Kink, ...]

    def __len__(self) -> int:
        return len(self.found)

    def _table(self) -> Table:
        """The kinks as a table."""
        blind = sum(node.op is not None and node.op.selects for node in below(self.root))
        unseen: tuple[str, ...] = (
            (f"{blind} `where` not examined: how near its condition was is not recorded",) if blind else ()
        )
        if not isfinite(self.root.data):
            unseen += (f"the result is {self.root.data}: see diagnose()",)
        if not self.found:
            return Table((), (), ("no kink found at this point or near it", *unseen))
        called = names(below(self.root), self.root)
        y = called[self.root]
        rows: list[list[str]] = []
        for kink in self.found:
            node, arg = kink.node, kink.node.args[kink.position]
            used = "none" if kink.used is None else f"{kink.used:.4g}"
            change = f"{kink.adjoint * kink.left:.4g} | {kink.adjoint * kink.right:.4g}"
            rows.append(
                [f"{called[node]} = {definition(node, called)}", f"{called.get(arg, 'x')} = {arg.data:.6g}", f"{kink.distance:.2g}",
                 f"{kink.left:.4g} | {kink.right:.4g}", used, change, f"{kink.jump:.4g}" if kink.jump else ""]
            )  # fmt: skip
        headings = ["node", "at", "distance", "slope left | right", "taken", f"d{y} by this edge, left | right", "jump"]
        if not any(kink.jump for kink in self.found):
            headings, rows = headings[:-1], [row[:-1] for row in rows]
        kinks = "1 kink" if len(rows) == 1 else f"{len(rows)} kinks"
        said = f"{kinks} at this point: a numerical derivative across one is wrong, or half right"
        return Table(headings, rows, (said,), unseen)


def kinks(root: Value, near: float = NEAR) -> Kinks:
    """Return every node at or near a point without derivative: relu and abs at 0, ties, bounds of clip, steps, infinite slopes.

    `near` is the distance, times |x| where that is above 1, up to which a point counts as near; by default the step of
    `check_grads`, so that what is listed here is what explains a numerical check that fails. Each kink comes with the slopes
    of its node from the left and from the right, what `backward()` takes, and what each makes of the result's derivative.
    `where` does not tell how near its condition was to the other answer.

    Raises TypeError if root is no Value, ValueError for a distance that is negative or nan.

    >>> from autograd import Value, kinks, relu
    >>> x = Value(0.0, "x")
    >>> found = kinks(relu(x) * 3.0).found[0]
    >>> found.left, found.right, found.used, found.adjoint
    (0.0, 1.0, 0.0, 3.0)
    """
    a_value(root, "kinks")
    if not real(near, "kinks()") >= 0.0:
        raise ValueError(f"kinks() expects a distance of at least 0, got {near!r}")
    last = last_adjoints(steps(root))
    found = []
    for node in below(root):
        if node.op is not None and node.op.kinks is not None:
            found += _of(node, node.op.kinks, near, last.get(node, 0.0))
        elif any(d is not None and abs(d) == inf for d in node.partials):
            found += _of(node, lambda *_: (0.0,), near, last.get(node, 0.0))
    return Kinks(root, tuple(found))


def _of(node: Value, gaps: Callable[..., tuple[float, ...]], near: float, adjoint: float) -> list[Kink]:
    """The kinks of one node, by each of its arguments that is a Value."""
    assert node.op is not None
    numbers = [arg.data if type(arg) is Value else arg for arg in node.args]
    values = [position for position, arg in enumerate(node.args) if type(arg) is Value]
    if not all(isfinite(numbers[position]) for position in values) or node.op.value(numbers) != node.data:
        return []  # a leaf was changed since

    found = []
    for position in values:
        x = numbers[position]
        scale = max(1.0, abs(x))
        reached = _nearest(gaps, numbers, position, near * scale, BESIDE * scale)
        if reached is None:
            continue  # this argument alone does not lead to one
        distance, spot = reached
        beside = [_moved(numbers, position, spot + side * BESIDE * scale) for side in (-1.0, 1.0)]
        (low, left), (high, right) = (_there(node, point, position) for point in beside)
        jump = (high - low) - BESIDE * scale * (left + right)
        jump = jump if abs(jump) > (JUMP if left or right else 0.0) else 0.0
        if not abs(left - right) <= SAME or jump:
            found.append(Kink(node, position, distance, left, right, node.partials[position], jump, adjoint))
    return found


def _nearest(
    gaps: Callable[..., tuple[float, ...]], numbers: list[float], position: int, most: float, beside: float
) -> tuple[float, float] | None:
    """How far it is to the nearest kink that an argument alone leads to, and where that is."""
    x, reached = numbers[position], []
    for k, gap in enumerate(gaps(*numbers)):
        if abs(gap) <= most:
            spots = [(abs(gaps(*_moved(numbers, position, spot))[k]), spot) for spot in (x, x - gap, x + gap)]
            left, spot = min(spots, key=lambda pair: pair[0])
            reached += [(abs(gap), spot)] * (left <= beside)
    return min(reached, key=lambda pair: pair[0], default=None)


def _moved(numbers: list[float], position: int, x: float) -> list[float]:
    return [x if i == position else other for i, other in enumerate(numbers)]


def _there(node: Value, point: list[float], position: int) -> tuple[float, float]:
    """The value and the slope of a node's primitive at another point."""
    assert node.op is not None
    with errstate("ignore"):
        y = node.op.value(point)
        slope = node.op.slopes(point, y, [i == position for i in range(len(point))])[position]
    return y, (slope or 0.0) + 0.0  # no -0
