"""rounding: where the digits of a result go, listed and drawn."""

import math
import re

import pytest

import autograd as ag
from autograd import Value, draw, exp, rounding


def test_rounding_tells_where_digits_go():
    x = Value(1e-9, "x")
    found = rounding((exp(x) - 1.0) / x)
    assert found.lost[0].node.op.name == "exp"
    assert found.digits == pytest.approx(7.0, abs=0.1)
    assert found.total == pytest.approx(1.1e-7, rel=0.01)
    assert "7.0 digits are sure" in str(found)
    assert "exp(x)" in str(found)
    stable = rounding(ag.expm1(x) / x)
    assert stable.digits > 15.0
    assert stable.ulps <= 2.0


def test_rounding_bounds_the_error_that_60_digits_show():
    from autograd.testing import evaluate

    for seed in range(20):
        x, y = Value(0.1 + 0.37 * seed), Value(3.3 - 0.1 * seed)
        root = ag.sin(x * y) * 1e3 + ag.log(x + y) / (x - y + 7.0) - exp(-x * x)
        assert abs(float(evaluate(root).value - root.data)) <= 4.0 * rounding(root).total
    with pytest.raises(TypeError, match="rounding"):
        rounding(1.0)
    many = Value(1.0)
    for _ in range(20):
        many = ag.sin(many + 0.1)
    assert "nodes more" in str(rounding(many))
    assert rounding(Value(0.0)).digits == math.inf
    with ag.errstate("ignore"):
        assert rounding(Value(0.0).log()).ulps == math.inf


def test_rounding_counts_each_step_of_a_sum_and_knows_no_digit_of_nan():
    terms = [Value(1e16), Value(1.0), Value(-1e16), Value(1.0)]
    found = rounding(ag.sum(terms))
    assert found.total >= 1.0
    assert found.digits == 0.0
    with ag.errstate("ignore"):
        assert rounding(Value(0.5) * math.nan).digits == 0.0
        assert rounding(exp(Value(800.0))).digits == 0.0
        v = Value(0.5)
        assert rounding(ag.sqrt(v - v) + 1.0).digits == 0.0
    assert rounding(Value(1e-200) * Value(1e-200) * 1e300).total > 0.0


def shown(drawing):
    """The text of a picture."""
    return re.sub(r"<[^>]+>", "\n", drawing.svg()).replace("\xa0", " ")


def test_the_picture_has_what_each_node_may_change_and_its_share():
    x = Value(1e-9, "x")
    found = rounding((exp(x) - 1.0) / x)
    text = shown(found.draw())
    assert "off 1.1e-07  100%" in text
    assert "data 1e-09" in text
    assert "grad 0\n" not in text
    assert text.count("off ") == 3  # leaves are as they are given
    assert "off " not in shown(draw(found.root))


def test_the_picture_takes_what_draw_takes():
    x = Value(1e-9, "x")
    found = rounding(exp(x) - 1.0)
    assert "grad 0\n" in shown(found.draw(show=("grad",)))
    with pytest.raises(ValueError, match="rankdir"):
        found.draw(rankdir="up")
    with ag.errstate("ignore"):
        infinite = rounding(exp(Value(800.0)) * 2.0)
    assert infinite.total == math.inf
    assert "%" not in shown(infinite.draw()).partition("dark){")[0]
    assert "%" not in str(infinite)
