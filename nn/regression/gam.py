"""Generalized additive models: a GLM whose features are smooth functions of single features."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from math import inf, log, nan
from numbers import Integral, Real
from typing import Any

import numpy as np

from autograd import Diagram, Value

from ..diagrams import Addend, additive
from ..families import Family
from ..heads import head_of_family
from ..links import Link
from ..names import few, look_up, positive_int
from ..smooths import Piece, Term, Terms
from .curved import curved
from .curves import curves_of
from .design import Linear
from .effects import Effect, Sensitivity, TermFit
from .fitted import Fitted
from .given import Given, family_and_link
from .graph import Kept, Observation, coded, graph, observation, shown
from .inference import inferred
from .inference.intervals import quantile
from .objective import Objective
from .smoothing import Smoothed, smoothed
from .source import Array
from .tangents import Tangents
from .terms import (
    beside_of,
    columns_of,
    grid_of,
    identify,
    lambda_of,
    matrix_of,
    one_row,
    order_of,
    places_of,
    smoothness_of,
)

FIT = "GAM.fit()"
CRITERIA = {"reml": "reml", "gcv": "gcv"}


class GAM(Fitted):
    """A generalized additive model: eta = intercept + f1(x1) + f2(x2) + ..., mu = link.inverse(eta), and a family's likelihood.

    It is the GLM with another design: `terms` such as `s("age") + l("dose") + f("region")` of `nn.smooths` say which function of
    which column, by name or position; other columns are not looked at. The fit minimizes the sum over rows of the negative log-likelihood,
    at dispersion phi, plus 1/(2 phi) times the sum over terms of lambda * coef' S coef, where S is the term's penalty.

    `lam` is how the lambdas are chosen that no term has of its own: by "reml" (Laplace's approximation of the restricted likelihood;
    Wood 2011), "gcv" (generalized cross validation; where the dispersion is known, UBRE), or a number for all of them.

    A fitted model has what a fitted GLM has, in the place of its coefficients those of the terms' functions, and `terms_`: for each term
    its lambda, effective degrees of freedom and columns. Covariances are Bayesian, (H + S)^-1 phi. `edf_` is the whole, `score_` the
    criterion.

    Source: Wood, Generalized Additive Models, 2017; Fast stable restricted maximum likelihood, 2011.

    >>> import numpy as np
    >>> from nn.smooths import s
    >>> x = np.linspace(0.0, 1.0, 60)
    >>> model = GAM(s(0)).fit(x[:, None], np.sin(6.0 * x))
    >>> bool(abs(model.predict(x[:, None]) - np.sin(6.0 * x)).max() < 0.02), list(model.terms_)
    (True, ['s(0)'])
    """

    def __init__(
        self,
        terms: Term | Terms | Iterable[Term] = (),
        family: str | Family = "gaussian",
        link: str | Link | None = None,
        lam: str | float = "reml",
        fit_intercept: bool = True,
        threads: int = 1,
        keep_rows: bool = False,
    ) -> None:
        self.terms = terms
        self.family = family
        self.link = link
        self.lam = lam
        self.fit_intercept = fit_intercept
        self.threads = threads
        self.keep_rows = keep_rows

    _advice = "Scale X, look for other numbers to start from, init and starts of fn, or for a link that suits the data"
    _pieces: list[Piece]
    _kept: list[Array]
    terms_: dict[str, TermFit]
    edf_: float
    score_: float

    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> GAM:
        """Fit to rows X and observations y (n), and return the model. All of them are as `GLM.fit` takes them, but columns of levels may
        have any labels.

        Raises TypeError and ValueError for bad input, for terms that are none or that the rows do not tell apart; the model stays as it was.
        Warns as `GLM.fit` does.
        """
        family, link = family_and_link(self.family, self.link, "GAM")
        if link.several:
            raise ValueError(f"GAM expects a family of one mean a row, got {family!r}")
        if family.has_kink or not family.scales:
            raise ValueError(f"GAM expects a likelihood without a kink, whose dispersion is a scale, got {family!r}")
        if not family.complete and self.lam == "reml":
            raise ValueError(
                f"GAM expects lam='gcv' or a number for {family!r}, whose likelihood leaves out what reml needs"
            )
        terms = self._checked()
        columns, names, width = columns_of(X, terms, FIT)
        bare = np.zeros((len(columns[0]), 0)), names
        given = Given.of(family, link, FIT, bare, X, y, sample_weight, offset, exposure)
        kept, weights = given.places, given.whole_weights
        own = None if weights is None else weights[kept]
        pieces = [term.made(x[kept], FIT, own, order_of(X, term)) for term, x in zip(terms, columns, strict=True)]
        matrix = np.zeros((len(columns[0]), sum(len(piece.names) for piece in pieces)))
        matrix[kept] = matrix_of(pieces, [x[kept] for x in columns], FIT)
        given = given._replace(matrix=matrix)
        source = given.source(int(self.threads))
        labels = [name for piece in pieces for name in piece.names]
        design = Linear.of(source, labels, bool(self.fit_intercept))
        places = places_of(pieces, design.intercept)
        smoothness = smoothness_of(pieces, places, design.p, self.lam)
        curves, fixed, on_bound = curves_of(family, link, 1), self._fixed(pieces), []
        check = partial(identify, FIT, smoothness, pieces, places)
        if any(piece.curved for piece in pieces):
            tangents = Tangents(source, design, curves, pieces, places, [x[kept] for x in columns])
            found, solution, still = curved(tangents, smoothness, fixed, str(self.lam), source.y, FIT, check)
            pieces = [
                replace(piece, at=solution.theta[place]) if piece.curved else piece
                for piece, place in zip(pieces, places, strict=True)
            ]
            on_bound = [label for label, there in zip(labels, still[design.intercept :], strict=True) if there]
        else:
            objective = Objective(source, design, curves)
            check(objective)
            found = smoothed(objective, smoothness, fixed, str(self.lam))
            solution = found.solution
        fit = inferred(found.objective, found.solution, FIT, nan, found.edf)
        fits = self._fits(found, pieces, places)
        data = self._kept_rows(pieces, columns, given) if self.keep_rows else None
        score = found.gcv if self.lam == "gcv" or not family.complete else found.reml
        self._take(found.objective, solution, fit, given, width)
        self._pieces, self.terms_, self.edf_, self.score_ = pieces, fits, found.edf, score
        self._data, self._kept = data, copy.deepcopy(columns) if self.keep_rows else []
        self._warn(solution, given.places)
        if on_bound:
            warnings.warn(
                f"{FIT}: {few(on_bound, ' and ')} would leave its bound. It stays there, and standard errors take it for known",
                UserWarning,
                stacklevel=2,
            )
        return self

    def _kept_rows(self, pieces: list[Piece], columns: list[Array], given: Given) -> Kept:
        """The rows of the fit, copied, with what curves add beside their tangents among the offsets."""
        some = [x[given.places] for x in columns]
        matrix, shifts = given.matrix.copy(), given.shifts
        matrix[given.places], beside = matrix_of(pieces, some, FIT), beside_of(pieces, some, FIT)
        if beside is not None:
            shifts = np.zeros(len(matrix)) if shifts is None else shifts.copy()
            shifts[given.places] += beside
        return copy.deepcopy((matrix, given.found, shifts))

    def _checked(self) -> list[Term]:
        if hasattr(self.terms, "__next__"):
            raise TypeError(
                f"GAM expects terms in a list or joined by +, got {type(self.terms).__name__}, which is used up by one fit"
            )
        terms = [self.terms] if isinstance(self.terms, Term) else list(self.terms)
        for term in terms:
            if not isinstance(term, Term):
                raise TypeError(
                    f"GAM expects terms such as s('age') + l('dose') of nn.smooths, got {type(term).__name__}"
                )
        names = [term.name for term in terms]
        if not terms or len(set(names)) < len(names):
            raise ValueError(f"GAM expects at least one term, and each of them once, got {few(names) or 'none'}")
        if isinstance(self.lam, str):
            look_up("lam", self.lam, CRITERIA)
        elif isinstance(self.lam, bool) or not isinstance(self.lam, Real) or not 0.0 <= self.lam < inf:
            raise ValueError(f"GAM expects lam to be 'reml', 'gcv' or a number from 0 up, got {self.lam!r:.60}")
        for name in ("fit_intercept", "keep_rows"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ValueError(f"GAM expects {name} to be True or False, got {getattr(self, name)!r:.60}")
        positive_int(self.threads, "GAM", "threads")
        return terms

    def _fixed(self, pieces: list[Piece]) -> Array:
        """The logarithms of the lambdas that are given, nan for those to be chosen."""
        lams = [lambda_of(piece, self.lam) for piece in pieces if piece.penalty is not None]
        return np.array([nan if lam is None else log(lam) for lam in lams if lam != 0.0], dtype=float)

    def _fits(self, found: Smoothed, pieces: list[Piece], places: list[slice]) -> dict[str, TermFit]:
        """What is known of the terms."""
        lams = iter(np.exp(found.logs).tolist())
        shares = np.diag(found.influence)
        return {
            piece.term.name: TermFit(
                None if piece.penalty is None else 0.0 if lambda_of(piece, self.lam) == 0.0 else next(lams),
                float(shares[place].sum()),
                place,
            )
            for piece, place in zip(pieces, places, strict=True)
        }

    def _told(self) -> dict[str, Any]:
        smooth = [piece for piece in self._pieces if piece.penalty is not None]
        lines = [
            f"{name}: lambda {term.lam:.4g}, effective degrees of freedom {term.edf:.4g}"
            for name, term in self.terms_.items()
            if term.lam is not None
        ]
        hidden = frozenset(name for piece in smooth for name in piece.names)
        return {"title": "Generalized additive model", "hidden": hidden, "told": "\n".join(lines)}

    def _rows(self, X: Any, who: str) -> tuple[Array, Array | None]:
        columns = self._columns(X, who)
        return matrix_of(self._pieces, columns, who), beside_of(self._pieces, columns, who)

    def _columns(self, X: Any, who: str) -> list[Array]:
        """The column of each term in new rows, checked against those of the fit."""
        columns, names, width = columns_of(X, [piece.term for piece in self._pieces], who)
        if names is None and width != self.n_features_in_:
            raise ValueError(f"{who} expects X with {self.n_features_in_} columns, as in the fit, got {width}")
        return columns

    def _parts(self) -> list[tuple[Piece, slice]]:
        """The terms, and the columns of each among the coefficients without the intercept."""
        shift = self._fitted.design.intercept
        places = [fit.columns for fit in self.terms_.values()]
        return [
            (piece, slice(place.start - shift, place.stop - shift))
            for piece, place in zip(self._pieces, places, strict=True)
        ]

    def predict(self, X: Any, offset: Any = None, exposure: Any = None, terms: bool = False) -> Array:
        """Return the mean of each row; of a family of labels, the likeliest label; with `terms`, what each term adds to the predictor,
        (n, terms), in the order of `terms_`.
        """
        if not terms:
            return self._predicted(X, offset, exposure)
        _, who = self._fitted, self._who("predict")
        columns = self._columns(X, who)
        return np.stack(
            [piece.share(x, self.coef_[place], who) for (piece, place), x in zip(self._parts(), columns, strict=True)],
            axis=1,
        )

    def partial_effect(self, term: str, level: float = 0.95, resolution: int = 100) -> Effect:
        """Return what a term, such as "s(age)", makes of its feature, with a band of a level: for its numbers in the fit and a tenth of
        their range beyond, or for its levels.

        The band is Bayesian (Marra and Wood 2012), for each x alone. Raises ValueError for a term that is none, and for a level
        outside (0, 1).
        """
        who, fit = self._who("partial_effect"), self._fitted
        place = look_up("term", term, self.terms_).columns
        piece, own = next((piece, own) for piece, own in self._parts() if piece.term.name == term)
        half = quantile(fit, level, who)
        x, inside, levels = grid_of(piece, positive_int(resolution, who, "resolution"))
        columns, effect = piece.columns(x, who), piece.share(x, self.coef_[own], who)
        covariance = fit.covariance(fit.kinds[0])[place, place]
        error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", columns, covariance, columns), 0.0))
        return Effect(term, x, effect, error, effect - half * error, effect + half * error, inside, levels)

    def sensitivity(self, feature: str | int, at: Any, resolution: int = 100) -> Sensitivity:
        """Return how the mean changes as one feature moves and the others stay as in a row `at`, with its exact derivative.

        `feature` is the column of one or more terms, `at` one row as `predict` takes it. Raises ValueError for a feature that no term has.
        """
        who, fit = self._who("sensitivity"), self._fitted
        own = [k for k, piece in enumerate(self._pieces) if piece.term.column == feature]
        if not own:
            raise ValueError(
                f"{who} expects the column of a term, {few([p.term.column for p in self._pieces])}, got {feature!r:.60}"
            )
        columns = self._one(at, who)
        x, inside, levels = grid_of(self._pieces[own[0]], positive_int(resolution, who, "resolution"))
        eta, rise = np.full(len(x), float(self.intercept_)), np.zeros(len(x))
        for k, (piece, place) in enumerate(self._parts()):
            eta = eta + piece.share(x if k in own else columns[k], self.coef_[place], who)
            rise = rise + (piece.term.rise(piece, x, self.coef_[place]) if k in own else 0.0)
        slope = np.asarray(fit.curves.mean_slope(eta)) * rise
        return Sensitivity(str(feature), x, np.asarray(fit.curves.mean(eta)), slope, columns[own[0]][0], inside, levels)

    def graph(self, row: Any, y: Any = None) -> Value:
        """Return the graph of one observation, from the values of its terms' functions and the coefficients to its loss.

        `row` is the position of a row of the fit, or one row as `predict` takes it, with its observation `y`. The terms are scopes, so a
        picture shows each in a frame.

        Raises IndexError for a row that is not there, TypeError and ValueError for what is no observation.
        """
        fit, who = self._fitted, self._who("graph")
        if y is None and not isinstance(row, Integral):
            raise TypeError(f"{who} expects the observation y beside a row")
        seen, found = self._seen(row, y, who)
        eta: Any = Value(float(self.intercept_), name="intercept") if fit.design.intercept else 0.0
        for (piece, place), x in zip(self._parts(), found, strict=True):
            name = piece.term.name
            labels = piece.term.parameters if piece.curved else range(1, len(piece.names) + 1)
            leaves = [Value(float(c), name=f"{name}/{k}") for k, c in zip(labels, self.coef_[place], strict=True)]
            share: Any = piece.term.node(piece, x, leaves, who)
            if isinstance(share, Value):
                share.name = f"{name}/"
            eta = eta + share
        return graph(self, seen, [eta])

    def _one(self, row: Any, who: str) -> list[Array]:
        """The number or label of each term in one row."""
        columns, _, _ = columns_of(one_row(row), [piece.term for piece in self._pieces], who)
        if len(columns[0]) != 1:
            raise ValueError(f"{who} expects one row, got {len(columns[0])}")
        return columns

    def _seen(self, row: Any, y: Any, who: str) -> tuple[Observation, list[Any]]:
        """One observation, and its features."""
        if isinstance(row, Integral):
            seen = observation(self, row, y, 0.0, who)
            return seen, [column[int(row)] for column in self._kept]
        target, trials = (None, 1.0) if y is None else coded(self, y, who)
        return Observation([], target, [0.0], trials), [column[0] for column in self._one(row, who)]

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        """The diagram: x is one row as `predict` takes it, or the position of one that was kept."""
        fit, pieces, none = self._fitted, self._pieces, Observation([], None, [0.0], 1.0)
        if loss is not None:
            raise ValueError("draw() takes no loss for a GAM: it is that of its family")
        if x is None and y is not None:
            raise ValueError("draw() expects x beside y: the row that was observed")
        seen, found = (none, [None] * len(pieces)) if x is None else self._seen(x, y, "draw()")
        features = {str(piece.term.column): feature for piece, feature in zip(pieces, found, strict=True)}
        names = list(features)
        terms = [
            Addend(
                piece.term.name,
                names.index(str(piece.term.column)),
                0.0 if x is None else float(piece.share(np.array([feature]), self.coef_[place], "draw()")[0]),
            )
            for (piece, place), feature in zip(self._parts(), found, strict=True)
        ]
        head = head_of_family(fit.family, fit.curves.link, fit.curves.phi, (), seen.trials)
        free = float(self.intercept_) if fit.design.intercept else None
        told = None if seen.target is None else shown(self, seen.target, seen.trials)
        return additive(
            repr(self), list(features.items()), terms, free, head, seen.target, seen.offsets[0], told, x is not None
        )
