"""formula: a graph written as a formula in LaTeX."""

from __future__ import annotations

from itertools import count
from typing import Any

from .. import primitives as rows
from ..passes import a_value, evaluation_order, names, own_name, users
from ..symbols import ATOM, LATEX, Symbol, latex_name, latex_names, rendered
from ..value import Value

LONGEST = 160  # characters of LaTeX, above which a part gets a name
MOST_TERMS = 8  # of a written sum; of more, the first three and the last are


class Formula(str):
    """A formula in LaTeX: a str, which a notebook shows as mathematics."""

    __slots__ = ()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self}$"


def formula(root: Value) -> Formula:
    """Return the formula of root in LaTeX: what is used more than once, or is long, has a name and a line of its own.

    Values with a name bear it, the others are v1, v2, ...; the result is y where it has none.

    Raises TypeError if root is no Value.

    >>> from autograd import Value, exp, formula
    >>> x = Value(0.5, "x")
    >>> print(formula(exp(-x * x) / 2.0))
    y = \\frac{e^{-x \\cdot x}}{2}
    >>> shared = exp(x)
    >>> print(formula(shared * (1.0 + shared)))
    \\begin{aligned}
    v_{1} &= e^{x} \\\\
    y &= v_{1} \\cdot \\left(1 + v_{1}\\right)
    \\end{aligned}
    """
    nodes = evaluation_order(a_value(root, "formula"))
    used = users(nodes)
    shared = [node for node in nodes if node.op is None or len(used[node]) > 1 or own_name(node) or node is root]
    plain = names(shared, root)
    called = latex_names(plain)
    fresh = (f"u{i}" for i in count(1) if f"u{i}" not in plain.values())
    written: dict[Value, Symbol] = {}
    lines: list[tuple[str, str]] = []
    for node in nodes:
        if node.op is None:
            written[node] = Symbol(called[node])
            continue
        text, level = rendered(_spread(node, written), LATEX)
        if node not in called and len(text) > LONGEST:
            called[node] = latex_name(next(fresh))
        if node in called:
            lines.append((called[node], text))
            written[node] = Symbol(called[node])
        else:
            written[node] = Symbol(text, level=level)
    if not lines:
        return Formula(called[root])
    if len(lines) == 1:
        return Formula(" = ".join(lines[0]))
    body = " \\\\\n".join(f"{name} &= {text}" for name, text in lines)
    return Formula(f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}")


def _spread(node: Value, written: dict[Value, Symbol]) -> Any:
    """How a node was made, a sum of products over sequences written out."""
    op = node.op
    assert op is not None
    args = [written[arg] if type(arg) is Value else arg for arg in node.args]
    if not (op.variadic and op.products):
        return Symbol("", op, tuple(args))
    terms = [a if type(b) is float and b == 1.0 else Symbol("", rows.mul, (a, b)) for a, b in op.products(args)]
    if len(terms) > MOST_TERMS:
        terms = [*terms[:3], Symbol(r"\cdots", level=ATOM), terms[-1]]
    total = terms[0]
    for term in terms[1:]:
        total = Symbol("", rows.add, (total, term))
    return total
