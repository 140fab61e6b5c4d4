# %% [markdown]
# # From linear to logistic
#
# At 23 launches of the space shuttle, engineers noted the temperature and whether an O-ring was damaged (Dalal, Fowlkes,
# Hoadley 1989). The next launch, the Challenger's, was at 31 degrees Fahrenheit. What is the chance of damage there?

# %%
import csv
import math
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display

import nn
from autograd import Value, draw_dot, exp, grad, hessian, log, sigmoid, softplus

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 80, "figure.constrained_layout.use": True})

lines = (Path("..") / "nn" / "datasets" / "challenger.csv").read_text(encoding="utf-8").splitlines()
rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
temperature = np.array([float(row["temperature"]) for row in rows])
damaged = np.array([int(row["damaged"]) for row in rows])
grid = np.linspace(31.0, 85.0, 200)

# %% [markdown]
# ## A line does not fit
#
# Least squares draws a line through zeros and ones. It says that at 31 degrees damage has a chance of 175 %, and at 85 one
# below zero. The line has no bounds; a probability has.

# %%
line = nn.GLM().fit(temperature[:, None], damaged)
plt.plot(temperature, damaged, "o", alpha=0.4, label="launches")
plt.plot(grid, line.predict(grid[:, None]), label="least squares")
plt.axhspan(0.0, 1.0, color="gray", alpha=0.1)
plt.xlabel("temperature in °F")
plt.ylabel("damage")
plt.legend()
plt.show()
print("at 31 and 85 degrees:", line.predict([[31.0], [85.0]]).round(2))

# %% [markdown]
# ## Odds and log-odds
#
# A probability $p$ lies in $(0, 1)$, its odds $p/(1-p)$ in $(0, \infty)$, their logarithm on the whole line. So let the
# *log-odds* be linear in the temperature, $\eta = b + w x$, and go back by the inverse, the logistic function
#
# $$p = \sigma(\eta) = \frac{1}{1 + e^{-\eta}}.$$
#
# One degree more adds $w$ to the log-odds: it multiplies the odds by $e^w$.

# %%
for p in (0.1, 0.5, 0.9, 0.99):
    odds = p / (1.0 - p)
    print(f"p = {p:4}   odds {odds:6.2f}   log-odds {log(odds):5.2f}   and back {sigmoid(log(odds)):.2f}")

# %% [markdown]
# ## Maximum likelihood
#
# Each launch has probability $p$ of what was seen if $y = 1$, and $1 - p$ if $y = 0$. The launches are independent, so the
# probabilities multiply; the negative logarithm of the product is a sum:
#
# $$L(b, w) = -\sum_i \big[ y_i \log p_i + (1 - y_i) \log (1 - p_i) \big].$$
#
# Written for one launch, it is three lines, and `grad` and `hessian` give the rest.

# %%
centred = (temperature - 70.0).tolist()
targets = damaged.tolist()


def loss(theta):
    """The negative log-likelihood of all launches, straight from the formula."""
    b, w = theta
    total = 0.0
    for x, y in zip(centred, targets, strict=True):
        p = 1.0 / (1.0 + exp(-(b + w * x)))
        total = total - (y * log(p) + (1 - y) * log(1.0 - p))
    return total


theta = [0.0, 0.0]
for iteration in range(7):
    slope, curvature = np.array(grad(loss)(theta)), np.array(hessian(loss)(theta))
    print(f"{iteration}  loss {loss(theta):.9f}  b {theta[0]:.6f}  w {theta[1]:.6f}")
    theta = (theta - np.linalg.solve(curvature, slope)).tolist()

# %% [markdown]
# Newton's method is at rest after five steps: the number of right digits doubles each time. Two things come for free.
#
# *The gradient has a plain form.* The logistic function and the logarithm cancel each other, and what remains is "observed
# minus expected": $\nabla L = -\sum_i (y_i - p_i)\, (1, x_i)$, as the lecture derives by hand.
#
# *The curvature tells how sure we are.* The inverse of the Hessian at the minimum estimates the covariance of $(b, w)$; the
# roots of its diagonal are the standard errors.

# %%
p = np.array([sigmoid(theta[0] + theta[1] * x) for x in centred])
closed = [-(damaged - p).sum(), -((damaged - p) * centred).sum()]
assert np.allclose(grad(loss)(theta), closed, atol=1e-10)

errors = np.sqrt(np.diag(np.linalg.inv(hessian(loss)(theta))))
print(
    f"w = {theta[1]:.4f} with standard error {errors[1]:.4f}: a degree more multiplies the odds by {math.exp(theta[1]):.2f}"
)
assert f"{theta[1]:.4f} {errors[1]:.4f}" == "-0.2322 0.1082"  # as R's glm and the textbooks have it

# %% [markdown]
# `nn.GLM` is the same computation for any family, with the digits kept. The band shows 95 % intervals for the probability:
# made on the scale of the log-odds and carried through $\sigma$, they stay between 0 and 1.

