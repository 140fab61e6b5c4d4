"""What the lectures on networks claim, each claim tried; notebook 06_mlp shows them."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate

import nn
from autograd import (
    PRIMITIVES,
    Value,
    compile,
    elu,
    grad,
    jacobian,
    leaky_relu,
    log,
    log_softmax,
    relu,
    sigmoid,
    softplus,
    step,
    tanh,
)
from autograd import sum as total
from nn import GLM, MLP, Layer, NeuralGLM, Neuron

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

CORNERS = list(itertools.product((0.0, 1.0), repeat=2))
RNG = np.random.default_rng(0)


def arrays(layer):
    """The weights and the biases of a layer."""
    return np.array([[w.data for w in n.w] for n in layer.neurons]), np.array([n.b.data for n in layer.neurons])


def slopes(layer):
    return np.array([[w.grad for w in n.w] for n in layer.neurons]), np.array([n.b.grad for n in layer.neurons])


# Threshold neurons and XOR


@pytest.mark.parametrize(
    ("weights", "bias", "answers"),
    [([1.0, 1.0], -1.5, [0, 0, 0, 1]), ([1.0, 1.0], -0.5, [0, 1, 1, 1]), ([-1.0, -1.0], 1.5, [1, 1, 1, 0])],
)
def test_a_threshold_neuron_computes_and_or_and_not_and(weights, bias, answers):
    neuron = Neuron.of(weights, bias, step)
    assert [neuron(x).data for x in CORNERS] == answers
    assert PRIMITIVES["step"].partials == (None,)  # so it cannot learn


def test_no_threshold_neuron_computes_xor_and_two_layers_do():
    grid = np.linspace(-3.0, 3.0, 13)
    for w1, w2, b in itertools.product(grid, repeat=3):
        assert [w1 * x + w2 * y + b >= 0.0 for x, y in CORNERS] != [False, True, True, False]
    hidden = Layer.of([Neuron.of([1.0, 1.0], -0.5, step), Neuron.of([1.0, 1.0], -1.5, step)])
    network = MLP.of([hidden, Layer.of([Neuron.of([1.0, -1.0], -0.5, step)])])
    assert [network(x).data for x in CORNERS] == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_network_learns_xor_and_a_line_does_not(activation):
    X, y = nn.datasets.xor()
    right = []
    for seed in range(5):
        network = MLP(2, [3, 1], activation, init=lambda inputs, outputs: 3.0, rng=seed)
        nn.fit(
            network, X, y, loss="binary_cross_entropy_with_logits", optimizer=nn.optim.LBFGS, epochs=200, progress=False
        )
        right.append(sum((network(x).data > 0.0) == t for x, t in zip(X.tolist(), y, strict=True)))
    assert max(right) == 4
    assert GLM("bernoulli").fit(X, y).predict_proba(X) == pytest.approx(0.5)


# Odds, sigmoid, softmax, cross entropy


@pytest.mark.parametrize("eta", [-30.0, -2.0, 0.0, 0.7, 30.0])
def test_the_sigmoid_is_the_inverse_of_the_log_odds_and_its_slope_is_p_times_one_minus_p(eta):
    p = sigmoid(eta)
    assert log(p) - log(sigmoid(-eta)) == pytest.approx(eta, rel=1e-14)
    assert p == pytest.approx(math.exp(eta) / (1.0 + math.exp(eta)), rel=1e-14)
    assert grad(sigmoid)(eta) == pytest.approx(p * sigmoid(-eta), rel=1e-14)
    assert grad(sigmoid)(eta) <= 0.25


def test_the_odds_are_multiplied_by_exp_of_the_coefficient_with_each_step_of_the_feature():
    X = RNG.normal(size=(80, 2))
    y = RNG.random(80) < 1.0 / (1.0 + np.exp(-X[:, 0]))
    model = GLM("bernoulli").fit(X, y)
    p = model.predict_proba([[0.3, -0.5], [1.3, -0.5]])[:, 1]
    odds = p / (1.0 - p)
    assert odds[1] / odds[0] == pytest.approx(math.exp(model.coef_[0]), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_softmax_of_straight_lines_is_bayes_for_normal_classes_of_one_spread(seed):
    rng = np.random.default_rng(seed)
    shares, centres = rng.dirichlet(np.ones(4)), rng.normal(size=(4, 3))
    spread, x = rng.uniform(0.5, 2.0), rng.normal(size=3)
    bayes = shares * np.exp(-((x - centres) ** 2).sum(axis=1) / (2.0 * spread**2))
    etas = centres @ x / spread**2 + np.log(shares) - (centres**2).sum(axis=1) / (2.0 * spread**2)
    assert nn.links.softmax.inverse(etas.tolist()) == pytest.approx(bayes / bayes.sum(), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_cross_entropy_is_entropy_and_divergence(seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(5), size=2).tolist()
    entropy = -sum(a * math.log(a) for a in p)
    divergence = sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert nn.losses.cross_entropy(q, p) == pytest.approx(entropy + divergence, rel=1e-13)
    assert nn.losses.cross_entropy(p, p) == pytest.approx(entropy, rel=1e-13)
    assert nn.losses.kl_divergence(q, p) == pytest.approx(divergence, rel=1e-13)
    assert divergence > 0.0 == nn.losses.kl_divergence(p, p)


# Activations


@pytest.mark.parametrize("x", [-8.0, -0.3, 0.0, 1.0, 6.5])
def test_softplus_is_a_sum_of_shifted_sigmoids(x):
    whole, _ = integrate.quad(lambda t: sigmoid(x - t), 0.0, 80.0, limit=200, points=[max(x, 0.0)], epsabs=1e-13)
    assert softplus(x) == pytest.approx(whole, abs=1e-11)
    rough = [
        softplus(x) - h * total(sigmoid(x - t) for t in np.arange(h / 2.0, 80.0, h).tolist()) for h in (1.0, 0.5, 0.25)
    ]
    assert all(
        3.8 < abs(a / b) < 4.2 for a, b in itertools.pairwise(rough) if abs(a) > 1e-9
    )  # the error falls as the square of the step


def first_gradient(activation, init, depth):
    """The mean size of the gradient of the first layer's weights, in networks of one width."""
    sizes = []
    for seed in range(10):
        model = MLP(10, [10] * depth + [1], activation, init=init, rng=seed)
        model(np.random.default_rng(seed).normal(size=10).tolist()).backward()
        sizes.append(np.abs(slopes(model.layers[0])[0]).mean())
    return np.mean(sizes)


