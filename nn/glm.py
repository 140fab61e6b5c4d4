"""Generalized linear models, in scikit-learn's habits: any family with any link."""

from __future__ import annotations

import copy
import warnings
from math import inf, isfinite, nan
from numbers import Integral, Real
from typing import Any

import numpy as np

from autograd import Value, dot

from . import data, families, links
from .estimator import Estimator, NotFittedError, OfLabels
from .families import Family
from .inference import Fit, Inference, null_deviance
from .likelihood import Array, Curves, Rows, curves_of
from .links import Link
from .names import few, look_up
from .solvers import SOLVERS, ConvergenceWarning, SeparationWarning, solve
from .steps import Solution
from .summary import Summary

FIT, PREDICT = "GLM.fit()", "GLM.predict()"


class GLM(Estimator):
    """A generalized linear model: a linear predictor eta, a mean mu = link.inverse(eta), and a family's likelihood.

    The fit minimizes the sum over rows of sample_weight times the negative log-likelihood at dispersion 1, plus
    alpha * (l1_ratio * sum|coef| + (1 - l1_ratio)/2 * sum(coef**2)), intercepts left out. (scikit-learn takes the mean of
    the likelihoods; an alpha there is alpha times the sum of weights here.) Weights count as rows: a row of weight 2 is a
    row that stands there twice.

    `family` and `link` are objects of `nn.families` and `nn.links` or names of them; None is the family's own link.
    `solver` is "auto", "newton", "lbfgs", "proximal_newton" (for l1) or "linear_program" (for Laplace). The fit has
    converged when a step is below `tol` standard errors. So many `threads` share the rows. A fit keeps nothing of the rows:
    `keep_rows` keeps copies of them, for `residuals()` and `graph(row)`.

    A fitted model has `coef_` (p), of several classes (K, p), which without an l1 penalty add up to 0, `intercept_`,
    `deviance_`, `null_deviance_`, `dispersion_`, `loglik_`, `aic_`, `bic_`, `n_iter_`, `converged_`, `n_features_in_`,
    for names in X `feature_names_in_`, for labels `classes_`.

    Source: McCullagh and Nelder, Generalized Linear Models, 1989.

    >>> X, y = [[53], [57], [58], [63], [66], [67], [68], [70], [72], [75], [81]], [1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0]
    >>> model = GLM("bernoulli").fit(X, y)
    >>> print(model.coef_.round(4), round(model.intercept_, 4), model.converged_)
    [-0.3809] 24.9712 True
    >>> model.predict([[60], [80]]).tolist(), model.predict_proba([[80]]).round(3).tolist()
    ([1, 0], [[0.996, 0.004]])
    """

    def __init__(
        self,
        family: str | Family = "gaussian",
        link: str | Link | None = None,
        alpha: float = 0.0,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        solver: str = "auto",
        max_iter: int = 100,
        tol: float = 1e-8,
        threads: int = 1,
        keep_rows: bool = False,
    ) -> None:
        self.family = family
        self.link = link
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.threads = threads
        self.keep_rows = keep_rows

    _fit: Fit
    classes_: Array
    feature_names_in_: Array

    # Fitting

    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> GLM:
        """Fit to rows X (n, p) and observations y (n), and return the model.

        X is an array, a table of pandas, polars or pyarrow, or sparse, which is made dense at 8 bytes an entry.
        `sample_weight` (n) are the weights of rows, `offset` (n) is added to the predictor, `exposure` (n) multiplies the
        mean, under a log link; a single offset or exposure is that of every row. y of a binary family is 0 and 1, -1 and
        +1, shares, two labels, or (n, 2) successes and failures; of a categorical one, labels. `classes_` are the labels
        that occur, sorted; ordered categories keep their order.

        Raises TypeError and ValueError for bad input, with its row and column, for an index of pandas that is not that of
        X, and for columns of X that depend on others; the model stays as it was. Warns with ConvergenceWarning if it did
        not converge, with SeparationWarning if some coefficients run to infinity, and with UserWarning if the best means of
        some rows lie on the edge of what the family can have, or if a dispersion means nothing.
        """
        family, link = self._family_and_link()
        self._check()
        matrix, names = data.table(X, FIT)
        count = len(matrix)
        found = data.targets(y, family, count, FIT)
        weights = data.weights_of(sample_weight, count, FIT)
        data.check_classes(found, weights, FIT)
        classes = found.classes if link.several else None
        shifts = self._offset(offset, exposure, count, link, FIT, classes)
        data.check_index(FIT, X, y=y, sample_weight=sample_weight, offset=offset, exposure=exposure)
        self._check_mean(found, weights, link, shifts)
        columns: tuple[Any, ...] = (matrix, found.y, weights, shifts, found.trials)
        places = np.arange(count)
        if weights is not None and not weights.all():
            places = np.flatnonzero(weights)
            columns = tuple(None if part is None else part[places] for part in columns)
        inference = self._solved(family, link, columns, 1 if classes is None else len(classes), names)
        self._take(inference, inference.fit(FIT), found.classes, names)
        self._data = None if not self.keep_rows else copy.deepcopy((matrix, found, shifts))
        self._warn(inference.solution, places)
        return self

    def _check(self) -> None:
        for name, low, high in (("alpha", 0.0, inf), ("l1_ratio", 0.0, 1.0), ("tol", 0.0, 1.0)):
            x = getattr(self, name)
            if isinstance(x, bool) or not isinstance(x, Real) or not low <= float(x) <= high or not isfinite(x):
                raise ValueError(f"GLM expects {name} to be a number from {low:g} to {high:g}, got {x!r}")
        for name in ("fit_intercept", "keep_rows"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ValueError(f"GLM expects {name} to be True or False, got {getattr(self, name)!r}")
        for name in ("max_iter", "threads"):
            x = getattr(self, name)
            if isinstance(x, bool) or not isinstance(x, Integral) or x < 1:
                raise ValueError(f"GLM expects {name} to be an int from 1 up, got {x!r}")
        if self.solver != "auto":
            look_up("solver", self.solver, SOLVERS)

    def _check_mean(self, found: data.Targets, weights: Array | None, link: Link, shifts: Array | None) -> None:
        if link.several or shifts is not None:
            return
        w = weights if found.trials is None else found.trials * (1.0 if weights is None else weights)
        mean = float(np.average(found.y, weights=w))
        if not link.range[0] <= mean <= link.range[1]:
            warnings.warn(
                f"{FIT}: the mean of y is {mean:g}, and {link!r} reaches from {link.range[0]:g} to {link.range[1]:g} only",
                UserWarning,
                stacklevel=3,
            )

    def _family_and_link(self) -> tuple[Family, Link]:
        family = families.resolved(self.family)
        link = family.link if self.link is None else links.resolved(self.link)
        if link.several != (family.targets == "classes"):
            raise ValueError(
                f"GLM expects the link softmax with the family categorical and no other, got {link!r}, {family!r}"
            )
        return family, link

    def _offset(
        self, offset: Any, exposure: Any, count: int, link: Link, who: str, classes: Array | None = None
    ) -> Array | None:
        """The offset, with the logarithm of the exposure; of classes (n, K)."""
        if link.several and offset is not None:
            return data.columns(offset, (count, len(self.classes_ if classes is None else classes)), who, "offset")
        shifts = None if offset is None else data.column(offset, count, who, "offset", spread=True)
        if exposure is None:
            return shifts
        if link is not links.log:
            raise ValueError(f"{who} takes an exposure with the link log only, got {link!r}: it multiplies the mean")
        exposed = data.column(exposure, count, who, "exposure", spread=True)
        if (exposed <= 0.0).any():
            row = int(np.argmax(exposed <= 0.0))
            raise ValueError(f"{who} expects an exposure above 0, got {exposed[row]} in row {row}")
        return np.log(exposed) if shifts is None else shifts + np.log(exposed)

    def _solved(
        self, family: Family, link: Link, columns: tuple[Any, ...], count: int, names: list[str] | None
    ) -> Inference:
        """The best coefficients; of a family whose dispersion is no mere scale, in turn with the best dispersion."""
        matrix, y, weights, shifts, trials = columns
        if trials is not None:
            weights = trials if weights is None else weights * trials
        l1, ridge = self.alpha * self.l1_ratio, self.alpha * (1.0 - self.l1_ratio)
        curves, phi = curves_of(family, link, count), 1.0
        threads = int(self.threads)
        for _ in range(int(self.max_iter)):
            rows = Rows(
                matrix, y, curves, weights, shifts, bool(self.fit_intercept), ridge, l1, names or (), trials, threads
            )
            solution = solve(rows, self.solver, int(self.max_iter), float(self.tol))
            if family.scales or not solution.converged:
                return Inference(rows, solution)
            last, phi = phi, Inference(rows, solution).best_phi
            if abs(phi - last) <= 1e-9 * phi:
                return Inference(rows, solution, phi)
            curves = curves.at_dispersion(phi)
        solution.trouble = solution.trouble or "the dispersion still changed"
        return Inference(rows, solution, phi)

    def _take(self, inference: Inference, fit: Fit, classes: Array | None, names: list[str] | None) -> None:
        """Set what a fit leaves behind."""
        rows, solution = inference.rows, inference.solution
        blocks = rows.shifted(solution.theta)
        if solution.limit is not None:  # the long way leaves the digits of the other coefficients alone
            blocks = rows.shifted(solution.limit) + np.where(fit.separated, rows.shifted(solution.far), 0.0)
        blocks = blocks.reshape(rows.K, rows.p)
        several = rows.K > 1
        free = blocks[:, 0] if rows.intercept else np.zeros(rows.K)
        if several:  # what all classes share is not seen
            free = free - free.mean()
        self.coef_ = blocks[:, rows.intercept :] if several else blocks[0, rows.intercept :]
        self.intercept_ = free if several else float(free[0])
        self.n_iter_, self.converged_ = solution.n_iter, solution.converged
        self.n_features_in_ = len(rows.names)
        self._fit = fit
        for name, value in (("classes_", classes if fit.family.labelled else None), ("feature_names_in_", names)):
            if value is not None:
                setattr(self, name, np.asarray(value, dtype=object) if name == "feature_names_in_" else value)
            elif hasattr(self, name):
                delattr(self, name)

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
                f"{FIT}: the likelihood has no maximum, it grows with the coefficient of {few(gone, ' and ', longest=30)} towards "
                f"infinity: some observations are told apart without error (separation). Standard errors of these are infinite{hold}. "
                "Leave a column out, join classes, or ask for a penalty with alpha > 0",
                SeparationWarning,
                stacklevel=3,
            )
        elif not solution.converged:
            warnings.warn(
                f"{FIT} did not converge in {solution.n_iter} iterations: {solution.trouble}. Scale X, raise max_iter, or "
                "look for a link that suits the data",
                ConvergenceWarning,
                stacklevel=3,
            )
        elif len(self._fit.standing):
            rows = few(places[self._fit.standing])
            warnings.warn(
                f"{FIT}: the likelihood is greatest on the edge of what the means of {self._fit.family!r} may be, where the "
                f"means of these rows stand: {rows}. Standard errors take it for granted that they stand there",
                UserWarning,
                stacklevel=3,
            )

    # What a fit gives

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
        names = ["intercept"] * fit.intercept + fit.names
        return names if fit.K == 1 else [f"{label}: {name}" for label in self.classes_ for name in names]

    @property
    def parameters_(self) -> Array:
        """The intercept and the coefficients in the order of `cov_params`."""
        coefficients = np.atleast_2d(self.coef_)
        free = np.reshape(self.intercept_, (-1, 1))
        return (np.hstack([free, coefficients]) if self._fitted.intercept else coefficients).ravel()

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
        half = self._fitted.quantile(level, "GLM.conf_int()") * self.standard_errors(kind)
        return np.c_[self.parameters_ - half, self.parameters_ + half]

    def summary(self, kind: str | None = None, level: float = 0.95) -> Summary:
        """Return a table of the fit, which prints as text and shows as HTML in a notebook."""
        fit = self._fitted
        kind = fit.kinds[0] if fit.l1 else self._kind(kind, "GLM.summary()")
        ended = f"{self.n_iter_}{'' if self.converged_ else ', NOT CONVERGED'}"
        return Summary.of(fit, self.parameter_names_, self.parameters_.tolist(), ended, kind, level)

    def residuals(self, kind: str = "deviance") -> Array:
        """Return the residuals of the rows that were fitted.

        "response" is y - mu, "pearson" that over root(V(mu)), "deviance" the signed root of the unit deviance, "working"
        what is left on the scale of eta. Counts of successes multiply the second and third by the root of the trials.

        Raises ValueError for another kind, and for kinds that the family has none of.
        """
        fit = self._fitted
        matrix, found, shifts = self._rows("GLM.residuals()")
        return fit.curves.residuals(kind, self._etas(matrix, shifts), found.y, found.trials)

    def _rows(self, who: str) -> tuple[Array, data.Targets, Array | None]:
        """The rows of the fit, if they were asked for."""
        if self._data is None:
            raise ValueError(f"{who} needs the rows of the fit, which are kept where GLM(keep_rows=True) asks for them")
        return self._data

    # Predicting

    def _etas(self, matrix: Array, shifts: Array | None) -> Array:
        """The linear predictors, (K, n)."""
        etas = np.atleast_2d(self.coef_) @ matrix.T + np.reshape(self.intercept_, (-1, 1))
        return etas if shifts is None else etas + shifts.T

    def _at(self, X: Any, offset: Any, exposure: Any, who: str) -> tuple[Array, Array]:
        """New rows, checked, and their linear predictors, (K, n): nan outside the link's domain, of which a warning tells."""
        fit = self._fitted
        matrix, names = data.table(X, who)
        if matrix.shape[1] != self.n_features_in_:
            known = f" ({few(fit.names)})" if hasattr(self, "feature_names_in_") else ""
            raise ValueError(
                f"{who} expects X with {self.n_features_in_} columns{known}, as in the fit, got {matrix.shape[1]}"
            )
        if names is not None and hasattr(self, "feature_names_in_") and names != fit.names:
            raise ValueError(f"{who} expects the columns {few(fit.names)}, in this order, got {few(names)}")
        link, (low, high) = fit.curves.link, fit.curves.edges
        etas = self._etas(matrix, self._offset(offset, exposure, len(matrix), link, who))
        data.check_index(who, X, offset=offset, exposure=exposure)
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
        half = fit.quantile(level, who)
        matrix, etas = self._at(X, offset, exposure, who)
        eta = etas[0]
        width = fit.widths(matrix, self._kind(kind, who))
        if of == "mean":
            low, high = fit.curves.edges
            ends = [np.clip(eta + sign * half * width, low, high) for sign in (-1.0, 1.0)]
            return np.sort(np.array([np.asarray(fit.curves.mean(end)) for end in ends]).T, axis=1)
        return fit.observed_interval(eta, width, half)

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> float:
        """Return the share of the deviance that is explained, of labels the share that is predicted right.

        The first is 1 - deviance/deviance of the constant mean of these rows, scikit-learn's D2, with an offset or exposure of
        an intercept beside it; 1 at best. Of rows that
        are all alike, for which that mean is perfect, it is 1 if the model is so too, else 0.
        """
        who, fit = "GLM.score()", self._fitted
        matrix, etas = self._at(X, offset, exposure, who)
        weights = data.weights_of(sample_weight, len(matrix), who)
        data.check_index(who, X, y=y, sample_weight=sample_weight)
        if hasattr(self, "classes_"):
            labels = data.labels_of(y, len(matrix), who)
            return float(np.average(labels == self.predict(X, offset, exposure), weights=weights))
        found = data.targets(y, fit.family, len(matrix), who)
        trials = 1.0 if found.trials is None else found.trials
        w = trials * (np.ones(len(matrix)) if weights is None else weights)
        left = float(np.sum(w * fit.curves.deviance(list(etas), found.y)))
        if offset is None and exposure is None:
            constant = np.broadcast_to(np.average(found.y, weights=w), len(matrix))
            own = Curves(fit.family, links.identity, 1, fit.curves.phi).deviance
            whole = float(np.sum(w * own([constant], found.y)))
        else:
            shifts = self._offset(offset, exposure, len(matrix), fit.curves.link, who)
            whole = null_deviance(Rows(matrix, found.y, fit.curves, w, shifts))
        return 1.0 - left / whole if whole else float(left == 0.0)

    # To be looked at

    def graph(self, row: Any, y: Any = None, offset: Any = 0.0) -> Value:
        """Return the graph of one observation, from its numbers and the coefficients to its loss, to draw and differentiate.

        `row` is the position of a row of the fit, or the numbers of one, with its observation `y` (of classes a label), and its offset. The
        leaves are the coefficients, as coef/intercept and coef/x0 by the names of their columns; the loss is the fit's, at dispersion 1, so the gradients
        of a fit without weights and penalty add up to 0 over all rows.

        Raises IndexError for a row that is not there, TypeError and ValueError for what is no observation, and for an
        offset beside a row of the fit, which has its own.

        >>> model = GLM("poisson", keep_rows=True).fit([[0.0], [1.0], [2.0]], [1, 2, 6])
        >>> losses = [model.graph(row) for row in range(3)]
        >>> abs(sum(loss.data for loss in losses) + model.loglik_) < 1e-12
        True
        """
        fit = self._fitted
        numbers, target, shifts, trials = self._observation(row, y, offset)
        leaves = [
            Value(float(number), name=f"coef/{name}")
            for name, number in zip(self.parameter_names_, self.parameters_, strict=True)
        ]
        etas: list[Any] = []
        for k in range(fit.K):
            own = leaves[k * len(leaves) // fit.K : (k + 1) * len(leaves) // fit.K]
            free = own[0] if fit.intercept else 0.0
            eta: Any = dot(numbers, own[fit.intercept :], free)
            etas.append(eta + shifts[k] if shifts[k] else eta)
            etas[-1].name = f"eta {self.classes_[k]}" if fit.K > 1 else "eta"
        mu = fit.curves.link.mean(etas if fit.K > 1 else etas[0])
        loss = fit.family.nll(target, mu, fit.curves.phi)
        if isinstance(vars(mu).get("value"), Value):
            mu.value.name = mu.value.name or "mu"
        loss = trials * loss if trials != 1.0 else loss
        loss.name = "loss"
        return loss  # type: ignore[no-any-return]

    def _observation(self, row: Any, y: Any, offset: Any) -> tuple[list[float], Any, list[float], float]:
        """The numbers of one row, its observation as the family takes it, its offsets and its number of trials."""
        fit, who = self._fitted, "GLM.graph()"
        if isinstance(row, Integral):
            if y is not None or np.any(offset):
                raise ValueError(f"{who} takes y and offset beside the numbers of a row, not beside its position")
            row = int(row)
            matrix, found, shifts = self._rows(who)
            if not -len(matrix) <= row < len(matrix):
                raise IndexError(f"{who} expects a row from 0 to {len(matrix) - 1}, got {row}")
            code, shift = float(found.y[row]), np.zeros(fit.K) if shifts is None else shifts[row]
            numbers, trials = matrix[row].tolist(), 1.0 if found.trials is None else float(found.trials[row])
        else:
            if y is None:
                raise TypeError(f"{who} expects the observation y beside the numbers of a row")
            numbers, trials = data.table([list(row) if np.ndim(row) else [row]], who)[0][0].tolist(), 1.0
            several = fit.K > 1 and np.ndim(offset)
            shift = data.column(offset if several else [offset], fit.K if several else 1, who, "offset")
            if len(numbers) != self.n_features_in_:
                raise ValueError(f"{who} expects {self.n_features_in_} numbers in a row, got {len(numbers)}")
            code = self._code(y, who)
        shifts = np.broadcast_to(shift, fit.K).tolist()
        return numbers, [float(k == code) for k in range(fit.K)] if fit.K > 1 else code, shifts, trials

    def _code(self, y: Any, who: str) -> float:
        """An observation as the family takes it; of a label its number."""
        if not hasattr(self, "classes_"):
            return float(data.supported(data.column([y], 1, who, "y"), self._fitted.family, who)[0])
        places = np.flatnonzero(self.classes_ == y)
        if not len(places):
            raise ValueError(f"{who} expects one of the labels {few(list(self.classes_))} as y, got {y!r:.60}")
        return float(places[0])
