"""Whole random programs: straight-line code over primitives, with shared steps and constants."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, isfinite
from typing import Any

from hypothesis import strategies as st

from ...interval import Interval, Whole
from ...modes import errstate
from ...primitive import Primitive
from ...primitives import PRIMITIVES
from ...symbols import in_brackets
from .points import numbers, primitive_of

Ref = int | float  # the place of an input or a result, or a constant
CONSTANTS = Interval(-2.0, 2.0)
INPUTS = Interval(-3.0, 3.0)
DECIMALS = 3  # of inputs and constants
ROOM = 0.01  # how far arguments stay from the ends of a domain, and from kinks
LARGEST = 1e3  # result of a step
MOST_INPUTS = 3


@dataclass(frozen=True)
class Program:
    """A straight-line program: each line applies a primitive to inputs, earlier results and constants.

    Called with as many numbers or Values as it has inputs, it returns its last result. `point` is where all its steps are inside of their
    domains, if such a point is known. `repr` is its source: Python that runs.
    """

    inputs: int
    lines: tuple[tuple[Primitive, tuple[Ref, ...]], ...]
    point: tuple[float, ...] = ()

    __name__ = "f"  # as the source calls it

    def __call__(self, *xs: Any) -> Any:
        """Run the program."""
        results = list(xs)
        for row, refs in self.lines:
            results.append(row(*(results[ref] if isinstance(ref, int) else ref for ref in refs)))
        return results[-1]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the source where hypothesis and IPython print other objects their own way."""
        for number, line in enumerate(repr(self).splitlines()):
            if number:
                printer.break_()
            printer.text(line)

    def __repr__(self) -> str:
        call = f"{self.__name__}({', '.join(map(repr, self.point))})"
        return f"{self.source}\n{call}" if self.point else self.source

    @property
    def source(self) -> str:
        """The program as a function of Python, named f."""
        names = [f"x{i}" for i in range(self.inputs)] + [f"v{i}" for i in range(len(self.lines))]

        def written(ref: Ref) -> str:
            return repr(ref) if isinstance(ref, float) else names[ref]

        homes: dict[str, set[str]] = {}
        for row, _ in self.lines:
            home, name = _home(row)
            homes.setdefault(home, set()).add(name)
        head = [
            f"from {home} import {', '.join(sorted(homes[home]))}"
            if home
            else "# not imported: " + ", ".join(sorted(homes[home]))
            for home in sorted(homes)
        ]
        head += [""] if head else []
        calls = [(row, list(map(written, refs))) for row, refs in self.lines]
        body = [
            f"    {names[self.inputs + i]} = {row.name}({', '.join(args) if row.helper else in_brackets(row, args)})"
            for i, (row, args) in enumerate(calls)
        ]
        last = names[-1] if self.lines else names[self.inputs - 1]
        signature = f"def {self.__name__}({', '.join(names[: self.inputs])}):"
        return "\n".join([*head, signature, *body, f"    return {last}"])

    def pruned(self) -> Program:
        """Return the program without the lines that its result does not need."""
        needed = {self.inputs + len(self.lines) - 1}
        for i in reversed(range(len(self.lines))):
            if self.inputs + i in needed:
                needed |= {ref for ref in self.lines[i][1] if isinstance(ref, int)}
        kept = [i for i in range(len(self.lines)) if self.inputs + i in needed]
        places = {self.inputs + i: self.inputs + new for new, i in enumerate(kept)} | {k: k for k in range(self.inputs)}
        lines = [
            (row, tuple(places[ref] if isinstance(ref, int) else ref for ref in refs))
            for row, refs in (self.lines[i] for i in kept)
        ]
        return Program(self.inputs, tuple(lines), self.point)


def _home(row: Primitive) -> tuple[str, str]:
    """The module from which a row can be imported, and what it is called there; no module where no name leads to it."""
    if PRIMITIVES.get(row.name) is row:
        return "autograd.primitives" if row.helper else "autograd", row.name
    there = vars(sys.modules.get(row.__module__, object))
    names = [name for name, thing in there.items() if thing is row]
    if not names:
        return "", row.name
    name = min(names, key=lambda name: name != row.name)
    return row.__module__, name if name == row.name else f"{name} as {row.name}"


def _with_derivatives(ops: Any, who: str) -> list[Primitive]:
    """The primitives that are meant. Raises TypeError where they are no sequence, ValueError where one is none, or none has a derivative."""
    if isinstance(ops, (str, Primitive)) or not isinstance(ops, Iterable):
        raise TypeError(f"{who} expects a list of primitives, got {ops!r:.60}")
    rows = [primitive_of(op, who) for op in ops]
    if not any(any(row.partials) for row in rows):
        raise ValueError(
            f"{who} expects at least one primitive that has a derivative, got {[row.name for row in rows]!r:.60}"
        )
    return rows


