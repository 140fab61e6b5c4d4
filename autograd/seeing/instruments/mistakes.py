"""misconceptions: a graph differentiated as beginners' engines do it, beside the right way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...value import Value
from ...walks import users_first
from ..names import names
from ..steps import a_value, below, last_adjoints, sizes, steps
from ..tables import Report, Table

MOST_VISITS = 500_000  # more than there are edges, of the engine that recurses: its work can double with every node
SAME = 1e-12  # of the sum of the products' sizes


@dataclass(frozen=True)
class Mistake:
    """What an engine with one mistake makes of a graph; `grads` is None where it would never come to an end."""

    name: str
    why: str
    grads: dict[Value, float] | None
    wrong: frozenset[Value]
    first: frozenset[Value]  # of them, those whose users are all right


@dataclass(frozen=True, eq=False)
class Misconceptions(Report):
    """The right gradients, and those of engines with a mistake each."""

    root: Value
    right: dict[Value, float]
    mistakes: tuple[Mistake, ...]

    def _table(self) -> Table:
        """The gradients of the leaves, and of every Value that comes out wrong somewhere, side by side."""
        nodes = below(self.root)
        called = names(nodes, self.root)
        wrong = frozenset().union(*(mistake.wrong for mistake in self.mistakes))
        shown = [node for node in reversed(nodes) if node.op is None or node in wrong]
        rows = [
            [called[node], f"{self.right[node]:.6g}", *(_cell(mistake, node) for mistake in self.mistakes)]
            for node in shown
        ]
        heads = [f"{mistake.name}" for mistake in self.mistakes]
        why = [f"{mistake.name}: {mistake.why}" for mistake in self.mistakes]
        marks = "=> goes wrong where all that use it are right, != follows from a wrong one"
        return Table(("", "right", *heads), rows, (f"gradients of {called[self.root]}",), (marks, *why))


def misconceptions(root: Value) -> Misconceptions:
    """Return the gradients of root by every Value, as they are and as three common mistakes have them.

    Overwriting (`grad = ...` for `grad += ...`) loses all paths but one; recursing from argument to argument, without
    waiting until all users of a node are done, hands the same part on twice; not setting gradients back to 0 adds those of
    the last step. The last is what two calls leave: at the leaves twice the gradient, in an engine that keeps inner
    gradients, as micrograd, more.

    Raises TypeError if root is no Value.

    >>> from autograd import Value, misconceptions
    >>> x = Value(3.0, "x")
    >>> square = x * x
    >>> print(misconceptions(square + square))
    gradients of y
          right  overwrite  no order  no zero_grad
      v1  2      => 1       2         => 4
      x   12     != 3       => 18     != 36
    => goes wrong where all that use it are right, != follows from a wrong one
    overwrite: grad = ... where grad += ... is meant: of several paths the last one is kept
    no order: each node hands on what it has at every visit, before all its users were there
    no zero_grad: a second backward() without zero_grad(), inner gradients kept as well
    """
    a_value(root, "misconceptions")
    zeros = dict.fromkeys(below(root), 0.0)
    right = zeros | last_adjoints(steps(root))
    made = []
    for name, why, engine in ENGINES:
        grads = engine(root)
        wrong = frozenset(_wrong(root, right, grads or {}))
        spoilt = {arg for node in wrong for arg, _ in node.edges}
        made.append(Mistake(name, why, grads, wrong, wrong - spoilt))
    return Misconceptions(root, right, tuple(made))


def _overwriting(root: Value) -> dict[Value, float]:
    """grad = ... instead of grad += ..."""
    grads = dict.fromkeys(below(root), 0.0)
    grads[root] = 1.0
    for node, edges in users_first([root]).items():
        for arg, d in edges:
            grads[arg] = grads[node] * d
    return grads


def _recursing(root: Value) -> dict[Value, float] | None:
    """Every visit of a node hands on all that the node has: what came before is handed on again."""
    grads = dict.fromkeys(below(root), 0.0)
    grads[root] = 1.0
    waiting = [(root, iter(root.edges))]
    left = MOST_VISITS + sum(len(node.edges) for node in grads)
    while waiting:
        node, edges = waiting[-1]
        edge = next(edges, None)
        if edge is None:
            waiting.pop()
            continue
        arg, d = edge
        grads[arg] += grads[node] * d
        waiting.append((arg, iter(arg.edges)))
        left -= 1
        if left < 0:
            return None
    return grads


def _forgetting(root: Value) -> dict[Value, float]:
    """Two backward passes with no zero_grad() between, in an engine that keeps the gradients of inner nodes too."""
    grads = dict.fromkeys(below(root), 0.0)
    order = users_first([root])
    for _ in range(2):
        grads[root] = 1.0
        for node, edges in order.items():
            for arg, d in edges:
                grads[arg] += grads[node] * d
    return grads


Engine = Callable[[Value], "dict[Value, float] | None"]
ENGINES: tuple[tuple[str, str, Engine], ...] = (
    ("overwrite", "grad = ... where grad += ... is meant: of several paths the last one is kept", _overwriting),
    ("no order", "each node hands on what it has at every visit, before all its users were there", _recursing),
    ("no zero_grad", "a second backward() without zero_grad(), inner gradients kept as well", _forgetting),
)


def _wrong(root: Value, right: dict[Value, float], grads: dict[Value, float]) -> list[Value]:
    """The Values whose gradients differ by more than another order of addition makes."""
    reached = sizes(users_first([root]), root)
    return [
        node
        for node, g in grads.items()
        if repr(g) != repr(right[node]) and not abs(g - right[node]) <= SAME * reached.get(node, 0.0)
    ]


def _cell(mistake: Mistake, node: Value) -> str:
    if mistake.grads is None:
        return "never ends"
    mark = "=> " if node in mistake.first else "!= " if node in mistake.wrong else ""
    return f"{mark}{mistake.grads[node]:.6g}"
