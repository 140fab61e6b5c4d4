"""GLM against R: what it answers on the data sets that come with it, as stored (`make references` asks it again)."""

import json
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nn import GLM, SeparationWarning, families, links

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

ANSWERS = json.loads((Path(__file__).parents[1] / "peers" / "r_answers.json").read_text(encoding="utf-8"))
TABLES, CASES, CLASSES = ANSWERS["tables"], ANSWERS["cases"], ANSWERS["classes"]
EXCEPTIONAL = ("edge", "separated", "perfect")
ORDINARY = [name for name, case in CASES.items() if case["converged"] and not any(case[x] for x in EXCEPTIONAL)]
SEPARATED = [name for name, case in CASES.items() if case["separated"]]
ESTIMATED = ("gaussian", "Gamma", "inverse.gaussian", "Tweedie(1.5)")  # R's families whose phi we estimate too


def named(condition):
    return [name for name in ORDINARY if condition(CASES[name])]


def near(x, rel):
    return pytest.approx(x, rel=rel, abs=0.0)


def called(module, name, parameter):
    """A family or a link by its name, with its parameter if it has one."""
    found = getattr(module, name)
    return found if parameter is None else found(parameter)


def fit(name):
    """Our fit of a case, with an intercept where R had one."""
    case, table = CASES[name], TABLES[CASES[name]["table"]]
    family = called(families, case["family"], case["family_parameter"])
    link = called(links, case["link"], case["link_parameter"])
    model = GLM(family, link, fit_intercept=table["intercept"], keep_rows=True)
    return model.fit(table["X"], table["y"], table["weights"], table["offset"])


@cache
def fitted(name):
    """The fit, once for all tests. What it warns of is tested where that is the question."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return fit(name)


def roots_of_weights(name):
    """By which R multiplies residuals."""
    weights = TABLES[CASES[name]["table"]]["weights"]
    return 1.0 if weights is None else np.sqrt(weights)


@pytest.mark.parametrize("name", ORDINARY)
def test_coefficients_and_deviances_are_rs(name):
    case, model = CASES[name], fitted(name)
    assert model.converged_
    assert model.parameters_ == near(case["coefficients"], 1e-8)
    assert model.deviance_ == near(case["deviance"], 1e-10)
    assert model.null_deviance_ == near(case["null_deviance"], 1e-10)


@pytest.mark.parametrize("name", ORDINARY)
def test_standard_errors_are_rs_up_to_the_dispersion(name):
    """R divides Pearson's statistic by rows less coefficients, we by weights less coefficients, as weights count as rows; and
    R estimates a dispersion of quasi families and of MASS::negative.binomial where ours is 1.
    """
    case, model = CASES[name], fitted(name)
    errors = model.standard_errors("expected") * np.sqrt(case["dispersion"] / model.dispersion_)
    assert errors == near(case["errors"], 1e-8)


@pytest.mark.parametrize("name", named(lambda c: TABLES[c["table"]]["weights"] is None and c["r_family"] in ESTIMATED))
def test_dispersions_are_rs_where_rows_have_no_weights(name):
    assert fitted(name).dispersion_ == near(CASES[name]["dispersion"], 1e-9)


@pytest.mark.parametrize("name", named(lambda c: c["r_family"] not in ("binomial", "poisson")))
def test_rs_dispersion_is_our_pearson_statistic_over_its_degrees_of_freedom(name):
    case = CASES[name]
    pearson = fitted(name).residuals("pearson") * roots_of_weights(name)
    assert np.sum(pearson**2) / case["freedom"] == near(case["dispersion"], 1e-9)


@pytest.mark.parametrize("name", named(lambda c: c["pearson"] is not None))
def test_residuals_are_rs_over_the_roots_of_weights(name):
    """R keeps the means of a binomial family eps away from 0 and 1, which a deviance residual near 0 shows."""
    case, model, roots = CASES[name], fitted(name), roots_of_weights(name)
    small = 1e-6 if case["r_family"] == "binomial" else 1e-8 * np.max(np.abs(case["pearson"]))
    assert model.residuals("pearson") * roots == pytest.approx(case["pearson"], rel=1e-8, abs=small)
    assert model.residuals("deviance") * roots == pytest.approx(case["deviance_residuals"], rel=1e-8, abs=small)


@pytest.mark.parametrize("name", named(lambda c: c["loglik"] is not None and c["family"] not in ("Gamma", "Tweedie")))
def test_likelihoods_and_criteria_are_rs(name):
    case, model = CASES[name], fitted(name)
    assert model.loglik_ == near(case["loglik"], 1e-10)
    assert model.aic_ == near(case["aic"], 1e-10)


@pytest.mark.parametrize("name", named(lambda c: c["loglik_best_phi"] is not None))
def test_gammas_likelihood_is_the_greatest_over_phi_and_rs_that_of_the_mean_deviance(name):
    case, model, table = CASES[name], fitted(name), TABLES[CASES[name]["table"]]
    weights = np.ones(len(table["y"])) if table["weights"] is None else np.array(table["weights"])
    assert model.loglik_ == near(case["loglik_best_phi"], 1e-10)
    assert model.aic_ - 2.0 * case["loglik"] == near(case["aic"] - 2.0 * model.loglik_, 1e-10)  # as many parameters
    phi, mu = model.deviance_ / weights.sum(), model.predict(table["X"], table["offset"])
    assert weights @ stats.gamma.logpdf(table["y"], 1.0 / phi, scale=mu * phi) == near(case["loglik"], 1e-10)
    assert case["loglik"] < model.loglik_


# Where R stops short, and where there is no maximum inside


@pytest.mark.parametrize(
    "name",
    [name for name, case in CASES.items() if case["best_loglik"] is not None],
)
def test_likelihoods_are_the_greatest_of_all_means_in_the_support(name):
    """R's glm stops there or short of it; the greatest one is found in R by barriers, to 1e-9."""
    case, model = CASES[name], fitted(name)
    assert case["loglik"] <= case["best_loglik"] + 1e-8
    assert model.loglik_ == pytest.approx(case["best_loglik"], abs=1e-7, rel=1e-10)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["edge"]])
