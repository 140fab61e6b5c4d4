"""A compiled function of parameters that live in one array: what a trainer calls."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_not
from typing import Any, NamedTuple

from ..reals import is_array
from ..value import Value
from .arguments import Door
from .runners import backend_for_arrays, laid_out
from .settings import Settings
from .specializations import Specializations


class Ready(NamedTuple):
    """What is kept from one call to the next: a runner, and what it is given beside the array of numbers."""

    backend: str
    args: tuple[Any, ...]  # the arrays it was made of
    runner: Any
    shared: Any  # the numbers of all inputs,
    slots: Any  # of which these
    places: Any  # are these of the array
    columns: Any
    rows: int
    others: list[tuple[int, Value]]  # closed-over leaves whose numbers are read at each call


class Flat:
    """A function of an array of numbers for closed-over leaves, and of the arguments: see `Compiled.flat`."""

    def __init__(self, traces: Specializations, door: Door, settings: Settings, leaves: Sequence[Value]) -> None:
        self._traces, self._door, self._settings = traces, door, settings
        self.leaves = list(leaves)
        self._leaves = {leaf: position for position, leaf in enumerate(leaves)}
        self._ready: Ready | None = None

    def __call__(self, numbers: Any, *args: Any) -> Any:
        """Return the outputs, in the order of the leaves of what the function returns."""
        backend = backend_for_arrays(self._settings.backend)
        ready = self._ready
        if (
            ready is None
            or ready.backend != backend
            or len(args) != len(ready.args)
            or any(map(is_not, args, ready.args))
        ):
            ready = self._ready = self._prepared(backend, args)
        shared = ready.shared.copy()
        shared[ready.slots] = numbers[ready.places]
        for slot, leaf in ready.others:
            shared[slot] = leaf._data
        return ready.runner.run(shared, ready.columns, ready.rows, self._settings.threads)

    def numbers(self) -> list[float]:
        """Return the numbers that the leaves have now."""
        return [leaf._data for leaf in self.leaves]

    def give(self, numbers: list[float]) -> None:
        """Give the leaves these numbers, which must be floats."""
        for leaf, number in zip(self.leaves, numbers, strict=True):
            leaf._data = number

    def _prepared(self, backend: str, args: tuple[Any, ...]) -> Ready:
        """Take the arguments apart; what comes of arrays is kept for the next call with the same ones."""
        import numpy as np

        given = self._door.given(args, {})
        trace = self._traces.of(given)
        runner, shared, columns = laid_out(trace, self._settings, backend, self._door.numbers(given))
        self._traces.ran = runner.name
        closed = list(enumerate(trace.tape.closed, trace.tape.count))
        pairs = [(slot, self._leaves[leaf]) for slot, leaf in closed if leaf in self._leaves]
        slots, places = (np.array([pair[k] for pair in pairs], dtype=np.intp) for k in (0, 1))
        others = [(slot, leaf) for slot, leaf in closed if leaf not in self._leaves]
        # Columns are views of such arrays, which may change in place; anything else is read anew at each call.
        views = [is_array(x) and x.dtype == np.float64 and x.ndim <= 2 for x in args]
        kept = all(position in self._settings.rows and view for position, view in enumerate(views))
        known = args if kept else (object(),) * len(args)
        count = self._door.row_count(given.counts, self._settings.reduce)
        return Ready(backend, known, runner, np.array(shared), slots, places, columns, count, others)
