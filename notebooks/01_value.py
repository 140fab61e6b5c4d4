# %% [markdown]
# # A number that remembers
#
# A `Value` is a number that remembers how it was made. From that memory one call, `backward()`, finds the derivative of
# a result by every number that went into it.
#
# Our example is the lecture's first formula, at $x_1 = 2$, $x_2 = 3$:
#
# $$y = x_1 x_2 + \sin x_1$$

# %%
import math

from IPython.display import Image, display

from autograd import GraphError, Value, draw_dot, no_grad, sin
from autograd.seeing import pass_tables

# %% [markdown]
# A small helper shows the graph of a Value. `draw_dot(y)` as the last line of a cell would show it too, as an SVG; here
# it is made into a PNG, because many sites that preview notebooks leave SVGs out.


# %%
def show(y):
    """Show the graph below y."""
    display(Image(draw_dot(y).pipe("png")))


# %% [markdown]
# ## Forward: computing and remembering
#
# We compute as with any numbers. A name is optional; it only helps in pictures and tables.

# %%
x1 = Value(2.0, name="x1")
x2 = Value(3.0, name="x2")
y = x1 * x2 + sin(x1)
y.name = "y"

print(y)
assert y.data == 2.0 * 3.0 + math.sin(2.0)

# %% [markdown]
# `y.data` is the number. `y.op` is the operation that made it and `y.args` are the Values it was made from. They have
# `op` and `args` too, and so on, down to the *leaves* $x_1$ and $x_2$, which nobody made.

# %%
product, sine = y.args

print("y was made by", y.op.name, "from the results of", product.op.name, "and", sine.op.name)
assert y.op.name == "add"
assert product.args == (x1, x2)
assert sine.args == (x1,)
assert x1.op is None
assert x1.args == ()

# %% [markdown]
# This memory is a graph. Square boxes are leaves, round boxes are operations, the double border marks the result. The
# small number on an edge is the *local derivative*: how fast the box at its head changes when the box at its tail
# changes. Nothing has been differentiated yet, so every `grad` is 0.

# %%
show(y)

# %% [markdown]
# The local derivatives were computed on the way forward, while the numbers were at hand.

# %%
print("product by x1 and x2:", product.partials)
print("sine by x1:          ", sine.partials)

assert product.partials == (x2.data, x1.data)  # d(x1 x2)/dx1 = x2, d(x1 x2)/dx2 = x1
assert sine.partials == (math.cos(x1.data),)

# %% [markdown]
# ## Backward: from the result to the leaves
#
# The chain rule says how to pass a derivative back over one edge:
#
# $$\frac{\partial y}{\partial\,\text{argument}} \mathrel{+}= \frac{\partial y}{\partial\,\text{result}}
# \cdot \frac{\partial\,\text{result}}{\partial\,\text{argument}}$$
#
# We begin with $\partial y/\partial y = 1$ and walk over every edge once. `tables` writes both passes down, as in the
# lecture. The last column shows how a derivative grows from one line to the next.

# %%
print(pass_tables(y))

# %% [markdown]
# `tables` only looks. `backward()` does the work, and leaves the derivatives in `grad`.

# %%
y.backward()

print("dy/dx1 =", x1.grad)
print("dy/dx2 =", x2.grad)
assert math.isclose(x1.grad, 3.0 + math.cos(2.0))
assert x2.grad == 2.0

# %%
show(y)

# %% [markdown]
# ## Why `+=` and not `=`
#
# Two paths lead from $x_1$ to $y$: one through the product and one through the sine. When $x_1$ moves, $y$ moves along
# both, so the derivative is the **sum over the paths**. With `=` the second path would overwrite the first.

# %%
through_product = y.partials[0] * product.partials[0]
through_sine = y.partials[1] * sine.partials[0]

print(f"{through_product:.4f} + ({through_sine:.4f}) = {x1.grad:.4f}")
assert through_product == 3.0
assert x1.grad == through_product + through_sine

