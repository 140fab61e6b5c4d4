"""compile: a scalar function traced once, and from then on run as a tape, on numbers, arrays and many rows."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from inspect import Parameter, signature
from math import nan
from operator import is_not
from typing import Any

from .errors import TraceError
from .functions import sum as total
from .modes import DERIVING, MODE, Switch
from .reals import is_real, real
from .tape import Tape, collector_paused
from .trees import Form, is_array, leaf_count, put_together, take_apart
from .value import Value

BACKENDS = ("auto", "python", "numpy", "numba")
LONG = 5000  # more instructions than this are not worth compiling as Python


class Trace:
    """A tape with the forms of the arguments it was traced for, and what has been made to run it."""

    def __init__(self, tape: Tape, result: Form) -> None:
        self.tape = tape
        self.result = result
        self.runners: dict[Any, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "runners": {}}


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
        self._parameters = _parameter_names(f)
        self._traces: dict[Any, Trace] = {}
        self._enter(self._dispatch)

    def _enter(self, way: Callable[..., Any]) -> None:
        """Let the next calls go this way."""
        self.__setstate__((way, (), {}, self.__dict__))  # type: ignore[attr-defined]

    @property
    def tapes(self) -> list[Tape]:
        """The tapes traced so far, one for each structure of arguments."""
        return [trace.tape for trace in self._traces.values()]

    def __repr__(self) -> str:
        count = len(self._traces)
        sizes = ", ".join(str(len(tape)) for tape in self.tapes) or "no"
        word = "trace" if count == 1 else "traces"
        return f"compile({self.__name__}): {count} {word}, {sizes} instructions, last run by {self.ran}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with the traces; with the function only if that can be pickled."""
        state = dict(self.__dict__)
        try:
            pickle.dumps(self.f)
        except Exception as error:  # whatever a part of the function raises: it is said when the function is missed
            state["f"], state["lost"] = None, f"{type(error).__name__}: {error}"
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

    # One call

    def _dispatch(self, *args: Any, **kwargs: Any) -> Any:
        """The way of every call that the entry does not take."""
        forms, owners, leaves, counts = self._taken_apart(args, kwargs)
        if MODE.get().tracing or any(type(leaf) is not float and _has_values(leaf) for leaf in leaves):
            return self._on_values(args, kwargs, counts)
        broadcasts = not self.rows and any(is_array(leaf) for leaf in leaves)
        trace = self._trace_of(forms, owners, len(args), tuple(kwargs), broadcasts)
        if DERIVING and trace.tape.closed and MODE.get().deriving:  # by what the function closes over, perhaps
            return self._on_values(args, kwargs, counts)
        numbers = self._numbers(leaves, owners)
        if self.rows:
            return self._over_rows(trace, numbers, self._rows_in(counts))
        if any(type(x) is not float for x in numbers):
            return self._broadcast(trace, numbers, owners)
        exact = all(type(leaf) is float for leaf in leaves)
        return self._on_numbers(trace, numbers, None if kwargs else forms, exact)

    def _taken_apart(
        self, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Form], list[str], list[Any], dict[str, int]]:
        """The forms of the arguments, whose each leaf is, the leaves, and the numbers of rows."""
        if len(args) <= max(self.rows, default=-1):
            missing = ", ".join(self._argument(i) for i in self.rows if i >= len(args))
            raise TypeError(
                f"{self._who} expects what has rows by position: {missing} is missing among {len(args)} positional arguments"
            )
        given = [*((self._argument(i), arg) for i, arg in enumerate(args)), *kwargs.items()]
        leaves: list[Any] = []
        owners: list[str] = []
        forms: list[Form] = []
        counts: dict[str, int] = {}
        for position, (name, arg) in enumerate(given):
            own: list[Any] = []
            if position in self.rows:
                form = self._row_form(name, arg, own, counts)
            else:
                form = take_apart(arg, own, arrays=bool(self.rows) and getattr(arg, "ndim", 1) > 0)
            leaves += own
            owners += [name] * len(own)
            forms.append(form)
        return forms, owners, leaves, counts

    def _rows_in(self, counts: dict[str, int]) -> int:
        """The number of rows."""
        if len(set(counts.values())) > 1:
            found = ", ".join(f"{count} in {name}" for name, count in counts.items())
            raise ValueError(f"{self._who} expects the same number of rows in each argument with rows, got {found}")
        count = next(iter(counts.values()))
        if self.reduce == "mean" and not count:
            raise ValueError(f"{self._who} expects at least one row for a mean, got none")
        return count

    def _numbers(self, leaves: Sequence[Any], owners: Sequence[str]) -> list[Any]:
        return [
            leaf if type(leaf) is float else _number(leaf, f"argument {name} of {self._who}")
            for leaf, name in zip(leaves, owners, strict=True)
        ]

    def _trace_of(
        self, forms: Sequence[Form], owners: Sequence[str], count: int, names: tuple[str, ...], broadcasts: bool = False
    ) -> Trace:
        key = (tuple(forms), count, names)
        if key not in self._traces:
            self._traces[key] = self._traced(forms, owners, count, names, broadcasts)
        return self._traces[key]

    @property
    def _who(self) -> str:
        return f"compile({self.__name__})"

    def _argument(self, position: int) -> str:
        return self._parameters[position] if position < len(self._parameters) else f"argument {position}"

    def _row_form(self, name: str, arg: Any, leaves: list[Any], counts: dict[str, int]) -> Form:
        """The form of one row of an argument with rows, its columns appended to the leaves."""
        import numpy as np

        if isinstance(arg, dict):
            return dict, tuple(arg), tuple(self._row_form(f"{name}[{k!r}]", v, leaves, counts) for k, v in arg.items())
        if isinstance(arg, (list, tuple)) and any(is_array(part) and part.ndim for part in arg):
            parts = [self._row_form(f"{name}[{i}]", part, leaves, counts) for i, part in enumerate(arg)]
            return type(arg), tuple(parts)
        try:
            array = np.asarray(arg)
        except ValueError:
            raise ValueError(f"{self._who} expects rows of equal length in {name}") from None
        if array.ndim == 0:
            raise ValueError(f"{self._who} expects rows on the first axis of {name}, got one {type(arg).__name__}")
        counts[name] = len(array)
        if array.dtype == object and any(type(x) is Value for x in array.flat):
            leaves.append(next(x for x in array.flat if type(x) is Value))
            return None
        array = _floats(array, f"argument {name} of {self._who}")
        if array.ndim == 1:
            leaves.append(array)
            return None
        flat = array.reshape(len(array), -1) if array.size else np.empty((len(array), int(np.prod(array.shape[1:]))))
        leaves += list(flat.T)
        return "array", array.shape[1:]

    def _traced(
        self, forms: Sequence[Form], owners: Sequence[str], count: int, names: Sequence[str], broadcasts: bool
    ) -> Trace:
        """Trace the function for arguments of these forms."""
        if self.f is None:
            raise TraceError(f"{self._who} met a new structure of arguments, and {self._missed}")
        inputs = [Value.unknown(name) for name in _numbered(owners)]
        leaves = iter(inputs)
        built = [put_together(form, leaves) for form in forms]
        with collector_paused(), Switch(recording=True, faults="ignore", trace={}, watched=frozenset()):
            try:
                result = self.f(*built[:count], **dict(zip(names, built[count:], strict=True)))
            except TypeError as error:
                if isinstance(error, TraceError) or not (broadcasts or self.rows):
                    raise
                raise TypeError(f"{error}; {self._given(forms, broadcasts)}") from error
            outputs: list[Any] = []
            form = take_apart(result, outputs)
        for y in outputs:
            if type(y) is not Value and not is_real(y):
                raise TypeError(f"{self._who} expects numbers from its function, got {type(y).__name__}")
        rows = {self._argument(i) for i in self.rows}
        return Trace(Tape(outputs, inputs, [slot for slot, owner in enumerate(owners) if owner in rows]), form)

    def _given(self, forms: Sequence[Form], broadcasts: bool) -> str:
        """What to say of the arguments where the function cannot take them."""
        if broadcasts:
            return (
                f"{self._who} got an array, which broadcasts: its function is given one number in its place. "
                "Pass a list of numbers, or rows="
            )
        shapes = [
            "a number" if form is None else f"an array {form[1]}" if form[0] == "array" else f"a {form[0].__name__}"
            for form in forms
        ]
        named = ", ".join(f"{self._argument(i)} is {shape}" for i, shape in enumerate(shapes))
        return f"{self._who} is written for one row, in which {named}"

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
            return put_together(trace.result, iter(self._run(trace, backend, numbers, 1)[:, 0].tolist()))
        self.ran = "python"

        def walked(*xs: float) -> Any:
            return put_together(trace.result, iter(floats.walk(tape, [*xs, *tape.numbers()])))

        if strict or len(tape) > LONG:
            return walked(*numbers)
        if forms is None or not all(map(floats.is_plain, forms)):
            flat = [None] * tape.count
            return self._made(trace, "python", lambda: floats.entry(tape, flat, trace.result, walked))(*numbers)
        run = self._made(trace, "python", lambda: floats.entry(tape, forms, trace.result, self._dispatch))
        if exact and self.func is run:  # it has just been tried, and Python's arithmetic raised
            return walked(*numbers)
        self._enter(run)
        leaves = iter(numbers)
        return run(*[put_together(form, leaves) for form in forms])

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

    def _broadcast(self, trace: Trace, numbers: list[Any], owners: Sequence[str]) -> Any:
        import numpy as np

        arrays = [x for x in numbers if type(x) is not float]
        try:
            shape = np.broadcast_shapes(*(x.shape for x in arrays))
        except ValueError:
            found = ", ".join(f"{x.shape} in {name}" for x, name in zip(numbers, owners, strict=True) if is_array(x))
            raise ValueError(f"{self._who} cannot broadcast the shapes {found}") from None
        rows = [x if type(x) is float else np.broadcast_to(x, shape).reshape(-1) for x in numbers]
        out = self._run(trace, self._chosen(), rows, int(np.prod(shape)))
        return put_together(trace.result, (column.reshape(shape) for column in out))

    def _over_rows(self, trace: Trace, numbers: list[Any], count: int) -> Any:
        out = self._run(trace, self._chosen(), numbers, count)
        if self.reduce:
            return put_together(trace.result, iter(out.tolist()))
        return put_together(trace.result, iter(out), rows=True)

    def _on_values(self, args: Sequence[Any], kwargs: dict[str, Any], counts: dict[str, int]) -> Any:
        """Run the function itself; row by row where arguments have rows."""
        if self.f is None:
            raise TraceError(f"{self._who} was called with Values, and {self._missed}")
        if not self.rows:
            return self.f(*args, **kwargs)
        results = []
        for row in range(self._rows_in(counts)):
            own = [_row(arg, row) if position in self.rows else arg for position, arg in enumerate(args)]
            results.append(self.f(*own, **kwargs))
        leaves: list[list[Any]] = []
        for result in results:
            leaves.append([])
            form = take_apart(result, leaves[-1])
        if not results:  # the form is known from a trace
            forms, owners, _, _ = self._taken_apart(args, kwargs)
            form = self._trace_of(forms, owners, len(args), tuple(kwargs)).result
        columns = zip(*leaves, strict=True) if results else iter([()] * leaf_count(form))
        if self.reduce is None:
            return put_together(form, (list(column) for column in columns))
        share = 1.0 / len(results) if self.reduce == "mean" else 1.0
        return put_together(form, (total(column) * share for column in columns))


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
        forms, owners, leaves, counts = compiled._taken_apart(args, {})
        trace = compiled._trace_of(forms, owners, len(args), ())
        numbers = compiled._numbers(leaves, owners)
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
        return backend, known, runner, np.array(shared), slots, places, columns, compiled._rows_in(counts), others


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


