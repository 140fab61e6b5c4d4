# %% [markdown]
# # The multilayer perceptron
#
# A neuron adds up its inputs and bends the sum. A network is many neurons in layers. This notebook builds one from the first
# neuron to the last layer, shows what it can do, and works out its gradient by hand.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import nn
from autograd import draw, grad, jacobian, log, log_softmax, sigmoid, softplus
from autograd import sum as total

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 70, "figure.constrained_layout.use": True})

# %% [markdown]
# ## A neuron that says yes or no
#
# The oldest neuron has a threshold: it says 1 if $w \cdot x + b \ge 0$, and else 0. With the right weights it computes AND and
# OR. Here are both of them.


# %%
def threshold_neuron(w, b):
    """A neuron whose answer is 1 if the sum is at least 0, else 0."""
    return lambda x: 1 if w[0] * x[0] + w[1] * x[1] + b >= 0 else 0


both = threshold_neuron([1, 1], -1.5)
either = threshold_neuron([1, 1], -0.5)
corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
for x in corners:
    print(x, "AND", both(x), "OR", either(x), "XOR", x[0] ^ x[1])

# %% [markdown]
# It cannot compute XOR, "one of them, but not both". The four corners say why. XOR wants
#
# $$b < 0, \qquad w_1 + b \ge 0, \qquad w_2 + b \ge 0, \qquad w_1 + w_2 + b < 0.$$
#
# Add the two in the middle: $w_1 + w_2 + 2b \ge 0$. Add the two at the ends: $w_1 + w_2 + 2b < 0$. Both cannot be true. No line
# through the plane has these corners on its two sides.
#
# But two neurons and a third one can: XOR is OR and not AND.

# %%
for x in corners:
    h = either(x), both(x)
    print(x, "XOR", threshold_neuron([1, -1], -0.5)(h))

# %% [markdown]
# ## A neuron that can learn
#
# A threshold has no slope: a small change of a weight changes nothing, or all. So it cannot learn by going downhill. The
# *sigmoid* neuron has a soft threshold, $z = \sigma(w \cdot x + b)$ with $\sigma(a) = 1/(1 + e^{-a})$.
#
# `draw` shows a neuron as the lecture draws it: inputs on the left, a line for each weight, the sum $\Sigma$, and what bends it.
# A line is blue if its weight is above 0, orange if it is below, and as thick as the weight is large. The input 1 has the bias as its
# weight.

# %%
neuron = nn.Neuron.of([2.0, -1.0], 0.5, "sigmoid")
draw(neuron, [1.0, 3.0])

# %% [markdown]
# Where does this curve come from? A probability $p$ has the odds $p/(1-p)$. Their logarithm, the *log-odds*, may be any number. So
# we can let the log-odds be the sum of a neuron, $\log\frac{p}{1-p} = a$. Solved for $p$:
#
# $$\frac{p}{1-p} = e^{a} \quad\Rightarrow\quad p = \frac{e^{a}}{1 + e^{a}} = \frac{1}{1 + e^{-a}} = \sigma(a).$$
#
# Its slope has a short form: $\sigma' = \sigma (1 - \sigma)$, at most 1/4. A sigmoid neuron with the loss $-\log p$ of the answer is
# logistic regression.

# %%
for a in (-4.0, -1.0, 0.0, 2.0):
    p = sigmoid(a)
    print(
        f"a {a:4}   odds {p / (1 - p):8.4f}   log-odds {log(p / (1 - p)):7.4f}   slope {grad(sigmoid)(a):.6f} = {p * (1 - p):.6f}"
    )

# %% [markdown]
# ## XOR, learnt
#
# Two hidden neurons and one at the end, as above, but soft. `fit` goes downhill on the loss of the four corners. A penalty keeps the
# weights small.

# %%
X, y = nn.datasets.xor()
network = nn.MLP(2, [2, 1], activation="tanh", rng=2)
history = nn.fit(
    network, X, y, loss="binary_cross_entropy_with_logits", optimizer=nn.optim.LBFGS,
    penalty=nn.penalties.L2(0.01), epochs=100, progress=False,
)  # fmt: skip
for x, target in zip(X, y, strict=True):
    print(x, "XOR", int(target), "network", round(sigmoid(network(x.tolist()).data), 4))
