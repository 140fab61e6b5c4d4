"""Neuron, Layer and MLP, as in micrograd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from numbers import Real
from reprlib import repr as short
from typing import Any

from autograd import Diagram, Value, dot, relu, where

from .activations import Activation, identity, resolved
from .chance import uniforms
from .diagrams import diagram
from .heads import head_of
from .init import Init, generator, width
from .module import Module
from .names import positive_int, unwrapped


class Neuron(Module):
    """activation(w . x + b), of a number of inputs.

    `activation` is a function of one Value, its name, or None for a linear neuron. `init` says how wide the uniform
    distribution of the weights is, given the numbers of inputs and outputs, or is its name (see `nn.init`); by default
    the one that fits the activation. The bias starts at 0. `rng` is an int, a random.Random or a NumPy Generator; by default
    Python's global `random`. A `fused` neuron is one `dot` in the graph; otherwise its products and sums show.

    Raises ValueError or TypeError for a number of inputs that is not a positive int, for a name that is not known or an
    option that is not what it should be, and when called with another number of inputs.

    >>> neuron = Neuron(2, activation=None, rng=0)
    >>> for w, x in zip(neuron.w, (2.0, -3.0)):
    ...     w.data = x
    >>> neuron([1.0, 1.0]).data
    -1.0
    """

    def __init__(
        self,
        inputs: int,
        activation: str | Activation | None = relu,
        *,
        outputs: int = 1,
        init: str | Init | None = None,
        fused: bool = True,
        rng: Any = None,
    ) -> None:
        count = positive_int(inputs, "Neuron", "inputs")
        self.activation = resolved(activation)
        if not isinstance(fused, bool):
            raise TypeError(f"Neuron expects fused to be True or False, got {short(fused)}")
        reach = width(init, self.activation, count, positive_int(outputs, "Neuron", "outputs"))
        draw = generator(rng)
        self.w = [Value(float(draw.uniform(-reach, reach))) for _ in range(count)]
        self.b = Value(0.0)
        self.fused = fused

    @classmethod
    def of(
        cls, weights: Iterable[float], bias: float | None = 0.0, activation: str | Activation | None = None
    ) -> Neuron:
        """Return a neuron of weights that are known; without a bias, if it is None, which then is no parameter.

        >>> Neuron.of([2.0, -3.0], 0.5)([1.0, 1.0]).data
        -0.5
        """
        neuron = cls.__new__(cls)
        neuron.activation = resolved(activation)
        neuron.w = [Value(float(w)) for w in weights]
        neuron.b = 0.0 if bias is None else Value(float(bias))  # type: ignore[assignment]  # a number, where there is none to learn
        neuron.fused = True
        return neuron

    def __call__(self, x: Any) -> Value:
        """Return the neuron's output for one row of numbers or Values; a single input may stand without a list."""
        return self.activation(self.total(x))

    def total(self, x: Any) -> Value:
        """Return w . x + b for one row, before the activation.

        >>> neuron = Neuron(1, activation="relu", rng=0)
        >>> neuron.b.data = -2.0
        >>> neuron.total([0.0]).data, neuron([0.0]).data
        (-2.0, 0.0)
        """
        row = _row(x, len(self.w), "Neuron")
        return dot(self.w, row, self.b) if self.fused else self._sum(row)

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        return _diagram(self, [Layer.of([self])], x, y, loss)

    def _sum(self, row: Sequence[Any]) -> Value:
        """w . x + b with each product and each sum a node of its own."""
        total = self.b
        for w, x in zip(self.w, row, strict=True):
            total = total + w * x
        return total

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {_name(self.activation)})"


