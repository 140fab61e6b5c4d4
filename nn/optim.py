"""Optimizers, used as in torch.optim: built from a list of parameters, then `zero_grad()`, `backward()`, `step()`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real
from typing import Any

from autograd import Value


class Optimizer(ABC):
    """The base of the optimizers: one is a dataclass with a pure `update` of one parameter, on floats or arrays."""

    parameters: Iterable[Value]
    states: list[Any]

    @abstractmethod
    def start(self) -> Any:
        """Return the state of a parameter before the first step."""

    @abstractmethod
    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and the new state, from the number, its gradient and the state."""

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Change each parameter by its gradient: all of them or, on an error, none."""
        parameters = list(self.parameters)
        moves = [self.update(p.data, p.grad, s) for p, s in zip(parameters, self.states, strict=True)]
        for parameter, (number, _) in zip(parameters, moves, strict=True):
            parameter.data = number
        self.states = [state for _, state in moves]

    def _check_parameters(self) -> None:
        who = type(self).__name__
        if not hasattr(self.parameters, "__iter__"):
            kind = type(self.parameters).__name__
            raise TypeError(f"{who} expects a list of Values, as from model.parameters(), got {kind}")
        self.parameters = list(self.parameters)
        if not self.parameters:
            raise ValueError(f"{who} expects at least one parameter, got none")
        seen: dict[Value, int] = {}
        for position, parameter in enumerate(self.parameters):
            if type(parameter) is not Value:
                raise TypeError(f"{who} expects Values as parameters, got {type(parameter).__name__} at {position}")
            if parameter.op is not None:
                raise ValueError(f"{who} expects leaves, got the result of {parameter.op.name}() at {position}")
            if parameter in seen:
                raise ValueError(f"{who} got the same parameter at {seen[parameter]} and {position}")
            seen[parameter] = position
        self.states = [self.start() for _ in self.parameters]

    def _check(self, name: str, what: str, allowed: Callable[[Any], bool]) -> None:
        option = getattr(self, name)
        if not isinstance(option, Real):
            raise TypeError(f"{type(self).__name__} expects {name} to be a number, got {type(option).__name__}")
        if not allowed(option):
            raise ValueError(f"{type(self).__name__} expects {name} {what}, got {option!r}")


@dataclass
class SGD(Optimizer):
    """Gradient descent, plain or with momentum: v = momentum * v + g; x = x - lr * v, and with `nesterov`
    x = x - lr * (g + momentum * v) (Polyak 1964, Nesterov 1983; Sutskever and others 2013).

    `lr` may be set anew between steps.

    Raises ValueError for lr not above 0, momentum outside [0, 1), nesterov without momentum, and parameters that are
    none, not leaves, or twice there.

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
    states: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check("lr", "above 0", lambda lr: lr > 0.0 and isfinite(lr))
        self._check("momentum", "in [0, 1)", lambda momentum: 0.0 <= momentum < 1.0)
        self._check("nesterov", "only with momentum", lambda nesterov: not nesterov or self.momentum > 0.0)
        self._check_parameters()

    def start(self) -> float:
        """Return a velocity of 0."""
        return 0.0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and velocity."""
        velocity = self.momentum * state + g
        return x - self.lr * (g + self.momentum * velocity if self.nesterov else velocity), velocity
