# %% [markdown]
# # Training: going downhill on what is not known
#
# A model learns by making its mistakes smaller. This notebook shows what is made smaller, how one goes downhill, and why there
# are so many ways to do it. At the end you write an optimizer of your own.

# %%
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
from matplotlib.animation import FuncAnimation

import nn
from autograd import Value, compile, value_and_grad
from nn.optim import Optimizer, maximum, sign

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 80, "figure.constrained_layout.use": True})

# %% [markdown]
# ## The empirical risk
#
# We want a model that is right on rows that it has never seen. We cannot measure that. What we can measure is the mean of the loss
# over the rows that we have: the *empirical risk*. For a straight line through the origin, `y = w * x`, the risk is a function
# of one number `w`.

# %%
rng = np.random.default_rng(0)
x = rng.uniform(-1.0, 1.0, 20)
y = 1.5 * x + 0.3 * rng.standard_normal(20)


def risk(w):
    """The mean loss of the line with slope w."""
    return nn.losses.risk([w * a for a in x.tolist()], y.tolist(), nn.losses.squared_error)


slopes = np.linspace(-1.0, 4.0, 51)
fig, ax = plt.subplots()
ax.plot(slopes, [risk(w) for w in slopes.tolist()])
ax.set(xlabel="w", ylabel="empirical risk")
ax.grid(alpha=0.3)

# %% [markdown]
# ## Gradient descent
#
# The derivative of the risk says which way is up. A step goes the other way: `w = w - lr * g`. The number `lr` is the learning
# rate. If it is too small, nothing happens. If it is too large, the steps jump over the valley, and each jump is higher than
# the last one.

# %%
slope_of = value_and_grad(risk)
for lr in (0.05, 1.0, 3.5):
    w = -1.0
    way = []
    for _ in range(6):
        loss, g = slope_of(w)
        way.append(round(loss, 3))
        w = w - lr * g
    print(f"lr {lr}: losses {way}")

# %% [markdown]
# ## Stochastic gradient descent
#
# With a million rows one step is slow. A few rows that are drawn by chance, a *mini-batch*, give a gradient that is right on average
# and costs much less. Here each step sees all 20 rows, or only 2 of them.

# %%
fig, ax = plt.subplots()
for size in (None, 2):
    model = nn.Neuron(1, activation=None, rng=3)
    history = nn.fit(
        model, x[:, None], y, loss="squared_error", optimizer=nn.optim.GD(model.parameters(), lr=0.05),
        epochs=30, batch_size=size, report="after", progress=False,
    )  # fmt: skip
    ax.plot(range(1, 31), history.loss, label=f"batches of {size or 20} rows")
ax.set(xlabel="epoch", ylabel="empirical risk")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# In 30 epochs the small batches have taken 300 steps, the large one only 30. So they reach the bottom much earlier.

# %% [markdown]
# ## The same surface, five ways down
#
# Most surfaces are no round bowls. A long narrow valley is steep across and flat along. Plain steps jump from side to side and hardly
# move along. Each optimizer has an answer:
#
# - *momentum* remembers the last steps: jumps to both sides cancel, steps along the valley add up;
# - *RMSprop* divides each parameter's gradient by its usual size, so that both directions have the same pace;
# - *Adam* does both, and corrects the two means at the beginning, when they are still near their start at 0.


# %%
def valley(a, b):
    """Steep across, flat along, and bent."""
    return 0.5 * (a - 1.0) ** 2 + 8.0 * (b - 0.4 * a * a) ** 2


def way_down(make, steps=60):
    """The places that an optimizer visits."""
    a, b = Value(-1.6), Value(1.6)
    optimizer = make([a, b])
    places = [(a.data, b.data)]
    for _ in range(steps):
        optimizer.zero_grad()
        valley(a, b).backward()
        optimizer.step()
        places.append((a.data, b.data))
    return np.array(places)


