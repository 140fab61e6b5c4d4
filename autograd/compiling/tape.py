"""Tape: a graph as a program, numbered in order, with common parts shared, constants folded and dead code dropped.

A reference is a number: of an input or an instruction from 0 up, of a constant from -1 down. The gradient of a function
is a graph as any other, so a tape needs the values of the primitives only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from keyword import iskeyword
from typing import Any

from ..primitive import Primitive
from ..reals import listed
from ..symbols import WHOLE, Style, Symbol, python_number, render, written_out
from ..value import Value
from .program import Instruction, Program, collector_paused

CONSTANT, SHARED, ROW = 0, 1, 2  # stages: known at once, once per call, for each row
WIDE = 16  # more terms than this are written as a call


class Tape:
    """The program that computes outputs, Values or numbers, from inputs, which are leaves named by their `name`.

    Leaves that are no inputs are `closed`: their numbers are read at each run. `rows` names the positions of the inputs
    that have many rows; what depends on them is computed for each row, the rest once per call.

    Raises TypeError for an input that is no Value.

    >>> from autograd import Value, sin
    >>> x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
    >>> tape = Tape(x1 * x2 + sin(x1), [x1, x2])
    >>> print(tape)
    v1 = x1 * x2
    v2 = sin(x1)
    v3 = v1 + v2
    return v3
    """

    def __init__(self, outputs: Any, inputs: Iterable[Value] = (), rows: Iterable[int] = ()) -> None:
        results = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        given = list(inputs)
        for position, x in enumerate(given):
            if type(x) is not Value:
                raise TypeError(f"Tape() expects Values as inputs, got {type(x).__name__} at {position}")
        with collector_paused():
            program = Program(given, results)
        self.closed: list[Value] = program.closed
        self.names = _names([*given, *self.closed])
        self.constants = program.constants
        self.instructions: list[Instruction] = program.instructions
        self.outputs: list[int] = program.outputs
        self.count = len(given)
        self.rows = frozenset(rows)

    def __len__(self) -> int:
        """The number of instructions."""
        return len(self.instructions)

    def __repr__(self) -> str:
        return f"Tape of {len(self)} instructions from {listed(self.names) or 'nothing'}"

    def staged(self, rows: Iterable[int]) -> Tape:
        """Return the same program with rows in these inputs."""
        other = copy(self)
        other.rows = frozenset(rows)
        return other

    def stages(self) -> list[int]:
        """The stage of each input and instruction; that of a constant stands at its negative place, at the end."""
        stages = [ROW if slot in self.rows else SHARED for slot in range(len(self.names))]
        stages += [CONSTANT] * (len(self.instructions) + len(self.constants))
        for slot, (_, args) in enumerate(self.instructions, len(self.names)):
            stages[slot] = max(map(stages.__getitem__, args), default=CONSTANT)
        return stages

    def numbers(self) -> list[float]:
        """The numbers of the closed-over leaves at this moment."""
        return [leaf._data for leaf in self.closed]

    def name(self, ref: int, names: Sequence[str]) -> Symbol | float:
        """What stands for a reference in a formula, given the inputs' names."""
        if ref < 0:
            return self.constants[-1 - ref]
        return Symbol(names[ref] if ref < len(names) else f"v{ref - len(names) + 1}")

    def applied(self, inputs: Sequence[Any]) -> list[Any]:
        """Return the outputs as the primitives make them of other inputs, such as Values."""
        values = [*inputs, *self.closed]

        def value(ref: int) -> Any:
            return values[ref] if ref >= 0 else self.constants[-1 - ref]

        for op, args in self.instructions:
            values.append(op(*map(value, args)))
        return [value(ref) for ref in self.outputs]

    def python(
        self, names: Sequence[str], called: Callable[[Primitive], str], depth: int
    ) -> tuple[list[str], list[str]]:
        """Return the instructions as lines of Python, and the outputs as expressions.

        `called` says how the value of a primitive is called. What is needed only once is written where it is needed, up
        to so many levels deep: the fewer names, the faster.
        """
        style = _python(called)
        uses = Counter(arg for _, args in self.instructions for arg in args) + Counter(self.outputs)
        inner: dict[int, tuple[Any, int]] = {}  # expressions that have no line of their own, with their levels

        def expression(ref: int) -> Any:
            return inner[ref][0] if ref in inner else self.name(ref, names)

        lines = []
        for slot, (op, args) in enumerate(self.instructions, len(names)):
            written = written_out(op, [expression(arg) for arg in args], WIDE)
            levels = 1 + max((inner[arg][1] for arg in args if arg in inner), default=0)
            if uses[slot] == 1 and levels < depth and len(args) <= 3:
                inner[slot] = written, levels
            else:
                lines.append(f"v{slot - len(names) + 1} = {render(written, style)}")
        return lines, [render(expression(ref), style) for ref in self.outputs]

    def source(self, name: str = "f") -> str:
        """Return the tape as a module of straight-line Python with one function, to read and to paste.

        What Python's arithmetic refuses, such as 1/0, raises there.

        >>> from autograd import Tape, Value, sin
        >>> x = Value(0.5, "x")
        >>> print(Tape(x * sin(x), [x]).source())
        import math
        <BLANKLINE>
        <BLANKLINE>
        def f(x):
            v1 = math.sin(x)
            v2 = x * v1
            return v2
        """
        modules: set[str] = set()

        def called(op: Primitive) -> str:
            function: Any = op if op.forward.__name__ == "<lambda>" else op.forward
            module, _, last = function.__module__.rpartition(".")
            modules.add(f"from {module} import {last}" if module else f"import {last}")
            return f"{last}.{function.__name__}"

        lines, results = self.python(self.names, called, depth=1)
        body = [*lines, f"return {', '.join(results)}"]
        if any("math." in line for line in body):  # of an infinity or a nan too
            modules.add("import math")
        head = [*sorted(modules, key=lambda line: (line.startswith("from"), line)), *[""] * (2 if modules else 0)]
        return "\n".join([*head, f"def {name}({', '.join(self.names)}):", *(f"    {line}" for line in body)])

    def __str__(self) -> str:
        stages = self.stages()
        lines: list[str] = []
        wanted = [SHARED, ROW] if self.rows else [SHARED]
        text = []
        for slot, (op, args) in enumerate(self.instructions, len(self.names)):
            written = render(written_out(op, [self.name(arg, self.names) for arg in args], WIDE), WHOLE)
            text.append((max(stages[slot], SHARED), f"v{slot - len(self.names) + 1} = {written}"))
        for stage in wanted:
            if self.rows:
                inputs = ", ".join(n for slot, n in enumerate(self.names) if stages[slot] == stage)
                lines.append(f"{'for each row' if stage == ROW else 'once per call'}: {inputs or 'nothing given'}")
            lines += [line for at, line in text if at == stage]
        results = ", ".join(render(self.name(ref, self.names), WHOLE) for ref in self.outputs)
        return "\n".join([*lines, f"return {results}"])

    def __getstate__(self) -> dict[str, Any]:
        """A number stands for what was computed before the trace: only leaves can be pickled."""
        leaves = [leaf if leaf.op is None else Value(leaf._data) for leaf in self.closed]
        return {**self.__dict__, "closed": leaves}


