"""GLM: fits against published results, statsmodels, and the likelihood's own optimum."""

import copy
import importlib
import json
import pickle
import re
import warnings
from functools import partialmethod
from pathlib import Path

import nist
import numpy as np
import pytest
import statsmodels.api as sm
from glm_oracles import FAMILIES, LINKS, pairs, simulated
from mpmath import mp, mpf
from objectives import objective
from scipy.optimize import least_squares
from statsmodels.genmod.families import links as sm_links

import autograd as ag
from autograd import Value
from nn import GLM, families, links, losses

DATA = Path(__file__).parent / "data"
NIST = json.loads((DATA / "nist.json").read_text(encoding="utf-8"))
PUBLISHED = json.loads((DATA / "published.json").read_text(encoding="utf-8"))["fits"]
RNG = np.random.default_rng(7)
X = RNG.normal(size=(80, 2)) * [1.0, 3.0] + [0.0, 50.0]
ETA = 0.5 * X[:, 0] - 0.1 * (X[:, 1] - 50.0) + 0.4
COUNTS = RNG.poisson(np.exp(ETA)).astype(float)
BINARY = (RNG.random(80) < 1.0 / (1.0 + np.exp(-ETA))).astype(float)
POSITIVE = RNG.gamma(3.0, np.exp(ETA) / 3.0)
LABELS = np.array(["red", "green", "blue"])[RNG.integers(0, 3, 80)]
ONES = sm.add_constant(X)
STATE = RNG.bit_generator.state
SM_LINKS = {
    "identity": sm_links.Identity, "log": sm_links.Log, "logit": sm_links.Logit, "probit": sm_links.Probit,
    "cloglog": sm_links.CLogLog, "loglog": sm_links.LogLog, "cauchit": sm_links.Cauchy, "inverse": sm_links.InversePower,
    "inverse_squared": sm_links.InverseSquared, "sqrt": sm_links.Sqrt, "power(0.4)": lambda: sm_links.Power(0.4),
}  # fmt: skip
SM_FAMILIES = {
    "gaussian": sm.families.Gaussian,
    "bernoulli": sm.families.Binomial,
    "poisson": sm.families.Poisson,
    "gamma": sm.families.Gamma,
    "inverse_gaussian": sm.families.InverseGaussian,
    "negative_binomial(0.5)": lambda link: sm.families.NegativeBinomial(link, alpha=0.5),
    "tweedie(1.5)": lambda link: sm.families.Tweedie(link, var_power=1.5),
}


@pytest.fixture(autouse=True)
def same_numbers_in_any_order():
    """Each test draws the same random numbers, whichever ran before."""
    RNG.bit_generator.state = STATE


def by_statsmodels(family, link, X, y, start=None, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.GLM(
            y, sm.add_constant(X, has_constant="add"), family=SM_FAMILIES[family](link=SM_LINKS[link]()), **more
        )
        return model, model.fit(start_params=start, tol=1e-14, tol_criterion="params", maxiter=200)


def known_to_statsmodels(family, link, X, y, start):
    """Its fit, or None where it has not the link or refuses it."""
    if family.name not in SM_FAMILIES or link.name not in SM_LINKS:
        return None
    try:
        return by_statsmodels(family.name, link.name, X, y, start)[1]
    except ValueError as error:
        if "Invalid link for family" not in str(error):
            raise
        return None


# Published results


def last_digit(text):
    """Half a unit of the last digit that is printed."""
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - places)


def assert_as_printed(found, printed, rel):
    for x, text in zip(np.atleast_1d(found), [printed] if isinstance(printed, str) else printed, strict=True):
        assert x == pytest.approx(float(text), rel=rel, abs=1.01 * last_digit(text))


def published_rows(name):
    """The data, intercept last as printed."""
    data = getattr(sm.datasets, name.partition("_")[0]).load()
    X, y = np.array(data.exog, dtype=float), np.array(data.endog, dtype=float)
    if name == "cpunish":
        X[:, 3] = np.log(X[:, 3])
    return X.astype(PUBLISHED[name].get("data", "float64")).astype(float), y


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "anes96"])
def test_fits_have_the_digits_that_are_printed(name):
    case, (rows, y) = PUBLISHED[name], published_rows(name)
    model = GLM(case["family"], case["link"]).fit(rows, y)
    last = [*range(1, rows.shape[1] + 1), 0]
    kind = "observed" if name == "spector_probit" else "expected"  # Stata's probit takes the second derivative
    assert model.converged_
    assert_as_printed(model.parameters_[last], case["params"], 1e-8)
    assert_as_printed(model.standard_errors(kind)[last], case["bse"], case.get("bse_rel", 1e-6))
    for key, found in (("deviance", model.deviance_), ("null_deviance", model.null_deviance_), ("llf", model.loglik_)):
        if case[key]:
            assert_as_printed(found, case[key], 1e-9)


def test_a_categorical_fit_has_the_digits_that_are_printed():
    case, (rows, y) = PUBLISHED["anes96"], published_rows("anes96")
    model = GLM("categorical").fit(rows, y)
    blocks = model.parameters_.reshape(7, -1)
    against = np.roll(blocks[1:] - blocks[0], -1, axis=1)  # printed against the first class, intercept last
    assert_as_printed(against.ravel(), case["params"], case["params_rel"])
    p = blocks.shape[1]
    contrast = np.kron(np.c_[-np.ones(6), np.eye(6)], np.eye(p))
    errors = np.sqrt(np.diag(contrast @ model.cov_params() @ contrast.T)).reshape(6, p)
    assert_as_printed(np.roll(errors, -1, axis=1).ravel(), case["bse"], 1e-6)
    assert_as_printed(model.loglik_, case["llf"], 1e-9)


@pytest.mark.parametrize(("name", "digits"), [("Longley", 11), ("Filip", 7)])
def test_nists_linear_problems_are_solved_to_their_digits(name, digits):
    case = NIST["linear"][name]
    rows = np.array(case["rows"])
    y, x = rows[:, 0], rows[:, 1:]
    model = GLM().fit(x ** np.arange(1, 11) if name == "Filip" else x, y)
    assert model.converged_
    assert np.abs(model.parameters_ / case["estimates"] - 1.0).max() < 10.0**-digits
    assert np.abs(model.standard_errors() / case["errors"] - 1.0).max() < 10.0**-digits
    assert np.sqrt(model.dispersion_) == pytest.approx(case["residual"], rel=10.0**-digits)


@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", ["Misra1a", "DanWood", "MGH09", "MGH10", "Rat42", "Rat43", "BoxBOD"])
def test_nists_nonlinear_problems_are_solved_through_the_jacobian(name, start):
    case, model = nist.PROBLEMS[name], nist.MODELS[name]

    def residuals(b):
        return [model(x, *b) - y for x, y in zip(case["x"], case["y"], strict=True)]

    run, slopes = ag.compile(residuals), ag.compile(ag.jacobian(residuals))
    found = least_squares(
        lambda b: np.array(run(b.tolist())),
        case["starts"][start],
        jac=lambda b: np.array(slopes(b.tolist())),
        x_scale="jac",
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=10**4,
    )
    assert np.abs(found.x / case["certified"] - 1.0).max() < 1e-6
    assert 2.0 * found.cost == pytest.approx(case["rss"], rel=1e-9)


# Every family with every link


