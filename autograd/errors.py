"""The exceptions of the library's own; elsewhere Python's types are raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class AutogradError(Exception):
    """The base of every exception that is the library's own."""


class GraphError(AutogradError, RuntimeError):
    """Something was asked of a node that its place in the graph does not allow."""


class TraceError(AutogradError, TypeError):
    """While a function was traced it asked for what only a number can tell, or a compiled object lacks its function."""


class GraphTooLarge(AutogradError, ValueError):
    """A graph has more nodes than a picture can show."""


class GraphvizNotFound(AutogradError, RuntimeError):
    """A picture was asked for, and neither Graphviz's `dot` nor the wheels that bring it are installed."""


class MissingPackage(AutogradError, ModuleNotFoundError):
    """Something was asked for that needs a package which is not installed; the rest of the library does without."""

    @classmethod
    @contextmanager
    def told(cls, who: str) -> Iterator[None]:
        """Return a context for imports that only `who` needs: where a package is missing, it says what to install.

        >>> with MissingPackage.told("parade()"):
        ...     import elephants
        Traceback (most recent call last):
        ...
        autograd.errors.MissingPackage: parade() needs the package elephants, which this Python does not have: \
pip install elephants (or take the Python that make test sets up: . .venv/bin/activate)
        """
        try:
            yield
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0].replace("sklearn", "scikit-learn")  # as pip calls it
            raise cls(
                f"{who} needs the package {package}, which this Python does not have: pip install {package} "
                "(or take the Python that make test sets up: . .venv/bin/activate)"
            ) from None


class GradientMismatch(AutogradError, AssertionError):
    """A derivative differs from what the function's values say; `cause` says why, as far as that is known, by its `kind` and its `text`."""

    cause: Any = None
