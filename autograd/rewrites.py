"""The table of rewrites: a formula, and what is better, each written with the primitives as a partial is.

A rewrite promises what it keeps. Traces and tapes take what is faster, the writer of formulas what reads better, and
`diagnose` what keeps digits where the formula loses them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, NamedTuple

from .primitive import Primitive
from .primitives import (
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
    neg,
    norm_cdf,
    paced,
    sigmoid,
    softplus,
    sqrt,
    sum,
    tanh,
    xlogy,
)
from .symbols import Symbol

SAME = "the same to the last bit, and shorter"
BITS = "the same to the last bit"
ULP = "the value within one ulp"
VALUE = "the value, of which nobody takes a derivative"
SENSE = "the sense, as people read it"
MEND = "the sense, with digits that the formula loses"
MOST_TERMS = 10_000  # of a sum of exponentials: a shared part counts each time


class Rewrite(NamedTuple):
    """A formula of symbols, and the better one of the same arguments; what it keeps, when it holds, and why it is better.

    An argument called c stands for numbers only, xs for the arguments of a sum of exponentials.
    """

    formula: Callable[..., Any]
    better: Callable[..., Any]
    keeps: str
    why: str = ""
    when: Callable[[float], bool] = lambda c: True

    @property
    def names(self) -> list[str]:
        """The names of the formula's arguments."""
        return list(signature(self.formula).parameters)


OVERFLOW = "exp overflows, or all of them vanish"
SATURATES = "the sigmoid vanishes, or cannot be told from 1"
SQUARES = "squares overflow, and at 0 it is 0 * inf"


def _is_power_of_two(c: float) -> bool:
    return math.frexp(c)[0] in (0.5, -0.5) and 1e-300 < math.fabs(c) < 1e300


# The larger patterns come first.
# fmt: off
REWRITES = (
    Rewrite(lambda x: x * 1.0,                lambda x: x,                  SAME),
    Rewrite(lambda x: x * -1.0,               lambda x: -x,                 SAME),
    Rewrite(lambda x: x / 1.0,                lambda x: x,                  SAME),
    Rewrite(lambda x: x**0.0,                 lambda x: 1.0,                SAME),
    Rewrite(lambda x: x**1.0,                 lambda x: x,                  SAME),
    Rewrite(lambda x, c: x / c,               lambda x, c: x * (1.0 / c),   BITS, when=_is_power_of_two),
    Rewrite(lambda x: x**2.0,                 lambda x: x * x,              ULP),
    Rewrite(lambda x: x**-1.0,                lambda x: 1.0 / x,            ULP),
    Rewrite(lambda x: +x,                     lambda x: x,                  VALUE),
    Rewrite(lambda x, d, e: paced(x, d, e),   lambda x, d, e: x * d,        VALUE),

    Rewrite(lambda x: x + 0.0,                lambda x: x,                  SENSE),
    Rewrite(lambda x: x - 0.0,                lambda x: x,                  SENSE),
    Rewrite(lambda x: 0.0 - x,                lambda x: -x,                 SENSE),
    Rewrite(lambda x: x * 0.0,                lambda x: 0.0,                SENSE),
    Rewrite(lambda x: neg(neg(x)),            lambda x: x,                  SENSE),
    Rewrite(lambda x, c: x / c,               lambda x, c: -x / -c,         SENSE, when=lambda c: c < 0.0),

    Rewrite(lambda x, xs: log(exp(x) / xs),                    lambda x, xs: x - logsumexp(*xs),      MEND, OVERFLOW),
    Rewrite(lambda x, xs: exp(x) / xs,                         lambda x, xs: exp(x - logsumexp(*xs)), MEND, OVERFLOW),
    Rewrite(lambda xs: log(xs),                                lambda xs: logsumexp(*xs),             MEND, OVERFLOW),
    Rewrite(lambda x: log(1.0 + exp(x)),                       lambda x: softplus(x),                 MEND, OVERFLOW),
    Rewrite(lambda x: log1p(exp(x)),                           lambda x: softplus(x),                 MEND, OVERFLOW),
    Rewrite(lambda x: log(1.0 - 1.0 / (1.0 + exp(-x))),        lambda x: logsigmoid(-x),              MEND, SATURATES),
    Rewrite(lambda x: log(1.0 / (1.0 + exp(-x))),              lambda x: logsigmoid(x),               MEND, SATURATES),
    Rewrite(lambda x: log(1.0 / (1.0 + exp(x))),               lambda x: logsigmoid(-x),              MEND, SATURATES),
    Rewrite(lambda x: log(1.0 - sigmoid(x)),                   lambda x: logsigmoid(-x),              MEND, SATURATES),
    Rewrite(lambda x: log(sigmoid(x)),                         lambda x: logsigmoid(x),               MEND, SATURATES),
    Rewrite(lambda x: log(norm_cdf(x)),                        lambda x: log_ndtr(x),                 MEND, "the normal tail vanishes"),
    Rewrite(lambda x: 1.0 / (1.0 + exp(-x)),                   lambda x: sigmoid(x),                  MEND, "exp overflows"),
    Rewrite(lambda x: 1.0 / (1.0 + exp(x)),                    lambda x: sigmoid(-x),                 MEND, "exp overflows"),
    Rewrite(lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)), lambda x: tanh(x),                     MEND, "inf / inf"),
    Rewrite(lambda x, y: sqrt(x * x + y * y),                  lambda x, y: hypot(x, y),              MEND, SQUARES),
    Rewrite(lambda x, y: sqrt(x**2.0 + y**2.0),                lambda x, y: hypot(x, y),              MEND, SQUARES),
    Rewrite(lambda x: sqrt(x * x),                             lambda x: abs(x),                      MEND, SQUARES),
    Rewrite(lambda x: sqrt(x**2.0),                            lambda x: abs(x),                      MEND, SQUARES),
    Rewrite(lambda x: log(1.0 + x),                            lambda x: log1p(x),                    MEND, "1 + x forgets a small x"),
    Rewrite(lambda x: exp(x) - 1.0,                            lambda x: expm1(x),                    MEND, "the 1 hides a small difference"),
    Rewrite(lambda x, y: x * log(y),                           lambda x, y: xlogy(x, y),              MEND, "0 * log(0) counts as 0"),
)
# fmt: on

