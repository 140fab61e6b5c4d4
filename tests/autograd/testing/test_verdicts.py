"""Verdicts of check_grads: gradients of others, many numbers, three orders, both sides; and what it says of what is no function."""

import functools
import math
import sys
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

import autograd as ag
from autograd import GradientMismatch, MissingPackage, Primitive, Value, check_grads
from autograd.testing import Mutant, check_kernels, evaluate, from_scipy
from autograd.testing.ready import code_of, ready_test
from autograd.testing.sharp import Judge
from autograd.testing.strategies import Program, expressions, numbers
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
        assert cause(np.sqrt, (0.0,), gradient=lambda x: 5.0).kind == "infinite slope"
        assert cause(lambda x: np.sqrt(x) ** 3, (0.0,), gradient=lambda x: 5.0).kind == "wrong gradient"
        near = 1.0 - 2.0**-45  # a step of any size that has digits is too large there
        assert check_grads(lambda x: math.log(1.0 - x), (near,), gradient=lambda x: -1.0 / (1.0 - x)).ulps < 2.0
        told = lambda x: math.log(float(str(1.0 - x)))  # noqa: E731
        assert (
            cause(told, (near,), gradient=lambda x: -1.0 / (1.0 - x)).kind == "step too large"
        )  # nothing else goes through str()
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
    with pytest.raises(ValueError, match="backends among"):
        check_kernels(ag.sin, [(1.0,)], backends=[])
    for ulps in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="expects ulps above 0"):
            check_kernels(ag.sin, [(1.0,)], ulps=ulps)
    with pytest.raises(TypeError, match="returns one number, got tuple"):
        check_kernels(lambda x: (x, x), [(1.0,)])
    assert check_kernels(ag.sin, iter([(0.5,)]), backends=["numpy"]).compared == 2


def test_kernels_that_agree_are_counted():
    told = str(check_kernels(ag.tanh, [(0.5,)], backends=["numpy"]))
    assert told.startswith("2 numbers agree; at the worst")
    assert "differences" not in told
    assert check_kernels(lambda x: 3.0, [(0.5,)], backends=["python"]).compared == 2


def test_an_infinite_slope_is_right_where_it_is_larger_than_any_float():
    assert check_grads(ag.log, (5e-324,)).compared == 2
    wrong = Primitive("wrong_log", lambda x: math.log(x), lambda x, y: -1.0 / x)
    with pytest.raises(GradientMismatch):
        check_grads(wrong, (5e-324,))


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


class Own:
    """What a test may hand over beside functions."""

    @staticmethod
    def still(x):
        return x * x

    def method(self, x):
        return x * x

    def __call__(self, x):
        return x * x


class Recorder:
    """What check_grads was called with."""

    def __call__(self, f, args, **options):
        self.f, self.args, self.options = f, args, options


def again(f, args, monkeypatch, **options):
    """Run the ready test of a point, and return what it calls check_grads with."""
    recorder, world = Recorder(), {}
    exec(ready_test(f, args, options, "test_it[a-b]"), world)
    (name,) = [name for name in world if name.startswith("test_it_a_b_at_a_failing_point_")]
    monkeypatch.setattr(ag, "check_grads", recorder)
    world[name]()
    return recorder


CASES = [
    (Program(1, ((ag.PRIMITIVES["sin"], (0,)),), (0.5,)), (0.5,)), (Program(1, ((ag.PRIMITIVES["sin"], (0,)),)), (0.5,)), (ag.tanh, (math.inf,)),
    (ag.logsumexp, (np.array([1.0, 2.0]),)), (ag.add, (1.0, 2.0)), (ag.sin, (np.float64(3.0),)), (np.sum, (np.ones(2, dtype=np.float32),)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), CASES, ids=range(len(CASES)))
def test_a_ready_test_can_be_run_as_it_is(f, args, monkeypatch):
    recorder = again(f, args, monkeypatch, order=1, gradient=ag.cos)
    assert repr(recorder.args) == repr(tuple(x.item() if isinstance(x, np.float64) else x for x in args))
    assert recorder.options == {"order": 1, "gradient": ag.cos}
    assert recorder.f is f or type(f) is Program


