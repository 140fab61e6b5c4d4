"""Formulas of a graph: how a node was made, its partials, and the whole in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from ..faults import FAULTS
from ..modes import Switch
from ..rewrites import simplified
from ..symbols import ATOM, ELLIPSIS, PLAIN, Style, Symbol, render, rendered, times, total
from ..value import Value
from .latex import LATEX, latex_name, latex_names
from .names import Names, names, own_name
from .steps import a_value, below, users

MOST_SYMBOLS = 60  # of a partial that is written
LONGEST = 160  # characters of LaTeX, above which a part gets a name
MOST_TERMS = 8  # of a written sum; of more, the first three and the last are
Writer = Callable[[Any, Style], str]


def definition(node: Value, names: Names, style: Style = PLAIN) -> str:
    """How the node was made of its arguments, as in v1 * v2."""
    assert node.op is not None
    return render(Symbol("", node.op, tuple(_named(arg, names) for arg in node.args)), style)


def in_numbers(node: Value, fmt: str) -> str:
    """How the node was made, with the numbers in place of the names, as in 2 * 3."""
    assert node.op is not None
    args = [arg.data if type(arg) is Value else arg for arg in node.args]
    style = PLAIN._replace(number=lambda x: format(x, fmt), spelled={}, tight=True)
    return render(Symbol("", node.op, tuple(args)), style)


def partial_formula(node: Value, position: int, names: Names, style: Style = PLAIN, write: Writer = render) -> str:
    """The formula of one partial: the branch that holds at this point, where it has several. `factor` writes it for a product.

    It is the one of textbooks where the row has it. A user's partial that takes floats only, or is very long, is written as
    its number, or cut.
    """
    if node not in names.partials:
        names.partials[node] = _written_out(node)
    return write(_symbol(names.partials[node][position], names, [MOST_SYMBOLS]), style)


def _written_out(node: Value) -> list[Any]:
    """The partials as small graphs, in which plain numbers are leaves, so that log(2) is not computed."""
    assert node.op is not None
    wanted = [d is not None for d in node.partials]
    partials = node.op.taught if node.op.textbook else node.op.derived
    for args in ([arg if type(arg) is Value else Value(arg) for arg in node.args], node.args):
        try:
            with Switch(recording=True, faults="ignore"):
                return partials(args, node, wanted)
        except (TypeError, *FAULTS):  # of a partial that calls math's functions, which take no Values
            continue
    return list(node.partials)


def _symbol(value: Any, names: Names, left: list[int]) -> Any:
    """A small graph as a symbol, down to the Values that have names, or until there are too many."""
    if type(value) is not Value or value in names:
        return _named(value, names)
    if value.op is None:
        return value.data  # a plain number in a Value's clothes
    left[0] -= 1
    if left[0] < 0:
        return Symbol(ELLIPSIS)
    if value.op.selects:
        return _symbol(value.args[value.op.chosen(value.args[0])], names, left)
    return simplified(value.op, tuple(_symbol(arg, names, left) for arg in value.args))


def _named(value: Any, names: Names) -> Any:
    return Symbol(names[value]) if type(value) is Value else value


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
    nodes = below(a_value(root, "formula"))
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
    terms = [times(a, b) for a, b in op.products(args)]
    return total([*terms[:3], Symbol(r"\cdots", level=ATOM), terms[-1]] if len(terms) > MOST_TERMS else terms)
