"""NeuralGLM: without hidden layers it is the GLM, with them it learns what no line can; and what it says of its fits."""

import pickle
import warnings
from functools import partial

import numpy as np
import pytest

import nn
from autograd import Value, draw_dot
from nn import GLM, ConvergenceWarning, NeuralGLM, families, links
from nn.optim import Adam

RNG = np.random.default_rng(0)
N = 150
X = RNG.normal(size=(N, 3)) * [1.0, 10.0, 0.1] + [0.0, 50.0, 3.0]
ETA = (X - X.mean(axis=0)) / X.std(axis=0) @ [0.3, 0.2, -0.1]
WEIGHTS = RNG.uniform(0.2, 2.0, N)
AMOUNTS = np.exp(ETA) * RNG.gamma(5.0, size=N) / 5.0
COUNTS = RNG.poisson(3.0 * np.exp(ETA))
YES = (RNG.random(N) < 1.0 / (1.0 + np.exp(-ETA))).astype(int)
CASES = {  # family, link, y
    "gaussian": (families.Gaussian, None, 1e4 * ETA + 1e5 * RNG.normal(size=N)),
    "gaussian log": (families.Gaussian, links.log, AMOUNTS),
    "bernoulli": (families.Bernoulli, None, YES),
    "bernoulli probit": (families.Bernoulli, links.probit, YES),
    "bernoulli cloglog": (families.Bernoulli, links.cloglog, YES),
    "bernoulli cauchit": (families.Bernoulli, links.cauchit, YES),
    "binomial": (families.Binomial, None, np.c_[RNG.binomial(5, 0.4, N), RNG.binomial(5, 0.5, N) + 1]),
    "poisson": (families.Poisson, None, COUNTS),
    "poisson sqrt": (families.Poisson, links.sqrt, COUNTS),
    "negative binomial": (families.NegativeBinomial(0.5), None, COUNTS),
    "gamma": (families.Gamma, None, AMOUNTS),
    "gamma log": (families.Gamma, links.log, AMOUNTS),
    "inverse gaussian log": (families.InverseGaussian, links.log, RNG.wald(np.exp(ETA), 3.0)),
    "tweedie log": (families.Tweedie(1.5), links.log, AMOUNTS),
    "categorical": (families.Categorical, None, RNG.integers(0, 3, N)),
    "labels": (families.Bernoulli, None, np.where(YES, "yes", "no")),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_it_is_the_glm(case, weighted):
    family, link, y = CASES[case]
    weights = {"sample_weight": WEIGHTS} if weighted else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network, line = (m.fit(X, y, **weights) for m in (NeuralGLM(family, link, hidden=()), GLM(family, link)))
    assert network.converged_
    scale = np.abs(line.predict_mean(X)).max()
    assert np.abs(network.predict_mean(X) - line.predict_mean(X)).max() <= 1e-8 * scale
    assert np.allclose(network.coef_, line.coef_, rtol=1e-8, atol=1e-8 * np.abs(line.coef_).max())
    assert np.allclose(network.intercept_, line.intercept_, rtol=1e-8, atol=1e-10)
    for name in ("deviance_", "null_deviance_", "dispersion_", "loglik_"):
        assert getattr(network, name) == pytest.approx(getattr(line, name), rel=1e-8, nan_ok=True), name
    assert (network.predict(X) == line.predict(X)).all() or not family.labelled
    assert network.score(X, y, **weights) == pytest.approx(line.score(X, y, **weights), abs=1e-8)
    assert np.allclose(network.decision_function(X), line.decision_function(X), rtol=1e-7, atol=1e-8 * scale)


@pytest.mark.parametrize("how", [{"offset": 0.3 * X[:, 0]}, {"exposure": WEIGHTS}, {"offset": 0.1, "exposure": 2.0}])
def test_offsets_and_exposure_are_those_of_the_glm(how):
    network, line = NeuralGLM("poisson", hidden=()).fit(X, COUNTS, **how), GLM("poisson").fit(X, COUNTS, **how)
    assert np.allclose(network.predict(X, **how), line.predict(X, **how), rtol=1e-9)
    assert np.allclose(network.predict(X), line.predict(X), rtol=1e-9)
    assert network.score(X, COUNTS, **how) == pytest.approx(line.score(X, COUNTS, **how), rel=1e-9)


def test_offsets_of_classes_are_those_of_the_glm():
    shifts = 0.2 * np.c_[X[:, 0], np.zeros(N), -X[:, 0]]
    y = CASES["categorical"][2]
    network, line = (m.fit(X, y, offset=shifts) for m in (NeuralGLM("categorical", hidden=()), GLM("categorical")))
    assert np.allclose(network.predict_proba(X, offset=shifts), line.predict_proba(X, offset=shifts), atol=1e-9)


@pytest.mark.parametrize("case", ["gaussian", "poisson", "bernoulli", "gamma log"])
def test_alpha_is_the_glms_on_columns_of_spread_one(case):
    family, link, y = CASES[case]
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    network, line = NeuralGLM(family, link, hidden=(), alpha=7.0).fit(X, y), GLM(family, link, alpha=7.0).fit(scaled, y)
    assert np.allclose(network.coef_ * X.std(axis=0), line.coef_, rtol=1e-8)


def test_hidden_layers_learn_what_no_line_can():
    moons, labels = nn.datasets.two_moons(200, noise=0.1, rng=1)
    model = NeuralGLM("bernoulli", hidden=(8,), alpha=0.01).fit(moons, labels)
    assert model.converged_
    assert model.score(moons, labels) > 0.995 > 0.95 > GLM("bernoulli").fit(moons, labels).score(moons, labels)
    assert not hasattr(model, "coef_")
    assert model.predict_proba(moons).sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("case", ["gaussian log", "bernoulli", "poisson", "categorical"])
def test_the_graph_of_each_row_has_the_loss_of_the_fit_and_gradients_that_add_up_to_none(case):
    family, link, y = CASES[case]
    model = NeuralGLM(family, link, hidden=(2,), alpha=0.5, keep_rows=True).fit(X[:40], y[:40])
    sums = dict.fromkeys(model.network_.state_dict(), 0.0)
    losses = []
    for row in range(40):
        loss = model.graph(row)
        loss.backward()
        losses.append(loss.data)
        leaves = {node.name: node for node in _leaves(loss)}
        for name in sums:
            sums[name] += leaves[name].grad if name in leaves else 0.0
    weights = model.network_.state_dict()
    for name, total in sums.items():  # the slope of the penalty is all that is left; of the last layer see below
        held = 0.5 * weights[name] if nn.penalties.weights(name) else 0.0
        assert total + held == pytest.approx(0.0, abs=1e-5 * max(losses)), name
    assert all(parameter.grad == 0.0 for parameter in model.network_.parameters())
    if family is not families.Gaussian:
        assert sum(losses) == pytest.approx(-model.loglik_, rel=1e-10)
    own = model.graph(X[3], y[3])
    assert own.data == model.graph(3).data
    assert "loss" in draw_dot(own, max_nodes=2000).source


def _leaves(root):
    found, todo = [], [root]
    while todo:
        node = todo.pop()
        todo += [arg for arg in node.args if isinstance(arg, Value)]
        found += [node] if node.op is None else []
    return found


@pytest.mark.parametrize("how", [{"batch_size": 16}, {"dropout": 0.2}, {}])
def test_another_optimizer_takes_batches_and_dropout(how):
    moons, labels = nn.datasets.two_moons(200, noise=0.1, rng=1)
    model = NeuralGLM("bernoulli", hidden=(16,), optimizer=partial(Adam, lr=0.02), epochs=300, **how).fit(moons, labels)
    assert model.score(moons, labels) > 0.95
    assert model.n_iter_ == 300
    assert not model.converged_


def test_validation_keeps_the_weights_of_the_best_epoch_and_ends_after_patience():
    noisy = np.sin(6.0 * X[:, 0]) + RNG.normal(size=N)
    model = NeuralGLM(hidden=(30,), validation=0.3, patience=5).fit(X, noisy)
    assert model.history_.best == model.n_iter_ - 5
    assert min(model.history_.validation) == model.history_.validation[model.history_.best - 1]


def test_the_same_seed_gives_the_same_bits_and_another_one_another_network():
    first, again, other = (
        NeuralGLM(hidden=(3,), rng=seed, epochs=20, validation=0.2).fit(X, AMOUNTS) for seed in (1, 1, 2)
    )
    assert first.network_.state_dict() == again.network_.state_dict() != other.network_.state_dict()


def test_columns_and_labels_have_their_names():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["age", "dose", "height"])
    model = NeuralGLM("bernoulli", hidden=(2,), alpha=1.0).fit(table, np.where(YES, "yes", "no"))
    assert list(model.feature_names_in_) == ["age", "dose", "height"]
    assert list(model.classes_) == ["no", "yes"]
    assert set(model.predict(table)) <= {"no", "yes"}
    with pytest.raises(ValueError, match=r"NeuralGLM.predict\(\) expects the columns"):
        model.predict(table[["dose", "age", "height"]])
    model.fit(X, YES)
    assert not hasattr(model, "feature_names_in_")


