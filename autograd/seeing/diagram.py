"""Diagrams of models as lectures draw them: columns of units, weights on the lines between them, formulas above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import zip_longest
from math import isfinite
from typing import TYPE_CHECKING

from .boxes import Box, Edge, View
from .columns import LETTER, LINE, SCREEN
from .dot import filled, font_of
from .looks import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from .picture import Picture

MOST_UNITS = 20  # of a column that are drawn; of more, the first and the last ones
MOST_LABELLED = 24  # lines between two columns that have their numbers beside them
THIN, THICK = 0.4, 3.0  # points that the line of a small and of the largest weight has
APART, HEAD = 7.0, 26.0  # points between units of a column, and from the highest column to the headings
GAP, WIDE, WIDEST = 44.0, 110.0, 190.0  # between columns, where numbers stand between them, and where lines are many
SPREAD = 0.8  # of the height of the numbers beside it, that a column has at least
ROUND = 1.42  # how much larger an ellipse is than its text
STEEP = 0.3  # of the height of two columns, that they stand apart
Part = str | float


@dataclass(frozen=True)
class Unit:
    """A circle or box of a diagram: cells side by side, each with its lines of text and numbers; `slope` is the loss's by it."""

    key: str
    kind: str
    cells: tuple[tuple[Part, ...], ...]
    slope: float | None = None
    title: str = ""


@dataclass(frozen=True)
class Wire:
    """A line from unit to unit: the weight that it stands for, and the slope of the loss by this."""

    tail: str
    head: str
    weight: float | None = None
    slope: float | None = None
    name: str = ""


@dataclass(frozen=True)
class Stage:
    """A column of units, with a title and a formula above."""

    title: str
    formula: str
    units: list[Unit] = field(default_factory=list)


@dataclass(frozen=True)
class Diagram:
    """A picture of a model, which `draw(model)` makes: what a method `_diagram_(x, y, loss)` of the model returns.

    A `stage` begins a column; a `unit` stands in it, with its kind ("input", "one", "neuron", "mean" or "result") and its cells, each a
    tuple of texts and numbers; a `wire` leads from a unit to one in a later column.

    >>> from autograd import draw
    >>> class Doubling:
    ...     def _diagram_(self, x, y, loss):
    ...         diagram = Diagram("doubling")
    ...         diagram.stage("input")
    ...         diagram.unit("x", "input", ("x",))
    ...         diagram.stage("output", "z = 2 x")
    ...         diagram.unit("z", "neuron", ("z",))
    ...         diagram.wire("x", "z", 2.0)
    ...         return diagram
    >>> draw(Doubling())
    <drawing of doubling: 2 columns, 2 units, 1 line>
    """

    name: str
    stages: list[Stage] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def stage(self, title: str, formula: str = "") -> None:
        """Begin a column."""
        self.stages.append(Stage(title, formula))

    def unit(
        self,
        key: str,
        kind: str,
        *cells: tuple[Part, ...],
        slope: float | None = None,
        title: str = "",
        first: bool = False,
    ) -> None:
        """Place a unit in the last column: below the others, or `first`."""
        units = self.stages[-1].units
        units.insert(0 if first else len(units), Unit(key, kind, cells, slope, title))

    def wire(
        self, tail: str, head: str, weight: float | None = None, slope: float | None = None, name: str = ""
    ) -> None:
        """Draw a line between two units; without a weight it only passes a number on."""
        self.wires.append(Wire(tail, head, weight, slope, name))

    @property
    def summary(self) -> str:
        """How large it is."""
        units = sum(len(stage.units) for stage in self.stages)
        counts = ((len(self.stages), "column"), (units, "unit"), (len(self.wires), "line"))
        return ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts)

    @property
    def legend(self) -> str:
        """What the lines say."""
        weighted = [wire for wire in self.wires if wire.weight is not None]
        if not weighted:
            return ""
        slopes = any(wire.slope is not None for wire in weighted)
        what = "the gradient of the loss by its weight" if slopes else "a weight"
        more = " Orange numbers are gradients: δ is that by a sum." if slopes else ""
        return f"Each line shows {what}: blue above 0, orange below; the thicker, the larger.{more}"


def drawn(diagram: Diagram) -> View:
    """Return the units and lines that are drawn: of a long column the first and the last ones."""
    boxes: list[Box] = []
    kept: dict[str, str] = {}
    for k, stage in enumerate(diagram.stages):
        for unit in _shown(stage.units, k):
            numbers = [part for cell in unit.cells for part in cell if isinstance(part, float)]
            finite = all(map(isfinite, numbers))
            title = unit.title or " ".join(_texts(sum(unit.cells, ()), "r"))
            boxes.append(Box(f"u{len(boxes)}", unit.kind, unit.key, "", (), title, finite, (str(k),)))
            kept[unit.key] = boxes[-1].id
    edges = []
    for k, wire in enumerate(diagram.wires):
        if wire.tail in kept and wire.head in kept:
            told = [f"weight {wire.weight!r}"] if wire.weight is not None else []
            told += [f"gradient {wire.slope!r}"] if wire.slope is not None else []
            title = f"{wire.name}: {', '.join(told)}" if wire.name else ", ".join(told)
            by = _strength(wire)
            sign = "" if by is None else "minus" if by < 0.0 else "plus" if by > 0.0 else "none"
            edges.append(Edge(str(k), kept[wire.tail], kept[wire.head], "", False, title, sign))
    return View(tuple(boxes), tuple(edges), diagram.summary, fitted=True)


