# %% [markdown]
# # Derivatives, forward and backward
#
# The chain rule can be worked from the inputs to the result or from the result to the inputs. Both ways are exact; they
# differ in cost. Our example is the lecture's second formula, at $x = (2, 3, 0.5)$:
#
# $$y = \frac{x_1 x_2 \sin x_3 + e^{x_1 x_2}}{x_3}$$

# %%
import math
from dataclasses import dataclass
from time import perf_counter

import matplotlib.pyplot as plt
from IPython.display import Image, display

from autograd import (
    GradientMismatch,
    Primitive,
    Value,
    check_grads,
    cos,
    draw_dot,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    sin,
    tanh,
    vjp,
)

plt.rcParams.update({"figure.figsize": (5, 3), "figure.dpi": 80, "figure.constrained_layout.use": True})

# %% [markdown]
# The functions of `autograd` take numbers and give numbers, or take Values and give Values. So one definition serves
# for both.


# %%
def f(x1, x2, x3):
    """The lecture's second formula."""
    product = x1 * x2
    return (product * sin(x3) + exp(product)) / x3


x = (2.0, 3.0, 0.5)

print("y =", f(*x))
assert f(*x) == (6.0 * math.sin(0.5) + math.exp(6.0)) / 0.5

# %% [markdown]
# Its graph, after a call of `backward()`. It is shown as a PNG because many sites that preview notebooks leave SVGs out.

# %%
leaves = [Value(number, name=f"x{i}") for i, number in enumerate(x, start=1)]
y = f(*leaves)
y.name = "y"
y.backward()

display(Image(draw_dot(y).pipe("png")))

# %% [markdown]
# ## Forward mode
#
# Choose a direction: say that $x_1$ grows at rate 1 and the others rest. Each line of the computation is followed by a
# line that says at which rate its result grows. Such a rate is called a *tangent*; here its name starts with `t_`.

# %%
x1, x2, x3 = x
t_x1, t_x2, t_x3 = 1.0, 0.0, 0.0

p = x1 * x2
t_p = t_x1 * x2 + x1 * t_x2
s = math.sin(x3)
t_s = math.cos(x3) * t_x3
m = p * s
t_m = t_p * s + p * t_s
e = math.exp(p)
t_e = e * t_p
n = m + e
t_n = t_m + t_e
y = n / x3
t_y = (t_n - y * t_x3) / x3

print("y =", y, "  dy/dx1 =", t_y)

# %% [markdown]
# `jvp` (Jacobian times vector) does just this: from a point and a direction it finds the value and its rate, in one pass.

# %%
value, rate = jvp(f, x, (1.0, 0.0, 0.0))

assert math.isclose(value, y)
assert math.isclose(rate, t_y)
print("jvp:", value, rate)

# %% [markdown]
# ## Reverse mode
#
# Now start at the end. The *adjoint* of a number is the derivative of $y$ by it; here its name starts with `g_`. The
# same lines are visited in the opposite order, and each passes its adjoint on to the numbers it was made of.

# %%
g_y = 1.0
g_n, g_x3 = g_y / x3, -g_y * y / x3  # y = n / x3
g_m, g_e = g_n, g_n  # n = m + e
g_p = g_e * e  # e = exp(p)
g_p, g_s = g_p + g_m * s, g_m * p  # m = p * s
g_x3 += g_s * math.cos(x3)  # s = sin(x3)
g_x1, g_x2 = g_p * x2, g_p * x1  # p = x1 * x2

print("dy/dx1 =", g_x1, "  dy/dx2 =", g_x2, "  dy/dx3 =", g_x3)
assert math.isclose(g_x1, t_y)

# %% [markdown]
# One pass gave all three derivatives. `vjp` (vector times Jacobian) does this: it gives the value and a function `back`
# that takes the adjoint of the result back to the inputs.

# %%
value, back = vjp(f, *x)
gradient = back(1.0)