def test_a_fitted_model_is_pickled():
    model = NeuralGLM("poisson", hidden=(2,), alpha=1.0).fit(X, COUNTS)
    assert (pickle.loads(pickle.dumps(model)).predict(X) == model.predict(X)).all()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"alpha": -1.0}, ValueError, "expects alpha to be a number from 0 up"),
        ({"alpha": True}, ValueError, "expects alpha"),
        ({"keep_rows": 1}, ValueError, "expects keep_rows to be True or False"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"patience": 2.5}, TypeError, "patience"),
        ({"hidden": (0,)}, ValueError, "a size in hidden to be at least 1"),
        ({"hidden": "8"}, TypeError, "a size in hidden to be an int"),
        ({"hidden": None}, TypeError, "a size in hidden to be an int"),
        ({"batch_size": -1}, ValueError, "batch_size to be at least 1"),
        ({"dropout": "a"}, TypeError, "rate that is a number"),
        ({"activation": ["tanh", "tanh"]}, ValueError, "an activation for each of 1 hidden layers, got 2"),
        ({"validation": "a"}, ValueError, "validation to be a share between 0 and 1"),
        ({"validation": True}, ValueError, "validation to be a share between 0 and 1"),
        ({"optimizer": Adam([Value(1.0)])}, TypeError, "what builds an optimizer"),
        ({"activation": "tanhh"}, ValueError, "tanh"),
        ({"link": "softmax"}, ValueError, "NeuralGLM expects the link softmax with the family categorical"),
        ({"batch_size": 8}, ValueError, "expects an optimizer, such as nn.optim.Adam"),
        ({"dropout": 0.5}, ValueError, "expects an optimizer, such as nn.optim.Adam"),
        ({"dropout": 1.0, "optimizer": Adam}, ValueError, "rate"),
        ({"validation": 2.0}, ValueError, "validation"),
        ({"optimizer": "adam"}, TypeError, "expects an optimizer"),
    ],
)
def test_what_is_no_option_is_refused_and_the_model_stays_as_it_was(options, error, words):
    model = NeuralGLM(hidden=(2,), epochs=5, validation=0.2).fit(X, AMOUNTS)
    before = model.predict(X)
    with pytest.raises(error, match=words):
        model.set_params(**options).fit(X, AMOUNTS)
    assert (model.predict(X) == before).all()


