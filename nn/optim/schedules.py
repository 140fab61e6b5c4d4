"""Schedules: what the rate is multiplied by as time goes on, pure functions of time.

Time is a count from 0: of epochs, or with `per="step"` of steps. `fit(..., schedule=...)` sets the rate before each; in a loop of
your own, `optimizer.lr = 0.1 * schedule(t)`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, inf, pi
from numbers import Real
from reprlib import repr as short
from typing import Any

TIMES = ("epoch", "step")


class Schedule(ABC):
    """The base of the schedules: a dataclass with `factor(t, losses)`, what the first rate is multiplied by at a time.

    `losses` are those after each epoch so far, of the validation rows where there are any: most schedules do not look at them.
    """

    __slots__ = ()
    per: str

    def __call__(self, t: int, losses: Sequence[float] = ()) -> float:
        """Return the factor at a time. Raises ValueError for a time before 0."""
        if t < 0:
            raise ValueError(f"{type(self).__name__} expects a time from 0 on, got {short(t)}")
        return float(self.factor(t, losses))

    @abstractmethod
    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return the factor at a time."""


def _check(schedule: Any, **bounds: tuple[float, float]) -> None:
    """Raise TypeError or ValueError for an option outside its bounds, and for a per that is none."""
    who = type(schedule).__name__
    if schedule.per not in TIMES:
        raise ValueError(f"{who} expects per to be 'epoch' or 'step', got {short(schedule.per)}")
    for name, (low, high) in bounds.items():
        option = getattr(schedule, name)
        if not isinstance(option, Real) or isinstance(option, bool):
            raise TypeError(f"{who} expects {name} to be a number, got {type(option).__name__}")
        if not low <= float(option) <= high:
            words = f"at least {low:g}" if high == inf else f"from {low:g} to {high:g}"
            raise ValueError(f"{who} expects {name} {words}, got {short(option)}")


@dataclass(frozen=True, slots=True)
class Constant(Schedule):
    """The first rate, always.

    >>> Constant()(100)
    1.0
    """

    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self)

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True, slots=True)
class Step(Schedule):
    """Times `gamma` after every `size` of time.

    >>> [Step(2, gamma=0.5)(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    size: int
    gamma: float = 0.1
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, size=(1, inf), gamma=(0.0, 1.0))

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return gamma**(t // size)."""
        return self.gamma ** (t // self.size)


@dataclass(frozen=True, slots=True)
class Exponential(Schedule):
    """Times `gamma` each time.

    >>> [Exponential(0.5)(t) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    gamma: float
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, gamma=(0.0, 1.0))

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return gamma**t."""
        return self.gamma**t


@dataclass(frozen=True, slots=True)
class Cosine(Schedule):
    """Half a wave of the cosine from 1 down to `low`, in `length` of time, and `low` from then on (Loshchilov, Hutter 2017).

    >>> [round(Cosine(4)(t), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    length: int
    low: float = 0.0
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, length=(1, inf), low=(0.0, 1.0))

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return low + (1 - low) (1 + cos(pi t / length)) / 2."""
        return self.low + (1.0 - self.low) * (0.5 + 0.5 * cos(pi * min(t / self.length, 1.0)))


@dataclass(frozen=True, slots=True)
class Linear(Schedule):
    """A straight line from `start` to `end` in `length` of time, and `end` from then on.

    >>> [Linear(4, start=1.0, end=0.5)(t) for t in range(6)]
    [1.0, 0.875, 0.75, 0.625, 0.5, 0.5]
    """

    length: int
    start: float = 1.0
    end: float = 0.0
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, length=(1, inf), start=(0.0, inf), end=(0.0, inf))

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return start + (end - start) t / length."""
        return self.start + (self.end - self.start) * min(t / self.length, 1.0)


@dataclass(frozen=True, slots=True)
class WarmUp(Schedule):
    """A straight line up to 1 in `length` of time, from 1 / length on; then another schedule, whose time begins there.

    >>> [WarmUp(4, Exponential(0.5))(t) for t in range(7)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.25]
    """

    length: int
    then: Any = Constant()
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, length=(1, inf))
        if not callable(self.then):
            raise TypeError(f"WarmUp expects a schedule to go on with, got {type(self.then).__name__}")
        then = self.then
        if self.per == "step" and isinstance(then, Plateau):
            raise ValueError("WarmUp counts steps, and Plateau looks at epochs: leave per='step' out")
        if self.per == "epoch" and isinstance(then, Schedule) and then.per == "step":
            raise ValueError(
                "WarmUp counts epochs and expects a schedule that does, got one that counts steps: give per='step' to both"
            )

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return (t + 1) / length, or what the other says."""
        if t < self.length:
            return (t + 1) / self.length
        then, left = self.then, t - self.length
        return float(then(left, losses[self.length :]) if isinstance(then, Schedule) else then(left))


@dataclass(frozen=True, slots=True)
class Plateau(Schedule):
    """Times `gamma` when the loss has not become smaller for more than `patience` epochs, counted anew after each cut.

    Smaller means below the best so far times 1 - `threshold`, as in PyTorch. `low` is the smallest factor.

    >>> losses = [1.0, 0.5, 0.5, 0.5, 0.5]
    >>> [Plateau(gamma=0.5, patience=1)(t, losses[:t]) for t in range(6)]
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    """

    gamma: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    low: float = 0.0
    per: str = "epoch"

    def __post_init__(self) -> None:
        _check(self, gamma=(0.0, 1.0), patience=(0, inf), threshold=(0.0, 1.0), low=(0.0, 1.0))
        if self.per != "epoch":
            raise ValueError("Plateau expects per to be 'epoch': losses are looked at after each epoch")

    def factor(self, t: int, losses: Sequence[float]) -> float:
        """Return gamma to the number of times that the loss stood still."""
        factor, best, waited = 1.0, inf, 0
        for loss in losses:
            better = loss < best * (1.0 - self.threshold)
            best, waited = (loss, 0) if better else (best, waited + 1)
            if waited > self.patience:
                factor, waited = max(factor * self.gamma, self.low), 0
        return factor
