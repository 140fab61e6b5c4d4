"""Regularisation: what is added to a loss for large weights, and what keeps weights within a ball.

By default biases are left out: parameters whose name ends in `b` or `bias`. `of` is another choice: a function of the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import Any

from autograd import Value
from autograd import sum as total

Named = Iterable[tuple[str, Value]]


def weights(name: str) -> bool:
    """Return whether a parameter of this name is a weight, and no bias.

    >>> weights("layers[0].neurons[1].w[2]"), weights("layers[0].neurons[1].b")
    (True, False)
    """
    return not re.search(r"(^|\.)(b|bias)(\[\d+\])?$", name)


def _checked(number: Any, who: str, what: str, high: float = inf, low_allowed: bool = True) -> None:
    if not isinstance(number, Real) or isinstance(number, bool):
        raise TypeError(f"{who} expects {what} to be a number, got {type(number).__name__}")
    x = float(number)
    if not (0.0 <= x <= high and x < inf) or (x == 0.0 and not low_allowed):
        words = f"from 0 to {high:g}" if high < inf else "from 0 up" if low_allowed else "above 0"
        raise ValueError(f"{who} expects {what} {words}, got {short(number)}")


@dataclass(frozen=True, slots=True)
class ElasticNet:
    """strength * (l1_ratio * sum|w| + (1 - l1_ratio) / 2 * sum(w**2)) of the weights (Zou, Hastie 2005), as in `GLM`.

    Called with pairs of names and parameters, such as `model.named_parameters()`, it gives the penalty. It is added to the mean of
    the losses, while a GLM adds it to their sum.

    Raises ValueError for a negative strength, and a ratio outside [0, 1], TypeError for what is no number.

    >>> ElasticNet(2.0, 0.5)([("w", Value(-3.0)), ("b", Value(5.0))]).data
    7.5
    """

    strength: float
    l1_ratio: float = 0.5
    of: Callable[[str], bool] = weights

    def __post_init__(self) -> None:
        _checked(self.strength, "a penalty", "strength")
        _checked(self.l1_ratio, "a penalty", "l1_ratio", 1.0)

    def __call__(self, named: Named) -> Any:
        """Return the penalty of parameters: a Value, or 0.0 if none of them counts."""
        counted = [parameter for name, parameter in named if self.of(name)]
        ridge, lasso = 0.5 * self.strength * (1.0 - self.l1_ratio), self.strength * self.l1_ratio
        penalty: Any = 0.0
        if counted and lasso:
            penalty = penalty + lasso * total(abs(p) for p in counted)
        if counted and ridge:
            penalty = penalty + ridge * total(p * p for p in counted)
        return penalty


def L1(strength: float, of: Callable[[str], bool] = weights) -> ElasticNet:
    """Return the penalty strength * sum|w|, which makes weights exactly 0 (Tibshirani 1996).

    >>> L1(0.5)([("w", Value(-3.0))]).data
    1.5
    """
    return ElasticNet(strength, 1.0, of)


def L2(strength: float, of: Callable[[str], bool] = weights) -> ElasticNet:
    """Return the penalty strength / 2 * sum(w**2), whose gradient is strength * w.

    >>> L2(0.5)([("w", Value(-3.0))]).data
    2.25
    """
    return ElasticNet(strength, 0.0, of)


@dataclass(frozen=True, slots=True)
class MaxNorm:
    """The weights of each neuron scaled down after each step, if the root of the sum of their squares is above the limit
    (Srebro, Shraibman 2005; with dropout Srivastava and others 2014).

    A neuron's weights are those whose names differ only in the last index, such as `w[0]` and `w[1]`.

    Raises ValueError for a limit that is not above 0, TypeError for one that is no number.

    >>> import numpy as np
    >>> keep = MaxNorm(1.0).of_names(["w[0]", "w[1]", "b"])
    >>> keep(np.array([3.0, 4.0, 9.0])).tolist()
    [0.6000000000000001, 0.8, 9.0]
    """

    limit: float
    of: Callable[[str], bool] = weights

    def __post_init__(self) -> None:
        _checked(self.limit, "MaxNorm", "limit", low_allowed=False)

    def of_names(self, names: Sequence[str]) -> Callable[[Any], Any]:
        """Return the function of an array of numbers, for parameters of these names."""
        import numpy as np

        groups = [re.sub(r"\[\d+\]$", "", name) if self.of(name) else f"{name} alone" for name in names]
        place = {group: k for k, group in enumerate(dict.fromkeys(groups))}
        owners = np.array([place[group] for group in groups])
        counted = np.array([self.of(name) for name in names])

        def kept(numbers: Any) -> Any:
            norms = np.sqrt(np.bincount(owners, numbers * numbers))
            with np.errstate(divide="ignore"):
                factors = np.minimum(1.0, self.limit / norms)[owners]
            return np.where(counted, numbers * factors, numbers)

        return kept


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["ElasticNet", "L1", "L2", "MaxNorm", "weights"]
