"""check_grads of functions of PyTorch and JAX: python tests/peers/engines.py, where both are (`make peers`)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jax import custom_jvp
from jax import numpy as jnp

sys.path.insert(0, str(Path(__file__).parents[2]))
from autograd import GradientMismatch, check_grads
from autograd.testing import from_jax, from_torch


def wave(xp: Any) -> Any:
    """Return a function of an array and a dict for one of the two libraries."""
    return lambda x, p: (xp.sin(x) * x).sum() * p["b"] + xp.exp(-p["w"] * p["w"]).sum()


class WrongSine(torch.autograd.Function):
    """A sine whose slope is one part in a thousand off."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        """The sine."""
        ctx.save_for_backward(x)
        return torch.sin(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """Not the cosine."""
        return g * torch.cos(ctx.saved_tensors[0]) * 1.001


@custom_jvp
def wrong_sine(x: Any) -> Any:
    """The same for JAX."""
    return jnp.sin(x)


@wrong_sine.defjvp
def _(primals: Any, tangents: Any) -> Any:
    return jnp.sin(primals[0]), 1.001 * jnp.cos(primals[0]) * tangents[0]


def cause_of(bad: Any) -> Any:
    """What the check says of a wrong gradient; the first number is the one to be named."""
    try:
        check_grads(bad, (np.array([0.5, -1.0, 2.0]),))
    except GradientMismatch as error:
        return error.cause if "argument 0[0]" in str(error) else error
    return "nothing was found"


def main() -> None:
    """Check right gradients, and wrong ones, which must be found and named."""
    args = (np.array([0.5, -1.0, 2.0]), {"b": 0.7, "w": np.array([[0.1, 0.2], [0.3, 0.4]])})
    wrong = [
        (from_torch(lambda x: WrongSine.apply(x).sum()), "PyTorch"),
        (from_jax(lambda x: wrong_sine(x).sum()), "JAX"),
    ]
    for (bad, name), good in zip(wrong, [from_torch(wave(torch)), from_jax(wave(jnp))], strict=True):
        print(f"{name}: {check_grads(good, args)}")
        assert check_grads(good, args).compared == 8
        cause = cause_of(bad)
        assert cause.kind == "wrong gradient", cause
        print(f"{name}, a wrong rule: {cause}")


if __name__ == "__main__":
    main()
