"""The rows that `fit` is given: read, checked, and taken batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from .. import checks, tables

Array = Any


class Batch(NamedTuple):
    """Some rows: features, observations, and weights where there are any."""

    X: Array
    y: Array
    weights: Array | None = None

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.y)


class Rows:
    """Rows in arrays; those of several lengths in one array for each length, which batches do not mix.

    `places` has for each array where its rows stood in what the user gave.
    """

    def __init__(self, parts: list[Batch], places: list[Array]) -> None:
        self.parts, self.places = parts, places
        self.n = sum(part.size for part in parts)
        self._buffers: dict[Any, Batch] = {}

    @property
    def y(self) -> Array:
        """The observations of all rows."""
        return np.concatenate([part.y for part in self.parts])

    def batches(self, size: int | None, rng: np.random.Generator | None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, rows drawn by a generator if there is one; the next may come in the arrays of the last."""
        size = size or self.n
        plan: list[tuple[int, Any]] = []
        for k, part in enumerate(self.parts):
            if size >= part.size:
                plan.append((k, None))  # all of them: their order has no say
                continue
            order = np.arange(part.size) if rng is None else rng.permutation(part.size)
            plan += [(k, order[start : start + size]) for start in range(0, part.size, size)]
        if len(self.parts) > 1 and rng is not None:
            plan = [plan[k] for k in rng.permutation(len(plan))]
        for k, places in plan[skip:]:
            yield self.parts[k] if places is None else self._taken(k, places)

    def _taken(self, k: int, places: Array) -> Batch:
        """Some rows, in arrays that are used again: what is compiled knows them."""
        part, key = self.parts[k], (k, len(places))
        if key not in self._buffers:
            self._buffers[key] = Batch(*(None if x is None else np.empty_like(x[: len(places)]) for x in part))
        buffer = self._buffers[key]
        for x, out in zip(part, buffer, strict=True):
            if x is not None:
                np.take(x, places, axis=0, out=out, mode="clip")  # without a copy to check; places are in range
        return buffer

    def only(self, places: Array) -> Rows:
        """Return the rows at some positions, which count through the parts."""
        starts = np.cumsum([0, *(part.size for part in self.parts)])
        parts, kept = [], []
        for part, known, start in zip(self.parts, self.places, starts, strict=False):
            own = places[(places >= start) & (places < start + part.size)] - start
            if len(own):
                parts.append(Batch(*(None if x is None else np.ascontiguousarray(x[own]) for x in part)))
                kept.append(known[own])
        return Rows(parts, kept)

    def scaled(self, who: str) -> Rows:
        """Return the rows with weights of mean 1. Raises ValueError if all of them are 0."""
        if self.parts[0].weights is None:
            return self
        mean = sum(part.weights.sum() for part in self.parts if part.weights is not None) / self.n
        if not mean > 0.0:
            raise ValueError(f"{who} expects a sample_weight above 0 in some row, got zero in all {self.n}")
        return Rows([part._replace(weights=part.weights / mean) for part in self.parts], self.places)


class Stream:
    """Batches from any iterable, gone through once an epoch: pairs of features and observations, or with weights as a third.

    To see what rows are like, the first epoch is begun: it goes on from there. Raises TypeError for an iterator, which ends.
    """

    n = None

    def __init__(self, batches: Any, who: str) -> None:
        self._given, self._who = batches, who
        if hasattr(batches, "__next__"):
            raise TypeError(
                f"{who} expects batches that begin anew in each epoch, got an iterator ({type(batches).__name__}): pass a list, or an "
                "object whose __iter__ makes a new one"
            )
        self._begun: Any = None

    def first(self) -> Batch:
        """Return the first batch of the epoch that is to come."""
        if self._begun is None:
            each = iter(self._given)
            batch = next(each, None)
            if batch is None:
                raise ValueError(f"{self._who} expects at least one batch in each epoch, got none")
            self._begun = chain([batch], each), self._read(batch, 0)
        return self._begun[1]  # type: ignore[no-any-return]

    def batches(self, size: int | None, rng: np.random.Generator | None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, in the order of the iterable."""
        self.first()
        (each, _), self._begun = self._begun, None
        for k, batch in enumerate(islice(each, skip, None), skip):
            yield self._read(batch, k)

    def _read(self, batch: Any, k: int) -> Batch:
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise TypeError(
                f"{self._who} expects batches that are pairs (X, y), got {type(batch).__name__} as batch {k}"
            )
        who = f"{self._who}, batch {k},"
        rows = rows_of(batch[0], batch[1], batch[2] if len(batch) == 3 else None, who)
        if len(rows.parts) > 1:
            raise ValueError(f"{who} expects rows of one length, got {len(rows.parts)}")
        (part,) = rows.parts
        return part if len(batch) == 2 or part.weights is not None else part._replace(weights=np.ones(part.size))


def rows_of(X: Any, y: Any, weights: Any, who: str) -> Rows:
    """Return rows of lists, arrays or tables, checked; lists of several lengths are grouped by length.

    Raises TypeError and ValueError, naming row and column.
    """
    tables.check_index(who, X, y=y)
    lengths = _lengths(X)
    target = _numbers(y, who, "y")
    count = len(X) if not hasattr(X, "shape") else X.shape[0]
    if not count:
        raise ValueError(f"{who} expects at least one row, got none")
    if target.ndim == 0 or len(target) != count:
        got = "one number" if target.ndim == 0 else len(target)
        raise ValueError(f"{who} expects as many observations in y as X has rows, got {got} for {count}")
    weight = None if weights is None else checks.weights_of(weights, count, who)
    if lengths is None:
        return Rows([Batch(_numbers(X, who, "X"), target, weight)], [np.arange(count)])
    parts, known = [], []
    for length in sorted(set(lengths)):
        places = np.flatnonzero(np.array(lengths) == length)
        part = _numbers([X[k] for k in places], who, "X", places)
        parts.append(Batch(part, target[places], None if weight is None else weight[places]))
        known.append(places)
    return Rows(parts, known)


def _lengths(X: Any) -> list[int] | None:
    """The lengths of rows in a list, where they are not all the same."""
    if not isinstance(X, (list, tuple)) or not all(hasattr(row, "__len__") and not isinstance(row, str) for row in X):
        return None
    lengths = [len(row) for row in X]
    return lengths if len(set(lengths)) > 1 else None


def _numbers(x: Any, who: str, what: str, places: Array | None = None) -> Array:
    """An array of finite floats; `places` says where its rows stood."""
    expected = f"{who} expects numbers in {what}"
    if isinstance(x, (str, bytes)) or not (hasattr(x, "__len__") or hasattr(x, "__array__")):
        raise TypeError(f"{expected}, got {type(x).__name__} {short(x)}")
    array = np.ascontiguousarray(tables.floats(x, expected))
    array = array[:, 0] if what == "y" and array.ndim == 2 and array.shape[1] == 1 else array
    bad = ~np.isfinite(array)
    if bad.any():
        place = np.argwhere(bad)[0]
        row = place[0] if places is None else places[place[0]]
        column = f", column {place[1]}" if len(place) > 1 else ""
        raise ValueError(f"{who} expects finite numbers in {what}, got {array[tuple(place)]} in row {row}{column}")
    return np.ascontiguousarray(array)
