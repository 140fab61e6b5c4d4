"""Verdicts of check_grads: gradients of others, many numbers, three orders, both sides; and what it says of what is no function."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import autograd as ag
from autograd import GradientMismatch, MissingPackage, Primitive, Value, check_grads
from autograd.testing import check_kernels, evaluate, from_scipy
from autograd.testing.ready import code_of, ready_test
from autograd.testing.sharp import Judge
from autograd.testing.strategies import Program
from autograd.trees import take_apart

X = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


def cause(f, args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(f, args, **options)
    return caught.value.cause


# Gradients of others


def test_scipy_s_gradient_of_the_banana_passes_in_every_spelling():
    for f in (
        from_scipy(rosen, rosen_der),
        from_scipy(lambda x: (rosen(x), rosen_der(x)), True),
        from_scipy(lambda x, a: a * rosen(x), lambda x, a: a * rosen_der(x), (2.0,)),
    ):
        verdict = check_grads(f, (X,))
        assert verdict.compared == 5
        assert 1.9 < verdict.rate < 2.1
        assert verdict.ulps < 8.0
    with pytest.raises(TypeError, match="jac to be a function, or True"):
        from_scipy(rosen, "2-point")


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("share", [1.0 + 1e-10, -1.0, 0.0, 1.5])
def test_a_wrong_term_of_it_is_named(place, share):
    def wrong(x):
        slopes = rosen_der(x)
        slopes[place] *= share
        return slopes

    with pytest.raises(GradientMismatch, match=rf"check_grads\(rosen\): derivative by argument 0\[{place}\] as given"):
        check_grads(from_scipy(rosen, wrong), (X,))


def test_a_gradient_may_be_any_structure_and_a_jacobian_has_rows():
    assert (
        check_grads(
            lambda p: p["a"] * p["b"][0], ({"a": 2.0, "b": [3.0]},), gradient=lambda p: {"a": p["b"][0], "b": [p["a"]]}
        ).compared
        == 2
    )
    assert check_grads(lambda x, y: x * y * y, (2.0, 3.0), gradient=lambda x, y: (y * y, 2.0 * x * y)).compared == 2
    matrix = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert check_grads(lambda x: matrix @ x, (np.array([0.5, -1.0]),), gradient=lambda x: matrix).compared == 6
    rows = lambda x, b: [x[0] * b, x[1]]  # noqa: E731
    assert (
        check_grads(rows, ([2.0, 3.0], 4.0), gradient=lambda x, b: ([[b, 0.0], [0.0, 1.0]], [x[0], 0.0])).compared == 6
    )
    with pytest.raises(ValueError, match="expects 2 numbers from gradient, got 3"):
        check_grads(lambda x: x.sum(), (np.ones(2),), gradient=lambda x: np.ones(3))
    with pytest.raises(ValueError, match="expects 3 rows of 2 numbers from gradient, got 2"):
        check_grads(lambda x: matrix @ x, (np.ones(2),), gradient=lambda x: np.ones(2))


@pytest.mark.parametrize("f", [math.sqrt, np.sqrt, lambda x: float(x) ** 0.5])
def test_a_function_that_no_value_goes_through_is_judged_by_differences(f):
    assert check_grads(f, (2.0,), gradient=lambda x: 0.5 / math.sqrt(x)).compared == 1
    found = cause(f, (2.0,), gradient=lambda x: 0.5001 / math.sqrt(x))
    assert found.kind == "wrong gradient"


def test_why_a_given_gradient_differs():
    with np.errstate(all="ignore"):
        assert cause(np.log, (-1.0,), gradient=lambda x: 1.0).kind == "no value"
        assert cause(np.sqrt, (0.0,), gradient=lambda x: 5.0).kind == "step too large"
    calls = []
    assert cause(lambda x: calls.append(x) or x * len(calls), (2.0,), gradient=lambda x: 1.0).kind == "stale data"
    assert cause(lambda x: 3.0, (2.0,), gradient=lambda x: 1.0).kind == "wrong gradient"
    lacks = cause(lambda x, y: ag.exp(ag.sin(x)) + y, (0.5, 1.0), gradient=lambda x, y: (0.0, 1.0))
    assert lacks.kind == "wrong gradient"
    assert "hands back to its argument" in lacks.text


# Numbers that are many


@pytest.mark.parametrize("count", [50, 51, 300])
def test_many_numbers_pass_in_all_orders(count):
    x = np.linspace(-1.0, 1.0, count).tolist()
    verdict = check_grads(lambda v: ag.sum([ag.sin(a) * b for a, b in pairwise(v)]), (x,), order=1)
    assert verdict.compared == (2 * count if count <= 50 else 4)


@pytest.mark.no_cover
def test_second_order_of_many_numbers_is_that_of_each_and_third_order_a_random_combination():
    x = np.linspace(0.5, 1.0, 55).tolist()
    f = lambda v: ag.sum([a * a * b for a, b in pairwise(v)])  # noqa: E731
    assert check_grads(f, (x,)).compared == 4 + 2 * 2 * 55
    drops = Primitive("drops", lambda x: x**3, lambda x, y: 3.0 * x * (x.data if type(x) is Value else x))
    with pytest.raises(GradientMismatch, match="second derivative"):
        check_grads(lambda v: ag.sum([drops(a) for a in v]), (x,))


def test_more_outputs_than_can_be_told_are_combined():
    square = lambda v: [a * a for a in v for _ in range(3)]  # noqa: E731
    verdict = check_grads(square, ([0.1 * k for k in range(40)],), order=1)
    assert verdict.compared == 2 * 40
    assert "of a random combination" in str(verdict)


def test_an_unstable_rule_of_one_number_among_many_is_named():
    unstable = Primitive("unstable_one", lambda x: math.tanh(x), lambda x, y: 1.0 - y * y)
    x = [0.1] * 40 + [8.0] + [0.2] * 40
    with pytest.raises(
        GradientMismatch, match=r"by argument 0\[40\] in .* mode.*unstable rule: partial 0 of unstable_one\(8\.0\)"
    ):
        check_grads(lambda v: ag.sum([unstable(a) for a in v]), (x,), order=1)


# Both sides, and the ends


def test_with_kinks_a_slope_between_the_two_passes_and_higher_orders_end_there():
    assert check_grads(ag.relu, (0.0,), kinks=True).compared == 2
    assert check_grads(lambda x, y: ag.maximum(x, y) * x, (1.0, 1.0), kinks=True).compared >= 4
    outside = Primitive(
        "outside", lambda x: max(x, 0.0), lambda x, y: ag.where(x > 0.0, 1.0, ag.where(x < 0.0, 0.0, 1.5))
    )
    assert "1.5 lies outside them" in cause(outside, (0.0,), kinks=True, order=1).text


def test_a_jump_is_a_kink():
    assert cause(ag.step, (0.0,), order=1).kind == "kink"
    assert cause(ag.floor, (2.0,), order=1).kind == "kink"


@pytest.mark.parametrize("x", [0.0, 0.25, 1.0])
def test_a_smooth_function_has_no_kink_however_curved(x):
    for f in (
        lambda x: 1e6 * x * x,
        lambda x: ag.sin(50.0 * x),
        lambda x: x**3 * ag.exp(5.0 * x),
        lambda x: 1e8 + x * x,
    ):
        check_grads(f, (x,), order=1)


def test_a_power_of_one_and_a_half_has_a_derivative_at_its_end():
    verdict = check_grads(lambda x: x**1.5, (0.0,), order=1)
    assert "differences to the right only" in str(verdict)


def test_functions_may_call_the_methods_of_values():
    assert check_grads(lambda x: x.exp() * x.sin(), (0.5,)).compared == 4


def test_a_function_without_numbers_is_refused():
    with pytest.raises(ValueError, match="returns at least one number, got none"):
        check_grads(lambda x: [], (1.0,))


# What is computed with many digits, and what is not


def test_a_long_function_without_products_is_judged_by_differences():
    x = np.linspace(0.0, 1.0, 101).tolist()
    verdict = check_grads(ag.logsumexp, (x,), order=1)
    assert verdict.compared == 4
    assert math.isnan(verdict.ulps)


def test_a_result_that_does_not_depend_on_the_numbers_has_the_slope_0():
    judge = Judge(lambda x: [3.0], take_apart((1.0,))[0], [1.0])
    assert judge.units(0, [1.0], 0.0) == 0.0
    assert judge.units(0, [1.0], 0.5) == math.inf
    assert judge.units(0, [1.0], math.nan) == 0.0


def test_unstable_rules_of_sequences_and_of_floats_only_are_told():
    spread = Primitive(
        "spread",
        lambda xs: math.tanh(math.fsum(xs)),
        lambda xs, y: [1.0 - y * y] * len(xs),
        variadic=1,
        exact=lambda m, *xs: m.tanh(sum(xs)),
    )
    assert cause(lambda a, b: spread(a, b), (5.0, 3.0), order=1).kind == "unstable rule"

    def picky(x, y):
        if not isinstance(y, (float, Value)):
            raise OSError
        return 1.0 - y * y

    floats = Primitive("floats", lambda x: math.tanh(x), picky)
    assert cause(floats, (4.5,), order=1).kind == "unstable rule"
    assert cause(floats, (20.0,), order=1).kind == "wrong rule"  # nothing is left of it


def test_branches_of_own_functions_are_decided_in_other_arithmetics():
    own = Primitive("own_branch", lambda x: x * x if x > 0.5 else -x, lambda x, y: y)
    for arithmetic in ("intervals", "sympy", "fractions", "mpmath", "complex"):
        assert (
            complex(
                evaluate(own(Value(0.75)), arithmetic).value.mid
                if arithmetic == "intervals"
                else evaluate(own(Value(0.75)), arithmetic).value
            )
            == 0.5625
        )


# Kernels


def test_kernels_refuse_what_they_cannot_compare():
    with pytest.raises(ValueError, match="points, each of as many numbers"):
        check_kernels(ag.sin, [])
    with pytest.raises(ValueError, match="points, each of as many numbers"):
        check_kernels(ag.mul, [(1.0, 2.0), (1.0,)])
    with pytest.raises(ValueError, match="backends among"):
        check_kernels(ag.sin, [(1.0,)], backends=["cuda"])


def test_a_kernel_that_differs_without_an_array_form_is_told():
    calls = []

    def forward(x):
        calls.append(x)
        return x + 1e-9 * len(calls)

    moody = Primitive("moody", forward, lambda x, y: 1.0)
    with pytest.raises(GradientMismatch, match="no array form differs") as caught:
        check_kernels(moody, [(1.0,)], backends=["python"])
    assert caught.value.cause.kind == "kernel"


def test_without_numba_its_kernel_is_left_out(monkeypatch):
    import autograd.testing.kernels as kernels

    monkeypatch.setattr(kernels, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match="found none of numba"):
        check_kernels(ag.sin, [(1.0,)], backends=["numba"])
    assert check_kernels(ag.sin, [(1.0,)], backends=["numpy", "numba"]).compared == 2


# Ready tests


def own_function(x):
    return x * x


class Recorder:
    """What check_grads was called with."""

    def __call__(self, f, args, **options):
        self.args, self.options = args, options


def test_a_ready_test_can_be_run_as_it_is():
    program = Program(1, ((ag.PRIMITIVES["sin"], (0,)),), (0.5,))
    cases = [
        (program, (0.5,)), (ag.tanh, (math.inf,)), (ag.logsumexp, (np.array([1.0, 2.0]),)), (ag.add, (1.0, 2.0)),
        (Program(1, ((ag.PRIMITIVES["sin"], (0,)),)), (0.5,)),
    ]  # fmt: skip
    for f, args in cases:
        source = ready_test(f, args, {"order": 1, "gradient": abs}, "test_it[a-b]")
        world = {}
        exec(source, world)
        world["check_grads"] = recorder = Recorder()
        world["test_it_a_b_at_a_failing_point"]()
        assert repr(recorder.args) == repr(args)
        assert recorder.options == {"order": 1}


def test_a_lambda_is_left_to_the_reader():
    assert "f = ...  # <lambda> of" in ready_test(lambda x: x, (1.0,), {}, "test_it")
    assert code_of(((1.0, 2.0), [3])) == "((1.0, 2.0), [3])"
