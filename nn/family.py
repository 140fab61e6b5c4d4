"""What a family is: the distribution of an observation, given by its negative log-likelihood; all else follows from that."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import inf, isfinite, nan, nextafter
from typing import Any

from autograd import Interval, Value, errstate, grad, maximum, minimum

from .links import POSITIVE, REAL, UNIT, Link, Mean, identity, logit
from .links import log as log_link
from .names import Named

Nll = Callable[[Any, Mean, Any], Any]
NONE = (nan, nan)


class Family(Named):
    """A family of distributions, given by its negative log-likelihood.

    `nll(y, mu, phi)` is made of functions of `autograd`; constants may be left out, if nobody asks for `loglik_`.
    `support` is the open interval of the mean; y may also lie on one of its ends, where nll(y, y, 1) is finite. `link` is
    the one taken where none is asked for: by default identity, log or logit, as the support is. What else a built-in family
    carries: `deviance(y, mu)`, the unit deviance in a form without cancellation; `targets`, what observations look like:
    "numbers", "binary" (two labels, shares, or counts of successes and failures) or "classes"; `labelled`, whether a
    prediction is the label; `distribution(stats, mu, phi)`, one of scipy.stats; `complete`, False where nll leaves out what
    depends on y and phi; `formula`, nll as a diagram writes it.

    Raises TypeError for an nll that is no function, ValueError for a support that is no interval.

    >>> from autograd import log
    >>> laplace = Family(nll=lambda y, mu, phi: abs(y - mu.value) / phi + log(2.0 * phi), name="laplace")
    >>> laplace.link, laplace.scored_by_mean, laplace.has_dispersion
    (<link identity>, False, True)
    """

    def __init__(
        self,
        nll: Nll,
        support: tuple[float, float] = REAL,
        link: Link | None = None,
        deviance: Callable[[Any, Mean], Any] | None = None,
        targets: str = "numbers",
        labelled: bool = False,
        distribution: Callable[[Any, Any, Any], Any] | None = None,
        complete: bool = True,
        name: str = "",
        formula: str = "",
    ) -> None:
        if not callable(nll):
            raise TypeError(f"Family() expects a function of y, mu and phi as nll, got {type(nll).__name__}")
        self.nll = nll
        self.support = Interval.of(support, "Family() expects as support")
        self.link = link or {POSITIVE: log_link, UNIT: logit}.get(self.support, identity)
        self.deviance = deviance
        self.targets = targets
        self.labelled = labelled
        self.distribution = distribution
        self.complete = complete
        self.formula = formula
        self.name = name or getattr(nll, "__name__", type(nll).__name__).replace("<lambda>", "custom")

    def __repr__(self) -> str:
        return f"<family {self.name}>"

    def loss(self, y: Any, eta: Any, link: Link | None = None, phi: Any = 1.0) -> Any:
        """Return the negative log-likelihood of y at a linear predictor: family, link and eta composed.

        >>> from nn.families import Bernoulli
        >>> round(Bernoulli.loss(1.0, 0.0), 12) == 0.693147180560
        True
        """
        return self.nll(y, (link or self.link).mean(eta), phi)

    def admits(self, y: float) -> bool:
        """Return whether y may be observed: inside the support, or on an end of it that has a finite likelihood.

        >>> from nn.families import Bernoulli, Gamma, Poisson
        >>> Poisson.admits(0.0), Gamma.admits(0.0), Bernoulli.admits(2.0)
        (True, False, False)
        """
        if y in self.support:
            return True
        if y not in tuple(self.support) or not isfinite(y):
            return False
        at = Value(y)  # whose arithmetic is IEEE's
        with errstate("ignore"):
            loss = 0.0 * at + self.nll(at, self.saturated(at), 1.0)
        return isfinite(loss.data)

    def saturated(self, y: Any) -> Mean:
        """Return the mean y itself, or the number next to it where y is on an end of the support: there log(0) is far, but a number."""
        low, high = self.support
        inside = maximum(y, nextafter(low, inf)) if low > -inf else y
        return Mean(minimum(inside, nextafter(high, -inf)) if high < inf else inside, identity)

    def unit_deviance(self, y: Any, mu: Mean, phi: float = 1.0) -> Any:
        """Return 2[nll(y, mu, phi) - nll(y, y, phi)], without cancellation where the family has a form of its own; nan where
        the mean y is not the likeliest for y.

        >>> from nn.families import Poisson
        >>> Poisson.unit_deviance(1e9, Mean(1e9 + 1.0, identity)) * 1e9 - 1.0 < 1e-8
        True
        """
        if self.deviance:
            return self.deviance(y, mu)
        if not self.peaks_at_y:
            return nan * y
        return 2.0 * (self.nll(y, mu, phi) - self.nll(y, self.saturated(y), phi))

    def variance(self, mu: float) -> float:
        """Return the variance of y at a mean and phi = 1: 1/nll''(mu) at y = mu.

        Raises ValueError where nll is not `scored_by_mean`.

        >>> from nn.families import Gamma, Poisson
        >>> round(Poisson.variance(3.0), 12), round(Gamma.variance(3.0), 12)
        (3.0, 9.0)
        """
        if not self.scored_by_mean:
            raise ValueError(f"{self!r} has no variance that follows from its score")
        return float(1.0 / grad(grad(lambda at: self.nll(mu, Mean(at, identity), 1.0)))(mu))

    @cached_property
    def scored_by_mean(self) -> bool:
        """Whether the score is affine in y and 0 at y = mu, as in an exponential family; checked at some numbers.

        Then the Fisher information is the second derivative with the mean in the place of y.
        """
        if self.targets == "classes":
            return True
        ys = self.inside
        for mu in ys:
            scores = [self._score(y, mu, 1.0) for y in ys]
            slope = (scores[-1] - scores[0]) / (ys[-1] - ys[0])
            if any(abs(score - slope * (y - mu)) > 1e-9 * abs(slope) for y, score in zip(ys, scores, strict=True)):
                return False
        return True

    @cached_property
    def peaks_at_y(self) -> bool:
        """Whether the mean y is the likeliest for y, checked at some numbers, so that it has a deviance."""
        return self.has_kink or self.scored_by_mean or all(abs(self._score(y, y, 1.0)) < 1e-9 for y in self.inside)

    @cached_property
    def has_dispersion(self) -> bool:
        """Whether nll depends on phi."""
        if self.targets == "classes":
            return False
        y, mu = self.inside[:2]
        return bool(self.nll(y, Mean(mu, identity), 1.0) != self.nll(y, Mean(mu, identity), 2.0))

    @cached_property
    def scales(self) -> bool:
        """Whether phi only scales the score, so that the best coefficients are the same for each phi."""
        if not self.has_dispersion:
            return True
        pairs = [(y, mu) for y in self.inside for mu in self.inside if y != mu]
        scores = [(self._score(y, mu, 1.0), 3.0 * self._score(y, mu, 3.0)) for y, mu in pairs]
        return all(abs(one - other) <= 1e-9 * abs(one) for one, other in scores)

    @cached_property
    def separable(self) -> bool:
        """Whether what nll(y, y, phi) has of y and what it has of phi are two summands, so that the best dispersion follows from
        the deviance; checked at some numbers.
        """
        if not (self.scales and self.peaks_at_y and self.has_dispersion):
            return False
        ys = [*self.inside, *(end for end in self.support if self.admits(end))]
        own = [[self.nll(y, self.saturated(y), phi) for phi in (1.0, 3.0, 0.2)] for y in ys]
        rises = [(there - here, last - here) for here, there, last in own]
        return all(abs(a - b) <= 1e-9 * (1.0 + abs(b)) for rise in rises for a, b in zip(rise, rises[0], strict=True))

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """For an nll that is piecewise linear in mu with a kink at y, as Laplace's: its slopes in y - mu for y above mu,
        and in mu - y for y below; (nan, nan) for any other.
        """
        if self.targets == "classes":
            return NONE
        pairs = [(y, mu) for y in self.inside for mu in self.inside]
        above = {round(-self._score(y, mu, 1.0), 12) for y, mu in pairs if y > mu}
        below = {round(self._score(y, mu, 1.0), 12) for y, mu in pairs if y < mu}
        return (above.pop(), below.pop()) if len(above) == len(below) == 1 else NONE

    @property
    def has_kink(self) -> bool:
        """Whether nll has `slopes` and no curvature."""
        return self.slopes[0] == self.slopes[0]

    def _score(self, y: float, mu: float, phi: float) -> float:
        return float(grad(lambda at: self.nll(y, Mean(at, identity), phi))(mu))

    @property
    def inside(self) -> list[float]:
        """Some numbers inside the support."""
        low, high = self.support
        if low > -inf and high < inf:
            return [low + share * (high - low) for share in (0.3, 0.45, 0.7, 0.8)]
        if low > -inf:
            return [low + step for step in (0.4, 1.0, 2.3, 5.0)]
        return [(high if high < inf else 3.0) - step for step in (0.6, 1.7, 2.5, 4.1)]


Family.__module__ = "nn.families"  # where it is public, and families are found by their names
