"""Terms of a GAM that a person writes down: a function of one feature, with parameters that the fit finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import Parameter, signature
from math import inf
from numbers import Real
from reprlib import repr as short
from typing import Any, ClassVar, NamedTuple

import numpy as np

from autograd import compile, grad, hessian, jvp

from ..names import few, positive_int
from .terms import Array, Piece, Term, column_of

SPREAD = 10.0  # by how much a start may be larger or smaller than the first, where no bounds say it


@dataclass(frozen=True)
class Curve(Term):
    """A function with parameters; see `fn`."""

    column: str | int
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    init: Any
    bounds: tuple[tuple[float, float], ...]
    starts: int = 1
    called: str | None = None
    kind: ClassVar[str] = "fn"

    def made(self, x: Array, who: str, weights: Array | None = None, order: Array | None = None) -> Piece:
        """Return it for rows; its columns are known only once its parameters are."""
        names = [f"{self.name}.{parameter}" for parameter in self.parameters]
        return Piece(self, names, inside=(float(x.min()), float(x.max())))

    def columns(self, piece: Piece, x: Array, who: str) -> Array:
        """Return its derivatives by its parameters, where the piece stands."""
        slopes = over_rows(self.function).slopes(list(piece.at), x)
        return np.stack([np.broadcast_to(slope, len(x)) for slope in slopes], axis=1)

    def share(self, piece: Piece, x: Array, coefficients: Array, who: str) -> Array:
        """Return its values."""
        return np.array(np.broadcast_to(over_rows(self.function).value(list(coefficients), x), len(x)))

    def rise(self, piece: Piece, x: Array, coefficients: Array) -> Array:
        """Return its derivative by the feature."""
        return np.array(np.broadcast_to(over_rows(self.function).rise(list(coefficients), x), len(x)))

    def node(self, piece: Piece, x: Any, leaves: Sequence[Any], who: str) -> Any:
        """Return its value for one number, as a graph."""
        return self.function(float(x), *leaves)

    def bend(self, parameters: Array, x: Array, weights: Array) -> Array:
        """Return the weighted sum over numbers of its second derivatives by its parameters."""
        count = len(self.parameters)
        rows = over_rows(self.function).bend(list(parameters), x, weights)
        return np.array(rows, dtype=float).reshape(count, count)

    def second(self, parameters: Array, step: Array, x: Array) -> Array:
        """Return its second derivative along a step of its parameters."""
        return np.broadcast_to(over_rows(self.function).second(list(parameters), list(step), x), len(x))

    def starting(self, x: Array, y: Array, who: str) -> Array:
        """Return where the search for its parameters starts, (starts, k): at `init`, and at points that are spread between the bounds, or
        up to ten times above and below `init`.

        Raises ValueError where `init` is not as many finite numbers within the bounds.
        """
        from scipy.stats.qmc import Halton

        first = self.init(x, y) if callable(self.init) else self.init
        numbers = [float(number) if isinstance(number, Real) else inf for number in np.ravel(first).tolist()]
        low, high = np.array(self.bounds).T
        count = len(self.parameters)
        if len(numbers) != count or not np.isfinite(numbers).all() or (numbers < low).any() or (numbers > high).any():
            within = f" within {few([list(pair) for pair in self.bounds])}" if np.isfinite([low, high]).any() else ""
            raise ValueError(
                f"{who} expects init of {self.name} to be {count} finite numbers{within}, for {few(self.parameters)}, got {short(numbers)}"
            )
        shares = Halton(count, rng=0).random(self.starts - 1)
        start = np.array(numbers)
        wide = np.where(start == 0.0, 2.0 * shares - 1.0, start * SPREAD ** (2.0 * shares - 1.0))
        known = np.isfinite(low) & np.isfinite(high)
        between = np.where(known, low, 0.0) + shares * np.where(known, high - low, 0.0)
        return np.clip(np.vstack([start, np.where(known, between, wide)]), low, high)


class OverRows(NamedTuple):
    """A function of a number and parameters over rows of numbers, and its derivatives: by the parameters, by the number, the weighted sum of
    second ones, and the second one along a step.
    """

    value: Any
    slopes: Any
    rise: Any
    bend: Any
    second: Any


@lru_cache(maxsize=64)
def over_rows(function: Callable[..., Any]) -> OverRows:
    """Return a function and its derivatives, compiled over rows; the same ones for each fit."""

    def at(c: Any, x: Any) -> Any:
        return function(x, *c)

    def bend(c: Any, x: Any, weight: Any) -> Any:
        return [weight * second for row in hessian(at)(c, x) for second in row]

    def second(c: Any, step: Any, x: Any) -> Any:
        return jvp(lambda a: jvp(lambda b: at(b, x), (a,), (step,))[1], (c,), (step,))[1]

    return OverRows(
        compile(at, rows=1), compile(grad(at), rows=1), compile(grad(at, 1), rows=1), compile(bend, rows=(1, 2), reduce="sum"),
        compile(second, rows=2),
    )  # fmt: skip


def fn(
    column: str | int, function: Callable[..., Any], init: Any, bounds: Sequence[tuple[float | None, float | None] | None] | None = None,
    starts: int = 1, name: str | None = None,
) -> Curve:  # fmt: skip
    """Return a function of a feature with parameters that the fit finds, with standard errors, beside all else.

    `function(x, a, b, ...)` takes the feature and the parameters, by any names, and is written with the functions of `autograd`. `init`
    has a number for each parameter, from which the search starts, or is a function of the rows, `init(x, y)`, that returns them. `bounds`
    has for each parameter its lowest and highest number, None for none. With several `starts` the search begins at so many points, and the
    best end is taken. What has a default in the function is no parameter. `name` is what the term is called, fn(column) where there is
    none; of two functions of one column one needs it. The function is not centred: where it can be a constant, leave the intercept out
    with `GAM(..., fit_intercept=False)`.

    Source: Bates and Watts, Nonlinear Regression Analysis and Its Applications, 1988.

    Raises TypeError and ValueError for what is no such function, and for options that are none.

    >>> from autograd import exp
    >>> fn("hours", lambda x, a, b: a * exp(b * x), init=(1.0, -0.1)).parameters
    ('a', 'b')
    """
    who = "fn()"
    column = column_of(column, who)
    if not callable(function):
        raise TypeError(f"{who} expects a function of the feature and its parameters, got {type(function).__name__}")
    plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    given = list(signature(function).parameters.values())
    names = tuple(p.name for p in given[1:] if p.default is p.empty)
    if not names or any(p.kind not in plain for p in given):
        raise ValueError(
            f"{who} expects a function such as lambda x, a, b: ..., got the arguments {few([p.name for p in given]) or 'none'}"
        )
    if not callable(init) and len(np.ravel(np.asarray(init, dtype=object))) != len(names):
        raise ValueError(
            f"{who} expects init to have a number for each of {few(names)}, or to be a function of x and y, got {short(init)}"
        )
    free: Any = [None] * len(names) if bounds is None else bounds
    pairs = [
        (None, None) if pair is None else tuple(np.ravel(np.asarray(pair, dtype=object)))
        for pair in np.atleast_1d(np.asarray(free, dtype=object)).tolist()
    ]
    if len(pairs) != len(names) or any(len(pair) != 2 for pair in pairs):
        raise ValueError(
            f"{who} expects bounds to have a pair of numbers for each of {few(names)}, got {short(bounds)}"
        )
    limits = tuple((-inf if low is None else float(low), inf if high is None else float(high)) for low, high in pairs)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"{who} expects a string as name, got {type(name).__name__}")
    for parameter, (low, high) in zip(names, limits, strict=True):
        if not low < high:
            raise ValueError(
                f"{who} expects the lower bound of {parameter} below the upper one, got {low:g} and {high:g}"
            )
    own = init if callable(init) else tuple(np.ravel(init).tolist())
    return Curve(column, function, names, own, limits, positive_int(starts, who, "starts"), name)
