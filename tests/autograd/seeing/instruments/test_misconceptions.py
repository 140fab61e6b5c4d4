"""misconceptions: wrong engines are wrong as they are in real life, and the right column is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, errstate, misconceptions
from autograd.seeing.steps import below
from autograd.testing.strategies import programs


class Beginner:
    """micrograd's first steps, each mistake as it is made: a few lines, written anew here."""

    def __init__(self, value):
        self.value, self.grad = value, 0.0

    @staticmethod
    def graph(root):
        return {node: Beginner(node) for node in below(root)}

    @staticmethod
    def recurse(mirror, node):
        for arg, d in node.edges:
            mirror[arg].grad += mirror[node].grad * d
            Beginner.recurse(mirror, arg)


@given(programs(inputs=2, max_lines=5), st.floats(-2, 2), st.floats(-2, 2))
def test_the_right_column_is_backward_s_and_recursion_s_that_of_a_beginner(program, a, b):
    with errstate("ignore"):
        x, y = Value(a), Value(b)
        root = program(x, y)
        if type(root) is not Value:
            return
        found = misconceptions(root)
        root.backward()
        assert all(
            repr(found.right[leaf]) == repr(leaf.grad) for leaf in (x, y) if leaf in found.right and leaf is not root
        )
        mirror = Beginner.graph(root)
        mirror[root].grad = 1.0
        Beginner.recurse(mirror, root)
        recursed = found.mistakes[1].grads
        assert {node: repr(g) for node, g in recursed.items()} == {node: repr(m.grad) for node, m in mirror.items()}


def test_overwriting_keeps_the_last_path_only():
    a = Value(3.0, "a")
    found = misconceptions(a + a)
    assert found.right[a] == 2.0
    assert found.mistakes[0].grads[a] == 1.0
    assert found.mistakes[0].first == {a}


def test_micrograd_s_own_bug_of_two_backward_passes():
    x = Value(3.0, "x")
    square = x * x
    found = misconceptions(square * 1.0)
    assert found.mistakes[2].grads[x] == 3 * found.right[x]  # micrograd's inner nodes compound: three times, not twice


def test_a_chain_has_no_wrong_gradient_by_overwriting_or_recursing():
    x = Value(0.5, "x")
    found = misconceptions(ag.sin(ag.exp(x)))
    assert [mistake.first for mistake in found.mistakes[:2]] == [frozenset(), frozenset()]


def test_an_engine_that_would_never_come_to_an_end_is_told_to():
    x = Value(1.0, "x")
    y = x
    for _ in range(60):
        y = y + y
    found = misconceptions(y)
    assert found.mistakes[1].grads is None
    assert "never ends" in str(found)
    assert found.right[x] == 2.0**60


def test_the_first_wrong_number_of_each_engine_is_marked():
    x = Value(3.0, "x")
    square = x * x
    text = str(misconceptions(square + square))
    assert "v1  2      => 1       2         => 4" in text
    assert "x   12     != 3       => 18     != 36" in text


def test_only_values_are_looked_at():
    with pytest.raises(TypeError, match=r"misconceptions\(\) expects a Value, got int"):
        misconceptions(1)


def test_another_order_of_addition_is_no_mistake():
    x = Value(1.0)
    y = x * 0.2
    for c in (0.1, 0.9, 0.5):
        y = y + x * c
    assert misconceptions(y).mistakes[1].wrong == frozenset()


@pytest.mark.no_cover
@pytest.mark.no_cover
def test_a_large_tree_is_visited_to_its_end():
    found = misconceptions(ag.sum([Value(1.0) for _ in range(100_001)]))
    assert found.mistakes[1].grads is not None


def test_what_goes_wrong_on_its_own_is_marked_so():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    p, q = a * 1.0, b * 1.0
    overwriting = misconceptions(p * p + q * q).mistakes[0]
    assert overwriting.first == {p, q}
    assert overwriting.wrong == {p, q, a, b}
