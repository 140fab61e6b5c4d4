"""The plugin for pytest: its fixtures, and what they say."""

import subprocess
import sys

from hypothesis import settings

from autograd.testing import plugin
from autograd.testing.plugin import warm_kernels as warm_kernels  # a fixture

PLUGIN = ("-p", "autograd.testing.plugin", "-p", "no:cacheprovider", "-q")
BROKEN = """
from autograd import Primitive

broken_rule = Primitive("broken_rule", lambda x: x * x, lambda x, y: 2.1 * x)
"""


def test_a_failing_point_is_a_test_that_is_ready_to_be_kept_and_fails_again(pytester):
    pytester.makepyfile(broken_module=BROKEN)
    pytester.makepyfile(
        """
        from broken_module import broken_rule
        def test_mine(gradcheck):
            gradcheck(broken_rule, (1.0,), modes=["reverse"]) if False else gradcheck(broken_rule, (2.0,), order=1)
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN, "--failing-tests=test_kept.py")
    result.stdout.fnmatch_lines(["*a ready test of the failing point*", "def test_mine_at_a_failing_point_*():"])
    kept = (pytester.path / "test_kept.py").read_text()
    assert "from broken_module import broken_rule" in kept
    assert "check_grads(broken_rule, (2.0,), order=1)" in kept
    again = pytester.runpytest_inprocess(*PLUGIN, "test_kept.py")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*wrong rule: partial 0 of broken_rule(2.0) is 4.2, and 4.0*"])


def test_what_passes_leaves_nothing_and_fixtures_do_what_they_say(pytester):
    pytester.makepyfile(
        """
        import random
        import numpy as np
        from autograd import sin
        drawn = []
        def test_one(gradcheck, no_leaked_values):
            assert gradcheck(sin, (0.5,)).compared == 4
            drawn.append((random.random(), np.random.rand()))
        def test_two():
            drawn.append((random.random(), np.random.rand()))
            assert drawn[0] != drawn[1]
        """
    )
    pytester.runpytest_inprocess(*PLUGIN, "--failing-tests=kept.py").assert_outcomes(passed=2)
    assert not (pytester.path / "kept.py").exists()


def test_kernels_can_be_warmed(warm_kernels):
    assert warm_kernels is None


def test_seeds_are_the_same_in_any_order(pytester):
    pytester.makepyfile(
        """
        import random
        def test_a():
            print("a", random.random())
        def test_b():
            print("b", random.random())
        """
    )

    def told(*order):
        result = pytester.runpytest_inprocess(*PLUGIN, "-s", *order)
        return sorted(
            line
            for line in result.outlines
            if line[:2] in ("a ", "b ", ".a", ".b") or ("0." in line and line[:1] in "ab.")
        )

    name = next(pytester.path.glob("test_*.py")).name
    one, other = told(f"{name}::test_a", f"{name}::test_b"), told(f"{name}::test_b", f"{name}::test_a")
    assert sorted(line.lstrip(".") for line in one) == sorted(line.lstrip(".") for line in other)
    assert len(one) >= 2


def test_leaked_values_and_modes_are_told(pytester):
    pytester.makepyfile(
        """
        from autograd import Value, no_grad
        kept = []
        def test_values(no_leaked_values):
            kept.append(Value(1.0))
        def test_modes(no_leaked_values):
            no_grad().__enter__()
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.stdout.fnmatch_lines(["*1 Value is still alive*", "*a mode is still switched on*"])
    result.assert_outcomes(failed=2)


def test_hypothesis_has_no_deadline_with_the_plugin_unless_somebody_chose(pytester):
    pytester.makepyfile(
        """
        from hypothesis import settings
        def test_it():
            assert settings().deadline is None
        """
    )
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", *PLUGIN]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


HIDDEN = """
import importlib.abc, sys, pytest
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "hypothesis":
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Hidden())
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_without_hypothesis_the_plugin_works(pytester, monkeypatch):
    pytester.makepyfile("def test_it(gradcheck):\n    import autograd\n    gradcheck(autograd.sin, (0.5,), order=1)")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    command = [sys.executable, "-c", HIDDEN, *PLUGIN]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


class Options:
    """What a plugin is configured by."""

    def getoption(self, name):
        return None


def test_configuring_it_without_hypothesis_changes_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    plugin.pytest_configure(Options())
    monkeypatch.undo()
    before = settings._current_profile
    settings.load_profile("default")
    plugin.pytest_configure(Options())
    assert settings._current_profile == "gradients"
    settings.load_profile(before)


def test_a_failing_point_is_told_without_a_file(pytester):
    pytester.makepyfile(broken_too=BROKEN)
    pytester.makepyfile(
        "from broken_too import broken_rule\ndef test_it(gradcheck):\n    gradcheck(broken_rule, (2.0,))"
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.stdout.fnmatch_lines(["def test_it_at_a_failing_point_*():"])


def test_a_test_that_fails_by_itself_has_one_error_only(pytester):
    pytester.makepyfile(
        """
        from autograd import Value
        def test_it(no_leaked_values):
            x = Value(2.0)
            raise RuntimeError
        """
    )
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(failed=1)


def test_fixtures_work_with_hypothesis_and_an_error_that_was_expected_leaves_no_ready_test(pytester):
    pytester.makepyfile(broken_again=BROKEN)
    pytester.makepyfile(
        """
        import numpy as np
        import pytest
        from autograd import GradientMismatch, mul
        from autograd.testing.strategies import expressions
        from hypothesis import given, settings
        from broken_again import broken_rule

        @given(f=expressions(ops=[mul]))
        def test_given(gradcheck, no_leaked_values, f):
            gradcheck(f, f.point, order=1)

        def test_expected(gradcheck):
            with pytest.raises(GradientMismatch):
                gradcheck(broken_rule, (2.0,))
            assert 1 == 2

        def test_option(gradcheck):
            gradcheck(broken_rule, (2.0,), rtol=np.float64(1e-5))
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1, failed=2)
    assert result.stdout.str().count("a ready test of the failing point") == 1
    result.stdout.fnmatch_lines(["*check_grads(broken_rule, (2.0,), rtol=1e-05)*"])


def test_a_failing_point_in_a_fixture_is_told_and_a_mode_that_a_failing_test_left_is_put_back(pytester):
    pytester.makepyfile(broken_first=BROKEN)
    pytester.makepyfile(
        """
        import pytest
        from autograd import Value, no_grad, sin
        from broken_first import broken_rule

        @pytest.fixture
        def checked(gradcheck):
            return gradcheck(broken_rule, (2.0,))

        def test_fixture(checked):
            pass

        def test_mode(no_leaked_values):
            no_grad().__enter__()
            raise RuntimeError

        def test_behind():
            x = Value(0.0)
            sin(x).backward()
            assert x.grad == 1.0
        """
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(errors=1, failed=1, passed=1)
    result.stdout.fnmatch_lines(["def test_fixture_at_a_failing_point_*():"])
