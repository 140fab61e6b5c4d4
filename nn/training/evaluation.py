"""What is looked at after an epoch: losses and metrics over whole sets of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Value, no_grad

from .. import metrics as measures
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
        whole = weights = 0.0
        for part in rows.parts:
            count = part.size if part.weights is None else float(part.weights.sum())
            whole += count * self._mean(part)
            weights += count
        return whole / weights

    def _mean(self, part: Batch) -> float:
        task = self.task

        def one(x: Any, y: Any, weight: Any = 1.0) -> Any:
            return weight * task.loss(task.model(x), y)

        data = [x for x in part if x is not None]
        if self.eager:
            mean = means(one, *data)
        else:
            key = f"loss {len(data)}"
            if key not in self.evaluators:
                self.evaluators[key] = autograd.compile(one, range(len(data)), "mean", task.backend, task.threads)
            with np.errstate(all="ignore"):
                mean = float(self.evaluators[key](*data))
        return mean if part.weights is None else mean * part.size / float(part.weights.sum())

    def measured(self) -> dict[str, Any]:
        """Return what the metrics say of the validation rows, else of the training rows."""
        task = self.task
        rows = task.validation or task.training
        assert isinstance(rows, Rows)
        outputs = np.concatenate([self._outputs(part.X) for part in rows.parts])
        y = rows.y
        true = reading.truth(task.loss, y)
        found = {}
        for metric in task.metrics:
            kind = measures.takes(metric)
            if kind == "labels":
                predicted = reading.labels(task.loss, outputs, y)
            else:
                predicted = outputs if kind == "scores" else reading.probabilities(task.loss, outputs)
            number = metric(true, predicted)
            name = getattr(metric, "__name__", type(metric).__name__)
            found[name] = float(number) if np.ndim(number) == 0 else np.asarray(number).tolist()
        return found

    def _outputs(self, X: Array) -> Array:
        """What the model gives for each row, (n) or (n, K)."""
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
