"""A step's loss and gradient by graphs: what is compiled otherwise, one row after the other, to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value, no_grad


class Eager:
    """Loss and gradient over rows, called as what is compiled: with the parameters' numbers and the data."""

    def __init__(
        self,
        loss: Callable[..., Any],
        parameters: Sequence[Value],
        rows: int | Iterable[int],
        reduce: str,
        has_aux: bool,
    ) -> None:
        self.loss, self.leaves, self.reduce, self.has_aux = loss, list(parameters), reduce, has_aux
        self.rows = frozenset([rows] if isinstance(rows, int) else rows)

    def numbers(self) -> list[float]:
        """Return the numbers that the parameters have now."""
        return [leaf.data for leaf in self.leaves]

    def give(self, numbers: list[float]) -> None:
        """Give the parameters these numbers."""
        for leaf, number in zip(self.leaves, numbers, strict=True):
            leaf.data = number

    def __call__(self, numbers: Any, *data: Any) -> Any:
        """Return loss, with `has_aux` what goes with it, and gradient, in one array; parameters keep their `.grad`."""
        import numpy as np

        before, grads = self.numbers(), [leaf.grad for leaf in self.leaves]
        self.give(np.asarray(numbers).tolist())
        try:
            for leaf in self.leaves:
                leaf.grad = 0.0
            count = len(data[min(self.rows)])
            scale = 1.0 / count if self.reduce == "mean" else 1.0
            columns = [_rows(x) if k in self.rows else [x] * count for k, x in enumerate(data)]
            value = aux = 0.0
            for row in zip(*columns, strict=True):  # one graph at a time: each is freed before the next
                result = self.loss(*row)
                loss, more = result if self.has_aux else (result, 0.0)
                value, aux = value + _number(loss), aux + _number(more)
                if type(loss) is Value:
                    loss.backward(scale)
            gradient = [leaf.grad for leaf in self.leaves]
        finally:
            self.give(before)
            for leaf, grad in zip(self.leaves, grads, strict=True):
                leaf.grad = grad
        return np.array([value * scale, *([aux * scale] if self.has_aux else []), *gradient])


def means(f: Callable[..., Any], *data: Any) -> float:
    """Return the mean of a function over rows, without derivatives."""
    with no_grad():
        numbers = [_number(f(*row)) for row in zip(*map(_rows, data), strict=True)]
    return sum(numbers) / len(numbers)


def _rows(x: Any) -> Any:
    """Rows as plain numbers and lists."""
    return x.tolist() if hasattr(x, "tolist") else x


def _number(x: Any) -> float:
    return x.data if type(x) is Value else float(x)
