"""Families: likelihood, score and information with every link, deviance, variance, what they refuse."""

import copy
import pickle
from math import inf, isnan, nan

import numpy as np
import pytest
from glm_oracles import FAMILIES, LINKS, pairs
from mpmath import mp, mpf
from scipy import stats

from autograd import errstate, log
from nn import families, links
from nn.families import Family
from nn.links import Mean, identity
from nn.regression.curves import Curves

by_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
by_pair = pytest.mark.parametrize(("family", "link", "etas"), list(pairs()), ids=lambda x: getattr(x, "name", ""))


def exact_derivatives(family, link, eta, y):
    """The likelihood of an observation, its first and second derivative, and the mean's first, in mpmath."""
    nll = FAMILIES[family][0]
    with mp.workdps(90):
        mu = LINKS[link.name]

        def loss(t):
            return nll(mpf(y), mu(t), mpf(1))

        h = mpf(10) ** -25
        at = [loss(mpf(eta) + k * h) for k in (-2, -1, 0, 1, 2)]
        first = (at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * h)
        second = (-at[0] + 16 * at[1] - 30 * at[2] + 16 * at[3] - at[4]) / (12 * h * h)
        means = [mu(mpf(eta) + k * h) for k in (-1, 0, 1)]
        slope, bend = (means[2] - means[0]) / (2 * h), (means[2] - 2 * means[1] + means[0]) / (h * h)
        return at[2], first, second, slope, bend, means[1]


@by_pair
def test_likelihood_score_and_information_are_what_mpmath_says(family, link, etas):
    _, variance, ys = FAMILIES[family]
    curves = Curves(family, link, 1)
    for y in ys:
        kinds = ("observed", "expected") if variance else ("observed",)
        value, first, second, _ = curves.over_rows(np.array([etas]), np.full(len(etas), y), None, None, kinds)
        for k, eta in enumerate(etas):
            loss, score, curvature, slope, bend, mu = exact_derivatives(family, link, eta, y)
            scale = abs(curvature) + abs(score) + 1
            assert abs(value[k] - loss) <= 2e-14 * (abs(loss) + 1)
            assert abs(first[0][k] - score) <= 2e-13 * scale
            assert abs(second["observed"][0][k] - curvature) <= 1e-12 * scale
            if variance:
                information = slope**2 / variance(mu)
                rounded = (
                    abs(bend) * max(mu, 1) / variance(mu)
                )  # what a mean's last bit does: eps/(1 - mu) where it saturates
                assert (
                    abs(second[curves.stand_in("expected")][0][k] - information)
                    <= 1e-12 * information + 1e-15 * rounded
                )


@pytest.mark.parametrize("name", ["logit", "probit", "cloglog", "loglog", "cauchit"])
@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("eta", [-800.0, -40.0, 40.0, 800.0])
def test_binary_likelihoods_have_finite_derivatives_far_out(name, y, eta):
    curves = Curves(families.Bernoulli, links.LINKS[name], 1)
    value, first, second, _ = curves.over_rows(np.array([[eta]]), np.array([y]), None, None, ("observed", "expected"))
    steep = (name == "cloglog" and eta == 800 and y < 1) or (name == "loglog" and eta == -800 and y > 0)
    if steep:  # exp(800) is what the likelihood itself is
        assert value[0] == inf
        return
    assert np.isfinite(value[0])
    assert np.isfinite(first[0][0])
    assert np.isfinite(second["observed"][0][0])
    assert np.isfinite(second[curves.stand_in("expected")][0][0])


@pytest.mark.parametrize("eta", [5.0, 12.0, 25.0, 36.0])
def test_observed_information_at_saturated_means_is_within_eps_over_what_is_left(eta):
    curves = Curves(families.Bernoulli, links.logit, 1)
    second = curves.over_rows(np.array([[eta]]), np.array([1.0]), None, None, ("observed",)).second
    with mp.workdps(60):
        mu = 1 / (1 + mp.exp(-mpf(eta)))
        exact = mu * (1 - mu)
        assert abs(second["observed"][0][0] - exact) <= 4e-16 * exact  # eps/(1 - mu) would be 4 % at 30


