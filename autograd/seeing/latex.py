"""LaTeX: names, numbers and formulas in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from ..symbols import Style, in_brackets

GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
ESCAPED = {character: f"\\{character}" for character in "_#$%&{}"} | {
    "\\": "\uff3c", "<": "\uff1c", ">": "\uff1e", "^": "\uff3e", "~": "\uff5e", '"': "\uff02",
}  # fmt: skip
LETTER = re.compile(rf"([A-Za-z]|{'|'.join(GREEK)})_?(\d*)")


def latex_name(name: str, accent: str = "") -> str:
    """Return a name in LaTeX: x1 as x_{1}, theta as a Greek letter, a longer one upright; with an accent above.

    >>> latex_name("x1"), latex_name("theta0", "bar"), latex_name("rate")
    ('x_{1}', '\\\\bar{\\\\theta}_{0}', '\\\\text{rate}')
    """
    match = LETTER.fullmatch(name)
    if not match:
        return _upright(name, accent)
    letter = f"\\{match[1]}" if len(match[1]) > 1 else match[1]
    letter = f"\\{accent}{{{letter}}}" if accent else letter
    return f"{letter}_{{{match[2]}}}" if match[2] else letter


def _upright(name: str, accent: str) -> str:
    text = f"\\text{{{''.join(ESCAPED.get(c, c) for c in name)}}}"
    return f"\\{'overline' if accent == 'bar' else accent}{{{text}}}" if accent else text


def latex_names(names: Mapping[Any, str], accent: str = "") -> dict[Any, str]:
    """Return names in LaTeX, no two alike: x1 and x_1 would both be x_{1}, and then the second is written upright.

    >>> latex_names({1: "x1", 2: "x_1"})
    {1: 'x_{1}', 2: '\\\\text{x\\\\_1}'}
    """
    latex: dict[Any, str] = {}
    used: set[str] = set()
    for key, name in names.items():
        short = latex_name(name, accent)
        latex[key] = short if short not in used else _upright(name, accent)
        used.add(short)
    return latex


def latex_number(x: float) -> str:
    """Return a number in LaTeX, with six digits at most.

    >>> latex_number(-1.5e-07)
    '-1.5 \\\\cdot 10^{-7}'
    """
    if not isfinite(x):
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(str(x), r"\text{nan}")
    digits, _, exponent = f"{x:.6g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


LATEX = Style(
    call=lambda op, args: rf"\operatorname{{{latex_word(op.name)}}}\left({in_brackets(op, args, 8)}\right)",
    infix=lambda op: bool(op.binds),
    number=latex_number,
    template=lambda op: op.latex,
    parentheses=r"\left({}\right)",
    tight=True,
    spelled={"pi": r"\pi", "*": r"\cdot", "<": r"\lt", ">": r"\gt", "<=": r"\le", ">=": r"\ge"},
)


def latex_word(name: str) -> str:
    """A function's name, its underscores escaped."""
    return name.replace("_", r"\_")
