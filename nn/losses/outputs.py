"""What losses ask of predictions and targets."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

from autograd import where

Loss = Callable[[Any, Any], Any]


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
