"""evaluate: each row of the table, and whole graphs, in other arithmetics."""

import cmath
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import ORACLES

import autograd as ag
import autograd.testing
from autograd import PRIMITIVES, MissingPackage, Primitive, Value, exp, grad, log, sin
from autograd.testing import evaluate
from autograd.testing.arithmetic import Arithmetic
from autograd.testing.arithmetics import ARITHMETICS, arithmetic_of
from autograd.testing.strategies import points, programs

ROUGH = {"gap_error": "what rounding takes is nothing where nothing is rounded"}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", PRIMITIVES)
@settings(max_examples=10)
@given(data=st.data())
def test_each_row_is_its_definition_at_60_digits(name, data):
    row = PRIMITIVES[name]
    point = data.draw(points(row, 5.0))
    m = arithmetic_of("mpmath", 60)
    with mpmath.workdps(80):
        try:
            expected = mpf(0) if name in ROUGH else ORACLES[name](*map(mpf, point))
            got = mpf(str(m.applied(row, [m.number(x) for x in point])))
        except ZeroDivisionError:
            return
        scale = max(abs(expected), mpf(10) ** -25)
        assert (
            (mp.isnan(expected) and mp.isnan(got)) or expected == got or abs(got - expected) <= mpf(10) ** -30 * scale
        )


@given(program=programs(inputs=2, max_lines=8), x=st.floats(0.1, 2.0), y=st.floats(0.1, 2.0))
def test_random_programs_have_their_own_values_and_gradients_at_60_digits(program, x, y):
    a, b = Value(x), Value(y)
    with ag.errstate("ignore"):
        root = program(a, b)
        if type(root) is not Value:
            return
        root.backward()
    if not all(abs(number) < 1e6 for number in (root.data, a.grad, b.grad)):  # nan too
        return
    lost = ag.rounding(root)
    if not lost.total < 1e-9:
        return
    result = evaluate(root)
    assert float(result.value) == pytest.approx(root.data, rel=1e-9, abs=1e-9)


def test_the_gradient_is_that_of_backward_with_more_digits():
    x, y = Value(0.5, "x"), Value(2.0, "y")
    root = sin(x * y) + exp(-x) / y + ag.sigmoid(x) * ag.tanh(y) + ag.maximum(x, y)
    root.backward()
    for name in ("mpmath", "complex"):
        result = evaluate(root, name)
        assert complex(result.value) == pytest.approx(root.data, rel=1e-15)
        for leaf in (x, y):
            assert complex(result.gradient[leaf]) == pytest.approx(leaf.grad, rel=1e-15)
    with mpmath.workdps(60):
        t = mpf(0.5)
        exact = 2 * mp.cos(2 * t) - mp.exp(-t) / 2 + mp.tanh(2) * mp.exp(-t) / (1 + mp.exp(-t)) ** 2
        assert abs(mpf(str(evaluate(root, digits=60).gradient[x])) - exact) < mpf(10) ** -58


def test_fractions_are_exact():
    x = Value(0.1, "x")
    result = evaluate(x * x / 3.0 - x**3, "fractions")
    tenth = Fraction(0.1)
    assert result.value == tenth**2 / 3 - tenth**3
    assert result.gradient[x] == 2 * tenth / 3 - 3 * tenth**2
    with pytest.raises(TypeError, match="no function 'exp' in the arithmetic fractions"):
        evaluate(exp(x), "fractions")
    with pytest.raises(TypeError, match="no power 1/2 in the arithmetic fractions"):
        evaluate(x**0.5, "fractions")


@given(x=st.floats(-3.0, 3.0), y=st.floats(0.1, 3.0))
def test_intervals_hold_the_value_and_the_gradient(x, y):
    a, b = Value(x), Value(y)
    root = exp(sin(a * b)) / b + log(b) * ag.sigmoid(a)
    inside, exact = evaluate(root, "intervals", digits=15), evaluate(root)
    pairs = [(inside.value, exact.value), *((inside.gradient[leaf], exact.gradient[leaf]) for leaf in (a, b))]
    for interval, number in pairs:
        low, high = (mp.make_mpf(end) for end in interval._mpi_)
        assert low <= mpf(str(number)) <= high
        assert float(high - low) < 1e-10 * (1.0 + abs(float(number)))


