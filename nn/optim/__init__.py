"""Optimizers, used as in torch.optim: built from a list of parameters, then `zero_grad()`, `backward()`, `step()`.

With them come schedules of their rate, and what keeps gradients within bounds.
"""

from .base import Allowed, Groups, Optimizer, maximum, ratio, sign, sqrt
from .clipping import Clip, ClipNorm, ClipValue
from .lbfgs import LBFGS
from .rules import GD, SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from .schedules import Constant, Cosine, Exponential, Linear, Plateau, Schedule, Step, WarmUp

__all__ = [
    "GD", "LBFGS", "SGD", "Adagrad", "Adam", "AdamW", "Allowed", "Clip", "ClipNorm", "ClipValue", "Constant", "Cosine", "Exponential",
    "Groups", "Linear", "Lion", "Optimizer", "Plateau", "RMSprop", "Schedule", "Step", "WarmUp", "maximum", "ratio", "sign", "sqrt",
]  # fmt: skip


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted(__all__)
