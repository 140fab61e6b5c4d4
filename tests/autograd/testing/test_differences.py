"""What differences tell where they are hard to read: slopes that grow without end, and functions that compute in float32."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd import GradientMismatch, check_grads

INF = math.inf
ENDLESS = {  # functions whose derivative is infinite at a point
    "sqrt": (ag.sqrt, 0.0, 1), "acosh": (ag.acosh, 1.0, 1), "asin": (ag.asin, -1.0, 1), "acos": (ag.acos, 1.0, 1),
    "a power": (lambda x: ag.pow(x, 0.25), 0.0, 1), "beside another number": (lambda x: 1.0 + ag.sqrt(x), 0.0, 1),
    "from the left": (lambda x: ag.sqrt(7.0 - x), 7.0, 1), "a logarithm": (lambda x: ag.xlogy(x, x), 0.0, 1),
    "both sides": (lambda x: ag.where(x > 0.0, ag.pow(x, 1 / 3), -ag.pow(-x, 1 / 3)), 0.0, 1), "second": (lambda x: x**1.5, 0.0, 2),
}  # fmt: skip
HALF = {  # functions whose slope is infinite on one side
    "a branch": lambda x: ag.where(x > 0.0, ag.sqrt(x), x), "nothing": lambda x: ag.where(x > 0.0, ag.sqrt(x), 0.0),
    "a logarithm": lambda x: ag.where(x > 0.0, x * ag.log(x), 0.0), "other branch": lambda x: ag.where(x <= 0.0, ag.sqrt(-x), x),
    "a cusp": lambda x: ag.sqrt(abs(x)),
}  # fmt: skip


def cause(f, args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(f, args, **options)
    return caught.value.cause


@pytest.mark.parametrize(("f", "x", "order"), ENDLESS.values(), ids=list(ENDLESS))
def test_an_infinite_derivative_passes_where_the_slope_grows_without_end(f, x, order):
    check_grads(f, (x,), order=3)
    inf = ag.grad(f if order == 1 else ag.grad(f))(x)
    assert math.isinf(inf)


@pytest.mark.parametrize(("f", "x", "order"), ENDLESS.values(), ids=list(ENDLESS))
@pytest.mark.parametrize("share", [0.0, -1.0, 1e-300, math.nan])
def test_another_number_than_the_infinite_one_fails(f, x, order, share):
    below = f if order == 1 else ag.grad(f)
    inf = ag.grad(below)(x)
    claimed = inf * share if share < 0.0 else share
    found = cause(below, (x,), gradient=lambda x: claimed)
    assert found.kind == "infinite slope"
    assert found.text.endswith(f"the derivative is {inf!r}")
    assert check_grads(below, (x,), gradient=lambda x: inf).compared == 1


@pytest.mark.parametrize("f", HALF.values(), ids=list(HALF))
@pytest.mark.parametrize("x", [0.0, -0.0])
def test_a_slope_that_is_infinite_on_one_side_only_is_a_kink(f, x):
    found = cause(f, (x,), order=1)
    assert found.kind == "kink"
    assert "inf from the" in found.text
    with ag.errstate("ignore"):
        slope = ag.grad(f)(x)
    if math.isfinite(slope):
        assert check_grads(f, (x,), order=3, kinks=True).compared == 2


def test_a_slope_that_is_infinite_on_one_side_in_the_second_derivative_is_a_kink():
    assert cause(lambda x: ag.where(x > 0.0, x * x * ag.log(x), 0.0), (0.0,)).kind == "kink"


@pytest.mark.parametrize("x", [1e-20, 1e-300, 5e-324, 1.0, 1e200])
def test_a_steep_slope_is_not_an_infinite_one(x):
    assert check_grads(ag.sqrt, (x,)).compared == 4


def test_nor_is_that_one_step_from_an_end():
    near = math.nextafter(1.0, 0.0)
    assert check_grads(lambda x: ag.sqrt(1.0 - x), (near,), order=1).compared == 2


def test_a_jump_has_no_infinite_derivative():
    assert cause(lambda x: float(x >= 0.0), (0.0,), gradient=lambda x: INF).kind == "wrong gradient"


# float32


def network(x, dtype):
    """A small network that computes in dtype, and its gradient."""
    rng = np.random.default_rng(1)
    first, last = rng.normal(size=(8, 4)).astype(dtype), rng.normal(size=8).astype(dtype)
    hidden = np.tanh(first @ x.astype(dtype))
    return float(last @ hidden), first.T @ (last * (1 - hidden**2))


def points():
    rng = np.random.default_rng(3)
    return [rng.normal(size=4) * 10 ** rng.uniform(-2.0, 0.3) for _ in range(20)]


@pytest.mark.parametrize("x", points())
def test_a_function_in_float32_is_judged_by_what_float32_can_tell(x):
    verdict = check_grads(lambda x: network(x, np.float32)[0], (x,), gradient=lambda x: network(x, np.float32)[1])
    assert "central differences in float32" in str(verdict)

    def wrong(x):
        slopes = network(x, np.float32)[1]
        slopes[2] *= 1.02
        return slopes

    with pytest.raises(
        GradientMismatch, match=r"by argument 0\[2\] as given: expected \S+ from central differences in float32"
    ):
        check_grads(lambda x: network(x, np.float32)[0], (x,), gradient=wrong)


@pytest.mark.parametrize("x", points())
def test_the_same_function_in_float64_is_judged_by_what_float64_can_tell(x):
    def wrong(x):
        slopes = network(x, float)[1]
        slopes[2] *= 1.0 + 1e-4
        return slopes

    assert "float32" not in str(
        check_grads(lambda x: network(x, float)[0], (x,), gradient=lambda x: network(x, float)[1])
    )
    with pytest.raises(GradientMismatch, match=r"by argument 0\[2\]"):
        check_grads(lambda x: network(x, float)[0], (x,), gradient=wrong)


@pytest.mark.parametrize(
    ("f", "slope"),
    [(lambda x: 1.0, 0.0), (math.floor, 0.0), (lambda x: 3 * x, 3.0), (lambda x: x * x, 4.0), (lambda x: x > 1, 0.0)],
    ids=["a constant", "steps", "a line", "a parabola", "a condition"],
)
def test_a_function_with_few_bits_is_not_taken_for_one_in_float32(f, slope):
    assert "float32" not in str(check_grads(f, (2.001,), gradient=lambda x: slope + 2.0 * (x - 2.0) * (slope == 4.0)))
