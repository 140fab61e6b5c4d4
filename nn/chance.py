"""Random numbers for layers: where they come from, and that without a source there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .init import generator

Source = Callable[[int], Sequence[Any]]

SOURCE: ContextVar[Source | None] = ContextVar("source of noise", default=None)


def uniforms(count: int) -> Sequence[Any] | None:
    """Return so many uniform numbers between 0 and 1 from the source that is on, or None where none is.

    What a layer with random numbers calls. They are Values where a model is compiled, numbers else.

    >>> uniforms(2) is None
    True
    """
    source = SOURCE.get()
    return None if source is None else source(count)


@contextmanager
def noise(rng: Any = None) -> Iterator[None]:
    """Let layers such as `Dropout` draw random numbers; outside of it they let everything through.

    `fit` does so for its training steps, so that a prediction is never random by mistake. `rng` is an int, a random.Random or a
    NumPy Generator; by default Python's global `random`.

    >>> with noise(rng=0):
    ...     print(len(uniforms(3)))
    3
    """
    draw = generator(rng)
    with drawing_from(lambda count: [float(draw.uniform(0.0, 1.0)) for _ in range(count)]):
        yield


@contextmanager
def drawing_from(source: Source | None) -> Iterator[None]:
    """Let layers take their numbers from a function of how many they want; with None there is no noise."""
    token = SOURCE.set(source)
    try:
        yield
    finally:
        SOURCE.reset(token)
