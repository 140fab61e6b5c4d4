"""What holds while `compile` traces a function: its Values have no number, and whatever asks for one is refused."""

from __future__ import annotations

import linecache
from typing import Any, NoReturn

from .errors import TraceError
from .faults import caller
from .modes import MODE, UNUSUAL, Mode
from .primitive import Primitive
from .reals import quoted
from .rewrites import FOR_TRACES, rewritten


def refuse(what: str) -> NoReturn:
    """Raise TraceError with the line of the caller that asked for what a traced Value cannot tell."""
    frame, _ = caller()
    path, number = frame.f_code.co_filename, frame.f_lineno
    line = quoted(linecache.getline(path, number).strip())
    raise TraceError(
        f"compile() runs the function for all numbers at once, and {what} needs one of them: line {number} of {quoted(path)}"
        + (f": {line}" if line else "")
        + "; choose with autograd.where(condition, a, b), take autograd's functions for math's, bind what counts or indexes "
        "with functools.partial, and keep .data and backward() outside"
    )


def tracing() -> bool:
    """Whether a function is being traced in this context."""
    return bool(UNUSUAL) and MODE.get().tracing


class Unknown:
    """Stands for the number of a traced Value: nothing can be computed with it."""

    def _refused(self, *_: Any) -> NoReturn:
        refuse("the number of a traced Value")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refused
    __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _refused
    __float__ = __int__ = __bool__ = __format__ = _refused


UNKNOWN: Any = Unknown()


def recorded(cls: Any, op: Primitive, inputs: list[Any], mode: Mode) -> Any:
    """Return the node of op without a number, the same for the same inputs; partials only tell where edges are."""
    if op.selects and type(inputs[0]) is not cls:  # settled already
        taken = inputs[op.chosen(inputs[0])]
        return taken if type(taken) is cls else cls.fixed(taken)
    if op in FOR_TRACES and any(type(x) is float for x in inputs):
        shorter = rewritten(op, inputs, FOR_TRACES)
        if shorter is not None:
            return shorter if type(shorter) is cls else cls.fixed(shorter)
    known: Any = mode.trace
    key = (op, mode.recording, *[x if type(x) is cls else x.hex() for x in inputs])
    if key not in known:
        partials = op.partials * len(inputs) if op.variadic else op.partials
        slopes = [
            1.0 if mode.recording and partial is not None and type(x) is cls else None
            for x, partial in zip(inputs, partials, strict=False)
        ]
        known[key] = cls._node(op, UNKNOWN, tuple(inputs), tuple(slopes))
    return known[key]
