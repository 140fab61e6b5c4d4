"""The number beside each label: what a fit prints, predicts and sums, beside statsmodels, mpmath and plain NumPy."""

import re
import warnings
from html import unescape

import numpy as np
import pytest
import statsmodels.api as sm
from mpmath import mp, mpf
from objectives import objective
from scipy import stats
from scipy.integrate import quad

from nn import GLM, ConvergenceWarning, families, links

RNG = np.random.default_rng(23)
X = RNG.normal([0.0, 2.0], size=(70, 2))
ONES = sm.add_constant(X)
ETA = 0.4 * X[:, 0] - 0.3 * X[:, 1] + 0.9
COUNTS = RNG.poisson(np.exp(ETA)).astype(float)
BINARY = (RNG.random(70) < 1.0 / (1.0 + np.exp(-ETA))).astype(int)
LABELS = np.array(["a", "b", "c"])[RNG.integers(0, 3, 70)]
SHIFT = RNG.normal(size=70)
WEIGHTS = RNG.integers(1, 4, 70)

# Summaries

SUMMARIES = {
    "gaussian": (sm.families.Gaussian(), "identity", COUNTS, "expected", "t"),
    "poisson": (sm.families.Poisson(), "log", COUNTS, "expected", "z"),
    "bernoulli": (sm.families.Binomial(), "logit", BINARY, "robust", "z"),
}


def digits(number, places=6):
    return float(f"{number:.{places}g}")


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize("family", SUMMARIES)
def test_each_cell_of_a_summary_is_the_number_that_its_head_says(family, level):
    own, link, y, kind, ratio = SUMMARIES[family]
    model = GLM(family).fit(X, y)
    cov = {"cov_type": "HC0"} if kind == "robust" else {}
    reference = sm.GLM(y, ONES, family=own).fit(tol=1e-14, tol_criterion="params", use_t=ratio == "t", **cov)
    summary = model.summary(kind, level)
    assert summary.head[0:4] == ["", "estimate", "std. error", ratio]
    assert summary.head[4:] == ["p", f"{50 - 50 * level:g} %", f"{50 + 50 * level:g} %"]
    assert [row[0] for row in summary.rows] == ["intercept", "x0", "x1"]
    low, high = reference.conf_int(1.0 - level).T
    columns = (reference.params, reference.bse, reference.tvalues, reference.pvalues, low, high)
    for row, numbers in zip(summary.rows, zip(*columns, strict=True), strict=True):
        assert [float(cell) for cell in row[1:]] == pytest.approx(numbers, rel=6e-3, abs=6e-4)
        assert [float(row[k]) for k in (1, 2, 5, 6)] == pytest.approx([numbers[k] for k in (0, 1, 4, 5)], rel=1e-5)
    parameters = 3 + (family == "gaussian")
    facts = dict(summary.facts)
    assert (facts["family"], facts["link"]) == (family, link)
    expected = {
        "rows": 70,
        "degrees of freedom": reference.df_resid,
        "deviance": reference.deviance,
        "null deviance": reference.null_deviance,
        "dispersion": reference.scale,
        "AIC": 2 * parameters - 2 * model.loglik_,
        "BIC": np.log(70) * parameters - 2 * model.loglik_,
        "log-likelihood": sm.OLS(y, ONES).fit().llf if family == "gaussian" else reference.llf,
        "iterations": model.n_iter_,
    }
    assert {name: float(facts[name]) for name in expected} == pytest.approx(expected, rel=1e-5)
    assert len(facts) == len(expected) + 2


def test_a_summary_shows_the_same_cells_as_text_and_as_html():
    summary = GLM("poisson").fit(X, COUNTS).summary()
    lines = str(summary).split("\n")
    for name, value in summary.facts:
        assert sum(bool(re.search(rf"(^|    ){name} +{re.escape(value)}($|    )", line)) for line in lines) == 1
    for row in summary.rows:
        assert any(line.split() == row for line in lines)
    html = summary._repr_html_()
    cells = [unescape(cell) for cell in re.findall(r"<t[dh](?: [^>]*)?>(.*?)</t[dh]>", html)]
    assert cells == [x for fact in summary.facts for x in fact] + summary.head + [
        x for row in summary.rows for x in row
    ]
    assert lines[-1] == summary.note == "standard errors: expected information (Fisher's)"
    with pytest.raises(AttributeError):
        summary.note = "another"


