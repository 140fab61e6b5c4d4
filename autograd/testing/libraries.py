"""Functions of math, NumPy and SciPy that are no row's twin by their name: which row they are, or how they are made of rows.

A number such as 2 takes its digits from x, so that the formulas hold in any arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..functions import (
    digamma,
    erfc,
    exp,
    expm1,
    lgamma,
    log,
    log1p,
    log_ndtr,
    logaddexp,
    logit,
    logsigmoid,
    ndtri,
    norm_cdf,
    sigmoid,
    sign,
    xlog1py,
    xlogy,
)


def gamma(x: Any) -> Any:
    """The gamma function, as exp(lgamma(x)).

    Raises TypeError to the left of 0, where its sign changes.
    """
    if not x > 0.0:
        raise TypeError("gamma is known to the right of 0 only")
    return exp(lgamma(x))


def log2(x: Any) -> Any:
    """The logarithm to the base 2."""
    return log(x) / log(2.0 + 0.0 * x)


def log10(x: Any) -> Any:
    """The logarithm to the base 10."""
    return log(x) / log(10.0 + 0.0 * x)


def exp2(x: Any) -> Any:
    """A power of 2."""
    return exp(x * log(2.0 + 0.0 * x))


def cbrt(x: Any) -> Any:
    """The third root."""
    return sign(x) * exp(log(abs(x)) / 3.0)


LIBRARIES: dict[str, Callable[..., Any]] = {
    "math.lgamma": lgamma, "math.gamma": gamma, "math.log2": log2, "math.log10": log10, "math.exp2": exp2, "math.cbrt": cbrt,
    "np.logaddexp": logaddexp, "np.log2": log2, "np.log10": log10, "np.exp2": exp2, "np.cbrt": cbrt, "np.square": lambda x: x * x,
    "np.reciprocal": lambda x: 1.0 / x,
    "sc.gammaln": lgamma, "sc.gamma": gamma, "sc.psi": digamma, "sc.erfc": erfc, "sc.xlogy": xlogy, "sc.xlog1py": xlog1py, "sc.expit": sigmoid,
    "sc.log_expit": logsigmoid, "sc.logit": logit, "sc.ndtr": norm_cdf, "sc.log_ndtr": log_ndtr, "sc.ndtri": ndtri, "sc.log1p": log1p,
    "sc.expm1": expm1, "sc.betaln": lambda a, b: lgamma(a) + lgamma(b) - lgamma(a + b),
}  # fmt: skip
