"""Metrics, with scikit-learn's names and definitions: functions of what is true and what is predicted.

`fit(..., metrics=(accuracy_score,))` hands each what it takes: labels, probabilities, scores or numbers. scikit-learn's own functions go
there as well; one that takes probabilities is given as `of_probabilities(f)`, one that takes scores as `of_scores(f)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import compile

from .families import Family
from .families import resolved as resolved_family
from .links import Mean, identity
from .names import unwrapped

Array = Any
Metric = Callable[[Any, Any], Any]


def _pair(y_true: Any, y_pred: Any, who: str, weights: Any = None, alike: bool = True) -> tuple[Array, Array, Array]:
    """Both as arrays of equal length, `alike` also in what a row has, and weights."""
    true, pred = _column(y_true), _column(y_pred)
    if true.ndim == 0 or pred.ndim == 0:
        raise TypeError(f"{who} expects lists or arrays, got {type(y_true).__name__} and {type(y_pred).__name__}")
    if len(true) != len(pred):
        raise ValueError(f"{who} expects as many predictions as observations, got {len(pred)} for {len(true)}")
    if not len(true):
        raise ValueError(f"{who} expects at least one row, got none")
    if alike and true.shape != pred.shape:
        raise ValueError(
            f"{who} expects predictions of the shape of the observations, got {pred.shape} for {true.shape}"
        )
    w = np.ones(len(true)) if weights is None else np.asarray(weights, dtype=float)
    if len(w) != len(true):
        raise ValueError(f"{who} expects as many weights as observations, got {len(w)} for {len(true)}")
    return true, pred, w


def _column(x: Any) -> Array:
    """An array, one of a single column as that column."""
    array = np.asarray(x)
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def accuracy_score(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
    """Return the share of labels that are right.

    >>> accuracy_score([0, 1, 1, 1], [0, 1, 0, 1])
    0.75
    """
    true, pred, w = _pair(y_true, y_pred, "accuracy_score()", sample_weight)
    return float(np.average(true == pred, weights=w))


def confusion_matrix(y_true: Any, y_pred: Any) -> Array:
    """Return how many rows of each label (rows) were given each label (columns), the labels in their order.

    >>> confusion_matrix([0, 1, 1, 1], [0, 1, 0, 1]).tolist()
    [[1, 0], [1, 2]]
    """
    true, pred, _ = _pair(y_true, y_pred, "confusion_matrix()")
    labels, codes = np.unique(np.concatenate([true, pred]), return_inverse=True)
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, (codes[: len(true)], codes[len(true) :]), 1)
    return counts


def _rates(y_true: Any, y_pred: Any, average: str, pos_label: Any, who: str) -> tuple[Array, Array, Array]:
    """Right ones, predicted ones and true ones: of the positive label, of each label, or of all labels together."""
    true, pred, _ = _pair(y_true, y_pred, who)
    labels = np.unique(np.concatenate([true, pred]))
    if average not in ("binary", "macro", "micro", "weighted"):
        raise ValueError(f"{who} expects average to be 'binary', 'macro', 'micro' or 'weighted', got {average!r}")
    if average == "binary":
        if len(labels) > 2:
            raise ValueError(f"{who} got {len(labels)} labels: say average='macro', 'micro' or 'weighted'")
        labels = np.array([pos_label])
    right = np.array([((true == k) & (pred == k)).sum() for k in labels])
    given, there = (np.array([(x == k).sum() for k in labels]) for x in (pred, true))
    return (right.sum()[None], given.sum()[None], there.sum()[None]) if average == "micro" else (right, given, there)


def _averaged(top: Array, bottom: Array, there: Array, average: str) -> float:
    """The mean of ratios, 0 where there is nothing to divide by."""
    ratios = np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)
    return float(np.average(ratios, weights=there if average == "weighted" and there.any() else None))


def precision_score(y_true: Any, y_pred: Any, average: str = "binary", pos_label: Any = 1) -> float:
    """Return the share of those with the label among those that were given it; 0 if none was.

    Of several labels, "macro" is the mean over labels, "weighted" that by how many there are, "micro" that of all together.

    >>> precision_score([0, 1, 1, 1], [1, 1, 0, 1])
    0.6666666666666666
    """
    right, given, there = _rates(y_true, y_pred, average, pos_label, "precision_score()")
    return _averaged(right, given, there, average)


def recall_score(y_true: Any, y_pred: Any, average: str = "binary", pos_label: Any = 1) -> float:
    """Return the share of those that were given the label among those that have it; 0 if none has.

    >>> recall_score([0, 1, 1, 1], [1, 1, 0, 1])
    0.6666666666666666
    """
    right, _, there = _rates(y_true, y_pred, average, pos_label, "recall_score()")
    return _averaged(right, there, there, average)


def f1_score(y_true: Any, y_pred: Any, average: str = "binary", pos_label: Any = 1) -> float:
    """Return the harmonic mean of precision and recall; 0 if nothing is right.

    >>> f1_score([0, 1, 1, 1], [1, 1, 0, 1])
    0.6666666666666666
    """
    right, given, there = _rates(y_true, y_pred, average, pos_label, "f1_score()")
    return _averaged(2 * right, given + there, there, average)


def roc_auc_score(y_true: Any, y_score: Any) -> float:
    """Return the chance that a row of the second label has a larger score than one of the first, ties counting one half.

    Raises ValueError where there are not two labels.

    >>> roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from scipy.stats import rankdata

    true, score, _ = _pair(y_true, y_score, "roc_auc_score()")
    labels = np.unique(true)
    if len(labels) != 2:
        raise ValueError(f"roc_auc_score() expects two labels, got {len(labels)}")
    positive = true == labels[1]
    many, few = int(positive.sum()), int((~positive).sum())
    return float((rankdata(score)[positive].sum() - many * (many + 1) / 2) / (many * few))


