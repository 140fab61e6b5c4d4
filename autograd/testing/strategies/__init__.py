"""Strategies for hypothesis: points, Values, structures, and whole random programs. Needs the extra `testing`."""

from ...errors import MissingPackage

with MissingPackage.told("autograd.testing.strategies"):
    import hypothesis  # noqa: F401  (the files below need it)

from .points import SIZE, numbers, points, structures, values
from .programs import Program, expressions, programs


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)


__all__ = ["SIZE", "Program", "expressions", "numbers", "points", "programs", "structures", "values"]
