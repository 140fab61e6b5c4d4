"""Linear programs of many rows: begun with a few of them, and the rows that they would break are taken in as cuts."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..source import Array, Block, Source, Work

START, MORE = 2000, 1000  # rows of the first program, and those that are added to the next


def first(source: Source, columns: int = 1) -> Array:
    """Return places for the first program, evenly spaced; a place is that of a number in (n, columns), counted row by row."""
    every = source.n * columns
    return np.unique(np.linspace(0, every - 1, min(START, every)).astype(int))


def broken(source: Source, values: Work[Array], least: float, known: Array) -> Array:
    """Return the places where values, (m, columns) for each block, are the furthest below the least, but for those known."""
    parts = source.map(partial(_lowest, values, least, known))
    places, sizes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return places[np.argsort(sizes, kind="stable")[:MORE]]


def _lowest(values: Work[Array], least: float, known: Array, block: Block) -> tuple[Array, Array]:
    """The places of one block, and what stands there."""
    found = values(block)
    columns = found.shape[1]
    at = np.flatnonzero(found < least)
    places = np.asarray(block.places)[at // columns] * columns + at % columns
    new = ~np.isin(places, known)
    at, places = at[new], places[new]
    numbers = found.ravel()[at]
    lowest = np.argsort(numbers, kind="stable")[:MORE]
    return places[lowest], numbers[lowest]
