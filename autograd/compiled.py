"""compile: a scalar function traced once, and from then on run as a tape, on numbers, arrays and many rows."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from inspect import signature
from math import nan, prod
from operator import is_not
from typing import Any

from .arguments import Door, Given, owners_of_numbers
from .errors import TraceError
from .functions import sum as total
from .modes import DERIVING, MODE
from .reals import TakesNumbers, is_array, listed, quoted
from .tape import Tape, collector_paused
from .traces import Trace, broadcasting, run, small
from .trees import Form, Shape, array, list_of, numbers_in, size_of, take_apart
from .value import Value

BACKENDS = ("auto", "python", "numpy", "numba")
LONG = 5000  # more instructions than this are not worth compiling as Python
MESSAGE = 240  # characters of another error that are quoted
WIDE = 5000  # more numbers than this in arrays are not traced one by one
MOST = 64  # traces that a function keeps


class Compiled(partial[Any]):
    """What `compile` returns: called like the function it came from.

    `tapes` has a tape for each structure of arguments met so far, `ran` the backend of the last call. It is a partial of
    what takes the next call, the Python made for the last structure of numbers or the way of all others: a call through
    it costs a third of one through a method.
    """

    def __new__(cls, *_: Any, **__: Any) -> Compiled:
        """Make the partial; what it calls is set when the object is there."""
        return partial.__new__(cls, _restored)

    def __init__(
        self, f: Callable[..., Any], rows: Sequence[int], reduce: str | None, backend: str, threads: int
    ) -> None:
        self.f: Callable[..., Any] | None = f
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__doc__ = getattr(f, "__doc__", None)
        self.rows = tuple(rows)
        self.reduce = reduce
        self.backend = backend
        self.threads = threads
        self.ran = "nothing yet"
        self.lost = ""  # why the function was not pickled along
        self._door = Door(f, rows, self._who)
        self._traces: dict[Any, Trace | None] = {}  # by the forms of arguments; None where arrays mean themselves
        self._enter(self._dispatch)

    def _enter(self, way: Callable[..., Any]) -> None:
        """Let the next calls go this way."""
        self.__setstate__((way, (), {}, self.__dict__))  # type: ignore[attr-defined]

    @property
    def tapes(self) -> list[Tape]:
        """The tapes traced so far, one for each structure of arguments."""
        return [trace.tape for trace in self._traces.values() if trace is not None]

    def __repr__(self) -> str:
        count = len(self.tapes)
        sizes = ", ".join(str(len(tape)) for tape in self.tapes) or "no"
        word = "trace" if count == 1 else "traces"
        return f"compile({self.__name__}): {count} {word}, {sizes} instructions, last run by {self.ran}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with the traces; with the function only if that can be pickled."""
        state = dict(self.__dict__)
        if lost := _not_pickled(self.f):
            state["f"], state["lost"] = None, lost
        state["_traces"] = {key: trace for key, trace in self._traces.items() if not _not_pickled((key, trace))}
        return _restored, (state,)

    def __deepcopy__(self, _: Any) -> Compiled:
        """Copied as a function is: not at all."""
        return self

    @property
    def __signature__(self) -> Any:
        """The signature of the function."""
        return signature(self.f) if self.f is not None else None

    @property
    def _missed(self) -> str:
        return f"its function was not pickled along ({self.lost}): define it at the top of a module, under its own name"

    @property
    def _who(self) -> str:
        return f"compile({quoted(self.__name__)})"

    # One call

    def _dispatch(self, /, *args: Any, **kwargs: Any) -> Any:
        """The way of every call that the entry does not take."""
        given = self._door.given(args, kwargs)
        if MODE.get().tracing or given.has_values:
            return self._on_values(given)
        numbers = self._door.numbers(given)  # refused before anything is traced
        trace = self._trace_of(given)
        if DERIVING and trace.tape.closed and MODE.get().deriving:  # by what the function closes over, perhaps
            return self._on_values(given)
        if self.rows:
            return self._over_rows(trace, numbers, self._row_count(given))
        if trace.kept is not None:
            return self._broadcast(trace, numbers, given)
        numbers = numbers_in(numbers) if given.has_arrays else numbers
        return self._on_numbers(trace, numbers, None if kwargs else given.forms, given.is_exact)

    def _row_count(self, given: Given) -> int:
        count = self._door.row_count(given.counts)
        if self.reduce == "mean" and not count:
            raise ValueError(f"{self._who} expects at least one row for a mean, got none")
        return count

    def _trace_of(self, given: Given) -> Trace:
        """The trace for arguments of this form, made at its first call."""
        if not self.rows and given.has_arrays:
            forms = small(given.forms)
            key = ("small", forms, given.names)
            if key not in self._traces:
                self._keep(key, broadcasting(self._called(given), forms, given.owners, self._who))
            trace = self._traces[key]
            if trace is not None:
                return trace
        key = ("", given.forms, given.names)
        if key not in self._traces:
            self._keep(key, self._traced(given))
        return self._traces[key]  # type: ignore[return-value]

    def _keep(self, key: Any, trace: Trace | None) -> None:
        """Keep a trace; the oldest goes where there are too many, as of a function that is given lists of every length."""
        while len(self._traces) >= MOST:
            self._traces.pop(next(iter(self._traces)))
        self._traces[key] = trace

    def _called(self, given: Given) -> Callable[[list[Any]], Any]:
        """The function, to be called with the structures of its arguments."""
        f = self.f
        if f is None:
            what = "was called with Values" if given.has_values else "met a new structure of arguments"
            raise TraceError(f"{self._who} {what}, and {self._missed}")
        count = given.positional
        return lambda built: f(*built[:count], **dict(zip(given.names, built[count:], strict=True)))

    def _traced(self, given: Given) -> Trace:
        """Trace the function for arguments of these forms, an array as what it is."""
        count = sum(map(size_of, (leaf for form in given.forms for leaf in form.leaves if leaf)))
        if not self.rows and count > WIDE:
            raise ValueError(
                f"{self._who} got arrays of {count} numbers, and its function does not do with each number what it does "
                f"with one; up to {WIDE} are traced together. If they are many observations, compile with rows="
            )
        owners = given.owners
        if not self.rows:  # an owner for each number, not for each array
            leaves = [leaf for form in given.forms for leaf in form.leaves]
            owners = owners_of_numbers(owners, leaves)
        try:
            found = run(self._called(given), given.forms, owners, self._who)
        except (TypeError, ValueError) as error:
            if isinstance(error, TraceError) or not (self.rows or given.has_arrays):
                raise
            forms = self._door.described(given.forms[: given.positional])
            written = "is written for one row, in which" if self.rows else "ran its function where"
            hint = "; for many observations, compile with rows=" * isinstance(error, TakesNumbers)
            said = f"{quoted(error, MESSAGE)}; {self._who} {written} {forms}{hint}"
            raise (TypeError if isinstance(error, TypeError) else ValueError)(said) from error
        rows = {self._door.name(i) for i in self.rows}
        return found.trace([slot for slot, owner in enumerate(owners) if owner in rows])

    def flat(self, leaves: Sequence[Value]) -> Flat:
        """Return the function of an array of numbers for these closed-over leaves, and of the arguments, that returns
        the outputs in one array: what a trainer calls, with parameters that live in an array between its steps.

        Raises ValueError without rows and a reduction: there is one number for each output only then.
        """
        if not (self.rows and self.reduce):
            raise ValueError(f"{self._who}.flat() needs rows and a reduction")
        return Flat(self, leaves)

    # The ways to run a tape

    def _on_numbers(self, trace: Trace, numbers: list[float], forms: Sequence[Form] | None, exact: bool) -> Any:
        """Run on numbers, of arguments with these forms; `exact` says that they were floats as they came."""
        from .kernels import floats

        tape, backend = trace.tape, self.backend
        strict = MODE.get().faults == "raise"
        if backend == "auto":
            backend = "numba" if len(tape) > LONG and _has_numba() else "python"
        if backend != "python" and not strict:
            return trace.result.filled(self._run(trace, backend, numbers, 1)[:, 0].tolist())
        self.ran = "python"

        def walked(*xs: float) -> Any:
            return trace.result.filled(floats.walk(tape, [*xs, *tape.numbers()]))

        def listed_walk(xs: list[float]) -> Any:
            return walked(*xs)

        if strict or len(tape) > LONG:
            return walked(*numbers)
        if forms is None or not all(map(floats.is_plain, forms)):
            flat = list_of(tape.count)
            return self._made(trace, "python", lambda: floats.entry(tape, [flat], trace.result, listed_walk))(numbers)
        run = self._made(trace, "python", lambda: floats.entry(tape, forms, trace.result, self._dispatch))
        if exact and self.func is run:  # it has just been tried, and Python's arithmetic raised
            return walked(*numbers)
        self._enter(run)
        each = iter(numbers)
        return run(*[form.filled(each) for form in forms])

    def _made(self, trace: Trace, key: Any, make: Callable[[], Any]) -> Any:
        """What runs a tape in some way, made on first use."""
        if key not in trace.runners:
            trace.runners[key] = make()
        return trace.runners[key]

    def _runner(self, trace: Trace, backend: str, rows: tuple[int, ...]) -> Any:
        """What runs a tape over rows in these inputs."""
        runner = self._made(trace, (backend, rows), lambda: runner_of(trace.tape.staged(rows), self.reduce, backend))
        self.ran = runner.name
        self._enter(self._dispatch)  # so that `ran` is set when numbers come again
        return runner

    def _laid_out(self, trace: Trace, backend: str, numbers: Sequence[Any]) -> tuple[Any, list[float], Any]:
        """What runs a tape, the inputs' numbers (nan for arrays, which have rows), and the columns of the arrays."""
        rows = tuple(slot for slot, x in enumerate(numbers) if type(x) is not float)
        runner = self._runner(trace, backend, rows)
        shared = [x if type(x) is float else nan for x in numbers] + trace.tape.numbers()
        return runner, shared, runner.columns([x for x in numbers if type(x) is not float])

    def _run(self, trace: Trace, backend: str, numbers: Sequence[Any], count: int) -> Any:
        """The outputs over rows: numbers of a reduction, else a column for each; arrays among the numbers have rows."""
        runner, shared, columns = self._laid_out(trace, backend, numbers)
        return runner.run(shared, columns, count, self.threads)

    def _chosen(self) -> str:
        if MODE.get().faults == "raise":
            return "numpy"
        return ("numba" if _has_numba() else "numpy") if self.backend == "auto" else self.backend

    def _broadcast(self, trace: Trace, numbers: list[Any], given: Given) -> Any:
        """Run on arrays of numbers; each leaf of the result has the axes that the function gives it."""
        import numpy as np

        arrays = [x for x in numbers if type(x) is not float]
        try:
            shape = np.broadcast_shapes(*(x.shape for x in arrays))
        except ValueError:
            pairs = zip(numbers, given.owners, strict=True)
            found = listed(f"{x.shape} in {name}" for x, name in pairs if is_array(x))
            raise ValueError(f"{self._who} cannot broadcast the shapes {found}") from None
        rows = [x if type(x) is float else np.broadcast_to(x, shape).reshape(-1) for x in numbers]
        out = self._run(trace, self._chosen(), rows, prod(shape))
        assert trace.kept is not None
        columns = iter(out)
        items = [
            _spread([next(columns) for _ in range(size_of(leaf))], leaf or (), shape, kept)
            for leaf, kept in zip(trace.result.leaves, trace.kept, strict=True)
        ]
        return trace.result.assembled(items)

    def _over_rows(self, trace: Trace, numbers: list[Any], count: int) -> Any:
        out = self._run(trace, self._chosen(), numbers, count)
        if self.reduce:
            return trace.result.filled(out.tolist())
        return trace.result.filled(out, _rows_first)

    def _on_values(self, given: Given) -> Any:
        """Run the function itself; row by row, or number by number, where arguments have several of them."""
        call = self._called(given)
        if self.rows:
            return self._reduced([call(self._row(given, row)) for row in range(self._row_count(given))], given)
        try:
            return call([_of_values(form, part) for form, part in zip(given.forms, given.parts, strict=True)])
        except TakesNumbers:
            if not given.has_arrays:
                raise
        return self._each(call, given)

    def _each(self, call: Callable[[list[Any]], Any], given: Given) -> Any:
        """The function of each number, where the library takes no array."""
        import numpy as np

        many = np.broadcast_arrays(*(np.asarray(leaf, dtype=object) for leaf in given.leaves))
        shape = many[0].shape
        results = []
        for index in np.ndindex(shape):
            each = iter([x[index] for x in many])
            results.append(
                take_apart(call([form.with_leaves([None] * len(form.leaves)).filled(each) for form in given.forms]))
            )
        columns = zip(*(leaves for _, leaves in results), strict=True)
        return results[0][0].filled(array(list(column), shape) for column in columns)

    def _row(self, given: Given, row: int) -> list[Any]:
        """The arguments in one row."""
        built = []
        for position, (form, part) in enumerate(zip(given.forms, given.parts, strict=True)):
            built.append(form.filled([column[row] for column in part] if position in self.rows else part))
        return built

    def _reduced(self, results: list[Any], given: Given) -> Any:
        """The results of single rows, put together as over all rows."""
        taken = [take_apart(result) for result in results]
        form = taken[0][0] if taken else self._trace_of(given).result  # the form is known from a trace
        columns: Any = zip(*(numbers_in(leaves) for _, leaves in taken), strict=True) if taken else [()] * form.size
        if self.reduce is None:
            return form.filled((list(column) for column in columns), _rows_first)
        share = 1.0 / len(results) if self.reduce == "mean" else 1.0
        return form.filled(total(column) * share for column in columns)