@pytest.mark.parametrize(
    "f", [lambda x: x, own_function, Own().method, Own(), functools.partial(max, 1.0)], ids=range(5)
)
def test_what_cannot_be_imported_is_left_to_the_reader(f, monkeypatch):
    module = getattr(f, "__module__", "")
    source = ready_test(f, (1.0,), {}, "test_it")
    if module in sys.modules and getattr(sys.modules[module], getattr(f, "__name__", ""), None) is f:
        assert f"from {module} import" in source
    else:
        with pytest.raises(NotImplementedError, match="cannot be imported"):
            again(f, (1.0,), monkeypatch).f(1.0)


def test_two_points_have_tests_of_two_names():
    assert (
        ready_test(ag.sin, (1.0,), {}, "test_it").splitlines()[0]
        != ready_test(ag.sin, (2.0,), {}, "test_it").splitlines()[0]
    )
    assert code_of(((1.0, 2.0), [3], (4,))) == "((1.0, 2.0), [3], (4,))"


# Functions of floats in other arithmetics


@functools.lru_cache
def cached(x):
    return math.sin(x)


class Called:
    """A function that is an object."""

    def __call__(self, x):
        return math.sin(x)


FORWARDS = {
    "float of NumPy": lambda x: float(np.sin(x)), "a ufunc": np.sin, "item": lambda x: np.sin(x).item(), "of float": lambda x: math.sin(float(x)),
    "isfinite": lambda x: math.sin(x) if math.isfinite(x) and not math.isnan(x) and not math.isinf(x) else 0.0, "an object": Called(), "cached": cached,
    "a method": Called().__call__, "a nested function": lambda x: (lambda: math.sin(x))(), "partial": functools.partial(lambda a, x: a * math.sin(x), 1.0),
    "fsum": lambda x: math.fsum([math.sin(x), 0.0]), "floor": lambda x: math.sin(x) + 0.0 * math.floor(x), "equal": lambda x: math.sin(x) if x + 0.0 == x else 0.0,
    "fsum of floats": lambda x: math.sin(x) + math.fsum([1.0, -1.0]) + math.floor(0.5) + float(0),
}  # fmt: skip


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=FORWARDS)
def test_a_slight_factor_is_found_whatever_a_forward_calls(forward):
    """A part in ten million: differences alone do not tell it."""
    right = Primitive("right", forward, lambda x, y: ag.cos(x))
    verdict = check_grads(right, (0.7,))
    assert verdict.ulps < 4.0
    wrong = Primitive("wrong", forward, lambda x, y: (1.0 + 1e-7) * ag.cos(x))
    found = cause(wrong, (0.7,))
    assert found.kind == "wrong rule"
    assert "partial 0 of wrong(0.7)" in found.text


def series(x):
    total, term, k = 0.0, 1.0, 0
    while total + term != total:
        total, k = total + term, k + 1
        term = term * x / k
    return total


def bisected(x):
    low, high = 0.0, 10.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if middle * middle < x else (low, middle)
    return low


def test_loops_that_end_by_their_numbers_end_and_are_no_false_alarm():
    check_grads(Primitive("series", series, lambda x, y: y), (2.3,))
    check_grads(Primitive("bisected", bisected, lambda x, y: 0.5 / y), (2.0,))
    found = cause(Primitive("bisected_too", bisected, lambda x, y: 0.6 / y), (2.0,))
    assert found.kind == "wrong rule"
    assert "from differences" in found.text


def test_what_no_arithmetic_knows_is_judged_by_differences_and_the_verdict_says_so():
    own = Primitive("own_exact", lambda x: math.sin(x) + 0.0 * math.dist([x], [x]), lambda x, y: ag.cos(x))
    verdict = check_grads(own, (0.7,))
    assert math.isnan(verdict.ulps)
    assert "differences alone judge the others" in str(verdict)


