# %% [markdown]
# # Would you notice a wrong derivative?
#
# Somebody writes a derivative by hand. It looks right, and a test at one point passes. Is it right everywhere, to the last digit, in every order? This
# notebook tests derivatives: of a rule, of a program, of a gradient that somebody else wrote. And it tests the tests.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
from hypothesis import find, given, seed, settings
from scipy.optimize import rosen, rosen_der

from autograd import (
    GradientMismatch,
    Primitive,
    Value,
    check_grads,
    cos,
    exp,
    grad,
    hessian,
    mul,
    rounding,
    sigmoid,
    sin,
)
from autograd.testing import check_kernels, evaluate, from_scipy, mutants_of
from autograd.testing.strategies import expressions, points


def verdict(f, args, **options):
    """What the check says: that all is well, or why not."""
    try:
        told = check_grads(f, args, **options)
    except GradientMismatch as error:
        print(f"{error.cause.kind}: {error.cause.text}")
    else:
        print(
            f"right: {told.compared} derivatives agree, Taylor rate {told.rate:.2f}, {told.ulps:.2g} ulp from 60 digits"
        )


# %% [markdown]
# ## Differences alone are not enough
#
# The usual test compares with a difference, $\frac{f(x + h) - f(x - h)}{2h}$. A large step $h$ cuts off too much of the function's curve. A small one loses
# digits in the subtraction. In between lies the best step, and even there about eleven digits are right, not sixteen.

# %%
x = 1.0
steps = np.logspace(-12, 0, 60)
errors = [abs((math.sin(x + h) - math.sin(x - h)) / (2 * h) - math.cos(x)) for h in steps]
plt.figure(figsize=(6, 3.2))
plt.loglog(steps, np.maximum(errors, 1e-17))
plt.xlabel("step h")
plt.ylabel("error of the difference")
plt.title("The derivative of sin at 1, by differences")
plt.show()

# %% [markdown]
# So a test with differences needs a tolerance, and somebody has to choose it. There is another way. Let $r(h) = f(x + h) - f(x) - h\, g$, where $g$ is
# the gradient that we test. If $g$ is right, $r$ shrinks as $h^2$. If it is wrong, even by a little, $r$ shrinks as $h$. In a plot with two
# logarithmic axes these are two slopes, 2 and 1. Nobody chooses anything.

# %%
steps = np.logspace(-5, -0.5, 40)
plt.figure(figsize=(6, 3.2))
for g, name in [(math.cos(x), "the right gradient"), (1.01 * math.cos(x), "one that is 1 % off")]:
    plt.loglog(steps, [abs(math.sin(x + h) - math.sin(x) - h * g) for h in steps], label=name)
plt.xlabel("step h")
plt.ylabel("Taylor remainder")
plt.legend()
plt.show()

# %% [markdown]
# `check_grads` uses differences of many steps, the Taylor remainder, and the derivative at 60 digits.

# %%
verdict(sin, (1.0,), order=3)

# %% [markdown]
# ## A rule of one's own
#
# Every book says that the derivative of $y = \tanh x$ is $1 - y^2$. That is right. Is it a good rule for a computer?

# %%
textbook = Primitive("textbook", lambda x: math.tanh(x), lambda x, y: 1.0 - y * y)
verdict(textbook, (0.5,))
verdict(textbook, (20.0,), order=1)

# %% [markdown]
# At 20 the output is 1 to the last digit of a float, so $1 - y^2$ is 0. The right slope is $1.7 \cdot 10^{-17}$. A test with a tolerance would never
# notice. But a network whose neurons are saturated multiplies such slopes, and stops learning. Written with two sigmoids, nothing cancels.

# %%
better = Primitive("better", lambda x: math.tanh(x), lambda x, y: 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x))
verdict(better, (0.5,))
verdict(better, (20.0,), order=1)

# %% [markdown]
# We do not have to guess such points. `points` draws them from the domain of a primitive: ordinary ones, its ends, tiny and huge ones.
# Hypothesis looks for one that fails, and then for the simplest.


# %%
def fails(point):
    try:
        check_grads(textbook, point, order=1)
    except GradientMismatch:
        return True
    return False


find(points(textbook, size=100.0), fails, settings=settings(database=None, derandomize=True))

# %% [markdown]
# ## Seven ways to be wrong
#
# Each has a name. Some need an unlucky point, some a second derivative.


# %%
def number(x):
    return x.data if isinstance(x, Value) else x


wrong = Primitive("wrong", lambda x: math.exp(x), lambda x, y: 1.001 * y)
near_end = Primitive(
    "near_end", math.log, lambda x, y: (1.001 if number(x) < 1e-5 else 1.0) / x, domain=(0.0, math.inf)
)
dropped = Primitive("dropped", lambda x: x**3, lambda x, y: 3.0 * x * number(x))
square = Primitive("square", lambda x: x * x, lambda x, y: 2.5 * x)
lopsided = Primitive("lopsided", lambda a, b: a * b * b, lambda a, b, y: square(b), lambda a, b, y: 2.0 * a * b)

