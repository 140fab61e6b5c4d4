"""Losses: each a function of one observation's prediction and target.

A loss that is the negative log-likelihood of a family is that family's, with its constants. Targets are plain numbers, which are
checked, or Values, as while a loss is compiled: then a target that would be refused gives a loss of nan. The loss of a data set is
its `risk`. Keywords are given by `functools.partial(cross_entropy_with_logits, smoothing=0.1)`.
"""

from .errors import absolute_error, huber, squared_error
from .labels import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_with_logits,
    hinge,
    kl_divergence,
    squared_hinge,
)
from .likelihoods import gamma_nll, gaussian_nll, poisson_nll
from .outputs import Loss
from .risks import risk

LOSSES: dict[str, Loss] = {
    f.__name__: f
    for f in (
        squared_error, absolute_error, huber, hinge, squared_hinge, binary_cross_entropy, binary_cross_entropy_with_logits,
        cross_entropy, cross_entropy_with_logits, kl_divergence, gaussian_nll, poisson_nll, gamma_nll,
    )
}  # fmt: skip

__all__ = [
    "LOSSES", "absolute_error", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "cross_entropy_with_logits", "gamma_nll", "gaussian_nll", "hinge", "huber", "kl_divergence", "poisson_nll", "risk", "squared_error",
    "squared_hinge",
]  # fmt: skip


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
