"""What `fit` was asked for, and the function of one row that it makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd import Value, errstate, no_grad

from ..chance import drawing_from
from ..module import Module
from .history import History
from .rows import Batch, Rows, Stream


@dataclass
class Task:
    """What `fit` was asked for, checked."""

    model: Callable[[Any], Any]
    loss: Callable[[Any, Any], Any]
    training: Rows | Stream
    validation: Rows | None
    batch_size: int | None
    shuffle: bool
    metrics: tuple[Callable[[Any, Any], Any], ...]
    penalty: Callable[[Any], Any] | None
    constraint: Any
    clip: Callable[[Any], Any] | None
    schedule: Any
    callbacks: tuple[Callable[[History], Any], ...]
    report: str
    compiled: bool | str
    backend: str
    threads: int
    generator: np.random.Generator
    optimizer: Any

    @cached_property
    def named(self) -> list[tuple[str, Value]]:
        """All parameters, with names; asked after the first call of the model."""
        return named(self.model, self.optimizer)

    @cached_property
    def first(self) -> Batch:
        """The first rows, to see what they are like."""
        return self.training.parts[0] if isinstance(self.training, Rows) else self.training.first()

    @cached_property
    def prediction(self) -> Any:
        """What the model gives for the first row; it has named its parameters then."""
        return self._called(self.first)[0]

    @cached_property
    def noise(self) -> int:
        """How many random numbers the model asks for in the first row."""
        return self._called(self.first)[1]

    def _called(self, batch: Batch) -> tuple[Any, int]:
        """The model called with a row of this form: what it gives, and how many random numbers it asks for."""
        key = batch.X.shape[1:]
        if key not in self._calls:
            asked: list[int] = []

            def source(count: int) -> list[float]:
                asked.append(count)
                return [0.5] * count

            with drawing_from(source), errstate("ignore"), no_grad():
                prediction = self.model(batch.X[0].tolist())
            self._calls[key] = prediction, sum(asked)
        return self._calls[key]

    @cached_property
    def _calls(self) -> dict[Any, tuple[Any, int]]:
        return {}

    @property
    def extra(self) -> int:
        """How many more arrays than features and observations a row has: weights, random numbers."""
        return int(self.first.weights is not None) + bool(self.noise)

    def data(self, batch: Batch) -> list[Any]:
        """Return the arrays of a batch, with random numbers where the model asks for them.

        Raises ValueError for weights that only some batches have.
        """
        if (batch.weights is None) is not (self.first.weights is None):
            raise ValueError("fit() expects weights in all batches or in none")
        drawn = [self.generator.random((batch.size, self._called(batch)[1]))] if self.noise else []
        return [*(part for part in batch if part is not None), *drawn]

    def objective(self, x: Any, y: Any, *more: Any) -> tuple[Any, Any]:
        """Return what is minimized, the loss of one row and the penalty, and of it what the penalty is."""
        rest = iter(more)
        weight = next(rest) if self.first.weights is not None else None
        chances = list(next(rest)) if self.noise else []

        def source(count: int) -> list[Any]:
            taken, chances[:count] = chances[:count], []
            return taken

        with drawing_from(source):
            loss = self.loss(self.model(x), y)
        loss = loss if weight is None else weight * loss
        penalty = 0.0 if self.penalty is None else self.penalty(self.named)
        return loss + penalty, penalty


def named(model: Any, optimizer: Any) -> list[tuple[str, Value]]:
    """Return the parameters of the model and of the optimizer, each once, with names that differ.

    Those of a Module have their paths. Those that a function closes over have the names that their modules gave at its first call.
    """
    found = {parameter: name for name, parameter in model.named_parameters()} if isinstance(model, Module) else {}
    taken = set(found.values())
    for k, parameter in enumerate(optimizer.parameters):
        if parameter not in found:
            plain = name = parameter.name or f"{UNNAMED}{k}"
            number = 2
            while name in taken:  # of another module in the same function
                name, number = f"model{number}.{plain}", number + 1
            found[parameter] = name
            taken.add(name)
    return [(name, parameter) for parameter, name in found.items()]


UNNAMED = "parameter "
