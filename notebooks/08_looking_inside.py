# %% [markdown]
# # Looking inside
#
# A network that was broken on purpose: its loss is nan after a while, its gradients are wrong in places, and a numerical check
# complains. We look at it with every instrument that there is, and mend it.

# %%
import random
from math import isfinite

from IPython.display import Image, display

import nn
from autograd import (
    GradientMismatch,
    Value,
    check_grads,
    diagnose,
    draw,
    errstate,
    exp,
    formula,
    kinks,
    log,
    logsumexp,
    misconceptions,
    paths,
    play,
    relu,
    sin,
    source_lines,
    sqrt,
    steps,
    trace,
    unfold,
)

# %% [markdown]
# ## First, something that works
#
# One list feeds everything here: each step of the forward pass, then each product of the backward pass.

# %%
x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
y = x1 * x2 + sin(x1)
for step in steps(y)[5:]:
    print(step)

# %% [markdown]
# `play` walks through it: press play, or click into the picture and use the arrow keys. Where a notebook is shown without its
# scripts, as on a page that only displays it, the picture remains.

# %%
play(y)

# %% [markdown]
# The lecture's evaluation trace has the same numbers in three columns, and the formula is there in LaTeX.

# %%
trace(y)

# %%
formula(y)

# %% [markdown]
# ## The broken network
#
# Two inputs, a hidden layer, and two classes. Somebody wrote the loss by hand, as it stands in the book: minus the logarithm of
# the softmax. And since the distance of the two scores was wanted too, there is a square root.


# %%
def book_loss(scores, label):
    """- log softmax, as in the book, and a little of the distance between the scores."""
    shares = [exp(score) / sum(exp(other) for other in scores) for score in scores]
    gap = scores[0] - scores[1]
    return -log(shares[label]) + 0.01 * sqrt(gap * gap)


rng = random.Random(4)
points = [[rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)] for _ in range(20)]
labels = [int(a * b > 0.0) for a, b in points]


def mean_loss(model, loss):
    """The mean over all points."""
    return sum(loss(model(point), label) for point, label in zip(points, labels, strict=True)) / len(points)


def train(loss, lr, count=30):
    """A few steps of gradient descent; returns the model and its losses."""
    model = nn.MLP(2, [6, 2], "relu", rng=3)
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(count):
        with errstate("ignore"):
            total = mean_loss(model, loss)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(total.data)
    return model, losses


model, losses = train(book_loss, lr=300.0)
print([f"{x:.3g}" for x in losses[:8]])

# %% [markdown]
# The learning rate is far too high, but that alone does not make a nan. Where does it come from? We train until just before, and
# look at the first point that spoils the sum. `source_lines` costs time and memory, so it is switched on only here.

# %%
model, _ = train(book_loss, lr=300.0, count=next(i for i, x in enumerate(losses) if x != x))
with errstate("ignore"), source_lines() as lines:
    each = [book_loss(model(point), label) for point, label in zip(points, labels, strict=True)]
bad = next(one for one in each if not isfinite(one.data))
bad.name = "L"
diagnose(bad, lines)

# %% [markdown]
# An overflow: `exp(800)` is infinite, and infinity over infinity is nan. The instrument knows the better formula, and what it would
# give. The picture shows the same, in yellow:

# %%
draw(bad, focus=bad, radius=4)

# %% [markdown]
# ## A gradient that is nan where every value is finite
#
# The square root waits for its turn: where both scores are equal it is 0, its slope infinite, and 0 * inf is nan.

# %%
same = Value(1.5, "a")
gap = same - Value(1.5, "b")
loss = sqrt(gap * gap)
loss.backward()
print(loss.data, same.grad)
diagnose(loss)

# %% [markdown]
# ## Mended


# %%
def better_loss(scores, label):
    """The same in formulas that keep their digits."""
    return logsumexp(scores) - scores[label] + 0.01 * abs(scores[0] - scores[1])


mended, found = train(better_loss, lr=300.0)
print([f"{x:.3g}" for x in found[:8]])
calm, calmer = train(better_loss, lr=0.5, count=150)
ax = nn.plots.loss_curve({"learning rate 300": found, "learning rate 0.5": calmer})

# %% [markdown]
# Finite with both rates; and with the second one it learns, too.

# %%
ax = nn.plots.decision_boundary(lambda point: calm(point)[1] - calm(point)[0], points, labels)

# %% [markdown]
# ## The check that complains
#
# `relu` and `abs` have kinks. A numerical derivative across one is half of this and half of that; `kinks` tells where.


# %%
def corner(x):
    """A function with two kinks."""
    return relu(x) + abs(x - 1.0)


try:
    check_grads(corner, (1e-7,), order=1)
except GradientMismatch as reason:
    print(reason)
kinks(corner(Value(1e-7, "x")))

# %% [markdown]
# ## Where a gradient comes from
#
# The gradient of one weight is a sum over all paths from the loss down to it. Most of them may be dead: a relu that is 0 lets
# nothing through. The picture is that of one point; products and sums of a neuron are unfolded.

# %%
one = better_loss(calm(points[0]), labels[0])
one.name = "L"
calm.zero_grad()
one.backward()
weight = calm.layers[0].neurons[0].w[0]
paths(one, weight, most=4)

# %%
display(Image(draw(unfold(one), focus=weight.name, radius=3).png(dpi=80)))

# %% [markdown]
# And all of the batch at once: more Values than anybody wants to see, so modules collapse.

# %%
total = mean_loss(calm, better_loss)
total.backward()
draw(total, collapse=1)

# %% [markdown]
# ## Why it is done in this order
#
# Three mistakes that everybody who writes such an engine makes once. `x` is used along two paths, and so every shortcut shows.

# %%
x = Value(3.0, "x")
square = x * x
misconceptions(square + square * x)

# %% [markdown]
# - *overwrite* forgets that a derivative is a sum over paths,
# - *no order* hands parts on before they are complete,
# - *no zero_grad* adds yesterday's gradient to today's.
