"""What stands behind a predictor in a diagram: the mean with its distribution, and the loss, with their formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import losses
from .families import Family
from .links import Link, identity
from .names import look_up, unwrapped

WORDS = {"yhat": "ŷ", "mu": "μ", "pi": "π", "Phi": "Φ", "phi": "φ", "eta": "η", "sum": "Σ"}
SIGNS = {"lgamma(y + 1)": "log(y!)", "**2": "²", "**3": "³", "**": "^", "*": " ", "_k": "ₖ", "_j": "ⱼ"}
WHOLE = re.compile(rf"(?<![A-Za-z_])({'|'.join(WORDS)})(?![A-Za-z]|_[A-Za-z]{{2}})")  # no part of another name


class Head(NamedTuple):
    """What comes behind a network's outputs: the mean, if there is a link, and the loss, by its name and its formula."""

    loss: Callable[[Any, Any], Any]
    link: Link | None = None
    family: Family | None = None
    labels: Sequence[Any] = ()  # of the outputs
    formula: str = ""
    trials: float = 1.0  # how often it counts


def pretty(formula: str) -> str:
    """Return a formula that is written as in Python as people write it.

    >>> pretty("(y - mu)**2 / (2*phi)")
    '(y - μ)² / (2 φ)'
    >>> pretty("multi_spike(yhat, y)")
    'multi_spike(ŷ, y)'
    """
    formula = WHOLE.sub(lambda found: WORDS[found[1]], formula)
    for plain, sign in SIGNS.items():
        formula = formula.replace(plain, sign)
    return formula


def head_of(loss: Any) -> Head:
    """Return what a loss says of the outputs: the family and the link that it is the likelihood of, where it is one.

    Raises ValueError for a name that is none, TypeError for what is no function.
    """
    if isinstance(loss, str):
        loss = look_up("loss", loss, losses.LOSSES)
    if not callable(loss):
        raise TypeError(f"draw() expects a function or a name as loss, got {type(loss).__name__}")
    reading = losses.READINGS.get(unwrapped(loss))
    if reading is None:
        return Head(loss, formula=f"{getattr(loss, '__name__', 'loss')}(yhat, y)")
    link = None if reading.family is None else reading.link or identity
    return Head(loss, link, reading.family, formula=reading.formula)


def head_of_family(family: Family, link: Link, phi: float, labels: Sequence[Any], trials: float = 1.0) -> Head:
    """Return what a family and a link say of the predictors, and of so many trials."""

    def loss(etas: Any, y: Any) -> Any:
        nll = family.nll(y, link.mean(etas), phi)
        return nll if trials == 1.0 else trials * nll

    return Head(loss, link, family, labels, trials=trials)


def distribution(family: Family) -> str:
    """Return a family's name with its parameters, as in Gaussian(μ, φ)."""
    name, _, own = family.name.partition("(")
    inside = ["μ", *(["φ"] if family.has_dispersion else []), *([own.rstrip(")")] if own else [])]
    return f"{name.title().replace('_', '')}({', '.join(inside)})"
