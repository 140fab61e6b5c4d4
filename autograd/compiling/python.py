"""A tape on floats: as straight-line Python, or instruction by instruction where Python's arithmetic would raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import isfinite
from typing import Any

from .. import special
from ..faults import FAULTS, is_arithmetic, warn_of
from ..modes import DERIVING, MODE, UNUSUAL
from ..primitive import Primitive
from ..primitives import PRIMITIVES
from ..reals import real
from ..trees import Branch, Form, Leaf
from .tape import Tape

DEPTH = 8  # of the expressions in generated Python


def walk(tape: Tape, numbers: Sequence[float]) -> list[float]:
    """Return the outputs, one instruction after the other, given the inputs' numbers and those of the closed leaves.

    This way is IEEE's everywhere. Under errstate("raise") it stops at the first value that is not finite.
    """
    mode = MODE.get()
    token = MODE.set(mode if mode.faults == "raise" else mode.quiet)
    constants = tape.constants
    values = list(numbers)
    try:
        for op, args in tape.instructions:
            operands = [values[arg] if arg >= 0 else constants[-1 - arg] for arg in args]
            y = op.value(operands)
            if mode.faults == "raise" and not isfinite(y):
                warn_of(f"a value of {y}", op.written(operands))
            values.append(y)
    finally:
        MODE.reset(token)
    return [values[ref] if ref >= 0 else constants[-1 - ref] for ref in tape.outputs]


def entry(tape: Tape, arguments: Sequence[Form], result: Form, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arguments with these forms, lists and tuples of floats, that runs the tape as Python.

    Arguments of any other form or type, unusual modes, and numbers for which Python's arithmetic raises go to
    `otherwise`. Only names made here reach the source that is executed.
    """
    inputs = [f"x{i}" for i in range(len(tape.names))]
    scope: dict[str, Any] = {
        "FAULTS": FAULTS,
        "arithmetic": is_arithmetic,
        "math": math,
        "MISSING": object(),
        "UNUSUAL": UNUSUAL,
        "DERIVING": DERIVING,
        "watchful": lambda: MODE.get().watchful or MODE.get().deriving,
        "otherwise": otherwise,
    }
    names: dict[Primitive, str] = {}

    def called(op: Primitive) -> str:
        if op not in names:
            names[op] = f"f{len(names)}"
            scope[names[op]] = op.forward if PRIMITIVES.get(op.name) is op else _checked(op)
        return names[op]

    slots = iter(inputs)
    parameters = [f"a{i}" for i in range(len(arguments))]
    given = f"({', '.join(parameters)}{',' * (len(parameters) == 1)})"
    call = f"return otherwise(*[a for a in {given} if a is not MISSING], *more, **named)"
    context = "UNUSUAL or DERIVING" if tape.closed else "UNUSUAL"
    head = [f"if more or named or ({context}) and watchful(): OTHERWISE"]
    nested = [_nested(iter(form.parts)) for form in arguments]
    head += _all_floats([name for name, form in zip(parameters, nested, strict=True) if form is None])
    for parameter, form in zip(parameters, nested, strict=True):
        if form is None:
            head.append(f"{next(slots)} = {parameter}")
        else:
            head += _unpacked(parameter, form, slots, count())
    for slot, leaf in zip(inputs[tape.count :], tape.closed, strict=True):
        scope[f"leaf_{slot}"] = leaf
        head.append(f"{slot} = leaf_{slot}._data")
    lines, results = tape.python(inputs, called, DEPTH)
    lines.append(f"return {_assembled(result, results, scope)}")
    body = "".join(f"        {line.replace('OTHERWISE', call)}\n" for line in [*head, *lines])
    only = ["/"] * bool(parameters)  # by position: a keyword may have any of these names
    signature = ", ".join([*(f"{parameter}=MISSING" for parameter in parameters), *only, "*more", "**named"])
    text = f"def run({signature}):\n    try:\n{body}    except FAULTS as fault:\n        if not arithmetic(fault): raise\n        {call}\n"
    exec(compile(text, "<tape>", "exec"), scope)
    return scope["run"]  # type: ignore[no-any-return]


