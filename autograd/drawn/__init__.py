"""Graphs and passes made visible."""

from .dot import draw_dot
from .drawing import Drawing, draw
from .player import Player, play
from .trace import tables
from .unfolding import unfold

__all__ = ["Drawing", "Player", "draw", "draw_dot", "play", "tables", "unfold"]
