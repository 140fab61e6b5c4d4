"""Fits that have no answer, or only one: separation, dependent columns, constant observations, few rows."""

import numpy as np
import pytest
from objectives import objective

from nn import GLM, ConvergenceWarning, SeparationWarning, families, links

RNG = np.random.default_rng(11)
X = RNG.normal(size=(50, 2))
GROUP = (np.arange(50) < 10).astype(float)
COIN = RNG.integers(0, 2, 50)
STATE = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers_in_any_order():
    """Each test draws the same random numbers, whichever ran before."""
    RNG.bit_generator.state = STATE


def test_complete_separation_is_said_and_not_called_converged():
    with pytest.warns(
        SeparationWarning, match="it grows with the coefficient of the intercept and x0 towards infinity"
    ):
        model = GLM("bernoulli").fit(X[:, :1], (X[:, 0] > 0.0).astype(int))
    assert model.converged_ is False
    assert np.isinf(model.standard_errors()).all()
    assert "NOT CONVERGED" in str(model.summary())


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog", "cauchit"])
@pytest.mark.parametrize("ones", [True, False])
def test_quasi_complete_separation_is_said_with_its_column(link, ones):
    y = np.where(GROUP, float(ones), COIN)
    with pytest.warns(SeparationWarning, match="the coefficient of x2 towards infinity"):
        GLM("bernoulli", link).fit(np.c_[X, GROUP], y)


@pytest.mark.parametrize(
    ("family", "y"),
    [
        ("poisson", np.where(GROUP, 0.0, RNG.poisson(3.0, 50))),
        (families.NegativeBinomial(0.5), np.where(GROUP, 0.0, RNG.poisson(3.0, 50))),
        (families.Tweedie(1.5), np.where(GROUP, 0.0, RNG.gamma(2.0, size=50))),
    ],
    ids=str,
)
def test_counts_that_are_0_in_a_group_are_separated_too(family, y):
    with pytest.warns(SeparationWarning, match="the coefficient of x2 towards infinity"):
        GLM(family).fit(np.c_[X, GROUP], y)


def test_classes_that_are_told_apart_are_separated():
    with pytest.warns(SeparationWarning):
        GLM("categorical").fit(X, np.digitize(X[:, 0], [-0.5, 0.5]))


def test_a_penalty_mends_separation():
    model = GLM("bernoulli", alpha=1.0).fit(X, (X[:, 0] > 0.0).astype(int))
    assert model.converged_
    assert GLM("bernoulli", alpha=1.0, l1_ratio=1.0).fit(X, (X[:, 0] > 0.0).astype(int)).converged_


def test_fits_that_are_nearly_separated_are_not_called_so():
    y = (X[:, 0] > 0.0).astype(int)
    y[np.argmin(X[:, 0])] = 1
    assert GLM("bernoulli").fit(X[:, :1], y).converged_


def test_constant_observations_have_the_answer_of_their_family():
    with pytest.warns(UserWarning, match="each mean is its observation, but for rounding: the dispersion is 0"):
        flat = GLM().fit(X, np.full(50, 0.1))
    np.testing.assert_allclose(flat.parameters_, [0.1, 0.0, 0.0], atol=1e-15)
    assert flat.converged_
    assert flat.dispersion_ == 0.0
    poisson = GLM("poisson").fit(X, np.full(50, 3.0))
    np.testing.assert_allclose(poisson.parameters_, [np.log(3.0), 0.0, 0.0], atol=1e-12)
    for family, y in (("bernoulli", np.ones(50)), ("poisson", np.zeros(50))):
        with pytest.warns(SeparationWarning, match="the coefficient of the intercept and x0 and x1 towards infinity"):
            GLM(family).fit(X, y)


def test_an_exact_line_is_found():
    with pytest.warns(UserWarning, match="the dispersion is 0, the likelihood infinite"):
        model = GLM().fit(X, 2.0 + 3.0 * X[:, 0])
    np.testing.assert_allclose(model.parameters_, [2.0, 3.0, 0.0], atol=1e-14)
    assert model.converged_


