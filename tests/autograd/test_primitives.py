"""The table of primitives: its rows, the methods and functions made from it, and rows of a user's own."""

import copy
import dis
import inspect
import math
import pickle
import random
import subprocess
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import PRIMITIVES, Primitive, Value, errstate, grad, no_grad, special
from autograd.testing.strategies import points
from tools.generate import main, written
from tools.generate.source import argument_names, code, partials_of, value_of

ROOT = Path(__file__).parents[2]
PUBLIC = [row for row in PRIMITIVES.values() if not row.helper]
EXTREMES = [0.0, -0.0, 0.5, 1.0, -1.0, 2.0, -2.0, 1e-300, 1e300, -1e300, 800.0, -800.0, math.inf, -math.inf, math.nan]
square = Primitive("square", lambda x: x * x, lambda x, y: 2.0 * x)


def alike(a, b):
    return a == b or (a != a and b != b)


def by_method(row, args):
    """Apply a row through the operator or method of Value, all arguments being Values."""
    values = [Value(x) for x in args]
    name = f"__{row.name}__" if row.is_operator else row.name
    return getattr(values[0], name)(*values[1:])


def test_the_generated_modules_are_what_the_table_says():
    for path, text in written().items():
        if path.suffix == ".py":
            for command in (["check", "--quiet", "--fix", "--exit-zero"], ["format", "--quiet"]):
                text = subprocess.run(
                    [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"],
                    input=text, capture_output=True, text=True, check=True, cwd=ROOT,
                ).stdout  # fmt: skip
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of step: run make generate"


def test_generating_writes_every_file(tmp_path):
    main(tmp_path)
    main(tmp_path)  # over what stands there
    assert {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*")} == written(tmp_path)


@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: row.name)
def test_every_public_row_is_a_function_of_numbers_and_of_values(row):
    function = getattr(ag, row.name)
    point = [0.5, 0.25, 0.75][: len(row.partials)]
    point[0] = 1.0 if row.name == "polygamma" else 1.5 if row.name == "acosh" else point[0]
    arguments = [[0.5, 2.0]] * row.variadic if row.variadic else point
    number = function(*arguments)
    wrapped = [list(map(Value, xs)) for xs in arguments] if row.variadic else list(map(Value, arguments))
    value = function(*wrapped)
    assert type(number) is float
    assert type(value) is Value
    assert (value.data, value.op) == (number, row)


@pytest.mark.parametrize(
    "row", [r for r in PUBLIC if not r.variadic and (r.partials[0] or len(r.partials) == 1)], ids=lambda row: row.name
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_methods_agree_with_their_rows_bit_for_bit(row):
    rng = random.Random(row.name)
    for _ in range(60):
        point = [rng.choice([*EXTREMES, rng.uniform(-3.0, 3.0), rng.uniform(0.0, 1.0)]) for _ in row.partials]
        with errstate("ignore"):
            y = row.value(point)
            slopes = row.slopes(point, y, [True] * len(point))
            node = by_method(row, point)
            assert node.op is row
            assert alike(node.data, y), point
            assert all(map(alike, node.partials, slopes)), point
            with no_grad():  # the careful way, without a record
                assert alike(by_method(row, point).data, y)


@pytest.mark.parametrize("row", [r for r in PUBLIC if len(r.partials) == 2 and r.partials[0]], ids=lambda row: row.name)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_plain_number_on_either_side_stays_one_and_gets_no_edge(row):
    function = getattr(ag, row.name)
    for a, b in [(0.5, 0.25), (-1.0, 0.5), (0.0, -1.0), (2.0, 0.0), (800.0, 800.0)]:
        with errstate("ignore"):
            y = row.value([a, b])
            slopes = row.slopes([a, b], y, [True, True])
            for left, right in [(Value(a), b), (a, Value(b))]:
                for unusual in (False, True):
                    with errstate("ignore"), no_grad() if unusual else errstate("ignore"):
                        results = [function(left, right)]
                        if row.is_operator:
                            results.append(eval(f"left {row.symbol} right", {"left": left, "right": right}))
                    for node in results:
                        assert alike(node.data, y)
                        if not unusual:
                            kept = [type(arg) is Value for arg in node.args]
                            assert kept == [type(left) is Value, type(right) is Value]
                            assert all(
                                map(alike, node.partials, [d if k else None for d, k in zip(slopes, kept, strict=True)])
                            )


@given(st.sampled_from([row for row in PUBLIC if len(row.partials) == 1]), st.floats())
def test_no_function_of_one_number_ever_raises(row, x):
    with errstate("ignore"):
        point = [x, x] if row.variadic else [x]
        row.slopes(point, row(*point), [True] * len(point))


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if any(row.partials)], ids=lambda row: row.name)
def test_every_derivative_of_values_is_made_of_rows_again(row):
    """The table is closed under differentiation: three orders deep, every node's op stands in it."""
    point = [1.0 if p is None else 0.5 + 0.25 * i for i, p in enumerate(row.partials)] * (2 * row.variadic or 1)
    point[0] = 1.5 if row.name == "acosh" else point[0]
    wanted = [p is not None for p in row.partials] * (2 * row.variadic or 1)
    leaves = [Value(x) if want else x for x, want in zip(point, wanted, strict=True)]
    layer = [row(*leaves)]
    for _ in range(3):
        following = []
        for node in layer:
            found = node.op.derived(node.args, node, [type(arg) is Value for arg in node.args])
            following += [d for d in found if type(d) is Value and d.op is not None]
        layer = following[:20]
        assert all(node.op in PRIMITIVES.values() for node in layer)


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if row.array], ids=lambda row: row.name)
@given(data=st.data())
def test_the_array_twin_agrees_with_the_row(row, data):
    point = data.draw(points(row, 50.0))
    with np.errstate(all="ignore"), errstate("ignore"):
        twin, own = float(row.twin(*point)), row.value(point)
    assert alike(twin, own) or math.isclose(twin, own, rel_tol=1e-14, abs_tol=1e-300)


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if row.commutes], ids=lambda row: row.name)
@given(data=st.data())
def test_rows_that_commute_do(row, data):
    point = data.draw(points(row, 50.0))
    assert math.isclose(row.value(point), row.value(point[::-1]), rel_tol=1e-12, abs_tol=1e-12)


