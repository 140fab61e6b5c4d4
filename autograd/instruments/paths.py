"""paths: a gradient as what it is, a sum over all paths from the result to a leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf, isfinite

from .. import graph
from ..passes import a_value, evaluation_order, names
from ..report import Report, Table
from ..value import Value

LONGEST = 7  # Values of a path that are written out


@dataclass(frozen=True)
class Path:
    """One path from the result down to the leaf, with the partial along each of its edges and their product."""

    nodes: tuple[Value, ...]
    partials: tuple[float, ...]
    product: float
    share: float  # of the sum of the products' sizes


@dataclass(frozen=True)
class Paths(Report):
    """The gradient of `root` by `leaf` as a sum over paths, of which the largest are listed.

    `grad` is the sum, `size` the sum of the absolute values, `count` the number of paths; `cancelled` the share of `size`
    that cancels: 0 where all paths agree in sign, near 1 where the gradient is the small difference of large numbers.
    """

    root: Value
    leaf: Value
    grad: float
    size: float
    count: int
    largest: tuple[Path, ...]

    @property
    def cancelled(self) -> float:
        """The share of the products' sizes that cancels."""
        return 1.0 - abs(self.grad) / self.size if self.size else 0.0

    def table(self) -> Table:
        """The paths as a table."""
        called = names(evaluation_order(self.root), self.root)
        y, x = called[self.root], called[self.leaf]
        rows = [
            (_written([called[node] for node in path.nodes]), " * ".join(f"{d:.4g}" for d in _ends(path.partials)),
             f"= {path.product:.6g}", f"{path.share:.1%}")
            for path in self.largest
        ]  # fmt: skip
        some = f"; the {len(rows)} largest" if len(rows) < self.count else ""
        paths = "1 path" if self.count == 1 else f"{_short(self.count)} paths"
        total = f"d{y}/d{x} = {self.grad:.6g}, the sum over {paths}{some}"
        left = (
            ""
            if len(rows) == self.count
            else f"the others add {self.grad - sum(p.product for p in self.largest):.6g}; "
        )
        after = f"{left}{self.cancelled:.1%} of the products' sizes, {self.size:.6g} in all, cancels"
        return Table(("path", "partials", "product", "share"), rows, (total,), (after,) if self.count else ())


def paths(root: Value, leaf: Value, most: int = 10) -> Paths:
    """Return the gradient of root by leaf as a sum over paths, the largest products first.

    Each path from root down to leaf contributes the product of the partials along it; reverse mode is the way to add all
    of them without listing them. The number of paths, the sum of their sizes and the `most` largest are found without
    listing the rest, however many there are.

    Raises TypeError if either is no Value, ValueError if `leaf` is not below root or `most` not positive.

    >>> from autograd import Value, paths
    >>> x = Value(3.0, "x")
    >>> print(paths(x * x - 5.0 * x, x))
    dy/dx = 1, the sum over 3 paths
      path         partials  product  share
      y > v2 > x   -1 * 5    = -5     45.5%
      y > v1 > x   1 * 3     = 3      27.3%
      y > v1 > x   1 * 3     = 3      27.3%
    90.9% of the products' sizes, 11 in all, cancels
    """
    nodes = evaluation_order(a_value(root, "paths"))
    if leaf not in set(nodes) or type(leaf) is not Value:
        a_value(leaf, "paths")
        raise ValueError("paths() expects a Value below the result, got one that the result does not depend on")
    if type(most) is not int or most < 1:
        raise ValueError(f"paths() expects most to be a whole number above 0, got {most!r}")
    order = graph.order([root])
    ways: dict[Value, int] = {leaf: 1}
    best: dict[Value, float] = {leaf: 1.0}  # the size of the largest product from here on
    for node in nodes:
        if node is not leaf:
            edges = [(arg, d) for arg, d in order[node] if arg in ways] if node in order else []
            if edges:
                ways[node] = sum(ways[arg] for arg, _ in edges)
                best[node] = max(_size(d, best[arg]) for arg, d in edges)
    if root not in ways:
        return Paths(root, leaf, 0.0, 0.0, 0, ())
    grad = graph.adjoints(order, {root: 1.0}, order.__getitem__)[leaf]
    size = graph.adjoints(order, {root: 1.0}, lambda node: [(arg, abs(d)) for arg, d in order[node]])[leaf]
    found = [path for path, _ in zip(_in_order(root, leaf, order, best), range(most), strict=False)]
    shares = [Path(*path, abs(path[2]) / size if size and isfinite(size) else 0.0) for path in found]
    return Paths(root, leaf, grad, size, ways[root], tuple(shares))


Found = tuple[tuple[Value, ...], tuple[float, ...], float]


def _in_order(
    root: Value, leaf: Value, order: dict[Value, list[tuple[Value, float]]], best: dict[Value, float]
) -> Iterator[Found]:
    """Every path, the largest product first: best-first search, the bound being the largest product still possible."""
    number = count()  # settles ties, in the order of the arguments
    waiting: list[tuple[float, int, Value, float, tuple[object, ...]]] = [(-best[root], next(number), root, 1.0, ())]
    while waiting:
        _, _, node, product, before = heappop(waiting)
        if node is leaf:
            yield _unrolled(node, product, before)
            continue
        for arg, d in order[node]:
            if arg in best:
                so_far = product * d
                heappush(waiting, (-_size(so_far, best[arg]), next(number), arg, so_far, (node, d, before)))


def _unrolled(node: Value, product: float, before: tuple[object, ...]) -> Found:
    """A path from its links, which run upwards."""
    nodes, partials = [node], []
    while before:
        above, d, before = before  # type: ignore[assignment]
        nodes.append(above)  # type: ignore[arg-type]
        partials.append(d)
    return tuple(reversed(nodes)), tuple(reversed(partials)), product  # type: ignore[arg-type]


def _size(d: float, rest: float) -> float:
    """The size of a product; what is nan comes first, since it is what one looks for."""
    size = abs(d * rest)
    return size if size == size else inf


def _written(path: list[str]) -> str:
    if len(path) > LONGEST:
        path = [*path[:3], "...", *path[-3:]]
    return " > ".join(path)


def _ends(partials: tuple[float, ...]) -> tuple[float, ...]:
    """The partials that are not 1 where there are many."""
    if len(partials) < LONGEST:
        return partials
    return tuple(d for d in partials if d != 1.0)[: 2 * LONGEST] or (1.0,)


def _short(number: int) -> str:
    text = str(number)
    return text if len(text) < 10 else f"{text[0]}.{text[1:3]}e{len(text) - 1}"
