"""Faults of arithmetic, such as log(0) and 1/0: what raised them, who called, and what is said."""

from __future__ import annotations

import os
import sys
import warnings
from opcode import opmap
from pathlib import Path
from types import FrameType
from typing import Any

from .modes import MODE

FAULTS = (ValueError, ArithmeticError)  # what math.log(-1), 1/0 and math.exp(800) raise
RAISE = opmap["RAISE_VARARGS"]  # the instruction of a raise statement
PACKAGE = f"{Path(__file__).parent}{os.sep}"


def is_arithmetic(fault: Exception) -> bool:
    """Return whether arithmetic or `math` raised, and no raise statement of somebody's code."""
    end = fault.__traceback__
    while end is not None and end.tb_next is not None:
        end = end.tb_next
    return end is None or end.tb_frame.f_code.co_code[end.tb_lasti] != RAISE


def warn_of(kind: str, call: str) -> None:
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
    """Return the frame of whoever called the library, and how many frames above this function's caller it is.

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
