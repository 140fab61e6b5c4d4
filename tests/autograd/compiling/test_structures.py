"""Structures: what derivatives of them look like, what tangents must look like, and what a compiled function makes of arrays."""

import math
import pickle
from collections import Counter, OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Primitive,
    TraceError,
    Value,
    check_grads,
    compile,
    dot,
    errstate,
    exp,
    flatten,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    maximum,
    sin,
    softplus,
    sqrt,
    value_and_grad,
    vjp,
    where,
)

WAYS = {"eager": lambda f: f, "compiled": compile}
DEEP = 500


class Doubled(namedtuple("Doubled", "a b")):
    """A named tuple with a constructor of its own."""

    __slots__ = ()

    def __new__(cls, a):
        return super().__new__(cls, a, 2.0 * a)


class Names(dict):
    """A dict that cannot be made without an argument."""

    def __init__(self, title, **items):
        super().__init__(**items)
        self.title = title


class Listed(list):
    """A list of a kind of its own."""


def same(a, b):
    """Whether two structures have the same form, the same types and nearly the same numbers."""
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-12)
    return type(b) is float and math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)


# Derivatives of structures


def energy(p, x):
    return p["b"] * x * p["w"][0] ** 2 + 5 * p["w"][1] * p["b"] * x + 7 * p["b"] ** 2


POINT = {"w": np.array([2.0, 3.0]), "b": 4.0}
SECOND = {
    "w": {"w": np.array([[8.0, 0.0], [0.0, 0.0]]), "b": np.array([4.0, 5.0])},
    "b": {"w": np.array([4.0, 5.0]), "b": 14.0},
}


@pytest.mark.parametrize("way", WAYS)
def test_the_second_derivative_by_a_dict_with_an_array_keeps_every_number(way):
    assert same(WAYS[way](hessian(energy))(POINT, 1.0), SECOND)
    assert same(vjp(hessian(energy), POINT, 1.0)[0], SECOND)
    assert same(jvp(hessian(energy), (POINT, 1.0), (POINT, 0.0))[0], SECOND)
    assert same(compile(hessian(energy), rows=(1,), reduce="sum")(POINT, np.array([1.0])), SECOND)
    by_row = compile(hessian(energy), rows=(1,))(POINT, np.array([1.0, 1.0, 1.0]))
    assert by_row["w"]["w"].shape == (3, 2, 2)
    assert same(by_row["b"]["w"][1], SECOND["b"]["w"])


@pytest.mark.parametrize("way", WAYS)
def test_an_array_by_a_dict_is_a_dict_of_arrays_to_any_order(way):
    g = lambda d: np.array([d["a"] ** 2 * d["b"], d["b"] ** 3])  # noqa: E731
    point = {"a": 2.0, "b": 5.0}
    assert same(WAYS[way](jacobian(g))(point), {"a": np.array([20.0, 0.0]), "b": np.array([4.0, 75.0])})
    second = WAYS[way](jacobian(jacobian(g)))(point)
    assert same(second["a"], {"a": np.array([10.0, 0.0]), "b": np.array([4.0, 0.0])})
    assert same(second["b"], {"a": np.array([4.0, 0.0]), "b": np.array([0.0, 30.0])})
    assert check_grads(g, (point,)).compared == 2 * (2 * 2 + 2 * 2 * 2)


@pytest.mark.parametrize("way", WAYS)
def test_several_arguments_of_different_shapes_give_a_tuple_of_tuples(way):
    f = lambda x, b: (x * x).sum() * b  # noqa: E731
    found = WAYS[way](hessian(f, (0, 1)))(np.array([1.0, 2.0]), 3.0)
    assert same(found, ((6.0 * np.eye(2), np.array([2.0, 4.0])), (np.array([2.0, 4.0]), 0.0)))
    pair = WAYS[way](hessian(lambda ws: (ws[0] @ ws[0]) * ws[1][0]))([np.array([1.0, 2.0]), np.array([3.0])])
    assert same(pair[0][0], 6.0 * np.eye(2))
    assert same(pair[0][1], np.array([[2.0], [4.0]]))
    assert same(pair[1][0], np.array([[2.0, 4.0]]))


