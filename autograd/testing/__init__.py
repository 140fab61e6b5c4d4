"""What tests of derivatives need: numerical checks, a graph in other arithmetics, and strategies for hypothesis."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arithmetics import Arithmetic
    from .evaluation import Evaluation, evaluate

_LATE = {"Arithmetic": "arithmetics", "Evaluation": "evaluation", "evaluate": "evaluation"}
__all__ = ["Arithmetic", "Evaluation", "evaluate"]


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'autograd.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATE[name]}", "autograd.testing"), name)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
