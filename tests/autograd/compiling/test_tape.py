"""Tape: graphs as programs."""

import gc
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Primitive, Tape, TraceError, Value, compile, cos, dot, errstate, exp, grad, log, sin, where
from autograd import sum as total
from autograd.testing.strategies import programs

X, Y = Value(2.0, "x"), Value(3.0, "y")

cube = Primitive("cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)


def traced(f, count=2):
    """The tape of a function of so many numbers."""
    compiled = compile(f)
    with errstate("ignore"):
        compiled(*[0.5] * count)
    return compiled.tapes[0]


def written(tape):
    return [op.name for op, _ in tape.instructions]


def test_printed_it_is_the_lecture_s_evaluation_trace():
    tape = Tape(X * Y + sin(X), [X, Y])
    assert str(tape) == "v1 = x * y\nv2 = sin(x)\nv3 = v1 + v2\nreturn v3"


def test_common_parts_are_computed_once_also_when_their_arguments_commute():
    assert written(Tape(X * Y + Y * X, [X, Y])) == ["mul", "add"]
    assert written(Tape(X - Y + (Y - X), [X, Y])) == ["sub", "sub", "add"]
    assert written(traced(lambda x, y: sin(x * y) + cos(y * x))) == ["mul", "sin", "cos", "add"]


def test_constants_are_folded_and_negative_zero_is_its_own():
    assert written(traced(lambda x, y: x + where(1.0, exp(0.0), x))) == ["add"]
    assert traced(lambda x, y: x + 0.0).constants == [0.0]
    assert str(traced(lambda x, y: (x + 0.0) * (x + -0.0))).startswith("v1 = x + 0\nv2 = x + -0\n")


def test_what_no_output_needs_is_dropped():
    assert written(traced(lambda x, y: [sin(x), exp(y), x][0])) == ["sin"]
    assert written(traced(lambda x, y: (x * y) ** 0.0 + y)) == ["add"]


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x, y: x**2, ["mul"]),
        (lambda x, y: x**1, []),
        (lambda x, y: x**-1, ["truediv"]),
        (lambda x, y: x**0.5, ["pow"]),
        (lambda x, y: 1.0 * x * -1.0, ["neg"]),
        (lambda x, y: x / 4.0, ["mul"]),
        (lambda x, y: x / 3.0, ["truediv"]),
        (lambda x, y: (+x).pos(), []),
    ],
)
def test_constants_make_a_way_shorter_where_the_bits_stay(f, left):
    tape = traced(f)
    assert written(tape) == left
    for x in (-0.0, 1e-310, -3.0, float("inf")):
        with errstate("ignore"):
            assert repr(compile(f)(x, 0.0)) == repr(f(Value(x), Value(0.0)).data)


def test_sums_and_dots_stay_one_instruction_forward_and_backward():
    weights = [Value(0.1 * i, f"w{i}") for i in range(8)]
    tape = traced(grad(lambda x, y: dot(weights, [x, y] * 4) + total([x] * 5), argnums=(0, 1)))
    assert written(tape).count("mul") == 0
    assert len(tape) <= 3


def test_stages_tell_what_is_computed_once_per_call_and_what_for_each_row():
    w = Value(2.0, "w")
    tape = traced(lambda x, y: sin(w) * x + 1.0).staged([0])
    assert str(tape).splitlines() == [
        "once per call: y, w", "v1 = sin(w)", "for each row: x", "v2 = v1 * x", "v3 = v2 + 1", "return v3",
    ]  # fmt: skip


@given(programs(inputs=2, max_lines=8), st.floats(0.1, 2.0), st.floats(0.1, 2.0))
def test_the_source_is_python_that_computes_the_same(program, x, y):
    tape = traced(program)
    with errstate("ignore"):
        expected = program(Value(x), Value(y)).data
    scope = {}
    exec(tape.source("program"), scope)
    try:
        found = scope["program"](x, y)
    except (ValueError, ArithmeticError):
        return  # Python's own refusal
    assert found == pytest.approx(expected, rel=1e-9, nan_ok=True) or abs(expected) > 1e100


