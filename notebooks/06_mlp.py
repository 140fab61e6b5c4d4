# %% [markdown]
# # The multilayer perceptron
#
# A neuron adds up its inputs and bends the sum. A network is many neurons in layers. This notebook builds one from the first
# neuron to the last layer, shows what it can do, and works out its gradient by hand.

# %%
import matplotlib.pyplot as plt
import numpy as np

import nn
from autograd import draw, grad, jacobian, log, log_softmax, sigmoid, softplus
from autograd import sum as total  # a sum that the engine can follow

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 64, "figure.constrained_layout.use": True})

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
# has (0, 1) and (1, 0) on one side, and (0, 0) and (1, 1) on the other.
#
# But two neurons and a third one can: XOR is OR and not AND.

# %%
for x in corners:
    h = either(x), both(x)
    print(x, "XOR", threshold_neuron([1, -1], -0.5)(h))

# %% [markdown]
# ## A neuron that can learn
#
# A threshold has no slope: a small change of a weight changes nothing, or the whole answer. So it cannot learn by going downhill. The
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
    print(f"a {a:4}   odds {p / (1 - p):.4f}   log-odds {log(p / (1 - p)):7.4f}", end="   ")
    print(f"slope {grad(sigmoid)(a):.6f}   p (1 - p) {p * (1 - p):.6f}")

# %% [markdown]
# ## XOR, learnt
#
# Two hidden neurons and one at the end, as above, but soft. The hidden ones have the activation *tanh*: a sigmoid that is stretched, so that it
# runs from -1 to 1. The last one has none: its sum is the log-odds of "yes". The log-odds are also called the *logit*, and the loss
# takes them as they are. `LBFGS` is a method to go downhill that finds the length of its steps alone. A penalty keeps the weights small.

# %%
inputs, answers = nn.datasets.xor()
xor = nn.MLP(2, [2, 1], activation="tanh", rng=2)
nn.fit(
    xor, inputs, answers, loss="binary_cross_entropy_with_logits", optimizer=nn.optim.LBFGS,
    penalty=nn.penalties.L2(0.01), epochs=100, progress=False,
)  # fmt: skip
for row, answer in zip(inputs.tolist(), answers, strict=True):
    print(row, "XOR", int(answer), "network", round(sigmoid(xor(row).data), 3))
draw(xor, inputs[1], 1, loss="binary_cross_entropy_with_logits")

# %% [markdown]
# The network says 0.9 and not 1, because the penalty holds the weights back. The picture shows the corner (0, 1). Black numbers belong to the
# forward pass. Orange numbers are gradients, of the backward pass. In a picture with gradients, the colour and the thickness of a line show the
# gradient of its weight, not the weight. On the right of the network stand the distribution of the answer, its mean, and the loss.
#
# ## What stands at the end: three heads
#
# The sum at the end of a network, $\eta$ (eta), is any number. What it means is said by two things, as in a GLM. The *link* leads from $\eta$ to
# the mean $\mu$ (mu) of the answer. The *family* says how the answer scatters around its mean, and so which loss to take:
#
# | answer | family | mean | loss |
# |---|---|---|---|
# | a number | Gaussian | $\mu = \eta$ | squared error |
# | yes or no | Bernoulli | $\mu = \sigma(\eta)$ | $-y \log \mu - (1-y) \log(1-\mu)$ |
# | one of K classes | Categorical | $\mu_k = e^{\eta_k} / \sum_j e^{\eta_j}$ | $-\log \mu_y$ |
#
# The last mean is called *softmax*: K sums become K probabilities, and $\mu_y$ is that of the true class. `NeuralGLM` is a GLM with a
# network in the place of the straight line. We ask three questions about iris flowers. How wide is the petal, given three other lengths? Is the flower a
# versicolor? Which of the three species is it?

