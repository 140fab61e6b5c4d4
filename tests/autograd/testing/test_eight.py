"""Eight bugs planted: the kit finds each, with the right verdict."""

import math

import numpy as np
import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import GradientMismatch, Primitive, Value, check_grads, stop_gradient
from autograd.testing import check_kernels
from autograd.testing.strategies import expressions, points


def cause(check, *args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check(*args, **options)
    assert len(str(caught.value)) < 900
    return caught.value.cause


def tried(strategy, check):
    """What a property test with a strategy raises."""

    @seed(1)
    @settings(max_examples=500, database=None, deadline=None, phases=[Phase.generate, Phase.shrink])
    @given(strategy)
    def test(x):
        check(x)

    with pytest.raises(GradientMismatch) as caught:
        test()
    return caught.value.cause


# 1. Right at 60 digits and wrong in the last ones: far within any tolerance.
UNSTABLE = {
    "tanh by its output": (Primitive("tanh2", lambda x: math.tanh(x), lambda x, y: 1.0 - y * y), 7.0),
    "sigmoid by its output": (
        Primitive("sigmoid2", lambda x: 1.0 / (1.0 + math.exp(-x)), lambda x, y: y * (1.0 - y)), 9.0,
    ),
    "expm1 by its output": (Primitive("expm2", lambda x: np.expm1(x), lambda x, y: y + 1.0), -9.0),
    "asin next to 1": (Primitive("asin2", math.asin, lambda x, y: 1.0 / ag.sqrt(1.0 - x * x)), 1.0 - 1e-9),
}  # fmt: skip


@pytest.mark.parametrize(("row", "x"), UNSTABLE.values(), ids=UNSTABLE)
def test_an_unstable_rule_is_told_from_a_wrong_one(row, x):
    found = cause(check_grads, row, (x,), order=1)
    assert found.kind == "unstable rule"
    assert f"partial 0 of {row.name}" in found.text


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "expm1", "asin", "norm_cdf", "log_ndtr", "gelu", "silu", "logit"])
@settings(max_examples=20)
@given(data=st.data())
def test_no_rule_of_the_table_is_called_unstable(name, data):
    point = data.draw(points(ag.PRIMITIVES[name], 30.0))
    check_grads(ag.PRIMITIVES[name], point, order=1)


# 2. Wrong only near an end of the domain: points() come there.
def _near_end(x, y):
    number = x.data if type(x) is Value else x
    return (1.0 + (1e-3 if number < 1e-5 else 0.0)) / x


near_end = Primitive("near_end", math.log, _near_end, domain=(0.0, math.inf))


def test_a_rule_that_is_wrong_only_near_an_end_is_found_by_points():
    check_grads(near_end, (0.5,), order=1)
    found = tried(points(near_end, 10.0), lambda point: check_grads(near_end, point, order=1))
    assert found.kind == "wrong rule"
    assert "partial 0 of near_end" in found.text


# 3. A second derivative that drops a term.
DROPPED = {
    "by .data": Primitive("drop1", lambda x: x * x * x, lambda x, y: 3.0 * x * (x.data if type(x) is Value else x)),
    "by stop_gradient": Primitive("drop2", lambda x: x * x * x, lambda x, y: 3.0 * x * stop_gradient(x)),
}


@pytest.mark.parametrize("row", DROPPED.values(), ids=DROPPED)
def test_a_second_derivative_that_drops_a_term_is_named_with_its_primitive(row):
    check_grads(row, (2.0,), order=1)
    found = cause(check_grads, lambda x: row(ag.sin(x)), (2.0,))
    assert found.kind == "dropped term"
    assert f"the derivative of partial 0 of {row.name}" in found.text


# 4. Accumulation that depends on the order.
def eager_gradient(f, xs):
    """An engine that hands a node's adjoint on before all its users have added to it."""
    inputs = [Value(x) for x in xs]
    root = f(*inputs)
    rates, waiting = {root: 1.0}, [root]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for arg, d in node.edges:
            rates[arg] = rates.get(arg, 0.0) + rates[node] * d
            waiting.append(arg)
    return [rates.get(x, 0.0) for x in inputs]


def test_an_accumulation_in_a_wrong_order_is_found_by_random_programs():
    strategy = expressions([ag.mul, ag.sin, ag.add], max_nodes=6)
    found = tried(strategy, lambda f: check_grads(f, f.point, gradient=lambda *xs: eager_gradient(f, xs)))
    assert found.kind == "order-dependent accumulation"
    assert "is missing" in found.text


def test_a_gradient_that_is_added_up_from_call_to_call_is_told():
    sums = np.zeros(2)

    def gradient(x):
        sums[:] += 2.0 * x
        return sums.copy()

    found = cause(check_grads, lambda x: (x * x).sum(), (np.array([1.0, 2.0]),), gradient=gradient)
    assert found.kind == "order-dependent accumulation"
    assert "two calls of the gradient" in found.text


