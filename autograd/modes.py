"""What is switched on around a computation: recording, tracing, and what a fault of arithmetic does."""

from __future__ import annotations

import sys
import warnings
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

FAULTS = (ValueError, ArithmeticError)  # what math.log(-1), 1/0 and math.exp(800) raise
FAULT_MODES = ("warn", "ignore", "raise")


class Mode(NamedTuple):
    """What holds in the present context."""

    recording: bool = True
    faults: str = "warn"
    trace: dict[Any, Any] | None = None  # what has been recorded while a function is traced
    deriving: bool = False  # whether a derivative is being taken around what runs
    watched: frozenset[Any] = frozenset()  # leaves by which a derivative around this one is being taken
    lines: dict[Any, tuple[str, int]] | None = None  # where each node was made, while that is recorded

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


USUAL = Mode()
MODE: ContextVar[Mode] = ContextVar("MODE", default=USUAL)
QUIET = {recording: Mode(recording, "ignore") for recording in (True, False)}  # for partials: they never warn
DERIVING: list[None] = []  # one entry per derivative being taken anywhere in the process
UNUSUAL: list[None] = []  # one entry per unusual mode entered anywhere in the process: all that the short way tests


class Switch(ContextDecorator):
    """A context that changes some fields of the mode, and gives them back; usable as a decorator too."""

    def __init__(self, **changes: object) -> None:
        self._changes = changes
        self._entered: list[tuple[Token[Mode], list[list[None]]]] = []

    def __enter__(self) -> None:
        mode = MODE.get()._replace(**self._changes)  # type: ignore[arg-type]
        counts = [count for count, wanted in ((UNUSUAL, not mode.usual), (DERIVING, mode.deriving)) if wanted]
        self._entered.append((MODE.set(mode), counts))
        for count in counts:
            count.append(None)

    def __exit__(self, *exception: object) -> None:
        token, counts = self._entered.pop()
        for count in counts:
            count.pop()
        MODE.reset(token)


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
        raise ValueError(f"errstate() expects one of {', '.join(map(repr, FAULT_MODES))}, got {faults!r}")
    return Switch(faults=faults)


PACKAGE = str(Path(__file__).parent)


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
    """The frame of whoever called the library, and how many frames above this function's caller it is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    return frame, level


def note_line(node: Any) -> None:
    """Record where a node is made: the line outside this library and its networks."""
    lines = MODE.get().lines
    if lines is not None:
        frame, _ = caller()
        while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("nn."):
            frame = frame.f_back
        lines[node] = (frame.f_code.co_filename, frame.f_lineno)
