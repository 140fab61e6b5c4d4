# %% [markdown]
# # Compile: write it slow and clear, run it fast
#
# A graph of scalars is the clearest way to write a derivative, and the slowest way to evaluate it a million times: each
# number is an object, and each operation makes one. `autograd.compile` runs your function once on Values that have no
# numbers, keeps the list of operations, and from then on runs that list. What you write does not change.

# %%
import math
import timeit
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

import nn
from autograd import TraceError, compile, exp, grad, hessian, sin, value_and_grad, where
from nn.losses import hinge
from nn.optim import SGD

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 80, "figure.constrained_layout.use": True})

# %% [markdown]
# ## The tape
#
# The gradient of a function is itself a graph, so it can be compiled like the function.


# %%
def f(x1, x2, x3):
    """The lecture's second formula."""
    return (x1 * x2 * sin(x3) + exp(x1 * x2)) / x3


slope = compile(grad(f, argnums=(0, 1, 2)))
assert slope(2.0, 3.0, 0.5) == grad(f, argnums=(0, 1, 2))(2.0, 3.0, 0.5)

(tape,) = slope.tapes
print(tape)

# %% [markdown]
# This is the lecture's evaluation trace of the derivative, with what is needed twice computed once: `x1 * x2` appears
# in one line, although the formula has it twice and its derivative four times. As Python that you can paste elsewhere:

# %%
print(tape.source("slope"))


# %% [markdown]
# ## What a call costs
#
# Called with numbers, the tape runs as Python: about as fast as the derivative worked out by hand.


# %%
def by_hand(x1, x2, x3):
    product = x1 * x2
    both = (math.sin(x3) + math.exp(product)) / x3
    last = (product * math.cos(x3) - (product * math.sin(x3) + math.exp(product)) / x3) / x3
    return x2 * both, x1 * both, last


def nanoseconds(call, number):
    return min(timeit.repeat(call, number=number, repeat=5)) / number * 1e9


point = (2.0, 3.0, 0.5)
eager = grad(f, argnums=(0, 1, 2))
slow = nanoseconds(lambda: eager(*point), 500)
fast = nanoseconds(lambda: slope(*point), 50_000)
hand = nanoseconds(lambda: by_hand(*point), 50_000)
print(f"compiled, a call is {slow / fast:.0f} times as fast as eagerly, and {fast / hand:.1f} times as long as by hand")

# %% [markdown]
# Called with arrays, they broadcast as NumPy's do, and a kernel runs the tape over blocks of rows. With numba installed
# (the extra `fast`) that is an interpreter in machine code, else NumPy; printed, the function tells which ran.

# %%
x = np.linspace(0.5, 2.0, 200_000)
slope(2.0, x, x / 3.0)  # the first call loads the kernel; on a new machine it is compiled, which takes ten seconds
started = perf_counter()
slopes = slope(2.0, x, x / 3.0)
print(f"{(perf_counter() - started) / len(x) * 1e9:.0f} ns a point")
print(slope)
assert np.allclose([s[1000] for s in slopes], eager(2.0, x[1000], x[1000] / 3.0))

# %% [markdown]
# Higher derivatives compile the same way. The curve, its slope and its curvature, at 500 points:

# %%
wave = lambda t: sin(t * t) * exp(-t / 3.0)  # noqa: E731
t = np.linspace(0.0, 4.0, 500)
for order, g in enumerate((wave, grad(wave), grad(grad(wave)))):
    plt.plot(t, compile(g)(t) / 4.0**order, label=("f", "f' / 4", "f'' / 16")[order])
plt.legend()
plt.show()

print(compile(hessian(lambda v: v[0] ** 2 * sin(v[1])))([2.0, 0.5]))


# %% [markdown]
# ## A training loop
#
# The loop of the first notebooks: clear, and a graph of some 70,000 numbers for every step.

# %%
rng = np.random.default_rng(0)
angle = rng.uniform(0.0, math.pi, 100)
upper = np.arange(100) % 2 == 0
points = np.where(upper, [np.cos(angle), np.sin(angle)], [1.0 - np.cos(angle), 0.5 - np.sin(angle)]).T
points += rng.normal(scale=0.1, size=points.shape)
labels = np.where(upper, 1.0, -1.0)


def loss(x, y):
    """The loss of one observation, with a penalty for large parameters."""
    return hinge(model(x), y) + 1e-4 * sum(p * p for p in model.parameters())


model = nn.MLP(2, [16, 16, 1], rng=0)
optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)

started = perf_counter()
history = []
for _ in range(5):
    total = sum(loss(x, y) for x, y in zip(points, labels, strict=True)) / len(points)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    history.append(total.data)
eager_step = (perf_counter() - started) / 5

# %% [markdown]
# Its twin: **two lines change**. One before the loop says which loss, which optimizer, and that both arguments have rows;
# one in the loop takes the step, in place of four. The parameters live in an array meanwhile, and come back into the
# Values at the end of the `with`.

# %%
model = nn.MLP(2, [16, 16, 1], rng=0)
optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)

with nn.Training(loss, optimizer, rows=(0, 1)) as step:
    compiled = [step(points, labels) for _ in range(5)]
    started = perf_counter()
    compiled += [step(points, labels) for _ in range(2000)]
    compiled_step = (perf_counter() - started) / 2000

print("largest difference of the first five losses:", max(abs(a - b) for a, b in zip(history, compiled, strict=False)))
assert np.allclose(history, compiled[:5], rtol=0.0, atol=1e-10)
print(f"{eager_step / compiled_step:,.0f} times as fast")
print(step.compiled)

# %%
plt.semilogy(compiled, lw=1)
plt.xlabel("step")
plt.ylabel("loss")
plt.show()

# %% [markdown]
# What stays the same for all rows, such as the penalty, is computed once per call; the sums over rows are taken while
# the rows pass, so the gradient of a single row is never stored. `rows` and `reduce` do this for any function:


# %%
def logistic(w, x, y):
    """The loss of one row: y is -1 or +1."""
    return (-y * (w[0] + w[1] * x)).softplus()


gradient = compile(value_and_grad(logistic), rows=(1, 2), reduce="mean")
print(gradient([0.0, 1.0], points[:, 0], labels))
print(gradient.tapes[0].staged([2, 3]))

# %% [markdown]
# ## Branches
#
# The function is run once, on Values that stand for every number. So it cannot ask whether one is positive: an answer
# would hold for all. It says so, and where; `where` keeps both branches.

# %%
try:
    compile(lambda x: x if x > 0.0 else 0.0)(1.0)
except TraceError as error:
    print(str(error).split(":")[0], "...")
    print(str(error).split("; ")[1])

ramp = compile(grad(lambda x: where(x > 0.0, x * x.log(), 0.0)))
print(ramp(np.array([-1.0, 0.0, 1.0, math.e])))

# %% [markdown]
# ## When not to
#
# - For a look at a graph, a derivative or two, a lesson: a Value shows its parts, a compiled function only its tape.
# - Where Python's `if` and `while` follow the numbers: what cannot be said with `where` stays eager.
# - Once: tracing costs about as much as a few eager calls. Each new structure of the arguments, such as a list that is
#   longer, is traced anew: `len(f.tapes)` tells how often.
# - For a user's own primitive on large arrays, unless it names a twin in NumPy: it is run number by number.

# %%
sums = compile(lambda xs: sum(x * x for x in xs))
for length in (2, 3, 2, 3):
    sums([1.0] * length)
print(sums)