def test_names_of_rows_and_arguments_are_sound():
    for name, row in PRIMITIVES.items():
        assert row.name == name
        assert repr(row) == f"Primitive({name!r})"
        assert "y" not in argument_names(row)
        assert len(row.domain) == len(row.partials)


# Rows of a user's own


def test_one_line_adds_a_primitive_in_every_mode():
    x = Value(3.0)
    y = square(x)
    y.backward()
    assert (y.data, x.grad, square(3), grad(square)(3.0)) == (9.0, 6.0, 9.0, 6.0)
    assert grad(grad(square))(3.0) == 2.0
    assert ag.jvp(square, (3.0,), (2.0,)) == (9.0, 12.0)


def test_a_user_s_variadic_row_with_two_arguments_or_ten():
    product = Primitive(
        "product", math.prod, lambda xs, y: [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))], variadic=1
    )
    leaves = [Value(x) for x in (2.0, 3.0, 4.0)]
    product(*leaves).backward()
    assert [leaf.grad for leaf in leaves] == [12.0, 8.0, 6.0]


def test_a_user_s_row_of_three_arguments():
    fma = Primitive(
        "fma", lambda a, b, c: a * b + c, lambda a, b, c, y: b, lambda a, b, c, y: a, lambda a, b, c, y: 1.0
    )
    a, b = Value(2.0), Value(3.0)
    y = fma(a, b, 4)
    y.backward()
    assert (y.data, y.args, y.partials, a.grad, b.grad) == (10.0, (a, b, 4.0), (3.0, 2.0, None), 3.0, 2.0)


