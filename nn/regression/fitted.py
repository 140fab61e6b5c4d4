"""A fitted model that has standard errors: what its fit tells of its coefficients, and intervals for what it predicts."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from ..names import few
from .given import Given
from .graph import Kept, rows_of
from .inference.intervals import observed_interval, quantile
from .inference.result import Fit
from .objective import Objective
from .predictor import Predictor
from .solvers.steps import Solution
from .solvers.table import ConvergenceWarning, SeparationWarning
from .source import Array
from .summary import Summary


class Fitted(Predictor):
    """A model whose fit says how well its coefficients are known."""

    _fit: Fit
    _data: Kept | None
    coef_: Array
    intercept_: Any
    _advice: ClassVar[str] = "Scale X, raise max_iter, or look for a link that suits the data"

    @property
    def _fitted(self) -> Fit:
        _ = self._found  # raises where there is no fit
        return self._fit

    def _take(self, objective: Objective, solution: Solution, fit: Fit, given: Given, features: int) -> None:
        """Set what a fit leaves behind, of rows with so many features."""
        design = objective.design
        blocks = design.shifted(solution.theta)
        if solution.limit is not None:  # the long way leaves the digits of the other coefficients alone
            blocks = design.shifted(solution.limit) + np.where(fit.separated, design.shifted(solution.far), 0.0)
        blocks = blocks.reshape(design.K, design.p)
        several = design.K > 1
        free = blocks[:, 0] if design.intercept else np.zeros(design.K)
        if several:  # what all classes share is not seen
            free = free - free.mean()
        self.coef_ = blocks[:, design.intercept :] if several else blocks[0, design.intercept :]
        self.intercept_ = free if several else float(free[0])
        self.n_iter_, self.converged_ = solution.n_iter, solution.converged
        self.n_features_in_ = features
        self._fit = fit
        self._name(given.found.classes if fit.family.labelled else None, given.names)

    def _warn(self, solution: Solution, places: Array) -> None:
        """Say how the fit ended, if it did not end well; `places` are those of the rows that were fitted."""
        if solution.separation is not None:
            infinite = self._fit.separated
            names = [f"the {name}" if name == "intercept" else name for name in self.parameter_names_]
            gone = [name for name, ends in zip(names, infinite, strict=True) if ends]
            hold = (
                ""
                if infinite.all() or solution.limit is None
                else "; the other coefficients and their standard errors hold"
            )
            warnings.warn(
                f"{self._who('fit')}: the likelihood has no maximum, it grows with the coefficient of {few(gone, ' and ', longest=30)} towards "
                f"infinity: some observations are told apart without error (separation). Standard errors of these are infinite{hold}. "
                "Leave a column out, join classes, or ask for a penalty with alpha > 0",
                SeparationWarning,
                stacklevel=3,
            )
        elif not solution.converged:
            warnings.warn(
                f"{self._who('fit')} did not converge in {solution.n_iter} iterations: {solution.trouble}. {self._advice}",
                ConvergenceWarning,
                stacklevel=3,
            )
        elif len(self._fit.standing):
            rows = few(places[self._fit.standing])
            warnings.warn(
                f"{self._who('fit')}: the likelihood is greatest on the edge of what the means of {self._fit.family!r} may be, where the "
                f"means of these rows stand: {rows}. Standard errors take it for granted that they stand there",
                UserWarning,
                stacklevel=3,
            )

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

    @abstractmethod
    def _told(self) -> dict[str, Any]:
        """What the table of a fit says of this kind of model: its title, and which coefficients have no row."""

    def summary(self, kind: str | None = None, level: float = 0.95) -> Summary:
        """Return a table of the fit, which prints as text and shows as HTML in a notebook."""
        fit = self._fitted
        kind = fit.kinds[0] if fit.l1 else self._kind(kind, self._who("summary"))
        ended = f"{self.n_iter_}{'' if self.converged_ else ', NOT CONVERGED'}"
        return Summary.of(fit, self.parameter_names_, self.parameters_.tolist(), ended, kind, level, **self._told())

    def _etas(self, matrix: Array, shifts: Array | None) -> Array:
        """The linear predictors, (K, n)."""
        etas = np.atleast_2d(self.coef_) @ matrix.T + np.reshape(self.intercept_, (-1, 1))
        return etas if shifts is None else etas + shifts.T

    def residuals(self, kind: str = "deviance") -> Array:
        """Return the residuals of the rows that were fitted.

        "response" is y - mu, "pearson" that over root(V(mu)), "deviance" the signed root of the unit deviance, "working"
        what is left on the scale of eta. Counts of successes multiply the second and third by the root of the trials.

        Raises ValueError for another kind, and for kinds that the family has none of.
        """
        fit = self._fitted
        matrix, found, shifts = rows_of(self._data, self._who("residuals"))
        return fit.curves.residuals(kind, self._etas(matrix, shifts), found.y, found.trials)

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
