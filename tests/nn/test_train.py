"""Training: the compiled twin of a loop with zero_grad, backward and step."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

import nn
from autograd import Value, compile, errstate
from nn.losses import binary_cross_entropy_with_logits, cross_entropy_with_logits, hinge, squared_error
from nn.optim import SGD

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(30, 2))
SIGNS = np.where(POINTS[:, 0] * POINTS[:, 1] > 0.0, 1.0, -1.0)
CLASSES = np.floor(3.0 * RNG.random(30))
CASES = {
    "hinge, relu": (hinge, SIGNS, [8, 1], "relu"),
    "squared error, tanh": (squared_error, POINTS[:, 0] ** 2, [6, 6, 1], "tanh"),
    "binary cross entropy, softplus": (binary_cross_entropy_with_logits, (SIGNS + 1.0) / 2.0, [5, 1], "softplus"),
    "cross entropy, sigmoid": (cross_entropy_with_logits, CLASSES, [4, 3], "sigmoid"),
}
OPTIMIZERS = [{"lr": 0.05}, {"lr": 0.05, "momentum": 0.8}, {"lr": 0.05, "momentum": 0.8, "nesterov": True}]


@pytest.mark.parametrize("options", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(("loss", "targets", "sizes", "activation"), CASES.values(), ids=list(CASES))
def test_twenty_steps_are_those_of_the_eager_loop(loss, targets, sizes, activation, backend, options):
    slow, fast = (nn.MLP(2, sizes, activation=activation, rng=1) for _ in range(2))
    optimizer = SGD(slow.parameters(), **options)
    labels = CLASSES.astype(int) if targets is CLASSES else targets
    eager = []
    for _ in range(20):
        total = sum(loss(slow(x), y) for x, y in zip(POINTS, labels.tolist(), strict=True)) / 30.0
        total = total + 1e-3 * sum(p * p for p in slow.parameters())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        eager.append(total.data)
    twin = SGD(fast.parameters(), **options)
    penalised = lambda x, y: loss(fast(x), y) + 1e-3 * sum(p * p for p in fast.parameters())  # noqa: E731
    with nn.Training(penalised, twin, backend=backend) as step:
        compiled = [step(POINTS, targets) for _ in range(20)]
    assert np.allclose(compiled, eager, rtol=0.0, atol=1e-10)
    assert np.allclose(list(fast.state_dict().values()), list(slow.state_dict().values()), rtol=0.0, atol=1e-10)
    assert np.allclose(twin.states, optimizer.states, rtol=0.0, atol=1e-10)
    assert step.compiled.ran == backend


def test_parameters_move_at_each_step_and_training_goes_on_from_the_optimizer_s_states():
    w = Value(1.0)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    step = nn.Training(lambda x: (w * x) ** 2, optimizer, rows=0, reduce="sum")
    assert step(np.array([1.0])) == 1.0
    assert w.data == 0.8
    assert optimizer.states == [(2.0, 1)]
    again = nn.Training(lambda x: (w * x) ** 2, optimizer, rows=0, reduce="sum")
    again(np.array([1.0]))
    assert w.data == pytest.approx(0.8 - 0.1 * (0.5 * 2.0 + 1.6))


def test_what_is_set_between_steps_counts_in_the_next():
    w = Value(1.0)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    step = nn.Training(lambda x: (w * x) ** 2, optimizer, rows=0, reduce="sum")
    step(np.array([1.0]))
    w.data, optimizer.lr, optimizer.states = 2.0, 0.25, [(0.0, 1)]
    assert step(np.array([1.0])) == 4.0
    assert (w.data, optimizer.states) == (1.0, [(4.0, 2)])
    (w * 3.0).backward()
    optimizer.step()
    assert w.data == 1.0 - 0.25 * (0.5 * 4.0 + 3.0)
    assert step(np.array([1.0])) == w_before(w, optimizer) ** 2


def w_before(w, optimizer):
    """What w was before the last step, which the optimizer's states tell."""
    return w.data + optimizer.lr * optimizer.states[0][0]


