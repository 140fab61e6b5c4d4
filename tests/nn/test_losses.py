"""Losses: their values, their derivatives, what they refuse."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd import Value, check_grads, compile, grad
from nn import families, losses
from nn.losses import binary_cross_entropy_with_logits, cross_entropy_with_logits, hinge, squared_error

LOGITS = st.floats(-30.0, 30.0)
NAMES = {name for name, f in inspect.getmembers(losses, inspect.isfunction) if f.__module__ == losses.__name__}
# A smooth point of each loss that takes one number.
SCALAR = {squared_error: 0.3, hinge: 1, binary_cross_entropy_with_logits: 0.25}


def test_every_loss_is_tested_here():
    public = {name for name in NAMES if not name.startswith("_")}
    assert public == {f.__name__ for f in (*SCALAR, cross_entropy_with_logits)}


@pytest.mark.parametrize("loss", SCALAR, ids=lambda loss: loss.__name__)
@given(z=st.floats(-5.0, 0.5))
def test_losses_of_one_number_pass_check_grads(loss, z):
    check_grads(lambda z: loss(z, SCALAR[loss]), (z,))


@pytest.mark.no_cover
@given(st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=3))
def test_cross_entropy_passes_check_grads(z):
    check_grads(lambda z: cross_entropy_with_logits(z, 1), (z,))
    check_grads(lambda z: cross_entropy_with_logits(z, [0.2, 0.3, 0.5]), (z,))


@given(LOGITS, st.sampled_from([0, 1, -1, 0.25]))
def test_binary_cross_entropy_keeps_its_digits(z, target):
    with mp.workdps(60):
        p = 1 / (1 + mp.exp(-mpf(z)))
        weight = max(mpf(target), 0)
        exact = -(weight * mp.log(p) + (1 - weight) * mp.log(1 - p))
        found = binary_cross_entropy_with_logits(z, target)
        assert abs(found - exact) <= 4 * mpf(math.ulp(float(exact)))


@given(st.lists(LOGITS, min_size=2, max_size=5))
def test_cross_entropy_keeps_its_digits_also_of_a_small_loss(z):
    with mp.workdps(60):
        for y in range(len(z)):
            exact = mp.log(mp.fsum(mp.exp(mpf(x) - mpf(z[y])) for x in z))
            found = cross_entropy_with_logits(z, y)
            assert abs(found - exact) <= 40 * mpf(math.ulp(float(exact)))


def test_the_second_derivative_of_the_logistic_loss_at_0_is_a_quarter():
    assert grad(grad(lambda z: binary_cross_entropy_with_logits(z, 1)))(0.0) == 0.25


@pytest.mark.parametrize(("z", "target", "loss", "slope"), [(800.0, 1, 0.0, 0.0), (-800.0, 1, 800.0, -1.0), (800.0, 0, 800.0, 1.0), (-800.0, -1, 0.0, 0.0), (math.inf, 1, 0.0, 0.0)])  # fmt: skip
def test_extreme_logits_are_exact(z, target, loss, slope):
    x = Value(z)
    y = binary_cross_entropy_with_logits(x, target)
    y.backward()
    assert (y.data, x.grad) == (loss, slope)


def test_both_codings_of_labels_give_the_same_loss():
    for z in (-3.0, 0.0, 2.5):
        assert binary_cross_entropy_with_logits(z, -1) == binary_cross_entropy_with_logits(z, 0)
    for one in (np.int64(1), np.float64(1.0), np.array(1.0), np.True_):
        assert binary_cross_entropy_with_logits(1.0, one) == binary_cross_entropy_with_logits(1.0, True)


def test_the_gradient_of_cross_entropy_is_softmax_minus_the_class():
    z = [Value(x) for x in (0.5, -1.0, 2.0)]
    cross_entropy_with_logits(z, np.int64(2)).backward()
    whole = sum(math.exp(v.data) for v in z)
    expected = [math.exp(v.data) / whole - (i == 2) for i, v in enumerate(z)]
    assert [v.grad for v in z] == pytest.approx(expected, rel=1e-14)


def test_soft_classes_weigh_the_losses_of_the_classes():
    z = [0.5, -1.0, 2.0]
    each = [cross_entropy_with_logits(z, y) for y in range(3)]
    assert cross_entropy_with_logits(z, [0.0, 0.25, 0.75]) == pytest.approx(0.25 * each[1] + 0.75 * each[2], rel=1e-15)


def test_squared_error_of_lists_is_the_sum():
    p = [Value(1.0), Value(2.0)]
    loss = squared_error(p, np.array([3.0, 1.0]))
    loss.backward()
    assert (loss.data, p[0].grad, p[1].grad) == (5.0, -4.0, 2.0)


def test_hinge_is_kind_to_what_is_right_by_a_margin():
    z = Value(0.5)
    hinge(z, np.int64(-1)).backward()
    assert (z.grad, hinge(-2.0, -1), hinge(Value(2.0), 1).data) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hinge([1.0, 2.0], 1), TypeError, "hinge expects the score of one output, got a list of 2"),
        (lambda: binary_cross_entropy_with_logits([1.0], 1), TypeError, "one output, got a list of 1"),
        (lambda: hinge(1.0, 0), ValueError, r"hinge expects a label of -1 or \+1, got 0"),
        (lambda: binary_cross_entropy_with_logits(1.0, 2), ValueError, "target of 0, 1, -1 or a probability, got 2"),
        (lambda: binary_cross_entropy_with_logits(1.0, -0.5), ValueError, "got -0.5"),
        (lambda: binary_cross_entropy_with_logits(1.0, math.nan), ValueError, "got nan"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], 2), ValueError, "a class from 0 to 1, got 2"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], -1), ValueError, "a class from 0 to 1, got -1"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], 0.5), TypeError, "an int as a class, got float"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], [1.0]), ValueError, "expects 2 probabilities, got 1"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], [0.5, 0.4]), ValueError, "add up to 1"),
        (lambda: cross_entropy_with_logits([1.0, 2.0], [1.5, -0.5]), ValueError, "add up to 1"),
        (lambda: squared_error([1.0, 2.0], [1.0]), ValueError, "as many targets as predictions, got 1 for 2"),
        (lambda: squared_error([1.0, 2.0], 1.0), ValueError, "got 1 for 2"),
        (lambda: squared_error(1.0, [1.0, 2.0]), ValueError, "got 2 for 1"),
        (lambda: hinge("1", 1), TypeError, "hinge expects a number as its score, got str"),
        (lambda: hinge(1.0, "1"), ValueError, r"a label of -1 or \+1, got '1'"),
        (lambda: binary_cross_entropy_with_logits(1.0, "1"), ValueError, "or a probability, got '1'"),
        (lambda: binary_cross_entropy_with_logits(1.0, None), ValueError, "or a probability, got None"),
        (lambda: binary_cross_entropy_with_logits(1.0, -0.999), ValueError, "got -0.999"),
        (lambda: binary_cross_entropy_with_logits(1.0, 1.001), ValueError, "got 1.001"),
        (lambda: cross_entropy_with_logits(1.0, 0), TypeError, "expects a list of logits, got float"),
        (lambda: cross_entropy_with_logits([0.0] * 10**5, [1.0] * 10**5), ValueError, r"got \[1.0, 1.0, .*\.\.\.\]"),
    ],
)
def test_bad_targets_are_refused_by_name_and_briefly(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert len(str(caught.value)) < 500


def test_plain_shares_with_infinite_logits_give_what_the_sum_of_logs_gives():
    inf = math.inf
    assert cross_entropy_with_logits([-inf, 0.0, 1.0], [0.5, 0.5, 0.0]) == inf
    assert cross_entropy_with_logits([inf, 0.0, 1.0], [1.0, 0.0, 0.0]) == 0.0
    assert cross_entropy_with_logits([-inf, 0.0, 0.0], 1) == pytest.approx(math.log(2.0))


def test_a_loss_of_a_family_is_the_familys():
    for z in (-800.0, -0.3, 0.0, 2.0, 800.0):
        for share in (0.0, 0.25, 1.0):
            assert binary_cross_entropy_with_logits(z, share) == families.Bernoulli.loss(share, z)
    z = [0.5, -1.0, 2.0]
    for shares in ([0.0, 1.0, 0.0], [0.2, 0.3, 0.5]):
        assert cross_entropy_with_logits(z, shares) == families.Categorical.loss(shares, z)
    assert math.isnan(families.Bernoulli.loss(math.nan, 0.3))


def test_a_class_that_is_none_leaves_no_loss_and_no_slope_when_compiled():
    slopes = compile(grad(cross_entropy_with_logits))([1.0, 2.0, 3.0], 3.0)
    assert all(map(math.isnan, slopes))