@pytest.mark.parametrize(("family", "link"), [(f, k) for f, k, _ in pairs()], ids=lambda x: x.name)
def test_every_pair_is_fitted_to_the_optimum(family, link):
    rows, y = simulated(family, link, 150)
    if (family.name, link.name) == ("bernoulli", "identity"):
        rows, y = rows[20:], y[20:]
    model = GLM(family, link).fit(X=rows, y=y)
    assert model.converged_
    eta = model.decision_function(rows)
    if family.has_kink:  # a vertex: no small step is better
        best = np.abs(y - model.predict(rows)).sum()
        for step in 1e-4 * np.random.default_rng(0).normal(size=(50, 3)):
            other = [link.inverse(e) for e in eta + step[0] + rows @ step[1:]]
            assert np.abs(y - other).sum() >= best - 1e-9
    elif reference := known_to_statsmodels(family, link, rows, y, model.parameters_):
        np.testing.assert_allclose(model.parameters_, reference.params, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(model.standard_errors(), reference.bse, rtol=1e-6)
        assert model.deviance_ == pytest.approx(reference.deviance, rel=1e-9)
        assert model.null_deviance_ == pytest.approx(reference.null_deviance, rel=1e-9)
        assert model.dispersion_ == pytest.approx(reference.scale, rel=1e-8)
    else:  # the score by mpmath is 0, in standard errors
        nll = FAMILIES[family][0]
        scores = []
        with mp.workdps(30):
            for e, observed in zip(eta, y, strict=True):
                loss = lambda t, observed=observed: nll(mpf(observed), LINKS[link.name](t), mpf(1))  # noqa: E731
                scores.append(float(mp.diff(loss, mpf(e))))
        total = np.c_[np.ones(len(rows)), rows].T @ scores
        assert np.sqrt(total @ model.cov_params() @ total / model.dispersion_) < 1e-6


# The lecture's closed forms


def test_gradients_are_the_lectures_closed_forms():
    theta = np.array([0.3, -0.2, 0.01])
    w = [Value(t) for t in theta]
    rows = ONES[:20]
    sum(
        losses.squared_error(ag.dot(w, x), y) for x, y in zip(rows.tolist(), COUNTS[:20].tolist(), strict=True)
    ).backward()
    closed = -2.0 * rows.T @ COUNTS[:20] + 2.0 * rows.T @ rows @ theta
    np.testing.assert_allclose([v.grad for v in w], closed, rtol=1e-10)

    w = [Value(t) for t in theta]
    sum(
        families.Bernoulli.loss(y, ag.dot(w, x)) for x, y in zip(rows.tolist(), BINARY[:20].tolist(), strict=True)
    ).backward()
    p = 1.0 / (1.0 + np.exp(-rows @ theta))
    np.testing.assert_allclose([v.grad for v in w], -(BINARY[:20] - p) @ rows, rtol=1e-10)

    matrix = np.array([theta, -theta, 0.5 * theta])
    ws = [[Value(t) for t in block] for block in matrix]
    codes = np.arange(20) % 3
    sum(
        families.Categorical.loss([float(k == c) for k in range(3)], [ag.dot(w, x) for w in ws])
        for x, c in zip(rows.tolist(), codes, strict=True)
    ).backward()
    shares = np.exp(rows @ matrix.T)
    shares /= shares.sum(axis=1, keepdims=True)
    closed = -((codes[:, None] == np.arange(3)) - shares).T @ rows
    np.testing.assert_allclose([[v.grad for v in w] for w in ws], closed, rtol=1e-10)


def test_the_loss_does_not_depend_on_the_link():
    for link in (links.logit, links.probit, links.cloglog):
        eta = link(0.25)
        assert families.Bernoulli.loss(1.0, eta, link) == pytest.approx(float(-np.log(0.25)), rel=1e-12)


# Links and families of one's own


def test_a_link_of_ones_own_is_GLM():
    chance = links.Link(lambda eta: 0.25 + 0.75 * ag.sigmoid(eta), range=(0.25, 1.0))
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(4000, 1))
    y = rng.random(4000) < 0.25 + 0.75 / (1.0 + np.exp(-(2.0 * rows[:, 0] + 0.5)))
    model = GLM("bernoulli", chance).fit(rows, y.astype(int))
    assert model.converged_
    assert np.abs((model.parameters_ - [0.5, 2.0]) / model.standard_errors()).max() < 3.0
    assert model.predict_mean([[-30.0]])[0] == pytest.approx(0.25)


def test_a_family_of_ones_own_is_fitted():
    laplace = families.Family(nll=lambda y, mu, phi: abs(y - mu.value) / phi + ag.log(2.0 * phi))
    y = X[:, 0] * 2.0 + RNG.laplace(size=80)
    own, built_in = GLM(laplace).fit(X, y), GLM("laplace").fit(X, y)
    np.testing.assert_allclose(own.parameters_, built_in.parameters_, rtol=1e-9)
    np.testing.assert_allclose(own.standard_errors(), built_in.standard_errors(), rtol=1e-9)
    assert own.deviance_ == pytest.approx(built_in.deviance_)


def test_medians_are_those_of_statsmodels_with_its_robust_errors():
    y = X[:, 0] * 2.0 + RNG.laplace(size=80)
    model, reference = GLM("laplace").fit(X, y), sm.QuantReg(y, ONES).fit(q=0.5, p_tol=1e-12, max_iter=10**5)
    np.testing.assert_allclose(model.parameters_, reference.params, atol=1e-4)  # it comes near by reweighting
    assert np.abs(y - model.predict(X)).sum() <= np.abs(reference.resid).sum()
    np.testing.assert_allclose(model.standard_errors("robust"), reference.bse, rtol=1e-4)
    assert model.dispersion_ == pytest.approx(np.abs(y - model.predict(X)).mean(), rel=1e-6)
    with pytest.raises(ValueError, match=r"expects kind to be one of 'robust' for <family laplace>, got 'expected'"):
        model.cov_params("expected")


def test_quantiles_are_fitted_by_a_pinball_loss_of_ones_own():
    pinball = families.Family(lambda y, mu, phi: (0.3 * (y - mu.value) + 0.5 * abs(y - mu.value)) / phi, name="pinball")
    rows = RNG.normal(size=(1000, 2))
    y = rows[:, 0] + RNG.laplace(size=1000)
    model = GLM(pinball).fit(rows, y)
    reference = sm.QuantReg(y, sm.add_constant(rows)).fit(q=0.8, p_tol=1e-12, max_iter=10**5)
    np.testing.assert_allclose(model.parameters_, reference.params, atol=1e-5)
    np.testing.assert_allclose(
        model.standard_errors(), reference.bse, rtol=2e-2
    )  # rows on the plane have either slope there


def test_a_dispersion_that_is_no_scale_is_fitted_with_the_coefficients():
    student = families.Family(
        lambda y, mu, phi: 2.5 * ag.log1p((y - mu.value) ** 2 / (4.0 * phi)) + 0.5 * ag.log(phi), name="student"
    )
    y = 3.0 * X[:, 0] + RNG.standard_t(4, size=80)
    model = GLM(student).fit(X, y)
    phi = model.dispersion_
    assert model.converged_
    loss = lambda at: sum(2.5 * np.log1p((y - ONES @ at[:3]) ** 2 / (4 * at[3])) + 0.5 * np.log(at[3]))  # noqa: E731
    best = loss(np.r_[model.parameters_, phi])
    assert all(loss(np.r_[model.parameters_, phi] * (1.0 + 1e-3 * step)) >= best for step in RNG.normal(size=(50, 4)))
    assert model.cov_params().shape == (3, 3)
    assert "observed information" in str(model.summary())


