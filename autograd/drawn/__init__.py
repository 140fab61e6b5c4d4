"""Graphs and passes made visible."""

from .dot import draw_dot
from .trace import tables

__all__ = ["draw_dot", "tables"]
