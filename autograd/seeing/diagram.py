"""Diagrams of models as lectures draw them: columns of units, weights on the lines between them, formulas above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from .boxes import Box, Edge, View
from .names import shown

MOST_UNITS = 20  # of a column that are drawn; of more, the first and the last ones
LONGEST = 24  # letters of a text
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

    @property
    def strength(self) -> float | None:
        """What its colour and width show: the slope, if there is one, else the weight."""
        return self.weight if self.slope is None else self.slope


@dataclass(frozen=True)
class Stage:
    """A column of units, with a title and a formula above."""

    title: str
    formula: str
    units: list[Unit] = field(default_factory=list)

    @property
    def drawn(self) -> list[Unit]:
        """The units that are drawn, and a hint at the others."""
        if len(self.units) <= MOST_UNITS:
            return [*self.units]
        half = MOST_UNITS // 2 - 1
        hint = Unit(f"more from {self.units[half].key}", "more", ((f"… {len(self.units) - 2 * half} more",),))
        return [*self.units[:half], hint, *self.units[-half:]]


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
        for unit in stage.drawn:
            numbers = [part for cell in unit.cells for part in cell if isinstance(part, float)]
            finite = all(map(isfinite, numbers))
            title = shown(unit.title) or " ".join(texts(sum(unit.cells, ()), "r"))
            boxes.append(Box(f"u{len(boxes)}", unit.kind, unit.key, "", (), title, finite, (str(k),)))
            kept[unit.key] = boxes[-1].id
    edges = []
    for k, wire in enumerate(diagram.wires):
        if wire.tail in kept and wire.head in kept:
            told = [f"weight {wire.weight!r}"] if wire.weight is not None else []
            told += [f"gradient {wire.slope!r}"] if wire.slope is not None else []
            title = f"{wire.name}: {', '.join(told)}" if wire.name else ", ".join(told)
            by = wire.strength
            sign = "" if by is None else "minus" if by < 0.0 else "plus" if by > 0.0 else "none"
            edges.append(Edge(str(k), kept[wire.tail], kept[wire.head], "", False, title, sign))
    return View(tuple(boxes), tuple(edges), diagram.summary, fitted=True)


def texts(cell: Sequence[Part], fmt: str) -> list[str]:
    """Return the lines of a cell."""
    return [
        shown(part, LONGEST) if isinstance(part, str) else repr(part) if fmt == "r" else format(part, fmt)
        for part in cell
    ]
