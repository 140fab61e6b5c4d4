"""The steps of both passes as text, a line each."""

from __future__ import annotations

from ..passes import Backward, Forward, evaluation_order, names, steps
from ..value import Value
from .sentences import sentence


def tables(root: Value) -> str:
    """Return the forward table of root, a line for each value, and the backward one, a line for each product."""
    called = names(evaluation_order(root), root)
    forward, backward = [], []
    for step in steps(root):
        said = sentence(step, called, called[root])
        if isinstance(step, Forward):
            forward.append([said.left, said.symbols, said.numbers])
        elif isinstance(step, Backward):
            above = f"+= d{called[root]}/d{called[step.node]} * {said.local}"
            backward.append([said.left, above, said.numbers, said.sums])
        else:
            backward.append([said.left, said.symbols, "", ""])
    return "\n".join(["forward", *_columns(forward), "", "backward", *_columns(backward)])


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [f"  {line.rstrip()}" for line in lines]