# %%
flowers, kinds = nn.datasets.iris()
species = np.array(["setosa", "versicolor", "virginica"])[kinds]
heads = {
    "gaussian": (flowers[:, :3], flowers[:, 3]),
    "bernoulli": (flowers, kinds == 1),
    "categorical": (flowers, species),
}
for family, (features, answer) in heads.items():
    line = nn.GLM(family, alpha=0.1).fit(features, answer)
    bent = nn.NeuralGLM(family, hidden=(5,), alpha=0.1).fit(features, answer)
    print(f"{family:12} line {line.score(features, answer):.3f}", end="   ")
    print(f"network {bent.score(features, answer):.3f}")

# %% [markdown]
# For numbers the score is the share of the variance that is explained, for labels the share of right answers, all on the rows of the fit.
# "Is it a versicolor?" gains most: who always says no is right in 0.667, the line in 0.733, the network in 0.987. Versicolor lies between the two
# others, and a straight line has only two sides.
#
# The picture shows a small network for the third question. Its first column brings each input to mean 0 and standard deviation 1.

# %%
small = nn.NeuralGLM("categorical", hidden=(2,), alpha=0.1).fit(flowers, species)
draw(small, flowers[70], species[70])

# %% [markdown]
# Without hidden layers the network *is* the GLM. `GLM` and `NeuralGLM` share families, links and losses. Only the way to $\eta$ is another one.

# %%
features, answer = heads["bernoulli"]
plain = nn.NeuralGLM("bernoulli", hidden=()).fit(features, answer)
glm = nn.GLM("bernoulli").fit(features, answer)
print("network", plain.coef_.round(6))
print("GLM    ", glm.coef_.round(6))

# %% [markdown]
# ## Softmax comes from Bayes
#
# Say class $k$ has the share $\pi_k$, and its rows are normally distributed around a centre $m_k$, all classes with the same
# standard deviation $s$. By Bayes, the probability of class $k$ given $x$ is
#
# $$P(k \mid x) = \frac{\pi_k\, e^{-|x - m_k|^2 / 2s^2}}{\sum_j \pi_j\, e^{-|x - m_j|^2 / 2s^2}}.$$
#
# The part $e^{-|x|^2/2s^2}$ is in each term, above and below, and cancels. What is left is $\mathrm{softmax}(\eta)$ with
# $\eta_k = \frac{m_k \cdot x}{s^2} + \log \pi_k - \frac{|m_k|^2}{2 s^2}$: a straight line in $x$ for each class.

# %%
shares, centres, spread = np.array([0.5, 0.3, 0.2]), np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, -1.0]]), 0.8
point = np.array([0.7, -0.4])
bayes = shares * np.exp(-((point - centres) ** 2).sum(axis=1) / (2 * spread**2))
bayes = bayes / bayes.sum()
eta = centres @ point / spread**2 + np.log(shares) - (centres**2).sum(axis=1) / (2 * spread**2)
softmax = nn.links.softmax.inverse  # the link leads from means to eta, its inverse from eta to means
print("by Bayes  ", bayes.round(6))
print("by softmax", np.array(softmax(eta.tolist())).round(6))

# %% [markdown]
# ## Cross entropy
#
# The loss $-\log \mu_y$ is a *cross entropy*. If the truth is $p$ and we say $q$, the mean loss is
# $H(p, q) = -\sum_k p_k \log q_k$. It has two parts:
#
# $$H(p, q) = \underbrace{-\sum_k p_k \log p_k}_{H(p)} + \underbrace{\sum_k p_k \log \frac{p_k}{q_k}}_{KL(p \| q)}.$$
#
# The first one is the randomness of the answer itself, and no model can lower it. The second one is never below 0, as
# $\log t \le t - 1$, and it is 0 only for $q = p$. So to make the cross entropy small is to make $q$ like $p$.

# %%
truth, said = [0.5, 0.3, 0.2], [0.6, 0.3, 0.1]
cross = nn.losses.cross_entropy(said, truth)  # the prediction comes first, the truth second
own, more = nn.losses.cross_entropy(truth, truth), nn.losses.kl_divergence(said, truth)
print(f"H(p, q) = {cross:.6f}   H(p) + KL = {own:.6f} + {more:.6f} = {own + more:.6f}")

