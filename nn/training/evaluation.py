"""What is looked at after an epoch: losses and metrics over whole sets of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Value, no_grad

from .. import metrics as measures
from ..chance import drawing_from
from . import reading
from .eager import means
from .rows import Batch, Rows
from .task import Task

Array = Any


class Evaluation:
    """The model as it is now, run over rows without noise and derivatives: compiled, or eagerly."""

    def __init__(self, task: Task, eager: bool) -> None:
        self.task, self.eager = task, eager
        self.evaluators: dict[str, Any] = {}

    def loss(self, rows: Rows) -> float:
        """Return the mean loss over rows as the model is now, without noise and penalty."""
        whole = sum(part.size * self._mean(part) for part in rows.parts)
        return whole / sum(part.size if part.weights is None else float(part.weights.sum()) for part in rows.parts)

    def _mean(self, part: Batch) -> float:
        """The mean of weight times loss."""
        task = self.task

        def one(x: Any, y: Any, weight: Any = 1.0) -> Any:
            return weight * task.loss(task.model(x), y)

        data = [x for x in part if x is not None]
        with drawing_from(None):
            if self.eager:
                return means(one, *data)
            if "loss" not in self.evaluators or self.evaluators["loss"][0] != len(data):
                compiled = autograd.compile(one, range(len(data)), "mean", task.backend, task.threads)
                self.evaluators["loss"] = len(data), compiled
            with np.errstate(all="ignore"):
                return float(self.evaluators["loss"][1](*data))

    def measured(self) -> dict[str, Any]:
        """Return what the metrics say of the validation rows, else of the training rows."""
        task = self.task
        rows = task.validation or task.training
        assert isinstance(rows, Rows)
        outputs = np.concatenate([self._outputs(part.X) for part in rows.parts])
        y = rows.y
        true = reading.truth(task.loss, y)
        found: dict[str, Any] = {}
        for metric in task.metrics:
            kind = measures.takes(metric)
            if kind == "labels":
                predicted = reading.labels(task.loss, outputs, y)
            else:
                predicted = outputs if kind == "scores" else reading.probabilities(task.loss, outputs)
            number = metric(true, predicted)
            found[name_beside(found, metric)] = float(number) if np.ndim(number) == 0 else np.asarray(number).tolist()
        return found

    def _outputs(self, X: Array) -> Array:
        """What the model gives for each row, (n) or (n, K)."""
        with drawing_from(None):
            return self._asked(X)

    def _asked(self, X: Array) -> Array:
        model = self.task.model
        if self.eager:
            with no_grad():
                return np.array([_numbers(model(row)) for row in X.tolist()])
        if "outputs" not in self.evaluators:
            self.evaluators["outputs"] = autograd.compile(
                lambda x: model(x), 0, None, self.task.backend, self.task.threads
            )
        found = self.evaluators["outputs"](X)
        return np.stack(found, axis=1) if isinstance(found, (list, tuple)) else np.asarray(found)


def _numbers(output: Any) -> Any:
    if hasattr(output, "__len__"):
        return [_numbers(part) for part in output]
    return output.data if isinstance(output, Value) else float(output)


def name_beside(others: Any, metric: Any) -> str:
    """Return a metric's name, with its options where it is a partial, and a number where another has it already."""
    plain = measures.name_of(metric)
    name, number = plain, 2
    while name in others:
        name, number = f"{plain} {number}", number + 1
    return name