@by_family
def test_unit_deviance_keeps_its_digits_next_to_the_observation_and_far_from_it(family):
    nll, _, ys = FAMILIES[family]
    low, high = family.support
    many = [1e9] if high == inf else []
    deviance = Curves(family, links.identity, 1).deviance
    for y in [*ys, *many]:
        for share in (1e-9, 1e-6, 1e-3, 0.1, 0.4, 0.6, 3.0):
            for mu in (y + share * max(abs(y), 0.5), y - share * max(abs(y), 0.5)):
                if not low < mu < high:
                    continue
                with mp.workdps(80):
                    there = y if low < y < high else y + mpf(10) ** -70 if y == low else y - mpf(10) ** -70
                    exact = 2 * (nll(mpf(y), mpf(mu), mpf(1)) - nll(mpf(y), mpf(there), mpf(1)))
                    assert abs(deviance([np.array([mu])], np.array([y]))[0] - exact) <= 4e-14 * exact + 1e-60


def test_a_difference_of_likelihoods_would_lose_the_digits_that_the_deviance_keeps():
    y, mu = 1e9, 1e9 + 3e4
    plain = Family(families.Poisson.nll, families.Poisson.support)
    exact = families.Poisson.unit_deviance(y, Mean(mu, identity))
    assert abs(plain.unit_deviance(y, Mean(mu, identity)) / exact - 1.0) > 1e-7


@by_family
def test_variance_follows_from_the_likelihood(family):
    variance = FAMILIES[family][1]
    if variance is None:
        with pytest.raises(ValueError, match="has no variance that follows from its score"):
            family.variance(1.0)
        return
    for mu in family.inside:
        assert family.variance(mu) == pytest.approx(float(variance(mpf(mu))), rel=1e-13)


@by_family
def test_what_is_derived_from_a_likelihood_is_right(family):
    assert family.scored_by_mean == (family is not families.Laplace)
    assert family.has_kink == (family is families.Laplace)
    assert family.has_dispersion == (
        family.name in ("gaussian", "gamma", "inverse_gaussian", "tweedie(1.5)", "laplace")
    )
    assert family.scales


@by_family
def test_distributions_have_the_likelihood_of_their_family(family):
    if family.distribution is None:
        assert family.name.startswith("tweedie")
        return
    phi = 0.7 if family.has_dispersion else 1.0
    mu = family.inside[0]
    made = family.distribution(stats, mu, phi)
    for y in FAMILIES[family][2]:
        if y == int(y) or not hasattr(made, "logpmf"):
            density = made.logpmf(y) if hasattr(made, "logpmf") else made.logpdf(y)
            assert family.nll(y, Mean(mu, identity), phi) == pytest.approx(-density, rel=1e-12, abs=1e-12)
    assert made.mean() == pytest.approx(mu, rel=1e-12)


def test_families_admit_the_ends_of_their_support_where_the_likelihood_is_finite():
    assert families.Poisson.admits(0.0)
    assert families.Poisson.admits(2.0)
    assert not families.Poisson.admits(-2.0)
    assert families.Bernoulli.admits(1.0)
    assert families.NegativeBinomial(2.0).admits(0.0)
    assert families.Tweedie(1.5).admits(0.0)
    assert not families.Tweedie(2.5).admits(0.0)
    assert not families.Gamma.admits(0.0)
    assert not families.InverseGaussian.admits(0.0)
    assert not families.Gaussian.admits(inf)
    assert not families.Poisson.admits(nan)


def test_tweedies_family_agrees_with_its_neighbours():
    y, mu = 2.5, 1.25
    cubic, inverse = families.Tweedie(3.0), families.InverseGaussian
    assert cubic.variance(mu) == pytest.approx(inverse.variance(mu))
    at = Mean(mu, identity)
    assert cubic.unit_deviance(y, at) == pytest.approx(inverse.unit_deviance(y, at), rel=1e-13)
    assert families.Tweedie(1.0 + 1e-9).unit_deviance(y, at) == pytest.approx(
        families.Poisson.unit_deviance(y, at), rel=1e-6
    )


