"""What is looked at before a run changes anything."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

from autograd import errstate, no_grad

from ..names import few
from ..optim import LBFGS
from ..penalties import weights
from . import reading
from .evaluation import name_beside
from .history import REPORTS, History
from .rows import Rows, Stream
from .task import UNNAMED, Task


def check(task: Task, history: History) -> None:
    """Look at labels, parameters, options, the last activation, and whether the history is one that can go on.

    Raises TypeError or ValueError; warns where a loss of logits is given probabilities.
    """
    _ = task.prediction  # the model is called, and names its parameters
    for name, parameter in task.named:
        if not isfinite(parameter.data):
            raise ValueError(f"fit() expects finite parameters, got {parameter.data} for {name}")
        for option in (task.penalty, task.constraint):
            if getattr(option, "of", None) is weights and name.startswith(UNNAMED):
                raise ValueError(
                    "fit() cannot tell weights from biases where parameters have no names: derive the model from nn.Module, name them, "
                    f"or give {type(option).__name__} another function as of"
                )
    if isinstance(task.training, Rows):
        reading.check_targets(task.loss, task.prediction, task.training, "fit()")
    if task.validation is not None:
        part = task.validation.parts[0]
        with errstate("ignore"), no_grad():
            task.loss(task.model(part.X[0].tolist()), part.y[0].tolist())
        reading.check_targets(task.loss, task.prediction, task.validation, "fit()")
    if isinstance(task.training, Stream):
        if task.metrics and task.validation is None:
            raise ValueError("fit() expects validation rows for metrics, where X is batches")
        if task.report == "after":
            raise ValueError("fit() expects report='running' where X is batches")
    for metric in task.metrics:
        reading.check_metric(task.loss, metric, "fit()")
    if not history.state:
        reading.check_last_activation(task.loss, task.model, [row.tolist() for row in task.first.X[:3]])
    if isinstance(task.optimizer, LBFGS):
        whole = isinstance(task.training, Rows) and len(task.training.parts) == 1
        if not whole or (task.batch_size or inf) < (task.training.n or 0) or task.noise:
            raise ValueError(
                "fit() expects all rows at once for LBFGS, of one length and without random numbers: leave batch_size out"
            )
        if task.schedule is not None:
            raise ValueError("fit() expects no schedule for LBFGS, which has no rate")
    _check_history(task, history)


def _check_history(task: Task, history: History) -> None:
    """Raise ValueError for a history of another model, or one whose lists would not go on."""
    state = history.state
    if not state:
        return
    names = [name for name, _ in task.named]
    if list(state["weights"]) != names:
        raise ValueError(
            f"fit() expects the model of the history, whose parameters are {few(list(state['weights']))}, got {few(names)}"
        )
    measured: dict[str, Any] = {}
    for metric in task.metrics:
        measured[name_beside(measured, metric)] = None
    pairs = [
        ("validation", bool(history.validation), task.validation is not None),
        ("metrics", list(history.metrics), list(measured)),
        ("report", history.reported, REPORTS[task.report]),
    ]
    for what, before, now in pairs:
        if history.epochs and before != now:
            raise ValueError(f"fit() expects the {what} that the history began with, got other ones or none")
    if state["batch"] and state["plan"] != plan(task):
        raise ValueError(
            f"fit() expects rows and batches as they were, since an epoch is half done: {state['plan']}, got {plan(task)}"
        )


def plan(task: Task) -> list[Any]:
    """Return what the order of an epoch's rows hangs on."""
    return [task.training.n, task.batch_size, task.shuffle]