def _restored(state: dict[str, Any]) -> Compiled:
    self = Compiled.__new__(Compiled)
    self.__dict__.update(state)
    self._enter(self._dispatch)
    return self


def _has_values(leaf: Any) -> bool:
    return type(leaf) is Value or (is_array(leaf) and leaf.dtype == object and any(type(x) is Value for x in leaf.flat))


def _number(x: Any, who: str) -> Any:
    """A float, or an array of them."""
    if is_array(x):
        return _floats(x, who) if x.ndim else real(x.item(), who)
    return real(x, who)


def _floats(array: Any, who: str) -> Any:
    import numpy as np

    if array.dtype == object:
        return np.array([real(x, who) for x in array.flat]).reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{who} takes real numbers, got an array of {array.dtype}")
    return np.asarray(array, dtype=np.float64)


def _row(arg: Any, row: int) -> Any:
    """One row of an argument with rows."""
    if isinstance(arg, dict):
        return {key: _row(part, row) for key, part in arg.items()}
    if isinstance(arg, (list, tuple)) and any(is_array(part) and part.ndim for part in arg):
        return type(arg)(_row(part, row) for part in arg)
    return arg[row]


def _parameter_names(f: Callable[..., Any]) -> list[str]:
    """The names of the positional parameters, as far as they can be known."""
    try:
        parameters = signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]


