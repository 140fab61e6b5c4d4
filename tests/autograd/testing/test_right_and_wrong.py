"""Right derivatives that pass and wrong ones that fail with their cause, at points where either is hard to tell."""

import math
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import (
    GradientMismatch,
    Primitive,
    check_grads,
    cos,
    digamma,
    erf,
    erfc,
    exp,
    log,
    sqrt,
    stop_gradient,
    tanh,
    where,
)

KINK, WRONG, HIDDEN = ("kink",), ("wrong rule", "unstable rule"), ("right", "cancellation")
RIGHT, ACCUMULATION, GRADIENT = ("right",), ("order-dependent accumulation",), ("wrong gradient",)
OFFSET = np.array([2.04091912, -2.55566503, 0.41809885, -0.56776961, -0.45264929, -0.21559716]) + 1e5
SCALES, SPREAD = 10.0 ** np.random.default_rng(1).uniform(-6, 6, 60), np.random.default_rng(2).normal(size=60)


def by(gradient, **options):
    return {"gradient": gradient, **options}


def rule(forward, *partials):
    return Primitive("rule", forward, *partials)


def third_root(x):
    return x ** (1.0 / 3.0) if x >= 0.0 else -((-x) ** (1.0 / 3.0))


def shared(a, b):
    c = a * b
    d = c + a
    e = d * c
    return e * d + c


def noisy(seed):
    rng = np.random.default_rng(seed)
    return lambda x: x * x + 1e-9 * rng.normal()