# Standard errors and what else is said of a fit


@pytest.mark.parametrize(
    ("family", "link", "y"), [("bernoulli", "probit", BINARY), ("gamma", "log", POSITIVE), ("poisson", "sqrt", COUNTS)]
)
def test_observed_errors_are_those_of_the_second_derivative(family, link, y):
    model = GLM(family, link).fit(X, y)
    reference, fit = by_statsmodels(family, link, X, y, model.parameters_)
    curvature = reference.hessian(model.parameters_, scale=fit.scale, observed=True)
    np.testing.assert_allclose(model.cov_params("observed"), np.linalg.inv(-curvature), rtol=1e-6)


@pytest.mark.parametrize(
    ("family", "y"), [("bernoulli", BINARY), ("poisson", COUNTS), ("gaussian", COUNTS), ("inverse_gaussian", POSITIVE)]
)
def test_robust_errors_are_the_sandwich(family, y):
    model = GLM(family).fit(X, y)
    link = families.resolved(family).link.name
    _, reference = by_statsmodels(family, link, X, y, model.parameters_)
    robust = reference.model.fit(start_params=reference.params, cov_type="HC0", tol=1e-14, tol_criterion="params")
    np.testing.assert_allclose(model.standard_errors("robust"), robust.bse, rtol=1e-6)


@pytest.mark.parametrize(
    ("family", "y"), [("bernoulli", BINARY), ("poisson", COUNTS), ("gaussian", COUNTS), ("gamma", POSITIVE)]
)
def test_residuals_are_those_of_statsmodels(family, y):
    model = GLM(family, keep_rows=True).fit(X, y)
    _, reference = by_statsmodels(family, families.resolved(family).link.name, X, y, model.parameters_)
    for kind in ("response", "pearson", "deviance", "working"):
        np.testing.assert_allclose(model.residuals(kind), getattr(reference, f"resid_{kind}"), rtol=1e-6, atol=1e-9)


def test_criteria_count_the_dispersion_as_r_does():
    model, reference = GLM().fit(X, COUNTS), sm.OLS(COUNTS, ONES).fit()
    assert model.loglik_ == pytest.approx(reference.llf, rel=1e-12)
    assert model.aic_ == pytest.approx(reference.aic + 2.0, rel=1e-12)  # statsmodels leaves the variance out
    assert model.bic_ == pytest.approx(reference.bic + np.log(80), rel=1e-12)
    poisson, reference = GLM("poisson").fit(X, COUNTS), by_statsmodels("poisson", "log", X, COUNTS)[1]
    assert poisson.aic_ == pytest.approx(reference.aic, rel=1e-12)
    assert np.isnan(GLM(families.Tweedie(1.5)).fit(X, COUNTS).loglik_)


def test_the_likelihood_of_a_gamma_fit_is_the_greatest_over_the_dispersion():
    model = GLM("gamma", "log").fit(X, POSITIVE)
    from scipy.stats import gamma

    mu = model.predict(X)
    values = [gamma.logpdf(POSITIVE, 1.0 / phi, scale=mu * phi).sum() for phi in np.linspace(0.1, 1.0, 2001)]
    assert model.loglik_ >= max(values)
    assert model.loglik_ == pytest.approx(max(values), rel=1e-6)


def test_intervals_for_coefficients_and_predictions_are_those_of_the_normal_model():
    model, reference = GLM().fit(X, COUNTS), sm.OLS(COUNTS, ONES).fit()
    np.testing.assert_allclose(model.conf_int(), reference.conf_int(), rtol=1e-9)
    np.testing.assert_allclose(model.conf_int(0.8), reference.conf_int(0.2), rtol=1e-9)
    frame = reference.get_prediction(ONES[:5]).summary_frame()
    np.testing.assert_allclose(model.predict_interval(X[:5]), frame[["mean_ci_lower", "mean_ci_upper"]], rtol=1e-9)
    np.testing.assert_allclose(
        model.predict_interval(X[:5], of="observation"), frame[["obs_ci_lower", "obs_ci_upper"]], rtol=1e-9
    )


def test_intervals_stay_within_the_range_and_cover_counts():
    model = GLM("bernoulli").fit(X, BINARY)
    interval = model.predict_interval(X, 0.99)
    assert ((interval > 0.0) & (interval < 1.0)).all()
    assert (interval[:, 0] < model.predict_mean(X)).all()
    counts = GLM("poisson").fit(X, COUNTS).predict_interval(X, of="observation")
    assert (counts == np.round(counts)).all()
    assert np.mean((counts[:, 0] <= COUNTS) & (counts[:, 1] >= COUNTS)) >= 0.9
    reciprocal = GLM("gamma").fit(X[:, :1], POSITIVE + 1.0).predict_interval(X[:3, :1])
    assert (reciprocal[:, 0] < reciprocal[:, 1]).all()
    assert GLM("poisson", fit_intercept=False).fit(X, COUNTS).predict_interval(X[:2]).shape == (2, 2)


# Labels and classes


@pytest.mark.parametrize("labels", [[0, 1], [-1, 1], [False, True], ["no", "yes"], [0.0, 1.0]], ids=str)
def test_labels_of_all_codings_give_the_same_fit_and_come_back(labels):
    y = np.array(labels)[BINARY.astype(int)]
    model = GLM("bernoulli").fit(X, y)
    np.testing.assert_array_equal(model.parameters_, GLM("bernoulli").fit(X, BINARY).parameters_)
    predicted = model.predict(X)
    assert predicted.dtype == y.dtype
    assert sorted({repr(label) for label in predicted.tolist()}) == sorted(map(repr, labels))
    assert model.score(X, y) == np.mean(model.predict(X) == y)
    assert GLM("binomial").fit(X, y).predict(X) == pytest.approx(model.predict_proba(X)[:, 1])


def test_counts_of_successes_are_the_rows_one_by_one():
    successes, failures = np.array([3, 0, 5, 2]), np.array([1, 4, 1, 2])
    rows = np.array([[0.0], [-1.0], [1.5], [0.5]])
    grouped = GLM("binomial", keep_rows=True).fit(rows, np.c_[successes, failures])
    one_by_one = np.repeat(rows, successes + failures, axis=0)
    y = np.concatenate([[1] * s + [0] * f for s, f in zip(successes, failures, strict=True)])
    single = GLM("bernoulli", keep_rows=True).fit(one_by_one, y)
    np.testing.assert_allclose(grouped.parameters_, single.parameters_, rtol=1e-9)
    np.testing.assert_allclose(grouped.standard_errors(), single.standard_errors(), rtol=1e-9)
    _, reference = by_statsmodels("bernoulli", "logit", rows, np.c_[successes, failures])
    assert grouped.deviance_ == pytest.approx(reference.deviance, rel=1e-9)
    assert grouped.loglik_ == pytest.approx(reference.llf, rel=1e-9)
    np.testing.assert_allclose(grouped.residuals("pearson"), reference.resid_pearson, rtol=1e-7)
    np.testing.assert_allclose(grouped.residuals("deviance"), reference.resid_deviance, rtol=1e-7)
    total = sum(grouped.graph(k).data for k in range(4))
    assert total == pytest.approx(-single.loglik_, rel=1e-12)
    shares = successes / (successes + failures)
    weighted = GLM("binomial", keep_rows=True).fit(rows, shares, sample_weight=successes + failures)
    np.testing.assert_allclose(grouped.parameters_, weighted.parameters_, rtol=1e-12)
    assert grouped.score(rows, np.c_[successes, failures]) == pytest.approx(
        1 - grouped.deviance_ / grouped.null_deviance_
    )


