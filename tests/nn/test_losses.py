"""Losses: their values, their derivatives, what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd import Value, check_grads, compile, grad
from nn import families, losses
from nn.links import identity
from nn.losses import binary_cross_entropy_with_logits, cross_entropy_with_logits, hinge, squared_error

LOGITS = st.floats(-30.0, 30.0)
# A smooth point of each loss that takes one number.
SCALAR = {
    squared_error: 0.3, losses.absolute_error: 7.3, losses.huber: 0.3, hinge: 1, losses.squared_hinge: 1,
    binary_cross_entropy_with_logits: 0.25, losses.gaussian_nll: 0.3,
}  # fmt: skip
POSITIVE = {losses.poisson_nll: 3.0, losses.gamma_nll: 2.5, losses.binary_cross_entropy: 0.25}
SEVERAL = (losses.cross_entropy, cross_entropy_with_logits, losses.kl_divergence)


def test_every_loss_is_tested_here():
    assert set(losses.LOSSES.values()) == {*SCALAR, *POSITIVE, *SEVERAL}


@pytest.mark.parametrize("loss", POSITIVE, ids=lambda loss: loss.__name__)
@settings(max_examples=20)
@given(mean=st.floats(0.05, 0.95))
def test_losses_of_a_mean_pass_check_grads(loss, mean):
    check_grads(lambda mean: loss(mean, POSITIVE[loss]), (mean,))


@settings(max_examples=20)
@given(st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3))
def test_losses_of_probabilities_pass_check_grads(q):
    check_grads(lambda q: losses.kl_divergence(q, [0.2, 0.0, 0.8]), (q,))
    check_grads(lambda q: losses.cross_entropy(q, 1), (q,))


def test_a_loss_that_is_a_family_s_is_that_family_s():
    for y, mu in ((3.0, 2.5), (0.5, 0.25)):
        assert losses.poisson_nll(mu, y) == families.Poisson.loss(y, mu, identity)
        assert losses.gamma_nll(mu, y, 0.5) == families.Gamma.loss(y, mu, identity, 0.5)
        assert (
            losses.gaussian_nll([mu, 2.0], y)
            == losses.gaussian_nll(mu, y, 2.0)
            == families.Gaussian.loss(y, mu, identity, 2.0)
        )
    assert losses.binary_cross_entropy(0.25, 1) == families.Bernoulli.loss(1.0, 0.25, identity)


def test_likelihoods_are_scipy_s():
    from scipy import stats

    assert losses.poisson_nll(2.5, 3) == pytest.approx(-stats.poisson.logpmf(3, 2.5), rel=1e-14)
    assert losses.gamma_nll(2.5, 3.0, 0.5) == pytest.approx(-stats.gamma.logpdf(3.0, 2.0, scale=1.25), rel=1e-14)
    assert losses.gaussian_nll(2.5, 3.0, 0.5) == pytest.approx(-stats.norm.logpdf(3.0, 2.5, 0.5**0.5), rel=1e-14)


def test_the_entropy_of_p_and_the_divergence_from_it_make_the_cross_entropy():
    q, p = [0.2, 0.3, 0.5], [0.5, 0.25, 0.25]
    whole = losses.cross_entropy(q, p)
    assert whole == pytest.approx(losses.cross_entropy(p, p) + losses.kl_divergence(q, p), rel=1e-14)
    assert losses.kl_divergence(q, q) == 0.0


def test_smoothing_and_weights_of_classes_are_those_of_the_shares():
    z = [0.5, -1.0, 2.0]
    smooth = [0.1 / 3, 0.9 + 0.1 / 3, 0.1 / 3]
    assert cross_entropy_with_logits(z, 1, smoothing=0.1) == pytest.approx(
        cross_entropy_with_logits(z, smooth), rel=1e-14
    )
    assert cross_entropy_with_logits(z, 1, class_weight=[1.0, 2.5, 0.0]) == pytest.approx(
        2.5 * cross_entropy_with_logits(z, 1)
    )
    assert cross_entropy_with_logits(z, 2, class_weight=[1.0, 2.5, 0.0]) == 0.0
    assert binary_cross_entropy_with_logits(0.5, 1, smoothing=0.2) == pytest.approx(
        binary_cross_entropy_with_logits(0.5, 0.9)
    )
    for target in (0, 1, -1, 0.25):
        parts = [binary_cross_entropy_with_logits(0.5, end) for end in (0, 1)]
        share = max(target, 0)
        expected = 3.0 * (1 - share) * parts[0] + 0.5 * share * parts[1]
        assert binary_cross_entropy_with_logits(0.5, target, class_weight=(3.0, 0.5)) == pytest.approx(expected)
        compiled = compile(lambda z, y: binary_cross_entropy_with_logits(z, y, 0.1, (3.0, 0.5)))
        eager = binary_cross_entropy_with_logits(0.5, target, 0.1, (3.0, 0.5))
        assert compiled(0.5, float(target)) == pytest.approx(eager, rel=1e-14)
    run = compile(lambda z, y: cross_entropy_with_logits(z, y, 0.1, (3.0, 0.5, 0.0)))
    for k in range(3):
        assert run(z, float(k)) == pytest.approx(cross_entropy_with_logits(z, k, 0.1, (3.0, 0.5, 0.0)), rel=1e-14)


def test_a_class_may_be_a_whole_number_of_another_type():
    for one in (1, 1.0, np.int8(1), np.float64(1.0), True):
        assert cross_entropy_with_logits([0.5, 1.0], one) == cross_entropy_with_logits([0.5, 1.0], 1)


def test_the_risk_is_the_mean_the_sum_or_the_root_of_the_mean_also_weighted():
    p, y = [Value(1.0), Value(4.0)], [0.0, 0.0]
    losses.risk(p, y).backward()
    assert [v.grad for v in p] == [1.0, 4.0]
    assert losses.risk(p, y, reduce="sum").data == 17.0
    assert losses.risk(p, y, reduce="root").data == pytest.approx(8.5**0.5)
    assert losses.risk(p, y, sample_weight=[3.0, 1.0]).data == 19.0 / 4.0
    assert losses.risk([0.5], [1], losses.hinge) == 0.5


def test_traced_targets_that_are_refused_give_nan_and_a_pair_is_a_mean_and_a_variance():
    for loss, target in ((losses.poisson_nll, -1.0), (losses.gamma_nll, 0.0), (losses.squared_hinge, 0.5)):
        assert math.isnan(compile(loss)(0.5, target))
    assert compile(losses.poisson_nll)(0.5, 0.0) == losses.poisson_nll(0.5, 0)
    assert math.isnan(compile(losses.kl_divergence)([0.5, 0.5], [0.5, 0.75]))
    assert compile(losses.kl_divergence)([0.5, 0.5], [0.0, 1.0]) == losses.kl_divergence([0.5, 0.5], [0.0, 1.0])


@pytest.mark.parametrize("loss", SCALAR, ids=lambda loss: loss.__name__)
@settings(max_examples=20)
@given(z=st.floats(-5.0, 0.5))
def test_losses_of_one_number_pass_check_grads(loss, z):
    check_grads(lambda z: loss(z, SCALAR[loss]), (z,))


@pytest.mark.no_cover
@settings(max_examples=20)
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
        (lambda: losses.huber(1.0, 0.0, delta=0.0), ValueError, "huber expects a delta above 0, got 0.0"),
        (lambda: losses.gaussian_nll([1.0, 2.0, 3.0], 1.0), ValueError, "a mean and a variance, got a list of 3"),
        (lambda: losses.gaussian_nll(1.0, math.inf), ValueError, "a finite target, got inf"),
        (lambda: losses.poisson_nll(1.0, -1), ValueError, "poisson_nll expects a target from 0 up, got -1"),
        (lambda: losses.poisson_nll([1.0], 1), TypeError, "the mean of one output, got a list of 1"),
        (lambda: losses.poisson_nll("a", 1), TypeError, "a number as its mean, got str"),
        (lambda: losses.gamma_nll(1.0, 0.0), ValueError, "gamma_nll expects a target above 0, got 0.0"),
        (lambda: losses.gamma_nll(1.0, None), TypeError, "a number as its target, got NoneType"),
        (lambda: losses.kl_divergence(0.5, [1.0]), TypeError, "two lists of probabilities, got float"),
        (lambda: losses.kl_divergence([0.5, 0.5], 1), TypeError, "two lists of probabilities, got int"),
        (lambda: losses.cross_entropy(0.5, 1), TypeError, "cross_entropy expects a list of probabilities, got float"),
        (
            lambda: cross_entropy_with_logits([1.0, 2.0], 0, smoothing=1.0),
            ValueError,
            r"a smoothing in \[0, 1\), got 1.0",
        ),
        (
            lambda: cross_entropy_with_logits([1.0, 2.0], 0, class_weight=[1.0]),
            ValueError,
            "2 finite numbers from 0 up as class_weight",
        ),
        (lambda: losses.risk([], []), ValueError, "at least one row, got none"),
        (lambda: losses.risk([1.0], [1.0, 2.0]), ValueError, "as many targets as predictions, got 2 for 1"),
        (
            lambda: losses.risk([1.0], [1.0], sample_weight=[1.0, 2.0]),
            ValueError,
            "as many sample_weight as predictions, got 2",
        ),
        (
            lambda: losses.risk([1.0], [1.0], reduce="max"),
            ValueError,
            "reduce to be 'mean', 'sum' or 'root', got 'max'",
        ),
        (lambda: squared_error([1.0, 2.0], [1.0]), ValueError, "as many targets as predictions, got 1 for 2"),
        (lambda: squared_error([1.0, 2.0], 1.0), ValueError, "got one number for a list of 2"),
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
