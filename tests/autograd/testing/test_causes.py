"""What check_grads says of planted bugs: the right cause, by its kind, with the numbers."""

import math

import pytest

import autograd as ag
from autograd import GradientMismatch, Primitive, Value, check_grads, exp


def data(x):
    return x.data if type(x) is Value else x


near_end = Primitive(
    "near_end",
    lambda x: math.log(x),
    lambda x, y: 1.0 / x + (1e-3 if data(x) < 1e-3 else 0.0) / x,
    exact="log",
    domain=(0.0, math.inf),
)
drops_a_term = Primitive("drops_a_term", lambda x: x * x, lambda x, y: 2.0 * data(x))
wrong_by_second = Primitive("wrong_by_second", lambda a, b: a * b, lambda a, b, y: b, lambda a, b, y: 1.001 * a)
bare = Primitive("bare", lambda x: math.atan(x), lambda x, y: 1.01 / (1.0 + x * x))
calls = [0]


def stale(x):
    calls[0] += 1
    return x * x * (1.0 + 1e-3 * calls[0])


def switches(x):
    return x * x if data(x) > 1.0 else 3.0 * x


wave = Primitive("wave", lambda a, x: a * math.sin(x), lambda a, x, y: ag.sin(x), lambda a, x, y: a * ag.cos(x))
doubled = Primitive("doubled", lambda x: x * x, lambda x, y: 2.1 * x)
ramp = Primitive("ramp", lambda x: max(math.sin(x), 0.0), lambda x, y: ag.where(x > 0, ag.cos(x), 0.0))
offset = Primitive("offset", lambda x: math.exp(x) * 1e-4 + 1e9, lambda x, y: 1e-4 * exp(x))
root = Primitive("root", math.sqrt, lambda x, y: 0.6 / y)
logarithm = Primitive("logarithm", math.log, lambda x, y: 1.1 / x)
nothing = Primitive("nothing", lambda x: x * x, lambda x, y: math.nan)
tiny = Primitive("tiny", lambda x: x * 1e-13, lambda x, y: 2e-13)
picky = Primitive("picky", lambda x: x * x + 0.0 * x.is_integer(), lambda x, y: 2.1 * x)
right_picky = Primitive("right_picky", lambda x: x * x + 0.0 * x.is_integer(), lambda x, y: 2.0 * x)


raises_beside = Primitive("raises_beside", lambda x: math.sqrt(x - 1.0), lambda x, y: 0.6)
at_end = Primitive("at_end", lambda x: math.sqrt(x - 1.0) ** 3 + 0.0 * x.is_integer(), lambda x, y: 0.6)
beside = Primitive("beside", lambda x: x * x if x == 1.0 else (_ for _ in ()).throw(KeyError(x)), lambda x, y: 2.1 * x)