# %% [markdown]
# ## Activations, and gradients that vanish
#
# Many functions can bend the sum. *ReLU* is $\max(0, a)$. Leaky ReLU is $0.01 a$ below 0, ELU is $e^a - 1$ there. Each has a slope, drawn in thin
# lines, and backpropagation multiplies the slopes of all layers.

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
for ax, names in zip(axes, (["sigmoid", "tanh"], ["relu", "leaky_relu", "elu"]), strict=True):
    nn.plots.activations(names, ax=ax).set_ylim(-1.5, 2.0)

# %% [markdown]
# The sigmoid's slope is at most 1/4. In a network of ten layers, the first layer's gradient is a product of ten such slopes, and of
# weights. The start of the weights is chosen so that they alone would keep the size about as it is (`init="glorot"`; for the ReLU family, which cuts off half of the
# sums, `init="he"`). Let us measure the gradient of the first layer, in networks with 1 to 20 hidden layers.


# %%
def first_gradient(activation, init, depth, networks=20):
    """The mean size of the gradient of the first layer's weights."""
    sizes = []
    for seed in range(networks):
        model = nn.MLP(10, [10] * depth + [1], activation, init=init, rng=seed)
        row = np.random.default_rng(seed).normal(size=10)
        model(row).backward()
        sizes += [abs(w.grad) for neuron in model.layers[0].neurons for w in neuron.w]
    return np.mean(sizes)


starts = {"sigmoid": "glorot", "tanh": "glorot", "relu": "he", "leaky_relu": "he", "elu": "he"}
depths = [1, 2, 5, 10, 15, 20]
fig, ax = plt.subplots()
for (name, init), mark in zip(starts.items(), "os^Dv", strict=True):
    sizes = [first_gradient(name, init, depth) for depth in depths]
    ax.semilogy(depths, sizes, marker=mark, label=name)
    print(f"{name:10}  1 layer {sizes[0]:.0e}   10 layers {sizes[3]:.0e}   20 layers {sizes[-1]:.0e}")
ax.set(xlabel="hidden layers", ylabel="gradient of the first layer")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# With sigmoids each layer divides the gradient by more than 4, as a slope of at most 1/4 says. With 20 layers the first one gets next to
# nothing: it does not learn. This is the *vanishing gradient*. The others, with a start that suits them, lose a factor of 10 at most.
#
# A smooth relative of ReLU is *softplus*, $\log(1 + e^x)$. It is a sum of sigmoids, each one moved a step to the right
# (Nair and Hinton 2010). The slope of softplus is $\sigma$, so $\log(1 + e^x) = \int_0^\infty \sigma(x - t)\, dt$, and a sum over steps is nearly this
# integral. Half the step, a quarter of the difference:

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
# A network with one hidden layer, inputs $x$, and the true class $y$:
#
# $$a = W x + b, \qquad z = \tanh(a), \qquad \eta = V z + c, \qquad L = -\log \mu_y \ \text{ with }\ \mu = \mathrm{softmax}(\eta).$$
#
# Call the gradient of $L$ with respect to a sum $\delta$ (delta): $\delta^{(2)}$ for the sums of the last layer, $\delta^{(1)}$ for those of the hidden one.
#
# *The last layer.* $L = \log \sum_j e^{\eta_j} - \eta_y$. Its slope by $\eta_k$ is $\mu_k$, less 1 if $k$ is the true class: what we say minus what is
# true. With $e_y$ for the vector that is 1 at place $y$ and else 0, $\ \delta^{(2)} = \mu - e_y$.
#
# *The hidden layer.* The neuron $j$ goes to each output $k$ with the weight $V_{kj}$, so the slope by $z_j$ is $\sum_k V_{kj} \delta^{(2)}_k$. And $\tanh$ has the
# slope $1 - z^2$. With $\odot$ for the product entry by entry, $\ \delta^{(1)} = (V^\top \delta^{(2)}) \odot (1 - z^2)$.
#
# *The weights.* A weight's gradient is the $\delta$ of its neuron times its input:
#
# $$\frac{\partial L}{\partial V} = \delta^{(2)} z^\top, \quad \frac{\partial L}{\partial c} = \delta^{(2)}, \quad
# \frac{\partial L}{\partial W} = \delta^{(1)} x^\top, \quad \frac{\partial L}{\partial b} = \delta^{(1)}.$$
#
# Here is the lecture's network of four inputs and three outputs: by these formulas in NumPy, and by `backward()`.


