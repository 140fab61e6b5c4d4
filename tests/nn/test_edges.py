"""GLM where the best means lie on the edge of the support: against SciPy's programs, and the conditions of an optimum."""

import warnings

import numpy as np
import pytest
from glm_oracles import ALL_LINKS, simulated
from scipy import stats
from scipy.optimize import minimize, nnls
from separated import is_separated

from nn import GLM, ConvergenceWarning, SeparationWarning, families, links


def counts(rng, X, top):
    """Counts, 0 in many rows, of a mean that is a straight line."""
    return rng.poisson(np.maximum(X @ rng.normal(size=X.shape[1]) + 0.5, 0.0) * top).astype(float)


def case(name, seed):
    """A table whose best means are often on an edge, and no column of which depends on others."""
    rng = np.random.default_rng(seed)
    X, rank = np.zeros((1, 1)), 0
    while rank <= X.shape[1]:
        X = np.round(rng.normal(size=(int(rng.integers(6, 30)), int(rng.integers(1, 4)))), 2)
        rank = np.linalg.matrix_rank(np.c_[np.ones(len(X)), X])
    if name.startswith(("poisson", "negative")):
        return X, counts(rng, X, 3.0)
    eta = X @ rng.normal(size=X.shape[1]) + rng.normal()
    trials = rng.integers(1, 9, len(X))
    successes = rng.binomial(trials, np.clip(eta if "identity" in name else np.exp(eta), 0.0, 1.0))
    return X, np.c_[successes, trials - successes].astype(float)


def value(name, theta, X, y):
    """The negative log-likelihood, by SciPy's distributions; infinite outside the support."""
    eta = theta[0] + X @ theta[1:]
    with np.errstate(all="ignore"):
        mu = np.exp(eta) if name.endswith("log") else eta
        if name.startswith("poisson"):
            return -stats.poisson.logpmf(y, mu).sum() if (mu >= 0.0).all() else np.inf
        if name.startswith("negative"):
            return -stats.nbinom.logpmf(y, 2.0, 2.0 / (2.0 + mu)).sum() if (mu >= 0.0).all() else np.inf
        inside = (mu >= 0.0).all() and (mu <= 1.0).all()
        return -stats.binom.logpmf(y[:, 0], y.sum(axis=1), mu).sum() if inside else np.inf


NAMES = {
    "poisson identity": ("poisson", "identity", [(1.0, 0.0)]),
    "negative_binomial identity": (families.NegativeBinomial(0.5), "identity", [(1.0, 0.0)]),
    "binomial identity": ("binomial", "identity", [(1.0, 0.0), (-1.0, 1.0)]),
    "binomial log": ("binomial", "log", [(-1.0, 0.0)]),
}


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("name", NAMES)
def test_no_coefficients_with_means_in_the_support_are_better(name, seed):
    family, link, sides = NAMES[name]
    X, y = case(name, [seed, len(name)])
    ones = np.c_[np.ones(len(X)), X]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = GLM(family, link).fit(X, y)
    separated = any(issubclass(w.category, SeparationWarning) for w in caught)
    assert separated == (name == "binomial log" and is_separated(X, y, "binomial", "log", {}))
    if separated:
        return  # there is no best one
    assert model.converged_
    found = value(name, model.parameters_, X, y)
    assert found == pytest.approx(-model.loglik_, rel=1e-9, abs=1e-9)
    # From here, SciPy looks for something better, within the support.
    bounds = [
        {"type": "ineq", "fun": lambda t, s=s, e=e: s * (ones @ t - e), "jac": lambda t, s=s: s * ones}
        for s, e in sides
    ]
    middle = np.zeros(ones.shape[1])
    middle[0] = {"identity": 0.5, "log": -1.0}[link]
    for share in (0.5, 0.05):
        start = (1.0 - share) * model.parameters_ + share * middle
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = minimize(
                lambda t: min(value(name, t, X, y), 1e10),
                start,
                method="SLSQP",
                constraints=bounds,
                options={"ftol": 1e-14, "maxiter": 500},
            )
        if np.min([b["fun"](other.x) for b in bounds]) >= 0.0:
            assert found <= other.fun + 1e-8


