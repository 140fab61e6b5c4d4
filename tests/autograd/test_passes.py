"""The steps of the passes, and the tables made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, errstate
from autograd.drawn import tables
from autograd.passes import Backward, Forward, Seed, adjoints, names, shown, steps
from autograd.strategies import programs

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
    assert tables(x1 * x2 + ag.sin(x1)) == TABLE


def test_sums_in_a_product_stand_in_parentheses_and_own_names_are_kept():
    x = Value(2.0, name="x")
    y = ag.tan(x)
    y.name = "slope"
    assert "dslope/dx += dslope/dslope * (1 + slope * slope)" in " ".join(tables(y).split())


def test_a_partial_with_branches_shows_the_one_that_holds():
    x = Value(3.0, name="x")
    assert "dy/dx += dy/dy * (2 * x ** 1) = 1 * 6 = 6" in " ".join(tables(x**2).split())
    assert "dy/dx += dy/dy * 1 = 1 * 1 = 1" in " ".join(tables(ag.elu(x)).split())
    assert "dy/dx += dy/dy * (sigmoid(x) + y * sigmoid(-x))" in " ".join(tables(ag.silu(x)).split())


def test_the_result_and_what_has_no_name_get_names_that_are_free():
    y, v1 = Value(2.0, name="y"), Value(3.0, name="v1")
    table = " ".join(tables(ag.exp(y * v1)).split())
    assert "v2 = y * v1 = 6 f = exp(v2)" in table
    assert "df/dy += df/dv2 * v1" in table


def test_variadic_nodes_and_numbers_have_their_lines():
    x = Value(2.0, name="x")
    table = " ".join(tables(ag.dot([x, 1.0], [3.0, x])).split())
    assert "y = dot(x, 1, 3, x) = 8" in table
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
    a, b, c = Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "layer0/w")
    d, e = Value(4.0, "x" * 1000 + "\n"), Value(5.0, "scope/")
    root = ag.sum([a, b, c, d, e])
    called = names([a, b, c, d, e, root], root)
    assert [called[v] for v in (a, b, c, e, root)] == ["w", "w#2", "layer0.w", "v1", "y"]
    assert len(called[d]) == 40
    assert called[d].isprintable()
    assert shown("short") == "short"


def test_a_number_taken_for_another_s_name_is_told_apart():
    a, b, c = Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "w#2")
    called = names([a, b, c], c)
    assert len(set(called.values())) == 3


def test_the_seed_scales_every_adjoint():
    x = Value(3.0)
    assert adjoints(steps(x * x, 2.0))[x] == 12.0


@given(programs(inputs=2), st.floats(-2, 2), st.floats(-2, 2))
def test_the_last_state_of_the_steps_is_what_backward_gives_and_nothing_is_changed(program, x, y):
    with errstate("ignore"):
        leaves = [Value(x), Value(y)]
        root = program(*leaves)
        found = steps(root)
        assert all(leaf.grad == 0.0 for leaf in leaves)
        last = adjoints(found)
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
