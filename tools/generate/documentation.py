"""Writes docs/primitives.md: the table for readers."""

from typing import Any

from autograd.primitive import Primitive
from autograd.primitives import PRIMITIVES
from autograd.symbols import Symbol, render

from .source import NOTE, argument_names, partials_of


def documentation() -> str:
    """The text of docs/primitives.md."""
    lines = [
        "# The primitives",
        "",
        f"{NOTE}",
        "",
        "A partial is written in the arguments and the output y; of a sequence x1, x2 (and y1, y2) by its first members. The",
        "rows from `lt` on are helpers that only the partials of others need. The domain is where every argument has a value.",
        "",
        "| primitive | is | partial derivatives | domain |",
        "|---|---|---|---|",
    ]
    for row in PRIMITIVES.values():
        names = argument_names(row)
        found = partials_of_first_pair(row) if row.variadic else partials_of(row, names)
        partials = "; ".join("none" if partial is None else f"`{render(partial)}`" for partial in found)
        domain = ", ".join(filter(None, (domain.text(name) for name, domain in zip(names, row.domain, strict=False))))
        meaning = row.doc.replace("|", "\\|")
        lines.append(f"| `{row.name}({', '.join(names)})` | {meaning} | {partials} | {domain} |")
    return "\n".join(lines) + "\n"


def partials_of_first_pair(row: Primitive) -> list[Any]:
    """The partials of a variadic row's first arguments, by example of two."""
    each = row.partials[0]
    if each is None:
        return [None]
    if row.variadic == 1:
        return [each([Symbol("x1"), Symbol("x2")], Symbol("y"))[0]]
    return list(each([Symbol("x1"), Symbol("y1")], Symbol("y")))
