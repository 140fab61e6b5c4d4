"""Strategies: points in domains and random programs."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

import autograd
from autograd import PRIMITIVES, Primitive, Value, errstate
from autograd.symbols import Symbol
from autograd.testing.strategies import Program, expressions, numbers, points, programs, structures, values
from autograd.trees import take_apart


@given(st.data())
def test_points_lie_inside_the_domain(data):
    row = data.draw(st.sampled_from(list(PRIMITIVES.values())))
    point = data.draw(points(row))
    if not row.variadic:
        assert all(low <= x <= high for x, (low, high) in zip(point, row.domain, strict=True))
    with errstate("ignore"):
        assert type(row.value(point)) is float


@given(numbers((0.0, 1.0), size=0.5))
def test_numbers_are_strictly_inside_and_no_larger_than_asked(x):
    assert 0.0 < x <= 0.5


@given(programs(inputs=3, max_lines=5))
def test_programs_run_on_numbers_and_values_and_print_as_source(program):
    with errstate("ignore"):
        number, value = program(0.5, 1.5, -0.5), program(Value(0.5), Value(1.5), Value(-0.5))
    assert number == value.data or number != number
    world = {}
    exec(repr(program), world)
    with errstate("ignore"):
        again = world["f"](0.5, 1.5, -0.5)
    assert again == number or number != number


def test_a_program_s_source_names_inputs_results_and_constants():
    rows = PRIMITIVES
    program = Program(2, ((rows["mul"], (0, 1)), (rows["pow"], (2, 3.0))), (2.0, 0.5))
    assert repr(program) == (
        "from autograd import mul, pow\n\ndef f(x0, x1):\n    v0 = mul(x0, x1)\n    v1 = pow(v0, 3.0)\n    return v1\nf(2.0, 0.5)"
    )
    assert program(2.0, 0.5) == 1.0


@given(programs(rows=[PRIMITIVES["sin"], PRIMITIVES["add"]]))
def test_programs_may_be_limited_to_some_rows(program):
    assert {row.name for row, _ in program.lines} <= {"sin", "add"}


@pytest.mark.parametrize("interval", [(0.0, 1.0), (-math.inf, math.inf), (0.0, math.inf), (-math.inf, 0.0), (2.0, 3.0)])
def test_edges_are_next_to_the_ends_zeros_of_both_signs_tiny_subnormal_and_huge(interval):
    drawn = set()

    @settings(max_examples=400, database=None, derandomize=True)
    @given(points(interval, size=math.inf))
    def collect(x):
        assert interval[0] < x < interval[1]
        drawn.add(repr(x))

    collect()
    found = set(map(float, drawn))
    low, high = interval
    if low == 0.0:
        assert 5e-324 in found
        assert 1e-300 in found
    if high == 1.0:
        assert math.nextafter(1.0, 0.0) in found
    if high == math.inf:
        assert 1e300 in found or low == 2.0
    if low == -math.inf and high == math.inf:
        assert {"0.0", "-0.0", "5e-324", "-5e-324"} <= drawn


@pytest.mark.parametrize("name", ["relu", "maximum", "clip", "hypot", "floor", "leaky_relu"])
def test_points_without_a_derivative_come_when_asked_for(name):
    row = PRIMITIVES[name]

    def stands(point):
        return 0.0 in row.kinks(*point)

    assert find(points(row, 5.0, kinks=True), stands, settings=settings(database=None, derandomize=True))
    ordinary = []

    @settings(max_examples=50, database=None, derandomize=True)
    @given(points(row, 5.0, edges=False))
    def collect(point):
        ordinary.append(stands(point))

    collect()
    assert sum(ordinary) < len(ordinary)


def test_values_are_fresh_leaves():
    one = find(values((0.0, 1.0), name="p"), lambda v: v.data > 0.5)
    assert (one.op, one.name) == (None, "p")


@given(structures())
def test_structures_have_a_number_at_least_and_are_made_of_what_python_and_numpy_have(tree):
    form, leaves = take_apart(tree)
    assert form.size >= 1
    assert all(type(leaf) is float or isinstance(leaf, np.ndarray) for leaf in leaves)


def test_structures_are_of_every_kind():
    kinds = {list: 0, tuple: 0, dict: 0, np.ndarray: 0, float: 0}

    @settings(max_examples=300, database=None, derandomize=True)
    @given(structures())
    def collect(tree):
        kinds[type(tree)] += 1

    collect()
    assert all(kinds.values()), kinds


@settings(max_examples=200)
@given(expressions())
def test_expressions_are_finite_at_their_point_and_their_source_gives_the_same(f):
    value = f(*f.point)
    assert math.isfinite(value)
    world = {}
    exec(repr(f), world)
    assert world["f"](*f.point) == value
    used = {ref for _, refs in f.lines for ref in refs if isinstance(ref, int)}
    assert used >= set(range(f.inputs, f.inputs + len(f.lines) - 1))  # no line is there for nothing


def test_a_thousand_expressions_share_steps_have_constants_and_many_nodes():
    shared, constants, sizes = 0, 0, []

    @settings(max_examples=300, database=None, derandomize=True)
    @given(expressions(max_nodes=8, arity=2))
    def collect(f):
        nonlocal shared, constants
        refs = [ref for _, refs in f.lines for ref in refs]
        places = [ref for ref in refs if isinstance(ref, int)]
        shared += len(places) > len(set(places))
        constants += len(places) < len(refs)
        sizes.append(len(f.lines))
        assert f.inputs == 2

    collect()
    assert shared > 60
    assert constants > 60
    assert max(sizes) >= 6


def test_an_expression_shrinks_to_the_smallest_that_fails():
    has_sine = lambda f: any(row.name == "sin" for row, _ in f.lines)  # noqa: E731
    settled = settings(database=None, max_examples=2000)  # a search may stop early, four hardly do
    small = [find(expressions(max_nodes=10), has_sine, random=Random(seed), settings=settled) for seed in range(4)]
    assert ["sin"] in [[row.name for row, _ in f.lines] for f in small]


def tanh(x):
    """A function of the name of a primitive."""
    return x * x


def test_points_are_asked_for_by_a_primitive_its_function_or_its_name():
    for op in (autograd.sqrt, "sqrt", PRIMITIVES["sqrt"]):
        assert find(points(op), lambda point: len(point) == 1)[0] > 0.0
    for wrong in (tanh, "guess", (1.0, 0.0), (0.0,), 3.0):
        with pytest.raises(ValueError, match=r"points\(\) expects"):
            points(wrong)


@pytest.mark.parametrize("name", ["truediv", "pow"])
def test_poles_come_on_request_only(name):
    row = PRIMITIVES[name]

    @settings(max_examples=300, database=None)
    @given(points(row, 5.0))
    def is_finite(point):
        with errstate("ignore"):
            assert math.isfinite(row.value(point)) or 0.0 not in point

    is_finite()
    pole = find(points(PRIMITIVES["truediv"], 5.0, kinks=True), lambda point: point[1] == 0.0)
    assert pole[1] == 0.0


OWN_CUBE = Primitive("own_cube", lambda x: x**3, lambda x, y: 3.0 * x * x)
cube_by_another_name = OWN_CUBE


def test_a_program_with_primitives_of_one_s_own_runs_as_it_is_printed():
    hidden = Primitive("hidden", lambda x: x**2, lambda x, y: 2.0 * x)
    program = Program(1, ((OWN_CUBE, (0,)), (PRIMITIVES["sin"], (1,))), (0.5,))
    assert f"from {__name__} import OWN_CUBE as own_cube" in repr(program)
    made = {}
    exec(program.source, made)
    assert made["f"](0.5) == program(0.5)
    assert "# not imported: hidden" in Program(1, ((hidden, (0,)),)).source
    assert pretty(program) == repr(program)


def test_ops_are_primitives_functions_or_names_and_others_are_refused():
    own = Primitive("own_op", lambda x: x * x, lambda x, y: 2.0 * x)
    drawn = set()

    @settings(max_examples=60, database=None, derandomize=True)
    @given(expressions([own, autograd.sin, "mul"]))
    def collect(f):
        drawn.update(row.name for row, _ in f.lines)

    collect()
    assert drawn == {"own_op", "sin", "mul"}
    for wrong in (["guess"], [lambda x: x], [tanh], [], ["floor", "lt"]):
        with pytest.raises(ValueError, match=r"expressions\(\) expects"):
            expressions(wrong)
        with pytest.raises(ValueError, match=r"programs\(\) expects"):
            programs(rows=wrong)
    for no_list in (autograd.sin, "sin", PRIMITIVES["sin"]):
        with pytest.raises(TypeError, match="expects a list of primitives"):
            expressions(no_list)
    assert find(programs(rows=[autograd.sin]), lambda f: True).lines[0][0].name == "sin"
    counted = find(
        expressions(["polygamma"], arity=1),
        lambda f: bool(f.lines),
        settings=settings(database=None, derandomize=True, max_examples=500),
    )
    assert counted.lines[0][1][0] in (0.0, 1.0, 2.0, 3.0, 4.0)
    nothing_fits = find(expressions([autograd.acosh], arity=1), lambda f: not f.lines)
    assert nothing_fits(*nothing_fits.point) == nothing_fits.point[0]
    assert repr(nothing_fits).startswith("def f(x0):\n    return x0")


def test_symbols_print_with_the_parentheses_they_need():
    x, y = Symbol("x"), Symbol("y")
    for expression, text in [
        (x - (y - 1.0), "x - (y - 1)"),
        (-(x + y) * 2.0, "-(x + y) * 2"),
        ((x * y) ** 2.0, "(x * y) ** 2"),
        (x ** (y**2.0), "x ** y ** 2"),
        ((x**y) ** 2.0, "(x ** y) ** 2"),
        (2.0 / (x / y), "2 / (x / y)"),
        (x > 0.5, "x > 0.5"),
        (x <= 0.5, "x <= 0.5"),
        (-2.0 * x, "-2 * x"),
        (x - -0.1, "x - -0.1"),
        (abs(x) + 1e-300, "abs(x) + 1e-300"),
    ]:
        assert repr(expression) == text
