"""Files: exact, whole or not there, and never half-loaded."""

import json
import os

import pytest

import nn
from autograd import Value
from nn import optim, storage


def model(rng=0):
    network = nn.MLP(2, [3, 1], rng=rng)
    network.layers.insert(0, nn.Standardize([[1.0, 2.0], [3.0, 7.0]]))
    return network


def test_a_model_comes_back_bit_for_bit_with_what_it_remembers(tmp_path):
    path, first, second = tmp_path / "model.json", model(), model(rng=5)
    first.layers[1].neurons[0].w[0].data = 0.1 + 0.2
    first.layers[1].neurons[0].b.data = 5e-324
    first.save(path)
    second.layers[0].mean = [0.0, 0.0]
    second.load(path)
    assert first.state_dict() == second.state_dict()
    assert second.layers[0].mean == [2.0, 4.5]
    assert first([0.5, 0.25]).data == second([0.5, 0.25]).data
    assert json.loads(path.read_text())["file"]["kind"] == "model"


def test_a_file_that_is_cut_off_or_changed_anywhere_is_refused_and_nothing_is_loaded(tmp_path):
    path, network = tmp_path / "model.json", nn.Neuron(1, rng=0)
    network.save(path)
    data, before = path.read_bytes(), network.state_dict()
    network.w[0].data += 1.0
    changed = network.state_dict()
    for end in range(len(data)):
        path.write_bytes(data[:end])
        with pytest.raises(ValueError, match=r"no file that save|is cut off or was changed"):
            network.load(path)
    for place in range(len(data)):
        for flip in (1, 0x20, 0x80):
            path.write_bytes(data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :])
            with pytest.raises(ValueError, match=r"no file that save|is cut off or was changed"):
                network.load(path)
    assert network.state_dict() == changed
    path.write_bytes(data)
    network.load(path)
    assert network.state_dict() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: optim.Adam(p, amsgrad=True),
        lambda p: optim.RMSprop(p, centered=True),
        optim.Lion,
        optim.LBFGS,
        lambda p: optim.Groups(optim.SGD(p[:1], lr=0.1), optim.Adagrad(p[1:])),
    ],
)
def test_an_optimizer_comes_back_with_options_and_states(make, tmp_path):
    def step(optimizer, parameters):
        def closure():
            optimizer.zero_grad()
            loss = sum((p - k) ** 2 for k, p in enumerate(parameters))
            loss.backward()
            return loss

        if isinstance(optimizer, optim.LBFGS):
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()

    path, first, second = tmp_path / "optimizer.json", [Value(0.5), Value(3.0)], [Value(0.5), Value(3.0)]
    one, other = make(first), make(second)
    step(one, first)
    one.save(path)
    for parameter, number in zip(second, first, strict=True):
        parameter.data = number.data
    other.load(path)
    assert one.state_dict() == other.state_dict()
    step(one, first)
    step(other, second)
    assert [p.data for p in first] == [p.data for p in second]


def test_an_optimizer_that_does_not_fit_stays_as_it_is(tmp_path):
    adam = optim.Adam([Value(1.0)], lr=0.5)
    before = adam.state_dict()
    two, sgd = optim.Adam([Value(1.0), Value(2.0)]), optim.SGD([Value(1.0)], lr=0.1)
    groups, lbfgs = optim.Groups(sgd), optim.LBFGS([Value(1.0)])
    for other, message in ((two, "states for 1 parameters, got 2"), (sgd, "the state of Adam, got one of 'SGD'")):
        with pytest.raises(ValueError, match=message):
            adam.load_state_dict(other.state_dict())
    for state, message in (
        ({**before, "options": {"lr": 0.1}}, "the options lr, betas, eps"),
        ({**before, "options": {**before["options"], "eps": -1.0}}, "eps from 0 up, got -1.0"),
    ):
        with pytest.raises(ValueError, match=message):
            adam.load_state_dict(state)
    assert adam.state_dict() == before
    with pytest.raises(ValueError, match="the state of 1 groups"):
        groups.load_state_dict(before)
    whole = groups.state_dict()
    with pytest.raises(ValueError, match="the state of SGD"):
        groups.load_state_dict({"kind": "Groups", "groups": [before]})
    assert groups.state_dict() == whole
    with pytest.raises(ValueError, match="the state of LBFGS, got one of Adam"):
        lbfgs.load_state_dict(before)
    with pytest.raises(ValueError, match="states for 1 parameters, got other ones"):
        lbfgs.load_state_dict({"kind": "LBFGS", "options": {"memory": 3}, "states": [[[1.0, 2.0], [1.0, 2.0]]]})


