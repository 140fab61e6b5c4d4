"""Modules name what they hold by its place."""

import copy
import pickle

from autograd import Value, compile
from nn import MLP, Layer, Module, Neuron


class Net(Module):
    def __init__(self):
        self.hidden = Layer(2, 2, rng=0)
        self.heads = {"mean": Neuron(2, None, rng=0), "scale": Neuron(2, None, rng=1)}
        self.table = [[Value(1.0), Value(2.0)], (Value(3.0),)]
        self.rate = Value(0.1, "alpha")
        self.steps = 0

    def __call__(self, x):
        h = self.hidden(x)
        return [head(h) * self.rate for head in self.heads.values()]


def test_a_network_s_weights_are_named_by_layer_and_neuron():
    names = [p.name for p in MLP(1, [1, 1], rng=0).parameters()]
    assert names == ["layer0/neuron0/w0", "layer0/neuron0/b", "layer1/neuron0/w0", "layer1/neuron0/b"]
    assert [p.name for p in Neuron(2).parameters()] == ["w0", "w1", "b"]


def test_attributes_lists_and_dicts_of_a_user_s_module_name_their_parts():
    names = [p.name for p in Net().parameters()]
    assert names == [
        "hidden/neuron0/w0", "hidden/neuron0/w1", "hidden/neuron0/b", "hidden/neuron1/w0", "hidden/neuron1/w1",
        "hidden/neuron1/b", "heads/mean/w0", "heads/mean/w1", "heads/mean/b", "heads/scale/w0", "heads/scale/w1",
        "heads/scale/b", "table0_0", "table0_1", "table1_0", "alpha",
    ]  # fmt: skip


def test_a_module_within_a_module_prefixes_and_what_it_returns_is_placed():
    class Whole(Module):
        def __init__(self):
            self.net = Net()

        def __call__(self, x):
            return self.net(x)

    whole = Whole()
    assert whole.net.hidden.neurons[1].b.name == "net/hidden/neuron1/b"
    assert whole.net.rate.name == "net/alpha"
    mean, scale = whole([1.0, 2.0])
    assert (mean.name, scale.name) == ("net/", "net/")
    assert mean.args[0].name == "net/heads/mean/"


def test_names_given_by_a_module_itself_stay():
    class Named(Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            y = self.w * x
            y.name = "mine"
            return y

    class Holder(Module):
        def __init__(self):
            self.part = Named()

    assert Holder().part(2.0).name == "mine"


def test_assigning_twice_does_not_prefix_twice():
    holder = Module()
    holder.a = Neuron(1)
    holder.a = holder.a
    holder.b = holder.a
    assert holder.b.w[0].name == "b/w0"


def test_what_refers_to_itself_is_named_once():
    holder = Module()
    inner = Module()
    inner.w = Value(1.0)
    inner.me = inner
    holder.part = inner
    assert inner.w.name == "part/w"


def test_copies_keep_names_and_scopes():
    net = Net()
    for same in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert [p.name for p in same.parameters()] == [p.name for p in net.parameters()]
        assert same.hidden.scope == "hidden"


def test_a_tape_s_names_are_python_names():
    model = MLP(1, [1], rng=0)
    f = compile(lambda x: model([x]))
    f(1.0)
    assert "layer0_neuron0_w0" in str(f.tapes[0])


def test_plurals_lose_their_s_and_other_words_keep_it():
    holder = Module()
    for name in ("weights", "bias", "loss", "axis", "s", "gates", "status"):
        setattr(holder, name, [Value(1.0)])
    names = [p.name for p in holder.parameters()]
    assert names == ["weight0", "bias0", "loss0", "axis0", "s0", "gate0", "status0"]


def test_a_name_that_is_only_a_path_is_replaced():
    holder = Module()
    holder.w = Value(1.0, "a/")
    assert holder.w.name == "w"


def test_what_passes_through_a_module_is_not_placed_in_it():
    class Same(Module):
        def __call__(self, x):
            return x

    holder = Module()
    holder.same = Same()
    y = Value(1.0) * 2.0
    assert holder.same(y).name is None
