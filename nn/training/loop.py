"""The loop of `fit`: epochs of batches, what is looked at after each, and how a run ends and goes on."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import inf, isfinite
from typing import Any

import numpy as np

from autograd import TraceError

from .. import metrics as measures
from ..names import few
from ..optim import LBFGS, Schedule
from . import reading
from .evaluation import Evaluation
from .history import History, NotANumber
from .progress import Progress
from .rows import Batch, Rows, Stream
from .step import Training
from .task import Task

Array = Any


class Loop:
    """A run: what was asked for, the step that is taken again and again, and where it stands."""

    def __init__(self, task: Task, optimizer: Any, history: History, split: Mapping[str, Any]) -> None:
        self.task, self.optimizer, self.history, self.split = task, optimizer, history, split
        self._take_up()
        self.looked = False
        self.evaluation = Evaluation(task, task.compiled is False)
        self.time: dict[str, float] = defaultdict(float, history.time)
        self.stop = ""
        self.good: Any = None  # the last numbers that had a loss
        self._check()
        self.step = self._made()

    # Going on

    def _take_up(self) -> None:
        """Take weights, states and place of the history that is gone on from, if there is one."""
        state, optimizer = self.history.state, self.optimizer
        self.epoch, self.batch, self.steps = 0, 0, 0
        self.sums = [0.0, 0.0, 0.0]  # of loss and penalty over the rows of the epoch so far, and these
        self.best: tuple[float, list[float]] | None = None
        self.rates = [group.lr for group in optimizer.groups if hasattr(group, "lr")]
        self.order: Any = None  # the generator's state when the epoch began, where one is half done
        if not state:
            return
        names = [name for name, _ in self.task.named]
        if list(state["weights"]) != names:
            raise ValueError(
                f"fit() expects the model of the history, whose parameters are {few(list(state['weights']))}, got {few(names)}"
            )
        optimizer.load_state_dict(state["optimizer"])
        for (_, parameter), number in zip(self.task.named, state["weights"].values(), strict=True):
            parameter.data = number
        self.epoch, self.batch, self.steps = state["epoch"], state["batch"], state["steps"]
        self.sums, self.rates, self.order = [*state["sums"]], [*state["rates"]], state["order"]
        if state["best"]:
            self.best = state["best"]["loss"], state["best"]["weights"]
        self.task.generator.bit_generator.state = state["generator"]

    def _kept(self) -> dict[str, Any]:
        """What another call goes on from, made of lists, dicts, strings and numbers."""
        best = None if self.best is None else {"loss": self.best[0], "weights": self.best[1]}
        return {
            "weights": {name: parameter.data for name, parameter in self.task.named},
            "optimizer": self.optimizer.state_dict(),
            "rates": self.rates,
            "generator": self.task.generator.bit_generator.state,
            "order": self.order,
            "split": self.split,
            "epoch": self.epoch,
            "batch": self.batch,
            "steps": self.steps,
            "sums": self.sums,
            "best": best,
        }

    # The step

    def _check(self) -> None:
        """Look at labels, weights and the last activation before anything is traced."""
        task = self.task
        for name, parameter in self.task.named:
            if not isfinite(parameter.data):
                raise ValueError(f"fit() expects finite parameters, got {parameter.data} for {name}")
        for rows in (task.training, task.validation):
            parts = rows.parts if isinstance(rows, Rows) else [task.first] if isinstance(rows, Stream) else []
            reading.check_targets(task.loss, task.prediction, parts, "fit()")
        if not self.history.state:
            reading.check_last_activation(task.loss, task.model, [row.tolist() for row in task.first.X[:3]])
        if task.metrics and isinstance(task.validation or task.training, Stream):
            raise ValueError("fit() expects validation rows for metrics, where X is batches")
        for metric in task.metrics:
            if measures.takes(metric) == "probabilities":
                reading.probabilities(task.loss, np.full((1, 2), 0.5))
        if isinstance(self.optimizer, LBFGS):
            if not (isinstance(task.training, Rows) and (task.batch_size or inf) >= task.training.n) or task.noise:
                raise ValueError(
                    "fit() expects all rows at once for LBFGS, without random numbers: leave batch_size out"
                )
            if task.schedule is not None:
                raise ValueError("fit() expects no schedule for LBFGS, which has no rate")

    def _made(self) -> Training:
        task, constraint = self.task, self.task.constraint
        if hasattr(constraint, "of_names"):
            names = {parameter: name for name, parameter in self.task.named}
            constraint = constraint.of_names([names[p] for p in self.optimizer.parameters])
        return Training(
            task.objective, self.optimizer, range(2 + task.extra), "mean", task.backend, task.threads,
            clip=task.clip, constraint=constraint, has_aux=True, compiled=not self.evaluation.eager,
        )  # fmt: skip

    def _moved(self, batch: Batch) -> float:
        """Take a step, and return the loss before it; eagerly from now on, where the model cannot be traced."""
        data = self.task.data(batch)
        if self.task.compiled != "auto" or self.steps or self.evaluation.eager:
            return self.step.moved(*data)
        try:
            return self.step.moved(*data)
        except TraceError as error:
            warnings.warn(
                f"fit() goes on without compiling, some hundred times slower: {error}", UserWarning, stacklevel=5
            )
            self.evaluation.eager = True
            self.step.within(False)
            self.step = self._made()
            self.step.within(True)
            return self.step.moved(*data)

    # The run

    def run(self, epochs: int, progress: Any) -> History:
        """Go on for so many epochs; leave the best weights in the model where there are validation rows, else the last."""
        self.history.stopped = ""
        self.history.__dict__["current"] = self._kept  # a callback may save it
        last = self.epoch + epochs
        bar = Progress(progress, range(self.epoch + 1, last + 1), last)
        try:
            with _interrupts(self):
                for _ in bar:
                    self._epoch()
                    if not self.stop:
                        self._after(bar)
                    if self.stop:
                        break
        finally:
            bar.close()
            self._leave()
        return self.history

    def _leave(self) -> None:
        """Note where the run stands, and give the model its weights."""
        history = self.history
        history.stopped = self.stop or history.stopped
        history.time = {what: float(seconds) for what, seconds in self.time.items()}
        history.state = self._kept()
        del history.__dict__["current"]
        for group, rate in zip([g for g in self.optimizer.groups if hasattr(g, "lr")], self.rates, strict=True):
            group.lr = rate
        if self.best is not None:
            for (_, parameter), number in zip(self.task.named, self.best[1], strict=True):
                parameter.data = number

    def _epoch(self) -> None:
        """Take the steps of an epoch, or of what is left of it."""
        task, generator = self.task, self.task.generator
        started = time.perf_counter()
        now = generator.bit_generator.state
        if self.batch:  # half done: its order again, and on from where it stood
            generator.bit_generator.state = self.order
        self.order = generator.bit_generator.state
        batches = task.training.batches(task.batch_size, generator if task.shuffle else None, self.batch)
        drawn = next(batches, None)  # the order is drawn before the first batch comes
        if self.batch:
            generator.bit_generator.state = now
        taken = False
        self._set_rates("epoch")
        self.step.within(True)
        try:
            while drawn is not None:
                self._set_rates("step")
                before = self.step.numbers
                with np.errstate(all="ignore"):
                    loss = self._moved(drawn)
                if loss != loss:
                    found = self._not_a_number(before, self.step.numbers)
                    self._go_back(before)
                    raise found
                self.good, taken = before, True
                self.steps += 1
                self.batch += 1
                aux = self.step.aux
                for k, part in enumerate((loss - aux, aux, 1.0)):
                    self.sums[k] += part * drawn.size
                if self.stop:
                    break
                drawn = next(batches, None)
            after = self.step.numbers
            if not np.isfinite(after).all():
                self.batch -= 1
                found = self._not_a_number(self.good, after, "step to a parameter")
                self._go_back(self.good)
                raise found
        finally:
            self.step.within(False)
        self.time["first step" if not self.looked else "steps"] += time.perf_counter() - started
        self.looked = self.looked or taken
        self.seconds = time.perf_counter() - started
        if drawn is not None and next(batches, None) is not None:
            return  # stopped in the middle
        self._complete()

    def _go_back(self, before: Array) -> None:
        """Take the last numbers that had a loss, and begin the epoch anew."""
        self.step.numbers = before if self.good is None else self.good
        self.batch, self.sums, self.order = 0, [0.0, 0.0, 0.0], None

    def _complete(self) -> None:
        """Write down what the epoch was like."""
        history, rows = self.history, self.sums[2]
        history.loss.append(self.sums[0] / rows)
        history.penalty.append(self.sums[1] / rows)
        history.seconds.append(self.seconds)
        history.rate.append(float(next((g.lr for g in self.optimizer.groups if hasattr(g, "lr")), 0.0)))
        self.epoch, self.batch, self.sums, self.order = self.epoch + 1, 0, [0.0, 0.0, 0.0], None
        task = self.task
        if task.report == "after" and isinstance(task.training, Rows):
            history.loss[-1] = self._timed("training loss", self.evaluation.loss, task.training)
        if task.validation is not None:
            loss = self._timed("validation", self.evaluation.loss, task.validation)
            history.validation.append(loss)
            if self.best is None or loss < self.best[0]:
                self.best = loss, [parameter.data for _, parameter in self.task.named]
                history.best = self.epoch
        if task.metrics:
            for name, number in self._timed("metrics", self.evaluation.measured).items():
                history.metrics.setdefault(name, []).append(number)
        if history.validation and history.validation[-1] != history.validation[-1]:
            raise self._not_a_number(self.step.numbers, self.step.numbers, "validation loss")

    def _after(self, bar: Progress) -> None:
        """Ask the callbacks, and tell of the epoch."""
        history = self.history
        for callback in self.task.callbacks:
            if self._timed("callbacks", callback, history) is True:
                self.stop = f"stopped by {getattr(callback, '__name__', callback)}"
        parts = [f"loss {history.loss[-1]:.6g}"]
        parts += [f"validation {history.validation[-1]:.6g}"] if history.validation else []
        parts += [f"{name} {numbers[-1]:.4g}" for name, numbers in history.metrics.items() if np.ndim(numbers[-1]) == 0]
        bar.tell(self.epoch, "  ".join(parts), final=bool(self.stop) or self.epoch == bar.last)

    def _set_rates(self, per: str) -> None:
        """Set the rates of the optimizers to what the schedule says for this time."""
        schedule = self.task.schedule
        if schedule is None or getattr(schedule, "per", "epoch") != per:
            return
        t = self.epoch if per == "epoch" else self.steps
        factor = schedule(t, self.history.watched) if isinstance(schedule, Schedule) else schedule(t)
        for group, rate in zip([g for g in self.optimizer.groups if hasattr(g, "lr")], self.rates, strict=True):
            if factor:
                group.lr = rate * factor
            else:
                object.__setattr__(group, "lr", 0.0)  # a schedule may end at 0, an option may not

    def _not_a_number(self, before: Array, after: Array, what: str = "loss") -> NotANumber:
        """The error for a loss of nan: which parameter was the first that is no number, or has no number as its gradient."""
        names = {parameter: name for name, parameter in self.task.named}
        parameters = [names[p] for p in self.optimizer.parameters]
        wrong = np.flatnonzero(~np.isfinite(before))
        later = np.flatnonzero(~np.isfinite(after))
        if len(wrong):
            which = f"{parameters[wrong[0]]} was {before[wrong[0]]} before it"
        elif len(later):
            which = f"the gradient by {parameters[later[0]]} is no number there"
        else:
            which = "all parameters are finite"
        error = NotANumber(
            f"fit() got a {what} of nan in epoch {self.epoch + 1}, batch {self.batch + 1}: {which}; smaller steps, or gradients that are "
            "clipped, may help"
        )
        error.history = self.history
        return error

    # What is looked at

    def _timed(self, what: str, f: Callable[..., Any], *args: Any) -> Any:
        started = time.perf_counter()
        try:
            return f(*args)
        finally:
            self.time[what] += time.perf_counter() - started


@contextmanager
def _interrupts(loop: Loop) -> Iterator[None]:
    """Let the first Ctrl-C end the run after the batch, and the second at once; in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def asked(number: int, frame: Any) -> None:
        if loop.stop:
            raise KeyboardInterrupt
        loop.stop = "interrupted"

    signal.signal(signal.SIGINT, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