WAYS = {
    "gradient descent": lambda p: nn.optim.GD(p, lr=0.03),
    "momentum": lambda p: nn.optim.SGD(p, lr=0.03, momentum=0.8),
    "RMSprop": lambda p: nn.optim.RMSprop(p, lr=0.06, alpha=0.9),
    "Adagrad": lambda p: nn.optim.Adagrad(p, lr=0.4),
    "Adam": lambda p: nn.optim.Adam(p, lr=0.15),
}
ways = {name: way_down(make) for name, make in WAYS.items()}
for name, places in ways.items():
    print(f"{name:17s} loss after 60 steps {valley(*places[-1]):.2e}")

# %% [markdown]
# Play it: all five start at the same place, and each picture is four steps further.

# %%
A, B = np.meshgrid(np.linspace(-2.2, 2.2, 80), np.linspace(-0.6, 2.4, 80))
fig, ax = plt.subplots(figsize=(6, 4))
ax.contour(A, B, np.log(0.02 + compile(valley)(A, B)), levels=14, colors="#BBBBBB", linewidths=0.8)
ax.plot(1.0, 0.4, "k*", markersize=10)
ax.set(xlabel="a", ylabel="b")
lines = [
    ax.plot([], [], dash, color=colour, label=name)[0]
    for name, colour, dash in zip(ways, nn.plots.COLOURS, ("-", "--", "-.", ":", "-"), strict=False)
]
ax.legend(loc="upper right", fontsize=8)


def frame(k):
    """The ways up to a step."""
    for line, places in zip(lines, ways.values(), strict=True):
        line.set_data(*places[: 4 * k + 1].T)
    return lines


animation = FuncAnimation(fig, frame, frames=16, interval=250)
plt.close(fig)
file = Path(tempfile.mkdtemp()) / "ways.gif"
animation.save(file, writer="pillow", dpi=60)
Image(file.read_bytes(), format="gif")

# %% [markdown]
# ## Adam's bias correction, by hand
#
# Adam keeps a mean `m` of the gradients and a mean `v` of their squares, and both start at 0. After the first step `m` is a tenth of the
# gradient, and `v` a thousandth of its square. Divided by `1 - 0.9**t` and `1 - 0.999**t` they are right at once: the first step
# has the length `lr`, whatever the gradient is.

# %%
for size in (1e-3, 1.0, 1e3):
    p = Value(0.0)
    adam = nn.optim.Adam([p], lr=0.1)
    (size * p).backward()
    adam.step()
    m, v, _, steps = adam.states[0]
    print(f"gradient {size:7g}: m {m:.3g}, v {v:.3g}, step {p.data:.6f}")

# %% [markdown]
# ## fit
#
# `nn.fit` is the loop: batches, steps, validation, metrics. It compiles one step and repeats it. Here a network learns two moons from 80
# rows. 400 other rows are for validation: they tell when the network begins to learn the noise.

# %%
X, labels = nn.datasets.two_moons(80, noise=0.35, rng=1)
others = nn.datasets.two_moons(400, noise=0.35, rng=100)
options = {"loss": "binary_cross_entropy_with_logits", "batch_size": 16, "validation": others, "progress": False}
model = nn.MLP(2, [24, 24, 1], activation="tanh", rng=0)
history = nn.fit(
    model, X, labels, optimizer=nn.optim.Adam(model.parameters(), lr=0.01), epochs=200,
    metrics=(nn.metrics.accuracy_score,), **options,
)  # fmt: skip
print(history)
history.plot()
# %% [markdown]
# The training loss goes on falling, the validation loss turns round: that is overfitting. The dotted line is the best epoch, and the model
# has the weights of this epoch, not the last ones.

# %%
nn.plots.decision_boundary(model, X, labels.tolist())
# %% [markdown]
# ## Schedules
#
# Large steps are good at the beginning, small steps at the end. A schedule is a function of time: what the first rate is multiplied by.