def test_a_square_array_by_a_list_is_no_transpose_but_an_array_for_each_number():
    found = jacobian(lambda v: np.array([v[0] * v[1], v[0]]))([2.0, 3.0])
    assert same(found, [np.array([3.0, 1.0]), np.array([2.0, 0.0])])


def test_an_array_of_one_is_not_one_number():
    for derive in (grad, value_and_grad, hessian):
        with pytest.raises(TypeError, match=r"one number, got an array of shape \(1,\)"):
            derive(lambda x: np.array([x[0]]))([1.0])
    assert grad(lambda x: np.sum(x))(np.ones(1)).tolist() == [1.0]
    assert grad(lambda x: np.array(x * x))(3.0) == 6.0  # of shape ()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "tree",
    [
        OrderedDict(b=2.0, a=3.0), defaultdict(float, a=3.0, b=2.0), Doubled(3.0), Listed([3.0, 2.0]), Counter(a=3.0, b=2.0),
        Names("weights", a=3.0, b=2.0), [Doubled(1.0), OrderedDict(a=np.array([1.0, 2.0]))],
    ],
    ids=lambda tree: type(tree).__name__,
)  # fmt: skip
def test_kinds_of_dicts_lists_and_tuples_reach_the_function_as_what_they_are(way, tree):
    met = []

    def f(x):
        met.append(x)
        return sum(v * v for v in flatten(x)[0])

    slope = WAYS[way](grad(f))(tree)
    assert all(type(x) is type(tree) for x in met)
    numbers, unflatten = flatten(tree)
    assert type(slope) is type(tree)
    assert same(slope, unflatten(2.0 * numbers))
    for x in (*met, slope):
        assert getattr(x, "title", "") == getattr(tree, "title", "")
        assert getattr(x, "default_factory", None) is getattr(tree, "default_factory", None)


def nested(kind, inner):
    """A number deep inside lists, tuples or dicts."""
    for _ in range(DEEP):
        inner = {"x": inner} if kind is dict else kind([inner])
    return inner


def innermost(x):
    while isinstance(x, (list, tuple, dict)):
        x = x["x"] if isinstance(x, dict) else x[0]
    return x


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_five_hundred_levels_do_not_recurse(kind):
    deep = nested(kind, 3.0)
    f = lambda x: innermost(x) ** 2  # noqa: E731
    assert innermost(grad(f)(deep)) == innermost(compile(grad(f))(deep)) == 6.0
    assert innermost(compile(lambda x: x)(deep)) == 3.0
    assert jvp(f, (deep,), (nested(kind, 1.0),)) == (9.0, 6.0)
    assert innermost(vjp(f, deep)[1](1.0)[0]) == 6.0
    assert check_grads(f, (deep,)).compared == 4
    rows = compile(f, rows=0)(nested(kind, np.array([1.0, 2.0])) if kind is dict else np.ones((2, 1)))
    assert rows[0] == 1.0
    with pytest.raises(ValueError, match="in the form of primals") as error:
        jvp(f, (deep,), (nested(kind, [1.0]),))
    assert len(str(error.value)) < 500


# Tangents and cotangents

REFUSED = {
    "an unknown key": (({"a": 1.0, "b": 2.0},), ({"a": 1.0, "c": 2.0},), r"a dict with 'a', 'b', got a dict with 'a', 'c'"),
    "a missing key": (({"a": 1.0, "b": 2.0},), ({"a": 1.0},), r"a dict with 'a', 'b', got a dict with 'a'"),
    "another nesting": (([1.0, [2.0]],), ([[1.0], 2.0],), r"a number at \[0\], got a list of 1"),
    "a list for a tuple": (((1.0, 2.0),), ([1.0, 2.0],), "a tuple of 2, got a list of 2"),
    "a list for an array": ((np.ones(2),), ([1.0, 2.0],), r"an array of shape \(2,\), got a list of 2"),
    "a transposed array": ((np.ones((2, 3)),), (np.ones((3, 2)),), r"shape \(2, 3\), got an array of shape \(3, 2\)"),
    "deep inside": (({"a": [1.0, {"b": 2.0}]},), ({"a": [1.0, {"b": [2.0]}]},), r"a number at \['a'\]\[1\]\['b'\]"),
    "an argument too many": ((1.0,), (1.0, 2.0), "a tuple of 1, got 2"),
    "no tuple": ((1.0,), 1.0, "a tuple of 1, got float"),
    "another named tuple": ((Doubled(1.0),), (namedtuple("Other", "b a")(1.0, 2.0),), "a Doubled of 2, got a Other of 2"),
    "very many keys": (({f"k{i}": 1.0 for i in range(10**4)},), ({"a": 1.0},), r"'k4', \.\.\., got a dict with 'a'"),
}  # fmt: skip