@by_family
def test_families_are_pickled_and_copied_as_themselves(family):
    again = pickle.loads(pickle.dumps(family))
    assert (again is family) == (family in families.FAMILIES.values())
    at = Mean(0.4, identity)
    assert again.nll(0.25, at, 0.7) == family.nll(0.25, at, 0.7) if family.targets != "classes" else again is family
    assert copy.deepcopy(family) is family
    assert repr(again) == f"<family {family.name}>"


def test_the_link_of_a_users_family_follows_from_its_support():
    def nll(y, mu, phi):
        return (y - mu.value) ** 2

    assert Family(nll).link is links.identity
    assert Family(nll, support=(0.0, inf)).link is links.log
    assert Family(nll, support=(0.0, 1.0)).link is links.logit
    assert Family(nll, support=(-1.0, 1.0)).link is links.identity
    assert Family(nll, support=(-inf, 0.0)).inside == [-0.6, -1.7, -2.5, -4.1]


def test_a_likelihood_whose_dispersion_is_no_scale_is_known_for_it():
    student = Family(lambda y, mu, phi: 2.5 * log(1.0 + (y - mu.value) ** 2 / (4.0 * phi)) + 0.5 * log(phi))
    assert student.has_dispersion
    assert not student.scales
    assert not student.scored_by_mean
    assert not student.has_kink


def test_a_pinball_loss_is_known_for_its_slopes():
    pinball = Family(lambda y, mu, phi: (0.4 * (y - mu.value) + 0.5 * abs(y - mu.value)) / phi)
    assert pinball.slopes == pytest.approx((0.9, 0.1))
    assert all(map(isnan, families.Gaussian.slopes))


def test_categorical_scores_are_the_lectures():
    with errstate("raise"):
        loss = families.Categorical.loss([0.0, 1.0, 0.0], [0.1, 0.2, 0.3])
    assert loss == pytest.approx(float(-mp.log(mp.exp(0.2) / (mp.exp(0.1) + mp.exp(0.2) + mp.exp(0.3)))))
    assert families.Categorical.scored_by_mean
    assert not families.Categorical.has_dispersion
    assert not families.Categorical.has_kink


def test_bad_families_are_refused():
    with pytest.raises(TypeError, match=r"Family\(\) expects a function of y, mu and phi as nll, got str"):
        Family("poisson")
    with pytest.raises(ValueError, match=r"Family\(\) expects as support an interval \(low, high\), got \(1, 0\)"):
        Family(lambda y, mu, phi: 0.0, support=(1, 0))
    with pytest.raises(
        ValueError, match=r"unknown family 'poison'; did you mean 'poisson'\?; the names are gaussian, ber"
    ):
        families.resolved("poison")
    with pytest.raises(TypeError, match="a family is a Family or the name of one, got int"):
        families.resolved(3)
    for alpha in (0.0, -1.0, inf, nan):
        with pytest.raises(ValueError, match="NegativeBinomial expects a positive alpha, got"):
            families.NegativeBinomial(alpha)
    for p in (0.0, 0.5, 1.0, 2.0, inf, nan):
        with pytest.raises(ValueError, match=r"Tweedie expects p above 1 and not 2 \(0 is Gaussian"):
            families.Tweedie(p)


def test_a_family_without_words_for_0_times_log_0_is_fitted_where_it_can_be():
    plain = Family(lambda y, mu, phi: mu.value - y * mu.log, support=(0.0, inf), name="plain")
    assert plain.admits(0.0)
    own, built_in = Curves(plain, links.log, 1), Curves(families.Poisson, links.log, 1)
    etas, y = np.array([[0.5, -1.0, 2.0]]), np.array([0.0, 1.0, 7.0])
    np.testing.assert_allclose(own.deviance(list(etas), y), built_in.deviance(list(etas), y), rtol=1e-12)


def test_families_with_a_parameter_say_how_they_are_made():
    with pytest.raises(
        ValueError, match=r"'negative_binomial' has a parameter: pass nn.families.NegativeBinomial\(alpha\)"
    ):
        families.resolved("negative_binomial")
    with pytest.raises(ValueError, match=r"'tweedie' has a parameter: pass nn.families.Tweedie\(p\)"):
        families.resolved("tweedie")
    with pytest.raises(TypeError, match=r"got function: call it, as in NegativeBinomial\(1.5\)"):
        families.resolved(families.NegativeBinomial)
