"""Terms with parameters of their own: NIST's certified answers, R's and SciPy's, and what a person gets wrong."""

import copy
import pickle
import warnings

import nist
import numpy as np
import pytest
from scipy.optimize import least_squares, minimize

import nn
from autograd import draw, exp, log, sin, sqrt
from nn import GAM, GLM
from nn.regression.solvers.marquardt import marquardt
from nn.smooths import f, fn, l, s

pandas = pytest.importorskip("pandas")


def decay(x, a, b):
    return a * exp(-b * x)


@pytest.mark.no_cover
@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", nist.MODELS)
def test_nists_problems_are_solved_from_both_starts(name, start):
    case = nist.PROBLEMS[name]
    x, y = np.array(case["x"])[:, None], case["y"]
    model = GAM(fn(0, nist.MODELS[name], init=case["starts"][start]), fit_intercept=False).fit(x, y)
    assert model.converged_
    assert np.abs(model.coef_ / case["certified"] - 1.0).max() < 1e-8
    if name != "Lanczos1":  # whose residuals are rounding errors
        assert np.abs(model.standard_errors() / case["deviations"] - 1.0).max() < 1e-5
        assert model.deviance_ == pytest.approx(case["rss"], rel=1e-8)


@pytest.mark.no_cover
@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", nist.BESIDE_AN_INTERCEPT)
def test_a_parameter_that_is_an_intercept_may_be_that_of_the_model(name, start):
    case = nist.PROBLEMS[name]
    x, y = np.array(case["x"])[:, None], case["y"]
    starts = 10 if (name, start) == ("MGH17", 0) else 1  # far from the others, it needs its published b1 to arrive
    term = fn(0, nist.BESIDE_AN_INTERCEPT[name], init=case["starts"][start][1:], starts=starts)
    model = GAM(term).fit(x, y)
    assert model.converged_
    assert np.abs(model.parameters_ / case["certified"] - 1.0).max() < 1e-8
    assert np.abs(model.standard_errors() / case["deviations"] - 1.0).max() < 1e-6


RNG = np.random.default_rng(3)
N = 300
TABLE = pandas.DataFrame(
    {"t": RNG.uniform(0.0, 3.0, N), "z": RNG.uniform(-1.0, 1.0, N), "kind": RNG.choice(["a", "b"], N)}
)
ETA = 1.5 * np.exp(-1.2 * TABLE["t"]) + 0.5 * np.sin(3.0 * TABLE["z"]) + 0.3 * (TABLE["kind"] == "b")
Y = {
    "gaussian": (ETA + 0.2 * RNG.normal(size=N)).to_numpy(),
    "poisson": RNG.poisson(np.exp(ETA)),
    "gamma": np.exp(ETA) * RNG.gamma(5.0, 0.2, N),
    "bernoulli": (RNG.random(N) < 1.0 / (1.0 + np.exp(-ETA))).astype(float),
}
TERMS = fn("t", decay, init=(1.0, 0.5)) + s("z", lam=2.0) + f("kind")
LOG = {"gamma": "log"}


@pytest.mark.parametrize("family", Y)
def test_beside_other_terms_it_is_the_least_penalised_likelihood(family):
    model = GAM(TERMS, family, LOG.get(family)).fit(TABLE, Y[family])
    piece, place = model._pieces[1], slice(2, 11)
    splines, penalty = piece.columns(TABLE["z"].to_numpy(), ""), 2.0 * piece.penalty
    curves, y = model._fit.curves, np.asarray(Y[family], dtype=float)

    def loss(theta):
        eta = (
            theta[-1]
            + theta[0] * np.exp(-theta[1] * TABLE["t"])
            + splines @ theta[place]
            + theta[11] * (TABLE["kind"] == "b")
        )
        return float(curves.nll([eta.to_numpy()], y).sum() + 0.5 * theta[place] @ penalty @ theta[place])

    best = np.r_[model.coef_, model.intercept_]
    found = minimize(loss, best, method="BFGS", options={"gtol": 1e-9})
    assert loss(best) <= found.fun + 1e-10 * abs(found.fun)
    slope = np.array([(loss(best + h) - loss(best - h)) / 2e-5 for h in 1e-5 * np.eye(13)])
    assert np.abs(slope).max() < 1e-5


