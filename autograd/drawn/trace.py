"""The evaluation trace of the lectures, as text: a forward table and a backward one."""

from __future__ import annotations

from itertools import chain, count

from ..passes import Backward, evaluation_order, expression, partial_formula, steps
from ..value import Value


def tables(root: Value) -> str:
    """Return the forward table of root, a line for each value, and the backward one, a line for each product."""
    names = _names(root)
    forward = [_definition(node, names) for node in evaluation_order(root)]
    backward = [[f"d{names[root]}/d{names[root]}", "= 1", "", ""]]
    backward += [_product(step, names, names[root]) for step in steps(root) if isinstance(step, Backward)]
    return "\n".join(["forward", *_columns(forward), "", "backward", *_columns(backward)])


def _names(root: Value) -> dict[Value, str]:
    """The name of each Value: its own, or v1, v2, ... where it has none; the result without one is y, or f."""
    nodes = evaluation_order(root)
    taken = {node.name for node in nodes}
    fresh = (name for name in (f"v{i}" for i in count(1)) if name not in taken)
    result = next(name for name in chain("yfz", fresh) if name not in taken)
    return {node: node.name or (result if node is root else next(fresh)) for node in nodes}


def _definition(node: Value, names: dict[Value, str]) -> list[str]:
    made = "" if node.op is None else f"= {expression(node, names)}"
    return [names[node], made, f"= {node.data:.6g}"]


def _product(step: Backward, names: dict[Value, str], root: str) -> list[str]:
    d = partial_formula(step.node, step.position, names)
    numbers = f"= {step.adjoint:.6g} * {step.partial:.6g} = {step.contribution:.6g}"
    return [
        f"d{root}/d{names[step.arg]}",
        f"+= d{root}/d{names[step.node]} * {d}",
        numbers,
        f"({step.before:.6g} -> {step.after:.6g})",
    ]


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [f"  {line.rstrip()}" for line in lines]
