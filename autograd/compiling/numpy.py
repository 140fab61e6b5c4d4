"""A plan run by NumPy, in blocks of some thousand rows: the executor that always works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..modes import MODE
from .array_forms import array_form
from .plan import Plan, Step
from .threads import in_threads

BLOCK = 4096  # rows: a column of them is 32 KB


class Blocks:
    """What runs a plan on blocks of rows, in a number of threads."""

    name = "numpy"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def columns(self, columns: Sequence[Any]) -> Sequence[Any]:
        """Return what `run` takes for the columns."""
        return columns

    def run(self, shared: Sequence[float], columns: Sequence[Any], count: int, threads: int = 1) -> Any:
        """Return the outputs: numbers of a reduction, else a column of results for each output.

        `shared` has a number for each input (nan for those with rows), `columns` an array for each input with rows.
        The blocks are the same whatever the number of threads, and their sums are added in order.
        """
        plan = self.plan
        strict = MODE.get().faults == "raise"
        values: list[Any] = [*shared, *[None] * (plan.slots - plan.inputs), *plan.constants[::-1]]
        out = None if plan.reduce else np.empty((len(plan.outputs), count))
        with np.errstate(all="ignore"):
            _run(plan.before, values, strict)
        starts = range(0, count, BLOCK)

        def block(start: int) -> Any:
            registers = values.copy()
            with np.errstate(all="ignore"):
                for slot, column in zip(plan.rows, columns, strict=True):
                    registers[slot] = column[start : start + BLOCK]
                _run(plan.each, registers, strict)
                if out is None:
                    size = min(BLOCK, count - start)
                    return [_sum(registers[u], registers[v], size) for u, v in plan.sums]
                for row, ref in zip(out, plan.outputs, strict=True):
                    row[start : start + BLOCK] = registers[ref]
            return None

        sums = in_threads(block, starts, threads)
        if out is not None:
            return out
        with np.errstate(all="ignore"):
            totals: Any = np.zeros(len(plan.sums))
            for parts in sums:
                totals = totals + parts
            if plan.reduce == "mean":
                totals = totals / count
            values[plan.weight] = 1.0 if plan.reduce == "mean" else float(count)
            values[plan.first_sum : plan.first_sum + len(totals)] = totals.tolist()
            _run(plan.after, values, strict)
        return np.array([values[ref] for ref in plan.outputs])


def _sum(u: Any, v: Any, size: int) -> Any:
    if np.ndim(u) and np.ndim(v):
        return np.dot(u, v)
    return np.sum(np.broadcast_to(u * v, size))


def _run(steps: Sequence[Step], values: list[Any], strict: bool) -> None:
    """Run steps, and stop at what is not finite if that is wanted; a negative reference finds its constant from the end of the values."""
    for op, slot, args in steps:
        operands = [values[arg] for arg in args]
        y = array_form(op)(operands) if op.variadic else array_form(op)(*operands)
        values[slot] = y if type(y) is float else np.asarray(y, dtype=np.float64)
        if strict and not np.isfinite(values[slot]).all():
            raise FloatingPointError(f"a value that is not finite encountered in {op.written(['...'] * len(args))}")
