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

from . import activations, init, losses, optim
from .layers import MLP, Layer, Neuron
from .module import Module
from .train import Training

__all__ = ["MLP", "Layer", "Module", "Neuron", "Training", "activations", "init", "losses", "optim"]
