"""`--mutate-rules`: the gradient tests again, with one partial broken at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from ..primitive import Primitive
from ..primitives import PRIMITIVES
from .mutants import Mutant, mutants_of, watched

OURS = {*PRIMITIVES.values()}


class Mutation:
    """What is noted of each test, and what became of each mutant."""

    def __init__(self, which: str) -> None:
        self.which = which
        self.rows: list[Primitive] | None = None
        self.users: dict[tuple[Primitive, int], dict[pytest.Item, None]] = {}
        self.is_broken = False
        self.why = "no primitive of your own was found"
        self.killed: list[Mutant] = []
        self.equivalent: list[Mutant] = []
        self.survivors: list[tuple[Mutant, int]] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """See which primitives there are, once the tests are imported."""
        self.rows = chosen(self.which)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Any:
        """Note which partials the fixtures of a test use: what they make stays for the tests behind."""
        return (yield from self.noted(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        """Note which partials a test uses."""
        return (yield from self.noted(item))

    def noted(self, item: pytest.Item) -> Any:
        """Run a phase of a test, and keep which partials were used; not while a rule is broken."""
        if self.rows is None or self.is_broken:
            return (yield)
        with watched(self.rows) as used:
            try:
                return (yield)
            finally:
                for place in used:
                    self.users.setdefault(place, {})[item] = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        """Behind the usual run, if it was green, one for each mutant."""
        result = yield
        if session.config.option.collectonly:
            self.why = "no test was run"
        elif session.testsfailed:
            self.why = "a test failed before"
        else:
            for mutant in mutants_of(self.rows or []):
                self.run(mutant)
            session.testsfailed += len(self.survivors)
        return result

    def run(self, mutant: Mutant) -> None:
        """Run the tests that use a partial until one fails; the last one to fail first."""
        if mutant.is_equivalent:
            self.equivalent.append(mutant)
            return
        place = mutant.row, mutant.position
        items = self.users.get(place, {})
        with mutant.installed(), self.broken():
            for item in items:
                if fails(item):
                    self.killed.append(mutant)
                    self.users[place] = {item: None} | items
                    return
        self.survivors.append((mutant, len(items)))

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Say that a rule is broken, so that nobody keeps what fails."""
        self.is_broken = True
        try:
            yield
        finally:
            self.is_broken = False

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what survived."""
        terminalreporter.section("broken rules")
        for line in self.told():
            terminalreporter.write_line(line)

    def told(self) -> Iterator[str]:
        """The lines of the summary."""
        total = len(self.killed) + len(self.equivalent) + len(self.survivors)
        if not total:
            if self.rows is not None:
                yield f"no rule was broken: {self.why}"
            return
        yield (
            f"{total} mutants: {len(self.killed)} noticed, {len(self.survivors)} survived, "
            f"{len(self.equivalent)} are the right rule still"
        )
        for mutant, tests in self.survivors:
            used = "no test uses it" if not tests else "1 test uses it" if tests == 1 else f"{tests} tests use it"
            yield f"SURVIVED {mutant} ({used})"
        for mutant in self.equivalent:
            yield f"equivalent {mutant}"


def chosen(which: str) -> list[Primitive]:
    """Return the primitives that are meant. Raises UsageError for a name that none has."""
    known = [thing for thing in gc.get_objects() if issubclass(type(thing), Primitive)]
    own = [row for row in known if row not in OURS and not row.__module__.startswith("autograd.")]
    if which == "own":
        return own
    if which == "all":
        return [*PRIMITIVES.values(), *own]
    asked, rows = {name.strip() for name in which.split(",")}, [*PRIMITIVES.values(), *own]
    if missing := asked - {row.name for row in rows}:
        raise pytest.UsageError(
            f"--mutate-rules knows no primitive {', '.join(sorted(missing))}; before a file, write --mutate-rules=own"
        )
    return [row for row in rows if {row.name} <= asked]


class Quiet:
    """The hooks of a test, but for those that would tell the user what fails under a mutant: a part of a test, and a debugger."""

    def __init__(self, hooks: Any) -> None:
        self.hooks, self.failed = hooks, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hooks, name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a part of a test failed."""
        self.failed |= report.failed

    def pytest_exception_interact(self, **_: Any) -> None:
        """Start no debugger."""


def fails(item: pytest.Item) -> bool:
    """Whether a test fails now; of a test of hypothesis the first failing example is enough."""
    quick(item)
    session, quiet = item.session, Quiet(item.ihook)
    session.gethookproxy = lambda path: quiet  # type: ignore[method-assign,assignment,return-value]
    try:
        return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False)) or quiet.failed
    finally:
        del session.gethookproxy  # the method is back


def quick(item: pytest.Item) -> None:
    """Let hypothesis neither shrink nor keep what fails under a mutant."""
    function = getattr(item, "obj", None)
    function = getattr(function, "__func__", function)
    given = getattr(function, "_hypothesis_internal_use_settings", None)
    if given is not None:
        from hypothesis import Phase, settings

        function._hypothesis_internal_use_settings = settings(  # type: ignore[union-attr]
            given, phases=(Phase.explicit, Phase.generate), database=None, derandomize=True, deadline=None,
            report_multiple_bugs=False,
        )  # fmt: skip
