"""Tab completion offers what is public, and nothing that a module only uses."""

import inspect

import pytest

import autograd
import autograd.testing.strategies
import nn
from autograd import Value, diagnose, draw, exp, kinks, misconceptions, paths, play, trace

MODULES = [
    nn.activations, nn.datasets, nn.families, nn.init, nn.links, nn.losses, nn.metrics, nn.optim, nn.penalties, nn.plots, nn.smooths, autograd.testing.strategies,
]  # fmt: skip


def test_the_packages_offer_what_they_export():
    assert dir(autograd) == sorted([*autograd.__all__, "abs", "compile", "pow", "sum"])
    assert dir(nn) == sorted(nn.__all__)
    assert all(hasattr(package, name) for package in (autograd, nn) for name in dir(package))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_offers_its_own_things_and_all_its_functions(module):
    offered = dir(module)
    assert len(offered) == len(set(offered))
    for name in offered:
        thing = getattr(module, name)
        assert not inspect.ismodule(thing)
        home = getattr(thing, "__module__", module.__name__)
        assert home == module.__name__ or home.startswith(f"{module.__name__}."), name
    own = {
        n for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__ and n[0] != "_"
    }
    assert own - {"resolved", "interval", "width", "generator"} <= set(offered)  # these are between the files of nn


def objects():
    x = Value(0.5, "x")
    y = exp(x) * x
    yield from (nn.Neuron(1), nn.Layer(1, 1), nn.MLP(1, [1]), nn.optim.SGD([x], lr=0.1))
    yield from (diagnose(y), kinks(y), paths(y, x), misconceptions(y), trace(y), draw(y), play(y))
    yield nn.Training(lambda x: x, nn.optim.SGD([x], lr=0.1), rows=0)


@pytest.mark.parametrize("thing", list(objects()), ids=lambda thing: type(thing).__name__)
def test_what_an_object_offers_is_a_field_or_has_a_docstring(thing):
    kind = type(thing)
    for name in dir(thing):
        part = inspect.getattr_static(kind, name, None)
        if not name.startswith("_") and (inspect.isroutine(part) or isinstance(part, property)):
            assert (part.fget if isinstance(part, property) else part).__doc__, name
