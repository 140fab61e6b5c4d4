"""The command line: python -m autograd "x1*x2 + sin(x1)" x1=2 x2=3."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from subprocess import CalledProcessError
from typing import Any

from .errors import AutogradError
from .modes import errstate
from .parser import CONSTANTS, ExpressionError, brief, evaluate, parse, variables
from .seeing import draw, formula, pass_tables, play, trace
from .seeing.instruments import diagnose
from .value import Value

DESCRIPTION = """Differentiate a formula: print the forward and the backward table of its evaluation, or draw its graph.

Operators are + - * / ** and comparisons; functions are the primitives by name, such as sin, exp, log, tanh, maximum;
constants are pi, e and inf."""


OPTIONS: dict[tuple[str, ...], dict[str, Any]] = {
    ("-o", "--output"): {
        "metavar": "FILE",
        "help": "draw the graph into this file; its suffix names the format: .svg .png",
    },
    ("--play",): {"metavar": "PAGE.html", "help": "write a page that plays both passes step by step"},
    ("--trace",): {"action": "store_true", "help": "print the trace with primal, tangent and adjoint instead"},
    ("--tex",): {"action": "store_true", "help": "print the formula in LaTeX, or with --trace the trace"},
}
TAKES_A_WORD = {flag: "action" not in settings for flags, settings in OPTIONS.items() for flag in flags}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 where the picture cannot be made, 2 for bad input."""
    parser = argparse.ArgumentParser(
        "python -m autograd",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("expression", help='the formula, such as "x1*x2 + sin(x1)"')
    parser.add_argument("values", nargs="*", metavar="name=value", help="a value for each variable, such as x1=2")
    for flags, settings in OPTIONS.items():
        parser.add_argument(*flags, **settings)
    options = parser.parse_args(_with_formula_marked(list(sys.argv[1:] if argv is None else argv)))
    try:
        y = differentiated(options.expression, options.values)
    except ExpressionError as error:
        print(f"python -m autograd: {error}", file=sys.stderr)
        return 2
    try:
        print(told(y, options.trace, options.tex))
        if not (options.tex or (diagnosis := diagnose(y)).healthy):
            print(f"\n{diagnosis}")
        if options.output:
            print(f"\nthe graph is drawn in {draw(y).save(options.output)}")
        if options.play:
            print(f"\nboth passes are played in {play(y).save(options.play)}")
    except (AutogradError, OSError, ValueError, CalledProcessError) as error:
        print(f"python -m autograd: no picture: {error}", file=sys.stderr)
        return 1
    return 0


def _with_formula_marked(words: list[str]) -> list[str]:
    """The words with a blank before a formula that begins with a minus, which is no option."""
    i = 0
    while i < len(words) and (flag := words[i].partition("=")[0]) in TAKES_A_WORD:
        i += 2 if TAKES_A_WORD[flag] and flag == words[i] else 1
    if i < len(words) and words[i].startswith("-") and words[i] not in ("-h", "--help", "--"):
        words[i] = f" {words[i]}"
    return words


def told(y: Value, with_tangent: bool, tex: bool) -> str:
    """Return what to print of a formula: the tables of both passes, its trace, or either in LaTeX."""
    if with_tangent:
        return trace(y).latex() if tex else str(trace(y))
    return formula(y) if tex else pass_tables(y)


def differentiated(expression: str, assignments: Sequence[str]) -> Value:
    """Return the Value of a formula at the given point, after the backward pass.

    Raises ExpressionError for a formula or a value that cannot be read, or a name without value or use.
    """
    tree = parse(expression)
    pairs = [_assignment(text) for text in assignments]
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ExpressionError("a variable is given two values")
    names = variables(tree)
    unused = [name for name in given if name not in names]
    if unused and unused[0] in CONSTANTS:
        raise ExpressionError(f"{unused[0]} is a constant, {CONSTANTS[unused[0]]:.6g}: give the variable another name")
    if unused:
        known = brief(", ".join(names)) or "none"
        raise ExpressionError(f"{brief(unused[0])} is not a variable of the expression; it has {known}")
    with errstate("ignore"):
        y = evaluate(tree, {name: Value(given[name], name) for name in names if name in given})
    if type(y) is not Value:
        raise ExpressionError(
            "the expression has no variable to differentiate by" if not names else "no number results"
        )
    if y.op is None:
        y = +y
    y.backward()
    return y


def _assignment(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip().isidentifier()):
        raise ExpressionError(f"expected name=value, got {brief(text)!r}")
    tree = parse(value)
    number = None if variables(tree) else evaluate(tree, {})
    if type(number) is not float:
        raise ExpressionError(f"expected a number for {brief(name)}, got {brief(value)!r}")
    return name.strip(), number


if __name__ == "__main__":
    sys.exit(main())
