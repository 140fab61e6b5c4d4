"""compile: the same answers as the function itself, on numbers, arrays and rows."""

import copy
import inspect
import math
import pickle
import threading
from collections import namedtuple

import numpy as np
import pytest
from bounds import bounds
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    Primitive,
    TraceError,
    Value,
    compile,
    cos,
    dot,
    errstate,
    exp,
    grad,
    hessian,
    jacobian,
    log,
    maximum,
    no_grad,
    sin,
    softplus,
    sqrt,
    value_and_grad,
    where,
)  # fmt: skip
from autograd.testing.strategies import programs

BACKENDS = ["python", "numpy", "numba"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e300, -1e300, 1e-300]
ARGUMENTS = st.floats(-3.0, 3.0) | st.sampled_from(SPECIAL)
DERIVED = {"value": lambda p: p, "gradient": lambda p: value_and_grad(p, argnums=(0, 1))}
DERIVED["hessian"] = lambda p: hessian(p, argnums=(0, 1))

cube = Primitive("cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)
largest = Primitive("largest", max, None, variadic=1)
own_log = Primitive("own_log", lambda x: math.log(x), lambda x, y: 1.0 / x)


def numbers(tree):
    """The leaves of lists and tuples."""
    return [y for x in tree for y in numbers(x)] if isinstance(tree, (list, tuple)) else [tree]


def close(a, b, bound):
    return a == b or (a != a and b != b) or abs(a - b) <= 4.0 * bound


# Random programs in every executor


@pytest.mark.parametrize("derive", DERIVED.values(), ids=list(DERIVED))
@settings(max_examples=60)
@given(data=st.data())
def test_every_backend_agrees_with_the_function_within_the_a_priori_bound(derive, data):
    program = data.draw(programs(inputs=2, max_lines=data.draw(st.sampled_from([3, 12, 60]))))
    rows = data.draw(st.sampled_from([1, 3, 9, 130]))
    some = min(rows, 9)
    columns = [np.resize(data.draw(st.lists(ARGUMENTS, min_size=some, max_size=some)), rows) for _ in range(2)]
    f = derive(lambda x, y: program(x, y))
    found = {}
    for backend in BACKENDS:
        run = compile(f, backend=backend)
        found[backend] = [np.broadcast_to(y, rows) for y in numbers(run(*columns))]
    one = compile(f)
    with errstate("ignore"):
        for row in range(some):
            point = [float(column[row]) for column in columns]
            expected, allowed = bounds(run.tapes[0], point)
            eager = numbers(f(*point) if derive is not DERIVED["value"] else [f(*map(Value, point))])
            eager = [y.data if isinstance(y, Value) else y for y in eager]
            direct = numbers([one(*point)])
            for k, (y, bound) in enumerate(zip(expected, allowed, strict=True)):
                if not math.isfinite(bound):
                    continue
                assert close(direct[k], y, 0.0)
                for backend in BACKENDS:
                    assert close(found[backend][k][row], y, bound), (backend, k, point)
                if math.isfinite(y) and math.isfinite(eager[k]):  # else a product may overflow in one order only
                    assert close(eager[k], y, bound), ("eager", k, point)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_million_rows_are_the_single_rows(backend):
    x = np.linspace(-3.0, 3.0, 1_000_003)
    f = grad(lambda x: sin(x) * exp(-x * x) + softplus(x))
    y = compile(f, backend=backend)(x)
    for row in (0, 1, 4095, 4096, 500_000, 1_000_002):
        assert y[row] == pytest.approx(f(float(x[row])), rel=1e-14)
    total = compile(f, rows=0, reduce="sum", backend=backend)(x)
    assert total == pytest.approx(math.fsum(y.tolist()), rel=1e-12)


# Shapes and structures


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_broadcast_as_a_ufunc_s_do(backend):
    run = compile(lambda x, y: [x * y, x, 2.0], backend=backend)
    x, y = np.arange(6.0).reshape(2, 3), np.array([10.0, 20.0, 30.0])
    product, same, two = run(x, y)
    assert np.array_equal(product, x * y)
    assert np.array_equal(same, x)
    assert two == 2.0  # what the function does with arrays
    assert np.array_equal(run(x[:, :1], y)[0], x[:, :1] * y)
    assert run(2, y)[0].tolist() == [20.0, 40.0, 60.0]
    assert run(np.empty((0, 3)), y)[0].shape == (0, 3)
    assert run(np.array(2.0), 3)[0] == 6.0
    assert type(run(np.float64(2.0), True)[0]) is float


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("columns", [1, 3, 8, 10, 17])
@pytest.mark.parametrize("rows", [0, 1, 7, 64, 65, 4100])
def test_arrays_of_any_layout_and_type_are_read_where_they_are(backend, columns, rows):
    rng = np.random.default_rng(0)
    whole = rng.integers(-9, 9, (2 * rows, 2 * columns)).astype(float)
    matrix = whole[::2, ::2]
    weights = [float(i + 1) for i in range(columns)]
    run = compile(lambda x: dot(x, weights), rows=0, backend=backend)
    for given_ in (matrix, np.ascontiguousarray(matrix), np.asfortranarray(matrix), matrix[::-1, ::-1]):
        assert np.allclose(run(given_), given_ @ weights)
    for kind in ("float32", "int8", ">f8"):
        assert np.allclose(run(matrix.astype(kind)), matrix @ weights)
    if rows:  # an empty list does not tell how many columns there would be
        assert np.allclose(run(matrix.tolist()), matrix @ weights)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_are_on_the_first_axis_and_the_others_are_shared(backend):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    rng = np.random.default_rng(1)
    w, x, y = rng.normal(size=3), rng.normal(size=(20, 3)), rng.normal(size=20)
    residual = x @ w - y
    assert np.allclose(compile(loss, rows=(1, 2), backend=backend)(w, x, y), residual**2)
    mean, gradient = compile(value_and_grad(loss), rows=(1, 2), reduce="mean", backend=backend)(w, x, y)
    assert mean == pytest.approx((residual**2).mean())
    assert isinstance(gradient, np.ndarray)
    assert np.allclose(gradient, 2.0 * residual @ x / 20)
    each = compile(grad(loss, argnums=1), rows=(1, 2), backend=backend)(w, x, y)
    assert np.allclose(each, 2.0 * residual[:, None] * w)
    listed = compile(grad(loss), rows=(1, 2), reduce="sum", backend=backend)(list(w), x.tolist(), y.tolist())
    assert isinstance(listed, list)
    assert np.allclose(listed, 2.0 * residual @ x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_form_of_sum_is_reduced_to_what_its_rows_add_up_to(backend):
    w = Value(0.5, "w")

    def f(x, y):
        z = x * y
        return [
            x,
            z,
            z + w,
            w,
            3.0,
            (x * (w + 3.0)) * (w + 1.0),
            x - z,
            -x,
            w * x + y * 2.0 - z * y,
            sin(z) * w,
            x + x,
            dot([x, w, y], [y, x, w], w),
        ]

    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 77))
    rows = np.array([numbers(compile(f)(*pair)) for pair in zip(x.tolist(), y.tolist(), strict=True)])
    for reduce, expected in (("sum", rows.sum(0)), ("mean", rows.mean(0))):
        assert np.allclose(compile(f, rows=(0, 1), reduce=reduce, backend=backend)(x, y), expected, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_over_rows_keep_the_digits_of_differences(backend):
    x = 1e9 + np.arange(1000.0) * 2.0**-20
    exact = math.fsum((x - 1e9).tolist())
    assert compile(lambda x, m: x - m, rows=0, reduce="sum", backend=backend)(x, 1e9) == pytest.approx(exact, rel=1e-13)
    assert compile(lambda x, m: 1e-3 + (x - m), rows=0, backend=backend)(x, 1e9)[1] == 1e-3 + 2.0**-20
    slope = compile(grad(lambda m, x: (x - m) ** 2), rows=1, reduce="sum", backend=backend)
    assert slope(1e9, x) == pytest.approx(-2.0 * exact, rel=1e-13)


Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize("backend", BACKENDS)
def test_structures_are_mirrored(backend):
    def f(d, p, *, scale=2.0):
        return {"sum": d["a"] + p.first[0] * scale, "p": Pair((d["b"],), [p.second, 1.0])}

    run = compile(f, backend=backend)
    for _ in range(2):
        assert run({"a": 1.0, "b": 2.0}, Pair([3.0], 4.0), scale=10.0) == {"sum": 31.0, "p": Pair((2.0,), [4.0, 1.0])}
    assert run({"a": 1.0, "b": 2.0}, Pair([3.0], 4.0))["sum"] == 7.0
    assert len(run.tapes) == 2
    rows = compile(lambda d: d["x"] @ d["x"] * d["y"], rows=0, backend=backend)
    x, y = np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0, 3.0])
    assert np.allclose(rows({"x": x, "y": y}), (x * x).sum(1) * y)
    both = compile(lambda pair: pair[0] * pair[1], rows=0, backend=backend)
    assert np.allclose(both((y, y)), y * y)
    nested = compile(lambda p: p[0][0] * p[1] + p[2][0][0], backend=backend)
    for _ in range(2):
        assert nested([[2.0], 3.0, ([4.0],)]) == 10.0
        assert nested([[2], 3.0, ([math.inf],)]) == math.inf