def test_a_user_s_forward_follows_ieee_arithmetic_where_python_raises():
    inverse = Primitive("inverse", lambda x: 1.0 / x, lambda x, y: -y * y)
    with pytest.warns(RuntimeWarning, match=r"divide by zero encountered in inverse\(0\.0\)"):
        y = inverse(Value(0.0))
    assert (y.data, y.partials) == (math.inf, (-math.inf,))


def test_an_error_in_a_user_s_forward_comes_through():
    broken = Primitive("broken", lambda x: math.log(-abs(x) - 1.0), lambda x, y: 1.0)
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        broken(Value(1.0))


class Refusing:
    """A forward that refuses its first call, and a partial likewise."""

    def __init__(self, error):
        self.error, self.calls = error, 0

    def __call__(self, x, y=None):
        self.calls += 1
        if self.calls == 1:
            raise self.error
        return x * x


@pytest.mark.parametrize(
    "error", [ValueError("no such x"), ZeroDivisionError("mine"), OverflowError("mine"), ArithmeticError("mine")]
)
@pytest.mark.parametrize("array", ["", "np.square"])
def test_what_a_user_s_own_code_raises_is_not_taken_for_a_fault_of_arithmetic(error, array):
    for run in (
        lambda row: row(Value(3.0)),
        lambda row: row(3.0),
        lambda row: ag.compile(row)(3.0),
        lambda row: grad(row)(3.0),
    ):
        forward = Refusing(error)
        with pytest.raises(type(error), match=str(error)):
            run(Primitive("mine", forward, lambda x, y: 2.0 * x, array=array))
        assert forward.calls == 1
    partial = Refusing(error)
    with pytest.raises(type(error), match=str(error)):
        grad(Primitive("mine", lambda x: x * x, partial))(3.0)
    assert partial.calls == 1
    y = Primitive("mine", lambda x: x * x, partial)(Value(3.0))
    partial.calls = 0
    with pytest.raises(type(error), match=str(error)):
        y.derivatives([True])  # of a gradient graph


def test_what_arithmetic_raises_in_a_user_s_forward_is_rescued_by_its_twin():
    own = Primitive("own", lambda x: math.log(x), lambda x, y: 1.0 / x, array="np.log")
    with pytest.warns(RuntimeWarning, match=r"invalid value encountered in own\(-1\.0\)"):
        assert math.isnan(own(Value(-1.0)).data)


def test_a_partial_that_returns_nothing_is_an_error():
    forgets = Primitive("forgets", lambda x: x * x, lambda x, y: None)
    listed = Primitive("listed", lambda xs: sum(xs), lambda xs, y: [1.0, None], variadic=1)
    with pytest.raises(TypeError, match=r"partial 0 of forgets\(\) returned None"):
        forgets(Value(1.0))
    with pytest.raises(TypeError, match=r"partial 1 of listed\(\) returned None"):
        listed(Value(1.0), Value(2.0))
    with pytest.raises(TypeError, match="returned None"):
        ag.compile(grad(forgets))(1.0)
    assert listed(Value(1.0), 2.0).partials == (1.0, None)


def test_a_call_of_very_many_numbers_is_told_in_few_words():
    with errstate("raise"), pytest.raises(FloatingPointError) as error:
        ag.sum([Value(math.inf)] * 10**5)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("not a name", math.sin, math.cos), "identifier as its name, got 'not a name'"),
        ((3, math.sin, math.cos), "identifier as its name, got 3"),
        (("f", 1.0, math.cos), "f expects a callable forward, got float"),
        (("f", math.sin), "a partial for each argument"),
        (
            ("f", math.sin, lambda x: x),
            r"Primitive f: a partial takes all the arguments and the output, 2 in all.*takes 1",
        ),
        (("f", math.atan2, None, lambda a, y: a), "3 in all.*partial 1 takes 2"),
        (("f", math.sin, 1.0), "callable or None as partial 0, got float"),
    ],
)
def test_a_row_that_is_no_row_says_so(args, message):
    with pytest.raises(TypeError, match=message):
        Primitive(*args)


