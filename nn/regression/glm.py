"""Generalized linear models, in scikit-learn's habits: any family with any link."""

from __future__ import annotations

import copy
from math import inf, isfinite, nan
from numbers import Integral, Real
from typing import Any

import numpy as np

from autograd import Diagram, Value

from .. import checks
from ..families import Family
from ..layers import Layer, Neuron
from ..links import Link
from ..names import look_up
from .curves import curves_of
from .design import Linear
from .fitted import Fitted
from .given import Given, family_and_link
from .graph import diagram_of, graph, observation
from .inference import inferred
from .inference.dispersion import Dispersion
from .objective import Objective
from .predictor import plain_rows
from .solvers.steps import Solution
from .solvers.table import SOLVERS, solve
from .source import Array, Arrays

FIT = "GLM.fit()"


class GLM(Fitted):
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
        family, link = family_and_link(self.family, self.link, "GLM")
        self._check()
        given = Given.of(family, link, FIT, checks.table(X, FIT), X, y, sample_weight, offset, exposure)
        source = given.source(int(self.threads))
        design = Linear.of(source, given.columns, bool(self.fit_intercept), given.K)
        objective, solution, phi = self._solved(source, design, family, link)
        self._take(objective, solution, inferred(objective, solution, FIT, phi), given, given.matrix.shape[1])
        self._data = copy.deepcopy((given.matrix, given.found, given.shifts)) if self.keep_rows else None
        self._warn(solution, given.places)
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

    def _solved(self, source: Arrays, design: Linear, family: Family, link: Link) -> tuple[Objective, Solution, float]:
        """The best coefficients; of a family whose dispersion is no mere scale, in turn with the best dispersion."""
        l1, ridge = self.alpha * self.l1_ratio, self.alpha * (1.0 - self.l1_ratio)
        curves, phi = curves_of(family, link, design.K), 1.0
        for _ in range(int(self.max_iter)):
            objective = Objective(source, design, curves, ridge, l1)
            solution = solve(objective, self.solver, int(self.max_iter), float(self.tol))
            if family.scales or not solution.converged:
                return objective, solution, nan
            last, phi = phi, Dispersion(objective, solution).best_phi
            if abs(phi - last) <= 1e-9 * phi:
                return objective, solution, phi
            curves = curves.at_dispersion(phi)
        solution.trouble = solution.trouble or "the dispersion still changed"
        return objective, solution, phi

    def _told(self) -> dict[str, Any]:
        return {}

    def _rows(self, X: Any, who: str) -> tuple[Array, None]:
        return plain_rows(self, X, who)

    def graph(self, row: Any, y: Any = None, offset: Any = 0.0) -> Value:
        """Return the graph of one observation, from its numbers and the coefficients to its loss, to draw and differentiate.

        `row` is the position of a row of the fit, or the numbers of one, with its observation `y` (of classes a label), and its
        offset. The leaves are the coefficients, as coef['intercept'] and coef['x0'] by the names of their columns; the loss is the
        fit's, at dispersion 1, so the gradients of a fit without weights and penalty add up to 0 over all rows.

        Raises IndexError for a row that is not there, TypeError and ValueError for what is no observation, and for an
        offset beside a row of the fit, which has its own.

        >>> model = GLM("poisson", keep_rows=True).fit([[0.0], [1.0], [2.0]], [1, 2, 6])
        >>> losses = [model.graph(row) for row in range(3)]
        >>> abs(sum(loss.data for loss in losses) + model.loglik_) < 1e-12
        True
        """
        seen = observation(self, row, y, offset, self._who("graph"))
        fit, named = self._fitted, zip(self.parameter_names_, self.parameters_, strict=True)
        leaves = [Value(float(number), name=f"coef[{name!r}]") for name, number in named]
        blocks = [leaves[k : k + fit.design.p] for k in range(0, len(leaves), fit.design.p)]
        return graph(self, seen, [fit.design.unshifted(block, seen.numbers) for block in blocks])

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        free = np.atleast_1d(self.intercept_).tolist() if self._fitted.design.intercept else [None] * self._fit.K
        neurons = [Neuron.of(w, b) for w, b in zip(np.atleast_2d(self.coef_).tolist(), free, strict=True)]
        return diagram_of(self, [Layer.of(neurons)], x, y, loss)
