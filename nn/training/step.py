"""Training: the compiled twin of a loop of zero_grad, loss, backward and step."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import autograd

from ..names import look_up
from ..optim import Optimizer

REDUCTIONS = ("mean", "sum")


class Training:
    """A training step, compiled: called with data it moves the parameters and returns the loss where they were before.

    `loss` is the loss of one row, a function of the arguments at the positions `rows` (by default all that data are
    given for) and of the optimizer's parameters, which it closes over. A step takes the "mean" or the "sum" of it over
    the rows, and the optimizer's update with its gradient. Between steps the parameters live in one flat array; the
    Values get their numbers, and the optimizer its states, at `write_back()`, or at the end of a `with` block; at its
    beginning they are read again. A loss of nan is warned of once: targets that the loss refuses give it, or a rate too large.

    Raises TypeError for what is no optimizer, ValueError for a reduction that is neither mean nor sum, and as
    `autograd.compile` does, which looks at `rows`, `backend` and `threads` at once, at data and loss in a call.

    >>> import numpy as np
    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> w = Value(0.0)
    >>> xs, ys = np.array([1.0, 2.0]), np.array([3.0, 6.0])
    >>> with Training(lambda x, y: (w * x - y) ** 2, SGD([w], lr=0.1), rows=(0, 1)) as step:
    ...     losses = [step(xs, ys) for _ in range(20)]
    >>> losses[0], f"{losses[-1]:.4f} {w.data:.4f}"
    (22.5, '0.0000 3.0000')
    """

    _numbers: Any
    _state: Any

    def __init__(
        self,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        rows: int | Iterable[int] = (0, 1),
        reduce: str = "mean",
        backend: str = "auto",
        threads: int = 1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"Training expects an optimizer as its second argument, got {type(optimizer).__name__}")
        look_up("reduction", reduce, dict.fromkeys(REDUCTIONS))
        self.optimizer = optimizer
        self.parameters = list(optimizer.parameters)
        derivative = autograd.value_and_grad(loss, wrt=self.parameters)
        self.compiled = autograd.compile(derivative, rows, reduce, backend, threads)
        self._run = self.compiled.flat(self.parameters)
        self._warned = False
        self.read()

    def __repr__(self) -> str:
        return f"Training({len(self.parameters)} parameters, {self.optimizer!r}): {self.compiled!r}"

    def __call__(self, *data: Any) -> float:
        """Take one step on these rows, and return the loss before it."""
        found = self._run(self._numbers, *data)
        self._numbers, self._state = self.optimizer.update(self._numbers, found[1:], self._state)
        loss = float(found[0])
        if loss != loss and not self._warned:
            self._warned = True
            warnings.warn(
                "the loss is nan: a target that the loss refuses (called with plain numbers it says which), or steps too long",
                RuntimeWarning,
                stacklevel=2,
            )
        return loss

    def read(self) -> None:
        """Take the parameters' numbers and the optimizer's states as they are now."""
        import numpy as np

        self._numbers = np.array([p.data for p in self.parameters])
        self._state = _stacked(self.optimizer.states)

    def write_back(self) -> None:
        """Give the parameters their numbers, and the optimizer its states."""
        for parameter, number in zip(self.parameters, self._numbers.tolist(), strict=True):
            parameter.data = number
        self.optimizer.states = _unstacked(self._state, len(self.parameters))

    def __enter__(self) -> Training:
        self.read()
        return self

    def __exit__(self, *exception: object) -> None:
        self.write_back()


def _stacked(states: list[Any]) -> Any:
    """The states of all parameters as an array, or a tuple of arrays."""
    import numpy as np

    if isinstance(states[0], tuple):
        return tuple(_stacked(list(part)) for part in zip(*states, strict=True))
    return np.array(states, dtype=np.float64)


def _unstacked(state: Any, count: int) -> list[Any]:
    """The state of each parameter."""
    if isinstance(state, tuple):
        return list(zip(*(_unstacked(part, count) for part in state), strict=True))
    return [float(x) for x in state] if hasattr(state, "__len__") else [float(state)] * count
