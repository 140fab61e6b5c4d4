"""What the instruments print: every number in their tables is the one that arithmetic gives, to the digit shown."""

import math
from xml.etree import ElementTree

import pytest

import autograd as ag
from autograd import Primitive, Value, diagnose, errstate, exp, kinks, log, misconceptions, paths, sqrt

A, B, C = 1.23456789, -0.77777777, 9.87654321


def table(headings, rows):
    """Rows under headings as they are to be printed: a column as wide as its widest cell, two blanks between."""
    lines = [headings, *rows] if headings else rows
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]


def g(x, digits=6):
    return f"{x:.{digits}g}"


# paths


def test_paths_print_every_partial_product_and_share():
    x, a = Value(A, "x"), Value(B, "a")
    square = x * x
    y = square * a + x * C
    products = [C, A * B, A * B]
    size, grad = sum(map(abs, products)), 2.0 * A * B + C
    assert str(paths(y, x)).splitlines() == [
        f"dy/dx = {g(grad)}, the sum over 3 paths",
        *table(
            ["path", "partials", "product", "share"],
            [
                ["y > v3 > x", f"1 * {g(C, 4)}", f"= {g(C)}", f"{C / size:.1%}"],
                ["y > v2 > v1 > x", f"1 * {g(B, 4)} * {g(A, 4)}", f"= {g(A * B)}", f"{-A * B / size:.1%}"],
                ["y > v2 > v1 > x", f"1 * {g(B, 4)} * {g(A, 4)}", f"= {g(A * B)}", f"{-A * B / size:.1%}"],
            ],
        ),
        f"the sizes of the products add up to {g(size)}, of which {1.0 - abs(grad) / size:.1%} cancels",
    ]


def test_paths_that_are_left_out_are_counted_and_added_up():
    x = Value(A, "x")
    y = x * C + x * B + x * A
    lines = str(paths(y, x, most=1)).splitlines()
    assert lines[0] == f"dy/dx = {g(C + B + A)}, the sum over 3 paths; the 1 largest"
    row = ["y > v3 > v1 > x", f"1 * 1 * {g(C, 4)}", f"= {g(C)}", f"{C / (C - B + A):.1%}"]
    assert lines[1:3] == table(["path", "partials", "product", "share"], [row])
    rest = f"the others add {g((C + B + A) - C)}; the sizes of the products add up to {g(C - B + A)}, "
    assert lines[3:] == [f"{rest}of which {1.0 - (C + B + A) / (C - B + A):.1%} cancels"]


@pytest.mark.parametrize(
    ("length", "nodes", "partials"),
    [
        (6, "y > v5 > v4 > v3 > v2 > v1 > x", "6 * 5 * 4 * 3 * 2 * 1"),
        (7, "y > v6 > v5 > ... > v2 > v1 > x", "7 * 6 * 5 * 4 * 3 * 2 * 1"),
        (8, "y > v7 > v6 > ... > v2 > v1 > x", "8 * 7 * 6 * ... * 3 * 2 * 1"),
    ],
)
def test_a_path_of_more_than_seven_values_is_cut_in_the_middle(length, nodes, partials):
    y = x = Value(1.0, "x")
    for i in range(length):
        y = y * (i + 1.0)
    row = [nodes, partials, f"= {math.factorial(length)}", "100.0%"]
    assert str(paths(y, x)).splitlines()[1:3] == table(["path", "partials", "product", "share"], [row])


def test_one_path_is_one_and_its_gradient_is_all_there_is():
    x = Value(A, "x")
    assert str(paths(x * C, x)).splitlines()[0] == f"dy/dx = {g(C)}, the sum over 1 path"


# misconceptions


def test_misconceptions_print_what_each_engine_gets():
    x, c = Value(A, "x"), C
    square = x * x
    y = (square + square) * c
    # By hand; without an order v1 is visited twice, with c and with 2c. A second pass adds to what the first one left.
    assert str(misconceptions(y)).splitlines()[:5] == [
        "gradients of y",
        *table(
            ["", "right", "overwrite", "no order", "no zero_grad"],
            [
                ["v2", g(c), g(c), g(c), f"=> {g(2 * c)}"],
                ["v1", g(2 * c), f"=> {g(c)}", g(2 * c), f"!= {g(6 * c)}"],
                ["x", g(4 * c * A), f"!= {g(c * A)}", f"=> {g(6 * c * A)}", f"!= {g(16 * c * A)}"],
            ],
        ),
    ]


# kinks


def test_kinks_print_the_slopes_of_either_side_and_what_they_make_of_the_result():
    near, slope = -1.23456e-7, 0.123456
    a, b = Value(near, "a"), Value(2.0, "b")
    y = ag.leaky_relu(a, slope) * C + abs(b - 2.0) * B
    assert str(kinks(y)).splitlines() == [
        "2 kinks at this point: a numerical derivative across one is wrong, or half right",
        *table(
            ["node", "at", "distance", "slope left | right", "taken", "dy by this edge, left | right"],
            [
                [f"v1 = leaky_relu(a, {slope})", f"a = {g(near)}", f"{-near:.2g}", f"{g(slope, 4)} | 1", g(slope, 4), f"{g(C * slope, 4)} | {g(C, 4)}"],
                ["v4 = abs(v3)", "v3 = 0", "0", "-1 | 1", "0", f"{g(-B, 4)} | {g(B, 4)}"],
            ],
        ),
    ]  # fmt: skip