@pytest.mark.parametrize(("primals", "tangents", "says"), REFUSED.values(), ids=list(REFUSED))
def test_a_tangent_of_another_form_is_refused_and_the_place_named(primals, tangents, says):
    f = lambda *xs: dot(flatten(xs)[0], flatten(xs)[0])  # noqa: E731
    for push, who in ((jvp, "jvp"), (hvp, "hvp")):
        with pytest.raises(ValueError, match=says) as error:
            push(f, primals, tangents)
        assert str(error.value).startswith(f"{who}() expects tangents")
        assert len(str(error.value)) < 500
    if len(primals) == 1 == len(tangents if isinstance(tangents, tuple) else ()):
        with pytest.raises(ValueError, match=says):
            vjp(lambda x: x, *primals)[1](tangents[0])


def test_tangents_of_a_dict_go_by_its_keys_whatever_their_order():
    f = lambda d: d["a"] ** 2 * d["b"]  # noqa: E731
    assert jvp(f, ({"a": 3.0, "b": 2.0},), ({"b": 0.0, "a": 1.0},)) == (18.0, 12.0)
    assert jvp(f, (OrderedDict(a=3.0, b=2.0),), ({"b": 1.0, "a": 0.0},)) == (18.0, 9.0)
    assert vjp(lambda d: {"p": d["a"], "q": d["b"]}, {"a": 3.0, "b": 2.0})[1]({"q": 5.0, "p": 7.0}) == (
        {"a": 7.0, "b": 5.0},
    )


# argnums


@pytest.mark.parametrize("argnums", [np.int64(1), np.array(1), -1, True])
def test_argnums_takes_whatever_has_an_index(argnums):
    assert grad(lambda x, y: x * y * y, argnums)(2.0, 3.0) == 12.0
    assert grad(lambda x, y: x * y * y, [argnums])(2.0, 3.0) == (12.0,)
    assert grad(lambda x, y: x * y * y, np.array([1, 0]))(2.0, 3.0) == (12.0, 9.0)


@pytest.mark.parametrize(
    ("argnums", "error", "says"),
    [
        ((0, 0), ValueError, "names an argument twice"), ((0, -2), ValueError, "names an argument twice"),
        ("y", TypeError, "a tuple of positions, got 'y'"), (1.0, TypeError, "got 1.0"), (None, TypeError, "got None"),
        ((0, "y"), TypeError, "positions"), (2, ValueError, "argnums=2 for 2 positional"),
        (tuple(range(10**5)), ValueError, "argnums="),
    ],
)  # fmt: skip
def test_argnums_names_each_argument_once_and_one_that_there_is(argnums, error, says):
    with pytest.raises(error, match=says) as found:
        grad(lambda x, y: x * y, argnums)(1.0, 2.0)
    assert len(str(found.value)) < 500


# flatten

