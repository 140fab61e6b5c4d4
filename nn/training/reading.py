"""What a model's outputs mean, as its loss says: labels, probabilities, scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Value, compile, errstate, no_grad

from .. import losses, metrics
from ..losses.outputs import NUMBERS, Reading
from ..names import unwrapped

Array = Any


def of(loss: Any) -> Reading:
    """Return what the table of losses says of a loss's predictions; numbers where it is not in there."""
    return losses.READINGS.get(unwrapped(loss), NUMBERS)


def labels(loss: Any, outputs: Array, y: Array) -> Array:
    """Return the labels that outputs stand for, in the coding of y; the outputs where the loss is of numbers."""
    reading = of(loss)
    if not reading.labels:
        return outputs
    if reading.several:
        return outputs.argmax(axis=1)
    low = -1.0 if reading.link is None or (y == -1.0).any() else 0.0
    return np.where(outputs > reading.middle, 1.0, low)


def probabilities(loss: Any, outputs: Array) -> Array:
    """Return the probability of the second class, or of each class. Raises ValueError where the loss is of no probabilities."""
    link = of(loss).link
    if link is None:
        name = getattr(unwrapped(loss), "__name__", loss)
        raise ValueError(f"fit() has no probabilities for metrics: the loss is {name}")
    if link.several:
        return np.stack(compile(lambda etas: list(link.inverse(list(etas))), rows=0)(outputs), axis=1)
    return np.asarray(compile(lambda eta: 1.0 * link.inverse(eta), rows=0)(outputs))


def truth(loss: Any, y: Array) -> Array:
    """Return observations as labels, where the loss is of labels."""
    if not of(loss).several:
        return y
    return y.argmax(axis=1) if y.ndim > 1 else y.astype(int)


def check_metric(loss: Any, metric: Any, who: str) -> None:
    """Raise ValueError for a metric of labels or probabilities, where the loss does not tell how to make them."""
    kind = metrics.takes(metric)
    if kind == "probabilities" and of(loss).link is None:
        probabilities(loss, np.zeros(1))
    if kind == "labels" and metric in metrics.TAKES and not of(loss).labels:
        name = getattr(unwrapped(loss), "__name__", "of your own")
        raise ValueError(
            f"{who} cannot make labels for {metrics.name_of(metric)}: the loss is {name}; see nn.metrics.of_scores"
        )


def check_targets(loss: Callable[[Any, Any], Any], prediction: Any, rows: Any, who: str) -> None:
    """Raise the loss's own error for the first target that it refuses, with the row.

    A target that is refused gives nan in a compiled loss: so all rows are looked at, at once, beside a prediction that fits all losses.
    """
    if unwrapped(loss) not in losses.READINGS:
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
    reading = of(loss)
    link = reading.link
    if link is None or not reading.logits:
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
        name = getattr(unwrapped(loss), "__name__", "the loss")
        warnings.warn(
            f"fit() found that the model's outputs are probabilities already, and {name} applies the inverse of the link {link.name} once more: leave the "
            f"last activation out, or take {name.removesuffix('_with_logits')}",
            UserWarning,
            stacklevel=4,
        )


def _number(x: Any) -> float:
    return x.data if type(x) is Value else float(x)
