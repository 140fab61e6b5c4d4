"""The optimizers: each a pure update of one parameter, with PyTorch's conventions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar

from autograd import Value

from .base import AMOUNT, BETAS, RATE, SHARE, SWITCH, Allowed, Optimizer, maximum, ratio, sign, sqrt

NESTEROV = Allowed(bool, "only with momentum", lambda self, nesterov: not nesterov or self.momentum > 0.0)


@dataclass(slots=True)
class GD(Optimizer):
    """Gradient descent: x = x - lr * g.

    Raises ValueError for lr not above 0, and for parameters that are none, not leaves, or twice there, TypeError for what is no
    number.

    >>> x = Value(1.0)
    >>> optimizer = GD([x], lr=0.25)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    0.5
    """

    parameters: Iterable[Value]
    lr: float
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {"lr": RATE}

    def start(self) -> Any:
        """Return a state of nothing."""
        return 0.0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number, and the state as it is."""
        return x - self.lr * g, state


@dataclass(slots=True)
class SGD(Optimizer):
    """Gradient descent, plain or with momentum: v = momentum * v + (1 - dampening) * g, where the first v is g; x = x - lr * v,
    and with `nesterov` x = x - lr * (g + momentum * v) (Polyak 1964, Nesterov 1983; Sutskever and others 2013).

    `weight_decay` is the factor of x that is added to g. All options may be set anew between steps.

    Raises ValueError for lr not above 0, momentum outside [0, 1), nesterov without momentum, and parameters that are
    none, not leaves, or twice there, TypeError for what is no number, AttributeError for an option that it does not have.

    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.25)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> x.data
    0.125
    """

    parameters: Iterable[Value]
    lr: float
    momentum: float = 0.0
    nesterov: bool = False
    dampening: float = 0.0
    weight_decay: float = 0.0
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {
        "lr": RATE,
        "momentum": SHARE,
        "nesterov": NESTEROV,
        "dampening": Allowed(
            Real,
            "from 0 to 1, and 0 with nesterov",
            lambda self, d: 0.0 <= d <= 1.0 and not (d and self.nesterov),
        ),
        "weight_decay": AMOUNT,
    }

    def start(self) -> Any:
        """Return a velocity of 0, and that there was no step."""
        return 0.0, 0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number, velocity and count."""
        velocity, steps = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        if not self.momentum:
            return x - self.lr * g, (g, steps + 1)
        velocity = self.momentum * velocity + (1.0 - (self.dampening if steps else 0.0)) * g
        return x - self.lr * (g + self.momentum * velocity if self.nesterov else velocity), (velocity, steps + 1)


@dataclass(slots=True)
class RMSprop(Optimizer):
    """Gradients over the root of their mean square: s = alpha * s + (1 - alpha) * g**2; x = x - lr * g / (sqrt(s) + eps)
    (Hinton, lecture 6 of Neural Networks for Machine Learning, 2012).

    `centered` takes the variance in the place of the mean square (Graves 2013); with `momentum` the velocity of these steps.

    Raises ValueError and TypeError as `SGD` does.

    >>> x = Value(1.0)
    >>> optimizer = RMSprop([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> f"{x.data:.6f}"
    '0.000000'
    """

    parameters: Iterable[Value]
    lr: float = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {
        "lr": RATE,
        "alpha": SHARE,
        "eps": AMOUNT,
        "weight_decay": AMOUNT,
        "momentum": SHARE,
        "centered": SWITCH,
    }

    def start(self) -> Any:
        """Return the mean square, the mean and the velocity: 0."""
        return 0.0, 0.0, 0.0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and state."""
        square, mean, velocity = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        square = self.alpha * square + (1.0 - self.alpha) * (g * g)
        if self.centered:
            mean = self.alpha * mean + (1.0 - self.alpha) * g
        spread = maximum(square - mean * mean, 0.0) if self.centered else square
        velocity = self.momentum * velocity + ratio(g, sqrt(spread) + self.eps)
        return x - self.lr * velocity, (square, mean, velocity)


@dataclass(slots=True)
class Adagrad(Optimizer):
    """Gradients over the root of the sum of all their squares: s = s + g**2; x = x - rate * g / (sqrt(s) + eps), with
    rate = lr / (1 + lr_decay * steps before) (Duchi, Hazan, Singer 2011).

    Raises ValueError and TypeError as `SGD` does.

    >>> x = Value(1.0)
    >>> optimizer = Adagrad([x], lr=0.25)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> f"{x.data:.6f}"
    '0.750000'
    """

    parameters: Iterable[Value]
    lr: float = 1e-2
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {
        "lr": RATE,
        "lr_decay": AMOUNT,
        "weight_decay": AMOUNT,
        "initial_accumulator_value": AMOUNT,
        "eps": AMOUNT,
    }

    def start(self) -> Any:
        """Return the first sum of squares, and that there was no step."""
        return self.initial_accumulator_value, 0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number, sum and count."""
        total, steps = state
        if self.weight_decay:
            g = g + self.weight_decay * x
        total = total + g * g
        rate = self.lr / (1.0 + steps * self.lr_decay)
        return x - rate * ratio(g, sqrt(total) + self.eps), (total, steps + 1)


def _adam(self: Any, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
    """The update that Adam and AdamW share; they differ in what a weight's decay is added to."""
    first, second, largest, steps = state
    b1, b2 = self.betas
    steps = steps + 1
    first = b1 * first + (1.0 - b1) * g
    second = b2 * second + (1.0 - b2) * (g * g)
    if self.amsgrad:
        largest = maximum(largest, second)
    spread = sqrt(largest if self.amsgrad else second) * (1.0 / sqrt(1.0 - b2**steps)) + self.eps
    return x - self.lr / (1.0 - b1**steps) * ratio(first, spread), (first, second, largest, steps)


ADAM: dict[str, Allowed] = {"lr": RATE, "betas": BETAS, "eps": AMOUNT, "weight_decay": AMOUNT, "amsgrad": SWITCH}


@dataclass(slots=True)
class Adam(Optimizer):
    """The mean of the gradients over the root of their mean square, both corrected for their start at 0:
    m = b1 * m + (1 - b1) * g; v = b2 * v + (1 - b2) * g**2; after t steps
    x = x - lr * m / (1 - b1**t) / (sqrt(v / (1 - b2**t)) + eps) (Kingma, Ba 2015).

    `amsgrad` takes the largest v so far (Reddi, Kale, Kumar 2018). `weight_decay` is the factor of x that is added to g.

    Raises ValueError and TypeError as `SGD` does.

    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> f"{x.data:.6f}"
    '0.900000'
    """

    parameters: Iterable[Value]
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = ADAM

    def start(self) -> Any:
        """Return the mean, the mean square and the largest of it, and that there was no step."""
        return 0.0, 0.0, 0.0, 0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and state."""
        return _adam(self, x, g + self.weight_decay * x if self.weight_decay else g, state)


@dataclass(slots=True)
class AdamW(Optimizer):
    """Adam, with a decay of the weights that does not go through the gradient: x = x - lr * weight_decay * x before the step
    (Loshchilov, Hutter 2019).

    Raises ValueError and TypeError as `SGD` does.

    >>> x = Value(1.0)
    >>> optimizer = AdamW([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> f"{x.data:.6f}"
    '0.899000'
    """

    parameters: Iterable[Value]
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    amsgrad: bool = False
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = ADAM

    def start(self) -> Any:
        """Return the mean, the mean square and the largest of it, and that there was no step."""
        return 0.0, 0.0, 0.0, 0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and state."""
        return _adam(self, x * (1.0 - self.lr * self.weight_decay), g, state)


@dataclass(slots=True)
class Lion(Optimizer):
    """The sign of a mean of the gradients: x = x - lr * (sign(b1 * m + (1 - b1) * g) + weight_decay * x);
    m = b2 * m + (1 - b2) * g (Chen and others, Symbolic Discovery of Optimization Algorithms, 2023).

    Raises ValueError and TypeError as `SGD` does.

    >>> x = Value(1.0)
    >>> optimizer = Lion([x], lr=0.25)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    0.75
    """

    parameters: Iterable[Value]
    lr: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    states: list[Any] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {"lr": RATE, "betas": BETAS, "weight_decay": AMOUNT}

    def start(self) -> Any:
        """Return a mean of 0."""
        return 0.0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and mean."""
        b1, b2 = self.betas
        step = sign(b1 * state + (1.0 - b1) * g) + self.weight_decay * x
        return x - self.lr * step, b2 * state + (1.0 - b2) * g
