"""Value among Python's protocols, and its backward pass."""

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import PRIMITIVES, GraphError, Value, errstate, grad, no_grad
from autograd.testing.strategies import programs

# Construction


@pytest.mark.parametrize(
    "x", [2, 2.0, True, Fraction(1, 2), np.float64(2), np.float32(0.5), np.int64(3), np.bool_(True)]
)
def test_any_real_number_becomes_a_float(x):
    assert type(Value(x).data) is float
    assert Value(x).data == float(x)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_nan_and_inf_are_numbers(x):
    assert repr(Value(x).data) == repr(x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ("3", TypeError, r"Value\(\) takes a real number, got str"),
        (None, TypeError, r"Value\(\) takes a real number, got NoneType"),
        ([1], TypeError, "got list"),
        (Decimal(1), TypeError, "got Decimal"),
        (1 + 2j, TypeError, r"got complex, which is not supported: pass \.real"),
        (np.array(1.0), TypeError, r"pass \.item\(\)"),
        (np.array([1.0]), TypeError, "an array"),
        (Value(1.0), TypeError, "got Value"),
        (10**400, OverflowError, "int too large for a float"),
    ],
)
def test_what_is_no_real_number_is_refused_by_name(x, error, message):
    with pytest.raises(error, match=message):
        Value(x)


def test_a_name_is_a_str_and_python_s_own_errors_call_value_by_its_name():
    with pytest.raises(TypeError, match=r"Value\(\) takes a str as its name, got int"):
        Value(1, 2)
    with pytest.raises(TypeError, match=r"Value\(\) got 'label': .* micrograd's label is name here"):
        Value(1.0, label="w")


@pytest.mark.parametrize(
    ("name", "here"),
    [("_prev", "args"), ("_children", "args"), ("_op", "op"), ("label", "name"), ("_backward", "partials")],
)
def test_what_micrograd_calls_otherwise_is_named(name, here):
    for v in (Value(1.0), Value(1.0) * 2.0):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'; micrograd's {name} is {here} here"):
            getattr(v, name)
    with pytest.raises(
        TypeError, match=f"Value\\(\\) got '{name}': it takes data and name; micrograd's {name} is {here} here"
    ):
        Value(1.0, **{name: "a"})
    with pytest.raises(AttributeError, match=r"'Value' object has no attribute 'missing'$"):
        Value(1.0).missing  # noqa: B018


def test_tab_completion_offers_what_is_for_users():
    offered = {name for name in dir(Value(1.0)) if not name.startswith("_")}
    rows = {row.name for row in PRIMITIVES.values() if not row.helper}
    assert {"data", "grad", "name", "op", "args", "partials", "backward", "sin", "logsumexp"} - offered <= {"logsumexp"}
    assert offered <= {"data", "grad", "name", "op", "args", "partials", "backward"} | rows


@pytest.mark.parametrize("grad", [None, "0", [0.0], Value(0.0), np.zeros(1)])
def test_a_gradient_can_be_set_to_numbers_only_and_nothing_changes_else(grad):
    x = Value(2.0)
    (x * x).backward()
    with pytest.raises(TypeError, match=r"Value\.grad \(0\.0 where there is none\) takes a real number"):
        x.grad = grad
    assert x.grad == 4.0
    x.grad = 0
    assert repr(x.grad) == "0.0"


def test_an_array_of_shape_none_is_an_operand_on_either_side():
    two = np.array(2.0)
    for kind in (two, two.astype("float32"), np.array(2), two.reshape(())):
        v = Value(3.0)
        for y in (v * kind, kind * v, v + kind, kind - v, v / kind, kind / v, v**kind, kind**v):
            assert type(y) is Value
        assert (v * kind).data == (kind * v).data == 6.0
        assert (v**kind).data == 9.0
        assert ag.maximum(v, kind).data == ag.maximum(kind, v).data == v.maximum(kind).data == 3.0
        assert v > kind
        assert kind < v
        assert ag.where(kind, v, kind) is not None
        assert ag.sin(kind) == math.sin(2.0)
        assert ag.logsumexp([v, kind]).data == pytest.approx(math.log(math.exp(3.0) + math.exp(2.0)))
    with pytest.raises(TypeError, match=r"pass \.item\(\)"):
        Value(two)
    assert ag.grad(lambda x: x * x)(two) == 4.0
    assert ag.compile(lambda x: x * x)(two) == 4.0


