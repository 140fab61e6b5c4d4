"""Module: what holds parameters, and finds them by walking its attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from autograd import Value


class Module:
    """The base of whatever has parameters: an attribute that is a leaf Value, or a Module, or a list, tuple or dict of
    them, belongs to it.

    >>> from autograd import Value
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data, line.state_dict()
    (7.0, {'slope': 2.0, 'offset': 1.0})
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter once with its name, the path to it, such as layers.0.neurons.2.w.1."""
        seen: set[Any] = set()
        pending: list[tuple[str, Any]] = [("", self)]
        while pending:
            path, item = pending.pop()
            if type(item) is Value:
                if item.op is None and item not in seen:
                    seen.add(item)
                    yield path, item
                continue
            if isinstance(item, (Module, list, tuple, dict)) and id(item) not in seen:
                seen.add(id(item))
                prefix = path and path + "."
                pending += [(f"{prefix}{key}", part) for key, part in reversed(_parts(item))]

    def parameters(self) -> list[Value]:
        """Return the parameters, each once, in the order in which the attributes were set."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of each parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Return the parameters' numbers by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the parameters to the numbers of a `state_dict()`, all of them or, on an error, none.

        Raises ValueError for a name that is missing or not known, and for a number that is nan or infinite, TypeError
        for what is no number.
        """
        parameters = dict(self.named_parameters())
        missing, extra = sorted(parameters.keys() - state.keys()), sorted(state.keys() - parameters.keys())
        if missing or extra:
            raise ValueError(f"load_state_dict() expects the names of state_dict(); missing: {missing}, extra: {extra}")
        for name, number in state.items():
            if not isfinite(Value(number).data):
                raise ValueError(f"load_state_dict() expects finite numbers, got {number} for {name}")
        for name, parameter in parameters.items():
            parameter.data = state[name]


def _parts(item: Any) -> list[tuple[Any, Any]]:
    if isinstance(item, Module):
        return list(vars(item).items())
    return list(item.items()) if isinstance(item, dict) else list(enumerate(item))
