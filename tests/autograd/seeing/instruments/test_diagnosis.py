"""diagnose: the first value and the first product that is not finite, the line, and the mend."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Value, diagnose, errstate, exp, log, log1p, norm_cdf, sigmoid, source_lines, sqrt
from autograd.rewrites import MEND, REWRITES
from autograd.seeing.instruments.mends import places
from autograd.seeing.names import names
from autograd.seeing.steps import Backward, below, steps
from autograd.testing.strategies import programs

MENDS = [rewrite for rewrite in REWRITES if rewrite.keeps == MEND]
LOGSUMEXP = (lambda a, b: log(exp(a) + exp(b)), (1000.0, 0.0), "logsumexp([a, b])", 1000.0)
# f, a point where it fails or loses digits, the rewrite, and its value there by mathematics
CASES = [
    LOGSUMEXP,
    (lambda a, b: log(ag.sum([exp(a), exp(b), exp(a)])), (-800.0, -900.0), "logsumexp([a, b, a])", math.log(2.0) - 800.0),
    (lambda a, b: exp(a) / (exp(a) + exp(b)), (1000.0, 1000.0), "exp(a - logsumexp([a, b]))", 0.5),
    (lambda a, b: log(exp(a) / (exp(b) + exp(a))), (-800.0, 0.0), "a - logsumexp([b, a])", -800.0),
    (lambda a, b: sqrt(a * a + b * b), (0.0, 0.0), "hypot(a, b)", 0.0),
    (lambda a, b: sqrt(a**2.0 + b**2.0), (1e200, 1e200), "hypot(a, b)", math.sqrt(2.0) * 1e200),
    (lambda a, b: log(sigmoid(a)) + b, (-800.0, 0.0), "logsigmoid(a)", -800.0),
    (lambda a, b: log(1.0 - sigmoid(a)) + b, (50.0, 0.0), "logsigmoid(-a)", -50.0),
    (lambda a, b: log(1.0 / (1.0 + exp(-a))) + b, (-800.0, 0.0), "logsigmoid(a)", -800.0),
    (lambda a, b: 1.0 / (1.0 + exp(-a)) + b, (-800.0, 0.0), "sigmoid(a)", 0.0),
    (lambda a, b: 1.0 / (1.0 + exp(a)) + b, (800.0, 0.0), "sigmoid(-a)", 0.0),
    (lambda a, b: log(1.0 / (1.0 + exp(a))) + b, (800.0, 0.0), "logsigmoid(-a)", -800.0),
    (lambda a, b: log(1.0 - 1.0 / (1.0 + exp(-a))) + b, (50.0, 0.0), "logsigmoid(-a)", -50.0),
    (lambda a, b: log(1.0 + exp(a)) + b, (800.0, 0.0), "softplus(a)", 800.0),
    (lambda a, b: log1p(exp(a)) + b, (800.0, 0.0), "softplus(a)", 800.0),
    (lambda a, b: log(1.0 + a) + b, (1e-20, 0.0), "log1p(a)", 1e-20),
    (lambda a, b: (exp(a) - 1.0) * b, (1e-20, 1.0), "expm1(a)", 1e-20),
    (lambda a, b: log(norm_cdf(a)) + b, (-60.0, 0.0), "log_ndtr(a)", -1805.013560680567),
    (lambda a, b: (exp(a) - exp(-a)) / (exp(a) + exp(-a)) + b, (800.0, 0.0), "tanh(a)", 1.0),
    (lambda a, b: sqrt(a * a) + b, (0.0, 0.0), "abs(a)", 0.0),
    (lambda a, b: sqrt(a**2.0) + b, (1e200, 0.0), "abs(a)", 1e200),
    (lambda a, b: a * log(b), (0.0, 0.0), "xlogy(a, b)", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "point", "text", "value"), CASES, ids=[f"{i} {case[2]}" for i, case in enumerate(CASES)])
def test_a_formula_with_a_better_one_is_named_with_its_value(f, point, text, value):
    a, b = Value(point[0], "a"), Value(point[1], "b")
    with errstate("ignore"):
        found = diagnose(f(a, b))
    (mend,) = found.mends
    assert mend.text == text
    assert mend.then == pytest.approx(value, rel=1e-12, abs=0.0)
    assert mend.text in str(found)


def test_every_rewrite_is_tried_by_a_case():
    tried = set()
    for f, point, _, _ in CASES:
        with errstate("ignore"):
            root = f(Value(point[0]), Value(point[1]))
        tried |= {match.rewrite for node in below(root) for match in list(places(node))[:1]}
    assert tried == set(MENDS)


@pytest.mark.parametrize("rewrite", MENDS, ids=range(len(MENDS)))
@given(x=st.floats(0.1, 3.0), y=st.floats(0.1, 3.0))
def test_a_rewrite_is_equal_to_its_formula_where_both_are_well(rewrite, x, y):
    names = rewrite.formula.__code__.co_varnames[: rewrite.formula.__code__.co_argcount]
    with errstate("ignore"):
        exps = [x, y, 0.3]
        numbers = {"x": x, "y": y, "xs": math.exp(x) + math.exp(y) + math.exp(0.3)}
        old = rewrite.formula(*(numbers[n] if n == "xs" else Value(numbers[n]) for n in names))
        new = rewrite.better(*(exps if n == "xs" else numbers[n] for n in names))
    old = old.data if type(old) is Value else old
    assert new == pytest.approx(old, rel=1e-9)


def test_formulas_that_only_look_alike_are_left_alone():
    a, b = Value(1.0), Value(1.0)
    with errstate("ignore"):
        for y in (sqrt(a * b + b * b), log(exp(a) + b), log(2.0 + a), exp(a) - 2.0, a / (1.0 + exp(-b)), sqrt(a**3.0)):
            assert not [m for node in below(y) for m in places(node) if m.node is y], y


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda a, b: log(exp(a) + 1.0), "softplus(a)"),
        (lambda a, b: log(a + 1.0), "log1p(a)"),
        (lambda a, b: 1.0 / (exp(-a) + 1.0), "sigmoid(a)"),
        (lambda a, b: log(b) * a, "xlogy(a, b)"),
        (lambda a, b: sqrt(b * b + a * a), "hypot(b, a)"),
        (lambda a, b: 1.0 - exp(a), None),
        (lambda a, b: (1.0 + exp(-a)) / 1.0, None),
        (lambda a, b: log(sigmoid(a) - 1.0), None),
        (lambda a, b: exp(b) / log(b), None),
    ],
)
def test_sums_and_products_are_known_in_either_order_and_differences_and_quotients_in_theirs(f, text):
    a, b = Value(0.5, "a"), Value(0.75, "b")
    with errstate("ignore"):
        y = f(a, b)
    found = [match.text(names(below(y), y)) for match in places(y)]
    assert found[:1] == ([text] if text else [])


def test_the_first_value_in_the_order_of_evaluation():
    x = Value(-1.0, "x")
    with errstate("ignore"):
        bad = log(x)
        y = bad * 2.0 + sqrt(x)
        found = diagnose(y)
    assert found.value is bad
    assert not found.healthy
    assert "first value    v1 = log(x) = nan, where x = -1" in str(found)


def test_a_leaf_that_is_nan_is_named():
    w = Value(math.nan, "w")
    assert "first value  w = nan, a leaf" in str(diagnose(w * 2.0))


def test_the_product_of_0_and_inf_is_found_where_every_value_is_finite():
    x = Value(0.0, "x")
    y = sqrt(x) * 0.0
    found = diagnose(y)
    assert found.value is None
    assert (found.product.adjoint, found.product.partial) == (0.0, math.inf)
    assert "dy/dx += dy/dv1 * dv1/dx = 0 * inf = nan, where v1 = sqrt(x) and dv1/dx = 1 / (2 * v1)" in str(found)


@given(programs(inputs=2), st.floats(-2, 2), st.floats(-2, 2))
def test_it_finds_something_exactly_where_something_is_not_finite(program, a, b):
    with errstate("ignore"):
        root = program(Value(a), Value(b))
        if type(root) is not Value:
            return
        found = diagnose(root)
        values = [node.data for node in below(root)]
        products = [step.contribution for step in steps(root) if isinstance(step, Backward)]
        assert (found.value is None) == all(map(math.isfinite, values))
        assert (found.product is None) == all(map(math.isfinite, products))
        assert str(found)


def test_a_healthy_graph_is_said_to_be_healthy():
    x = Value(2.0, "x")
    found = diagnose(x * x)
    assert found.healthy
    assert str(found) == (
        "all 2 values and every product of the backward pass are finite; no formula in it has a better one that is known here"
    )


def test_lost_digits_are_named_in_a_healthy_graph():
    x = Value(1e-20, "x")
    found = diagnose(log(1.0 + x))
    assert found.healthy
    assert "digits are lost" in str(found)
    assert "log1p(x) = 1e-20" in str(found)


def test_the_line_of_the_program_is_told_where_it_was_recorded():
    x = Value(0.0, "x")
    with errstate("ignore"), source_lines() as lines:
        root = sqrt(x)  # the culprit
        y = root * 0.0 + 1.0
        z = 1.0 / x
    assert len(lines) == 4
    assert "made in        test_diagnosis.py:" in str(diagnose(y, lines))
    assert "root = sqrt(x)  # the culprit" in str(diagnose(y, lines))
    assert "z = 1.0 / x" in str(diagnose(z, lines))
    assert lines.of(x) == ""
    assert "made in" not in str(diagnose(y))


def test_lines_inside_a_network_are_those_of_its_caller():
    model = nn.MLP(2, [2, 1], rng=0)
    with source_lines() as lines:
        y = model([1.0, 2.0])
    assert {lines.of(node).partition(": ")[2] for node in below(y) if node.op} == {"y = model([1.0, 2.0])"}


def test_a_line_of_a_notebook_is_told_as_of_a_cell():
    with source_lines() as lines:
        names = {"x": Value(2.0)}
        exec(compile("\ny = x * x", "a/ipykernel_12/345.py", "exec"), names)
        other = {"x": Value(2.0)}
        exec(compile("y = x * x", "a/b.py", "exec"), other)
    assert lines.of(names["y"]) == "cell:2"
    assert lines.of(other["y"]) == "b.py:1"


def test_lines_are_recorded_only_inside_the_context():
    with source_lines() as lines:
        pass
    y = Value(1.0) * 2.0
    assert len(lines) == 0
    assert lines.of(y) == ""


def test_only_values_are_diagnosed():
    with pytest.raises(TypeError, match=r"diagnose\(\) expects a Value, got float"):
        diagnose(1.0)


def test_a_healthy_softmax_is_left_alone():
    a, b = Value(1.0), Value(2.0)
    assert diagnose(exp(a) / (exp(a) + exp(b))).mends == ()
    assert diagnose(log(exp(a) / (exp(a) + exp(b)))).mends == ()


def test_a_constant_0_times_log_0_is_mended():
    p = Value(0.0, "p")
    with errstate("ignore"):
        (mend,) = diagnose(0.0 * log(p)).mends
    assert (mend.text, mend.then) == ("xlogy(0, p)", 0.0)


def test_a_sum_of_shared_exponentials_ends():
    s = exp(Value(1.0))
    for _ in range(60):
        s = s + s
    assert diagnose(log(s)).healthy


def test_what_was_changed_after_the_forward_pass_is_no_finding():
    x = Value(1.0)
    y = log(1.0 + exp(x))
    x.data = 2.0
    assert diagnose(y).mends == ()


def test_the_nan_hunt_of_a_logistic_loss_names_each_kind_once_and_the_culprit_first():
    total = 0.0
    with errstate("ignore"), source_lines() as lines:
        for z, y in [(1.0, 1.0), (50.0, 0.0), (2.0, 1.0), (60.0, 0.0), (-3.0, 1.0), (300.0, 1.0)]:
            p = 1.0 / (1.0 + exp(-Value(z)))
            total = total - (y * log(p) + (1.0 - y) * log(1.0 - p))
    found = diagnose(total, lines)
    assert [mend.text.partition("(")[0] for mend in found.mends] == ["logsigmoid", "xlogy"]
    assert found.mends[0].more == 1
    text = str(found)
    assert "(and 1 more like it)" in text
    assert text.index("first value") < text.index("instead of") < text.index("write")
    assert text.count("made in") == 4


def test_a_difference_that_the_result_does_not_feel_is_no_loss():
    x = Value(40.0)
    assert diagnose(log(sigmoid(x)) + 1.0).mends == ()
    assert len(diagnose(log(sigmoid(x))).mends) == 1
