"""GLM among others: scikit-learn's habits, pickles, tables, and the graph of one observation."""

import copy
import pickle
from html import escape

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import nn
from autograd import Value, draw_dot, hessian
from nn import GLM, families, links

RNG = np.random.default_rng(5)
X = RNG.normal(size=(60, 2))
COUNTS = RNG.poisson(np.exp(0.4 * X[:, 0] + 0.5)).astype(float)
BINARY = (RNG.random(60) < 1.0 / (1.0 + np.exp(-X[:, 0]))).astype(int)
LABELS = np.array(["a", "b", "c"])[RNG.integers(0, 3, 60)]
ALL = [("gaussian", COUNTS), ("poisson", COUNTS), ("bernoulli", BINARY), ("categorical", LABELS), ("laplace", COUNTS)]


def test_parameters_are_read_set_and_cloned():
    link = links.Link(lambda eta: eta, name="own")
    model = GLM(families.Gaussian, link, alpha=2.0)
    assert model.get_params()["alpha"] == 2.0
    again = clone(model)
    assert again is not model
    assert again.get_params() == model.get_params()
    assert model.set_params(alpha=3.0, l1_ratio=0.5) is model
    assert repr(model) == "GLM(family=<family gaussian>, link=<link own>, alpha=3.0, l1_ratio=0.5)"
    assert repr(GLM()) == "GLM()"
    with pytest.raises(ValueError, match=r"set_params\(\) got 'lr'; the parameters are family, link, alpha"):
        model.set_params(alpha=1.0, lr=1.0)
    assert model.alpha == 3.0


def test_pipelines_searches_and_cross_validation_run():
    pipe = make_pipeline(StandardScaler(), GLM("poisson"))
    assert cross_val_score(pipe, X, COUNTS, cv=3).shape == (3,)
    assert cross_val_score(GLM("bernoulli"), X, BINARY, cv=3, scoring="roc_auc").shape == (3,)
    assert cross_val_score(GLM("categorical"), X, LABELS, cv=3, scoring="neg_log_loss").shape == (3,)
    search = GridSearchCV(GLM("poisson"), {"alpha": [0.0, 1.0, 1e6]}, cv=3).fit(X, COUNTS)
    assert search.best_params_["alpha"] < 1e6
    assert is_classifier(GLM("bernoulli"))
    assert is_classifier(GLM(families.Categorical))
    assert is_regressor(GLM("binomial"))


def test_what_needs_a_fit_says_so():
    model = GLM()
    for name in ("deviance_", "loglik_", "parameter_names_"):
        with pytest.raises(AttributeError, match=r"this GLM is not fitted yet: call fit\(X, y\) first"):
            getattr(model, name)
    with pytest.raises(ValueError, match="not fitted"):
        model.predict(X)
    assert not hasattr(model, "coef_")
    check_is_fitted(model.fit(X, COUNTS))


def test_new_rows_must_have_the_columns_of_the_fit():
    model = GLM().fit(pd.DataFrame(X, columns=["dose", "age"]), COUNTS)
    assert model.predict(X).shape == (60,)
    with pytest.raises(
        ValueError, match=r"GLM.predict\(\) expects X with 2 columns \(dose, age\), as in the fit, got 3"
    ):
        model.predict(np.c_[X, X[:, :1]])
    with pytest.raises(ValueError, match="expects the columns dose, age, in this order, got age, dose"):
        model.predict(pd.DataFrame(X, columns=["age", "dose"]))
    assert not hasattr(model.fit(X, COUNTS), "feature_names_in_")  # a new fit forgets the names of the last


def test_a_new_fit_forgets_the_classes_of_the_last():
    model = GLM("bernoulli").fit(X, BINARY)
    assert model.classes_.tolist() == [0, 1]
    model.set_params(family="poisson").fit(X, COUNTS)
    assert not hasattr(model, "classes_")
    with pytest.raises(
        AttributeError, match=r"predict_proba\(\) is for families with labels, and <family poisson> has"
    ):
        model.predict_proba(X)


@pytest.mark.parametrize(("family", "y"), ALL, ids=[name for name, _ in ALL])
def test_fitted_models_are_pickled_with_their_numbers_and_without_their_rows(family, y):
    model = GLM(family).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.standard_errors(), model.standard_errors())
    assert again.aic_ == model.aic_
    assert pickle.loads(pickle.dumps(again)).aic_ == model.aic_
    assert str(again.summary()) == str(model.summary())
    with pytest.raises(
        ValueError, match=r"residuals\(\) needs the rows of the fit, which are kept where GLM\(keep_rows=True\)"
    ):
        again.residuals("response")
    with pytest.raises(ValueError, match=r"graph\(\) needs the rows of the fit"):
        again.graph(0)
    kept = pickle.loads(pickle.dumps(GLM(family, keep_rows=True).fit(X, y)))
    assert again.graph(X[0], y[0]).data == pytest.approx(kept.graph(0).data)
    assert len(pickle.dumps(model)) < 20_000
    assert copy.deepcopy(model).deviance_ == model.deviance_
    sparse = GLM("poisson", alpha=5.0, l1_ratio=1.0).fit(X, COUNTS)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(sparse)).coef_, sparse.coef_)


