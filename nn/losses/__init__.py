"""Losses: each a function of one observation's prediction and target.

A loss that is the negative log-likelihood of a family is that family's, with its constants. Targets are plain numbers, which are
checked, or Values, as while a loss is compiled: then a target that would be refused gives a loss of nan. The loss of a data set is
its `risk`. Keywords are given by `functools.partial(cross_entropy_with_logits, smoothing=0.1)`.
"""

from ..links import identity, logit, softmax
from .errors import absolute_error, huber, squared_error
from .labels import (
    AS_THEY_ARE,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_with_logits,
    hinge,
    kl_divergence,
    squared_hinge,
)
from .likelihoods import gamma_nll, gaussian_nll, poisson_nll
from .outputs import MARGIN, NUMBERS, Loss, Reading
from .risks import risk

# Each loss with what its predictions are: the link that takes them to probabilities, or MARGIN, or NUMBERS.
READINGS: dict[Loss, Reading] = {
    squared_error: NUMBERS,
    absolute_error: NUMBERS,
    huber: NUMBERS,
    hinge: MARGIN,
    squared_hinge: MARGIN,
    binary_cross_entropy: Reading(link=identity, middle=0.5),
    binary_cross_entropy_with_logits: Reading(link=logit, logits=True),
    cross_entropy: Reading(link=AS_THEY_ARE),
    cross_entropy_with_logits: Reading(link=softmax, logits=True),
    kl_divergence: NUMBERS,
    gaussian_nll: NUMBERS,
    poisson_nll: NUMBERS,
    gamma_nll: NUMBERS,
}
LOSSES: dict[str, Loss] = {loss.__name__: loss for loss in READINGS}


__all__ = [
    "LOSSES", "absolute_error", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "cross_entropy_with_logits", "gamma_nll", "gaussian_nll", "hinge", "huber", "kl_divergence", "poisson_nll", "risk", "squared_error",
    "squared_hinge",
]  # fmt: skip


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