TREES = st.recursive(
    st.floats(-3.0, 3.0) | st.lists(st.floats(-3.0, 3.0), max_size=4).map(np.array) | st.just(np.ones((2, 3))),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(TREES)
def test_flatten_gives_the_numbers_and_the_way_back(tree):
    numbers, unflatten = flatten(tree)
    assert same(unflatten(numbers), tree) or isinstance(tree, float)
    assert numbers.ndim == 1
    assert numbers.dtype == float
    with pytest.raises(ValueError, match=f"unflatten\\(\\) expects {len(numbers)} numbers, got {len(numbers) + 1}"):
        unflatten([*numbers, 1.0])


@given(TREES)
def test_derivatives_by_random_structures_agree_in_every_mode_and_compiled(tree):
    numbers, unflatten = flatten(tree)

    def f(x):
        inner = flatten(x)[0]
        return {"all": dot(inner, inner) if len(inner) else 0.0, "each": [sin(v) for v in inner], "same": x}

    expected = {"all": unflatten(2.0 * numbers), "each": [unflatten(row) for row in np.diag(np.cos(numbers))]}
    for way in WAYS.values():
        found = way(jacobian(f))(tree)
        assert found["all"] is not None
        if len(numbers):
            assert same(found["all"], expected["all"])
        assert same(found["each"], expected["each"])
        slope = way(grad(lambda x: f(x)["all"]))(tree)
        if len(numbers):
            assert same(slope, expected["all"])
            assert same(way(lambda x: hvp(lambda x: f(x)["all"], (x,), (x,)))(tree), expected["all"])


def test_flatten_keeps_values_and_refuses_what_is_no_number():
    x = Value(2.0)
    numbers, unflatten = flatten([x, 3.0])
    assert numbers[0] is x
    assert unflatten(numbers)[0] is x
    with pytest.raises(TypeError, match=r"flatten\(\) takes a real number, got str"):
        flatten({"a": "b"})


# What a compiled function makes of an array

X = np.linspace(-1.5, 2.0, 7)
COLUMN = np.array([[0.5], [-1.0], [2.0], [3.0]])
MATRIX = np.arange(49.0).reshape(7, 7) / 10.0
# Functions that take an array as it is: what NumPy makes of them is what the compiled ones must give.
OF_ARRAYS = {
    "a product": (lambda x: x * x + 1.0, X), "an exponential": (lambda x: np.exp(x) * 2.0, X),
    "a square of a sum": (lambda w: np.sum(w) ** 2, X), "a dot": (lambda w: np.dot(w, w), X),
    "shares": (lambda w: w / np.sum(w), X), "a quadratic form": (lambda w: w @ MATRIX @ w, X),
    "its length": (lambda w: w * len(w), X), "turned round": (lambda w: w[::-1], X), "a part": (lambda w: w[1:3], X),
    "sums": (lambda w: np.cumsum(w), X), "a mean": (lambda w: w - np.mean(w), X), "a deviation": (lambda w: np.std(w), X),
    "its shape": (lambda w: w * w.shape[0], X), "reshaped": (lambda w: w.reshape(1, -1) * 2.0, X),
    "transposed": (lambda m: m.T * 1.0, MATRIX), "rows of a matrix": (lambda m: m[0] * m[1], MATRIX),
    "a row and a column": (lambda x, y: x * y, (X, COLUMN)), "other axes each": (lambda x, y: [x * 2.0, y * 3.0, 1.0], (X, COLUMN)),
    "a table": (lambda x, y: np.array([x * y, x + y]), (X, X)), "stacked last": (lambda x: np.stack([x, x * x], -1), X),
    "a mask": (lambda w: np.sum(w) * (w > 0), X), "one of each": (lambda x: x, X), "none of it": (lambda x: 3.0, X),
    "a length of two": (lambda w: np.sum(w) ** 2, X[:2]), "a length of one": (lambda w: np.sum(w) ** 2, X[:1]),
    "two of two": (lambda w: w * w, X[:2]), "nothing": (lambda w: np.sum(w) + w * 2.0, X[:0]),
    "a dict": (lambda d: {"p": d["a"] * d["b"], "q": d["a"].sum()}, {"a": X, "b": 2.0}),
    "a dict, each": (lambda d: d["a"] * d["b"], {"a": X, "b": 2.0}), "a list": (lambda v: v[0] * v[1], [X, X]),
    "the shape of the matrix": (lambda m, v: m * v, (MATRIX, X)), "a product of matrices": (lambda m: m @ m, MATRIX),
    "a power": (lambda x: x**3 - 2.0 / (x + 5.0), X), "differences": (lambda x: x[1:] - x[:-1], X),
}  # fmt: skip


@pytest.mark.parametrize("backend", ["python", "numpy", "numba"])
@pytest.mark.parametrize(("f", "args"), OF_ARRAYS.values(), ids=list(OF_ARRAYS))
def test_an_array_means_what_the_function_does_with_it(f, args, backend):
    args = args if isinstance(args, tuple) else (args,)
    compiled = compile(f, backend=backend)
    for _ in range(2):  # traced, then run again
        found, expected = compiled(*args), f(*args)
        flat, again = flatten(found)[0], flatten(expected)[0]
        assert np.allclose(flat, again, rtol=1e-12, atol=1e-12)
        assert flatten(found)[1](again) is not None
        assert [np.shape(x) for x in leaves(found)] == [np.shape(x) for x in leaves(expected)]


def leaves(tree):
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in leaves(part)]
    return [leaf for part in tree for leaf in leaves(part)] if isinstance(tree, list) else [tree]


