"""GAM: its fits, degrees of freedom, criteria and bands are mgcv's, to the digits that mgcv's search leaves."""

import matplotlib
import numpy as np
import pytest
from gams import TERMS, fitted

import nn
from autograd import draw
from nn import GAM, GLM, families, links
from nn.regression.criteria import CRITERIA
from nn.regression.smoothing import Smoothed
from nn.smooths import f, l, s

matplotlib.use("Agg")
pandas = pytest.importorskip("pandas")
RUNS_AWAY = {
    ("iris", "reml"),
    ("iris", "gcv"),
    ("trees", "reml"),
    ("trees", "gcv"),
}  # where a lambda has no best value inside
OTHER_OPTIMUM = {("quakes", "gcv")}  # where ours is the better one


@pytest.mark.parametrize("name", TERMS)
def test_at_given_lambdas_the_fit_is_mgcvs(name):
    model, table, answer = fitted(name)
    assert model.predict_mean(table) == pytest.approx(answer["fitted"], rel=1e-10)
    assert [term.edf for term in model.terms_.values() if term.lam] == pytest.approx(answer["edf"], rel=1e-9)
    assert model.score_ == pytest.approx(answer["score"], rel=1e-10)
    assert model.dispersion_ == pytest.approx(answer["scale"], rel=1e-10)
    assert model.deviance_ == pytest.approx(answer["deviance"], rel=1e-10)
    low, high = model.predict_interval(table, level=0.5).T
    errors = model._fit.widths(model._rows(table, "")[0], "expected")
    assert errors == pytest.approx(answer["se"], rel=1e-9)
    assert (low < model.predict_mean(table)).all()
    assert (model.predict_mean(table) < high).all()


@pytest.mark.parametrize("how", ["reml", "gcv"])
@pytest.mark.parametrize("name", TERMS)
def test_the_chosen_lambdas_are_mgcvs(name, how):
    model, table, answer = fitted(name, how)
    if (name, how) in OTHER_OPTIMUM:
        assert model.score_ < answer["score"] - 1e-4
        return
    assert model.score_ == pytest.approx(answer["score"], rel=1e-6)
    assert [term.edf for term in model.terms_.values() if term.lam] == pytest.approx(answer["edf"], abs=1e-4)
    assert model.predict_mean(table) == pytest.approx(answer["fitted"], rel=2e-5)
    if (name, how) not in RUNS_AWAY:
        assert np.log([term.lam for term in model.terms_.values()]) == pytest.approx(
            np.log(answer["lambdas"]), abs=1e-4
        )


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("name", TERMS)
def test_the_derivatives_of_a_criterion_are_its_differences(name, criterion):
    model, table, _ = fitted(name)
    source = nn.regression.source.Arrays(model._rows(table, "")[0], table[TERMS[name][0]].to_numpy(dtype=float))
    objective = nn.regression.objective.Objective(source, model._fit.design, model._fit.curves)
    places = [term.columns for term in model.terms_.values()]
    smoothness = nn.regression.terms.smoothness_of(model._pieces, places, model._fit.design.p)
    logs = np.log([term.lam for term in model.terms_.values() if term.lam])
    theta = next(nn.regression.solvers.starts.starts(objective))
    kind = CRITERIA[criterion]
    slopes = kind(Smoothed(objective, smoothness, logs, theta)).slopes()
    for k, slope in enumerate(slopes):
        step = 1e-3 * np.eye(len(logs))[k]
        there, back = (kind(Smoothed(objective, smoothness, logs + sign * step, theta)).value for sign in (1.0, -1.0))
        assert (there - back) / 2e-3 == pytest.approx(slope, rel=1e-5)


