"""Scalar reverse-mode automatic differentiation: numbers that remember how they were made.

Generated from the table in primitives.py by `make generate`: change the row there.

>>> from autograd import Value, sin
>>> x1, x2 = Value(2.0), Value(3.0)
>>> y = x1 * x2 + sin(x1)
>>> y.backward()
>>> f"{x1.grad:.4f} {x2.grad:.4f}"
'2.5839 2.0000'
"""

from typing import TYPE_CHECKING, Any

from . import functions
from .compiling import compiled
from .compiling.tape import Tape
from .composed import log_softmax, softmax
from .errors import (
    AutogradError,
    GradientMismatch,
    GraphError,
    GraphTooLarge,
    GraphvizNotFound,
    MissingPackage,
    TraceError,
)
from .functions import (
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceil,
    clip,
    cos,
    cosh,
    digamma,
    dot,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    gelu,
    hypot,
    leaky_relu,
    lgamma,
    log,
    log1p,
    log1pmx,
    log_ndtr,
    logaddexp,
    logit,
    logsigmoid,
    logsumexp,
    maximum,
    minimum,
    mul,
    ndtri,
    neg,
    norm_cdf,
    norm_pdf,
    polygamma,
    pos,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softplus,
    sqrt,
    step,
    stop_gradient,
    sub,
    tan,
    tanh,
    threshold,
    truediv,
    where,
    xlog1py,
    xlogy,
)
from .interval import Interval
from .modes import errstate, no_grad
from .primitive import Primitive
from .primitives import PRIMITIVES
from .testing.check import check_grads
from .testing.comparisons import Verdict
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .trees import flatten
from .value import Value

if TYPE_CHECKING:
    from .seeing import Diagram, Drawing, Formula, Player, Trace, draw, draw_dot, formula, play, trace, unfold
    from .seeing.instruments import diagnose, kinks, misconceptions, paths, rounding, source_lines
    from .seeing.steps import steps

__all__ = [
    "PRIMITIVES",
    "AutogradError",
    "Diagram",
    "Drawing",
    "Formula",
    "GradientMismatch",
    "GraphError",
    "GraphTooLarge",
    "GraphvizNotFound",
    "Interval",
    "MissingPackage",
    "Player",
    "Primitive",
    "Tape",
    "Trace",
    "TraceError",
    "Value",
    "Verdict",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "check_grads",
    "clip",
    "cos",
    "cosh",
    "diagnose",
    "digamma",
    "dot",
    "draw",
    "draw_dot",
    "elu",
    "erf",
    "erfc",
    "errstate",
    "exp",
    "expm1",
    "flatten",
    "floor",
    "formula",
    "gelu",
    "grad",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "kinks",
    "leaky_relu",
    "lgamma",
    "log",
    "log1p",
    "log1pmx",
    "log_ndtr",
    "log_softmax",
    "logaddexp",
    "logit",
    "logsigmoid",
    "logsumexp",
    "maximum",
    "minimum",
    "misconceptions",
    "mul",
    "ndtri",
    "neg",
    "no_grad",
    "norm_cdf",
    "norm_pdf",
    "paths",
    "play",
    "polygamma",
    "pos",
    "relu",
    "rounding",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "source_lines",
    "sqrt",
    "step",
    "steps",
    "stop_gradient",
    "sub",
    "tan",
    "tanh",
    "threshold",
    "trace",
    "truediv",
    "unfold",
    "value_and_grad",
    "vjp",
    "where",
    "xlog1py",
    "xlogy",
]

# These are left out of __all__, so that `from autograd import *` does not hide Python's own.
pow = functions.pow
abs = functions.abs
sum = functions.sum
compile = compiled.compile

_LATE = {
    "Diagram": "seeing",
    "Drawing": "seeing",
    "Formula": "seeing",
    "Player": "seeing",
    "Trace": "seeing",
    "draw": "seeing",
    "draw_dot": "seeing",
    "formula": "seeing",
    "play": "seeing",
    "trace": "seeing",
    "unfold": "seeing",
    "diagnose": "seeing.instruments",
    "kinks": "seeing.instruments",
    "misconceptions": "seeing.instruments",
    "paths": "seeing.instruments",
    "rounding": "seeing.instruments",
    "source_lines": "seeing.instruments",
    "steps": "seeing.steps",
}


def __getattr__(name: str) -> Any:
    """Import what shows and explains when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = found = getattr(import_module(f".{_LATE[name]}", "autograd"), name)
    return found


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return sorted([*__all__, "pow", "abs", "sum", "compile"])