def test_two_classes_are_a_bernoulli_family():
    two, binary = GLM("categorical").fit(X, BINARY.astype(int)), GLM("bernoulli").fit(X, BINARY)
    np.testing.assert_allclose(two.coef_[1] - two.coef_[0], binary.coef_, rtol=1e-9)
    np.testing.assert_allclose(2.0 * two.standard_errors()[3:], binary.standard_errors(), rtol=1e-9)
    np.testing.assert_allclose(two.predict_proba(X), binary.predict_proba(X), rtol=1e-9)
    assert two.loglik_ == pytest.approx(binary.loglik_, rel=1e-12)
    assert two.deviance_ == pytest.approx(binary.deviance_, rel=1e-12)
    assert two.null_deviance_ == pytest.approx(binary.null_deviance_, rel=1e-12)


def test_classes_agree_with_statsmodels_and_add_up_to_0():
    model = GLM("categorical", keep_rows=True).fit(X, LABELS)
    codes = np.searchsorted(model.classes_, LABELS)
    reference = sm.MNLogit(codes, ONES).fit(disp=False, method="newton", tol=1e-14, maxiter=100)
    blocks = model.parameters_.reshape(3, 3)
    np.testing.assert_allclose((blocks[1:] - blocks[0]).T, reference.params, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(blocks.sum(axis=0), 0.0, atol=1e-10)
    assert model.loglik_ == pytest.approx(reference.llf, rel=1e-10)
    assert model.null_deviance_ == pytest.approx(-2.0 * reference.llnull, rel=1e-8)
    contrast = np.kron([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]], np.eye(3))
    for kind in ("expected", "observed"):
        found = contrast @ model.cov_params(kind) @ contrast.T
        np.testing.assert_allclose(found, reference.cov_params(), rtol=1e-6)
    assert model.parameter_names_[:4] == ["blue: intercept", "blue: x0", "blue: x1", "green: intercept"]
    assert model.decision_function(X).shape == (80, 3)
    assert (model.residuals("response").sum(axis=1) == pytest.approx(0.0, abs=1e-12)) is not False
    assert model.standard_errors("robust").shape == (9,)
    assert 0.0 < model.score(X, LABELS) < 1.0
    with pytest.raises(
        ValueError, match=r"expects kind to be one of 'response' for <family categorical>, got 'deviance'"
    ):
        model.residuals()
    with pytest.raises(ValueError, match="one mean a row"):
        model.predict_interval(X)


# Weights, offsets, penalties


@pytest.mark.parametrize(
    ("family", "y"), [("gaussian", COUNTS), ("poisson", COUNTS), ("gamma", POSITIVE), ("bernoulli", BINARY)]
)
def test_a_row_of_weight_k_is_k_rows(family, y):
    weights = RNG.integers(0, 4, 80)
    weighted = GLM(family, keep_rows=True).fit(X, y, sample_weight=weights)
    repeated = GLM(family, keep_rows=True).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    np.testing.assert_allclose(weighted.parameters_, repeated.parameters_, rtol=1e-9)
    for kind in ("expected", "observed", "robust"):
        np.testing.assert_allclose(weighted.standard_errors(kind), repeated.standard_errors(kind), rtol=1e-8)
    for name in ("deviance_", "null_deviance_", "dispersion_", "loglik_", "aic_", "bic_"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-9)
    assert weighted.residuals().shape == (80,)  # of rows without weight too
    assert weighted.score(X, y, weights) == pytest.approx(
        repeated.score(np.repeat(X, weights, axis=0), np.repeat(y, weights)), rel=1e-9
    )


def test_medians_count_weights_as_rows_too():
    weights = RNG.integers(0, 4, 80)
    y = X[:, 0] + RNG.laplace(size=80)
    weighted, repeated = (
        GLM("laplace").fit(X, y, sample_weight=weights),
        GLM("laplace").fit(np.repeat(X, weights, axis=0), np.repeat(y, weights)),
    )
    assert weighted.deviance_ == pytest.approx(repeated.deviance_, rel=1e-9)


def test_offsets_and_exposures_are_added_to_the_predictor():
    exposure = RNG.uniform(0.5, 3.0, 80)
    y = RNG.poisson(np.exp(ETA) * exposure)
    model = GLM("poisson", keep_rows=True).fit(X, y, exposure=exposure)
    _, reference = by_statsmodels("poisson", "log", X, y, exposure=exposure)
    np.testing.assert_allclose(model.parameters_, reference.params, rtol=1e-8)
    assert model.null_deviance_ == pytest.approx(reference.null_deviance, rel=1e-9)
    same = GLM("poisson", keep_rows=True).fit(X, y, offset=np.log(exposure))
    np.testing.assert_array_equal(same.parameters_, model.parameters_)
    both = GLM("poisson", keep_rows=True).fit(X, y, offset=np.log(exposure), exposure=np.ones(80))
    np.testing.assert_array_equal(both.parameters_, model.parameters_)
    np.testing.assert_allclose(model.predict(X, exposure=exposure), reference.fittedvalues, rtol=1e-8)
    np.testing.assert_allclose(model.predict(X, offset=np.log(exposure)), reference.fittedvalues, rtol=1e-8)
    assert model.graph(3).data == pytest.approx(
        float(families.Poisson.loss(float(y[3]), float(model.decision_function(X, exposure=exposure)[3])))
    )
    without = GLM("poisson", fit_intercept=False, keep_rows=True).fit(X, y, exposure=exposure)
    assert without.intercept_ == 0.0
    assert np.isfinite(without.null_deviance_)
    with pytest.raises(ValueError, match=r"takes an exposure with the link log only, got <link sqrt>"):
        GLM("poisson", "sqrt", keep_rows=True).fit(X, y, exposure=exposure)


def test_ridge_penalties_are_scikit_learns_times_the_rows():
    from sklearn.linear_model import LogisticRegression, PoissonRegressor

    ridge = GLM("poisson", alpha=4.0).fit(X, COUNTS)
    reference = PoissonRegressor(alpha=4.0 / 80, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, COUNTS)
    np.testing.assert_allclose(ridge.coef_, reference.coef_, rtol=1e-6)
    several = GLM("categorical", alpha=2.0).fit(X, LABELS)
    reference = LogisticRegression(C=0.5, solver="newton-cg", tol=1e-12, max_iter=10**4).fit(X, LABELS)
    np.testing.assert_allclose(several.coef_, reference.coef_, rtol=1e-4, atol=1e-7)
    assert "ridge 4" in str(ridge.summary())
    assert (ridge.standard_errors() < GLM("poisson").fit(X, COUNTS).standard_errors()).any()


