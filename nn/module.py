"""Module: what holds parameters, and finds them by walking its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from math import isfinite
from operator import itemgetter
from typing import Any

from autograd import Value

from . import storage
from .names import few

NOTHING: Any = object()  # stands for an argument that was not given


class Place(str):
    """A name that a module gave; a module that holds this one may give another."""

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

    remembered: tuple[str, ...] = ()  # the attributes with numbers, no parameters, that a saved model has too
    scope: str = ""  # its path from the module that was called
    _mark: str = ""  # the name that places a Value in the scope, made once
    _census: Census | None = None  # what it held when it named its parts

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = _placing(vars(cls)["__call__"])  # type: ignore[method-assign]

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

    def save(self, path: Any) -> None:
        """Write the parameters' numbers, and what modules remember, into a file: JSON with a checksum, written as a whole or not at all.

        Raises ValueError for a number that is nan or infinite.
        """
        state = self.state_dict()
        for name, number in state.items():
            if not isfinite(number):
                raise ValueError(f"save() expects finite numbers, got {number} for {name}")
        storage.write(path, "model", {"parameters": state, "remembered": dict(self._remembered())})

    def load(self, path: Any) -> None:
        """Set the parameters, and what modules remember, to what a file of `save` has: all of it or, on an error, nothing.

        The model is built first, as it was when it was saved. Raises ValueError for a file that is not a model's, is cut off or
        changed, or has other names.
        """
        content = storage.read(path, "model")
        own, notes = dict(self._remembered()), content["remembered"]
        if own.keys() != notes.keys():
            missing, extra = sorted(own.keys() - notes.keys()), sorted(notes.keys() - own.keys())
            raise ValueError(
                f"load() expects what this model remembers; missing: {few(missing) or 'none'}; extra: {few(extra) or 'none'}"
            )
        self.load_state_dict(content["parameters"])
        for path_to, module in list(_parts(self)):
            for name in getattr(module, "remembered", ()) if isinstance(module, Module) else ():
                setattr(module, name, notes[f"{path_to}.{name}" if path_to else name])

    def _remembered(self) -> Iterator[tuple[str, Any]]:
        """Yield what the modules say that they remember beside parameters, by its path."""
        for path, module in _parts(self):
            if isinstance(module, Module):
                yield from ((f"{path}.{name}" if path else name, getattr(module, name)) for name in module.remembered)

    def _name_parts(self) -> None:
        """Name what it holds, if that is not what it was when it named it last."""
        if self._census is not None and self._census.holds():
            return
        census = Census()
        object.__setattr__(self, "_census", census)
        for path, item in _parts(self):
            if type(item) is not Value:
                if isinstance(item, Module) and path:
                    object.__setattr__(item, "scope", path)
                    object.__setattr__(item, "_mark", f"{path}.")
                census.add(item)
            elif item.name is None or type(item.name) is Place:
                item.name = Place(path)


class Census:
    """What a module and all in it held when it named its parts, to be compared at its next call.

    Attributes that are, or may become, parts are compared, and lists and dicts that have parts. Of others only the length: of
    many plain numbers nobody wants to look at each.
    """

    def __init__(self) -> None:
        self.attributes: list[tuple[Callable[[Any], Any], dict[str, Any]]] = []
        self.values: list[Any] = []
        self.holders: list[Any] = []
        self.copies: list[Any] = []
        self.sized: list[Any] = []
        self.sizes: list[int] = []

    def __reduce__(self) -> Any:
        """Copied and pickled empty: a copy of a module looks at its parts anew."""
        return Census, ()

    def add(self, holder: Any) -> None:
        """Note what a module, a list, a tuple or a dict holds; of all at once, as another thread may change it."""
        if isinstance(holder, Module):
            attributes = vars(holder)
            keys = [key for key, part in dict.copy(attributes).items() if part is None or isinstance(part, HOLDERS)]
            if keys:
                get = itemgetter(*keys)
                self.attributes.append((get, attributes))
                self.values.append(get(attributes))
            holder = attributes
        elif not isinstance(holder, tuple) and any(isinstance(part, HOLDERS) for part in _contents(holder)):
            self.holders.append(holder)
            self.copies.append(dict.copy(holder) if isinstance(holder, dict) else [*holder])
        self.sized.append(holder)
        self.sizes.append(len(holder))

    def holds(self) -> bool:
        """Return whether all is still what it was."""
        try:
            return (
                bool(self.sized)
                and [get(attributes) for get, attributes in self.attributes] == self.values
                and self.holders == self.copies
                and [*map(len, self.sized)] == self.sizes
            )
        except Exception:  # arrays, a comparison of one's own, another thread at work: it is looked at anew
            return False


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
            elif isinstance(y, (list, tuple)) and not any(y is arg for arg in args):
                for part in y:
                    if type(part) is Value and part.name is None and part.op is not None:
                        part.name = mark
        return y

    return called


def _contents(holder: Any) -> list[Any]:
    """What a list, a tuple or a dict holds, at one moment: another thread may change it."""
    return [*(dict.copy(holder).values() if isinstance(holder, dict) else holder)]


def _parts(module: Module) -> Iterator[tuple[str, Any]]:
    """Yield each parameter, module, list, tuple and dict that a module holds once, and the module itself, with its path."""
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", module)]
    while pending:
        path, item = pending.pop()
        if id(item) in seen or (type(item) is Value and item.op is not None):
            continue
        seen.add(id(item))
        yield path, item
        if isinstance(item, Module):
            pairs = [
                (f"{path}.{key}" if path else key, part)
                for key, part in dict.copy(vars(item)).items()
                if isinstance(part, HOLDERS)
            ]
        elif isinstance(item, (list, tuple, dict)):
            keys = dict.copy(item).items() if isinstance(item, dict) else enumerate(item)
            pairs = [(f"{path}[{key!r}]", part) for key, part in keys if isinstance(part, HOLDERS)]
        else:
            continue
        pending += pairs[::-1]


HOLDERS = (Value, Module, list, tuple, dict)
