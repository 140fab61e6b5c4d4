"""Writes __init__.py: what is public."""

import builtins
from textwrap import dedent

from autograd.primitives import PRIMITIVES

from .source import NOTE


def package() -> str:
    """The text of __init__.py."""
    names = [row.name for row in PRIMITIVES.values() if not row.helper]
    modules = {
        "testing.check": ["check_grads"],
        "testing.comparisons": ["Verdict"],
        "composed": ["log_softmax", "softmax"],
        "errors": [
            "AutogradError",
            "GradientMismatch",
            "GraphError",
            "GraphTooLarge",
            "GraphvizNotFound",
            "MissingPackage",
            "TraceError",
        ],
        "functions": [name for name in names if name not in vars(builtins)],
        "modes": ["errstate", "no_grad"],
        "interval": ["Interval"],
        "primitive": ["Primitive"],
        "primitives": ["PRIMITIVES"],
        "compiling.tape": ["Tape"],
        "transforms": ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"],
        "trees": ["flatten"],
        "value": ["Value"],
    }
    late = {  # what shows and explains, imported when it is first asked for
        "seeing": [
            "Diagram",
            "Drawing",
            "Formula",
            "Player",
            "Trace",
            "draw",
            "draw_dot",
            "formula",
            "play",
            "trace",
            "unfold",
        ],
        "seeing.instruments": ["diagnose", "kinks", "misconceptions", "paths", "rounding", "source_lines"],
        "seeing.steps": ["steps"],
    }
    imports, later = (
        "\n".join(f"from .{module} import {', '.join(names)}" for module, names in table.items())
        for table in (modules, late)
    )
    hiding = [name for name in names if name in vars(builtins)]
    builtin = "\n".join(f"{name} = functions.{name}" for name in hiding) + "\ncompile = compiled.compile"
    public = sorted(name for names in (modules | late).values() for name in names)
    where = {name: module for module, names in late.items() for name in names}
    head = f'''
        """Scalar reverse-mode automatic differentiation: numbers that remember how they were made.

        {NOTE}

        >>> from autograd import Value, sin
        >>> x1, x2 = Value(2.0), Value(3.0)
        >>> y = x1 * x2 + sin(x1)
        >>> y.backward()
        >>> f"{{x1.grad:.4f}} {{x2.grad:.4f}}"
        '2.5839 2.0000'
        """

        from typing import TYPE_CHECKING, Any

        from .compiling import compiled

        from . import functions
        '''
    note = "# These are left out of __all__, so that `from autograd import *` does not hide Python's own."
    tail = f'''
        _LATE = {where}


        def __getattr__(name: str) -> Any:
            """Import what shows and explains when it is first asked for."""
            if name not in _LATE:
                raise AttributeError(f"module 'autograd' has no attribute {{name!r}}")
            from importlib import import_module

            globals()[name] = found = getattr(import_module(f".{{_LATE[name]}}", "autograd"), name)
            return found


        def __dir__() -> list[str]:
            """What is public, for tab completion."""
            return sorted([*__all__, {", ".join(f'"{name}"' for name in [*hiding, "compile"])}])
        '''
    typed = "if TYPE_CHECKING:\n" + "\n".join(f"    {line}" for line in later.splitlines())
    return f"{dedent(head).lstrip()}{imports}\n\n{typed}\n\n__all__ = {public}\n\n{note}\n{builtin}\n{dedent(tail)}"