# %%
def weights(layer):
    """The weights of a layer as a matrix, a row for each neuron."""
    return np.array([[w.data for w in neuron.w] for neuron in layer.neurons])


def biases(layer):
    """The biases of a layer."""
    return np.array([neuron.b.data for neuron in layer.neurons])


network = nn.MLP(4, [3, 3], activation="tanh", rng=7)
hidden, last = network.layers
W, b, V, c = weights(hidden), biases(hidden), weights(last), biases(last)
x, y = np.array([1.0, -0.5, 2.0, 0.3]), 2

z = np.tanh(W @ x + b)
eta = V @ z + c
mu = np.exp(eta) / np.exp(eta).sum()
delta2 = mu - np.eye(3)[y]
delta1 = (V.T @ delta2) * (1 - z**2)
print("loss by hand  ", -np.log(mu[y]))

# %%
loss = nn.losses.cross_entropy_with_logits(network(x), y)
loss.backward()
print("loss by engine", loss.data)
for name, layer, delta, before in (("W", hidden, delta1, x), ("V", last, delta2, z)):
    slopes = np.array([[w.grad for w in neuron.w] for neuron in layer.neurons])
    difference = np.abs(np.outer(delta, before) - slopes).max()
    print(f"gradient of {name}: largest difference {difference:.0e}")
    assert difference < 1e-12
    assert np.abs(delta - [neuron.b.grad for neuron in layer.neurons]).max() < 1e-12

# %% [markdown]
# In the picture, $\delta$ stands below each sum. Follow one line: its orange number is the $\delta$ at its right end times the black
# number at its left end.

# %%
draw(network, x, y, loss="cross_entropy_with_logits")

# %% [markdown]
# ## All rows at once: the matrix form
#
# Now $X$ has a row for each observation, and $W$ a column for each neuron (above it had a row for each). The sums of a layer are
# $Z = X W + 1 b^\top$, where $1$ is a column of ones. Let $Q$ be any number that is computed from $Z$, such as the loss of all rows, and let $G$ have the slopes of
# $Q$ by the entries of $Z$: it has the shape of $Z$. For a small change, $dQ = \sum_{ij} G_{ij}\, dZ_{ij} = \mathrm{tr}(G^\top dZ)$. Put in
# $dZ = dX\, W + X\, dW + 1\, db^\top$, and read off what stands beside each change:
#
# $$\frac{\partial Q}{\partial W} = X^\top G, \qquad \frac{\partial Q}{\partial b} = G^\top 1, \qquad \frac{\partial Q}{\partial X} = G\, W^\top.$$
#
# For instance, $\mathrm{tr}(G^\top X\, dW)$ is the sum of $(X^\top G)_{kj}\, dW_{kj}$. The engine knows no matrices. It knows numbers, so it can check each entry. Our $Q$ is
# the sum of all $R_{ij} \tanh Z_{ij}$ for some numbers $R$.

# %%
rng = np.random.default_rng(0)
X, W, b, R = (rng.normal(size=shape) for shape in ((5, 4), (4, 3), 3, (5, 3)))


