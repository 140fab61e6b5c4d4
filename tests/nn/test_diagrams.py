"""draw(model): the diagram of the lectures has the model's own numbers, gradients and formulas, and can be read on a screen."""

import math
import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import pytest
from scipy import special

import nn
from autograd import Diagram, GraphTooLarge, Value, draw
from nn import GLM, MLP, Dropout, Layer, NeuralGLM, Neuron, Standardize, families, links, losses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
YES = (X[:, 0] + RNG.normal(size=60) > 0.0).astype(int)
KINDS = np.array(["low", "middle", "high"])[RNG.integers(0, 3, 60)]
WORDS = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "atan": math.atan, "pi": math.pi, "abs": abs, "max": max,
    "lgamma": math.lgamma, "Phi": special.ndtr,
}  # fmt: skip
MADE = [links.power(3.0), links.negative_binomial(0.5)]
LINKS = [link for link in [*links.LINKS.values(), *MADE] if not link.several]
FAMILIES = [
    family
    for family in [
        *families.FAMILIES.values(),
        families.NegativeBinomial(0.5),
        families.Tweedie(1.5),
        families.Tweedie(3.0),
    ]
    if family.targets != "classes"
]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
def test_the_formula_of_each_link_is_its_inverse(link):
    for eta in link.domain.middle():
        assert eval(link.formula, {}, WORDS | {"eta": eta}) == pytest.approx(link.inverse(eta), rel=1e-12)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_formula_of_each_family_is_its_likelihood(family):
    for y in family.inside[:2]:
        for mu in family.inside[2:]:
            for phi in (1.0, 2.5):
                found = eval(family.formula, {}, WORDS | {"y": y, "mu": mu, "phi": phi})
                assert found == pytest.approx(family.loss(y, mu, links.identity, phi), rel=1e-12)


@pytest.mark.parametrize("name", ["squared_error", "absolute_error", "hinge", "squared_hinge"])
def test_the_formula_of_each_loss_is_its_value(name):
    for yhat, y in ((0.3, 1.0), (-1.7, -1.0), (2.5, 1.0)):
        found = eval(losses.READINGS[losses.LOSSES[name]].formula, {}, WORDS | {"y": y, "yhat": yhat})
        assert found == pytest.approx(losses.LOSSES[name](yhat, y), rel=1e-12)


def test_every_row_of_the_tables_has_a_formula():
    assert all(link.formula for link in links.LINKS.values())
    assert all(family.formula for family in families.FAMILIES.values())
    assert all(reading.family or reading.formula for reading in losses.READINGS.values())


def wires(drawing):
    """The numbers of each line by its name, as those who point at it read them."""
    found = {}
    for title in re.findall(r"<title>(layers\[[^<]*)</title>", drawing.svg()):
        name, _, numbers = title.partition(": ")
        found[name] = [float(number) for number in re.findall(r"(?:weight|gradient) ([-\d.e]+)", numbers)]
    return found


