"""What a model's outputs mean, as its loss says: labels, probabilities, scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import Value, compile, errstate, no_grad

from .. import losses, metrics
from ..links import Link, logit, softmax

Array = Any

LINKS: dict[Any, Link] = {losses.binary_cross_entropy_with_logits: logit, losses.cross_entropy_with_logits: softmax}
BINARY = (losses.binary_cross_entropy, losses.binary_cross_entropy_with_logits)
SEVERAL = (losses.cross_entropy, losses.cross_entropy_with_logits)
MARGINS = (losses.hinge, losses.squared_hinge)


def plain(loss: Any) -> Any:
    """Return the loss within partials of it."""
    while isinstance(loss, partial):
        loss = loss.func
    return loss


def labels(loss: Any, outputs: Array, y: Array) -> Array:
    """Return the labels that outputs stand for, in the coding of y; the outputs where the loss is of numbers."""
    kind = plain(loss)
    if kind in SEVERAL:
        return outputs.argmax(axis=1)
    if kind in MARGINS or kind in BINARY:
        middle = 0.5 if kind is losses.binary_cross_entropy else 0.0
        low = -1.0 if kind in MARGINS or (y == -1.0).any() else 0.0
        return np.where(outputs > middle, 1.0, low)
    return outputs


def probabilities(loss: Any, outputs: Array) -> Array:
    """Return the probability of the second class, or of each class. Raises ValueError where the loss is of no probabilities."""
    kind = plain(loss)
    if kind not in BINARY + SEVERAL:
        raise ValueError(f"fit() has no probabilities for metrics: the loss is {getattr(kind, '__name__', kind)}")
    if kind is losses.binary_cross_entropy_with_logits:
        return np.exp(-np.logaddexp(0.0, -outputs))
    if kind is losses.cross_entropy_with_logits:
        shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)
    return outputs


def truth(loss: Any, y: Array) -> Array:
    """Return observations as labels, where the loss is of labels."""
    kind = plain(loss)
    if kind in SEVERAL:
        return y.argmax(axis=1) if y.ndim > 1 else y.astype(int)
    return y


def check_metric(loss: Any, metric: Any, who: str) -> None:
    """Raise ValueError for a metric of labels or probabilities, where the loss does not tell how to make them."""
    kind = metrics.takes(metric)
    if kind == "probabilities":
        probabilities(loss, np.full((1, 2), 0.5))
    if kind == "labels" and metric in metrics.TAKES and plain(loss) not in BINARY + SEVERAL + MARGINS:
        name = getattr(plain(loss), "__name__", "of your own")
        raise ValueError(
            f"{who} cannot make labels for {metrics.name_of(metric)}: the loss is {name}; see nn.metrics.of_scores"
        )


def check_targets(loss: Callable[[Any, Any], Any], prediction: Any, rows: Any, who: str) -> None:
    """Raise the loss's own error for the first target that it refuses, with the row.

    A target that is refused gives nan in a compiled loss: so all rows are looked at, at once, beside a prediction that fits all losses.
    """
    if plain(loss) not in losses.LOSSES.values():
        return
    count = len(prediction) if hasattr(prediction, "__len__") else 0
    fair = [1.0 / count] * count if count else 0.5
    for part, places in zip(rows.parts, rows.places, strict=True):
        kinds, first = np.unique(part.y, axis=0, return_index=True)
        with errstate("ignore"):
            found = compile(lambda y: loss(fair, y), rows=0, backend="numpy")(kinds)
        for k in np.sort(first[np.isnan(found)]):
            try:
                loss(fair, part.y[k].tolist())
            except (TypeError, ValueError) as error:
                raise type(error)(f"{who}: {error} in row {places[k]} of y") from None


def check_last_activation(loss: Any, model: Callable[[Any], Any], rows: list[Any]) -> None:
    """Warn where a loss of logits is given what is a probability already."""
    link = LINKS.get(plain(loss))
    if link is None:
        return
    with errstate("ignore"):
        outputs = [model(row) for row in rows]
    if link.several:
        with no_grad():
            tables = [[_number(part) for part in output] for output in outputs if hasattr(output, "__len__")]
        doubled = bool(tables) and all(min(t) >= 0.0 and abs(sum(t) - 1.0) < 1e-9 for t in tables)
    else:
        last = link.inverse(Value(0.0)).op
        doubled = all(type(output) is Value and output.op is last for output in outputs)
    if doubled:
        name = getattr(plain(loss), "__name__", "the loss")
        warnings.warn(
            f"fit() found that the model's outputs are probabilities already, and {name} applies the inverse of the link {link.name} once more: leave the "
            f"last activation out, or take {name.removesuffix('_with_logits')}",
            UserWarning,
            stacklevel=4,
        )


def _number(x: Any) -> float:
    return x.data if type(x) is Value else float(x)