def _shown(units: Sequence[Unit], column: int) -> list[Unit]:
    """The units of a column that are drawn, and a hint at the others."""
    if len(units) <= MOST_UNITS:
        return [*units]
    half = MOST_UNITS // 2 - 1
    hint = Unit(f"more {column}", "more", ((f"… {len(units) - 2 * half} more",),))
    return [*units[:half], hint, *units[-half:]]


def _strength(wire: Wire) -> float | None:
    """What a line shows by its colour and width: the gradient, if there is one, else the weight."""
    return wire.weight if wire.slope is None else wire.slope


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
            style="",
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
        self.units = {unit.key: unit for k, stage in enumerate(diagram.stages) for unit in _shown(stage.units, k)}
        self.column = {box.id: int(box.scope[0]) for box in seen.boxes}
        pairs: dict[tuple[int, int], list[Edge]] = {}
        for edge in seen.edges:
            pairs.setdefault(self.pair(edge), []).append(edge)
        self.largest = {
            pair: max(abs(_strength(self.wires[int(e.id)]) or 0.0) for e in edges) for pair, edges in pairs.items()
        }
        weighted = {pair: [edge for edge in edges if edge.sign] for pair, edges in pairs.items()}
        labelled = {pair: edges for pair, edges in weighted.items() if 0 < len(edges) <= MOST_LABELLED}
        columns = [[box for box in seen.boxes if self.column[box.id] == k] for k in range(len(diagram.stages))]
        sizes = {
            box.id: _size(_rows(self.units[box.name], fmt), ROUND if box.kind == "input" else 1.0) for box in seen.boxes
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
            gap = max(WIDE, steep) if (k, k + 1) in labelled else max(GAP, steep) if weighted.get((k, k + 1)) else GAP
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


def _size(lines: Sequence[str], rounder: float = 1.0) -> tuple[float, float]:
    """About how wide and high a unit with these lines is."""
    return rounder * max(map(len, lines), default=0) * LETTER + 16.0, rounder * len(lines) * LINE + 8.0


def _rows(unit: Unit, fmt: str) -> list[str]:
    """The lines of a unit's text, cells side by side."""
    cells = [_texts(cell, fmt) for cell in unit.cells]
    if unit.slope is not None:
        cells[0] = [" ".join(cells[0]), f"δ {format(unit.slope, fmt)}"]
    return ["    ".join(row) for row in zip_longest(*cells, fillvalue="")]


def _look(wire: Wire, edge: Edge, largest: float, theme: Theme) -> dict[str, str]:
    """The look of a line: its colour by the sign, its width by the size."""
    strength = _strength(wire)
    if strength is None:
        return {"arrowhead": "normal", "arrowsize": "0.6"}
    share = abs(strength) / largest if largest else 0.0
    colour = {"plus": theme.forward, "minus": theme.backward}.get(edge.sign, theme.line)
    return {"color": colour, "penwidth": f"{THIN + (THICK - THIN) * share:.2f}"}


def _numbers(wire: Wire, fmt: str, theme: Theme) -> str:
    """The numbers of a line: the weight, and below it its gradient."""
    lines = [format(wire.weight, fmt)] if wire.weight is not None else []
    lines += [f'<font color="{theme.told}">{format(wire.slope, fmt)}</font>'] if wire.slope is not None else []
    return "<br/>".join(lines)


def _lines_of(stage: Stage) -> list[str]:
    return [stage.title, *filter(None, stage.formula.split("\n"))]


def _heading(stage: Stage) -> str:
    title, *formulas = map(escape, _lines_of(stage))
    return "<br/>".join([f"<b>{title}</b>", *formulas])


def _label(unit: Unit, fmt: str, theme: Theme) -> str:
    """The text of a unit: its cells side by side, the slope in the first."""
    cells = []
    for k, cell in enumerate(unit.cells):
        lines = [*map(escape, _texts(cell, fmt))]
        if unit.slope is not None and not k:
            lines = [" ".join(lines), f'<font color="{theme.told}">δ {format(unit.slope, fmt)}</font>']
        cells.append("<br/>".join(lines))
    if len(cells) == 1:
        return f"<{cells[0]}>"
    row = "<vr/>".join(f"<td>{cell}</td>" for cell in cells)
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="3"><tr>{row}</tr></table>>'


def _texts(cell: Sequence[Part], fmt: str) -> list[str]:
    return [part if isinstance(part, str) else repr(part) if fmt == "r" else format(part, fmt) for part in cell]
