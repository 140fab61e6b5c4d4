"""Fits with an l1 penalty: optimal by the conditions of an optimum, equal to scikit-learn's and glum's, whatever the columns."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn.regression.solvers.lasso as lasso
from nn import GLM, ConvergenceWarning, SeparationWarning, families, links

# With more coefficients than rows there is no dispersion, of which a fit tells.
pytestmark = pytest.mark.filterwarnings("ignore:.*there is no dispersion:UserWarning")

# What a likelihood's derivative is by each predictor, by hand: no formula is shared with nn.
SCORES = {
    "gaussian": lambda eta, y: eta - y,
    "poisson": lambda eta, y: np.exp(eta) - y,
    "bernoulli": lambda eta, y: 1.0 / (1.0 + np.exp(-eta)) - y,
    "gamma": lambda eta, y: 1.0 - y * np.exp(-eta),
    "categorical": lambda eta, y: np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True) - (y[:, None] == np.arange(3)),
}
DRAWS = {
    "gaussian": lambda rng, eta: eta + rng.normal(size=len(eta)),
    "poisson": lambda rng, eta: rng.poisson(np.exp(eta)),
    "bernoulli": lambda rng, eta: np.r_[0, 1, rng.random(len(eta) - 2) < 1.0 / (1.0 + np.exp(-eta[2:]))].astype(int),
    "gamma": lambda rng, eta: rng.gamma(2.0, np.exp(eta)),
    "categorical": lambda rng, eta: np.r_[0, 1, 2, np.digitize(eta[3:] + rng.normal(size=len(eta) - 3), [-0.5, 0.5])],
}
COLUMNS = {
    "independent": lambda rng, x: x,
    "correlated by .9999": lambda rng, x: rng.normal(size=(len(x), 1)) + 0.01 * x,
    "twice there": lambda rng, x: np.c_[x, x][:, : x.shape[1] + 1],
    "nearly twice there": lambda rng, x: np.c_[x, x.astype(np.float32)],
    "dummies": lambda rng, x: (x > 0.5).astype(float),
    "one constant, one 0": lambda rng, x: np.c_[x, np.full(len(x), 3.0), np.zeros(len(x))],
    "of sizes from 1e-3 to 1e3": lambda rng, x: x * 10.0 ** rng.integers(-3, 4, x.shape[1]),
}


def drawn(family, seed, n, p, columns="independent"):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    eta = 0.7 * np.clip(x[:, :3] @ rng.normal(size=min(3, p)), -2.0, 2.0)
    return COLUMNS[columns](rng, x), DRAWS[family](rng, eta)


def penalized(family, alpha, l1_ratio=1.0, **more):
    return GLM(family, links.log if family == "gamma" else None, alpha=alpha, l1_ratio=l1_ratio, **more)


def distance(model, family, X, y, weights=None, offset=None):
    """How far the conditions of an optimum are from being met, in standard deviations of a column's slope and penalties."""
    several = family == "categorical"
    eta = np.atleast_1d(model.intercept_) + X @ np.atleast_2d(model.coef_).T
    eta = eta if offset is None else eta + np.reshape(offset, (len(X), -1))
    scores = SCORES[family](eta if several else eta[:, 0], y).reshape(len(X), -1)
    scores = scores if weights is None else scores * weights[:, None]
    coef, l1 = np.atleast_2d(model.coef_), model.alpha * model.l1_ratio
    slopes = scores.T @ X + (model.alpha - l1) * coef
    excess = np.where(coef == 0.0, np.maximum(np.abs(slopes) - l1, 0.0), np.abs(slopes + l1 * np.sign(coef)))
    sizes = np.sqrt((scores**2).T @ X**2) + model.alpha
    free = np.abs(scores.sum(axis=0)) / np.sqrt((scores**2).sum(axis=0)) if model.fit_intercept else np.zeros(1)
    return max(float((excess / sizes).max()), float(free.max()))


