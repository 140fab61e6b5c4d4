"""Optimizers: their steps, and what they refuse."""

import math

import pytest

from autograd import Value
from nn.optim import LBFGS, SGD, Optimizer

# f(x) = x**4 / 4 from x = 1 with lr = 0.1, by hand from the rule; tests/peers has a longer way by PyTorch.
TRACES = [
    ({}, [0.9, 0.9 - 0.1 * 0.729]),
    ({"momentum": 0.5}, [0.9, 0.9 - 0.1 * (0.5 * 1.0 + 0.729)]),
    ({"momentum": 0.5, "nesterov": True}, [0.85, 0.85 - 0.1 * (0.85**3 + 0.5 * (0.5 * 1.0 + 0.85**3))]),
]


@pytest.mark.parametrize(("options", "trace"), TRACES)
def test_the_first_steps_follow_the_rule(options, trace):
    x = Value(1.0)
    optimizer = SGD([x], lr=0.1, **options)
    for expected in trace:
        optimizer.zero_grad()
        (0.25 * x**4).backward()
        optimizer.step()
        assert x.data == pytest.approx(expected, rel=1e-15)


def test_the_update_is_pure_and_the_rate_may_change():
    optimizer = SGD(iter([Value(1.0)]), lr=0.1, momentum=0.9)
    assert optimizer.update(1.0, 2.0, (3.0, 1)) == optimizer.update(1.0, 2.0, (3.0, 1))
    optimizer.lr = 0.2
    assert optimizer.update(1.0, 2.0, (0.0, 0)) == (1.0 - 0.2 * 2.0, (2.0, 1))
    assert "lr=0.2" in repr(optimizer)


@pytest.mark.parametrize(
    ("name", "option", "error", "message"),
    [
        ("lr", -0.1, ValueError, "SGD expects lr above 0, got -0.1"),
        ("lr", "0.1", TypeError, "SGD expects lr to be a number, got str"),
        ("momentum", 1.0, ValueError, r"SGD expects momentum in \[0, 1\), got 1.0"),
        ("nesterov", True, ValueError, "SGD expects nesterov only with momentum, got True"),
        ("learning_rate", 0.1, AttributeError, "'SGD' object has no attribute 'learning_rate'"),
    ],
)
def test_an_option_that_is_set_anew_is_looked_at_too(name, option, error, message):
    x = Value(1.0)
    optimizer = SGD([x], lr=0.25)
    with pytest.raises(error, match=message):
        setattr(optimizer, name, option)
    (x * x).backward()
    optimizer.step()
    assert x.data == 0.5


def test_a_step_that_fails_changes_nothing():
    class Failing(SGD):
        def update(self, x, g, state):
            if x == 2.0:
                raise ArithmeticError
            return x + 1.0, state

    parameters = [Value(1.0), Value(2.0)]
    with pytest.raises(ArithmeticError):
        Failing(parameters, lr=1.0).step()
    assert [p.data for p in parameters] == [1.0, 2.0]


def test_an_optimizer_of_one_s_own_needs_a_start_and_an_update():
    class Sign(Optimizer):
        def __init__(self, parameters):
            self.parameters = parameters
            self._check_parameters()

        def start(self):
            return None

        def update(self, x, g, state):
            return x - math.copysign(0.5, g), state

    x = Value(3.0)
    optimizer = Sign([x])
    (x * x).backward()
    optimizer.step()
    assert x.data == 2.5


inner = Value(1.0) * 2.0
twice = Value(1.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([Value(1.0)], lr=0.0), ValueError, r"SGD expects lr above 0, got 0\.0"),
        (lambda: SGD([Value(1.0)], lr=-1.0), ValueError, "lr above 0, got -1.0"),
        (lambda: SGD([Value(1.0)], lr=math.nan), ValueError, "lr above 0, got nan"),
        (lambda: SGD([Value(1.0)], lr=math.inf), ValueError, "lr above 0, got inf"),
        (lambda: SGD([Value(1.0)], lr=0.1, momentum=1.0), ValueError, r"momentum in \[0, 1\), got 1\.0"),
        (lambda: SGD([Value(1.0)], lr=0.1, nesterov=True), ValueError, "nesterov only with momentum, got True"),
        (lambda: SGD([Value(1.0)], lr="a"), TypeError, "expects lr to be a number, got str"),
        (lambda: SGD([Value(1.0)], lr=True), TypeError, "expects lr to be a number, got bool"),
        (lambda: SGD([Value(1.0)], lr=0.1, momentum=-0.1), ValueError, r"momentum in \[0, 1\), got -0\.1"),
        (lambda: SGD([Value(1.0)], lr=0.1, momentum=[0.9]), TypeError, "momentum to be a number, got list"),
        (
            lambda: SGD([Value(1.0)], lr=0.1, momentum=0.5, nesterov=1),
            TypeError,
            "nesterov to be True or False, got int",
        ),
        (lambda: SGD([Value(1.0)], lr=0.1, momentun=0.5), TypeError, "momentun"),
        (lambda: SGD(Value(1.0), lr=0.1), TypeError, r"a list of Values, as from model\.parameters\(\), got Value"),
        (lambda: SGD([], lr=0.1), ValueError, "at least one parameter, got none"),
        (lambda: SGD([1.0], lr=0.1), TypeError, "expects Values as parameters, got float at 0"),
        (lambda: SGD([Value(1.0), inner], lr=0.1), ValueError, r"expects leaves, got the result of mul\(\) at 1"),
        (lambda: SGD([twice, twice], lr=0.1), ValueError, "the same parameter at 0 and 1"),
    ],
)
def test_bad_input_is_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_lbfgs_finds_a_minimum_to_the_digits_of_its_gradient_whatever_the_unit_of_the_loss(scale):
    x, y = Value(-1.0), Value(2.0)
    optimizer = LBFGS([x, y])

    def closure():
        optimizer.zero_grad()
        loss = scale * (
            3.0 + (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
        )  # not 0 at its minimum: half the digits are flat
        loss.backward()
        return loss

    for _ in range(60):
        optimizer.step(closure)
    assert abs(x.data - 1.0) < 1e-11
    assert abs(y.data - 1.0) < 1e-11
    assert optimizer.gain < 1e-20
    before = x.data, y.data
    optimizer.step(closure)
    assert (x.data, y.data) == before