# Functions whose gradient takes an array as it is: grad() itself is what the compiled one must give.
GRADIENTS = {
    "a square of a sum": lambda w: np.sum(w) ** 2, "a mean of squares": lambda w: np.mean(w * w),
    "a ratio": lambda w: w[0] / np.sum(w * w), "a form": lambda w: w @ MATRIX @ w,
    "exponentials": lambda w: np.log(np.sum(np.exp(w))), "a norm": lambda w: np.sqrt(w @ w),
}  # fmt: skip


@pytest.mark.parametrize("f", GRADIENTS.values(), ids=list(GRADIENTS))
def test_a_gradient_by_an_array_is_that_of_the_function_of_the_array(f):
    assert np.allclose(compile(grad(f))(X), grad(f)(X), rtol=1e-12, atol=1e-12)
    value, slope = compile(value_and_grad(f))(X)
    assert math.isclose(value, f(X), rel_tol=1e-12)
    assert np.allclose(slope, grad(f)(X))
    assert np.allclose(compile(hessian(f))(X), hessian(f)(X), rtol=1e-11, atol=1e-11)


# Functions of numbers, which the library itself refuses an array: an array is many numbers.
OF_NUMBERS = {
    "a sine": lambda x: x * sin(x), "its gradient": grad(lambda x: x * sin(x)), "a hessian": hessian(lambda x: x**3 * exp(x)),
    "a choice": lambda x: where(x > 0.0, x, 0.0), "a guarded log": lambda x: where(x > 0.0, log(x), 0.0),
    "two conditions": lambda x: where((x > 0.0) & (x < 1.0), x, 0.0), "either": lambda x: where((x > 1.0) | (x < 0.0), x, 7.0),
    "a slope of a choice": grad(lambda x: where(x > 0.0, x * x, -x)), "a maximum": lambda x: maximum(x, 0.5),
    "a method in a gradient": grad(lambda x: where(x > 0.0, x * x.log(), 0.0)),
    "a direction": lambda x: jvp(sin, (x,), (1.0,))[1], "a network": lambda x: softplus(2.0 * sin(x) + 1.0),
}  # fmt: skip


@pytest.mark.parametrize("f", OF_NUMBERS.values(), ids=list(OF_NUMBERS))
def test_where_the_library_takes_no_array_it_is_many_numbers(f):
    many = np.linspace(-1.0, 1.0, 10**5)
    with errstate("ignore"):
        assert np.allclose(compile(f)(X), [f(x) for x in X.tolist()], rtol=1e-12)
        assert np.allclose(compile(f)(many)[:: 10**4], [f(x) for x in many[:: 10**4].tolist()])
    assert compile(f)(COLUMN).shape == COLUMN.shape


def test_one_trace_serves_arrays_of_every_length_where_it_broadcasts_and_one_each_where_not():
    broadcast, vector = compile(lambda x, y: x * y + x), compile(lambda x: np.sum(x) ** 2)
    for n in (3, 5, 1000, 10**5):
        assert np.allclose(broadcast(np.ones(n), 2.0), 3.0)
    assert len(broadcast.tapes) == 1
    assert broadcast(np.ones(5), np.ones((7, 1))).shape == (7, 5)
    assert len(broadcast.tapes) == 2  # axes that are equal, and axes that are not
    for n in (3, 5, 3, 5):
        assert vector(np.ones(n)) == n * n
    assert len(vector.tapes) == 2