NETWORKS = {
    "binary": (MLP(2, [3, 1], "tanh", rng=0), 1, "binary_cross_entropy_with_logits"),
    "classes": (MLP(2, [4, 3], "sigmoid", rng=1), 2, "cross_entropy_with_logits"),
    "counts": (MLP(2, [2, 2, 1], ["relu", "tanh", "softplus"], rng=2), 3.0, "poisson_nll"),
    "margins": (MLP(2, [3, 1], rng=3), -1, losses.hinge),
    "own loss": (MLP(2, [1], rng=3), 0.5, lambda z, y: abs(z - y) ** 3),
    "squares": (MLP(2, [16, 16, 1], "tanh", rng=4), 0.5, None),
    "smoothed": (MLP(2, [3, 3], rng=5), 1, partial(losses.cross_entropy_with_logits, smoothing=0.1)),
    "plain sums": (MLP(2, [3, 1], fused=False, rng=6), 0.5, None),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_each_line_has_the_weight_and_the_gradient_of_the_engine_and_the_model_stays_as_it_is(name):
    model, y, loss = NETWORKS[name]
    state = model.state_dict()
    found = wires(draw(model, [0.5, -1.0], y, loss=loss))
    assert model.state_dict() == state
    assert all(parameter.grad == 0.0 for parameter in model.parameters())
    function = losses.LOSSES.get(loss, loss) if loss else losses.squared_error
    function(model([0.5, -1.0]), y).backward()
    for path, parameter in model.named_parameters():
        assert found.pop(path) == [parameter.data, pytest.approx(parameter.grad, rel=1e-12, abs=1e-300)], path
    assert not found
    slopes = [parameter.grad for parameter in model.parameters()]  # an earlier pass has no say, and is not lost
    again = wires(draw(model, [0.5, -1.0], y, loss=loss))
    assert sorted(slope for _, slope in again.values()) == pytest.approx(sorted(slopes), rel=1e-12)
    assert [parameter.grad for parameter in model.parameters()] == slopes
    model.zero_grad()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_forward_pass_has_the_models_outputs(name):
    model, _, loss = NETWORKS[name]
    source = draw(model, [0.5, -1.0], loss=loss).source
    outputs = model([0.5, -1.0])
    for output in outputs if isinstance(outputs, list) else [outputs]:
        assert f"{output.data:.4g}" in source
    assert "δ" not in source
    assert "δ" in draw(model, [0.5, -1.0], NETWORKS[name][1], loss=loss).source


def test_a_neuron_and_a_layer_are_drawn_too():
    neuron, layer = Neuron(2, "sigmoid", rng=0), Layer(2, 3, "relu", rng=0)
    assert "ŷ = sigmoid(w·x + b)" in draw(neuron).source
    assert draw(layer).summary == "2 columns, 6 units, 9 lines"
    assert f"{neuron([1.0, 2.0]).data:.4g}" in draw(neuron, [1.0, 2.0]).source


MODELS = {
    "gaussian": (GLM(), X[:, 0] + YES, "Gaussian(μ, φ)", "μ = η"),
    "bernoulli": (GLM("bernoulli"), YES, "Bernoulli(μ)", "μ = 1 / (1 + exp(-η))"),
    "labels": (GLM("bernoulli"), np.where(YES, "yes", "no"), "Bernoulli(μ)", "L = -y log(μ) - (1 - y) log(1 - μ)"),
    "probit": (GLM("bernoulli", "probit"), YES, "Bernoulli(μ)", "μ = Φ(η)"),
    "poisson": (GLM("poisson", fit_intercept=False), YES + 2, "Poisson(μ)", "μ = exp(η)"),
    "negative binomial": (GLM(families.NegativeBinomial(0.5)), YES + 2, "NegativeBinomial(μ, 0.5)", "μ = exp(η)"),
    "classes": (GLM("categorical"), KINDS, "Categorical(μ)", "μₖ = exp(ηₖ) / Σⱼ exp(ηⱼ)"),
    "network": (NeuralGLM("bernoulli", hidden=(3,), alpha=1.0), YES, "Bernoulli(μ)", "z = tanh(W x + b)"),
    "network of classes": (
        NeuralGLM("categorical", hidden=(3,), alpha=1.0),
        KINDS,
        "Categorical(μ)",
        "(x - mean) / sd",
    ),
    "no hidden layer": (NeuralGLM("poisson", hidden=()), YES + 2, "Poisson(μ)", "μ = exp(η)"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_fitted_model_has_its_distribution_its_formulas_its_mean_and_its_loss(name):
    model, y, distribution, formula = MODELS[name]
    model.set_params(keep_rows=True).fit(X, y)
    plain = draw(model).source
    assert f"Y ~ {distribution}" in plain
    assert formula in plain
    assert not any(word in plain for word in ("yhat", "lgamma(y + 1)", " mu", "eta)", "**"))
    means = np.atleast_1d(model.predict_mean(X[:1])[0])
    for source in (draw(model, X[0]).source, draw(model, X[0], y[0]).source, draw(model, 0).source):
        assert all(f"{mean:.4g}" in source for mean in means)
    assert draw(model, 0).source == draw(model, X[0], y[0]).source
    loss = model.graph(0)
    assert f"{loss.data:.4g}" in draw(model, 0).source


@pytest.mark.parametrize("name", ["bernoulli", "poisson", "classes"])
def test_the_gradients_on_the_lines_of_a_glm_are_those_of_its_graph(name):
    model, y, *_ = MODELS[name]
    loss = model.fit(X, y).graph(X[3], y[3])
    loss.backward()
    slopes, todo = {}, [loss]
    while todo:
        node = todo.pop()
        slopes |= {node.name: node.grad} if node.op is None and node.name else {}
        todo += [arg for arg in node.args if isinstance(arg, Value)]
    found = wires(draw(model, X[3], y[3]))
    named = dict(zip(model.parameter_names_, model.parameters_, strict=True))
    assert sorted(slope for _, slope in found.values()) == pytest.approx(sorted(slopes.values()))
    assert sorted(weight for weight, _ in found.values()) == pytest.approx(sorted(named.values()))


def test_names_of_columns_stand_at_the_inputs():
    pandas = pytest.importorskip("pandas")
    model = GLM("bernoulli").fit(pandas.DataFrame(X, columns=["age <years>", "dose"]), YES)
    assert "age &lt;years&gt;" in draw(model).source
    assert "age &lt;years&gt;" in draw(model).svg()


def test_units_stand_from_above_to_below_in_their_order_and_columns_from_left_to_right():
    places = {}
    root = ET.fromstring(draw(MLP(3, [12, 2], rng=0)).svg())
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        title = group.find("{http://www.w3.org/2000/svg}title")
        text = group.find("{http://www.w3.org/2000/svg}text")
        if "node" in group.get("class", "") and title is not None and "," in (title.text or ""):
            places[title.text] = float(text.get("x")), float(text.get("y"))
    for j in range(11):
        assert places[f"layer 1, neuron {j}"][1] < places[f"layer 1, neuron {j + 1}"][1]
    assert max(places["output, neuron 0"][0], 0.0) > places["layer 1, neuron 0"][0]


@pytest.mark.parametrize("given", [(), ([0.5, -1.0],), ([0.5, -1.0], 1)])
def test_a_network_of_two_layers_of_16_fits_a_screen_and_its_letters_can_be_read(given):
    svg = draw(MLP(2, [16, 16, 1], "tanh", rng=0), *given, loss="binary_cross_entropy_with_logits").svg()
    width, height = (float(re.search(rf' {side}="([\d.]+)pt"', svg)[1]) * 96.0 / 72.0 for side in ("width", "height"))
    scale = float(re.search(r"scale\(([\d.]+)", svg)[1])
    assert width <= 1600.5
    assert height <= 1200.5
    assert 11.0 * scale * 96.0 / 72.0 >= 10.0  # pixels
    assert svg.count('class="edge') >= 16 * 17 + 16 * 3 + 17
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert texts.count("tanh") == 32


def test_of_a_long_column_the_first_and_the_last_units_are_drawn():
    drawing = draw(MLP(64, [50, 1], rng=0))
    assert drawing.summary == "3 columns, 117 units, 3301 lines"
    for hint in ("… 47 more", "… 33 more"):
        assert hint in drawing.source
    assert "label=<x0>" in drawing.source
    assert "x63" in drawing.source
    assert "x30" not in drawing.source


def test_lines_are_blue_above_zero_and_orange_below_and_as_thick_as_they_are_large():
    neuron = Neuron.of([2.0, -1.0, 0.0], 0.5)
    source = draw(neuron, theme="light").source
    lines = re.findall(r"u\d+ -> w\d+ \[color=\"(#\w+)\" id=e(\d) penwidth=([\d.]+)\]", source)
    assert [(colour, float(width)) for colour, _, width in lines] == [
        ("#0072B2", pytest.approx(0.4 + 2.6 * 0.25)),
        ("#0072B2", 3.0),
        ("#D55E00", pytest.approx(1.7)),
        ("#555555", 0.4),
    ]
    dark = draw(neuron, theme="dark").source
    assert "#56B4E9" in dark
    assert "#FF8A3D" in dark
    auto = draw(neuron, [1.0, 1.0, 1.0], 2.0).svg()
    assert "prefers-color-scheme: dark" in auto
    assert ".edge.plus&gt;path{stroke:#56B4E9}" in auto
    assert auto.count("edge plus") + auto.count("edge minus") >= 4


def test_dropout_and_standardisation_stand_as_columns_of_their_own():
    model = MLP(2, [3, 1], dropout=0.5, rng=0)
    model.layers.insert(0, Standardize(X))
    source = draw(model, [1.0, 2.0]).source
    assert "Standardize" in source
    assert "Dropout" in source
    assert f"{(1.0 - X[:, 0].mean()) / X[:, 0].std():.4g}" in source


def test_every_format_and_both_layouts_work(tmp_path):
    pytest.importorskip("pygraphviz")
    drawing = draw(Neuron(2, rng=0), layout="wheels")
    assert drawing.svg().startswith("<svg")
    assert drawing.save(tmp_path / "neuron.png").read_bytes()[:4] == b"\x89PNG"
    assert "drawing of Neuron(2, relu): 2 columns" in repr(drawing)


class Own(nn.Module):
    def __call__(self, x):
        return [sum(x)]


WRONG = [
    (lambda: draw(Neuron(2), [1.0]), ValueError, "expects 2 numbers as x, got 1"),
    (lambda: draw(Neuron(2), "ab"), TypeError, "expects a row of numbers as x, got str"),
    (lambda: draw(Neuron(1), ["a"]), TypeError, "expects numbers as x, got str"),
    (lambda: draw(Neuron(2), None, 1.0), ValueError, "expects x beside y"),
    (lambda: draw(Neuron(2), loss="squared"), ValueError, "squared_error"),
    (lambda: draw(Neuron(2), loss=3), TypeError, "function or a name as loss, got int"),
    (lambda: draw(Neuron(2), focus="x"), TypeError, "does not take focus for a model"),
    (lambda: draw(Neuron(2), collapse=True), TypeError, "does not take collapse for a model"),
    (lambda: draw(Neuron(2), fmt="zz"), ValueError, "fmt"),
    (lambda: draw(Neuron(2), theme="blue"), ValueError, "theme"),
    (lambda: draw(Neuron(2), rankdir="TB"), ValueError, "from left to right"),
    (lambda: draw(Value(2.0), [1.0]), TypeError, "does not take x for the graph of a Value"),
    (lambda: draw(Value(2.0), loss="hinge"), TypeError, "does not take loss for the graph of a Value"),
    (lambda: draw(GLM()), nn.NotFittedError, "not fitted yet"),
    (lambda: draw(NeuralGLM()), nn.NotFittedError, "not fitted yet"),
    (lambda: draw(GLM().fit(X, YES), loss="hinge"), ValueError, "takes no loss for a GLM"),
    (lambda: draw(GLM().fit(X, YES), 0), ValueError, "keep_rows=True"),
    (lambda: draw(GLM().fit(X, YES), [1.0, 2.0, 3.0]), ValueError, "expects 2 numbers as x, got 3"),
    (lambda: draw(GLM("bernoulli").fit(X, YES), X[0], 2), ValueError, "one of the labels"),
    (lambda: draw(Neuron(2), {1: 2, 3: 4}), TypeError, "a row of numbers as x, got dict"),
    (lambda: draw(Neuron(2), [10**400, 1]), OverflowError, "float"),
    (lambda: draw(Neuron(2), [1.0, 2.0], "a"), ValueError, "could not compute the loss: squared_error"),
    (
        lambda: draw(Neuron(2), [1.0, 2.0], 1.0, loss=lambda p, t: 3.0),
        TypeError,
        "a loss that returns a Value, got float",
    ),
    (lambda: draw(Neuron(2), [1.0, 2.0], 1.0, loss=lambda p: p), TypeError, "could not compute the loss"),
    (lambda: draw(Neuron), TypeError, "or a model: a neuron, .*, got type"),
    (lambda: draw(Dropout(0.5)), TypeError, "or a model: a neuron, .*, got Dropout"),
    (lambda: draw(MLP(2, [30, 1]), max_nodes=3), GraphTooLarge, "a diagram of 23 units, and draws up to 3"),
    (lambda: draw(MLP(2, [3, 3]), [1.0, 2.0], 1.0), ValueError, "squared_error expects as many targets"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_cannot_be_drawn_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_gradient_that_is_no_number_leaves_the_other_lines_as_they_are():
    model = MLP(2, [3, 1], "tanh", rng=0)
    model.layers[0].neurons[0].w[0].data = math.nan
    source = draw(model, [0.5, -1.0], 1.0).source
    assert "penwidth=nan" not in source
    assert "style=dashed" in source
    assert draw(model).svg().count("edge plus") > 3


def test_a_network_within_a_network_is_opened():
    model = MLP(2, [2, 1], "tanh", rng=0)
    model.layers.insert(0, MLP(2, [3, 2], rng=1))
    found = wires(draw(model, [0.5, -1.0], 1.0))
    losses.squared_error(model([0.5, -1.0]), 1.0).backward()
    for path, parameter in model.named_parameters():
        assert found.pop(path) == [parameter.data, pytest.approx(parameter.grad, rel=1e-12)], path
    assert not found


@pytest.mark.parametrize("model", [GLM("poisson"), NeuralGLM("poisson", hidden=(2,), alpha=1.0)])
def test_an_offset_is_seen_and_counted(model):
    offset = np.linspace(-1.0, 1.0, 60)
    model.set_params(keep_rows=True).fit(X, YES + 2, offset=offset)
    source = draw(model, 3).source
    assert f"offset<br/>{offset[3]:.4g}" in source
    assert "+ b + offset" in source
    eta = model.decision_function(X[3:4], offset=offset[3:4])[0]
    assert f"Σ {eta:.4g}" in source
    assert f"{math.exp(eta):.4g}" in source


def test_counts_of_successes_and_failures_are_drawn_with_their_number():
    y = np.c_[YES + 2, 3 - YES]
    model = GLM("binomial", keep_rows=True).fit(X, y)
    source = draw(model, X[4], y[4]).source
    assert source == draw(model, 4).source
    assert f"{y[4, 0]} of 5" in source
    assert "L = 5 times -y log(μ)" in source
    assert f"{model.graph(X[4], y[4]).data:.4g}" in source
    assert model.graph(X[4], y[4]).data == model.graph(4).data


@pytest.mark.parametrize(
    ("model", "y", "loss", "shown"),
    [
        (MLP(2, [3], rng=0), [0.2, 0.3, 0.5], "cross_entropy_with_logits", "y<br/>0.2<br/>0.3<br/>0.5"),
        (MLP(2, [3], rng=0), np.array([0, 1, 0]), "cross_entropy_with_logits", "y<br/>class 1"),
        (MLP(2, [3], rng=0), [1.5, 2.0, 3.0], None, "y<br/>1.5<br/>2<br/>3"),
        (MLP(2, [1], rng=0), Value(0.5), None, "y<br/>0.5"),
        (MLP(2, [1], rng=0), np.array(0.5), None, "y<br/>0.5"),
        (GLM("bernoulli").fit(X, np.where(YES, "yes", "no")), "yes", None, "y<br/>yes"),
    ],
)
def test_the_observation_is_shown_as_it_was_given(model, y, loss, shown):
    assert shown in draw(model, [1.0, 2.0], y, loss=loss).source


def test_names_of_any_kind_and_length_are_drawn():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=['a\x00b\x07\n<&>\\N"', "long " * 30])
    model = GLM("categorical").fit(table, np.where(YES, "a much longer label of a class than one expects", "b"))
    svg = draw(model, X[0]).svg()
    assert "…" in svg
    ET.fromstring(svg)


def test_a_module_of_ones_own_in_a_network_is_refused_with_the_way_out():
    model = MLP(2, [3, 1], rng=0)
    model.layers.insert(1, Own())
    with pytest.raises(TypeError, match=r"got Own; draw\(model\(x\)\)"):
        draw(model)


def test_a_diagram_of_ones_own_is_drawn():
    class Scale:
        def _diagram_(self, x, y, loss):
            diagram = Diagram("scale")
            diagram.stage("input")
            diagram.unit("x", "input", ("x", math.inf))
            diagram.stage("output", "z = w x\nfor every w")
            diagram.unit("z", "neuron", ("z",))
            diagram.wire("x", "z")
            return diagram

    drawing = draw(Scale())
    assert drawing.summary == "2 columns, 2 units, 1 line"
    assert "for every w" in drawing.source
    assert "broken" in drawing.svg()
    assert Dropout(0.5).formula