@pytest.mark.parametrize(
    ("family", "y"),
    [("gaussian", COUNTS), ("poisson", COUNTS), ("bernoulli", BINARY), ("gamma", POSITIVE), ("categorical", LABELS)],
)
@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
def test_l1_penalties_meet_the_conditions_of_an_optimum_with_exact_zeros(family, y, l1_ratio):
    rows = np.c_[X, np.random.default_rng(1).normal(size=(80, 4))]
    alpha = 25.0
    model = GLM(family, links.log if family == "gamma" else None, alpha=alpha, l1_ratio=l1_ratio, keep_rows=True).fit(
        rows, y
    )
    assert model.converged_
    coefficients = np.atleast_2d(model.coef_)
    slopes = np.zeros((len(coefficients), rows.shape[1]))
    for k in range(80):  # the score of each row, by the graph of its loss
        loss = model.graph(k)
        loss.backward()
        found = np.array([v.grad for v in leaves_of(loss, model.parameter_names_)]).reshape(len(coefficients), -1)
        slopes += found[:, 1:]
    slopes += alpha * (1.0 - l1_ratio) * coefficients
    zero = coefficients == 0.0
    assert zero.any()
    assert (np.abs(slopes[zero]) <= alpha * l1_ratio * (1 + 1e-9)).all()
    np.testing.assert_allclose(slopes[~zero], -alpha * l1_ratio * np.sign(coefficients[~zero]), atol=1e-5)
    with pytest.raises(ValueError, match=r"cov_params\(\) has no answer with an l1 penalty"):
        model.cov_params()
    assert "no standard errors" in str(model.summary())


def leaves_of(loss, names):
    """The leaves below a loss, in the order in which the coefficients stand."""
    found, pending = {}, [loss]
    while pending:
        node = pending.pop()
        if node.op is None:
            found[node.name.removeprefix("coef['").removesuffix("']")] = node
        pending += [arg for arg in node.args if isinstance(arg, Value)]
    return [found[name] for name in names]


def test_lasso_is_scikit_learns():
    from sklearn.linear_model import Lasso

    rows = np.c_[X, np.random.default_rng(1).normal(size=(80, 4))]
    model = GLM(alpha=20.0, l1_ratio=1.0).fit(rows, COUNTS)
    reference = Lasso(alpha=20.0 / 80, tol=1e-14, max_iter=10**6).fit(rows, COUNTS)
    np.testing.assert_allclose(model.coef_, reference.coef_, rtol=1e-8, atol=1e-12)
    assert model.intercept_ == pytest.approx(reference.intercept_, rel=1e-8)


# Solvers


@pytest.mark.parametrize(("family", "y"), [("bernoulli", BINARY), ("poisson", COUNTS), ("categorical", LABELS)])
def test_solvers_agree(family, y):
    newton, lbfgs = GLM(family).fit(X, y), GLM(family, solver="lbfgs").fit(X, y)
    np.testing.assert_allclose(lbfgs.parameters_, newton.parameters_, rtol=1e-7, atol=1e-9)
    sparse = GLM(family, alpha=1e-9, solver="proximal_newton").fit(X, y)
    np.testing.assert_allclose(sparse.parameters_, newton.parameters_, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("family", "link", "y"),
    [
        ("bernoulli", "probit", BINARY),
        ("gamma", "log", POSITIVE),
        ("categorical", None, LABELS),
        ("poisson", "identity", COUNTS + 5),
    ],
)
def test_one_program_for_many_rows_gives_what_blocks_give(monkeypatch, family, link, y, weighted):
    import nn.regression.objective as many

    weights = RNG.uniform(0.5, 2.0, 80) if weighted else None
    offset = 0.01 * (X[:, [0]] * [[1.0, 2.0, 3.0]] if family == "categorical" else X[:, 0]) if weighted else None
    blocks = GLM(family, link).fit(X=X, y=y, sample_weight=weights, offset=offset)
    monkeypatch.setattr(many, "WORTH_TRACING", 0)
    program = GLM(family, link).fit(X=X, y=y, sample_weight=weights, offset=offset)
    np.testing.assert_allclose(program.parameters_, blocks.parameters_, rtol=1e-10, atol=1e-12)
    for kind in ("expected", "observed", "robust"):
        np.testing.assert_allclose(program.cov_params(kind), blocks.cov_params(kind), rtol=1e-9)
    assert program.dispersion_ == pytest.approx(blocks.dispersion_, rel=1e-12)


def test_many_rows_are_fitted_in_threads_to_the_same_numbers(monkeypatch):
    import nn.regression.objective as many

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(150_000, 3))
    y = rng.poisson(np.exp(0.2 * rows[:, 0]))
    program = [GLM("poisson", threads=threads).fit(rows, y) for threads in (1, 2, 5)]
    monkeypatch.setattr(many, "WIDE", 0)
    blocks = [GLM("poisson", threads=threads).fit(rows, y) for threads in (1, 2, 5)]
    np.testing.assert_allclose(program[0].parameters_, blocks[0].parameters_, rtol=1e-10, atol=1e-12)
    for fits in (program, blocks):
        for more in fits[1:]:
            np.testing.assert_array_equal(more.parameters_, fits[0].parameters_)
            np.testing.assert_array_equal(more.cov_params(), fits[0].cov_params())


def test_many_columns_are_fitted_without_a_hessian_and_newton_finishes(monkeypatch):
    import nn.regression.solvers.table as solvers

    monkeypatch.setattr(solvers, "MANY", 2)
    model = GLM("poisson").fit(X, COUNTS)
    assert model.n_iter_ > 5
    monkeypatch.undo()
    np.testing.assert_allclose(model.parameters_, GLM("poisson").fit(X, COUNTS).parameters_, rtol=1e-8)


def test_columns_of_all_scales_are_fitted_alike():
    scaled = X * [1e-6, 1e9]
    plain, other = GLM("bernoulli").fit(X, BINARY), GLM("bernoulli").fit(scaled, BINARY)
    np.testing.assert_allclose(other.coef_ * [1e-6, 1e9], plain.coef_, rtol=1e-9)
    far = GLM("bernoulli").fit(X + 1e6, BINARY)
    np.testing.assert_allclose(far.coef_, plain.coef_, rtol=1e-7)


def test_ill_conditioned_columns_are_fitted_by_qr():
    base = np.linspace(0.0, 1.0, 60)
    rows = np.c_[base, base + 1e-7 * RNG.normal(size=60)]
    y = RNG.poisson(np.exp(base))
    model = GLM("poisson").fit(rows, y)
    other = GLM("poisson").fit(np.c_[base, (rows[:, 1] - base) * 1e7], y)
    assert model.converged_
    np.testing.assert_allclose(model.coef_.sum(), other.coef_[0], rtol=1e-6)
    np.testing.assert_allclose(model.standard_errors()[2], other.standard_errors()[2] * 1e7, rtol=1e-5)
    several = GLM("categorical").fit(rows, np.arange(60) % 3)
    assert several.converged_
    ridge = GLM("poisson", alpha=1e-12).fit(rows, y)
    assert ridge.converged_