@pytest.mark.parametrize("family", SCORES)
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("shape", [(60, 20), (40, 80), (50, 1)], ids=str)
def test_the_conditions_of_an_optimum_are_met_whatever_the_columns(family, columns, shape):
    X, y = drawn(family, 1, *shape, columns)
    for alpha in (0.03, 3.0):
        for l1_ratio in (0.5, 1.0):
            model = penalized(family, alpha, l1_ratio).fit(X, y)
            assert model.converged_
            assert distance(model, family, X, y) < 1e-6


@pytest.mark.parametrize("family", SCORES)
def test_weights_offsets_and_a_missing_intercept_are_heeded(family):
    X, y = drawn(family, 2, 80, 150)
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 2.0, 80)
    offset = 0.3 * rng.normal(size=(80, 3) if family == "categorical" else 80)
    for fit_intercept in (True, False):
        model = penalized(family, 2.0, fit_intercept=fit_intercept).fit(X, y, weights, offset)
        assert (model.coef_ == 0.0).any()
        assert distance(model, family, X, y, weights, offset) < 1e-6


@given(
    st.sampled_from(sorted(SCORES)), st.sampled_from(sorted(COLUMNS)), st.integers(0, 10**6), st.integers(12, 40),
    st.integers(1, 30), st.floats(-2.0, 2.0), st.sampled_from([0.2, 0.9, 1.0]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_every_small_problem_ends_at_an_optimum(family, columns, seed, n, p, power, l1_ratio):
    X, y = drawn(family, seed, n, p, columns)
    model = penalized(family, 10.0**power, l1_ratio).fit(X, y)
    assert model.converged_
    assert distance(model, family, X, y) < 1e-6


def test_penalties_of_scikit_learn_give_its_coefficients():
    from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression

    X, y = drawn("gaussian", 3, 80, 120)
    for reference, l1_ratio in (
        (Lasso(alpha=0.05, tol=1e-14, max_iter=10**6), 1.0),
        (ElasticNet(alpha=0.1, l1_ratio=0.3, tol=1e-14, max_iter=10**6), 0.3),
    ):
        reference.fit(X, y)
        model = penalized("gaussian", 80 * reference.alpha, l1_ratio).fit(X, y)
        np.testing.assert_allclose(model.coef_, reference.coef_, atol=1e-6)
        np.testing.assert_array_equal(model.coef_ == 0.0, reference.coef_ == 0.0)
    X, y = drawn("bernoulli", 3, 80, 30)
    plain = penalized("bernoulli", 2.0, fit_intercept=False).fit(X, y)
    reference = LogisticRegression(
        C=0.5, l1_ratio=1.0, solver="liblinear", fit_intercept=False, tol=1e-10, max_iter=10**5
    )
    np.testing.assert_allclose(plain.coef_, reference.fit(X, y).coef_[0], atol=1e-6)
    X, y = drawn("categorical", 3, 80, 10)
    reference = LogisticRegression(C=0.5, l1_ratio=1.0, solver="saga", tol=1e-12, max_iter=10**5).fit(X, y)
    np.testing.assert_allclose(penalized("categorical", 2.0).fit(X, y).coef_, reference.coef_, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 0.01])
def test_2000_columns_are_fitted_to_an_optimum_and_x_w_x_is_not_formed(alpha):
    X, y = drawn("poisson", 4, 200, 2000)
    tracemalloc.start()
    try:
        model = penalized("poisson", 200 * alpha).fit(X, y)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert distance(model, "poisson", X, y) < 1e-8
    assert model.n_iter_ < 20
    assert most < 8 * 2000 * 2000  # bytes, of a matrix of all columns


def test_a_penalty_that_is_huge_leaves_the_intercept():
    for family in SCORES:
        X, y = drawn(family, 5, 60, 150)
        model = penalized(family, 1e8).fit(X, y)
        assert not model.coef_.any()
        assert distance(model, family, X, y) < 1e-6


def test_strongly_correlated_columns_take_few_steps():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(300, 1)) + 0.01 * rng.normal(size=(300, 20))
    model = penalized("poisson", 0.1).fit(X, rng.poisson(np.exp(0.5 * X[:, 0])))
    assert model.n_iter_ < 15