def test_dependent_columns_are_named_one_by_one():
    rows = np.c_[X, 2.0 * X[:, 0] - X[:, 1], np.full(50, 0.1)]
    with pytest.raises(ValueError, match=r"2 of 4 depend on others: x3 is constant; x2 = 2 x0 -1 x1 \+ a constant\."):
        GLM("poisson").fit(rows, COIN)
    with pytest.raises(ValueError, match=r"1 of 3 depend on others: x2 = 2 x0 -1 x1\. Leave"):
        GLM(fit_intercept=False).fit(rows[:, :3], COIN)
    with pytest.raises(ValueError, match=r"1 of 2 depend on others: x1 is 0"):
        GLM(fit_intercept=False).fit(np.c_[X[:, 0], np.zeros(50)], COIN)
    for family in ("laplace", "categorical"):
        with pytest.raises(ValueError, match=r"x2 = 2 x0 -1 x1 \+ a constant"):
            GLM(family).fit(rows[:, :3], COIN)
    assert GLM("poisson", alpha=1.0).fit(rows, COIN).converged_
    assert GLM("poisson", alpha=1.0, l1_ratio=1.0).fit(rows, COIN).converged_


def test_more_columns_than_rows_need_a_penalty():
    wide = RNG.normal(size=(4, 6))
    with pytest.raises(ValueError, match="3 of 6 depend on others"):
        GLM().fit(wide, [1.0, 2.0, 3.0, 5.0])
    with pytest.warns(UserWarning, match="weights of the rows add up to 4, for 7 coefficients: there is no dispersion"):
        assert GLM(alpha=0.5).fit(wide, [1.0, 2.0, 3.0, 5.0]).converged_
    with pytest.warns(UserWarning, match="weights of the rows add up to 4, for 4 coefficients: there is no dispersion"):
        assert GLM(alpha=0.5, l1_ratio=1.0).fit(wide, [1.0, 2.0, 3.0, 5.0]).converged_


def test_one_row_fits_an_intercept_and_no_more():
    with pytest.raises(ValueError, match="x0 is constant"):
        GLM().fit([[1.0]], [2.0])
    model = GLM("poisson").fit(np.zeros((1, 0)), [2.0])
    assert model.intercept_ == pytest.approx(np.log(2.0))
    assert model.coef_.shape == (0,)
    with pytest.warns(UserWarning, match="the dispersion is 0"):
        through = GLM(fit_intercept=False).fit([[2.0]], [3.0])
    assert through.coef_[0] == pytest.approx(1.5)
    assert (through.dispersion_, through.loglik_, through.aic_) == (0.0, np.inf, -np.inf)


def test_a_model_of_nothing_has_the_offset_for_its_mean():
    model = GLM("poisson", fit_intercept=False).fit(np.zeros((2, 0)), [1.0, 2.0], offset=[0.0, 1.0])
    np.testing.assert_allclose(model.predict(np.zeros((2, 0)), offset=[0.0, 1.0]), [1.0, np.e])


def test_rows_of_weight_0_are_not_there():
    rows, y = np.r_[X, [[1e6, -1e6]]], np.r_[COIN, 1]
    weighted = GLM("bernoulli").fit(rows, y, sample_weight=np.r_[np.ones(50), 0.0])
    np.testing.assert_array_equal(weighted.parameters_, GLM("bernoulli").fit(X, COIN).parameters_)


def test_too_few_iterations_are_said():
    with pytest.warns(
        ConvergenceWarning, match=r"did not converge in 2 iterations: a step was still .* standard errors"
    ):
        model = GLM("poisson", max_iter=2).fit(X * 3.0, RNG.poisson(np.exp(X[:, 0] * 2.0)))
    assert not model.converged_
    with pytest.warns(ConvergenceWarning, match="the last step would have gained"):
        GLM("poisson", max_iter=1, alpha=1.0, l1_ratio=1.0).fit(X * 3.0, RNG.poisson(np.exp(X[:, 0] * 2.0)))
    with pytest.warns(ConvergenceWarning, match="the last program gained"):
        GLM("laplace", "log", max_iter=1).fit(X, np.exp(X[:, 0]) + RNG.laplace(size=50))


