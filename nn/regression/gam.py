"""Generalized additive models: a GLM whose features are smooth functions of single features."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from math import inf, log, nan
from numbers import Real
from typing import Any

import numpy as np

from ..families import Family
from ..links import Link
from ..names import few, look_up, positive_int
from ..smooths import Basis, Piece, Term, Terms
from .additive import Additive
from .criteria import CRITERIA, smoothed
from .curved import curved, standing_still
from .curves import curves_of
from .design import Linear
from .effects import TermFit
from .given import Given, family_and_link
from .graph import Kept
from .inference import inferred
from .objective import Objective
from .smoothing import Smoothed
from .source import Array
from .tangents import Tangents
from .terms import (
    beside_of,
    columns_of,
    identify,
    lambda_of,
    matrix_of,
    order_of,
    places_of,
    smoothness_of,
)

FIT = "GAM.fit()"


class GAM(Additive):
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> GAM:
        """Fit to rows X and observations y (n), and return the model. All of them are as `GLM.fit` takes them, but columns of levels may
        have any labels.

        Raises TypeError and ValueError for bad input, for terms that are none or that the rows do not tell apart; the model stays as it was.
        Warns as `GLM.fit` does.
        """
        family, link = family_and_link(self.family, self.link, "GAM")
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
        if given.K > 1 and any(not isinstance(term, Basis) for term in terms):
            raise ValueError(
                f"GAM expects terms s, l and f for several classes, and fn for a single mean, got {few([t.name for t in terms])}"
            )
        pieces = [term.made(x[kept], FIT, own, order_of(X, term)) for term, x in zip(terms, columns, strict=True)]
        matrix = np.zeros((len(columns[0]), sum(len(piece.names) for piece in pieces)))
        matrix[kept] = matrix_of(pieces, [x[kept] for x in columns], FIT)
        given = given._replace(matrix=matrix)
        source = given.source(int(self.threads))
        labels = [name for piece in pieces for name in piece.names]
        design = Linear.of(source, labels, bool(self.fit_intercept), given.K)
        places = places_of(pieces, design.intercept)
        smoothness = smoothness_of(pieces, places, design.p, self.lam, given.K)
        curves, fixed = curves_of(family, link, given.K), self._fixed(pieces)
        still = np.zeros(design.K * design.p, dtype=bool)
        check = partial(identify, FIT, smoothness, pieces, places)
        if any(piece.curved for piece in pieces):
            tangents = Tangents(source, design, curves, pieces, places, [x[kept] for x in columns])
            found, solution, still = curved(tangents, smoothness, fixed, str(self.lam), source.y, FIT, check)
            pieces = [
                replace(piece, at=solution.theta[place]) if piece.curved else piece
                for piece, place in zip(pieces, places, strict=True)
            ]
        else:
            objective = Objective(source, design, curves)
            check(objective)
            found = smoothed(objective, smoothness, fixed, str(self.lam))
            solution = found.solution
        fit = standing_still(inferred(found.objective, found.solution, FIT, nan, found.edf), still)
        fits = self._fits(found, pieces, places)
        data = self._kept_rows(pieces, columns, given) if self.keep_rows else None
        score = CRITERIA["gcv" if self.lam == "gcv" or not family.complete else "reml"](found).score
        self._take(found.objective, solution, fit, given, width)
        self._pieces, self.terms_, self.edf_, self.score_ = pieces, fits, found.edf, score
        self._data, self._kept = data, copy.deepcopy((columns, given.shifts, kept)) if self.keep_rows else None
        self._warn(solution, given.places)
        if still.any():
            on_bound = [name for name, there in zip(self.parameter_names_, still, strict=True) if there]
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
        shares = np.diag(found.influence).reshape(found.objective.K, -1).sum(axis=0)
        return {
            piece.term.name: TermFit(
                None if piece.penalty is None else 0.0 if lambda_of(piece, self.lam) == 0.0 else next(lams),
                float(shares[place].sum()),
                place,
            )
            for piece, place in zip(pieces, places, strict=True)
        }