def test_a_function_of_a_vector_given_many_of_them_is_refused_with_what_to_write():
    with pytest.raises(ValueError, match=r"arrays of 10000 numbers.* compile with rows="):
        compile(lambda w: sum(w[i] ** 2 for i in range(10)))(np.ones((1000, 10)))
    with pytest.raises(ValueError, match="compile with rows="):
        compile(grad(lambda w: w[0] * w[1]))(np.ones((1000, 10)))
    with pytest.raises(TypeError, match="for many observations, compile with rows="):
        compile(grad(lambda w: w[0] * w[1]))(np.ones((10, 10)))
    with pytest.raises(TraceError, match="where"):
        compile(lambda x: x if x > 0 else -x)(X)


def test_called_with_values_it_means_the_same():
    slope = compile(grad(lambda x: x * sin(x)))
    total = lambda w: np.sum(slope(w) * w)  # noqa: E731
    expected = [math.sin(x) + x * math.cos(x) + x * (2.0 * math.cos(x) - x * math.sin(x)) for x in X]
    assert np.allclose(grad(total)(X), expected)
    assert np.allclose(grad(lambda w: compile(lambda v: np.sum(v) ** 2)(w))(X), 2.0 * np.sum(X))
    with pytest.raises(TypeError, match="returns one number"):
        compile(grad(lambda x: np.array([x])))(Value(1.0))


def test_arrays_of_values_may_be_compared_and_chosen_from():
    w = np.array([Value(x) for x in X])
    assert [y.data for y in compile(lambda w: w[w > 0.0])(w)] == X[X > 0.0].tolist()
    assert compile(lambda w: (w.size, len(w), w.shape))(w) == (7, 7, (7,))
    assert compile(lambda w: (w <= 0.0, w < 0.0, w >= 0.0))(w)[0].tolist() == (X <= 0.0).tolist()
    slope = grad(lambda w: np.sum(compile(lambda x: x * x.exp())(w)))(X)
    assert np.allclose(slope, np.exp(X) * (1.0 + X))
    with pytest.raises(AttributeError, match="'ndarray' object has no attribute 'missing'"):
        compile(lambda w: w.missing)(w)
    with pytest.raises(ValueError, match="ambiguous"):
        compile(lambda w: w if w > 0.0 else -w)(w)


# Structures that once had another function's answer

OF_NESTED = {
    "a list before a number": (lambda p: p[0][0] - 10.0 * p[1], [[1.0], 2.0]),
    "lists among numbers": (lambda p: p[0] + 10.0 * p[1][1][0] + 100.0 * p[2] - p[1][0], [1.0, [2.0, [3.0]], 4.0]),
    "tuples": (lambda p: p[0][0] * p[1] ** 2 - p[2][0], ((1.5,), 2.0, (3.0,))),
    "weights and a bias": (lambda p: p[0][0] * p[0][1] - p[1], [[3.0, 2.0], 5.0]),
}


@pytest.mark.parametrize("backend", ["python", "numpy", "numba"])
@pytest.mark.parametrize(("f", "point"), OF_NESTED.values(), ids=list(OF_NESTED))
def test_numbers_keep_their_places_beside_nested_lists(f, point, backend):
    for _ in range(2):
        assert compile(f, backend=backend)(point) == f(point)
        assert same(compile(grad(f), backend=backend)(point), grad(f)(point))


def centred(w):
    n = np.size(w)
    return w / (n - 1) if n > 3 else w


OF_LENGTHS = {
    "rolled": lambda x: np.roll(x, 3) * 2.0, "a threshold": centred, "a flag": lambda x: float(np.size(x) > 5) + 0.0 * x,
    "a length": lambda x: x * 1.0 if len(x) < 4 else x * 2.0, "a shape": lambda x: x + (1.0 if x.shape == (3,) else 2.0),
}  # fmt: skip


