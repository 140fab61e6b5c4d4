"""What a fitted model predicts for rows, and how well. The models of this folder share all of it."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from math import nan
from typing import Any

import numpy as np

from .. import checks, links
from ..names import few
from ..tables import check_index
from .curves import Curves
from .design import Linear
from .estimator import Estimator, NotFittedError, OfLabels
from .given import offset_of
from .inference.null import null_deviance
from .inference.result import Outcome
from .objective import Objective
from .source import Array, Arrays


class Predictor(Estimator):
    """A model with the result of its fit in `_fit`, and what it predicts for rows by the predictors `_etas`."""

    _fit: Outcome
    classes_: Array
    feature_names_in_: Array
    n_iter_: int
    converged_: bool
    n_features_in_: int

    @classmethod
    def _who(cls, method: str) -> str:
        """What an error of a method begins with."""
        return f"{cls.__name__}.{method}()"

    @property
    def _found(self) -> Outcome:
        if not hasattr(self, "_fit"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit(X, y) first")
        return self._fit

    def _name(self, classes: Array | None, names: list[str] | None) -> None:
        """Set the labels and the names of columns that the rows of the fit have, and forget those of a fit before."""
        for name, value in (("classes_", classes), ("feature_names_in_", names)):
            if value is not None:
                setattr(self, name, np.asarray(value, dtype=object) if name == "feature_names_in_" else value)
            elif hasattr(self, name):
                delattr(self, name)

    @property
    def deviance_(self) -> float:
        """The sum of weighted unit deviances, 2[nll(y, mu, 1) - nll(y, y, 1)]."""
        return self._found.deviance

    @property
    def null_deviance_(self) -> float:
        """The deviance of a model of the intercept and the offset alone; without an intercept, of the offset."""
        return self._found.null_deviance

    @property
    def dispersion_(self) -> float:
        """The dispersion: Pearson's statistic over n - p, or 1 where the family has none."""
        return self._found.dispersion

    @property
    def loglik_(self) -> float:
        """The log-likelihood, at the dispersion that makes it greatest; nan for Tweedie's families."""
        return self._found.loglik

    @abstractmethod
    def _rows(self, X: Any, who: str) -> tuple[Array, Array | None]:
        """New rows, checked, as the matrix that the predictors are made of, and what is added beside it, if anything is."""

    @abstractmethod
    def _etas(self, matrix: Array, shifts: Array | None) -> Array:
        """The linear predictors of rows of features, (K, n)."""

    def _at(self, X: Any, offset: Any, exposure: Any, who: str) -> tuple[Array, Array]:
        """New rows, checked, and their linear predictors, (K, n): nan outside the link's domain, of which a warning tells."""
        fit = self._found
        matrix, beside = self._rows(X, who)
        link, (low, high) = fit.curves.link, fit.curves.edges
        etas = self._etas(matrix, offset_of(offset, exposure, len(matrix), link, who, fit.K))
        etas = etas if beside is None else etas + beside.T
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
        _, etas = self._at(X, offset, exposure, self._who("decision_function"))
        if self._found.K == 2:
            return etas[1] - etas[0]
        return etas.T if self._found.K > 1 else etas[0]

    def predict_mean(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the mean of each row, (n), of several classes (n, K)."""
        return self._means(self._at(X, offset, exposure, self._who("predict_mean"))[1])

    def _means(self, etas: Array) -> Array:
        curves = self._found.curves
        return np.array(curves.mean(list(etas))).T if len(etas) > 1 else np.asarray(curves.mean(etas[0]))

    def predict(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the mean of each row; of a family of labels, the likeliest label."""
        return self._predicted(X, offset, exposure)

    def _predicted(self, X: Any, offset: Any, exposure: Any) -> Array:
        mean = self._means(self._at(X, offset, exposure, self._who("predict"))[1])
        if not hasattr(self, "classes_"):
            return mean
        return self.classes_[mean.argmax(axis=1) if mean.ndim == 2 else (mean > 0.5).astype(int)]

    @OfLabels
    def predict_proba(self, X: Any, offset: Any = None, exposure: Any = None) -> Array:
        """Return the probability of each class, (n, K), in the order of `classes_`.

        Raises AttributeError for a family that has no labels: it has no such method.
        """
        _, etas = self._at(X, offset, exposure, self._who("predict_proba"))
        return self._means(etas) if len(etas) > 1 else np.exp(np.array(self._found.curves.logs(etas[0]))).T

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> float:
        """Return the share of the deviance that is explained, of labels the share that is predicted right.

        The first is 1 - deviance/deviance of the constant mean of these rows, scikit-learn's D2, with an offset or exposure of
        an intercept beside it; 1 at best. Of rows that are all alike, for which that mean is perfect, it is 1 if the model is
        so too, else 0.
        """
        who, fit = self._who("score"), self._found
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
            whole = null_deviance(Objective(source, Linear.of(source, fit.names, True, fit.K), fit.curves))
        return 1.0 - left / whole if whole else float(left == 0.0)


def plain_rows(model: Predictor, X: Any, who: str) -> tuple[Array, None]:
    """Return new rows whose features are the columns themselves, checked against those of the fit."""
    matrix, names = checks.table(X, who)
    known = list(model._found.names)
    if matrix.shape[1] != model.n_features_in_:
        own = f" ({few(known)})" if hasattr(model, "feature_names_in_") else ""
        raise ValueError(
            f"{who} expects X with {model.n_features_in_} columns{own}, as in the fit, got {matrix.shape[1]}"
        )
    if names is not None and hasattr(model, "feature_names_in_") and names != known:
        raise ValueError(f"{who} expects the columns {few(known)}, in this order, got {few(names)}")
    return matrix, None
