"""Modules name what they hold by its place."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

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


def called(module, *inputs):
    module(*inputs)
    return [p.name for p in module.parameters()]


def test_a_network_s_weights_are_named_by_their_paths_when_it_is_called():
    model = MLP(1, [1, 1], rng=0)
    assert [p.name for p in model.parameters()] == [None] * 4
    names = [
        "layers[0].neurons[0].w[0]",
        "layers[0].neurons[0].b",
        "layers[1].neurons[0].w[0]",
        "layers[1].neurons[0].b",
    ]
    assert called(model, 1.0) == names == list(model.state_dict())
    assert called(Neuron(2), [1.0, 2.0]) == ["w[0]", "w[1]", "b"]


def test_attributes_lists_and_dicts_of_a_user_s_module_name_their_parts_and_a_name_of_one_s_own_stays():
    net = Net()
    paths = [
        "hidden.neurons[0].w[0]", "hidden.neurons[0].w[1]", "hidden.neurons[0].b", "hidden.neurons[1].w[0]",
        "hidden.neurons[1].w[1]", "hidden.neurons[1].b", "heads['mean'].w[0]", "heads['mean'].w[1]", "heads['mean'].b",
        "heads['scale'].w[0]", "heads['scale'].w[1]", "heads['scale'].b", "table[0][0]", "table[0][1]", "table[1][0]",
    ]  # fmt: skip
    assert called(net, [1.0, 2.0]) == [*paths, "alpha"]
    assert list(net.state_dict()) == [*paths, "rate"]
    assert [eval(f"net.{path}", {"net": net}) is p for path, p in net.named_parameters()] == [
        True
    ] * 16  # as Python writes it


def test_a_module_within_a_module_prefixes_and_what_it_returns_is_placed():
    class Whole(Module):
        def __init__(self):
            self.net = Net()

        def __call__(self, x):
            return self.net(x)

    whole = Whole()
    mean, scale = whole([1.0, 2.0])
    assert whole.net.hidden.neurons[1].b.name == "net.hidden.neurons[1].b"
    assert whole.net.hidden.neurons[1].scope == "net.hidden.neurons[1]"
    assert (whole.scope, whole.net.rate.name) == ("", "alpha")
    assert (mean.name, scale.name) == ("net.", "net.")
    assert mean.args[0].name == "net.heads['mean']."


def test_what_is_added_or_put_in_the_place_of_another_is_named_at_the_next_call():
    model = MLP(1, [2, 2, 1], rng=0)
    model(1.0)
    model.layers[0].neurons.append(Neuron(1, rng=0))
    model.layers[1].neurons = [Neuron(3, rng=0) for _ in range(2)]
    model.layers[2].neurons[0].b = Value(0.5)
    model.extra = {"gain": Value(2.0)}
    names = called(model, 1.0)
    assert names == [path for path, _ in model.named_parameters()]
    assert {"layers[0].neurons[2].w[0]", "layers[1].neurons[1].w[2]", "layers[2].neurons[0].b", "extra['gain']"} <= set(
        names
    )
    del model.layers[0]
    assert called(model, [1.0, 2.0, 3.0])[0] == "layers[0].neurons[0].w[0]"
    assert model.layers[0].scope == "layers[0]"


def test_a_module_that_was_called_by_itself_is_named_anew_in_another():
    neuron = Neuron(1, rng=0)
    assert called(neuron, 1.0) == ["w[0]", "b"]

    class Holder(Module):
        def __init__(self):
            self.part = neuron

        def __call__(self, x):
            return self.part(x)

    assert called(Holder(), 1.0) == ["part.w[0]", "part.b"]


def test_an_attribute_that_is_an_array_does_not_disturb_names():
    class Holder(Module):
        def __init__(self):
            self.seen, self.part = np.zeros(2), Neuron(1, rng=0)

        def __call__(self, x):
            self.seen = self.seen + x
            return self.part(x)

    holder = Holder()
    assert called(holder, 1.0) == ["part.w[0]", "part.b"]
    holder.part.b = Value(1.0)
    assert called(holder, 1.0) == ["part.w[0]", "part.b"]


def test_modules_of_any_class_are_called_copied_and_named():
    @dataclass(frozen=True)
    class Frozen(Module):
        w: Value

        def __call__(self, x):
            return self.w * x

    class Watched(Module):
        def __init__(self):
            object.__setattr__(self, "log", [])
            self.part = Frozen(Value(2.0))

        def __setattr__(self, name, item):
            object.__setattr__(self, name, item)
            self.log.append(name)

        def __call__(self, x):
            return self.part(x)

    class Listed(list, Module):
        def __call__(self, x):
            return self.w * x

    @dataclass(slots=True)
    class Slotted(Module):
        rate: float
        part: object

        def __call__(self, x):
            return self.part(x) * self.rate

    listed = Listed()
    listed.w = Value(2.0)
    for module in (Frozen(Value(2.0)), Watched(), listed):
        assert [same(3.0).data for same in (module, copy.copy(module), copy.deepcopy(module))] == [6.0] * 3
        assert all(p.name.endswith("w") for p in module.parameters())
    assert Watched().log == ["part"]
    slotted = copy.deepcopy(Slotted(0.5, Frozen(Value(2.0))))
    assert slotted(3.0).data == 3.0


def test_what_a_module_notes_for_itself_costs_no_new_names():
    class Noting(Module):
        def __init__(self):
            self.part, self.later = Neuron(1, None, rng=0), None
            self.count, self.data, self.seen = 0, [0.0] * 1000, {}

        def __call__(self, x):
            self.count += 1
            self.data[3] = self.count
            return self.part(x)

    module = Noting()
    module(1.0)
    before = module._census
    module(2.0)
    assert module._census is before
    module.seen[1.0] = 2.0
    module(2.0)
    assert module._census is not before
    module.later = Value(1.0)
    module(2.0)
    assert module.later.name == "later"
    module.data.append(Value(2.0))
    module(2.0)
    assert module.data[-1].name == "data[1000]"
    del module.later
    module.part.b = Value(1.0)
    module(2.0)
    assert module.part.b.name == "part.b"


def test_threads_may_change_what_a_module_notes_while_others_call_it():
    class Noting(Module):
        def __init__(self):
            self.w, self.seen = Value(2.0), {}

        def __call__(self, x):
            self.seen[x] = 1
            return self.w * x

    module = Noting()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: module(float(x)).data, range(2000)))
    assert found == [2.0 * x for x in range(2000)]


def test_arguments_reach_a_call_as_they_were_given():
    class Gate(Module):
        def __call__(self, row, x=2.0, *, scale=1.0):
            return [row * x * scale]

    gate = Gate()
    assert gate(row=Value(3.0), x=4.0)[0].data == 12.0
    assert gate(Value(3.0), x=4.0, scale=2.0)[0].data == 24.0
    assert gate(Value(3.0), 5.0)[0].data == 15.0


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


def test_what_is_held_twice_has_its_first_path():
    class Holder(Module):
        def __init__(self):
            self.a = self.b = Neuron(1, rng=0)

        def __call__(self, x):
            return self.b(x)

    assert called(Holder(), 1.0) == ["a.w[0]", "a.b"]


def test_what_refers_to_itself_is_named_once():
    class Holder(Module):
        def __call__(self, x):
            return x

    holder, inner = Holder(), Module()
    inner.w = Value(1.0)
    inner.me = inner
    holder.part = inner
    assert called(holder, 1.0) == ["part.w"]


def test_copies_keep_names_and_are_named_by_who_calls_them():
    net = Net()
    net([1.0, 2.0])
    for same in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert [p.name for p in same.parameters()] == [p.name for p in net.parameters()]
        assert called(same, [1.0, 2.0]) == [p.name for p in net.parameters()]
        assert same.hidden.scope == "hidden"


def test_a_tape_s_names_are_python_names():
    model = MLP(1, [1], rng=0)
    f = compile(lambda x: model([x]))
    f(1.0)
    assert "layers_0_neurons_0_w_0" in str(f.tapes[0])


def test_what_passes_through_a_module_is_not_placed_in_it():
    class Same(Module):
        def __call__(self, x, *more):
            return x + 0.0 if isinstance(x, float) else x

    class Holder(Module):
        def __init__(self):
            self.same = Same()

        def __call__(self, x, *more):
            return self.same(x, *more)

    y = Value(1.0) * 2.0
    assert Holder()(2.5) == 2.5
    assert Holder()(y).name is None
    assert Holder()([y])[0].name is None


def test_networks_call_what_they_hold():
    class Twice(Neuron):
        def __call__(self, x):
            return 2.0 * super().__call__(x)

    class Sum(Module):
        def __init__(self):
            self.gain = Value(3.0)

        def __call__(self, row):
            return [self.gain * sum(row)]

    plain, model = MLP(2, [2, 1], None, rng=0), MLP(2, [2, 1], None, rng=0)
    model.layers[0].neurons[1] = twice = Twice(2, None, rng=0)
    twice.w, twice.b = plain.layers[0].neurons[1].w, plain.layers[0].neurons[1].b
    first, second = plain.layers[0]([1.0, 2.0])
    w = plain.layers[1].neurons[0].w
    assert model([1.0, 2.0]).data == (w[0] * first + w[1] * (2.0 * second)).data
    model.layers.insert(1, Sum())
    model.layers[2] = Neuron(1, None, rng=0)
    (row,) = model.layers[1](model.layers[0]([1.0, 2.0]))
    assert model([1.0, 2.0]).data == (model.layers[2].w[0] * row + model.layers[2].b).data
    assert model.layers[1].gain.name == "layers[1].gain"
    assert repr(model) == "MLP(2 -> 2 identity/Twice -> Sum -> Neuron)"