def programs(
    inputs: int = 2, max_lines: int = 12, rows: Iterable[Primitive | Callable[..., Any] | str] | None = None
) -> st.SearchStrategy[Program]:
    """Return random programs over primitives that have derivatives, or over `rows`; their results are often nan.

    `expressions` are those that stay inside of their domains.

    >>> from hypothesis import find
    >>> find(programs(inputs=1), lambda program: len(program.lines) == 2)(0.5) is not None
    True
    """
    table = (
        _with_derivatives(rows, "programs()")
        if rows is not None
        else [row for row in PRIMITIVES.values() if any(row.partials)]
    )

    @st.composite
    def program(draw: st.DrawFn) -> Program:
        lines = []
        for number in range(draw(st.integers(1, max_lines))):
            row = draw(st.sampled_from(table))
            known = st.integers(0, inputs + number - 1)
            refs = [
                draw(known if partial is not None else numbers(interval))
                for partial, interval in zip(row.partials, row.domain, strict=True)
            ]
            refs += [draw(known | numbers(CONSTANTS)) for _ in range(_count(row) - len(refs))]
            lines.append((row, tuple(refs)))
        return Program(inputs, tuple(lines))

    return program()


def expressions(
    ops: Iterable[Primitive | Callable[..., Any] | str] | None = None, max_nodes: int = 8, arity: int | None = None
) -> st.SearchStrategy[Program]:
    """Return random programs with a `point` at which each step is inside of its domain, and not next to an end or a kink.

    `ops` are primitives, the functions of `autograd`, or their names; by default all that have derivatives. They share steps, have
    constants, print as Python that runs, and shrink to the smallest that fails. `arity` is how many inputs they have: by default one to three.

    Raises ValueError for an op that is none, or where none has a derivative; TypeError where ops are no list.

    >>> from hypothesis import find
    >>> from autograd import mul, sin
    >>> find(expressions([sin, mul], arity=1), lambda f: len(f.lines) == 2 and f.lines[1][1] == (1, 1))
    from autograd import mul, sin
    <BLANKLINE>
    def f(x0):
        v0 = sin(x0)
        v1 = mul(v0, v0)
        return v1
    f(0.0)
    """
    if arity is not None and arity < 1:
        raise ValueError(f"expressions() expects an arity of at least 1, got {arity!r:.60}")
    table = _with_derivatives(ops, "expressions()") if ops is not None else [
        row for row in PRIMITIVES.values() if any(row.partials) and not row.helper
    ]  # fmt: skip

    @st.composite
    def expression(draw: st.DrawFn) -> Program:
        inputs = draw(st.integers(1, MOST_INPUTS)) if arity is None else arity
        point = [draw(_short(INPUTS)) for _ in range(inputs)]
        results, lines = list(point), []
        unused = set(range(inputs))
        for _ in range(draw(st.integers(1, max_nodes))):
            ready = [row for row in table if _fits(row, results)]
            if not ready:
                break
            row = draw(st.sampled_from(ready))
            refs = _refs(draw, row, results, unused)
            args = [results[ref] if isinstance(ref, int) else ref for ref in refs]
            with errstate("ignore"):
                y = row.value(args)
            gaps = row.kinks(*args) if row.kinks else ()
            if isfinite(y) and abs(y) <= LARGEST and all(abs(gap) > ROOM for gap in gaps):
                lines.append((row, refs))
                unused -= {ref for ref in refs if isinstance(ref, int)}
                unused.add(len(results))
                results.append(y)
        return Program(inputs, tuple(lines), tuple(point)).pruned()

    return expression()


def _count(row: Primitive) -> int:
    """How many arguments a line has."""
    return 2 * row.variadic if row.variadic else len(row.partials)


def _roomy(interval: Interval, x: float) -> bool:
    """Whether a number is well inside an interval."""
    low, high = interval
    return low + ROOM < x < high - ROOM


def _fits(row: Primitive, results: Sequence[float]) -> bool:
    """Whether some result can be an argument by which there is a derivative."""
    return any(
        _roomy(interval, x)
        for partial, interval in zip(row.partials, row.domain, strict=True) if partial is not None
        for x in results
    )  # fmt: skip


def _refs(draw: st.DrawFn, row: Primitive, results: Sequence[float], unused: set[int]) -> tuple[Ref, ...]:
    """The arguments of a line: one at least is a result, one that has not been used if there is any; the others are results or constants."""
    count = _count(row)
    domains = list(row.domain) * count if row.variadic else list(row.domain)
    partials = list(row.partials) * count if row.variadic else list(row.partials)
    refs: list[Ref] = []
    for partial, interval in zip(partials[:count], domains[:count], strict=True):
        inside = [place for place, x in enumerate(results) if _roomy(interval, x)] if partial is not None else []
        if inside and not any(isinstance(ref, int) for ref in refs):
            fresh = [place for place in inside if place in unused]
            refs.append(draw(st.sampled_from(fresh or inside)))
        else:
            shared = st.sampled_from(inside) if inside else _constants(interval)
            refs.append(draw(st.one_of(shared, shared, _constants(interval))))  # two of three are shared steps
    return tuple(refs)


@cache
def _constants(interval: Interval) -> st.SearchStrategy[float]:
    """Numbers well inside an interval."""
    if isinstance(interval, Whole):
        return numbers(interval)
    low, high = (end + sign * ROOM for end, sign in zip(interval, (1.0, -1.0), strict=True))
    return _short((low, low + 2.0) if low > -inf and high == inf else (max(low, -2.0), min(high, 2.0)))


@cache
def _short(interval: tuple[float, float]) -> st.SearchStrategy[float]:
    """Numbers of an interval with few digits: a person can read them, and nothing overflows by their size."""
    return numbers(interval).map(lambda x: round(x, DECIMALS))
