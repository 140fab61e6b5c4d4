"""Separation, held against a linear program of all rows; and what is reported of a separated fit."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from objectives import objective
from separated import PAIRS, disagreements

from nn import GLM, SeparationWarning, families

RNG = np.random.default_rng(11)


@pytest.mark.no_cover  # thousands of fits, whose lines the other tests run too
@pytest.mark.parametrize(("family", "link"), PAIRS, ids=[f"{families.resolved(f).name}-{link}" for f, link in PAIRS])
def test_none_is_missed_and_none_invented_in_40_random_tables(family, link):
    separated, wrong = disagreements(family, link, 40)
    assert not wrong
    assert 4 < separated < 39


def two_groups(seed, family):
    """Observations of one group, and of a second where all of them are at the edge."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(6, 21, 2)
    draws = {"poisson": rng.poisson(2.0, first), "bernoulli": np.r_[0.0, 1.0, rng.integers(0, 2, first - 2)]}
    return np.r_[np.zeros(first), np.ones(second)][:, None], np.r_[draws[family], np.zeros(second)], draws[family]


@pytest.mark.parametrize("offset", [None, 1.0, 100.0])
@pytest.mark.parametrize(
    ("family", "model"), [("poisson", sm.families.Poisson()), ("bernoulli", sm.families.Binomial())]
)
@pytest.mark.parametrize("seed", range(5))
def test_what_the_other_rows_tell_has_the_errors_of_the_other_rows(seed, family, model, offset):
    X, y, own = two_groups(seed, family)
    shift = None if offset is None else offset * np.random.default_rng(seed).uniform(0.9, 1.1, len(X))
    part = None if shift is None else shift[: len(own)]
    wanted = sm.GLM(own, np.ones(len(own)), family=model, offset=part).fit(tol=1e-13)
    with pytest.warns(
        SeparationWarning, match="grows with the coefficient of x0 towards infinity.*the other coefficients"
    ):
        fit = GLM(family).fit(X, y, offset=shift)
    assert fit.intercept_ == pytest.approx(wanted.params[0], rel=1e-8)
    assert fit.standard_errors() == pytest.approx([wanted.bse[0], np.inf], rel=1e-7)
    robust = np.sqrt(np.sum((own - wanted.fittedvalues) ** 2)) * wanted.bse[0] ** 2
    assert fit.standard_errors("robust") == pytest.approx([robust, np.inf], rel=1e-7)
    covariance = fit.cov_params()
    assert np.isinf(covariance[1, 1])
    assert np.isnan(covariance[0, 1])
    low, high = fit.conf_int().T
    assert (low[1], high[1]) == (-np.inf, np.inf)
    assert fit.deviance_ == pytest.approx(wanted.deviance, rel=1e-7, abs=1e-7)
    seen = fit.predict_interval([[0.0]], offset=None if shift is None else [0.0])[0]
    assert np.isfinite(seen).all()
    lost = fit.predict_interval([[1.0]], offset=None if shift is None else [0.0])[0]
    assert lost[0] == pytest.approx(0.0, abs=1e-12)
    assert lost[1] == (np.inf if family == "poisson" else 1.0)


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog", "cauchit"])
def test_columns_beside_a_separated_group_are_those_without_it(link):
    X = RNG.normal(size=(120, 2))
    group = np.repeat([0.0, 1.0, 2.0], [60, 40, 20])
    dummies = (group[:, None] == [1.0, 2.0]).astype(float)
    eta = 0.5 * X[:, 0] - 0.3 * X[:, 1] + 0.4 * dummies[:, 0]
    y = np.where(group == 2.0, 1.0, RNG.random(120) < 1.0 / (1.0 + np.exp(-eta))).astype(float)
    with pytest.warns(SeparationWarning, match="the coefficient of x3 towards"):
        fit = GLM("bernoulli", link).fit(np.c_[X, dummies], y)
    rest = GLM("bernoulli", link).fit(np.c_[X, dummies[:, 0]][group < 2.0], y[group < 2.0])
    np.testing.assert_allclose(fit.parameters_[:4], rest.parameters_, rtol=1e-7)
    for kind in ("expected", "observed", "robust"):
        np.testing.assert_allclose(fit.standard_errors(kind), [*rest.standard_errors(kind), np.inf], rtol=1e-6)
    assert fit.loglik_ == pytest.approx(rest.loglik_, rel=1e-8)


def test_a_class_that_is_told_apart_leaves_the_others_contrasts():
    X = np.r_[RNG.normal(size=(60, 1)), RNG.normal(size=(20, 1)) + 30.0]
    y = np.r_[RNG.integers(0, 2, 60), np.full(20, 2)]
    with pytest.warns(SeparationWarning):
        fit = GLM("categorical").fit(X, y)
    two = GLM("bernoulli").fit(X[:60], y[:60])
    blocks = fit.parameters_.reshape(3, 2)
    np.testing.assert_allclose(blocks[1] - blocks[0], two.parameters_, rtol=1e-7)
    assert fit.loglik_ == pytest.approx(two.loglik_, rel=1e-8)
    assert fit.predict([[0.0], [30.0]]).tolist() == [int(two.intercept_ > 0.0), 2]


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-6])
@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_next_to_separation_there_is_a_maximum_and_no_warning(gap, link):
    x = np.r_[np.linspace(-1.0, 0.0, 20), np.linspace(0.0, 1.0, 20)]
    y = np.r_[np.zeros(20), np.ones(20)]
    x[19], x[20] = 0.5 * gap, -0.5 * gap  # the two groups overlap by so much
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = GLM("bernoulli", link, max_iter=200).fit(x[:, None], y)
    assert fit.converged_
    assert np.isfinite(fit.standard_errors()).all()
    x[19], x[20] = -0.5 * gap, 0.5 * gap
    with pytest.warns(SeparationWarning):
        GLM("bernoulli", link).fit(x[:, None], y)