def test_standard_errors_beside_a_smooth_term_are_those_of_the_tangent():
    """Of least squares with the penalty among the rows, by SciPy."""
    model = GAM(TERMS).fit(TABLE, Y["gaussian"])
    piece = model._pieces[1]
    splines, root = piece.columns(TABLE["z"].to_numpy(), ""), np.sqrt(2.0 * np.diag(piece.penalty))

    def residuals(theta):
        eta = (
            theta[0]
            + theta[1] * np.exp(-theta[2] * TABLE["t"])
            + splines @ theta[3:12]
            + theta[12] * (TABLE["kind"] == "b")
        )
        return np.r_[Y["gaussian"] - eta, root * theta[3:12]]

    found = least_squares(residuals, model.parameters_, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert model.parameters_ == pytest.approx(found.x, rel=1e-5, abs=1e-6)
    covariance = model.dispersion_ * np.linalg.inv(found.jac.T @ found.jac)
    assert model.standard_errors() == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-5)


@pytest.mark.parametrize("lam", ["reml", "gcv"])
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_lambdas_are_those_of_the_model_with_the_tangent_in_the_place_of_the_curve(family, lam):
    model = GAM(fn("t", decay, init=(1.0, 0.5)) + s("z"), family, lam=lam).fit(TABLE, Y[family])
    a, b = model.coef_[:2]
    t = TABLE["t"].to_numpy()
    slopes = np.c_[np.exp(-b * t), -a * t * np.exp(-b * t)]
    rows = np.c_[slopes, TABLE["z"]]
    offset = a * np.exp(-b * t) - slopes @ [a, b]
    tangent = GAM(l(0) + l(1) + s(2), family, lam=lam).fit(rows, Y[family], offset=offset)
    assert model.terms_["s(z)"].lam == pytest.approx(tangent.terms_["s(2)"].lam, rel=1e-4)
    assert model.coef_ == pytest.approx(tangent.coef_, rel=1e-5, abs=1e-6)
    assert model.edf_ == pytest.approx(tangent.edf_, rel=1e-6)
    assert model.score_ == pytest.approx(tangent.score_, rel=1e-8)


@pytest.mark.parametrize("family", Y)
def test_a_curve_that_is_a_straight_line_is_the_linear_term(family):
    line = GAM(fn("t", lambda t, b: b * t, init=[0.0]) + f("kind"), family, LOG.get(family)).fit(TABLE, Y[family])
    plain = GAM(l("t") + f("kind"), family, LOG.get(family)).fit(TABLE, Y[family])
    assert line.parameters_ == pytest.approx(plain.parameters_, rel=1e-9)
    assert line.standard_errors() == pytest.approx(plain.standard_errors(), rel=1e-8)
    for name in ("deviance_", "null_deviance_", "loglik_", "aic_", "dispersion_"):
        assert getattr(line, name) == pytest.approx(getattr(plain, name), rel=1e-9)
    both = [model.predict_interval(TABLE[:9]) for model in (line, plain)]
    assert both[0] == pytest.approx(both[1], rel=1e-8)


def test_weights_and_offsets_are_those_of_the_rows():
    weights = np.r_[np.zeros(50), np.ones(150), np.full(100, 2.0)]
    shift = 0.1 * TABLE["z"].to_numpy()
    model = GAM(TERMS, keep_rows=True).fit(TABLE, Y["gaussian"] + shift, sample_weight=weights, offset=shift)
    twice = pandas.concat([TABLE[50:], TABLE[200:]])
    again = GAM(TERMS).fit(twice, np.r_[Y["gaussian"][50:], Y["gaussian"][200:]])
    some = TABLE[50:]
    assert model.coef_[:2] == pytest.approx(again.coef_[:2], rel=1e-7)
    assert model.predict(some, offset=shift[50:]) - shift[50:] == pytest.approx(again.predict(some), rel=1e-7)
    assert model.null_deviance_ != pytest.approx(model.deviance_, rel=0.1)
    rest = model.residuals("response")[50:]
    assert rest == pytest.approx(Y["gaussian"][50:] - again.predict(some), abs=1e-7)