def test_numpy_s_std_and_var_work_on_values():
    vs = np.array([Value(1.0), Value(2.0), Value(4.0)])
    assert np.std(vs).data == pytest.approx(np.std([1.0, 2.0, 4.0]))
    assert np.var(vs).data == pytest.approx(np.var([1.0, 2.0, 4.0]))
    slopes = ag.grad(lambda x: np.std(x))(np.array([1.0, 2.0, 4.0]))
    assert slopes == pytest.approx((np.array([1.0, 2.0, 4.0]) - 7.0 / 3.0) / 3.0 / np.std([1.0, 2.0, 4.0]))
    x = Value(1.0)
    assert x.conjugate() is x


def test_a_leaf_has_no_op_and_no_args_and_an_inner_node_both():
    a = Value(2.0, name="a")
    y = a * 3
    assert (a.op, a.args, a.partials, a.name, a.grad) == (None, (), (), "a", 0.0)
    assert (y.op.name, y.args, y.partials, y.name) == ("mul", (a, 3.0), (3.0, None), None)
    assert type(y.args[1]) is float


# Protocols


def test_repr_and_format():
    v = Value(1.23456)
    assert repr(v) == "Value(data=1.23456, grad=0.0)"
    assert f"{v:.2f}" == "1.23"
    assert f"{v}" == "1.23456"


def test_equality_is_identity_and_values_are_hashable():
    a, b = Value(2.0), Value(2.0)
    assert a == a
    assert a != b
    assert a != 2.0
    assert a != pytest.approx(2.0)
    assert len({a, b, a}) == 2


def test_comparisons_compare_data():
    a, b = Value(1.0), Value(2.0)
    assert a < b <= 2
    assert b > a >= 1.0
    assert a > 0
    assert np.float64(3.0) > a
    assert max([a, b]) is b
    assert min(a, b) is a
    assert sorted([b, a]) == [a, b]
    for compare in (lambda: a < "1", lambda: a >= None, lambda: a > [], lambda: a <= ()):
        with pytest.raises(TypeError, match="not supported between"):
            compare()


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (bool, r"no truth value: compare its \.data, or choose with autograd\.where"),
        (float, r"take \.data"),
        (math.sin, r"autograd\.sin"),
        (int, r"take \.data"),
        (complex, r"take \.data"),
        (lambda v: [1, 2][v], r"take \.data"),
        (round, r"autograd\.floor"),
        (lambda v: round(v, 2), r"autograd\.floor"),
        (math.floor, r"autograd\.floor"),
        (math.ceil, r"autograd\.ceil"),
        (math.trunc, r"autograd\.floor"),
        (lambda v: v // 2, r"autograd\.floor"),
        (lambda v: 2 // v, r"autograd\.floor"),
        (lambda v: v % 2, r"autograd\.floor"),
        (lambda v: divmod(v, 2), r"autograd\.floor"),
        (lambda v: np.array([v], dtype=float), r"take \.data"),
    ],
)
def test_what_would_lose_the_graph_is_refused_and_names_the_way_out(convert, message):
    with pytest.raises(TypeError, match=message):
        convert(Value(1.0))


@pytest.mark.parametrize("join", [lambda a, b: a & b, lambda a, b: a | b, lambda a, b: True & a, lambda a, b: a & "x"])
def test_only_conditions_are_joined(join):
    with pytest.raises(TypeError, match="unsupported operand"):
        join(Value(1.0), Value(2.0))
    with pytest.raises(TypeError, match="unsupported operand"):
        ag.compile(lambda x: (x > 0.0) & "x")(1.0)


@pytest.mark.parametrize("join", [lambda x: (x > 0.0) & x, lambda x: x & (x > 0.0), lambda x: (x > 0.0) | (x * x)])
def test_a_number_is_no_condition_while_it_is_traced_either(join):
    for run in (join, ag.compile(join)):
        with pytest.raises(TypeError, match="unsupported operand"):
            run(Value(1.0) if run is join else 1.0)


