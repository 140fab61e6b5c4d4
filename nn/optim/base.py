"""What an optimizer is: a pure update of a number by its gradient, which runs on floats and on arrays alike."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from numbers import Real
from reprlib import repr as short
from typing import Any, ClassVar, NamedTuple

from autograd import Value

from .. import storage


class Allowed(NamedTuple):
    """What an option may be: its type, a condition on it and the rest of the optimizer, and that in words."""

    kind: type
    words: str
    condition: Callable[[Any, Any], bool]


RATE = Allowed(Real, "above 0", lambda _, lr: lr > 0.0 and math.isfinite(lr))
SHARE = Allowed(Real, "in [0, 1)", lambda _, share: 0.0 <= share < 1.0)
AMOUNT = Allowed(Real, "from 0 up", lambda _, amount: 0.0 <= amount < math.inf)
SWITCH = Allowed(bool, "True or False", lambda *_: True)
BETAS = Allowed(tuple, "two numbers in [0, 1)", lambda _, b: len(b) == 2 and all(_is_share(beta) for beta in b))


def _is_share(beta: Any) -> bool:
    return isinstance(beta, Real) and not isinstance(beta, bool) and 0.0 <= float(beta) < 1.0


class Keeper(ABC):
    """The base of all that moves parameters: what can be asked of it whatever its rule is."""

    __slots__ = ()

    parameters: Any

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return its kind, its options and its states, made of lists and numbers."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set options and states to those of a `state_dict()`: all of them or, on an error, none."""

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def save(self, path: Any) -> None:
        """Write its options and states into a file: JSON with a checksum, written as a whole or not at all."""
        storage.write(path, "optimizer", self.state_dict())

    def load(self, path: Any) -> None:
        """Set options and states to those in a file, all of them or, on an error, none.

        Raises ValueError for a file that is not one of an optimizer's, is cut off or changed, or does not fit.
        """
        self.load_state_dict(storage.read(path, "optimizer"))


