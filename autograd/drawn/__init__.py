"""Graphs and passes made visible."""

from .dot import draw_dot
from .drawing import Drawing, draw
from .player import Player, play
from .tex import Formula, formula
from .traces import Trace, tables, trace
from .unfolding import unfold

__all__ = ["Drawing", "Formula", "Player", "Trace", "draw", "draw_dot", "formula", "play", "tables", "trace", "unfold"]
