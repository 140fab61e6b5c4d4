"""A fitted model that has standard errors: what its fit tells of its coefficients, and intervals for what it predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from .inference.intervals import observed_interval, quantile
from .inference.result import Fit
from .predictor import Predictor
from .source import Array
from .summary import Summary


class Fitted(Predictor):
    """A model whose fit says how well its coefficients are known."""

    _fit: Fit
    coef_: Array
    intercept_: Any

    @property
    def _fitted(self) -> Fit:
        _ = self._found  # raises where there is no fit
        return self._fit

    @property
    def aic_(self) -> float:
        """Akaike's criterion: 2k - 2 loglik; an estimated dispersion counts as a parameter, as in R."""
        return self._fitted.aic

    @property
    def bic_(self) -> float:
        """Schwarz's criterion: k log(n) - 2 loglik, n the sum of weights."""
        return self._fitted.bic

    @property
    def parameter_names_(self) -> list[str]:
        """The names of the coefficients in the order of `cov_params`: intercept first; of classes, each in turn."""
        fit = self._fitted
        names = ["intercept"] * fit.design.intercept + list(fit.design.names)
        return names if fit.K == 1 else [f"{label}: {name}" for label in self.classes_ for name in names]

    @property
    def parameters_(self) -> Array:
        """The intercept and the coefficients in the order of `cov_params`."""
        coefficients = np.atleast_2d(self.coef_)
        free = np.reshape(self.intercept_, (-1, 1))
        return (np.hstack([free, coefficients]) if self._fitted.design.intercept else coefficients).ravel()

    def cov_params(self, kind: str | None = None) -> Array:
        """Return the covariance matrix of the coefficients, in the order of `parameter_names_`.

        `kind` is "expected" (the inverse of Fisher's information, as in R and statsmodels; the usual one), "observed" (of
        the second derivative; for links that are not canonical the two may differ by a tenth) or "robust" (Huber's and
        White's sandwich, HC0, right also where the variance is not the family's). With a ridge penalty, it counts as
        information.

        Raises ValueError for a kind that there is none of: families that are not scored by their mean have no "expected"
        one, those with a kink only a "robust" one (Powell 1991), and an l1 penalty none at all.
        """
        return self._fitted.covariance(self._kind(kind, self._who("cov_params")))

    def standard_errors(self, kind: str | None = None) -> Array:
        """Return the standard errors of the coefficients, of the kind that `cov_params` tells of."""
        return self._fitted.standard_errors(self._kind(kind, self._who("standard_errors")))

    def _kind(self, kind: str | None, who: str) -> str:
        """The kind of standard errors that is asked for, or the usual one."""
        fit = self._fitted
        if fit.l1:
            raise ValueError(f"{who} has no answer with an l1 penalty: fit again with the columns that it left in")
        kind = fit.kinds[0] if kind is None else kind
        if kind not in fit.kinds:
            found = ", ".join(map(repr, fit.kinds))
            raise ValueError(f"{who} expects kind to be one of {found} for {fit.family!r}, got {kind!r}")
        return kind

    def conf_int(self, level: float = 0.95, kind: str | None = None) -> Array:
        """Return Wald's intervals for the coefficients, (k, 2): Student's t where a dispersion is estimated, else normal.

        Raises ValueError for a level outside (0, 1).
        """
        half = quantile(self._fitted, level, self._who("conf_int")) * self.standard_errors(kind)
        return np.c_[self.parameters_ - half, self.parameters_ + half]

    def summary(self, kind: str | None = None, level: float = 0.95) -> Summary:
        """Return a table of the fit, which prints as text and shows as HTML in a notebook."""
        fit = self._fitted
        kind = fit.kinds[0] if fit.l1 else self._kind(kind, self._who("summary"))
        ended = f"{self.n_iter_}{'' if self.converged_ else ', NOT CONVERGED'}"
        return Summary.of(fit, self.parameter_names_, self.parameters_.tolist(), ended, kind, level)

    def predict_interval(
        self,
        X: Any,
        level: float = 0.95,
        of: str = "mean",
        kind: str | None = None,
        offset: Any = None,
        exposure: Any = None,
    ) -> Array:
        """Return an interval for each row, (n, 2): for the mean or, `of` "observation", for a new observation.

        The mean's is Wald's on the scale of eta, taken through the link, so it stays within its range. A new observation's
        has the quantiles of the family's distribution, averaged over what is not known of eta (Gauss and Hermite's rule);
        for normal observations and the identity link it is the exact one. The dispersion counts as known, but for Student's
        quantiles in the place of normal ones.

        Raises ValueError for a level outside (0, 1), for several classes, and for a family without a distribution.
        """
        who, fit = self._who("predict_interval"), self._fitted
        if fit.K > 1:
            raise ValueError(f"{who} expects one mean a row, and {fit.family!r} has {fit.K}")
        if of not in ("mean", "observation"):
            raise ValueError(f"{who} expects of to be 'mean' or 'observation', got {of!r}")
        half = quantile(fit, level, who)
        matrix, etas = self._at(X, offset, exposure, who)
        eta = etas[0]
        width = fit.widths(matrix, self._kind(kind, who))
        if of == "mean":
            low, high = fit.curves.edges
            ends = [np.clip(eta + sign * half * width, low, high) for sign in (-1.0, 1.0)]
            return np.sort(np.array([np.asarray(fit.curves.mean(end)) for end in ends]).T, axis=1)
        return observed_interval(fit, eta, width, half)
