# %% [markdown]
# # Generalized additive models
#
# A GLM has a straight line for each feature. The world often has curves. A generalized additive model (GAM) has a function for each
# feature, and the data say what it looks like:
#
# $$\eta = b + f_1(x_1) + f_2(x_2) + \dots, \qquad \mu = \text{link}^{-1}(\eta).$$
#
# Family, link and loss are those of a GLM. Only the way to $\eta$ is another one.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.interpolate import BSpline

import nn
from autograd import draw, exp
from nn import GAM, GLM
from nn.smooths import f, fn, l, s

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 60, "figure.constrained_layout.use": True})

# %% [markdown]
# ## A smooth function is a sum of bumps
#
# A *B-spline* is a bump: 0 nearly everywhere, and smooth. Ten of them side by side cover the whole range. Each has a coefficient. The sum of the
# bumps, each as high as its coefficient says, is a smooth function. So to find the function is to find ten numbers.

# %%
knots = np.arange(-3, 11) / 7
grid = np.linspace(0.0, 1.0, 300)
bumps = BSpline.design_matrix(grid, knots, 3).toarray()
heights = np.sin(6.0 * np.linspace(0.0, 1.0, 10)) + 1.2
fig, ax = plt.subplots()
ax.plot(grid, bumps * heights, lw=0.8)
ax.plot(grid, bumps @ heights, "k", lw=2, label="their sum")
ax.legend()
ax.set(xlabel="x")

# %% [markdown]
# ## How smooth?
#
# With many bumps the function can follow each single point, and then it follows the noise as well. So a penalty is added: $\lambda/2$ times the sum
# of squared *second differences* of neighbouring coefficients. It is 0 for a straight line, and large for a wild curve. A large
# $\lambda$ (lambda) gives a straight line, a small one a wild curve.
#
# The *effective degrees of freedom* say how many coefficients are left, so to speak: 2 for a straight line, up to 20 here. Above the pictures they are "d. f.".

# %%
rng = np.random.default_rng(1)
x = np.sort(rng.uniform(0.0, 1.0, 80))
y = np.sin(8.0 * x) + 0.4 * rng.normal(size=80)
fig, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True)
for ax, lam in zip(axes, (1e-3, "reml", 1e5), strict=True):
    model = GAM(s(0, n_basis=20), lam=lam).fit(x[:, None], y)
    ax.plot(x, y, ".", color="gray")
    ax.plot(grid, model.predict(grid[:, None]))
    ax.set_title(f"lambda {model.terms_['s(0)'].lam:.2g}: {model.edf_:.1f} d. f.")

# %% [markdown]
# The one in the middle found its lambda by itself. *REML*, the restricted maximum likelihood, asks: for which $\lambda$ are the data most likely, when we
# average over all functions that this penalty allows? A wild function can be anything, so the data that we have are one chance of many. A
# straight line cannot make these data at all. Between them is the best one. The picture shows the criterion; smaller is better.

# %%
lams = np.logspace(-3, 4, 30)
scores = [GAM(s(0, n_basis=20), lam=lam).fit(x[:, None], y).score_ for lam in lams.tolist()]
best = GAM(s(0, n_basis=20)).fit(x[:, None], y)
fig, ax = plt.subplots()
ax.semilogx(lams, scores)
ax.plot(best.terms_["s(0)"].lam, best.score_, "o", label="found by the fit")
ax.set(xlabel="lambda", ylabel="REML")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# ## One feature at a time
#
# Now real data: how wide is the petal of an iris? We ask for a smooth function of the petal's length, a straight line in the sepal's width, and a
# number for each species.

# %%
flowers, kinds = nn.datasets.iris()
table = pd.DataFrame(flowers, columns=["sepal length", "sepal width", "petal length", "petal width"])
table["species"] = np.array(["setosa", "versicolor", "virginica"])[kinds]
width = GAM(s("petal length") + l("sepal width") + f("species"), keep_rows=True).fit(table, table["petal width"])
width.summary()

# %% [markdown]
# The functions are only added up, so you can look at each of them alone. The band says how sure we are, with 95 %. Outside of what the fit has
# seen, the line is dashed: there we know nothing.

# %%
fig, axes = plt.subplots(1, 3, figsize=(9, 3))
for ax, term in zip(axes, width.terms_, strict=True):
    width.partial_effect(term).plot(ax)

# %% [markdown]
# A single row can be taken apart as well. Each term says what it adds to $\eta$.

# %%
row = table.iloc[[100]]
print("intercept", round(width.intercept_, 3))
for term, share in zip(width.terms_, width.predict(row, terms=True)[0], strict=True):
    print(f"{term:16} {share:+.3f}")
print("sum, the mean  ", width.predict(row).round(3))
draw(width, row, row["petal width"].iloc[0])

# %% [markdown]
# ## Yes or no
#
# With the family Bernoulli the GAM answers questions. Is it a versicolor? Versicolor lies between the two other species, so its petal is neither
# short nor long. A straight line can only say "the longer, the more". A smooth function can go up and down again.

# %%
versicolor = np.where(kinds == 1, "yes", "no")
two = table[["sepal width", "petal length"]]
line = GLM("bernoulli").fit(two, versicolor)
curve = GAM(s("petal length", n_basis=7) + l("sepal width"), "bernoulli").fit(two, versicolor)
print(f"right answers: line {line.score(two, versicolor):.3f}, GAM {curve.score(two, versicolor):.3f}")
curve.partial_effect("s(petal length)").plot()