def _numbered(owners: Sequence[str]) -> list[str]:
    """A name for each leaf: its argument's, with a number where that has several."""
    counts = Counter(owners)
    seen: dict[str, int] = {}
    names = []
    for owner in owners:
        number = seen.get(owner, 0)
        seen[owner] = number + 1
        plain = "".join(c if c.isalnum() else "_" for c in owner).strip("_")
        names.append(plain if counts[owner] == 1 else f"{plain}{number}")
    return names


def compile(
    f: Callable[..., Any],
    rows: int | Iterable[int] = (),
    reduce: str | None = None,
    backend: str = "auto",
    threads: int = 1,
) -> Compiled:
    """Return f compiled: traced at its first call, and from then on run as a tape.

    f is a function of numbers and nested lists, tuples and dicts of them, made of operators and functions of `autograd`;
    it may be a derivative, as in `compile(grad(f))`. Called with numbers the result is numbers. Arrays in
    the places of numbers broadcast as NumPy's do, and results are arrays of the shape a ufunc would give. `rows` names
    the positions of arguments that have rows on their first axis: f is written for one row, (n,) for a number, (n, d)
    for d of them; the other arguments are shared. `reduce` gives the "sum" or "mean" over rows of every output, without
    the outputs of single rows ever being stored. Leaf Values that f closes over are read at each call,
    plain numbers are what they were in the trace. Called with
    Values it runs f itself, so it can be differentiated.

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
        raise ValueError(f"compile() expects backend to be one of {', '.join(BACKENDS)}, got {backend!r}")
    if reduce not in (None, "sum", "mean"):
        raise ValueError(f"compile() expects reduce to be None, 'sum' or 'mean', got {reduce!r}")
    positions = list(rows) if hasattr(rows, "__iter__") else [rows]
    if any(isinstance(p, bool) or not hasattr(p, "__index__") or p < 0 for p in positions):
        raise ValueError(f"compile() expects rows to be positions of arguments, from 0, got {rows!r}")
    if reduce and not positions:
        raise ValueError(f"compile() got reduce={reduce!r} and no rows to reduce")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"compile() expects threads to be an int from 1 up, got {threads!r}")
    return Compiled(f, [int(p) for p in positions], reduce, backend, threads)
