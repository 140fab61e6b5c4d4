"""A plan run by the interpreter that numba compiles: registers are blocks of rows that stay in the first cache.

Nothing is compiled for a tape: it is encoded as numbers, and its instructions are dispatched once for each block.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingPackage
from ...primitive import Primitive
from ...primitives import PRIMITIVES
from ..plan import Plan, Step
from ..threads import in_threads

WIDTH = 64  # rows in a block: 128 fetch more at a time than memory brings meanwhile
CHUNK = 32 * WIDTH  # rows whose sums are added up before they meet those of other chunks
PADDING = ((0, 0, 0), (0, 0), (0,), ())  # behind so many arguments
SIGNATURE = (
    "(i8[::1], f8[::1], f8[::1], i8[:,::1], f8[:,::1], f8[:,::1], i8, i8, i8, f8, i8, i8, b1)"  # of the interpreter
)
LOCK = threading.Lock()  # so that threads that come first at once compile it once
CODES = {row: number for number, row in enumerate(PRIMITIVES.values(), 1)}


@cache
def interpreter() -> Any:
    """Return what runs a program; numba compiles it once for each user and processor."""
    with LOCK:
        return _interpreter()


@cache
def _interpreter() -> Any:
    (path,) = Path(__file__).parent.glob("rows_*.py")
    with MissingPackage.told("compile(backend='numba')"):
        from . import kept

        return kept.compiled(kept.loaded(path).run, SIGNATURE)


@cache
def is_installed() -> bool:
    """Whether numba is there."""
    return find_spec("numba") is not None


def can_run(plan: Plan) -> bool:
    """Whether every step is of a row in the table: a primitive of the user's own is not in the interpreter."""
    return all(op in CODES for op, _, _ in [*plan.before, *plan.each, *plan.after])


