"""An optimizer at work on arrays: the states of its parameters side by side, and its update done to all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..optim import LBFGS, Groups, Optimizer

Array = Any
Evaluate = Callable[[Array], tuple[float, Array]]


class Rule:
    """An optimizer with an `update`, whose states may also be read and set from outside."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.count = len(list(optimizer.parameters))
        self._state: Any = None  # in arrays
        self._states: Any = None  # the list that this was made of, or that was made of it,
        self._seen: Any = None  # and what stood in it then

    def moved(self, numbers: Array, loss: float, gradient: Array, evaluate: Evaluate) -> Array:
        """Return the numbers after an update."""
        optimizer = self.optimizer
        if optimizer.states is not self._states:
            self._state, self._states = _stacked(optimizer.states), optimizer.states
            self._seen = [*self._states]
        numbers, self._state = optimizer.update(numbers, gradient, self._state)
        return numbers

    def snapshot(self) -> Any:
        """Return the states as they are, to be restored; no array of them is ever changed in its place."""
        return self._state, self._states, self._seen, self.optimizer.states

    def restore(self, snapshot: Any) -> None:
        """Take the states of a snapshot."""
        self._state, self._states, self._seen, self.optimizer.states = snapshot

    def read(self) -> None:
        """Look whether somebody has changed one of the states."""
        if self._states != self._seen:
            self._states = None

    def give(self) -> None:
        """Give the optimizer its states."""
        optimizer = self.optimizer
        if optimizer.states is self._states and self._states == self._seen:
            self._states = optimizer.states = _unstacked(self._state, self.count)
            self._seen = [*self._states]


class Search:
    """An optimizer that looks for a step, and needs the loss at other places for it."""

    def __init__(self, optimizer: LBFGS) -> None:
        self.optimizer = optimizer
        self.count = len(list(optimizer.parameters))

    def moved(self, numbers: Array, loss: float, gradient: Array, evaluate: Evaluate) -> Array:
        """Return the numbers after a step."""
        return self.optimizer.search(numbers, loss, gradient, evaluate)

    def snapshot(self) -> Any:
        """Return the pairs that it remembers."""
        return [*self.optimizer.states]

    def restore(self, snapshot: Any) -> None:
        """Remember these pairs."""
        self.optimizer.states = snapshot

    def read(self) -> None:
        """Nothing: its states are its own."""

    def give(self) -> None:
        """Nothing: its states are its own."""


class Together:
    """Groups of parameters, each moved by its own optimizer."""

    def __init__(self, movers: list[Rule]) -> None:
        self.movers = movers
        self.count = sum(mover.count for mover in movers)

    def moved(self, numbers: Array, loss: float, gradient: Array, evaluate: Evaluate) -> Array:
        """Return the numbers after the updates of all groups."""
        import numpy as np

        parts, start = [], 0
        for mover in self.movers:
            part = slice(start, start + mover.count)
            parts.append(mover.moved(numbers[part], loss, gradient[part], evaluate))
            start = part.stop
        return np.concatenate(parts)

    def snapshot(self) -> Any:
        """Return the states of all groups."""
        return [mover.snapshot() for mover in self.movers]

    def restore(self, snapshot: Any) -> None:
        """Take the states of a snapshot."""
        for mover, part in zip(self.movers, snapshot, strict=True):
            mover.restore(part)

    def read(self) -> None:
        """Look whether somebody has changed one of the states."""
        for mover in self.movers:
            mover.read()

    def give(self) -> None:
        """Give the optimizers their states."""
        for mover in self.movers:
            mover.give()


def mover_of(optimizer: Any, who: str) -> Rule | Search | Together:
    """Return what moves an optimizer's parameters. Raises TypeError for what is no optimizer."""
    if isinstance(optimizer, Groups):
        return Together([Rule(group) for group in optimizer.groups])
    if isinstance(optimizer, LBFGS):
        return Search(optimizer)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{who} expects an optimizer, got {type(optimizer).__name__}")
    return Rule(optimizer)


def _stacked(states: list[Any]) -> Any:
    """The states of all parameters: a number where all have the same, else an array; or a tuple of such."""
    import numpy as np

    first = states[0]
    if isinstance(first, tuple):
        return tuple(_stacked(list(part)) for part in zip(*states, strict=True))
    return first if all(state == first for state in states) else np.array(states, dtype=np.float64)


def _unstacked(state: Any, count: int) -> list[Any]:
    """The state of each parameter."""
    if isinstance(state, tuple):
        return list(zip(*(_unstacked(part, count) for part in state), strict=True))
    return state.tolist() if hasattr(state, "__len__") else [state] * count