def test_arguments_may_be_given_by_name_and_in_any_number():
    run = compile(lambda x, y=2.0, *more: x * y + sum(more))
    for _ in range(2):
        assert [run(1.0), run(1.0, 3.0), run(1.0, y=4.0), run(x=2.0, y=5.0), run(1.0, 1.0, 1.0, 1.0)] == [
            2,
            3,
            4,
            10,
            3,
        ]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        run()
    with pytest.raises(TypeError, match="multiple values for argument 'x'"):
        run(1.0, x=2.0)

    def f(x, /, **named):
        return x * named["x"]

    assert compile(f)(2.0, x=3.0) == 6.0
    assert compile(lambda x, s: x * s, rows=0)(np.arange(2.0), np.array(2.0)).tolist() == [0.0, 2.0]


def test_results_may_be_nested_deeply_and_conditions_are_numbers():
    def nest(x):
        for _ in range(300):
            x = [x]
        return x

    found = compile(nest)(2.0)
    for _ in range(300):
        (found,) = found
    assert found == 2.0
    for backend in BACKENDS:
        assert repr(compile(lambda x: [x > 0, (x > 0) + (x > 1), -(x > 0)], backend=backend)(2.0)) == "[1.0, 2.0, -1.0]"


def test_a_function_is_traced_once_for_each_structure():
    count = 0

    def f(xs):
        nonlocal count
        count += 1
        return sum(x * x for x in xs)

    run = compile(f)
    for xs in ([1.0, 2.0], [3.0, 4.0], [1, 2], [np.ones(3), 2.0], [1.0, 2.0, 3.0], [1.0, 2.0]):
        run(xs)
    assert len(run.tapes) == 3
    assert count == 4  # an array is tried as such, too
    assert repr(run) == "compile(f): 3 traces, 3, 3, 5 instructions, last run by python"
    run([np.ones(3), 2.0])
    assert repr(run).endswith("last run by numba")
    assert repr(compile(f)) == "compile(f): 0 traces, no instructions, last run by nothing yet"


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("backend", BACKENDS)
def test_any_number_of_threads_gives_the_same_bits(backend, threads):
    rng = np.random.default_rng(3)
    rows = 300 if backend == "python" else 20_000
    x, y = rng.normal(size=(2, rows))
    f = value_and_grad(lambda x, y: exp(sin(x) * y), argnums=(0, 1))
    single = compile(f, rows=(0, 1), reduce="sum", backend=backend)
    several = compile(f, rows=(0, 1), reduce="sum", backend=backend, threads=threads)
    assert repr(single(x, y)) == repr(several(x, y))
    single, several = (compile(f, backend=backend, threads=n) for n in (1, threads))
    assert all(np.array_equal(a, b) for a, b in zip(numbers(single(x, y)), numbers(several(x, y)), strict=True))