def log_loss(y_true: Any, y_proba: Any) -> float:
    """Return the mean of -log of the probability of what is true; probabilities are kept from 0 and 1 by 2.2e-16, as scikit-learn does.

    `y_proba` has the probability of label 1 (n), or that of each label (n, K), the labels in their order.

    >>> round(log_loss([1, 0], [0.5, 0.5]), 6)
    0.693147
    """
    true, chances, _ = _pair(y_true, y_proba, "log_loss()", alike=False)
    if chances.ndim == 1:
        chances, true = np.stack([1.0 - chances, chances], 1), _second(true, "log_loss()")
    labels = np.unique(true)
    if len(labels) == chances.shape[1]:
        codes = np.searchsorted(labels, true)
    elif np.isin(true, range(chances.shape[1])).all():
        codes = true.astype(int)
    else:
        raise ValueError(f"log_loss() expects a probability for each of {len(labels)} labels, got {chances.shape[1]}")
    eps = np.finfo(float).eps
    return float(-np.log(np.clip(chances, eps, 1.0 - eps)[np.arange(len(true)), codes]).mean())


def brier_score_loss(y_true: Any, y_proba: Any) -> float:
    """Return the mean square of the probability of the second label minus 1 where it is true, minus 0 where it is not (Brier 1950).

    >>> brier_score_loss([1, 0], [0.5, 0.0])
    0.125
    """
    true, chances, _ = _pair(y_true, y_proba, "brier_score_loss()")
    return float(((chances - _second(true, "brier_score_loss()")) ** 2).mean())


def _second(true: Array, who: str) -> Array:
    """1 where the second of two labels is true; of numbers, that above 0."""
    labels = np.unique(true)
    if len(labels) > 2:
        raise ValueError(f"{who} expects two labels, got {len(labels)}")
    if true.dtype.kind in "biuf" and np.isin(labels, (-1, 0, 1)).all():
        return (true > 0).astype(int)
    return (true == labels[-1]).astype(int)


def mean_absolute_error(y_true: Any, y_pred: Any) -> float:
    """Return the mean of |y - prediction|.

    >>> mean_absolute_error([1.0, 2.0], [2.0, 4.0])
    1.5
    """
    true, pred, _ = _pair(y_true, y_pred, "mean_absolute_error()")
    return float(np.abs(true - pred).mean())


def mean_squared_error(y_true: Any, y_pred: Any) -> float:
    """Return the mean of (y - prediction)**2.

    >>> mean_squared_error([1.0, 2.0], [2.0, 4.0])
    2.5
    """
    true, pred, _ = _pair(y_true, y_pred, "mean_squared_error()")
    return float(((true - pred) ** 2).mean())


