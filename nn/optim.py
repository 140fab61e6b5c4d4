"""Optimizers, used as in torch.optim: built from a list of parameters, then `zero_grad()`, `backward()`, `step()`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real
from reprlib import repr as short
from typing import Any, ClassVar, NamedTuple

from autograd import Value


class Allowed(NamedTuple):
    """What an option may be: its type, a condition on it and the rest of the optimizer, and that in words."""

    kind: type
    words: str
    condition: Callable[[Any, Any], bool]


class Optimizer(ABC):
    """The base of the optimizers: one is a dataclass with a pure `update` of one parameter, on floats or arrays.

    `options` says what its options may be, at the beginning and when they are set anew.
    """

    __slots__ = ()  # so that an optimizer with slots refuses an attribute that it does not have

    parameters: Iterable[Value]
    states: list[Any]
    options: ClassVar[Mapping[str, Allowed]] = {}

    def __setattr__(self, name: str, option: Any) -> None:
        """Set an attribute; raise TypeError or ValueError for what an option may not be."""
        if name in self.options:
            who, allowed = type(self).__name__, self.options[name]
            if not isinstance(option, allowed.kind) or isinstance(option, bool) is not (allowed.kind is bool):
                wanted = "True or False" if allowed.kind is bool else "a number"
                raise TypeError(f"{who} expects {name} to be {wanted}, got {type(option).__name__}")
            if not allowed.condition(self, option):
                raise ValueError(f"{who} expects {name} {allowed.words}, got {short(option)}")
        object.__setattr__(self, name, option)

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


@dataclass(slots=True)
class SGD(Optimizer):
    """Gradient descent, plain or with momentum: v = momentum * v + g; x = x - lr * v, and with `nesterov`
    x = x - lr * (g + momentum * v) (Polyak 1964, Nesterov 1983; Sutskever and others 2013).

    `lr`, `momentum` and `nesterov` may be set anew between steps.

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
    states: list[float] = field(init=False, repr=False)

    options: ClassVar[Mapping[str, Allowed]] = {
        "lr": Allowed(Real, "above 0", lambda _, lr: lr > 0.0 and isfinite(lr)),
        "momentum": Allowed(Real, "in [0, 1)", lambda _, momentum: 0.0 <= momentum < 1.0),
        "nesterov": Allowed(bool, "only with momentum", lambda self, nesterov: not nesterov or self.momentum > 0.0),
    }

    def __post_init__(self) -> None:
        self._check_parameters()

    def start(self) -> float:
        """Return a velocity of 0."""
        return 0.0

    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and velocity."""
        velocity = self.momentum * state + g
        return x - self.lr * (g + self.momentum * velocity if self.nesterov else velocity), velocity


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["Allowed", "Optimizer", "SGD"]
