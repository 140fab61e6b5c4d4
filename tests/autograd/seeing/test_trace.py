"""The evaluation trace and the formula: text, HTML, LaTeX."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import GraphTooLarge, Value, errstate, formula, jvp, trace
from autograd.seeing.latex import latex_name, latex_number
from autograd.seeing.names import names
from autograd.seeing.steps import below
from autograd.testing.strategies import programs

# Baydin et al. 2018, tables 2 and 3: y = ln(x1) + x1 x2 - sin(x2) at (2, 5), with the tangent by x1.
PUBLISHED = {
    "x1": (2.0, 1.0, 5.5), "x2": (5.0, 0.0, 1.716), "v1": (0.693, 0.5, 1.0), "v2": (10.0, 5.0, 1.0),
    "v3": (10.693, 5.5, 1.0), "v4": (-0.959, 0.0, -1.0), "y": (11.652, 5.5, 1.0),
}  # fmt: skip


def example():
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    return x1, x2, ag.log(x1) + x1 * x2 - ag.sin(x2)


def last_numbers(row):
    return [float(cell.rpartition("= ")[2]) for cell in (row[2], row[5], row[8])]


def test_the_numbers_of_the_survey_s_tables():
    *_, y = example()
    found = {row[0]: last_numbers(row) for row in trace(y).table.rows}
    assert found.keys() == PUBLISHED.keys()
    for name, numbers in PUBLISHED.items():
        assert found[name] == pytest.approx(numbers, abs=6e-4), name


def test_symbols_and_numbers_of_each_column():
    *_, y = example()
    text = re.sub(" +", " ", str(trace(y, wrt="x2")))
    assert "v2 = x1 * x2 = 10 v2' = x1' * x2 + x2' * x1 = 0 * 5 + 1 * 2 = 2 dy/dv2 = dy/dv3 * 1 = 1 * 1 = 1" in text
    assert "dy/dx1 = dy/dv1 * (1 / x1) + dy/dv2 * x2 = 1 * 0.5 + 1 * 5 = 5.5" in text
    assert text.startswith("the tangent follows x2;")


@given(programs(inputs=2), st.floats(-2, 2), st.floats(-2, 2))
def test_tangents_are_jvp_s_and_adjoints_backward_s(program, a, b):
    with errstate("ignore"):
        x, y = Value(a), Value(b)
        root = program(x, y)
        if type(root) is not Value or y not in below(root):
            return
        found = trace(root, wrt=y)
        _, rate = jvp(program, (a, b), (0.0, 1.0))
        root.backward()
        assert repr(found.changes.get(root, 0.0) + 0.0) == repr(float(rate) + 0.0)
        assert repr(found.adjoints.get(y, 0.0) + 0.0) == repr(y.grad)


def test_the_first_leaf_is_followed_unless_another_is_named():
    x1, x2, y = example()
    assert trace(y).wrt is x1
    assert trace(y, wrt=x2).wrt is trace(y, "x2").wrt is x2


def test_a_leaf_alone_and_a_step_without_derivative():
    x = Value(2.0, "x")
    assert [cell.strip() for cell in trace(x).table.rows[0]] == ["x", "", "= 2", "x'", "", "= 1", "dx/dx", "", "= 1"]
    rows = trace(ag.floor(x) * 3.0).table.rows
    assert rows[0][-1] == "= 0"


def test_long_sums_are_cut_and_counted():
    xs = [Value(float(i)) for i in range(20)]
    text = str(trace(ag.sum(xs)))
    assert "... 14 more" in text
    assert r"\cdots \text{(14 more)}" in trace(ag.sum(xs)).latex()


def test_html_and_latex_say_the_same():
    *_, y = example()
    found = trace(y)
    page = found._repr_mimebundle_()
    assert page["text/plain"] == str(found) == repr(found)
    assert page["text/html"].count("<tr") == 8
    assert '<th scope="col" colspan="3"' in page["text/html"]
    latex = found.latex()
    assert latex.count(r"\\") == 7
    assert r"\dot{v}_{1} &= \dot{x}_{1} \cdot \frac{1}{x_{1}} = 1 \cdot 0.5 = 0.5" in latex
    assert r"\bar{v}_{4} &= \bar{y} \cdot \left(-1\right) = 1 \cdot \left(-1\right) = -1" in latex


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((1.0,), TypeError, r"trace\(\) expects a Value, got float"),
        ((Value(1.0, "a") * 2.0, "b"), ValueError, r"no leaf named 'b'; there are a"),
        ((Value(1.0) * 2.0, 3), TypeError, "a Value or its name, got int"),
        ((Value(1.0) * 2.0, Value(1.0)), ValueError, "a leaf of the graph, got another Value"),
        ((Value(1.0) * 2.0, None, 1), GraphTooLarge, "2 nodes, and writes up to 1"),
    ],
)
def test_bad_input_is_refused_by_name(args, error, message):
    with pytest.raises(error, match=message):
        trace(*args)


# formula


@pytest.mark.parametrize(
    ("make", "latex"),
    [
        (lambda a, b: a * b + ag.sin(a), r"a \cdot b + \sin\left(a\right)"),
        (lambda a, b: (a + b) ** 2.0, r"\left(a + b\right)^{2}"),
        (lambda a, b: (a**b) ** 2.0, r"\left(a^{b}\right)^{2}"),
        (lambda a, b: a ** (b + 1.0), "a^{b + 1}"),
        (lambda a, b: (a / b) ** 2.0, r"\left(\frac{a}{b}\right)^{2}"),
        (lambda a, b: a / (b / 2.0), r"\frac{a}{\frac{b}{2}}"),
        (lambda a, b: a - (b - 1.0), r"a - \left(b - 1\right)"),
        (lambda a, b: -(a + b), r"-\left(a + b\right)"),
        (lambda a, b: ag.exp(-a) ** 2.0, r"\left(e^{-a}\right)^{2}"),
        (lambda a, b: ag.sqrt(abs(a)), r"\sqrt{\left|a\right|}"),
        (lambda a, b: ag.maximum(a, 1e-7), r"\max\left(a, 10^{-7}\right)".replace("10^{-7}", r"1 \cdot 10^{-7}")),
        (lambda a, b: ag.log_ndtr(a), r"\operatorname{log\_ndtr}\left(a\right)"),
        (
            lambda a, b: ag.dot([a, 2.0], [b, 3.0], 1.0),
            r"1 + a \cdot b + 2 \cdot 3".replace(r"2 \cdot 3", r"2 \cdot 3"),
        ),
        (lambda a, b: a, "a"),
    ],
)
def test_formulas_in_latex(make, latex):
    found = formula(make(Value(1.5, "a"), Value(2.5, "b")))
    assert str(found) in (f"y = {latex}", latex)


def test_shared_parts_have_a_name_and_a_line_of_their_own():
    x = Value(0.5, "x")
    shared = ag.exp(x)
    assert str(formula(shared * (1.0 + shared))) == (
        "\\begin{aligned}\nv_{1} &= e^{x} \\\\\ny &= v_{1} \\cdot \\left(1 + v_{1}\\right)\n\\end{aligned}"
    )


def test_long_formulas_are_cut_into_lines_and_nothing_recurses():
    y = x = Value(0.5, "x")
    for _ in range(5000):
        y = ag.sin(y) + x
    lines = str(formula(y)).splitlines()
    assert max(map(len, lines)) < 400
    assert len(lines) > 500
    total = formula(ag.sum([Value(float(i), f"w{i}") for i in range(30)]))
    assert str(total) == r"y = w_{0} + w_{1} + w_{2} + \cdots + w_{29}"


def test_names_become_subscripts_greek_letters_or_text():
    assert [latex_name(n) for n in ("x", "x12", "theta", "Sigma2", "rate", "w_1")] == [
        "x", "x_{12}", r"\theta", r"\Sigma_{2}", r"\text{rate}", "w_{1}",
    ]  # fmt: skip
    assert latex_name("rate", "bar") == r"\overline{\text{rate}}"
    assert [latex_number(x) for x in (1e300, float("inf"), float("-inf"), float("nan"), 2.0)] == [
        r"1 \cdot 10^{300}", r"\infty", r"-\infty", r"\text{nan}", "2",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ['</script>"&<é', "a_b#c$d%e&f{g}h~i^j\\", "x" * 10_000, "\n\\end{aligned}"])
def test_no_name_can_break_latex_or_html(name):
    x = Value(1.0, name)
    for text in (formula(x * x), trace(x * x).latex()):
        bare = re.sub(r"\\[_#$%&{}]", "", text)
        assert bare.count("{") == bare.count("}")
        assert not re.findall(r"[#$%~<>\"]", bare)
        assert len(text) < 2000
    assert "</script>" not in trace(x * x).html()


def test_a_notebook_shows_a_formula_as_mathematics():
    x = Value(2.0, "x")
    assert formula(x * x)._repr_latex_() == r"$\displaystyle y = x \cdot x$"


def test_only_values_have_a_formula():
    with pytest.raises(TypeError, match=r"formula\(\) expects a Value, got str"):
        formula("x")


def test_a_network_s_formula_names_its_weights():
    model = nn.MLP(1, [1], rng=0)
    assert r"\text{layers[0].neurons[0].w[0]}" in formula(model([Value(1.0, "x")]))


def test_a_trace_is_written_when_it_is_made():
    x = Value(2.0, "x")
    found = trace(x * x)
    before = str(found), found.latex()
    x.data, x.name = 5.0, "renamed"
    assert (str(found), found.latex()) == before


def test_the_first_of_leaves_with_one_name_is_followed():
    x1, x2 = Value(1.0, "x"), Value(2.0, "x")
    assert trace(x1 * x2, "x").wrt is x1
    assert trace(x1 * x2, "x#2").wrt is x2


def test_a_graph_without_leaves_has_no_tangent():
    found = trace(ag.where(Value(0.0), Value(1.0), 2.0))
    assert found.wrt is None
    assert str(found).startswith("the tangent follows no leaf;")


@pytest.mark.parametrize(
    ("make", "latex"),
    [
        (lambda a, b: 2.5e-7**a, r"\left(2.5 \cdot 10^{-7}\right)^{a}"),
        (lambda a, b: ag.neg(-a), r"-\left(-a\right)"),
        (lambda a, b: a * -3.0, r"a \cdot \left(-3\right)"),
        (lambda a, b: a - ag.neg(-b) * -3.0, r"a - \left(-\left(-b\right) \cdot \left(-3\right)\right)"),
        (lambda a, b: a * 2e-7, r"a \cdot \left(2 \cdot 10^{-7}\right)"),
    ],
)
def test_negative_and_long_numbers_stand_in_parentheses(make, latex):
    assert str(formula(make(Value(1.5, "a"), Value(2.5, "b")))) == f"y = {latex}"


def test_names_that_latex_would_write_alike_are_told_apart():
    assert str(formula(Value(1.0, "x1") - Value(2.0, "x_1"))) == r"y = x_{1} - \text{x\_1}"
    y = u = Value(0.5, "u1")
    for _ in range(40):
        y = ag.sin(y + 0.25)
    assert str(formula(y)).count("&=") > 1
    assert not str(formula(y)).count("u_{1} &=")
    assert u.name == "u1"


# The numbers of every cell


def graph_of_all_kinds():
    x, w = Value(-2.0, "x"), Value(0.5, "w")
    h = ag.tanh(x * w - 3.0)
    return h * h + ag.exp(w) / x - ag.floor(w) * x


def products_of(text, times, minus=("", "")):
    """The factors of each product in a sum that a trace writes in numbers."""
    bare = text.replace(minus[0], "").replace(minus[1], "") if minus[0] else text
    return [[float(part) for part in product.split(times)] for product in bare.split(" + ")]


def test_every_cell_of_a_trace_has_the_engine_s_numbers_in_text_and_in_latex():
    root = graph_of_all_kinds()
    found = trace(root, wrt="w")
    nodes, plain = list(found.nodes), names(found.nodes, root)
    lines = found.latex().splitlines()[2:-1]
    for node, row, line in zip(nodes, found.table.rows, lines, strict=True):
        tangent = [
            (found.changes.get(arg, 0.0), d) for arg, d in zip(node.args, node.partials, strict=True) if d is not None
        ]
        adjoint = [
            (found.adjoints.get(user, 0.0), d)
            for user in nodes
            for arg, d in zip(user.args, user.partials, strict=True)
            if arg is node and d is not None
        ]
        cells = [part.split("&=") for part in re.split(r" & (?=\\|[a-z])", line.removesuffix(r" \\"))]
        for k, (terms, total) in enumerate(
            (([], node.data), (tangent, found.changes.get(node, 0.0)), (adjoint, found.adjoints.get(node, 0.0)))
        ):
            left, symbols, numbers = row[3 * k : 3 * k + 3]
            assert left == (plain[node], f"{plain[node]}'", f"d{plain[root]}/d{plain[node]}")[k]
            assert float(numbers.rpartition("= ")[2]) == float(f"{total:.6g}")
            written = cells[k][1].split(" = ")
            assert float(written[-1]) == float(f"{total:.6g}")
            if terms:
                expected = [[float(f"{x:.6g}") for x in pair] for pair in terms]
                assert products_of(numbers.removeprefix("= ").split(" = ")[0], " * ") == expected
                assert products_of(written[-2].strip(), r" \cdot ", (r"\left(", r"\right)")) == expected
                assert symbols.count(" * ") >= len(terms)


def test_a_negative_factor_of_a_trace_stands_in_brackets_in_latex_unless_it_comes_first():
    x, w = Value(-2.0, "x"), Value(-3.0, "w")
    lines = trace(x * w + w * -5.0, wrt="w").latex()
    assert r"= 0 \cdot \left(-3\right) + 1 \cdot \left(-2\right) = -2" in lines
    y = trace(ag.neg(x) * w - x, wrt="x").latex()
    assert r"= -1 \cdot \left(-3\right) + 0 \cdot 2 = 3" in y
    assert r"= 3 \cdot 1 + 1 \cdot \left(-1\right) = 2" in y
    z = trace(x - ag.neg(x) * 2.0 * 1.0 - ag.neg(x), wrt="x").latex()
    assert "+ -" not in z


@pytest.mark.parametrize(("count", "cut"), [(8, False), (9, True)])
def test_a_sum_of_up_to_eight_terms_is_written_out(count, cut):
    text = str(formula(ag.sum([Value(float(i), f"w{i}") for i in range(count)])))
    terms = [f"w_{{{i}}}" for i in range(count)]
    if cut:
        terms[3:-1] = [r"\cdots"]
    assert text == f"y = {' + '.join(terms)}"


@pytest.mark.parametrize(("count", "left_out"), [(6, 0), (7, 1)])
def test_up_to_six_products_of_a_rate_are_written_and_the_others_counted(count, left_out):
    x = Value(2.0, "x")
    found = trace(ag.sum([x * float(i + 1) for i in range(count)]))
    cell = found.table.rows[0][8]
    assert cell.count(" * ") == min(count, 6)
    assert (f"... {left_out} more" in cell) == bool(left_out)
    assert cell.endswith(f"= {count * (count + 1) // 2}")


def test_a_part_of_more_than_160_characters_gets_a_line_of_its_own():
    seen = set()
    for length in range(1, 40):  # of a name, so that a sum of four is of some 160 characters
        part = sum(Value(0.5, letter * length) for letter in "ABCD")
        written = len(str(formula(part))) - len("y = ")
        assert str(formula(ag.sin(part))).count("&=") == (2 if written > 160 else 0), written
        seen.add(written)
    assert {157, 161} <= seen


@pytest.mark.parametrize(("count", "lines"), [(1000, 1000), (1001, None)])
def test_a_trace_of_up_to_a_thousand_values_is_written(count, lines):
    y = Value(0.5, "x")
    for _ in range(count - 1):
        y = ag.sin(y)
    if lines is None:
        with pytest.raises(GraphTooLarge, match="1001 nodes, and writes up to 1000"):
            trace(y)
    else:
        assert len(trace(y).table.rows) == lines