PLANTED = {
    "a wrong rule behind a right one that mixes operators and math": (
        lambda a, x: doubled(wave(a, x)),
        (1.3, 0.7),
        "wrong rule",
        "of doubled(",
    ),
    "a kink of a function of math": (ramp, (0.0,), "kink", "0 from the left and 1 from the right"),
    "a kink beside a large offset": (lambda x: ag.relu(x - 1.0) + offset(x), (1.0,), "kink", "relu"),
    "a wrong rule near an end, of math": (root, (1e-6,), "wrong rule", "partial 0 of root(1e-06)"),
    "a wrong rule at a small number, of math": (logarithm, (0.001,), "wrong rule", "partial 0 of logarithm(0.001)"),
    "a right one beside a part from .data": (lambda x: right_picky(x) + data(x), (2.5,), "no rule", "from .data"),
    "a rule that gives nan": (nothing, (2.0,), "wrong rule", "is nan, and 4.0 at 60 digits"),
    "a wrong rule of tiny slopes": (lambda x: tiny(x) * 1e13, (2.0,), "wrong rule", "partial 0 of tiny(2.0)"),
    "a forward that takes floats only": (picky, (2.5,), "wrong rule", "from differences"),
    "a variable that was taken for a constant beside a large number": (
        lambda x: x * data(x) + 1e5,
        (3.0,),
        "no rule",
        "computed from .data",
    ),
    "an infinite slope beside which the function raises": (
        raises_beside,
        (1.0,),
        "infinite slope",
        "the derivative is inf",
    ),
    "a wrong rule at an end": (lambda x: at_end(x) + 1.0, (1.0,), "wrong rule", "from differences to the right only"),
    "a part from .data at an end": (
        lambda x: raises_beside(x) * (x - 1.0) + 2.0 * data(x),
        (1.0,),
        "no rule",
        "from .data",
    ),
    "a tie": (ag.maximum, (1.0, 1.0), "kink", "of maximum() is 0 from the left and 1 from the right; 0.5 lies between"),
    "a result that does not depend on the arguments": (
        lambda x: 3.0 * data(x),
        (2.0,),
        "no graph",
        "computed from .data",
    ),
    "a rule that is wrong near an end": (near_end, (1e-4,), "wrong rule", "partial 0 of near_end(0.0001)"),
    "a wrong partial among right ones": (
        lambda x, y: exp(x) * wrong_by_second(x, y),
        (0.5, 2.0),
        "wrong rule",
        "partial 1 of wrong_by_second(0.5, 2.0)",
    ),
    "a wrong partial of a function of math": (bare, (0.5,), "wrong rule", "is 0.808, and 0.8 at 60 digits"),
    "a second derivative that drops a term": (
        drops_a_term,
        (2.0,),
        "dropped term",
        "of partial 0 of drops_a_term(2.0) by argument 0 is 0.0, and 2 from",
    ),
    "a zero slope at a symmetric kink": (
        lambda x: ag.abs(x) * 2.0,
        (0.0,),
        "kink",
        "of abs() is -2 from the left and 2 from",
    ),
    "a kink": (ag.relu, (0.0,), "kink", "0 from the left and 1 from the right; 0.0 lies between them (Clarke's set)"),
    "a constant that was a variable": (lambda x: x * data(x), (2.0,), "no rule", "computed from .data"),
    "cancellation": (lambda x: (1.0 - ag.cos(x)) / (x * x), (1e-7,), "cancellation", "cos() is rounded at 1"),
    "stale data": (stale, (2.0,), "stale data", "two calls at the same point return"),
    "a branch": (switches, (1.0,), "branch switched", "to the right runs through other steps"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found_with_its_cause(name):
    f, args, kind, words = PLANTED[name]
    with pytest.raises(GradientMismatch) as caught:
        check_grads(f, args, rtol=1e-7, atol=1e-12)
    assert caught.value.cause.kind == kind, str(caught.value)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500


def test_the_message_has_the_exact_the_numerical_and_the_60_digit_number_and_the_call():
    with pytest.raises(
        GradientMismatch,
        match=r"expected 2\.\d* from central differences, got 2\.002 from the rules; at 60 digits it is 2\.0\. wrong rule: .* is 2\.002, and 2\.0 at 60 digits; "
        r"the call: wrong_by_second\(2\.0, 3\.0\)",
    ):
        check_grads(wrong_by_second, (2.0, 3.0))


def test_a_value_that_is_infinite_is_told_as_such():
    halved = Primitive("halved_slope", lambda x: 1.0 / x if x else math.inf, lambda x, y: -1.0)
    with pytest.raises(GradientMismatch) as caught, ag.errstate("ignore"):
        check_grads(halved, (0.0,), order=1)
    assert caught.value.cause.kind == "no value"


def test_at_an_end_differences_are_taken_on_the_side_that_has_values():
    right = Primitive("right_log", lambda x: math.log(x) if x >= 1.0 else math.nan, lambda x, y: 1.5 / x)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(right, (1.0,), order=1)
    assert caught.value.cause.kind == "wrong rule"
    assert "from differences to the right only, got 1.5" in str(caught.value)
    good = Primitive("good_log", lambda x: math.log(x) if x >= 1.0 else math.nan, lambda x, y: 1.0 / x)
    assert "to the right only" in str(check_grads(good, (1.0,), order=1))


def test_a_primitive_that_raises_beside_the_point_is_no_crash():
    with pytest.raises(KeyError):
        check_grads(beside, (1.0,), order=1)
    only_here = Primitive("only_here", lambda x: x * x if 0.999 < x < 1.001 else math.nan, lambda x, y: 2.1 * x)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(only_here, (1.0,), order=1)
    assert caught.value.cause.kind == "wrong rule"


def test_without_mpmath_floats_tell(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(doubled, (2.0,))
    assert caught.value.cause.kind == "wrong rule"
    assert "at 60 digits" not in str(caught.value)
    assert "and 4.0 by a complex step" in str(caught.value)