print("vjp:", gradient)
for got, expected in zip(gradient, (g_x1, g_x2, g_x3), strict=True):
    assert math.isclose(got, expected)

# %% [markdown]
# For a single result the adjoint to start from is 1, and `grad` is the shorter way. `argnums` names the arguments.

# %%
assert grad(f, argnums=(0, 1, 2))(*x) == gradient
assert grad(f)(*x) == gradient[0]  # by the first argument, if nothing is said
assert math.isclose(leaves[0].grad, gradient[0])  # and backward() on Values is the same computation

# %% [markdown]
# A direction need not be along an axis. The rate in direction $t$ is the sum of $t_i \, \partial y/\partial x_i$.

# %%
t = (0.3, -1.0, 2.0)
_, rate = jvp(f, x, t)

print("rate in direction t:", rate)
assert math.isclose(rate, sum(g * d for g, d in zip(gradient, t, strict=True)))

# %% [markdown]
# ## What they cost
#
# Forward mode needs one pass **per input** for the whole gradient, reverse mode one pass **in all**. We count the passes
# on a function of $n$ inputs.


# %%
def ring(x):
    """The sum of sin(x[i] * x[i + 1]) around a ring."""
    total = 0.0
    for i in range(len(x)):
        total = total + sin(x[i - 1] * x[i])
    return total


def point(n):
    """n numbers between 0 and 1."""
    return [(i + 1) / (n + 1) for i in range(n)]


# %%
def forward_gradient(f, x):
    """The gradient by forward mode: one direction after another."""
    n = len(x)
    return [jvp(f, (x,), ([float(i == j) for j in range(n)],))[1] for i in range(n)]


for got, expected in zip(forward_gradient(ring, point(10)), grad(ring)(point(10)), strict=True):
    assert math.isclose(got, expected)


# %%
def passes(gradient, n):
    """How often a gradient runs the function that it differentiates."""
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return ring(x)

    gradient(counted, point(n))
    return calls


def reverse_gradient(f, x):
    """The gradient by reverse mode."""
    return grad(f)(x)


def backward_gradient(f, x):
    """The gradient by reverse mode, on Values."""
    leaves = [Value(number) for number in x]
    f(leaves).backward()
    return [leaf.grad for leaf in leaves]


assert backward_gradient(ring, point(10)) == reverse_gradient(ring, point(10))

# %%
print("inputs  forward  reverse")
for n in (1, 10, 100):
    print(f"{n:6d}  {passes(forward_gradient, n):7d}  {passes(reverse_gradient, n):7d}")
    assert passes(forward_gradient, n) == n
    assert passes(reverse_gradient, n) == passes(backward_gradient, n) == 1


# %% [markdown]
# And on the clock: how many times as long as computing the function once (on Values) does its gradient take?