# By the operation that a formula ends in; with its symbols, and the number among the arguments of that operation if there is one.
Table = dict[Primitive | None, list[tuple[Rewrite, Symbol, float | None]]]


def _that_keep(*promises: str) -> Table:
    """The rewrites that keep one of these, with their formulas of symbols."""
    table: Table = {}
    for rewrite in REWRITES:
        if rewrite.keeps in promises:
            pattern = rewrite.formula(*map(Symbol, rewrite.names))
            number = next((arg for arg in pattern.args if type(arg) is float), None)
            table.setdefault(pattern.op, []).append((rewrite, pattern, number))
    return table


FOR_TRACES = _that_keep(SAME, BITS, ULP)
FOR_TAPES = _that_keep(SAME, BITS, ULP, VALUE)
FOR_VALUES = _that_keep(VALUE)
FOR_TEXT = _that_keep(SAME, SENSE)
FOR_MENDS = _that_keep(MEND)


@dataclass
class Match:
    """What the arguments of a rewrite's formula are in some place, and the nodes that the formula is made of there."""

    rewrite: Rewrite
    bound: dict[str, Any] = field(default_factory=dict)
    nodes: set[Any] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether the rewrite holds for the number among them."""
        return self.rewrite.when(self.bound["c"]) if "c" in self.bound else True

    def fits(self, pattern: Any, x: Any) -> bool:
        """Whether x has the shape of a pattern, and its arguments agree with what is bound; binds the others."""
        if not isinstance(pattern, Symbol):
            return type(x) is float and x == pattern
        if pattern.op is None:
            return self._binds(pattern.name, x)
        if getattr(x, "op", None) is not pattern.op or not self.of(pattern, x.args):
            return False
        self.nodes.add(x)
        return True

    def of(self, pattern: Symbol, args: Sequence[Any]) -> bool:
        """Whether arguments are those of a pattern, in either order where that does not matter."""
        bound, nodes = dict(self.bound), set(self.nodes)
        for own in (args, args[::-1]) if pattern.op.commutes else (args,):  # type: ignore[union-attr]
            if all(map(self.fits, pattern.args, own)):
                return True
            self.bound, self.nodes = dict(bound), set(nodes)
        return False

    def _binds(self, name: str, x: Any) -> bool:
        if name == "xs":
            return self._binds_sum(x)
        if name == "c" and type(x) is not float:
            return False
        known = self.bound.setdefault(name, x)
        return known is x or (type(known) is float and type(x) is float and known == x)

    def _binds_sum(self, x: Any) -> bool:
        """Whether x is a sum of exponentials, two at least; binds their arguments."""
        terms: list[Any] = []
        waiting, nodes = [x], set()
        while waiting:
            if len(terms) + len(waiting) > MOST_TERMS:
                return False
            part = waiting.pop()
            op = getattr(part, "op", None)
            if op in (add, sum):
                waiting += reversed(part.args)
            elif op is exp:
                terms.append(part.args[0])
            else:
                return False
            nodes.add(part)
        self.bound["xs"] = terms
        self.nodes |= nodes
        return len(terms) > 1


def rewritten(op: Primitive, args: Sequence[Any], table: Table, held: Callable[[Any], Any] = lambda x: x) -> Any:
    """Return what op of args comes to by the first rewrite of a table that fits, or None; `held` is applied to its arguments."""
    numbers = [x for x in args if type(x) is float]
    for rewrite, pattern, number in table.get(op, ()):
        if number is not None and number not in numbers:
            continue
        match = Match(rewrite)
        if match.of(pattern, args) and match.holds:
            return rewrite.better(**{name: x if name == "c" else held(x) for name, x in match.bound.items()})
    return None


def simplified(op: Primitive, args: tuple[Any, ...]) -> Any:
    """Return op of symbols and numbers as people write it: 2 * x, not 2 * x ** 1; 3 - 1 is 2, but 1 / 3 and log(2) stay."""
    if op.products and not op.variadic and all(type(arg) is float for arg in args):
        return op(*args)
    found = rewritten(op, args, FOR_TEXT, _Held)
    return Symbol(op.name, op, args) if found is None else _released(found)


class _Held(Symbol):
    """An argument that a rewrite takes as it is: a number is not computed with."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        super().__init__("")
        self.x = x

    @classmethod
    def apply(cls, op: Primitive, args: tuple[Any, ...]) -> Symbol:
        """Return the symbol of op applied to args."""
        return Symbol(op.name, op, args)


def _released(x: Any) -> Any:
    """What a rewrite made, simplified in turn, with its arguments as they are."""
    if isinstance(x, _Held):
        return x.x
    return simplified(x.op, tuple(map(_released, x.args))) if isinstance(x, Symbol) and x.op is not None else x
