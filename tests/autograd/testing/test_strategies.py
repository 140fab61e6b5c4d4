"""Strategies: points in domains and random programs."""

from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, Value, errstate
from autograd.symbols import Symbol
from autograd.testing.strategies import Program, numbers, points, programs


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