def test_derivatives_that_are_not_finite_are_said():
    from autograd import sqrt

    root = families.Family(lambda y, mu, phi: sqrt(abs(y - mu.value)), name="root")
    with pytest.warns(ConvergenceWarning, match="a derivative of the likelihood is not finite"):
        GLM(root).fit(X[:3], [1.0, 2.0, 3.0])


def test_where_all_rows_are_separated_every_standard_error_is_infinite():
    with pytest.warns(SeparationWarning):
        model = GLM("bernoulli", tol=0.0, max_iter=2000).fit(X, np.ones(50))  # until the information is nothing
    assert np.isinf(model.standard_errors()).all()
    assert "inf" in str(model.summary())


def test_starts_without_an_intercept_lie_in_the_support():
    rows = np.c_[np.ones(50), X]
    y = RNG.gamma(3.0, 1.0 / (2.0 + 0.3 * X[:, 0]))
    with_ones, own = GLM("gamma", fit_intercept=False).fit(rows, y), GLM("gamma").fit(X, y)
    np.testing.assert_allclose(with_ones.coef_, own.parameters_, rtol=1e-8)
    with pytest.warns(ConvergenceWarning, match="not finite where the fit starts"):
        GLM("gamma", fit_intercept=False).fit(X, y)


def test_fishers_information_helps_where_the_second_derivative_is_not_positive(monkeypatch):
    from nn.regression.objective import Objective

    asked, totals = [], Objective.totals
    monkeypatch.setattr(
        Objective, "totals", lambda self, theta, kinds=("observed",): asked.append(kinds) or totals(self, theta, kinds)
    )
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(60, 1))
    y = (rng.random(60) < 0.5 + np.arctan(3.0 * rows[:, 0]) / np.pi).astype(float)
    y[:3] = 1.0 - y[:3]
    offset = np.where(
        np.arange(60) < 30, 6.0, -6.0
    )  # a start far from the optimum, where Cauchy's likelihood is concave up
    model = GLM("bernoulli", links.cauchit).fit(rows, y, offset=offset)
    assert model.converged_
    assert ("expected",) in asked
    assert model.n_iter_ <= 15
    assert (
        model.deviance_
        <= GLM("bernoulli", links.cauchit, max_iter=400, tol=1e-10).fit(rows, y, offset=offset).deviance_ + 1e-9
    )


def test_a_median_on_the_edge_of_the_support_is_said():
    edge = families.Family(
        lambda y, mu, phi: abs(y - mu.value) / phi, support=(0.0, np.inf), link=links.identity, name="edge"
    )
    line = np.linspace(0.0, 1.0, 30)[:, None]
    with pytest.warns(ConvergenceWarning, match="on the edge of the support"):
        GLM(edge).fit(line, np.maximum(line[:, 0] - 0.4, 1e-9) * 10.0)


def test_a_program_that_fails_is_said(monkeypatch):
    import scipy.optimize

    def failing(*_, **__):
        return scipy.optimize.OptimizeResult(success=False, message="the program failed")

    monkeypatch.setattr(scipy.optimize, "linprog", failing)
    with pytest.warns(ConvergenceWarning, match="the program failed"):
        GLM("laplace").fit(X, X[:, 0])


def test_a_dispersion_that_has_not_settled_is_said(monkeypatch):
    from itertools import cycle

    from autograd import log, log1p
    from nn.regression.inference.dispersion import Dispersion

    student = families.Family(lambda y, mu, phi: 2.5 * log1p((y - mu.value) ** 2 / (4.0 * phi)) + 0.5 * log(phi))
    found = cycle([2.0, 1.0])
    monkeypatch.setattr(Dispersion, "best_phi", property(lambda _: next(found)))
    with pytest.warns(ConvergenceWarning, match="the dispersion still changed"):
        GLM(student, max_iter=20).fit(X, X[:, 0] + RNG.standard_t(4, size=50))


@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("link", ["log", "sqrt"])
def test_large_counts_converge_though_rounding_hides_the_likelihoods_fall(mean, link):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(200, 2))
        model = GLM("poisson", link).fit(rows, rng.poisson(mean * np.exp(rows @ [0.5, -0.2])))
        assert model.converged_
        assert model.n_iter_ <= 10


