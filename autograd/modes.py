"""What is switched on around a computation: recording, tracing, and what a fault of arithmetic does."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial, wraps
from inspect import (
    isasyncgen,
    isasyncgenfunction,
    iscoroutine,
    iscoroutinefunction,
    isgenerator,
    isgeneratorfunction,
)
from opcode import opmap
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
FAULTS = (ValueError, ArithmeticError)  # what math.log(-1), 1/0 and math.exp(800) raise
RAISE = opmap["RAISE_VARARGS"]  # the instruction of a raise statement
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
        if isasyncgenfunction(function):
            raise TypeError(f"{_name(function)} is an asynchronous generator, in which no mode can hold")
        held = _stepwise if isgeneratorfunction(function) else _awaited if iscoroutinefunction(function) else _called
        return cast(F, wraps(function)(held(self, function)))


def _called(switch: Switch, function: Callable[..., Any]) -> Callable[..., Any]:
    def held(*args: Any, **kwargs: Any) -> Any:
        with switch:
            result = function(*args, **kwargs)
        if isgenerator(result):
            return _stepwise(switch, lambda: result)()
        if iscoroutine(result):
            return _awaited(switch, lambda: result)()
        if isasyncgen(result) or hasattr(type(result), "__enter__"):
            raise TypeError(
                f"{_name(function)} returns what runs later, a {type(result).__name__}: write `with` inside it"
            )
        return result

    return held


def _name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', type(function).__name__):.60}()"


def _awaited(switch: Switch, function: Callable[..., Any]) -> Callable[..., Any]:
    async def held(*args: Any, **kwargs: Any) -> Any:
        with switch:
            return await function(*args, **kwargs)

    return held


def _stepwise(switch: Switch, function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator whose every step is taken in the mode; between them the caller's holds."""

    def held(*args: Any, **kwargs: Any) -> Any:
        steps = function(*args, **kwargs)
        go: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                with switch:
                    item = go()
            except StopIteration as stop:
                return stop.value
            try:
                go = partial(steps.send, (yield item))
            except GeneratorExit:
                with switch:
                    steps.close()
                raise
            except BaseException as error:  # thrown in by the caller: the generator's own to deal with
                go = partial(steps.throw, error)

    return held


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


PACKAGE = f"{Path(__file__).parent}{os.sep}"


def is_arithmetic(fault: Exception) -> bool:
    """Whether arithmetic or `math` raised, and no raise statement of somebody's code."""
    end = fault.__traceback__
    while end is not None and end.tb_next is not None:
        end = end.tb_next
    return end is None or end.tb_frame.f_code.co_code[end.tb_lasti] != RAISE


def report(kind: str, call: str) -> None:
    """Warn at the caller's line, or raise, that `call` met a fault of this kind."""
    faults = MODE.get().faults
    if faults == "ignore":
        return
    message = f"{kind} encountered in {call}"
    if faults == "raise":
        raise FloatingPointError(message)
    _, level = caller()
    warnings.warn(message, RuntimeWarning, stacklevel=level)


def caller() -> tuple[FrameType, int]:
    """The frame of whoever called the library, and how many frames above this function's caller it is.

    A package that builds on this one belongs to the library if it says `__autograd_library__ = True` in its __init__.py.
    """
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and _is_library(frame):
        frame, level = frame.f_back, level + 1
    return frame, level


def _is_library(frame: FrameType) -> bool:
    if frame.f_code.co_filename.startswith(PACKAGE):
        return True
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package == "numpy" or hasattr(sys.modules.get(package), "__autograd_library__")


def note_line(node: Any) -> None:
    """Record where a node is made: the line outside this library and those that build on it."""
    lines = MODE.get().lines
    if lines is not None:
        frame, _ = caller()
        lines[node] = (frame.f_code.co_filename, frame.f_lineno)
