"""Training: the compiled twin of a loop of zero_grad, loss, backward and step."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import autograd

from ..names import few, look_up
from ..optim import Optimizer

REDUCTIONS = ("mean", "sum")


class Training:
    """A training step, compiled: called with data it moves the parameters and returns the loss where they were before.

    `loss` is the loss of one row, a function of the arguments at the positions `rows` (by default all that data are
    given for) and of the optimizer's parameters, which it closes over. A step takes the "mean" or the "sum" of it over
    the rows, and the optimizer's update with its gradient.

    A step reads the parameters and gives them their new numbers, so that the model is trained after each. In a `with` block,
    which is faster, they live in one array: the Values get their numbers when the block ends, however it ends. A parameter that
    is set inside the block would be lost: the end of the block says so. The optimizer's options and states may be set anywhere, and
    its states can be read after a block.
    A loss of nan is warned of once: targets that the loss refuses give it, or a rate too large.

    Raises TypeError for what is no optimizer, ValueError for a reduction that is neither mean nor sum, and as
    `autograd.compile` does, which looks at `rows`, `backend` and `threads` at once, at data and loss in a call; RuntimeError at
    the end of a block in which a parameter was set.

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

    _numbers: Any = None  # of the parameters, in an array, as they were at the last step
    _given: Any = None  # the same in a list, as the Values were given them last
    _state: Any = None  # of the optimizer, in arrays
    _states: Any = None  # the list that this was made of, or that was made of it,
    _seen: Any = None  # and what stood in it then
    _within = False  # whether it is in a block

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

    def __repr__(self) -> str:
        return f"Training({len(self.parameters)} parameters, {self.optimizer!r}): {self.compiled!r}"

    def __call__(self, *data: Any) -> float:
        """Take one step on these rows, and return the loss before it."""
        if not self._within:
            self._read()
        result = self._run(self._numbers, *data)
        optimizer = self.optimizer
        if optimizer.states is not self._states:
            self._state, self._states = _stacked(optimizer.states), optimizer.states
            self._seen = [*self._states]
        self._numbers, self._state = optimizer.update(self._numbers, result[1:], self._state)
        if not self._within:
            self._give()
        loss = float(result[0])
        if loss != loss and not self._warned:
            self._warned = True
            warnings.warn(
                "the loss is nan: a target that the loss refuses (called with plain numbers it says which), or steps too long",
                RuntimeWarning,
                stacklevel=2,
            )
        return loss

    def _read(self) -> None:
        """Take the numbers that the parameters have now."""
        import numpy as np

        numbers = self._run.numbers()
        if numbers != self._given:
            self._given, self._numbers = numbers, np.array(numbers)
        if self._states != self._seen:  # somebody changed one of them
            self._states = None

    def _give(self) -> None:
        """Give the parameters their numbers, and the optimizer its states."""
        self._given = self._numbers.tolist()
        self._run.give(self._given)
        if self.optimizer.states is self._states and self._states == self._seen:
            self._states = self.optimizer.states = _unstacked(self._state, len(self.parameters))
            self._seen = [*self._states]

    def __enter__(self) -> Training:
        self._read()
        self._within = True
        return self

    def __exit__(self, *exception: object) -> None:
        self._within = False
        pairs = zip(self._run.numbers(), self._given, strict=True)
        changed = [k for k, (x, y) in enumerate(pairs) if x != y and not (x != x and y != y)]
        self._give()
        if changed and exception[0] is None:
            names = few([self.parameters[k].name or f"parameter {k}" for k in changed])
            raise RuntimeError(
                f"Training: {names} was set inside the with block, where steps do not see it, and has its trained number now; "
                "set parameters before the block, or take steps without one"
            )


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
    return state.tolist() if hasattr(state, "__len__") else [float(state)] * count
