"""Values, first and second derivatives of every primitive against mpmath, over its domain to its ends and extremes."""

import math
import random
from itertools import product

import promised
import pytest
from mpmath import mp, mpf
from oracles import KNOWN_DERIVATIVES, ORACLES, UNARY

from autograd import PRIMITIVES, errstate, grad

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

EPS = 2.0**-52
SUBNORMAL = 1e-320  # absolute error allowed where results have fewer digits
HAS_SLOPE = {name for name, row in PRIMITIVES.items() if any(row.partials)}

# Where mpmath can follow to 1e300; the others have their limit there, and the tables of edges hold them to it.
FAR = {
    "neg",
    "pos",
    "abs",
    "log",
    "log1p",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "atan",
    "asinh",
    "acosh",
    "relu",
    "digamma",
    "add",
    "sub",
    "mul",
    "truediv",
    "atan2",
    "hypot",
    "maximum",
    "minimum",
    "leaky_relu",
    "xlogy",
    "xlog1py",
    "clip",
    "where",
    "compare",
    "lt",
    "le",
    "gap",
    "sign",
    "floor",
    "ceil",
    "step",
    "threshold",
}
# The slope of paced by rate is another argument, on purpose; test_edges has what it is for.
# Derivatives of log_ndtr beyond the second, and so slopes of excess and curvatures of hazard, are not promised.


def scattered(low, high, count, far):
    """Numbers over an interval: in its middle, on all scales, at extremes, and next to its ends and to 1."""
    rng = random.Random(f"{low} {high}")
    middle = [rng.uniform(max(low, -6.0), min(high, 6.0)) for _ in range(count)]
    scales = [sign * 10.0**e for e in (-300, -100, -16, -8, -3, 1, 1.5, 2, 2.5) for sign in (1.0, -1.0)]
    extremes = [800.0, -800.0] + [1e300, -1e300] * far
    ends = [end * (1.0 + k * EPS) for end in (low, high, 1.0) if math.isfinite(end) for k in (-4, 4, -1e6, 1e6)]
    return sorted({x for x in (*middle, *scales, *extremes, *ends) if low < x < high})


def points(row):
    """Points in a row's domain."""
    if row.variadic:
        rng = random.Random(row.name)
        return [[rng.uniform(-30.0, 30.0) for _ in range(2 * n)] for n in (1, 2, 5) for _ in range(8)]
    far = row.name in FAR
    if len(row.domain) == 1:
        return [[x] for x in scattered(*row.domain[0], 24, far)]
    rng = random.Random(row.name)
    columns = []
    for interval in row.domain:
        whole = interval == (0.0, 4.0)
        own = [0.0, 1.0, 2.0, 3.0] if whole else scattered(*interval, 6, far)
        columns.append(own if len(row.domain) == 2 else rng.sample(own, 4))
    grid = [list(point) for point in product(*columns)]
    return rng.sample(grid, min(len(grid), 150))


def digits(point):
    """Decimal digits that survive the cancellations of the definitions, as in 1 + exp(-800)."""
    if all(1e-8 < abs(x) < 8.0 for x in point):
        return 60
    return 420 if max(map(abs, point)) < 1e10 else 1400


def off(got, exact, ulps, floor=0.0):
    """By how much of the error allowed a number is off; 0 where both are the same infinity."""
    rounded = float(exact)
    if not math.isfinite(rounded):
        return 0.0 if got == rounded else math.inf
    if not math.isfinite(got):
        # an overflow half an ulp early
        return 0.0 if abs(rounded) > 1.797e308 and math.copysign(1.0, got) == math.copysign(1.0, rounded) else math.inf
    allowed = max(mpf(ulps) * mpf(math.ulp(rounded)), mpf(floor), mpf(SUBNORMAL))
    return float(abs(mpf(got) - exact) / allowed)


def size(point, name):
    """The size of the largest term of a row's sum, for the error near a zero."""
    if name in ("dot", "sum", "logsumexp", "logaddexp"):
        return max(1.0, *(abs(x) for x in point)) ** (2 if name == "dot" else 1) * len(point)
    return 1.0


@pytest.fixture(autouse=True)
def quiet():
    """Faults of arithmetic at the ends of domains are part of the tables; warnings have tests of their own."""
    with errstate("ignore"):
        yield


def test_every_primitive_has_an_oracle():
    assert set(ORACLES) == set(PRIMITIVES)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_values_are_within_their_promised_ulps(name):
    row = PRIMITIVES[name]
    for point in points(row):
        with mp.workdps(digits(point)):
            exact = ORACLES[name](*map(mpf, point))
            floor = promised.NEAR_ZERO.get(name, 0.0) * size(point, name)
            assert off(row.value(point), exact, promised.value_ulps(row), floor) <= 1.0, point


