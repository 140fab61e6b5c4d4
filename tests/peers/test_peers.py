"""What PyTorch and JAX answer: stored numbers, or those of the file that PEERS names (`make peers`)."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import training_cases as asked
from structures import CASES as STRUCTURES
from structures import made, told

from autograd import PRIMITIVES, Value, compile, errstate, flatten, jacobian, jvp, value_and_grad, vjp
from nn import MLP, losses, optim

ANSWERS = json.loads(Path(os.environ.get("PEERS", Path(__file__).with_name("answers.json"))).read_text())
CASES = [(peer, name, *case) for peer in ("torch", "jax") for name, cases in ANSWERS[peer].items() for case in cases]


TEN_DIGITS = {("torch", "digamma")}  # PyTorch's trigamma; test_accuracy holds ours to mpmath's


def close(x, rel=2e-14):
    return pytest.approx(x, rel=rel, abs=2e-15)


@pytest.mark.parametrize(("peer", "name", "args", "value", "slopes"), CASES)
def test_primitives_agree(peer, name, args, value, slopes):
    row = PRIMITIVES[name]
    more = [0.01] if name == "leaky_relu" else [1.0] if name == "elu" else []
    with errstate("ignore"):
        y, found = value_and_grad(row, tuple(range(len(args))))(*args, *more)
    assert y == close(value)
    assert list(found) == close(slopes, 1e-9 if (peer, name) in TEN_DIGITS else 2e-14)


@pytest.mark.parametrize("case", ANSWERS["losses"]["cases"])
def test_losses_agree(case):
    name, target = case.split()
    loss, answer = getattr(losses, name), ANSWERS["losses"]["cases"][case]
    z = ANSWERS["losses"]["logits"]
    if name.startswith("binary"):
        found = [value_and_grad(lambda x: loss(x, float(target)))(x) for x in z]
        assert [y for y, _ in found] == close([y for y, _ in answer[0]])
        assert [d for _, d in found] == close([d for _, (d,) in answer[0]])
    else:
        y, slopes = value_and_grad(lambda z: loss(z, int(target)))(z)
        assert (y, slopes) == (close(answer[0]), close(answer[1]))


def way(make, change=lambda parameters: None):
    """The parameters after each step of one of our optimizers."""
    x, y = map(Value, asked.START)
    optimizer = make([x, y])
    trace = []
    for _ in range(asked.STEPS):
        optimizer.zero_grad()
        ((1 - x) ** 2 + 5 * (y - x * x) ** 2).backward()
        change([x, y])
        optimizer.step()
        trace.append([x.data, y.data])
    return np.array(trace)


@pytest.mark.parametrize("name", asked.OPTIMIZERS)
def test_optimizers_go_pytorch_s_way(name):
    kind, options = asked.OPTIMIZERS[name]
    trace = way(lambda parameters: getattr(optim, kind)(parameters, **options))
    assert np.abs(trace - ANSWERS["optimizers"][name]).max() < 1e-11


@pytest.mark.parametrize(("name", "clip"), [("norm", optim.ClipNorm), ("value", optim.ClipValue)])
def test_clipped_gradients_go_pytorch_s_way(name, clip):
    trace = way(lambda parameters: optim.SGD(parameters, lr=0.1), clip(asked.CLIPPED[name]).apply)
    assert np.abs(trace - ANSWERS["optimizers"][f"clipped by {name}"]).max() < 1e-11


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("Step", optim.Step(3, 0.5)),
        ("Exponential", optim.Exponential(0.9)),
        ("Cosine", optim.Cosine(13, 0.1)),
        ("Linear", optim.Linear(8, 0.5, 0.25)),
        ("Plateau", optim.Plateau(gamma=0.5, patience=1)),
    ],
)
def test_schedules_give_pytorch_s_rates(name, schedule):
    losses = asked.LOSSES_OF_PLATEAU
    assert [schedule(t, losses[:t]) for t in range(14)] == pytest.approx(ANSWERS["schedules"][name], rel=1e-12)


def exact_or(expected, found):
    """PyTorch's number, or ours where it has flushed one to 0 that is not 0."""
    return found if expected == 0.0 and abs(found) < 1e-40 else pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "case"), [(name, k) for name, cases in asked.LOSSES.items() for k in range(len(cases))]
)
def test_losses_of_numbers_agree_also_far_out(name, case):
    points, target, more = asked.LOSSES[name][case]
    for z, (value, (slope,)) in zip(points, ANSWERS["more losses"]["numbers"][name][case], strict=True):
        y, d = value_and_grad(lambda x: getattr(losses, name)(x, target, **more))(z)
        assert y == exact_or(value, y)
        assert d == exact_or(slope, d)