RNG = np.random.default_rng(0)
N = 200
TABLE = pandas.DataFrame(
    {
        "age": RNG.uniform(20.0, 80.0, N),
        "dose": RNG.normal(size=N),
        "region": RNG.choice(["north", "south", "west"], N),
        "junk": ["?"] * N,
    }
)
ETA = np.sin(TABLE["age"] / 10.0) + 0.5 * TABLE["dose"] + 0.7 * (TABLE["region"] == "south")
COUNTS = RNG.poisson(np.exp(ETA))
TERMS_OF_ALL_KINDS = s("age") + l("dose") + f("region")
MODEL = GAM(TERMS_OF_ALL_KINDS, "poisson", keep_rows=True).fit(TABLE, COUNTS)


def test_without_smooth_terms_it_is_the_glm():
    model = GAM(l("dose") + f("region"), "poisson").fit(TABLE, COUNTS)
    X = np.c_[TABLE["dose"], TABLE["region"] == "south", TABLE["region"] == "west"].astype(float)
    line = GLM("poisson").fit(X, COUNTS)
    assert model.coef_ == pytest.approx(line.coef_, rel=1e-8)
    assert model.standard_errors() == pytest.approx(line.standard_errors(), rel=1e-8)
    assert (model.aic_, model.edf_) == (pytest.approx(line.aic_), pytest.approx(4.0))


def test_a_heavy_penalty_leaves_the_straight_line_that_the_order_lets_free():
    heavy = GAM(s("age", lam=1e12), "poisson").fit(TABLE, COUNTS)
    line = GAM(l("age"), "poisson").fit(TABLE, COUNTS)
    assert heavy.edf_ == pytest.approx(2.0, abs=1e-4)
    assert heavy.predict(TABLE) == pytest.approx(line.predict(TABLE), rel=1e-5)
    flat = GAM(s("age", order=1, lam=1e12), "poisson").fit(TABLE, COUNTS)
    assert flat.predict(TABLE) == pytest.approx(COUNTS.mean(), rel=1e-5)


def test_a_smooth_function_adds_up_to_none_and_shares_add_up_to_the_predictor():
    shares = MODEL.predict(TABLE, terms=True)
    assert shares.shape == (N, 3)
    assert shares[:, 0].sum() == pytest.approx(0.0, abs=1e-10)
    assert shares.sum(axis=1) + MODEL.intercept_ == pytest.approx(MODEL.decision_function(TABLE), rel=1e-12)


