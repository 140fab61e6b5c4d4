# %% [markdown]
# # One ladder: generalized linear models
#
# Every model of this kind has three parts. A *predictor* gives a number, $\eta = b + w \cdot x$. A *link*, by its inverse,
# turns it into the mean of the observation, $\mu = g^{-1}(\eta)$. A *family* says how observations spread around their mean,
# and its negative log-likelihood is the loss. On the next rungs only the predictor changes: a sum of curves makes a GAM, a
# network an MLP. Link and family stay.

# %%
import math
import warnings

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display

from autograd import draw, grad, log_softmax, sigmoid
from nn import GLM, families, links

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 80, "figure.constrained_layout.use": True})

# %% [markdown]
# ## The loss does not depend on the link
#
# Bliss (1935) exposed eight groups of beetles to carbon disulphide and counted the dead. The family is the binomial one
# whatever we think about the curve: once $\mu$ is known, the loss of an observation is $-y \log \mu - (1-y) \log(1-\mu)$. What
# the link changes is how $\mu$ follows from the dose.

# %%
dose = np.array([1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839])[:, None]
beetles = np.array([59, 60, 62, 56, 63, 59, 62, 60])
killed = np.array([6, 13, 18, 28, 52, 53, 61, 60])
counts = np.c_[killed, beetles - killed]

grid = np.linspace(1.65, 1.92, 200)[:, None]
for link in (links.logit, links.probit, links.cloglog):
    model = GLM("binomial", link).fit(dose, counts)
    plt.plot(grid, model.predict(grid), label=f"{link.name}, deviance {model.deviance_:.2f}")
    loss_at_half = families.Binomial.loss(1.0, link(0.5), link)  # at the eta whose mean is 1/2
    assert math.isclose(loss_at_half, math.log(2.0), rel_tol=1e-12)
plt.plot(dose, killed / beetles, "ko", label="beetles")
plt.xlabel("log10 of the dose")
plt.ylabel("share killed")
plt.legend()
plt.show()

# %% [markdown]
# The deviance is twice what the log-likelihood lacks to that of a model with a mean for each group. With six degrees of
# freedom, 11.2 is too much for the logit; the asymmetric curve of the complementary log-log fits (Dobson 1990 has these
# numbers).
#
# ## Five families on real data
#
# **Gaussian**: heights and weights of American women of 30 to 39 years (World Almanac 1975). Observations spread as much for
# small means as for large ones.

# %%
height = np.arange(58.0, 73.0)[:, None]
weight = np.array([115, 117, 120, 123, 126, 129, 132, 135, 139, 142, 146, 150, 154, 159, 164])
women = GLM("gaussian").fit(height, weight)
assert np.allclose(women.parameters_, [-87.51667, 3.45])  # as R's lm
print(women.summary())

# %% [markdown]
# **Binomial**: the beetles above. **Poisson**: men of the Prussian cavalry killed by the kick of a horse, in 14 corps over 20
# years (Bortkiewicz 1898), the first data that a Poisson distribution was fitted to. With no column at all, a GLM estimates
# the mean; the counts follow the distribution closely.

# %%
deaths, seen = np.arange(5), np.array([144, 91, 32, 11, 2])
cavalry = GLM("poisson").fit(np.zeros((5, 0)), deaths, sample_weight=seen)
mean = math.exp(cavalry.intercept_)
expected = [280 * math.exp(-mean) * mean**k / math.factorial(k) for k in deaths]
print(f"mean {mean:.3f} deaths in a corps and year")
for k, observed, model_says in zip(deaths, seen, expected, strict=True):
    print(f"{k} deaths: {observed:4} times, expected {model_says:6.1f}")

# %% [markdown]
# **Gamma**: the time in which blood clots, for nine concentrations of plasma and two lots of the agent (McCullagh, Nelder
# 1989). Times are positive and spread in proportion to their mean; the inverse of the mean is linear in the logarithm of the
# concentration.

# %%
plasma = np.array([5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0])
lots = {"lot 1": [118, 58, 42, 35, 27, 25, 21, 19, 18], "lot 2": [69, 35, 26, 21, 18, 16, 13, 12, 12]}
concentrations = np.linspace(4.5, 105.0, 200)
for name, seconds in lots.items():
    clotting = GLM("gamma").fit(np.log(plasma)[:, None], seconds)
    low, high = clotting.predict_interval(np.log(concentrations)[:, None], of="observation").T
    (drawn,) = plt.plot(concentrations, clotting.predict(np.log(concentrations)[:, None]), label=name)
    plt.fill_between(concentrations, low, high, alpha=0.2, color=drawn.get_color())
    plt.plot(plasma, seconds, "o", color=drawn.get_color())
    print(name, clotting.parameters_.round(8))
