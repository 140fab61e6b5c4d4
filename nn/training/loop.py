"""The loop of `fit`: epochs of batches, what is looked at after each, and how a run ends and goes on."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from autograd import TraceError

from ..optim import Schedule
from . import reading
from .checking import plan
from .evaluation import Evaluation
from .history import History, NotANumber
from .progress import Progress
from .rows import Batch, Rows, Stream
from .step import Training
from .task import Task

Array = Any


class Loop:
    """A run: what was asked for, the step that is taken again and again, and where it stands."""

    def __init__(self, task: Task, history: History, split: Mapping[str, Any]) -> None:
        self.task, self.optimizer, self.history, self.split = task, task.optimizer, history, split
        self.evaluation = Evaluation(task, task.compiled is False)
        self.time: dict[str, float] = defaultdict(float, history.time)
        self.stop = ""
        self.tried = False  # whether a step was taken in this call
        self.good: Any = None  # the last place that had a loss
        self.seconds = 0.0
        self.step = self._made()
        self._take_up()

    # Going on

    def _rated(self) -> list[Any]:
        """The optimizers that have a rate."""
        return [group for group in self.optimizer.groups if hasattr(group, "lr")]

    def _take_up(self) -> None:
        """Take weights, states and place of the history that is gone on from, if there is one; options are those given now."""
        state = self.history.state
        self.epoch, self.batch, self.steps = 0, 0, 0
        self.sums = [0.0, 0.0, 0.0]  # of loss and penalty over the rows of the epoch so far, and these
        self.best: tuple[float, list[float]] | None = None
        self.rates = [float(group.lr) for group in self._rated()]
        self.order: Any = None  # the generator's state when the epoch began, where one is half done
        if not state:
            return
        self.optimizer.load_state_dict(_with_options(state["optimizer"], self.optimizer))
        for (_, parameter), number in zip(self.task.named, state["weights"].values(), strict=True):
            parameter.data = number
        self.epoch, self.batch, self.steps = state["epoch"], state["batch"], state["steps"]
        self.sums, self.order = [*state["sums"]], state["order"]
        if state["best"]:
            self.best = state["best"]["loss"], state["best"]["weights"]
        self.task.generator.bit_generator.state = state["generator"]

    def _kept(self) -> dict[str, Any]:
        """What another call goes on from, made of lists, dicts, strings and numbers."""
        best = None if self.best is None else {"loss": self.best[0], "weights": self.best[1]}
        return {
            "weights": {name: parameter.data for name, parameter in self.task.named},
            "optimizer": self.optimizer.state_dict(),
            "generator": self.task.generator.bit_generator.state,
            "order": self.order,
            "split": self.split,
            "plan": plan(self.task),
            "epoch": self.epoch,
            "batch": self.batch,
            "steps": self.steps,
            "sums": self.sums,
            "best": best,
        }

    # The step

    def _made(self) -> Training:
        task, constraint = self.task, self.task.constraint
        if hasattr(constraint, "of_names"):
            names = {parameter: name for name, parameter in task.named}
            constraint = constraint.of_names([names[p] for p in self.optimizer.parameters])
        return Training(
            task.objective, self.optimizer, range(2 + task.extra), "mean", task.backend, task.threads,
            clip=task.clip, constraint=constraint, has_aux=True, compiled=not self.evaluation.eager,
        )  # fmt: skip

    def _moved(self, batch: Batch) -> float:
        """Take a step, and return the loss before it; eagerly from now on, where the model cannot be traced."""
        data, fresh = self.task.data(batch), not self.tried
        self.tried = True
        if self.task.compiled != "auto" or not fresh or self.evaluation.eager:
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
        """Go on for so many epochs; leave the best weights in the model where there are validation rows, else the last.

        Whatever is raised has the history with it.
        """
        self.history.stopped = ""
        last = self.epoch + epochs
        bar = Progress(progress, range(self.epoch + 1, last + 1), last)
        self.history.__dict__["current"] = self._kept  # a callback may save it
        try:
            with _interrupts(self):
                for _ in bar:
                    if self._epoch():
                        self._after(bar)
                    if self.stop:
                        break
        except BaseException as error:
            with suppress(AttributeError):  # of what has slots
                error.history = self.history  # type: ignore[attr-defined]
            raise
        finally:
            bar.close()
            self._leave()
        return self.history

    def _leave(self) -> None:
        """Note where the run stands, and give the model its weights."""
        history = self.history
        history.stopped = self.stop or history.stopped
        history.time = {what: float(seconds) for what, seconds in self.time.items()}
        for group, rate in zip(self._rated(), self.rates, strict=True):
            group.lr = rate
        history.state = self._kept()
        del history.__dict__["current"]
        if self.best is not None:
            for (_, parameter), number in zip(self.task.named, self.best[1], strict=True):
                parameter.data = number

    def _epoch(self) -> bool:
        """Take the steps of an epoch, or of what is left of it; return whether it is complete."""
        task, generator = self.task, self.task.generator
        started = time.perf_counter()
        now = generator.bit_generator.state
        if self.order is not None:  # half done: its order again, and on from where it stood
            generator.bit_generator.state = self.order
        self.order, half = generator.bit_generator.state, self.order is not None
        batches = task.training.batches(task.batch_size, generator if task.shuffle else None, self.batch)
        drawn = next(batches, None)  # the order is drawn before the first batch comes
        if half:
            generator.bit_generator.state = now
        what = "steps" if self.tried else "first step"
        self._set_rates("epoch")
        self.step.within(True)
        try:
            while drawn is not None:
                self._set_rates("step")
                self._take(drawn)
                drawn = next(batches, None)
                if self.stop:
                    break
            after = self.step.place[0]
            if self.good is not None and not np.isfinite(after).all():
                self.batch -= 1
                raise self._not_a_number(self.good[0], after, "step to what is no number")
        except NotANumber:
            self._go_back()
            raise
        finally:
            self.step.within(False)
            self.seconds = time.perf_counter() - started
            self.time[what] += self.seconds
        if drawn is not None:
            return False  # stopped in the middle
        self._complete()
        return True

    def _take(self, batch: Batch) -> None:
        """Take one step, and count it."""
        place = self.step.place
        with np.errstate(all="ignore"):
            loss = self._moved(batch)
        if loss != loss:
            if isinstance(self.task.training, Stream):  # whose targets were not looked at before
                rows = Rows([batch], [np.arange(batch.size)])
                reading.check_targets(self.task.loss, self.task.prediction, rows, f"fit(), batch {self.batch},")
            self.good = self.good or place
            raise self._not_a_number(place[0], self.step.place[0], "loss of nan")
        self.good = place
        self.steps += 1
        self.batch += 1
        aux = self.step.aux
        for k, part in enumerate((loss - aux, aux, 1.0)):
            self.sums[k] += part * batch.size

    def _go_back(self) -> None:
        """Take the last place that had a loss, and begin the epoch anew."""
        self.step.place = self.good
        self.batch, self.sums, self.order = 0, [0.0, 0.0, 0.0], None

    def _complete(self) -> None:
        """Look at the epoch, and then write down what it was like: all of it or, on an error, nothing."""
        task, history, rows = self.task, self.history, self.sums[2]
        loss, validation = self.sums[0] / rows, None
        if task.report == "after" and isinstance(task.training, Rows):
            loss = self._timed("training loss", self.evaluation.loss, task.training)
        if task.validation is not None:
            validation = self._timed("validation", self.evaluation.loss, task.validation)
            if validation != validation:
                raise NotANumber(
                    f"fit() got a validation loss of nan after epoch {self.epoch + 1}: the training loss was {loss:.6g}"
                )
        measured = self._timed("metrics", self.evaluation.measured) if task.metrics else {}
        history.loss.append(loss)
        history.penalty.append(self.sums[1] / rows)
        history.seconds.append(self.seconds)
        history.rate.append(float(next((group.lr for group in self._rated()), 0.0)))
        for name, number in measured.items():
            history.metrics.setdefault(name, []).append(number)
        self.epoch, self.batch, self.sums, self.order = self.epoch + 1, 0, [0.0, 0.0, 0.0], None
        if validation is not None:
            history.validation.append(validation)
            if self.best is None or validation < self.best[0]:
                self.best = validation, [parameter.data for _, parameter in task.named]
                history.best = self.epoch

    def _after(self, bar: Progress) -> None:
        """Ask the callbacks, and tell of the epoch."""
        history = self.history
        for callback in self.task.callbacks:
            answer = self._timed("callbacks", callback, history)
            if isinstance(answer, (bool, np.bool_)) and answer and not self.stop:
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
        for group, rate in zip(self._rated(), self.rates, strict=True):
            if factor:
                group.lr = float(rate * factor)
            else:
                object.__setattr__(group, "lr", 0.0)  # a schedule may end at 0, an option may not

    def _not_a_number(self, before: Array, after: Array, what: str) -> NotANumber:
        """The error for what is nan: which parameter was the first that is no number, or has no number as its gradient."""
        names = {parameter: name for name, parameter in self.task.named}
        parameters = [names[p] for p in self.optimizer.parameters]
        wrong, later = (np.flatnonzero(~np.isfinite(numbers)) for numbers in (before, after))
        if len(wrong):
            which = f"{parameters[wrong[0]]} was {before[wrong[0]]} before it"
        elif len(later):
            which = f"it takes {parameters[later[0]]} to {after[later[0]]}"
        else:
            which = "all parameters are finite"
        return NotANumber(
            f"fit() got a {what} in epoch {self.epoch + 1}, batch {self.batch + 1}: {which}; smaller steps, or gradients that are "
            "clipped, may help"
        )

    # What is looked at

    def _timed(self, what: str, f: Callable[..., Any], *args: Any) -> Any:
        started = time.perf_counter()
        try:
            return f(*args)
        finally:
            self.time[what] += time.perf_counter() - started


def _with_options(state: Mapping[str, Any], optimizer: Any) -> Mapping[str, Any]:
    """An optimizer's state with the options that it has now."""
    if "groups" in state and len(state["groups"]) == len(optimizer.groups):
        pairs = zip(state["groups"], optimizer.groups, strict=True)
        return {**state, "groups": [_with_options(part, group) for part, group in pairs]}
    return {**state, "options": optimizer.settings()} if hasattr(optimizer, "settings") else state


@contextmanager
def _interrupts(loop: Loop) -> Iterator[None]:
    """Let the first Ctrl-C end the run after the batch, and the second at once; in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before in (None, signal.SIG_IGN):  # of another language, or switched off
        yield
        return

    def asked(number: int, frame: Any) -> None:
        if loop.stop:
            raise KeyboardInterrupt
        loop.stop = "interrupted"

    signal.signal(signal.SIGINT, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
