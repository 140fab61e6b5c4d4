"""A fitted model: what its fit tells, and what it predicts. The models of this folder share all of it."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from math import nan
from typing import Any

import numpy as np

from .. import checks, links
from ..links import Link
from ..names import few
from ..tables import check_index
from .curves import Curves
from .design import Linear
from .estimator import Estimator, NotFittedError, OfLabels
from .inference.intervals import observed_interval, quantile
from .inference.null import null_deviance
from .inference.result import Fit
from .objective import Objective
from .source import Array, Arrays
from .summary import Summary


def offset_of(offset: Any, exposure: Any, count: int, link: Link, who: str, classes: int = 1) -> Array | None:
    """Return the offset, with the logarithm of the exposure; of classes (n, K); None where there is none.

    Raises ValueError for an exposure under another link than log, and for one that is not above 0.
    """
    if link.several and offset is not None:
        return checks.columns(offset, (count, classes), who, "offset")
    shifts = None if offset is None else checks.column(offset, count, who, "offset", spread=True)
    if exposure is None:
        return shifts
    if link is not links.log:
        raise ValueError(f"{who} takes an exposure with the link log only, got {link!r}: it multiplies the mean")
    exposed = checks.column(exposure, count, who, "exposure", spread=True)
    if (exposed <= 0.0).any():
        row = int(np.argmax(exposed <= 0.0))
        raise ValueError(f"{who} expects an exposure above 0, got {exposed[row]} in row {row}")
    return np.log(exposed) if shifts is None else shifts + np.log(exposed)


class Fitted(Estimator):
    """A model with the result of its fit in `_fit`: what it tells, and what it predicts for rows."""

    _fit: Fit
    classes_: Array
    feature_names_in_: Array
    coef_: Array
    intercept_: Any
    n_iter_: int
    converged_: bool
    n_features_in_: int

    @property
    def _fitted(self) -> Fit:
        if not hasattr(self, "_fit"):
            raise NotFittedError("this GLM is not fitted yet: call fit(X, y) first")
        return self._fit

    @property
    def deviance_(self) -> float:
        """The sum of weighted unit deviances, 2[nll(y, mu, 1) - nll(y, y, 1)]."""
        return self._fitted.deviance

    @property
    def null_deviance_(self) -> float:
        """The deviance of a model of the intercept and the offset alone; without an intercept, of the offset."""
        return self._fitted.null_deviance

    @property
    def dispersion_(self) -> float:
        """The dispersion: Pearson's statistic over n - p, or 1 where the family has none."""
        return self._fitted.dispersion

    @property
    def loglik_(self) -> float:
        """The log-likelihood, at the dispersion that makes it greatest; nan for Tweedie's families."""
        return self._fitted.loglik

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
        return self._fitted.covariance(self._kind(kind, "GLM.cov_params()"))

    def standard_errors(self, kind: str | None = None) -> Array:
        """Return the standard errors of the coefficients, of the kind that `cov_params` tells of."""
        return self._fitted.standard_errors(self._kind(kind, "GLM.standard_errors()"))

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
        half = quantile(self._fitted, level, "GLM.conf_int()") * self.standard_errors(kind)
        return np.c_[self.parameters_ - half, self.parameters_ + half]

    def summary(self, kind: str | None = None, level: float = 0.95) -> Summary:
        """Return a table of the fit, which prints as text and shows as HTML in a notebook."""
        fit = self._fitted
        kind = fit.kinds[0] if fit.l1 else self._kind(kind, "GLM.summary()")
        ended = f"{self.n_iter_}{'' if self.converged_ else ', NOT CONVERGED'}"
        return Summary.of(fit, self.parameter_names_, self.parameters_.tolist(), ended, kind, level)

    # Predicting

    @abstractmethod
    def _etas(self, matrix: Array, shifts: Array | None) -> Array:
        """The linear predictors of rows of features, (K, n)."""

    def _at(self, X: Any, offset: Any, exposure: Any, who: str) -> tuple[Array, Array]:
        """New rows, checked, and their linear predictors, (K, n): nan outside the link's domain, of which a warning tells."""
        fit = self._fitted
        matrix, names = checks.table(X, who)
        if matrix.shape[1] != self.n_features_in_:
            known = f" ({few(list(fit.design.names))})" if hasattr(self, "feature_names_in_") else ""
            raise ValueError(
                f"{who} expects X with {self.n_features_in_} columns{known}, as in the fit, got {matrix.shape[1]}"
            )
        if names is not None and hasattr(self, "feature_names_in_") and names != list(fit.design.names):
            raise ValueError(
                f"{who} expects the columns {few(list(fit.design.names))}, in this order, got {few(names)}"
            )
        link, (low, high) = fit.curves.link, fit.curves.edges
        etas = self._etas(matrix, offset_of(offset, exposure, len(matrix), link, who, fit.K))
        check_index(who, X, offset=offset, exposure=exposure)
        outside = ~((etas > low) & (etas < high)).all(axis=0)
        if outside.any():
            warnings.warn(
                f"{who}: the predictor leads out of what the means of {fit.family!r} may be with {link!r} in {outside.sum()} "
                f"rows, the first is row {np.argmax(outside)}: there is no mean",
                RuntimeWarning,
                stacklevel=3,
            )
            etas = np.where(outside, nan, etas)
        return matrix, etas

    def decision_function(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the linear predictor of each row, (n), of more than two classes (n, K); of two, that of the second less that
        of the first.
        """
        _, etas = self._at(X, offset, exposure, "GLM.decision_function()")
        if self._fitted.K == 2:
            return etas[1] - etas[0]
        return etas.T if self._fitted.K > 1 else etas[0]

    def predict_mean(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the mean of each row, (n), of several classes (n, K)."""
        return self._means(self._at(X, offset, exposure, "GLM.predict_mean()")[1])

    def _means(self, etas: Array) -> Array:
        curves = self._fitted.curves
        return np.array(curves.mean(list(etas))).T if len(etas) > 1 else np.asarray(curves.mean(etas[0]))

    def predict(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the mean of each row; of a family of labels, the likeliest label."""
        mean = self._means(self._at(X, offset, exposure, "GLM.predict()")[1])
        if not hasattr(self, "classes_"):
            return mean
        return self.classes_[mean.argmax(axis=1) if mean.ndim == 2 else (mean > 0.5).astype(int)]

    @OfLabels
    def predict_proba(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the probability of each class, (n, K), in the order of `classes_`.

        Raises AttributeError for a family that has no labels: it has no such method.
        """
        _, etas = self._at(X, offset, exposure, "GLM.predict_proba()")
        return self._means(etas) if len(etas) > 1 else np.exp(np.array(self._fitted.curves.logs(etas[0]))).T

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
        who, fit = "GLM.predict_interval()", self._fitted
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

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> float:
        """Return the share of the deviance that is explained, of labels the share that is predicted right.

        The first is 1 - deviance/deviance of the constant mean of these rows, scikit-learn's D2, with an offset or exposure of
        an intercept beside it; 1 at best. Of rows that are all alike, for which that mean is perfect, it is 1 if the model is
        so too, else 0.
        """
        who, fit = "GLM.score()", self._fitted
        matrix, etas = self._at(X, offset, exposure, who)
        weights = checks.weights_of(sample_weight, len(matrix), who)
        check_index(who, X, y=y, sample_weight=sample_weight)
        if hasattr(self, "classes_"):
            labels = checks.labels_of(y, len(matrix), who)
            return float(np.average(labels == self.predict(X, offset, exposure), weights=weights))
        found = checks.targets(y, fit.family, len(matrix), who)
        trials = 1.0 if found.trials is None else found.trials
        w = trials * (np.ones(len(matrix)) if weights is None else weights)
        left = float(np.sum(w * fit.curves.deviance(list(etas), found.y)))
        if offset is None and exposure is None:
            constant = np.broadcast_to(np.average(found.y, weights=w), len(matrix))
            unit = Curves(fit.family, links.identity, 1, fit.curves.phi).deviance
            whole = float(np.sum(w * unit([constant], found.y)))
        else:
            shifts = offset_of(offset, exposure, len(matrix), fit.curves.link, who, fit.K)
            source = Arrays(matrix, found.y, w, shifts)
            whole = null_deviance(Objective(source, Linear.of(source, fit.design.names, True, fit.K), fit.curves))
        return 1.0 - left / whole if whole else float(left == 0.0)