def test_a_summary_counts_weights_as_rows_and_names_each_penalty():
    summary = GLM("poisson", alpha=4.0, l1_ratio=0.75).fit(X, COUNTS, sample_weight=WEIGHTS).summary()
    assert dict(summary.facts)["rows"] == f"{WEIGHTS.sum()}"
    assert summary.note.startswith("penalties: ridge 1, l1 3; no standard errors")
    assert summary.head == ["", "estimate"]


# What counts as a parameter


def test_criteria_count_coefficients_that_are_not_0_and_of_classes_all_but_one():
    model = GLM("gaussian", alpha=30.0, l1_ratio=1.0).fit(np.c_[X, RNG.normal(size=(70, 3))], COUNTS)
    left = int((model.coef_ != 0.0).sum())
    assert left < 5
    assert model.aic_ == pytest.approx(2 * (left + 2) - 2 * model.loglik_)
    several = GLM("categorical").fit(X, LABELS)
    reference = sm.MNLogit(np.searchsorted(several.classes_, LABELS), ONES).fit(disp=False, method="newton")
    assert several.aic_ == pytest.approx(reference.aic, rel=1e-9)
    assert several.bic_ == pytest.approx(reference.bic, rel=1e-9)


def test_counts_of_a_weight_are_counts_that_often():
    counts = np.c_[RNG.binomial(6, 0.4, 70), RNG.integers(1, 5, 70)]
    once = GLM("binomial").fit(X, counts, sample_weight=WEIGHTS)
    often = GLM("binomial").fit(np.repeat(X, WEIGHTS, axis=0), np.repeat(counts, WEIGHTS, axis=0))
    for name in ("loglik_", "aic_", "bic_", "deviance_", "null_deviance_"):
        assert getattr(once, name) == pytest.approx(getattr(often, name), rel=1e-10)
    for kind in ("expected", "observed", "robust"):
        np.testing.assert_allclose(once.cov_params(kind), often.cov_params(kind), rtol=1e-8)
    held_out = np.repeat(X[::-1], WEIGHTS, axis=0), np.repeat(counts, WEIGHTS, axis=0)
    assert once.score(X[::-1], counts, WEIGHTS) == pytest.approx(often.score(*held_out), rel=1e-9)


def test_a_row_of_counts_is_one_observation_whatever_its_trials():
    counts = np.c_[RNG.binomial(6, 0.4, 70), RNG.integers(1, 5, 70)]
    for weights, rows in ((None, 70), (WEIGHTS, WEIGHTS.sum())):
        model = GLM("binomial").fit(X, counts, sample_weight=weights)
        assert model.bic_ == pytest.approx(3 * np.log(rows) - 2 * model.loglik_, rel=1e-12)
        facts = dict(model.summary().facts)
        assert (facts["rows"], facts["degrees of freedom"]) == (f"{rows}", f"{rows - 3}")


@pytest.mark.parametrize(("family", "student"), [("gaussian", True), ("laplace", False), ("poisson", False)])
def test_intervals_are_students_where_a_variance_is_estimated_and_normal_elsewhere(family, student):
    model = GLM(family).fit(X[:12], COUNTS[:12])
    half = (stats.t(9) if student else stats.norm).ppf(0.95) * model.standard_errors()
    found = model.conf_int(0.9)
    np.testing.assert_allclose(found, np.c_[model.parameters_ - half, model.parameters_ + half], rtol=1e-10)
    assert model.summary().head[3] == ("t" if student else "z")


def test_medians_have_the_errors_of_rows_that_stand_there_as_often_as_they_weigh():
    y = X[:, 0] + RNG.laplace(size=70)
    weighted = GLM("laplace").fit(X, y, sample_weight=WEIGHTS)
    repeated = GLM("laplace").fit(np.repeat(X, WEIGHTS, axis=0), np.repeat(y, WEIGHTS))
    np.testing.assert_allclose(weighted.parameters_, repeated.parameters_, rtol=1e-9)
    np.testing.assert_allclose(weighted.standard_errors(), repeated.standard_errors(), rtol=1e-8)