draw(network, X[1].tolist(), int(y[1]), loss="binary_cross_entropy_with_logits")

# %% [markdown]
# The picture shows one corner. Black numbers are the forward pass, orange ones the backward pass. Behind the network stand what it is
# good for: the distribution of the answer, its mean, and the loss.
#
# ## What stands at the end: three heads
#
# The sum at the end of a network, $\eta$, is any number. What it means is said by a *family* and a *link*, as in a GLM:
#
# | answer | family | mean | loss |
# |---|---|---|---|
# | a number | Gaussian | $\mu = \eta$ | squared error |
# | yes or no | Bernoulli | $\mu = \sigma(\eta)$ | $-y \log \mu - (1-y) \log(1-\mu)$ |
# | one of K | Categorical | $\mu = \mathrm{softmax}(\eta)$ | $-\log \mu_y$ |
#
# `NeuralGLM` is a GLM with a network in the place of the straight line. Iris flowers have all three kinds of answers.

# %%
flowers, kinds = nn.datasets.iris()
names = np.array(["setosa", "versicolor", "virginica"])[kinds]
heads = {
    "gaussian": (flowers[:, :3], flowers[:, 3]),
    "bernoulli": (flowers, kinds == 1),
    "categorical": (flowers, names),
}
for family, (features, answer) in heads.items():
    line = nn.GLM(family, alpha=0.1).fit(features, answer)
    curve = nn.NeuralGLM(family, hidden=(5,), alpha=0.1).fit(features, answer)
    print(f"{family:12} straight {line.score(features, answer):.3f}   network {curve.score(features, answer):.3f}")

# %% [markdown]
# The score is the share of the deviance that is explained for numbers, and the share of right answers for labels. "Is it
# versicolor?" gains most: versicolor lies between the two others, and a straight line has only two sides.

# %%
small = nn.NeuralGLM("categorical", hidden=(2,), alpha=0.1).fit(flowers, names)
draw(small, flowers[70], names[70])

# %% [markdown]
# Without hidden layers the network *is* the GLM. The ladder of the lectures is one set of families and links under several
# predictors.

# %%
features, answer = heads["bernoulli"]
plain = nn.NeuralGLM("bernoulli", hidden=()).fit(features, answer)
glm = nn.GLM("bernoulli").fit(features, answer)
print("coefficients of the network", plain.coef_.round(6), " of the GLM", glm.coef_.round(6))

# %% [markdown]
# ## Softmax comes from Bayes
#
# Say class $k$ has the share $\pi_k$, and its rows scatter around $m_k$ as a normal distribution, all classes with the same spread
# $s$. By Bayes, the probability of class $k$ given $x$ is
#
# $$P(k \mid x) = \frac{\pi_k\, e^{-|x - m_k|^2 / 2s^2}}{\sum_j \pi_j\, e^{-|x - m_j|^2 / 2s^2}}.$$
#
# The part $e^{-|x|^2/2s^2}$ is in each term, above and below, and cancels. What is left is $\mathrm{softmax}(\eta)$ with
# $\eta_k = \frac{m_k \cdot x}{s^2} + \log \pi_k - \frac{|m_k|^2}{2 s^2}$: a straight line in $x$ for each class.

# %%
shares, centres, spread = np.array([0.5, 0.3, 0.2]), np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, -1.0]]), 0.8
x = np.array([0.7, -0.4])
bayes = shares * np.exp(-((x - centres) ** 2).sum(axis=1) / (2 * spread**2))
bayes = bayes / bayes.sum()
eta = centres @ x / spread**2 + np.log(shares) - (centres**2).sum(axis=1) / (2 * spread**2)
print("by Bayes", bayes.round(6), "  by softmax", np.array(nn.links.softmax.inverse(eta.tolist())).round(6))