class Optimizer(Keeper):
    """The base of the optimizers: one is a dataclass with a pure `update` of one parameter, on floats or arrays.

    `options` says what its options may be, at the beginning and when they are set anew. An update is made of operators and of
    `sqrt`, `sign`, `maximum` and `ratio` of this module, and a state of a number or a tuple of numbers. What is the same for all
    parameters, such as a count of steps, stays one number.

    >>> from dataclasses import dataclass, field
    >>> @dataclass(slots=True)
    ... class Signs(Optimizer):
    ...     parameters: list
    ...     lr: float = 0.1
    ...     states: list = field(init=False, repr=False)
    ...     options = {"lr": RATE}
    ...     def start(self):
    ...         return 0
    ...     def update(self, x, g, steps):
    ...         return x - self.lr / (1 + steps) * sign(g), steps + 1
    >>> x = Value(3.0)
    >>> optimizer = Signs([x])
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data, optimizer.states
    (2.9, [1])
    """

    __slots__ = ()  # so that an optimizer with slots refuses an attribute that it does not have

    states: list[Any]
    options: ClassVar[Mapping[str, Allowed]] = {}

    def __setattr__(self, name: str, option: Any) -> None:
        """Set an attribute; raise TypeError or ValueError for what an option may not be."""
        if name in self.options:
            who, allowed = type(self).__name__, self.options[name]
            option = tuple(option) if allowed.kind is tuple and isinstance(option, list) else option
            if not isinstance(option, allowed.kind) or isinstance(option, bool) is not (allowed.kind is bool):
                wanted = "True or False" if allowed.kind is bool else "a tuple" if allowed.kind is tuple else "a number"
                raise TypeError(f"{who} expects {name} to be {wanted}, got {type(option).__name__}")
            if not allowed.condition(self, option):
                raise ValueError(f"{who} expects {name} {allowed.words}, got {short(option)}")
        object.__setattr__(self, name, option)

    def __post_init__(self) -> None:
        self._check_parameters()

    @abstractmethod
    def start(self) -> Any:
        """Return the state of a parameter before the first step."""

    @abstractmethod
    def update(self, x: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """Return the new number and the new state, from the number, its gradient and the state."""

    @property
    def groups(self) -> Sequence[Optimizer]:
        """The optimizers that it consists of: itself."""
        return (self,)

    def step(self) -> None:
        """Change each parameter by its gradient: all of them or, on an error, none."""
        parameters = list(self.parameters)
        moves = [self.update(p.data, p.grad, s) for p, s in zip(parameters, self.states, strict=True)]
        for parameter, (number, _) in zip(parameters, moves, strict=True):
            parameter.data = number
        self.states = [state for _, state in moves]

    def settings(self) -> dict[str, Any]:
        """Return the options that it has now, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("parameters", "states")}  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """Return its kind, its options and its states, made of lists and numbers."""
        return {"kind": type(self).__name__, "options": self.settings(), "states": _plain(self.states)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set options and states to those of a `state_dict()`: all of them or, on an error, none.

        Raises ValueError for one of another kind, with other options, or for another number of parameters.
        """
        who, before = f"{type(self).__name__}.load_state_dict()", self.settings()
        if state.get("kind") != type(self).__name__:
            raise ValueError(f"{who} expects the state of {type(self).__name__}, got one of {short(state.get('kind'))}")
        options, states = state["options"], state["states"]
        if options.keys() != before.keys():
            raise ValueError(f"{who} expects the options {', '.join(before)}, got {', '.join(options)}")
        if len(states) != len(self.states):
            raise ValueError(f"{who} expects states for {len(self.states)} parameters, got {len(states)}")
        try:
            for name, option in options.items():
                setattr(self, name, option)
        except (TypeError, ValueError):
            for name, option in before.items():
                object.__setattr__(self, name, option)
            raise
        self.states = [_as_was(each) for each in states]

    def _check_parameters(self) -> None:
        self.parameters = leaves(self.parameters, type(self).__name__)
        self.states = [self.start() for _ in self.parameters]


def _plain(state: Any) -> Any:
    """A state with lists in the place of tuples."""
    return [_plain(part) for part in state] if isinstance(state, (list, tuple)) else state


def _as_was(state: Any) -> Any:
    """A state with tuples in the place of lists."""
    return tuple(map(_as_was, state)) if isinstance(state, list) else state


def leaves(parameters: Any, who: str) -> list[Value]:
    """Return parameters as a list; raise TypeError or ValueError where they are none, not leaves, or twice there."""
    if not hasattr(parameters, "__iter__"):
        kind = type(parameters).__name__
        raise TypeError(f"{who} expects a list of Values, as from model.parameters(), got {kind}")
    found = list(parameters)
    if not found:
        raise ValueError(f"{who} expects at least one parameter, got none")
    seen: dict[Value, int] = {}
    for position, parameter in enumerate(found):
        if type(parameter) is not Value:
            hint = ": for groups write Groups(one optimizer, another)" if isinstance(parameter, dict) else ""
            raise TypeError(f"{who} expects Values as parameters, got {type(parameter).__name__} at {position}{hint}")
        if parameter.op is not None:
            raise ValueError(f"{who} expects leaves, got the result of {parameter.op.name}() at {position}")
        if parameter in seen:
            raise ValueError(f"{who} got the same parameter at {seen[parameter]} and {position}")
        seen[parameter] = position
    return found


class Groups(Keeper):
    """Several optimizers as one: each group of parameters has its own, with its own options.

    A parameter that no optimizer has is frozen.

    Raises TypeError for what is no optimizer, ValueError where there is none, and where two have the same parameter.

    >>> from nn.optim import SGD, Adam
    >>> body, head = [Value(1.0)], [Value(2.0)]
    >>> optimizer = Groups(SGD(body, lr=0.5), Adam(head, lr=0.1))
    >>> (body[0] * head[0]).backward()
    >>> optimizer.step()
    >>> body[0].data, f"{head[0].data:.6f}"
    (0.0, '1.900000')
    """

    def __init__(self, *optimizers: Any) -> None:
        for position, each in enumerate(optimizers):
            if not isinstance(each, Optimizer):
                raise TypeError(f"Groups expects optimizers, got {type(each).__name__} at {position}")
        self.groups: list[Optimizer] = list(optimizers)
        leaves(self.parameters, "Groups")

    def __repr__(self) -> str:
        return f"Groups({', '.join(map(repr, self.groups))})"

    @property
    def parameters(self) -> list[Value]:
        """The parameters of all groups, in their order."""
        return [parameter for group in self.groups for parameter in group.parameters]

    def state_dict(self) -> dict[str, Any]:
        """Return the options and states of all groups, made of lists and numbers."""
        return {"kind": "Groups", "groups": [group.state_dict() for group in self.groups]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set options and states to those of a `state_dict()`: all of them or, on an error, none.

        Raises ValueError for one of another kind or of other groups.
        """
        if state.get("kind") != "Groups" or len(state["groups"]) != len(self.groups):
            raise ValueError(f"Groups.load_state_dict() expects the state of {len(self.groups)} groups")
        before = self.state_dict()
        try:
            for group, part in zip(self.groups, state["groups"], strict=True):
                group.load_state_dict(part)
        except (TypeError, ValueError):
            for group, part in zip(self.groups, before["groups"], strict=True):
                group.load_state_dict(part)
            raise

    def step(self) -> None:
        """Change the parameters of each group by its optimizer."""
        for group in self.groups:
            group.step()


# What an update is made of beside operators. NumPy is there already where there are arrays.


def sqrt(x: Any) -> Any:
    """Return the square root of a number from 0 up, or of each in an array; nan below 0.

    >>> sqrt(4.0)
    2.0
    """
    if isinstance(x, (float, int)):
        return math.sqrt(x) if x >= 0.0 else math.nan
    import numpy as np

    return np.sqrt(x)


def sign(x: Any) -> Any:
    """Return -1, 0 or 1, for a number or each in an array; nan stays nan.

    >>> sign(-3.0), sign(0.0)
    (-1.0, 0.0)
    """
    if isinstance(x, (float, int)):
        return math.copysign(1.0, x) if x < 0.0 or x > 0.0 else 0.0 * x
    import numpy as np

    return np.sign(x)


def maximum(a: Any, b: Any) -> Any:
    """Return the larger of two numbers, or of each pair in arrays; nan where one is nan.

    >>> maximum(1.0, 2.0)
    2.0
    """
    if isinstance(a, (float, int)) and isinstance(b, (float, int)):
        return a if a > b or a != a else b
    import numpy as np

    return np.maximum(a, b)


def ratio(a: Any, b: Any) -> Any:
    """Return a / b for numbers or arrays; where b is 0, what IEEE's arithmetic says: nan for 0 / 0, else an infinity.

    >>> ratio(1.0, 4.0), ratio(-1.0, 0.0)
    (0.25, -inf)
    """
    if isinstance(b, (float, int)) and isinstance(a, (float, int)):
        return a / b if b else a * math.copysign(math.inf, b) if a else math.nan
    import numpy as np

    with np.errstate(all="ignore"):
        return a / b
