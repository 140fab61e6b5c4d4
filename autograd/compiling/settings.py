"""What was asked of `compile`."""

from __future__ import annotations

from typing import NamedTuple

BACKENDS = ("auto", "python", "numpy", "numba")


class Settings(NamedTuple):
    """What the function is called in errors, which arguments have rows, and how a tape is to be run."""

    who: str
    rows: tuple[int, ...]
    reduce: str | None
    backend: str
    threads: int