@pytest.mark.parametrize("depth", [5, 10, 20])
def test_the_gradient_of_sigmoids_is_divided_by_four_in_each_layer_and_that_of_others_is_kept(depth):
    lost = (first_gradient(sigmoid, "glorot", depth) / first_gradient(sigmoid, "glorot", 1)) ** (1.0 / (depth - 1))
    assert 0.15 < lost < 0.25  # its slope is at most 1/4
    for activation, init in ((tanh, "glorot"), (relu, "he"), (leaky_relu, "he"), (elu, "he")):
        assert first_gradient(activation, init, depth) > 0.05 * first_gradient(activation, init, 1), activation


# Backpropagation and matrices


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sizes", [(4, 3, 3), (4, 7, 3), (2, 5, 2)])
def test_the_delta_formulas_give_the_engines_gradients(sizes, seed):
    rng = np.random.default_rng(seed)
    inputs, hidden, outputs = sizes
    network = MLP(inputs, [hidden, outputs], "tanh", rng=seed)
    x, label = rng.normal(size=inputs), int(rng.integers(outputs))
    (W, b), (V, c) = map(arrays, network.layers)
    z = np.tanh(W @ x + b)
    eta = V @ z + c
    said = np.exp(eta - eta.max())
    delta2 = said / said.sum() - np.eye(outputs)[label]
    delta1 = (V.T @ delta2) * (1.0 - z * z)
    nn.losses.cross_entropy_with_logits(network(x.tolist()), label).backward()
    for layer, delta, before in zip(network.layers, (delta1, delta2), (x, z), strict=True):
        weights, biases = slopes(layer)
        assert np.abs(weights - np.outer(delta, before)).max() <= 1e-12
        assert np.abs(biases - delta).max() <= 1e-12


