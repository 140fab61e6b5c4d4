"""`--mutate-rules`: the gradient tests again, with one partial broken at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
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
        self.users: dict[tuple[Primitive, int], list[pytest.Item]] = {}
        self.times: dict[pytest.Item, float] = {}
        self.killed: list[Mutant] = []
        self.equivalent: list[Mutant] = []
        self.survivors: list[tuple[Mutant, int]] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """See which primitives there are, once the tests are imported."""
        self.rows = chosen(self.which)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        """Note which partials a test uses."""
        if self.rows is None or item in self.times:
            return (yield)
        with watched(self.rows) as used:
            try:
                return (yield)
            finally:
                self.times[item] = len(used)
                for place in used:
                    self.users.setdefault(place, []).append(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        """Behind the usual run, if it was green, one for each mutant."""
        result = yield
        if not session.testsfailed and not session.config.option.collectonly:
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
        items = self.users.get(place, [])
        with mutant.installed():
            for tried, item in enumerate(items):
                if fails(item):
                    self.killed.append(mutant)
                    self.users[place] = [item, *items[:tried], *items[tried + 1 :]]
                    return
        self.survivors.append((mutant, len(items)))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what survived."""
        terminalreporter.section("broken rules")
        for line in self.told():
            terminalreporter.write_line(line)

    def told(self) -> Iterator[str]:
        """The lines of the summary."""
        total = len(self.killed) + len(self.equivalent) + len(self.survivors)
        if not total:
            yield "no rule was broken: " + (
                "no primitive of your own was found" if self.rows == [] else "a test failed before"
            )
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
    known = [thing for thing in gc.get_objects() if type(thing) is Primitive]
    own = [row for row in known if row not in OURS and not row.__module__.startswith("autograd.")]
    if which == "own":
        return own
    if which == "all":
        return [*PRIMITIVES.values(), *own]
    asked, rows = set(which.split(",")), [*PRIMITIVES.values(), *own]
    if missing := asked - {row.name for row in rows}:
        raise pytest.UsageError(f"--mutate-rules knows no primitive {', '.join(sorted(missing))}")
    return [row for row in rows if {row.name} <= asked]


def fails(item: pytest.Item) -> bool:
    """Whether a test fails now; of a test of hypothesis the first failing example is enough."""
    quick(item)
    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


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
