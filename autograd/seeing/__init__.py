"""Graphs and passes made visible."""

from .diagram import Diagram
from .dot import draw_dot
from .drawing import Drawing, draw
from .evaluation import Trace, pass_tables, trace
from .formulas import Formula, formula
from .player import Player, play
from .unfolding import unfold

__all__ = [
    "Diagram",
    "Drawing",
    "Formula",
    "Player",
    "Trace",
    "draw",
    "draw_dot",
    "formula",
    "pass_tables",
    "play",
    "trace",
    "unfold",
]
