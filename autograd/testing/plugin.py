"""A plugin for pytest: the fixtures of gradient tests, and `--mutate-rules`.

Switched on in the conftest.py beside the tests, or with `pytest -p autograd.testing.plugin`:

    pytest_plugins = ["autograd.testing.plugin"]
"""

from __future__ import annotations

import gc
import random
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from ..errors import GradientMismatch
from ..modes import MODE, USUAL
from ..value import Value
from .check import check_grads
from .comparisons import Verdict
from .ready import ready_test

SECTION = "a ready test of the failing point"
FAILED = pytest.StashKey[str]()
RUNNING = pytest.StashKey[pytest.Item]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --mutate-rules and --failing-tests."""
    group = parser.getgroup("autograd", "gradient tests (autograd.testing)")
    group.addoption(
        "--mutate-rules", nargs="?", const="own", default=None, metavar="WHICH",
        help="run the gradient tests again with one partial broken at a time, and report what no test noticed: "
        "of your own primitives (default), of `all`, or of those named, as in sin,exp",
    )  # fmt: skip
    group.addoption(
        "--failing-tests", metavar="FILE", help="append each failing point of `gradcheck` to FILE, as a test that runs"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register what belongs to the plugin, and the profile of hypothesis."""
    if config.getoption("--mutate-rules") is not None:
        from .mutation import Mutation

        if getattr(config.option, "numprocesses", None):
            raise pytest.UsageError("--mutate-rules runs the tests in one process: leave -n out")
        config.pluginmanager.register(Mutation(config.getoption("--mutate-rules")), "autograd-mutation")
    try:
        from hypothesis import settings
    except ModuleNotFoundError:
        return
    settings.register_profile("gradients", deadline=None)
    if settings._current_profile == "default":  # nobody has chosen one
        settings.load_profile("gradients")


@pytest.fixture(scope="session")
def warm_kernels() -> None:
    """Compile a small function by every backend that is there, so that no test's time has the first one in it."""
    import numpy as np

    from ..compiling.compiled import compile

    compile(lambda x: x * x, rows=0)(np.ones(2))


@pytest.fixture(autouse=True)
def deterministic_seeds(request: pytest.FixtureRequest) -> None:
    """Seed random and NumPy's old generator from the name of the test: the same numbers in any order and any process."""
    import numpy as np

    seed = zlib.crc32(request.node.nodeid.encode())
    random.seed(seed)
    np.random.seed(seed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Know which test runs."""
    item.config.stash[RUNNING] = item
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Of a test that uses `no_leaked_values`, count the Values before and after it."""
    if "no_leaked_values" not in getattr(item, "fixturenames", ()):
        return (yield)
    before = living()
    try:
        result = yield
    finally:
        mode = MODE.get()
        MODE.set(USUAL)  # not to spoil the tests behind
    assert mode is USUAL, f"a mode is still switched on: {mode!r:.200}"
    more = living() - before
    what = "1 Value is" if more == 1 else f"{more} Values are"
    assert more <= 0, f"{what} still alive: does a list, a cache or a global hold more than before?"
    return result


# Both are made once, so that they may stand beside @given.


@pytest.fixture(scope="session")
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Verdict]:
    """`check_grads`; where it fails, the report has a test of the failing point that is ready to be kept."""

    def checked(f: Callable[..., Any], args: Any, **options: Any) -> Verdict:
        __tracebackhide__ = True
        try:
            return check_grads(f, args, **options)
        except GradientMismatch:
            item = request.config.stash[RUNNING]
            item.stash[FAILED] = ready_test(f, args, options, item.name)
            raise

    return checked


@pytest.fixture(scope="session")
def no_leaked_values() -> None:
    """Fail where a test leaves more Values behind than it found, or a mode such as no_grad() switched on."""


def living() -> int:
    """Return how many Values are alive."""
    gc.collect()
    return sum(type(thing) is Value for thing in gc.get_objects())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Put the ready test into the report, and into the file that was asked for."""
    report = yield
    mutation = item.config.pluginmanager.get_plugin("autograd-mutation")
    is_told = call.excinfo is not None and isinstance(call.excinfo.value, GradientMismatch)
    if is_told and FAILED in item.stash and not (mutation and mutation.is_broken):
        code = item.stash[FAILED]
        report.sections.append((SECTION, code))
        if path := item.config.getoption("--failing-tests"):
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"\n\n{code}\n")
    return report
