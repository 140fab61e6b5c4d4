"""The table of rewrites: each keeps what it promises, on floats; and what reads it takes only what it may."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tape, Value, errstate
from autograd.rewrites import BITS, FOR_TAPES, FOR_TRACES, MEND, REWRITES, SAME, SENSE, ULP, VALUE, rewritten
from autograd.symbols import Symbol, render

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
EXACT = [rewrite for rewrite in REWRITES if rewrite.keeps in (SAME, BITS, VALUE)]
NEAR = [rewrite for rewrite in REWRITES if rewrite.keeps == ULP]
READ = [rewrite for rewrite in REWRITES if rewrite.keeps == SENSE]


def written(rewrite):
    return render(rewrite.formula(*map(Symbol, rewrite.names)))


def both(rewrite, xs):
    """The value of the formula and that of the better one, on floats by IEEE arithmetic."""
    with errstate("ignore"):
        values = [Value(x) if name != "c" else x for name, x in zip(rewrite.names, xs, strict=True)]
        found = [f(*values) for f in (rewrite.formula, rewrite.better)]
    return [y.data if type(y) is Value else y for y in found]


def points(rewrite, data):
    xs = [data.draw(NUMBERS) for _ in rewrite.names]
    if "c" in rewrite.names:
        place = rewrite.names.index("c")
        xs[place] = data.draw(st.sampled_from([0.25, 2.0, -8.0, 2.0**-200, 3.0, -0.5, 1.0, -1e-300, 0.0, math.inf]))
        if not rewrite.when(xs[place]):
            return None
    return xs


@pytest.mark.parametrize("rewrite", EXACT, ids=written)
@given(data=st.data())
def test_a_rewrite_that_promises_the_same_bits_keeps_them(rewrite, data):
    xs = points(rewrite, data)
    if xs is not None:
        value, better = both(rewrite, xs)
        assert value.hex() == better.hex()


@pytest.mark.parametrize("rewrite", NEAR, ids=written)
@given(data=st.data())
def test_a_rewrite_that_promises_one_ulp_keeps_it(rewrite, data):
    value, better = both(rewrite, points(rewrite, data))
    assert value == better or abs(value - better) <= math.ulp(value) or math.isnan(value) == math.isnan(better) is True


@pytest.mark.parametrize("rewrite", READ, ids=written)
@given(data=st.data())
def test_a_rewrite_for_readers_is_equal_where_all_is_finite(rewrite, data):
    xs = points(rewrite, data)
    if xs is not None and all(map(math.isfinite, xs)):
        value, better = both(rewrite, xs)
        assert value == better or not math.isfinite(value)


def test_programs_take_no_rewrite_that_changes_more_than_an_ulp():
    taken = {rewrite.keeps for table in (FOR_TRACES, FOR_TAPES) for rules in table.values() for rewrite, *_ in rules}
    assert taken == {SAME, BITS, ULP, VALUE}
    assert VALUE not in {rewrite.keeps for rules in FOR_TRACES.values() for rewrite, *_ in rules}


def test_every_rewrite_is_found_at_its_own_formula():
    for rewrite in REWRITES:
        if rewrite.keeps in (MEND, SENSE):
            continue
        own = [2.0 if name == "c" else Symbol(name) for name in rewrite.names]
        formula = rewrite.formula(*own)
        assert render(rewritten(formula.op, formula.args, FOR_TAPES)) == render(rewrite.better(*own))


def test_a_tape_is_shorter_by_them():
    x = Value(3.0, "x")
    assert str(Tape((x * 1.0) ** 2.0 / 4.0 + +x, [x])) == "v1 = x * x\nv2 = v1 * 0.25\nv3 = v2 + x\nreturn v3"


def test_nothing_outside_the_tables_lists_primitives_by_name():
    """But mathematics that is written with them, and what is generated."""
    package = Path(autograd.__file__).parent
    allowed = {
        "primitives",
        "special",
        "rewrites",
        "composed",
        "functions",
        "value",
        "__init__",
        "parser",
        "twins",
        "libraries",
    }
    names = "|".join(autograd.PRIMITIVES)
    for path in package.rglob("*.py"):
        text = re.sub(r'"""[\s\S]*?"""', "", path.read_text(encoding="utf-8"))  # examples may
        if path.stem in allowed or path.stem.startswith("rows_"):
            continue
        imported = re.findall(rf"^ *from \.+(?:primitives|functions) import .*\b({names})\b", text, flags=re.MULTILINE)
        held = re.findall(rf"\b(?:primitives|table|rows)\.({names})\b|PRIMITIVES\[", text)
        compared = re.findall(r"(?:op|row)\.name (?:==|!=|in|not in) ", text)
        assert not [*imported, *held, *compared], path