plt.xscale("log")
plt.xlabel("plasma in %")
plt.ylabel("seconds")
plt.legend()
plt.show()
first = GLM("gamma").fit(np.log(plasma)[:, None], lots["lot 1"])
assert np.allclose(first.parameters_, [-0.01655438, 0.01534311], atol=1e-8)  # as R's glm

# %% [markdown]
# **Laplace**: telephone calls from Belgium, 1950 to 1973, in tens of millions (Rousseeuw, Leroy 1987). For six years somebody
# noted minutes in the place of calls. A Gaussian likelihood punishes the square of a distance, and the line follows the
# mistake; Laplace's punishes the distance itself, and the line stays with most of the years.

# %%
year = np.arange(50.0, 74.0)[:, None]
calls = [
    *(0.44, 0.47, 0.47, 0.59, 0.66, 0.73, 0.81, 0.88, 1.06, 1.20, 1.35, 1.49),
    *(1.61, 2.12, 11.90, 12.40, 14.20, 15.90, 18.20, 21.20, 4.30, 2.40, 2.70, 2.90),
]
plt.plot(year, calls, "ko")
for family in ("gaussian", "laplace"):
    plt.plot(year, GLM(family).fit(year, calls).predict(year), label=family)
plt.xlabel("year")
plt.ylabel("calls")
plt.legend()
plt.show()

# %% [markdown]
# ## A link of one's own, a family of one's own
#
# In a test with four choices, who knows nothing is right once in four. So the curve should start at 1/4 and not at 0: *one
# line*, the inverse and the interval that it reaches. Score, information, starting point and standard errors follow from it.

# %%
chance = links.Link(lambda eta: 0.25 + 0.75 * sigmoid(eta), range=(0.25, 1.0), name="chance")

rng = np.random.default_rng(0)
ability = rng.normal(size=(1500, 1))
right = rng.random(1500) < 0.25 + 0.75 / (1.0 + np.exp(-2.0 * ability[:, 0] + 1.0))
tested = GLM("bernoulli", chance).fit(ability, right)
print(tested.summary())

shades = np.linspace(-4.0, 4.0, 200)[:, None]
plt.plot(shades, tested.predict_proba(shades)[:, 1], label="with a floor of 1/4")
plt.plot(shades, GLM("bernoulli").fit(ability, right).predict_proba(shades)[:, 1], label="logit")
plt.xlabel("ability")
plt.ylabel("chance of a right answer")
plt.legend()
plt.show()

# %% [markdown]
# A family is one line too: its negative log-likelihood, of the observation, the mean and the dispersion. This one asks for
# the line below which nine years in ten lie: too low costs nine times as much as too high.

# %%
pinball = families.Family(lambda y, mu, phi: (0.4 * (y - mu.value) + 0.5 * abs(y - mu.value)) / phi, name="pinball")
heights = rng.normal(size=(400, 1))
spread = 1.0 + heights[:, 0] + rng.normal(size=400) * np.exp(0.5 * heights[:, 0])
upper = GLM(pinball).fit(heights, spread)
print(f"below the line: {np.mean(spread <= upper.predict(heights) + 1e-9):.1%}")

# %% [markdown]
# ## What standard errors mean
#
# The log-likelihood is a hill over the coefficients. The flatter its top, the less the data say about where it is. The
# curvature is the *information*; its inverse estimates the covariance of the estimates, and two kinds are in use. *Observed*
# information is the curvature at the top. *Expected* (Fisher's) puts the mean in the place of each observation first. For the
# link that comes with a family the two are equal; for others they may differ by a tenth, so a table should say which it has.
# A third, the *robust* or sandwich estimate, asks the scores themselves how much they vary and holds even if the variance is
# not the family's.

# %%
probit = GLM("bernoulli", "probit").fit(ability[:40], right[:40])
for kind in ("expected", "observed", "robust"):
    print(f"{kind:9} {probit.standard_errors(kind)}")

slopes = []
for _ in range(300):
    again = rng.random(1500) < 0.25 + 0.75 / (1.0 + np.exp(-2.0 * ability[:, 0] + 1.0))
    slopes.append(GLM("bernoulli", chance).fit(ability, again).coef_[0])
print(f"\nthe slope varies by {np.std(slopes):.3f} from one data set to the next;", end=" ")
print(f"its standard error, from the first alone, was {tested.standard_errors()[1]:.3f}")

