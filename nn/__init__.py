"""Neurons, layers, networks, losses, optimizers and training on `autograd`'s Values.

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

from . import activations, families, init, links, losses, optim, penalties, plots
from .chance import noise, uniforms
from .layers import MLP, Dropout, Layer, Neuron
from .module import Module
from .training import EarlyStopping, History, NotANumber, Training

if TYPE_CHECKING:
    from . import datasets, metrics, smooths
    from .exchange import from_torch, to_torch
    from .regression.estimator import NotFittedError
    from .regression.gam import GAM
    from .regression.glm import GLM
    from .regression.neural_glm import NeuralGLM
    from .regression.solvers.table import ConvergenceWarning, SeparationWarning
    from .scaling import Standardize
    from .training.curve import lr_curve
    from .training.fit import fit

__all__ = [
    "GAM", "GLM", "MLP", "ConvergenceWarning", "Dropout", "EarlyStopping", "History", "Layer", "Module", "NeuralGLM", "Neuron", "NotANumber",
    "NotFittedError", "SeparationWarning", "Standardize", "Training", "activations", "datasets", "families", "fit", "from_torch", "init", "links",
    "losses", "lr_curve", "metrics", "noise", "optim", "penalties", "plots", "smooths", "to_torch", "uniforms",
]  # fmt: skip

__autograd_library__ = True  # a warning, or a line of the program, is that of who calls nn

_LATE = {
    "GAM": "regression.gam",
    "GLM": "regression.glm",
    "NeuralGLM": "regression.neural_glm",
    "ConvergenceWarning": "regression.solvers.table",
    "NotFittedError": "regression.estimator",
    "SeparationWarning": "regression.solvers.table",
    "Standardize": "scaling",
    "datasets": "datasets",
    "fit": "training.fit",
    "from_torch": "exchange",
    "lr_curve": "training.curve",
    "metrics": "metrics",
    "smooths": "smooths",
    "to_torch": "exchange",
}  # with them come NumPy and SciPy


def __getattr__(name: str) -> Any:
    """Import what needs NumPy when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    from importlib import import_module

    with MissingPackage.told(f"nn.{name}"):
        module = import_module(f".{_LATE[name]}", "nn")
    return module if name == _LATE[name] else getattr(module, name)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