# %% [markdown]
# ## Cross entropy
#
# The loss $-\log \mu_y$ is a *cross entropy*. If the truth is $p$ and we say $q$, the mean loss is
# $H(p, q) = -\sum_k p_k \log q_k$. It has two parts:
#
# $$H(p, q) = \underbrace{-\sum_k p_k \log p_k}_{H(p)} + \underbrace{\sum_k p_k \log \frac{p_k}{q_k}}_{KL(p \| q)}.$$
#
# The first one is the chance that is in the world, and no model can lower it. The second one is never below 0, and 0 only for
# $q = p$. So to make the cross entropy small is to make $q$ like $p$.

# %%
p, q = [0.5, 0.3, 0.2], [0.6, 0.3, 0.1]
own = nn.losses.cross_entropy(p, p)
print(f"H(p, q) = {nn.losses.cross_entropy(q, p):.6f}")
print(f"H(p) + KL = {own:.6f} + {nn.losses.kl_divergence(q, p):.6f} = {own + nn.losses.kl_divergence(q, p):.6f}")

# %% [markdown]
# ## Activations, and gradients that vanish
#
# Many functions can bend the sum. Each has a slope, and backpropagation multiplies the slopes of all layers.

# %%
ax = nn.plots.activations(["sigmoid", "tanh", "relu", "leaky_relu", "elu"])
ax.set_ylim(-1.5, 2.5)
plt.show()

# %% [markdown]
# The sigmoid's slope is at most 1/4. In a network of ten layers the first layer's gradient is a product of ten such slopes. Let us
# measure it: networks of one width, with 1 to 20 hidden layers. How large is the gradient of the first layer, compared with the last?


# %%
def first_over_last(activation, depth, width=10, networks=5):
    """The size of the gradient of the first layer's weights over that of the last hidden layer's, in the mean of some networks."""
    sizes = np.zeros(2)
    for seed in range(networks):
        model = nn.MLP(width, [width] * depth + [1], activation, init="glorot", rng=seed)
        model(np.random.default_rng(seed).normal(size=width).tolist()).backward()
        sizes += [
            np.mean([abs(w.grad) for n in layer.neurons for w in n.w]) for layer in (model.layers[0], model.layers[-2])
        ]
    return sizes[0] / sizes[1]


depths = [1, 2, 4, 6, 8, 10, 15, 20]
fig, ax = plt.subplots()
for name, mark in zip(["sigmoid", "tanh", "relu", "leaky_relu", "elu"], "os^Dv", strict=True):
    ratios = [first_over_last(name, depth) for depth in depths]
    ax.semilogy(depths, ratios, marker=mark, label=name)
    print(f"{name:12} 10 layers {ratios[5]:.1e}   20 layers {ratios[7]:.1e}")
ax.set(xlabel="hidden layers", ylabel="gradient, first over last")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# With sigmoids each layer divides the gradient by about 4, as a slope of 1/4 says. After 20 layers the first one gets a millionth of
# a millionth: it does not learn. This is the *vanishing gradient*. The others have slopes near 1, and keep their gradient.
#
# A smooth relative of ReLU is *softplus*, $\log(1 + e^x)$. It is a sum of sigmoids, each one moved a step to the right
# (Nair and Hinton 2010): $\int_0^\infty \sigma(x - t)\, dt = \log(1 + e^x)$. So one softplus neuron is worth many sigmoid neurons.

# %%
xs = np.linspace(-5.0, 5.0, 101)
exact = np.array([softplus(x) for x in xs.tolist()])
for step in (2.0, 1.0, 0.5):
    shifts = np.arange(step / 2, 60.0, step)
    rough = [step * total(sigmoid(x - t) for t in shifts.tolist()) for x in xs.tolist()]
    print(f"sigmoids {step} apart: largest difference {np.abs(rough - exact).max():.1e}")

# %% [markdown]
# ## Backpropagation by hand: the delta formulas
#
# A network with one hidden layer, inputs $x$, and the answer $y$:
#
# $$a = W x + b, \qquad z = \tanh(a), \qquad \eta = V z + c, \qquad L = -\log \mathrm{softmax}(\eta)_y.$$
#
# Let $\delta$ be the gradient of $L$ by a sum. At the end it is "what we say minus what is true". One layer before, it comes back
# through the weights, and is multiplied by the slope of the activation. A weight's gradient is its $\delta$ times its input:
#
# $$\delta^{(2)} = \mathrm{softmax}(\eta) - e_y, \qquad \delta^{(1)} = (V^\top \delta^{(2)}) \odot (1 - z^2),$$
# $$\frac{\partial L}{\partial V} = \delta^{(2)} z^\top, \quad \frac{\partial L}{\partial c} = \delta^{(2)}, \quad
# \frac{\partial L}{\partial W} = \delta^{(1)} x^\top, \quad \frac{\partial L}{\partial b} = \delta^{(1)}.$$
#
# Here is the lecture's network of four inputs and three outputs, in NumPy by these formulas, and by `backward()`.