# %% [markdown]
# ## Several classes: softmax from Bayes
#
# Let each of three classes spread around a centre of its own, with the same covariance $\Sigma$. Bayes' rule gives the
# probability of a class for a point, and in the ratio of two normal densities the squares of $x$ cancel: what remains is
# linear, $\eta_k = \mu_k^T \Sigma^{-1} x - \tfrac12 \mu_k^T \Sigma^{-1} \mu_k + \log \pi_k$, and
#
# $$P(k \mid x) = \frac{e^{\eta_k}}{\sum_j e^{\eta_j}} = \operatorname{softmax}(\eta)_k.$$
#
# So a categorical family with the softmax link is the right model for such data, and its coefficients estimate
# $\Sigma^{-1} \mu_k$, up to what all classes share.

# %%
centres = np.array([[0.0, 1.5], [-1.5, -1.0], [1.5, -0.5]])
covariance = np.array([[1.0, 0.4], [0.4, 0.8]])
species = rng.integers(0, 3, 3000)
points = centres[species] + rng.multivariate_normal([0.0, 0.0], covariance, 3000)
side = np.array(["north", "west", "east"])[species]
bayes = GLM("categorical").fit(points, side)

exact = np.linalg.solve(covariance, centres[[2, 0, 1]].T).T  # in the order of classes_: east, north, west
print(bayes.classes_, "\n", bayes.coef_.round(2), "\n", (exact - exact.mean(axis=0)).round(2))

xs, ys = np.meshgrid(np.linspace(-5, 5, 200), np.linspace(-4, 5, 200))
likeliest = bayes.decision_function(np.c_[xs.ravel(), ys.ravel()]).argmax(axis=1).reshape(xs.shape)
plt.contourf(xs, ys, likeliest, levels=[-0.5, 0.5, 1.5, 2.5], alpha=0.3)
plt.scatter(*points[:300].T, c=np.array([1, 2, 0])[species[:300]], s=8)
plt.show()

# %% [markdown]
# ## A fit without an answer
#
# Counts may be 0 in a whole group. Here are insects counted after three sprays (Beall 1942: the first four counts of his sprays
# A, B and C), and after a fourth, D, that we made up: it killed them all. The mean of group D is exp(a number that should be
# minus infinity), so the likelihood grows for ever. The rows of D are *told apart without error*. A fit must say so, and it must
# keep what the other groups tell.

# %%
sprays = {"A": [10, 7, 20, 14], "B": [11, 17, 21, 11], "C": [0, 1, 7, 2], "D": [0, 0, 0, 0]}
insects = np.concatenate(list(sprays.values()))
group = np.repeat(np.arange(4), 4)
dummies = (group[:, None] == [1, 2, 3]).astype(float)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    endless = GLM("poisson").fit(dummies, insects)
print(caught[0].message)
print(endless.summary())
without = GLM("poisson").fit(dummies[group < 3, :2], insects[group < 3])
assert np.allclose(endless.standard_errors(), [*without.standard_errors(), np.inf])

# %% [markdown]
# The coefficients of A, B and C, and their standard errors, are those of a fit without D. Only the coefficient of D is infinite:
# its estimate is a number far out, and its standard error is inf. Whether rows are separated is decided by a linear program, not
# by how the numbers look.

# %% [markdown]
# ## Cross-entropy and KL divergence
#
# The loss of a categorical observation is the *cross-entropy* of what was seen, $p$, and what is predicted, $q$:
# $H(p, q) = -\sum_k p_k \log q_k$. It is the entropy of $p$, which no model can change, plus the *Kullback-Leibler divergence*
# of the two, which is 0 only if they agree:
#
# $$H(p, q) = H(p) + \operatorname{KL}(p \,\|\, q).$$
#
# So minimizing either is the same, and the gradient is again "expected minus observed", $q - p$.

# %%
p = [0.7, 0.2, 0.1]
etas = [0.5, -0.3, 0.1]
q = np.exp(log_softmax(etas))
cross_entropy = families.Categorical.loss(p, etas)
entropy = -sum(share * math.log(share) for share in p)
divergence = sum(share * math.log(share / other) for share, other in zip(p, q, strict=True))
print(f"{cross_entropy:.6f} = {entropy:.6f} + {divergence:.6f}")
slope = grad(lambda etas: families.Categorical.loss(p, etas))(etas)
assert np.allclose(slope, q - p, atol=1e-15)

# %% [markdown]
# Every fitted model can be looked at one observation at a time. Here is the first of the points, from the coefficients of
# three predictors to the loss: a small network already, and the next rung of the ladder.

# %%
one = bayes.graph(points[0], side[0])
one.backward()
display(Image(draw(one).png(dpi=45)))
