"""The parts of training: options of optimizers, schedules, clipping, penalties, noise, groups, searches."""

import math

import numpy as np
import pytest

import nn
from autograd import Value, compile
from nn import optim, penalties

KINDS = [optim.GD, optim.SGD, optim.RMSprop, optim.Adagrad, optim.Adam, optim.AdamW, optim.Lion]


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_of_arrays_has_the_bits_of_updates_of_numbers(kind):
    numbers, slopes = np.random.default_rng(0).normal(size=(2, 6, 5))
    optimizer = kind([Value(0.0)], lr=0.1)
    states, whole, x, xs = [optimizer.start()] * 5, optimizer.start(), numbers[0].tolist(), numbers[0]
    for g in slopes:
        moves = [optimizer.update(*part) for part in zip(x, g.tolist(), states, strict=True)]
        x, states = [move[0] for move in moves], [move[1] for move in moves]
        xs, whole = optimizer.update(xs, g, whole)
        assert xs.tolist() == x


def test_lion_is_its_paper_s():
    b1, b2, lr, decay = 0.9, 0.99, 0.1, 0.01
    x, m = 3.0, 0.0
    v = Value(3.0)
    optimizer = optim.Lion([v], lr=lr, betas=(b1, b2), weight_decay=decay)
    for _ in range(50):
        g = 2.0 * x - 1.0
        update = math.copysign(1.0, b1 * m + (1.0 - b1) * g)
        m, x = b2 * m + (1.0 - b2) * g, x - lr * (update + decay * x)
        optimizer.zero_grad()
        (v * v - v).backward()
        optimizer.step()
        assert v.data == pytest.approx(x, abs=1e-13)


@pytest.mark.parametrize("kind", [optim.Adam, optim.RMSprop, optim.Adagrad])
def test_a_gradient_of_0_without_eps_is_nan_for_numbers_and_arrays_and_raises_nothing(kind):
    optimizer = kind([Value(1.0)], eps=0.0)
    optimizer.step()
    assert math.isnan(next(iter(optimizer.parameters)).data)
    with np.errstate(all="raise"):
        assert np.isnan(optimizer.update(np.ones(2), np.zeros(2), optimizer.start())[0]).all()


@pytest.mark.parametrize("x", [-2.0, -0.0, 0.0, 3.0, math.inf, math.nan])
def test_the_functions_of_updates_are_numpy_s(x):
    with np.errstate(all="ignore"):
        pairs = [
            (optim.sqrt(x), np.sqrt(x), optim.sqrt(np.array([x]))[0]),
            (optim.sign(x), np.sign(x), optim.sign(np.array([x]))[0]),
            *((optim.maximum(x, y), np.maximum(x, y), optim.maximum(np.array([x]), y)[0]) for y in (1.0, math.nan)),
            *((optim.maximum(y, x), np.maximum(y, x), optim.maximum(y, np.array([x]))[0]) for y in (1.0, math.nan)),
            *((optim.ratio(x, y), np.divide(x, y), optim.ratio(np.array([x]), y)[0]) for y in (2.0, 0.0, -0.0)),
        ]
    for one, expected, of_array in pairs:
        assert one == pytest.approx(expected, nan_ok=True)
        assert of_array == pytest.approx(expected, nan_ok=True)