def test_refused_combinations_of_solvers():
    with pytest.raises(ValueError, match="unknown solver 'newtn'; did you mean 'newton'"):
        GLM(solver="newtn").fit(X, COUNTS)
    with pytest.raises(ValueError, match="the solver 'newton' has no penalty of this kind"):
        GLM(solver="newton", alpha=1.0, l1_ratio=1.0).fit(X, COUNTS)
    with pytest.raises(ValueError, match="the solver 'newton' does not fit the family laplace"):
        GLM("laplace", solver="newton").fit(X, COUNTS)
    with pytest.raises(ValueError, match="the solver 'linear_program' has no penalty of this kind"):
        GLM("laplace", alpha=1.0).fit(X, COUNTS)


# What fits and predictions must not lose


def test_robust_errors_of_counts_are_those_of_statsmodels():
    successes = RNG.binomial(50, 1.0 / (1.0 + np.exp(-0.5 * X[:, 0])))
    counts = np.c_[successes, 50 - successes]
    reference = sm.GLM(counts, ONES, family=sm.families.Binomial()).fit(
        cov_type="HC0", tol=1e-14, tol_criterion="params"
    )
    np.testing.assert_allclose(GLM("binomial").fit(X, counts).standard_errors("robust"), reference.bse, rtol=1e-6)


def test_intervals_of_columns_far_from_0_are_those_of_columns_near_it():
    time = 10.0 * RNG.random((50, 1))
    y = 2.0 * time[:, 0] + RNG.normal(size=50)
    near, far = GLM().fit(time, y), GLM().fit(time + 2.0**31, y)
    np.testing.assert_allclose(far.predict_interval(time + 2.0**31), near.predict_interval(time), rtol=1e-5)


def test_intervals_of_huge_counts_are_nearly_normal():
    y = RNG.poisson(1e11, 50).astype(float)
    low, high = GLM("poisson").fit(np.zeros((50, 0)), y).predict_interval(np.zeros((1, 0)), of="observation")[0]
    half = 1.96 * np.sqrt(1e11 * (1.0 + 1.0 / 50))
    assert low == pytest.approx(y.mean() - half, abs=0.01 * half)
    assert high == pytest.approx(y.mean() + half, abs=0.01 * half)


def test_predictors_outside_the_domain_have_no_mean_and_a_warning():
    rng = np.random.default_rng(0)
    rows = 0.1 * rng.normal(size=(100, 1))
    model = GLM("gamma").fit(rows, rng.gamma(5.0, 1.0 / (1.0 + rows[:, 0]) / 5.0))
    far = [[0.0], [-5.0 * np.sign(model.coef_[0]) * 10.0]]
    with pytest.warns(
        RuntimeWarning, match=r"may be with <link inverse> in 1 rows, the first is row 1: there is no mean"
    ):
        mean = model.predict(far)
    assert mean[0] > 0.0
    assert np.isnan(mean[1])


def test_nothing_that_a_fit_says_depends_on_the_arrays_that_it_was_given():
    rows, y, weights, offset = X.copy(), COUNTS.copy(), RNG.uniform(0.5, 2.0, 80), 0.1 * X[:, 0]
    model = GLM("poisson", keep_rows=True).fit(rows, y, weights, offset)
    before = everything(model)
    for array in (rows, y, weights, offset):
        array[3] = 7.0
    for after in (model, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_equal(everything(after), before)
    model.cov_params()[0, 0] = 7.0
    np.testing.assert_equal(everything(model), before)


def everything(model):
    """All that a fit answers without rows being given."""
    numbers = {name: getattr(model, name) for name in ("deviance_", "null_deviance_", "dispersion_", "loglik_", "aic_")}
    covariances = {kind: model.cov_params(kind) for kind in ("expected", "observed", "robust")}
    residuals = {kind: model.residuals(kind) for kind in ("response", "pearson", "deviance", "working")}
    return {**numbers, **covariances, **residuals, "graph": model.graph(3).data, "summary": str(model.summary())}


def test_a_family_whose_means_are_not_the_likeliest_has_no_deviance():
    beta = families.Family(
        lambda y, mu, phi: (
            ag.lgamma(mu.value / phi)
            + ag.lgamma((1.0 - mu.value) / phi)
            - ag.lgamma(1.0 / phi)
            - (mu.value / phi - 1.0) * ag.log(y)
            - ((1.0 - mu.value) / phi - 1.0) * ag.log1p(-y)
        ),
        support=(0.0, 1.0),
        name="beta",
    )
    p = 1.0 / (1.0 + np.exp(-0.5 * X[:, 0]))
    model = GLM(beta).fit(X, RNG.beta(5.0 * p, 5.0 * (1.0 - p)))
    assert model.converged_
    assert np.isnan(model.deviance_)
    assert np.isnan(beta.unit_deviance(0.5, links.identity.mean(0.4)))
    assert np.isfinite(model.loglik_)
    assert model.dispersion_ == pytest.approx(0.2, rel=0.4)


def test_scores_of_rows_that_are_all_alike_are_0_or_1():
    model = GLM("poisson").fit(X, COUNTS)
    assert model.score(X, np.full(80, 3.0)) == 0.0
    with pytest.warns(UserWarning, match="the dispersion is 0"):
        assert GLM().fit(X, np.full(80, 3.0)).score(X, np.full(80, 3.0)) == 1.0
    labelled = GLM("bernoulli").fit(X, BINARY)
    with pytest.raises(ValueError, match=r"GLM.score\(\) expects as many observations as X has rows, got 2 for 80"):
        labelled.score(X, [0, 1])


@pytest.mark.parametrize("alpha", [0.2, 1e-8, 1e-14])
def test_negative_binomial_likelihoods_keep_their_digits_as_they_become_poissons(alpha):
    family = families.NegativeBinomial(alpha)
    with mp.workdps(60):
        size = 1 / mpf(alpha)
        ways = mp.loggamma(7 + size) - mp.loggamma(size) - mp.loggamma(8)
        exact = -(ways + size * mp.log(size / (size + 3)) + 7 * mp.log(3 / (size + 3)))
        assert abs(family.nll(7.0, links.identity.mean(3.0), 1.0) - exact) < 1e-12


@pytest.mark.parametrize("phi", [20.0, 0.5, 1e-6, 1e-12])
def test_gamma_likelihoods_keep_their_digits_as_the_dispersion_vanishes(phi):
    y, mu = 2.0, 2.0 * (1.0 + phi**0.5)
    with mp.workdps(60):
        k = 1 / mpf(phi)
        exact = -(k * mp.log(k / mpf(mu)) + (k - 1) * mp.log(y) - k * y / mpf(mu) - mp.loggamma(k))
        assert abs(families.Gamma.nll(y, links.identity.mean(mu), phi) - exact) < 1e-9


def test_a_mean_that_the_link_does_not_reach_is_warned_of():
    for family, y in (("poisson", COUNTS + 2.0), ("gaussian", 5.0 + X[:, 0])):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            GLM(family, "logit").fit(X, y)
        assert re.match(r".*the mean of y is .*, and <link logit> reaches from 0 to 1 only", str(caught[0].message))


def test_scores_with_an_exposure_are_the_share_of_the_deviance():
    exposure = RNG.uniform(0.5, 3.0, 80)
    y = RNG.poisson(np.exp(ETA) * exposure)
    model = GLM("poisson").fit(X, y, exposure=exposure)
    assert model.score(X, y, exposure=exposure) == pytest.approx(1.0 - model.deviance_ / model.null_deviance_, rel=1e-9)


def test_a_likelihood_without_its_constant_has_no_dispersion():
    pinball = families.Family(lambda y, mu, phi: (0.4 * (y - mu.value) + 0.5 * abs(y - mu.value)) / phi, name="pinball")
    model = GLM(pinball).fit(X, COUNTS)
    assert np.isnan(model.dispersion_)
    assert np.isnan(model.loglik_)
    assert "nan" in str(model.summary())


def test_messages_stay_short_however_many_columns_there_are():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(300, 40))
    for X in (np.ones((50, 400)), np.c_[base, base @ rng.normal(size=(40, 200))]):
        with pytest.raises(ValueError, match="columns of X apart") as error:
            GLM("gaussian").fit(X, np.ones(len(X)))
        assert len(str(error.value)) < 600


