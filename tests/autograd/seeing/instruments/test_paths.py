"""paths: a gradient is the sum over its paths."""

from itertools import islice, pairwise
from math import fsum, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, errstate, paths
from autograd.seeing.steps import last_adjoints, steps
from autograd.testing.strategies import programs


def every_path(root, leaf):
    """All products, by plain recursion: a definition that shares nothing with the search."""
    if root is leaf:
        yield 1.0
        return
    for arg, d in root.edges:
        for rest in every_path(arg, leaf):
            yield d * rest


@given(programs(inputs=2, max_lines=6), st.floats(0.5, 2), st.floats(0.5, 2))
def test_they_are_all_the_paths_largest_first_and_sum_to_the_gradient(program, a, b):
    with errstate("ignore"):
        x, y = Value(a), Value(b)
        root = program(x, y)
        products = list(islice(every_path(root, x), 2000)) if type(root) is Value else []
        if not products or len(products) == 2000 or any(isnan(p) or abs(p) == float("inf") for p in products):
            return
        found = paths(root, x, most=len(products))
    assert found.count == len(products) == len(found.largest)
    sizes = [abs(path.product) for path in found.largest]
    assert sizes == pytest.approx(sorted(map(abs, products), reverse=True), rel=1e-12, abs=0.0)
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(sizes))
    scale = fsum(map(abs, products))
    assert abs(fsum(path.product for path in found.largest) - found.grad) <= 1e-13 * scale
    assert found.grad == last_adjoints(steps(root))[x]
    assert found.size == pytest.approx(scale)


def test_a_path_runs_from_the_result_to_the_leaf_with_its_partials():
    x = Value(3.0, "x")
    square = x * x
    y = ag.sin(square) * 2.0
    path = paths(y, x).largest[0]
    assert path.nodes == (y, y.args[0], square, x)
    assert path.partials[0] == 2.0
    assert path.partials[2] == 3.0
    assert path.share == 0.5


def test_more_paths_than_can_be_listed_are_counted_and_the_largest_still_found():
    x = Value(1.0, "x")
    y = x
    for _ in range(200):
        y = y * 0.5 + y * 0.25
    found = paths(y, x, most=3)
    assert found.count == 2**200
    assert found.largest[0].product == 0.5**200
    assert found.grad == pytest.approx(0.75**200)
    text = str(found)
    assert "the sum over 1.61e+60 paths; the 3 largest" in text
    assert "the others add" in text
    assert "..." in text


def test_cancellation_is_told():
    x = Value(1.0, "x")
    found = paths(1e6 * x - 999_999.0 * x, x)
    assert found.grad == 1.0
    assert found.cancelled == pytest.approx(1.0 - 1.0 / 1_999_999.0)
    assert "cancels" in str(found)
    assert paths(x * 2.0 + x, x).cancelled == 0.0


def test_a_value_that_no_derivative_reaches_has_no_path():
    x = Value(1.5, "x")
    found = paths(ag.floor(x) * 2.0, x)
    assert (found.count, found.grad, found.cancelled) == (0, 0.0, 0.0)
    assert str(found) == "dy/dx = 0, the sum over 0 paths"


def test_the_result_itself_is_one_empty_path():
    x = Value(1.5, "x")
    assert (paths(x, x).count, paths(x, x).grad) == (1, 1.0)


def test_a_nan_comes_first():
    x = Value(0.0, "x")
    with errstate("ignore"):
        found = paths(ag.sqrt(x) * 0.0 + x, x)
    assert isnan(found.grad)
    assert isnan(found.largest[0].product)


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((1.0, Value(1.0)), TypeError, r"paths\(\) expects a Value, got float"),
        ((Value(1.0), "x"), ValueError, r"paths\(\) has no Value named 'x'"),
        ((Value(1.0), Value(1.0)), ValueError, "does not depend on"),
        ((Value(1.0) * 2.0, None), TypeError, "got NoneType"),
    ],
)
def test_bad_input_is_refused_by_name(args, error, message):
    with pytest.raises(error, match=message):
        paths(*args)


def test_a_number_of_paths_that_is_none_is_refused():
    x = Value(1.0)
    with pytest.raises(ValueError, match="most to be a whole number above 0, got 0"):
        paths(x * x, x, most=0)


@pytest.mark.parametrize("factor", [1.0, 0.9])
def test_paths_of_one_size_do_not_multiply_the_work(factor):
    x = Value(1.0, "x")
    y = x
    for _ in range(300):
        y = factor * y + factor * y
    found = paths(y, x, most=5)
    assert len(found.largest) == 5
    assert all(path.product == pytest.approx(factor**300) for path in found.largest)


def test_products_that_under_or_overflow_on_the_way_keep_their_place():
    x = Value(1.0, "x")
    with errstate("ignore"):
        found = paths(((x * 1e-200) * 1e-200) * 1e200 + x * 1e-250, x)
    assert [len(path.nodes) for path in found.largest] == [5, 3]


def test_a_number_of_paths_of_thousands_of_digits_is_told():
    x = Value(1.0, "x")
    y = x
    for _ in range(15_000):
        y = 1.0 * y + 0.0 * y
    assert "the sum over about 10^4515 paths" in str(paths(y, x, most=1))


def test_a_report_does_not_change_with_the_graph():
    x = Value(3.0, "x")
    found = paths(x * x, x)
    before = str(found)
    x.name = "renamed"
    assert str(found) == before


def test_a_leaf_is_found_by_its_name_and_shares_of_nan_are_left_out():
    x = Value(0.0, "x")
    assert paths(x * 2.0, "x").grad == 2.0
    with errstate("ignore"):
        assert "%" not in str(paths(ag.sqrt(x) * 0.0, "x"))
