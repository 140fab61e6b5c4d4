"""Where the units and lines of a diagram stand, and how they look, in Graphviz's language."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from math import isfinite
from typing import TYPE_CHECKING

from .boxes import Edge, View
from .columns import LETTER, LINE, SCREEN
from .diagram import Diagram, Stage, Unit, Wire, texts
from .dot import filled, font_of
from .looks import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from .picture import Picture

MOST_LABELLED = 24  # lines between two columns that have their numbers beside them
THIN, THICK = 0.4, 3.0  # points that the line of a small and of the largest weight has
APART, HEAD = 7.0, 26.0  # points between units of a column, and from the highest column to the headings
GAP, WIDEST = 40.0, 190.0  # between columns, and where lines are many
SPREAD = 0.8  # of the height of the numbers beside it, that a column has at least
HIGH = 13.4  # of a line of text in a unit
ROUND = 1.42  # how much larger an ellipse is than its text
STEEP = 0.3  # of the height of two columns, that they stand apart


def laid_out(diagram: Diagram, seen: View, fmt: str, dark: bool = False) -> Picture:
    """Return a diagram as a Digraph whose places are known: Graphviz writes the text and draws the lines."""
    from .picture import Picture

    theme, font = DARK if dark else LIGHT, font_of(DARK if dark else LIGHT)
    graph = Picture(
        graph_attr={
            "bgcolor": theme.paper, "splines": "line", "outputorder": "edgesfirst", "inputscale": "72", "label": diagram.legend,
            "fontsize": "11", "size": ",".join(f"{points / 72:.2f}" for points in SCREEN), **font,
        },
        node_attr={**font, "fontsize": "11", "style": "filled", "color": theme.line, "height": "0", "width": "0", "margin": "0.06,0.03"},
        edge_attr={**font, "color": theme.line, "arrowhead": "none"},
        engine="neato",
        format="svg",
    )  # fmt: skip
    sheet = _Sheet(diagram, seen, fmt)
    for k, stage in enumerate(diagram.stages):
        graph.node(f"h{k}", label=f"<{_heading(stage)}>", shape="plaintext", style="", pos=_at(*sheet.heading(k)))
    for box in seen.boxes:
        label, place = _label(sheet.units[box.name], fmt, theme), sheet.places[box.id]
        graph.node(box.id, label=label, id=box.id, pos=_at(*place), **filled(box, theme, dark))
    for edge in seen.edges:
        look = _look(diagram.wires[int(edge.id)], edge, sheet.largest[sheet.pair(edge)], theme)
        slot = sheet.slots.get(edge.id)
        if slot is None:
            graph.edge(edge.tail, edge.head, id=f"e{edge.id}", **look)
            continue
        numbers = _numbers(diagram.wires[int(edge.id)], fmt, theme)
        graph.node(
            f"w{edge.id}",
            label=f"<{numbers}>",
            shape="plaintext",
            fillcolor=theme.paper,
            color=theme.paper,
            fontsize="10",
            margin="0.02,0",
            pos=_at(*slot),
        )
        graph.edge(edge.tail, f"w{edge.id}", id=f"e{edge.id}", **look)
        graph.edge(f"w{edge.id}", edge.head, id=f"e{edge.id}", **look)
    return graph


class _Sheet:
    """Where all stands, in points: columns side by side, their units one below the other, numbers of lines between them."""

    def __init__(self, diagram: Diagram, seen: View, fmt: str) -> None:
        self.wires = diagram.wires
        self.units = {unit.key: unit for stage in diagram.stages for unit in stage.drawn}
        self.column = {box.id: int(box.scope[0]) for box in seen.boxes}
        pairs: dict[tuple[int, int], list[Edge]] = {}
        for edge in seen.edges:
            pairs.setdefault(self.pair(edge), []).append(edge)
        self.largest = {
            pair: max((abs(s) for e in edges if isfinite(s := self.wires[int(e.id)].strength or 0.0)), default=0.0)
            for pair, edges in pairs.items()
        }
        weighted = {pair: [edge for edge in edges if edge.sign] for pair, edges in pairs.items()}
        labelled = {pair: edges for pair, edges in weighted.items() if 0 < len(edges) <= MOST_LABELLED}
        columns = [[box for box in seen.boxes if self.column[box.id] == k] for k in range(len(diagram.stages))]
        sizes = {
            box.id: _size(
                _rows(self.units[box.name], fmt), ROUND if box.kind == "input" else 1.0, len(self.units[box.name].cells)
            )
            for box in seen.boxes
        }
        stacks = {pair: len(edges) * self._step(edges) for pair, edges in labelled.items()}
        heights = []
        for k, column in enumerate(columns):
            beside = max((stack for pair, stack in stacks.items() if k in pair), default=0.0)
            own = sum(sizes[box.id][1] + APART for box in column)
            heights.append(max(own, SPREAD * beside) if len(column) > 1 else own)
        self.top = max(*heights, *stacks.values()) / 2.0
        self.middles: list[float] = []
        self.places: dict[str, tuple[float, float]] = {}
        left = 0.0
        for k, column in enumerate(columns):
            width = max(_size(_lines_of(diagram.stages[k]))[0], *(sizes[box.id][0] for box in column))
            self.middles.append(left + width / 2.0)
            free = heights[k] - sum(sizes[box.id][1] for box in column)
            y = heights[k] / 2.0
            for box in column:
                y -= (sizes[box.id][1] + free / len(column)) / 2.0
                self.places[box.id] = self.middles[k], y
                y -= (sizes[box.id][1] + free / len(column)) / 2.0
            steep = min(WIDEST, STEEP * max(heights[k : k + 2]))
            wires = [self.wires[int(edge.id)] for edge in labelled.get((k, k + 1), ())]
            numbers = max((len(text) for wire in wires for text in _told(wire, fmt)), default=0) * LETTER
            gap = max(numbers + 2.0 * GAP, steep) if wires else max(GAP, steep) if weighted.get((k, k + 1)) else GAP
            left += width + gap
        self.slots: dict[str, tuple[float, float]] = {}
        for edges in labelled.values():
            self._stack(edges)

    def pair(self, edge: Edge) -> tuple[int, int]:
        """The columns that a line leads from and to."""
        return self.column[edge.tail], self.column[edge.head]

    def heading(self, k: int) -> tuple[float, float]:
        """Where the heading of a column stands: all of them in one row."""
        return self.middles[k], self.top + HEAD

    def _step(self, edges: Sequence[Edge]) -> float:
        """How high the numbers of a line are."""
        return LINE * (2 if any(self.wires[int(edge.id)].slope is not None for edge in edges) else 1) + 2.0

    def _stack(self, edges: Sequence[Edge]) -> None:
        """Give each line a place for its numbers, between its columns, in the order in which the lines pass there."""
        ends = {e.id: (self.places[e.tail], self.places[e.head]) for e in edges}
        step = self._step(edges)
        step = min(2.0 * step, max(step, SPREAD * 2.0 * self.top / len(edges)))  # as far apart as there is room
        ordered = sorted(edges, key=lambda e: -sum(y for _, y in ends[e.id]))
        y = sum(y for pair in ends.values() for _, y in pair) / (2 * len(edges)) + step * (len(edges) - 1) / 2.0
        for edge in ordered:
            (left, _), (right, _) = ends[edge.id]
            self.slots[edge.id] = (left + right) / 2.0, y
            y -= step


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}!"


def _size(lines: Sequence[str], rounder: float = 1.0, cells: int = 1) -> tuple[float, float]:
    """About how wide and high a unit with these lines is, in cells side by side."""
    wide, high = max(map(len, lines), default=0) * LETTER, len(lines) * HIGH
    return rounder * wide + 8.0 + 8.0 * cells, rounder * high + 8.0 * min(cells, 2)


def _rows(unit: Unit, fmt: str) -> list[str]:
    """The lines of a unit's text, cells side by side."""
    cells = [texts(cell, fmt) for cell in unit.cells]
    if unit.slope is not None:
        cells[0] = [" ".join(cells[0]), f"δ {format(unit.slope, fmt)}"]
    return ["    ".join(row) for row in zip_longest(*cells, fillvalue="")]