class Flat:
    """A compiled function of an array of numbers for closed-over leaves, and of its arguments: see `Compiled.flat`."""

    def __init__(self, compiled: Compiled, leaves: Sequence[Value]) -> None:
        self._compiled = compiled
        self._leaves = {leaf: position for position, leaf in enumerate(leaves)}
        self._ready: tuple[Any, ...] = ()

    def __call__(self, numbers: Any, *args: Any) -> Any:
        """Return the outputs, in the order of the leaves of what the function returns."""
        backend = self._compiled._chosen()
        ready = self._ready
        if not ready or ready[0] != backend or len(args) != len(ready[1]) or any(map(is_not, args, ready[1])):
            ready = self._ready = self._prepared(backend, args)
        _, _, runner, template, slots, places, columns, count, others = ready
        shared = template.copy()
        shared[slots] = numbers[places]
        for slot, leaf in others:
            shared[slot] = leaf._data
        return runner.run(shared, columns, count, self._compiled.threads)

    def _prepared(self, backend: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Take the arguments apart; what comes of arrays is kept for the next call with the same ones."""
        import numpy as np

        compiled = self._compiled
        given = compiled._door.given(args, {})
        trace = compiled._trace_of(given)
        numbers = compiled._door.numbers(given)
        tape = trace.tape
        runner, shared, columns = compiled._laid_out(trace, backend, numbers)
        closed = list(enumerate(tape.closed, tape.count))
        slots = np.array([slot for slot, leaf in closed if leaf in self._leaves], dtype=np.intp)
        places = np.array([self._leaves[leaf] for _, leaf in closed if leaf in self._leaves], dtype=np.intp)
        others = [(slot, leaf) for slot, leaf in closed if leaf not in self._leaves]
        # Columns are views of such arrays, which may change in place; anything else is read anew at each call.
        rows = [is_array(x) and x.dtype == np.float64 and x.ndim <= 2 for x in args]
        kept = all(position in compiled.rows and row for position, row in enumerate(rows))
        known = args if kept else (object(),) * len(args)
        return backend, known, runner, np.array(shared), slots, places, columns, compiled._row_count(given), others


def runner_of(tape: Tape, reduce: str | None, backend: str) -> Any:
    """What runs a tape over rows."""
    from .kernels.floats import Lines

    if backend == "python":
        return Lines(tape, reduce)
    from .kernels import fast
    from .kernels.blocks import Blocks
    from .kernels.plan import Plan

    with collector_paused():
        plan = Plan(tape, reduce)
        return fast.Fast(plan) if backend == "numba" and fast.can_run(plan) else Blocks(plan)


def _has_numba() -> bool:
    from .kernels import fast

    return fast.is_installed()


def _not_pickled(x: Any) -> str:
    """Why something cannot be pickled, "" where it can."""
    try:
        pickle.dumps(x)
    except Exception as error:  # whatever a part of it raises: it is said when the thing is missed
        return f"{type(error).__name__}: {error}"
    return ""


def _restored(state: dict[str, Any]) -> Compiled:
    self = Compiled.__new__(Compiled)
    self.__dict__.update(state)
    self._enter(self._dispatch)
    return self


def _of_values(form: Form, leaves: list[Any]) -> Any:
    """A structure whose arrays of Values refuse what a Value can do and an array cannot."""
    if not form.has_arrays:
        return form.assembled(leaves)
    from .kernels.traced import Traced

    return form.assembled(x.view(Traced) if is_array(x) and x.dtype == object else x for x in leaves)


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


def _rows_first(columns: list[Any], shape: Shape) -> Any:
    """An array of this shape in each row, of the columns of its numbers."""
    import numpy as np

    return np.moveaxis(np.array(columns).reshape(*shape, -1 if columns else 0), -1, 0)


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
    return Compiled(f, [int(p) for p in positions], reduce, backend, threads)
