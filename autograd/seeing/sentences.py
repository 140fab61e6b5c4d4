"""A step in words and numbers: what tables, traces and the player say of it."""

from __future__ import annotations

from typing import NamedTuple

from .formulas import definition, partial_formula
from .names import Names
from .steps import Backward, Forward, Seed, Step


class Sentence(NamedTuple):
    """What a step does: the left side, how it comes about, in numbers, and the sum before and after."""

    left: str
    symbols: str
    numbers: str
    sums: str = ""
    local: str = ""  # the formula of the local derivative


def sentence(step: Step, names: Names, root: str, fmt: str = ".6g") -> Sentence:
    """Return what to say of a step, given the names of the Values and of the result.

    >>> from autograd import Value, steps
    >>> a = Value(3.0, "a")
    >>> y = a * a
    >>> for step in steps(y)[1:4]:
    ...     print(sentence(step, Names({a: "a", y: "y"}), "y"))
    Sentence(left='y', symbols='= a * a', numbers='= 9', sums='', local='')
    Sentence(left='dy/dy', symbols='= 1', numbers='', sums='', local='')
    Sentence(left='dy/da', symbols='+= dy/dy * ∂y/∂a', numbers='= 1 * 3 = 3', sums='(0 -> 3)', local='a')
    """
    if isinstance(step, Forward):
        made = "" if step.node.op is None else f"= {definition(step.node, names)}"
        return Sentence(names[step.node], made, f"= {step.node.data:{fmt}}")
    if isinstance(step, Seed):
        return Sentence(f"d{root}/d{root}", f"= {step.adjoint:{fmt}}", "")
    return _product(step, names, root, fmt)


def partial_of(node: str, arg: str) -> str:
    """How a local derivative is called: with the round d, as the others arguments are held."""
    return f"∂{node}/∂{arg}"


def _product(step: Backward, names: Names, root: str, fmt: str) -> Sentence:
    node, arg = names[step.node], names[step.arg]
    return Sentence(
        f"d{root}/d{arg}",
        f"+= d{root}/d{node} * {partial_of(node, arg)}",
        f"= {step.adjoint:{fmt}} * {step.partial:{fmt}} = {step.contribution:{fmt}}",
        f"({step.before:{fmt}} -> {step.after:{fmt}})",
        partial_formula(step.node, step.position, names),
    )