@pytest.mark.parametrize("name", [name for name in UNARY if PRIMITIVES[name].forward.__module__ == "math"])
def test_rows_that_are_a_function_of_math_have_its_bits(name):
    row = PRIMITIVES[name]
    for (x,) in points(row):
        try:
            expected = row.forward(x)
        except (ValueError, OverflowError):
            continue
        assert row.value([x]) == expected


def exact_derivative(name, point, position, order=1):
    """A derivative by one argument: a known one, or a central difference with digits to spare."""
    if name in KNOWN_DERIVATIVES:
        return KNOWN_DERIVATIVES[name](order, *point)
    x = point[position]
    places = 25 + (abs(math.log10(abs(x))) if x else 0.0)
    with mp.workdps(int(digits(point) + 3 * places + 40)):
        h = mpf(10) ** -25 * min(abs(mpf(x)), 1) if x else mpf(10) ** -25
        f = ORACLES[name]
        down, here, up = (f(*(mpf(z) + k * h * (i == position) for i, z in enumerate(point))) for k in (-1, 0, 1))
        return (up - down) / (2 * h) if order == 1 else (up - 2 * here + down) / (h * h)


def at_kink(name, point):
    """Where the definition has a jump or a kink, mpmath's differences do not apply; tables of edges have these."""
    return name in ("maximum", "minimum", "clip") and point[0] in point[1:]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(HAS_SLOPE - {"excess", "paced"}))
def test_slopes_are_within_their_promised_ulps(name):
    row = PRIMITIVES[name]
    ulps = promised.SLOPES.get(name, promised.SLOPE)
    for point in points(row):
        if at_kink(name, point):
            continue
        y = row.value(point)
        got = row.slopes(point, y, [True] * len(point))
        with mp.workdps(digits(point)):
            for i, d in enumerate(got):
                if d is None:
                    continue
                exact = exact_derivative(name, point, i)
                tail = 2.0 if digits(point) > 60 else 1.0
                floor = promised.NEAR_ZERO.get(name, 0.0)
                assert off(d, exact, ulps * tail, floor) <= 1.0, (point, i, d, float(exact))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(HAS_SLOPE & set(UNARY) - {"hazard", "excess"}))
def test_second_derivatives_are_within_32_ulps_of_the_larger_of_the_slope_over_x_and_themselves(name):
    row = PRIMITIVES[name]
    second = grad(grad(row))
    for (x,) in points(row):
        with mp.workdps(digits([x])):
            first, exact = exact_derivative(name, [x], 0), exact_derivative(name, [x], 0, order=2)
            scale = max(abs(exact), abs(first / x))
            if abs(exact) > 1e308:
                continue  # overflow on the way may come out as nan
            got = second(x)
            assert off(got, exact, promised.SECOND, promised.SECOND * EPS * scale) <= 1.0, (x, got, float(exact))


@pytest.mark.parametrize("n", range(6))
def test_digamma_and_polygamma_left_of_0_are_off_by_4_eps_of_the_largest_term(n):
    rng = random.Random(n)
    for x in [rng.uniform(-40.0, -0.01) for _ in range(60)] + [-0.5, -12.5, -13.5, -1e5 - 0.25]:
        with mp.workdps(60):
            exact = mp.polygamma(n, mpf(x))
            cotangent = abs(mp.cot(mp.pi * mpf(x)))  # the reflection adds a polynomial in it
            scale = max(1, abs(exact), mp.fac(n) * (mp.pi * max(1, cotangent)) ** (n + 1))
            assert abs(PRIMITIVES["polygamma"].value([float(n), x]) - exact) <= 8 * (n + 1) * EPS * scale, x


def test_lgamma_left_of_0_is_off_by_2e_14():
    rng = random.Random(0)
    for x in [rng.uniform(-30.0, -0.01) for _ in range(100)]:
        with mp.workdps(60):
            exact = mp.log(abs(mp.gamma(mpf(x))))
            assert abs(PRIMITIVES["lgamma"].value([x]) - exact) <= 2e-14 * max(1, abs(exact)), x


@pytest.mark.parametrize("n", [170.0, 20.0, 7.0])
def test_polygamma_of_a_high_order(n):
    for x in (0.5, 3.0, 200.0):
        with mp.workdps(60):
            exact = mp.polygamma(int(n), mpf(x))
            rounded = float(exact)
            got = PRIMITIVES["polygamma"].value([n, x])
            assert got == rounded or abs(got - exact) <= 4 * n * EPS * abs(exact)