def test_a_partial_that_is_none_is_named():
    held = Primitive("held", lambda a, b: a * b, lambda a, b, y: b, None)
    assert "partial 1 of held(0.7, 0.3) is None, and 0.7 from differences" in cause(held, (0.7, 0.3)).text
    assert (
        "stop_gradient(2.0) is None, and 1 from differences"
        in cause(lambda x: x * ag.stop_gradient(x), (2.0,), order=1).text
    )


# What somebody asks for, and what a dict says


def test_a_tolerance_that_is_wider_is_heard():
    rough = Primitive("rough", lambda x: 1.001 * math.erf(x), lambda x, y: 2.0 / math.sqrt(math.pi) * ag.exp(-x * x))
    assert cause(rough, (0.5,), order=1).kind == "wrong rule"
    assert check_grads(rough, (0.5,), order=1, rtol=1e-2).compared == 2


def test_gradients_of_dicts_are_matched_by_their_keys():
    f = lambda d: d["a"] ** 2 + d["b"]  # noqa: E731
    args = ({"a": 2.0, "b": 1.0},)
    assert check_grads(f, args, gradient=lambda d: {"b": 1.0, "a": 2.0 * d["a"]}).compared == 2
    assert cause(f, args, gradient=lambda d: {"b": 2.0 * d["a"], "a": 1.0}).kind == "wrong gradient"
    with pytest.raises(ValueError, match="in the form of the arguments"):
        check_grads(f, args, gradient=lambda d: {"x": 4.0, "y": 1.0})


@pytest.mark.parametrize(
    ("f", "args"),
    [(ag.relu, (1e-14,)), (ag.abs, (1e-15,)), (ag.relu, (-1e-30,)), (ag.maximum, (1e-14, 0.0)), (lambda x: ag.sqrt(x * x + 1e-200), (1e-100,)), (ag.atanh, (1.0 - 1e-14,))],
    ids=range(6),
)  # fmt: skip
def test_what_is_next_to_a_kink_or_an_end_is_no_kink(f, args):
    check_grads(f, args, order=1)


@pytest.mark.parametrize("x", [1e-50, 1e-20, 1e-5])
def test_a_wrong_slope_of_a_small_number_is_found(x):
    wrong = Primitive("wrong_cube", lambda x: x * x * x, lambda x, y: 2.0 * x * x)
    assert cause(wrong, (x,), order=1).kind == "wrong rule"
    assert cause(lambda a: a**3, (x,), gradient=lambda a: 2.0 * a * a).kind == "wrong gradient"


def test_no_message_is_longer_than_500_characters_or_more_than_a_line():
    name = "rather_long_primitive_name_here"
    long = Primitive(name, lambda a, b: a * b, lambda a, b, y: b, lambda a, b, y: ag.stop_gradient(a))
    for f, args in (
        (long, (0.7123456789123, 0.3123456789123)),
        (lambda m: long(m[0, 0], m[1, 1]), (np.full((2, 2), 0.7123456789123),)),
    ):
        with pytest.raises(GradientMismatch) as caught:
            check_grads(f, args)
        assert len(str(caught.value)) < 500
        assert "\n" not in str(caught.value)


def test_what_is_no_mutant_is_refused():
    for position, kind in ((0, "nope"), (5, "sign"), (-1, "sign")):
        with pytest.raises(ValueError, match=r"Mutant\(\) expects"):
            Mutant(ag.PRIMITIVES["sin"], position, kind)
    with pytest.raises(ValueError, match="the position of a partial of floor"):
        Mutant(ag.PRIMITIVES["floor"], 0, "sign")
    with pytest.raises(TypeError, match="points as tuples"):
        check_kernels(ag.tanh, [1.0, 2.0])
    with pytest.raises(ValueError, match="a size that reaches into"):
        numbers((2000.0, 3000.0))
    with pytest.raises(ValueError, match="an arity of at least 1, got 0"):
        expressions(arity=0)
    assert from_scipy(lambda x, a: a * rosen(x), lambda x, a: a * rosen_der(x), 2.0)(X) == 2.0 * rosen(X)
