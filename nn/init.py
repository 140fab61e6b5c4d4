"""Starting weights: an `Init` says how wide the uniform distribution around 0 is that they are drawn from."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Protocol, cast

from autograd import Value

from .activations import Activation

Init = Callable[[int, int], float]


class Uniform(Protocol):
    """What weights are drawn with: random.Random, NumPy's Generator, or the module random itself."""

    def uniform(self, low: float, high: float, /) -> float:
        """Return a number between low and high."""


def glorot(inputs: int, outputs: int) -> float:
    """Keep the variance alike forward and backward where the activation is near the identity (Glorot, Bengio 2010).

    >>> glorot(3, 3)
    1.0
    """
    return math.sqrt(6.0 / (inputs + outputs))


def he(inputs: int, outputs: int) -> float:
    """Keep the variance where the activation lets one side through (He, Zhang, Ren, Sun 2015).

    >>> he(6, 1)
    1.0
    """
    return math.sqrt(6.0 / inputs)


def micrograd(inputs: int, outputs: int) -> float:
    """The same width for every layer: uniform between -1 and 1, as in micrograd.

    >>> micrograd(100, 100)
    1.0
    """
    return 1.0


def fitting(activation: Activation) -> Init:
    """Return `he` for an activation that lets one side through, `glorot` for any other; it is tried at -10 and 10.

    >>> from autograd import relu, tanh
    >>> fitting(relu).__name__, fitting(tanh).__name__
    ('he', 'glorot')
    """
    low, high = abs(activation(Value(-10.0)).data), abs(activation(Value(10.0)).data)
    return he if high > 5.0 and low < 0.5 * high else glorot


def generator(rng: Any) -> Uniform:
    """Return what draws numbers: Python's global `random` for None, a new random.Random for an int, else rng itself.

    Raises TypeError for what cannot draw uniform numbers.

    >>> generator(0).uniform(-1, 1) == generator(0).uniform(-1, 1)
    True
    """
    if rng is None:
        return random
    if isinstance(rng, int) and not isinstance(rng, bool):
        return random.Random(rng)
    if not callable(getattr(rng, "uniform", None)):
        raise TypeError(f"rng is an int, a random.Random or a NumPy Generator, got {type(rng).__name__}")
    return cast(Uniform, rng)
