"""grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd as ag
from autograd import (
    PRIMITIVES,
    Value,
    compile,
    errstate,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd.seeing import pass_tables
from autograd.seeing.steps import sizes as sizes_of
from autograd.testing.strategies import programs
from autograd.walks import users_first


class Pair(NamedTuple):
    a: object
    b: object


def rosenbrock(x):
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2


def test_nested_derivatives_do_not_confuse_their_perturbations():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(2.0) == 4.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(1.0))(2.0) == 8.0
    assert grad(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1])(2.0) == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x * y, (x,), (1.0,))[1], (2.0,), (1.0,))[1] == 4.0


def test_derivatives_nest_to_any_depth():
    f = ag.exp
    for _ in range(6):
        f = grad(f)
    assert f(0.5) == math.exp(0.5)
    f = ag.sin
    for _ in range(4):
        f = grad(f)
    assert f(0.5) == pytest.approx(math.sin(0.5), rel=1e-14)


def test_argnums_picks_arguments_and_keywords_are_passed_on():
    f = lambda x, y, scale=1.0: scale * x * y  # noqa: E731
    assert grad(f)(2.0, 3.0) == 3.0
    assert grad(f, 1)(2.0, 3.0) == 2.0
    assert grad(f, -1)(2.0, 3.0) == 2.0
    assert grad(f, (1, 0))(2.0, 3.0, scale=10.0) == (20.0, 30.0)
    assert value_and_grad(f, (0,))(2.0, 3.0) == (6.0, (3.0,))


def test_results_mirror_nested_arguments():
    def f(tree):
        return tree["a"][0] * tree["a"][1] + tree["b"].a ** 2 * tree["b"].b[0, 1]

    tree = {"a": (2, 3.0), "b": Pair(1.0, np.array([[1.0, 5.0]]))}
    found = grad(f)(tree)
    assert found["a"] == (3.0, 2.0)
    assert found["b"].a == 10.0
    assert isinstance(found["b"], Pair)
    assert found["b"].b.tolist() == [[0.0, 1.0]]
    assert found["b"].b.dtype == float


def test_arrays_give_arrays():
    x = np.array([2.0, 3.0])
    assert jacobian(lambda x: x * x)(x).tolist() == [[4.0, 0.0], [0.0, 6.0]]
    assert hessian(lambda x: (x * x).sum())(x).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert jacobian(lambda x: x.sum())(np.zeros((0,))).shape == (0,)
    y, t = jvp(lambda x: x * x, (x,), (np.ones(2),))
    assert (y.tolist(), t.tolist()) == ([4.0, 9.0], [4.0, 6.0])


def test_the_gradient_of_a_constant_is_zero():
    assert grad(lambda x: 3.0)(1.0) == 0.0
    assert grad(lambda x: ag.floor(x))(1.5) == 0.0
    assert jacobian(lambda x: [x[0], 1])([2.0]) == [[1.0], [0.0]]
    assert jvp(lambda x: 3, (1.0,), (1.0,)) == (3.0, 0.0)
    assert vjp(lambda x: (3.0, x), 2.0)[1]((5.0, 7.0)) == (7.0,)


def test_lists_in_and_out():
    f = lambda x: [x[0] * x[1], ag.sin(x[0])]  # noqa: E731
    assert jacobian(f)([2.0, 3.0]) == [[3.0, 2.0], [math.cos(2.0), 0.0]]
    y, back = vjp(f, [2.0, 3.0])
    assert y == [6.0, math.sin(2.0)]
    assert back([1.0, 0.0]) == ([3.0, 2.0],)
    assert back([0.0, 1.0]) == ([math.cos(2.0), 0.0],)


def test_jacobian_and_hessian_by_several_arguments():
    f = lambda x, y: x * x * y  # noqa: E731
    assert jacobian(f, (0, 1))(2.0, 3.0) == (12.0, 4.0)
    assert hessian(f, (0, 1))(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))


def test_hvp_is_the_hessian_times_a_vector():
    x, v = [1.5, -0.5], [0.3, 2.0]
    product = np.array(hessian(rosenbrock)(x)) @ v
    assert hvp(rosenbrock, (x,), (v,)) == pytest.approx(product.tolist(), rel=1e-14)
    assert hvp(lambda a, b: a * a * b, (2.0, 3.0), (1.0, 0.0)) == (6.0, 4.0)


def test_closing_over_values_gives_values_that_can_be_differentiated_again():
    w = Value(3.0)
    slope = grad(lambda x: w * x * x)(2.0)
    assert slope.data == 12.0
    slope.backward()
    assert w.grad == 4.0


def test_values_as_arguments_give_a_gradient_graph():
    x = Value(2.0)
    y, d = value_and_grad(lambda x: x * x * x)(x)
    assert (y.data, d.data) == (8.0, 12.0)
    d.backward()
    assert x.grad == 12.0
    (y,) = vjp(lambda x: x * 2.0, 3.0)[1](x)
    assert y.data == 4.0


def test_no_leaf_is_touched():
    w = Value(3.0)
    x = Value(2.0)
    w.grad = x.grad = 7.0
    grad(lambda z: w * z * z)(x)
    hessian(lambda z: w * z * z)(2.0)
    assert (w.grad, x.grad) == (7.0, 7.0)


def test_a_function_that_returns_its_argument_or_a_value_from_outside():
    assert grad(lambda x: x)(2.0) == 1.0
    w = Value(3.0)
    value, slope = value_and_grad(lambda x: w)(2.0)
    assert (value, slope) == (w, 0.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: grad(lambda x: [x, x])(1.0),
            TypeError,
            r"grad\(\) expects a function that returns one number, got a list of 2",
        ),
        (lambda: grad(lambda x: [x])(1.0), TypeError, "returns one number"),
        (lambda: value_and_grad(lambda x: (x, x))(1.0), TypeError, r"value_and_grad\(\) expects"),
        (lambda: grad(ag.sin, 1)(1.0), ValueError, r"grad\(\) got argnums=1 for 1 positional"),
        (lambda: grad(3.0), TypeError, r"grad\(\) expects a function, got float"),
        (lambda: grad(lambda x: "1")(1.0), TypeError, "got str"),
        (lambda: grad(lambda x: x)("1"), TypeError, r"argument 0 of <lambda>\(\) takes a real number, got str"),
        (lambda: jvp(ag.sin, (1.0,), (1.0, 2.0)), ValueError, r"jvp\(\) expects tangents .* a tuple of 1, got 2"),
        (
            lambda: vjp(ag.sin, 1.0)[1]([1.0, 2.0]),
            ValueError,
            r"vjp\(\) expects the cotangent .* a number, got a list of 2",
        ),
        (lambda: jvp(ag.sin, (1.0,), ("1",)), TypeError, r"jvp\(\) takes a real number"),
        (lambda: jvp(ag.sin, 1.0, 1.0), TypeError, r"jvp\(\) expects a tuple of f's arguments, such as \(2.0,\)"),
        (lambda: hvp(ag.sin, 1.0, 1.0), TypeError, r"hvp\(\) expects a tuple of f's arguments, such as \(2.0,\)"),
    ],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


def sizes_of_paths(y):
    """For each leaf the sum of the absolute products along all paths to it."""
    sizes = sizes_of(users_first([y]), y)
    return [size for node, size in sizes.items() if node.op is None]


@given(programs(inputs=2, max_lines=8), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_modes_agree_on_random_programs(program, x, y):
    """Forward mode, reverse mode and the gradient graph give the same derivative up to rounding."""
    with errstate("ignore"):
        reverse = grad(program, (0, 1))(x, y)
        scale = max(map(abs, reverse))
        assume(scale < 1e12)
        terms = sum(sizes_of_paths(program(Value(x, "x"), Value(y, "y"))))  # they may cancel
        forward = [jvp(program, (x, y), direction)[1] for direction in ((1.0, 0.0), (0.0, 1.0))]
        graph = grad(program, (0, 1))(Value(x), Value(y))
        for a, b, c in zip(reverse, forward, graph, strict=True):
            c = c.data if isinstance(c, Value) else c
            assume(math.isfinite(a) and math.isfinite(b) and math.isfinite(c))
            tolerance = 1e-9 * (1.0 + terms)
            assert math.isclose(a, b, rel_tol=1e-9, abs_tol=tolerance)
            assert math.isclose(a, c, rel_tol=1e-9, abs_tol=tolerance)


def test_a_plain_zero_among_the_arguments_divides_by_ieee_arithmetic_in_a_gradient_graph():
    with errstate("ignore"):
        assert grad(lambda x: grad(lambda y: y / 0.0 * y)(x))(1.0) == math.inf
        assert jvp(grad(lambda x: x / 0.0), (-1.0,), (1.0,)) == (math.inf, 0.0)
        assert "1 / 0" in pass_tables(Value(1.0) / 0.0)


EXTREMES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-300, 1e300, -1e300, 800.0, -800.0, math.inf, -math.inf, math.nan])


@given(st.sampled_from([row for row in PRIMITIVES.values() if any(row.partials)]), st.data())
def test_no_derivative_of_first_or_second_order_raises_anywhere(row, data):
    count = 2 * row.variadic if row.variadic else len(row.partials)
    point = data.draw(st.lists(EXTREMES | st.floats(-5, 5), min_size=count, max_size=count))
    position = data.draw(st.integers(0, count - 1))
    with errstate("ignore"):
        row(*map(Value, point)).backward()
        slope = grad(row, position)
        assert type(slope(*point)) is float
        assert type(grad(slope, position)(*point)) is float
        assert type(jvp(slope, point, [1.0] * count)[1]) is float


@given(st.lists(st.floats(-5.0, 5.0), min_size=2, max_size=5))
def test_softmax_is_the_gradient_of_logsumexp(xs):
    assert ag.softmax(xs) == pytest.approx(grad(ag.logsumexp)(xs), rel=1e-14)
    assert sum(ag.softmax(xs)) == pytest.approx(1.0, rel=1e-14)
    assert [math.exp(x) for x in ag.log_softmax(xs)] == pytest.approx(ag.softmax(xs), rel=1e-13)


def test_softmax_of_infinities_and_of_nothing():
    assert ag.softmax([math.inf, 0.0]) == [1.0, 0.0]
    assert ag.softmax([-math.inf, -math.inf]) == [0.5, 0.5]
    assert ag.log_softmax([-math.inf, 0.0]) == [-math.inf, 0.0]
    for function in (ag.softmax, ag.log_softmax):
        with pytest.raises(ValueError, match="at least one number"):
            function([])


def test_wrt_differentiates_by_leaves_that_a_function_closes_over_and_leaves_them_alone():
    w, b = Value(2.0), Value(3.0)
    f = lambda x: w * w * x * b  # noqa: E731
    assert grad(f, wrt=w)(1.0).data == 12.0  # f depends on b too
    assert grad(f, wrt={"w": w, "b": b})(1.0) == {"w": 12.0, "b": 4.0}
    assert value_and_grad(f, wrt=[w, b])(2.0) == (24.0, [24.0, 8.0])
    assert hessian(f, wrt=[w, b])(1.0) == [[6.0, 4.0], [4.0, 0.0]]
    assert jacobian(lambda x: [w * x, b], wrt=(w, b))(5.0) == [(5.0, 0.0), (0.0, 1.0)]
    assert grad(lambda x: x * grad(f, wrt=[w, b])(x)[0])(1.0).data == 24.0
    assert (w.grad, b.grad, w.data) == (0.0, 0.0, 2.0)


def test_wrt_takes_leaf_values_only():
    w = Value(2.0)
    with pytest.raises(TypeError, match=r"grad\(\) expects leaf Values as wrt, got float at 1"):
        grad(lambda x: x, wrt=[w, 1.0])
    with pytest.raises(ValueError, match=r"got the result of mul\(\) at 0"):
        hessian(lambda x: x, wrt=w * w)


def test_what_goes_with_a_value_is_handed_on_and_has_no_say_in_the_gradient():
    f = lambda x, w: (x * x * w, {"double": 2.0 * x, "more": [w, 5]})  # noqa: E731
    assert value_and_grad(f, has_aux=True)(3.0, 2.0) == ((18.0, {"double": 6.0, "more": [2.0, 5.0]}), 12.0)
    assert grad(f, (0, 1), has_aux=True)(3.0, 2.0) == ((12.0, 9.0), {"double": 6.0, "more": [2.0, 5.0]})
    assert compile(value_and_grad(f, has_aux=True))(3.0, 2.0) == value_and_grad(f, has_aux=True)(3.0, 2.0)
    assert grad(lambda x: grad(f, has_aux=True)(x, 2.0)[1]["double"])(3.0) == 2.0


@pytest.mark.parametrize(
    "answer", [lambda x: x, lambda x: [x, x], lambda x: (x,), lambda x: ([x], x), lambda x: (x, x, x)]
)
@pytest.mark.parametrize("derivative", [grad, value_and_grad])
def test_with_aux_a_pair_is_expected(derivative, answer):
    with pytest.raises(
        TypeError, match=rf"{derivative.__name__}\(\) with has_aux expects a function that returns a pair"
    ):
        derivative(answer, has_aux=True)(1.0)


def test_a_gradient_stops_where_it_is_told_to_in_every_mode():
    f = lambda x: x * stop_gradient(x * x)  # noqa: E731
    assert (f(3.0), grad(f)(3.0), grad(grad(f))(3.0)) == (27.0, 9.0, 0.0)
    assert jvp(f, (3.0,), (1.0,)) == (27.0, 9.0)
    assert compile(grad(f))(3.0) == 9.0
    x = Value(3.0)
    f(x).backward()
    assert x.grad == 9.0
    assert hessian(lambda x: x * x * stop_gradient(x))(3.0) == 6.0