@pytest.mark.parametrize("f", OF_LENGTHS.values(), ids=list(OF_LENGTHS))
def test_what_depends_on_a_length_is_traced_at_that_length(f):
    run = compile(f)
    for n in (3, 5, 10, 3, 6):
        assert np.allclose(run(np.arange(float(n))), f(np.arange(float(n))))


class Held(dict):
    pass


class HeldTuple(tuple):
    p = 1.0


def test_what_a_kind_of_its_own_holds_beside_its_items_counts():
    def with_default(v):
        d = defaultdict(lambda: v)
        d["a"] = 2.0
        return d

    f = compile(lambda d: d["a"] * d["zz"])
    assert [f(with_default(v)) for v in (1.0, 5.0, 1.0)] == [2.0, 10.0, 2.0]
    g = compile(lambda d: d["a"] ** d.p)
    for p in (2.0, 3.0, 2.0):
        held = Held(a=2.0)
        held.p = p
        assert g(held) == 2.0**p
        t = HeldTuple([2.0])
        t.p = p
        assert grad(lambda t: t[0] ** t.p)(t) == HeldTuple([p * 2.0 ** (p - 1.0)])
    assert pickle.loads(pickle.dumps(compile(mean_square)))(X) == pytest.approx(mean_square(X))
    assert len(pickle.loads(pickle.dumps(f)).tapes) < len(f.tapes)  # a default that cannot be pickled stays behind


class Same(dict):
    def __copy__(self):
        return self


def test_a_container_that_cannot_be_copied_is_refused_and_stays_as_it_is():
    same_one = Same(a=1.0)
    with pytest.raises(TypeError, match="a Same cannot be copied"):
        grad(lambda d: d["a"] ** 2)(same_one)
    assert same_one == {"a": 1.0}


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.ma.masked_array([1.0, 2.0], [0, 1]), "with a mask"), (np.array([[1.0, 2.0]]).view(np.matrix), "numpy.matrix"),
        (np.array(["2020-01-01"], "M8[ns]"), "array of numbers, got one of datetime64"),
        (np.zeros(2, [(f"name{i}", "f8") for i in range(999)]), "array of numbers"),
    ],
)  # fmt: skip
def test_arrays_that_mean_something_else_are_refused_at_every_door(array, says):
    doors = [grad(lambda x: np.sum(x)), compile(lambda x: x), compile(lambda x: x, rows=0), flatten]
    for door in (*doors, lambda x: compile(lambda d: d["x"], rows=0)({"x": x}), lambda x: jvp(np.sum, (x,), (x,))):
        with pytest.raises(TypeError, match=says) as error:
            door(array)
        assert len(str(error.value)) < 500


def test_a_tangent_that_fits_the_full_array_only_is_no_refusal():
    ones = np.ones(4)
    assert compile(lambda w: jvp(lambda v: np.sum(v * v), (w,), (ones,))[1])(ones) == 8.0
    assert compile(lambda x, c: vjp(lambda x: np.array([x] * 4), x)[1](c)[0])(2.0, ones) == 4.0


def test_a_derivative_of_an_array_may_be_compared_while_it_is_traced():
    f = lambda w: np.sum((grad(lambda v: np.sum(v**3))(w) > 1.0) * w)  # noqa: E731
    assert compile(f)(X) == pytest.approx(np.sum(X[3.0 * X**2 > 1.0]))
    numbers, unflatten = flatten({"w": X})
    assert compile(lambda x: np.sum((unflatten(x)["w"] > 0.5) * x))(numbers) == pytest.approx(np.sum(X[X > 0.5]))


def test_what_a_user_s_primitive_returns_is_checked_when_compiled_too():
    for y, got in ((1j, "complex"), ("1", "str"), (None, "NoneType"), ([1.0], "list")):
        with pytest.raises(TypeError, match=rf"the value of own\(\) takes a real number, got {got}"):
            compile(Primitive("own", lambda x, y=y: y, lambda x, y: 1.0))(1.0)
    assert type(compile(Primitive("own", lambda x: 3, lambda x, y: 1.0))(1.0)) is float


