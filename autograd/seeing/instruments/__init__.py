"""Instruments that explain a gradient: each reads a graph or its steps, and changes nothing."""

from .diagnosis import Diagnosis, diagnose
from .kink_search import Kinks, kinks
from .lines import Lines, source_lines
from .mistakes import Misconceptions, misconceptions
from .path_search import Paths, paths
from .rounding_errors import Rounding, rounding

__all__ = [
    "Diagnosis", "Kinks", "Lines", "Misconceptions", "Paths", "Rounding", "diagnose", "kinks", "misconceptions", "paths", "rounding",
    "source_lines",
]  # fmt: skip
