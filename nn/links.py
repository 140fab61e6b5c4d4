"""Links: what leads from a linear predictor eta to the mean mu, each one line, its inverse.

A link is made of functions of `autograd`, so its derivatives, its starts and its standard errors need no further words.
Where `log(mu)` or `log(1 - mu)` lose their digits, a link says them in a form of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from math import inf, pi
from typing import Any

from autograd import (
    Interval,
    Value,
    atan2,
    clip,
    errstate,
    exp,
    expm1,
    grad,
    log1p,
    log_ndtr,
    log_softmax,
    logsigmoid,
    logsumexp,
    norm_cdf,
    sigmoid,
    where,
)
from autograd import log as ln
from autograd import softmax as shares
from autograd import sqrt as root
from autograd import sum as total

from .means import Mean as Mean
from .means import weighted
from .names import Named, look_up

REAL, POSITIVE, NEGATIVE, UNIT = Interval(-inf, inf), Interval(0.0, inf), Interval(-inf, 0.0), Interval(0.0, 1.0)


class Link(Named):
    """A link function, given by its inverse: the mean mu as a function of the linear predictor eta.

    `inverse` is strictly monotone on `domain`, an open interval of eta, and takes it to `range`, an open interval of mu.
    `log` and `log1m` are functions of eta for log(mu) and log(1 - mu), where those of `inverse` would lose digits. `several`
    says that it takes a list of predictors to a list of means, one for each class; `cross` is then the cross entropy as a function
    of the predictors and the shares, where that is shorter than by the logs. `formula` is the mean as a diagram writes it, as in
    "1 / (1 + exp(-eta))". All of them are made of operators and functions of
    `autograd`.

    Raises TypeError for what is no function, ValueError for what is no interval, and for an inverse that leaves the range or
    is not monotone, as far as four points tell.

    >>> from autograd import sigmoid
    >>> chance = Link(lambda eta: 0.25 + 0.75 * sigmoid(eta), range=(0.25, 1.0), name="chance")
    >>> chance.inverse(0.0), chance.mean(0.0).value, round(chance(0.625), 12)
    (0.625, 0.625, 0.0)
    """

    def __init__(
        self,
        inverse: Callable[[Any], Any],
        range: tuple[float, float] = REAL,
        domain: tuple[float, float] = REAL,
        log: Callable[[Any], Any] | None = None,
        log1m: Callable[[Any], Any] | None = None,
        several: bool = False,
        cross: Callable[[Any, Any], Any] | None = None,
        name: str = "",
        formula: str = "",
    ) -> None:
        for role, function in (("inverse", inverse), ("log", log), ("log1m", log1m), ("cross", cross)):
            if not (callable(function) or (function is None and role != "inverse")):
                raise TypeError(f"Link() expects a function of eta as {role}, got {type(function).__name__}")
        self.inverse = inverse
        self.range = Interval.of(range, "Link() expects as range")
        self.domain = Interval.of(domain, "Link() expects as domain")
        self.log = log
        self.log1m = log1m
        self.several = several
        self.cross = cross
        if not several:
            self._check_inverse()
        self.formula = formula
        self.name = name or getattr(inverse, "__name__", type(inverse).__name__).replace("<lambda>", "custom")

    def __repr__(self) -> str:
        return f"<link {self.name}>"

    def _check_inverse(self) -> None:
        """Raise ValueError if at some points the inverse leaves the range or does not go one way."""
        first, last = self.domain.middle()
        points = [first + share * (last - first) for share in (0.0, 0.3, 0.6, 1.0)]
        with errstate("ignore"):
            means = [(0.0 * Value(eta) + self.inverse(Value(eta))).data for eta in points]
        for eta, mu in zip(points, means, strict=True):
            if not self.range[0] <= mu <= self.range[1]:
                raise ValueError(
                    f"Link() expects an inverse that reaches from {self.range[0]:g} to {self.range[1]:g}, got {mu:.6g} at eta = "
                    f"{eta:g}: the inverse takes eta to mu"
                )
        steps = [b - a for a, b in pairwise(means)]
        if not (min(steps) > 0.0 or max(steps) < 0.0):
            raise ValueError(f"Link() expects an inverse that rises or falls everywhere, got {means} at eta = {points}")

    def mean(self, eta: Any) -> Mean:
        """Return the mean at eta."""
        return Mean(eta, self)

    @cached_property
    def rises(self) -> bool:
        """Whether the mean rises with the predictor, judged at two points."""
        low, high = self.domain.middle()
        return not self.several and bool(self.inverse(low) < self.inverse(high))

    @cached_property
    def is_straight(self) -> bool:
        """Whether the inverse is a straight line, judged at two points."""
        return not self.several and not any(grad(grad(self.inverse))(eta) for eta in self.domain.middle())

    def __call__(self, mu: float) -> float:
        """Return the eta of a mean, found numerically on the inverse (Brent's method).

        Raises ValueError for a mean outside the range.

        >>> round(log(10.0), 12)
        2.302585092994
        """
        import numpy as np
        from scipy.optimize import brentq
        from scipy.optimize.elementwise import bracket_root

        if self.several:
            raise TypeError(f"{self!r} is of several means: it has no single predictor")
        if mu not in self.range:
            raise ValueError(f"{self!r} expects a mean between {self.range[0]:g} and {self.range[1]:g}, got {mu!r}")
        with errstate("ignore"), np.errstate(all="ignore"):
            height = np.vectorize(lambda eta: self.inverse(float(eta)) - mu, otypes=[float])
            found = bracket_root(height, *self.domain.middle(), xmin=self.domain[0], xmax=self.domain[1], maxiter=2000)
            if not found.success:
                raise ValueError(f"{self!r} never reaches a mean of {mu!r} on its domain")
            return float(brentq(height, *map(float, found.bracket), xtol=1e-300, rtol=1e-14, maxiter=1000))


def _log_of_rise(eta: Any) -> Any:
    """log(1 - exp(-exp(eta))): the log(mu) of cloglog; eta and 0 where the difference is below a rounding error.

    Between them log(1 - u) is taken by the form that keeps digits on either side of u = 1/2 (Maechler 2012).
    """
    t = exp(clip(eta, -37.0, 6.7))
    within = where(eta < -0.37, ln(-expm1(-t)), log1p(-exp(-t)))
    return where(eta < -37.0, eta, where(eta > 6.7, 0.0, within))


def _log_of_turn(eta: Any) -> Any:
    """log(1/2 + atan(eta)/pi), by the smaller of the two angles."""
    return where(eta > 0.0, log1p(-atan2(1.0, eta) / pi), ln(atan2(1.0, -eta) / pi))


def _cross(etas: Sequence[Any], target: Sequence[Any]) -> Any:
    """logsumexp of eta_j - c, where c is the mean of the predictors by their shares: a small loss keeps its digits. Plain shares of
    several classes are added up by the logs, for infinite predictors.
    """
    counted = [k for k, share in enumerate(target) if isinstance(share, Value) or share]
    if len(counted) == 1 and not isinstance(target[counted[0]], Value):
        (label,) = counted
        return logsumexp(0.0 if k == label else eta - etas[label] for k, eta in enumerate(etas))
    if not any(isinstance(share, Value) for share in target):
        logs = log_softmax(etas)
        return -total(weighted(target[k], logs[k]) for k in counted)
    middle = total(weighted(target[k], etas[k]) for k in counted)
    return logsumexp(eta - middle for eta in etas)


# fmt: off
identity        = Link(lambda eta: eta,                       REAL,                                                                                          name="identity", formula="eta")
log             = Link(lambda eta: exp(eta),                  POSITIVE,           log=lambda eta: eta,                                                       name="log", formula="exp(eta)")
logit           = Link(lambda eta: sigmoid(eta),              UNIT,               log=lambda eta: logsigmoid(eta),   log1m=lambda eta: logsigmoid(-eta),     name="logit", formula="1 / (1 + exp(-eta))")
probit          = Link(lambda eta: norm_cdf(eta),             UNIT,               log=lambda eta: log_ndtr(eta),     log1m=lambda eta: log_ndtr(-eta),       name="probit", formula="Phi(eta)")
cloglog         = Link(lambda eta: -expm1(-exp(eta)),         UNIT,               log=_log_of_rise,                  log1m=lambda eta: -exp(eta),            name="cloglog", formula="1 - exp(-exp(eta))")
loglog          = Link(lambda eta: exp(-exp(-eta)),           UNIT,               log=lambda eta: -exp(-eta),        log1m=lambda eta: _log_of_rise(-eta),   name="loglog", formula="exp(-exp(-eta))")
cauchit         = Link(lambda eta: atan2(1.0, -eta) / pi,     UNIT,               log=_log_of_turn,                  log1m=lambda eta: _log_of_turn(-eta),   name="cauchit", formula="1/2 + atan(eta) / pi")
inverse         = Link(lambda eta: 1.0 / eta,                 POSITIVE, POSITIVE, log=lambda eta: -ln(eta),                                                  name="inverse", formula="1 / eta")
inverse_squared = Link(lambda eta: 1.0 / root(eta),        POSITIVE, POSITIVE, log=lambda eta: -0.5 * ln(eta),                                            name="inverse_squared", formula="1 / sqrt(eta)")
sqrt            = Link(lambda eta: eta * eta,                 POSITIVE, POSITIVE, log=lambda eta: 2.0 * ln(eta),                                             name="sqrt", formula="eta**2")
softmax         = Link(lambda etas: shares(etas),             UNIT,               log=lambda etas: log_softmax(etas), several=True, cross=_cross,             name="softmax", formula="exp(eta_k) / sum_j exp(eta_j)")
# fmt: on


def power(p: float) -> Link:
    """Return the link eta = mu**p, for positive means; the identity for p = 1, the log for p = 0.

    >>> power(0.5).inverse(3.0), power(-2.0).inverse(4.0)
    (9.0, 0.5)
    """
    if p == 1.0:
        return identity
    if p == 0.0:
        return log
    link = Link(
        lambda eta: eta ** (1.0 / p),
        POSITIVE,
        POSITIVE,
        log=lambda eta: ln(eta) / p,
        name=f"power({p:g})",
        formula=f"eta**(1/{p:g})",
    )
    link.made_by = (power, (p,))
    return link


def negative_binomial(alpha: float) -> Link:
    """Return the canonical link of the negative binomial family, eta = log(alpha mu/(1 + alpha mu)), for negative eta.

    Raises ValueError for an alpha that is not positive.

    >>> round(negative_binomial(0.5)(6.0), 12) == round(__import__("math").log(0.75), 12)
    True
    """
    if not 0.0 < alpha < inf:
        raise ValueError(f"negative_binomial expects a positive alpha, got {alpha!r}")
    scale = ln(alpha)
    link = Link(
        lambda eta: 1.0 / (alpha * expm1(-eta)),
        POSITIVE,
        NEGATIVE,
        log=lambda eta: eta - ln(-expm1(eta)) - scale,
        name=f"negative_binomial({alpha:g})",
        formula=f"1 / ({alpha:g}*(exp(-eta) - 1))",
    )
    link.made_by = (negative_binomial, (alpha,))
    return link


LINKS: dict[str, Link] = {name: link for name, link in list(globals().items()) if isinstance(link, Link)}


def resolved(link: str | Link) -> Link:
    """Return the link that a name stands for, a link itself.

    Raises ValueError for a name that is not known, TypeError for anything else.

    >>> resolved("cloglog")
    <link cloglog>
    """
    if isinstance(link, str):
        return look_up("link", link, LINKS)
    if not isinstance(link, Link):
        raise TypeError(f"a link is a Link or the name of one, got {type(link).__name__}")
    return link


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["LINKS", "Link", "Mean", "negative_binomial", "power", *LINKS]
