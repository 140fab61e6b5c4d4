"""Module: what holds parameters, and finds them by walking its attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from math import isfinite
from typing import Any

from autograd import Value

from .names import few


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

    An attribute's place names what it holds, so that pictures tell one weight from another: `layer0/neuron3/w1`. A name of
    your own stays, behind the module's `scope`, which is layer0/neuron3. What the module returns, unless it has a name, is
    placed in its scope by the name `layer0/neuron3/`.

    >>> class Pair(Module):
    ...     def __init__(self):
    ...         self.lines = [Line(), Line()]
    ...     def __call__(self, x):
    ...         return self.lines[1](self.lines[0](x))
    >>> pair = Pair()
    >>> pair.lines[1].slope.name, pair(3.0).name
    ('line1/slope', 'line1/')
    """

    scope: str = ""
    _mark: str = ""  # what places a Value in the scope, made once

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = _placing(vars(cls)["__call__"])  # type: ignore[method-assign]

    def __setattr__(self, name: str, item: Any) -> None:
        object.__setattr__(self, name, item)
        if isinstance(item, HOLDERS):
            _name_all(item, self.scope, name)

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
            raise ValueError(
                "load_state_dict() expects the names of state_dict(); "
                f"missing: {few(missing) or 'none'}; extra: {few(extra) or 'none'}"
            )
        for name, number in state.items():
            if not isfinite(Value(number).data):
                raise ValueError(f"load_state_dict() expects finite numbers, got {number} for {name}")
        for name, parameter in parameters.items():
            parameter.data = state[name]

    def _place(self, y: Any) -> None:
        """Say of a Value that the module returns that it belongs to its scope."""
        if self._mark and type(y) is Value and y.name is None and y.op is not None:
            y.name = self._mark


PLURAL = re.compile(r"(?<=[b-hj-rtvwxyz])s$")  # of layers, weights, gates; not of bias, loss, axis, s
HOLDERS = (Value, Module, list, tuple, dict)


def _placing(call: Callable[..., Any]) -> Callable[..., Any]:
    """A module's `__call__` that places its outputs."""

    @wraps(call)
    def called(self: Module, *args: Any, **kwargs: Any) -> Any:
        outputs = call(self, *args, **kwargs)
        if not any(outputs is arg for arg in args):  # what only passes through is not its own
            for y in outputs if isinstance(outputs, (list, tuple)) else (outputs,):
                self._place(y)
        return outputs

    return called


def _name_all(item: Any, scope: str, name: str) -> None:
    """Name every parameter and module in an attribute by its place: items of `layers` are layer0, layer1, ..."""
    seen: set[int] = set()
    pending: list[tuple[Any, str, str]] = [(item, scope, name)]
    while pending:
        item, scope, name = pending.pop()
        if not isinstance(item, HOLDERS) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, Value):
            if item.op is None:
                own = item.name.rpartition("/")[2] if item.name else ""
                item.name = _joined(scope, own or name)
        elif isinstance(item, Module):
            inner = _joined(scope, name)
            object.__setattr__(item, "scope", inner)
            object.__setattr__(item, "_mark", f"{inner}/")
            pending += [(part, inner, key) for key, part in vars(item).items() if isinstance(part, HOLDERS)]
        elif isinstance(item, dict):
            pending += [(part, _joined(scope, name), str(key)) for key, part in item.items()]
        else:
            base = f"{name}_" if name[-1:].isdigit() else PLURAL.sub("", name)
            pending += [(part, scope, f"{base}{i}") for i, part in enumerate(item)]


def _joined(scope: str, name: str) -> str:
    return f"{scope}/{name}" if scope else name


def _parts(item: Any) -> list[tuple[Any, Any]]:
    if isinstance(item, Module):
        return list(vars(item).items())
    return list(item.items()) if isinstance(item, dict) else list(enumerate(item))