def _python(called: Callable[[Primitive], str]) -> Style:
    """Formulas as Python on floats."""

    def call(op: Primitive, args: list[str]) -> str:
        if op.inline:  # a comparison: a number here, not a bool
            return f"float({f' {op.symbol} '.join(args)})"
        if op.selects:
            condition, a, b = args
            return f"({a} if {condition} else {b})"
        listed = ", ".join(args)
        return f"{called(op)}({f'[{listed}]' if op.variadic else listed})"

    return Style(call, lambda op: op.inline and not op.mirrored, python_number)


def _is_free(name: str) -> bool:
    """Whether a name can stand in Python beside those of the instructions and of modules."""
    numbered = name.startswith("v") and name[1:].isdigit()
    return name.isidentifier() and not iskeyword(name) and not numbered and name not in ("math", "special")


def _names(inputs: Sequence[Value]) -> list[str]:
    """The inputs' names, each once: x0, x1, ... for those without one or with one already taken."""
    wanted = [x.name and re.sub(r"\W+", "_", x.name).strip("_") for x in inputs]  # layers[0].w[1] as layers_0_w_1
    taken = set(wanted)
    used: set[str] = set()
    names = []
    for position, name in enumerate(wanted):
        if name is None or not _is_free(name) or name in used:
            base = name if name is not None and name.isidentifier() else "x"
            number = position
            while f"{base}_{number}" in taken or f"{base}_{number}" in used:
                number += 1
            name = f"{base}_{number}"
        used.add(name)
        names.append(name)
    return names