# %%
def seconds(run, repeats=9):
    """The shortest of several runs, the one that was disturbed least."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def relative_cost(gradient, n):
    """The time of a gradient over the time of the function."""
    numbers = point(n)
    nodes = [Value(number) for number in numbers]
    return seconds(lambda: gradient(ring, numbers)) / seconds(lambda: ring(nodes))


sizes = [4, 8, 16, 32, 64, 128]
forward_cost = [relative_cost(forward_gradient, n) for n in sizes]
reverse_cost = [relative_cost(reverse_gradient, n) for n in sizes]
backward_cost = [relative_cost(backward_gradient, n) for n in sizes]

assert forward_cost[-1] > 5 * reverse_cost[-1] > 0
assert forward_cost[-1] > 5 * backward_cost[-1] > 0

# %%
plt.loglog(sizes, forward_cost, "o-", label="forward: jvp for each input")
plt.loglog(sizes, reverse_cost, "s-", label="reverse: grad")
plt.loglog(sizes, backward_cost, "^-", label="reverse: backward()")
plt.xticks(sizes, sizes)
plt.minorticks_off()
plt.ylim(1, 1e5)
plt.xlabel("number of inputs $n$")
plt.ylabel("time / time of the function")
plt.legend(fontsize="small", loc="upper left")
plt.show()

# %% [markdown]
# Forward mode grows with $n$; reverse mode stays where it is. The slope of a line is mathematics, its height is
# bookkeeping: `grad` and `jvp` walk over the graph several times, so as to serve any function at any order, while
# `backward()` does one thing and does it fast.
#
# A network has many parameters and one loss, so learning
# uses reverse mode. With one input and many outputs it is the other way round: one forward pass, and a reverse pass for
# each output.

# %% [markdown]
# ## Finite differences
#
# The derivative is the limit of a quotient, so why not take a small $h$?
#
# - one-sided: $\dfrac{f(x + h) - f(x)}{h}$, wrong by about $h$,
# - central: $\dfrac{f(x + h) - f(x - h)}{2h}$, wrong by about $h^2$.
#
# Floats spoil the limit. The values of $f$ are rounded, with a relative error of about $\varepsilon = 2^{-52}$, and the
# division by $h$ blows that up to $\varepsilon / h$.


# %%
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def along_x3(x3):
    """The lecture's formula as a function of x3 alone."""
    return f(2.0, 3.0, x3)


def exact(x3):
    """Its derivative, worked out on paper."""
    return (6.0 * math.cos(x3) - (6.0 * math.sin(x3) + math.exp(6.0)) / x3) / x3


# %% [markdown]
# At each $h$ we take the largest relative error over some points near $x_3 = 0.5$, since at a single point the rounding
# errors may cancel by luck.

# %%
points = [0.4 + 0.01 * i for i in range(21)]


def largest_error(derivative):
    """The largest relative error of a derivative over the points."""
    return max(abs(derivative(x3) - exact(x3)) / abs(exact(x3)) for x3 in points)


steps = [10 ** (-k / 4) for k in range(4, 53)]
errors_one = [largest_error(lambda x3, h=h: one_sided(along_x3, x3, h)) for h in steps]
errors_two = [largest_error(lambda x3, h=h: central(along_x3, x3, h)) for h in steps]
error_grad = largest_error(grad(along_x3))

# %% [markdown]
# On logarithmic axes the errors form a V. On its right arm the formula is to blame, on its left arm the rounding. The
# bottom is where the two meet:
#
# - one-sided: $h \approx \varepsilon / h$, so $h \approx \varepsilon^{1/2}$ and the error is about $\varepsilon^{1/2}$,
# - central: $h^2 \approx \varepsilon / h$, so $h \approx \varepsilon^{1/3}$ and the error is about $\varepsilon^{2/3}$.

# %%
epsilon = 2.0**-52

plt.loglog(steps, errors_one, "C0", label="one-sided")
plt.loglog(steps, errors_two, "C1", label="central")
plt.axhline(error_grad, color="C2", label="grad")
plt.axvline(epsilon ** (1 / 2), color="C0", linestyle=":")
plt.axvline(epsilon ** (1 / 3), color="C1", linestyle=":")
plt.text(epsilon ** (1 / 2), 10, r"$\varepsilon^{1/2}$", color="C0", ha="center")
plt.text(epsilon ** (1 / 3), 10, r"$\varepsilon^{1/3}$", color="C1", ha="center")
plt.ylim(1e-17, 3)
plt.xlabel("step $h$")
plt.ylabel("relative error")
plt.legend(loc="lower right", bbox_to_anchor=(1, 0.12), fontsize="small")
plt.show()

# %%
best_one = steps[errors_one.index(min(errors_one))]
best_two = steps[errors_two.index(min(errors_two))]

print(f"one-sided: best h {best_one:.0e}, error {min(errors_one):.0e}")
print(f"central:   best h {best_two:.0e}, error {min(errors_two):.0e}")
print(f"grad:      error {error_grad:.0e}")
assert epsilon ** (1 / 2) / 20 < best_one < epsilon ** (1 / 2) * 20
assert epsilon ** (1 / 3) / 20 < best_two < epsilon ** (1 / 3) * 20
assert error_grad < 10 * epsilon
assert min(errors_one) > 1e5 * error_grad