# What weights, perfect fits and own families mean


def test_a_pickled_family_of_ones_own_is_the_same_model(tmp_path, monkeypatch):
    """At the top of a module, but under no name there: pickled by its parts, before and after something was asked of it."""
    (tmp_path / "own_models.py").write_text(
        "from autograd import exp, lgamma\n"
        "def nll(y, mu, phi): return mu.value - y * mu.log + lgamma(y + 1.0)\n"
        "def pinball(y, mu, phi): return (abs(y - mu.value) + 0.5 * (y - mu.value)) / phi\n"
        "def inverse(eta): return exp(eta)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("own_models")
    counts = families.Family(own.nll, support=(0.0, np.inf), name="counts")
    quantile = families.Family(own.pinball, name="quantile")
    link = links.Link(own.inverse, range=(0.0, np.inf), name="own")
    facts = ("has_kink", "slopes", "scored_by_mean", "peaks_at_y", "has_dispersion", "scales", "support", "name")
    for family in (counts, quantile):
        early = pickle.loads(pickle.dumps(family))
        said = [getattr(family, fact) for fact in facts]
        late = pickle.loads(pickle.dumps(family))
        for again in (early, late, copy.copy(family), pickle.loads(pickle.dumps(late))):
            np.testing.assert_equal([getattr(again, fact) for fact in facts], said)
    assert (counts.has_kink, quantile.has_kink) == (False, True)
    assert pickle.loads(pickle.dumps(link)).rises is link.rises is True
    model = GLM(counts, link).fit(X, COUNTS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.standard_errors(), model.standard_errors())
    assert again.summary().facts == model.summary().facts
    refitted = again.fit(X, COUNTS)
    np.testing.assert_allclose(refitted.standard_errors(), GLM("poisson").fit(X, COUNTS).standard_errors(), rtol=1e-8)
    np.testing.assert_array_equal(refitted.parameters_, model.parameters_)


def test_a_dispersion_that_is_no_scale_is_an_input_of_what_is_compiled(monkeypatch):
    import nn.regression.curves as curves

    made = []
    compiling = curves.compile
    monkeypatch.setattr(curves, "compile", lambda *args, **how: made.append(1) or compiling(*args, **how))
    beta = families.Family(
        lambda y, mu, phi: (
            ag.lgamma(mu.value / phi) + ag.lgamma((1.0 - mu.value) / phi) - ag.lgamma(1.0 / phi)
            - (mu.value / phi - 1.0) * ag.log(y) - ((1.0 - mu.value) / phi - 1.0) * ag.log1p(-y)
        ),
        support=(0.0, 1.0),
        name="beta",
    )  # fmt: skip
    p = 1.0 / (1.0 + np.exp(-0.5 * X[:, 0]))
    GLM(beta).fit(X, RNG.beta(5.0 * p, 5.0 * (1.0 - p)))
    first = len(made)
    GLM(beta).fit(X, RNG.beta(2.0 * p, 2.0 * (1.0 - p)))  # another number of steps of the dispersion
    assert first < 12
    assert len(made) == first


PERFECT = [("gaussian", None, 2.0 + 3.0 * X[:, 0]), ("gamma", "log", np.exp(1.0 + 0.5 * X[:, 0])),
           ("inverse_gaussian", "log", np.exp(0.5 * X[:, 0])), ("laplace", None, 1.0 - X[:, 0])]  # fmt: skip


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(("family", "link", "y"), PERFECT, ids=[family for family, *_ in PERFECT])
def test_a_perfect_fit_is_said_to_be_one_and_has_an_infinite_likelihood(family, link, y, scale):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = GLM(family, link).fit(X, scale * y)
        text = str(model.summary())
    assert ["each mean is its observation" in str(w.message) for w in caught] == [True]
    assert (model.dispersion_, model.loglik_, model.aic_, model.bic_) == (0.0, np.inf, -np.inf, -np.inf)
    np.testing.assert_array_equal(model.standard_errors(), 0.0)
    assert "-inf" in text
    np.testing.assert_array_equal(model.conf_int()[:, 0], model.parameters_)
    rough = y * (1.0 + 1e-9 * RNG.normal(size=80))
    assert np.isfinite(GLM(family, link).fit(X, scale * rough).loglik_)


def test_a_saturated_gamma_is_perfect_and_not_as_good_as_its_rounding():
    for link in ("inverse", "log", "identity"):
        with pytest.warns(UserWarning, match="the dispersion is 0, the likelihood infinite"):
            model = GLM("gamma", link).fit([[0.0], [1.0]], [1.0, 3.0])
        assert model.aic_ == -np.inf


@pytest.mark.parametrize("family", ["gaussian", "gamma"])
def test_weights_that_add_up_to_less_than_the_coefficients_leave_no_dispersion(family):
    y = POSITIVE[:6]
    for share in (0.5, 0.4):  # 3 coefficients
        with pytest.warns(
            UserWarning, match=r"weights of the rows add up to .*, for 3 coefficients: there is no dispersion"
        ):
            model = GLM(family, "log").fit(X[:6], y, sample_weight=np.full(6, share))
        assert np.isnan(model.dispersion_)
        assert np.isnan(model.standard_errors()).all()
        assert np.isfinite(model.loglik_)
        assert "nan" in str(model.summary())
    assert np.isfinite(GLM("poisson").fit(X[:6], np.round(y), sample_weight=np.full(6, 0.4)).standard_errors()).all()


def test_an_offset_of_classes_moves_each_class_and_one_number_a_row_is_refused():
    shift = RNG.normal(size=(80, 3))
    model = GLM("categorical", keep_rows=True).fit(X, LABELS, offset=shift)
    plain = GLM("categorical").fit(X, LABELS)
    assert not np.allclose(model.coef_, plain.coef_, rtol=1e-3)
    same = GLM("categorical").fit(X, LABELS, offset=np.full((80, 3), 5.0))  # what all classes share is not seen
    np.testing.assert_allclose(same.parameters_, plain.parameters_, atol=1e-8)
    ones = np.c_[np.ones(80), X]
    score = ones.T @ (np.eye(3)[np.searchsorted(model.classes_, LABELS)] - model.predict_proba(X, offset=shift))
    np.testing.assert_allclose(score, 0.0, atol=1e-7)
    etas = ones @ model.parameters_.reshape(3, 3).T + shift
    np.testing.assert_allclose(model.decision_function(X, offset=shift), etas, rtol=1e-12)
    loss = -np.log(model.predict_proba(X, offset=shift)[4, np.searchsorted(model.classes_, LABELS[4])])
    assert model.graph(4).data == pytest.approx(loss, rel=1e-12)
    assert model.graph(X[4], LABELS[4], offset=shift[4]).data == pytest.approx(loss, rel=1e-12)
    assert np.isfinite(model.null_deviance_)
    for wrong in (shift[:, 0], shift[:, :2], shift[:5]):
        with pytest.raises(
            ValueError, match=r"expects a number for each row and class as offset, \(80, 3\), got the shape"
        ):
            GLM("categorical").fit(X, LABELS, offset=wrong)
    shift[7, 1] = np.nan
    with pytest.raises(ValueError, match=r"expects finite numbers as offset, got .* in row 7"):
        GLM("categorical").fit(X, LABELS, offset=shift)


def test_of_two_classes_the_decision_is_one_number_a_row():
    two = GLM("categorical").fit(X, BINARY.astype(int))
    decision = two.decision_function(X)
    assert decision.shape == (80,)
    np.testing.assert_allclose(decision, GLM("bernoulli").fit(X, BINARY).decision_function(X), rtol=1e-8, atol=1e-9)


def test_threads_are_one_unless_asked_for(monkeypatch):
    import nn.regression.source as source

    def refused(*_):
        raise AssertionError("a thread was started")

    monkeypatch.setattr(source, "ThreadPoolExecutor", refused)
    monkeypatch.setattr(source, "TASK", 8)
    monkeypatch.setattr(source.Arrays, "map", partialmethod(source.Arrays.map, size=8))
    assert GLM("poisson").fit(X, COUNTS).converged_
    with pytest.raises(AssertionError, match="a thread was started"):
        GLM("poisson", threads=2).fit(X, COUNTS)
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="GLM expects threads to be an int from 1 up"):
            GLM("poisson", threads=wrong).fit(X, COUNTS)
    with pytest.raises(ValueError, match="GLM expects keep_rows to be True or False, got 1"):
        GLM("poisson", keep_rows=1).fit(X, COUNTS)


