"""Rules broken on purpose: in every mode, and what the plugin makes of them."""

import itertools
import math
import pickle

import numpy as np
import pytest

import autograd as ag
from autograd import PRIMITIVES, Primitive, Value, compile, grad, hessian, jvp, vjp
from autograd.testing import Mutant, mutants_of
from autograd.testing.mutants import KINDS, replaced, watched
from autograd.testing.mutation import chosen

MODES = {
    "backward": lambda f, x: [v := Value(x), f(v).backward(), v.grad][-1],
    "grad": lambda f, x: grad(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "compiled": lambda f, x: compile(grad(f))(x),
    "rows": lambda f, x: compile(grad(f), rows=0)(np.array([x]))[0],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("kind", "share"), [("sign", -1.0), ("zero", 0.0), ("factor 1 + 1e-6", 1.0 + 1e-6), ("detached", 1.0)]
)
def test_a_mutant_is_broken_in_every_mode_and_whole_again_afterwards(mode, kind, share):
    right = MODES[mode](ag.tanh, 0.5)
    mutant = Mutant(PRIMITIVES["tanh"], 0, kind)
    with mutant.installed():
        assert MODES[mode](ag.tanh, 0.5) == pytest.approx(share * right, rel=1e-12)
    assert MODES[mode](ag.tanh, 0.5) == right


def test_a_detached_rule_has_no_second_derivative_and_a_wrong_argument_another_one():
    with Mutant(PRIMITIVES["sin"], 0, "detached").installed():
        assert hessian(ag.sin)(0.5) == 0.0
    with Mutant(PRIMITIVES["sin"], 0, "wrong argument").installed():
        assert grad(ag.sin)(0.5) == pytest.approx(math.cos(math.sin(0.5)))
    with Mutant(PRIMITIVES["mul"], 0, "wrong argument").installed():
        assert grad(ag.mul, (0, 1))(2.0, 3.0) == (2.0, 2.0)
    dot = PRIMITIVES["dot"]
    with Mutant(dot, 0, "wrong argument").installed():
        assert grad(ag.dot)([1.0, 2.0], [3.0, 4.0]) == [2.0, 1.0]
    with Mutant(dot, 0, "detached").installed():
        assert grad(ag.dot)([1.0, 2.0], [3.0, 4.0]) == [3.0, 4.0]
    assert grad(ag.dot)([1.0, 2.0], [3.0, 4.0]) == [3.0, 4.0]


def test_a_context_that_ends_with_an_error_puts_the_rule_back():
    before = PRIMITIVES["exp"].partials
    with pytest.raises(KeyError), Mutant(PRIMITIVES["exp"], 0, "zero").installed():
        raise KeyError
    assert PRIMITIVES["exp"].partials is before
    with pytest.raises(IndexError), replaced({(PRIMITIVES["exp"], 0): abs, (PRIMITIVES["sin"], 0): abs}):
        raise IndexError
    assert grad(ag.exp)(0.0) == 1.0


def test_which_partials_are_used_is_seen():
    mul, add = PRIMITIVES["mul"], PRIMITIVES["add"]
    with watched([mul, add]) as used:
        grad(lambda x: x * 2.0)(1.0)
    assert used == {(mul, 0)}


def test_equivalent_mutants_are_proven_by_their_formula_and_so_are_numbers():
    """What is called equivalent gives the same slopes, and the same second derivatives; what is not, does not somewhere."""
    rows = [row for row in PRIMITIVES.values() if not row.variadic and not row.helper and any(row.partials)]
    for mutant in mutants_of(rows):
        args = [0.3 + 0.4 * k for k in range(len(mutant.row.partials))]
        if (
            not all(x in domain for x, domain in zip(args, mutant.row.domain, strict=True))
            or mutant.row.name == "polygamma"
        ):
            continue
        wanted = [k == mutant.position for k in range(len(args))]
        right = mutant.row.partials[mutant.position](*args, mutant.row.value(args))
        with mutant.installed():
            broken = mutant.row.slopes(args, mutant.row.value(args), wanted)[mutant.position]
        if mutant.is_equivalent:
            assert broken == right, str(mutant)
        elif mutant.kind in ("sign", "factor 1 + 1e-6") and right:
            assert broken != right, str(mutant)


def test_a_partial_that_only_takes_numbers_is_never_called_equivalent():
    own = Primitive("own_floats", lambda x: x * x, lambda x, y: 2.0 * math.floor(x))
    assert not any(mutant.is_equivalent for mutant in mutants_of([own]))
    assert [str(mutant) for mutant in mutants_of([own])] == [f"own_floats: partial 0, {kind}" for kind in KINDS]


PROJECT = """
import math
from autograd import Primitive, grad, check_grads, hessian
from hypothesis import given, strategies as st

planted_square = Primitive("planted_square", lambda x: x * x, lambda x, y: 2.0 * x)
planted_line = Primitive("planted_line", lambda x: 3.0 * x, lambda x, y: 3.0)
planted_alone = Primitive("planted_alone", lambda x: -x, lambda x, y: -1.0)

@given(st.floats(1.0, 2.0))
def test_square(x):
    assert math.isclose(grad(planted_square)(x), 2.0 * x, rel_tol={tolerance})
    {more}

def test_line():
    assert grad(planted_line)(1.0) == 3.0
"""
PLUGIN = ("-p", "autograd.testing.plugin", "-p", "no:cacheprovider", "-q")


NUMBERS = itertools.count()


def mutated(pytester, which="planted_square,planted_line", tolerance=1e-9, more=""):
    """A run in this process, in which primitives of runs before may be alive: so each has names of its own."""
    name = f"planted{next(NUMBERS)}"
    pytester.makepyfile(PROJECT.format(tolerance=tolerance, more=more).replace("planted", name))
    return name, pytester.runpytest_inprocess(*PLUGIN, f"--mutate-rules={which.replace('planted', name)}")


def test_survivors_are_reported_and_the_run_fails(pytester):
    name, result = mutated(pytester, tolerance=1e-3)
    result.stdout.fnmatch_lines(
        ["10 mutants: 6 noticed, 2 survived, 2 are the right rule still", f"SURVIVED {name}_square: partial 0, factor 1 + 1e-6 (1 test uses it)",
         f"SURVIVED {name}_square: partial 0, detached (1 test uses it)", f"equivalent {name}_line: partial 0, wrong argument"]
    )  # fmt: skip
    assert result.ret != 0


def test_tests_that_notice_everything_pass(pytester):
    _name, result = mutated(pytester, more="assert hessian(planted_square)(x) == 2.0")
    result.stdout.fnmatch_lines(["10 mutants: 8 noticed, 0 survived, 2 are the right rule still"])
    assert result.ret == 0


def test_a_rule_that_no_test_uses_is_told_and_so_is_a_name_that_is_none(pytester):
    name, result = mutated(pytester, "planted_alone")
    result.stdout.fnmatch_lines([f"SURVIVED {name}_alone: partial 0, sign (no test uses it)"])
    _, result = mutated(pytester, "planted_square,guess")
    result.stderr.fnmatch_lines(["*--mutate-rules knows no primitive guess; before a file, write --mutate-rules=own"])


def test_where_a_test_fails_before_nothing_is_broken(pytester):
    _, result = mutated(pytester, tolerance=1e-9, more="assert False")
    result.stdout.fnmatch_lines(["no rule was broken: *"])


def test_own_primitives_are_those_of_nobody_else():
    own = Primitive("surely_own", lambda x: x, lambda x, y: 1.0)
    assert own in chosen("own")
    assert not set(PRIMITIVES.values()) & set(chosen("own"))
    assert set(PRIMITIVES.values()) < set(chosen("all"))
    assert [row.name for row in chosen("sin,surely_own")] == ["sin", "surely_own"]


def test_a_sequence_s_slopes_have_the_wrong_sign_too_and_workers_are_refused(pytester):
    with Mutant(PRIMITIVES["dot"], 0, "sign").installed():
        assert grad(ag.dot)([1.0, 2.0], [3.0, 4.0]) == [-3.0, -4.0]
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess(*PLUGIN, "--mutate-rules", "-n", "1")
    result.stderr.fnmatch_lines(["*runs the tests in one process: leave -n out*"])


MANY = """
import math, unittest
import pytest
from autograd import Primitive, check_grads, compile, grad, hessian

class Kind(Primitive):
    pass

planted_fixed = Primitive("planted_fixed", lambda x: x * x, lambda x, y: 2.0 * x)
planted_early = Primitive("planted_early", lambda x: x * x, lambda x, y: 2.0 * x)
planted_parts = Primitive("planted_parts", lambda x: x * x, lambda x, y: 2.0 * x)
planted_constant = Primitive("planted_constant", lambda x: 3.0, lambda x, y: 0.0)
planted_kind = Kind("planted_kind", lambda x: x * x, lambda x, y: 2.0 * x)
planted_checked = Primitive("planted_checked", lambda x: x * x, lambda x, y: 2.0 * x)

@pytest.fixture
def slopes():
    return grad(planted_fixed)(3.0), hessian(planted_fixed)(3.0)

def test_fixture(slopes):
    assert slopes == (6.0, 2.0)

early, second = compile(grad(lambda x: planted_early(x))), compile(hessian(lambda x: planted_early(x)))

def test_early():
    assert (early(3.0), second(3.0)) == (6.0, 2.0)

def test_early_again():
    assert early(4.0) == 8.0

class TestParts(unittest.TestCase):
    def test_parts(self):
        with self.subTest("a"):
            self.assertEqual(grad(planted_parts)(3.0), 6.0)
            self.assertEqual(hessian(planted_parts)(3.0), 2.0)

def test_constant():
    assert grad(planted_constant)(1.0) == 0.0

def test_kind():
    assert (grad(planted_kind)(3.0), hessian(planted_kind)(3.0)) == (6.0, 2.0)

def test_checked(gradcheck):
    gradcheck(planted_checked, (3.0,))
"""


def test_fixtures_compiled_functions_parts_of_tests_and_kinds_of_primitives_notice_too(pytester):
    name = f"planted{next(NUMBERS)}"
    pytester.makepyfile(MANY.replace("planted", name))
    asked = ",".join(f"{name}_{one}" for one in ("fixed", "early", "parts", "constant", "kind", "checked"))
    result = pytester.runpytest_inprocess(*PLUGIN, f"--mutate-rules={asked}", "--failing-tests=kept.py")
    result.stdout.fnmatch_lines(
        [
            "30 mutants: 25 noticed, 0 survived, 5 are the right rule still",
            f"equivalent {name}_constant: partial 0, sign",
        ]
    )
    assert result.ret == 0
    assert "SUBFAIL" not in result.stdout.str()
    assert not (pytester.path / "kept.py").exists()


def test_a_run_that_only_collects_breaks_nothing_and_says_so(pytester):
    name = f"planted{next(NUMBERS)}"
    pytester.makepyfile(PROJECT.format(tolerance=1e-9, more="").replace("planted", name))
    result = pytester.runpytest_inprocess(*PLUGIN, f"--mutate-rules= {name}_line , {name}_square", "--collect-only")
    result.stdout.fnmatch_lines(["no rule was broken: no test was run"])


def test_compiled_functions_are_traced_anew_while_a_rule_is_broken():
    slope = compile(grad(ag.sin))
    copied = pickle.loads(pickle.dumps(compile(ag.cos)))
    local = compile(grad(lambda x: ag.sin(x)))
    w, column = Value(0.0), np.array([1.0, 2.0])
    flat = compile(grad(lambda x: ag.sin(w * x)), rows=0, reduce="sum").flat([w])
    assert (slope(0.0), copied(0.0), local(0.0)) == (1.0, 1.0, 1.0)
    assert flat(np.array([1.0]), column) == pytest.approx(np.sum(np.cos(column)))
    without_function = pickle.loads(
        pickle.dumps(local)
    )  # a lambda cannot be pickled along: its traces are all there is
    tape = slope.tapes[0]
    with Mutant(PRIMITIVES["sin"], 0, "sign").installed():
        assert (slope(0.0), local(0.0), without_function(0.0)) == (-1.0, -1.0, 1.0)
        assert flat(np.array([1.0]), column) == pytest.approx(-np.sum(np.cos(column)))
        within = compile(grad(ag.sin))
        assert within(0.0) == -1.0
    assert (slope(0.0), within(0.0), copied(0.0)) == (1.0, 1.0, 1.0)
    assert slope.tapes[0] is tape
    assert flat(np.array([1.0]), column) == pytest.approx(np.sum(np.cos(column)))