class Kernel:
    """What runs a plan with the interpreter, in a number of threads."""

    name = "numba"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._rows = {slot for _, slot, _ in plan.each} | set(plan.rows)
        self._operands: list[int] = []
        self._registers: dict[int, int] = {}
        self._shared: dict[int, int] = {}
        self._free: list[int] = []
        self._count = 0
        self._size = plan.slots + len(plan.constants)
        self.template = np.zeros(self._size)
        self.template[plan.slots :] = plan.constants[::-1]
        self.program = self._written()
        self._local = threading.local()

    # Writing the program

    def _written(self) -> Any:
        """The parts of the program behind their table of contents; see the interpreter."""
        plan = self.plan
        before, after = ([x for step in steps for x in self._scalar_step(step)] for steps in (plan.before, plan.after))
        outputs = [] if plan.reduce else [ref for ref in plan.outputs if ref in self._rows]
        kept = {*outputs, *(slot for pair in plan.sums for slot in pair)}
        used = {arg for _, _, args in plan.each for arg in args} | kept
        inputs = [slot for slot in plan.rows if slot in used]
        loads = [self._register(slot) for slot in inputs]
        position = {slot: k for k, slot in enumerate(plan.rows)}
        self.loaded = np.array([position[slot] for slot in inputs], dtype=np.intp)
        each = self._row_steps(kept)
        groups, members = self._groups()
        stored = [(k, ref) for k, ref in enumerate(plan.outputs) if ref in outputs]
        self.constant_outputs = [] if plan.reduce else [k for k, ref in enumerate(plan.outputs) if ref not in outputs]
        stores = [(self._registers[ref], k) for k, ref in stored]
        spread = [(register, place) for place, register in self._shared.items()]
        places = [8 * plan.first_sum, *map(self._place, plan.outputs)]
        parts = [before, each, after, loads, spread, groups, members, stores, places, self._operands]
        arrays = [np.array(part, dtype=np.int64).reshape(-1) for part in parts]
        ends = np.cumsum([len(arrays) + 1, *map(len, arrays)])
        return np.concatenate([ends, *arrays])

    def _place(self, ref: int) -> int:
        """Where a shared number stands, in bytes."""
        return 8 * (ref if ref >= 0 else self._size + ref)

    def _listed(self, numbers: Iterable[int]) -> int:
        place = 8 * len(self._operands)
        self._operands += numbers
        return place

    def _step(self, op: Primitive, out: int, args: Sequence[int]) -> tuple[int, ...]:
        if op.variadic:
            return CODES[op], out, self._listed(args), len(args), 0
        return CODES[op], out, *args, *PADDING[len(args)]

    def _scalar_step(self, step: Step) -> tuple[int, ...]:
        op, slot, args = step
        if op.variadic and op.products:
            factors = [self._place(x) for pair in self.plan.pairs(op, args) for x in pair]
            return 0, 8 * slot, self._listed(factors), 0, len(factors) // 2
        return self._step(op, 8 * slot, [self._place(arg) for arg in args])

    def _row_steps(self, kept: set[int]) -> list[int]:
        """The steps with their registers, each of which is free again after the last use of what is in it."""
        registers, free, rows = self._registers, self._free, self._rows
        ends = dict.fromkeys(kept, -1)
        for number, (_, slot, args) in enumerate(self.plan.each):
            for ref in (slot, *args):
                if ref not in kept:
                    ends[ref] = number
        steps: list[int] = []
        for number, (op, slot, args) in enumerate(self.plan.each):
            out = self._register(slot)  # before its arguments are free: a result never lies over an argument
            if op.variadic:
                steps += self._row_step(op, out, args)
            else:
                operands = [registers[arg] if arg in rows else self._operand(arg) for arg in args]
                steps += (CODES[op], out, *operands, *PADDING[len(operands)])
            for ref in (slot, *args):
                if ends[ref] == number and ref in rows:
                    free.append(registers[ref])
                    ends[ref] = -1
        return steps

    def _row_step(self, op: Primitive, out: int, args: Sequence[int]) -> tuple[int, ...]:
        if not (op.variadic and op.products):
            return self._step(op, out, [self._operand(arg) for arg in args])
        linear: list[int] = []
        pairs: list[int] = []
        for a, b in self.plan.pairs(op, args):
            if a in self._rows and b in self._rows:
                pairs += (self._registers[a], self._registers[b])
            else:
                row, shared = (b, a) if b in self._rows else (a, b)
                linear += (self._place(shared), self._operand(row))
        return 0, out, self._listed([*linear, *pairs]), len(linear) // 2, len(pairs) // 2

    def _groups(self) -> tuple[list[tuple[int, int]], list[int]]:
        """The sums by their first factor: its register and the end of its members, the registers of the others."""
        groups: list[tuple[int, int]] = []
        members: list[int] = []
        for u, pairs in groupby(self.plan.sums, key=lambda pair: pair[0]):
            members += [self._operand(v) for _, v in pairs]
            groups.append((self._operand(u), len(members)))
        return groups, members

    def _fresh(self) -> int:
        self._count += 1
        return (self._count - 1) * 8 * WIDTH

    def _register(self, slot: int) -> int:
        self._registers[slot] = self._free.pop() if self._free else self._fresh()
        return self._registers[slot]

    def _operand(self, ref: int) -> int:
        """The register of an argument; one filled with it, where it is shared."""
        if ref in self._rows:
            return self._registers[ref]
        place = self._place(ref)
        if place not in self._shared:
            self._shared[place] = self._fresh()
        return self._shared[place]

    # Running it

    def _buffer(self) -> Any:
        """This thread's registers, from the boundary of a cache line on."""
        if not hasattr(self._local, "buffer"):
            raw = np.zeros(self._count * WIDTH + 8)
            self._local.buffer = raw[-raw.ctypes.data % 64 // 8 :]
        return self._local.buffer

    def columns(self, columns: Sequence[Any]) -> Any:
        """Return what `run` takes for the columns: those that are used, their addresses and their strides."""
        used = [columns[k] for k in self.loaded]
        addresses = [column.ctypes.data for column in used]
        strides = [column.strides[0] for column in used]
        return used, np.array([addresses, strides, _side_by_side(addresses, strides)], dtype=np.int64)

    def moved(self, columns: Any, steps: Any) -> Any:
        """Return what `run` takes for other columns, each of which lies so many bytes further on than before."""
        used, described = columns
        described = described.copy()
        described[0] += steps[self.loaded]
        return used, described

    def run(self, shared: Any, columns: Any, count: int, threads: int = 1) -> Any:
        """Return the outputs: numbers of a reduction, else a column of results for each output."""
        _, described = columns
        reduced, mean = self.plan.reduce is not None, self.plan.reduce == "mean"
        values = self.template.copy()
        values[: self.plan.inputs] = shared
        values[self.plan.weight] = 1.0 if mean else count
        chunks = max(1, -(-count // CHUNK))
        totals = np.empty((chunks, len(self.plan.sums)))
        out = np.empty((len(self.plan.outputs), 1 if reduced else count))
        go = interpreter()
        rest = WIDTH, CHUNK, count, float(count) if mean else 1.0

        def some(part: tuple[int, int, bool]) -> None:
            go(self.program, values, self._buffer(), described, totals, out, *rest, *part)

        if threads == 1:
            some((0, chunks, reduced))
        else:
            some((0, 1, False))  # what comes before is done once
            step = -(-chunks // (4 * threads))
            in_threads(some, [(k, min(k + step, chunks), False) for k in range(1, chunks, step)], threads)
            some((chunks, chunks, reduced))
        for k in self.constant_outputs:
            out[k] = values[self._place(self.plan.outputs[k]) // 8]
        return out[:, 0] if reduced else out


def _side_by_side(addresses: Sequence[int], strides: Sequence[int]) -> list[int]:
    """For each column 8 if it is the first of eight that are stored row by row, -1 if it is another of these, else 1."""
    kinds = [1] * len(addresses)
    for k in range(len(addresses) - 7):
        near = all(addresses[k + j] == addresses[k] + 8 * j and strides[k + j] == strides[k] for j in range(8))
        if near and kinds[k] == 1:
            kinds[k : k + 8] = [8, *[-1] * 7]
    return kinds