@pytest.mark.parametrize("settings", [{}, {"solver": "lbfgs"}, {"alpha": 2.0, "l1_ratio": 0.5}], ids=str)
def test_n_iter_is_the_number_of_iterations_that_a_fit_needs(settings):
    model = GLM("poisson", **settings).fit(X, COUNTS)
    if "solver" not in settings:  # L-BFGS has many of its own
        assert GLM("poisson", max_iter=model.n_iter_, **settings).fit(X, COUNTS).converged_
        with pytest.warns(ConvergenceWarning, match=f"did not converge in {model.n_iter_ - 1} iterations"):
            GLM("poisson", max_iter=model.n_iter_ - 1, **settings).fit(X, COUNTS)
    else:
        assert model.n_iter_ > GLM("poisson").fit(X, COUNTS).n_iter_


# Offsets and exposures, everywhere

GIVEN = {
    "offset": ({"offset": SHIFT}, SHIFT),
    "exposure": ({"exposure": np.exp(SHIFT)}, SHIFT),
    "both": ({"offset": SHIFT, "exposure": np.exp(0.5 * SHIFT)}, 1.5 * SHIFT),
}


@pytest.mark.parametrize("given", GIVEN)
def test_offsets_and_exposures_move_the_predictor_of_every_answer(given):
    more, shift = GIVEN[given]
    model = GLM("poisson", keep_rows=True).fit(X, COUNTS, **more)
    reference = sm.GLM(COUNTS, ONES, family=sm.families.Poisson(), offset=shift).fit(tol=1e-14, tol_criterion="params")
    np.testing.assert_allclose(model.parameters_, reference.params, rtol=1e-8)
    eta = ONES @ model.parameters_ + shift
    np.testing.assert_allclose(model.decision_function(X, **more), eta, rtol=1e-12)
    np.testing.assert_allclose(model.predict_mean(X, **more), np.exp(eta), rtol=1e-12)
    np.testing.assert_allclose(model.predict(X, **more), np.exp(eta), rtol=1e-12)
    assert model.null_deviance_ == pytest.approx(reference.null_deviance, rel=1e-9)
    assert model.score(X, COUNTS, **more) == pytest.approx(1 - reference.deviance / reference.null_deviance, rel=1e-9)
    for kind in ("expected", "robust"):
        half = stats.norm.ppf(0.95) * np.sqrt(np.einsum("ij,jk,ik->i", ONES, model.cov_params(kind), ONES))
        found = model.predict_interval(X, 0.9, kind=kind, **more)
        np.testing.assert_allclose(found, np.exp([eta - half, eta + half]).T, rtol=1e-8)
    far = model.predict_interval(
        X, of="observation", **{k: v + 9.0 if k == "offset" else v * 1e4 for k, v in more.items()}
    )
    assert (far[:, 0] > 100.0 * np.exp(eta)).all()
    loss = model.graph(4).data
    assert loss == pytest.approx(-stats.poisson.logpmf(COUNTS[4], np.exp(eta[4])), rel=1e-9)
    assert model.graph(X[4], COUNTS[4], offset=shift[4]).data == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(("family", "y"), [("bernoulli", BINARY), ("categorical", LABELS)])
def test_offsets_move_labels_and_probabilities(family, y):
    shift = np.outer(3.0 * SHIFT, [1.0, -1.0, 0.5]) if family == "categorical" else 3.0 * SHIFT
    model = GLM(family).fit(X, y, offset=0.1 * shift)
    plain = np.atleast_2d(model.coef_) @ X.T + np.reshape(model.intercept_, (-1, 1)) + shift.T
    etas = plain if family == "categorical" else np.array([0.0 * shift, plain[0]])
    shares = np.exp(etas - etas.max(axis=0))
    shares = (shares / shares.sum(axis=0)).T
    np.testing.assert_allclose(model.predict_proba(X, offset=shift), shares, rtol=1e-10)
    said = model.classes_[shares.argmax(axis=1)]
    np.testing.assert_array_equal(model.predict(X, offset=shift), said)
    assert model.score(X, y, offset=shift) == np.mean(said == y)
    assert model.score(X, y, WEIGHTS, offset=shift) == pytest.approx(np.average(said == y, weights=WEIGHTS))
    assert np.mean(said == y) != np.average(said == y, weights=WEIGHTS)
    assert (said != model.predict(X)).any()