# %%
network = nn.MLP(4, [3, 3], activation="tanh", rng=7)
x, label = np.array([1.0, -0.5, 2.0, 0.3]), 2
W, b, V, c = (
    np.array([[w.data for w in n.w] for n in layer.neurons])
    if what == "w"
    else np.array([n.b.data for n in layer.neurons])
    for layer in network.layers
    for what in "wb"
)

z = np.tanh(W @ x + b)
eta = V @ z + c
said = np.exp(eta) / np.exp(eta).sum()
delta2 = said - np.eye(3)[label]
delta1 = (V.T @ delta2) * (1 - z**2)
by_hand = [np.outer(delta1, x), delta1, np.outer(delta2, z), delta2]

loss = nn.losses.cross_entropy_with_logits(network(x.tolist()), label)
loss.backward()
engine = [
    np.array([[w.grad for w in n.w] for n in layer.neurons])
    if what == "w"
    else np.array([n.b.grad for n in layer.neurons])
    for layer in network.layers
    for what in "wb"
]
print("loss by hand", -np.log(said[label]), "by the engine", loss.data)
for name, ours, theirs in zip(("W", "b", "V", "c"), by_hand, engine, strict=True):
    assert np.abs(ours - theirs).max() < 1e-12
    print(f"gradient by {name}: largest difference {np.abs(ours - theirs).max():.0e}")

# %% [markdown]
# In the picture, $\delta$ stands below each sum. Follow one weight: its orange number is the $\delta$ at its right end times the black
# number at its left end.

# %%
draw(network, x.tolist(), label, loss="cross_entropy_with_logits")

# %% [markdown]
# ## All rows at once: the matrix form
#
# With the rows of $X$ one below the other, a layer is $Z = X W + 1 b^\top$. Let $Q$ be the loss of all rows, and $G = \partial Q / \partial Z$ a
# matrix of the form of $Z$. From $dZ = dX\, W + X\, dW + 1\, db^\top$ follows
#
# $$\frac{\partial Q}{\partial W} = X^\top G, \qquad \frac{\partial Q}{\partial b} = G^\top 1, \qquad \frac{\partial Q}{\partial X} = G\, W^\top.$$
#
# The engine knows no matrices. It knows numbers, so it can check each entry.

# %%
rng = np.random.default_rng(0)
X, W, b, R = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(5, 3))


def layer(X, W, b):
    """Z = XW + 1b', number by number."""
    return [
        [
            total(x * w for x, w in zip(row, column, strict=True)) + free
            for column, free in zip(zip(*W, strict=True), b, strict=True)
        ]
        for row in X
    ]


def Q(X, W, b):
    """Some function of Z: the sum of R * tanh(Z)."""
    Z = layer(X, W, b)
    return total(r * z.tanh() for zs, rs in zip(Z, R.tolist(), strict=True) for z, r in zip(zs, rs, strict=True))


slopes = [np.array(slope) for slope in grad(Q, argnums=(0, 1, 2))(X.tolist(), W.tolist(), b.tolist())]
G = R * (1 - np.tanh(X @ W + b) ** 2)
for name, formula, found in zip(("X", "W", "b"), (G @ W.T, X.T @ G, G.T @ np.ones(5)), slopes, strict=True):
    print(f"by {name}: {formula.shape} entries, largest difference {np.abs(formula - found).max():.0e}")

# %% [markdown]
# The last piece is the log-softmax. Its Jacobian is $I - 1 p^\top$ with $p = \mathrm{softmax}(\eta)$. So the loss $-\log p_y$ has the
# gradient $p - e_y$: the $\delta$ from above.