def test_what_the_fit_tells_of_a_curve_is_the_curve():
    model = GAM(TERMS, "poisson", keep_rows=True).fit(TABLE, Y["poisson"])
    a, b = model.coef_[:2]
    shares = model.predict(TABLE, terms=True)
    assert shares[:, 0] == pytest.approx(a * np.exp(-b * TABLE["t"]), rel=1e-13)
    assert model.intercept_ + shares.sum(axis=1) == pytest.approx(model.decision_function(TABLE), rel=1e-12)
    effect = model.partial_effect("fn(t)")
    assert effect.effect == pytest.approx(a * np.exp(-b * effect.x), rel=1e-13)
    slopes = np.c_[np.exp(-b * effect.x), -a * effect.x * np.exp(-b * effect.x)]
    covariance = model.cov_params()[1:3, 1:3]
    assert effect.error == pytest.approx(np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes)), rel=1e-9)
    moved = model.sensitivity("t", at=TABLE.iloc[:1])
    assert moved.slope == pytest.approx(-a * b * np.exp(-b * moved.x) * moved.mean, rel=1e-12)
    assert effect.plot().get_xlabel() == "t"
    assert [name for name in model.parameter_names_ if "fn" in name] == ["fn(t).a", "fn(t).b"]
    assert "fn(t).a" in str(model.summary())
    assert model.terms_["fn(t)"].edf == pytest.approx(2.0, rel=1e-9)


def test_the_graph_of_a_row_has_the_parameters_as_leaves_and_its_gradients_add_up_to_none():
    model = GAM(fn("t", decay, init=(1.0, 0.5)), "poisson", keep_rows=True).fit(TABLE, Y["poisson"])
    total = {}
    for row in range(N):
        loss = model.graph(row)
        loss.backward()
        for leaf in leaves_of(loss):
            total[leaf.name] = total.get(leaf.name, 0.0) + leaf.grad
    assert set(total) == {"intercept", "fn(t)/a", "fn(t)/b"}
    assert max(map(abs, total.values())) < 1e-8
    drawing = draw(model, TABLE.iloc[:1], 2)
    assert "fn(t)" in drawing.source


def leaves_of(root):
    found, seen = [], set()
    todo = [root]
    while todo:
        node = todo.pop()
        if id(node) in seen or not hasattr(node, "args"):
            continue
        seen.add(id(node))
        todo += node.args
        if node.op is None:
            found.append(node)
    return found


def test_a_parameter_stays_within_its_bounds_and_on_one_it_is_known():
    case = nist.PROBLEMS["BoxBOD"]
    x, y = np.array(case["x"])[:, None], case["y"]
    term = fn(0, nist.MODELS["BoxBOD"], init=(1.0, 1.0), bounds=[None, (0.8, None)])
    with pytest.warns(UserWarning, match=r"fn\(0\).b2 would leave its bound. It stays there"):
        model = GAM(term, fit_intercept=False).fit(x, y)
    rest = 1.0 - np.exp(-0.8 * x)
    free = GLM(fit_intercept=False).fit(rest, y)
    assert model.coef_ == pytest.approx([free.coef_[0], 0.8], rel=1e-10)
    assert model.standard_errors() == pytest.approx([free.standard_errors()[0], 0.0], rel=1e-9)
    assert model.dispersion_ == pytest.approx(free.dispersion_, rel=1e-10)
    wide = fn(0, nist.MODELS["BoxBOD"], init=(1.0, 1.0), bounds=[(0.0, 1000.0), (0.01, 5.0)])
    assert GAM(wide, fit_intercept=False).fit(x, y).coef_ == pytest.approx(case["certified"], rel=1e-8)


def test_several_starts_find_what_one_does_not():
    rng = np.random.default_rng(0)
    x = np.linspace(0.0, 10.0, 200)[:, None]
    y = np.sin(2.3 * x[:, 0]) + 0.1 * rng.normal(size=200)

    def wave(x, a, w):
        return a * sin(w * x)

    one = GAM(fn(0, wave, init=(1.0, 4.0)), fit_intercept=False).fit(x, y)
    many = GAM(fn(0, wave, init=(1.0, 4.0), bounds=[None, (0.1, 5.0)], starts=20), fit_intercept=False).fit(x, y)
    assert abs(many.coef_[1]) == pytest.approx(2.3, abs=0.02)
    assert many.deviance_ < 0.2 * one.deviance_


def test_a_start_may_be_a_function_of_the_rows():
    seen = []

    def begin(x, y):
        seen.append((len(x), len(y)))
        return y.max(), 1.0 / x.mean()

    model = GAM(fn("t", decay, init=begin), fit_intercept=False).fit(
        TABLE[["t"]], np.exp(-TABLE["t"]) + 0.01 * TABLE["z"]
    )
    assert seen == [(N, N)]
    assert model.coef_ == pytest.approx([1.0, 1.0], abs=0.02)


def test_a_model_with_a_curve_is_copied_and_pickled():
    model = GAM(TERMS, "poisson").fit(TABLE, Y["poisson"])
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert (twin.predict(TABLE) == model.predict(TABLE)).all()