def test_kinds_versions_and_names_are_looked_at(tmp_path, monkeypatch):
    path, network = tmp_path / "file.json", model()
    optim.Adam([Value(1.0)]).save(path)
    with pytest.raises(ValueError, match="is a file of a optimizer, expected one of a model"):
        network.load(path)
    with pytest.raises(ValueError, match="expected one of a run"):
        nn.History.load(path)
    plain = nn.MLP(2, [3, 1])
    plain.save(path)
    with pytest.raises(
        ValueError, match=r"what this model remembers; missing: layers\[0\]\.mean, layers\[0\]\.scale; extra: none"
    ):
        network.load(path)
    monkeypatch.setattr(storage, "VERSION", 2)
    with pytest.raises(ValueError, match="has version 1, this program reads 2"):
        plain.load(path)
    plain.layers[0].neurons[0].b.data = float("nan")
    with pytest.raises(ValueError, match=r"finite numbers, got nan for layers\[0\]\.neurons\[0\]\.b"):
        plain.save(path)
    monkeypatch.undo()
    nn.MLP(2, [3, 1]).load(path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path, network = tmp_path / "model.json", nn.Neuron(1, rng=0)
    network.save(path)
    before = path.read_bytes()

    def broken(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="no space left"):
        nn.Neuron(1, rng=1).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]


def test_standardized_rows_have_mean_0_and_spread_1_and_a_constant_column_is_centred():
    layer = nn.Standardize([[1.0, 4.0, 7.0], [3.0, 4.0, 9.0]])
    assert [layer(row) for row in ([1.0, 4.0, 7.0], [3.0, 4.0, 9.0])] == [[-1.0, 0.0, -1.0], [1.0, 0.0, 1.0]]
    assert repr(layer) == "Standardize(3)"
    assert nn.Standardize([[1.0], [3.0]])(3.0) == [1.0]
    with pytest.raises(ValueError, match="Standardize expects 3 inputs, got 2"):
        layer([1.0, 2.0])
    with pytest.raises(ValueError, match=r"Standardize\(\) expects finite numbers in X"):
        nn.Standardize([[float("nan")]])


def test_a_model_within_a_model_is_saved_under_its_path(tmp_path):
    class Outer(nn.Module):
        remembered = ("threshold",)

        def __init__(self, threshold):
            self.inner = model()
            self.threshold = threshold

    path = tmp_path / "outer.json"
    Outer(0.75).save(path)
    other = Outer(0.0)
    other.load(path)
    assert other.threshold == 0.75
    assert other.inner.layers[0].mean == [2.0, 4.5]


def test_a_file_has_the_rights_that_the_umask_gives_and_a_link_stays_one(tmp_path):
    path, link = tmp_path / "model.json", tmp_path / "link.json"
    before = os.umask(0o022)
    try:
        nn.Neuron(1, rng=0).save(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644
    link.symlink_to(path)
    nn.Neuron(1, rng=1).save(link)
    assert link.is_symlink()
    with pytest.raises(TypeError, match="a file holds numbers, strings, lists and dicts, got object"):
        storage.write(path, "model", {"a": object()})
    assert sorted(os.listdir(tmp_path)) == ["link.json", "model.json"]
