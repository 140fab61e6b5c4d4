"""Strategies for hypothesis: points in a primitive's domain, and whole random programs.

Needs the extra `testing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import MissingPackage
from ..interval import Interval, Whole
from ..primitive import Primitive
from ..primitives import PRIMITIVES
from ..special import INF

with MissingPackage.told("autograd.testing.strategies"):
    from hypothesis import strategies as st

SIZE = 1e3


def numbers(interval: tuple[float, float], size: float = SIZE) -> st.SearchStrategy[float]:
    """Return floats strictly inside an interval, and no larger than `size`; whole ones where the interval is for counts.

    >>> from hypothesis import find
    >>> find(numbers((0.0, 1.0)), lambda x: x > 0.25) <= 1.0
    True
    """
    low, high = interval
    if isinstance(interval, Whole):
        return st.integers(int(low), int(high)).map(float)
    return st.floats(max(low, -size), min(high, size), allow_nan=False, exclude_min=low > -INF, exclude_max=high < INF)


def points(row: Primitive, size: float = SIZE) -> st.SearchStrategy[list[float]]:
    """Return lists of arguments inside a primitive's domain.

    >>> from hypothesis import find
    >>> find(points(PRIMITIVES["log"]), lambda point: True)[0] > 0.0
    True
    """
    if row.variadic:
        columns = st.lists(numbers(row.domain[0], size), min_size=1, max_size=6)
        return columns.map(lambda xs: xs * row.variadic)
    return st.tuples(*(numbers(interval, size) for interval in row.domain)).map(list)


@dataclass(frozen=True)
class Program:
    """A straight-line program: each line applies a primitive to inputs, earlier results and constants.

    Called with as many numbers or Values as it has inputs, it returns its last result. `repr` is its source.
    """

    inputs: int
    lines: tuple[tuple[Primitive, tuple[int | float, ...]], ...]

    def __call__(self, *xs: Any) -> Any:
        """Run the program."""
        results = list(xs)
        for row, refs in self.lines:
            results.append(row(*(results[ref] if isinstance(ref, int) else ref for ref in refs)))
        return results[-1]

    def __repr__(self) -> str:
        def written(ref: int | float) -> str:
            return repr(ref) if isinstance(ref, float) else f"x{ref}" if ref < self.inputs else f"v{ref - self.inputs}"

        lines = [f"v{i} = {row.name}({', '.join(map(written, refs))})" for i, (row, refs) in enumerate(self.lines)]
        return "\n".join(lines)


def programs(
    inputs: int = 2, max_lines: int = 12, rows: Sequence[Primitive] | None = None
) -> st.SearchStrategy[Program]:
    """Return random programs over primitives that have derivatives, or over `rows`; their results are often nan.

    >>> from hypothesis import find
    >>> find(programs(inputs=1), lambda program: len(program.lines) == 2)(0.5) is not None
    True
    """
    table = list(rows) if rows is not None else [row for row in PRIMITIVES.values() if any(row.partials)]

    @st.composite
    def program(draw: st.DrawFn) -> Program:
        lines = []
        for number in range(draw(st.integers(1, max_lines))):
            row = draw(st.sampled_from(table))
            count = 2 * row.variadic if row.variadic else len(row.partials)
            known = st.integers(0, inputs + number - 1)
            refs = [
                draw(known if partial is not None else numbers(interval))
                for partial, interval in zip(row.partials, row.domain, strict=True)
            ]
            refs += [draw(known | numbers(Interval(-2.0, 2.0))) for _ in range(count - len(refs))]
            lines.append((row, tuple(refs)))
        return Program(inputs, tuple(lines))

    return program()


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["Program", "numbers", "points", "programs"]
