"""Activations by name: those primitives that turn one number into one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import PRIMITIVES, Value

from .names import look_up

Activation = Callable[[Value], Value]


def identity(x: Any) -> Any:
    """Return x: the activation of a linear neuron.

    >>> identity(2.0)
    2.0
    """
    return x


def resolved(activation: str | Activation | None) -> Activation:
    """Return the function that an activation's name stands for, a function itself, `identity` for None.

    Raises ValueError for a name that is not known, TypeError for what cannot be called.

    >>> resolved("relu") is autograd.relu
    True
    """
    if activation is None:
        return identity
    if isinstance(activation, str):
        known = look_up("activation", activation, {name: name for name in valid_names()})
        return identity if known == "identity" else getattr(autograd, known)
    if not callable(activation):
        raise TypeError(f"an activation is a function or a name, got {type(activation).__name__}")
    return activation


def valid_names() -> list[str]:
    """Return the names that `resolved` knows: primitives of one argument that have a derivative, and identity.

    >>> "tanh" in valid_names(), "hypot" in valid_names(), "floor" in valid_names()
    (True, False, False)
    """
    rows = PRIMITIVES.values()
    return ["identity", *(r.name for r in rows if r.is_unary and r.partials[0] is not None and not r.helper)]


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["identity", "resolved", "valid_names"]
