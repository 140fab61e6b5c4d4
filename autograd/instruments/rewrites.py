"""Rewrites that mend a formula: each a pattern and what is better, written with the primitives themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, NamedTuple

from ..modes import Switch, errstate
from ..primitives import (
    Primitive,
    abs,
    add,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    log_ndtr,
    logsigmoid,
    logsumexp,
    norm_cdf,
    sigmoid,
    softplus,
    sqrt,
    sum,
    tanh,
    xlogy,
)
from ..symbols import Symbol
from ..value import Value


class Rewrite(NamedTuple):
    """A formula, a function of symbols, and the better one of the same arguments; `why` in a few words."""

    formula: Callable[..., Any]
    better: Callable[..., Any]
    written: str
    why: str

    @property
    def names(self) -> list[str]:
        """The names of the formula's arguments."""
        return list(signature(self.formula).parameters)


MOST_TERMS = 10_000  # of a sum of exponentials: a shared part counts each time
OVERFLOW = "exp overflows, or all of them vanish"
SATURATES = "the sigmoid vanishes, or cannot be told from 1"
SQUARES = "squares overflow, and at 0 it is 0 * inf"

# A formula's last argument named xs stands for the arguments of the sum of exponentials. The larger patterns come first.
# fmt: off
REWRITES = (
    Rewrite(lambda x, xs: log(exp(x) / xs),                    lambda x, xs: x - logsumexp(*xs),      "{x} - logsumexp([{xs}])",      OVERFLOW),
    Rewrite(lambda x, xs: exp(x) / xs,                         lambda x, xs: exp(x - logsumexp(*xs)), "exp({x} - logsumexp([{xs}]))", OVERFLOW),
    Rewrite(lambda xs: log(xs),                                lambda xs: logsumexp(*xs),             "logsumexp([{xs}])",            OVERFLOW),
    Rewrite(lambda x: log(1.0 + exp(x)),                       softplus,                              "softplus({x})",                OVERFLOW),
    Rewrite(lambda x: log1p(exp(x)),                           softplus,                              "softplus({x})",                OVERFLOW),
    Rewrite(lambda x: log(1.0 - 1.0 / (1.0 + exp(-x))),        lambda x: logsigmoid(-x),              "logsigmoid(-{x})",             SATURATES),
    Rewrite(lambda x: log(1.0 / (1.0 + exp(-x))),              logsigmoid,                            "logsigmoid({x})",              SATURATES),
    Rewrite(lambda x: log(1.0 / (1.0 + exp(x))),               lambda x: logsigmoid(-x),              "logsigmoid(-{x})",             SATURATES),
    Rewrite(lambda x: log(1.0 - sigmoid(x)),                   lambda x: logsigmoid(-x),              "logsigmoid(-{x})",             SATURATES),
    Rewrite(lambda x: log(sigmoid(x)),                         logsigmoid,                            "logsigmoid({x})",              SATURATES),
    Rewrite(lambda x: log(norm_cdf(x)),                        log_ndtr,                              "log_ndtr({x})",                "the normal tail vanishes"),
    Rewrite(lambda x: 1.0 / (1.0 + exp(-x)),                   sigmoid,                               "sigmoid({x})",                 "exp overflows"),
    Rewrite(lambda x: 1.0 / (1.0 + exp(x)),                    lambda x: sigmoid(-x),                 "sigmoid(-{x})",                "exp overflows"),
    Rewrite(lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh,                                  "tanh({x})",                    "inf / inf"),
    Rewrite(lambda x, y: sqrt(x * x + y * y),                  hypot,                                 "hypot({x}, {y})",              SQUARES),
    Rewrite(lambda x, y: sqrt(x**2.0 + y**2.0),                hypot,                                 "hypot({x}, {y})",              SQUARES),
    Rewrite(lambda x: sqrt(x * x),                             abs,                                   "abs({x})",                     SQUARES),
    Rewrite(lambda x: sqrt(x**2.0),                            abs,                                   "abs({x})",                     SQUARES),
    Rewrite(lambda x: log(1.0 + x),                            log1p,                                 "log1p({x})",                   "1 + x forgets a small x"),
    Rewrite(lambda x: exp(x) - 1.0,                            expm1,                                 "expm1({x})",                   "the 1 hides a small difference"),
    Rewrite(lambda x, y: x * log(y),                           xlogy,                                 "xlogy({x}, {y})",              "0 * log(0) counts as 0"),
)
# fmt: on

