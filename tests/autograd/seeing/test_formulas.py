"""Formulas of partials: they are worth what the engine computes, and they read as in a textbook."""

import math
import re
from itertools import product

import pytest

import autograd as ag
from autograd import Value, errstate
from autograd.primitives import PRIMITIVES
from autograd.rewrites import simplified
from autograd.seeing.formulas import partial_formula
from autograd.seeing.latex import LATEX, latex_number
from autograd.seeing.names import names
from autograd.seeing.steps import below
from autograd.symbols import PLAIN, Symbol, factor, render

# Points of both signs and of each branch, for the arguments in turn; from inside the domain.
POINTS = {
    (-math.inf, math.inf): [(1.7, -2.5, 0.3), (-0.4, 0.8, 1.5), (2.0, 3.0, -1.0)],
    (0.0, math.inf): [(2.0, 0.5, 3.0), (0.3, 1.7, 2.0), (1.0, 4.0, 0.7)],
    (0.0, 1.0): [(0.3, 0.6, 0.5), (0.8, 0.2, 0.4), (0.5, 0.9, 0.1)],
    (-1.0, 1.0): [(0.3, -0.6, 0.5), (-0.8, 0.2, 0.4), (0.5, 0.9, 0.1)],
    (1.0, math.inf): [(1.5, 2.5, 3.5), (2.0, 7.0, 1.1), (4.0, 1.2, 3.0)],
    (-1.0, math.inf): [(-0.5, 2.0, 0.7), (3.0, -0.2, 1.0), (0.1, 1.0, 2.0)],
}
WHOLE = (1.0, 2.0, 0.0)  # for an argument without derivative
WORDS = {name: getattr(ag, name) for name in PRIMITIVES if hasattr(ag, name)} | {"pi": math.pi}


def cases():
    """Every row with every pattern of Values and plain numbers, at points of its domain."""
    for row in PRIMITIVES.values():
        if row.helper or row.selects:
            continue
        count = 2 * row.variadic or len(row.partials)
        domain = row.domain * (count if row.variadic else 1)
        for pattern in product((True, False), repeat=count):
            if any(pattern):
                yield pytest.param(row, domain, pattern, id=f"{row.name}-{''.join('vc'[not own] for own in pattern)}")


def called(row, args):
    """The row applied, its sequences as sequences."""
    function = getattr(ag, row.name, row)
    if not row.variadic:
        return function(*args)
    size = len(args) // row.variadic
    return function(*(args[i * size : (i + 1) * size] for i in range(row.variadic)))


def at(node, text):
    """What a formula is worth at the point of its node."""
    values = {name: value.data for value, name in names(below(node), node).items()}
    return eval(text, {"__builtins__": {}}, WORDS | values)


@pytest.mark.parametrize(("row", "domain", "pattern"), list(cases()))
def test_a_written_partial_is_worth_the_partial(row, domain, pattern):
    for turn in range(3):
        numbers = [
            POINTS[interval][turn][i % 3] if interval in POINTS else WHOLE[turn] for i, interval in enumerate(domain)
        ]
        args = [Value(x, "abcd"[i]) if own else x for i, (x, own) in enumerate(zip(numbers, pattern, strict=True))]
        with errstate("ignore"):
            node = called(row, args)
        assert type(node) is Value
        called_by = names(below(node), node)
        for position, d in enumerate(node.partials):
            if d is not None:
                text = partial_formula(node, position, called_by)
                assert at(node, text) == pytest.approx(d, rel=1e-12, abs=1e-300), text


a, b, c = (Value(x, name) for x, name in ((2.0, "a"), (3.0, "b"), (-0.5, "c")))
TEXTBOOK = [
    (a**2.0, "2 * a", r"2 \cdot a"),
    (a**3.0, "3 * a ** 2", r"3 \cdot a^{2}"),
    (a**0.5, "0.5 * a ** (-0.5)", r"0.5 \cdot a^{-0.5}"),
    (a**1.5, "1.5 * a ** 0.5", r"1.5 \cdot a^{0.5}"),
    (a**1.0, "1", "1"),
    (a**0.0, "0", "0"),
    (a**-1.0, "-a ** (-2)", "-a^{-2}"),
    (a**-2.0, "-2 * a ** (-3)", r"-2 \cdot a^{-3}"),
    (a**b, "b * a ** (b - 1)", r"b \cdot a^{b - 1}"),
    (2.0**a, "y * log(2)", r"y \cdot \log\left(2\right)"),
    (0.5**a, "y * log(0.5)", r"y \cdot \log\left(0.5\right)"),
    (a / 3.0, "1 / 3", r"\frac{1}{3}"),
    (a / -3.0, "-1 / 3", r"\frac{-1}{3}"),
    (3.0 / a, "-3 / a ** 2", r"\frac{-3}{a^{2}}"),
    (-3.0 / a, "3 / a ** 2", r"\frac{3}{a^{2}}"),
    (a * 1.0, "1", "1"),
    (a * -3.0, "-3", "-3"),
    (a * math.pi, "pi", r"\pi"),
    (ag.sqrt(a), "1 / (2 * y)", r"\frac{1}{2 \cdot y}"),
    (ag.log(a), "1 / a", r"\frac{1}{a}"),
    (ag.elu(c), "exp(c)", "e^{c}"),
    (ag.leaky_relu(c), "0.01", "0.01"),
    (ag.leaky_relu(a), "1", "1"),
    (ag.clip(a, 0.0, 5.0), "1", "1"),
    (ag.clip(a, 0.0, 1.0), "0", "0"),
    (ag.xlogy(a, 3.0), "log(3)", r"\log\left(3\right)"),
    (ag.polygamma(1.0, a), "polygamma(2, a)", r"\operatorname{polygamma}\left(2, a\right)"),
    (ag.hypot(a, 3.0), "a / y", r"\frac{a}{y}"),
    (ag.sigmoid(a), "y * (1 - y)", r"y \cdot \left(1 - y\right)"),
]