def _checked(op: Primitive) -> Callable[..., float]:
    """The value of a user's own primitive, which may return anything."""

    def checked(*args: Any) -> float:
        y = op.forward(*args)
        return y if type(y) is float else real(y, f"the value of {op.name}()")

    return checked


class RowByRow:
    """What runs a tape as Python, row by row."""

    name = "python"

    def __init__(self, tape: Tape, reduce: str | None) -> None:
        self.tape = tape
        self.reduce = reduce

    def columns(self, columns: Sequence[Any]) -> Sequence[Any]:
        """Return what `run` takes for the columns."""
        return columns

    def run(self, shared: Sequence[float], columns: Sequence[Any], count: int, threads: int = 1) -> Any:
        """Return the outputs: numbers of a reduction, else a column of results for each output."""
        import numpy as np

        rows = []
        numbers = list(shared)
        places = sorted(self.tape.rows)
        for row in range(count):
            for slot, column in zip(places, columns, strict=True):
                numbers[slot] = float(column[row])
            rows.append(walk(self.tape, numbers))
        outputs = np.array(rows).reshape(count, len(self.tape.outputs)).T
        if self.reduce is None:
            return outputs
        totals = [special.total(column) for column in outputs.tolist()]
        return np.array(totals) / (count if self.reduce == "mean" else 1)


Branches = tuple[type, list[Any]]  # of a plain form: a kind with what is in it
Nested = Branches | None  # None for a number


def _nested(parts: Iterator[Branch | Leaf]) -> Nested:
    """A plain form as nested parts."""
    part = next(parts)
    return (part.kind, [_nested(parts) for _ in range(part.size)]) if type(part) is Branch else None


def _unpacked(name: str, form: Branches, slots: Iterator[str], numbers: Iterator[int]) -> Iterator[str]:
    """The lines that check a list or tuple and give its numbers their names, in the order in which they stand."""
    kind, branches = form
    inner: list[str] = []
    leaves: list[str] = []
    for branch in branches:
        leaf = next(slots) if branch is None else f"{name}_{next(numbers)}"
        leaves.append(leaf)
        if branch is not None:
            inner += _unpacked(leaf, branch, slots, numbers)
    yield f"if type({name}) is not {kind.__name__}: OTHERWISE"
    yield f"[{', '.join(leaves)}] = {name}"  # another number of them is a ValueError, one of the faults
    yield from _all_floats([leaf for leaf, branch in zip(leaves, branches, strict=True) if branch is None])
    yield from inner


def _all_floats(names: list[str]) -> list[str]:
    """The line that checks that all of these are floats."""
    return [f"if not ({' is '.join(f'type({name})' for name in names)} is float): OTHERWISE"] if names else []


def _assembled(form: Form, results: list[str], scope: dict[str, Any]) -> str:
    """The expression that puts the results in their places."""
    if is_plain(form):
        return _written(_nested(iter(form.parts)), iter(results))
    scope["build"] = lambda *numbers: form.filled(numbers)
    return f"build({', '.join(results)})"


def _written(form: Nested, results: Iterator[str]) -> str:
    """A plain form as Python writes it."""
    if form is None:
        return next(results)
    inner = [_written(branch, results) for branch in form[1]]
    if form[0] is list:
        return f"[{', '.join(inner)}]"
    return f"({', '.join(inner)}{',' * (len(inner) == 1)})"


def is_plain(form: Form) -> bool:
    """Whether a form is of lists, tuples and numbers only, and not too deep for an expression."""
    open_branches: list[int] = []  # how many items each still waits for
    for part in form.parts:
        if type(part) is Branch and part.size:
            if part.kind not in (list, tuple) or len(open_branches) == DEPTH:
                return False
            open_branches.append(part.size)
            continue
        if type(part) is tuple or (type(part) is Branch and part.kind not in (list, tuple)):
            return False
        while open_branches:
            open_branches[-1] -= 1
            if open_branches[-1]:
                break
            open_branches.pop()
    return True