def test_a_class_with_a_method_called_apply_is_no_value():
    class Table:
        def apply(self, *args):
            return self

    for call in (lambda: ag.sin(Table()), lambda: ag.flatten([Table()]), lambda: ag.grad(ag.sin)(Table())):
        with pytest.raises(TypeError, match="takes a real number, got Table"):
            call()


def test_sum_and_prod_work_and_sum_starts_without_a_node():
    a, b = Value(2.0), Value(3.0)
    total = sum([a, b])
    assert (total.data, total.args) == (5.0, (a, b))
    assert math.prod([a, b]).data == 6.0
    assert 0 + a is a


def test_augmented_assignment_rebinds():
    a = b = Value(1.0)
    a += 2
    assert (a.data, b.data) == (3.0, 1.0)


@pytest.mark.parametrize("other", ["1", None, [1.0], {}, object()])
def test_an_unknown_operand_is_a_type_error_of_python_s_own(other):
    v = Value(1.0)
    for op in (
            lambda: v + other, lambda: v - other, lambda: v * other, lambda: v / other, lambda: v**other,
            lambda: other + v, lambda: other - v, lambda: other * v, lambda: other / v, lambda: other**v,
        ):  # fmt: skip
        with pytest.raises(TypeError, match=r"unsupported operand|are no operands for it|can only concatenate"):
            op()


def test_a_complex_operand_is_told_about_real():
    with pytest.raises(TypeError, match=r"pass \.real"):
        Value(1.0) * 1j


def test_another_type_may_take_over_arithmetic():
    class Other:
        def __radd__(self, left):
            return "taken"

    assert Value(1.0) + Other() == "taken"


def test_a_method_of_two_arguments_refuses_what_is_no_number():
    with pytest.raises(TypeError, match=r"maximum\(\) takes a real number, got str"):
        Value(1.0).maximum("2")


def test_numpy_values_in_values_out():
    v, w = Value(2.0), Value(3.0)
    for result, data in [
        (np.float64(2) * v, 4.0),
        (v * np.int64(3), 6.0),
        (np.int64(1) - v, -1.0),
        (np.float64(1) / v, 0.5),
        (np.float32(2) ** v, 4.0),
    ]:
        assert type(result) is Value
        assert result.data == data
    pair = np.array([v, w])
    assert pair.dtype == object
    assert [x.data for x in np.exp(pair)] == [math.exp(2.0), math.exp(3.0)]
    assert [x.data for x in np.array([1.0, 2.0]) * v] == [2.0, 4.0]
    assert [x.data for x in v * np.array([1.0, 2.0])] == [2.0, 4.0]
    assert (np.array([[1.0, 2.0]]) @ pair)[0].data == 8.0
    for name in ("arcsin", "arccosh", "arctan", "sqrt", "tanh", "log1p", "arctan2", "hypot", "absolute", "negative"):
        function = getattr(np, name)
        points = [Value(1.5 if name == "arccosh" else 0.5)] * function.nin
        assert type(function(*(np.array([p], dtype=object) for p in points))[0]) is Value


def test_data_is_set_on_leaves_only_and_old_graphs_stay_right():
    a = Value(3.0)
    y = a * a
    with pytest.raises(GraphError, match=r"leaf only, and this is the result of mul\(\)"):
        y.data = 1.0
    with pytest.raises(TypeError, match=r"Value\.data takes a real number"):
        a.data = "1"
    assert (a.data, y.data) == (3.0, 9.0)
    a.data = 100
    y.backward()
    assert (a.data, a.grad) == (100.0, 6.0)