def test_a_new_observation_s_interval_averages_over_what_is_not_known_of_its_predictor():
    rows, y = X[:12], COUNTS[:12]
    model = GLM("poisson").fit(rows, y)
    found = model.predict_interval([[0.5, -2.0]], of="observation", level=0.9)[0]
    one = np.array([1.0, 0.5, -2.0])
    eta, width = one @ model.parameters_, np.sqrt(one @ model.cov_params() @ one)

    def below(count):  # by quadrature over the normal distribution of the predictor
        return quad(lambda z: stats.norm.pdf(z) * stats.poisson.cdf(count, np.exp(eta + width * z)), -8, 8, limit=200)[
            0
        ]

    assert width > 0.5
    for end, level in zip(found, (0.05, 0.95), strict=True):
        assert below(end) >= level - 1e-6
        assert below(end - 1.0) < level + 1e-6


# Labels keep their kind


@pytest.mark.parametrize("kind", ["int64", "int8", "uint8", "float32", "float64"])
@pytest.mark.parametrize("pair", [(0, 1), (1, 2)])
def test_labels_come_back_as_the_numbers_that_they_were(kind, pair):
    y = np.array(pair, dtype=kind)[BINARY]
    model = GLM("bernoulli").fit(X, y)
    assert model.classes_.dtype == model.predict(X).dtype == np.dtype(kind)
    assert model.classes_.tolist() == list(pair)
    assert model.predict(X).tolist() == [pair[int(p > 0.5)] for p in model.predict_proba(X)[:, 1]]


def test_labels_that_are_objects_come_back_as_what_they_were():
    truth = GLM("bernoulli").fit(X, np.array([False, True], dtype=object)[BINARY])
    assert truth.classes_.tolist() == [False, True]
    assert [type(label) for label in truth.classes_.tolist()] == [bool, bool]
    numbers = GLM("bernoulli").fit(X, np.array([3, 7], dtype=object)[BINARY])
    assert numbers.classes_.tolist() == [3, 7]
    assert set(numbers.predict(X).tolist()) <= {3, 7}


def test_the_likelier_label_is_the_one_of_more_than_one_half():
    line = np.linspace(-4.0, 4.0, 401)[:, None]
    model = GLM("bernoulli").fit(X[:, :1], BINARY)
    chance = model.predict_proba(line)[:, 1]
    assert ((chance > 0.35) & (chance < 0.65)).sum() > 10
    np.testing.assert_array_equal(model.predict(line), (chance > 0.5).astype(int))


# Likelihoods between their limits


@pytest.mark.parametrize("x", [0.3, 2.0, 7.5, 9.99, 10.0, 10.5, 12.0, 15.0, 21.0, 34.0, 60.0, 150.0, 1e3, 1e6])
def test_what_stirlings_formula_leaves_keeps_its_digits_between_small_and_large(x):
    with mp.workdps(50):
        at = mpf(x)
        exact = mp.loggamma(at) - (at - 0.5) * mp.log(at) + at - mp.log(2 * mp.pi) / 2
        assert abs(families._stirling(x) - exact) <= (4e-17 + 4e-16 * exact if x >= 10.0 else 1e-14)


@pytest.mark.parametrize("phi", [5.0, 0.9, 0.2, 0.12, 0.09, 0.05, 0.02, 0.009, 1e-3, 1e-5, 1e-8])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_gamma_likelihoods_keep_their_digits_in_the_middle_of_the_dispersion(phi, side):
    y, mu = 1.75, 1.75 * (1.0 + 0.5 * side * min(phi, 1.0) ** 0.5)
    with mp.workdps(60):
        k = 1 / mpf(phi)
        exact = -(k * mp.log(k / mpf(mu)) + (k - 1) * mp.log(y) - k * y / mpf(mu) - mp.loggamma(k))
        assert abs(families.Gamma.nll(y, links.identity.mean(mu), phi) - exact) <= 3e-14 + 1e-15 / phi**0.5