verdict(wrong, (1.0,))
verdict(near_end, (1e-6,), order=1)
verdict(dropped, (2.0,))
verdict(lopsided, (2.0, 3.0))
verdict(abs, (0.0,), order=1)
verdict(lambda x: (1.0 - cos(x)) / (x * x), (1e-7,))
verdict(lambda x: x * number(x), (3.0,))

# %% [markdown]
# The slope of `abs` at 0 is -1 from the left and 1 from the right. The rule says 0, and so does the central difference, by symmetry. Both agree, and there
# is no derivative. So the check looks at both sides.
#
# In the one before the last, the function itself has lost its digits. `rounding` shows where: what the rounding of each node may change in the result.

# %%
z = Value(1e-7, "z")
lost = rounding((1.0 - cos(z)) / (z * z))
print(lost)

# %%
lost.draw()

# %% [markdown]
# ## A gradient that somebody else wrote
#
# The function may be anything that takes numbers and arrays. SciPy has the banana function of Rosenbrock, and its gradient.

# %%
start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
verdict(from_scipy(rosen, jac=rosen_der), (start,))


def wrong_der(x):
    slopes = rosen_der(x)
    slopes[2] *= 1.0 + 1e-6
    return slopes


try:
    check_grads(rosen, (start,), gradient=wrong_der)
except GradientMismatch as error:
    print(error)

# %% [markdown]
# One wrong number in 8,000? All numbers are moved together in random directions. If that fails, the direction is cut into halves, and again.


# %%
def cubes_der(x):
    slopes = 3.0 * x * x
    slopes[4567] *= 1.0001
    return slopes


try:
    check_grads(lambda x: (x**3).sum(), (np.linspace(-1.0, 2.0, 8000),), gradient=cubes_der)
except GradientMismatch as error:
    print(str(error)[:190], "...")

# %% [markdown]
# ## Whole random programs
#
# An engine is more than its rules: it has to add up what comes back along all paths. Here is the backward pass of a beginner. It hands the
# adjoint of a node on as soon as it gets there. Does it wait until all users of a node have added to it? No.


# %%
def beginners_gradient(f, xs):
    inputs = [Value(x) for x in xs]
    root = f(*inputs)
    adjoint, waiting, seen = {root: 1.0}, [root], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for arg, partial in node.edges:
            adjoint[arg] = adjoint.get(arg, 0.0) + adjoint[node] * partial
            waiting.append(arg)
    return [adjoint.get(x, 0.0) for x in inputs]


def is_wrong(f):
    try:
        check_grads(f, f.point, gradient=lambda *xs: beginners_gradient(f, xs))
    except GradientMismatch:
        return True
    return False


small = find(
    expressions([mul, sin], max_nodes=6, arity=1),
    is_wrong,
    settings=settings(database=None, derandomize=True, max_examples=2000),
)
print(small)

# %% [markdown]
# Hypothesis has tried random programs, and has found the smallest that fails. Something is used twice in it. What does the check say?

# %%
verdict(small, small.point, gradient=lambda *xs: beginners_gradient(small, xs))

# %% [markdown]
# The same strategy tests this library: any program, in any mode.


# %%
@seed(1)
@settings(max_examples=50, deadline=None, database=None)
@given(expressions(max_nodes=6))
def test_any_program(f):
    check_grads(f, f.point)
    check_kernels(f, [f.point], backends=["numpy"])


test_any_program()

# %% [markdown]
# ## One graph, other numbers
#
# How does the check know 60 digits? It runs the recorded graph again with other numbers. You can do that, too: with many digits, with fractions, with intervals
# that hold the result for sure, or with symbols.

# %%
t = Value(0.1, "t")
y = exp(-t * t) * sin(t)
for arithmetic in ("mpmath", "intervals", "sympy"):
    print(evaluate(y, arithmetic, digits=25))

# %% [markdown]
# ## Do the tests notice?
#
# A test that cannot fail is worse than none. So we break the rule on purpose, in five ways, and run the test. In a project,
# `pytest --mutate-rules` does this for all rules and all tests. Here is a test that many would write.

# %%
cube = Primitive("cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)


def weak_test():
    assert abs(grad(cube)(1.0) - 3.0) < 1e-4


def strong_test():
    for x in (1.0, -0.7, 2.5):
        assert math.isclose(grad(cube)(x), 3.0 * x * x, rel_tol=1e-12)
        assert math.isclose(hessian(cube)(x), 6.0 * x, rel_tol=1e-12)


def notices(test, mutant):
    with mutant.installed():
        try:
            test()
        except AssertionError:
            return True
    return False


for mutant in mutants_of([cube]):
    print(f"{mutant!s:40} weak test: {notices(weak_test, mutant)!s:6} strong test: {notices(strong_test, mutant)}")

# %% [markdown]
# The weak test asks one point, and 1 is an unlucky one: there $x$ and $x^3$ are the same. Its tolerance hides a small error, and it never asks for a
# second derivative. The strong test notices all five. So does one line:

# %%
for mutant in mutants_of([cube]):
    print(f"{mutant!s:40} {notices(lambda: check_grads(cube, (0.7,)), mutant)}")
