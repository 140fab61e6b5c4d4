"""What tests of derivatives need: checks with verdicts, a graph in other arithmetics, broken rules, and strategies for hypothesis.

`autograd.testing.strategies` needs hypothesis, `autograd.testing.plugin` pytest; nothing else here does.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arithmetic import Arithmetic
    from .engines import from_jax, from_torch
    from .evaluation import Evaluation, evaluate
    from .foreign import Foreign, from_scipy
    from .kernels import check_kernels
    from .mutants import Mutant, mutants_of

_LATE = {
    "Arithmetic": "arithmetic", "Evaluation": "evaluation", "Foreign": "foreign", "Mutant": "mutants", "check_kernels": "kernels",
    "evaluate": "evaluation", "from_jax": "engines", "from_scipy": "foreign", "from_torch": "engines", "mutants_of": "mutants",
}  # fmt: skip
__all__ = [
    "Arithmetic",
    "Evaluation",
    "Foreign",
    "Mutant",
    "check_kernels",
    "evaluate",
    "from_jax",
    "from_scipy",
    "from_torch",
    "mutants_of",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'autograd.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATE[name]}", "autograd.testing"), name)


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
