"""Families: what an observation's distribution is, each one line, its negative log-likelihood.

`nll(y, mu, phi)` takes the observation, a `Mean` with `mu.value`, `mu.log` and `mu.log1m`, and the dispersion, and knows of
no link. Score, information, variance, deviance and standard errors follow from it. Notation as in McCullagh and Nelder,
Generalized Linear Models (1989).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from autograd import (
    Value,
    dot,
    exp,
    lgamma,
    log,
    log1p,
    log1pmx,
    maximum,
    softplus,
    where,
)

from .family import Family as Family
from .links import (
    POSITIVE,
    REAL,
    UNIT,
    Mean,
    identity,
    inverse,
    inverse_squared,
    logit,
    softmax,
)
from .links import log as log_link
from .means import weighted
from .names import look_up

HALF_LOG_TWO_PI = 0.9189385332046727


def _bernoulli(y: Any, mu: Mean, phi: Any) -> Any:
    """A term of weight 0 is left out, and not 0 times infinity."""
    if not isinstance(y, Value) and y in (0.0, 1.0):
        return -mu.log if y else -mu.log1m
    return -(weighted(y, mu.log) + weighted(1.0 - y, mu.log1m))


def _bernoulli_deviance(y: Any, mu: Mean) -> Any:
    step = mu.value - y
    inner = 2.0 * (_divergence(y, step) + _divergence(1.0 - y, -step))
    return where(y * (1.0 - y), inner, 2.0 * _bernoulli(y, mu, 1.0))


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
                         distribution=lambda stats, mu, phi: stats.norm(mu, phi**0.5), name="gaussian", formula="(y - mu)**2 / (2*phi) + log(2*pi*phi) / 2")
Bernoulli       = Family(_bernoulli, UNIT, logit, _bernoulli_deviance, "binary", labelled=True,
                         distribution=lambda stats, mu, phi: stats.bernoulli(mu), name="bernoulli", formula="-y*log(mu) - (1 - y)*log(1 - mu)")
Binomial        = Family(_bernoulli, UNIT, logit, _bernoulli_deviance, "binary", name="binomial", formula="-y*log(mu) - (1 - y)*log(1 - mu)")
Categorical     = Family(lambda y, mu, phi: mu.cross(y), UNIT, softmax, lambda y, mu: 2.0 * mu.cross(y), "classes", labelled=True,
                         name="categorical", formula="-sum_k y_k*log(mu_k)")
Poisson         = Family(lambda y, mu, phi: mu.value - weighted(y, mu.log) + lgamma(y + 1.0),
                         POSITIVE, log_link, lambda y, mu: 2.0 * _divergence(y, mu.value - y),
                         distribution=lambda stats, mu, phi: stats.poisson(mu), name="poisson", formula="mu - y*log(mu) + lgamma(y + 1)")
Gamma           = Family(_gamma,
                         POSITIVE, inverse, lambda y, mu: 2.0 * _excess((y - mu.value) / mu.value, y, mu),
                         distribution=lambda stats, mu, phi: stats.gamma(1.0 / phi, scale=mu * phi), name="gamma", formula="(y/mu + log(mu*phi) - log(y)) / phi + log(y) + lgamma(1/phi)")
InverseGaussian = Family(lambda y, mu, phi: (y * exp(-mu.log) - 1.0) ** 2 / (2.0 * phi * y) + 0.5 * log(phi * y**3) + HALF_LOG_TWO_PI,
                         POSITIVE, inverse_squared, lambda y, mu: ((y - mu.value) / mu.value) ** 2 / y,
                         distribution=lambda stats, mu, phi: stats.invgauss(mu * phi, scale=1.0 / phi), name="inverse_gaussian", formula="(y/mu - 1)**2 / (2*phi*y) + log(2*pi*phi*y**3) / 2")
Laplace         = Family(lambda y, mu, phi: abs(y - mu.value) / phi + log(2.0 * phi),
                         REAL, identity, lambda y, mu: 2.0 * abs(y - mu.value),
                         distribution=lambda stats, mu, phi: stats.laplace(mu, phi), name="laplace", formula="abs(y - mu) / phi + log(2*phi)")
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
        formula=f"y*log(1 + 1/({alpha:g}*mu)) + {size:g}*log(1 + {alpha:g}*mu) + lgamma({size:g}) + lgamma(y + 1) - lgamma(y + {size:g})",
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

    family = Family(
        nll,
        POSITIVE,
        log_link,
        deviance,
        complete=False,
        name=f"tweedie({p:g})",
        formula=f"(y*mu**(1 - {p:g})/({p:g} - 1) + mu**(2 - {p:g})/(2 - {p:g})) / phi",
    )
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