def test_a_search_that_runs_away_says_so():
    x = np.linspace(0.0, 10.0, 30)[:, None]
    noise = 0.1 * np.random.default_rng(1).normal(size=30)
    step = fn(0, lambda x, a, b: a / (1.0 + exp(-b * (x - 5.0))), init=(1.0, 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error", nn.ConvergenceWarning)
        with pytest.raises(nn.ConvergenceWarning, match=r"fn\(0\).b ran away"):
            GAM(step).fit(x, (x[:, 0] > 5.0) + 1e-3 * noise)


@pytest.mark.parametrize("unit", [1e-30, 1e-8, 1e8, 1e30])
def test_the_unit_of_y_does_not_matter(unit):
    one, other = (
        GAM(fn("t", decay, init=(u, 0.5)) + s("z", lam=2.0)).fit(TABLE, u * Y["gaussian"]) for u in (1.0, unit)
    )
    assert other.coef_[0] / unit == pytest.approx(one.coef_[0], rel=1e-7)
    assert other.coef_[1] == pytest.approx(one.coef_[1], rel=1e-7)
    one, other = (GAM(fn("t", decay, init=(1.0, 0.5)), "gamma", "log").fit(TABLE, u * Y["gamma"]) for u in (1.0, unit))
    assert other.coef_ == pytest.approx(one.coef_, rel=1e-7)


@pytest.mark.parametrize("init", [(1.0, 2.0), (1.0, 3.0), (1.0, 1.0), (1.0, -1.0)])
def test_a_start_whose_values_are_huge_leads_back(init):
    x, y = np.arange(1.0, 11.0), np.array([8.0, 6.0, 5.0, 3.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0])
    model = GAM(fn(0, lambda x, a, b: a * exp(b * x), init=init), fit_intercept=False).fit(x[:, None], y)
    found = least_squares(lambda c: c[0] * np.exp(c[1] * x) - y, (10.0, -0.3), xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert model.converged_
    assert model.coef_ == pytest.approx(found.x, rel=1e-6)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", ["gaussian", "poisson", "gamma", "bernoulli"])
def test_no_start_ends_at_a_wrong_place_in_silence(family, seed):
    """Either the slope is 0 there, or the fit says that it is not."""
    rng = np.random.default_rng(seed)
    x = np.arange(1.0, 41.0) / 8.0
    eta = 2.0 * np.exp(-0.7 * x) + 0.2
    y = {
        "gaussian": eta + 0.1 * rng.normal(size=40),
        "poisson": rng.poisson(np.exp(eta)),
        "gamma": rng.gamma(5.0, 0.2 * np.exp(eta)),
    }
    y = y.get(family, (rng.random(40) < 0.5) + 0.0)
    init = (rng.normal(size=3) * [3.0, 2.0, 3.0]).tolist()
    model = GAM(fn(0, lambda x, a, b, c: a * exp(-b * x) + c, init=init), family, LOG.get(family), fit_intercept=False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            model.fit(x[:, None], y)
        except ValueError as error:
            said.append(str(error))
    if not hasattr(model, "coef_"):
        assert "fn(0)" in said[-1]
        return
    if said:
        assert not model.converged_
        return
    curves, columns = model._fit.curves, model._rows(x[:, None], "")[0]
    slope = curves.over_rows([model.decision_function(x[:, None])], np.asarray(y, dtype=float), None, None, ()).first[0]
    gradient, information = columns.T @ slope, np.linalg.pinv(columns.T @ columns)
    assert gradient @ information @ gradient < 1e-6 * max(model.deviance_, 1.0)
    assert model.deviance_ == pytest.approx(
        float(np.sum(curves.deviance([model.decision_function(x[:, None])], y))), rel=1e-9
    )


def test_beside_a_straight_function_the_other_lambda_is_the_best():
    rng = np.random.default_rng(8)
    rows = np.c_[rng.uniform(0.0, 5.0, 300), rng.uniform(size=(300, 2))]
    y = 1.5 * rows[:, 0] / (1.0 + rows[:, 0]) + np.sin(6.0 * rows[:, 1]) + 0.3 * rng.normal(size=300)
    hill = fn(0, lambda x, a, b: a * x / (b + x), init=(1.0, 1.0))
    both, alone = GAM(hill + s(1) + s(2)).fit(rows, y), GAM(hill + s(1) + l(2)).fit(rows, y)
    assert both.converged_
    assert both.terms_["s(2)"].edf == pytest.approx(1.0, abs=1e-3)
    assert both.terms_["s(1)"].lam == pytest.approx(alone.terms_["s(1)"].lam, rel=1e-3)


def test_where_all_parameters_stand_on_bounds_nothing_is_left_to_find():
    x = np.linspace(0.0, 5.0, 50)
    term = fn(0, lambda x, a: exp(-a * x), init=0.1, bounds=[(0.0, 0.2)])
    with pytest.warns(UserWarning, match=r"fn\(0\).a would leave its bound"):
        model = GAM(term, fit_intercept=False).fit(x[:, None], 3.0 * np.exp(-x))
    assert model.coef_.tolist() == [0.2]


def test_starts_from_which_there_is_no_way_are_left_out():
    x = np.linspace(0.1, 2.0, 60)[:, None]
    term = fn(0, lambda x, a, b: a * log(b - x), init=(1.0, 1.0), bounds=[None, (1.0, 9.0)], starts=10)
    model = GAM(term, fit_intercept=False).fit(x, 2.0 * np.log(3.0 - x[:, 0]) + 1e-3 * np.sin(50.0 * x[:, 0]))
    assert model.coef_ == pytest.approx([2.0, 3.0], rel=1e-2)


def test_two_functions_of_one_feature_have_two_names():
    x = np.linspace(0.0, 5.0, 200)
    y = 3.0 * np.exp(-2.0 * x) + np.exp(-0.3 * x) + 0.01 * np.sin(40.0 * x)
    fast = fn(0, decay, init=(2.0, 3.0), name="fast")
    model = GAM(fast + fn(0, decay, init=(1.0, 0.1), name="slow"), fit_intercept=False).fit(x[:, None], y)
    assert list(model.terms_) == ["fast", "slow"]
    assert model.parameter_names_ == ["fast.a", "fast.b", "slow.a", "slow.b"]
    assert model.coef_ == pytest.approx([3.0, 2.0, 1.0, 0.3], rel=0.05)
    assert model.partial_effect("fast").plot().get_xlabel() == "0"
    moved = model.sensitivity(0, at=[1.0])
    assert moved.mean == pytest.approx(model.predict(moved.x[:, None]), rel=1e-12)


def test_a_search_that_is_cut_short_says_so(monkeypatch):
    monkeypatch.setattr(
        "nn.regression.curved.marquardt", lambda tangents, state: marquardt(tangents, state, max_iter=1)
    )
    with pytest.warns(nn.ConvergenceWarning, match="parameters still moved after 1 steps"):
        GAM(fn("t", decay, init=(9.0, 9.0)), fit_intercept=False).fit(TABLE, Y["gaussian"])
    monkeypatch.undo()
    monkeypatch.setattr("nn.regression.curved.TURNS", 1)
    with pytest.warns(nn.ConvergenceWarning, match="the lambdas still moved"):
        GAM(fn("t", decay, init=(1.0, 0.5)) + s("z")).fit(TABLE, Y["gaussian"])


def test_where_no_parameter_is_told_the_search_ends_with_an_error():
    x = np.arange(1.0, 21.0)
    y = 8.0 * np.exp(-0.3 * x) + 1.0 + 0.05 * (-1.0) ** np.arange(20)
    with pytest.raises(ValueError, match=r"cannot tell fn\(0\).a and fn\(0\).b and fn\(0\).c apart"):
        GAM(fn(0, lambda x, a, b, c: a * exp(-b * x) + c, init=(1.0, -0.2, 0.0)), fit_intercept=False).fit(
            x[:, None], y
        )


ROWS = TABLE[["t", "z"]]
WRONG = [
    (lambda: fn("t", 3, init=[1.0]), TypeError, "expects a function of the feature and its parameters, got int"),
    (lambda: fn("t", lambda x: x, init=[]), ValueError, "a function such as lambda x, a, b"),
    (lambda: fn("t", lambda x, *c: x, init=[1.0]), ValueError, "got the arguments x, c"),
    (lambda: fn("t", decay, init=[1.0]), ValueError, "init to have a number for each of a, b"),
    (
        lambda: fn("t", decay, init=(1.0, 1.0), bounds=[(0.0, 1.0)]),
        ValueError,
        "bounds to have a pair of numbers for each of a, b",
    ),
    (
        lambda: fn("t", decay, init=(1.0, 1.0), bounds=[(1.0, 0.0), None]),
        ValueError,
        "lower bound of a below the upper one, got 1 and 0",
    ),
    (lambda: fn("t", decay, init=(1.0, 1.0), starts=0), ValueError, "starts"),
    (lambda: fn(1.5, decay, init=(1.0, 1.0)), TypeError, "the name of a column or its position"),
    (
        lambda: GAM(fn("t", decay, init=("one", 1.0))).fit(ROWS, ETA),
        ValueError,
        "init of fn\\(t\\) to be 2 finite numbers, for a, b",
    ),
    (lambda: GAM(fn("t", decay, init=lambda x, y: [1.0])).fit(ROWS, ETA), ValueError, "2 finite numbers"),
    (lambda: GAM(fn("t", decay, init=(1.0, 2.0), bounds=[None, (0, 1)])).fit(ROWS, ETA), ValueError, "within"),
    (
        lambda: GAM(fn("z", lambda z, a: a * log(z), init=[1.0])).fit(ROWS, ETA),
        ValueError,
        "fn\\(z\\) to have finite numbers at init, got others for z=-",
    ),
    (
        lambda: GAM(fn("t", lambda t, a: sqrt(a - 1.0) * t, init=[1.0])).fit(ROWS, ETA),
        ValueError,
        "fn\\(t\\) to have finite derivatives at init",
    ),
    (
        lambda: GAM(fn("t", decay, init=(-1.0, 1.0)), "poisson", "identity", fit_intercept=False).fit(
            ROWS, Y["poisson"]
        ),
        ValueError,
        "init of fn\\(t\\) to give each row a mean",
    ),
    (
        lambda: GAM(fn("t", lambda t, a, b, c: a * exp(b * t + c), init=(1.0, -1.0, 0.0)), fit_intercept=False).fit(
            ROWS, ETA
        ),
        ValueError,
        r"cannot tell fn\(t\).a and fn\(t\).c apart: no answer changes where they move together, by \+",
    ),
    (
        lambda: GAM(fn("t", lambda t, a, b: a + b * t, init=(1.0, 1.0))).fit(ROWS, ETA),
        ValueError,
        r"the intercept and fn\(t\).a apart",
    ),
    (
        lambda: GAM(fn("t", lambda t, a, b: a * t, init=(1.0, 1.0))).fit(ROWS, ETA),
        ValueError,
        r"finds nothing of fn\(t\).b",
    ),
    (
        lambda: GAM(fn("t", decay, init=(1.0, 1.0)) + fn("t", decay, init=(1.0, 2.0))).fit(ROWS, ETA),
        ValueError,
        "each of them once",
    ),
    (lambda: fn("t", decay, init=(1.0, 1.0), bounds=(0, 5)), ValueError, "a pair of numbers for each of a, b"),
    (lambda: fn("t", decay, init=(1.0, 1.0), name=3), TypeError, "a string as name, got int"),
    (lambda: GAM(fn("t", lambda t, a: "no", init=[1.0])).fit(ROWS, ETA), TypeError, r"could not compute fn\(t\)"),
    (lambda: GAM(fn("t", lambda t, a: t[3], init=[1.0])).fit(ROWS, ETA), TypeError, r"could not compute fn\(t\)"),
    (
        lambda: GAM(fn("t", lambda t, a: 1 // 0, init=[1.0])).fit(ROWS, ETA),
        ValueError,
        r"could not compute fn\(t\): ZeroDivisionError",
    ),
    (
        lambda: GAM(fn("t", decay, init=lambda x, y: 1 // 0)).fit(ROWS, ETA),
        ValueError,
        r"could not compute init of fn\(t\): ZeroDivisionError",
    ),
    (lambda: GAM(fn("kind", decay, init=(1.0, 1.0))).fit(TABLE, ETA), TypeError, r"expects numbers as fn\(kind\)"),
    (
        lambda: GAM(fn("t", decay, init=(1.0, 1.0)), "categorical").fit(ROWS, TABLE["kind"]),
        ValueError,
        "terms s, l and f for several classes",
    ),
]


@pytest.mark.filterwarnings("ignore:GAM")
@pytest.mark.parametrize(("call", "error", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_is_wrong_is_refused_by_name(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_failed_fit_leaves_the_model_as_it_was():
    model = GAM(TERMS).fit(TABLE, Y["gaussian"])
    before = model.predict(TABLE)
    model.terms = fn("t", lambda t, a, b: a * t, init=(1.0, 1.0))
    with pytest.raises(ValueError, match="finds nothing"):
        model.fit(TABLE, Y["gaussian"])
    assert (model.predict(TABLE) == before).all()