@pytest.mark.parametrize(("node", "text", "latex"), TEXTBOOK, ids=lambda value: value if isinstance(value, str) else "")
def test_a_derivative_reads_as_in_a_textbook(node, text, latex):
    position = next(i for i, arg in enumerate(node.args) if type(arg) is Value)
    called_by = names(below(node), node)
    assert partial_formula(node, position, called_by) == text
    assert partial_formula(node, position, called_by, LATEX) == latex


X = Symbol("x")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (simplified(PRIMITIVES["add"], (X, 0.0)), "x"), (simplified(PRIMITIVES["add"], (0.0, X)), "x"),
        (simplified(PRIMITIVES["add"], (X, 1.0)), "x + 1"), (simplified(PRIMITIVES["sub"], (X, 0.0)), "x"),
        (simplified(PRIMITIVES["sub"], (0.0, X)), "-x"), (simplified(PRIMITIVES["sub"], (1.0, X)), "1 - x"),
        (simplified(PRIMITIVES["mul"], (1.0, X)), "x"), (simplified(PRIMITIVES["mul"], (X, 1.0)), "x"),
        (simplified(PRIMITIVES["mul"], (-1.0, X)), "-x"), (simplified(PRIMITIVES["mul"], (X, -1.0)), "-x"),
        (simplified(PRIMITIVES["mul"], (0.0, X)), "0"), (simplified(PRIMITIVES["mul"], (X, 0.0)), "0"),
        (simplified(PRIMITIVES["mul"], (2.0, X)), "2 * x"), (simplified(PRIMITIVES["mul"], (2.0, 3.0)), "6"),
        (simplified(PRIMITIVES["truediv"], (X, 1.0)), "x"), (simplified(PRIMITIVES["truediv"], (1.0, X)), "1 / x"),
        (simplified(PRIMITIVES["truediv"], (1.0, 3.0)), "1 / 3"), (simplified(PRIMITIVES["truediv"], (X, -2.0)), "-x / 2"),
        (simplified(PRIMITIVES["pow"], (X, 1.0)), "x"), (simplified(PRIMITIVES["pow"], (X, 0.0)), "1"),
        (simplified(PRIMITIVES["pow"], (X, 2.0)), "x ** 2"), (simplified(PRIMITIVES["pow"], (1.0, X)), "1 ** x"),
        (simplified(PRIMITIVES["neg"], (-X,)), "x"), (simplified(PRIMITIVES["neg"], (2.0,)), "-2"),
        (simplified(PRIMITIVES["sub"], (3.0, 1.0)), "2"), (simplified(PRIMITIVES["log"], (2.0,)), "log(2)"),
    ],
    ids=str,
)  # fmt: skip
def test_each_rule_of_simplification(made, text):
    assert render(made) == text


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (X * -3.0, r"x \cdot \left(-3\right)"),
        (-3.0 * X, r"-3 \cdot x"),
        (X + -3.0 * X, r"x + \left(-3 \cdot x\right)"),
        (X - -3.0, r"x - \left(-3\right)"),
        (X * -X, r"x \cdot \left(-x\right)"),
        ((-3.0) ** X, r"\left(-3\right)^{x}"),
        (X**-3.0, "x^{-3}"),
        (X * 2.5e-7, r"x \cdot \left(2.5 \cdot 10^{-7}\right)"),
        (X / -3.0, r"\frac{x}{-3}"),
    ],
    ids=str,
)
def test_a_negative_factor_stands_in_brackets_in_latex(expression, latex):
    assert render(expression, LATEX) == latex


def test_a_sum_stands_in_brackets_as_a_factor_and_a_product_does_too():
    assert factor(X + 1.0) == "(x + 1)"
    assert factor(X * 2.0) == "(x * 2)"
    assert factor(X**2.0) == "x ** 2"
    assert factor(X / 2.0, LATEX) == r"\frac{x}{2}"


@pytest.mark.parametrize("x", [0.1, 1 / 3, 2.0, 1e300, 5e-324, 0.6931471805599453, 123456789.0, -2.5])
def test_numbers_are_written_exactly_in_text_and_with_six_digits_in_latex(x):
    assert float(PLAIN.number(x)) == x
    digits = re.fullmatch(r"(-?[\d.]+)(?: \\cdot 10\^\{(-?\d+)\})?", latex_number(x))
    assert float(f"{digits[1]}e{digits[2] or 0}") == float(f"{x:.6g}")


def test_a_partial_that_takes_floats_only_is_its_number_and_keeps_what_it_can():
    plain = ag.Primitive("plain_cube", lambda x: x**3, lambda x, y: 3.0 * math.pow(x, 2.0))
    node = plain(Value(2.0, "x"))
    assert partial_formula(node, 0, names(below(node), node)) == "12"
    mixed = ag.Primitive("wave", lambda k, x: math.sin(k * x), None, lambda k, x, y: math.sqrt(k) * ag.cos(k * x))
    node = mixed(4.0, Value(0.5, "x"))
    assert partial_formula(node, 1, names(below(node), node)) == "2 * cos(4 * x)"