def x():
    return [Value(1.0)]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: optim.Adam(x(), lr=0.0), ValueError, r"Adam expects lr above 0, got 0\.0"),
        (lambda: optim.Adam(x(), betas=(0.9, 1.0)), ValueError, r"Adam expects betas two numbers in \[0, 1\), got \(0.9, 1.0\)"),
        (lambda: optim.Adam(x(), betas=(0.9, True)), ValueError, "betas two numbers"),
        (lambda: optim.Adam(x(), betas=0.9), TypeError, "betas to be a tuple, got float"),
        (lambda: optim.Adam(x(), eps=-1e-8), ValueError, "eps from 0 up, got -1e-08"),
        (lambda: optim.Adam(x(), amsgrad=1), TypeError, "amsgrad to be True or False, got int"),
        (lambda: optim.AdamW(x(), weight_decay=-1.0), ValueError, "weight_decay from 0 up, got -1.0"),
        (lambda: optim.SGD(x(), lr=0.1, momentum=0.5, nesterov=True, dampening=0.5), ValueError, "dampening from 0 to 1, and 0 with nesterov"),
        (lambda: optim.RMSprop(x(), alpha=math.nan), ValueError, r"alpha in \[0, 1\), got nan"),
        (lambda: optim.LBFGS(x(), memory=0), ValueError, "LBFGS expects memory at least 1, got 0"),
        (lambda: optim.LBFGS(x(), memory=1.5), TypeError, "memory to be a number, got float"),
        (lambda: optim.LBFGS([]), ValueError, "LBFGS expects at least one parameter"),
        (lambda: optim.Groups(), ValueError, "Groups expects at least one parameter"),
        (lambda: optim.Groups(3), TypeError, "Groups expects optimizers, got int at 0"),
        (lambda: optim.Groups(optim.GD([SHARED], lr=1.0), optim.Adam([SHARED])), ValueError, "the same parameter at 0 and 1"),
        (lambda: optim.Adam([{"params": x()}]), TypeError, "got dict at 0: for groups write Groups"),
        (lambda: optim.ClipNorm(0.0), ValueError, "ClipNorm expects a limit above 0, got 0.0"),
        (lambda: optim.ClipValue("a"), TypeError, "ClipValue expects a limit that is a number, got str"),
        (lambda: optim.Step(0), ValueError, "Step expects size at least 1, got 0"),
        (lambda: optim.Exponential(1.5), ValueError, "Exponential expects gamma from 0 to 1, got 1.5"),
        (lambda: optim.Cosine(3, low="a"), TypeError, "Cosine expects low to be a number, got str"),
        (lambda: optim.Constant(per="batch"), ValueError, "per to be 'epoch' or 'step', got 'batch'"),
        (lambda: optim.Plateau(per="step"), ValueError, "Plateau expects per to be 'epoch'"),
        (lambda: optim.WarmUp(3, then=1.0), TypeError, "a schedule to go on with, got float"),
        (lambda: optim.WarmUp(3, optim.Plateau(), per="step"), ValueError, "WarmUp counts steps, and Plateau looks at epochs"),
        (lambda: optim.WarmUp(3, optim.Cosine(3, per="step")), ValueError, "WarmUp counts epochs and expects a schedule that does"),
        (lambda: optim.Constant()(-1), ValueError, "a time from 0 on, got -1"),
        (lambda: penalties.L2(-1.0), ValueError, "a penalty expects strength from 0 up, got -1.0"),
        (lambda: penalties.ElasticNet(1.0, 1.5), ValueError, "l1_ratio from 0 to 1, got 1.5"),
        (lambda: penalties.L1("a"), TypeError, "strength to be a number, got str"),
        (lambda: penalties.MaxNorm(0.0), ValueError, "MaxNorm expects limit above 0, got 0.0"),
        (lambda: nn.Dropout(1.0), ValueError, r"Dropout expects a rate in \[0, 1\), got 1.0"),
        (lambda: nn.MLP(1, [2, 1], dropout="a"), TypeError, "Dropout expects a rate that is a number, got str"),
        (lambda: nn.EarlyStopping(patience=0), ValueError, "patience to be at least 1, got 0"),
        (lambda: nn.EarlyStopping(patience=1.5), TypeError, "patience to be an int, got float"),
        (lambda: nn.EarlyStopping(min_delta=-1.0), ValueError, "min_delta from 0 up, got -1.0"),
        (lambda: nn.EarlyStopping(min_delta="a"), TypeError, "min_delta to be a number, got str"),
        (lambda: nn.lr_curve(lambda x: x, [1.0], [1.0], loss="hinge", optimizer=None, low=1.0, high=0.1), ValueError, "rates above 0 that rise"),
        (lambda: nn.Training(lambda x: x, 3), TypeError, "Training expects an optimizer, got int"),
    ],
)  # fmt: skip
def test_bad_options_are_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


SHARED = Value(1.0)


def test_an_option_may_be_a_list_and_is_looked_at_when_it_is_set_anew():
    adam = optim.Adam(x(), betas=[0.8, 0.9])
    assert adam.betas == (0.8, 0.9)
    with pytest.raises(ValueError, match="betas two numbers"):
        adam.betas = (2.0, 0.0)