@pytest.mark.parametrize(
    ("loss", "target", "delta"),
    [
        ("squared_error", 0.3, lambda eta, y: 2.0 * (eta - y)),
        ("binary_cross_entropy_with_logits", 1.0, lambda eta, y: sigmoid(eta) - y),
    ],
)
def test_the_delta_at_the_end_is_what_is_said_minus_what_is_true(loss, target, delta):
    network = MLP(3, [4, 1], "sigmoid", rng=1)
    x = [0.2, -1.0, 0.5]
    output = network(x)
    nn.losses.LOSSES[loss](output, target).backward()
    assert output.grad == pytest.approx(delta(output.data, target), abs=1e-12)
    _, biases = slopes(network.layers[1])
    assert biases[0] == output.grad


def test_the_network_of_four_inputs_and_three_outputs_is_what_one_computes_by_hand():
    hidden = Layer.of([Neuron.of([1.0, 0.0, -1.0, 2.0], 1.0, relu), Neuron.of([0.0, 1.0, 1.0, -1.0], -1.0, relu)])
    last = Layer.of([Neuron.of([1.0, 0.0], 0.0), Neuron.of([0.0, 2.0], 1.0), Neuron.of([-1.0, 1.0], 0.5)])
    network = MLP.of([hidden, last])
    x = [1.0, 2.0, 3.0, 1.0]  # sums 1 - 3 + 2 + 1 = 1 and 2 + 3 - 1 - 1 = 3
    outputs = network(x)
    assert [y.data for y in outputs] == [1.0, 7.0, 2.5]
    nn.losses.squared_error(outputs[0], 0.0).backward()  # slope 2 at the first output, 2 * 1 at the first neuron
    assert [w.grad for w in hidden.neurons[0].w] == [2.0, 4.0, 6.0, 2.0]
    assert [w.grad for w in hidden.neurons[1].w] == [0.0, 0.0, 0.0, 0.0]
    assert [w.grad for w in last.neurons[0].w] == [2.0, 6.0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [(5, 4, 3), (1, 2, 1), (3, 1, 4)])
def test_matrix_differentials_hold_entry_by_entry(shape, compiled):
    n, p, q = shape
    X, W, b, R = RNG.normal(size=(n, p)), RNG.normal(size=(p, q)), RNG.normal(size=q), RNG.normal(size=(n, q))

    def Z(X, W, b):
        return [
            [
                total(x * w for x, w in zip(row, column, strict=True)) + free
                for column, free in zip(zip(*W, strict=True), b, strict=True)
            ]
            for row in X
        ]

    def Q(X, W, b):
        return total(
            r * tanh(z) for zs, rs in zip(Z(X, W, b), R.tolist(), strict=True) for z, r in zip(zs, rs, strict=True)
        )

    lists = X.tolist(), W.tolist(), b.tolist()
    if not compiled:
        assert np.allclose(np.array(Z(*lists)), X @ W + np.outer(np.ones(n), b), atol=1e-14)
    slope = grad(Q, argnums=(0, 1, 2))
    dX, dW, db = map(np.array, (compile(slope) if compiled else slope)(*lists))
    G = R * (1.0 - np.tanh(X @ W + b) ** 2)
    assert np.abs(dW - X.T @ G).max() < 1e-12
    assert np.abs(db - G.T @ np.ones(n)).max() < 1e-12
    assert np.abs(dX - G @ W.T).max() < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_of_log_softmax_is_the_identity_less_the_probabilities(seed):
    etas = (3.0 * np.random.default_rng(seed).normal(size=4)).tolist()
    p = np.array(nn.links.softmax.inverse(etas))
    assert np.abs(np.array(jacobian(log_softmax)(etas)) - (np.eye(4) - p)).max() < 1e-12
    for label in range(4):
        slope = grad(lambda e, label=label: nn.losses.cross_entropy_with_logits(e, label))(etas)
        assert np.abs(np.array(slope) - (p - np.eye(4)[label])).max() < 1e-12


