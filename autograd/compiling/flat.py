"""A compiled function of parameters that live in one array: what a trainer calls."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_not
from typing import Any, NamedTuple

from ..trees import size_of
from ..value import Value
from .arguments import Door, columns_of
from .runners import backend_for_arrays, laid_out
from .settings import Settings
from .specializations import Specializations


class Ready(NamedTuple):
    """What is kept from one call to the next: a runner, and what it is given beside the array of numbers."""

    known: dict[Any, Any]  # the traces of the function that it is made of
    backend: str
    args: tuple[Any, ...]  # the arrays it was made of
    runner: Any
    shared: Any  # the numbers of all inputs,
    slots: Any  # of which these
    places: Any  # are these of the array
    columns: Any
    rows: int
    others: list[tuple[int, Value]]  # closed-over leaves whose numbers are read at each call
    frames: list[Any] | None  # how the arrays lie in memory, if each number of a row has a place in them,
    owners: Any  # and of which of them each column is


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
        ready = self._ready if self._ready is not None and self._ready.known is self._traces.known else None
        if (
            ready is None
            or ready.backend != backend
            or len(args) != len(ready.args)
            or any(map(is_not, args, ready.args))
        ):
            ready = self._ready = self._moved(ready, backend, args) or self._prepared(backend, args)
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
        found = [*map(_frame, args)]
        steady = None not in found and all(position in self._settings.rows for position in range(len(args)))
        frames = found if steady else None
        known = args if frames else (object(),) * len(args)
        owners = np.repeat(range(len(args)), [size_of(x.shape[1:]) for x in args]) if frames else None
        count = self._door.row_count(given.counts, self._settings.reduce)
        return Ready(
            self._traces.known,
            backend,
            known,
            runner,
            np.array(shared),
            slots,
            places,
            columns,
            count,
            others,
            frames,
            owners,
        )

    def _moved(self, ready: Ready | None, backend: str, args: tuple[Any, ...]) -> Ready | None:
        """What is ready, for other arrays that lie in memory as those did; None where they do not."""
        import numpy as np

        if ready is None or ready.frames is None or ready.backend != backend or [*map(_frame, args)] != ready.frames:
            return None
        count = len(args[0])
        if not count or any(len(arg) != count for arg in args):
            return None
        if hasattr(ready.runner, "moved"):
            steps = [_address(new) - _address(old) for new, old in zip(args, ready.args, strict=True)]
            columns = ready.runner.moved(ready.columns, np.array(steps)[ready.owners])
        else:
            columns = ready.runner.columns([column for arg in args for column in columns_of(arg)])
        return ready._replace(args=args, columns=columns, rows=count)


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def _frame(arg: Any) -> Any:
    """How an array of floats lies in memory, whatever its number of rows; None where its columns would be copies, or it is none.

    Columns are views, so that an array may change in its place; what has no frame is read anew at each call.
    """
    import numpy as np

    if type(arg) is not np.ndarray or arg.dtype.char != "d" or not (0 < arg.ndim <= 2 or arg.flags.c_contiguous):
        return None
    return (arg.shape[1:], arg.strides) if arg.ndim else None
