"""The executors of a tape: on floats, on arrays in NumPy, and on rows with numba.

All of them compute the same program; nan and inf go through as IEEE arithmetic says, and none of them warns.
"""

from collections.abc import Callable, Iterable
from typing import Any


def in_threads(work: Callable[[Any], Any], parts: Iterable[Any], threads: int) -> list[Any]:
    """Return the results of work on each part, in order, done by so many threads."""
    if threads == 1:
        return [work(part) for part in parts]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))
