"""Instruments that explain a gradient: each reads a graph or its steps, and changes nothing."""

from .diagnosis import Diagnosis, diagnose
from .kinks import Kinks, kinks
from .lines import Lines, source_lines
from .misconceptions import Misconceptions, misconceptions
from .paths import Paths, paths

__all__ = [
    "Diagnosis", "Kinks", "Lines", "Misconceptions", "Paths", "diagnose", "kinks", "misconceptions", "paths",
    "source_lines",
]  # fmt: skip