def test_groups_move_each_parameter_by_its_own_optimizer_also_compiled():
    def parameters():
        return [Value(1.0), Value(2.0), Value(3.0)]

    p, q = parameters(), parameters()
    alone = [optim.SGD(p[:1], lr=0.1), optim.Adam(p[1:], lr=0.2)]
    groups = optim.Groups(optim.SGD(q[:1], lr=0.1), optim.Adam(q[1:], lr=0.2))
    assert repr(groups).startswith("Groups(SGD(")
    step = nn.Training(lambda x: sum((v * x) ** 2 for v in q), groups, rows=0)
    for _ in range(3):
        for optimizer in alone:
            optimizer.zero_grad()
        sum(v**2 for v in p).backward()
        for optimizer in alone:
            optimizer.step()
        step(np.ones(1))
    assert [v.data for v in p] == pytest.approx([v.data for v in q], rel=1e-14)
    groups.zero_grad()
    assert [v.grad for v in q] == [0.0] * 3
    groups.groups[1].states[0] = groups.groups[1].start()
    step(np.ones(1))
    assert groups.groups[1].states[0][3] == 1


def test_penalties_count_the_weights_or_what_they_are_told_to():
    model = nn.MLP(1, [2, 1], rng=0)
    for k, parameter in enumerate(model.parameters()):
        parameter.data = float(k + 1)  # w b w b | w w b
    named = list(model.named_parameters())
    assert penalties.L1(0.5)(named).data == 0.5 * (1.0 + 3.0 + 5.0 + 6.0)
    assert penalties.L2(0.5)(named).data == 0.25 * (1.0 + 9.0 + 25.0 + 36.0)
    both = penalties.ElasticNet(2.0, 0.25)(named).data
    assert both == pytest.approx(0.5 * 15.0 + 0.75 * 71.0)
    assert penalties.L1(1.0, of=lambda name: name.startswith("layers[1]"))(named).data == 5.0 + 6.0 + 7.0
    assert penalties.L2(1.0, of=lambda name: False)(named) == 0.0
    assert penalties.L2(0.0)(named) == 0.0


def test_the_largest_norm_holds_for_each_neuron_after_each_step_and_0_stays_0():
    model = nn.MLP(2, [3, 1], rng=0)
    X = np.random.default_rng(0).normal(size=(20, 2))
    nn.fit(
        model,
        X,
        X[:, 0] * 9.0,
        loss="squared_error",
        optimizer=optim.Adam(model.parameters(), lr=0.3),
        epochs=30,
        progress=False,
        constraint=penalties.MaxNorm(0.75),
    )
    norms = [math.hypot(*(w.data for w in neuron.w)) for layer in model.layers for neuron in layer.neurons]
    assert max(norms) <= 0.75 + 1e-12
    assert max(norms) > 0.74
    assert abs(model.layers[1].neurons[0].b.data) > 0.1
    keep = penalties.MaxNorm(1.0).of_names(["w[0]", "b"])
    assert keep(np.array([0.0, 2.0])).tolist() == [0.0, 2.0]


def test_dropout_is_silent_without_noise_and_keeps_the_mean_with_it():
    layer = nn.Dropout(0.25)
    row = [Value(1.0)] * 4
    assert layer(row) is row
    assert nn.Dropout(0.0)(row) is row
    with nn.noise(rng=0):
        outputs = [y.data for _ in range(2000) for y in layer(row)]
        assert isinstance(layer(Value(2.0)), Value)
    assert set(outputs) == {0.0, 1.0 / 0.75}
    assert np.mean(outputs) == pytest.approx(1.0, abs=0.03)
    assert nn.uniforms(3) is None
    assert (
        repr(nn.MLP(2, [3, 3, 1], dropout=0.5))
        == "MLP(2 -> 3 relu -> Dropout(0.5) -> 3 relu -> Dropout(0.5) -> 1 identity)"
    )


def test_the_mask_of_dropout_is_seen_in_the_graph():
    from autograd import steps

    model = nn.MLP(1, [2, 1], dropout=0.5, rng=0)
    with nn.noise(rng=1):
        y = model([1.0])
    assert any("mask" in str(step) for step in steps(y))


def test_noise_of_one_s_own_layers_is_compiled_as_rows():
    class Jitter(nn.Module):
        def __call__(self, x):
            chances = nn.uniforms(1)
            return x if chances is None else [part + 0.1 * (chances[0] - 0.5) for part in x]

    X = np.linspace(-1.0, 1.0, 12)[:, None]
    found = []
    for compiled in (True, False):
        model = nn.MLP(1, [3, 1], rng=0)
        model.layers.insert(0, Jitter())
        found.append(
            nn.fit(
                model,
                X,
                X[:, 0],
                loss="squared_error",
                optimizer=optim.Adam,
                epochs=4,
                compiled=compiled,
                progress=False,
            ).loss
        )
    assert found[0] == pytest.approx(found[1], abs=1e-12)
    still = nn.MLP(1, [3, 1], rng=0)
    history = nn.fit(still, X, X[:, 0], loss="squared_error", optimizer=optim.Adam, epochs=4, progress=False)
    assert history.loss != found[0]


