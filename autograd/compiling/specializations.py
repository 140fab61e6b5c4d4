"""A function traced anew for each structure of its arguments, and each trace kept."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from ..errors import TraceError
from ..reals import TakesNumbers, quoted
from ..trees import size_of
from .arguments import Door, Given, owners_of_numbers
from .settings import Settings
from .traces import Specialization, broadcasting, run, small

MESSAGE = 240  # characters of another error that are quoted
WIDE = 5000  # more numbers than this in arrays are not traced one by one
MOST = 64  # traces that a function keeps


class Specializations:
    """The traces of a function so far, by the forms of its arguments; None where arrays mean themselves.

    `f` is None, and `lost` says why, where the function could not be pickled along.
    """

    def __init__(self, f: Callable[..., Any], door: Door, settings: Settings) -> None:
        self.f: Callable[..., Any] | None = f
        self.lost = ""
        self.ran = "nothing yet"  # the backend of the last call
        self.door, self.settings = door, settings
        self.known: dict[Any, Specialization | None] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What can be pickled of it: the function perhaps not."""
        lost = not_pickled(self.f)
        known = {key: trace for key, trace in self.known.items() if not not_pickled((key, trace))}
        return {**self.__dict__, "f": None if lost else self.f, "lost": lost or self.lost, "known": known}

    def __iter__(self) -> Any:
        return (trace for trace in self.known.values() if trace is not None)

    def of(self, given: Given) -> Specialization:
        """Return the trace for arguments of this form, made at its first call."""
        if not self.settings.rows and given.has_arrays:
            forms = small(given.forms)
            key = ("small", forms, given.names)
            if key not in self.known:
                self._keep(key, broadcasting(self.called(given), forms, given.owners, self.settings.who))
            trace = self.known[key]
            if trace is not None:
                return trace
        key = ("", given.forms, given.names)
        if key not in self.known:
            self._keep(key, self._traced(given))
        return self.known[key]  # type: ignore[return-value]

    def called(self, given: Given) -> Callable[[list[Any]], Any]:
        """Return the function, to be called with the structures of its arguments."""
        f = self.f
        if f is None:
            what = "was called with Values" if given.has_values else "met a new structure of arguments"
            why = f"its function was not pickled along ({self.lost}): define it at the top of a module, under its own name"
            raise TraceError(f"{self.settings.who} {what}, and {why}")
        count = given.positional
        return lambda built: f(*built[:count], **dict(zip(given.names, built[count:], strict=True)))

    def _keep(self, key: Any, trace: Specialization | None) -> None:
        """Keep a trace; the oldest goes where there are too many, as of a function that is given lists of every length."""
        while len(self.known) >= MOST:
            self.known.pop(next(iter(self.known)))
        self.known[key] = trace

    def _traced(self, given: Given) -> Specialization:
        """Trace the function for arguments of these forms, an array as what it is."""
        who, rows = self.settings.who, self.settings.rows
        leaves = [leaf for form in given.forms for leaf in form.leaves]
        count = sum(size_of(leaf) for leaf in leaves if leaf)
        if not rows and count > WIDE:
            raise ValueError(
                f"{who} got arrays of {count} numbers, and its function does not do with each number what it does "
                f"with one; up to {WIDE} are traced together. If they are many observations, compile with rows="
            )
        owners = given.owners if rows else owners_of_numbers(given.owners, leaves)
        try:
            outcome = run(self.called(given), given.forms, owners, who)
        except (TypeError, ValueError) as error:
            if isinstance(error, TraceError) or not (rows or given.has_arrays):
                raise
            raise self._explained(error, given) from error
        named = {self.door.name(i) for i in rows}
        return outcome.trace([slot for slot, owner in enumerate(owners) if owner in named])

    def _explained(self, error: Exception, given: Given) -> Exception:
        """An error of the function, with what its arguments were."""
        forms = self.door.described(given.forms[: given.positional])
        written = "is written for one row, in which" if self.settings.rows else "ran its function where"
        hint = "; for many observations, compile with rows=" * isinstance(error, TakesNumbers)
        said = f"{quoted(error, MESSAGE)}; {self.settings.who} {written} {forms}{hint}"
        return (TypeError if isinstance(error, TypeError) else ValueError)(said)


def not_pickled(x: Any) -> str:
    """Return why something cannot be pickled, "" where it can."""
    try:
        pickle.dumps(x)
    except Exception as error:  # whatever a part of it raises: it is said when the thing is missed
        return f"{type(error).__name__}: {error}"
    return ""