class Layer(Module):
    """Neurons side by side on the same inputs; takes the keywords of Neuron.

    >>> Layer(3, 2, "tanh", rng=0)
    Layer(3 -> 2 tanh)
    """

    def __init__(
        self, inputs: int, outputs: int, activation: str | Activation | None = relu, *, rng: Any = None, **neuron: Any
    ) -> None:
        count = positive_int(outputs, "Layer", "outputs")
        draw = generator(rng)
        self.neurons = [Neuron(inputs, activation, outputs=count, rng=draw, **neuron) for _ in range(count)]

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one row: a list of Values, or the Value alone where there is one neuron."""
        row = _row(x, _inputs(self), "Layer")
        outputs = [neuron(row) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    @classmethod
    def of(cls, neurons: Sequence[Neuron]) -> Layer:
        """Return a layer of neurons that are there.

        >>> Layer.of([Neuron(2, "tanh"), Neuron(2, "tanh")])
        Layer(2 -> 2 tanh)
        """
        layer = cls.__new__(cls)
        layer.neurons = [*neurons]
        return layer

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        return _diagram(self, [self], x, y, loss)

    def __repr__(self) -> str:
        return f"Layer({_inputs(self) or '?'} -> {_size(self)})"


class MLP(Module):
    """Layers one behind the other: `MLP(2, [16, 16, 1])` has two inputs, two hidden layers and one output.

    `activation` is that of the hidden layers, the last one being linear, or a sequence with one for each layer. Takes
    the keywords of Neuron. `dropout` is the share of each hidden layer's outputs that `Dropout` sets to 0 while the model trains.

    Raises ValueError where there is no layer, or the activations are not as many as the layers, and as Neuron does.

    >>> model = MLP(2, [16, 16, 1], rng=0)
    >>> model, len(model.parameters())
    (MLP(2 -> 16 relu -> 16 relu -> 1 identity), 337)
    >>> MLP(2, [8, 3], activation=["tanh", "softplus"])
    MLP(2 -> 8 tanh -> 3 softplus)
    """

    def __init__(
        self,
        inputs: int,
        outputs: Iterable[int],
        activation: str | Activation | Iterable[str | Activation | None] | None = relu,
        *,
        rng: Any = None,
        dropout: float = 0.0,
        **neuron: Any,
    ) -> None:
        if not hasattr(outputs, "__iter__"):
            raise TypeError(f"MLP expects a list of layer sizes, such as [16, 1], got {short(outputs)}")
        sizes = [inputs, *outputs]
        depth = len(sizes) - 1
        if not depth:
            raise ValueError("MLP expects at least one layer, got an empty list of outputs")
        if isinstance(activation, Iterable) and not isinstance(activation, str):
            own = [resolved(each) for each in activation]
        else:  # looked at even where no hidden layer has it
            own = [resolved(activation)] * (depth - 1) + [identity]
        if len(own) != depth:
            raise ValueError(f"MLP expects an activation for each of its {depth} layers, got {len(own)}")
        draw = generator(rng)
        self.layers: list[Any] = [
            Layer(size, following, each, rng=draw, **neuron)
            for size, following, each in zip(sizes, sizes[1:], own, strict=False)
        ]
        if Dropout(dropout).rate:
            self.layers = [part for layer in self.layers for part in (layer, Dropout(dropout))][:-1]

    @classmethod
    def of(cls, layers: Sequence[Any]) -> MLP:
        """Return a network of layers that are there.

        >>> MLP.of([Layer(2, 3), Layer(3, 1, None)])
        MLP(2 -> 3 relu -> 1 identity)
        """
        model = cls.__new__(cls)
        model.layers = [*layers]
        return model

    def __call__(self, x: Any) -> Any:
        """Return the outputs for one row: a list of Values, or the Value alone where the last layer has one neuron."""
        row: Any = list(_row(x, _inputs(self), "MLP"))  # of its own: a module of one's own may change it
        for layer in self.layers:
            row = layer(row)
        return row

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        return _diagram(self, self.layers, x, y, loss)

    def __repr__(self) -> str:
        return f"MLP({_inputs(self) or '?'} -> {' -> '.join(map(_size, self.layers))})"


class Dropout(Module):
    """Sets a share of its inputs to 0, by chance, and divides the others by what is left of 1 (Srivastava and others 2014).

    It does so in the training steps of `fit`, and in a `with nn.noise(rng):` block; else it lets everything through. The factors are
    Values with the name `mask`, so that pictures show them.

    Raises ValueError for a rate outside [0, 1), TypeError for what is no number.

    >>> from nn import noise
    >>> layer = Dropout(0.5)
    >>> x = [Value(1.0), Value(2.0), Value(3.0)]
    >>> [y.data for y in layer(x)]
    [1.0, 2.0, 3.0]
    >>> with noise(rng=1):
    ...     [y.data for y in layer(x)]
    [0.0, 4.0, 6.0]
    """

    formula = "times 0 or 1 / (1 - rate)"  # in a diagram

    def __init__(self, rate: float) -> None:
        if not isinstance(rate, Real) or isinstance(rate, bool):
            raise TypeError(f"Dropout expects a rate that is a number, got {type(rate).__name__}")
        if not 0.0 <= float(rate) < 1.0:
            raise ValueError(f"Dropout expects a rate in [0, 1), got {short(rate)}")
        self.rate: float = float(rate)

    def __call__(self, x: Any) -> Any:
        """Return the inputs, some of them times 0 while noise is on."""
        row = list(x) if hasattr(x, "__iter__") else [x]
        chances = uniforms(len(row)) if self.rate else None
        if chances is None:
            return x
        outputs = [part * self._mask(chance) for part, chance in zip(row, chances, strict=True)]
        return outputs if hasattr(x, "__iter__") else outputs[0]

    def _mask(self, chance: Any) -> Value:
        """0 or 1 / (1 - rate)."""
        factor = where(chance < self.rate, 0.0, 1.0 / (1.0 - self.rate))
        return factor if isinstance(factor, Value) else Value(factor, name="mask")

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"


def _diagram(module: Any, layers: Sequence[Any], x: Any, y: Any, loss: Any) -> Diagram:
    """The diagram of layers; of one output without a loss that of squared errors, if there is an observation."""
    if y is not None and x is None:
        raise ValueError("draw() expects x beside y: the row that was observed")
    if loss is None and y is not None:
        loss = "squared_error"
    copies = deepcopy(list(layers))
    width = next(len(neuron.w) for layer in copies for neuron in getattr(layer, "neurons", ()))
    head = None if loss is None else head_of(loss)
    return diagram(repr(module), copies, [f"x{k}" for k in range(width)], x, y, head)


def _inputs(module: Any) -> int | None:
    """How many inputs a module takes: what the first that it holds does; None where that is a module of one's own."""
    if isinstance(module, Neuron):
        return len(module.w)
    held = module.neurons if isinstance(module, Layer) else module.layers if isinstance(module, MLP) else []
    return _inputs(held[0]) if held else None


def _row(x: Any, count: int | None, who: str) -> list[Any]:
    """One observation as a list of so many inputs, where it is known how many; nobody may change it."""
    if type(x) is list and len(x) == count:
        return x
    if isinstance(x, (str, bytes)):
        raise TypeError(f"{who} expects numbers, got {type(x).__name__}")
    row = list(x) if hasattr(x, "__iter__") else [x]
    if count is not None and len(row) != count:
        raise ValueError(f"{who} expects {count} inputs, got {len(row)}")
    return row


def _size(layer: Any) -> str:
    """What a layer is: its size and activation; of a module of one's own, its class."""
    if type(layer) is not Layer:
        return repr(layer) if isinstance(layer, Dropout) else type(layer).__name__
    names = dict.fromkeys(
        _name(neuron.activation) if type(neuron) is Neuron else type(neuron).__name__ for neuron in layer.neurons
    )
    return f"{len(layer.neurons)} {'/'.join(names)}"


def _name(activation: Activation) -> str:
    return getattr(unwrapped(activation), "__name__", repr(activation))
