"""The rows of a fit, block by block: work is mapped over blocks in order, and the few rows that matter are picked out.

Nothing else loops over rows; what needs them all at once asks for them with `Objective.everything`. A source gives blocks and knows nothing of models; what it is handed as work is a function of one
block, made by `functools.partial` of a function of a module, so that it can be pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

Array = Any
T = TypeVar("T")

BLOCK = 4096  # rows: with a dozen columns they stay in the second cache
LARGE = 32 * BLOCK  # rows that one call of a compiled program takes
TASK = 16 * BLOCK  # rows that one thread takes at a time, or one block if it is larger


class Block(NamedTuple):
    """Some rows: features (m, p), observations (m), and where there are any weights, offsets and numbers of trials.

    `places` says which rows of the source they are: a range, or an array of positions.
    """

    places: Any
    X: Array
    y: Array
    weights: Array | None = None
    offset: Array | None = None
    trials: Array | None = None

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.y)


Work = Callable[[Block], T]


class Source(Protocol):
    """Where rows come from: arrays today; pieces of a file or of a cluster have the same few methods."""

    @property
    def n(self) -> int:
        """The number of rows."""

    def map(self, work: Work[T], size: int = BLOCK) -> list[T]:
        """Return what work makes of each block of so many rows, in the order of blocks."""

    def every(self, test: Work[bool]) -> bool:
        """Return whether a test holds for all blocks; those after the first that it does not hold for are not looked at."""

    def where(self, test: Work[Array]) -> Block | None:
        """Return the rows for which a test of a block, which answers for each of its rows, is true; None if there are none."""

    def at(self, places: Array) -> Block:
        """Return the rows at some positions."""

    def of(self, columns: Array) -> Source:
        """Return the same rows with some of the features only."""

    def only(self, kept: Any) -> Source:
        """Return some of the rows: a slice, or a mask."""

    def beside(self, offset: Array) -> Source:
        """Return the same rows with other offsets."""


@dataclass(frozen=True)
class Arrays:
    """Rows in arrays: so many `threads` share the blocks."""

    X: Array
    y: Array
    weights: Array | None = None
    offset: Array | None = None
    trials: Array | None = None
    threads: int = 1

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.X)

    def _parts(self) -> list[Array]:
        return [self.X, self.y, self.weights, self.offset, self.trials]

    def _block(self, low: int, size: int) -> Block:
        high = min(low + size, self.n)
        return Block(range(low, high), *(None if part is None else part[low:high] for part in self._parts()))

    def map(self, work: Work[T], size: int = BLOCK) -> list[T]:
        """Return what work makes of each block, in order, done by the threads."""
        starts = range(0, self.n, size)
        many = max(1, TASK // size)
        tasks = [starts[k : k + many] for k in range(0, len(starts), many)]

        def run(task: Sequence[int]) -> list[T]:
            return [work(self._block(low, size)) for low in task]

        threads = min(len(tasks), self.threads)
        if threads < 2:
            return [result for task in tasks for result in run(task)]
        with ThreadPoolExecutor(threads) as pool:
            return [result for results in pool.map(run, tasks) for result in results]

    def every(self, test: Work[bool]) -> bool:
        """Return whether a test holds for all blocks, looked at until it does not."""
        return all(test(self._block(low, BLOCK)) for low in range(0, self.n, BLOCK))

    def where(self, test: Work[Array]) -> Block | None:
        """Return the rows for which the test is true."""
        masks = self.map(partial(_whole, test))
        places = np.flatnonzero(np.concatenate(masks)) if masks else np.zeros(0, dtype=int)
        return self.at(places) if len(places) else None

    def at(self, places: Array) -> Block:
        """Return the rows at some positions."""
        return Block(np.asarray(places), *(None if part is None else part[places] for part in self._parts()))

    def of(self, columns: Array) -> Arrays:
        """Return the rows with some of the features only, copied."""
        return replace(self, X=np.take(self.X, columns, axis=1))

    def only(self, kept: Any) -> Arrays:
        """Return some of the rows, copied."""
        X, y, weights, offset, trials = (
            None if part is None else np.ascontiguousarray(part[kept]) for part in self._parts()
        )
        return Arrays(X, y, weights, offset, trials, self.threads)

    def beside(self, offset: Array) -> Arrays:
        """Return the rows with other offsets."""
        return replace(self, offset=offset)


def _whole(test: Work[Array], block: Block) -> Array:
    return np.broadcast_to(test(block), block.size)


def added(parts: Iterable[Any]) -> Any:
    """Return the sum of arrays, in order."""
    return np.sum(list(parts), axis=0)
