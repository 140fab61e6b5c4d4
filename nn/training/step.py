"""Training: one step of zero_grad, loss, backward and step, compiled."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import autograd

from ..names import few, look_up
from .eager import Eager
from .movers import Search, mover_of

REDUCTIONS = ("mean", "sum")


class Training:
    """A training step, compiled: called with data it moves the parameters and returns the loss where they were before.

    `loss` is the loss of one row, a function of the arguments at the positions `rows` (by default all that data are
    given for) and of the optimizer's parameters, which it closes over. A step takes the "mean" or the "sum" of it over
    the rows, and the optimizer's update with its gradient.

    A step reads the parameters and gives them their new numbers, so that the model is trained after each. In a `with` block,
    which is faster, they live in one array: the Values get their numbers when the block ends, however it ends. A parameter that
    is set inside the block would be lost: the end of the block says so. The optimizer's options and states may be set anywhere, and
    its states can be read after a block. The optimizer is one of `nn.optim`, or one of your own, or `Groups` of them.

    `clip` changes the gradients before the update (`nn.optim.ClipNorm`), `constraint` the numbers after it: both are functions of the
    array of all. With `has_aux` the loss is a pair, the loss and a number that is only averaged: `aux` is its last mean.
    `compiled=False` builds the graph of each row and calls `backward()`, to look at.

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
    _within = False  # whether it is in a block
    aux: float = 0.0

    def __init__(
        self,
        loss: Callable[..., Any],
        optimizer: Any,
        rows: int | Iterable[int] = (0, 1),
        reduce: str = "mean",
        backend: str = "auto",
        threads: int = 1,
        *,
        clip: Callable[[Any], Any] | None = None,
        constraint: Callable[[Any], Any] | None = None,
        has_aux: bool = False,
        compiled: bool = True,
    ) -> None:
        self._mover = mover_of(optimizer, "Training")
        if isinstance(self._mover, Search) and (clip or constraint):
            raise ValueError(
                "Training expects neither clip nor constraint for LBFGS, whose search takes the loss as it is"
            )
        look_up("reduction", reduce, dict.fromkeys(REDUCTIONS))
        self.optimizer = optimizer
        self.parameters = list(optimizer.parameters)
        self.clip, self.constraint = clip, constraint
        derivative = autograd.value_and_grad(loss, wrt=self.parameters, has_aux=has_aux)
        self.compiled = autograd.compile(derivative, rows, reduce, backend, threads)
        self._first = 2 if has_aux else 1  # where the gradient begins in what a run returns
        self._run: Any = (
            self.compiled.flat(self.parameters) if compiled else Eager(loss, self.parameters, rows, reduce, has_aux)
        )
        self._warned = False

    def __repr__(self) -> str:
        return f"Training({len(self.parameters)} parameters, {self.optimizer!r}): {self.compiled!r}"

    def __call__(self, *data: Any) -> float:
        """Take one step on these rows, and return the loss before it."""
        if not self._within:
            self._read()
        loss = self.moved(*data)
        if not self._within:
            self._give()
        if loss != loss and not self._warned:
            self._warned = True
            warnings.warn(
                "the loss is nan: a target that the loss refuses (called with plain numbers it says which), or steps too long",
                RuntimeWarning,
                stacklevel=2,
            )
        return loss

    def moved(self, *data: Any) -> float:
        """Move the numbers, and return the loss before; the Values stay as they are."""
        first, clip, run = self._first, self.clip, self._run

        def evaluate(numbers: Any) -> tuple[float, Any]:
            result = run(numbers, *data)
            return float(result[0]), result[first:]

        before = self._numbers
        result = run(before, *data)
        gradient = result[first:]
        if clip is not None:
            gradient = clip(gradient)
        loss = float(result[0])
        numbers = self._mover.moved(before, loss, gradient, evaluate)
        self._numbers = numbers if self.constraint is None else self.constraint(numbers)
        if first == 2:
            self.aux = float(result[1])
        return loss

    @property
    def place(self) -> tuple[Any, Any]:
        """The parameters' numbers within a block, in an array, and the optimizer's states; set, a step back is taken."""
        return self._numbers, self._mover.snapshot()

    @place.setter
    def place(self, place: tuple[Any, Any]) -> None:
        self._numbers = place[0]
        self._mover.restore(place[1])

    def within(self, block: bool) -> None:
        """Begin or end a block."""
        self.__enter__() if block else self.__exit__(None, None, None)

    def _read(self) -> None:
        """Take the numbers that the parameters have now."""
        import numpy as np

        numbers = self._run.numbers()
        if numbers != self._given:
            self._given, self._numbers = numbers, np.array(numbers)
        self._mover.read()

    def _give(self) -> None:
        """Give the parameters their numbers, and the optimizer its states."""
        self._given = self._numbers.tolist()
        self._run.give(self._given)
        self._mover.give()

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