def test_no_rows_at_all_no_outputs_and_wrong_numbers_are_told():
    with pytest.raises(ValueError, match="at least one array with rows"):
        compile(lambda d: 1.0, rows=0)({})
    with pytest.raises(ValueError, match="at least one number"):
        check_grads(lambda x: [], (1.0,))
    _, unflatten = flatten([1.0, 2.0])
    assert unflatten([1, np.float32(2)]) == [1.0, 2.0]
    with pytest.raises(TypeError, match=r"unflatten\(\) takes a real number, got str"):
        unflatten("ab")
    with pytest.raises(ValueError, match="expects 2 numbers, got 4"):
        unflatten(np.ones((2, 2)))
    for backend in ("python", "numpy", "numba"):
        assert compile(lambda v: [], backend=backend)(X) == []
        assert compile(lambda v: (X, 1.0), backend=backend)(X)[1] == 1.0


def test_errors_stay_short_whatever_names_there_are():
    named = lambda x: x  # noqa: E731
    named.__name__ = "n" * 2000
    long = "k" * 5000
    for call in (
        lambda: compile(named)("x"), lambda: grad(named)("x"), lambda: compile(lambda x: x, rows=0)({long: 1.0}),
        lambda: Value(1.0, **{long: 1}), lambda: compile(lambda **k: 1.0)(**{long: "x"}), lambda: grad(named, 10**5000)(1.0),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError)) as error:
            call()
        assert len(str(error.value)) < 500


def test_it_is_pickled_with_what_arrays_mean():
    for f in (mean_square, plus_one):
        run = compile(f)
        again = pickle.loads(pickle.dumps(run))
        assert np.allclose(again(X), run(X))
        nameless = compile(lambda x, f=f: f(x))  # which is not pickled along
        assert np.allclose(nameless(X), f(X))
        assert np.allclose(pickle.loads(pickle.dumps(nameless))(X), f(X))


def mean_square(w):
    return np.mean(w * w)


def plus_one(x):
    return x + 1.0


def test_a_keyword_may_have_any_name():
    f = lambda a1, a0: a0 - 2.0 * a1  # noqa: E731
    run = compile(f)
    assert run(1.0, 5.0) == run(a1=1.0, a0=5.0) == run(a0=5.0, a1=1.0) == run(1.0, a0=5.0) == 3.0
    g = lambda x, *, self: x * self  # noqa: E731
    assert grad(g)(2.0, self=3.0) == compile(g)(1.0, self=3.0) == compile(grad(g))(2.0, self=3.0) == 3.0


# Tables


class Frame:
    """What a table of columns looks like from here."""

    def __init__(self, **columns):
        self.columns, self._data = list(columns), columns

    def __getitem__(self, name):
        return Series(self._data[name])

    def to_numpy(self):
        return np.column_stack(list(self._data.values()))


class Series:
    def __init__(self, data):
        self._data = np.asarray(data)

    def to_numpy(self):
        return self._data

    def __array__(self, dtype=None, copy=None):
        return self._data


def test_with_rows_a_table_is_a_dict_of_its_columns():
    table = Frame(a=[1.0, 2.0], b=[3.0, 4.0])
    run = compile(lambda w, x: w * x["a"] * x["b"], rows=1)
    assert run(2.0, table).tolist() == [6.0, 16.0]
    w = Value(2.0)
    assert [y.data for y in run(w, table)] == [6.0, 16.0]
    twice = Frame(a=[1.0])
    twice.columns = ["a", "a"]
    with pytest.raises(ValueError, match="each column of x once, got 'a' more than once"):
        run(2.0, twice)


def test_a_series_as_a_parameter_is_refused_with_what_to_write():
    for call in (grad(lambda x: x), compile(lambda x: x), lambda x: jvp(sqrt, (x,), (1.0,)), Value):
        with pytest.raises(TypeError, match=r"a Series: pass \.to_numpy\(\)"):
            call(Series([1.0, 2.0]))
    assert compile(lambda x: x * 2.0, rows=0)(Series([1.0, 2.0])).tolist() == [2.0, 4.0]
    with pytest.raises(TypeError, match=r"argument w of .* got a Series: pass \.to_numpy\(\)"):
        compile(lambda w, x: w["k"] * x, rows=1)(Series([1.0]), np.ones(2))
