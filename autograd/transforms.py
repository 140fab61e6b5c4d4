"""Derivatives as functions: grad, jacobian, hessian, and the products that forward and reverse mode give.

`grad` and the others return numbers; where the function also depends on Values from outside, such as the arguments of another
derivative that is being taken, they return Values, which can be differentiated again. See recording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from itertools import accumulate, islice
from typing import Any

from .recording import Array, Recording, name_of, record
from .trees import Branch, Form, Leaf, size_of
from .wanted import Argnums, check_leaves, checked_rates, indices, matching, positions

Finish = Callable[[Any, Callable[..., Any], str], Any]


class _Derived:
    """A function of f's arguments that records f and hands the recording on, with what picks by argnums."""

    def __init__(self, who: str, f: Callable[..., Any], argnums: Argnums, wrt: Any, finish: Finish) -> None:
        if not callable(f):
            raise TypeError(f"{who} expects a function, got {type(f).__name__}")
        if wrt is not None:
            check_leaves(wrt, who)
        update_wrapper(self, f, updated=())
        self.who, self.f, self.wrt, self.finish = who, f, wrt, finish
        self.argnums = indices(argnums, who)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        places = positions(self.argnums, len(args), self.who) if self.wrt is None else ()
        recording = record(self.f, args, places, kwargs, () if self.wrt is None else self.wrt)
        single = self.wrt is not None or isinstance(self.argnums, int)
        return self.finish(recording, _first if single else tuple, self.who)

    def __repr__(self) -> str:
        return f"{self.who[:-1]}{name_of(self.f)[:-2]})"


def _first(parts: Sequence[Any]) -> Any:
    return parts[0]


def _gradient(recording: Recording, pick: Callable[..., Any], who: str) -> Any:
    recording.scalar(who)
    return pick(recording.gradient([1.0]))


def _value_and_gradient(recording: Recording, pick: Callable[..., Any], who: str) -> Any:
    recording.scalar(who)
    return recording.value(), pick(recording.gradient([1.0]))


def _with_aux(recording: Recording, pick: Callable[..., Any], who: str) -> tuple[Any, Any, Any]:
    """Value, what goes with it and gradient, of a function that returns a pair."""
    head = (*recording.result.parts, 0)
    if not (type(head[0]) is Branch and head[0].kind is tuple and head[0].size == 2 and head[1] is None):
        raise TypeError(f"{who} with has_aux expects a function that returns a pair, one number and what goes with it")
    return *recording.value(), pick(recording.gradient([1.0, *[0.0] * (len(recording.outputs) - 1)]))


def _gradient_with_aux(recording: Recording, pick: Callable[..., Any], who: str) -> Any:
    return _with_aux(recording, pick, who)[:0:-1]


def _value_and_gradient_with_aux(recording: Recording, pick: Callable[..., Any], who: str) -> Any:
    value, aux, gradient = _with_aux(recording, pick, who)
    return (value, aux), gradient


def _jacobian(recording: Recording, pick: Callable[..., Any], who: str) -> Any:
    size = len(recording.outputs)
    rows = [recording.pull([float(i == j) for j in range(size)]) for i in range(size)]
    widths = [sum(map(size_of, form.leaves)) for form in recording.forms]
    starts = [0, *accumulate(widths)]

    def by_arguments(output: Leaf, block: list[list[Any]]) -> Any:
        """The derivatives of a leaf of the result, given its rows of the matrix, in the form of the arguments."""
        return pick(
            [
                _blocks(form, output, [row[start : start + width] for row in block], recording.array)
                for form, start, width in zip(recording.forms, starts, widths, strict=False)
            ]
        )

    each = iter(rows)
    leaves = recording.result.leaves
    return recording.result.assembled(by_arguments(leaf, list(islice(each, size_of(leaf)))) for leaf in leaves)


def _blocks(form: Form, output: Leaf, rows: list[list[Any]], array: Array) -> Any:
    """The derivatives of a leaf by an argument of this form: an array of shape output + leaf for each leaf, or a number."""
    blocks = []
    column = 0
    for leaf in form.leaves:
        after = column + size_of(leaf)
        numbers = [d for row in rows for d in row[column:after]]
        blocks.append(numbers[0] if leaf is output is None else array(numbers, (output or ()) + (leaf or ())))
        column = after
    return form.assembled(blocks)


