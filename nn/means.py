"""The mean of an observation, as a family's likelihood takes it: with logarithms that keep their digits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from autograd import Value, log1p, where
from autograd import log as ln
from autograd import sum as total


def weighted(weight: Any, x: Any) -> Any:
    """Return weight * x, and 0 where the weight is 0, whatever x is.

    >>> weighted(0.0, float("-inf")), weighted(0.5, 3.0)
    (0, 1.5)
    """
    if isinstance(weight, Value):
        return where(weight, weight * x, 0.0)
    return x if weight == 1.0 else weight * x if weight else 0  # an int, which adds no node to a sum


class Mean:
    """The mean of an observation: `value`, and `log` and `log1m`, the logarithms of it and of 1 - it.

    Each is computed when it is first asked for. Of several classes, each is a list, and `cross` is the cross entropy.

    >>> from nn.links import logit
    >>> mu = logit.mean(-800.0)
    >>> mu.value, mu.log, mu.log1m
    (0.0, -800.0, -0.0)
    """

    def __init__(self, eta: Any, link: Any) -> None:
        self.eta = eta
        self.link = link

    @cached_property
    def value(self) -> Any:
        """The mean."""
        return self.link.inverse(self.eta)

    @cached_property
    def log(self) -> Any:
        """Its logarithm."""
        if self.link.log:
            return self.link.log(self.eta)
        return [ln(mu) for mu in self.value] if self.link.several else ln(self.value)

    @cached_property
    def log1m(self) -> Any:
        """The logarithm of 1 - mean."""
        return self.link.log1m(self.eta) if self.link.log1m else log1p(-self.value)

    def cross(self, shares: Sequence[Any]) -> Any:
        """Return the cross entropy of shares, one for each class, with the means: -sum of share * log(mu), without the terms of
        weight 0.
        """
        if self.link.cross:
            return self.link.cross(self.eta, shares)
        return -total(weighted(share, log) for share, log in zip(shares, self.log, strict=True))


Mean.__module__ = "nn.links"  # where it is public