@pytest.mark.parametrize(
    "how",
    [{"sample_weight": np.repeat([1.0, 2.0], N // 2)}, {"offset": 0.3 * TABLE["dose"].to_numpy()}, {"exposure": 2.0}],
)
def test_weights_offsets_and_exposure_are_those_of_the_glm(how):
    model = GAM(s("age", lam=1e12) + l("dose"), "poisson").fit(TABLE, COUNTS, **how)
    line = GLM("poisson").fit(TABLE[["age", "dose"]], COUNTS, **how)
    rows = {} if "sample_weight" in how else how
    assert model.predict(TABLE, **rows) == pytest.approx(line.predict(TABLE[["age", "dose"]], **rows), rel=1e-5)
    assert model.score(TABLE, COUNTS, **how) == pytest.approx(
        line.score(TABLE[["age", "dose"]], COUNTS, **how), rel=1e-5
    )


@pytest.mark.parametrize("penalty", ["difference", "curvature"])
def test_beyond_the_knots_a_function_goes_on_as_a_straight_line(penalty):
    model = GAM(s("age", penalty=penalty), "poisson").fit(TABLE, COUNTS)
    effect = model.partial_effect("s(age)", resolution=400)
    assert (~effect.inside).any()
    for side in (effect.x <= effect.x[effect.inside][0], effect.x >= effect.x[effect.inside][-1]):
        x, y = effect.x[side], effect.effect[side]
        assert y == pytest.approx(y[0] + (y[-1] - y[0]) / (x[-1] - x[0]) * (x - x[0]), abs=1e-10)
    inner = np.diff(effect.effect[effect.inside]) / np.diff(effect.x[effect.inside])
    assert np.abs(np.diff(inner)).max() < 0.05  # no corner, also where it leaves the knots


@pytest.mark.parametrize(("feature", "row"), [("age", 0), ("dose", 3)])
def test_the_slope_of_the_answer_by_a_feature_is_its_difference(feature, row):
    one = TABLE.iloc[row : row + 1]
    found = MODEL.sensitivity(feature, at=one)
    assert found.at == one[feature].iloc[0]
    for k in (0, 20, 50, -1):
        there, back = (MODEL.predict(one.assign(**{feature: found.x[k] + h})) for h in (1e-5, -1e-5))
        assert found.slope[k] == pytest.approx((there - back)[0] / 2e-5, rel=1e-5)
        assert found.mean[k] == pytest.approx(MODEL.predict(one.assign(**{feature: found.x[k]}))[0], rel=1e-12)


def test_effects_and_sensitivities_are_drawn():
    for term in MODEL.terms_:
        assert MODEL.partial_effect(term).plot().get_ylabel() == term
    levels = MODEL.partial_effect("f(region)")
    assert levels.effect[0] == levels.low[0] == 0.0
    assert list(levels.x) == ["north", "south", "west"]
    for feature in ("age", "region"):
        assert MODEL.sensitivity(feature, at=TABLE.iloc[:1]).plot().get_xlabel() == feature
    assert np.isnan(MODEL.sensitivity("region", at=TABLE.iloc[:1]).slope).all()


def test_bands_are_wider_for_a_higher_level_and_cover_the_effect():
    narrow, wide = (MODEL.partial_effect("s(age)", level=level) for level in (0.5, 0.99))
    assert (wide.high - wide.low > narrow.high - narrow.low).all()
    true = np.sin(narrow.x / 10.0) - np.sin(TABLE["age"] / 10.0).mean()
    inside = wide.inside
    assert ((wide.low < true) & (true < wide.high))[inside].mean() > 0.9


def test_the_graph_of_a_row_has_its_terms_as_scopes_and_its_loss():
    losses = [MODEL.graph(row).data for row in range(N)]
    assert sum(losses) == pytest.approx(-MODEL.loglik_, rel=1e-10)
    source = draw(MODEL.graph(3), show=("names", "data", "scopes")).source
    assert "s(age)" in source
    assert "l(dose)" in source


def test_a_summary_has_the_straight_terms_and_says_of_the_smooth_ones_how_smooth_they_are():
    text = str(MODEL.summary())
    assert text.startswith("Generalized additive model")
    assert "l(dose)" in text
    assert "s(age).1" not in text
    assert f"s(age): lambda {MODEL.terms_['s(age)'].lam:.4g}, effective degrees of freedom" in text


def test_its_diagram_has_its_terms_their_shares_and_the_numbers_of_a_row():
    plain = draw(MODEL)
    assert plain.summary == "5 columns, 11 units, 10 lines"
    assert "η = b + Σ f(x)" in plain.source
    one = TABLE.iloc[3:4]
    source = draw(MODEL, one, COUNTS[3]).source
    shares = MODEL.predict(one, terms=True)[0]
    for name, share in zip(MODEL.terms_, shares, strict=True):
        assert f"{name}<br/>{share:.4g}" in source
    assert f"age<br/>{one['age'].iloc[0]:.4g}" in source
    assert f"region<br/>{one['region'].iloc[0]}" in source
    assert f"{MODEL.predict_mean(one)[0]:.4g}" in source
    assert f"δ {MODEL.predict_mean(one)[0] - COUNTS[3]:.4g}" in source
    assert f"{MODEL.graph(3).data:.4g}" in source
    kept = draw(MODEL, 3).source  # of which the features are not known
    assert all(f"{share:.4g}" in kept for share in shares)
    assert "offset" in draw(GAM(s("age"), "poisson", keep_rows=True).fit(TABLE, COUNTS, offset=1.0), 0).source
    assert "b +" not in draw(GAM(l("dose"), fit_intercept=False).fit(TABLE, ETA)).source
    y = np.where(ETA > 0.5, "yes", "no")
    assert "y<br/>yes" in draw(GAM(l("age"), "bernoulli").fit(TABLE, y), one, "yes").source
    assert (
        "y<br/>2 of 5"
        in draw(GAM(l(0), "binomial").fit(TABLE[["age"]], np.c_[COUNTS, COUNTS + 1]), [30.0], [2, 3]).source
    )


def test_an_array_has_positions_and_one_term_needs_no_list():
    X = np.c_[TABLE["age"], TABLE["dose"]]
    by_position = GAM(s(0) + l(1), "poisson").fit(X, COUNTS)
    by_name = GAM(s("age") + l("dose"), "poisson").fit(TABLE, COUNTS)
    assert by_position.coef_ == pytest.approx(by_name.coef_, rel=1e-10)
    assert by_position.n_features_in_ == 2
    assert GAM(s(0), "poisson").fit(TABLE["age"].to_numpy(), COUNTS).edf_ > 2.0


def test_a_model_without_an_intercept_and_one_lambda_for_all():
    model = GAM(l("dose"), fit_intercept=False).fit(TABLE, ETA)
    assert model.intercept_ == 0.0
    one = GAM(s("age") + s("dose", lam=2.0), lam=7.0).fit(TABLE, ETA)
    assert [term.lam for term in one.terms_.values()] == pytest.approx([7.0, 2.0])


def test_labels_have_probabilities():
    y = np.where(RNG.random(N) < 1.0 / (1.0 + np.exp(-ETA)), "yes", "no")
    model = GAM(s("age") + l("dose"), "bernoulli").fit(TABLE, y)
    assert model.predict_proba(TABLE).sum(axis=1) == pytest.approx(1.0)
    assert set(model.predict(TABLE)) <= {"yes", "no"}


def test_terms_print_as_they_are_written():
    assert repr(TERMS_OF_ALL_KINDS) == repr(s("age") + (l("dose") + f("region"))) == "s(age) + l(dose) + f(region)"
    with pytest.raises(TypeError):
        s("age") + 3


FEW = TABLE.assign(age=np.round(TABLE["age"] / 20.0))
WRONG = [
    (lambda: GAM().fit(TABLE, COUNTS), ValueError, "at least one term, and each of them once, got none"),
    (lambda: GAM([s("age"), s("age")]).fit(TABLE, COUNTS), ValueError, "got s\\(age\\), s\\(age\\)"),
    (lambda: GAM(["age"]).fit(TABLE, COUNTS), TypeError, "expects terms such as"),
    (lambda: GAM(s("age") + l("age")).fit(TABLE, COUNTS), ValueError, "cannot tell s\\(age\\) and l\\(age\\) apart"),
    (
        lambda: GAM(s("age") + s("copy")).fit(TABLE.assign(copy=2.0 * TABLE["age"]), COUNTS),
        ValueError,
        "s\\(age\\) and s\\(copy\\)",
    ),
    (lambda: GAM(s("age")).fit(FEW, COUNTS), ValueError, "at least n_basis=10 distinct numbers for s\\(age\\), got"),
    (lambda: GAM(l("one")).fit(TABLE.assign(one=1.0), COUNTS), ValueError, "cannot tell l\\(one\\) from the intercept"),
    (
        lambda: GAM(f("junk")).fit(TABLE.assign(junk=[None, "a"] * 100), COUNTS),
        ValueError,
        "a label in every row as f\\(junk\\), got",
    ),
    (lambda: GAM(s("age")).fit(TABLE, 1e155 * ETA), ValueError, "extremely large"),
    (lambda: GAM(s("age")).fit(TABLE, 1e-120 * ETA), ValueError, "extremely small or large"),
    (lambda: GAM(f("junk")).fit(TABLE, COUNTS), ValueError, "at least two levels in f\\(junk\\)"),
    (lambda: GAM(s("agee")).fit(TABLE, COUNTS), ValueError, "did you mean 'age'"),
    (lambda: GAM(s(7)).fit(TABLE, COUNTS), ValueError, "a position from 0 to 3"),
    (
        lambda: GAM(s("age")).fit(TABLE[["age"]].to_numpy(), COUNTS),
        ValueError,
        "a table with names of columns for s\\(age\\), got ndarray",
    ),
    (lambda: GAM(s("region")).fit(TABLE, COUNTS), TypeError, "expects numbers as s\\(region\\)"),
    (lambda: GAM(s(0)).fit(np.zeros((2, 2, 2)), COUNTS), ValueError, "rows and columns"),
    (lambda: GAM(s(0)).fit(np.zeros((0, 2)), []), ValueError, "at least one row"),
    (lambda: GAM(s("age"), lam="aic").fit(TABLE, COUNTS), ValueError, "unknown lam"),
    (lambda: GAM(s("age"), lam=-1.0).fit(TABLE, COUNTS), ValueError, "lam to be 'reml', 'gcv' or a number from 0 up"),
    (lambda: GAM(s("age"), fit_intercept=1).fit(TABLE, COUNTS), ValueError, "fit_intercept to be True or False"),
    (lambda: GAM(s("age"), "categorical", "log").fit(TABLE, COUNTS), ValueError, "the link softmax"),
    (lambda: GAM(s("age"), families.Tweedie(1.5)).fit(TABLE, COUNTS), ValueError, "lam='gcv' or a number"),
    (lambda: GAM(s("age"), "laplace").fit(TABLE, COUNTS), ValueError, "a likelihood without a kink"),
    (lambda: GAM(s("age", knots=np.arange(14.0))).fit(TABLE, COUNTS), ValueError, "within its inner knots, 3 to 10"),
    (lambda: s("age", n_basis=3), ValueError, "n_basis above degree and order"),
    (lambda: s("age", penalty="ridge"), ValueError, "unknown penalty"),
    (lambda: s("age", penalty="curvature", order=3, degree=2), ValueError, "an order of at most the degree 2"),
    (lambda: s("age", lam=-1.0), ValueError, "lam to be a number from 0 up"),
    (lambda: s("age", knots=[1.0, 2.0]), ValueError, "14 ascending knots, got 2"),
    (lambda: s(1.5), TypeError, "the name of a column or its position"),
    (
        lambda: MODEL.predict(TABLE.assign(region="east")),
        ValueError,
        "levels of f\\(region\\) among north, south, west, got 'east' in row 0",
    ),
    (lambda: MODEL.partial_effect("s(dose)"), ValueError, "unknown term"),
    (lambda: MODEL.partial_effect("s(age)", level=2.0), ValueError, "level"),
    (
        lambda: MODEL.sensitivity("junk", at=TABLE.iloc[:1]),
        ValueError,
        "the column of a term, age, dose, region, got 'junk'",
    ),
    (lambda: MODEL.sensitivity("age", at=TABLE.iloc[:2]), ValueError, "expects one row, got 2"),
    (lambda: draw(MODEL, TABLE.iloc[:2]), ValueError, "expects one row, got 2"),
    (lambda: draw(MODEL, None, 1), ValueError, "expects x beside y"),
    (lambda: draw(MODEL, loss="hinge"), ValueError, "takes no loss for a GAM"),
    (lambda: draw(MODEL, TABLE.iloc[:1], -1), ValueError, "expects y in"),
    (lambda: MODEL.graph(TABLE.iloc[:1]), TypeError, "expects the observation y beside a row"),
    (lambda: GAM(t for t in [s("age")]).fit(TABLE, COUNTS), TypeError, "got generator, which is used up by one fit"),
    (
        lambda: GAM(f("mixed")).fit(TABLE.assign(mixed=[1, "a"] * 100), COUNTS),
        TypeError,
        "levels of one kind in f\\(mixed\\), got int, str",
    ),
    (lambda: s("age", knots=[np.inf] * 14), ValueError, "14 ascending knots"),
    (
        lambda: GAM(s("age")).fit(TABLE, ETA, sample_weight=np.full(N, 1e-3)),
        ValueError,
        "has no REML: the weights of the rows add up to 0.2",
    ),
    (lambda: MODEL.graph(N), IndexError, "a row from 0 to 199"),
    (
        lambda: GAM(l(0)).fit(np.c_[COUNTS, COUNTS], COUNTS).predict([[1.0]]),
        ValueError,
        "X with 2 columns, as in the fit, got 1",
    ),
    (lambda: GAM(s("age")).predict(TABLE), nn.NotFittedError, "this GAM is not fitted yet"),
]


@pytest.mark.filterwarnings("ignore:GAM")
@pytest.mark.parametrize(("call", "error", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_is_wrong_is_refused_by_name(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("terms", "lam", "weight"),
    [(f(0), "reml", 1.0), (s(0, lam=1.0), "reml", 1e-3), (s(0), 2.0, 1e-3)],
    ids=["levels", "own", "given"],
)
def test_where_no_rows_are_left_for_a_dispersion_the_fit_stands_and_its_criterion_has_no_value(terms, lam, weight):
    with pytest.warns(UserWarning, match="there is no dispersion|the dispersion is 0"):
        model = GAM(terms, lam=lam).fit(np.arange(20.0)[:, None], ETA[:20], sample_weight=np.full(20, weight))
    assert np.isfinite(model.predict(np.arange(20.0)[:, None])).all()
    assert np.isnan(model.score_)


def test_a_failed_fit_leaves_the_model_as_it_was():
    model = GAM(s("age"), "poisson").fit(TABLE, COUNTS)
    before = model.predict(TABLE)
    with pytest.raises(ValueError, match="did you mean"):
        model.set_params(terms=s("agee")).fit(TABLE, COUNTS)
    assert (model.predict(TABLE) == before).all()


@pytest.mark.parametrize("lam", ["reml", "gcv", 1.0])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("family", ["bernoulli", "poisson"])
def test_separated_rows_are_refused_by_name(family, seed, lam):
    rng = np.random.default_rng(seed)
    rows = pandas.DataFrame({"x": rng.uniform(size=80), "g": rng.choice(list("abc"), 80)})
    y = np.where(rows["g"] == "b", 0, rng.random(80) < 0.5).astype(int)
    with pytest.raises(ValueError, match=r"grows with the coefficient of f\(g\).b towards infinity"):
        GAM(s("x") + f("g"), family, lam=lam).fit(rows, y)


@pytest.mark.parametrize("lam", ["reml", "gcv"])
@pytest.mark.parametrize("unit", [1e-30, 1e-4, 1e7, 1e8, 1e30])
@pytest.mark.parametrize("family", ["gaussian", "gamma"])
def test_the_unit_of_y_does_not_matter(family, unit, lam):
    y = np.exp(0.3 * ETA) * RNG.gamma(20.0, size=N) / 20.0
    plain, scaled = (GAM(s("age") + l("dose"), family, "log", lam=lam).fit(TABLE, c * y) for c in (1.0, unit))
    assert scaled.edf_ == pytest.approx(plain.edf_, abs=2e-3)
    assert scaled.predict(TABLE) == pytest.approx(unit * plain.predict(TABLE), rel=2e-4)


def test_numbers_that_stand_far_out_leave_splines_without_rows_and_the_penalty_holds_them():
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = rng.lognormal(0.0, 2.0, 300)
        model = GAM(s(0, n_basis=20)).fit(x[:, None], np.log(x) + 0.3 * rng.normal(size=300))
        assert np.isfinite(model.predict(x[:, None])).all()
    x = np.r_[np.linspace(0.0, 1.0, 60), 10.0]
    assert np.isfinite(GAM(s(0), "poisson").fit(x[:, None], np.round(np.exp(np.sin(6.0 * x)))).edf_)


WEIGHTS = np.array([1, 1, 3, 1, 1, 2, 1, 1])


@pytest.mark.parametrize("lam", [0.5, "reml", "gcv"])
def test_a_weight_of_two_is_two_rows_and_one_of_none_is_none(lam):
    x, y = np.arange(8.0), np.array([0.0, 1.0, 3.0, 2.0, 5.0, 4.0, 6.0, 9.0])
    weighted = GAM(s(0, 5), lam=lam).fit(x[:, None], y, sample_weight=WEIGHTS)
    repeated = GAM(s(0, 5), lam=lam).fit(np.repeat(x, WEIGHTS)[:, None], np.repeat(y, WEIGHTS))
    for name in ("intercept_", "score_", "edf_", "aic_", "dispersion_"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-5), name
    assert weighted.predict(x[:, None], terms=True) == pytest.approx(repeated.predict(x[:, None], terms=True), rel=1e-4)
    assert weighted.standard_errors() == pytest.approx(repeated.standard_errors(), rel=1e-4, abs=1e-3)
    some = (np.arange(N) < 150) * 1.0
    part, subset = (
        GAM(TERMS_OF_ALL_KINDS, "poisson").fit(TABLE, COUNTS, sample_weight=some),
        GAM(TERMS_OF_ALL_KINDS, "poisson").fit(TABLE[:150], COUNTS[:150]),
    )
    assert part.predict(TABLE[:150]) == pytest.approx(subset.predict(TABLE[:150]), rel=1e-6)
    assert part.edf_ == pytest.approx(subset.edf_, rel=1e-6)


def test_counts_of_successes_are_their_long_form_but_for_the_ways_to_order_them():
    trials = RNG.integers(1, 5, N)
    wins = RNG.binomial(trials, 0.3 + 0.3 * np.sin(TABLE["age"] / 10.0) ** 2)
    rows = np.repeat(np.arange(N), trials)
    answers = np.concatenate([np.r_[np.ones(k), np.zeros(m - k)] for k, m in zip(wins, trials, strict=True)])
    short = GAM(s("age"), "binomial").fit(TABLE, np.c_[wins, trials - wins])
    long = GAM(s("age"), "bernoulli").fit(TABLE.iloc[rows].reset_index(drop=True), answers)
    assert short.predict_mean(TABLE) == pytest.approx(long.predict_mean(TABLE), rel=1e-5)
    assert short.score_ - long.score_ == pytest.approx(long.loglik_ - short.loglik_, abs=1e-4)


def test_levels_keep_the_order_of_their_categories():
    order = ["low", "middle", "high"]
    for ordered in (True, False):
        grades = pandas.Categorical(RNG.choice(order, N), order, ordered=ordered)
        model = GAM(f("grade"), "poisson").fit(TABLE.assign(grade=grades), COUNTS)
        assert model.parameter_names_ == ["intercept", "f(grade).middle", "f(grade).high"]


def test_a_lambda_of_none_penalises_nothing():
    free = GAM(s("age", 6, lam=0) + s("dose", lam=2.0), "poisson").fit(TABLE, COUNTS)
    assert free.terms_["s(age)"].edf == pytest.approx(5.0)
    assert np.isfinite(free.score_)
    both = GAM(s("age", 6) + s("dose", 5), "poisson", lam=0).fit(TABLE, COUNTS)
    assert both.edf_ == pytest.approx(10.0)
    assert [term.lam for term in both.terms_.values()] == [0.0, 0.0]


def test_a_graph_takes_new_rows_with_their_observation():
    for row in (TABLE.iloc[3:4], TABLE.iloc[3].to_numpy()):
        if hasattr(row, "columns"):
            assert MODEL.graph(row, COUNTS[3]).data == pytest.approx(MODEL.graph(3).data, rel=1e-14)
    plain = GAM(s(0), "poisson").fit(TABLE[["age"]].to_numpy(), COUNTS)
    assert plain.graph([30.0], 2).name == "loss"
    assert plain.sensitivity(0, at=[30.0]).at == 30.0


@pytest.mark.parametrize("family", [families.NegativeBinomial(0.5), families.Tweedie(1.5)], ids=lambda f: f.name)
def test_other_families_and_links_are_fitted(family):
    model = GAM(s("age") + l("dose"), family, links.log, lam="reml" if family.complete else "gcv").fit(
        TABLE, COUNTS + 0.0
    )
    assert model.score(TABLE, COUNTS) > 0.2