def test_calls_from_several_threads_do_not_disturb_each_other():
    run = compile(lambda x, w: sin(x) * w)
    x = np.linspace(0.0, 1.0, 5000)
    wrong = []

    def work(w):
        for _ in range(50):
            if not np.allclose(run(x, w), np.sin(x) * w):
                wrong.append(w)

    workers = [threading.Thread(target=work, args=(float(w),)) for w in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


# Branches


def test_where_takes_the_branch_that_holds_in_each_row_and_the_other_contributes_nothing():
    f = lambda x: where(x > 0.0, log(x) * sqrt(x), where(x < -1.0, x * x, 0.0))  # noqa: E731
    x = np.array([-2.0, -0.5, 0.0, 1.0, 4.0])
    for order, run in enumerate((f, grad(f), grad(grad(f)))):
        for backend in BACKENDS:
            y = compile(run, backend=backend)(x)
            with errstate("ignore"):
                expected = [float(getattr(f(Value(v)), "data", 0.0)) if not order else run(v) for v in x.tolist()]
            assert np.allclose(y, expected), (order, backend)


def test_guards_meet_and_part_as_the_branches_do():
    def f(x, y):
        root = sqrt(x)  # at 0 its slope is infinite, and live in some branches only
        a = where(y > 0.0, root * y, 0.0)
        b = where(y > 1.0, root, where(x > 1.0, root * root, 3.0))
        return a + b * 2.0

    run = compile(grad(f, argnums=(0, 1)))
    assert run(0.0, -1.0) == (0.0, 0.0)
    assert run(4.0, 2.0) == grad(f, argnums=(0, 1))(4.0, 2.0)
    assert run(4.0, 0.5) == pytest.approx(grad(f, argnums=(0, 1))(4.0, 0.5))
    second = compile(hessian(lambda x: where(x[1] > 0.0, sqrt(x[0]) * x[1], 0.0)))
    assert second([0.0, -1.0]) == [[0.0, 0.0], [0.0, 0.0]]


BRANCHES = {
    "if": (lambda x: x if x > 0.0 else -x, "if x > 0.0"),
    "max": (lambda x: max(x, 0.0), "max"),
    "sorted": (lambda x: sorted([x, 1.0])[0], "sorted"),
    "bool": (lambda x: x * bool(x), "bool"),
    "and": (lambda x: where((x > 0.0) and (x < 1.0), x, 0.0), "and"),
    "equality": (lambda x: x * (x == 1.0), "=="),
    "unequal Values": (lambda x: x * (x != Value(1.0)), "!="),
    "data": (lambda x: x * x.data, ".data"),
    "data of a closed-over leaf": (lambda x: x * W.data, ".data"),
    "a change of data": (lambda x: setattr(W, "data", 1.0) or x, "setattr"),
    "float": (lambda x: float(x), "float"),
    "format": (lambda x: f"{x:.2f}" and x, "x:.2f"),
    "int": (lambda x: x * int(x), "int(x)"),
    "round": (lambda x: round(x), "round(x)"),
    "remainder": (lambda x: x % 2, "x % 2"),
    "backward": (lambda x: (x * x).backward() or x, "backward"),
}
W = Value(2.0, "w")


@pytest.mark.parametrize(("f", "line"), BRANCHES.values(), ids=list(BRANCHES))
def test_what_only_a_number_can_tell_is_refused_with_the_line_and_the_way_out(f, line):
    with pytest.raises(TraceError, match=r"line \d+ of .*test_compiled\.py: .*where\(condition, a, b\)") as caught:
        compile(f)(1.0)
    assert line in str(caught.value)
    assert issubclass(TraceError, TypeError)
    assert (Value(1.0) < 2.0) is True  # nothing is left behind
    assert W.data == 2.0
    assert Value(1.0) != Value(1.0)


def test_a_comparison_is_a_condition_a_number_that_can_be_computed_with():
    f = compile(lambda x, y: [x < y, x <= 1.0, x > y, x >= 1.0, where((x > 0.0) * (y > 0.0), 1.0, 0.0)])
    assert f(1.0, 2.0) == [1.0, 1.0, 0.0, 1.0, 1.0]
    assert f(np.array([1.0, 3.0]), 2.0)[0].tolist() == [1.0, 0.0]
    assert repr(compile(lambda x: Kept.append(repr(x)) or x)(1.0)) == "1.0"
    assert Kept == ["Value(traced)"]


Kept: list = []


# Composition


def test_it_composes_with_the_transforms_on_both_sides():
    f = lambda x: x[0] ** 2 * sin(x[1])  # noqa: E731
    point = [2.0, 0.5]
    assert compile(hessian(f))(point) == hessian(f)(point)
    assert grad(compile(f))(point) == grad(f)(point)
    assert grad(lambda x: compile(grad(f))(x)[0])(point) == pytest.approx(hessian(f)(point)[0])
    assert compile(compile(f))(point) == compile(f)(point)
    assert compile(jacobian(lambda x: np.array([x[0] * x[1], x[1]])))(point)[0].tolist() == [0.5, 0.0]
    assert compile(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 2.0
    assert compile(grad(lambda x: x * grad(lambda y: x + y)(1.0)))(2.0) == 1.0
    with no_grad():
        assert compile(grad(f))(point) == grad(f)(point)


def test_inside_a_derivative_what_it_closes_over_counts():
    w = Value(2.0)
    run = compile(lambda x: w * x)
    assert run(3.0) == 6.0
    assert grad(run, wrt=[w])(3.0) == [3.0]
    assert grad(compile(lambda x: w * x, rows=0, reduce="sum"), wrt=[w])(np.array([1.0, 2.0])) == [3.0]
    assert grad(lambda x: compile(lambda y: x * y)(2.0))(3.0) == 2.0
    assert grad(lambda x: compile(lambda y: y * y)(2.0) * x)(3.0) == 4.0
    assert compile(grad(run, wrt=[w]))(3.0) == [3.0]
    assert run(3.0) == 6.0


def test_a_number_made_under_no_grad_may_change_like_any_leaf():
    with no_grad():
        w = Value(2.0) * 1.0
    run = compile(lambda x: w * x)
    assert run(3.0) == 6.0
    w.data = 5.0
    assert run(3.0) == 15.0


def test_it_has_the_signature_of_its_function_and_is_copied_like_one():
    run = compile(halves)
    run(1.0)
    assert str(inspect.signature(run)) == "(x)"
    assert copy.deepcopy(run) is run
    assert repr(grad(halves)) == "grad(halves)"
    again = pickle.loads(pickle.dumps(compile(grad(halves))))
    assert again(0.0) == 0.5


def test_flat_reads_what_changes_in_place():
    w = Value(2.0)
    one = np.array([2.0])
    k, xs = np.array([1.0]), np.array([1.0, 2.0])
    run = compile(lambda x, k: w * x * k[0], rows=0, reduce="sum").flat([w])
    assert run(one, xs, k)[0] == 6.0
    k[0] = 10.0
    assert run(one, xs, k)[0] == 60.0
    cube = np.asfortranarray(np.ones((3, 4, 2)))
    run = compile(lambda x: w * x[0][0], rows=0, reduce="sum").flat([w])
    assert run(one, cube)[0] == 6.0
    cube[:] = 10.0
    assert run(one, cube)[0] == 60.0
    run = compile(lambda x: w / x, rows=0, reduce="sum").flat([w])
    zero = np.array([0.0])
    assert run(one, zero)[0] == math.inf
    with errstate("raise"), pytest.raises(FloatingPointError):
        run(one, zero)


def test_no_grad_inside_stops_the_derivative():
    def f(x):
        with no_grad():
            held = x * x
        return held * x

    assert compile(grad(f))(3.0) == 9.0
    assert compile(f)(3.0) == 27.0


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_called_with_values_it_runs_the_function_row_by_row(reduce):
    w = Value(2.0)
    run = compile(lambda w, x: {"y": w * x[0] + x[1]}, rows=1, reduce=reduce)
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    y = run(w, x)["y"]
    expected = run(2.0, x)["y"]
    found = [v.data for v in y] if reduce is None else y.data
    assert np.allclose(found, expected)
    if reduce:
        y.backward()
        assert w.grad == {"sum": 4.0, "mean": 2.0}[reduce]
    assert [v.data for v in compile(lambda x: x * 2.0, rows=0)([Value(1.0), Value(2.0)])] == [2.0, 4.0]
    if reduce != "mean":
        assert run(w, x[:0])["y"] == (0.0 if reduce else [])
    with pytest.raises(ValueError, match="2 in x, 3 in y"):
        compile(lambda w, x, y: w * x * y, rows=(1, 2), reduce=reduce)(w, np.ones(2), np.ones(3))
    run = compile(lambda d, pair, v: d["x"] * pair[0] * v, rows=(0, 1))
    assert [v.data for v in run({"x": x[:, 0]}, (x[:, 1], x), w)] == [4.0, 24.0]
    assert compile(lambda x: x * 2.0)(np.array([Value(1.0)]))[0].data == 2.0


def test_leaves_closed_over_are_shared_and_flat_takes_their_numbers_from_an_array():
    w, b = Value(2.0, "w"), Value(1.0, "b")
    other = Value(10.0)
    f = value_and_grad(lambda x: (w * x + b) ** 2 + other, wrt=[w, b])
    x = np.array([1.0, 2.0, 4.0])
    for backend in BACKENDS:
        run = compile(f, rows=0, reduce="sum", backend=backend).flat([w, b])
        assert run(np.array([1.0, 0.0]), x).tolist() == [51.0, 42.0, 14.0]
        assert run(np.array([1.0, 1.0]), x).tolist() == [68.0, 56.0, 20.0]
        x[0] = 3.0  # in place
        assert run(np.array([1.0, 0.0]), x)[0] == 59.0
        x[0] = 1.0
        assert run(np.array([1.0, 0.0]), [1.0, 2.0])[0] == 25.0
        other.data = 0.0
        assert run(np.array([1.0, 0.0]), [1.0, 2.0])[0] == 5.0
        other.data = 10.0
    with pytest.raises(ValueError, match="needs rows and a reduction"):
        compile(f, rows=0).flat([w])
    several = compile(f, rows=0, reduce="sum", threads=2).flat([w, b])
    assert several(np.array([1.0, 0.0]), x).tolist() == [51.0, 42.0, 14.0]


# Numbers that Python's arithmetic refuses, and modes


def test_on_numbers_ieee_arithmetic_holds_without_a_warning():
    run = compile(value_and_grad(lambda x: 1.0 / x + log(x)))
    for _ in range(3):
        assert run(2.0) == (0.5 + math.log(2.0), 0.25)
        value, slope = run(0.0)
        assert math.isnan(value)
        assert math.isnan(slope)
    assert math.isnan(compile(lambda d: log(d["x"]))({"x": -1.0}))


@pytest.mark.parametrize("x", [0.0, np.array([1.0, 0.0])], ids=["number", "array"])
def test_under_errstate_raise_the_first_value_that_is_not_finite_stops_it(x):
    run = compile(lambda x: 1.0 / x)
    run(1.0)
    with errstate("raise"):
        assert run(2.0) == 0.5
        with pytest.raises(FloatingPointError, match="truediv"):
            run(x)


def test_a_value_that_is_infinite_in_silence_is_a_fault_too():
    run = compile(autograd.lgamma)
    assert run(0.0) == math.inf
    with errstate("raise"), pytest.raises(FloatingPointError, match=r"a value of inf encountered in lgamma\(0.0\)"):
        run(0.0)


def test_functions_of_other_libraries_that_call_methods_are_traced():
    with pytest.raises(TraceError):  # it has no signature, and chooses a branch
        compile(max)(1.0, 2.0)
    assert compile(np.hypot)(3.0, 4.0) == 5.0
    assert compile(lambda x: np.exp(x))(np.zeros(2)).tolist() == [1.0, 1.0]


def test_a_primitive_of_one_s_own_runs_in_numpy():
    run = compile(lambda x: [cube(x), own_log(x), largest(x, 1.5, x)])
    third, logarithm, most = run(np.array([2.0, 1.0]))
    assert most.tolist() == [2.0, 1.5]
    assert third.tolist() == [8.0, 1.0]
    assert logarithm.tolist() == [math.log(2.0), 0.0]
    assert run.ran == "numpy"
    assert run(2.0)[0] == 8.0


def test_long_programs_on_numbers_are_not_compiled_as_python(monkeypatch):
    def f(x):
        for _ in range(6000):
            x = cos(x)
        return x

    run = compile(f)
    assert run(0.5) == f(0.5)
    assert run.ran == "numba"
    monkeypatch.setattr(autograd.compiling.compiled, "has_numba", lambda: False)
    assert compile(f)(0.5) == f(0.5)
    assert compile(sin)(np.ones(2)).tolist() == [math.sin(1.0)] * 2


# Pickling


def halves(x):
    return sin(x) / 2.0


def test_it_is_pickled_with_its_tapes():
    run = compile(halves)
    run(1.0)
    again = pickle.loads(pickle.dumps(run))
    assert len(again.tapes) == 1
    assert again(1.0) == halves(1.0)
    assert again(np.ones(2)).tolist() == [halves(1.0)] * 2


def test_without_a_picklable_function_a_new_structure_is_refused():
    w = Value(3.0, "w")
    run = compile(lambda *xs: w * sum(xs))
    assert run(1.0, 2.0) == 9.0
    again = pickle.loads(pickle.dumps(run))
    assert again(1.0, 2.0) == 9.0
    with pytest.raises(TraceError, match=r"compile\(<lambda>\) met a new structure .* top of a module"):
        again(1.0)
    with pytest.raises(TraceError, match="called with Values, and its function was not pickled along"):
        again(Value(1.0), 2.0)


# Errors

REFUSED = {
    "a string": (lambda: compile(halves)("x"), TypeError, r"argument x of compile\(halves\) takes a real number, got str"),
    "none": (lambda: compile(halves)(None), TypeError, "argument x"),
    "complex": (lambda: compile(halves)(1j), TypeError, "complex"),
    "an array of text": (lambda: compile(halves)(np.array(["a"])), TypeError, "argument x .* array of <U1"),
    "an array of objects": (lambda: compile(halves)(np.array([None])), TypeError, "argument x .* got NoneType"),
    "many vectors as one array": (
        lambda: compile(grad(lambda x: x[0] * x[1]))(np.ones((9, 2))), TypeError, r"one number, got an array of shape \(2,\).* rows=",
    ),
    "a sum over very many": (lambda: compile(lambda x: np.sum(x))(np.ones(9999)), ValueError, "arrays of 9999 numbers.* rows="),
    "complex rows": (lambda: compile(halves, rows=0)(np.ones(2) * 1j), TypeError, "argument x"),
    "shapes": (
        lambda: compile(lambda a, b: a + b)(np.ones(2), np.ones(3)), ValueError, r"a is an array \(2,\), b is an array \(3,\)",
    ),
    "shapes of numbers": (
        lambda: compile(maximum)(np.ones(2), np.ones(3)), ValueError, r"broadcast the shapes \(2,\) in a, \(3,\) in b",
    ),
    "row counts": (
        lambda: compile(lambda a, b: a + b, rows=(0, 1))(np.ones(2), np.ones(3)), ValueError, "2 in a, 3 in b",
    ),
    "no rows": (lambda: compile(halves, rows=0)(2.0), ValueError, "rows on the first axis of x, got one float"),
    "ragged rows": (lambda: compile(halves, rows=0)([[1.0], [1.0, 2.0]]), ValueError, "rows of equal length in x"),
    "mean of none": (lambda: compile(halves, rows=0, reduce="mean")(np.ones(0)), ValueError, "at least one row"),
    "too few arguments": (lambda: compile(halves, rows=1)(1.0), TypeError, "has rows by position: argument 1 is missing among 1 positional"),
    "a result of text": (lambda: compile(lambda x: "y")(1.0), TypeError, "expects numbers from its function, got str"),
    "no function": (lambda: compile(3), TypeError, "expects a function, got int"),
    "a backend": (lambda: compile(halves, backend="cuda"), ValueError, "backend to be one of .* got 'cuda'"),
    "a reduction": (lambda: compile(halves, rows=0, reduce="max"), ValueError, "'sum' or 'mean', got 'max'"),
    "a reduction without rows": (lambda: compile(halves, reduce="sum"), ValueError, "no rows to reduce"),
    "negative rows": (lambda: compile(halves, rows=-1), ValueError, "positions of arguments"),
    "rows of text": (lambda: compile(halves, rows="x"), ValueError, "positions of arguments, from 0, got 'x'"),
    "no thread": (lambda: compile(halves, threads=0), ValueError, "threads to be an int from 1 up"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "error", "says"), REFUSED.values(), ids=list(REFUSED))
def test_bad_input_is_refused_by_name(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sum_over_no_rows_is_0_and_a_result_over_none_is_empty(backend):
    assert compile(lambda x: [x, x * x], rows=0, reduce="sum", backend=backend)(np.ones(0)) == [0.0, 0.0]
    assert compile(maximum, rows=(0, 1), backend=backend)(np.ones(0), np.ones(0)).shape == (0,)


def test_what_a_function_of_rows_cannot_take_is_said_with_what_a_row_is():
    loss = compile(lambda w, x, y: softplus(-y * dot(w, x)), rows=(1, 2), reduce="mean")
    rows = np.ones((5, 3))
    with pytest.raises(
        TypeError, match=r"is written for one row, in which w is an array \(3,\), x is a number, y is a number"
    ):
        loss(np.zeros(3), rows[0], np.ones(3))
    with pytest.raises(TypeError, match=r"x is an array \(3,\), y is an array \(1,\)"):
        loss(np.zeros(3), rows, np.ones((5, 1)))
    with pytest.raises(TypeError, match=r"by position: x, y is missing|x, y .* missing"):
        loss(np.zeros(3), x=rows, y=np.ones(5))


def test_a_tape_of_rows_is_printed_with_what_is_computed_once_per_call():
    scaled = compile(lambda w, x: sin(w) * x, rows=1, reduce="mean")
    scaled(2.0, np.ones(3))
    assert str(scaled.tapes[0]).startswith("once per call: w\nv1 = sin(w)\nfor each row: x")
    assert repr(scaled.tapes[0]) == "Tape of 2 instructions from w, x"


def test_a_function_of_lists_of_every_length_keeps_so_many_traces_and_no_more():
    total = compile(lambda values: sum(values))
    for n in range(1, 200):
        assert total([2.0] * n) == 2.0 * n
    assert len(total.tapes) == 64
    assert total([2.0]) == 2.0  # the first trace has gone, and is made again
    arrays = compile(lambda w: (w * w).sum())
    for n in range(1, 200):
        assert arrays(np.ones(n)) == n
    assert len(arrays.tapes) <= 64


def test_array_forms_of_primitives_of_ones_own_are_not_kept_for_ever():
    from autograd.compiling.array_forms import array_form

    for k in range(400):
        own = Primitive(f"shift{k}", lambda x, k=k: x + k, lambda x, y: 1.0)
        assert compile(own, rows=0)(np.zeros(3)).tolist() == [k, k, k]
    assert array_form.cache_info().currsize <= 256
