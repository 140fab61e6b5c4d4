"""What is switched on around a computation: recording, tracing, and what a fault of arithmetic does."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple

from .held import F, held

FAULT_MODES = ("warn", "ignore", "raise")


class Mode(NamedTuple):
    """What holds in the present context."""

    recording: bool = True
    faults: str = "warn"
    trace: dict[Any, Any] | None = None  # what has been recorded while a function is traced
    deriving: bool = False  # whether a derivative is being taken around what runs
    watched: frozenset[Any] = frozenset()  # leaves by which a derivative around this one is being taken
    lines: dict[Any, tuple[str, int]] | None = None  # where each node was made, while that is recorded
    lengths: list[None] | None = None  # an entry for each time that a traced function asked an array for its length
    before: Mode | None = None  # what held outside
    counts: tuple[Any, ...] = ()  # its entries in the lists below: they go when no context holds the mode any more

    @property
    def usual(self) -> bool:
        """Whether the operators may take their short way."""
        return self.recording and not self.watchful

    @property
    def tracing(self) -> bool:
        """Whether a function is being traced."""
        return self.trace is not None

    @property
    def watchful(self) -> bool:
        """Whether every single operation counts: to a trace, or to who wants to know of a fault."""
        return self.tracing or self.faults == "raise" or self.lines is not None

    @property
    def quiet(self) -> Mode:
        """The same for partials, which never warn."""
        return self if self.tracing else QUIET[self.recording]


class Count:
    """An entry in a list of this module, for as long as some context holds it."""

    def __init__(self, entries: list[None]) -> None:
        self.entries = entries
        entries.append(None)

    def __del__(self) -> None:
        self.entries.pop()


USUAL = Mode()
MODE: ContextVar[Mode] = ContextVar("MODE", default=USUAL)
QUIET = {recording: Mode(recording, "ignore") for recording in (True, False)}  # for partials: they never warn
DERIVING: list[None] = []  # one entry per derivative being taken anywhere in the process
UNUSUAL: list[None] = []  # one entry per unusual mode that holds anywhere in the process: all that the short way tests


class Switch:
    """A context that changes some fields of the mode, and gives the mode before it back; usable as a decorator too.

    It holds no state of its own, so that one object serves many calls, threads and tasks at a time: the mode before
    stands in the new one, and that in the context of the present thread or task.
    """

    def __init__(self, **changes: object) -> None:
        self._changes = changes

    def __enter__(self) -> Any:
        before = MODE.get()
        mode = before._replace(**self._changes, before=before)  # type: ignore[arg-type]
        lists = (UNUSUAL,) * (not mode.usual) + (DERIVING,) * mode.deriving
        MODE.set(mode._replace(counts=tuple(map(Count, lists))))

    def __exit__(self, *exception: object) -> None:
        before = MODE.get().before
        if before is not None:  # it was entered in this context
            MODE.set(before)

    def __call__(self, function: F) -> F:
        """Return the function with the mode switched while it runs; a generator's code, too, and a coroutine's.

        Raises TypeError for an asynchronous generator, whose code cannot be told from that between its steps, and at the
        call for a function that returns one, or a context manager.
        """
        return held(self, function)


def no_grad() -> Switch:
    """Return a context in which no graph is recorded: results are leaves.

    It holds in the present thread or task only. Inside it `grad(f)` still differentiates f, and returns plain numbers.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.args
    (9.0, ())
    """
    return Switch(recording=False)


def errstate(faults: str) -> Switch:
    """Return a context that settles what arithmetic such as log(0) or 1/0 does.

    "warn", the default, gives the IEEE answer (inf or nan) and a RuntimeWarning that names the function and its
    arguments, as NumPy does; "ignore" gives the answer alone; "raise" raises FloatingPointError at the first value or
    partial that is not finite.

    Raises ValueError for any other word.

    >>> from autograd import Value, errstate, log
    >>> with errstate("ignore"):
    ...     log(Value(0.0)).data
    -inf
    """
    if faults not in FAULT_MODES:
        raise ValueError(f"errstate() expects one of {', '.join(map(repr, FAULT_MODES))}, got {faults!r:.60}")
    return Switch(faults=faults)
