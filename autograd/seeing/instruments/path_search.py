"""paths: a gradient as what it is, a sum over all paths from the result to a leaf."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from math import floor, inf, isfinite, log, log10
from typing import NamedTuple

from ...value import Value
from ...walks import PLAIN, adjoints, users_first
from ..names import find, names
from ..steps import a_value, below, sizes
from ..tables import Report, Table

LONGEST = 7  # Values of a path that are written out


@dataclass(frozen=True)
class Path:
    """One path from the result down to the leaf, with the partial along each of its edges and their product."""

    nodes: tuple[Value, ...]
    partials: tuple[float, ...]
    product: float
    share: float  # of the sum of the products' sizes


@dataclass(frozen=True, eq=False)
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

    def _table(self) -> Table:
        """The paths as a table."""
        called = names(below(self.root), self.root)
        y, x = called[self.root], called[self.leaf]
        rows = [
            (_written([called[node] for node in path.nodes], " > "), _written([f"{d:.4g}" for d in path.partials], " * "),
             f"= {path.product:.6g}", f"{path.share:.1%}" if isfinite(self.size) else "-")
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
        after = f"{left}the sizes of the products add up to {self.size:.6g}, of which {self.cancelled:.1%} cancels"
        heads = ("path", "partials", "product", "share")
        return Table(heads, rows, (total,), (after,) if self.count and isfinite(self.size) else ())


def paths(root: Value, leaf: Value | str, most: int = 10) -> Paths:
    """Return the gradient of root by a leaf, or any Value below it, given itself or by its name, as a sum over paths.

    Each path from root down to leaf contributes the product of the partials along it; reverse mode is the way to add all
    of them without listing them. The number of paths, the sum of their sizes and the `most` largest are found without
    listing the rest, however many there are: each node keeps the largest tails of its arguments (dynamic programming).

    Raises TypeError if either is no Value, ValueError if `leaf` is not below root or `most` not positive.

    >>> from autograd import Value, paths
    >>> x = Value(3.0, "x")
    >>> print(paths(x * x - 5.0 * x, x))
    dy/dx = 1, the sum over 3 paths
      path        partials  product  share
      y > v2 > x  -1 * 5    = -5     45.5%
      y > v1 > x  1 * 3     = 3      27.3%
      y > v1 > x  1 * 3     = 3      27.3%
    the sizes of the products add up to 11, of which 90.9% cancels
    """
    nodes = below(a_value(root, "paths"))
    if isinstance(leaf, str):
        leaf = find(leaf, nodes, root, "paths", "Value")
    if a_value(leaf, "paths") not in set(nodes):
        raise ValueError("paths() expects a Value below the result, got one that the result does not depend on")
    if type(most) is not int or most < 1:
        raise ValueError(f"paths() expects most to be a whole number above 0, got {most!r}")
    order = users_first([root])
    ways: dict[Value, int] = {leaf: 1}
    best: dict[Value, list[Tail]] = {leaf: [Tail(0.0, None, 0.0, 0)]}
    for node in nodes:
        edges = [(arg, d) for arg, d in order.get(node, ()) if arg in ways] if node is not leaf else []
        if edges:
            ways[node] = sum(ways[arg] for arg, _ in edges)
            longer = (Tail(_size(d, tail), arg, d, i) for arg, d in edges for i, tail in enumerate(best[arg]))
            best[node] = nlargest(most, longer, key=lambda tail: tail.size)
    if root not in ways:
        return Paths(root, leaf, 0.0, 0.0, 0, ())
    grad = adjoints(order, {root: 1.0}, order.__getitem__, PLAIN)[leaf]
    size = sizes(order, root)[leaf]
    return Paths(root, leaf, grad, size, ways[root], tuple(_path(root, i, best, size) for i in range(len(best[root]))))


class Tail(NamedTuple):
    """The rest of a path: the logarithm of its size, its first edge, and which of the tails from there goes on."""

    size: float
    arg: Value | None
    partial: float
    rank: int


def _size(d: float, tail: Tail) -> float:
    """The logarithm of a product's size; what is nan comes first, since it is what one looks for."""
    size = (log(abs(d)) if d else -inf) + tail.size
    return size if size == size else inf


def _path(root: Value, rank: int, best: dict[Value, list[Tail]], whole: float) -> Path:
    nodes, partials, product = [root], [], 1.0
    tail = best[root][rank]
    while tail.arg is not None:
        nodes.append(tail.arg)
        partials.append(tail.partial)
        product *= tail.partial
        tail = best[tail.arg][tail.rank]
    return Path(tuple(nodes), tuple(partials), product, abs(product) / whole if whole and isfinite(whole) else 0.0)


def _written(parts: list[str], between: str) -> str:
    return between.join(parts if len(parts) <= LONGEST else [*parts[:3], "...", *parts[-3:]])


def _short(number: int) -> str:
    """A whole number, or of a very large one its beginning and its power of 10."""
    if number < 10**9:
        return str(number)
    exponent = floor(log10(number))
    return f"about 10^{exponent}" if exponent > 300 else f"{float(number):.3g}"
