"""What a picture is made of: boxes, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass

from .scopes import Scope

SHORT = 8  # characters of a name that leave room for more on its line


@dataclass(frozen=True)
class Box:
    """A box of the picture: a Value, a group of them, a plain number, or a hint at what is left out."""

    id: str
    kind: str
    name: str  # in bold
    what: str  # the kind, the operation, or how many
    lines: tuple[str, ...]  # numbers
    title: str  # all there is to say, for those who point at it
    finite: bool = True
    scope: Scope = ()
    focus: bool = False

    @property
    def text(self) -> tuple[str, ...]:
        """Its lines of text: a short name and what it is on one, a long one on its own."""
        beside = len(self.name) <= SHORT or self.kind == "group"
        head = (f"{self.name}  {self.what}".strip(),) if beside else (self.name, self.what)
        return (*filter(None, head), *self.lines)


@dataclass(frozen=True)
class Edge:
    """An edge of the picture, from an argument to what is made of it."""

    id: str
    tail: str
    head: str
    label: str = ""
    dashed: bool = False
    title: str = ""  # for those who point at it


@dataclass(frozen=True)
class View:
    """Boxes and edges, and one sentence on the whole."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    summary: str
    fitted: bool = False  # whether it was chosen to fit a screen
