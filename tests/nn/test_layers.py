"""Neuron, Layer, MLP and Module."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

import autograd as ag
from autograd import Value, grad
from nn import MLP, Layer, Module, Neuron
from nn.init import INITS, glorot, he, micrograd


def test_micrograd_s_demo_runs_with_its_two_imports_changed():
    """Its cells in their order, the data made without scikit-learn; 20 of its 100 steps."""
    np_rng = np.random.default_rng(1337)
    random.seed(1337)
    t = np.linspace(0.0, np.pi, 50)
    upper, lower = np.c_[np.cos(t), np.sin(t)], np.c_[1 - np.cos(t), 0.5 - np.sin(t)]
    X = np.r_[upper, lower] + np_rng.normal(scale=0.1, size=(100, 2))
    y = np.repeat([0, 1], 50) * 2 - 1  # make y be -1 or 1
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337

    def loss(batch_size=None):
        Xb, yb = X, y
        inputs = [list(map(Value, xrow)) for xrow in Xb]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    first, _ = loss()
    for k in range(20):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    assert total_loss.data < 0.5 * first.data
    assert acc > 0.8

    xx, yy = np.meshgrid(np.arange(-1, 2, 0.5), np.arange(-1, 1, 0.5))
    Xmesh = np.c_[xx.ravel(), yy.ravel()]
    scores = list(map(model, [list(map(Value, xrow)) for xrow in Xmesh]))
    Z = np.array([s.data > 0 for s in scores])
    assert Z.dtype == bool


def test_a_neuron_is_one_dot_by_default_and_products_and_sums_when_unfused():
    fused, plain = Neuron(3, "tanh", rng=1), Neuron(3, "tanh", fused=False, rng=1)
    x = [0.5, -1.0, 2.0]
    a, b = fused(x), plain(x)
    assert a.data == pytest.approx(b.data, rel=1e-15)
    assert (a.op.name, a.args[0].op.name) == ("tanh", "dot")
    assert b.args[0].op.name == "add"
    a.backward()
    b.backward()
    assert [p.grad for p in fused.parameters()] == pytest.approx([p.grad for p in plain.parameters()], rel=1e-15)


@pytest.mark.parametrize("x", [[1.0, 2.0], (1, 2), np.array([1.0, 2.0]), [Value(1.0), 2], iter([1.0, 2.0])])
def test_inputs_may_be_any_row_of_numbers_and_values(x):
    neuron = Neuron(2, None, rng=0)
    assert neuron(x).data == neuron.w[0].data + 2.0 * neuron.w[1].data


def test_a_single_input_may_stand_without_a_list_so_that_a_model_is_a_function():
    model = MLP(1, [4, 1], "tanh", rng=0)
    slope = grad(model)(0.3)
    slope.backward()
    assert any(p.grad for p in model.parameters())
    assert model(0.3).data == model([0.3]).data


def test_layers_give_a_list_and_one_neuron_gives_its_value():
    assert len(Layer(2, 3, rng=0)([1.0, 2.0])) == 3
    assert type(Layer(2, 1, rng=0)([1.0, 2.0])) is Value
    assert len(MLP(2, [4, 3], rng=0)([1.0, 2.0])) == 3


def test_the_mlp_s_activations():
    layers = MLP(2, [3, 3, 1]).layers
    assert [layer.neurons[0].activation.__name__ for layer in layers] == ["relu", "relu", "identity"]
    layers = MLP(2, [3, 3, 1], activation=["tanh", None, ag.sigmoid]).layers
    assert [layer.neurons[0].activation.__name__ for layer in layers] == ["tanh", "identity", "sigmoid"]
    assert repr(MLP(2, [3, 1], activation=iter([None, "tanh"]))) == "MLP(2 -> 3 identity -> 1 tanh)"
    square = ag.Primitive("square", lambda x: x * x, lambda x, y: 2.0 * x)
    assert "square" in repr(MLP(2, [3, 1], activation=square))
    assert repr(Neuron(2, "elu")) == "Neuron(2, elu)"
    for activation in ("leaky_relu", "elu", "sin"):
        assert type(Neuron(1, activation, rng=0)(1.0)) is Value


@pytest.mark.parametrize(
    ("activation", "init"),
    [
        ("relu", he),
        ("leaky_relu", he),
        ("elu", he),
        ("gelu", he),
        ("silu", he),
        ("softplus", he),
        ("tanh", glorot),
        ("sigmoid", glorot),
        (None, glorot),
        ("sin", glorot),
        ("abs", glorot),
    ],
)
def test_the_initial_weights_fit_the_activation(activation, init):
    layer = Layer(50, 40, activation, rng=0)
    width = init(50, 40)
    weights = [w.data for neuron in layer.neurons for w in neuron.w]
    assert max(map(abs, weights)) <= width
    variance = sum(w * w for w in weights) / len(weights)
    assert variance == pytest.approx(width**2 / 3.0, rel=0.1)
    assert all(neuron.b.data == 0.0 for neuron in layer.neurons)


@pytest.mark.parametrize("init", [glorot, he, micrograd], ids=lambda init: init.__name__)
def test_starting_weights_go_by_their_name_too(init):
    assert init.__name__ in INITS
    assert MLP(3, [4, 2], init=init.__name__, rng=0).state_dict() == MLP(3, [4, 2], init=init, rng=0).state_dict()


def test_no_width_is_no_start():
    assert all(w.data == 0.0 for w in Neuron(5, init=lambda inputs, outputs: 0, rng=0).w)


def test_micrograd_s_uniform_is_there_on_request():
    weights = [w.data for w in Neuron(1000, init=micrograd, rng=0).w]
    assert max(weights) > 0.99
    assert min(weights) < -0.99


def test_rng_is_python_s_global_one_or_an_int_or_a_generator():
    random.seed(3)
    a = MLP(2, [2, 1]).state_dict()
    random.seed(3)
    assert MLP(2, [2, 1]).state_dict() == a
    assert MLP(2, [2, 1], rng=3).state_dict() == a
    assert MLP(2, [2, 1], rng=np.int64(3)).state_dict() == a
    assert MLP(2, [2, 1], rng=random.Random(3)).state_dict() == a
    drawn = MLP(2, [2, 1], rng=np.random.default_rng(3)).state_dict()
    assert drawn == MLP(2, [2, 1], rng=np.random.default_rng(3)).state_dict()
    assert type(drawn["layers[0].neurons[0].w[0]"]) is float
    with pytest.raises(TypeError, match=r"rng is an int, a random\.Random or a NumPy Generator, got str"):
        MLP(2, [1], rng="3")
    with pytest.raises(TypeError, match="got bool"):
        MLP(2, [1], rng=True)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Neuron(0), ValueError, "Neuron expects inputs to be at least 1, got 0"),
        (lambda: Neuron(2.5), TypeError, r"Neuron expects inputs to be an int, got float \(2\.5\)"),
        (lambda: Neuron(True), TypeError, "got bool"),
        (lambda: Layer(2, 0), ValueError, "Layer expects outputs to be at least 1, got 0"),
        (lambda: MLP(2, 1), TypeError, r"a list of layer sizes, such as \[16, 1\], got 1"),
        (lambda: MLP(2, []), ValueError, "at least one layer"),
        (lambda: MLP(2, [3, 1], activation=["relu"]), ValueError, "each of its 2 layers, got 1"),
        (lambda: Neuron(2, "rellu"), ValueError, "unknown activation 'rellu'; did you mean 'relu'"),
        (lambda: Neuron(2, "zzz"), ValueError, "unknown activation 'zzz'; the names are identity, "),
        (lambda: Neuron(2, 3), TypeError, "an activation is a function or a name, got int"),
        (lambda: MLP(2, [1], "tanhh"), ValueError, "unknown activation 'tanhh'; did you mean 'tanh'"),
        (lambda: MLP(2, [1], 3), TypeError, "an activation is a function or a name, got int"),
        (lambda: MLP(2, [3, 1], ["relu", "tanhh"]), ValueError, "unknown activation 'tanhh'; did you mean 'tanh'"),
        (
            lambda: MLP(2, [1], init="hee"),
            ValueError,
            "unknown init 'hee'; did you mean 'he'.; the names are glorot, he, ",
        ),
        (lambda: MLP(2, [1], init=0), TypeError, "an init is a function or a name, got int"),
        (lambda: Neuron(2, init=lambda i, o: math.nan), ValueError, "a finite width from 0 up, got nan"),
        (lambda: Neuron(2, init=lambda i, o: math.inf), ValueError, "a finite width from 0 up, got inf"),
        (lambda: Neuron(2, init=lambda i, o: -1.0), ValueError, "a finite width from 0 up, got -1.0"),
        (
            lambda: Neuron(2, init=lambda i, o: "a"),
            TypeError,
            "an init returns a number, the width of the weights, got str",
        ),
        (lambda: Neuron(2, outputs=0), ValueError, "Neuron expects outputs to be at least 1, got 0"),
        (lambda: MLP(2, [1], fused="no"), TypeError, "Neuron expects fused to be True or False, got 'no'"),
        (lambda: MLP(2, [1], rng=random.Random), TypeError, "a random.Random or a NumPy Generator, got type"),
        (lambda: MLP(2, [1], activatoin="relu"), TypeError, "activatoin"),
        (lambda: Neuron(list(range(10**5))), TypeError, r"got list \(\[0, 1, 2, 3, 4, 5, ...\]\)"),
        (lambda: Neuron(2, "x" * 10**6), ValueError, "unknown activation 'xxx"),
        (lambda: Neuron(3)([1.0, 2.0]), ValueError, "Neuron expects 3 inputs, got 2"),
        (lambda: Layer(2, 2)([1.0]), ValueError, "Layer expects 2 inputs, got 1"),
        (lambda: MLP(2, [2, 1])([1.0] * 3), ValueError, "MLP expects 2 inputs, got 3"),
        (lambda: MLP(2, [2, 1])("12"), TypeError, "MLP expects numbers, got str"),
        (lambda: Neuron(1)(["1"]), TypeError, "takes a real number, got str"),
    ],
)
def test_bad_input_is_refused_by_name_and_briefly(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert len(str(caught.value)) < 500


class Everything(Module):
    """Parameters in all the places where they are found."""

    def __init__(self):
        self.alone = Value(1.0)
        self.pair = (Value(2.0), Value(3.0))
        self.by_name = {"a": Value(4.0), "deep": [Value(5.0)]}
        self.part = Neuron(1, rng=0)
        self.again = self.alone
        self.text, self.number = "text", 3
        self.result = self.alone * 2
        self.itself = self


def test_parameters_are_found_by_walking_attributes_each_once_in_order():
    module = Everything()
    names = [name for name, _ in module.named_parameters()]
    assert names == ["alone", "pair[0]", "pair[1]", "by_name['a']", "by_name['deep'][0]", "part.w[0]", "part.b"]
    assert [p.data for p in module.parameters()][:5] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_zero_grad_sets_every_gradient_to_zero():
    model = MLP(2, [2, 1], rng=0)
    model([1.0, 2.0]).backward()
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_a_state_dict_goes_round_and_a_wrong_one_changes_nothing():
    model, other = MLP(2, [2, 1], rng=0), MLP(2, [2, 1], rng=1)
    other.load_state_dict(model.state_dict())
    assert other.state_dict() == model.state_dict()
    before = other.state_dict()
    short = dict(list(before.items())[1:])
    wrong = [
        (short, ValueError, r"missing: layers\[0\].neurons\[0\].w\[0\]; extra: none"),
        (before | {"more": 1.0}, ValueError, r"missing: none; extra: more"),
        (before | {f"more{i}": 1.0 for i in range(1000)}, ValueError, r"missing: none; extra: more0, "),
        (
            before | {"layers[1].neurons[0].b": math.nan},
            ValueError,
            r"finite numbers, got nan for layers\[1\]\.neurons\[0\]\.b",
        ),
        (before | {"layers[1].neurons[0].b": "1"}, TypeError, "got str"),
    ]
    for state, error, message in wrong:
        with pytest.raises(error, match=message) as caught:
            other.load_state_dict(dict.fromkeys(before, 7.0) | state if len(state) >= len(before) else state)
        assert len(str(caught.value)) < 500
        assert other.state_dict() == before


def test_modules_are_copied_and_pickled():
    model = MLP(2, [2, 1], rng=0)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.state_dict() == model.state_dict()
        assert not set(twin.parameters()) & set(model.parameters())
        assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data
