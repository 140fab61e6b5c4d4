"""Networks to PyTorch and back, with a stand-in for torch that has what is used of it; `make peers` compares with torch itself."""

import sys
from functools import partial
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import nn
from autograd import MissingPackage, elu, leaky_relu, sin
from nn.exchange import TWINS


class Tensor(np.ndarray):
    def copy_(self, other):
        self[...] = other

    def detach(self):
        return self

    def double(self):
        return self

    def is_floating_point(self):
        return self.dtype.kind == "f"


def tensor(numbers, dtype=None):
    return np.array(numbers, dtype=float).view(Tensor)


class Hooked:
    _forward_hooks = _forward_pre_hooks = ()


class Linear(Hooked):
    def __init__(self, inputs, outputs, bias=True, dtype=None):
        self.in_features, self.out_features = inputs, outputs
        self.weight = tensor(np.zeros((outputs, inputs)))
        self.bias = tensor(np.zeros(outputs)) if bias else None


class Dropout:
    def __init__(self, p=0.5):
        self.p = p


class Sequential(tuple, Hooked):
    def __new__(cls, *parts):
        return super().__new__(cls, parts)

    def eval(self):
        return self


class Conv2d:
    pass


DEFAULTS = {
    "LeakyReLU": {"negative_slope": 0.01}, "ELU": {"alpha": 1.0}, "Softplus": {"beta": 1.0, "threshold": 20.0},
    "GELU": {"approximate": "none"},
}  # fmt: skip


def activation(name):
    def made(self, **options):
        vars(self).update(DEFAULTS.get(name, {}) | options)

    return type(name, (), {"__init__": made})


@pytest.fixture
def torch(monkeypatch):
    module = ModuleType("torch")
    module.float64 = float
    module.tensor = tensor
    module.no_grad = lambda: np.errstate()
    module.nn = SimpleNamespace(
        Linear=Linear, Dropout=Dropout, Sequential=Sequential, Conv2d=Conv2d,
        **{twin.name: activation(twin.name) for twin in TWINS.values()},
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", module)
    return module


ACTIVATIONS = {**{name: name for name in TWINS}, "leaky": partial(leaky_relu, slope=0.2), "elus": partial(elu, a=0.5)}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_network_comes_back_with_the_same_outputs(torch, name):
    model = nn.MLP(3, [4, 2], ACTIVATIONS[name], rng=0, dropout=0.25)
    there = nn.to_torch(model)
    kinds = [type(part).__name__ for part in there]
    function = [] if name == "identity" else [TWINS[{"leaky": "leaky_relu", "elus": "elu"}.get(name, name)].name]
    assert kinds == ["Linear", *function, "Dropout", "Linear"]
    back = nn.from_torch(there)
    assert back.state_dict() == model.state_dict()
    row = [0.5, -1.0, 2.0]
    assert [y.data for y in back(row)] == [y.data for y in model(row)]
    assert repr(back) == repr(model)


def test_standardisation_becomes_part_of_the_weights(torch):
    model = nn.MLP(2, [3, 1], rng=0)
    model.layers.insert(0, nn.Standardize([[1.0, 10.0], [3.0, -4.0]]))
    back = nn.from_torch(nn.to_torch(model))
    assert repr(back) == "MLP(2 -> 3 relu -> 1 identity)"
    assert back([0.3, 7.0]).data == pytest.approx(model([0.3, 7.0]).data, rel=1e-14)


def test_without_a_bias_there_is_none_here_either(torch):
    linear = Linear(2, 2, bias=False)
    linear.weight.copy_([[1.0, 2.0], [3.0, 4.0]])
    model = nn.from_torch(linear)
    assert [y.data for y in model([1.0, 1.0])] == [3.0, 7.0]
    assert len(model.parameters()) == 4
    assert nn.to_torch(model)[0].bias is None


WRONG_HERE = [
    (lambda: nn.Neuron(2), "expects an MLP, got Neuron"),
    (lambda: nn.MLP(2, [2, 1], sin), "knows the activations identity, relu, .*, got sin"),
    (lambda: nn.MLP(2, [2, 1], lambda x: x * x), "got <lambda>"),
    (lambda: nn.MLP(2, [2, 1], type("Square", (), {"__call__": lambda self, x: x * x})()), "got <"),
    (lambda: nn.MLP.of([nn.Layer.of([nn.Neuron(2, "tanh"), nn.Neuron(2, "relu")])]), "one activation for all neurons"),
    (lambda: nn.MLP.of([nn.Standardize([[1.0], [2.0]])]), "a layer of neurons behind Standardize, got none"),
    (lambda: nn.MLP.of([nn.MLP(2, [1])]), "knows layers of neurons, Dropout and Standardize, got MLP"),
]


@pytest.mark.parametrize(("made", "words"), WRONG_HERE, ids=[words for _, words in WRONG_HERE])
def test_what_torch_has_no_twin_of_is_refused(torch, made, words):
    with pytest.raises(TypeError, match=words):
        nn.to_torch(made())


def infinite():
    linear = Linear(1, 1)
    linear.weight.copy_([[np.inf]])
    return linear


def hooked():
    linear = Linear(1, 1)
    linear._forward_hooks = {1: print}
    return linear


def of_complex_numbers():
    linear = Linear(1, 1)
    linear.weight = linear.weight.astype(complex)
    return linear


class Twice(Linear):
    pass


WRONG_THERE = [
    (lambda t: hooked(), TypeError, "without hooks"),
    (lambda t: Twice(1, 1), TypeError, "got Twice"),
    (lambda t: of_complex_numbers(), TypeError, "expects real weights"),
    (lambda t: Linear(3, 0), TypeError, "expects real weights, inputs and outputs"),
    (lambda t: t.nn.Sequential(Linear(2, 3), Linear(4, 1)), ValueError, "a linear module of 3 inputs"),
    (lambda t: t.nn.Sequential(Linear(1, 1), t.nn.Softplus(threshold=1.0)), TypeError, "got {'threshold': 1.0}"),
    (lambda t: t.nn.Conv2d(), TypeError, "knows Sequential, Linear, Dropout, Identity, .*, got Conv2d"),
    (lambda t: t.nn.Sequential(), TypeError, "with linear modules in it, got Sequential"),
    (lambda t: t.nn.Sequential(t.nn.ReLU(), Linear(1, 1)), TypeError, "an activation right behind a linear module"),
    (lambda t: t.nn.Sequential(Linear(1, 1), t.nn.ReLU(), t.nn.Tanh()), TypeError, "right behind a linear module"),
    (lambda t: t.nn.Sequential(Linear(1, 1), t.nn.GELU(approximate="tanh")), TypeError, "'approximate': 'tanh'"),
    (lambda t: t.nn.Sequential(Linear(1, 1), t.nn.Softplus(beta=2.0)), TypeError, "'beta': 2.0"),
    (lambda t: infinite(), ValueError, "expects finite weights, got inf as weight 0 of output 0"),
]


@pytest.mark.parametrize(("made", "error", "words"), WRONG_THERE, ids=[words for *_, words in WRONG_THERE])
def test_what_has_no_twin_here_is_refused(torch, made, error, words):
    with pytest.raises(error, match=words):
        nn.from_torch(made(torch))


@pytest.mark.parametrize("call", [lambda: nn.to_torch(nn.MLP(2, [1])), lambda: nn.from_torch(None)])
def test_without_torch_the_error_says_what_to_install(monkeypatch, call):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingPackage, match="torch"):
        call()