def test_bad_rows_are_refused_in_the_models_own_name():
    with pytest.raises(ValueError, match=r"NeuralGLM.fit\(\) expects finite numbers in X, got nan in row 1, column 0"):
        NeuralGLM().fit([[1.0], [np.nan]], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"NeuralGLM.fit\(\) expects at least one column"):
        NeuralGLM().fit(np.zeros((3, 0)), [1.0, 2.0, 3.0])
    with pytest.raises(nn.NotFittedError, match="this NeuralGLM is not fitted yet"):
        NeuralGLM().predict([[1.0]])
    with pytest.raises(ValueError, match=r"NeuralGLM\(keep_rows=True\)"):
        NeuralGLM(hidden=(), family="poisson").fit(X, COUNTS).graph(0)


def test_a_fit_that_did_not_come_to_a_minimum_says_why():
    with pytest.warns(ConvergenceWarning, match="did not converge in 3 epochs: the weights still move"):
        model = NeuralGLM(hidden=(4,), epochs=3).fit(X, AMOUNTS)
    assert not model.converged_
    with pytest.warns(
        ConvergenceWarning, match="no step makes the loss smaller, though its slope is not 0: as at a kink"
    ):
        model = NeuralGLM(families.Laplace, hidden=()).fit(X, AMOUNTS)
    assert not model.converged_