def test_the_likelihood_is_compiled_once_for_all_fits_of_a_pair_and_not_kept_for_ever():
    from nn.regression.curves import curves_of

    curves = curves_of(families.Poisson, links.log, 1)
    GLM("poisson").fit(X, COUNTS)
    known = dict(curves._compiled)
    GLM("poisson").fit(X[:40], COUNTS[:40])
    assert curves._compiled == known
    for k in range(50):
        GLM(families.NegativeBinomial(0.1 + k)).fit(X, COUNTS)
    assert curves_of.cache_info().currsize <= 32


def test_a_mean_far_above_its_observation_has_a_deviance():
    with mp.workdps(40):
        exact = 2 * (mp.log(mpf(10) ** 18) - 1 + mpf(10) ** -18)
    assert families.Gamma.unit_deviance(1e-9, links.identity.mean(1e9)) == pytest.approx(float(exact), rel=1e-14)
    model = GLM("gamma", "log").fit([[0.0], [1.0], [2.0], [0.0], [1.0], [2.0]], [1e-9, 1e9, 2e9, 1e9, 3e9, 2e9])
    assert np.isfinite(model.loglik_)


def test_a_family_with_another_dispersion_at_the_end_of_its_support_is_not_separable():
    def nll(y, mu, phi):
        deviance = 2.0 * (4.0 * ag.sqrt(mu.value) * 0.5 + 2.0 * y / ag.sqrt(mu.value) - 4.0 * ag.sqrt(y))
        return deviance / (2.0 * phi) + ag.where(y > 0.0, 0.5 * ag.log(phi), 0.0)

    ends = families.Family(nll, support=(0.0, np.inf), name="ends")
    assert not ends.separable
    assert families.Gamma.separable
    assert families.Gaussian.separable


def test_a_link_that_bends_far_from_its_middle_is_not_canonical():
    from nn.regression.curves import curves_of

    bent = links.Link(
        lambda eta: ag.where(eta < 3.0, ag.exp(ag.minimum(eta, 3.0)), np.e**3 * (eta - 2.0)),
        range=(0.0, np.inf),
        name="bent",
    )
    assert not curves_of(families.Poisson, bent, 1).canonical
    assert curves_of(families.Poisson, links.log, 1).canonical
    assert curves_of(families.Gamma, links.inverse, 1).canonical
    assert not curves_of(families.Gamma, links.log, 1).canonical


def test_columns_that_only_few_rows_tell_apart_are_fitted_where_a_fit_begins_with_few_rows():
    rng = np.random.default_rng(1)
    x, d = rng.normal(size=(2, 150_000))
    d[::17] = 2.0 * x[::17] + 1.0
    y = rng.poisson(np.exp(0.1 * x + 0.1 * d)).astype(float)
    model = GLM("poisson").fit(np.c_[x, d], y)
    assert model.converged_
    labels = rng.integers(0, 2, 150_000)
    labels[5] = 2
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert GLM("categorical", alpha=1.0).fit(np.c_[x, y], labels).converged_
    np.testing.assert_allclose(np.c_[np.ones(150_000), x, d].T @ (y - model.predict(np.c_[x, d])), 0.0, atol=1e-5)


def test_residuals_of_many_rounding_errors_are_no_perfect_fit():
    for n, sd in ((10_000, 1e-4), (100, 2e-5)):
        x = 1.6e9 + np.sort(RNG.uniform(0.0, 1e6, n))
        y = x + 0.5 + RNG.normal(0.0, sd, n)
        model = GLM().fit(x[:, None], y)
        rest = y - x - 0.5
        assert model.dispersion_ == pytest.approx(np.var(rest), rel=0.1)


@pytest.mark.parametrize("weight", [1e-30, 1e-16, 1e16])
def test_coefficients_do_not_depend_on_the_size_of_all_weights(weight):
    for family, y in (("poisson", COUNTS), ("bernoulli", BINARY)):
        plain, weighted = GLM(family).fit(X, y), GLM(family).fit(X, y, sample_weight=np.full(80, weight))
        np.testing.assert_allclose(weighted.parameters_, plain.parameters_, rtol=1e-8)


def test_intervals_of_observations_after_a_perfect_and_a_separated_fit():
    line = np.linspace(0.0, 1.0, 20)[:, None]
    for family, y in (("gaussian", line[:, 0]), ("laplace", line[:, 0]), ("gamma", np.exp(line[:, 0]))):
        with pytest.warns(UserWarning, match="dispersion is 0"):
            model = GLM(family, "log" if family == "gamma" else None).fit(line, y)
        np.testing.assert_allclose(model.predict_interval(line, of="observation"), np.c_[y, y], rtol=1e-9, atol=1e-12)
    group = np.repeat([[0.0], [1.0]], 10, axis=0)
    with pytest.warns(UserWarning, match="separation"):
        model = GLM("poisson").fit(group, np.r_[RNG.poisson(3.0, 10), np.zeros(10)])
    low, high = model.predict_interval([[0.0], [1.0]], of="observation")
    assert 0.0 <= low[0] < low[1] < 20.0
    assert high.tolist() == [0.0, np.inf]


def test_a_fit_that_ran_away_has_no_dispersion():
    from nn.regression.inference.dispersion import Dispersion
    from nn.regression.solvers.steps import Solution

    rows = objective(X, COUNTS, families.Gaussian, links.log)
    assert np.isnan(Dispersion(rows, Solution(np.array([1e3, 0.0, 0.0]), 1)).best_phi)