def test_a_jump_has_a_column_that_is_empty_where_there_is_none():
    height = 0.1234567
    cliff = Primitive("cliff", lambda x: height if x >= 0.0 else 0.0, None, kinks=lambda x: (x,))
    x = Value(0.0, "x")
    lines = str(kinks(cliff(x) * C + ag.relu(x) * 2.0)).splitlines()
    assert lines[0].startswith("2 kinks")
    assert lines[1:] == table(
        ["node", "at", "distance", "slope left | right", "taken", "dy by this edge, left | right", "jump"],
        [
            ["v1 = cliff(x)", "x = 0", "0", "0 | 0", "none", "0 | 0", g(height, 4)],
            ["v3 = relu(x)", "x = 0", "0", "0 | 1", "0", "0 | 2", ""],
        ],
    )


def test_one_kink_is_one():
    x = Value(0.0, "x")
    assert str(kinks(ag.relu(x))).startswith("1 kink at this point: ")


def test_the_slopes_of_a_kink_are_those_a_billionth_beside_it():
    bend = Primitive("bend", lambda x: abs(x) * x * x + abs(x), lambda x, y: (3.0 * x * x + 1.0) * ag.sign(x) + x * 1e8, kinks=lambda x: (x,))  # fmt: skip
    (kink,) = kinks(bend(Value(0.0))).found
    assert (kink.left, kink.right) == pytest.approx((-1.0 - 0.1, 1.0 + 0.1), rel=1e-12)


# diagnose


def told(f, *xs, names="abcdefgh"):
    leaves = [Value(x, name) for x, name in zip(xs, names, strict=False)]
    with errstate("ignore"):
        return str(diagnose(f(*leaves))).splitlines()


def test_the_first_product_is_written_with_its_factors():
    big = 1.23456789e200
    assert told(lambda a, b: (a * b) * big, big, 1e-300) == [
        "not finite:",
        f"  first product  dy/db += dy/dv1 * dv1/db = {g(big)} * {g(big)} = inf, where v1 = a * b and dv1/db = a",
    ]


def test_the_first_value_is_written_with_six_of_its_arguments():
    xs = [A * 1e308 + i * 1e306 for i in range(8)]
    listed = ", ".join(f"{name} = {g(x)}" for name, x in zip("abcdef", xs, strict=False))
    assert told(lambda *xs: ag.sum(xs), *xs) == [
        "not finite:",
        f"  first value  y = sum([a, b, c, d, e, f, g, h]) = inf, where {listed}",
    ]


def test_a_leaf_that_is_not_finite_is_a_leaf():
    assert told(lambda a: -a, math.inf) == ["not finite:", "  first value  a = inf, a leaf"]


def test_a_mend_says_what_is_and_what_would_be():
    x = 1.7654321e-13
    assert told(lambda a: (exp(a) - 1.0) * C, x) == [
        "all 4 values and every product of the backward pass are finite; digits are lost:",
        f"  instead of  v2 = v1 - 1 = {g(math.exp(x) - 1.0)}",
        f"  write       expm1(a) = {g(math.expm1(x))}: the 1 hides a small difference",
    ]
    assert g(math.exp(x) - 1.0) != g(math.expm1(x))


def test_mends_of_one_kind_are_counted():
    lines = told(lambda a, b, c: (log(1.0 + a) + log(1.0 + b) + log(1.0 + c)) * 1e10, 1e-20, 2e-20, 3e-20)
    assert lines[-1] == "  write       log1p(a) = 1e-20: 1 + x forgets a small x (and 2 more like it)"


def test_health_is_told_of_one_value_and_of_several():
    end = "every product of the backward pass are finite; no formula in it has a better one that is known here"
    assert told(lambda a: a, A) == [f"the value and {end}"]
    assert told(lambda a: sqrt(a), A) == [f"all 2 values and {end}"]


# as HTML


def cells(report):
    """The lines before, the headings with their widths, the rows and the lines behind, of a page that has nothing else."""
    root = ElementTree.fromstring(report._repr_mimebundle_()["text/html"])
    assert not any((e.tail or "").strip() for e in root.iter())
    assert {e.tag for e in root.iter()} <= {"div", "p", "table", "thead", "tbody", "tr", "th", "td"}
    place = [child.tag for child in root].index("table")
    lines = [p.text for p in root]
    heads = [(th.text or "", int(th.get("colspan"))) for th in root.findall("table/thead/tr/th")]
    rows = [[td.text or "" for td in tr] for tr in root.findall("table/tbody/tr")]
    assert all("monospace" in td.get("style") for td in root.iter("td"))
    return lines[:place], heads, rows, lines[place + 1 :]


@pytest.mark.parametrize(
    "report",
    [
        paths(Value(A, "x") * C, "x"),
        kinks(ag.relu(Value(0.0, "<x>"))),
        misconceptions(Value(A, "a&b") * C),
        diagnose(log(1.0 + Value(1e-20, "x"))),
    ],
    ids=lambda report: type(report).__name__,
)
def test_a_notebook_is_shown_what_is_printed(report):
    before, heads, rows, after = cells(report)
    text = str(report).splitlines()
    assert text[: len(before)] == before
    assert after == text[len(text) - len(after) :]
    assert sum(width for _, width in heads) == len(rows[0])
    printed = text[len(before) : len(text) - len(after)]
    assert [" ".join(line.split()) for line in printed[-len(rows) :]] == [
        " ".join(" ".join(row).split()) for row in rows
    ]
    heading = " ".join(head for head, _ in heads).split()
    assert [line.split() for line in printed[: -len(rows)]] == ([heading] if heading else [])


def test_shares_of_what_is_not_finite_are_dashes_and_nothing_is_said_of_their_sum():
    x = Value(0.0, "x")
    assert str(paths(sqrt(x) * C, x)).splitlines() == [
        "dy/dx = inf, the sum over 1 path",
        *table(["path", "partials", "product", "share"], [["y > v1 > x", f"{g(C, 4)} * inf", "= inf", "-"]]),
    ]