steep = rule(math.asinh, lambda x, y: 2.0 / sqrt(x * x + 1.0))
FIRST = {"order": 1}
CASES = {
    # kinks: the mean of both slopes is no derivative
    "a root of a square at 0": (lambda x: math.sqrt(x * x), (0.0,), by(lambda x: 0.0), KINK),
    "a slope between both": (lambda x: math.sqrt(x * x), (0.0,), by(lambda x: 0.7), KINK),
    "a norm of zeros": (lambda x: np.linalg.norm(x), (np.zeros(3),), by(lambda x: np.zeros(3)), KINK),
    "a root of a sum of squares": (lambda x: np.sqrt(np.sum(x * x)), (np.zeros(2),), by(lambda x: np.zeros(2)), KINK),
    "a rule at a kink": (rule(lambda x: math.sqrt(x * x), lambda x, y: 0.0 * x), (0.0,), {}, KINK),
    "a rule of a slope that is infinite on one side": (
        rule(lambda x: x * math.log(x) if x > 0 else 0.0, lambda x, y: log(x + 1e-12) + 1.0), (0.0,), FIRST, (*KINK, "infinite slope"),
    ),
    **{
        f"one kink among {n} numbers": (lambda x: np.sum(np.abs(x)), (np.arange(float(n)) - n // 2,), by(np.sign), KINK) for n in (51, 300, 1000, 5000)
    },
    **{
        f"one kink among {n} Values": (lambda xs: sum((abs(x) for x in xs), 0.0), ([float(i - n // 2) for i in range(n)],), FIRST, KINK)
        for n in (51, 300)
    },
    # next to a kink there is a derivative
    "next to a tie": (ag.maximum, (1.0, 1.0 + 1e-12), FIRST, RIGHT),
    "next to a kink": (lambda x: abs(x - 1.0), (1.0 + 1e-12,), FIRST, RIGHT),
    "next to a kink of math": (lambda x: abs(math.sin(x - 1.0)), (1.0 + 1e-12,), by(lambda x: 1.0), RIGHT),
    "next to a kink at 0": (abs, (1e-200,), {}, RIGHT),
    "next to a kink of two": (ag.hypot, (3e-200, 4e-200), FIRST, RIGHT),
    "next to kinks of NumPy": (lambda x: np.sum(np.maximum(x, 0)), (np.array([1.0, 1e-12, -1e-13]),), by(lambda x: (x > 0) * 1.0), RIGHT),
    "next to a branch": (lambda x: where(x > 1.0, 2.0 * x, 0.0), (1.0 + 1e-12,), {}, RIGHT),
    "next to a branch from the constant side": (lambda x: where(x > 1.0, 2.0 * x, 0.0), (1.0 - 1e-12,), {}, RIGHT),
    "next to a branch of atan2": (ag.atan2, (1e-200, -1.0), {}, RIGHT),
    **{f"a wrong slope {x} from a kink": (rule(abs, lambda x, y: 0.0 * x), (x,), FIRST, WRONG) for x in (1e-14, 1e-20, 1e-100)},
    # next to an end the slopes have values on the other side too
    **{f"atanh {k} steps from its end": (ag.atanh, (1.0 - k * 2.0**-53,), {}, RIGHT) for k in (1, 2, 8)},
    "log1p at its end": (ag.log1p, (2.0**-53 - 1.0,), {}, RIGHT),
    "logit at its end": (ag.logit, (1.0 - 2.0**-53,), {}, RIGHT),
    "a root that is nearly a kink": (lambda x: sqrt(x * x + 1e-30), (0.0,), {}, RIGHT),
    "a forward that is complex on one side": (rule(lambda x: x**1.5, lambda x, y: 1.5 * sqrt(x)), (1e-9,), FIRST, RIGHT),
    "the same at the end": (rule(lambda x: x**1.5, lambda x, y: 1.5 * sqrt(x)), (0.0,), FIRST, RIGHT),
    "a function that is complex on one side": (lambda x: x**1.5, (1e-9,), by(lambda x: 1.5 * x**0.5), RIGHT),
    "a function that raises at the point": (math.log, (0.0,), by(lambda x: math.inf), ("no value",)),
    "a third root at 0": (rule(third_root, lambda x, y: math.inf), (0.0,), FIRST, RIGHT),
    "no slope of a third root at 0": (rule(third_root, lambda x, y: 0.0), (0.0,), FIRST, ("infinite slope",)),
    # tiny and huge slopes
    "a tiny slope, doubled": (rule(lambda x: 1e-200 * math.sin(x), lambda x, y: 2e-200 * cos(x)), (0.5,), {}, WRONG),
    "a tiny slope": (rule(lambda x: 1e-200 * math.sin(x), lambda x, y: 1e-200 * cos(x)), (0.5,), {}, RIGHT),
    "a tiny slope with another sign": (rule(lambda x: math.exp(-x), lambda x, y: y), (300.0,), FIRST, WRONG),
    "a tiny slope of a tail": (rule(math.erfc, lambda x, y: -2.0 * 1.1283791670955126 * exp(-x * x)), (20.0,), FIRST, WRONG),
    "a high power": (rule(lambda x: x**40, lambda x, y: 40.0 * x**39), (1e-3,), FIRST, RIGHT),
    "a high power with another sign": (rule(lambda x: x**40, lambda x, y: -40.0 * x**39), (1e-3,), FIRST, WRONG),
    "a slope at a huge number": (rule(math.log, lambda x, y: 2.0 / x), (1e80,), FIRST, WRONG),
    "a sign at a huge number": (rule(lambda x: 1.0 / x, lambda x, y: 1.0 / (x * x)), (1e60,), FIRST, WRONG),
    "a factor at a huge number": (steep, (1e40,), FIRST, WRONG),
    "the same, beside a factor": (lambda x: 1e40 * steep(x), (1e40,), FIRST, WRONG),
    "a slope that underflows": (rule(math.asinh, lambda x, y: 1.0 / sqrt(x * x + 1.0)), (1e200,), FIRST, WRONG),
    "a small gradient of another": (lambda x: 1e-9 * float(np.sum(np.array(x) ** 2)), ([1.0, 2.0],), by(lambda x: [-2e-9, 0.0]), GRADIENT),
    "the same, where no Value goes through": (lambda x: 1e-9 * float(str(x)) ** 2, (1.0,), by(lambda x: -2e-9), GRADIENT),
    "one of many scales": (lambda x: float(np.sum(SCALES * x * x)), (SPREAD,), by(lambda x: 2.0 * SCALES * x * (SCALES.min() < SCALES)), GRADIENT),
    # rounding within a function
    "a forward that cancels": (rule(lambda x: (1.0 - math.cos(x)) / (x * x), lambda x, y: -x / 12.0), (1e-7,), FIRST, HIDDEN),
    "a forward that cancels in a tail": (rule(lambda x: math.log(1.0 - math.tanh(x)), lambda x, y: -1.0 - tanh(x)), (17.0,), FIRST, HIDDEN),
    "a function that cancels": (lambda x: (np.exp(x) - 1.0) / x, (1e-9,), by(lambda x: 0.5 + x / 3.0), HIDDEN),
    "a function of math that cancels": (lambda x: (math.exp(x) - 1.0) / x, (1e-6,), by(lambda x: 0.5 + x / 3.0 + x * x / 8.0), HIDDEN),
    "a function that cancels, where no Value goes through": (
        lambda x: (math.exp(float(str(x))) - 1.0) / x, (1e-6,), by(lambda x: 0.5 + x / 3.0 + x * x / 8.0), ("cancellation",),
    ),
    "a derivative without a digit": (lambda x: (exp(x) - 1.0) / x, (1e-10,), FIRST, ("cancellation",)),
    "a sign beside a huge number": (lambda x: math.sin(x) + 1e14, (1.0,), by(lambda x: -math.cos(x)), GRADIENT),
    "noise": (noisy(1), (2.0,), FIRST, ("stale data",)),
    "noise of another": (noisy(2), (2.0,), by(lambda x: 2.0 * x), ("stale data",)),
    # a value that cancels to little: its differences are those of rounding, or of the wrong scale
    "no slope of what cancels": (rule(lambda x: math.exp(x) - 1.0, lambda x, y: 0.0), (-0.001,), {}, WRONG),
    "no slope of a logarithm that cancels": (rule(lambda x: math.log(1.0 + x), lambda x, y: 0.0 * x), (1e-6,), FIRST, WRONG),
    "no slope of a sum that cancels": (rule(lambda x: (x + 1.0) - 1.0, lambda x, y: 0.0 * x), (1e-6,), FIRST, WRONG),
    "no gradient of what cancels": (lambda x: math.exp(x) - 1.0, (0.001,), by(lambda x: 0.0), GRADIENT),
    "no gradient, where no Value goes through": (lambda x: math.exp(float(str(x))) - 1.0, (0.001,), by(lambda x: 0.0), (*GRADIENT, "cancellation")),
    "a gradient, where no Value goes through": (lambda x: math.exp(float(str(x))) - 1.0, (0.001,), by(math.exp), RIGHT),
    "no gradient of a small norm": (lambda x: float(np.linalg.norm(x)), (np.array([1e-14, 2e-14]),), by(lambda x: 0.0 * x), GRADIENT),
    "the gradient of a small norm": (lambda x: float(np.linalg.norm(x)), (np.array([1e-14, 2e-14]),), by(lambda x: x / np.linalg.norm(x)), RIGHT),
    "a variance beside an offset": (lambda x: float(np.var(x)), (OFFSET,), by(lambda x: 2.0 * (x - x.mean()) / len(x)), RIGHT),
    "the same, a little off": (lambda x: float(np.var(x)), (OFFSET,), by(lambda x: 2.000002 * (x - x.mean()) / len(x)), GRADIENT),
    "a tiny multiple": (lambda y: 0.08931760068423387 * y, (-5.196453395311335e-12,), {}, RIGHT),
    # near an end, where the usual step is too large
    **{f"logarithms of {x}": (lambda x: float(np.sum(np.log(x))), (np.array([x, 2.0]),), by(lambda x: 1.0 / x), RIGHT) for x in (1e-30, 1e-200)},
    "roots beside a large one": (lambda x: float(np.sum(np.sqrt(x))), (np.array([1e-30, 2.0]),), by(lambda x: 0.5 / np.sqrt(x)), RIGHT),
    "a logarithm, where no Value goes through": (lambda x: math.log(float(str(x))), (1e-30,), by(lambda x: 1.0 / x), RIGHT),
    # waves that floats cannot follow
    **{f"{f.__name__} of {x}": (f, (x,), FIRST, RIGHT) for f in (ag.sin, ag.cos, ag.tan) for x in (1e37, 1e55)},
    # functions of libraries
    "lgamma of math": (rule(math.lgamma, lambda x, y: digamma(x) + 1e-9), (3.0,), FIRST, WRONG),
    "gamma of math": (rule(math.gamma, lambda x, y: y * digamma(x) * (1.0 + 1e-9)), (3.3,), FIRST, WRONG),
    "gamma of math to the left of 0": (rule(math.gamma, lambda x, y: y * digamma(x)), (-1.5,), FIRST, RIGHT),
    "logaddexp of NumPy": (
        rule(lambda a, b: float(np.logaddexp(a, b)), lambda a, b, y: exp(a) / (exp(a) + exp(b)), lambda a, b, y: 1.00001 * exp(b) / (exp(a) + exp(b))),
        (1.0, 2.0), FIRST, WRONG,
    ),
    # formulas that lose digits are right all the same
    "a formula that cancels": (
        rule(lambda x: math.log(math.erfc(x)), lambda x, y: -1.1283791670955126 * exp(-x * x) / (1.0 - erf(x))), (4.0,), FIRST, ("unstable rule",),
    ),
    "a formula that overflows": (rule(lambda x: float(np.logaddexp(0.0, x)), lambda x, y: exp(x) / (1.0 + exp(x))), (800.0,), FIRST, ("unstable rule",)),
    "a formula with few digits in a tail": (
        rule(lambda x: math.log1p(-math.erf(x)), lambda x, y: -1.1283791670955126 * exp(-x * x) / erfc(x)), (4.0,), FIRST, HIDDEN,
    ),
    # second derivatives, and how parts are added
    "a small term that is dropped": (rule(lambda x: x * x + 1e-5 * x**3, lambda x, y: 2.0 * x + 3e-5 * stop_gradient(x * x)), (1.0,), {}, ("dropped term",)),
    **{
        f"a logarithm's second derivative at {x}": (rule(math.log, lambda x, y: 1.0 / stop_gradient(x)), (x,), {}, ("dropped term",)) for x in (1e-3, 1e-10, 1e-20)
    },
    **{
        f"a sine's second derivative at {x}": (rule(math.sin, lambda x, y: cos(stop_gradient(x))), (x,), {}, ("dropped term",)) for x in (3808.0, 1e4, 1.9e5)
    },
    "no gradient at all": (lambda x: float(x @ x), (np.array([1.0, 2.0, 4.0]),), by(lambda x: 0.0 * x), GRADIENT),
    "a use of a square that is lost": (lambda a: (lambda b: b * b + b)(a * a), (1.5,), by(lambda a: 2.0 * a), ACCUMULATION),
    "a walk breadth first": (shared, (2.0, 3.0), by(lambda a, b: (99.0, 0.0)), ACCUMULATION),
    "a walk along every path": (shared, (2.0, 3.0), by(lambda a, b: (2700.0, 0.0)), ACCUMULATION),
    # float32
    "float32 with the value 0": (lambda x: np.sum(x.astype(np.float32) ** 2) - np.float32(1), (np.array([0.6, 0.8]),), by(lambda x: 2.0 * x), RIGHT),
    "float32 with an exact value": (lambda x: np.sum(x.astype(np.float32) ** 3), (np.array([0.6, -0.6]),), by(lambda x: 3.0 * x * x), RIGHT),
}  # fmt: skip


def verdict(f, args, **options):
    """The cause of a check that fails, with its message; "right" of one that passes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        try:
            return "right", str(check_grads(f, args, **options))
        except GradientMismatch as error:
            return error.cause.kind, str(error)


@pytest.mark.parametrize(("f", "args", "options", "kinds"), CASES.values(), ids=list(CASES))
def test_a_derivative_passes_where_it_is_right_and_has_its_cause_where_it_is_wrong(f, args, options, kinds):
    kind, message = verdict(f, args, **options)
    assert kind in kinds, message
    assert kind == "right" or len(message) < 500


def test_a_walk_that_takes_too_long_is_no_proof():
    def many_paths(x):
        y = x
        for _ in range(25):
            y = ag.sin(y) + y * 0.5
        return y

    assert verdict(many_paths, (0.3,), gradient=lambda x: 0.0)[0] == "wrong gradient"


def test_noise_among_several_outputs_and_orders_is_told():
    calls = []

    def moody(x, y):
        calls.append(x)
        return x * y * (1.0 + 1e-15 * len(calls))

    assert verdict(moody, (2.0, 3.0))[0] == "stale data"


def test_one_number_in_a_direction_is_that_number():
    dropped = rule(lambda x: x * x * x, lambda x, y: 3.0 * x * stop_gradient(x))
    assert verdict(dropped, (2.0,), directional=True)[0] == "dropped term"


def test_each_of_two_random_directions_is_compared():
    xs = np.linspace(1.0, 2.0, 60)
    right = check_grads(lambda x: float(np.sum(x**3)), (xs,), gradient=lambda x: 3.0 * x**2)
    assert (right.compared, round(right.rate)) == (2, 2)
    xs = np.where(np.arange(60) == 7, 0.0, xs)
    assert check_grads(lambda xs: sum((abs(x) for x in xs), 0.0), (list(xs),), order=1, kinks=True).compared == 4


def test_the_number_at_a_kink_is_named_among_many():
    xs = np.arange(1000.0) - 500
    with pytest.raises(GradientMismatch, match=r"by argument 0\[500\]"):
        check_grads(lambda x: np.sum(np.abs(x)), (xs,), gradient=np.sign)
    with pytest.raises(GradientMismatch, match=r"by argument 0\[150\]"):
        check_grads(lambda xs: sum((abs(x) for x in xs), 0.0), ([float(i - 150) for i in range(300)],), order=1)


@pytest.mark.parametrize("f", [lambda x: x * x, ag.exp, ag.sin])
@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_a_point_that_is_no_number_ends(f, x):
    assert verdict(f, (x,))[0] in {"right", "no value", "wrong rule", "step too large"}