@pytest.mark.parametrize("tol", [1e-2, 1e-3, 1e-4, 1e-8])
def test_separation_is_told_from_a_fit_at_every_tolerance(tol):
    rng = np.random.default_rng(1)
    for _ in range(20):
        rows = rng.normal(size=(60, 2))
        y = (rng.random(60) < 1.0 / (1.0 + np.exp(-rows[:, 0]))).astype(int)
        assert GLM("bernoulli", tol=tol).fit(rows, y).converged_
    if tol < 1e-2:
        with pytest.warns(SeparationWarning):
            GLM("bernoulli", tol=tol).fit(rows, (rows[:, 0] > 0.0).astype(int))


@pytest.mark.parametrize("solver", ["lbfgs", "proximal_newton"])
def test_every_solver_tells_of_separation(solver):
    with pytest.warns(SeparationWarning):
        GLM("bernoulli", solver=solver).fit(X[:, :1], (X[:, 0] > 0.0).astype(int))


def test_small_weights_and_small_rates_are_no_separation():
    y = RNG.poisson(1.0, 50)
    plain = GLM("poisson").fit(X, y)
    np.testing.assert_allclose(GLM("poisson").fit(X, y, sample_weight=np.full(50, 1e-14)).coef_, plain.coef_, rtol=2e-2)
    np.testing.assert_allclose(GLM("poisson").fit(X, y * 1e-12).coef_, plain.coef_, rtol=2e-2)


def test_rows_without_information_are_said():
    with pytest.warns(ConvergenceWarning, match="the rows have no information"):
        GLM("bernoulli").fit(X, COIN, offset=np.where(np.arange(50) % 2, 1000.0, -1000.0))


@pytest.mark.parametrize("spread", [1.0, 5.0])
def test_offsets_that_leave_the_domain_at_their_mean_start_elsewhere(spread):
    rng = np.random.default_rng(0)
    offset = spread * rng.random(100)
    rows = 0.001 * rng.normal(size=(100, 2))
    y = rng.gamma(5.0, 1.0 / (0.1 + offset) / 5.0)
    assert GLM("gamma", "inverse").fit(rows, y, offset=offset).converged_


def test_columns_of_extreme_size_are_fitted():
    plain = GLM("bernoulli").fit(X, COIN)
    for size in (1e40, 1e-40):
        np.testing.assert_allclose(GLM("bernoulli").fit(X * size, COIN).coef_ * size, plain.coef_, rtol=1e-8)
    tiny = RNG.gamma(2.0, np.exp(X[:, 0]))
    np.testing.assert_allclose(
        GLM("gamma", "log").fit(X, 1e-30 * tiny).coef_, GLM("gamma", "log").fit(X, tiny).coef_, rtol=1e-8
    )


# Fits that would hang on a bit


@pytest.mark.parametrize("link", ["log", "sqrt", "logit", "inverse", "cauchit", "probit", "cloglog", "inverse_squared"])
@pytest.mark.parametrize("seed", [4, 7, 10])
def test_medians_of_curved_means_are_found_whatever_the_last_bits_are(link, seed):
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(120, 2))
    eta = np.maximum(0.4 * rows[:, 0] - 0.2 * rows[:, 1] + 1.5, 0.2)
    inverse = np.vectorize(links.LINKS[link].inverse)
    y = inverse(eta) + 0.1 * rng.laplace(size=120)
    domain = links.LINKS[link].domain

    def loss(theta):
        etas = theta[0] + rows @ theta[1:]
        return np.abs(y - inverse(etas)).sum() if ((domain[0] < etas) & (etas < domain[1])).all() else np.inf

    for nudge in (0.0, 4e-16):
        model = GLM("laplace", link).fit(rows, y * (1.0 + nudge * rng.normal(size=120)))
        assert model.converged_
        assert model.n_iter_ < 40
        simplex = model.parameters_ + 1e-4 * np.r_[np.zeros((1, 3)), np.eye(3)]
        tight = {"initial_simplex": simplex, "xatol": 1e-10, "fatol": 1e-13}
        best = minimize(loss, model.parameters_, method="Nelder-Mead", options=tight).fun
        assert loss(model.parameters_) <= best * (1.0 + 1e-11)