def test_choices_within_an_interval_hold_both_answers():
    x = Value(1.0, "x")
    wide = mpmath.iv.mpf([-1, 2])
    result = evaluate(ag.relu(x), "intervals", at={x: wide})
    assert (result.value.a, result.value.b) == (0, 2)
    assert 0 in result.gradient[x]
    assert 1 in result.gradient[x]


def test_a_complex_step_gives_the_derivative_without_a_difference():
    x = Value(0.7)
    root = exp(x) * sin(x) / ag.sqrt(x)
    step = evaluate(root, "complex", at={x: 0.7 + 1e-200j})
    assert step.value.imag / 1e-200 == pytest.approx(grad(lambda x: exp(x) * sin(x) / ag.sqrt(x))(0.7), rel=1e-15)


def test_formulas_come_from_sympy():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    a, b = sympy.symbols("x y", real=True)
    result = evaluate(x * y + sin(x), "sympy")
    assert sympy.simplify(result.value - (a * b + sympy.sin(a))) == 0
    assert sympy.simplify(result.gradient[x] - (b + sympy.cos(a))) == 0


def test_a_primitive_of_one_s_own_says_what_it_is():
    plain = Primitive("plain_cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)
    bare = Primitive("bare_wave", lambda x: math.cos(x), lambda x, y: -sin(x))
    whole = Primitive("whole_wave", lambda x: math.cos(x) + 0.0 * x.is_integer(), lambda x, y: -sin(x))
    told = Primitive("told_wave", lambda x: math.cos(x), lambda x, y: -sin(x), exact=lambda m, x: m.cos(x))
    x = Value(0.1)
    assert evaluate(plain(x), "fractions").gradient[x] == 3 * Fraction(0.1) ** 2
    assert float(evaluate(told(x)).gradient[x]) == pytest.approx(-0.09983341664682815, rel=1e-15)
    with pytest.raises(
        TypeError, match=r"cannot compute whole_wave\(\) in the arithmetic mpmath, 60 digits: give the Primitive exact="
    ):
        evaluate(whole(x))
    assert float(evaluate(bare(x)).gradient[x]) == pytest.approx(-0.09983341664682815, rel=1e-15)


def test_a_function_of_math_and_numpy_with_branches_and_helpers_runs_in_other_arithmetics():
    def helper(x):
        return np.tanh(x) if x > 0.0 else 0.5

    scale = 2.0
    own = Primitive("own_steps", lambda x: scale * helper(x) + math.hypot(x, 1.0), lambda x, y: y)
    for point in (0.7, -0.7):
        x = Value(point)
        right = 2.0 * (mpmath.tanh(point) if point > 0.0 else 0.5) + mpmath.hypot(point, 1.0)
        assert abs(evaluate(own(x)).value - right) < 1e-15
    with pytest.raises(TypeError, match="cannot decide a branch"):
        evaluate(own(Value(0.7, "x")), "sympy")
    x = Value(0.5)
    with pytest.raises(TypeError, match="cannot decide a branch"):
        evaluate(own(x), "intervals", at={x: mpmath.iv.mpf([-1, 1])})


@pytest.mark.parametrize(
    ("f", "x", "right"),
    [
        (ag.softplus, -150.0, lambda x: mp.log1p(mp.exp(x))), (ag.logsigmoid, 500.0, lambda x: -mp.log1p(mp.exp(-x))),
        (ag.log_ndtr, 17.0, lambda x: mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)), (lambda x: (exp(x) - 1.0) / x, 1e-80, lambda x: mp.expm1(x) / x),
        (lambda x: (1.0 + x) - x, 1e100, lambda x: mpf(1)), (lambda x: (1.0 + x * x * x) - x * x * x, 1e300, lambda x: mpf(1)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("digits", [20, 60])
def test_all_digits_that_were_asked_for_are_right_where_others_cancel(f, x, right, digits):
    found = evaluate(f(Value(x)), digits=digits).value
    with mp.workdps(900):
        assert abs(mpf(found) / right(mpf(x)) - 1) < mpf(10) ** (1 - digits)


def test_an_arithmetic_that_is_handed_over_is_used_as_it_is():
    assert evaluate(ag.softplus(Value(-150.0)), arithmetic_of("mpmath", 60)).value == 0


def test_thousands_of_digits_are_what_is_asked_for():
    third = evaluate(Value(1.0) / 3.0, digits=3000).value
    assert str(third) == "0." + 3000 * "3"
    x = Value(1e-80)
    found = evaluate((exp(x) - 1.0) / x, digits=1990).value  # 80 digits cancel
    with mp.workdps(3000):
        assert abs(mpf(found) / (mp.expm1(mpf(1e-80)) / mpf(1e-80)) - 1) < mpf(10) ** -1989


@pytest.mark.parametrize("digits", [10, 15, 60])
@pytest.mark.parametrize("f", [ag.exp, ag.expm1, ag.sinh, ag.cosh, ag.tanh, ag.sigmoid, ag.sin, ag.asinh])
def test_an_interval_holds_the_result_near_0_too(f, digits):
    exact = ORACLES[f.__name__]
    for x in (1.37661078652537e-34, 1.1754943508222875e-38, -3.3e-12, 1e-300, 0.7, -2.9):
        low, high = (mp.make_mpf(end) for end in evaluate(f(Value(x)), "intervals", digits=digits).value._mpi_)
        with mp.workdps(900):
            assert low <= exact(mpf(x)) <= high


def test_a_branch_that_an_interval_or_a_symbol_does_not_decide_is_refused():
    at_0 = Primitive("at_0", lambda x: 5.0 if x == 0 else x * 1.0, lambda x, y: 1.0)
    not_at_0 = Primitive("not_at_0", lambda x: 5.0 if x != 0 else x * 1.0, lambda x, y: 1.0)
    x, s = Value(0.5), Value(0.5, "s")
    for f in (at_0, not_at_0):
        with pytest.raises(TypeError, match="cannot decide a branch"):
            evaluate(f(x), "intervals", at={x: [-1, 1]})
        with pytest.raises(TypeError, match="cannot decide a branch"):
            evaluate(f(s), "sympy")
    assert str(evaluate(at_0(x), "intervals", at={x: [1, 2]}).value) == "[1.0, 2.0]"
    assert str(evaluate(at_0(x), "intervals", at={x: 0}).value) == "[5.0, 5.0]"
    with pytest.raises(TypeError, match=r"no log of .* it holds numbers outside of the domain"):
        evaluate(log(x), "intervals", at={x: [-1, 1]})


def test_constants_that_are_infinite_hinder_no_arithmetic_in_a_branch_that_is_not_taken():
    zero, third = Value(0.0, "x"), Value(0.5, "x")
    for power in (1, 2, 3):
        assert evaluate(zero**power, "fractions").gradient[zero] == (power == 1)
    assert evaluate(ag.leaky_relu(third, 0.01), "fractions").gradient[third] == 1
    assert float(evaluate(third * third, at={third: Fraction(1, 3)}).value) == pytest.approx(1 / 9, rel=1e-15)
    assert float(evaluate(third * third, "intervals", at={third: Fraction(1, 3)}).value.a) == pytest.approx(
        1 / 9, rel=1e-15
    )
    with pytest.raises(TypeError, match="neither inf nor nan in the arithmetic fractions"):
        evaluate(1.0 / third, "fractions", at={third: 0})
    assert evaluate(third**0, "fractions", at={third: 0}).gradient[third] == 0
    for f in (ag.silu, ag.gelu, ag.ndtri, lambda x: ag.leaky_relu(x, 0.01)):
        formula = evaluate(f(third), "sympy").value
        assert float(formula.subs(sympy.Symbol("x", real=True), 0.5)) == pytest.approx(f(0.5))


def test_what_is_wrong_is_refused():
    x = Value(1.0)
    with pytest.raises(
        ValueError, match="an arithmetic among mpmath, fractions, complex, intervals, sympy, got 'roman'"
    ):
        evaluate(x * x, "roman")
    with pytest.raises(TypeError, match="expects a Value, got float"):
        evaluate(2.0)
    own = Arithmetic("doubles", float, cmath)
    assert evaluate(x + x, own).value == 2.0
    assert set(ARITHMETICS) == {"mpmath", "fractions", "complex", "intervals", "sympy"}
    assert issubclass(MissingPackage, ModuleNotFoundError)
    assert "gradient x: 2" in repr(evaluate((y := Value(1.0, "x")) + y, "fractions"))


def test_powers_work_in_every_arithmetic():
    x = Value(0.7, "x")
    for n in (2, -1, 3):
        root = x**n
        exact = evaluate(root)
        inside = evaluate(root, "intervals", digits=20)
        low, high = (mp.make_mpf(end) for end in inside.gradient[x]._mpi_)
        with mpmath.workdps(60):
            assert low <= mpf(str(exact.gradient[x])) <= high
        step = evaluate(root, "complex", at={x: 0.7 + 1e-200j})
        assert step.value.imag / 1e-200 == pytest.approx(float(exact.gradient[x]), rel=1e-14)
    assert evaluate(Value(0.5) ** Value(0.25), "intervals", digits=20).value.delta < 1e-15
    zero = Value(0.0, "x")
    result = evaluate(zero**2)
    assert (result.value, result.gradient[zero]) == (0, 0)


def test_an_interval_never_claims_what_its_functions_do_not_hold():
    x, y = Value(0.7), Value(0.2)
    for made in (ag.atan2(x, y), ag.erf(x), ag.gelu(x)):
        with pytest.raises(TypeError, match="in the arithmetic intervals"):
            evaluate(made, "intervals")
    digits = mpmath.iv.dps
    evaluate(x * y, "intervals", digits=90)
    assert mpmath.iv.dps == digits
    wide = evaluate(
        ag.abs(x) + ag.floor(x) + ag.where(x > 0.5, x, y) + ag.clip(x, 0.0, 1.0),
        "intervals",
        at={x: mpmath.iv.mpf([0.6, 1.2])},
    )
    low, high = (mp.make_mpf(end) for end in wide.value._mpi_)
    assert low <= mpf("1.8")
    assert high >= mpf("4.3")


def test_choices_are_formulas_in_sympy():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    a, b = sympy.symbols("x y", real=True)
    result = evaluate(
        ag.relu(x) + ag.maximum(x, y) + ag.where(x < y, x, y) + ag.norm_cdf(x) + ag.xlogy(x, y) + ag.elu(x, 1.0),
        "sympy",
        at={y: b},
    )
    numbers = {a: 2, b: 3}
    expected = 2.0 + 3.0 + 2.0 + ag.norm_cdf(2.0) + ag.xlogy(2.0, 3.0) + 2.0
    assert float(result.value.subs(numbers)) == pytest.approx(expected, rel=1e-12)


def test_leaves_that_are_none_and_digits_that_are_none_are_refused():
    x, other = Value(1.0), Value(2.0)
    with pytest.raises(ValueError, match="at= to have leaves of the graph"):
        evaluate(x * x, at={other: 1})
    with pytest.raises(ValueError, match="at least one digit, got 0"):
        evaluate(x * x, digits=0)


def test_the_room_tells_what_is_public():
    for name in dir(autograd.testing):
        assert getattr(autograd.testing, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        _ = autograd.testing.guess