# %%
model = nn.GLM("bernoulli").fit(temperature[:, None], damaged)
assert np.allclose(model.coef_, theta[1])
low, high = model.predict_interval(grid[:, None]).T
plt.fill_between(grid, low, high, alpha=0.2)
plt.plot(grid, model.predict_proba(grid[:, None])[:, 1], label="chance of damage")
plt.plot(temperature, damaged, "o", alpha=0.4, label="launches")
plt.axvline(31.0, color="gray", ls=":")
plt.xlabel("temperature in °F")
plt.legend()
plt.show()
print(
    "at 31 degrees:",
    model.predict_proba([[31.0]])[0, 1].round(4),
    "between",
    model.predict_interval([[31.0]])[0].round(4),
)
model.summary()

# %% [markdown]
# ## One launch, looked at
#
# A fitted model gives the graph of any of its observations, from the numbers to the loss. `backward()` fills in the
# launch's share of the gradient: $-(y - p)$ for the intercept, that times $x$ for the slope. Over all launches the shares
# add up to zero: that is what "fitted" means.

# %%
one = model.graph(temperature[8], damaged[8])
one.backward()
display(Image(draw_dot(one).pipe("png")))

total = {"intercept": 0.0, "x0": 0.0}
for row in range(len(damaged)):
    b, w = Value(model.intercept_), Value(model.coef_[0])
    nn.families.Bernoulli.loss(float(damaged[row]), b + w * temperature[row]).backward()
    total["intercept"] += b.grad
    total["x0"] += w.grad
print({name: f"{share:.1e}" for name, share in total.items()})

# %% [markdown]
# ## Where the plain formula breaks
#
# The formula above is right on paper and breaks in floating point as soon as the model is sure of itself. At
# $\eta = 40$, $p$ rounds to 1 and $\log(1 - p)$ is minus infinity; at $-800$ already $e^{800}$ overflows.
#
# The trick of the lecture: $-\log \sigma(z) = \log(1 + e^{-z})$, and for $z < 0$ that is $\log(1 + e^{z}) - z$, so
#
# $$-\log \sigma(z) = \log\big(1 + e^{-|z|}\big) - \min(0, z),$$
#
# in which no exponential is larger than 1. It is `softplus(-z)`, and `logsigmoid` its negative.


# %%
def naive(z):
    """-log(1 - p), as in the formula."""
    return -log(1.0 - 1.0 / (1.0 + exp(-z)))


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for z in (-800.0, -40.0, -1.0, 1.0, 30.0, 40.0, 800.0):
        print(f"z = {z:6}   naive {naive(z):<12.8g} stable {softplus(z):<12.8g}", end="   ")
        print(f"slopes {grad(naive)(z):<12.8g} {grad(softplus)(z):.8g}")

# %% [markdown]
# At $z = 30$ the naive value and slope are already off in the fourth digit, because $1 - p$ has only three left; at 40 there
# is none. And at $-40$ the naive value is 0, though the loss is not. A family knows its
# mean by three names, `mu.value`, `mu.log` and `mu.log1m`, and every link of two classes says the logarithms in such a form,
# so the likelihood is written once and holds at $\pm 800$ for all of them.
#
# ## Both codings of the labels
#
# With $y \in \{0, 1\}$ the loss is $-y \log p - (1-y) \log(1-p)$; with $y \in \{-1, +1\}$ it is $\log(1 + e^{-y z})$. They are
# one function:

# %%
z = np.linspace(-4.0, 4.0, 100)
for zero_one, plus_minus in ((1, 1), (0, -1)):
    first = [nn.losses.binary_cross_entropy_with_logits(t, zero_one) for t in z.tolist()]
    second = [softplus(-plus_minus * t) for t in z.tolist()]
    assert np.allclose(first, second, rtol=1e-15)
    plt.plot(z, first, label=f"y = {zero_one} or {plus_minus:+d}")
plt.xlabel("log-odds z")
plt.ylabel("loss")
plt.legend()
plt.show()

plus_minus = np.where(damaged, 1, -1)
names = np.where(damaged, "damaged", "sound")
for labels in (plus_minus, names):
    again = nn.GLM("bernoulli").fit(temperature[:, None], labels)
    print(again.classes_, again.coef_, again.predict([[50.0], [75.0]]))

# %% [markdown]
# Labels of any two names will do; the probability modelled is that of the second one in `classes_`, in the order of the
# alphabet. Here that is "sound", so the sign turns.

# %% [markdown]
# ## When there is no answer
#
# If a temperature separated damaged from sound without an error, a steeper curve would always be better, and the likelihood
# would have no maximum. A fit that stops anyway reports numbers that mean nothing. This one says so; a penalty, which is a
# prior against steep curves, brings an answer back.

# %%
separated = (temperature < 65.0).astype(int)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    endless = nn.GLM("bernoulli").fit(temperature[:, None], separated)
print(caught[0].category.__name__, "converged:", endless.converged_)
print(str(caught[0].message).split(": ", 1)[1].split(". ")[0])
print("with a penalty:", nn.GLM("bernoulli", alpha=0.1).fit(temperature[:, None], separated).coef_)
