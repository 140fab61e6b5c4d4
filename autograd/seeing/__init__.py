"""Graphs and passes made visible."""

from .dot import draw_dot
from .drawing import Drawing, draw
from .evaluation import Trace, pass_tables, trace
from .formulas import Formula, formula
from .player import Player, play
from .unfolding import unfold

__all__ = [
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