def test_extreme_weights_scales_and_rates_are_no_separation():
    X = RNG.normal(size=(200, 2))
    y = (RNG.random(200) < 0.5).astype(float)
    plain = GLM("bernoulli").fit(X, y)
    for scale in (1e-12, 1e12):
        assert GLM("bernoulli").fit(X * scale, y).converged_
        weighted = GLM("bernoulli").fit(X, y, sample_weight=np.full(200, scale))
        np.testing.assert_allclose(weighted.parameters_, plain.parameters_, rtol=1e-4)
    rare = np.r_[np.ones(1), np.zeros(9999)]
    assert GLM("bernoulli").fit(np.zeros((10000, 0)), rare).intercept_ == pytest.approx(-np.log(9999.0))


def test_a_penalty_holds_all_but_an_intercept_that_nothing_holds():
    X = RNG.normal(size=(30, 1))
    assert GLM("bernoulli", alpha=1e-3).fit(X, (X[:, 0] > 0.0).astype(int)).converged_
    with pytest.warns(SeparationWarning, match="grows with the coefficient of the intercept towards"):
        fit = GLM("bernoulli", alpha=1.0).fit(X, np.ones(30))
    assert fit.coef_[0] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(fit.standard_errors(), [np.inf, 1.0], rtol=1e-6)
    with pytest.warns(SeparationWarning, match="the intercept"):
        GLM("bernoulli", alpha=1.0, l1_ratio=1.0).fit(X, np.ones(30))


def test_many_rows_are_decided_by_few_of_them():
    X = RNG.normal(size=(40_000, 3))
    y = (X[:, 0] + 0.2 * X[:, 1] > 0.0).astype(float)
    with pytest.warns(SeparationWarning):
        GLM("bernoulli").fit(X, y)
    y[np.argmin(np.abs(X[:, 0] + 0.2 * X[:, 1]))] = 1.0 - y[np.argmin(np.abs(X[:, 0] + 0.2 * X[:, 1]))]
    y[[100, 200]] = 1.0 - y[[100, 200]]
    assert GLM("bernoulli").fit(X, y).converged_


def test_a_direction_that_moves_tied_rows_by_rounding_only_still_holds():
    from nn.regression.solvers.separation import Question

    rows = objective([[0.0], [0.0], [1.0], [2.0]], [0.0, 1.0, 1.0, 1.0], families.Bernoulli)
    question = Question(rows)
    found = question.answer()
    exact = found.direction * found.sizes
    question.basis = np.eye(2)
    for off, holds in ((0.0, True), (1e-13, True), (1e-10, True), (1e-4, False)):
        assert question.holds(exact + off * np.array([1.0, 0.0])) == holds


def test_a_program_that_fails_is_an_error_and_no_silence(monkeypatch):
    from scipy.optimize import OptimizeResult

    import nn.regression.solvers.separation as separation

    monkeypatch.setattr(
        separation, "linprog", lambda *_, **__: OptimizeResult(success=False, message="the program failed")
    )
    with pytest.raises(
        ValueError, match=r"fit\(\) could not decide whether the rows are separated: the program failed"
    ):
        GLM("bernoulli").fit([[0.0], [0.0], [1.0], [1.0]], [0, 1, 1, 1])


def test_columns_that_are_nearly_dependent_keep_their_errors_beside_a_separated_group():
    base = np.linspace(0.0, 1.0, 60)
    noise = RNG.normal(size=60)
    group = np.repeat([0.0, 1.0], [45, 15])
    y = np.where(group == 1.0, 0.0, RNG.poisson(np.exp(base)))
    errors = []
    for rows in (np.c_[base, base + 1e-7 * noise, group], np.c_[base, noise, group]):
        with pytest.warns(SeparationWarning, match="the coefficient of x2 towards"):
            errors.append(GLM("poisson").fit(rows, y).standard_errors())
    assert errors[0][2] == pytest.approx(1e7 * errors[1][2], rel=1e-4)
    assert errors[0][0] == pytest.approx(errors[1][0], rel=2e-3)  # of a variance of 10^12 the intercept has four digits
    assert np.isinf([errors[0][3], errors[1][3]]).all()


@pytest.mark.parametrize("tol", [0.3, 0.05, 1e-2, 1e-4])
def test_separation_is_said_at_every_tolerance(tol):
    X = np.repeat([[0.0], [1.0]], [10, 3], axis=0)
    with pytest.warns(SeparationWarning):
        GLM("poisson", tol=tol).fit(X, np.r_[RNG.poisson(2.0, 10), np.zeros(3)])