# %% [markdown]
# ## Which one of three?
#
# With the family Categorical there is one $\eta$ for each class, so each term has one function for each class. `softmax` makes probabilities of them.
# Here we ask for the species, and we look at the length of the sepal only.

# %%
species = GAM(s("sepal length", n_basis=8), "categorical").fit(table, table["species"])
print(f"right answers: {species.score(table, table['species']):.3f}")
print(species.terms_["s(sepal length)"])
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
for label in species.classes_:
    moved = species.sensitivity("sepal length", at=table.iloc[[0]], label=label)
    axes[0].plot(moved.x, species.partial_effect("s(sepal length)", label=label).effect)
    axes[1].plot(moved.x, moved.mean, label=label)
axes[0].set(xlabel="sepal length", ylabel="predictor of each class")
axes[1].set(xlabel="sepal length", ylabel="probability")
axes[1].legend()

# %% [markdown]
# Each function has only one degree of freedom for a class that differs: REML says that straight lines are enough. Still the probability of
# versicolor goes up and down again. A class in the middle needs no curve: softmax compares the three lines.

# %% [markdown]
# ## Functions that you choose yourself
#
# Up to here the functions were sums of bumps. But often you *know* what a function looks like. A plant grows like this: slowly, then fast,
# then it stops. A formula for it is $f(x) = \dfrac{a}{1 + e^{b - c x}}$, where $x$ is the day. The numbers $a$, $b$ and $c$ are parameters, and you want to find
# them.
#
# In the lecture, the gradient of the loss by such parameters was a "?", because each function needs its own formula. Here it is no question: write the
# function down, and autodiff has all its derivatives. The data are the yields of a pasture (Ratkowsky 1983; NIST's problem Rat42).

# %%
pasture = pd.DataFrame({"day": [9, 14, 21, 28, 42, 57, 63, 70, 79]})
yields = np.array([8.93, 10.80, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08])
growth = fn("day", lambda x, a, b, c: a / (1 + exp(b - c * x)), init=(100, 1, 0.1))
grown = GAM(growth, fit_intercept=False).fit(pasture, yields)
ax = grown.partial_effect("fn(day)").plot()
ax.plot(pasture["day"], yields, "k.")
print("certified by NIST: 72.462237576, 2.6180768402, 0.067359200066")
print("found:            ", ", ".join(f"{number:.11g}" for number in grown.coef_))
grown.summary()

# %% [markdown]
# `init` says where the search starts. Such a loss has valleys and plains, so a bad start may end in a bad place; then try another one, or several with
# `starts=`. Your function can stand beside all other terms. Is an iris petal wider by a power of its length, beside a number for each species?

# %%
power = fn("petal length", lambda x, a, b: a * x**b, init=(0.1, 1.0))
both = GAM(power + f("species"), fit_intercept=False).fit(table, table["petal width"])
both.summary()

# %% [markdown]
# ## Can you trust it?
#
# `check` looks at a fit that kept its rows; here it is our first model of the petals. For each smooth term it asks whether neighbours along the
# feature have errors that are alike. Then the function could not bend enough, and p would be small. Two terms may say nearly the same: then nobody knows which of
# them it was. Here the species says much of what the petal's length says (*concurvity*: 0 is nothing, 1 is all). The four pictures show what is left
# over.

# %%
seen = width.check()
print(seen)
fig, axes = plt.subplots(1, 4, figsize=(11, 2.5))
four = seen.plot(axes)

# %% [markdown]
# ## Sensitivity
#
# What happens to the answer of one flower, if one feature moves and the others stay? `sensitivity` gives the mean and its exact derivative. The dotted line
# is where the flower stands.

# %%
flower = two.iloc[[70]]
moved = curve.sensitivity("petal length", at=flower)
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
moved.plot(axes[0])
axes[1].plot(moved.x[moved.inside], moved.slope[moved.inside])
axes[1].set(xlabel="petal length", ylabel="derivative of the mean")
axes[1].grid(alpha=0.3)

# %% [markdown]
# ## What a GAM cannot see
#
# Functions of single features are added up. If two features only matter *together*, a GAM is blind. Here the answer is "yes" if the two numbers
# have the same sign. Each feature alone says nothing.

# %%
X = rng.uniform(-1.0, 1.0, size=(400, 2))
same = np.where(X[:, 0] * X[:, 1] > 0.0, "yes", "no")
blind = GAM(s(0) + s(1), "bernoulli").fit(X, same)
network = nn.NeuralGLM("bernoulli", hidden=(8,), alpha=0.01).fit(X, same)
print(f"right answers: GAM {blind.score(X, same):.3f}, network {network.score(X, same):.3f}")

# %% [markdown]
# A network adds up first and bends then, so it sees what belongs together. But nobody can draw its functions one by one. This is the choice:
#
# | | for | against |
# |---|---|---|
# | GLM | one number for each feature, with its error | only straight lines |
# | GAM | any curve, one feature at a time, with its band; it finds out how smooth; formulas that you know | what features do together |
# | network | whatever there is | no part of it means something alone |
#
# The next notebook builds the network.
