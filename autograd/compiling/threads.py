"""Work shared by threads, its results in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def in_threads(work: Callable[[Any], Any], parts: Iterable[Any], threads: int) -> list[Any]:
    """Return the results of work on each part, in order, done by so many threads."""
    if threads == 1:
        return [work(part) for part in parts]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))
