"""check_grads: what it accepts, what it finds, what it says."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import GradientMismatch, Primitive, Value, check_grads
from autograd.testing.strategies import points

wrong = Primitive("wrong", lambda x: x * x, lambda x, y: 2.1 * x)
SMOOTH = ["sin", "exp", "tanh", "softplus", "gelu", "norm_cdf", "erf", "asinh", "logaddexp", "hypot", "silu"]


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=25)
@given(data=st.data())
def test_smooth_primitives_pass(name, data):
    row = ag.PRIMITIVES[name]
    point = [x + 0.5 if x >= 0 else x - 0.5 for x in data.draw(points(row, 3.0))]
    assert check_grads(row, point).compared == 2 * len(point) + 2 * len(point) ** 2


def test_nested_arguments_and_several_outputs_pass():
    def f(x, tree):
        return [x * tree["a"][0][0], ag.sin(tree["a"][1]) * x, 3.0]

    verdict = check_grads(f, (2.0, {"a": (np.array([1.0]), 0.5)}))
    assert verdict.compared == 2 * (3 * 3 + 3 * 3 * 3)
    assert verdict.worst.share < 1.0
    assert re.match(r"72 derivatives agree; at the worst, second derivative of output [01] by argument", str(verdict))


def test_the_directional_form_compares_one_direction():
    assert check_grads(lambda x: ag.logsumexp(x), ([1.0, 2.0, 3.0],), directional=True).compared == 2 + 2 * 3


def test_a_wrong_partial_is_found_and_named_with_both_numbers():
    with pytest.raises(
        GradientMismatch,
        match=r"check_grads\(<lambda>\): derivative by argument 1 in forward mode: expected (3\.99|4\.0).* from central differences, got 4\.2",
    ):
        check_grads(lambda x, y: x + wrong(y), (1.0, 2.0))
    with pytest.raises(AssertionError, match="in reverse mode"):
        check_grads(wrong, (2.0,), modes=["reverse"], order=1)


def test_one_mode_may_be_checked_alone():
    for mode in ("forward", "reverse"):
        verdict = check_grads(ag.sin, (1.0,), modes=[mode])
        assert verdict.compared == 2
        assert f"in {mode} mode" in str(verdict)


def test_a_wrong_second_order_is_found():
    constant_slope = Primitive(
        "constant_slope", lambda x: x * x, lambda x, y: 2.0 * (x.data if type(x) is Value else x)
    )
    check_grads(constant_slope, (2.0,), order=1)
    with pytest.raises(
        GradientMismatch, match=r"check_grads\(constant_slope\): second derivative by argument 0 and argument 0"
    ):
        check_grads(constant_slope, (2.0,))


def test_a_kink_is_told_by_its_two_slopes():
    with pytest.raises(GradientMismatch, match=r"the slope is 0 from the left, 1 from the right"):
        check_grads(ag.relu, (0.0,))


def test_positions_in_lists_are_named():
    with pytest.raises(GradientMismatch, match=r"derivative by argument 0\[1\]"):
        check_grads(lambda x: x[0] + wrong(x[1]), ([1.0, 2.0],))
    with pytest.raises(GradientMismatch, match=r"derivative of output 1 by argument 0"):
        check_grads(lambda x: [x, wrong(x)], (1.0,))


def test_a_nan_on_one_side_only_is_a_mismatch():
    with pytest.raises(GradientMismatch):
        check_grads(Primitive("root", lambda x: math.sqrt(x), lambda x, y: x / y / y if y else math.nan), (0.0,))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (Primitive("nowhere", lambda x: float("nan"), lambda x, y: float("nan")), 1.0), (ag.exp, 800.0), (lambda x: ag.sqrt(x - 1.0), 0.3),
        (lambda x: x * ag.log(x), 0.0), (lambda x: ag.exp(x) - ag.exp(x), 800.0), (ag.log, math.nan), (ag.log, -1.0), (lambda x: x * math.nan, 1.0),
    ],
)  # fmt: skip
def test_a_point_without_a_value_is_told_whatever_the_rule_says(f, x):
    for options in ({"order": 1}, {}, {"gradient": lambda x: math.nan}):
        with pytest.raises(GradientMismatch) as caught:
            check_grads(f, (x,), **options)
        assert caught.value.cause.kind == "no value"


def test_large_values_do_not_make_rounding_a_mismatch():
    assert check_grads(lambda x: 1e9 + x, (1.0,)).compared == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": 4}, "expects order 1, 2 or 3, got 4"),
        ({"order": 0}, "expects order 1, 2 or 3, got 0"),
        ({"modes": ["sideways"]}, r"modes among \('forward', 'reverse'\), got \['sideways'\]"),
        ({"modes": "forward"}, "modes among"),
        ({"modes": []}, "modes among"),
    ],
)
def test_options_that_are_none_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        check_grads(ag.sin, (1.0,), **options)


def test_no_numbers_or_other_things_are_refused():
    with pytest.raises(ValueError, match="at least one number"):
        check_grads(lambda: 1.0, ())
    with pytest.raises(TypeError, match=r"check_grads\(\) takes a real number, got str"):
        check_grads(ag.sin, ("1",))
    with pytest.raises(TypeError, match=r"a tuple of f's arguments, such as \(2\.0,\), got float"):
        check_grads(ag.sin, 2.0)


# Where the usual step does not fit: next to the end of a domain, on scales other than 1, far out.
HARD = {
    "log": (ag.log, 1e-6), "inverse": (lambda x: 1.0 / x, 1e-5), "a far sine": (ag.sin, 1e8), "exp": (ag.exp, 700.0),
    "logit near 1": (ag.logit, 1.0 - 1e-10), "sqrt": (ag.sqrt, 1e-12), "a root": (lambda x: x**0.5, 1e-9),
    "tan at its pole": (ag.tan, 1.5707), "a small x beside 1": (lambda x: ag.sin(x) + 1.0, 1e-12), "atanh": (ag.atanh, 1.0 - 1e-9),
    "acosh": (ag.acosh, 1.0 + 1e-9), "x log x": (lambda x: ag.xlogy(x, x), 1e-12), "a large square": (lambda x: x * x, 1e150),
    "ndtri": (ag.ndtri, 1e-10), "lgamma": (ag.lgamma, 1e-8), "next to a kink": (ag.relu, 1e-7), "log far out": (ag.log, 1e300),
    "waves of 1/x": (lambda x: ag.cos(1.0 / x), 1e-3), "a steep exponential": (lambda x: ag.exp(1.0 / x), 2e-3),
    "fast waves": (lambda x: ag.sin(1e6 * x), 1.0), "waves of squares": (lambda x: ag.sin(x * x), 1e4), "an inverse square": (lambda x: 1.0 / (x * x), 1e-8), "two scales": (lambda x: ag.log(x) * ag.log(x + 1e8), 1e-7),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x"), HARD.values(), ids=list(HARD))
@pytest.mark.parametrize("directional", [False, True])
def test_no_alarm_is_false_at_the_ends_of_domains_and_on_other_scales(f, x, directional):
    assert check_grads(f, (x,), directional=directional).worst.share <= 1.0


@pytest.mark.parametrize(("f", "x"), HARD.values(), ids=list(HARD))
def test_a_slope_that_is_off_by_a_thousandth_is_found_there_too(f, x):
    off = Primitive("off", lambda x: x, lambda x, y: 1.001)
    with pytest.raises(GradientMismatch):
        check_grads(lambda x: off(f(x)), (x,), order=1, atol=0.0)


@pytest.mark.parametrize("x", [1e5, 1e8, 1e12, 1e15])
def test_a_forgotten_slope_is_found_where_waves_hide_in_the_usual_step(x):
    forgotten = Primitive("forgotten", lambda t: math.sin(t), lambda t, y: 0.0)
    with pytest.raises(GradientMismatch):
        check_grads(forgotten, (x,), order=1)
    assert check_grads(ag.sin, (x,)).compared == 4


def test_a_number_inside_a_structure_is_named_by_its_place():
    with pytest.raises(GradientMismatch, match=r"by argument 0\['b'\]\[1\] in forward mode"):
        check_grads(lambda d: d["a"] + wrong(d["b"][1]), ({"a": 1.0, "b": [2.0, 3.0]},), order=1)
    with pytest.raises(GradientMismatch, match=r"by argument 0\[1, 0\] in forward mode"):
        check_grads(lambda m: wrong(m[1, 0]) + m[0, 0], (np.ones((2, 2)),), order=1)


def test_a_function_that_raises_beside_the_point_is_checked_where_it_has_values():
    own_log = Primitive("own_log", lambda x: math.log(x), lambda x, y: 1.0 / x)
    assert check_grads(own_log, (1e-7,)).compared == 4
    with pytest.raises(ValueError, match="domain"):
        check_grads(own_log, (-1.0,))
