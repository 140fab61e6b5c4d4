"""Neurons, layers, networks, losses and optimizers on `autograd`'s Values.

>>> import nn
>>> model = nn.MLP(2, [4, 1], rng=0)
>>> loss = nn.losses.squared_error(model([1.0, -1.0]), 0.5)
>>> loss.backward()
>>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
>>> optimizer.step()
>>> nn.losses.squared_error(model([1.0, -1.0]), 0.5).data < loss.data
True
"""

from typing import TYPE_CHECKING, Any

from autograd import MissingPackage

from . import activations, families, init, links, losses, optim, plots
from .layers import MLP, Layer, Neuron
from .module import Module
from .training import Training

if TYPE_CHECKING:
    from .regression.estimator import NotFittedError
    from .regression.glm import GLM
    from .regression.solvers.table import ConvergenceWarning, SeparationWarning

__all__ = [
    "GLM", "MLP", "ConvergenceWarning", "Layer", "Module", "Neuron", "NotFittedError", "SeparationWarning", "Training",
    "activations", "families", "init", "links", "losses", "optim", "plots",
]  # fmt: skip

__autograd_library__ = True  # a warning, or a line of the program, is that of who calls nn

_LATE = {
    "GLM": "regression.glm",
    "ConvergenceWarning": "regression.solvers.table",
    "NotFittedError": "regression.estimator",
    "SeparationWarning": "regression.solvers.table",
}  # with them come NumPy and SciPy


def __getattr__(name: str) -> Any:
    """Import what needs NumPy when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    from importlib import import_module

    with MissingPackage.told(f"nn.{name}"):
        return getattr(import_module(f".{_LATE[name]}", "nn"), name)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