PATTERNS: dict[Primitive | None, list[tuple[Rewrite, Symbol]]] = {}  # by the operation that a formula ends in
for _rewrite in REWRITES:
    _pattern = _rewrite.formula(*map(Symbol, _rewrite.names))
    PATTERNS.setdefault(_pattern.op, []).append((_rewrite, _pattern))


@dataclass
class Match:
    """A place in a graph that has a rewrite's formula: what its arguments are there, and the nodes it is made of."""

    rewrite: Rewrite
    node: Value
    bound: dict[str, Any] = field(default_factory=dict)
    nodes: set[Value] = field(default_factory=set)

    def leaves(self) -> dict[Value, Value]:
        """A leaf of its own for each Value among the arguments."""
        given = [x for part in self.bound.values() for x in (part if type(part) is list else [part])]
        return {x: Value(x.data) for x in given if type(x) is Value}

    def better(self, leaves: dict[Value, Value]) -> Value:
        """The better formula of these leaves."""

        def leaf(x: Any) -> Any:
            return leaves[x] if type(x) is Value else x

        bound = [self.bound[name] for name in self.rewrite.names]
        args = [[leaf(x) for x in part] if type(part) is list else leaf(part) for part in bound]
        with Switch(recording=True, faults="ignore"):
            y: Value = +self.rewrite.better(*args)
        return y

    def is_current(self) -> bool:
        """Whether its nodes still have the numbers that their arguments give: no leaf was changed since."""
        with errstate("ignore"):
            return all(
                repr(node.op.value([_number(arg) for arg in node.args])) == repr(node.data)
                for node in self.nodes
                if node.op is not None
            )

    def text(self, called: dict[Value, str]) -> str:
        """The better formula with the names of the graph."""

        def name(x: Any) -> str:
            return called[x] if type(x) is Value else f"{x:g}"

        named = {key: ", ".join(map(name, x)) if key == "xs" else name(x) for key, x in self.bound.items()}
        return self.rewrite.written.format(**named)


def matches(node: Value) -> Iterator[Match]:
    """Yield each rewrite whose formula the node is, the larger formulas first."""
    for rewrite, pattern in PATTERNS.get(node.op, ()):
        found = Match(rewrite, node)
        if _fits(pattern, node, found):
            yield found


def _fits(pattern: Any, node: Any, found: Match) -> bool:
    """Whether a node has the shape of a pattern, and its arguments agree with what is bound; binds the others."""
    if not isinstance(pattern, Symbol):
        return type(node) is not Value and node == pattern
    if pattern.op is None:
        if pattern.name == "xs":
            return _is_sum(node, found)
        known = found.bound.setdefault(pattern.name, node)
        return known is node or (type(known) is float and type(node) is float and known == node)
    if type(node) is not Value or node.op is not pattern.op:
        return False
    before = dict(found.bound), set(found.nodes)
    for args in [node.args, node.args[::-1]] if pattern.op.commutes else [node.args]:
        if all(_fits(part, arg, found) for part, arg in zip(pattern.args, args, strict=True)):
            found.nodes.add(node)
            return True
        found.bound, found.nodes = dict(before[0]), set(before[1])
    return False


def _is_sum(node: Any, found: Match) -> bool:
    """Whether a node is a sum of exponentials, two at least; binds their arguments."""
    terms: list[Any] = []
    waiting, nodes = [node], set()
    while waiting:
        if len(terms) + len(waiting) > MOST_TERMS:
            return False
        part = waiting.pop()
        if type(part) is not Value or part.op is None:
            return False
        nodes.add(part)
        if part.op in (add, sum):
            waiting += reversed(part.args)
        elif part.op is exp:
            terms.append(part.args[0])
        else:
            return False
    found.bound["xs"] = terms
    found.nodes |= nodes
    return len(terms) > 1


def _number(x: Any) -> float:
    return x.data if type(x) is Value else float(x)
