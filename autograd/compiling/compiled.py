"""compile: a scalar function traced once, and from then on run as a tape, on numbers, arrays and many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from typing import Any
from weakref import WeakSet

from ..modes import DERIVING, MODE
from ..reals import quoted
from ..trees import Form, list_of, numbers_in
from ..value import Value
from . import eager
from .arguments import Door, Given
from .flat import Flat
from .runners import broadcast, has_numba, outputs, over_rows
from .settings import BACKENDS, Settings
from .specializations import Specializations
from .tape import Tape
from .traces import Specialization

LONG = 5000  # more instructions than this are not worth compiling as Python


EXISTING: WeakSet[Compiled] = WeakSet()  # compiled functions that somebody holds


@contextmanager
def traced_anew() -> Iterator[None]:
    """Trace each compiled function again within the context, in which rules are others; behind it, its traces are those from before."""
    before = {compiled: compiled._traced_anew() for compiled in [*EXISTING]}
    try:
        yield
    finally:
        for compiled in [*EXISTING]:
            compiled._traced_anew(before.get(compiled))


class Compiled(partial[Any]):
    """What `compile` returns: called like the function it came from.

    `tapes` has a tape for each structure of arguments met so far, `ran` the backend of the last call. It is a partial of
    what takes the next call, the Python made for the last structure of numbers or the way of all others: a call through
    it costs a third of one through a method. `_enter` says what takes the next call.
    """

    def __new__(cls, *_: Any, **__: Any) -> Compiled:
        """Make the partial; what it calls is set when the object is there."""
        return partial.__new__(cls, _restored)

    def __init__(self, f: Callable[..., Any], settings: Settings) -> None:
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__doc__ = getattr(f, "__doc__", None)
        self.settings = settings
        self._door = Door(f, settings.rows, settings.who)
        self._traces = Specializations(f, self._door, settings)
        self._enter(self._dispatch)
        EXISTING.add(self)

    def _traced_anew(self, known: dict[Any, Any] | None = None) -> dict[Any, Any]:
        """Go on with these traces, or with none, and return those so far. Without its function there is nothing to trace."""
        before = self._traces.known
        if self.f is not None:
            self._traces.known = {} if known is None else known
            self._enter(self._dispatch)
        return before

    def _enter(self, way: Callable[..., Any]) -> None:
        """Let the next calls go this way."""
        self.__setstate__((way, (), {}, self.__dict__))  # type: ignore[attr-defined]

    @property
    def f(self) -> Callable[..., Any] | None:
        """The function, None where it was not pickled along."""
        return self._traces.f

    @property
    def ran(self) -> str:
        """The backend of the last call."""
        return self._traces.ran

    @property
    def tapes(self) -> list[Tape]:
        """The tapes traced so far, one for each structure of arguments."""
        return [trace.tape for trace in self._traces]

    def __repr__(self) -> str:
        count = len(self.tapes)
        sizes = ", ".join(str(len(tape)) for tape in self.tapes) or "no"
        word = "trace" if count == 1 else "traces"
        return f"compile({self.__name__}): {count} {word}, {sizes} instructions, last run by {self.ran}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with the traces; with the function only if that can be pickled."""
        return _restored, (dict(self.__dict__),)

    def __deepcopy__(self, _: Any) -> Compiled:
        """Copied as a function is: not at all."""
        return self

    @property
    def __signature__(self) -> Any:
        """The signature of the function."""
        return signature(self.f) if self.f is not None else None

    def _dispatch(self, /, *args: Any, **kwargs: Any) -> Any:
        """The way of every call that the entry does not take."""
        given, settings = self._door.given(args, kwargs), self.settings
        if MODE.get().tracing or given.has_values:
            return self._on_values(given)
        numbers = self._door.numbers(given)  # refused before anything is traced
        trace = self._traces.of(given)
        if DERIVING and trace.tape.closed and MODE.get().deriving:  # by what the function closes over, perhaps
            return self._on_values(given)
        if settings.rows or trace.kept is not None:
            self._enter(self._dispatch)  # so that `ran` is set when numbers come again
            result = (
                over_rows(trace, settings, numbers, self._door.row_count(given.counts, settings.reduce))
                if settings.rows
                else broadcast(trace, settings, numbers, given)
            )
            self._traces.ran = trace.ran
            return result
        numbers = numbers_in(numbers) if given.has_arrays else numbers
        return self._on_numbers(trace, numbers, None if kwargs else given.forms, given.is_exact)

    def _on_values(self, given: Given) -> Any:
        """Run the function itself."""
        call = self._traces.called(given)
        if not self.settings.rows:
            return eager.on_values(call, given)
        count = self._door.row_count(given.counts, self.settings.reduce)
        return eager.over_rows(call, given, self.settings, count, lambda: self._traces.of(given).result)

    def _on_numbers(
        self, trace: Specialization, numbers: list[float], forms: Sequence[Form] | None, exact: bool
    ) -> Any:
        """Run on numbers, of arguments with these forms; `exact` says that they were floats as they came."""
        from .python import entry, is_plain, walk

        tape, backend = trace.tape, self.settings.backend
        strict = MODE.get().faults == "raise"
        if backend == "auto":
            backend = "numba" if len(tape) > LONG and has_numba() else "python"
        if backend != "python" and not strict:
            self._enter(self._dispatch)
            columns = outputs(trace, self.settings._replace(threads=1), backend, numbers, 1)
            self._traces.ran = trace.ran
            return trace.result.filled(columns[:, 0].tolist())
        self._traces.ran = "python"

        def walked(*xs: float) -> Any:
            return trace.result.filled(walk(tape, [*xs, *tape.numbers()]))

        def walked_list(xs: list[float]) -> Any:
            return walked(*xs)

        if strict or len(tape) > LONG:
            return walked(*numbers)
        if forms is None or not all(map(is_plain, forms)):
            flat = list_of(tape.count)
            return trace.made("python", lambda: entry(tape, [flat], trace.result, walked_list))(numbers)
        run = trace.made("python", lambda: entry(tape, forms, trace.result, self._dispatch))
        if exact and self.func is run:  # it has just been tried, and Python's arithmetic raised
            return walked(*numbers)
        self._enter(run)
        each = iter(numbers)
        return run(*[form.filled(each) for form in forms])

    def flat(self, leaves: Sequence[Value]) -> Flat:
        """Return the function of an array of numbers for these closed-over leaves, and of the arguments, that returns
        the outputs in one array: what a trainer calls, with parameters that live in an array between its steps.

        Raises ValueError without rows and a reduction: there is one number for each output only then.
        """
        if not (self.settings.rows and self.settings.reduce):
            raise ValueError(f"{self.settings.who}.flat() needs rows and a reduction")
        return Flat(self._traces, self._door, self.settings, leaves)