def Q(X, W, b):
    """The sum of R * tanh(XW + 1b'), number by number."""
    terms = []
    for i in range(5):
        for j in range(3):
            z = total(X[i][k] * W[k][j] for k in range(4)) + b[j]
            terms.append(R[i, j] * z.tanh())
    return total(terms)


slopes = grad(Q, argnums=(0, 1, 2))(X.tolist(), W.tolist(), b.tolist())
G = R * (1 - np.tanh(X @ W + b) ** 2)
for name, formula, slope in zip("XWb", (G @ W.T, X.T @ G, G.T @ np.ones(5)), slopes, strict=True):
    print(f"{name}: {formula.size:2} entries, largest difference {np.abs(formula - slope).max():.0e}")

# %% [markdown]
# The last piece is the logarithm of the softmax. The table of all its slopes, a row for each output and a column for each input, is its
# *Jacobian*: $I - 1 \mu^\top$. So the loss $-\log \mu_y$ has the gradient $\mu - e_y$, as we found above.

# %%
sums = [0.2, -1.0, 0.5]
mu = np.array(softmax(sums))
table = np.eye(3) - mu  # NumPy takes mu from each row
print(f"Jacobian: largest difference {np.abs(np.array(jacobian(log_softmax)(sums)) - table).max():.0e}")
print("gradient", np.round(grad(lambda e: nn.losses.cross_entropy_with_logits(e, 1))(sums), 4))
print("mu - e  ", (mu - np.eye(3)[1]).round(4))

# %% [markdown]
# ## One hidden layer can be any curve
#
# A steep sigmoid looks like a step. Put steps one behind the other, and you have a staircase. It can follow any continuous curve on an interval as
# closely as you like (Cybenko 1989). The weights need no learning: the neuron $k$ steps at $t_k$, and its weight at the end is how much
# the curve rises there.


# %%
def curve(x):
    """What is to be matched."""
    return np.sin(3.0 * x) + 0.5 * x


def staircase(count):
    """A network of so many steep sigmoids that follows the curve from -2 to 2."""
    edges = np.linspace(-2.0, 2.0, count + 1)
    middles = (edges[:-1] + edges[1:]) / 2.0
    steep = 10.0 * count / 4.0  # ten times as steep as the steps are close
    neurons = [nn.Neuron.of([steep], -steep * t, "sigmoid") for t in middles.tolist()]
    rises = np.diff(curve(edges)).tolist()
    last = nn.Neuron.of(rises, float(curve(edges[0])))
    return nn.MLP.of([nn.Layer.of(neurons), nn.Layer.of([last])])


xs = np.linspace(-2.0, 2.0, 201)
fig, ax = plt.subplots()
ax.plot(xs, curve(xs), "k", label="the curve")
for count in (5, 20, 80, 320):
    network = staircase(count)
    rough = np.array([network(x).data for x in xs.tolist()])
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
    these, new = model.score(points, ring), model.score(fresh, fresh_ring)
    print(f"{count:3} neurons: right in {these:.2f} of these points, {new:.3f} of new ones")

# %% [markdown]
# With 20 neurons the network has nearly all of these points right, and is worse on new ones: it has learnt the noise. This is
# *overfitting*. One way out is to take fewer neurons. Another one is to keep 20, and to hold their weights small by a larger penalty:

# %%
for count in (3, 6, 20):
    model = nn.NeuralGLM("bernoulli", hidden=(count,), alpha=0.1, epochs=3000).fit(points, ring)
    these, new = model.score(points, ring), model.score(fresh, fresh_ring)
    print(f"{count:3} neurons: right in {these:.2f} of these points, {new:.3f} of new ones")

# %% [markdown]
# Now 20 neurons are as good on new points as 3, and we did not have to guess their number. So take enough neurons, and choose the
# penalty by the score on rows that were not used for the fit.
#
# ## To PyTorch and back
#
# `nn.to_torch(model)` makes a network of PyTorch of yours, and `nn.from_torch(module)` makes one of ours of theirs, with the same outputs.
# The next notebook, on training, shows how the weights are found.
