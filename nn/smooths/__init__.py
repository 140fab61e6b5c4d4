"""Terms of a GAM: smooth functions of one feature, straight lines, levels of a factor, and functions of one's own.

`s("age") + l("dose") + f("region")` are three terms. A term names a column of a table, or the position of one in an array.
"""

from .parametric import Curve, fn
from .plain import Factor, Straight, f, l
from .splines import Smooth, s
from .terms import Basis, Piece, Term, Terms

__all__ = ["Basis", "Curve", "Factor", "Piece", "Smooth", "Straight", "Term", "Terms", "f", "fn", "l", "s"]


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return ["f", "fn", "l", "s"]
