"""What reports on a graph stays as it was found: no field of any of them can be set."""

import dataclasses
import importlib
import pkgutil

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    Value,
    abs,
    check_grads,
    diagnose,
    draw,
    errstate,
    exp,
    formula,
    kinks,
    log,
    misconceptions,
    paths,
    play,
    rounding,
    steps,
    trace,
)  # fmt: skip
from autograd.seeing.instruments import Diagnosis, Kinks, Misconceptions, Paths, Rounding
from autograd.seeing.tables import Report, Table


def made():
    """One of every kind."""
    x = Value(0.0, "x")
    y = x * x + abs(x)
    with errstate("ignore"):
        bad = diagnose(log(exp(Value(1000.0)) + exp(x)))
    found = [bad, bad.mends[0], bad.product, kinks(y), kinks(y).found[0], paths(y, x), paths(y, x).largest[0]]
    found += [rounding(y), rounding(y).lost[0]]
    found += [misconceptions(y), misconceptions(y).mistakes[0], trace(y), formula(y), bad.table]
    found += [
        next(step for step in steps(y) if type(step).__name__ == kind) for kind in ("Forward", "Seed", "Backward")
    ]
    found += [draw(y), play(y), check_grads(exp, (0.5,)), check_grads(exp, (0.5,)).worst]
    return [*found, nn.GLM("gaussian").fit(np.arange(4.0)[:, None], np.array([1.0, 2.0, 2.0, 4.0])).summary()]


REPORTS = {type(report).__name__: report for report in made()}
CHANGES = {  # while they are at work
    "autograd.rewrites.Match", "autograd.compiling.traces.Specialization", *(f"nn.optim.rules.{name}" for name in ("GD", "SGD", "RMSprop", "Adagrad", "Adam", "AdamW", "Lion")), "nn.optim.lbfgs.LBFGS",
    "nn.training.history.History", "nn.training.task.Task", "nn.regression.solvers.factors.Factor", "nn.regression.solvers.steps.Solution", "nn.regression.solvers.marquardt.Path",
}  # fmt: skip


def test_every_dataclass_is_frozen_but_those_that_work():
    loose = set()
    for package in (autograd, nn):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for kind in vars(importlib.import_module(module.name)).values():
                    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                        name = f"{kind.__module__}.{kind.__name__}"
                        loose |= set() if kind.__dataclass_params__.frozen else {name}
    assert loose == CHANGES


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_no_field_of_a_report_can_be_set_or_taken_away(report):
    fields = [f.name for f in dataclasses.fields(report)] if dataclasses.is_dataclass(report) else []
    names = [name for name in dir(report) if not name.startswith("_")]
    before = {name: getattr(report, name) for name in names}
    for name in {*fields, *names, "something_new"}:
        with pytest.raises(AttributeError):
            setattr(report, name, None)
        with pytest.raises(AttributeError):
            delattr(report, name)
    assert all(getattr(report, name) is old or getattr(report, name) == old for name, old in before.items())


def test_every_report_is_tried():
    kinds = {kind.__name__ for kind in Report.__subclasses__() if kind.__module__.startswith("autograd.")}
    assert kinds <= set(REPORTS)
    assert {Diagnosis, Kinks, Misconceptions, Paths, Rounding, Table} <= set(map(type, REPORTS.values()))
