"""Families: what an observation's distribution is, each one line, its negative log-likelihood.

`nll(y, mu, phi)` takes the observation, a `Mean` with `mu.value`, `mu.log` and `mu.log1m`, and the dispersion, and knows of
no link. Score, information, variance, deviance and standard errors follow from it. Notation as in McCullagh and Nelder,
Generalized Linear Models (1989).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import inf, isfinite, nan, nextafter
from typing import Any

from autograd import (
    Interval,
    Value,
    dot,
    errstate,
    exp,
    grad,
    lgamma,
    log,
    log1p,
    log1pmx,
    maximum,
    minimum,
    softplus,
    where,
)
from autograd import sum as total

from .links import (
    POSITIVE,
    REAL,
    UNIT,
    Link,
    Mean,
    identity,
    inverse,
    inverse_squared,
    logit,
    softmax,
)
from .links import log as log_link
from .names import Named, look_up
from .terms import weighted

Nll = Callable[[Any, Mean, Any], Any]
HALF_LOG_TWO_PI = 0.9189385332046727
NONE = (nan, nan)


class Family(Named):
    """A family of distributions, given by its negative log-likelihood.

    `nll(y, mu, phi)` is made of functions of `autograd`; constants may be left out, if nobody asks for `loglik_`.
    `support` is the open interval of the mean; y may also lie on one of its ends, where nll(y, y, 1) is finite. `link` is
    the one taken where none is asked for: by default identity, log or logit, as the support is. What else a built-in family
    carries: `deviance(y, mu)`, the unit deviance in a form without cancellation; `targets`, what observations look like:
    "numbers", "binary" (two labels, shares, or counts of successes and failures) or "classes"; `labelled`, whether a
    prediction is the label; `distribution(stats, mu, phi)`, one of scipy.stats; `complete`, False where nll leaves out what
    depends on y and phi.

    Raises TypeError for an nll that is no function, ValueError for a support that is no interval.

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
        self.name = name or getattr(nll, "__name__", type(nll).__name__).replace("<lambda>", "custom")

    def __repr__(self) -> str:
        return f"<family {self.name}>"

    def loss(self, y: Any, eta: Any, link: Link | None = None, phi: Any = 1.0) -> Any:
        """Return the negative log-likelihood of y at a linear predictor: family, link and eta composed.

        >>> round(Bernoulli.loss(1.0, 0.0), 12) == round(log(2.0), 12)
        True
        """
        return self.nll(y, (link or self.link).mean(eta), phi)

    def admits(self, y: float) -> bool:
        """Return whether y may be observed: inside the support, or on an end of it that has a finite likelihood.

        >>> Poisson.admits(0.0), Gamma.admits(0.0), Bernoulli.admits(2.0)
        (True, False, False)
        """
        if y in self.support:
            return True
        if y not in tuple(self.support) or not isfinite(y):
            return False
        at = Value(y)  # whose arithmetic is IEEE's
        with errstate("ignore"):
            loss = 0.0 * at + self.nll(at, self._saturated(at), 1.0)
        return isfinite(loss.data)

    def _saturated(self, y: Any) -> Mean:
        """The mean y itself, or the number next to it where y is on an end of the support: there log(0) is far, but a number."""
        low, high = self.support
        inside = maximum(y, nextafter(low, inf)) if low > -inf else y
        return Mean(minimum(inside, nextafter(high, -inf)) if high < inf else inside, identity)

    def unit_deviance(self, y: Any, mu: Mean, phi: float = 1.0) -> Any:
        """Return 2[nll(y, mu, phi) - nll(y, y, phi)], without cancellation where the family has a form of its own; nan where
        the mean y is not the likeliest for y.

        >>> Poisson.unit_deviance(1e9, Mean(1e9 + 1.0, identity)) * 1e9 - 1.0 < 1e-8
        True
        """
        if self.deviance:
            return self.deviance(y, mu)
        if not self.peaks_at_y:
            return nan * y
        return 2.0 * (self.nll(y, mu, phi) - self.nll(y, self._saturated(y), phi))

    def variance(self, mu: float) -> float:
        """Return the variance of y at a mean and phi = 1: 1/nll''(mu) at y = mu.

        Raises ValueError where nll is not `scored_by_mean`.

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
        own = [[self.nll(y, self._saturated(y), phi) for phi in (1.0, 3.0, 0.2)] for y in ys]
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


def _bernoulli(y: Any, mu: Mean, phi: Any) -> Any:
    """A term of weight 0 is left out, and not 0 times infinity."""
    return -(weighted(y, mu.log) + weighted(1.0 - y, mu.log1m))


def _bernoulli_deviance(y: Any, mu: Mean) -> Any:
    step = mu.value - y
    inner = 2.0 * (_divergence(y, step) + _divergence(1.0 - y, -step))
    return where(y * (1.0 - y), inner, 2.0 * _bernoulli(y, mu, 1.0))


def _categorical(y: Sequence[Any], mu: Mean, phi: Any) -> Any:
    """Of shares, one for each class."""
    terms = [weighted(share, at) for share, at in zip(y, mu.log, strict=True) if not isinstance(share, float) or share]
    return -terms[0] if len(terms) == 1 else -total(terms)


def _divergence(a: Any, step: Any) -> Any:
    """a log(a/b) - a + b for b = a + step: not negative, with the digits of a small one; b where a is 0."""
    return where(a, -a * log1pmx(step / a), step)


def _stirling(x: Any) -> Any:
    """lgamma(x) - (x - 1/2) log(x) + x - log(2 pi)/2: what Stirling's formula leaves, 1/(12x) and less for large x.

    Abramowitz, Stegun 6.1.41, whose next term is below 1e-16 from x = 10 on.
    """
    z = 1.0 / maximum(x, 10.0)
    q = z * z
    series = z * (
        1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - q * (691 / 360360 - q / 156)))))
    )
    return where(x < 10.0, lgamma(x) - (x - 0.5) * log(x) + x - HALF_LOG_TWO_PI, series)


def _excess(ratio: Any, y: Any, mu: Mean) -> Any:
    """ratio - log(1 + ratio) for ratio = y/mu - 1, which may round to -1 though y is not 0."""
    return where(ratio < -0.5, ratio + mu.log - log(y), -log1pmx(ratio))


def _gamma(y: Any, mu: Mean, phi: Any) -> Any:
    """(y/mu - 1 - log(y/mu))/phi and what is left of the gamma function, as phi may be small; where it is a number that is
    not, the first may cancel.
    """
    ratio = y * exp(-mu.log) - 1.0
    plain = isinstance(phi, float) and phi > 0.01
    excess = ratio + mu.log - log(y) if plain else _excess(ratio, y, mu)
    return excess / phi + log(y) + 0.5 * log(phi) + HALF_LOG_TWO_PI + _stirling(1.0 / phi)


def _rising(y: Any, size: float) -> Any:
    """lgamma(y + size) - lgamma(size), as size may be large."""
    if size < 10.0:
        return lgamma(y + size) - lgamma(size)
    ratio = (size - 0.5) * log1p(y / size) + y * log(size + y) - y
    return ratio + _stirling(y + size) - _stirling(size)


def _negative_binomial_deviance(alpha: float) -> Callable[[Any, Mean], Any]:
    """Of the two exact forms, the one whose terms cancel least: by divergences where alpha mu is small."""
    a = 1.0 / alpha

    def deviance(y: Any, mu: Mean) -> Any:
        m, step = mu.value, y - mu.value
        poisson = _divergence(y, -step) - _divergence(y + a, -step)
        square = (a * step) * (a * step) / (m * (y + a) * (m + a))
        gamma = square - a * log1pmx(step / (m + a)) + where(y, y * log1pmx(a * step / (m * (y + a))), 0.0)
        return 2.0 * where(m < a, poisson, gamma)

    return deviance


# fmt: off
Gaussian        = Family(lambda y, mu, phi: (y - mu.value) ** 2 / (2.0 * phi) + 0.5 * log(phi) + HALF_LOG_TWO_PI,
                         REAL, identity, lambda y, mu: (y - mu.value) ** 2,
                         distribution=lambda stats, mu, phi: stats.norm(mu, phi**0.5), name="gaussian")
Bernoulli       = Family(_bernoulli, UNIT, logit, _bernoulli_deviance, "binary", labelled=True,
                         distribution=lambda stats, mu, phi: stats.bernoulli(mu), name="bernoulli")
Binomial        = Family(_bernoulli, UNIT, logit, _bernoulli_deviance, "binary", name="binomial")
Categorical     = Family(_categorical, UNIT, softmax, lambda y, mu: 2.0 * _categorical(y, mu, 1.0), "classes", labelled=True,
                         name="categorical")
Poisson         = Family(lambda y, mu, phi: mu.value - weighted(y, mu.log) + lgamma(y + 1.0),
                         POSITIVE, log_link, lambda y, mu: 2.0 * _divergence(y, mu.value - y),
                         distribution=lambda stats, mu, phi: stats.poisson(mu), name="poisson")
Gamma           = Family(_gamma,
                         POSITIVE, inverse, lambda y, mu: 2.0 * _excess((y - mu.value) / mu.value, y, mu),
                         distribution=lambda stats, mu, phi: stats.gamma(1.0 / phi, scale=mu * phi), name="gamma")
InverseGaussian = Family(lambda y, mu, phi: (y * exp(-mu.log) - 1.0) ** 2 / (2.0 * phi * y) + 0.5 * log(phi * y**3) + HALF_LOG_TWO_PI,
                         POSITIVE, inverse_squared, lambda y, mu: ((y - mu.value) / mu.value) ** 2 / y,
                         distribution=lambda stats, mu, phi: stats.invgauss(mu * phi, scale=1.0 / phi), name="inverse_gaussian")
Laplace         = Family(lambda y, mu, phi: abs(y - mu.value) / phi + log(2.0 * phi),
                         REAL, identity, lambda y, mu: 2.0 * abs(y - mu.value),
                         distribution=lambda stats, mu, phi: stats.laplace(mu, phi), name="laplace")
# fmt: on


def NegativeBinomial(alpha: float) -> Family:
    """Return the family of counts with variance mu + alpha mu**2 (Cameron, Trivedi 1998: NB2), alpha known.

    Raises ValueError for an alpha that is not positive.

    >>> round(NegativeBinomial(0.5).variance(4.0), 12)
    12.0
    """
    if not 0.0 < alpha < inf:
        raise ValueError(f"NegativeBinomial expects a positive alpha, got {alpha!r}")
    scale, size = log(alpha), 1.0 / alpha

    def nll(y: Any, mu: Mean, phi: Any) -> Any:
        odds = scale + mu.log
        ways = _rising(y, size) - lgamma(y + 1.0)
        return weighted(y, softplus(-odds)) + size * softplus(odds) - ways

    family = Family(
        nll,
        POSITIVE,
        log_link,
        _negative_binomial_deviance(alpha),
        distribution=lambda stats, mu, phi: stats.nbinom(size, 1.0 / (1.0 + alpha * mu)),
        name=f"negative_binomial({alpha:g})",
    )
    family.made_by = (NegativeBinomial, (alpha,))
    return family


def Tweedie(p: float) -> Family:
    """Return the family of variance phi mu**p: for 1 < p < 2 amounts that may be exactly 0 (Jorgensen 1997).

    Its likelihood leaves out the series that depends on y and phi only, so `loglik_` and `aic_` of a fit are nan.

    Raises ValueError for p below 1 and for p = 1 and 2, which are Poisson and Gamma.

    >>> round(Tweedie(1.5).variance(4.0), 12)
    8.0
    """
    if not 1.0 < p < inf or p == 2.0:
        raise ValueError(f"Tweedie expects p above 1 and not 2 (0 is Gaussian, 1 Poisson, 2 Gamma), got {p!r}")
    from scipy.special import roots_jacobi

    nodes, weights = roots_jacobi(14, 1.0, 0.0)
    places, shares = (0.5 * (nodes + 1.0)).tolist(), (0.5 * weights).tolist()  # of 2 (1 - s) on (0, 1)

    def nll(y: Any, mu: Mean, phi: Any) -> Any:
        never = 0.0 * log(y) if p > 2.0 else 0.0  # such amounts are never 0
        return (weighted(y, exp((1.0 - p) * mu.log)) / (p - 1.0) + exp((2.0 - p) * mu.log) / (2.0 - p) + never) / phi

    def deviance(y: Any, mu: Mean) -> Any:
        """The integral of 2(y - t)/t**p from mu to y by Gauss and Jacobi's rule; where they are far apart, in full."""
        q, r = y / mu.value, (y - mu.value) / mu.value
        near = r * r * dot(shares, [(1.0 + r * s) ** -p for s in places])
        far = 2.0 * (q ** (2.0 - p) / ((1.0 - p) * (2.0 - p)) - q / (1.0 - p) + 1.0 / (2.0 - p))
        return exp((2.0 - p) * mu.log) * where(abs(r) < 0.5, near, far)

    family = Family(nll, POSITIVE, log_link, deviance, complete=False, name=f"tweedie({p:g})")
    family.made_by = (Tweedie, (p,))
    return family


FAMILIES: dict[str, Family] = {f.name: f for f in list(globals().values()) if isinstance(f, Family)}


MADE = {"negative_binomial": "NegativeBinomial(alpha)", "tweedie": "Tweedie(p)"}


def resolved(family: str | Family) -> Family:
    """Return the family that a name stands for, a family itself.

    Raises ValueError for a name that is not known, TypeError for anything else.

    >>> resolved("poisson")
    <family poisson>
    """
    if isinstance(family, str):
        if family in MADE:
            raise ValueError(f"the family {family!r} has a parameter: pass nn.families.{MADE[family]}")
        return look_up("family", family, FAMILIES)
    if not isinstance(family, Family):
        hint = f": call it, as in {family.__name__}(1.5)" if family in (NegativeBinomial, Tweedie) else ""
        raise TypeError(f"a family is a Family or the name of one, got {type(family).__name__}{hint}")
    return family


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return [
        "FAMILIES",
        "Family",
        "NegativeBinomial",
        "Tweedie",
        *(name for name, f in globals().items() if isinstance(f, Family)),
    ]
