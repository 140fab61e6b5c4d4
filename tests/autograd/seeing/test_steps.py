"""The steps of the passes, and the tables made of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, errstate
from autograd.seeing import pass_tables
from autograd.seeing.names import find, names, result_name, shown
from autograd.seeing.steps import Backward, Forward, Seed, last_adjoints, steps
from autograd.testing.strategies import programs

TABLE = """\
forward
  x1             = 2
  x2             = 3
  v1  = x1 * x2  = 6
  v2  = sin(x1)  = 0.909297
  y   = v1 + v2  = 6.9093

backward
  dy/dy   = 1
  dy/dv1  += dy/dy * 1         = 1 * 1 = 1                  (0 -> 1)
  dy/dv2  += dy/dy * 1         = 1 * 1 = 1                  (0 -> 1)
  dy/dx1  += dy/dv1 * x2       = 1 * 3 = 3                  (0 -> 3)
  dy/dx2  += dy/dv1 * x1       = 1 * 2 = 2                  (0 -> 2)
  dy/dx1  += dy/dv2 * cos(x1)  = 1 * -0.416147 = -0.416147  (3 -> 2.58385)"""


def test_the_lecture_s_tables():
    x1, x2 = Value(2.0, name="x1"), Value(3.0, name="x2")
    assert pass_tables(x1 * x2 + ag.sin(x1)) == TABLE


def test_sums_in_a_product_stand_in_parentheses_and_own_names_are_kept():
    x = Value(2.0, name="x")
    y = ag.tan(x)
    y.name = "slope"
    assert "dslope/dx += dslope/dslope * (1 + slope * slope)" in " ".join(pass_tables(y).split())


def test_a_partial_with_branches_shows_the_one_that_holds():
    x = Value(3.0, name="x")
    assert "dy/dx += dy/dy * (2 * x) = 1 * 6 = 6" in " ".join(pass_tables(x**2).split())
    assert "dy/dx += dy/dy * 1 = 1 * 1 = 1" in " ".join(pass_tables(ag.elu(x)).split())
    assert "dy/dx += dy/dy * (sigmoid(x) * (1 + x * (1 - sigmoid(x))))" in " ".join(pass_tables(ag.silu(x)).split())


def test_the_result_and_what_has_no_name_get_names_that_are_free():
    y, v1 = Value(2.0, name="y"), Value(3.0, name="v1")
    table = " ".join(pass_tables(ag.exp(y * v1)).split())
    assert "v2 = y * v1 = 6 f = exp(v2)" in table
    assert "df/dy += df/dv2 * v1" in table


def test_variadic_nodes_and_numbers_have_their_lines():
    x = Value(2.0, name="x")
    table = " ".join(pass_tables(ag.dot([x, 1.0], [3.0, x])).split())
    assert "y = dot([x, 1], [3, x]) = 8" in table
    assert "dy/dx += dy/dy * 3 = 1 * 3 = 3 (0 -> 3) dy/dx += dy/dy * 1 = 1 * 1 = 1 (3 -> 4)" in table


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((3.0,), TypeError, r"steps\(\) expects a Value, got float"),
        ((Value(1.0), "x"), TypeError, r"steps\(\)"),
    ],
)
def test_steps_of_what_is_no_value_are_refused(args, error, message):
    with pytest.raises(error, match=message):
        steps(*args)


def test_names_are_told_apart_cut_and_fit_on_one_line():
    a, b, c = Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "layers[0].w")
    d, e = Value(4.0, "x" * 1000 + "\n"), Value(5.0, "scope.")
    root = ag.sum([a, b, c, d, e])
    called = names([a, b, c, d, e, root], root)
    assert [called[v] for v in (a, b, c, e, root)] == ["w", "w#2", "layers[0].w", "v1", "y"]
    assert len(called[d]) == 40
    assert called[d].isprintable()
    assert shown("short") == "short"


def test_a_number_taken_for_another_s_name_is_told_apart():
    a, b, c = Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "w#2")
    called = names([a, b, c], c)
    assert len(set(called.values())) == 3


def test_the_seed_scales_every_adjoint():
    x = Value(3.0)
    assert last_adjoints(steps(x * x, 2.0))[x] == 12.0


@given(programs(inputs=2), st.floats(-2, 2), st.floats(-2, 2))
def test_the_last_state_of_the_steps_is_what_backward_gives_and_nothing_is_changed(program, x, y):
    with errstate("ignore"):
        leaves = [Value(x), Value(y)]
        root = program(*leaves)
        found = steps(root)
        assert all(leaf.grad == 0.0 for leaf in leaves)
        last = last_adjoints(found)
        root.backward()
        for leaf in leaves:
            assert repr(last.get(leaf, 0.0) + 0.0) == repr(leaf.grad)


def test_forward_steps_come_first_and_arguments_before_what_is_made_of_them():
    a, b = Value(1.0), Value(2.0)
    y = (a * b) + ag.floor(a)
    found = steps(y)
    nodes = [step.node for step in found if isinstance(step, Forward)]
    assert nodes == [a, b, y.args[0], y.args[1], y]
    assert [type(step) for step in found] == [Forward] * 5 + [Seed] + [Backward] * 4
    assert found[-1].contribution == found[-1].adjoint * found[-1].partial


def test_long_calls_and_partials_are_cut():
    xs = [Value(float(i), f"x{i}") for i in range(100)]
    table = pass_tables(ag.logsumexp(xs))
    assert "y = logsumexp([x0, x1, x2, …, x99])" in " ".join(table.split())
    assert max(map(len, table.splitlines())) < 1000


def test_partials_that_take_floats_only_are_written_as_numbers_and_endless_ones_are_cut():
    wave = ag.Primitive("wave", math.sin, lambda x, y: math.cos(x))
    x = Value(0.5, "x")
    assert "dy/dx += dy/dy * 0.877583" in " ".join(pass_tables(wave(x)).split()).replace(
        "0.8775825618903728", "0.877583"
    )

    def long(x, y):
        for _ in range(3000):
            y = y * x
        return y

    assert "…" in pass_tables(ag.Primitive("long", lambda x: x, long)(x))


def test_formulas_are_written_under_no_grad_too():
    y = ag.sin(Value(0.5, "x"))
    with ag.no_grad():
        assert "cos(x)" in pass_tables(y)


def test_a_name_is_found_as_it_is_and_as_it_is_shown():
    a, b, c = Value(1.0, "layers[0].w"), Value(2.0, "w"), Value(3.0, "w")
    y = a * b * c
    nodes = [a, b, c, y]
    for name, node in (("layers[0].w", a), ("layers[0].w", a), ("w", b), ("w#2", c)):
        assert find(name, nodes, y, "f", "Value") is node
    with pytest.raises(ValueError, match=r"f\(\) has no leaf named 'u'"):
        find("u", nodes, y, "f", "leaf")


def test_the_result_has_one_name():
    y = Value(1.0, "y") * 2.0
    assert result_name([y.args[0], y], y) == names([y.args[0], y], y)[y] == "f"
    assert repr(ag.draw(y)).startswith("<drawing of f:")
    crowd = [Value(0.0, letter) for letter in "yfz"]
    assert result_name([*crowd, y], y) == "y1"