# %%
eta = [0.2, -1.0, 0.5]
p = np.array(nn.links.softmax.inverse(eta))
print("Jacobian: largest difference", f"{np.abs(np.array(jacobian(log_softmax)(eta)) - (np.eye(3) - p)).max():.0e}")
print(
    "gradient of the loss of class 1:",
    np.array(grad(lambda e: nn.losses.cross_entropy_with_logits(e, 1))(eta)).round(4),
)
print("p - e:                          ", (p - np.eye(3)[1]).round(4))

# %% [markdown]
# ## One hidden layer can be any curve
#
# A steep sigmoid is a step. A step up and a step down make a bar, and bars side by side make any continuous curve (Cybenko 1989).
# The weights need no learning: the neuron $k$ steps at $t_k$, and its weight at the end is how much the curve rises there.


# %%
def curve(x):
    """What is to be matched."""
    return np.sin(3.0 * x) + 0.5 * x


def steps(count, steep=10.0):
    """A network of so many steep sigmoids that follows the curve from -2 to 2."""
    edges = np.linspace(-2.0, 2.0, count + 1)
    middles, width = (edges[:-1] + edges[1:]) / 2.0, 4.0 / count
    heights = [curve(edges[0]), *(curve(right) - curve(left) for left, right in pairwise(edges))]
    sharp = steep / width
    hidden = nn.Layer.of([nn.Neuron.of([sharp], -sharp * t, "sigmoid") for t in middles.tolist()])
    return nn.MLP.of([hidden, nn.Layer.of([nn.Neuron.of([float(h) for h in heights[1:]], float(heights[0]))])])


xs = np.linspace(-2.0, 2.0, 201)
fig, ax = plt.subplots()
ax.plot(xs, curve(xs), "k", label="the curve")
for count in (5, 20, 80, 320):
    rough = np.array([steps(count)([x]).data for x in xs.tolist()])
    print(f"{count:4} neurons: largest difference {np.abs(rough - curve(xs)).max():.4f}")
    if count < 80:
        ax.plot(xs, rough, label=f"{count} neurons")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# Four times the neurons, about a quarter of the difference. The theorem says that such weights exist. It does not say that going downhill
# finds them.
#
# ## 3, 6 and 20 neurons
#
# How many hidden neurons are enough? Here are 100 points of two rings with much noise, and three networks. More neurons bend the boundary
# more. (The penalty of 0.003 is tiny. It is there so that the weights do not grow for ever.)

# %%
points, ring = nn.datasets.circles(100, noise=0.3, rng=3)
fresh, fresh_ring = nn.datasets.circles(2000, noise=0.3, rng=4)
fig, axes = plt.subplots(1, 3, figsize=(9, 3))
for ax, count in zip(axes, (3, 6, 20), strict=True):
    model = nn.NeuralGLM("bernoulli", hidden=(count,), alpha=0.003, epochs=3000).fit(points, ring)
    nn.plots.decision_boundary(model, points, ring, ax=ax, resolution=60)
    ax.set(title=f"{count} neurons", xlabel="", ylabel="")
    print(
        f"{count:3} neurons: right {model.score(points, ring):.2f} of these points, {model.score(fresh, fresh_ring):.3f} of new ones"
    )

# %% [markdown]
# With 20 neurons the network has nearly all of these points right, and is worse on new ones: it has learnt the noise. This is
# *overfitting*. Fewer neurons are one way out. The better one is to keep all of them and to hold the weights small by a penalty:

# %%
for count in (3, 6, 20):
    model = nn.NeuralGLM("bernoulli", hidden=(count,), alpha=0.1, epochs=3000).fit(points, ring)
    print(
        f"{count:3} neurons, penalty 0.1: right {model.score(points, ring):.2f} of these points, {model.score(fresh, fresh_ring):.3f} of new ones"
    )

# %% [markdown]
# Now the number of neurons hardly matters. You choose enough of them, and the penalty on rows that were set apart.
#
# ## From here and to here
#
# A network goes to PyTorch by `nn.to_torch(model)`, and comes from it by `nn.from_torch(module)`, with the same outputs. The next notebook,
# on training, shows how the weights are found.