# %% [markdown]
# The right arms have slopes 1 and 2: with a ten times smaller step the one-sided error is ten times smaller, and the
# central one a hundred times.

# %%
a, b = steps.index(1e-3), steps.index(1e-4)

print(f"one-sided: {errors_one[a] / errors_one[b]:.1f} times, central: {errors_two[a] / errors_two[b]:.1f} times")
assert math.isclose(errors_one[a] / errors_one[b], 10, rel_tol=0.05)
assert math.isclose(errors_two[a] / errors_two[b], 100, rel_tol=0.05)

# %% [markdown]
# ## Checking derivatives
#
# Finite differences are poor for learning (inexact, and two evaluations for each input) but good for *checking*:
# a wrong derivative is mostly wrong by far more than $10^{-6}$. `check_grads` compares derivatives of first and second
# order, in both modes, with central differences at $h = \varepsilon^{1/3}$ (larger where $|x|$ is above 1).

# %%
verdict = check_grads(f, x)

print(verdict)
assert verdict.compared == 24  # 3 first and 9 second derivatives, each in 2 modes

# %% [markdown]
# An operation of our own is a `Primitive`: its name, its value, its derivative. In this one a factor 2 was forgotten,
# and `check_grads` finds out.

# %%
wrong_square = Primitive("wrong_square", lambda x: x * x, lambda x, y: x)

try:
    check_grads(wrong_square, (3.0,))
except GradientMismatch as error:
    print(error)
else:
    raise AssertionError("the wrong derivative went unnoticed")

# %% [markdown]
# ## Higher orders
#
# `grad(f)` is a function like any other, so it has a `grad` too. Nothing new is needed: a derivative is computed with
# the same operations, and so it has a graph of its own.

# %%
orders = [tanh]
for _ in range(3):
    orders.append(grad(orders[-1]))

height = tanh(0.7)

assert math.isclose(orders[1](0.7), 1 - height**2)
assert math.isclose(orders[2](0.7), -2 * height * (1 - height**2))
assert math.isclose(orders[3](0.7), -2 * (1 - height**2) * (1 - 3 * height**2))
print([order(0.7) for order in orders])

# %%
grid = [-4 + i / 20 for i in range(161)]
labels = ["tanh", "first derivative", "second", "third"]

for order, label in zip(orders, labels, strict=True):
    plt.plot(grid, [order(u) for u in grid], label=label)
plt.xlabel("$x$")
plt.legend(fontsize="small")
plt.show()

# %% [markdown]
# ## Two perturbations, not one
#
# Nested derivatives hold a trap, known as *perturbation confusion*. What is
#
# $$\frac{d}{dx}\left[\, x \cdot \frac{d}{dy}(x + y) \right] ?$$
#
# The inner derivative is 1 whatever $x$ is; what is left is $dx/dx = 1$. Here is a careless forward mode, where
# a number carries its rate along but not the answer to the question "rate with respect to what?".


# %%
@dataclass
class Dual:
    """A number and its rate."""

    value: float
    rate: float = 0.0

    def __add__(self, other):
        return Dual(self.value + other.value, self.rate + other.rate)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.rate * other.value + self.value * other.rate)


def careless(f, x):
    """The rate of f when x grows at rate 1."""
    return Dual(f(Dual(x, 1.0)).rate)


# %%
wrong = careless(lambda x: x * careless(lambda y: x + y, 1.0), 3.0)

print("careless:", wrong.value)
assert wrong.value == 2.0

# %% [markdown]
# In $x + y$ the rate of $x$ (meant for the outer derivative) and that of $y$ (meant for the inner one) were added up,
# and the inner derivative came out as 2. `grad` gives each derivative nodes of its own and keeps them apart.