# %% [markdown]
# The same holds when both arguments are one Value. `a * a` keeps two edges, each with the local derivative $a = 3$;
# their sum is $2a$, as it should be.

# %%
a = Value(3.0, name="a")
square = a * a
square.name = "square"
square.backward()

show(square)
assert square.args == (a, a)
assert square.partials == (3.0, 3.0)
assert a.grad == 6.0

# %% [markdown]
# ## Why the order matters
#
# Here each step uses the one before it twice: $b = a + a$ and $c = b + b$, so $c = 4a$ and $dc/da = 4$.

# %%
a = Value(3.0, name="a")
b = a + a
b.name = "b"
c = b + b
c.name = "c"
c.backward()

show(c)
assert b.grad == 2.0
assert a.grad == 4.0

# %% [markdown]
# Suppose we are in a hurry: as soon as something arrives at a node, we pass on what the node has. `edges` gives the
# arguments of a node together with the local derivatives.


# %%
def hurried(node, grads):
    """Pass a gradient on at once, whether or not more will arrive. This is wrong."""
    for arg, d in node.edges:
        grads[arg] = grads.get(arg, 0.0) + grads[node] * d
        hurried(arg, grads)


grads = {c: 1.0}
hurried(c, grads)

print("dc/da in a hurry:", grads[a], "and in truth:", a.grad)
assert grads[a] == 6.0

# %% [markdown]
# What went wrong? $b$ is used twice. After the first use it holds 1 and passes on $1 + 1$. After the second it holds 2
# and passes on $2 + 2$, but the first 1 had been passed on already. Together 6, not 4.
#
# The cure: **a node must wait for all its users.** First count, for each node, over how many edges it is used.


# %%
def count_users(root):
    """Return how often each node below root is used."""
    users = {root: 0}
    found = [root]
    for node in found:  # the list grows while we walk over it
        for arg, _ in node.edges:
            if arg not in users:
                users[arg] = 0
                found.append(arg)
            users[arg] += 1
    return users


users = count_users(c)

print({node.name: count for node, count in users.items()})
assert users == {c: 0, b: 2, a: 2}

# %% [markdown]
# Then pass gradients on only from nodes whose users have all been seen. This is the whole of `backward()`.


# %%
def patient(root):
    """Return the derivative of root by each node below it."""
    users = count_users(root)
    grads = dict.fromkeys(users, 0.0)
    grads[root] = 1.0
    ready = [root]
    for node in ready:
        for arg, d in node.edges:
            grads[arg] += grads[node] * d
            users[arg] -= 1
            if users[arg] == 0:
                ready.append(arg)
    return grads


print("dc/da with patience:", patient(c)[a])
assert patient(c)[a] == 4.0
assert patient(y)[x1] == x1.grad

# %% [markdown]
# ## Two calls of `backward()`
#
# Leaves *accumulate*: a second call adds to what is there, and the leaf holds twice the derivative. Inner nodes *start
# afresh* at each call. Had $b$ kept its 2, it would pass on $2 + 2 = 4$ the second time and $a$ would hold three times
# its derivative.

# %%
c.backward()

print("after two calls: a.grad =", a.grad, "and b.grad =", b.grad)
assert a.grad == 2 * 4.0
assert b.grad == 2.0

# %% [markdown]
# This is useful. The derivative of a sum of losses is the sum of their derivatives, so we may take the losses one after
# another and let the leaf add them up.

# %%
theta = Value(0.5, name="theta")
for target in (1.0, 2.0, 4.0):
    loss = (theta - target) ** 2
    loss.backward()
one_by_one = theta.grad

theta.grad = 0.0
total = (theta - 1.0) ** 2 + (theta - 2.0) ** 2 + (theta - 4.0) ** 2
total.backward()

print("one by one:", one_by_one, " all at once:", theta.grad)
assert one_by_one == theta.grad == -11.0

# %% [markdown]
# The other side of it: when the next step of learning begins, the old gradient has to be set to 0 by hand. Here a few
# steps downhill find the $\theta$ where the sum of the losses is least, which is the mean of the targets, $7/3$.