def test_a_part_that_is_counted_twice_is_told():
    found = cause(check_grads, lambda x: x * x + ag.sin(x), (2.0,), gradient=lambda x: 6.0 + math.cos(x))
    assert found.kind == "order-dependent accumulation"
    assert "is counted twice" in found.text


# 5. A kernel that is one ulp too far from its forward.
def off_by(ulps):
    def forward(x):
        y = math.sqrt(x)
        return y + ulps * math.ulp(y)

    return Primitive(f"off{ulps}", forward, lambda x, y: 0.5 / y, array="np.sqrt", domain=(0.0, math.inf))


def test_a_kernel_that_is_an_ulp_too_far_is_named():
    at = [(2.0,), (3.0,), (1e-10,), (7e10,)]
    check_kernels(off_by(4), at, backends=["numpy"])
    found = cause(check_kernels, off_by(5), at, backends=["numpy"])
    assert found.kind == "kernel"
    assert "np.sqrt of off5(2.0)" in found.text
    assert "5 ulp" in found.text
    deep = cause(check_kernels, lambda x: ag.exp(off_by(400)(x) * 2.0), at, backends=["numpy"])
    assert "np.sqrt of off400" in deep.text
    behind = cause(check_kernels, lambda x: off_by(400)(ag.exp(x)), [(0.5,)], backends=["numpy"])
    assert "np.sqrt of off400" in behind.text


# 6. A zero slope at a symmetric kink.
KINKS = {
    "abs": ag.abs,
    "twice relu": lambda x: ag.relu(x) + ag.relu(-x),
    "own": Primitive(
        "tent", lambda x: abs(x), lambda x, y: 0.0 if (x.data if type(x) is Value else x) == 0.0 else ag.sign(x)
    ),
}


@pytest.mark.parametrize("f", KINKS.values(), ids=KINKS)
def test_a_zero_slope_at_a_symmetric_kink_does_not_pass_for_a_derivative(f):
    found = cause(check_grads, f, (0.0,), order=1)
    assert found.kind == "kink"
    assert "-1 from the left and 1 from the right; 0.0 lies between them (Clarke's set)" in found.text
    assert check_grads(f, (0.0,), order=1, kinks=True).compared == 2
    assert cause(check_grads, np.abs, (0.0,), gradient=lambda x: 0.0).kind == "kink"
    assert cause(check_grads, np.abs, (0.0,), gradient=lambda x: 2.0, kinks=True).text.count("lies outside") == 1


# 7. One wrong entry in 8,000.
def test_one_wrong_entry_in_8000_is_named():
    x = np.linspace(-1.0, 2.0, 8000)

    def gradient(x):
        slopes = 3.0 * x * x
        slopes[4567] *= 1.0 + 1e-4
        return slopes

    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda x: (x**3).sum(), (x,), gradient=gradient)
    assert caught.value.cause.kind == "wrong gradient"
    assert "by argument 0[4567] as given" in str(caught.value)
    assert check_grads(lambda x: (x**3).sum(), (x,), gradient=lambda x: 3.0 * x * x).compared == 2


@pytest.mark.no_cover
def test_one_wrong_rule_among_thousands_is_named():
    one = Primitive("one", lambda x: x * x, lambda x, y: 2.0002 * x)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda v: ag.dot(v[:700], v[:700]) + one(v[700]) + ag.sum(v[701:]), ([0.5] * 1500,), order=1)
    assert caught.value.cause.kind == "wrong rule"
    assert "by argument 0[700]" in str(caught.value)


def test_halving_names_the_number_where_no_digits_help():
    def f(x):  # Values do not go through it
        return float(np.sum(np.exp(0.1 * np.array(x, dtype=float))))

    def gradient(x):
        slopes = 0.1 * np.exp(0.1 * np.array(x, dtype=float))
        slopes[61] += 1e-3
        return slopes

    with pytest.raises(
        GradientMismatch, match=r"by argument 0\[61\] as given.*the Taylor remainder goes with h\*\*1\.00"
    ):
        check_grads(f, ([0.01 * k for k in range(100)],), gradient=gradient)


# 8. A mixed derivative that is not symmetric.
square = Primitive("square", lambda x: x * x, lambda x, y: 2.5 * x)
lopsided = Primitive("lopsided", lambda a, b: a * b * b, lambda a, b, y: square(b), lambda a, b, y: 2.0 * a * b)
frozen = Primitive("frozen", lambda a, b: a * b * b, lambda a, b, y: stop_gradient(b * b), lambda a, b, y: 2.0 * a * b)


@pytest.mark.parametrize(
    ("f", "why"), [(lopsided, "partial 0 of square(3.0) is 7.5, and 6.0"), (frozen, "by argument 1")]
)
def test_a_mixed_derivative_that_is_not_symmetric_is_told_in_both_orders(f, why):
    check_grads(f, (2.0, 3.0), order=1)
    found = cause(check_grads, f, (2.0, 3.0))
    assert found.kind == "not symmetric"
    assert "by argument 0 and then argument 1 it is" in found.text
    assert why in found.text
