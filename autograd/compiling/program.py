"""A tape being written: instructions of a graph, each once, by the table of rewrites, and none that no output needs."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

from ..errors import TraceError
from ..modes import MODE
from ..primitive import Primitive
from ..reals import real
from ..rewrites import FOR_TAPES, FOR_VALUES, rewritten
from ..symbols import Formal
from ..tracing import UNKNOWN
from ..value import Value
from ..walks import arguments_first

Instruction = tuple[Primitive, tuple[int, ...]]


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


class Program:
    """A tape being written."""

    def __init__(self, inputs: Sequence[Value], outputs: Sequence[Any]) -> None:
        self.closed: list[Value] = []
        self.constants: list[float] = []
        self.instructions: list[Instruction] = []
        self.known: dict[Any, int] = {}
        # What has a number while an output has none was not made in the trace.
        self.traced = any(type(y) is Value and y._data is UNKNOWN for y in outputs)
        self.inputs = frozenset(inputs)
        self.refs: dict[Value, int] = {x: slot for slot, x in enumerate(inputs)}
        order = arguments_first([y for y in outputs if type(y) is Value], self._below)
        computed: list[Value] = []
        for node in order:
            if self._computed(node):
                computed.append(node)
            elif node not in self.inputs:
                self._end(node)
        self.start = len(inputs) + len(self.closed)
        self.refs.update(zip(self.closed, range(len(inputs), self.start), strict=True))
        token = MODE.set(MODE.get().quiet)
        try:
            self._write(computed)
        finally:
            MODE.reset(token)
        refs = [self.refs[y] if type(y) is Value else self.constant(real(y, "Tape()")) for y in outputs]
        self.outputs = self._swept(refs)

    def _computed(self, node: Value) -> bool:
        """Whether the tape computes a node: not inputs and leaves, nor what was computed before a trace."""
        return node not in self.inputs and node.op is not None and not (self.traced and node._data is not UNKNOWN)

    def _below(self, node: Value) -> list[Value]:
        return [arg for arg in node.args if type(arg) is Value] if self._computed(node) else []

    def _end(self, leaf: Value) -> None:
        """Take in what the tape does not compute."""
        if leaf._data is UNKNOWN:
            raise TraceError("a Value of another trace was used: keep traced Values inside the function")
        if leaf.is_constant:
            self.refs[leaf] = self.constant(leaf._data)
        else:
            self.closed.append(leaf)

    def _write(self, order: Iterable[Value]) -> None:
        """Write the instruction of each node."""
        refs = self.refs
        for node in order:
            args = [refs[arg] if type(arg) is Value else self.constant(arg) for arg in node.args]
            refs[node] = self.instruction(node.op, tuple(args))  # type: ignore[arg-type]

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
            return args[op.chosen(self.constants[-1 - args[0]])]
        table = FOR_TAPES if min(args) < 0 else FOR_VALUES
        if op in table:
            terms = [Term(self, arg) if arg >= 0 else self.constants[-1 - arg] for arg in args]
            other = rewritten(op, terms, table)
            if other is not None:
                return other.ref if isinstance(other, Term) else self.constant(other)
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


class Term(Formal):
    """A reference to which primitives can be applied."""

    __slots__ = ("program", "ref")

    def __init__(self, program: Program, ref: int) -> None:
        self.program = program
        self.ref = ref

    @classmethod
    def apply(cls, op: Primitive, args: Sequence[Any]) -> Term:
        """Return op applied to terms and numbers."""
        program: Program = next(arg.program for arg in args if isinstance(arg, cls))
        refs = [arg.ref if isinstance(arg, cls) else program.constant(arg) for arg in args]
        return cls(program, program.instruction(op, tuple(refs)))