def grad(f: Callable[..., Any], argnums: Argnums = 0, *, wrt: Any = None, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that computes the gradient of f.

    `argnums` says by which positional argument, or by which ones (the result is then a tuple). Arguments are numbers,
    Values, or nested lists, tuples, dicts and arrays of them, and the gradient has the form of the argument. With `wrt`
    the derivative is by leaf Values that f closes over, such as a model's parameters, in the form of `wrt`. f must
    return one number. The result is numbers; where f also depends on other Values, it is Values, and can be
    differentiated again. No leaf's `.grad` changes, and several threads may call it. With `has_aux`, f returns a pair: the number,
    and other numbers in any form that are only handed on; the result is then the gradient and these.

    Raises TypeError if f does not return one number, or with `has_aux` such a pair, ValueError for an argnums that no argument has, and for a `wrt`
    that is not made of leaves.

    >>> from autograd import Value, grad, sin
    >>> grad(lambda x1, x2: x1 * x2 + sin(x1), argnums=(0, 1))(0.0, 3.0)
    (4.0, 0.0)
    >>> w = Value(2.0)
    >>> grad(lambda x: w * w * x, wrt=[w])(3.0)
    [12.0]
    """
    return _Derived("grad()", f, argnums, wrt, _gradient_with_aux if has_aux else _gradient)


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, *, wrt: Any = None, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that computes the pair of f's value and its gradient, as `grad` does.

    With `has_aux`, f returns a pair, and so does the result: ((number, other numbers), gradient).

    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    >>> value_and_grad(lambda x: (x * x, [x, 2.0 * x]), has_aux=True)(3.0)
    ((9.0, [3.0, 6.0]), 6.0)
    """
    return _Derived(
        "value_and_grad()", f, argnums, wrt, _value_and_gradient_with_aux if has_aux else _value_and_gradient
    )


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, *, wrt: Any = None) -> Callable[..., Any]:
    """Return the function that computes the derivative of each output of f by each input, in reverse mode.

    The result has the form of f's output. In the place of each leaf of it, a number or an array, stands the form of the
    argument, or of `wrt`; and in the place of each leaf of that the derivatives, an array of shape output + argument,
    or a number where both are numbers. So a list of m numbers by a list of n is a list of m lists of n, and an array of
    shape (m,) by one of shape (n,) is an array of shape (m, n), as in JAX.

    >>> from autograd import jacobian
    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    return _Derived("jacobian()", f, argnums, wrt, _jacobian)


def hessian(f: Callable[..., Any], argnums: Argnums = 0, *, wrt: Any = None) -> Callable[..., Any]:
    """Return the function that computes the second derivatives of f, as the jacobian of its gradient.

    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    return jacobian(grad(f, argnums, wrt=wrt), argnums, wrt=wrt)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*primals) and its derivative in the direction `tangents`, in forward mode.

    `tangents` has the form of `primals`, keys, nesting and shapes; one of exactly 0.0 means that there is none.

    Raises ValueError that says where the forms differ.

    >>> from autograd import jvp, sin
    >>> jvp(lambda x1, x2: x1 * x2 + sin(x1), (0.0, 3.0), (1.0, 0.0))
    (0.0, 4.0)
    """
    return _pushed(f, primals, tangents, "jvp()")


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f(*primals) and the function that takes a cotangent back to the arguments, in reverse mode.

    The cotangent has the form of f's output, keys, nesting and shapes; one of exactly 0.0 means that there is none. What
    comes back is a tuple with the form of `primals`. Raises ValueError that says where the forms differ.

    >>> from autograd import vjp
    >>> y, back = vjp(lambda x1, x2: [x1 * x2, x1], 2.0, 3.0)
    >>> y, back([1.0, 10.0])
    ([6.0, 2.0], (13.0, 2.0))
    """
    recording = record(f, primals, range(len(primals)), {})

    def back(cotangent: Any) -> tuple[Any, ...]:
        numbers = recording.result.matched(cotangent, "vjp()", "the cotangent", "the output")
        return recording.gradient(checked_rates(numbers, "vjp()"))

    return recording.value(), back


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Return the hessian of f times the direction `tangents`: forward mode over reverse, without the hessian.

    The result has the form of the first primal if there is one, else a tuple with the form of all of them.

    >>> from autograd import hvp
    >>> hvp(lambda x: x[0] ** 2 * x[1], ([2.0, 3.0],), ([1.0, 0.0],))
    [6.0, 4.0]
    """
    count = len(primals) if isinstance(primals, (list, tuple)) else 1
    return _pushed(grad(f, 0 if count == 1 else range(count)), primals, tangents, "hvp()")[1]


def _pushed(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], who: str) -> tuple[Any, Any]:
    """The value of f and its change in a direction."""
    if not isinstance(primals, (list, tuple)):
        got = type(primals).__name__
        raise TypeError(f"{who} expects a tuple of f's arguments, such as (2.0,), and one of tangents, got {got}")
    recording = record(f, primals, range(len(primals)), {})
    return recording.value(), recording.push(matching(recording.forms, tangents, who))
