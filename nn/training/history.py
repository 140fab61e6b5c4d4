"""What is known of a run: its losses, how it ended, and all that another call of `fit` goes on from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, ClassVar

from autograd import MissingPackage

from .. import storage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REPORTS = {
    "running": "the mean over the batches of an epoch, while the weights move",
    "after": "over all training rows, after the epoch",
}


@dataclass
class History:
    """What `fit` returns: a number for each epoch in each list.

    `loss` is that of the training rows without the penalty, `reported` says when it is taken; `penalty` is what was added to it;
    `validation` is the loss of the validation rows after the epoch, empty without such rows. `metrics` has a list by name, `rate`
    the rate of the last step of each epoch, `seconds` what it took. `best` is the epoch, from 1, with the smallest validation loss, whose
    weights the model has; None without validation. `stopped` says why the run ended, `warnings` what was noticed, `time` where the
    time went, in seconds. A run goes on by `fit(..., history=history)`.

    >>> history = History(loss=[2.0, 1.0])
    >>> history
    History(2 epochs, loss 2 -> 1)
    """

    loss: list[float] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best: int | None = None
    stopped: str = ""
    reported: str = REPORTS["running"]
    time: dict[str, float] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict, repr=False)  # what another call goes on from

    current: ClassVar[Any] = None  # while it runs, what tells the state

    def __getstate__(self) -> dict[str, Any]:
        """Copied and pickled as it is at this moment, without the run that is at work on it."""
        kept = {key: part for key, part in self.__dict__.items() if key != "current"}
        return kept if self.current is None else {**kept, "state": self.current()}

    @property
    def epochs(self) -> int:
        """The number of epochs that are complete."""
        return len(self.loss)

    @property
    def watched(self) -> list[float]:
        """The losses that schedules and early stopping look at: of the validation rows, if there are any."""
        return self.validation or self.loss

    def __repr__(self) -> str:
        if not self.loss:
            return "History(0 epochs)"
        ways = [f"loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}"]
        if self.validation:
            ways.append(f"validation {self.validation[0]:.4g} -> {self.validation[-1]:.4g}, best in epoch {self.best}")
        return f"History({self.epochs} epochs, {', '.join([*ways, *filter(None, [self.stopped])])})"

    def columns(self) -> dict[str, list[float]]:
        """Return what there is for each epoch, by name."""
        own = {"loss": self.loss, "penalty": self.penalty, "validation": self.validation}
        return {
            name: numbers
            for name, numbers in {**own, **self.metrics, "rate": self.rate, "seconds": self.seconds}.items()
            if numbers
        }

    def to_pandas(self) -> Any:
        """Return a DataFrame of pandas with a row for each epoch, from 1."""
        with MissingPackage.told("History.to_pandas()"):
            import pandas

        return pandas.DataFrame(self.columns(), index=pandas.RangeIndex(1, self.epochs + 1, name="epoch"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses by epoch on a matplotlib Axes, a new one if there is none.

        Raises ValueError before the first epoch is complete.
        """
        from ..plots import loss_curve

        curves = {"loss": self.loss, "validation": self.validation}
        ax = loss_curve({name: curve for name, curve in curves.items() if curve}, ax)
        ax.set(xlabel="epoch")
        if self.best is not None:
            ax.axvline(self.best, color="#767676", linestyle=":", linewidth=1.0)
        return ax

    def save(self, path: Any) -> None:
        """Write it into a file, with all that another call of `fit` goes on from: JSON with a checksum."""
        state = self.state if self.current is None else self.current()
        storage.write(path, "run", {**{f.name: getattr(self, f.name) for f in fields(self)}, "state": state})

    @classmethod
    def load(cls, path: Any) -> History:
        """Return the History of a file.

        Raises ValueError for a file that is not a run's, is cut off or changed.
        """
        return cls(**storage.read(path, "run"))


class NotANumber(ArithmeticError):
    """A loss of nan while a model was trained: says in which epoch and batch, and of which parameter. `history` is what came before."""

    history: History


@dataclass(frozen=True)
class EarlyStopping:
    """Ends a run when the loss that is watched has not become smaller by `min_delta` for `patience` epochs (Prechelt 1998).

    Watched are the validation rows, where there are any, and then the model has the weights of the best epoch.

    Raises ValueError for a patience below 1 and a negative min_delta, TypeError for what is no number.

    >>> stop = EarlyStopping(patience=2)
    >>> stop(History(loss=[1.0, 0.5, 0.5])), stop(History(loss=[1.0, 0.5, 0.5, 0.6]))
    (False, True)
    """

    patience: int = 10
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.patience, bool) or not isinstance(self.patience, int):
            raise TypeError(f"EarlyStopping expects patience to be an int, got {type(self.patience).__name__}")
        if self.patience < 1:
            raise ValueError(f"EarlyStopping expects patience to be at least 1, got {self.patience}")
        if not isinstance(self.min_delta, Real):
            raise TypeError(f"EarlyStopping expects min_delta to be a number, got {type(self.min_delta).__name__}")
        if not 0.0 <= self.min_delta < inf:
            raise ValueError(f"EarlyStopping expects min_delta from 0 up, got {short(self.min_delta)}")

    def __call__(self, history: History) -> bool:
        """Return whether the run should end."""
        best, waited = inf, 0
        for loss in history.watched:
            best, waited = (loss, 0) if loss < best - self.min_delta else (best, waited + 1)
        return waited >= self.patience