@pytest.mark.parametrize("seed", range(20))
def test_the_score_is_a_sum_of_pulls_towards_the_edges_that_rows_stand_on(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 3))
    y = counts(rng, X, 2.0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*on the edge", UserWarning)
        model = GLM("poisson", "identity").fit(X, y)
    ones = np.c_[np.ones(40), X]
    mu = ones @ model.parameters_
    score = ones.T @ np.where(y > 0.0, 1.0 - y / mu, 1.0)
    edge = mu < 1e-9
    assert (mu > 0.0).all()
    pulls, left = nnls(ones[edge].T, score) if edge.any() else (None, np.linalg.norm(score))
    assert left < 1e-6 * np.abs(ones).sum()
    assert pulls is None or (pulls >= 0.0).all()


def test_the_warning_names_the_rows_and_errors_are_conditional_on_them():
    line = np.array([[0.0], [1.0], [2.0], [3.0]])
    with pytest.warns(
        UserWarning, match=r"on the edge of .* the means of these rows stand: 0\. Standard errors take it"
    ):
        model = GLM("poisson", "identity").fit(line, [0.0, 0.0, 1.0, 9.0])
    np.testing.assert_allclose(model.parameters_, [0.0, 10.0 / 6.0], atol=1e-11)
    assert model.converged_
    # The model of the slope alone, of the other rows.
    slope = np.sqrt(1.0 / np.sum(line[1:, 0] ** 2 / (line[1:, 0] * 10.0 / 6.0)))
    np.testing.assert_allclose(model.standard_errors(), [0.0, slope], rtol=1e-9, atol=1e-6)
    with pytest.warns(UserWarning, match=r"these rows stand: 2\."):
        model = GLM("binomial", "log").fit([[-1.0], [0.0], [1.0]], [[0, 10], [4, 6], [10, 0]])
    assert model.coef_[0] == pytest.approx(-model.intercept_, rel=1e-11)
    assert -model.loglik_ == pytest.approx(
        value("binomial log", model.parameters_, np.array([[-1.0], [0.0], [1.0]]), np.array([[0, 10], [4, 6], [10, 0]]))
    )


def test_rows_of_weight_0_are_counted_in_the_positions_of_rows_on_an_edge():
    with pytest.warns(UserWarning, match=r"these rows stand: 2\."):
        GLM("poisson", "identity").fit(
            [[5.0], [7.0], [0.0], [1.0], [2.0], [3.0]], [1, 2, 0, 0, 1, 9], sample_weight=[0, 0, 1, 1, 1, 1]
        )


def test_all_counts_0_have_their_means_on_the_edge():
    with pytest.warns(UserWarning, match="on the edge"):
        model = GLM("poisson", "identity").fit([[0.0], [1.0], [2.0]], [0, 0, 0])
    assert model.predict([[0.0], [1.0], [2.0]]) == pytest.approx(np.zeros(3), abs=1e-10)
    assert model.converged_


def test_where_all_succeed_the_means_are_1_under_the_log_link():
    X = np.array([[0.3], [-1.2], [2.0], [0.7]])
    for y in (np.ones(4), np.c_[[3, 1, 8, 2], np.zeros(4)]):
        with pytest.warns(UserWarning, match="these rows stand: 0, 1, 2, 3"):
            model = GLM("binomial", "log").fit(X, y)
        assert model.converged_
        np.testing.assert_allclose(model.predict(X), 1.0, atol=1e-11)
        assert model.loglik_ == pytest.approx(0.0, abs=1e-9)


def test_means_that_keep_inside_are_reached_without_a_warning():
    rng = np.random.default_rng(0)
    X = rng.uniform(0.0, 1.0, (200, 1))
    y = rng.poisson(1.0 + 3.0 * X[:, 0])
    model = GLM("poisson", "identity").fit(X, y)
    assert (y == 0).any()
    assert model.converged_


def test_the_predictors_of_the_rows_on_an_edge_are_still_inside():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2)) + 100.0
    y = counts(rng, X - 100.0, 2.0)
    with pytest.warns(UserWarning, match="on the edge"):
        model = GLM("poisson", "identity").fit(X, y)
    assert (model.predict(X) > 0.0).all()
    with pytest.warns(RuntimeWarning, match=r"in 1 rows, the first is row 0: there is no mean"):
        assert np.isnan(model.predict(X[:1] - 100.0 * np.sign(model.coef_))).all()


@pytest.mark.parametrize("link", [link for link in ALL_LINKS if link.range[1] > 1.0], ids=repr)
def test_binary_fits_with_a_link_that_reaches_too_far_are_not_stuck(link):
    X, y = simulated(families.Bernoulli, links.identity, 120, effect=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.filterwarnings("ignore", ".*on the edge", UserWarning)
        assert GLM("bernoulli", link).fit(X, y).converged_


def test_a_start_inside_the_support_is_found_by_a_linear_program():
    X = np.array([[1.8, 13.2], [0.4, -12.1], [0.0, 6.6]])  # no constant predictor, nor one next to it, is positive
    model = GLM("gamma", "inverse", fit_intercept=False).fit(X, [1.0, 2.0, 0.5])
    assert model.converged_
    best = minimize(
        lambda t: np.sum(np.array([1.0, 2.0, 0.5]) * (X @ t) - np.log(np.maximum(X @ t, 1e-300))), [1.2, 0.02], method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-14},
    )  # fmt: skip
    np.testing.assert_allclose(model.coef_, best.x, rtol=1e-5)


@pytest.mark.parametrize(
    ("family", "link", "X", "y"),
    [
        ("poisson", "identity", [[-0.3], [-0.3]], [0, 0]),
        ("poisson", "identity", [[1.3]], [0]),
        ("poisson", "sqrt", [[0.7]], [0]),
        ("bernoulli", "log", [[1.4]], [1]),
    ],
)
def test_where_no_row_is_left_beside_an_edge_there_are_no_standard_errors(family, link, X, y):
    with pytest.warns(UserWarning, match="on the edge of what the means"):
        model = GLM(family, link).fit(X, y)
    assert np.isnan(model.standard_errors()).all()
    np.testing.assert_allclose(model.predict_mean(X), y, atol=1e-6)