def test_a_block_says_which_parameter_was_set_inside_it_and_loses_nothing_that_was_trained():
    w, b = Value(1.0, "w"), Value(0.0)
    step = nn.Training(lambda x, y: (w * x + b - y) ** 2, SGD([w, b], lr=0.1))
    twin = [Value(1.0), Value(0.0)]
    other = nn.Training(lambda x, y: (twin[0] * x + twin[1] - y) ** 2, SGD(twin, lr=0.1))
    rows = np.array([1.0, 2.0]), np.array([0.0, 1.0])

    def block(then=None):
        with step:
            step(*rows)
            w.data = 7.0
            step(*rows)
            if then:
                raise then

    with pytest.raises(RuntimeError, match=r"Training: w was set inside the with block, where steps do not see it"):
        block()
    with pytest.raises(ZeroDivisionError):
        block(ZeroDivisionError())
    for _ in range(4):
        other(*rows)
    assert [w.data, b.data] == [p.data for p in twin]


def test_states_of_several_numbers_are_kept_apart():
    @dataclass
    class Averaging(nn.optim.Optimizer):
        parameters: list

        def __post_init__(self):
            self._check_parameters()

        def start(self):
            return 0.0, 0.0

        def update(self, x, g, state):
            total, count = state
            return x - 0.1 * g, (total + g, count + 1.0)

    w, b = Value(1.0), Value(0.0)
    optimizer = Averaging([w, b])
    with nn.Training(lambda x, y: (w * x + b - y) ** 2, optimizer) as step:
        step(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
        step(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    assert [count for _, count in optimizer.states] == [2.0, 2.0]
    assert optimizer.states[0][0] != optimizer.states[1][0]


def test_states_that_are_set_at_the_end_of_a_block_stay():
    w = Value(1.0)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    with nn.Training(lambda x: (w * x) ** 2, optimizer, rows=0, reduce="sum") as step:
        step(np.array([1.0]))
        optimizer.states = [(3.0, 1)]
    assert (w.data, optimizer.states) == (0.8, [(3.0, 1)])
    with step:
        step(np.array([0.0]))
        optimizer.states[0] = (5.0, 2)
    assert optimizer.states == [(5.0, 2)]


def test_a_state_that_is_changed_in_its_place_counts_in_the_next_step():
    w = Value(1.0)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    step = nn.Training(lambda x: (w * x) ** 2, optimizer, rows=0, reduce="sum")
    step(np.array([1.0]))
    optimizer.states[0] = (8.0, 1)
    step(np.array([0.0]))
    assert w.data == 0.8 - 0.1 * 4.0
    assert optimizer.states == [(4.0, 2)]


def test_an_optimizer_with_slots_and_states_of_its_own_trains():
    @dataclass(slots=True)
    class Own(nn.optim.Optimizer):
        parameters: list
        states: list = field(init=False, repr=False)

        def __post_init__(self):
            self._check_parameters()

        def start(self):
            return 0.0

        def update(self, x, g, state):
            return x - 0.1 * g, state + 1.0

    w = Value(1.0)
    optimizer = Own([w])
    step = nn.Training(lambda x, y: (w * x - y) ** 2, optimizer)
    for _ in range(3):
        step(np.ones(2), np.zeros(2))
    assert w.data == pytest.approx(0.8**3)
    assert optimizer.states == [3.0]


def test_a_minibatch_needs_no_new_trace():
    w = Value(0.0)
    step = nn.Training(lambda x, y: (w * x - y) ** 2, SGD([w], lr=0.5))
    x = np.linspace(0.0, 1.0, 10)
    for _ in range(100):
        for start in (0, 5):
            step(x[start : start + 5], 3.0 * x[start : start + 5])
    assert w.data == pytest.approx(3.0, abs=1e-3)
    assert len(step.compiled.tapes) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reduce": None}, TypeError, "a reduction goes by a name, got NoneType"),
        ({"reduce": "meam"}, ValueError, "unknown reduction 'meam'; did you mean 'mean'.; the names are mean, sum"),
        ({"backend": "numbaa"}, ValueError, "numba.*'numbaa'"),
        ({"threads": 0}, ValueError, "threads to be an int from 1 up, got 0"),
        ({"rows": -1}, ValueError, "rows to be positions of arguments, from 0, got -1"),
    ],
)
def test_options_are_looked_at_before_the_first_step(options, error, message):
    with pytest.raises(error, match=message):
        nn.Training(lambda x: x, SGD([Value(1.0)], lr=0.1), **options)