@pytest.mark.filterwarnings("ignore:NeuralGLM")
@pytest.mark.parametrize("y", [np.zeros(N, dtype=int), np.ones(N, dtype=int), YES])
def test_rows_of_one_kind_have_a_constant_start(y):
    model = NeuralGLM("bernoulli", hidden=(2,), alpha=1.0).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_constant_column_and_a_constant_answer_change_nothing():
    with pytest.warns(UserWarning, match="each mean is its observation"):
        model = NeuralGLM(hidden=(3,)).fit(np.c_[X, np.full(N, 7.0)], np.full(N, 2.0))
    assert model.predict(np.c_[X, np.full(N, 7.0)]) == pytest.approx(2.0)


@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
def test_a_network_that_is_certain_of_each_label_has_not_converged_and_says_so(family):
    moons, labels = nn.datasets.two_moons(60, noise=0.05, rng=1)
    with pytest.warns(nn.SeparationWarning, match="tells some observations apart"):
        model = NeuralGLM(family, hidden=(8,)).fit(moons, labels)
    assert not model.converged_
    assert model.score(moons, labels) == 1.0


@pytest.mark.parametrize("unit", [1e-100, 1e-6, 1e6, 1e50])
@pytest.mark.parametrize("family", ["gaussian", "gamma"])
def test_the_unit_of_y_does_not_matter(family, unit):
    plain, scaled = (
        NeuralGLM(family, "log" if family == "gamma" else None, hidden=()).fit(X, y) for y in (AMOUNTS, unit * AMOUNTS)
    )
    assert scaled.converged_
    assert scaled.predict(X) == pytest.approx(unit * plain.predict(X), rel=1e-8)
    assert scaled.score(X, unit * AMOUNTS) == pytest.approx(plain.score(X, AMOUNTS), rel=1e-8)


@pytest.mark.parametrize("offset", [-300.0, 400.0, 1000.0])
def test_a_large_offset_is_where_the_fit_starts(offset):
    network, line = (m.fit(X, COUNTS, offset=offset) for m in (NeuralGLM("poisson", hidden=()), GLM("poisson")))
    assert network.converged_
    assert network.deviance_ == pytest.approx(line.deviance_, rel=1e-9)


SEPARATED = {
    "zeros": ("poisson", (2,), X, np.zeros(N)),
    "zeros told apart": ("poisson", (2,), X, (X[:, 0] > 0.0) * 1.0),
    "one column tells": (
        "bernoulli",
        (),
        np.c_[X[:, 1], X[:, 0] > 0.5],
        ((X[:, 0] > 0.5) | (X[:, 1] > 50.0)).astype(int),
    ),
}


@pytest.mark.parametrize("case", SEPARATED)
def test_what_is_told_apart_without_error_is_said_as_by_the_glm(case):
    family, hidden, rows, y = SEPARATED[case]
    with pytest.warns(nn.SeparationWarning, match="Raise alpha"):
        assert not NeuralGLM(family, hidden=hidden).fit(rows, y).converged_
    if case == "zeros":  # of which no penalty holds the bias
        with pytest.warns(nn.SeparationWarning, match="biases do: no penalty holds these"):
            NeuralGLM(family, hidden=hidden, alpha=1.0).fit(rows, y)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NeuralGLM(family, hidden=hidden, alpha=1.0).fit(rows, y).converged_


def test_a_column_that_is_constant_but_for_rounding_has_no_say():
    model = NeuralGLM(hidden=(3,), alpha=0.1).fit(np.c_[X, np.full(N, 0.1)], AMOUNTS)
    first, second = model.predict([[0.0, 50.0, 3.0, 0.1], [0.0, 50.0, 3.0, 0.1 + 1e-12]])
    assert first == pytest.approx(second, rel=1e-6)
    assert model.network_.layers[0].scale[3] == 1.0


@pytest.mark.filterwarnings("ignore:NeuralGLM")
def test_hidden_layers_may_have_activations_of_their_own_and_the_last_one_has_none():
    model = NeuralGLM(hidden=(3, 2), activation=["tanh", "relu"], alpha=1.0).fit(X, AMOUNTS)
    assert "3 tanh -> 2 relu -> 1 identity" in repr(model.network_)
    assert "4 tanh -> 1 identity" in repr(NeuralGLM(hidden=4, alpha=1.0).fit(X, AMOUNTS).network_)


def test_a_perfect_fit_is_said():
    with pytest.warns(UserWarning, match="each mean is its observation"):
        model = NeuralGLM(hidden=()).fit(X, X[:, 0])
    assert model.dispersion_ == 0.0
