"""Gradients kept within bounds, and weights kept within a ball: what is done before and after an update."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import Any

from autograd import Value


def _positive(limit: Any, who: str) -> None:
    if not isinstance(limit, Real) or isinstance(limit, bool):
        raise TypeError(f"{who} expects a limit that is a number, got {type(limit).__name__}")
    if not 0.0 < float(limit) < inf:
        raise ValueError(f"{who} expects a limit above 0, got {short(limit)}")


class Clip(ABC):
    """The base of what changes all gradients together: a pure function of the array of them."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, gradients: Any) -> Any:
        """Return the gradients, changed, in a new array."""

    def apply(self, parameters: Iterable[Value]) -> None:
        """Change the `.grad` of parameters, between `backward()` and `step()`."""
        import numpy as np

        parameters = list(parameters)
        changed = self(np.array([p.grad for p in parameters], dtype=float))
        for parameter, gradient in zip(parameters, changed.tolist(), strict=True):
            parameter.grad = gradient


@dataclass(frozen=True, slots=True)
class ClipValue(Clip):
    """Each gradient within -limit and limit.

    Raises ValueError for a limit that is not above 0, TypeError for one that is no number.

    >>> x = Value(1.0)
    >>> x.grad = -30.0
    >>> ClipValue(5.0).apply([x])
    >>> x.grad
    -5.0
    """

    limit: float

    def __post_init__(self) -> None:
        _positive(self.limit, "ClipValue")

    def __call__(self, gradients: Any) -> Any:
        """Return the gradients, each within the limits."""
        return gradients.clip(-self.limit, self.limit)


@dataclass(frozen=True, slots=True)
class ClipNorm(Clip):
    """All gradients scaled down together, if their norm, the root of the sum of their squares, is larger than the limit
    (Pascanu, Mikolov, Bengio 2013); as in PyTorch, by limit / (norm + 1e-6).

    Raises ValueError for a limit that is not above 0, TypeError for one that is no number.

    >>> x, y = Value(1.0), Value(1.0)
    >>> x.grad, y.grad = 3.0, 4.0
    >>> ClipNorm(1.0).apply([x, y])
    >>> f"{x.grad:.5f} {y.grad:.5f}"
    '0.60000 0.80000'
    """

    limit: float

    def __post_init__(self) -> None:
        _positive(self.limit, "ClipNorm")

    def __call__(self, gradients: Any) -> Any:
        """Return the gradients, scaled."""
        import numpy as np

        return gradients * min(1.0, self.limit / (float(np.linalg.norm(gradients)) + 1e-6))