# What networks can be


@pytest.mark.parametrize("curve", [lambda x: np.sin(3.0 * x) + 0.5 * x, np.abs, lambda x: np.exp(-x * x)])
def test_sums_of_steep_sigmoids_come_as_near_to_a_curve_as_one_likes(curve):
    xs = np.linspace(-2.0, 2.0, 97)
    differences = []
    for count in (20, 80, 320):
        edges = np.linspace(-2.0, 2.0, count + 1)
        middles, sharp = (edges[:-1] + edges[1:]) / 2.0, 10.0 * count / 4.0
        hidden = Layer.of([Neuron.of([sharp], -sharp * t, sigmoid) for t in middles.tolist()])
        network = MLP.of([hidden, Layer.of([Neuron.of(np.diff(curve(edges)).tolist(), float(curve(edges[0])))])])
        rough = compile(lambda x, network=network: network([x]), rows=0)(xs)
        differences.append(np.abs(rough - curve(xs)).max())
    assert differences[2] < 0.02
    assert all(a > 2.5 * b for a, b in itertools.pairwise(differences))


def test_more_neurons_fit_the_rows_better_and_new_ones_worse_unless_weights_are_held():
    X, y = nn.datasets.circles(100, noise=0.3, rng=3)
    fresh, fresh_y = nn.datasets.circles(2000, noise=0.3, rng=4)

    def losses(count, alpha):
        """The mean loss of the rows and of new ones."""
        model = NeuralGLM("bernoulli", hidden=(count,), alpha=alpha, epochs=3000).fit(X, y)
        return [
            -np.log(model.predict_proba(rows)[range(len(labels)), labels.astype(int)]).mean()
            for rows, labels in ((X, y), (fresh, fresh_y))
        ]

    free, held = [losses(count, 0.003) for count in (3, 6, 20)], [losses(count, 0.1) for count in (3, 6, 20)]
    assert free[0][0] > free[1][0] > free[2][0]
    assert free[2][1] > free[0][1]
    assert held[2][1] < free[2][1]
    assert max(h[1] for h in held) < 1.2 * min(h[1] for h in held)


@pytest.mark.parametrize("family", ["gaussian", "bernoulli", "categorical"])
def test_each_head_fits_real_flowers_better_with_a_hidden_layer_than_without(family):
    flowers, kinds = nn.datasets.iris()
    X, y = {
        "gaussian": (flowers[:, :3], flowers[:, 3]),
        "bernoulli": (flowers, kinds == 1),
        "categorical": (flowers, np.array(["setosa", "versicolor", "virginica"])[kinds]),
    }[family]
    line, curve = (m.fit(X, y) for m in (GLM(family, alpha=0.1), NeuralGLM(family, hidden=(5,), alpha=0.1)))
    assert curve.deviance_ < line.deviance_
    assert curve.score(X, y) > {"gaussian": 0.94, "bernoulli": 0.95, "categorical": 0.97}[family]


def test_a_sigmoid_neuron_is_logistic_regression():
    X = RNG.normal(size=(60, 2))
    y = (X[:, 0] + RNG.normal(size=60) > 0.0).astype(float)
    neuron = Neuron(2, sigmoid, rng=0)
    nn.fit(neuron, X, y, loss="binary_cross_entropy", optimizer=nn.optim.LBFGS, epochs=100, progress=False)
    glm = GLM("bernoulli").fit(X, y)
    assert [w.data for w in neuron.w] == pytest.approx(glm.coef_, rel=1e-9)
    assert isinstance(neuron.b, Value)
    assert neuron.b.data == pytest.approx(glm.intercept_, rel=1e-9)