@pytest.mark.parametrize("case", range(len(asked.CLASSES)))
def test_losses_of_classes_agree_with_smoothing_and_weights(case):
    z, target, more = asked.CLASSES[case]
    value, slopes = ANSWERS["more losses"]["classes"][case]
    y, found = value_and_grad(lambda z: losses.cross_entropy_with_logits(z, target, **more))(z)
    assert y == exact_or(value, y)
    assert found == [exact_or(slope, d) for slope, d in zip(slopes, found, strict=True)]


@pytest.mark.parametrize("case", range(len(asked.DIVERGENCES)))
def test_divergences_agree(case):
    q, p = asked.DIVERGENCES[case]
    value, slopes = ANSWERS["more losses"]["divergences"][case]
    y, found = value_and_grad(lambda q: losses.kl_divergence(q, p))(q)
    assert (y, found) == (close(value, 1e-12), close(slopes, 1e-12))


def test_a_network_has_the_same_gradient():
    model = MLP(2, [3, 1], activation="tanh")
    for i, parameter in enumerate(model.parameters()):
        parameter.data = -0.5 + 0.1 * i
    y = model([0.5, -1.5])
    y.backward()
    value, slopes = ANSWERS["network"]
    assert y.data == close(value)
    assert [p.grad for p in model.parameters()] == close(slopes)


@pytest.mark.parametrize("way", ["eager", "compiled"])
@pytest.mark.parametrize("name", ANSWERS["structures"])
def test_derivatives_of_structures_have_jax_s_forms_and_numbers(name, way):
    function, args = STRUCTURES[name]
    f, point = function(np), [made(arg, np) for arg in args]
    argnums = tuple(range(len(args)))
    of = compile if way == "compiled" else lambda f: f
    ones = [filled_with_ones(part) for part in point]
    found = {
        "value": of(f)(*point),
        "jacobian": of(jacobian(f, argnums))(*point),
        "first": of(jacobian(f))(*point),
        "second": of(jacobian(jacobian(f, argnums), argnums))(*point),
        "vjp": of(lambda *xs: vjp(f, *xs)[1](filled_with_ones(f(*point))))(*point),
        "jvp": of(lambda *xs: jvp(f, xs, ones)[1])(*point),
    }
    assert {what: told(tree) for what, tree in found.items()} == nearly(ANSWERS["structures"][name])


def filled_with_ones(tree):
    """A structure of the same form with 1 everywhere."""
    numbers, unflatten = flatten(tree)
    return unflatten(np.ones(len(numbers)))


def nearly(tree):
    """The same tree with numbers that compare as nearly equal."""
    if isinstance(tree, dict):
        return {key: nearly(part) for key, part in tree.items()}
    return [nearly(part) for part in tree] if isinstance(tree, list) else close(tree)


def test_the_peers_answer_at_the_edges_what_our_page_says_of_them():
    torch, jax = ANSWERS["torch edges"], ANSWERS["jax edges"]
    assert torch["relu at nan"] == ["nan", "[1.0]"]
    assert jax["abs at 0"] == ["0.0", "[1.0]"]
    for peer in (torch, jax):
        assert "nan" in peer["silu at inf"][1]
        assert "nan" in "".join(peer["gelu at -inf"])
