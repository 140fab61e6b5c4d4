"""Writes the interpreter of tapes that numba compiles."""

from hashlib import sha256
from inspect import getsource, isfunction
from pathlib import Path
from textwrap import dedent, indent

import autograd
from autograd import special
from autograd.primitive import Primitive
from autograd.primitives import PRIMITIVES
from autograd.symbols import python_number

from .source import NOTE, code, value_of

NUMBA = Path(autograd.__file__).parent / "compiling" / "numba"


def interpreter() -> str:
    """The text of the module that numba compiles: the functions of special.py, and a loop for each row."""
    head = f'''
        # mypy: ignore-errors
        """The interpreter of tapes, for numba: it holds all that it calls, so that its cache is never stale.

        {NOTE}
        """

        from collections.abc import Sequence

        import numpy as np
        from numba import njit

        from . import vectors as math
        from .vectors import peek, poke, tile_of_8, tile_of_32, tile_of_64, transpose, whole

        scalar = njit(nogil=True, error_model="numpy")
        '''
    body = (NUMBA / "interpreter.txt").read_text(encoding="utf-8")
    rows = [(number, row) for number, row in enumerate(PRIMITIVES.values(), 1) if not (row.products and row.variadic)]
    for mark, case in (("# ROWS", _row_case), ("# SCALARS", _scalar_case)):
        cases = "".join(f"elif op == {number}:  # {row.name}\n{indent(case(row), '    ')}" for number, row in rows)
        body = body.replace(f"        {mark}\n", indent(cases, "        "))
    return dedent(head).lstrip() + "\n" + _special() + body


def _special() -> str:
    """The constants and functions of special.py, these compiled."""
    held = {name: x for name, x in vars(special).items() if name.isupper() and name != "ON_ARRAYS"}
    constants = [f"{name} = {python_number(x) if type(x) is float else x}" for name, x in held.items()]
    functions = [f for f in vars(special).values() if isfunction(f) and f.__module__ == special.__name__]
    return "\n".join([*constants, *(f"\n\n@scalar\n{getsource(f)}" for f in functions)]) + "\n"


def _row_case(row: Primitive) -> str:
    """The lines that run one row of the table on a block."""
    if row.variadic:
        return (
            "xs = np.empty(b)\nfor i in range(0, n, 8):\n    for k in range(b):\n"
            f"        xs[k] = peek(r + whole(operands, a + 8 * k), i)\n    poke(y, i, {row.forward.__name__}(xs))\n"
        )
    names = ["u", "v", "w"][: len(row.partials)]
    reads = ", ".join(f"peek(r + {ref}, i)" for ref, _ in zip("abc", names, strict=False))
    return f"for i in range(0, n, 8):\n    {', '.join(names)} = {reads}\n    poke(y, i, {_value(row, names)})\n"


def _scalar_case(row: Primitive) -> str:
    """The lines that run one row of the table on shared numbers."""
    if row.variadic:
        return (
            "xs = np.empty(b)\nfor k in range(b):\n    xs[k] = peek(s, whole(operands, a + 8 * k))\n"
            f"poke(y, 0, {row.forward.__name__}(xs))\n"
        )
    names = ["u", "v", "w"][: len(row.partials)]
    reads = ", ".join(f"peek(s, {ref})" for ref, _ in zip("abc", names, strict=False))
    return f"{', '.join(names)} = {reads}\npoke(y, 0, {_value(row, names)})\n"


def _value(row: Primitive, names: list[str]) -> str:
    return code(value_of(row, names)).replace("special.", "")


def fingerprint(text: str) -> str:
    """A name for the interpreter's text and for what it imports."""
    vectors = (NUMBA / "vectors.py").read_text(encoding="utf-8")
    return sha256((text + vectors).encode()).hexdigest()[:8]