@pytest.mark.parametrize(("family", "y"), [*ALL, ("gamma", COUNTS + 0.5)], ids=[*(name for name, _ in ALL), "gamma"])
def test_the_graph_of_an_observation_has_its_share_of_the_likelihood_and_the_score(family, y):
    model = GLM(family, keep_rows=True).fit(X, y)
    scores, total = {}, 0.0
    for row in range(60):
        loss = model.graph(row)
        total += loss.data
        loss.backward()
        for leaf in leaves(loss):
            scores[leaf.name] = scores.get(leaf.name, 0.0) + leaf.grad
    assert set(scores) == {f"coef[{name!r}]" for name in model.parameter_names_}
    if family == "laplace":
        return
    assert all(abs(slope) < 1e-6 * 60 for slope in scores.values())  # the sum of the scores is 0 at the optimum
    if not families.resolved(model.family).has_dispersion:
        assert total == pytest.approx(-model.loglik_, rel=1e-12)


def leaves(root):
    found, pending = {root}, [root]
    while pending:
        for arg in pending.pop().args:
            if isinstance(arg, Value) and arg not in found:
                found.add(arg)
                pending.append(arg)
    return [node for node in found if node.op is None]


def test_the_graph_of_an_observation_is_drawn_with_its_names():
    model = GLM("bernoulli", keep_rows=True).fit(pd.DataFrame(X, columns=["dose", "age"]), BINARY)
    source = draw_dot(model.graph(3)).source
    for name in ("coef['dose']", "coef['age']", "coef['intercept']", "eta"):
        assert f"<b>{escape(name)}</b>" in source
    poisson = GLM("poisson", keep_rows=True).fit(X, COUNTS)
    assert "<b>mu</b>" in draw_dot(poisson.graph(3)).source
    assert GLM("poisson", fit_intercept=False, keep_rows=True).fit(X, COUNTS).graph(0).data > 0.0
    assert model.graph([0.5, 1.0], 1).data == pytest.approx(-np.log(model.predict_proba([[0.5, 1.0]])[0, 1]))
    shares = GLM("bernoulli", keep_rows=True).fit(X, np.full(60, 0.25) + 0.5 * BINARY)
    assert shares.graph([0.0, 0.0], 0.3).data > 0.0


def test_the_graph_of_an_observation_is_differentiable_as_any_other():
    model = GLM("poisson").fit(X, COUNTS)
    x, y = X[0].tolist(), COUNTS[0]

    def loss(w):
        return families.Poisson.loss(y, w[0] + w[1] * x[0] + w[2] * x[1])

    information = np.array(hessian(loss)(model.parameters_.tolist()))
    mu = model.predict(X[:1])[0]
    np.testing.assert_allclose(information, mu * np.outer([1.0, *x], [1.0, *x]), rtol=1e-12)


def test_graphs_of_what_is_no_observation_are_refused():
    model = GLM("bernoulli", keep_rows=True).fit(X, BINARY)
    with pytest.raises(IndexError, match=r"GLM.graph\(\) expects a row from 0 to 59, got 60"):
        model.graph(60)
    with pytest.raises(ValueError, match="takes y and offset beside the numbers of a row, not beside its position"):
        model.graph(0, offset=1.0)
    with pytest.raises(TypeError, match="expects the observation y beside the numbers of a row"):
        model.graph([1.0, 2.0])
    with pytest.raises(ValueError, match="expects 2 numbers in a row, got 3"):
        model.graph([1.0, 2.0, 3.0], 1)
    with pytest.raises(ValueError, match="expects one of the labels 0, 1 as y, got 2"):
        model.graph([1.0, 2.0], 2)
    with pytest.raises(ValueError, match=r"expects y in \[0, inf\) for the family poisson"):
        GLM("poisson", keep_rows=True).fit(X, COUNTS).graph([1.0, 2.0], -1)


def test_the_summary_says_what_was_fitted_as_text_and_as_html():
    model = GLM("gamma", "log").fit(pd.DataFrame(X, columns=["dose<2", "age"]), COUNTS + 0.5)
    text, html = str(model.summary()), model.summary("robust", level=0.9)._repr_html_()
    assert repr(model.summary()) == text
    for part in ("gamma", "log", "dose<2", "std. error", "deviance", "AIC", "expected information", " t ", "97.5 %"):
        assert part in text
    assert text.split("\n")[-3].startswith("age")
    assert f"{model.coef_[0]:.6g}" in text
    assert "dose&lt;2" in html
    assert "robust (sandwich)" in html
    assert "<th>95 %</th>" in html
    assert " z " in str(GLM("poisson").fit(X, COUNTS).summary())


def test_summaries_of_perfect_fits_have_no_numbers_where_there_are_none():
    with pytest.warns(UserWarning, match="each mean is its observation, but for rounding: the dispersion is 0"):
        text = str(GLM().fit(np.zeros((1, 0)), [2.0]).summary())
    assert "nan" in text


def test_refused_questions():
    model = GLM("poisson", keep_rows=True).fit(X, COUNTS)
    with pytest.raises(
        ValueError, match=r"GLM.residuals\(\) expects kind to be one of 'response', 'deviance', 'pearson'"
    ):
        model.residuals("raw")
    with pytest.raises(ValueError, match="expects kind to be one of 'expected', 'observed', 'robust'"):
        model.cov_params("hc3")
    for level in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match=r"GLM.conf_int\(\) expects a level between 0 and 1"):
            model.conf_int(level)
    with pytest.raises(ValueError, match="expects of to be 'mean' or 'observation'"):
        model.predict_interval(X, of="row")
    with pytest.raises(ValueError, match="has no distribution for <family tweedie"):
        GLM(families.Tweedie(1.5)).fit(X, COUNTS).predict_interval(X, of="observation")


def test_nn_brings_glm_when_it_is_asked_for():
    assert nn.GLM is GLM
    assert issubclass(nn.SeparationWarning, nn.ConvergenceWarning)
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'GML'"):
        _ = nn.GML
