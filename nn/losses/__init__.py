"""Losses: each a function of one observation's prediction and target.

A loss that is the negative log-likelihood of a family is that family's, with its constants. Targets are plain numbers, which are
checked, or Values, as while a loss is compiled: then a target that would be refused gives a loss of nan. The loss of a data set is
its `risk`. Keywords are given by `functools.partial(cross_entropy_with_logits, smoothing=0.1)`.
"""

from ..families import Bernoulli, Categorical, Gamma, Gaussian, Poisson
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
from .outputs import Loss, Reading
from .risks import risk

# Each loss with what its predictions are: the link that takes them to probabilities, scores, or numbers.
READINGS: dict[Loss, Reading] = {
    squared_error: Reading(labels=False, formula="(yhat - y)**2"),
    absolute_error: Reading(labels=False, formula="abs(yhat - y)"),
    huber: Reading(labels=False, formula="(yhat - y)**2 / 2 near 0, else a line"),
    hinge: Reading(formula="max(0, 1 - y*yhat)"),
    squared_hinge: Reading(formula="max(0, 1 - y*yhat)**2"),
    binary_cross_entropy: Reading(link=identity, middle=0.5, family=Bernoulli),
    binary_cross_entropy_with_logits: Reading(link=logit, logits=True, family=Bernoulli),
    cross_entropy: Reading(link=AS_THEY_ARE, family=Categorical),
    cross_entropy_with_logits: Reading(link=softmax, logits=True, family=Categorical),
    kl_divergence: Reading(labels=False, formula="sum_k y_k*log(y_k/yhat_k)"),
    gaussian_nll: Reading(labels=False, family=Gaussian),
    poisson_nll: Reading(labels=False, family=Poisson),
    gamma_nll: Reading(labels=False, family=Gamma),
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