@pytest.mark.parametrize(
    ("loss", "predictions", "targets"),
    [
        (squared_error, [0.5], [0.0, 2.0]),
        (squared_error, [[0.5, 1.0]], [[0.0, 2.0]]),
        (hinge, [-0.5, 2.0], [1, -1]),
        (binary_cross_entropy_with_logits, [-3.0, 0.5, math.inf], [0, 1, -1, 0.25]),
        (cross_entropy_with_logits, [[0.5, -1.0, 2.0], [60.0, 0.0, 0.0]], [0, 1, 2]),
        (cross_entropy_with_logits, [[0.5, -1.0, 2.0]], [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_a_loss_compiled_with_its_targets_as_rows_is_the_loss(loss, predictions, targets):
    run = compile(loss)
    with errstate("ignore"):
        for prediction in predictions:
            for target in targets:
                floats = [float(t) for t in target] if isinstance(target, list) else float(target)
                assert run(prediction, floats) == pytest.approx(loss(prediction, target), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "prediction", "target"),
    [
        (hinge, 0.5, 0.0),
        (binary_cross_entropy_with_logits, 0.5, 2.0),
        (binary_cross_entropy_with_logits, 0.5, -0.5),
        (cross_entropy_with_logits, [1.0, 2.0], 2.0),
        (cross_entropy_with_logits, [1.0, 2.0], 0.3),
        (cross_entropy_with_logits, [1.0, 2.0], [0.3, 0.3]),
        (cross_entropy_with_logits, [1.0, 2.0], [1.5, -0.5]),
    ],
)
def test_a_target_that_would_be_refused_gives_nan_where_it_cannot_be(loss, prediction, target):
    assert math.isnan(compile(loss)(prediction, target))


def test_probabilities_must_be_as_many_as_logits_when_compiled_too():
    with pytest.raises(ValueError, match="expects 2 probabilities, got 3"):
        compile(cross_entropy_with_logits)([1.0, 2.0], [0.5, 0.25, 0.25])


def test_parameters_that_were_set_from_outside_are_read_at_the_next_with():
    w = Value(0.0)
    step = nn.Training(lambda x, y: (w * x - y) ** 2, nn.optim.SGD([w], lr=0.1))
    xs, ys = np.array([1.0, 2.0]), np.array([3.0, 6.0])
    with step:
        first = step(xs, ys)
    w.data = 0.0
    with step:
        assert step(xs, ys) == first
    w.data = 0.0
    assert step(xs, ys) == first


def test_a_loss_of_nan_is_warned_of_once():
    w = Value(0.5)
    step = nn.Training(lambda x, y: nn.losses.hinge(w * x, y), nn.optim.SGD([w], lr=0.1))
    with pytest.warns(RuntimeWarning, match="the loss is nan: a target that the loss refuses"):
        step(np.ones(2), np.array([0.0, 1.0]))
    step(np.ones(2), np.array([0.0, 1.0]))


def test_what_is_no_optimizer_is_refused_and_a_training_says_what_it_is():
    w = Value(0.5)
    with pytest.raises(TypeError, match="Training expects an optimizer, got list"):
        nn.Training(lambda x, y: w * x, [w])
    step = nn.Training(lambda x, y: w * x, nn.optim.SGD([w], lr=0.1))
    assert repr(step).startswith("Training(1 parameters, SGD(")
