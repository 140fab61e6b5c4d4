"""Functions whose derivatives somebody else computes: written by hand, or SciPy's. PyTorch's and JAX's: engines.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Foreign:
    """A function of numbers and arrays with the gradient that goes with it, as `check_grads` takes it.

    >>> from autograd import check_grads
    >>> square = Foreign(lambda x: x * x, lambda x: 2.0 * x)
    >>> check_grads(square, (3.0,)).compared
    1
    """

    def __init__(self, function: Callable[..., Any], gradient: Callable[..., Any], name: str = "") -> None:
        self.function, self.gradient = function, gradient
        self.__name__ = name or getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any) -> Any:
        """Return the function's value."""
        return self.function(*args)


def from_scipy(fun: Callable[..., Any], jac: Callable[..., Any] | bool, args: Any = ()) -> Foreign:
    """Return a function and its `jac` as scipy.optimize takes them: a function, or True where `fun` returns both.

    `args`, one or a tuple, are handed on behind x, as SciPy does; x should be an array, as it is there.

    Raises TypeError for a `jac` that is no derivative, such as "2-point".

    >>> import numpy as np
    >>> from autograd import check_grads
    >>> from scipy.optimize import rosen, rosen_der
    >>> check_grads(from_scipy(rosen, rosen_der), (np.array([1.3, 0.7, 0.8]),)).compared
    3
    """
    name = getattr(fun, "__name__", type(fun).__name__)
    more = tuple(args) if isinstance(args, (list, tuple)) else (args,)
    if jac is True:
        return Foreign(lambda x: fun(x, *more)[0], lambda x: fun(x, *more)[1], name)
    if not callable(jac):
        raise TypeError(f"from_scipy() expects jac to be a function, or True where fun returns both, got {jac!r:.60}")
    derivative = jac
    return Foreign(lambda x: fun(x, *more), lambda x: derivative(x, *more), name)