@pytest.mark.parametrize("alpha", [3.0, 0.3, 0.11, 0.09, 0.02, 1e-3, 1e-5, 1e-7])
def test_negative_binomial_likelihoods_keep_their_digits_in_the_middle_of_alpha(alpha):
    family = families.NegativeBinomial(alpha)
    for y in (0.0, 1.0, 9.0, 40.0):
        with mp.workdps(60):
            size = 1 / mpf(alpha)
            ways = mp.loggamma(y + size) - mp.loggamma(size) - mp.loggamma(y + 1)
            exact = -(ways + size * mp.log(size / (size + 3)) + (y * mp.log(3 / (size + 3)) if y else 0))
            assert abs(family.nll(y, links.identity.mean(3.0), 1.0) - exact) <= 1e-13 * (1 + abs(exact))


@pytest.mark.parametrize("p", [1.1, 1.5, 1.9, 2.5, 3.0, 4.0])
def test_tweedie_deviances_keep_their_digits_where_one_form_hands_over_to_the_other(p):
    mu = 1.3
    for share in (0.01, 0.3, 0.45, 0.499, 0.501, 0.55, 0.7, 0.85, 0.95, 2.0):
        for y in (mu * (1.0 + share), mu * (1.0 - share)):
            if y > 0.0:
                with mp.workdps(60):
                    a, b, q = mpf(y), mpf(mu), mpf(p)
                    exact = a ** (2 - q) / ((1 - q) * (2 - q)) - a * b ** (1 - q) / (1 - q) + b ** (2 - q) / (2 - q)
                    found = families.Tweedie(p).unit_deviance(y, links.identity.mean(mu))
                    assert abs(found - 2 * exact) <= 5e-14 * 2 * exact


@pytest.mark.parametrize("name", ["cloglog", "loglog"])
def test_the_logarithms_of_asymmetric_links_keep_their_digits_from_end_to_end(name):
    sign = 1.0 if name == "cloglog" else -1.0
    for eta in np.linspace(-45.0, 6.5, 207):
        mu = links.LINKS[name].mean(sign * eta)
        rise, plain = (mu.log, mu.log1m) if name == "cloglog" else (mu.log1m, mu.log)
        with mp.workdps(400):
            u = mp.exp(mpf(eta))
            assert abs(rise - mp.log(-mp.expm1(-u))) <= 2e-15 * max(1, u) * abs(mp.log(-mp.expm1(-u))) + mpf(10) ** -300
            assert abs(plain + u) <= 2e-15 * u * max(1, abs(eta))


# Sums over rows, number by number

CASES = {
    "poisson": (families.Poisson, links.log, COUNTS, None),
    "probit": (families.Bernoulli, links.probit, BINARY.astype(float), None),
    "cauchit": (families.Bernoulli, links.cauchit, BINARY.astype(float), None),
    "counts": (families.Binomial, links.logit, RNG.integers(0, 5, 70) / 4.0, np.full(70, 4.0)),
    "classes": (families.Categorical, links.softmax, RNG.integers(0, 3, 70).astype(float), None),
}


def rows_of(case, ridge=0.7):
    family, link, y, trials = CASES[case]
    weights = WEIGHTS * (1.0 if trials is None else trials)
    count = 3 if case == "classes" else 1
    offset = np.outer(SHIFT, [0.2, -0.1, 0.3]) if case == "classes" else 0.2 * SHIFT
    return objective(X, y, family, link, count, weights=weights, offset=offset, trials=trials, ridge=ridge)