def test_leaves_are_copied_and_pickled_and_inner_nodes_refuse():
    a = Value(2.0, name="a")
    a.grad = 5.0
    for twin in (copy.copy(a), copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
        assert (twin.data, twin.grad, twin.name) == (2.0, 5.0, "a")
        assert twin is not a
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(
            GraphError, match=r"only leaves can be copied or pickled, and this is the result of exp\(\)"
        ):
            way(ag.exp(a))


def test_value_cannot_be_subclassed():
    with pytest.raises(TypeError, match="cannot be subclassed"):
        type("Special", (Value,), {})


# The backward pass


def test_leaves_accumulate_and_inner_nodes_start_afresh():
    a = Value(2.0)
    b = a * a
    y = b + b
    y.backward()
    assert (a.grad, b.grad, y.grad) == (8.0, 2.0, 1.0)
    y.backward()
    assert (a.grad, b.grad, y.grad) == (16.0, 2.0, 1.0)


def test_the_lecture_s_doubled_sums():
    a = Value(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert (b.grad, a.grad) == (2.0, 4.0)


def test_a_node_used_as_both_arguments_keeps_both_edges():
    a = Value(3.0)
    y = a * a
    assert y.args == (a, a)
    y.backward()
    assert a.grad == 6.0


def test_backward_takes_a_cotangent_and_refuses_another_type():
    a = Value(3.0)
    (a * 2).backward(10)
    assert a.grad == 20.0
    with pytest.raises(TypeError, match=r"backward\(\) takes a real number, got str"):
        (a * 2).backward(grad="x")
    assert a.grad == 20.0


def test_backward_on_a_leaf_is_its_own_derivative():
    a = Value(3.0)
    a.backward()
    a.backward()
    assert a.grad == 2.0


def test_backward_without_a_graph_says_why():
    with no_grad():
        y = Value(3.0) * 2
    with pytest.raises(GraphError, match="built under no_grad"):
        y.backward()


def test_a_variadic_node_hands_on_to_leaves_and_inner_nodes_and_skips_numbers():
    a, b = Value(2.0), Value(3.0)
    inner = a * b
    y = ag.dot([a, inner, 1.0], [b, inner, a])
    y.backward()
    assert (inner.grad, a.grad, b.grad) == (12.0, 3.0 + 1.0 + 36.0, 2.0 + 24.0)


def test_a_variadic_helper_without_derivative_has_no_edges():
    y = ag.PRIMITIVES["peak"](Value(1.0), Value(2.0))
    assert (y.data, y.partials) == (2.0, (None, None))


def test_dot_starts_from_a_start():
    w, x, b = [Value(2.0), Value(3.0)], [5.0, 7.0], Value(1.0)
    y = ag.dot(w, x, b)
    y.backward()
    assert (y.data, y.op.name, b.grad, w[1].grad) == (32.0, "dot", 1.0, 7.0)
    assert ag.dot([1.0], [2.0], 3.0) == 5.0
    assert ag.dot([Value(1.0)], [2.0], 3).args[2] == 3.0
    assert ag.hessian(lambda z: ag.dot(z[:2], z[2:4], z[4]))([1.0] * 5)[0] == [0.0, 0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("two", [2, np.float64(2.0), True + 1, Fraction(2)])
def test_numbers_of_any_real_type_stand_among_values_in_a_sequence(two):
    y = ag.sum([Value(1.0), two])
    assert (y.data, y.args[1], type(y.args[1])) == (3.0, 2.0, float)


def test_sequences_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"dot\(\) expects sequences of equal length, got 2 and 1"):
        ag.dot([Value(1.0), 2.0], [3.0])


def test_empty_sums_are_zero():
    assert (ag.sum([]), ag.dot([], [])) == (0.0, 0.0)


def test_variadic_rows_answer_faults_and_unusual_modes():
    with errstate("raise"), pytest.raises(FloatingPointError, match="a value of inf"):
        ag.sum([Value(1e308), Value(1e308)])
    with pytest.raises(TypeError, match=r"sum\(\) takes a real number, got str"):
        ag.sum([Value(1.0), "2"])


def test_an_interrupted_backward_leaves_no_counts_behind(monkeypatch):
    a = Value(2.0)
    b = a * a
    y = b * b + b
    whole = ag.node.Node._pass_back

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(ag.node.Node, "_pass_back", interrupted)
    with pytest.raises(KeyboardInterrupt):
        y.backward()
    monkeypatch.setattr(ag.node.Node, "_pass_back", whole)
    a.grad = 0.0
    y.backward()
    assert (a.grad, b.grad) == (36.0, 9.0)


@given(programs(inputs=2), st.floats(-2, 2), st.floats(-2, 2))
def test_backward_agrees_with_grad_on_random_programs(program, x, y):
    with errstate("ignore"):
        leaves = [Value(x), Value(y)]
        result = program(*leaves)
        result.backward()
        gradient = grad(program, argnums=(0, 1))(x, y)
        assert repr([leaf.grad for leaf in leaves]) == repr([g + 0.0 for g in gradient])
