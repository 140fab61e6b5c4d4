"""Links: their inverses, their logarithms, what they refuse."""

import copy
import pickle
from math import inf

import numpy as np
import pytest
from glm_oracles import ALL_LINKS, CHANCE, LINKS, etas
from mpmath import mp, mpf

import autograd as ag
from autograd import softmax
from nn import families, links

BINARY = ("logit", "probit", "cloglog", "loglog", "cauchit")
by_name = pytest.mark.parametrize("link", ALL_LINKS, ids=lambda link: link.name)


def digits(eta):
    return 60 + int(min(abs(eta), 1e3) ** 2 / 4)


@by_name
def test_an_inverse_is_what_mpmath_says_and_stays_in_its_range(link):
    for eta in etas(link):
        with mp.workdps(digits(eta)):
            exact = LINKS[link.name](mpf(eta))
            assert abs(link.inverse(eta) - exact) <= 2e-15 * max(abs(exact), 1e-3)
        assert link.range[0] < link.inverse(eta) < link.range[1]


@by_name
def test_an_inverse_is_strictly_monotone(link):
    means = [link.inverse(eta) for eta in sorted(etas(link))]
    steps = np.diff(means)
    assert (steps > 0).all() or (steps < 0).all()


@by_name
def test_a_link_of_a_mean_is_the_predictor_that_it_came_from(link):
    for eta in etas(link):
        assert link(link.inverse(eta)) == pytest.approx(eta, rel=1e-9, abs=1e-9)


@by_name
def test_the_logarithms_of_a_mean_agree_with_the_mean(link):
    for eta in etas(link):
        mu = link.mean(eta)
        if mu.value > 0:  # and what its rounding does to a logarithm
            assert mu.log == pytest.approx(float(mp.log(mu.value)), rel=1e-14, abs=1e-15 / min(mu.value, 1.0))
        if mu.value < 1:
            assert mu.log1m == pytest.approx(float(mp.log1p(-mpf(mu.value))), rel=1e-14, abs=1e-15 / (1.0 - mu.value))


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("eta", [-800.0, -40.0, -5.0, -0.3, 0.0, 0.3, 5.0, 40.0, 800.0])
def test_the_logarithms_of_binary_links_keep_their_digits_in_both_tails(name, eta):
    mu = links.LINKS[name].mean(eta)
    with mp.workdps(200), ag.errstate("ignore"):
        tiny = {"probit": lambda t: log_ndtr(t), "cloglog": lambda t: log_rise(t), "loglog": lambda t: -mp.exp(-t)}
        other = {"probit": lambda t: log_ndtr(-t), "cloglog": lambda t: -mp.exp(t), "loglog": lambda t: log_rise(-t)}
        t = mpf(eta)
        with mp.workdps(1000):
            plain = LINKS[name](t) if name in ("logit", "cauchit") else None
            log = mp.log(plain) if plain is not None else tiny[name](t)
            log1m = mp.log(1 - plain) if plain is not None else other[name](t)
        for found, exact, other in ((mu.log, log, log1m), (mu.log1m, log1m, log)):
            if abs(exact) > mpf(1e308):
                assert found == -inf
            else:  # log(1 - exp(-u)) is off by u times the rounding of u
                assert abs(found - exact) <= 2e-15 * abs(exact) * max(1, abs(other)) + mpf(10) ** -300


def log_ndtr(t):
    return (
        mp.log(mp.erfc(-t / mp.sqrt(2)) / 2)
        if t > -60
        else -t * t / 2 - mp.log(-t * mp.sqrt(2 * mp.pi)) + mp.log(tail(t))
    )


def tail(t):
    return mp.fsum((-1) ** k * mp.fac2(2 * k - 1) / t ** (2 * k) for k in range(30))


def log_rise(t):
    u = mp.exp(t)
    return mp.log(-mp.expm1(-u)) if u < 2000 else mpf(0)


def test_a_link_on_a_finite_domain_is_inverted_within_it():
    arc = links.Link(lambda eta: ag.sin(eta), range=(-1.0, 1.0), domain=(-1.5707963267948966, 1.5707963267948966))
    assert arc(0.5) == pytest.approx(float(np.arcsin(0.5)), rel=1e-12)


def test_power_gives_the_identity_and_the_log_at_1_and_0():
    assert links.power(1.0) is links.identity
    assert links.power(0.0) is links.log


@by_name
def test_links_are_pickled_and_copied_as_themselves(link):
    if link is CHANCE:
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pickle.dumps(link)
        return
    again = pickle.loads(pickle.dumps(link))
    assert again is link or again.inverse(etas(link)[0]) == link.inverse(etas(link)[0])
    assert copy.deepcopy(link) is link
    assert repr(again) == f"<link {link.name}>"


def test_a_link_of_a_function_with_a_name_goes_by_it():
    def gentle(eta):
        return ag.sigmoid(0.5 * eta)

    assert links.Link(gentle, range=(0.0, 1.0)).name == "gentle"
    assert links.Link(lambda eta: eta).name == "custom"


def test_an_inverse_that_is_none_is_refused():
    for wrong, range_ in (
        (ag.log, (0.0, inf)),
        (lambda eta: 2.0 * ag.sigmoid(eta), (0.0, 1.0)),
        (ag.logit, (0.0, 1.0)),
    ):
        with pytest.raises(
            ValueError, match=r"Link\(\) expects an inverse that reaches from 0 to .* the inverse takes eta to mu"
        ):
            links.Link(wrong, range=range_)
    with pytest.raises(ValueError, match="expects an inverse that rises or falls everywhere"):
        links.Link(lambda eta: ag.sigmoid(eta * eta), range=(0.0, 1.0))


def test_bad_links_are_refused():
    with pytest.raises(TypeError, match=r"Link\(\) expects a function of eta as inverse, got str"):
        links.Link("logit")
    with pytest.raises(TypeError, match=r"as log1m, got int"):
        links.Link(ag.sigmoid, log1m=3)
    for range_ in ((1.0, 0.0), 3, (0, 1, 2), ("a", "b")):
        with pytest.raises(ValueError, match=r"Link\(\) expects as range an interval \(low, high\), got"):
            links.Link(ag.sigmoid, range=range_)
    with pytest.raises(ValueError, match=r"unknown link 'logitt'; did you mean 'logit'\?; the names are identity, log"):
        links.resolved("logitt")
    with pytest.raises(TypeError, match="a link is a Link or the name of one, got int"):
        links.resolved(3)
    with pytest.raises(ValueError, match="negative_binomial expects a positive alpha, got -1"):
        links.negative_binomial(-1.0)
    with pytest.raises(TypeError, match="<link softmax> is of several means: it has no single predictor"):
        links.softmax(0.5)
    with pytest.raises(ValueError, match=r"expects a mean between 0 and 1, got 1\.5"):
        links.logit(1.5)
    with pytest.raises(ValueError, match=r"never reaches a mean of 0\.5 on its domain"):
        links.Link(lambda eta: 2.0 + ag.sigmoid(eta), range=(0.0, 4.0), name="high")(0.5)


def test_a_link_of_several_classes_needs_no_cross_entropy_of_its_own():
    plain = links.Link(lambda etas: softmax(etas), range=(0.0, 1.0), several=True, name="plain")
    etas = [0.5, -1.0, 2.0]
    for shares in ([0.0, 1.0, 0.0], [0.2, 0.3, 0.5]):
        wanted = families.Categorical.loss(shares, etas)
        assert families.Categorical.loss(shares, etas, plain) == pytest.approx(wanted, rel=1e-14)