def test_a_search_stays_where_no_step_helps():
    w = Value(0.0)
    optimizer = optim.LBFGS([w])

    def closure():
        optimizer.zero_grad()
        loss = abs(w) + 1.0
        loss.backward()
        return loss

    optimizer.step(closure)
    assert w.data == 0.0
    w.data = 1.0
    optimizer.states = [[[-1.0], [-1.0]], [[1e-9], [1e9]]]
    for _ in range(4):
        optimizer.step(closure)
    assert abs(w.data) <= 1.0
    assert len(optimizer.groups) == 1
    before = w.data

    def flat():
        w.grad = 1.0  # a slope that is none
        return 3.0

    optimizer.step(flat)
    assert w.data == before


def test_an_eager_step_leaves_gradients_as_they_were_and_takes_shared_arguments():
    w = Value(2.0)
    w.grad = 7.0
    f = lambda x, scale: (w * x * scale) ** 2  # noqa: E731
    eager = nn.Training(f, optim.GD([w], lr=0.01), rows=0, reduce="sum", compiled=False)
    twin = Value(2.0)
    compiled = nn.Training(lambda x, scale: (twin * x * scale) ** 2, optim.GD([twin], lr=0.01), rows=0, reduce="sum")
    rows = np.array([1.0, 2.0])
    assert eager(rows, 0.5) == compiled(rows, 0.5) == 5.0
    assert w.data == twin.data
    assert w.grad == 7.0
    assert nn.Training(lambda x: 1.0, optim.GD([w], lr=0.1), rows=0, compiled=False)(rows) == 1.0


def test_new_arrays_of_the_same_form_are_not_laid_out_again_and_give_the_same_numbers():
    rng = np.random.default_rng(0)
    w = [Value(0.1 * k) for k in range(6)]

    def loss(x, y):
        return (sum(a * b for a, b in zip(w, np.ravel(x), strict=True)) - y) ** 2

    for backend in ("numpy", "numba", "python"):
        for shape in ((6,), (2, 3)):
            first, second = rng.normal(size=(2, 7, *shape))
            step = nn.Training(loss, optim.GD(w, lr=1e-30), backend=backend)
            for X, y in (
                (first, rng.normal(size=7)),
                (second, rng.normal(size=7)),
                (second[:3].copy(), rng.normal(size=3)),
                (np.repeat(first, 2, axis=0)[::2], rng.normal(size=7)),
                (np.asfortranarray(second), rng.normal(size=7)),
                (second.astype(np.float32), rng.normal(size=7)),
                (second, rng.normal(size=14)[::2]),
            ):
                expected = np.mean(
                    [
                        (sum(a.data * b for a, b in zip(w, row.ravel(), strict=True)) - t) ** 2
                        for row, t in zip(X, y, strict=True)
                    ]
                )
                assert step(X, y) == pytest.approx(expected, rel=1e-6 if X.dtype == np.float32 else 1e-12)
            step(second, rng.normal(size=7))
            with pytest.raises(ValueError, match="the same number of rows"):
                step(second[:3].copy(), rng.normal(size=7))
            step(second, rng.normal(size=7))
            with pytest.raises(ValueError, match="at least one row for a mean"):
                step(second[:0].copy(), np.zeros(0))


def test_a_merge_of_both_branches_of_a_choice_leaves_no_guard_behind():
    from autograd import grad, where

    slope = compile(grad(lambda x, y, c: where(c, x * y, x + y), argnums=1))
    assert str(slope.tapes) == "[]"
    assert slope(2.0, 3.0, 1.0) == 2.0
    assert slope(2.0, 3.0, 0.0) == 1.0
    mixed = compile(
        grad(lambda x, c: (where(c, (2.0 * x).exp(), 0.0) + where(1.0 - c, x, 0.0)) if isinstance(x, Value) else x)
    )
    for c in (0.0, 0.25, 1.0):
        assert mixed(0.5, c) == pytest.approx((2.0 * math.exp(1.0) if c else 0.0) + (1.0 if c != 1.0 else 0.0))
