"""What every value and gradient is at the edges: one table, read in every mode."""

import itertools
import math
from math import inf, nan, pi

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import PRIMITIVES, Value, errstate, grad, hessian, jacobian, jvp, value_and_grad, vjp

HALF = math.sqrt(0.5)

# what, function, arguments, value, gradient by each argument
CASES = [
    ("relu(0)", ag.relu, [0.0], 0.0, [0.0]),
    ("relu(nan)", ag.relu, [nan], nan, [nan]),
    ("leaky_relu(0)", ag.leaky_relu, [0.0], 0.0, [0.01]),
    ("leaky_relu(nan)", ag.leaky_relu, [nan], nan, [nan]),
    ("abs(0)", ag.abs, [0.0], 0.0, [0.0]),
    ("abs(nan)", ag.abs, [nan], nan, [nan]),
    ("maximum at a tie", ag.maximum, [2.0, 2.0], 2.0, [0.5, 0.5]),
    ("minimum at a tie", ag.minimum, [2.0, 2.0], 2.0, [0.5, 0.5]),
    ("maximum of a node and itself", lambda x: ag.maximum(x, x), [2.0], 2.0, [1.0]),
    ("maximum(nan, 1)", ag.maximum, [nan, 1.0], nan, [nan, nan]),
    ("maximum(1, nan)", ag.maximum, [1.0, nan], nan, [nan, nan]),
    ("minimum(nan, 1)", ag.minimum, [nan, 1.0], nan, [nan, nan]),
    ("x**0 at 0", lambda x: x**0, [0.0], 1.0, [0.0]),
    ("x**0.0 at 0", lambda x: x**0.0, [0.0], 1.0, [0.0]),
    ("x**0 at nan", lambda x: x**0, [nan], 1.0, [0.0]),
    ("0**0", ag.pow, [0.0, 0.0], 1.0, [0.0, 0.0]),
    ("0**2", ag.pow, [0.0, 2.0], 0.0, [0.0, 0.0]),
    ("0**1", ag.pow, [0.0, 1.0], 0.0, [1.0, 0.0]),
    ("0**0.5", ag.pow, [0.0, 0.5], 0.0, [inf, 0.0]),
    ("0**-1", ag.pow, [0.0, -1.0], inf, [-inf, -inf]),
    ("nan**0", ag.pow, [nan, 0.0], 1.0, [0.0, nan]),
    ("1**nan", ag.pow, [1.0, nan], 1.0, [nan, 0.0]),
    ("(-2)**3", ag.pow, [-2.0, 3.0], -8.0, [12.0, nan]),
    ("(-2)**2.5", ag.pow, [-2.0, 2.5], nan, [nan, nan]),
    ("(-2)**constant 3", lambda x: x**3, [-2.0], -8.0, [12.0]),
    ("constant 0**2", lambda p: 0.0**p, [2.0], 0.0, [0.0]),
    ("constant 0**0.5", lambda p: 0.0**p, [0.5], 0.0, [0.0]),
    ("constant 0**0", lambda p: 0.0**p, [0.0], 1.0, [0.0]),
    ("constant 0**-1", lambda p: 0.0**p, [-1.0], inf, [-inf]),
    ("sqrt(0)", ag.sqrt, [0.0], 0.0, [inf]),
    ("sqrt(-0)", ag.sqrt, [-0.0], -0.0, [inf]),
    ("sqrt(-1)", ag.sqrt, [-1.0], nan, [nan]),
    ("sqrt squared at 0 stays honest", lambda x: ag.sqrt(x) ** 2, [0.0], 0.0, [nan]),
    ("log(0)", ag.log, [0.0], -inf, [inf]),
    ("log(-0)", ag.log, [-0.0], -inf, [inf]),
    ("log(-1)", ag.log, [-1.0], nan, [-1.0]),
    ("log1p(-2)", ag.log1p, [-2.0], nan, [-1.0]),
    ("atanh(2)", ag.atanh, [2.0], nan, [-1.0 / 3.0]),
    ("1/0", lambda x: 1.0 / x, [0.0], inf, [-inf]),
    ("0/0", ag.truediv, [0.0, 0.0], nan, [inf, nan]),
    ("1/3 is rounded once", ag.truediv, [1.0, 49.0], 1.0 / 49.0, [1.0 / 49.0, -(1.0 / 49.0) / 49.0]),
    ("atan2(0, 0)", ag.atan2, [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("hypot(0, 0)", ag.hypot, [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("hypot does not overflow", ag.hypot, [1e200, 1e200], math.hypot(1e200, 1e200), [HALF, HALF]),
    ("hypot does not underflow", ag.hypot, [1e-200, 1e-200], math.hypot(1e-200, 1e-200), [HALF, HALF]),
    ("sigmoid(800)", ag.sigmoid, [800.0], 1.0, [0.0]),
    ("sigmoid(-800)", ag.sigmoid, [-800.0], 0.0, [0.0]),
    ("logsigmoid(-800)", ag.logsigmoid, [-800.0], -800.0, [1.0]),
    ("softplus(800)", ag.softplus, [800.0], 800.0, [1.0]),
    ("softplus(-800)", ag.softplus, [-800.0], 0.0, [0.0]),
    ("softplus(30) is exact", ag.softplus, [30.0], 30.000000000000092, [0.9999999999999064]),
    ("exp(800)", ag.exp, [800.0], inf, [inf]),
    ("exp(-800)", ag.exp, [-800.0], 0.0, [0.0]),
    ("silu(-inf)", ag.silu, [-inf], 0.0, [0.0]),
    ("silu(inf)", ag.silu, [inf], inf, [1.0]),
    ("gelu(-inf)", ag.gelu, [-inf], 0.0, [0.0]),
    ("gelu(inf)", ag.gelu, [inf], inf, [1.0]),
    ("silu(nan)", ag.silu, [nan], nan, [nan]),
    ("elu(0, 2)", ag.elu, [0.0, 2.0], 0.0, [2.0, 0.0]),
    ("logsumexp of equals", lambda a, b, c: ag.logsumexp([a, b, c]), [5.0] * 3, 5.0 + math.log(3.0), [1.0 / 3.0] * 3),
    ("logsumexp(-inf, 0)", lambda a, b: ag.logsumexp([a, b]), [-inf, 0.0], 0.0, [0.0, 1.0]),
    ("logsumexp(-inf, -inf)", lambda a, b: ag.logsumexp([a, b]), [-inf, -inf], -inf, [0.5, 0.5]),
    ("logsumexp(inf, 0)", lambda a, b: ag.logsumexp([a, b]), [inf, 0.0], inf, [1.0, 0.0]),
    ("logsumexp(inf, inf)", lambda a, b: ag.logsumexp([a, b]), [inf, inf], inf, [0.5, 0.5]),
    ("logsumexp at 800", lambda a, b: ag.logsumexp([a, b]), [800.0, 800.0], 800.0 + math.log(2.0), [0.5, 0.5]),
    ("logaddexp(-inf, 0)", ag.logaddexp, [-inf, 0.0], 0.0, [0.0, 1.0]),
    ("logaddexp(-inf, -inf)", ag.logaddexp, [-inf, -inf], -inf, [0.5, 0.5]),
    ("logaddexp(inf, 0)", ag.logaddexp, [inf, 0.0], inf, [1.0, 0.0]),
    ("logaddexp(inf, inf)", ag.logaddexp, [inf, inf], inf, [0.5, 0.5]),
    ("clip at the lower bound", ag.clip, [-1.0, -1.0, 1.0], -1.0, [1.0, 0.0, 0.0]),
    ("clip at the upper bound", ag.clip, [1.0, -1.0, 1.0], 1.0, [1.0, 0.0, 0.0]),
    ("clip below", ag.clip, [-2.0, -1.0, 1.0], -1.0, [0.0, 1.0, 0.0]),
    ("clip above", ag.clip, [2.0, -1.0, 1.0], 1.0, [0.0, 0.0, 1.0]),
    ("clip with its bounds crossed", ag.clip, [0.0, 2.0, 1.0], 1.0, [0.0, 0.0, 1.0]),
    ("clip(nan)", lambda x: ag.clip(x, -1.0, 1.0), [nan], nan, [nan]),
    ("where guards log at 0", lambda x: ag.where(x > 0, ag.log(x), 0.0), [0.0], 0.0, [0.0]),
    ("where guards log at 2", lambda x: ag.where(x > 0, ag.log(x), 0.0), [2.0], math.log(2.0), [0.5]),
    ("where with a Value as condition", lambda c, x: ag.where(c, x * x, x), [1.0, 3.0], 9.0, [0.0, 6.0]),
    ("xlogy(0, 0)", ag.xlogy, [0.0, 0.0], 0.0, [-inf, 0.0]),
    ("xlogy(0, 2)", ag.xlogy, [0.0, 2.0], 0.0, [math.log(2.0), 0.0]),
    ("xlogy(2, 0)", ag.xlogy, [2.0, 0.0], -inf, [-inf, inf]),
    ("log1pmx(0)", ag.log1pmx, [0.0], 0.0, [0.0]),
    ("log1pmx(-1)", ag.log1pmx, [-1.0], -inf, [inf]),
    ("log1pmx(-2)", ag.log1pmx, [-2.0], nan, [-2.0]),
    ("log1pmx(inf)", ag.log1pmx, [inf], -inf, [nan]),
    ("xlog1py(0, -1)", ag.xlog1py, [0.0, -1.0], 0.0, [-inf, 0.0]),
    ("asinh(1e200)", ag.asinh, [1e200], math.asinh(1e200), [1e-200]),
    ("asinh(-1e200)", ag.asinh, [-1e200], math.asinh(-1e200), [1e-200]),
    ("acosh(1e200)", ag.acosh, [1e200], math.acosh(1e200), [1e-200]),
    ("atan(1e200)", ag.atan, [1e200], pi / 2.0, [0.0]),
    ("lgamma(0)", ag.lgamma, [0.0], inf, [nan]),
    ("lgamma(-3)", ag.lgamma, [-3.0], inf, [nan]),
    ("asin(1)", ag.asin, [1.0], pi / 2.0, [inf]),
    ("acos(-1)", ag.acos, [-1.0], pi, [-inf]),
    ("acosh(1)", ag.acosh, [1.0], 0.0, [inf]),
    ("atanh(1)", ag.atanh, [1.0], inf, [inf]),
    ("ndtri(0)", ag.ndtri, [0.0], -inf, [inf]),
    ("ndtri(1)", ag.ndtri, [1.0], inf, [inf]),
    ("ndtri(2)", ag.ndtri, [2.0], nan, None),
    ("logit(0)", ag.logit, [0.0], -inf, [inf]),
    ("logit(1)", ag.logit, [1.0], inf, [inf]),
    ("tanh(1e300)", ag.tanh, [1e300], 1.0, [0.0]),
    ("erf(-1e300)", ag.erf, [-1e300], -1.0, [-0.0]),
    ("erfc(1e300)", ag.erfc, [1e300], 0.0, [0.0]),
    ("norm_cdf(-1e300)", ag.norm_cdf, [-1e300], 0.0, [0.0]),
    ("norm_cdf(1e300)", ag.norm_cdf, [1e300], 1.0, [0.0]),
    ("log_ndtr(1e300)", ag.log_ndtr, [1e300], 0.0, [0.0]),
    ("log_ndtr(-1e300)", ag.log_ndtr, [-1e300], -inf, [1e300]),
    ("log_ndtr(-inf)", ag.log_ndtr, [-inf], -inf, [inf]),
    ("sigmoid(1e300)", ag.sigmoid, [1e300], 1.0, [0.0]),
    ("softplus(1e300)", ag.softplus, [1e300], 1e300, [1.0]),
    ("silu(1e300)", ag.silu, [1e300], 1e300, [1.0]),
    ("silu(-1e300)", ag.silu, [-1e300], 0.0, [0.0]),
    ("gelu(-1e300)", ag.gelu, [-1e300], 0.0, [0.0]),
    ("elu(-1e300)", lambda x: ag.elu(x), [-1e300], -1.0, [0.0]),
    ("cosh(1e300)", ag.cosh, [1e300], inf, [inf]),
    ("sin(inf)", ag.sin, [inf], nan, [nan]),
    ("polygamma(1, inf)", lambda x: ag.polygamma(1, x), [inf], 0.0, [0.0]),
    ("polygamma of half an order", lambda x: ag.polygamma(0.5, x), [1.0], nan, None),
    ("digamma(inf)", ag.digamma, [inf], inf, [0.0]),
    ("lgamma overflows to inf", ag.lgamma, [1e306], inf, None),
]

# what, function, arguments, value: no derivative, so the gradient is 0
STEPS = [
    ("sign(-3)", ag.sign, -3.0, -1.0),
    ("sign(0)", ag.sign, 0.0, 0.0),
    ("sign(nan)", ag.sign, nan, nan),
    ("floor(-0.0)", ag.floor, -0.0, -0.0),
    ("floor(-0.5)", ag.floor, -0.5, -1.0),
    ("floor(inf)", ag.floor, inf, inf),
    ("floor(nan)", ag.floor, nan, nan),
    ("ceil(-0.5)", ag.ceil, -0.5, -0.0),
    ("ceil(-inf)", ag.ceil, -inf, -inf),
    ("step(0)", ag.step, 0.0, 1.0),
    ("step(-1e-300)", ag.step, -1e-300, 0.0),
    ("step(nan)", ag.step, nan, nan),
    ("threshold(0)", ag.threshold, 0.0, 1.0),
    ("threshold(-1)", ag.threshold, -1.0, -1.0),
    ("threshold(nan)", ag.threshold, nan, nan),
]


def same(got, expected):
    """Equal, both nan, or within the 4 ulp of one operation on arrays and the rounding of others."""
    if math.isnan(expected):
        return math.isnan(got)
    if math.isinf(expected) or expected == 0.0 or math.isinf(got):
        return got == expected
    return math.isclose(got, expected, rel_tol=2e-15)


def by_backward(f, args):
    leaves = [Value(x) for x in args]
    y = f(*leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def by_grad(f, args):
    return value_and_grad(f, argnums=range(len(args)))(*args)


def by_graph(f, args):
    """The gradient as a graph: partials evaluated on Values."""
    y, gradient = value_and_grad(f, argnums=range(len(args)))(*map(Value, args))
    return y.data, [g.data if isinstance(g, Value) else g for g in gradient]


def by_forward_mode(f, args):
    pushed = [jvp(f, args, [float(i == j) for j in range(len(args))]) for i in range(len(args))]
    return pushed[0][0], [t for _, t in pushed]


def by_forward_graph(f, args):
    """Forward mode over a graph: tangents that are Values."""
    pushed = [jvp(f, list(map(Value, args)), [float(i == j) for j in range(len(args))]) for i in range(len(args))]
    return pushed[0][0].data, [t.data if isinstance(t, Value) else t for _, t in pushed]


def in_an_unusual_mode(f, args):
    """Where the operators take their careful way."""
    with errstate("warn"), ag.modes.Switch(recording=False), ag.modes.Switch(recording=True):
        return by_backward(f, args)


def compiled(backend, columns):
    def mode(f, args):
        run = ag.compile(value_and_grad(f, argnums=range(len(args))), backend=backend)
        value, gradient = run(*([np.full(3, x) for x in args] if columns else args))
        return (value[2], [g[2] for g in gradient]) if columns else (value, gradient)

    mode.__name__ = f"compiled_by_{backend}{'_on_arrays' * columns}"
    return mode


def compiled_forward(f, args):
    """Forward mode, compiled."""
    units = [[float(i == j) for j in range(len(args))] for i in range(len(args))]
    pushed = ag.compile(lambda *xs: [jvp(f, xs, unit) for unit in units])(*args)
    return pushed[0][0], [t for _, t in pushed]


MODES = [by_backward, by_grad, by_graph, by_forward_mode, by_forward_graph, in_an_unusual_mode, compiled_forward]
MODES += [compiled("python", False), compiled("numpy", True), compiled("numba", True), compiled("numba", False)]
ids = [case[0] for case in CASES]


@pytest.fixture(autouse=True)
def quiet():
    with errstate("ignore"):
        yield


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("what", "f", "args", "value", "gradient"), CASES, ids=ids)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the unusual mode switches them on
def test_value_and_gradient_are_the_table_s_in_every_mode(mode, what, f, args, value, gradient):
    y, found = mode(f, args)
    assert same(y, value), (what, y)
    if gradient is not None:
        assert all(map(same, found, gradient)), (what, list(found))


# Python's own / and ** on two floats raise where Values give inf; there is nothing of ours to test.
OWN = [case[:4] for case in CASES if case[0] != "1/0" and not case[0].startswith(("constant 0**", "0**-"))]


@pytest.mark.parametrize(("what", "f", "args", "value"), OWN, ids=[case[0] for case in OWN])
def test_plain_numbers_give_the_same_value(what, f, args, value):
    y = float(f(*args))
    assert same(y, value), (what, y)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("what", "f", "x", "value"), STEPS, ids=[case[0] for case in STEPS])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_steps_have_numpy_s_value_and_no_derivative(mode, what, f, x, value):
    y, (slope,) = mode(f, [x])
    assert same(y, value)
    assert math.copysign(1.0, y) == math.copysign(1.0, value) or math.isnan(value)
    assert slope == 0.0


def test_the_second_derivative_at_a_finite_tie_of_logaddexp_is_a_quarter():
    assert ag.grad(ag.grad(lambda x: ag.logaddexp(x, 0.0)))(0.0) == 0.25


def test_the_second_derivative_of_softplus_at_0_is_a_quarter():
    assert ag.grad(ag.grad(ag.softplus))(0.0) == 0.25


def test_the_mixed_second_derivative_of_xlogy_at_x_0_is_1_over_y():
    assert ag.hessian(lambda z: ag.xlogy(z[0], z[1]))([0.0, 4.0]) == [[0.0, 0.25], [0.25, 0.0]]


@pytest.mark.parametrize("y", [2.0, 3.0, 4.5])
def test_the_hessian_of_a_power_at_base_0_is_finite_from_exponent_2_on(y):
    expected = 2.0 if y == 2.0 else 0.0
    assert ag.hessian(lambda z: z[0] ** z[1])([0.0, y]) == [[expected, 0.0], [0.0, 0.0]]


def test_a_zero_tangent_or_cotangent_at_the_door_means_none():
    assert jvp(ag.sqrt, [0.0], [0.0])[1] == 0.0
    assert ag.vjp(ag.sqrt, 0.0)[1](0.0) == (0.0,)
    assert grad(lambda x, y: ag.sqrt(x) + y, argnums=1)(0.0, 1.0) == 1.0


# Mixed derivatives: a guard must not be constant where its function is not

TWO = [
    row for row in PRIMITIVES.values() if not row.variadic and sum(partial is not None for partial in row.partials) > 1
]
TWO.remove(PRIMITIVES["paced"])  # its slope by rate is an argument of its own
CORNERS = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, 23.0, 1e-9, -1e-9, 1e9, 40.0, -40.0]


def corners(row):
    """Points of a row's closed domain, with its ends, whole numbers, and ties."""
    values = CORNERS if len(row.domain) == 2 else CORNERS[:6]
    for point in itertools.product(values, repeat=len(row.domain)):
        if all(low <= x <= high for x, (low, high) in zip(point, row.domain, strict=True)):
            yield list(point)


@pytest.mark.parametrize("row", TWO, ids=lambda row: row.name)
def test_every_hessian_is_symmetric_where_the_function_is_twice_differentiable(row):
    for point in corners(row):
        if row.name == "pow" and point[0] == 0.0 and point[1] < 2.0:
            continue  # nothing is promised there
        with errstate("ignore"):
            second = hessian(lambda v: row(*v))(point)
            compiled = ag.compile(hessian(lambda v: row(*v)))(point)
        for i, j in itertools.combinations(range(len(point)), 2):
            for found in (second, compiled):
                a, b = found[i][j], found[j][i]
                assert a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12), (point, a, b)


@pytest.mark.parametrize("x", [23.0, 0.5, 1.0, 1e-300, 1e300])
def test_the_mixed_derivatives_of_a_power_at_exponent_0_are_those_of_the_formula(x):
    f = lambda v: v[0] ** v[1]  # noqa: E731
    for derive in (lambda f: f, ag.compile):
        ((xx, xy), (yx, yy)) = derive(hessian(f))([x, 0.0])
        assert (xx, xy, yx) == (0.0, pytest.approx(1.0 / x), pytest.approx(1.0 / x))
        assert yy == pytest.approx(math.log(x) ** 2)
        third = derive(jacobian(hessian(f)))([x, 0.0])
        for i, j, k in itertools.permutations((0, 0, 1)):
            if 1e-150 < x < 1e150:  # else -1/x**2 is beyond the floats
                assert third[i][j][k] == pytest.approx(-1.0 / x / x)
        for i, j, k in itertools.permutations((0, 1, 1)):
            assert third[i][j][k] == pytest.approx(2.0 * math.log(x) / x)


def test_the_mixed_derivatives_at_other_guards():
    for row, point, mixed in (
        (PRIMITIVES["xlogy"], [0.0, 0.0], math.inf),
        (PRIMITIVES["xlog1py"], [0.0, -1.0], math.inf),
        (PRIMITIVES["leaky_relu"], [0.0, 0.1], 1.0),
        (PRIMITIVES["elu"], [0.0, 2.0], 1.0),
    ):
        second = hessian(lambda v, row=row: row(*v))(point)
        assert second[0][1] == second[1][0] == mixed, row.name


@pytest.mark.parametrize("name", ["asin", "acos", "atanh"])
@pytest.mark.parametrize("x", [1e-300, 1e-17, 1e-12, -1e-12, 1e-5, 0.3, 0.5, 0.9, -0.999999, 1.0 - 1e-12])
def test_second_derivatives_with_one_minus_a_square_keep_their_digits_next_to_0_and_1(name, x):
    with mp.workdps(60):
        z = mpf(x)
        exact = {"asin": z / (1 - z * z) ** 1.5, "acos": -z / (1 - z * z) ** 1.5, "atanh": 2 * z / (1 - z * z) ** 2}[
            name
        ]
        for derive in (lambda f: f, ag.compile):
            assert abs(derive(grad(grad(PRIMITIVES[name])))(x) - exact) <= 4 * math.ulp(abs(float(exact)))


# A tangent or cotangent of exactly 0 means none, also where it is an input of a compiled function

AT_0 = {
    "sqrt": lambda v: ag.sqrt(v[0]) + v[1], "a root of a product": lambda v: ag.sqrt(v[0] * v[0] * v[0]) * v[1],
    "inside": lambda v: ag.sin(ag.sqrt(v[0]) + 1.0) * v[1], "twice": lambda v: ag.sqrt(v[0]) * ag.sqrt(v[0] * 2.0) + v[1] ** 2,
    "with a branch": lambda v: ag.where(v[1] > 0.0, ag.sqrt(v[0]), v[1]) + v[1], "log": lambda v: ag.log(v[0]) * 0.5 + v[1],
}  # fmt: skip
DIRECTIONS = [[0.0, 0.0], [0.0, 2.0], [-0.0, 3.0], [1.0, 0.0], [1.0, 2.0]]


def text_of(numbers):
    """Numbers to ten digits: nan is nan, and 0 is 0 whatever its sign."""
    return [text_of(x) for x in numbers] if isinstance(numbers, (list, tuple)) else f"{numbers + 0.0:.10g}"


@pytest.mark.parametrize("backend", ["python", "numpy", "numba"])
@pytest.mark.parametrize("f", AT_0.values(), ids=list(AT_0))
def test_a_zero_tangent_is_none_in_compiled_functions_too(f, backend):
    push = ag.compile(lambda v, t: jvp(f, (v,), (t,)), backend=backend)
    curve = ag.compile(lambda v, t: ag.hvp(f, (v,), (t,)), backend=backend)
    pull = ag.compile(lambda v, g: vjp(lambda v: [f(v), v[1]], v)[1](g)[0], backend=backend)
    for point in ([0.0, 1.0], [0.0, -1.0], [4.0, 2.0]):
        for direction in DIRECTIONS:
            with errstate("ignore"):
                assert text_of(push(point, direction)) == text_of(jvp(f, (point,), (direction,)))
                assert text_of(curve(point, direction)) == text_of(ag.hvp(f, (point,), (direction,)))
                assert text_of(pull(point, direction)) == text_of(vjp(lambda v: [f(v), v[1]], point)[1](direction)[0])


def test_a_derivative_by_a_tangent_goes_through_where_it_is_0():
    slope = lambda t: jvp(ag.sin, (1.0,), (t,))[1]  # noqa: E731
    for derive in (lambda f: f, ag.compile):
        assert derive(grad(slope))(0.0) == math.cos(1.0)
        assert derive(slope)(0.0) == 0.0
        assert derive(grad(lambda g: vjp(ag.exp, 0.5)[1](g)[0]))(0.0) == math.exp(0.5)
        assert derive(lambda t: jvp(slope, (t,), (1.0,))[1])(0.0) == math.cos(1.0)


NESTED = {
    "a slope of a direction": lambda x, t: grad(lambda p: jvp(ag.sqrt, (p,), (t,))[1])(x),
    "a slope of a pull": lambda x, t: grad(lambda p: vjp(ag.log, p)[1](t)[0])(x),
    "a hessian of a direction": lambda x, t: hessian(lambda p: jvp(lambda v: ag.sqrt(v) * v, (p,), (t,))[1])(x),
    "a direction of a direction": lambda x, t: jvp(lambda p: jvp(ag.sqrt, (p,), (t,))[1], (x,), (1.0,))[1],
    "a curve of a curve": lambda x, t: ag.hvp(lambda p: ag.hvp(lambda v: ag.sqrt(v) * v, (p,), (t,)), (x,), (t,)),
}  # fmt: skip


@pytest.mark.parametrize("f", NESTED.values(), ids=list(NESTED))
@pytest.mark.parametrize("x", [0.0, 2.0])
@pytest.mark.parametrize("t", [0.0, 1.5])
def test_a_zero_tangent_is_none_under_further_derivatives_too(f, x, t):
    with errstate("ignore"):
        expected = text_of(f(x, t))
        assert text_of(ag.compile(f)(x, t)) == expected
        assert text_of(ag.compile(f, rows=(0, 1))(np.array([x, 1.0]), np.array([t, 1.0]))[0]) == expected


def test_a_value_of_0_as_a_tangent_means_none_as_well():
    for zero in (Value(0.0), Value(2.0) * 0.0):
        y, rate = jvp(ag.sqrt, (0.0,), (zero,))
        assert rate.data == 0.0
        assert vjp(ag.log, 0.0)[1](zero)[0].data == 0.0 if y == 0.0 else None


@pytest.mark.parametrize("p", [5e-324, 1e-322, 1.5e-320, 1e-310, 2e-301, 1e-300, 1e-290])
def test_the_quantile_of_a_tiny_probability_has_all_its_digits(p):
    with mp.workdps(60):  # the root of the logarithm, by Newton's method from ours
        x = mpf(ag.ndtri(p))
        for _ in range(4):
            below = mp.erfc(-x / mp.sqrt(2)) / 2
            x -= (mp.log(below) - mp.log(mpf(p))) * below / mp.npdf(x)
        assert abs(ag.ndtri(p) - x) <= 4.0 * math.ulp(float(x))
    assert ag.compile(ag.ndtri, rows=0)(np.array([p, 0.3]))[0] == pytest.approx(ag.ndtri(p), rel=4.0 * 2.0**-52)