def test_the_source_imports_what_it_calls_and_names_primitives_of_one_s_own():
    text = traced(lambda x, y: cube(x) + sin(y) + exp(x * float("inf"))).source()
    assert text.startswith("import math\nfrom ")
    assert "test_tape.cube(x)" in text or "import cube" in text
    assert "math.inf" in text


def test_names_that_clash_or_are_no_names_get_numbers():
    a, b, c, d = Value(1.0, "a"), Value(2.0, "a"), Value(3.0), Value(4.0, "1 + 1")
    assert Tape(a + b + c + d, [a, b, c, d]).names == ["a", "a_1", "x_2", "x_3"]


@pytest.mark.parametrize("name", ["v1", "lambda", "math"])
def test_a_name_that_would_hide_another_in_the_source_gets_a_number(name):
    x = Value(0.5, name)
    y = sin(x) * x + x
    scope = {}
    exec(Tape(y, [x]).source(), scope)
    assert scope["f"](0.5) == y.data


def test_names_give_way_to_those_that_are_taken():
    a, c = Value(1.0, "a"), Value(3.0)
    assert Tape(a + c + Value(1.0, "x_1"), [a, c]).names == ["a", "x_2", "x_1"]


def test_a_choice_that_was_made_while_the_graph_was_built_stays():
    assert str(Tape(where(X > 0.0, X * 2.0, Y), [X, Y])) == "v1 = x * 2\nreturn v1"


def test_the_garbage_collector_is_left_as_it_was():
    for switch, on in ((gc.disable, False), (gc.enable, True)):
        switch()
        Tape(X * Y, [X, Y])
        assert gc.isenabled() is on


def test_leaves_that_are_no_inputs_are_read_at_each_run():
    w = Value(2.0, "w")
    run = compile(lambda x: w * x)
    assert run(3.0) == 6.0
    w.data = 5.0
    assert run(3.0) == 15.0
    assert run.tapes[0].closed == [w]


def test_what_was_computed_before_the_trace_keeps_its_value():
    w = Value(2.0)
    inner = w * 10.0
    run = compile(lambda x: inner * x)
    w.data = 7.0
    assert run(1.0) == 20.0
    assert pickle.loads(pickle.dumps(run.tapes[0])).numbers() == [20.0]


def test_a_tape_of_numbers_needs_no_instruction():
    tape = traced(lambda x, y: [x, 2.0, 3])
    assert len(tape) == 0
    assert str(tape) == "return x, 2, 3"


def test_bad_inputs_are_refused():
    with pytest.raises(TypeError, match=r"Tape\(\) expects Values as inputs, got float at 1"):
        Tape(X, [X, 2.0])
    with pytest.raises(TypeError, match=r"Tape\(\) takes a real number, got str"):
        Tape("x")


def test_a_traced_value_cannot_leave_its_trace():
    kept = []
    compile(lambda x: kept.append(x) or x)(1.0)
    with pytest.raises(TraceError, match="traced Value"):
        kept[0] + 1.0
    with pytest.raises(TraceError, match="of another trace"):
        compile(lambda x: x * kept[0])(1.0)


def test_nothing_recurses_and_the_work_grows_with_the_length():
    x = Value(0.5, "x")
    y = x
    for _ in range(30_000):
        y = sin(y)
    tape = Tape(y, [x])
    assert len(tape) == 30_000
    assert compile(lambda x: _chain(x, 20_000))(0.5) == _chain(Value(0.5), 20_000).data


def _chain(x, length):
    for _ in range(length):
        x = sin(x)
    return x


def test_a_graph_without_inputs_is_read_from_its_leaves():
    tape = Tape(log(X) * Y)
    assert [leaf.name for leaf in tape.closed] == ["x", "y"]
    assert np.allclose(tape.numbers(), [2.0, 3.0])


def test_what_a_rewrite_leaves_unused_is_dropped_and_the_rest_numbered_anew():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert str(Tape((a * b) ** 0.0 + a / b, [a, b])) == "v1 = a / b\nv2 = 1 + v1\nreturn v2"