def test_a_wrong_count_or_type_names_the_primitive():
    with pytest.raises(TypeError, match=r"square\(\) takes as many arguments as it has partials, 1, got 2"):
        square(Value(1.0), 2.0)
    with pytest.raises(TypeError, match=r"square\(\) takes as many arguments as it has partials, 1, got 2"):
        square(1.0, 2.0)
    with pytest.raises(TypeError, match=r"the value of text\(\) takes a real number, got str"):
        Primitive("text", lambda x: "1", lambda x, y: 1.0)(Value(1.0))
    with pytest.raises(TypeError, match=r"a partial of text\(\) takes a real number, got str"):
        Primitive("text", lambda x: x, lambda x, y: "1")(Value(1.0))
    with pytest.raises(TypeError, match=r"square\(\) takes a real number, got str"):
        square("1")
    with pytest.raises(TypeError, match=r"the partial of first\(\) gives 1 slopes for 2 arguments"):
        Primitive("first", lambda xs: xs[0], lambda xs, y: [1.0], variadic=1)(Value(1.0), 2.0)


def test_rows_are_copied_and_pickled_by_name():
    assert copy.deepcopy(ag.PRIMITIVES["tanh"]) is ag.PRIMITIVES["tanh"]
    assert pickle.loads(pickle.dumps(ag.PRIMITIVES["tanh"])) is ag.PRIMITIVES["tanh"]


def test_numpy_scalars_pass_through_a_formula_without_raising():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert type(ag.PRIMITIVES["exp"](np.float64(1.0))) is np.float64


@pytest.mark.parametrize("row", [row for row in PRIMITIVES.values() if row.textbook], ids=lambda row: row.name)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.filter_too_much]
)  # of long lists few have no number next to 0 and 1
@given(data=st.data())
def test_a_partial_as_it_is_taught_is_the_exact_one_at_ordinary_points(row, data):
    point = data.draw(points(row, 2.0))
    assume(all(abs(x) > 0.05 and abs(abs(x) - 1.0) > 0.05 for x in point))
    y = row.value(point)
    wanted = [True] * len(point)
    with errstate("ignore"):
        taught = [float(d) for d in row.taught(point, y, wanted)]
    assert taught == pytest.approx(row.slopes(point, y, wanted), rel=1e-6, abs=1e-9)


TRIALS = (
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    -2.0,
    1e-300,
    -1e-300,
    1e300,
    -1e300,
    800.0,
    -800.0,
    math.inf,
    -math.inf,
    math.nan,
)


METHODS = [
    row for row in PRIMITIVES.values() if not row.variadic and len(row.partials) < 3 and row.partials[-1] is not None
]


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row.name)
def test_a_row_says_whether_python_s_arithmetic_raises_in_its_method(row):
    names = argument_names(row)
    lines = [code(value_of(row, names)), *(code(d) for d in partials_of(row, names) if d is not None)]
    program = compile("\n".join([f"y = {lines[0]}", *lines[1:]]), row.name, "exec")

    def raises(point):
        try:
            exec(program, {"math": math, "special": special, **dict(zip(names, point, strict=True))})
        except (ValueError, ArithmeticError):
            return True
        return False

    assert any(map(raises, product(TRIALS, repeat=len(names)))) == row.raises


def test_the_functions_that_run_on_arrays_as_they_stand_do_not_branch():
    """A loop over a sequence is no branch."""
    functions = [f for f in vars(special).values() if inspect.isfunction(f)]
    straight = {f for f in functions if not any("_IF_" in step.opname for step in dis.get_instructions(f))}
    assert set(special.ON_ARRAYS) == straight
