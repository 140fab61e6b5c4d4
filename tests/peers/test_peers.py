"""What PyTorch and JAX answer: stored numbers, or those of the file that PEERS names (`make peers`)."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from structures import CASES as STRUCTURES
from structures import made, told

from autograd import PRIMITIVES, Value, compile, errstate, flatten, jacobian, jvp, value_and_grad, vjp
from nn import MLP, losses
from nn.optim import SGD

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


@pytest.mark.parametrize("name", ANSWERS["sgd"])
def test_sgd_goes_the_same_way(name):
    options = {"plain": {}, "momentum": {"momentum": 0.9}, "nesterov": {"momentum": 0.9, "nesterov": True}}[name]
    x, y = Value(-1.0), Value(0.5)
    optimizer = SGD([x, y], lr=0.01, **options)
    for expected in ANSWERS["sgd"][name]:
        optimizer.zero_grad()
        ((1 - x) ** 2 + 5 * (y - x * x) ** 2).backward()
        optimizer.step()
        assert [x.data, y.data] == close(expected)


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
