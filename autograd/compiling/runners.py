"""A tape run on arrays: over rows, or on arrays that broadcast; in NumPy's blocks, in numba's, or row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import nan, prod
from typing import Any

from ..modes import MODE
from ..reals import is_array, listed
from ..trees import Shape, size_of
from .arguments import Given
from .program import collector_paused
from .settings import Settings
from .tape import Tape
from .traces import Specialization


@cache
def has_numba() -> bool:
    """Return whether numba is there."""
    from .numba import kernel

    return kernel.is_installed()


def backend_for_arrays(backend: str) -> str:
    """Return what runs arrays, where that is left open; under errstate("raise") NumPy, which can stop."""
    if MODE.get().faults == "raise":
        return "numpy"
    return ("numba" if has_numba() else "numpy") if backend == "auto" else backend


def runner_of(tape: Tape, reduce: str | None, backend: str) -> Any:
    """Return what runs a tape over rows."""
    from .python import RowByRow

    if backend == "python":
        return RowByRow(tape, reduce)
    from .numba import kernel
    from .numpy import Blocks
    from .plan import Plan

    with collector_paused():
        plan = Plan(tape, reduce)
        return kernel.Kernel(plan) if backend == "numba" and kernel.can_run(plan) else Blocks(plan)


def laid_out(trace: Specialization, settings: Settings, backend: str, numbers: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Return what runs a tape, the inputs' numbers (nan for arrays, which have rows), and the columns of the arrays."""
    rows = tuple(slot for slot, x in enumerate(numbers) if type(x) is not float)
    runner = trace.made((backend, rows), lambda: runner_of(trace.tape.staged(rows), settings.reduce, backend))
    shared = [x if type(x) is float else nan for x in numbers] + trace.tape.numbers()
    return runner, shared, runner.columns([x for x in numbers if type(x) is not float])


def outputs(trace: Specialization, settings: Settings, backend: str, numbers: Sequence[Any], count: int) -> Any:
    """Return the outputs over rows: numbers of a reduction, else a column for each; arrays among the numbers have rows."""
    runner, shared, columns = laid_out(trace, settings, backend, numbers)
    trace.ran = runner.name
    return runner.run(shared, columns, count, settings.threads)


def over_rows(trace: Specialization, settings: Settings, numbers: list[Any], count: int) -> Any:
    """Return the result over rows, in its form."""
    out = outputs(trace, settings, backend_for_arrays(settings.backend), numbers, count)
    return trace.result.filled(out.tolist()) if settings.reduce else trace.result.filled(out, rows_first)


def broadcast(trace: Specialization, settings: Settings, numbers: list[Any], given: Given) -> Any:
    """Return the result on arrays of numbers; each leaf of it has the axes that the function gives it."""
    import numpy as np

    try:
        shape = np.broadcast_shapes(*(x.shape for x in numbers if type(x) is not float))
    except ValueError:
        pairs = zip(numbers, given.owners, strict=True)
        shapes = listed(f"{x.shape} in {name}" for x, name in pairs if is_array(x))
        raise ValueError(f"{settings.who} cannot broadcast the shapes {shapes}") from None
    rows = [x if type(x) is float else np.broadcast_to(x, shape).reshape(-1) for x in numbers]
    columns = iter(outputs(trace, settings, backend_for_arrays(settings.backend), rows, prod(shape)))
    assert trace.kept is not None
    items = [
        _spread([next(columns) for _ in range(size_of(leaf))], leaf or (), shape, kept)
        for leaf, kept in zip(trace.result.leaves, trace.kept, strict=True)
    ]
    return trace.result.assembled(items)


def _spread(columns: Sequence[Any], leaf: Shape, shape: Shape, kept: Shape | None) -> Any:
    """A leaf of a result over arrays of this shape, which has those axes of it that are kept (all for None)."""
    import numpy as np

    whole = np.reshape(columns, leaf + shape) if leaf else columns[0].reshape(shape)
    if kept is None:
        return whole
    missing = len(shape) - len(kept)
    index = (..., *[0] * missing, *(slice(1) if n == 1 else slice(None) for n in kept))
    part = whole[index]
    return part if part.ndim else float(part)


def rows_first(columns: list[Any], shape: Shape) -> Any:
    """Return an array of this shape in each row, of the columns of its numbers."""
    import numpy as np

    return np.moveaxis(np.array(columns).reshape(*shape, -1 if columns else 0), -1, 0)
