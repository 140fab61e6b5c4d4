"""Networks to PyTorch and from it. torch is no dependency: the functions import it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import isfinite
from typing import Any, NamedTuple

import autograd
from autograd import MissingPackage, Value

from .activations import Activation, identity
from .layers import MLP, Dropout, Layer, Neuron
from .names import unwrapped
from .scaling import Standardize


class Twin(NamedTuple):
    """An activation in PyTorch: its class, what its option is called here and there, the options that it has to have, those that it
    is made with, and the least that these may be.
    """

    name: str
    option: tuple[str, str] | None = None
    fixed: Mapping[str, Any] = {}
    made: Mapping[str, Any] = {}
    least: Mapping[str, float] = {}


# By our names. From its threshold on, by default 20, PyTorch's softplus is a straight line, and 2e-9 off.
TWINS = {
    "identity": Twin("Identity"),
    "relu": Twin("ReLU"),
    "tanh": Twin("Tanh"),
    "sigmoid": Twin("Sigmoid"),
    "leaky_relu": Twin("LeakyReLU", ("slope", "negative_slope")),
    "elu": Twin("ELU", ("a", "alpha")),
    "softplus": Twin("Softplus", None, {"beta": 1.0}, {"threshold": 40.0}, {"threshold": 20.0}),
    "silu": Twin("SiLU"),
    "gelu": Twin("GELU", None, {"approximate": "none"}),
    "logsigmoid": Twin("LogSigmoid"),
}


def to_torch(model: MLP) -> Any:
    """Return a network as a `torch.nn.Sequential` of float64 that gives the same outputs.

    It is in the mode of evaluation, where dropout is silent; call `.train()` to go on training. A `Standardize` in front of a layer becomes part of its weights. What the two do later is their own: no weight is shared.

    Raises MissingPackage without torch, TypeError for a part of the model that PyTorch has no module for.

    >>> import nn
    >>> torch_model = nn.to_torch(nn.MLP(2, [16, 1], "tanh"))  # doctest: +SKIP
    """
    if not isinstance(model, MLP):
        raise TypeError(f"to_torch() expects an MLP, got {type(model).__name__}")
    with MissingPackage.told("to_torch()"):
        import torch

    modules: list[Any] = []
    mean: list[float] | None = None
    scale: list[float] = []
    for layer in model.layers:
        if isinstance(layer, Dropout):
            modules.append(torch.nn.Dropout(layer.rate))
        elif isinstance(layer, Standardize) and mean is None:
            mean, scale = layer.mean, layer.scale
        elif isinstance(layer, Layer) and all(type(neuron) is Neuron for neuron in layer.neurons):
            modules += _modules(torch, layer, mean, scale)
            mean = None
        else:
            raise TypeError(f"to_torch() knows layers of neurons, Dropout and Standardize, got {type(layer).__name__}")
    if mean is not None:
        raise TypeError("to_torch() expects a layer of neurons behind Standardize, got none")
    return torch.nn.Sequential(*modules).eval()


def _modules(torch: Any, layer: Layer, mean: list[float] | None, scale: list[float]) -> Iterator[Any]:
    """A layer as a linear module, whose inputs may be standardised, and its activation."""
    neurons = layer.neurons
    kinds = {(unwrapped(n.activation), tuple(sorted(getattr(n.activation, "keywords", {}).items()))) for n in neurons}
    if len(kinds) > 1:
        raise TypeError(f"to_torch() expects one activation for all neurons of a layer, got {layer!r}")
    weights = torch.tensor([[w.data for w in neuron.w] for neuron in neurons], dtype=torch.float64)
    biases = torch.tensor([getattr(neuron.b, "data", neuron.b) for neuron in neurons], dtype=torch.float64)
    biased = mean is not None or any(isinstance(neuron.b, Value) for neuron in neurons)
    if mean is not None:
        weights = weights / torch.tensor(scale, dtype=torch.float64)
        biases = biases - weights @ torch.tensor(mean, dtype=torch.float64)
    linear = torch.nn.Linear(weights.shape[1], weights.shape[0], bias=biased, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(weights)
        if biased:
            linear.bias.copy_(biases)
    yield linear
    ((function, options),) = kinds
    name = getattr(function, "__name__", "")
    twin = TWINS.get(name)
    if twin is None or function is not _function(name):
        raise TypeError(f"to_torch() knows the activations {', '.join(TWINS)}, got {name or repr(function)}")
    if function is not identity:
        given = {twin.option[1]: options[0][1]} if twin.option and options else {}
        yield getattr(torch.nn, twin.name)(**twin.fixed, **twin.made, **given)


def from_torch(module: Any) -> MLP:
    """Return a `torch.nn.Sequential` of linear modules, activations and dropout, or a single `torch.nn.Linear`, as an MLP.

    Its outputs are the module's, in float64. A linear module without a bias gives neurons without one.

    Raises MissingPackage without torch, TypeError for a module that has no twin here, ValueError for a weight that is no number.

    >>> import nn, torch  # doctest: +SKIP
    >>> nn.from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1)))  # doctest: +SKIP
    MLP(2 -> 3 relu -> 1 identity)
    """
    with MissingPackage.told("from_torch()"):
        import torch

    layers: list[Any] = []
    open_layer: Layer | None = None  # whose activation may follow
    width = 0  # outputs of the last one
    for part in _parts(torch, module):
        if getattr(part, "_forward_hooks", None) or getattr(part, "_forward_pre_hooks", None):
            raise TypeError(f"from_torch() expects modules without hooks, got {part!r}")
        if type(part) is torch.nn.Linear:
            if layers and part.in_features != width:
                raise ValueError(f"from_torch() expects a linear module of {width} inputs, got {part!r}")
            width = part.out_features
            open_layer = Layer.of(_neurons(part))
            layers.append(open_layer)
        elif type(part) is torch.nn.Dropout:
            layers.append(Dropout(part.p))
            open_layer = None
        else:
            activation = _activation(torch, part)
            if open_layer is None:
                raise TypeError(f"from_torch() expects an activation right behind a linear module, got {part!r}")
            for neuron in open_layer.neurons:
                neuron.activation = activation
            open_layer = None if activation is not identity else open_layer
    if not any(isinstance(layer, Layer) for layer in layers):
        raise TypeError(f"from_torch() expects a module with linear modules in it, got {type(module).__name__}")
    return MLP.of(layers)


def _parts(torch: Any, module: Any) -> Iterator[Any]:
    """The modules of a sequence, and of sequences in it, in order."""
    if type(module) is torch.nn.Sequential and not (module._forward_hooks or module._forward_pre_hooks):
        for part in module:
            yield from _parts(torch, part)
    else:
        yield module


def _neurons(linear: Any) -> list[Neuron]:
    """The neurons of a linear module."""
    if not (linear.weight.is_floating_point() and linear.in_features and linear.out_features):
        raise TypeError(
            f"from_torch() expects real weights, inputs and outputs, got {linear!r} of {linear.weight.dtype}"
        )
    weights = linear.weight.detach().double().tolist()
    biases = [None] * len(weights) if linear.bias is None else linear.bias.detach().double().tolist()
    for j, (row, bias) in enumerate(zip(weights, biases, strict=True)):
        for what, number in (*((f"weight {i}", w) for i, w in enumerate(row)), ("the bias", bias or 0.0)):
            if not isfinite(number):
                raise ValueError(f"from_torch() expects finite weights, got {number} as {what} of output {j}")
    return [Neuron.of(row, bias) for row, bias in zip(weights, biases, strict=True)]


def _activation(torch: Any, module: Any) -> Activation:
    """The activation that a module is."""
    for name, twin in TWINS.items():
        if type(module) is getattr(torch.nn, twin.name):
            wrong = {key: getattr(module, key) for key, value in twin.fixed.items() if getattr(module, key) != value}
            wrong |= {key: getattr(module, key) for key, value in twin.least.items() if getattr(module, key) < value}
            if wrong:
                raise TypeError(f"from_torch() knows {twin.name} with {{**twin.fixed, **twin.least}}, got {wrong}")
            function: Activation = _function(name)
            return (
                partial(function, **{twin.option[0]: float(getattr(module, twin.option[1]))})
                if twin.option
                else function
            )
    known = ", ".join(twin.name for twin in TWINS.values())
    raise TypeError(f"from_torch() knows Sequential, Linear, Dropout, {known}, got {type(module).__name__}")


def _function(name: str) -> Any:
    return identity if name == "identity" else getattr(autograd, name, None)
