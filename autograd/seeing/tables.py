"""A table that is shown as text, as HTML and in LaTeX: what traces and instruments report in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

CELL = 'style="text-align:left;padding:1px 10px 1px 0;white-space:pre;font-family:monospace"'


@dataclass(frozen=True)
class Table:
    """Rows under headings, with lines of text before and after.

    >>> print(Table(("leaf", "grad"), [("x1", "3"), ("x2", "2")], before=("two leaves",)))
    two leaves
      leaf  grad
      x1    3
      x2    2
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    before: Sequence[str] = ()
    after: Sequence[str] = ()

    def __str__(self) -> str:
        body = columns(self.rows, self.headings) if self.rows else []
        return "\n".join([*self.before, *body, *self.after])

    def html(self) -> str:
        """Return the table as HTML that needs no style sheet and no script."""
        head = "".join(
            f'<th scope="col" colspan="{width}" style="text-align:left">{escape(heading)}</th>'
            for heading, width in _spans(self.headings)
        )
        rows = ["<tr>" + "".join(f"<td {CELL}>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows]
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""
        before, after = ("".join(f"<p>{escape(line)}</p>" for line in lines) for lines in (self.before, self.after))
        return f"<div>{before}{table}{after}</div>"


class Report(ABC):
    """What was found out about a graph: printed as text, shown in a notebook as a table, written when it is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", self._table())

    table: Table

    @abstractmethod
    def _table(self) -> Table:
        """What it says, as a table."""

    def __str__(self) -> str:
        return str(self.table)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.table.html()}


def columns(rows: Sequence[Sequence[str]], headings: Sequence[str] = ()) -> list[str]:
    """Return rows of cells as lines, each column as wide as its widest cell; an empty heading goes on the one before."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, begin = "", 0
    for heading, span in _spans(headings):
        room = sum(widths[begin : begin + span]) + 2 * (span - 1)
        widths[begin + span - 1] += max(0, len(heading) - room)
        head += heading.ljust(max(room, len(heading))) + "  "
        begin += span
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [f"  {line.rstrip()}" for line in [*([head] if head.strip() else []), *lines]]


def _spans(headings: Sequence[str]) -> list[tuple[str, int]]:
    """Each heading with the number of columns that it stands over."""
    spans: list[tuple[str, int]] = []
    for heading in headings:
        if heading or not spans:
            spans.append((heading, 1))
        else:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
    return spans