def _look(wire: Wire, edge: Edge, largest: float, theme: Theme) -> dict[str, str]:
    """The look of a line: its colour by the sign, its width by the size."""
    strength = wire.strength
    if strength is None:
        return {"arrowhead": "normal", "arrowsize": "0.6"}
    if not isfinite(strength):
        return {"color": theme.ink, "penwidth": f"{THICK}", "style": "dashed"}
    share = abs(strength) / largest if largest else 0.0
    colour = {"plus": theme.forward, "minus": theme.backward}.get(edge.sign, theme.line)
    return {"color": colour, "penwidth": f"{THIN + (THICK - THIN) * share:.2f}"}


def _numbers(wire: Wire, fmt: str, theme: Theme) -> str:
    """The numbers of a line: the weight, and below it its gradient."""
    weight, *slope = _told(wire, fmt)
    return "<br/>".join([weight, *(f'<font color="{theme.told}">{number}</font>' for number in slope)])


def _told(wire: Wire, fmt: str) -> list[str]:
    """The weight of a line, and its gradient, as text."""
    return [format(number, fmt) for number in (wire.weight, wire.slope) if number is not None]


def _lines_of(stage: Stage) -> list[str]:
    return [stage.title, *filter(None, stage.formula.split("\n"))]


def _heading(stage: Stage) -> str:
    title, *formulas = map(escape, _lines_of(stage))
    return "<br/>".join([f"<b>{title}</b>", *formulas])


def _label(unit: Unit, fmt: str, theme: Theme) -> str:
    """The text of a unit: its cells side by side, the slope in the first."""
    cells = []
    for k, cell in enumerate(unit.cells):
        lines = [*map(escape, texts(cell, fmt))]
        if unit.slope is not None and not k:
            lines = [" ".join(lines), f'<font color="{theme.told}">δ {format(unit.slope, fmt)}</font>']
        cells.append("<br/>".join(lines))
    if len(cells) == 1:
        return f"<{cells[0]}>"
    row = "<vr/>".join(f"<td>{cell}</td>" for cell in cells)
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="3"><tr>{row}</tr></table>>'
