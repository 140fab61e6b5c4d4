"""A tape on floats: as straight-line Python, or instruction by instruction where Python's arithmetic would raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import isfinite
from typing import Any

from .. import special
from ..modes import DERIVING, FAULTS, MODE, UNUSUAL, report
from ..primitives import Primitive
from ..tape import Tape
from ..trees import Form, leaf_count, put_together

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
            own = [values[arg] if arg >= 0 else constants[-1 - arg] for arg in args]
            y = op.value(own)
            if mode.faults == "raise" and not isfinite(y):
                report(f"a value of {y}", op.written(own))
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
            scope[names[op]] = op.forward
        return names[op]

    slots = iter(inputs)
    parameters = [f"a{i}" for i in range(len(arguments))]
    given = f"({', '.join(parameters)}{',' * (len(parameters) == 1)})"
    call = f"return otherwise(*[a for a in {given} if a is not MISSING], *more, **named)"
    context = "UNUSUAL or DERIVING" if tape.closed else "UNUSUAL"
    head = [f"if more or named or ({context}) and watchful(): OTHERWISE"]
    for parameter, form in zip(parameters, arguments, strict=True):
        head += _unpacked(parameter, form, slots, count())
    for slot, leaf in zip(inputs[tape.count :], tape.closed, strict=True):
        scope[f"leaf_{slot}"] = leaf
        head.append(f"{slot} = leaf_{slot}._data")
    lines, results = tape.python(inputs, called, DEPTH)
    lines.append(f"return {_assembled(result, iter(results), scope)}")
    body = "".join(f"        {line.replace('OTHERWISE', call)}\n" for line in [*head, *lines])
    signature = ", ".join([*(f"{parameter}=MISSING" for parameter in parameters), "*more", "**named"])
    text = f"def run({signature}):\n    try:\n{body}    except FAULTS:\n        {call}\n"
    exec(compile(text, "<tape>", "exec"), scope)
    return scope["run"]  # type: ignore[no-any-return]


class Lines:
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
        found = np.array(rows).reshape(count, len(self.tape.outputs)).T
        if self.reduce is None:
            return found
        totals = [special.total(column) for column in found.tolist()]
        return np.array(totals) / (count if self.reduce == "mean" else 1)


def _unpacked(name: str, form: Form, slots: Iterator[str], numbers: Iterator[int]) -> Iterator[str]:
    """The lines that check an argument and give its numbers their names."""
    if form is None:
        slot = next(slots)
        yield f"if type({name}) is not float: OTHERWISE"
        yield f"{slot} = {name}"
        return
    kind, branches = form
    parts = [f"{name}_{next(numbers)}" for _ in branches]
    leaves = [next(slots) if branch is None else part for branch, part in zip(branches, parts, strict=True)]
    yield f"if type({name}) is not {kind.__name__}: OTHERWISE"
    yield f"[{', '.join(leaves)}] = {name}"  # another number of them is a ValueError, one of the faults
    floats = [leaf for leaf, branch in zip(leaves, branches, strict=True) if branch is None]
    if floats:
        yield f"if not ({' is '.join(f'type({leaf})' for leaf in floats)} is float): OTHERWISE"
    for leaf, branch in zip(leaves, branches, strict=True):
        if branch is not None:
            yield from _unpacked(leaf, branch, slots, numbers)


def _assembled(form: Form, results: Iterator[str], scope: dict[str, Any]) -> str:
    """The expression that puts the results in their places."""
    if form is None:
        return next(results)
    kind, *parts = form
    if is_plain(form):
        inner = ", ".join(_assembled(branch, results, scope) for branch in parts[0])
        return f"[{inner}]" if kind is list else f"({inner},)" if len(parts[0]) == 1 else f"({inner})"
    name = f"build{len(scope)}"
    scope[name] = lambda *leaves: put_together(form, iter(leaves))
    return f"{name}({', '.join(next(results) for _ in range(leaf_count(form)))})"


def is_plain(form: Form, depth: int = DEPTH) -> bool:
    """Whether a form is of lists, tuples and numbers only, and not too deep for an expression."""
    if form is None or not depth:
        return form is None
    return form[0] in (list, tuple) and all(is_plain(branch, depth - 1) for branch in form[1])