def root_mean_squared_error(y_true: Any, y_pred: Any) -> float:
    """Return the root of `mean_squared_error`; of several outputs the mean of their roots.

    >>> root_mean_squared_error([1.0, 2.0], [4.0, 5.0])
    3.0
    """
    true, pred, _ = _pair(y_true, y_pred, "root_mean_squared_error()")
    return float(np.sqrt(((true - pred) ** 2).mean(axis=0)).mean())


def r2_score(y_true: Any, y_pred: Any) -> float:
    """Return 1 - the sum of squared errors over that around the mean: 1 is perfect, 0 no better than the mean; of several outputs the
    mean. Of a constant y it is 1 if it is met, else 0.

    >>> r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """
    true, pred, _ = _pair(y_true, y_pred, "r2_score()")
    if len(true) < 2:
        return float("nan")
    wrong = np.atleast_1d(((true - pred) ** 2).sum(axis=0))
    around = np.atleast_1d(((true - true.mean(axis=0)) ** 2).sum(axis=0))
    shares = np.where(around > 0, 1.0 - wrong / np.where(around > 0, around, 1.0), np.where(wrong > 0, 0.0, 1.0))
    return float(shares.mean())


def deviance_explained(y_true: Any, mean: Any, family: str | Family = "gaussian") -> float:
    """Return 1 - deviance / deviance of the mean of y, by a family's deviance (scikit-learn's D2): R2 where it is Gaussian.

    >>> round(deviance_explained([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]), 12)
    0.5
    """
    known = resolved_family(family)
    true, pred, _ = _pair(y_true, mean, "deviance_explained()")

    deviance = compile(lambda y, mu: known.unit_deviance(y, Mean(mu, identity)), (0, 1), "sum", "numpy")
    y, means = true.astype(float), pred.astype(float)
    left, whole = float(deviance(y, means)), float(deviance(y, np.full(len(y), y.mean())))
    return 1.0 - left / whole if whole > 0.0 else float(left == 0.0)


TAKES: dict[Any, str] = {
    **dict.fromkeys(
        (mean_absolute_error, mean_squared_error, root_mean_squared_error, r2_score, deviance_explained), "scores"
    ),
    **dict.fromkeys((accuracy_score, confusion_matrix, precision_score, recall_score, f1_score), "labels"),
    roc_auc_score: "scores",
    log_loss: "probabilities",
    brier_score_loss: "probabilities",
}


def name_of(metric: Any) -> str:
    """Return what to call a metric: of a partial also its options.

    >>> from functools import partial
    >>> name_of(f1_score), name_of(partial(f1_score, average="macro"))
    ('f1_score', "f1_score(average='macro')")
    """
    plain = unwrapped(metric)
    name = getattr(plain, "__name__", type(plain).__name__)
    options = ", ".join(f"{key}={value!r}" for key, value in metric.keywords.items()) if plain is not metric else ""
    return f"{name}({options})" if options else name


class Asking:
    """A metric with what it takes."""

    def __init__(self, metric: Metric, takes: str) -> None:
        self.metric, self.takes = metric, takes
        self.__name__ = name_of(metric)

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        """Return what the metric says."""
        return self.metric(y_true, y_pred)


def of_probabilities(metric: Metric) -> Asking:
    """Return a metric that `fit` hands probabilities: of the second class (n), or of each class (n, K).

    >>> of_probabilities(log_loss).takes
    'probabilities'
    """
    return Asking(metric, "probabilities")


def of_scores(metric: Metric) -> Asking:
    """Return a metric that `fit` hands what the model gives.

    >>> of_scores(roc_auc_score).takes
    'scores'
    """
    return Asking(metric, "scores")


def takes(metric: Metric) -> str:
    """Return what a metric takes: "labels", "probabilities", or "scores", what the model gives.

    >>> takes(accuracy_score), takes(r2_score)
    ('labels', 'scores')
    """
    plain = unwrapped(metric)
    return plain.takes if isinstance(plain, Asking) else TAKES.get(plain, "labels")


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return [
        "accuracy_score", "brier_score_loss", "confusion_matrix", "deviance_explained", "f1_score", "log_loss", "mean_absolute_error",
        "mean_squared_error", "of_probabilities", "of_scores", "name_of", "precision_score", "r2_score", "recall_score", "roc_auc_score",
        "root_mean_squared_error", "takes",
    ]  # fmt: skip
