"""Starting weights: an `Init` says how wide the uniform distribution around 0 is that they are drawn from."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from numbers import Real
from operator import index
from reprlib import repr as short
from typing import Any, Protocol, cast

from autograd import Value

from .activations import Activation
from .names import look_up

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


INITS: dict[str, Init] = {f.__name__: f for f in (glorot, he, micrograd)}


def width(init: str | Init | None, activation: Activation, inputs: int, outputs: int) -> float:
    """Return how wide an `Init`, its name, or for None the one that fits the activation, draws the weights.

    Raises ValueError for a name that is not known and a width that is negative or not finite, TypeError for what is no
    function and a width that is no number.

    >>> width("he", abs, 6, 1), width(None, abs, 3, 3)
    (1.0, 1.0)
    """
    if isinstance(init, str):
        init = look_up("init", init, INITS)
    elif init is None:
        init = fitting(activation)
    elif not callable(init):
        raise TypeError(f"an init is a function or a name, got {type(init).__name__}")
    found = init(inputs, outputs)
    if not isinstance(found, Real):
        raise TypeError(f"an init returns a number, the width of the weights, got {type(found).__name__}")
    if not 0.0 <= found < math.inf:
        raise ValueError(f"an init returns a finite width from 0 up, got {short(found)}")
    return float(found)


def generator(rng: Any) -> Uniform:
    """Return what draws numbers: Python's global `random` for None, a new random.Random for an int, else rng itself.

    Raises TypeError for what cannot draw uniform numbers.

    >>> generator(0).uniform(-1, 1) == generator(0).uniform(-1, 1)
    True
    """
    if rng is None:
        return random
    if hasattr(rng, "__index__") and not isinstance(rng, (bool, type)):
        return random.Random(index(rng))
    if isinstance(rng, type) or not callable(getattr(rng, "uniform", None)):
        raise TypeError(f"rng is an int, a random.Random or a NumPy Generator, got {type(rng).__name__}")
    return cast(Uniform, rng)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["INITS", "fitting", *INITS]
