"""NeuralGLM: a GLM whose linear predictor is a network."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable
from math import inf, nan
from numbers import Real
from typing import Any

import numpy as np

from autograd import Diagram, Value, where
from autograd import sum as total

from .. import checks
from ..activations import Activation, identity, resolved
from ..families import Family
from ..layers import MLP, Dropout
from ..links import Link
from ..names import positive_int
from ..optim import LBFGS
from ..penalties import weights as is_weight
from ..scaling import Standardize
from ..training.fit import built_of, fit
from ..training.history import EarlyStopping, History
from .curves import Curves, curves_of
from .design import Network
from .given import Given, family_and_link
from .graph import Kept, diagram_of, graph, observation
from .inference.result import Outcome
from .network import Scale, apart, outcome
from .predictor import Predictor, plain_rows
from .solvers.table import ConvergenceWarning, SeparationWarning
from .source import Array

FIT = "NeuralGLM.fit()"
GAIN = 1e-12  # of the loss, that a step may still be expected to gain at a minimum


class NeuralGLM(Predictor):
    """A generalized linear model whose predictor eta is a network: eta = network(x), mu = link.inverse(eta), and a family's likelihood.

    It is the GLM with another predictor: `family`, `link`, labels, weights, offsets and exposure are as there, and without hidden
    layers and alpha, by `hidden=()`, it is the same model. `hidden` has the sizes of the hidden layers, `activation` is theirs, or a list with one for each. The columns of X are
    taken to mean 0 and standard deviation 1, by the first layer of the network.

    `fit` makes the sum over rows of the negative log-likelihoods smaller, plus alpha/2 times the squares of the weights, biases left
    out. It does so by `nn.fit`: with L-BFGS, on all rows, until no step makes it smaller; or with another `optimizer`, such as
    `nn.optim.Adam` or `functools.partial(nn.optim.Adam, lr=0.01)`, then also on batches of `batch_size` rows and with `dropout`. It takes
    `epochs` steps or epochs at most. With `validation`, the share of rows that is set apart for it, it ends when their loss has not become
    smaller for `patience` epochs, and the model has the weights of the best epoch. `rng` draws the first weights and the order of rows.
    Another seed may lead to another minimum.

    A fitted model has `network_` (an MLP), `history_`, `deviance_`, `null_deviance_`, `dispersion_`, `loglik_`, `n_iter_`, `converged_`,
    `n_features_in_`, for names in X `feature_names_in_`, for labels `classes_`, and without hidden layers `coef_` and `intercept_`.

    Raises ValueError and TypeError, when it is fitted, for options that are none.

    >>> import nn
    >>> X, y = nn.datasets.two_moons(100)
    >>> model = NeuralGLM("bernoulli", hidden=(8,), alpha=0.01).fit(X, y)
    >>> model.score(X, y), nn.GLM("bernoulli").fit(X, y).score(X, y)
    (1.0, 0.87)
    """

    def __init__(
        self,
        family: str | Family = "gaussian",
        link: str | Link | None = None,
        hidden: int | Iterable[int] = (16,),
        activation: str | Activation = "tanh",
        alpha: float = 0.0,
        dropout: float = 0.0,
        optimizer: Callable[..., Any] | None = None,
        epochs: int = 1000,
        batch_size: int | None = None,
        validation: float | None = None,
        patience: int = 20,
        rng: Any = 0,
        threads: int = 1,
        keep_rows: bool = False,
    ) -> None:
        self.family = family
        self.link = link
        self.hidden = hidden
        self.activation = activation
        self.alpha = alpha
        self.dropout = dropout
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation
        self.patience = patience
        self.rng = rng
        self.threads = threads
        self.keep_rows = keep_rows

    _fit: Outcome
    _data: Kept | None
    network_: MLP
    history_: History
    coef_: Array
    intercept_: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None, exposure: Any = None) -> NeuralGLM:
        """Fit to rows X (n, p) and observations y (n), and return the model. All of them are as `GLM.fit` takes them.

        Raises TypeError and ValueError for bad input, with its row and column; the model stays as it was. Warns with
        ConvergenceWarning if L-BFGS had to stop before it was at a minimum, with SeparationWarning if the network is certain of each label,
        so that there is none.
        """
        family, link = family_and_link(self.family, self.link, "NeuralGLM")
        self._check()
        given = Given.of(family, link, FIT, checks.table(X, FIT), X, y, sample_weight, offset, exposure)
        network = self._network(given)
        curves = curves_of(family, link, given.K)
        scale = Scale.of(given, curves)
        optimizer = built_of(self.optimizer or LBFGS, network)
        history = self._trained(network, optimizer, curves, given, scale)
        for neuron, free in zip(network.layers[-1].neurons, scale.start, strict=True):
            for parameter in neuron.parameters():
                parameter.data *= scale.spread
            neuron.b.data += free
        design = Network(given.columns, network, given.K)
        found = outcome(curves, design, given, FIT)
        to_the_end = isinstance(optimizer, LBFGS) and self.validation is None
        separated = to_the_end and apart(design, curves, given, held=self.alpha > 0.0)
        self._fit = found
        self.network_, self.history_ = network, history
        self.n_iter_, self.n_features_in_ = history.epochs, given.matrix.shape[1]
        self.converged_ = isinstance(optimizer, LBFGS) and optimizer.gain < GAIN and not separated
        self._name(given.found.classes if family.labelled else None, given.names)
        self._data = copy.deepcopy((given.matrix, given.found, given.shifts)) if self.keep_rows else None
        self._set_coefficients()
        if separated:
            warnings.warn(
                f"{FIT}: the network tells some observations apart without error (separation), and the likelihood still grows as its "
                f"{'biases do: no penalty holds these' if self.alpha else 'weights do. Raise alpha, so that they are held'}",
                SeparationWarning,
                stacklevel=2,
            )
        elif to_the_end and not self.converged_:
            warnings.warn(
                f"{FIT} did not converge in {history.epochs} epochs: {_reason(history)}",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _check(self) -> None:
        if isinstance(self.alpha, bool) or not isinstance(self.alpha, Real) or not 0.0 <= self.alpha < inf:
            raise ValueError(f"NeuralGLM expects alpha to be a number from 0 up, got {self.alpha!r}")
        if not isinstance(self.keep_rows, (bool, np.bool_)):
            raise ValueError(f"NeuralGLM expects keep_rows to be True or False, got {self.keep_rows!r}")
        for name in ("epochs", "patience", "threads"):
            positive_int(getattr(self, name), "NeuralGLM", name)
        if self.batch_size is not None:
            positive_int(self.batch_size, "NeuralGLM", "batch_size")
        Dropout(self.dropout)  # raises for a share that is none
        share = self.validation
        if share is not None and not (isinstance(share, Real) and not isinstance(share, bool) and 0.0 < share < 1.0):
            raise ValueError(f"NeuralGLM expects validation to be a share between 0 and 1, got {share!r:.60}")
        if hasattr(self.optimizer, "parameters") and not isinstance(self.optimizer, type):
            raise TypeError("NeuralGLM expects what builds an optimizer, such as nn.optim.Adam, got one that is built")
        if self.optimizer is None and (self.batch_size is not None or self.dropout):
            raise ValueError(
                "NeuralGLM expects an optimizer, such as nn.optim.Adam, beside batch_size or dropout: L-BFGS takes all rows, without chance"
            )

    def _network(self, given: Given) -> MLP:
        if not given.matrix.shape[1]:
            raise ValueError(f"{FIT} expects at least one column in X, got the shape {given.matrix.shape}")
        given_sizes = (
            self.hidden if isinstance(self.hidden, Iterable) and not isinstance(self.hidden, str) else [self.hidden]
        )
        sizes = [positive_int(size, "NeuralGLM", "a size in hidden") for size in given_sizes]
        several = isinstance(self.activation, Iterable) and not isinstance(self.activation, str)
        own = [resolved(each) for each in (self.activation if several else [self.activation] * len(sizes))]  # type: ignore[union-attr]
        if len(own) != len(sizes):
            raise ValueError(f"NeuralGLM expects an activation for each of {len(sizes)} hidden layers, got {len(own)}")
        resolved(None if several else self.activation)  # looked at even where no layer has it
        network = MLP(given.matrix.shape[1], [*sizes, given.K], [*own, identity], rng=self.rng, dropout=self.dropout)
        for neuron in network.layers[-1].neurons:  # so the means of all rows are one, which every family can have
            for weight in neuron.w:
                weight.data = 0.0
        network.layers.insert(0, Standardize(given.matrix, given.whole_weights))
        return network

    def _trained(self, network: MLP, optimizer: Any, curves: Curves, given: Given, scale: Scale) -> History:
        """Train a network whose outputs are taken times a spread, and from a start, so that its weights are near 1."""
        start, spread = scale.start, scale.spread
        X, y, w = given.matrix, given.found.y, given.whole_weights
        K, p = given.K, X.shape[1]
        if given.shifts is not None:
            X = np.c_[X, given.shifts]
        kept = given.places
        share = 1.0 - (self.validation or 0.0)
        whole = share * (len(kept) if w is None else float(w.sum()))
        last = f"layers[{len(network.layers) - 1}]."

        def etas(row: Any) -> list[Any]:
            outputs, shifts = network(row[:p]), row[p:]
            found = [free + spread * out for free, out in zip(start, outputs if K > 1 else [outputs], strict=True)]
            if given.shifts is None:
                return found
            return [eta + shift for eta, shift in zip(found, shifts if K > 1 else [shifts[0]], strict=True)]

        def loss(etas: list[Any], y: Any) -> Any:
            return curves.loss(
                etas, [where(y - k, 0.0, 1.0) for k in range(K)] if curves.link.several else y, scale.phi
            )

        def penalty(named: Any) -> Any:
            squares = [(spread * w if name.startswith(last) else w) ** 2 for name, w in named if is_weight(name)]
            return 0.5 * self.alpha / scale.phi / whole * total(squares)

        callbacks: list[Any] = [AtRest(optimizer.parameters)] if isinstance(optimizer, LBFGS) else []
        callbacks += [EarlyStopping(self.patience)] if self.validation is not None else []
        return fit(
            etas, X[kept], y[kept], loss=loss, optimizer=optimizer, epochs=self.epochs, batch_size=self.batch_size, rng=self.rng,
            validation=self.validation, sample_weight=None if w is None else w[kept], penalty=penalty if self.alpha else None,
            callbacks=callbacks, threads=self.threads, progress=False,
        )  # fmt: skip

    def _set_coefficients(self) -> None:
        """Set the coefficients of the columns as they are, where there is no hidden layer."""
        for name in ("coef_", "intercept_"):
            self.__dict__.pop(name, None)
        scaled, *layers = self.network_.layers
        if len(layers) > 1:
            return
        several = len(layers[0].neurons) > 1
        coefficients = np.array([[w.data for w in neuron.w] for neuron in layers[0].neurons]) / scaled.scale
        free = np.array([neuron.b.data for neuron in layers[0].neurons]) - coefficients @ scaled.mean
        if several:  # what all classes share is not seen
            coefficients, free = coefficients - coefficients.mean(axis=0), free - free.mean()
        self.coef_ = coefficients if several else coefficients[0]
        self.intercept_ = free if several else float(free[0])

    def _rows(self, X: Any, who: str) -> tuple[Array, None]:
        return plain_rows(self, X, who)

    def _etas(self, matrix: Array, shifts: Array | None) -> Array:
        """The predictors, (K, n)."""
        return self._fit.design.predictors(matrix, shifts)

    def graph(self, row: Any, y: Any = None, offset: Any = 0.0) -> Value:
        """Return the graph of one observation, from its numbers and the weights to its loss, to draw and differentiate.

        `row`, `y` and `offset` are as in `GLM.graph`. The leaves are copies of the weights, under their names in `network_`.

        Raises IndexError for a row that is not there, TypeError and ValueError for what is no observation.

        >>> model = NeuralGLM(hidden=(2,), alpha=0.1, keep_rows=True).fit([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 0.0, 1.0])
        >>> model.graph(2).name
        'loss'
        """
        seen = observation(self, row, y, offset, self._who("graph"))
        design = self._fit.design
        return graph(self, seen, Network(design.names, copy.deepcopy(design.network), design.K).etas(seen.numbers))

    def _diagram_(self, x: Any, y: Any, loss: Any) -> Diagram:
        _ = self._found  # raises where there is no fit
        return diagram_of(self, copy.deepcopy(self.network_.layers), x, y, loss)


def _reason(history: History) -> str:
    """Why a run did not come to a minimum, and what to do."""
    if not history.stopped:
        return "the weights still move. Raise epochs or alpha, or set rows apart with validation"
    return (
        "no step makes the loss smaller, though its slope is not 0: as at a kink, or where means reach the edge of what they may be, "
        "or where large weights hide the slope. Raise alpha, or take an optimizer such as nn.optim.Adam"
    )


class AtRest:
    """Ends a run after a step that moved no parameter."""

    def __init__(self, parameters: Iterable[Value]) -> None:
        self.parameters, self.before = [*parameters], [nan]

    def __call__(self, history: History) -> bool:
        """Return whether the last step moved none."""
        before, self.before = self.before, [parameter.data for parameter in self.parameters]
        return before == self.before

    def __repr__(self) -> str:
        return "a step that moved nothing"