def test_the_cases_of_an_edge_have_their_best_mean_on_it(name):
    case, table = CASES[name], TABLES[CASES[name]["table"]]
    eta = case["best_coefficients"][0] + np.array(table["X"]) @ case["best_coefficients"][1:]
    mu = np.exp(eta) if case["link"] == "log" else eta
    gaps = np.minimum(mu, np.inf if case["family"] == "Poisson" else 1.0 - mu)
    assert -1e-12 < gaps.min() < 1e-6


@pytest.mark.parametrize("name", SEPARATED)
def test_separated_fits_come_as_near_to_the_supremum_as_r(name):
    case = CASES[name]
    assert fitted(name).loglik_ >= min(case["loglik"], case["supremum"]) - 1e-7


@pytest.mark.parametrize("name", SEPARATED)
def test_coefficients_that_separation_leaves_finite_are_rs(name):
    case, left = CASES[name], CASES[name]["identified"]
    assert fitted(name).parameters_[left] == near(np.array(case["coefficients"])[left], 1e-6)


@pytest.mark.parametrize("name", SEPARATED)
def test_their_standard_errors_are_rs(name):
    case, left = CASES[name], CASES[name]["identified"]
    assert fitted(name).standard_errors("expected")[left] == near(np.array(case["errors"])[left], 1e-6)


@pytest.mark.parametrize("name", SEPARATED)
def test_separation_is_said(name):
    with pytest.warns(SeparationWarning):
        model = fit(name)
    assert not model.converged_


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["perfect"]])
def test_perfect_fits_have_rs_coefficients(name):
    """Deviance, dispersion and likelihood are rounding noise there, in R too."""
    case, model = CASES[name], fitted(name)
    assert model.parameters_ == near(case["coefficients"], 1e-12)
    assert max(model.deviance_, case["deviance"]) < 1e-24


# Classes


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_those_of_multinom(name):
    """Ours add up to 0, R's are against its first class. multinom (BFGS) stops where the deviance stands still, when the
    coefficients have half as many digits.
    """
    case, table = CLASSES[name], TABLES[CLASSES[name]["table"]]
    model = GLM("categorical").fit(table["X"], table["y"], table["weights"])
    first, *others = (model.classes_.tolist().index(label) for label in case["classes"])
    unit = np.eye(len(case["classes"]))
    contrasts = np.kron(unit[others] - unit[first], np.eye(len(table["columns"]) + 1))
    covariance = contrasts @ model.cov_params() @ contrasts.T
    assert contrasts @ model.parameters_ == near(np.ravel(case["coefficients"]), 1e-6)
    assert np.sqrt(np.diag(covariance)) == near(np.ravel(case["errors"]), 1e-6)
    assert model.deviance_ == near(case["deviance"], 1e-10)
    assert model.loglik_ == near(case["loglik"], 1e-10)
    assert model.aic_ == near(case["aic"], 1e-10)
