"""Functions of PyTorch and JAX, with the gradients that these compute; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import MissingPackage
from ..trees import numbers_in, take_apart
from .foreign import Foreign


def from_torch(f: Callable[..., Any]) -> Foreign:
    """Return a function of PyTorch's tensors with PyTorch's gradient: check_grads(from_torch(f), (np.array([1.0, 2.0]),)).

    Numbers and arrays become tensors of float64, also in lists, tuples and dicts; f returns one number.

    Raises MissingPackage where PyTorch is not installed.
    """
    with MissingPackage.told("from_torch()"):
        import torch

    def tensor(x: Any) -> Any:
        return torch.tensor(x, dtype=torch.float64, requires_grad=True)

    def gradient(*args: Any) -> Any:
        form, leaves = take_apart(args)
        tensors = [tensor(leaf) for leaf in leaves]
        y = f(*form.assembled(tensors))
        slopes = torch.autograd.grad(y, tensors, allow_unused=True)
        return numbers_in([_array(t if d is None else d, d is None) for t, d in zip(tensors, slopes, strict=True)])

    def value(*args: Any) -> float:
        form, leaves = take_apart(args)
        return float(_array(f(*form.assembled([tensor(leaf) for leaf in leaves])), False))

    return Foreign(value, gradient, getattr(f, "__name__", "f"))


def from_jax(f: Callable[..., Any]) -> Foreign:
    """Return a function of JAX's arrays with JAX's gradient, both in float64: check_grads(from_jax(f), (np.array([1.0, 2.0]),)).

    Raises MissingPackage where JAX is not installed.
    """
    with MissingPackage.told("from_jax()"):
        import jax

    def gradient(*args: Any) -> Any:
        with jax.enable_x64(True):
            slopes = jax.grad(f, argnums=tuple(range(len(args))))(*args)
        return numbers_in([_array(d, False) for d in take_apart(slopes)[1]])

    def value(*args: Any) -> float:
        with jax.enable_x64(True):
            return float(f(*args))

    return Foreign(value, gradient, getattr(f, "__name__", "f"))


def _array(x: Any, zero: bool) -> Any:
    """A tensor, or an array of JAX, as an array of NumPy; zeros where there is no derivative."""
    import numpy as np

    numbers = np.asarray(x.detach() if hasattr(x, "detach") else x, dtype=float)
    return numbers * 0.0 if zero else numbers
