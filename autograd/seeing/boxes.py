"""What a picture is made of: boxes, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass

from .scopes import Scope, path_of

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
    def head(self) -> tuple[tuple[str, str], ...]:
        """What stands in bold and what behind it, line by line: a short name and what it is on one line, of a path the last step;
        another long name on its own.
        """
        path = path_of(self.name.partition("#")[0])
        if len(self.name) <= SHORT or self.kind == "group":
            lines = [(self.name, self.what)]
        elif len(path) > 1:
            last = len(path[-1]) + len(self.name) - len(".".join(path))
            lines = [(self.name[:-last], ""), (self.name[-last:], self.what)]
        else:
            lines = [(self.name, ""), ("", self.what)]
        return tuple((bold, f"  {rest}" if bold and rest else rest) for bold, rest in lines if bold or rest)

    @property
    def text(self) -> tuple[str, ...]:
        """Its lines of text."""
        return (*(bold + rest for bold, rest in self.head), *self.lines)


@dataclass(frozen=True)
class Edge:
    """An edge of the picture, from an argument to what is made of it."""

    id: str
    tail: str
    head: str
    label: str = ""
    dashed: bool = False
    title: str = ""  # for those who point at it
    sign: str = ""  # "plus", "minus" or "none" (of 0) where it stands for a weight


@dataclass(frozen=True)
class View:
    """Boxes and edges, and one sentence on the whole."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    summary: str
    fitted: bool = False  # whether it was chosen to fit a screen
