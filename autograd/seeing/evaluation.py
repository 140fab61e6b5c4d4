"""The evaluation trace of the lectures, and the steps of both passes as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ..errors import GraphTooLarge
from ..symbols import PLAIN, Style, factor
from ..value import Value
from ..walks import PLAIN as SUMS
from ..walks import adjoints, tangents, users_first
from .formulas import definition, partial_formula
from .latex import LATEX, latex_names
from .names import Names, find, names
from .sentences import sentence
from .steps import Backward, Forward, a_value, below, steps
from .tables import Report, Table, columns

MOST_TERMS = 6  # of one sum; what is left out is counted
Cell = tuple[str, str, str]  # of a trace: what, in symbols, in numbers


def pass_tables(root: Value) -> str:
    """Return the forward table of root, a line for each value, and the backward one, a line for each product."""
    called = names(below(root), root)
    forward, backward = [], []
    for step in steps(root):
        said = sentence(step, called, called[root])
        if isinstance(step, Forward):
            forward.append([said.left, said.symbols, said.numbers])
        elif isinstance(step, Backward):
            local = partial_formula(step.node, step.position, called, write=factor)
            above = f"+= d{called[root]}/d{called[step.node]} * {local}"
            backward.append([said.left, above, said.numbers, said.sums])
        else:
            backward.append([said.left, said.symbols, "", ""])
    return "\n".join(["forward", *columns(forward), "", "backward", *columns(backward)])


class Writing(NamedTuple):
    """How a trace is written: as text or in LaTeX."""

    style: Style
    names: Callable[[Names], Names]
    tangents: Callable[[Names], dict[Value, str]]
    adjoints: Callable[[Names, str], dict[Value, str]]
    times: str
    omitted: str
    negative: str = "{}"  # a negative number as a factor


TEXT = Writing(
    PLAIN._replace(number=lambda x: f"{x:.6g}"),
    lambda called: called,
    lambda called: {node: f"{name}'" for node, name in called.items()},
    lambda called, y: {node: f"d{y}/d{name}" for node, name in called.items()},
    " * ",
    "... {} more",
)
TEX = Writing(
    LATEX,
    lambda called: Names(latex_names(called)),
    lambda called: latex_names(called, "dot"),
    lambda called, y: latex_names(called, "bar"),
    r" \cdot ",
    r"\cdots \text{{({} more)}}",
    LATEX.parentheses,
)


class Term(NamedTuple):
    """A product of the chain rule: the rate of another Value, times the partial of node by its argument at a position."""

    other: Value
    factor: float
    node: Value
    position: int
    partial: float


@dataclass(frozen=True, repr=False, eq=False)
class Trace(Report):
    """The evaluation trace of a graph: `print` it, let a notebook show it, or take `.latex()`.

    Each Value has a row: how it is computed, how it changes when `wrt` does, how the result changes with it; each in
    symbols, then in numbers.
    """

    root: Value
    wrt: Value | None
    nodes: tuple[Value, ...]
    changes: dict[Value, float]
    adjoints: dict[Value, float]
    before: dict[Value, list[Term]]
    after: dict[Value, list[Term]]

    __repr__ = Report.__str__

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "_latex", self._array())

    def _table(self) -> Table:
        """The trace as a table of text."""
        rows = [
            [part for left, symbols, numbers in row for part in (left, symbols and f"= {symbols}", f"= {numbers}")]
            for row in self._rows(TEXT)
        ]
        headings = ("forward primal", "", "", "forward tangent", "", "", "reverse adjoint", "", "")
        followed = "no leaf" if self.wrt is None else names(self.nodes, self.root)[self.wrt]
        return Table(headings, rows, before=(f"the tangent follows {followed}; the adjoint is read from below",))

    def html(self) -> str:
        """Return the trace as HTML."""
        return self.table.html()

    def latex(self) -> str:
        """Return the trace in LaTeX, as an array for math mode."""
        return self._latex

    _latex: ClassVar[str]

    def _array(self) -> str:
        lines = [
            " & ".join(f"{left} &= {f'{symbols} = ' if symbols else ''}{numbers}" for left, symbols, numbers in row)
            for row in self._rows(TEX)
        ]
        heads = ("forward primal", "forward tangent", "reverse adjoint")
        head = " & ".join(rf"\rlap{{\text{{{head}}}}} &" for head in heads)
        body = " \\\\\n".join(lines)
        return "\n".join([r"\begin{array}{ll|ll|ll}", rf"{head} \\ \hline", body, r"\end{array}"])

    def _rows(self, how: Writing) -> list[list[Cell]]:
        """Three cells for each Value: its primal, its tangent, its adjoint."""
        plain = names(self.nodes, self.root)
        called, dots, bars = how.names(plain), how.tangents(plain), how.adjoints(plain, plain[self.root])
        return [
            [
                (called[node], definition(node, called, how.style) if node.op else "", how.style.number(node.data)),
                _sum(dots, node, self.before[node], self.changes.get(node, 0.0), called, how),
                _sum(bars, node, self.after[node], self.adjoints.get(node, 0.0), called, how),
            ]
            for node in self.nodes
        ]


def _sum(rates: dict[Value, str], node: Value, terms: list[Term], total: float, called: Names, how: Writing) -> Cell:
    """A rate as a sum of products: in symbols, in numbers, and what it comes to."""
    number = how.style.number
    symbols = [
        f"{rates[term.other]}{how.times}{_factor(partial_formula(term.node, term.position, called, how.style, factor), how)}"
        for term in terms[:MOST_TERMS]
    ]
    left_out = [how.omitted.format(len(terms) - MOST_TERMS)] if len(terms) > MOST_TERMS else []
    factors = [number(terms[0].factor), *(_factor(number(term.factor), how) for term in terms[1:])] if terms else []
    products = [
        f"{first}{how.times}{_factor(number(term.partial), how)}"
        for first, term in zip(factors, terms[:MOST_TERMS], strict=False)
    ]
    numbers = [" + ".join(products + left_out)] if terms else []
    return rates[node], " + ".join(symbols + left_out), " = ".join([*numbers, number(total)])


def _factor(text: str, how: Writing) -> str:
    return how.negative.format(text) if text.startswith("-") else text


def trace(root: Value, wrt: Value | str | None = None, max_nodes: int = 1000) -> Trace:
    """Return the evaluation trace below root: the forward primal, the forward tangent and the reverse adjoint of each Value.

    The tangent follows a change of `wrt` at rate 1, a leaf or its name, by default the first leaf. The layout is that of
    Baydin et al., Automatic differentiation in machine learning: a survey (2018), tables 2 and 3.

    Raises TypeError or ValueError where `wrt` is no leaf of the graph, GraphTooLarge for more than `max_nodes` Values.

    >>> from autograd import Value, trace
    >>> x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
    >>> print(trace(x1 * x2 + x2))
    the tangent follows x1; the adjoint is read from below
      forward primal      forward tangent                                  reverse adjoint
      x1             = 2  x1'                         = 1                  dy/dx1  = dy/dv1 * x2              = 1 * 3 = 3
      x2             = 3  x2'                         = 0                  dy/dx2  = dy/dv1 * x1 + dy/dy * 1  = 1 * 2 + 1 * 1 = 3
      v1  = x1 * x2  = 6  v1'  = x1' * x2 + x2' * x1  = 1 * 3 + 0 * 2 = 3  dy/dv1  = dy/dy * 1                = 1 * 1 = 1
      y   = v1 + x2  = 9  y'   = v1' * 1 + x2' * 1    = 3 * 1 + 0 * 1 = 3  dy/dy                              = 1
    """
    nodes = sorted(below(a_value(root, "trace")), key=lambda node: node.op is not None)  # leaves first
    if len(nodes) > max_nodes:
        raise GraphTooLarge(
            f"trace() got a graph of {len(nodes)} nodes, and writes up to {max_nodes}: trace a node further down, or "
            "pass a larger max_nodes"
        )
    source = _source(nodes, root, wrt)
    edges: dict[Value, list[tuple[Value, float]]] = {node: node.edges for node in nodes}
    seeds = {} if source is None else {source: 1.0}
    changes = tangents(nodes, seeds, edges.__getitem__, SUMS)
    rates = adjoints(users_first([root]), {root: 1.0}, edges.__getitem__, SUMS)
    before: dict[Value, list[Term]] = {node: [] for node in nodes}
    after: dict[Value, list[Term]] = {node: [] for node in nodes}
    for node in nodes:
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            if d is not None:
                before[node].append(Term(arg, changes.get(arg, 0.0), node, position, d))
                after[arg].append(Term(node, rates.get(node, 0.0), node, position, d))
    return Trace(root, source, tuple(nodes), changes, rates, before, after)


def _source(nodes: list[Value], root: Value, wrt: Value | str | None) -> Value | None:
    """The leaf whose change the tangent follows, None in a graph without leaves."""
    leaves = [node for node in nodes if node.op is None]
    if wrt is None:
        return leaves[0] if leaves else None
    if isinstance(wrt, str):
        return find(wrt, leaves, root, "trace", "leaf")
    if type(wrt) is not Value:
        raise TypeError(f"trace() expects wrt to be a Value or its name, got {type(wrt).__name__}")
    if wrt not in leaves:
        raise ValueError("trace() expects wrt to be a leaf of the graph, got another Value")
    return wrt