# %%
for _ in range(50):
    total = (theta - 1.0) ** 2 + (theta - 2.0) ** 2 + (theta - 4.0) ** 2
    theta.grad = 0.0
    total.backward()
    theta.data -= 0.1 * theta.grad

print(f"theta = {theta:.6f}")
assert math.isclose(theta.data, 7 / 3)

# %% [markdown]
# ## Numbers stay numbers
#
# A plain number in a formula does not become a Value. It is kept as a number, in small print in the picture, and gets
# no derivative, since nobody asked for one.

# %%
x = Value(5.0, name="x")
line = 2 * x + 1
line.name = "line"
line.backward()

show(line)
assert line.args[1] == 1.0
assert type(line.args[1]) is float
assert x.grad == 2.0

# %% [markdown]
# ## Equality and comparison
#
# `==` asks whether two Values are **the same one**, not whether their numbers are equal. So Values can be keys of a
# dictionary, as in `count_users` above, and two leaves that both hold 2 are not mixed up.

# %%
p, q = Value(2.0), Value(2.0)

assert p == p
assert p != q
assert p != 2.0
assert p.data == q.data == 2.0  # to compare numbers, compare their data
print("p == q:", p == q, "   p.data == q.data:", p.data == q.data)

# %% [markdown]
# `<`, `<=`, `>` and `>=` do compare the data, with Values and with numbers, so `max` and `sorted` work.

# %%
values = [Value(3.0), Value(1.0), Value(2.0)]

print([v.data for v in sorted(values)])
assert values[1] < values[2] < 2.5
assert max(values) is values[0]

# %% [markdown]
# Results of computing with floats should be compared with some tolerance, here as everywhere.

# %%
tenth = Value(0.1) + Value(0.2)

assert tenth.data != 0.3
assert math.isclose(tenth.data, 0.3)

# %% [markdown]
# ## Without memory
#
# Sometimes we want only the number, for instance to see how good a model is. Under `no_grad()` nothing is remembered:
# the result has no arguments, and `backward()` says so.

# %%
with no_grad():
    forgetful = x1 * x2 + sin(x1)

assert forgetful.data == y.data
assert forgetful.args == ()
try:
    forgetful.backward()
except GraphError as error:
    print(error)
else:
    raise AssertionError("backward() should have refused")

# %% [markdown]
# ## Exercise
#
# Let $a = 2$, $b = -3$, $s = ab + a$ and $y = s \cdot s$.
#
# 1. Write the forward and the backward table by hand. What are $\partial y/\partial a$ and $\partial y/\partial b$?
# 2. What does `hurried` say for them, and where does the difference come from?
#
# <details>
# <summary>Answer</summary>
#
# With $p = ab = -6$ we have $s = p + a = -4$ and $y = 16$. Backward: $s$ gets $-4$ over each of its two edges, together
# $-8$. That goes on unchanged to $p$ and, over one edge, to $a$. From $p$, $a$ gets $-8 \cdot b = 24$ more and $b$ gets
# $-8 \cdot a = -16$. So $\partial y/\partial a = -8 + 24 = 16$ and $\partial y/\partial b = -16$.
#
# `hurried` says 36 and -32. It passes on the $-4$ that $s$ holds after the first edge and then the $-8$ that it holds
# after the second: $-12$ in place of $-8$. So $p$, although it is used only once, is visited twice as well. It holds
# $-4$, then $-12$, and passes on both, $-16$ in place of $-8$. Hence $a$ gets $-12 + (-16) \cdot b = 36$, and $b$ gets
# $-16 \cdot a = -32$.
#
# ```python
# a, b = Value(2.0, name="a"), Value(-3.0, name="b")
# s = a * b + a
# y = s * s
# print(pass_tables(y))
# y.backward()
# grads = {y: 1.0}
# hurried(y, grads)
# assert (a.grad, b.grad) == (16.0, -16.0)
# assert (grads[a], grads[b]) == (36.0, -32.0)
# ```
#
# </details>