def _restored(state: dict[str, Any]) -> Compiled:
    self = Compiled.__new__(Compiled)
    self.__dict__.update(state)
    self._enter(self._dispatch)
    EXISTING.add(self)
    return self


def compile(
    f: Callable[..., Any],
    rows: int | Iterable[int] = (),
    reduce: str | None = None,
    backend: str = "auto",
    threads: int = 1,
) -> Compiled:
    """Return f compiled: traced at its first call, and from then on run as a tape.

    f is a function of numbers, arrays, and nested lists, tuples and dicts of them, made of operators and functions of
    `autograd`; it may be a derivative, as in `compile(grad(f))`. Called with numbers the result is numbers. An array means
    what f does with it; only where the library itself takes no array, as in `sin`, does it mean many numbers, and the
    result has the shape that a ufunc would give (docs/compile.md). `rows` names the positions of arguments that have rows on
    their first axis: f is written for one row, (n,) for a number, (n, d) for an array of d; the other arguments are shared.
    `reduce` gives the "sum" or "mean" over rows of every output; those of single rows are never stored. Leaf Values that f
    closes over are read at each call, plain numbers are what they were in the trace. Called with Values it runs f itself,
    so it can be differentiated.

    `backend` is "python" (straight-line Python for numbers; row by row for arrays), "numpy" (blocks of rows), "numba" (needs the extra `fast`), or "auto";
    results of several `threads` are the same to the last bit. A function is traced anew for each structure of its
    arguments: `tapes` has what came out. While f is traced, no number is known: a comparison that would choose a branch
    raises TraceError, and `where` chooses instead.

    Raises TypeError or ValueError, naming the argument, for what is no number, and for shapes that do not fit.

    >>> from autograd import compile, grad, sin
    >>> slope = compile(grad(lambda x: x * sin(x)))
    >>> f"{slope(0.5):.6f}"
    '0.918217'
    >>> print(slope.tapes[0])
    v1 = sin(x)
    v2 = cos(x)
    v3 = x * v2
    v4 = v1 + v3
    return v4
    """
    if not callable(f):
        raise TypeError(f"compile() expects a function, got {type(f).__name__}")
    if backend not in BACKENDS:
        raise ValueError(f"compile() expects backend to be one of {', '.join(BACKENDS)}, got {quoted(repr(backend))}")
    if reduce not in (None, "sum", "mean"):
        raise ValueError(f"compile() expects reduce to be None, 'sum' or 'mean', got {quoted(repr(reduce))}")
    positions = list(rows) if hasattr(rows, "__iter__") else [rows]
    if any(isinstance(p, bool) or not hasattr(p, "__index__") or p < 0 for p in positions):
        raise ValueError(f"compile() expects rows to be positions of arguments, from 0, got {quoted(repr(rows))}")
    if reduce and not positions:
        raise ValueError(f"compile() got reduce={reduce!r} and no rows to reduce")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"compile() expects threads to be an int from 1 up, got {quoted(repr(threads))}")
    who = f"compile({quoted(getattr(f, '__name__', type(f).__name__))})"
    return Compiled(f, Settings(who, tuple(int(p) for p in positions), reduce, backend, threads))
