"""What `fit` was asked for, and the function of one row that it makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd import Value, no_grad

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
    named: list[tuple[str, Value]]  # all parameters

    @cached_property
    def first(self) -> Batch:
        """The first rows, to see what they are like."""
        if isinstance(self.training, Rows):
            return self.training.parts[0]
        return next(iter(self.training.batches(None, None)))

    @cached_property
    def prediction(self) -> Any:
        """What the model gives for the first row."""
        return self._first_call[0]

    @property
    def noise(self) -> int:
        """How many random numbers the model asks for in one row."""
        return self._first_call[1]

    @cached_property
    def _first_call(self) -> tuple[Any, int]:
        asked: list[int] = []

        def source(count: int) -> list[float]:
            asked.append(count)
            return [0.5] * count

        with drawing_from(source), no_grad():
            prediction = self.model(self.first.X[0].tolist())
        return prediction, sum(asked)

    @property
    def extra(self) -> int:
        """How many more arrays than features and observations a row has: weights, random numbers."""
        return int(self.first.weights is not None) + bool(self.noise)

    def data(self, batch: Batch) -> list[Any]:
        """Return the arrays of a batch, with random numbers where the model asks for them."""
        drawn = [self.generator.random((batch.size, self.noise))] if self.noise else []
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
    """Return the parameters of the model and of the optimizer, each once, with names."""
    found = {parameter: name for name, parameter in model.named_parameters()} if isinstance(model, Module) else {}
    for k, parameter in enumerate(optimizer.parameters):
        found.setdefault(parameter, parameter.name or f"parameter {k}")
    return [(name, parameter) for parameter, name in found.items()]