@pytest.mark.parametrize("case", CASES)
def test_the_compiled_program_has_every_sum_of_the_blocks_and_both_those_of_the_rows(case):
    rows = rows_of(case)
    curves, block = rows.curves, rows.everything()
    theta = np.random.default_rng(1).normal(size=rows.K * rows.p)
    kinds = ("observed", "expected", "robust", "deviance")
    one, other = (way(theta, kinds, block) for way in (rows.likelihood.by_program, rows.likelihood.by_products))
    for mine, theirs in zip(one[:3], other[:3], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11)
    etas, x = rows.likelihood.etas(theta, block), np.c_[np.ones(70), X - rows.design.shift]
    value, first, second, _ = curves.over_rows(etas, rows.likelihood.responses(block), None, None, kinds)
    w, trials = block.weights, 1.0 if block.trials is None else block.trials
    assert other.value == pytest.approx(np.sum(w * value), rel=1e-12)
    np.testing.assert_allclose(other.gradient, np.concatenate([x.T @ (w * f) for f in first]), rtol=1e-10)
    pearson = np.sum(w * first[0] ** 2 / second[curves.stand_in("expected")][0])
    deviance = np.sum(w * curves.deviance(etas, rows.likelihood.responses(block)))
    wanted = [np.sum(w * second["observed"][0]), np.sum(w * first[0] ** 2), pearson, deviance]
    np.testing.assert_allclose(other.squares, wanted, rtol=1e-11)
    assert curves.canonical == (case in ("poisson", "counts", "classes"))
    for kind in curves.single(kinds):  # observed and expected information may be one
        np.testing.assert_allclose(one.matrices[kind], other.matrices[kind], rtol=1e-10, atol=1e-11)
        blocks = np.empty((rows.K, rows.K, rows.p, rows.p))
        for (i, j), lower in zip(curves.pairs, second[kind], strict=True):
            weight = w * lower * (trials if kind == "robust" else 1.0)
            blocks[i, j] = blocks[j, i] = x.T @ (x * weight[:, None])
        whole = blocks.transpose(0, 2, 1, 3).reshape(theta.size, theta.size)
        np.testing.assert_allclose(other.matrices[kind], whole, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["observed", "expected"])
def test_the_triangle_of_the_rows_has_the_information_and_the_gradient_with_the_penalty(case, kind):
    rows = rows_of(case)
    theta = 0.3 * np.random.default_rng(2).normal(size=rows.K * rows.p)
    if case == "cauchit":
        theta *= 8.0
    totals = rows.totals(theta, (kind,))
    R, right, rest = rows.triangle(theta, kind)
    np.testing.assert_allclose(rest - R.T @ right, totals.gradient, rtol=1e-9, atol=1e-9)
    if case == "cauchit" and kind == "observed":  # some rows bend the other way
        assert rest.any()
    else:
        assert not rest.any()
        np.testing.assert_allclose(R.T @ R, totals.matrices[kind], rtol=1e-9, atol=1e-10)


def test_a_penalty_adds_what_is_said_to_value_gradient_and_information_and_nothing_of_intercepts():
    theta = np.array([5.0, 0.3, -0.4])
    plain, ridge = (rows_of("poisson", r).totals(theta, ("observed", "robust")) for r in (0.0, 3.0))
    assert ridge.value - plain.value == pytest.approx(1.5 * (0.09 + 0.16))
    np.testing.assert_allclose(ridge.gradient - plain.gradient, [0.0, 0.9, -1.2], atol=1e-10)
    np.testing.assert_allclose(ridge.matrices["observed"] - plain.matrices["observed"], np.diag([0, 3, 3]), atol=1e-9)
    np.testing.assert_array_equal(ridge.matrices["robust"], plain.matrices["robust"])


def test_an_elastic_net_is_the_sum_of_both_penalties():
    model = GLM("gaussian", alpha=12.0, l1_ratio=0.25).fit(X, COUNTS)
    slopes = -(X - X.mean(axis=0)).T @ (COUNTS - model.predict(X))  # of half the squares
    wanted = -12.0 * (0.25 * np.sign(model.coef_) + 0.75 * model.coef_)
    assert model.coef_.all()
    np.testing.assert_allclose(slopes, wanted, rtol=1e-7)


def test_a_mean_out_of_reach_is_counted_with_the_trials():
    counts = np.array([[9, 1], [0, 1], [0, 1], [9, 1]])  # a share of 0.82 of all, 0.45 of the rows' mean
    narrow = links.Link(lambda eta: 0.6 * links.sigmoid(eta), range=(0.0, 0.6))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GLM("binomial", narrow).fit([[0.0], [1.0], [2.0], [3.0]], counts)
    assert "the mean of y is 0.818182" in str(caught[0].message)