# %%
fig, ax = plt.subplots()
schedules = {
    "Step(10, 0.5)": nn.optim.Step(10, 0.5),
    "Exponential(0.95)": nn.optim.Exponential(0.95),
    "Cosine(40)": nn.optim.Cosine(40),
    "WarmUp(5, Cosine(35))": nn.optim.WarmUp(5, nn.optim.Cosine(35)),
}
for name, schedule in schedules.items():
    ax.plot(range(41), [schedule(t) for t in range(41)], label=name)
ax.set(xlabel="epoch", ylabel="factor of the rate")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# Which rate to begin with? `lr_curve` tries many of them, one step with each. A good rate is where the loss falls, well before it rises.

# %%
model = nn.MLP(2, [24, 1], activation="tanh", rng=0)
curve = nn.lr_curve(
    model, X, labels, loss="binary_cross_entropy_with_logits", optimizer=nn.optim.Adam, low=1e-4, high=10.0, steps=80
)
curve.plot()
# %% [markdown]
# ## Against overfitting
#
# Four ways: stop early, make weights small, switch neurons off by chance, or keep each neuron's weights within a ball. The losses are
# those of the last epoch, on the training rows and on the other 400.

# %%
ways = {
    "nothing": ({}, {}),
    "early stopping": ({"callbacks": (nn.EarlyStopping(patience=15),)}, {}),
    "L2": ({"penalty": nn.penalties.L2(0.02)}, {}),
    "dropout": ({}, {"dropout": 0.3}),
    "max-norm": ({"constraint": nn.penalties.MaxNorm(1.5)}, {}),
}
for name, (how, network) in ways.items():
    model = nn.MLP(2, [24, 24, 1], activation="tanh", rng=0, **network)
    history = nn.fit(
        model, X, labels, optimizer=nn.optim.Adam(model.parameters(), lr=0.01), epochs=200, **how, **options
    )  # fmt: skip
    print(
        f"{name:15s} {history.epochs:3d} epochs, training {history.loss[-1]:.3f}, validation {history.validation[-1]:.3f}"
    )

# %% [markdown]
# ## An optimizer of your own
#
# An optimizer is one pure function: number, gradient and state in, number and state out. This one counts how often the sign of the
# gradient stays the same, and takes longer steps then (the idea of Rprop; Riedmiller, Braun 1993).


# %%
@dataclass(slots=True)
class Rprop(Optimizer):
    """Steps that grow while the sign of the gradient stays, and shrink when it changes."""

    parameters: list
    lr: float = 0.01
    states: list = field(init=False, repr=False)

    def start(self):
        return self.lr, 0.0  # the length of the step, and the sign of the last gradient

    def update(self, x, g, state):
        length, before = state
        now = sign(g)
        length = maximum(length * (0.85 + 0.35 * before * now), 1e-6)  # times 1.2, 0.85 or 0.5
        return x - length * now, (length, now)


places = way_down(lambda p: Rprop(p, lr=0.1))
print(f"Rprop             loss after 60 steps {valley(*places[-1]):.2e}")
model = nn.MLP(2, [8, 1], activation="tanh", rng=0)
history = nn.fit(model, X, labels, loss="binary_cross_entropy_with_logits", optimizer=Rprop, epochs=60, progress=False)
print(history)

# %% [markdown]
# ## Go on tomorrow
#
# A History keeps all that a run needs to go on: weights, states of the optimizer, the order of the rows. Two runs of 5 epochs are,
# bit for bit, one run of 10.


# %%
def run(epochs, history=None, model=None):
    """So many epochs more."""
    model = model or nn.MLP(2, [8, 1], activation="tanh", rng=0)
    options = {
        "loss": "binary_cross_entropy_with_logits",
        "optimizer": nn.optim.Adam,
        "batch_size": 16,
        "progress": False,
    }
    return nn.fit(model, X, labels, epochs=epochs, history=history, **options), model


whole, _ = run(10)
first, model = run(5)
parts, _ = run(5, first, model)
assert parts.loss == whole.loss
print("equal to the last bit")
