"""What losses ask of predictions and targets."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any, NamedTuple

from autograd import where

from ..families import Family
from ..links import Link

Loss = Callable[[Any, Any], Any]


class Reading(NamedTuple):
    """What the predictions of a loss are: a `link` takes them to probabilities, and of two classes the second is said above the
    `middle`. Without a link they are scores, if there are `labels`, else numbers. `logits` are what no activation has made probabilities yet.
    A loss that is a likelihood has the `family`; another one its `formula`, of the prediction yhat and the target y.
    """

    link: Link | None = None
    middle: float = 0.0
    labels: bool = True
    logits: bool = False
    family: Family | None = None
    formula: str = ""

    @property
    def several(self) -> bool:
        """Whether there is a prediction for each class."""
        return self.link is not None and self.link.several


NUMBERS = Reading(labels=False)  # what a loss of one's own is taken to be of


def one(output: Any, who: str, what: str) -> Any:
    """Return the output, if it is a single number; TypeError for a list or a string."""
    if isinstance(output, str):
        raise TypeError(f"{who} expects a number as its {what}, got str")
    if hasattr(output, "__len__"):
        raise TypeError(f"{who} expects the {what} of one output, got a list of {len(output)}")
    return output


def nan_if(wrong: Any) -> Any:
    """Return nan where a target is wrong that cannot be refused, else 0: added to a loss, it leaves the derivatives as they are."""
    return where(wrong, nan, 0.0)
