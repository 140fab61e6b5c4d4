"""What holds while `compile` traces a function: its Values have no number, and whatever asks for one is refused."""

from __future__ import annotations

import linecache
from typing import Any, NoReturn

from .errors import TraceError
from .modes import MODE, UNUSUAL, caller
from .reals import quoted


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