# %%
right = grad(lambda x: x * grad(lambda y: x + y)(1.0))(3.0)

print("grad:", right)
assert right == 1.0

# %% [markdown]
# ## Jacobian
#
# A function with several results has a derivative for each result and each input: a matrix, row by row one result.
# From polar to Cartesian coordinates, its determinant is the radius.


# %%
def cartesian(polar):
    r, angle = polar
    return [r * cos(angle), r * sin(angle)]


J = jacobian(cartesian)([2.0, 0.5])

for row in J:
    print(row)
assert math.isclose(J[0][0] * J[1][1] - J[0][1] * J[1][0], 2.0)

# %% [markdown]
# `jvp` gives $J t$, the matrix times a column, and `vjp` gives $g^\top J$, a row times the matrix. Neither builds the
# matrix. They fit together: $g^\top (J t) = (g^\top J)\, t$.

# %%
t, g = [1.0, -2.0], [0.5, 3.0]
_, Jt = jvp(cartesian, ([2.0, 0.5],), (t,))
_, back = vjp(cartesian, [2.0, 0.5])
(gJ,) = back(g)

assert math.isclose(Jt[0], J[0][0] * t[0] + J[0][1] * t[1])
assert math.isclose(gJ[0], g[0] * J[0][0] + g[1] * J[1][0])
assert math.isclose(g[0] * Jt[0] + g[1] * Jt[1], gJ[0] * t[0] + gJ[1] * t[1])
print("J t =", Jt)
print("g J =", gJ)


# %% [markdown]
# ## Hessian
#
# The second derivatives of a function with one result form a matrix as well, the Jacobian of the gradient. The order
# in which we differentiate does not matter, so it is symmetric.


# %%
def f_of_list(x):
    return f(*x)


H = hessian(f_of_list)(list(x))

for row in H:
    print("  ".join(f"{entry:10.3f}" for entry in row))
for i in range(3):
    for j in range(3):
        assert math.isclose(H[i][j], H[j][i])
assert math.isclose(H[0][0], 3.0**2 * math.exp(6.0) / 0.5)  # on paper: x2^2 exp(x1 x2) / x3

# %% [markdown]
# The Hessian of a function of $n$ inputs has $n^2$ entries. Often only its product with one direction is needed: `hvp`
# finds $H t$ as the rate of the gradient in direction $t$, forward mode over reverse mode, and never builds $H$.

# %%
t = [0.3, -1.0, 2.0]
Ht = hvp(f_of_list, (list(x),), (t,))

print("H t =", Ht)
for row, entry in zip(H, Ht, strict=True):
    assert math.isclose(entry, sum(h * d for h, d in zip(row, t, strict=True)))

# %% [markdown]
# ## Exercise
#
# 1. Newton's method walks from $x$ to $x - H^{-1} g$, where $g$ is the gradient and $H$ the Hessian. Find with it the
#    minimum of $(1 - x_1)^2 + 100 (x_2 - x_1^2)^2$ from $(-1.2, 1)$. How many steps bring the gradient below $10^{-8}$?
# 2. You need the whole Jacobian of a function from 3 numbers to 1000. Which mode do you choose, and how many passes does
#    each one take?
#
# <details>
# <summary>Answer</summary>
#
# 1. The minimum is at $(1, 1)$, and six steps are enough. (`numpy.linalg.solve` finds $H^{-1} g$.)
#
# ```python
# import numpy as np
#
# def valley(x):
#     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
#
# x, count = np.array([-1.2, 1.0]), 0
# while np.abs(grad(valley)(x)).max() > 1e-8:
#     x, count = x - np.linalg.solve(hessian(valley)(x), grad(valley)(x)), count + 1
# print(x, count)
# assert np.allclose(x, 1.0)
# assert count == 6
# ```
#
# 2. Forward mode: 3 passes, one for each input. Reverse mode would take 1000, one for each output.
#
# </details>
