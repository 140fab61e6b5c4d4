"""A fitted additive model: what each of its terms makes of its feature, and pictures of it."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from autograd import Diagram, Value

from ..diagrams import Addend, additive
from ..heads import head_of_family
from ..names import few, look_up, positive_int
from ..smooths import Piece
from .check import Check, basis_check, concurvity_of
from .effects import Effect, Sensitivity, TermFit
from .fitted import Fitted
from .graph import Observation, coded, graph, observation, rows_of, shown
from .inference.intervals import quantile
from .source import Array
from .terms import beside_of, columns_of, grid_of, matrix_of, one_row


class Additive(Fitted):
    """A model whose predictor is a sum of functions of single features."""

    lam: str | float
    _pieces: list[Piece]
    _kept: tuple[list[Array], Array | None, Array] | None
    terms_: dict[str, TermFit]
    edf_: float
    score_: float

    def _told(self) -> dict[str, Any]:
        smooth = [piece for piece in self._pieces if piece.penalty is not None]
        lines = [
            f"{name}: lambda {term.lam:.4g}, effective degrees of freedom {term.edf:.4g}"
            for name, term in self.terms_.items()
            if term.lam is not None
        ]
        own = {name for piece in smooth for name in piece.names}
        hidden = frozenset(name for name in self.parameter_names_ if name.rpartition(": ")[2] in own)
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

    @property
    def _blocks(self) -> Array:
        """The coefficients without the intercept, (K, p), also of a single predictor."""
        return np.atleast_2d(self.coef_)

    def _shares(self, columns: list[Array], who: str) -> Array:
        """What each term adds to each predictor of rows, (K, terms, n)."""
        parts = list(zip(self._parts(), columns, strict=True))
        return np.array([[piece.share(x, own[place], who) for (piece, place), x in parts] for own in self._blocks])

    def _class(self, label: Any, who: str) -> int:
        """Which predictor is meant by the label of a class. Raises ValueError for one that is none, and where one is needed."""
        labels = self.classes_.tolist() if self._fitted.K > 1 else [None]
        if label not in labels:
            known = f"label to be one of {few(labels)}" if self._fitted.K > 1 else "no label for a single mean"
            raise ValueError(f"{who} expects {known}, got {label!r:.60}")
        return labels.index(label)

    def predict(self, X: Any, offset: Any = None, exposure: Any = None, terms: bool = False) -> Array:
        """Return the mean of each row; of a family of labels, the likeliest label; with `terms`, what each term adds to the predictor,
        (n, terms), of several classes (n, terms, K), in the order of `terms_`.
        """
        if not terms:
            return self._predicted(X, offset, exposure)
        _, who = self._fitted, self._who("predict")
        shares = self._shares(self._columns(X, who), who).transpose(2, 1, 0)
        return shares if shares.shape[2] > 1 else shares[:, :, 0]

    def partial_effect(self, term: str, level: float = 0.95, resolution: int = 100, label: Any = None) -> Effect:
        """Return what a term, such as "s(age)", makes of its feature, with a band of a level: for its numbers in the fit and a tenth of
        their range beyond, or for its levels. Of several classes it is the predictor of the one with a `label`.

        The band is Bayesian (Marra and Wood 2012), for each x alone. Raises ValueError for a term or a label that is none, and for a
        level outside (0, 1).
        """
        who, fit = self._who("partial_effect"), self._fitted
        place = look_up("term", term, self.terms_).columns
        piece, own = next((piece, own) for piece, own in self._parts() if piece.term.name == term)
        half, k = quantile(fit, level, who), self._class(label, who)
        x, inside, levels = grid_of(piece, positive_int(resolution, who, "resolution"))
        columns, effect = piece.columns(x, who), piece.share(x, self._blocks[k][own], who)
        place = slice(k * fit.design.p + place.start, k * fit.design.p + place.stop)
        covariance = fit.covariance(fit.kinds[0])[place, place]
        error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", columns, covariance, columns), 0.0))
        low, high = effect - half * error, effect + half * error
        return Effect(term, x, effect, error, low, high, inside, levels, label, str(piece.term.column))

    def sensitivity(self, feature: str | int, at: Any, resolution: int = 100, label: Any = None) -> Sensitivity:
        """Return how the mean changes as one feature moves and the others stay as in a row `at`, with its exact derivative; of several
        classes the probability of the one with a `label`.

        `feature` is the column of one or more terms, `at` one row as `predict` takes it. Raises ValueError for a feature that no term has,
        and for a label that is none.
        """
        who, fit = self._who("sensitivity"), self._fitted
        own = [k for k, piece in enumerate(self._pieces) if piece.term.column == feature]
        if not own:
            raise ValueError(
                f"{who} expects the column of a term, {few([p.term.column for p in self._pieces])}, got {feature!r:.60}"
            )
        columns, chosen = self._one(at, who), self._class(label, who)
        x, inside, levels = grid_of(self._pieces[own[0]], positive_int(resolution, who, "resolution"))
        moved = [x if k in own else np.repeat(column, len(x)) for k, column in enumerate(columns)]
        etas = self._shares(moved, who).sum(axis=1) + np.reshape(self.intercept_, (-1, 1))
        parts = [(piece, place) for k, (piece, place) in enumerate(self._parts()) if k in own]
        rises = [sum(piece.term.rise(piece, x, block[place]) for piece, place in parts) for block in self._blocks]
        means, slopes = fit.curves.mean(self._taken(etas)), fit.curves.mean_rise(list(etas), rises)
        mean, slope = (np.atleast_2d(part)[chosen] for part in (means, slopes))
        return Sensitivity(str(feature), x, mean, slope, columns[own[0]][0], inside, levels, label)

    def check(self) -> Check:
        """Return whether the fit can be trusted, for the rows of the fit that have a weight, each counted once: for each smooth term whether its basis is too
        small, for each pair of terms how much of one the other can say (concurvity), and the residuals. It prints as text; `.plot()` draws
        the residuals.

        Raises ValueError where the rows were not kept (`keep_rows=True`).
        """
        who, fit = self._who("check"), self._fitted
        matrix, found, shifts = rows_of(self._data, who)
        columns, _, places = self._kept or ([], None, np.arange(0))
        kind = "response" if fit.K > 1 else "deviance"
        etas = self._etas(matrix, shifts)[:, places]
        matrix, y, trials = matrix[places], found.y[places], None if found.trials is None else found.trials[places]
        residuals = fit.curves.residuals(kind, etas, y, trials).reshape(len(y), -1)
        parts = [(piece.term.name, matrix[:, place], self._blocks[:, place].T) for piece, place in self._parts()]
        bases = {
            piece.term.name: basis_check(x[places], residuals, len(piece.names), self.terms_[piece.term.name].edf)
            for piece, x in zip(self._pieces, columns, strict=True)
            if piece.penalty is not None
        }
        pairs = {
            (name, by): concurvity_of(own, other, coefficients)
            for name, own, coefficients in parts
            for by, other, _ in parts
            if by != name
        }
        return Check(bases, pairs, etas.T, np.asarray(fit.curves.mean(self._taken(etas))), y, residuals)

    def _taken(self, etas: Array) -> Any:
        """Predictors as the link takes them over rows."""
        return list(etas) if len(etas) > 1 else etas[0]

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
        etas: list[Any] = []
        for k, (block, free) in enumerate(zip(self._blocks, np.atleast_1d(self.intercept_).tolist(), strict=True)):
            above = f"{self.classes_[k]}/" if fit.K > 1 else ""
            eta: Any = Value(free, name=f"{above}intercept") if fit.design.intercept else 0.0
            for (piece, place), x in zip(self._parts(), found, strict=True):
                eta = eta + _node(piece, x, block[place].tolist(), f"{above}{piece.term.name}", who)
            etas.append(eta)
        return graph(self, seen, etas)

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
            columns, shifts, _ = self._kept or ([], None, None)
            offsets = np.zeros(self._fitted.K) if shifts is None else np.atleast_1d(shifts[int(row)])
            return seen._replace(offsets=offsets.tolist()), [column[int(row)] for column in columns]
        target, trials = (None, 1.0) if y is None else coded(self, y, who)
        K = self._fitted.K
        shares: Any = target if target is None or K == 1 else [float(k == target) for k in range(K)]
        return Observation([], shares, [0.0] * K, trials), [column[0] for column in self._one(row, who)]

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        """The diagram: x is one row as `predict` takes it, or the position of one that was kept."""
        fit, pieces = self._fitted, self._pieces
        none = Observation([], None, [0.0] * fit.K, 1.0)
        if loss is not None:
            raise ValueError("draw() takes no loss for a GAM: it is that of its family")
        if x is None and y is not None:
            raise ValueError("draw() expects x beside y: the row that was observed")
        seen, found = (none, [None] * len(pieces)) if x is None else self._seen(x, y, "draw()")
        features = {str(piece.term.column): feature for piece, feature in zip(pieces, found, strict=True)}
        names = list(features)
        shares = np.zeros((fit.K, len(pieces), 1))
        if x is not None:
            shares = self._shares([np.array([feature]) for feature in found], "draw()")
        terms = [
            Addend(piece.term.name, names.index(str(piece.term.column)), shares[:, k, 0].tolist())
            for k, piece in enumerate(pieces)
        ]
        labels = self.classes_.tolist() if fit.K > 1 else ()
        head = head_of_family(fit.family, fit.curves.link, fit.curves.phi, labels, seen.trials)
        free = np.atleast_1d(self.intercept_).tolist() if fit.design.intercept else None
        told = None if seen.target is None else shown(self, seen.target, seen.trials)
        return additive(
            repr(self), list(features.items()), terms, free, head, seen.target, seen.offsets, told, x is not None
        )


def _node(piece: Piece, x: Any, coefficients: list[float], name: str, who: str) -> Any:
    """What a term adds for one number or level, as a graph whose scope has a name."""
    labels = piece.term.parameters if piece.curved else range(1, len(piece.names) + 1)
    leaves = [Value(c, name=f"{name}/{k}") for k, c in zip(labels, coefficients, strict=True)]
    share = piece.term.node(piece, x, leaves, who)
    share.name = f"{name}/"
    return share
