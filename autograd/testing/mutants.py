"""Rules broken on purpose, one partial at a time: would the tests notice?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..compiling.compiled import traced_anew
from ..modes import UNUSUAL
from ..primitive import Partial, Primitive
from ..primitives import DETACHED
from ..symbols import Symbol

SLIGHT = 1.0 + 1e-6


def _each(change: Callable[[Any], Any]) -> Callable[..., Partial]:
    """A change of the slope that a partial returns, or of each of a sequence."""

    def of(row: Primitive, position: int, partial: Partial) -> Partial:
        if row.variadic:
            return lambda xs, y: [change(d) for d in partial(xs, y)]
        return lambda *numbers: change(partial(*numbers))

    return of


def _wrong_argument(row: Primitive, position: int, partial: Partial) -> Partial:
    """The partial by another argument; where there is none, the same at the output in the place of the argument."""
    if row.variadic:
        return lambda xs, y: list(partial(xs, y))[::-1]
    others = [other for k, other in enumerate(row.partials) if k != position and other is not None]
    return others[0] if others else lambda *numbers: partial(*numbers[:-2], numbers[-1], numbers[-1])


def _detached(row: Primitive, position: int, partial: Partial) -> Partial:
    """The right slope as a constant: derivatives of higher order lack it."""
    if row.variadic:
        return lambda xs, y: partial([DETACHED(x) for x in xs], DETACHED(y))
    return lambda *numbers: partial(*map(DETACHED, numbers))


KINDS: dict[str, Callable[[Primitive, int, Partial], Partial]] = {
    "sign": _each(lambda d: -d),
    "zero": _each(lambda d: d * 0.0),
    "factor 1 + 1e-6": _each(lambda d: d * SLIGHT),
    "wrong argument": _wrong_argument,
    "detached": _detached,
}


@dataclass(frozen=True)
class Mutant:
    """A primitive with one partial broken in one way.

    >>> from autograd import PRIMITIVES, grad, sin
    >>> with Mutant(PRIMITIVES["sin"], 0, "sign").installed():
    ...     grad(sin)(0.0)
    -1.0
    >>> grad(sin)(0.0)
    1.0
    """

    row: Primitive
    position: int
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Mutant() expects a kind among {', '.join(KINDS)}, got {self.kind!r:.60}")
        partials = self.row.partials
        if not 0 <= self.position < len(partials) or partials[self.position] is None:
            raise ValueError(
                f"Mutant() expects the position of a partial of {self.row.name}(), got {self.position!r:.60}"
            )

    def __str__(self) -> str:
        return f"{self.row.name}: partial {self.position}, {self.kind}"

    @property
    def partial(self) -> Partial:
        """The broken partial."""
        right = self.row.partials[self.position]
        assert right is not None
        return KINDS[self.kind](self.row, self.position, right)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Break the partial in every mode, for as long as the context lasts."""
        with replaced({(self.row, self.position): self.partial}), traced_anew():
            yield

    @property
    def is_equivalent(self) -> bool:
        """Whether the broken partial is the right one after all, which its formula proves.

        >>> from autograd import PRIMITIVES
        >>> Mutant(PRIMITIVES["add"], 0, "detached").is_equivalent, Mutant(PRIMITIVES["mul"], 0, "detached").is_equivalent
        (True, False)
        """
        right = self.row.partials[self.position]
        assert right is not None
        formula = _formula(self.row, right)
        if formula is None:
            return False
        if self.kind == "detached":
            return not any(_depends(one) for one in formula)
        broken = _formula(self.row, self.partial)
        return broken is not None and all(map(_is_same, broken, formula))


def mutants_of(rows: Iterable[Primitive]) -> list[Mutant]:
    """Return every mutant of these primitives: each partial broken in each way.

    >>> from autograd import PRIMITIVES
    >>> len(mutants_of([PRIMITIVES["mul"]]))
    10
    """
    return [
        Mutant(row, position, kind)
        for row in rows
        for position, partial in enumerate(row.partials) if partial is not None
        for kind in KINDS
    ]  # fmt: skip


@contextmanager
def replaced(partials: dict[tuple[Primitive, int], Partial]) -> Iterator[None]:
    """Put other partials in the place of some; operators take the long way meanwhile, so that all modes read the table."""
    before = {row: row.partials for row, _ in partials}
    try:
        for (row, position), partial in partials.items():
            row.partials = (*row.partials[:position], partial, *row.partials[position + 1 :])
        UNUSUAL.append(None)
        yield
    finally:
        UNUSUAL.pop()
        for row, right in before.items():
            row.partials = right


@contextmanager
def watched(rows: Iterable[Primitive]) -> Iterator[set[tuple[Primitive, int]]]:
    """Return a context with the set of those partials that are used in it."""
    used: set[tuple[Primitive, int]] = set()

    def told(place: tuple[Primitive, int], partial: Partial) -> Partial:
        def watching(*numbers: Any) -> Any:
            used.add(place)
            return partial(*numbers)

        return watching

    places = {(row, k): partial for row in rows for k, partial in enumerate(row.partials) if partial is not None}
    with replaced({place: told(place, partial) for place, partial in places.items()}):
        yield used


def _formula(row: Primitive, partial: Partial) -> list[Any] | None:
    """What a partial says of names; None where it says it of numbers only."""
    count = 2 * row.variadic if row.variadic else len(row.partials)
    names = [Symbol(f"x{k}") for k in range(count)]
    try:
        return list(partial(names, Symbol("y"))) if row.variadic else [partial(*names, Symbol("y"))]
    except Exception:  # a person's own partial may do with its arguments what only numbers can
        return None


def _is_same(one: Any, other: Any) -> bool:
    """Whether two formulas are one; 0 has no sign."""
    return repr(one) == repr(other) or (
        isinstance(one, (int, float)) and isinstance(other, (int, float)) and one == other
    )


def _depends(formula: Any) -> bool:
    """Whether a formula's own derivative can be anything but 0."""
    if not isinstance(formula, Symbol):
        return False
    if formula.op is None:
        return True
    partials = formula.op.partials * len(formula.args) if formula.op.variadic else formula.op.partials
    return any(d is not None and _depends(arg) for d, arg in zip(partials, formula.args, strict=True))