FAR = {
    "far observations": ({}, lambda x, e: 1e10 + x + e, None),
    "a far offset": ({}, lambda x, e: 1e10 + x + e, lambda x: np.full(len(x), 1e10)),
    "offsets that spread": ({}, lambda x, e: 1e10 * x + x + e, lambda x: 1e10 * x),
    "far observations, l1": ({"alpha": 1.0, "l1_ratio": 0.5}, lambda x, e: 1e10 + x + e, None),
    "a far offset, l1": ({"alpha": 1.0, "l1_ratio": 0.5}, lambda x, e: 1e10 + x + e, lambda x: np.full(len(x), 1e10)),
    "far medians": ({"family": "laplace"}, lambda x, e: 1e10 + x + e, lambda x: np.full(len(x), 1e10)),
}


@pytest.mark.parametrize("case", FAR)
def test_steps_that_are_made_of_rounding_end_a_fit(case):
    settings, made, offset = FAR[case]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(200, 2))
        y = made(rows[:, 1], rng.normal(size=200))
        model = GLM(**settings).fit(rows, y, offset=None if offset is None else offset(rows[:, 1]))
        assert model.converged_
        assert model.n_iter_ < 10
        assert model.coef_[1] == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("weight", [1e6, 1e12, 1e18])
def test_weights_as_large_as_floats_resolve_end_a_fit(weight):
    y = 0.5 + 1e-3 * X[:, 0] + 1e-3 * RNG.normal(size=50)
    plain = GLM("binomial").fit(X, y)
    for more in ({}, {"alpha": 1e-6, "l1_ratio": 0.5}):
        model = GLM("binomial", **more).fit(X, y, sample_weight=np.full(50, weight))
        assert model.converged_
        np.testing.assert_allclose(model.coef_, plain.coef_, rtol=1e-6)


@pytest.mark.parametrize("mean", [1e2, 1e6, 1e9, 1e12])
def test_penalized_fits_of_large_counts_converge_though_rounding_hides_the_likelihoods_fall(mean):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(200, 2))
        y = rng.poisson(mean * np.exp(0.5 * rows[:, 0]))
        model = GLM("poisson", alpha=1.0, l1_ratio=0.5).fit(rows, y)
        assert model.converged_
        assert model.n_iter_ < 12
        np.testing.assert_allclose(model.coef_, GLM("poisson").fit(rows, y).coef_, atol=2.0 / (200.0 * mean))


@pytest.mark.parametrize("weight", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_medians_do_not_depend_on_the_size_of_weights_observations_and_columns(weight, size):
    y = np.exp(0.3 * X[:, 0]) + 0.1 * RNG.laplace(size=50)
    plain = GLM("laplace", "log").fit(X, y)
    model = GLM("laplace", "log").fit(X * [1e-6, 1e6], y * size, sample_weight=np.full(50, weight))
    np.testing.assert_allclose(model.coef_ * [1e-6, 1e6], plain.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.intercept_ - np.log(size), plain.intercept_, rtol=1e-4)


def test_a_fit_for_which_no_step_is_better_says_so(monkeypatch):
    import nn.regression.solvers.newton as newton

    monkeypatch.setattr(newton, "halved", lambda *_, **__: (0.0, None))
    with pytest.warns(ConvergenceWarning, match="no step is better"):
        model = GLM("poisson").fit(X, RNG.poisson(2.0, 50))
    assert not model.converged_


def test_a_start_inside_the_support_takes_in_the_rows_that_it_would_break(monkeypatch):
    from nn.regression.solvers import cuts, starts

    rng = np.random.default_rng(3)
    offset = 0.1 * rng.normal(size=300)
    rows = objective(
        rng.normal(size=(300, 3)), rng.integers(0, 2, 300), families.Bernoulli, links.identity, offset=offset
    )
    whole = starts.inside(rows)
    monkeypatch.setattr(cuts, "START", 3)
    monkeypatch.setattr(cuts, "MORE", 2)
    few = starts.inside(rows)
    etas = [rows.likelihood.etas(theta, rows.everything()) for theta in (whole, few)]
    margins = [min(eta.min(), 1.0 - eta.max()) for eta in etas]
    assert margins[0] == pytest.approx(margins[1], abs=1e-6)
    assert margins[0] > 0.1
