"""nn.testing: networks whose gradients agree in every way, and data that every family takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, check_grads, compile, grad
from nn.families import FAMILIES
from nn.testing import datasets, networks


def loss(model, rows, targets):
    out = [model(row) for row in rows]
    sums = [y[0] if isinstance(y, list) else y for y in out]
    return sum((y - t) * (y - t) for y, t in zip(sums, targets, strict=True))


@pytest.mark.no_cover
@settings(max_examples=15)
@given(st.data())
def test_the_gradient_of_a_network_by_its_input_is_the_one_at_60_digits(data):
    model = data.draw(networks(inputs=2, max_width=3))
    X, _ = data.draw(datasets(features=2, max_rows=1))
    check_grads(lambda x: model(x), (X[0].tolist(),), order=1)


@settings(max_examples=25)
@given(st.data())
def test_backward_grad_and_compiled_agree_for_every_weight(data):
    model = data.draw(networks(inputs=1, outputs=1))
    X, y = data.draw(datasets(features=1))
    rows, targets = X.tolist(), y.tolist()
    model.zero_grad()
    total = loss(model, rows, targets)
    if type(total) is Value:
        total.backward()
    parameters = model.parameters()
    by_grad = grad(lambda: loss(model, rows, targets), wrt=parameters)()
    compiled = compile(grad(lambda: loss(model, rows, targets), wrt=parameters))()
    scale = 1e-12 * (1.0 + sum(abs(p.grad) for p in parameters))
    np.testing.assert_allclose([p.grad for p in parameters], by_grad, rtol=0, atol=scale)
    np.testing.assert_allclose(by_grad, compiled, rtol=0, atol=scale)


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=20)
@given(data=st.data())
def test_a_family_admits_all_targets_that_are_drawn(name, data):
    X, y = data.draw(datasets(name, features=2))
    assert X.shape == (len(y), 2)
    family = FAMILIES[name]
    if family.targets == "numbers":
        assert all(map(family.admits, y.tolist()))
    else:
        assert set(y.tolist()) <= ({0, 1} if family.targets == "binary" else {0, 1, 2})


@pytest.mark.filterwarnings("ignore:GLM.fit")
@settings(max_examples=20, deadline=None)
@given(datasets("gaussian", features=1))
def test_a_normal_model_of_drawn_data_leaves_residuals_that_are_orthogonal(pair):
    X, y = pair
    if len(set(X[:, 0])) < 3 or len(set(y)) < 2:
        return
    model = nn.GLM("gaussian").fit(X, y)
    residuals = y - model.predict(X)
    assert abs(residuals.sum()) < 1e-9
    assert abs(X[:, 0] @ residuals) < 1e-8


def test_what_is_asked_for_is_drawn():
    from hypothesis import find

    for name, family in FAMILIES.items():
        if family.targets == "numbers" and family.admits(0.0):
            assert 0.0 in find(datasets(name), lambda pair: 0.0 in pair[1].tolist())[1]

    model = find(networks(inputs=3, outputs=2, activations=["relu"], max_width=2), lambda model: len(model.layers) > 1)
    assert repr(model) == "MLP(3 -> 1 relu -> 2 identity)"
    X, y = find(datasets(max_rows=4), lambda pair: pair[0].shape[1] > 1 and len(pair[1]) > 1)
    assert (X.shape, y.shape) == ((2, 2), (2,))
    with pytest.raises(ValueError, match="family"):
        find(datasets("guess"), lambda pair: True)
