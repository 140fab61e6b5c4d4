"""Traces: a function run once on Values that stand for every number, and what an array in its arguments means.

The rule: an array means what the function does with it. Only where the library itself takes no array there, in a
primitive, in `where`, as the result that grad() differentiates or as a tangent, is the function one of numbers, and an
array many of them.

The function is run on small arrays, whose lengths above 2 are cut so that different ones stay different, and on numbers.
If every element of its results is the program of the numbers, a kernel may run that program on arrays of any length; unless the
function asked for a length, as it may do something else with another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import prod
from typing import Any

from ..modes import Switch
from ..reals import TakesNumbers, is_real
from ..trees import Form, Leaf, Shape, numbers_in, size_of, take_apart
from ..value import Value
from .arguments import number_names, owners_of_numbers
from .program import collector_paused
from .tape import Tape

Call = Callable[[list[Any]], Any]  # a function of the structures of its arguments
Kept = tuple[Shape | None, ...]  # of each leaf its own small shape; None for the shape of all arrays together


@dataclass
class Specialization:
    """A tape, the form of the result, and what has been made to run it.

    Of a trace that broadcasts, `kept` tells which axes of the arrays each leaf of the result has; else it is None.
    """

    tape: Tape
    result: Form
    kept: Kept | None = None
    runners: dict[Any, Any] = field(default_factory=dict)
    ran: str = ""

    def made(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what runs the tape in some way, made on first use."""
        if key not in self.runners:
            self.runners[key] = make()
        return self.runners[key]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "runners": {}}


@dataclass(frozen=True)
class Run:
    """What a function did with Values that stand for every number."""

    inputs: list[Value]
    outputs: list[Any]
    result: Form
    asked: bool  # whether it asked an array for its length

    def trace(self, rows: Sequence[int] = ()) -> Specialization:
        """Return the trace, with rows in these inputs."""
        return Specialization(Tape(self.outputs, self.inputs, rows), self.result)


def run(call: Call, forms: Sequence[Form], owners: Sequence[str], who: str) -> Run:
    """Run a function on unknown arguments of these forms; `owners` has the argument of each number."""
    from ..arrays import traced_array

    inputs = [Value.unknown(name) for name in number_names(owners)]
    each = iter(inputs)
    lengths: list[None] = []
    with collector_paused(), tracing(lengths):
        result = call([form.filled(each, traced_array) for form in forms])
    form, leaves = take_apart(result)
    outputs = numbers_in(leaves)
    for y in outputs:
        if type(y) is not Value and not is_real(y):
            raise TypeError(f"{who} expects numbers from its function, got {type(y).__name__}")
    return Run(inputs, outputs, form, bool(lengths))


def tracing(lengths: list[None] | None = None) -> Switch:
    """Return the context in which a function is traced."""
    return Switch(recording=True, faults="ignore", trace={}, watched=frozenset(), lengths=lengths)


# What arrays mean


def small(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Return forms with each length of an array that is above 2 cut to a small one of its own."""
    lengths = sorted({n for form in forms for leaf in form.leaves for n in leaf or () if n > 2})
    cut = {length: 3 + i for i, length in enumerate(lengths)}
    return tuple(
        form.with_leaves([leaf and tuple(cut.get(n, n) for n in leaf) for leaf in form.leaves]) for form in forms
    )


def broadcasting(call: Call, forms: Sequence[Form], owners: Sequence[str], who: str) -> Specialization | None:
    """Return the trace on numbers if arrays of these small forms mean many of them, or None if they mean themselves.

    `owners` has the argument of each leaf.
    """
    leaves = [leaf for form in forms for leaf in form.leaves]
    each = owners_of_numbers(owners, leaves)
    numbers, _ = _attempt(call, tuple(form.with_leaves([None] * len(form.leaves)) for form in forms), owners, who)
    arrays, refusal = _attempt(call, forms, each, who)
    if numbers is None or (arrays is None and not isinstance(refusal, TakesNumbers)):
        return None
    kept = (None,) * len(numbers.result.leaves) if arrays is None else _kept(numbers, arrays, leaves)
    if kept is None:
        return None
    trace = numbers.trace()
    trace.kept = kept
    return trace


def _attempt(call: Call, forms: Sequence[Form], owners: Sequence[str], who: str) -> tuple[Run | None, Exception | None]:
    """A run on arguments of these forms, or what the function raised: it is not made for such ones then."""
    try:
        return run(call, forms, owners, who), None
    except Exception as failure:  # whatever a user's code raises; if no other form does better, it is raised again
        return None, failure


def _kept(numbers: Run, arrays: Run, leaves: Sequence[Leaf]) -> Kept | None:
    """The axes that each leaf of the result has, if each element of it is the program of the numbers; else None."""
    import numpy as np

    from ..arrays import traced_array

    ones, many = numbers.result.leaves, arrays.result.leaves
    if arrays.asked or len(ones) != len(many) or numbers.result.with_leaves(many) != arrays.result:
        return None
    try:
        whole = np.broadcast_shapes(*(leaf or () for leaf in leaves))
    except ValueError:
        return None
    kept = [(outer or ())[len(inner or ()) :] for inner, outer in zip(ones, many, strict=True)]
    if not prod(whole) or any(
        (inner or ()) + axes != (outer or ()) or not _fits(axes, whole)
        for inner, outer, axes in zip(ones, many, kept, strict=True)
    ):
        return None
    given = iter(arrays.inputs)
    inputs = [np.broadcast_to(traced_array(list(islice(given, size_of(leaf))), leaf or ()), whole) for leaf in leaves]
    tape = numbers.trace().tape
    with tracing():
        replayed = [tape.applied([column[index] for column in inputs]) for index in np.ndindex(whole)]
    refs = iter(Tape([*arrays.outputs, *(y for outputs in replayed for y in outputs)], arrays.inputs).outputs)
    programs = []
    for inner, outer, axes in zip(ones, many, kept, strict=True):
        spread = (inner or ()) + (1,) * (len(whole) - len(axes)) + axes
        programs.append(np.reshape(list(islice(refs, size_of(outer))), spread))
    for index in np.ndindex(whole):
        element = (..., *index)
        for inner, program in zip(ones, programs, strict=True):
            expected = np.broadcast_to(program, (inner or ()) + whole)[element]
            if expected.ravel().tolist() != list(islice(refs, size_of(inner))):
                return None
    return tuple(kept)


def _fits(shape: Shape, whole: Shape) -> bool:
    """Whether a shape broadcasts to the whole one."""
    return len(shape) <= len(whole) and all(n in (1, m) for n, m in zip(shape[::-1], whole[::-1], strict=False))