def test_the_first_of_a_column_that_is_twice_there_or_the_second_the_sum_is_the_same():
    X, y = drawn("poisson", 7, 50, 2)
    once = penalized("poisson", 2.0).fit(X, y)
    twice = penalized("poisson", 2.0).fit(np.c_[X, X[:, 0]], y)
    assert twice.coef_[0] + twice.coef_[2] == pytest.approx(once.coef_[0], rel=1e-6)


def test_moves_that_stop_early_cost_steps_and_not_the_answer(monkeypatch):
    X, y = drawn("poisson", 8, 100, 40)
    full = penalized("poisson", 2.0).fit(X, y)
    monkeypatch.setattr(lasso, "MOVES", 3)
    short = penalized("poisson", 2.0).fit(X, y)
    assert short.n_iter_ >= full.n_iter_
    np.testing.assert_allclose(short.coef_, full.coef_, atol=1e-6)


def test_columns_left_out_at_first_come_in_later(monkeypatch):
    X, y = drawn("poisson", 9, 100, 60)
    full = penalized("poisson", 1.0).fit(X, y)
    nearest, seen = lasso.nearest, []

    def late(*given):
        seen.append(1)
        return np.array([3]) if len(seen) < 10 else nearest(*given)

    for name, value in (("nearest", late), ("FEW", 1)):
        monkeypatch.setattr(lasso, name, value)
    grown = penalized("poisson", 1.0).fit(X, y)
    assert len(seen) >= 10
    np.testing.assert_allclose(grown.coef_, full.coef_, atol=1e-6)


def test_a_way_without_an_end_is_not_taken():
    step = lasso.best_step(np.zeros((1, 1)), np.ones(1), np.zeros(1), np.zeros(1))
    np.testing.assert_array_equal(step, [0.0])


def test_a_penalized_fit_takes_fishers_information_too():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(60, 2))
    y = (rng.random(60) < 0.5 + np.arctan(3.0 * rows[:, 0]) / np.pi).astype(float)
    offset = np.where(np.arange(60) < 30, 60.0, -60.0)
    model = GLM("bernoulli", links.cauchit, alpha=9.0, l1_ratio=1.0).fit(rows, y, offset=offset)
    assert model.converged_
    assert (model.coef_ == 0.0).any()


def test_a_likelihood_that_is_not_convex_is_lifted():
    from autograd import log, log1p

    student = families.Family(lambda y, mu, phi: 2.5 * log1p((y - mu.value) ** 2 / (4.0 * phi)) + 0.5 * log(phi))
    X, y = drawn("gaussian", 10, 100, 5)
    y[:40] += 30.0
    model = GLM(student, alpha=1.0, l1_ratio=1.0).fit(X, y)
    assert model.converged_


def test_what_has_no_penalty_may_still_run_to_infinity():
    X, _ = drawn("poisson", 11, 50, 120)
    with pytest.warns(SeparationWarning, match="the intercept"):
        penalized("poisson", 1.0).fit(X, np.zeros(50))


def test_l1_fits_that_cannot_go_on_say_why():
    X, y = drawn("bernoulli", 12, 50, 3)
    with pytest.warns(ConvergenceWarning, match="the rows have no information"):
        penalized("bernoulli", 1.0).fit(X, y, offset=np.where(y == 1, -1000.0, 1000.0))
    from autograd import sqrt

    root = families.Family(lambda y, mu, phi: sqrt(abs(y - mu.value)), name="root")
    with pytest.warns(ConvergenceWarning, match="a derivative of the likelihood is not finite"):
        GLM(root, alpha=1e-6, l1_ratio=1.0).fit(X[:3], [1.0, 2.0, 3.0])


def test_an_l1_fit_that_finds_no_better_step_says_so(monkeypatch):
    X, y = drawn("poisson", 13, 50, 3)
    monkeypatch.setattr(lasso, "best_step", lambda matrix, gradient, theta, weights: gradient)  # uphill
    with pytest.warns(ConvergenceWarning, match="no step is better"):
        penalized("poisson", 1.0).fit(X, y)
