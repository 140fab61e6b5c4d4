"""Module: what holds parameters, and finds them by walking its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from itertools import chain
from math import isfinite
from typing import Any

from autograd import Value

from .names import few

NOTHING: Any = object()  # stands for an argument that was not given


class Place(str):
    """A name that a module gave: the next module that names may replace it."""

    __slots__ = ()


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

    When a module is called, it names its parameters by their paths as Python writes them, so that pictures, errors and
    `state_dict()` all say `layers[0].neurons[3].w[1]`. A name of your own stays. The modules on the way are the scopes that
    pictures draw frames around: `layers[0]`, and in it `layers[0].neurons[3]`. What a module returns is placed in its scope, by
    a name that ends in a point.

    >>> class Pair(Module):
    ...     def __init__(self):
    ...         self.lines = [Line(), Line()]
    ...     def __call__(self, x):
    ...         return self.lines[1](self.lines[0](x))
    >>> pair = Pair()
    >>> y = pair(3.0)
    >>> pair.lines[1].slope.name, pair.lines[1].scope, y.name
    ('lines[1].slope', 'lines[1]', 'lines[1].')
    """

    __slots__ = ("__dict__", "__weakref__", "_mark", "_seen", "scope")

    scope: str  # its path from the module that was called
    _mark: str  # the name that places a Value in the scope, made once
    _seen: tuple[list[Any], list[Any]] | None  # what it held when it named its parts, in views and as it was

    def __new__(cls, *_: Any, **__: Any) -> Any:
        """A module that nobody has named yet."""
        made = object.__new__(cls)
        made.scope, made._mark, made._seen = "", "", None
        return made

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = _placing(vars(cls)["__call__"])  # type: ignore[method-assign]

    def __getstate__(self) -> dict[str, Any]:
        """Copied and pickled with its attributes: who calls the copy names its parts."""
        return vars(self)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter once with the path to it, such as layers[0].neurons[2].w[1]."""
        return ((path, item) for path, item in _parts(self) if type(item) is Value)

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

    def _name_parts(self) -> None:
        """Name what it holds, if that is not what it was when it named it last."""
        if self._seen is not None:
            try:
                if [*chain.from_iterable(self._seen[0])] == self._seen[1]:
                    return
            except ValueError:  # of arrays among its attributes nobody can say whether they are the same
                pass
        views: list[Any] = []
        for path, item in _parts(self):
            if type(item) is Value:
                if item.name is None or type(item.name) is Place:
                    item.name = Place(path)
                continue
            views.append(item if isinstance(item, (list, tuple)) else _mapping(item).values())
            if isinstance(item, Module) and path:
                item.scope, item._mark = path, f"{path}."
        self._seen = views, [*chain.from_iterable(views)]


def _placing(call: Callable[..., Any]) -> Callable[..., Any]:
    """A module's `__call__` that names what it holds, if no other module has done so, and places its outputs.

    A call with one argument, as nearly all are, takes a short way.
    """

    @wraps(call)
    def called(self: Module, x: Any = NOTHING, /, *args: Any, **kwargs: Any) -> Any:
        mark = self._mark
        if not mark:
            self._name_parts()
        if args or kwargs or x is NOTHING:
            args = args if x is NOTHING else (x, *args)
            y = call(self, *args, **kwargs)
        else:
            y = call(self, x)
        if mark and y is not x:  # what only passes through is not its own
            if type(y) is Value:
                if y.name is None and y.op is not None and not (args and any(y is arg for arg in args)):
                    y.name = mark
            elif isinstance(y, (list, tuple)):
                for part in y:
                    if type(part) is Value and part.name is None and part.op is not None:
                        part.name = mark
        return y

    return called


def _mapping(holder: Any) -> dict[Any, Any]:
    """The parts of a module or a dict by their names."""
    return holder if isinstance(holder, dict) else vars(holder)


def _parts(module: Module) -> Iterator[tuple[str, Any]]:
    """Yield each parameter, module, list, tuple and dict that a module holds once, and the module itself, with its path."""
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", module)]
    while pending:
        path, item = pending.pop()
        if id(item) in seen:
            continue
        if type(item) is Value:
            if item.op is None:
                seen.add(id(item))
                yield path, item
        elif isinstance(item, (Module, list, tuple, dict)):
            seen.add(id(item))
            yield path, item
            if isinstance(item, Module):
                parts = [(f"{path}.{name}" if path else name, part) for name, part in vars(item).items()]
            else:
                keys = item.items() if isinstance(item, dict) else enumerate(item)
                parts = [(f"{path}[{key!r}]", part) for key, part in keys]
            pending += reversed(parts)
