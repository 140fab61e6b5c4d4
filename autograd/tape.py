"""Tape: a graph as a program, numbered in order, with common parts shared, constants folded and dead code dropped.

A reference is a number: of an input or an instruction from 0 up, of a constant from -1 down. The gradient of a function
is a graph as any other, so a tape needs the values of the primitives only.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import accumulate
from keyword import iskeyword
from typing import Any

from .errors import TraceError
from .modes import MODE
from .primitives import Primitive
from .reals import listed, real
from .symbols import TURNED, Style, Symbol, formula, python_number, render
from .tracing import UNKNOWN
from .value import Value

Instruction = tuple[Primitive, tuple[int, ...]]
CONSTANT, SHARED, ROW = 0, 1, 2  # stages: known at once, once per call, for each row
WIDE = 16  # more terms than this are written as a call


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from searching for cycles while many small objects are made, none of them in one."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
            program = _Program(given, results)
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
            written = _expression(op, [expression(arg) for arg in args])
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
            written = formula(_expression(op, [self.name(arg, self.names) for arg in args]))
            text.append((max(stages[slot], SHARED), f"v{slot - len(self.names) + 1} = {written}"))
        for stage in wanted:
            if self.rows:
                own = ", ".join(n for slot, n in enumerate(self.names) if stages[slot] == stage)
                lines.append(f"{'for each row' if stage == ROW else 'once per call'}: {own or 'nothing given'}")
            lines += [line for at, line in text if at == stage]
        results = ", ".join(formula(self.name(ref, self.names)) for ref in self.outputs)
        return "\n".join([*lines, f"return {results}"])

    def __getstate__(self) -> dict[str, Any]:
        """A number stands for what was computed before the trace: only leaves can be pickled."""
        leaves = [leaf if leaf.op is None else Value(leaf._data) for leaf in self.closed]
        return {**self.__dict__, "closed": leaves}


class _Program:
    """A tape being written."""

    def __init__(self, inputs: Sequence[Value], outputs: Sequence[Any]) -> None:
        self.refs: dict[Value, int] = {}
        self.closed: list[Value] = []
        self.constants: list[float] = []
        self.instructions: list[Instruction] = []
        self.known: dict[Any, int] = {}
        # What has a number while an output has none was not made in the trace.
        self.traced = any(type(y) is Value and y._data is UNKNOWN for y in outputs)
        self.refs = {x: slot for slot, x in enumerate(inputs)}
        order = self._ordered([y for y in outputs if type(y) is Value])
        self.start = len(inputs) + len(self.closed)
        self.refs.update(zip(self.closed, range(len(inputs), self.start), strict=True))
        token = MODE.set(MODE.get().quiet)
        try:
            self._write(order)
        finally:
            MODE.reset(token)
        found = [self.refs[y] if type(y) is Value else self.constant(real(y, "Tape()")) for y in outputs]
        self.outputs = self._swept(found)

    def _ordered(self, outputs: Sequence[Value]) -> list[tuple[Value, tuple[Any, ...]]]:
        """Every node below the outputs, and its arguments, after those; leaves that are no inputs are taken in."""
        order: list[tuple[Value, tuple[Any, ...]]] = []
        seen = set(self.refs)
        waiting: dict[Value, tuple[Any, ...]] = {}  # for their arguments, which stand above them on the stack
        stack = list(reversed(outputs))
        while stack:
            node = stack[-1]
            if node in seen:
                stack.pop()
            elif node in waiting:
                seen.add(node)
                order.append((node, waiting[node]))
            elif node.op is None or (self.traced and node._data is not UNKNOWN):
                seen.add(node)
                self._end(node)
            else:
                waiting[node] = args = node.args
                stack += [arg for arg in args[::-1] if type(arg) is Value and arg not in seen]
        return order

    def _end(self, leaf: Value) -> None:
        """Take in what the tape does not compute."""
        if leaf._data is UNKNOWN:
            raise TraceError("a Value of another trace was used: keep traced Values inside the function")
        if leaf.is_constant:
            self.refs[leaf] = self.constant(leaf._data)
        else:
            self.closed.append(leaf)

    def _write(self, order: Sequence[tuple[Value, tuple[Any, ...]]]) -> None:
        """Write the instruction of each node."""
        refs = self.refs
        for node, args in order:
            own = [refs[arg] if type(arg) is Value else self.constant(arg) for arg in args]
            refs[node] = self.instruction(node.op, tuple(own))  # type: ignore[arg-type]

    def constant(self, x: float) -> int:
        """The reference of a number; -0.0 is not 0.0."""
        key = x.hex()
        if key not in self.known:
            self.constants.append(x)
            self.known[key] = -len(self.constants)
        return self.known[key]

    def instruction(self, op: Primitive, args: tuple[int, ...]) -> int:
        """The reference of op applied to references: a constant, an earlier result, or a new instruction."""
        if not args or max(args) < 0:
            return self.constant(op.value([self.constants[-1 - arg] for arg in args]))
        if op.selects and args[0] < 0:
            return args[1] if self.constants[-1 - args[0]] else args[2]
        rewritten = op.plain or (op.shorter if min(args) < 0 else None)
        if rewritten is not None:
            other = rewritten(*(_Term(self, arg) if arg >= 0 else self.constants[-1 - arg] for arg in args))
            if other is not None:
                return other.ref if isinstance(other, _Term) else self.constant(other)
        new = (op, args)
        ref = self.known.get(new)
        if ref is None and op.commutes:
            ref = self.known.get((op, args[::-1]))
        if ref is None:
            ref = self.known[new] = self.start + len(self.instructions)
            self.instructions.append(new)
        return ref

    def _swept(self, outputs: list[int]) -> list[int]:
        """Drop the instructions that no output needs, and number the others anew."""
        start = self.start
        live = [False] * len(self.instructions)
        for ref in outputs:
            if ref >= start:
                live[ref - start] = True
        for slot in range(len(live) - 1, -1, -1):
            if live[slot]:
                for arg in self.instructions[slot][1]:
                    if arg >= start:
                        live[arg - start] = True
        if all(live):
            return outputs
        places = [*range(start), *(start + number - 1 for number in accumulate(live))]
        kept = [instruction for instruction, alive in zip(self.instructions, live, strict=True) if alive]
        self.instructions = [(op, tuple(places[a] if a >= 0 else a for a in args)) for op, args in kept]
        return [places[ref] if ref >= 0 else ref for ref in outputs]


class _Term:
    """A reference to which primitives can be applied."""

    takes_rows = True

    def __init__(self, program: _Program, ref: int) -> None:
        self.program = program
        self.ref = ref

    @classmethod
    def apply(cls, op: Primitive, args: Sequence[Any]) -> _Term:
        """Return op applied to terms and numbers."""
        program: _Program = next(arg.program for arg in args if isinstance(arg, cls))
        refs = [arg.ref if isinstance(arg, cls) else program.constant(arg) for arg in args]
        return cls(program, program.instruction(op, tuple(refs)))


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

    return Style(call, lambda op: op.inline and op.symbol not in TURNED, python_number)


def _expression(op: Primitive, args: list[Any]) -> Any:
    """op applied to symbols and numbers; a sum of few products is written out."""
    if op.variadic and op.products and len(args) <= WIDE:
        return _written_out(op.products(args))
    return Symbol(op.name, op, tuple(args))


def _written_out(pairs: list[tuple[Any, Any]]) -> Any:
    """A sum of products as an expression."""
    total: Any = None
    for a, b in pairs:
        term = a if isinstance(b, float) and b == 1.0 else a * b
        total = term if total is None else total + term
    return 0.0 if total is None else total


def _is_free(name: str) -> bool:
    """Whether a name can stand in Python beside those of the instructions and of modules."""
    numbered = name.startswith("v") and name[1:].isdigit()
    return name.isidentifier() and not iskeyword(name) and not numbered and name not in ("math", "special")


def _names(inputs: Sequence[Value]) -> list[str]:
    """The inputs' names, each once: x0, x1, ... for those without one or with one already taken."""
    wanted = [x.name and x.name.replace("/", "_") for x in inputs]  # layer0/w1 as layer0_w1
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
