"""A GAM of several classes: of two it is the binary one, and it is the least penalised likelihood."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from autograd import draw
from nn import GAM, GLM
from nn.smooths import f, l, s

pandas = pytest.importorskip("pandas")
RNG = np.random.default_rng(1)
N = 400
TABLE = pandas.DataFrame(
    {"x": RNG.uniform(-2.0, 2.0, N), "z": RNG.uniform(-1.0, 1.0, N), "kind": RNG.choice(["p", "q"], N)}
)
ETAS = np.c_[np.sin(2.0 * TABLE["x"]), TABLE["z"], 0.7 * (TABLE["kind"] == "q")]
CLASSES = np.array(["red", "green", "blue"])[(ETAS + RNG.gumbel(size=(N, 3))).argmax(axis=1)]
YES = np.where(CLASSES == "red", "yes", "no")
TERMS = s("x") + l("z") + f("kind")


@pytest.mark.parametrize("lam", ["reml", "gcv", 0.7])
def test_of_two_classes_it_is_the_binary_model(lam):
    one = GAM(TERMS, "bernoulli", lam=lam).fit(TABLE, YES)
    two = GAM(TERMS, "categorical", lam=lam if isinstance(lam, str) else 2.0 * lam).fit(TABLE, YES)
    assert two.predict_proba(TABLE) == pytest.approx(one.predict_proba(TABLE), rel=1e-6)
    assert two.terms_["s(x)"].lam == pytest.approx(2.0 * one.terms_["s(x)"].lam, rel=1e-4)
    assert two.edf_ == pytest.approx(one.edf_, rel=1e-6)
    assert [term.edf for term in two.terms_.values()] == pytest.approx(
        [term.edf for term in one.terms_.values()], rel=1e-5
    )
    assert two.loglik_ == pytest.approx(one.loglik_, rel=1e-7)
    half, whole = two.partial_effect("s(x)", label="yes"), one.partial_effect("s(x)")
    assert 2.0 * half.effect == pytest.approx(whole.effect, rel=1e-5, abs=1e-6)
    assert 2.0 * half.error == pytest.approx(whole.error, rel=1e-5)
    moved, known = two.sensitivity("x", at=TABLE.iloc[:1], label="yes"), one.sensitivity("x", at=TABLE.iloc[:1])
    assert moved.mean == pytest.approx(known.mean, rel=1e-5)
    assert moved.slope == pytest.approx(known.slope, rel=1e-4, abs=1e-6)
    if lam == "reml":  # the coefficients' unit is another one: each that no penalty holds adds log(2)/2
        assert two.score_ - one.score_ == pytest.approx(0.5 * np.log(2.0) * 4, rel=1e-6)


def test_without_smooth_terms_it_is_the_glm():
    gam = GAM(l("x") + l("z"), "categorical").fit(TABLE, CLASSES)
    glm = GLM("categorical").fit(TABLE[["x", "z"]], CLASSES)
    assert gam.parameters_ == pytest.approx(glm.parameters_, rel=1e-9)
    assert gam.standard_errors() == pytest.approx(glm.standard_errors(), rel=1e-8)
    for name in ("deviance_", "null_deviance_", "loglik_", "aic_"):
        assert getattr(gam, name) == pytest.approx(getattr(glm, name), rel=1e-10)


def test_it_is_the_least_penalised_likelihood_and_functions_add_up_to_none_over_classes():
    model = GAM(TERMS, "categorical", lam=0.7).fit(TABLE, CLASSES)
    matrix, penalty = np.c_[np.ones(N), model._rows(TABLE, "")[0]], 0.7 * model._pieces[0].penalty
    codes = np.searchsorted(model.classes_, CLASSES)

    def loss(flat):
        blocks = flat.reshape(3, -1)
        etas = matrix @ blocks.T
        smooth = blocks[:, 1:10]
        return (logsumexp(etas, axis=1) - etas[np.arange(N), codes]).sum() + 0.5 * np.einsum(
            "ki,ij,kj->", smooth, penalty, smooth
        )

    best = model.parameters_
    found = minimize(loss, best, method="BFGS", options={"gtol": 1e-8})
    assert loss(best) <= found.fun + 1e-9
    assert np.abs(model.coef_.sum(axis=0)).max() < 1e-8
    assert abs(model.intercept_.sum()) < 1e-8


@pytest.mark.parametrize("seed", range(3))
def test_reml_is_least_at_the_chosen_lambda_and_its_derivative_is_its_difference(seed):
    rng = np.random.default_rng(seed)
    rows = rng.uniform(-2.0, 2.0, (250, 2))
    etas = np.c_[np.sin(2.0 * rows[:, 0]), rows[:, 1] ** 2 - 1.0, np.zeros(250)]
    y = (etas + rng.gumbel(size=(250, 3))).argmax(axis=1)
    terms = [s(0, n_basis=7), s(1, n_basis=6)]
    best = GAM(terms, "categorical").fit(rows, y)
    lams = [term.lam for term in best.terms_.values()]
    for k in (0, 1):
        around = []
        for factor in (np.exp(-0.1), 1.0, np.exp(0.1)):
            lam = [one * (factor if j == k else 1.0) for j, one in enumerate(lams)]
            around.append(
                GAM([s(0, n_basis=7, lam=lam[0]), s(1, n_basis=6, lam=lam[1])], "categorical").fit(rows, y).score_
            )
        assert around[1] <= min(around) + 1e-12
        assert abs(around[2] - around[0]) < 0.1 * (around[0] + around[2] - 2.0 * around[1])


def test_what_it_tells_has_the_classes_names():
    model = GAM(TERMS, "categorical", keep_rows=True).fit(TABLE, CLASSES)
    shares = model.predict(TABLE, terms=True)
    assert shares.shape == (N, 3, 3)
    assert model.intercept_ + shares.sum(axis=1) == pytest.approx(model.decision_function(TABLE), rel=1e-12)
    assert "red: f(kind).q" in str(model.summary())
    assert "s(x).1" not in str(model.summary())
    effect, moved = model.partial_effect("s(x)", label="blue"), model.sensitivity("x", at=TABLE.iloc[:1], label="blue")
    assert effect.plot().get_ylabel() == "s(x) for blue"
    assert moved.plot().get_ylabel() == "probability of blue"
    near = [model.predict_proba(TABLE.iloc[:1].assign(x=moved.x[40] + h))[0, 0] for h in (-1e-5, 1e-5)]
    assert (near[1] - near[0]) / 2e-5 == pytest.approx(moved.slope[40], rel=1e-6)
    total = sum(model.sensitivity("x", at=TABLE.iloc[:1], label=label).slope for label in model.classes_)
    assert total == pytest.approx(np.zeros(len(total)), abs=1e-12)
    for label in (None, "yellow"):
        with pytest.raises(ValueError, match="label to be one of blue, green, red"):
            model.partial_effect("s(x)", label=label)
    with pytest.raises(ValueError, match="no label for a single mean, got 'blue'"):
        GAM(l("z")).fit(TABLE, TABLE["x"]).sensitivity("z", at=TABLE.iloc[:1], label="blue")


def test_graphs_and_diagrams_have_a_predictor_for_each_class():
    model = GAM(TERMS, "categorical", keep_rows=True).fit(TABLE, CLASSES)
    losses = [model.graph(row) for row in range(N)]
    assert sum(loss.data for loss in losses) == pytest.approx(-model.loglik_, rel=1e-12)
    assert model.graph(TABLE.iloc[:1], CLASSES[0]).data == pytest.approx(losses[0].data, rel=1e-13)
    drawing = draw(model, TABLE.iloc[:1], CLASSES[0])
    for label in model.classes_:
        assert f"η {label}" in drawing.source
    with pytest.raises(ValueError, match="one of the labels blue, green, red"):
        draw(model, TABLE.iloc[:1], "yellow")


def test_separated_classes_are_refused_by_name():
    with pytest.raises(ValueError, match=r"coefficient of .*z"):
        GAM(l("z"), "categorical").fit(TABLE, np.digitize(TABLE["z"], [-0.3, 0.3]))
