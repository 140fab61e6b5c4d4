"""fit: that a run is what it says, stops as it should, and goes on bit for bit."""

import hashlib
import itertools
import json
import math
import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest

import nn
from autograd import Value, sqrt, where
from nn import losses, optim, penalties
from nn.metrics import accuracy_score, brier_score_loss, log_loss, r2_score, roc_auc_score

RNG = np.random.default_rng(3)
X = RNG.normal(size=(23, 2))
SIGNS = np.where(X[:, 0] + X[:, 1] ** 2 > 0.5, 1.0, -1.0)
CLASSES = np.arange(23) % 3
COUNTS = RNG.poisson(2.0, 23).astype(float)
SHARES = RNG.dirichlet([2.0, 2.0, 2.0], 23)


class Positive(nn.Module):
    """A network whose outputs are above 0, or shares that add up to 1."""

    def __init__(self, outputs, rng=0):
        self.body = nn.MLP(2, [4, outputs], activation="tanh", rng=rng)
        self.outputs = outputs

    def __call__(self, x):
        from autograd import softmax, softplus

        y = self.body(x)
        return softmax(y) if self.outputs > 1 else softplus(y) + 0.1


class Chance(nn.Module):
    """A network whose output is a probability, not by the last node sigmoid."""

    def __init__(self, rng=0):
        self.body = nn.MLP(2, [4, 1], activation="tanh", rng=rng)

    def __call__(self, x):
        from autograd import sigmoid

        return 0.1 + 0.8 * sigmoid(self.body(x))


def network(outputs=1, rng=0):
    return nn.MLP(2, [4, outputs], activation="tanh", rng=rng)


# Of each loss a model and targets.
TASKS = {
    "squared_error": (network, SIGNS),
    "absolute_error": (network, 0.3 * SIGNS + COUNTS),
    "huber": (network, COUNTS),
    "hinge": (network, SIGNS),
    "squared_hinge": (network, SIGNS),
    "binary_cross_entropy": (Chance, (SIGNS + 1.0) / 2.0),
    "binary_cross_entropy_with_logits": (network, SIGNS),
    "cross_entropy": (partial(Positive, 3), CLASSES),
    "cross_entropy_with_logits": (partial(network, 3), CLASSES),
    "kl_divergence": (partial(Positive, 3), SHARES),
    "gaussian_nll": (network, COUNTS),
    "poisson_nll": (partial(Positive, 1), COUNTS),
    "gamma_nll": (partial(Positive, 1), COUNTS + 0.5),
}
OPTIMIZERS = {
    "GD": partial(optim.GD, lr=0.05),
    "SGD": partial(optim.SGD, lr=0.05, momentum=0.8, nesterov=True, weight_decay=1e-3),
    "RMSprop": partial(optim.RMSprop, lr=0.01, centered=True, momentum=0.5),
    "Adagrad": optim.Adagrad,
    "Adam": partial(optim.Adam, amsgrad=True),
    "AdamW": optim.AdamW,
}


def run(loss="squared_error", optimizer=optim.Adam, model=None, y=None, epochs=5, **options):
    make, target = TASKS[loss if isinstance(loss, str) else "squared_error"]
    model = model or make()
    options = {"batch_size": 10, "progress": False, **options}
    history = nn.fit(
        model, options.pop("X", X), target if y is None else y, loss=loss, optimizer=optimizer, epochs=epochs, **options
    )
    return history, model


def test_every_loss_has_a_task():
    assert list(TASKS) == list(losses.LOSSES)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", TASKS)
def test_eager_and_compiled_runs_are_the_same_over_twenty_steps(loss, optimizer):
    options = {
        "optimizer": OPTIMIZERS[optimizer],
        "epochs": 7,
        "validation": 0.2,
    }  # three batches of 10, 10 and 3 less the held rows
    compiled, fast = run(loss, **options)
    eager, slow = run(loss, compiled=False, **options)
    assert np.allclose(eager.loss, compiled.loss, rtol=0.0, atol=1e-10)
    assert np.allclose(eager.validation, compiled.validation, rtol=0.0, atol=1e-10)
    assert np.allclose(list(slow.state_dict().values()), list(fast.state_dict().values()), rtol=0.0, atol=1e-10)
    assert compiled.state["steps"] >= 14


@pytest.mark.parametrize(
    ("optimizer", "more"),
    [
        (partial(optim.Lion, lr=0.01), {}),
        (partial(optim.SGD, lr=0.1), {"clip": optim.ClipNorm(0.1)}),
        (partial(optim.SGD, lr=0.1), {"clip": optim.ClipValue(0.01)}),
        (partial(optim.SGD, lr=0.1), {"schedule": optim.Plateau(patience=0)}),
    ],
    ids=["lion", "norm", "value", "plateau"],
)
def test_what_jumps_is_the_same_over_one_step(optimizer, more):
    (compiled, fast), (eager, slow) = (
        run(optimizer=optimizer, epochs=1, batch_size=None, compiled=how, **more) for how in (True, False)
    )
    assert compiled.loss == pytest.approx(eager.loss, abs=1e-12)
    assert list(fast.state_dict().values()) == pytest.approx(list(slow.state_dict().values()), abs=1e-12)


WAYS = {
    "plain": {},
    "all rows at once": {"batch_size": None},
    "in order": {"shuffle": False},
    "validation": {"validation": 0.3, "metrics": (r2_score,)},
    "dropout": {"model": lambda rng=0: nn.MLP(2, [6, 1], dropout=0.3, rng=rng)},
    "cosine": {"schedule": optim.Cosine(15)},
    "by steps": {"schedule": optim.WarmUp(10, optim.Exponential(0.9), per="step")},
    "plateau": {"schedule": optim.Plateau(patience=0, threshold=0.05)},
    "a function": {"schedule": lambda t: 1.0 / (1.0 + t)},
    "everything": {
        "optimizer": partial(optim.SGD, lr=0.1, momentum=0.9, dampening=0.1),
        "clip": optim.ClipNorm(0.5),
        "constraint": penalties.MaxNorm(1.0),
        "penalty": penalties.ElasticNet(0.01),
        "sample_weight": np.arange(1.0, 24.0),
        "report": "after",
    },
    "lbfgs": {"optimizer": optim.LBFGS, "batch_size": None},
    "groups": {"optimizer": lambda p: optim.Groups(optim.Adam(p[:5]), optim.SGD(p[5:], lr=0.1, momentum=0.5))},
    "eager": {"compiled": False},
}


def same(history, other):
    assert history.loss == other.loss
    assert history.validation == other.validation
    assert history.metrics == other.metrics
    assert history.rate == other.rate
    assert history.best == other.best
    first, second = (json.dumps({**h.state, "split": 0}, sort_keys=True) for h in (history, other))
    assert first == second


@pytest.mark.parametrize("way", WAYS)
def test_three_times_five_epochs_are_fifteen_bit_for_bit_also_through_a_file_in_a_new_model(way, tmp_path):
    options = dict(WAYS[way])
    make = options.pop("model", network)
    whole, trained = run(model=make(), epochs=15, **options)
    parts, model = run(model=make(), epochs=5, **options)
    for _ in range(2):
        parts, _ = run(model=model, history=parts, **options)
    same(whole, parts)
    assert trained.state_dict() == model.state_dict()
    saved, _ = run(model=make(), epochs=5, **options)
    for k in range(2):
        saved.save(tmp_path / "run.json")
        other = make(rng=9 + k)
        saved, _ = run(model=other, history=nn.History.load(tmp_path / "run.json"), **options)
    same(whole, saved)
    assert trained.state_dict() == other.state_dict()


class Interrupt:
    """Sends Ctrl-C at a step, as a function of gradients."""

    def __init__(self, step, times=1):
        self.left, self.times = step, times

    def __call__(self, gradients):
        self.left -= 1
        if self.left == 0:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
        return gradients


@pytest.mark.parametrize("at", [1, 4, 6, 7, 8])
@pytest.mark.parametrize("way", ["plain", "dropout", "by steps", "validation", "everything", "groups"])
def test_a_run_that_was_interrupted_goes_on_with_the_bits_of_one_that_was_not(way, at, tmp_path):
    options = dict(WAYS[way])
    make, clip = options.pop("model", network), options.pop("clip", lambda g: g)
    whole, trained = run(model=make(), epochs=6, clip=clip, **options)
    interrupt = Interrupt(at)
    history, model = run(model=make(), epochs=6, clip=lambda g: clip(interrupt(g)), **options)
    assert history.stopped == "interrupted"
    assert history.state["steps"] == at
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    history.save(tmp_path / "run.json")
    history = nn.History.load(tmp_path / "run.json")
    history, model = run(model=make(rng=7), epochs=6 - history.epochs, clip=clip, history=history, **options)
    same(whole, history)
    assert history.stopped == ""
    assert trained.state_dict() == model.state_dict()


def test_a_second_interrupt_ends_the_run_at_once_and_the_model_keeps_what_it_had_learnt():
    model = network()
    with pytest.raises(KeyboardInterrupt):
        run(model=model, clip=Interrupt(5, times=2))
    assert model.state_dict() != network().state_dict()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def overfit(**options):
    """A run whose validation loss has its minimum in the middle."""
    y = np.where(np.arange(23) % 2, 1.0, -1.0)
    model = nn.MLP(2, [20, 1], activation="tanh", rng=1)
    at_best = {}

    def note(history):
        if history.best == history.epochs:
            at_best.update(model.state_dict())

    more = options.pop("callbacks", ())
    history, _ = run(
        model=model,
        y=y,
        optimizer=partial(optim.Adam, lr=0.05),
        validation=(X[:8] + 0.5, y[8:16]),
        callbacks=(note, *more),
        **options,
    )
    return history, model, at_best


def stop_at_four(history):
    return history.epochs == 4


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 40},
        {"epochs": 40, "callbacks": (nn.EarlyStopping(patience=3),)},
        {"epochs": 40, "callbacks": (stop_at_four,)},
        {"epochs": 40, "clip": Interrupt(16)},
    ],
    ids=["last epoch", "early stopping", "callback", "interrupt"],
)
def test_with_validation_the_model_has_the_best_weights_however_the_run_ends(options):
    history, model, at_best = overfit(**options)
    assert model.state_dict() == at_best
    assert history.validation[history.best - 1] == min(history.validation)
    assert history.state["weights"] != at_best or history.best == history.epochs
    reason = {40: ""}.get(history.epochs, history.stopped)
    assert history.stopped == reason


def test_a_loss_of_nan_names_epoch_batch_and_parameter_and_keeps_the_best_weights():
    calls = itertools.count()
    with pytest.raises(
        nn.NotANumber,
        match=r"step to what is no number in epoch 7, batch 3: it takes layers\[0\]\.neurons\[0\]\.w\[0\] to nan",
    ) as caught:
        overfit(epochs=40, clip=lambda g: g * (math.nan if next(calls) == 20 else 1.0))
    history = caught.value.history
    assert history.epochs == 6
    assert len(history.validation) == 6
    assert min(history.validation) == history.validation[history.best - 1]


def test_a_loss_of_nan_leaves_the_last_weights_that_had_a_loss():
    w = Value(1.0, "w")
    calls = itertools.count()
    with pytest.raises(nn.NotANumber, match="step to what is no number in epoch 3, batch 1: it takes w to nan"):
        nn.fit(
            lambda x: w * x, [1.0], [0.0], loss="squared_error", optimizer=optim.GD([w], lr=0.25), progress=False,
            clip=lambda g: g * (math.nan if next(calls) == 2 else 1.0),
        )  # fmt: skip
    assert w.data == 0.25
    with pytest.raises(nn.NotANumber, match="it takes w to "):
        nn.fit(
            lambda x: w * x, [1.0], [-1.0], loss=lambda p, t: sqrt(p + t * w), optimizer=optim.GD([w], lr=0.25),
            progress=False, epochs=1,
        )  # fmt: skip


def test_without_validation_the_last_weights_stay():
    history, model = run(epochs=3)
    assert history.best is None
    assert model.state_dict() == history.state["weights"]


def test_the_running_mean_weighs_batches_by_their_rows_and_after_is_the_loss_of_the_trained_model():
    w = Value(2.0)
    options = {"loss": "squared_error", "batch_size": 2, "shuffle": False, "epochs": 1, "progress": False}
    rows = np.array([1.0, 1.0, 3.0]), np.zeros(3)
    history = nn.fit(lambda x: w * x, *rows, optimizer=optim.GD([w], lr=0.125), **options)
    assert (history.loss, w.data) == ([(4.0 + 4.0 + 9.0 * 2.25) / 3.0], 1.5 - 0.125 * 2.0 * 1.5 * 9.0)
    assert "running" not in history.reported
    assert "while the weights move" in history.reported
    w.data = 2.0
    history = nn.fit(lambda x: w * x, *rows, optimizer=optim.GD([w], lr=0.125), report="after", **options)
    assert history.loss == [pytest.approx(w.data**2 * 11.0 / 3.0)]
    assert "after the epoch" in history.reported


def test_the_penalty_is_minimized_and_reported_beside_the_loss_and_leaves_biases_out():
    model = nn.Neuron(1, None, rng=0)
    model.w[0].data, model.b.data = 2.0, 1.0
    history = nn.fit(
        model, [[0.0]], [0.0], loss="squared_error", optimizer=partial(optim.GD, lr=0.25), epochs=1, penalty=penalties.L2(2.0), progress=False
    )  # fmt: skip
    assert (history.loss, history.penalty) == ([1.0], [4.0])
    assert (model.w[0].data, model.b.data) == (2.0 - 0.25 * 2.0 * 2.0, 1.0 - 0.25 * 2.0)


def test_weights_of_rows_are_those_of_rows_that_are_repeated():
    counts = np.arange(23) % 3 + 1
    _, weighted = run(sample_weight=counts, batch_size=None)
    _, repeated = run(X=np.repeat(X, counts, axis=0), y=np.repeat(SIGNS, counts), batch_size=None)
    assert list(weighted.state_dict().values()) == pytest.approx(list(repeated.state_dict().values()), rel=1e-9)


def test_what_the_optimizer_does_not_have_is_frozen():
    model = network()
    before = model.layers[0].state_dict()
    run(model=model, optimizer=optim.Adam(model.layers[1].parameters()))
    assert model.layers[0].state_dict() == before
    assert model.layers[1].state_dict() != network().layers[1].state_dict()


def test_a_validation_share_is_drawn_stratified_on_request_and_never_the_tail():
    y = np.repeat([0.0, 1.0], [15, 8])
    seen = {}

    def metric(true, predicted):
        seen["true"] = true
        return 0.0

    for stratify in (False, True):
        run("binary_cross_entropy_with_logits", y=y, validation=9 / 23, stratify=stratify, metrics=(metric,), epochs=1)
        assert 0.0 in seen["true"]
        assert len(seen["true"]) == 9
    assert seen["true"].sum() == 3.0


def test_rows_may_be_lists_tables_or_batches_and_give_the_same_run():
    pandas = pd.DataFrame(X, columns=["a", "b"])
    expected, model = run(shuffle=False)
    for rows, y in (
        (X.tolist(), SIGNS.tolist()),
        (pandas, pd.Series(SIGNS)),
        (pl.DataFrame(X, schema=["a", "b"]), pl.Series(SIGNS)),
        (X.astype(object), SIGNS[:, None]),
        (np.asfortranarray(X), SIGNS.astype(int)),
    ):
        history, other = run(X=rows, y=y, shuffle=False)
        assert history.loss == expected.loss
        assert other.state_dict() == model.state_dict()
    batches = [(X[k : k + 10], SIGNS[k : k + 10]) for k in range(0, 23, 10)]
    other = network()
    history = nn.fit(other, batches, loss="squared_error", optimizer=optim.Adam, epochs=5, progress=False)
    assert history.loss == expected.loss
    assert other.state_dict() == model.state_dict()


class Recurrent(nn.Module):
    """A network with a memory, for sequences of any length."""

    def __init__(self, rng=0):
        self.cell = nn.Neuron(2, "tanh", rng=rng)

    def __call__(self, xs):
        state = 0.0
        for x in xs:
            state = self.cell([x, state])
        return state


@pytest.mark.parametrize("shuffle", [False, True])
def test_sequences_of_several_lengths_are_grouped_by_length(shuffle):
    rows = [[0.1 * i + 0.2 * j for j in range(1 + i % 3)] for i in range(11)]
    y = np.linspace(-0.5, 0.5, 11)
    histories = [
        nn.fit(
            Recurrent(), rows, y, loss="squared_error", optimizer=optim.Adam, epochs=4, batch_size=2, shuffle=shuffle, validation=0.2,
            compiled=compiled, progress=False,
        )
        for compiled in (True, False)
    ]  # fmt: skip
    assert np.allclose(histories[0].loss, histories[1].loss, rtol=0.0, atol=1e-12)
    assert np.allclose(histories[0].validation, histories[1].validation, rtol=0.0, atol=1e-12)


def test_metrics_get_labels_probabilities_or_scores_as_they_say_and_scikit_learn_s_are_taken():
    from sklearn.metrics import f1_score, mean_squared_error
    from sklearn.metrics import log_loss as theirs

    metrics = (accuracy_score, roc_auc_score, brier_score_loss, log_loss, f1_score, nn.metrics.of_probabilities(theirs))
    history, model = run("binary_cross_entropy_with_logits", metrics=metrics, epochs=2)
    with_labels = [1.0 if model(row).data > 0.0 else -1.0 for row in X.tolist()]
    assert history.metrics["accuracy_score"][-1] == np.mean(np.array(with_labels) == SIGNS)
    assert history.metrics["f1_score"][-1] == pytest.approx(f1_score(SIGNS, with_labels))
    history, model = run("cross_entropy_with_logits", metrics=(accuracy_score, log_loss), epochs=2)
    with_labels = [int(np.argmax([z.data for z in model(row)])) for row in X.tolist()]
    assert history.metrics["accuracy_score"][-1] == np.mean(np.array(with_labels) == CLASSES)
    history, model = run(metrics=(nn.metrics.of_scores(mean_squared_error),), report="after", epochs=2)
    assert history.metrics["mean_squared_error"] == pytest.approx(history.loss, rel=1e-12)
    history, _ = run("hinge", metrics=(accuracy_score, nn.metrics.confusion_matrix), compiled=False, epochs=2)
    assert sum(map(sum, history.metrics["confusion_matrix"][-1])) == 23
    history, _ = run("cross_entropy", metrics=(log_loss,), epochs=1)
    history, _ = run("kl_divergence", metrics=(nn.metrics.of_scores(lambda y, p: p.shape[1]),), epochs=1)


def test_a_model_that_cannot_be_traced_is_trained_eagerly_with_a_warning_that_says_why():
    class Branching(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            return self.w * x if self.w * x > 0.0 else 0.1 * self.w * x

    class Chosen(Branching):
        def __call__(self, x):
            return where(self.w * x > 0.0, self.w * x, 0.1 * self.w * x)

    options = {"loss": "squared_error", "optimizer": optim.Adam, "epochs": 3, "batch_size": 7, "progress": False}
    rows = X[:, 0], SIGNS
    with pytest.warns(UserWarning, match="without compiling, some hundred times slower: .*where"):
        history = nn.fit(Branching(), *rows, validation=0.2, metrics=(r2_score,), **options)
    assert history.loss == pytest.approx(nn.fit(Chosen(), *rows, validation=0.2, **options).loss, abs=1e-12)
    with pytest.raises(nn.training.loop.TraceError):
        nn.fit(Branching(), *rows, compiled=True, **options)


def test_a_warning_says_once_that_a_loss_of_logits_was_given_probabilities():
    class Doubled(nn.Module):
        def __init__(self, outputs):
            self.body = network(outputs)
            self.outputs = outputs

        def __call__(self, x):
            y = self.body(x)
            return nn.links.softmax.inverse(y) if self.outputs > 1 else y.sigmoid()

    for outputs, loss, y in ((1, "binary_cross_entropy", SIGNS), (3, "cross_entropy", CLASSES)):
        with pytest.warns(
            UserWarning, match=f"probabilities already, and {loss}_with_logits .*or take {loss}$"
        ) as seen:
            history, model = run(f"{loss}_with_logits", model=Doubled(outputs), y=y, epochs=2)
        run(
            f"{loss}_with_logits", model=model, y=y, epochs=2, history=history
        )  # is no warning: warnings are errors here
        assert len(seen) == 1


def test_lbfgs_finds_the_minimum_of_a_small_network():
    history, _ = run(optimizer=optim.LBFGS, epochs=60, batch_size=None)
    assert history.loss[-1] < 0.3 * history.loss[0]
    assert all(b <= a + 1e-15 for a, b in itertools.pairwise(history.loss))


def test_the_same_seed_gives_the_same_bits_in_fresh_processes():
    program = (
        "import nn, hashlib, json; X, y = nn.datasets.two_moons(40);"
        "model = nn.MLP(2, [6, 1], dropout=0.2, rng=0);"
        "h = nn.fit(model, X, y, loss='binary_cross_entropy_with_logits', optimizer=nn.optim.Adam, epochs=3, batch_size=16,"
        " validation=0.2, progress=False);"
        "print(hashlib.sha256(json.dumps([h.loss, h.validation, model.state_dict()]).encode()).hexdigest())"
    )
    found = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_a_log_has_few_lines_and_a_terminal_one_that_rewrites_itself(capsys, monkeypatch):
    run(epochs=30, progress=True, validation=0.2, metrics=(r2_score,))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["1/30", "2/30", "5/30", "10/30", "20/30", "30/30"]
    assert "validation" in lines[0]
    assert "r2_score" in lines[0]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    run(epochs=3, progress=True)
    out = capsys.readouterr().out
    assert out.startswith("\repoch 1/3")
    assert out.endswith("\n")
    run(epochs=3)
    assert capsys.readouterr().out == ""


def test_progress_may_be_a_function_of_the_epochs_such_as_tqdm():
    texts = []

    class Bar:
        def __init__(self, epochs):
            self.epochs = epochs
            self.closed = False

        def __iter__(self):
            yield from self.epochs

        def set_postfix_str(self, text):
            texts.append(text)

    run(progress=Bar, epochs=3)
    assert len(texts) == 3
    assert texts[0].startswith("loss ")
    history, _ = run(progress=lambda epochs: epochs, epochs=2)
    assert history.epochs == 2


def test_a_history_plots_itself_and_goes_to_pandas_and_says_where_the_time_went():
    history, _ = run(validation=0.2, metrics=(r2_score,), epochs=4)
    frame = history.to_pandas()
    assert list(frame.columns) == ["loss", "penalty", "validation", "r2_score", "rate", "seconds"]
    assert frame.index.tolist() == [1, 2, 3, 4]
    ax = history.plot()
    assert [line.get_label() for line in ax.get_lines()][:2] == ["loss", "validation"]
    assert {"first step", "steps", "validation", "metrics"} <= set(history.time)
    assert all(seconds >= 0.0 for seconds in history.time.values())
    assert "best in epoch" in repr(history)
    assert repr(nn.History()) == "History(0 epochs)"
    assert run(epochs=2)[0].plot().get_xlabel() == "epoch"


def test_a_callback_may_save_the_run_and_ends_it_by_true_only(tmp_path):
    def save(history):
        history.save(tmp_path / f"{history.epochs}.json")
        return "yes"

    whole, _ = run(epochs=4, callbacks=(save,))
    again, _ = run(model=network(rng=5), epochs=2, history=nn.History.load(tmp_path / "2.json"))
    same(whole, again)


def test_a_run_in_another_thread_needs_no_signal():
    import threading

    found = []
    thread = threading.Thread(target=lambda: found.append(run(epochs=1)[0]))
    thread.start()
    thread.join()
    assert found[0].epochs == 1


def test_the_curve_of_rates_leaves_model_and_optimizer_as_they_were():
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=0.5)
    before = model.state_dict(), optimizer.state_dict()
    curve = nn.lr_curve(
        model, X, SIGNS, loss="squared_error", optimizer=optimizer, low=1e-4, high=1e3, steps=50, batch_size=8
    )
    assert (model.state_dict(), optimizer.state_dict()) == before
    assert curve.rates[0] == 1e-4
    assert curve.rates[-1] == pytest.approx(1e3)
    assert min(curve.losses) < curve.losses[0] < curve.losses[-1]
    ax = curve.plot()
    assert ax.get_xscale() == "log"
    assert ax.get_lines()[0].get_xdata()[0] == 1e-4
    w = Value(1.0)
    short = nn.lr_curve(lambda x: w * x, [1.0], [0.0], loss="squared_error", optimizer=optim.GD([w], lr=1.0), high=1e40)
    assert len(short.losses) < 100
    assert w.data == 1.0


wrong = np.where(np.arange(23) == 4, 7.0, SIGNS)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": "squared_eror"}, ValueError, "unknown loss 'squared_eror'; did you mean 'squared_error'"),
        ({"loss": 3}, TypeError, "a function as loss, got int"),
        ({"model": 3}, TypeError, "a function as model, got int"),
        ({"optimizer": None}, TypeError, r"what builds one from parameters, such as nn\.optim\.Adam, got NoneType"),
        (
            {"optimizer": optim.Adam, "model": lambda x: x},
            TypeError,
            r"optimizer that is built, as the model has no parameters",
        ),
        ({"epochs": 0}, ValueError, "epochs to be at least 1, got 0"),
        ({"epochs": 1.5}, TypeError, "epochs to be an int, got float"),
        ({"batch_size": 0}, ValueError, "batch_size to be at least 1, got 0"),
        ({"rng": "a"}, TypeError, "rng to be an int or a NumPy Generator, got str"),
        ({"report": "before"}, ValueError, "unknown report 'before'; .*the names are running, after"),
        ({"compiled": "yes"}, ValueError, "compiled to be True, False or 'auto', got 'yes'"),
        ({"progress": "bar"}, TypeError, "progress to be True, False or a function"),
        ({"metrics": ("accuracy",)}, TypeError, "functions as metrics, got str"),
        ({"callbacks": (3,)}, TypeError, "functions as callbacks, got int"),
        ({"penalty": 0.1}, TypeError, "penalty to be a function, got float"),
        ({"history": 3}, TypeError, r"a History that fit\(\) returned as history, got 3"),
        ({"history": nn.History()}, TypeError, r"a History that fit\(\) returned"),
        ({"validation": 1.5}, ValueError, "a share between 0 and 1 as validation, got 1.5"),
        ({"validation": "yes"}, TypeError, "validation to be a pair"),
        (
            {"validation": (X, SIGNS[:3])},
            ValueError,
            "validation, expects as many observations in y as X has rows, got 3 for 23",
        ),
        ({"stratify": True}, ValueError, "stratify only with a share"),
        ({"y": SIGNS[:5]}, ValueError, "as many observations in y as X has rows, got 5 for 23"),
        ({"y": "a"}, TypeError, "numbers in y, got str 'a'"),
        ({"y": 3.0}, TypeError, "numbers in y, got float 3.0"),
        ({"X": np.zeros((0, 2)), "y": []}, ValueError, "at least one row, got none"),
        (
            {"X": np.where(np.arange(46).reshape(23, 2) == 7, np.nan, X)},
            ValueError,
            "finite numbers in X, got nan in row 3, column 1",
        ),
        ({"X": [["a", 1.0]] * 23}, TypeError, "numbers in X, got str 'a' in row 0, column 0"),
        ({"y": np.where(np.arange(23) == 2, np.inf, SIGNS)}, ValueError, "finite numbers in y, got inf in row 2"),
        ({"sample_weight": -np.ones(23)}, ValueError, "no negative sample_weight, got -1.0 in row 0"),
        ({"loss": "hinge", "y": wrong}, ValueError, r"hinge expects a label of -1 or \+1, got 7.0 in row 4 of y"),
        ({"loss": "poisson_nll", "y": -wrong}, ValueError, "target from 0 up, got -1.0 in row"),
        (
            {"loss": "cross_entropy_with_logits", "y": CLASSES + 1},
            ValueError,
            "a class from 0 to 2, got 3 in row 2 of y",
        ),
        (
            {"loss": "cross_entropy_with_logits", "y": CLASSES + 0.5},
            TypeError,
            "an int as a class, got float in row 0 of y",
        ),
        (
            {"loss": "binary_cross_entropy_with_logits", "y": wrong},
            ValueError,
            "0, 1, -1 or a probability, got 7.0 in row 4",
        ),
        ({"loss": "binary_cross_entropy", "validation": (X, wrong)}, ValueError, "got 7.0 in row 4"),
        ({"metrics": (log_loss,)}, ValueError, "no probabilities for metrics: the loss is squared_error"),
        ({"optimizer": optim.LBFGS}, ValueError, "all rows at once for LBFGS"),
        (
            {"optimizer": optim.LBFGS, "batch_size": None, "schedule": optim.Cosine(3)},
            ValueError,
            "no schedule for LBFGS",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_changes(options, error, message):
    options = dict(options)
    loss = options.pop("loss", "squared_error")
    model = options.pop("model", None) or TASKS.get(loss, TASKS["squared_error"])[0]()
    before = model.state_dict() if isinstance(model, nn.Module) else None
    y = options.pop("y", TASKS[loss][1] if loss in TASKS else SIGNS)
    arguments = {"optimizer": optim.Adam, "batch_size": 10, "progress": False, **options}
    with pytest.raises(error, match=message):
        nn.fit(model, arguments.pop("X", X), y, loss=loss, **arguments)
    assert before is None or model.state_dict() == before


@pytest.mark.parametrize(
    ("batches", "options", "error", "message"),
    [
        (X, {}, TypeError, r"expects y, or as X an iterable of batches \(X, y\), got ndarray"),
        ([3], {}, TypeError, r"batches that are pairs \(X, y\), got int as batch 0"),
        (
            iter([(X, SIGNS)]),
            {},
            TypeError,
            r"batches that begin anew in each epoch, got an iterator \(list_iterator\)",
        ),
        ([], {}, ValueError, "at least one batch in each epoch, got none"),
        ([([[1.0, 2.0], [1.0]], [1.0, 2.0])], {}, ValueError, "batch 0, expects rows of one length, got 2"),
        ([(X, SIGNS), (X, SIGNS, SIGNS + 2.0)], {}, ValueError, "weights in all batches or in none"),
        ([(X, SIGNS)], {"report": "after"}, ValueError, "report='running' where X is batches"),
        ([(X, SIGNS)], {"sample_weight": SIGNS}, ValueError, "weights within the batches"),
        ([(X, SIGNS)], {"validation": 0.2}, ValueError, r"validation to be a pair \(X, y\) where X is batches"),
        ([(X, SIGNS)], {"metrics": (r2_score,)}, ValueError, "validation rows for metrics, where X is batches"),
        ([(X, SIGNS), (X, wrong[:3])], {}, ValueError, "batch 1, expects as many observations"),
    ],
)
def test_bad_batches_are_refused(batches, options, error, message):
    with pytest.raises(error, match=message):
        nn.fit(network(), batches, loss="squared_error", optimizer=optim.Adam, progress=False, **options)


def test_a_history_of_another_model_or_optimizer_is_refused():
    history, _ = run(epochs=1)
    with pytest.raises(ValueError, match=r"the model of the history, whose parameters are layers\[0\]"):
        run(model=nn.MLP(2, [5, 1]), history=history)
    with pytest.raises(ValueError, match="expects the state of AdamW, got one of 'Adam'"):
        run(optimizer=optim.AdamW, history=history)
    model = network()
    model.layers[0].neurons[0].b.data = math.nan
    with pytest.raises(ValueError, match=r"finite parameters, got nan for layers\[0\]\.neurons\[0\]\.b"):
        run(model=model)


def test_weights_may_come_with_batches():
    weights = np.arange(1.0, 24.0)
    expected, _ = run(sample_weight=weights, batch_size=None)
    history = nn.fit(
        network(), [(X, SIGNS, weights / 12.0)], loss="squared_error", optimizer=optim.Adam, epochs=5, progress=False, validation=(X, SIGNS, weights)
    )  # fmt: skip
    assert history.loss == expected.loss
    ones = [(X[:10], SIGNS[:10], np.ones(10)), (X[10:], SIGNS[10:], np.full(13, 3.0))]
    nn.fit(network(), ones, loss="squared_error", optimizer=optim.Adam, epochs=1, progress=False)


# What a critical reader found, by kind.


def test_parameters_of_a_function_have_the_names_that_its_modules_gave_from_the_first_call_on():
    def fitted():
        model = network()
        model.layers[0].neurons[0].b.data = 10.0
        f = lambda x: model(x)  # noqa: E731
        options = {"optimizer": optim.GD(model.parameters(), lr=1e-9), "epochs": 1, "penalty": penalties.L2(1.0)}
        return [run(model=f, **options)[0].penalty for _ in range(2)]

    first, second = fitted()
    assert first == pytest.approx(second, rel=1e-6)
    assert first[0] < 10.0
    a, b = network(), network(rng=1)
    both = lambda x: a(x) + b(x)  # noqa: E731
    make = lambda: optim.Adam([*a.parameters(), *b.parameters()])  # noqa: E731
    history, _ = run(model=both, optimizer=make(), epochs=2)
    assert len(history.state["weights"]) == 34
    run(model=both, optimizer=make(), epochs=2, history=history)
    w = Value(1.0)
    with pytest.raises(ValueError, match="cannot tell weights from biases where parameters have no names"):
        run(model=lambda x: w * x[0], optimizer=optim.GD([w], lr=0.1), penalty=penalties.L2(1.0))
    run(
        model=lambda x: w * x[0],
        optimizer=optim.GD([w], lr=0.1),
        penalty=penalties.L2(1.0, of=lambda name: True),
        epochs=1,
    )


class Loader:
    """Batches in another order in each epoch, as a data loader gives them."""

    def __init__(self):
        self.rng, self.begun = np.random.default_rng(0), 0

    def __iter__(self):
        self.begun += 1
        order = self.rng.permutation(23)
        return iter([(X[part], SIGNS[part]) for part in np.array_split(order, 3)])


def test_an_object_with_batches_is_begun_once_an_epoch_and_no_batch_is_lost():
    loader = Loader()
    history = nn.fit(network(), loader, loss="squared_error", optimizer=optim.Adam, epochs=4, progress=False)
    assert (loader.begun, history.state["steps"]) == (4, 12)
    loader, model, parts = Loader(), network(), None
    for _ in range(2):
        parts = nn.fit(
            model, loader, loss="squared_error", optimizer=optim.Adam, epochs=2, progress=False, history=parts
        )
    assert parts.loss == history.loss


def test_a_wrong_label_in_a_later_batch_is_named():
    with pytest.raises(
        ValueError, match=r"batch 1,: hinge expects a label of -1 or \+1, got 7.0 in row 1 of y"
    ) as caught:
        nn.fit(
            network(), [(X, SIGNS), (X[3:6], wrong[3:6])], loss="hinge", optimizer=optim.Adam, epochs=2, progress=False
        )
    assert caught.value.history.state["steps"] == 1


def test_lbfgs_wants_rows_of_one_length_and_neither_clipping_nor_a_constraint():
    rows = [[1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 1.0]]
    with pytest.raises(ValueError, match="all rows at once for LBFGS, of one length"):
        nn.fit(Recurrent(), rows, [0.1, 0.2, 0.3], loss="squared_error", optimizer=optim.LBFGS, progress=False)
    for more in ({"clip": optim.ClipNorm(1.0)}, {"constraint": penalties.MaxNorm(1.0)}):
        with pytest.raises(ValueError, match="neither clip nor constraint for LBFGS"):
            run(optimizer=optim.LBFGS, batch_size=None, **more)


def test_weights_have_a_mean_of_1_over_the_rows_that_are_trained_on():
    weights = np.where(np.arange(23) < 11, 1.0, 9.0)
    still = {"optimizer": partial(optim.GD, lr=1e-300), "epochs": 1, "sample_weight": weights, "validation": 0.3}
    assert run(**still)[0].loss == pytest.approx(run(report="after", **still)[0].loss, rel=1e-12)
    only = np.ones(23)
    only[nn.datasets.split(23, 0.3, 0)[1]] = 0.0
    with pytest.raises(ValueError, match="validation, expects a sample_weight above 0 in some row, got zero in all 7"):
        run(sample_weight=only, validation=0.3)


def test_a_run_goes_on_only_with_the_lists_that_it_began_with():
    plain, _ = run(epochs=1)
    held, model = run(epochs=1, validation=0.2, metrics=(r2_score,))
    for history, options, what in (
        (plain, {"validation": 0.2}, "validation"),
        (held, {"metrics": (r2_score,)}, "validation"),
        (held, {"validation": 0.2}, "metrics"),
        (plain, {"report": "after"}, "report"),
    ):
        with pytest.raises(ValueError, match=f"the {what} that the history began with"):
            run(model=model, history=history, **options)
    half, model = run(epochs=2, clip=Interrupt(2))
    with pytest.raises(ValueError, match="rows and batches as they were, since an epoch is half done"):
        run(model=model, history=half, batch_size=None)
    own = np.random.default_rng(0)
    before = own.bit_generator.state
    run(history=plain, model=network(), rng=own)
    assert own.bit_generator.state == before


def test_the_options_of_a_run_that_goes_on_are_those_that_are_given_now():
    history, model = run(optimizer=partial(optim.Adam, lr=0.05), epochs=2, schedule=optim.Linear(2))
    history, _ = run(optimizer=partial(optim.Adam, lr=0.001), epochs=2, model=model, history=history)
    assert history.rate == [0.05, 0.025, 0.001, 0.001]
    ended, model = run(optimizer=partial(optim.SGD, lr=0.1, momentum=0.5), epochs=3, schedule=optim.Linear(2))
    ended, _ = run(optimizer=partial(optim.SGD, lr=0.1, momentum=0.5), epochs=1, model=model, history=ended)
    assert ended.rate == [0.1, 0.05, 0.0, 0.1]


def test_metrics_are_told_apart_and_seen_through_partials_and_refused_where_there_are_no_labels():
    from nn.metrics import f1_score, precision_score

    metrics = (
        partial(f1_score, pos_label=-1.0), partial(f1_score, pos_label=1.0), partial(log_loss), lambda y, p: 0.0, lambda y, p: 1.0,
        precision_score,
    )  # fmt: skip
    history, _ = run("binary_cross_entropy_with_logits", metrics=metrics, epochs=1)
    assert list(history.metrics) == [
        "f1_score(pos_label=-1.0)", "f1_score(pos_label=1.0)", "log_loss", "<lambda>", "<lambda> 2", "precision_score",
    ]  # fmt: skip
    assert history.metrics["log_loss"][0] < 2.0
    own = lambda p, t: losses.binary_cross_entropy_with_logits(p, t)  # noqa: E731
    with pytest.raises(
        ValueError, match=r"cannot make labels for accuracy_score: the loss is <lambda>; see nn.metrics.of_scores"
    ):
        run(own, y=SIGNS, metrics=accuracy_score)
    with pytest.raises(ValueError, match="predictions of the shape of the observations"):
        run("cross_entropy_with_logits", metrics=roc_auc_score, epochs=1)


def test_a_callback_may_answer_with_numpy_s_true_and_stand_alone():
    history, _ = run(epochs=9, callbacks=lambda h: np.mean(h.loss) < 1e9)
    assert history.epochs == 1
    assert history.stopped == "stopped by <lambda>"


def test_there_is_no_noise_in_what_is_looked_at_even_where_noise_is_on():
    model, twin = (nn.MLP(2, [6, 1], dropout=0.5, rng=0) for _ in range(2))
    with nn.noise(rng=0):
        noisy, _ = run(model=model, validation=0.2, epochs=2, metrics=(r2_score,))
    assert noisy.validation == run(model=twin, validation=0.2, epochs=2, metrics=(r2_score,))[0].validation


def test_an_eager_run_that_could_not_be_traced_goes_on():
    w = Value(0.5)
    model = lambda x: w * x[0] if x[0] > 0.0 else w * x[1]  # noqa: E731
    optimizer = optim.GD([w], lr=0.1)
    with pytest.warns(UserWarning, match="without compiling"):
        history, _ = run(model=model, optimizer=optimizer, epochs=1)
    with pytest.warns(UserWarning, match="without compiling"):
        history, _ = run(model=model, optimizer=optimizer, epochs=1, history=history)
    assert history.epochs == 2


def test_losses_of_one_s_own_are_not_asked_with_plain_numbers_or_other_forms():
    model = network()
    run(lambda p, t: p.exp() - t * p, model=model, y=SIGNS, epochs=1)
    with pytest.warns(UserWarning, match="without compiling"):
        run(lambda p, t: (p - t) ** 2 if t > 0.0 else 0.5 * (p - t) ** 2, model=model, y=SIGNS, epochs=1)
    heads = lambda x: (model(x), [model(x), 2.0 * model(x)])  # noqa: E731
    run(
        lambda p, t: (p[0] - t) ** 2 + p[1][1] ** 2,
        model=heads,
        optimizer=optim.Adam(model.parameters()),
        y=SIGNS,
        epochs=1,
    )


def test_after_a_loss_of_nan_the_states_are_good_too_and_smaller_steps_help():
    options = {"y": SIGNS, "epochs": 200, "X": 1e3 * X}
    model = network()
    with pytest.raises(nn.NotANumber) as caught:
        run(model=model, optimizer=partial(optim.SGD, lr=1e6, momentum=0.9), **options)
    history = caught.value.history
    assert np.isfinite(history.state["optimizer"]["states"]).all()
    assert np.isfinite(list(history.state["weights"].values())).all()
    assert model.state_dict() == history.state["weights"]


def test_what_is_refused_leaves_the_model_and_the_optimizer_as_they_are():
    history, _ = run("hinge", epochs=2)
    model = network(rng=8)
    optimizer = optim.Adam(model.parameters())
    before = model.state_dict(), optimizer.state_dict()
    with pytest.raises(ValueError, match="row 4 of y"):
        run("hinge", model=model, optimizer=optimizer, y=wrong, history=history)
    with pytest.raises(ValueError, match="MLP expects 2 inputs, got 3"):
        run("hinge", model=model, optimizer=optimizer, validation=(np.ones((4, 3)), np.ones(4)))
    assert (model.state_dict(), optimizer.state_dict()) == before


def test_an_epoch_is_written_down_whole_or_not_at_all_and_counted_when_the_run_goes_on():
    def fails(y, p, count=[0]):  # noqa: B006
        count[0] += 1
        if count[0] == 2:
            raise RuntimeError("no")
        return 0.0

    with pytest.raises(RuntimeError, match="no") as caught:
        run(epochs=5, metrics=(fails,))
    history = caught.value.history
    assert (len(history.loss), len(history.metrics["fails"]), history.state["epoch"]) == (1, 1, 1)
    history.to_pandas()
    whole, _ = run(epochs=3, metrics=(fails,))
    history, _ = run(epochs=2, metrics=(fails,), history=history, model=network())
    assert history.loss == whole.loss


def test_callbacks_are_asked_after_an_epoch_that_was_interrupted_in_its_last_batch():
    seen = []
    history, _ = run(epochs=5, clip=Interrupt(3), callbacks=(lambda h: seen.append(h.epochs),))
    assert seen == [1]
    assert history.stopped == "interrupted"


def test_numbers_and_generators_of_numpy_are_saved_and_a_history_at_work_is_copied(tmp_path):
    import copy
    import pickle

    copies = []
    options = {
        "optimizer": partial(optim.Adam, lr=np.float32(0.01)), "schedule": lambda t: np.float32(0.5),
        "callbacks": (lambda h: copies.append((copy.deepcopy(h), pickle.loads(pickle.dumps(h)))),),
    }  # fmt: skip
    whole, _ = run(epochs=4, rng=np.random.Generator(np.random.MT19937(0)), **options)
    half, _ = run(epochs=2, rng=np.random.Generator(np.random.MT19937(0)), **options)
    half.save(tmp_path / "run.json")
    again, _ = run(
        epochs=2, rng=np.random.Generator(np.random.MT19937(5)), history=nn.History.load(tmp_path / "run.json"), model=network(rng=3), **options
    )  # fmt: skip
    assert again.loss == whole.loss
    assert copies[1][0].state["epoch"] == 2
    assert copies[1][1].loss == copies[1][0].loss == whole.loss[:2]
    with pytest.raises(ZeroDivisionError):
        run(progress=lambda epochs: 1 / 0)


def test_dropout_over_sequences_asks_for_as_many_numbers_as_each_length_needs():
    class Dropped(Recurrent):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.5)

        def __call__(self, xs):
            state = 0.0
            for x in self.drop(list(xs)):
                state = self.cell([x, state])
            return state

    rows = [[0.1 * i + 0.2 * j for j in range(1 + i % 3)] for i in range(11)]
    found = [
        nn.fit(
            Dropped(), rows, np.linspace(-0.5, 0.5, 11), loss="squared_error", optimizer=optim.Adam, epochs=3, batch_size=2,
            compiled=compiled, progress=False,
        ).loss
        for compiled in (True, False)
    ]  # fmt: skip
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_rows_are_named_as_the_user_counts_them():
    with pytest.raises(ValueError, match=r"got 7\.0 in row 4 of y"):
        run("hinge", y=wrong, validation=0.3)
    rows = [[1.0], [1.0, 2.0], [1.0], [1.0, math.nan]]
    with pytest.raises(ValueError, match="got nan in row 3, column 1"):
        nn.fit(Recurrent(), rows, np.zeros(4), loss="squared_error", optimizer=optim.Adam)


def test_a_validation_loss_of_nan_is_said_after_its_epoch():
    w = Value(1.0, "w")
    with pytest.raises(nn.NotANumber, match="a validation loss of nan after epoch 1: the training loss was"):
        nn.fit(
            lambda x: sqrt(w * x), [1.0, 4.0], [1.0, 1.0], loss="squared_error", optimizer=optim.GD([w], lr=1e-3),
            validation=([1.0, -1.0], [1.0, 1.0]), epochs=2, progress=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("optimizer", "error", "message"),
    [
        (lambda p: None, TypeError, "a factory that returns an optimizer, got NoneType"),
        (optim.SGD, TypeError, r"could not build the optimizer: .*'lr'; options are given by functools\.partial"),
    ],
)
def test_a_factory_that_does_not_build_is_explained(optimizer, error, message):
    with pytest.raises(error, match=message):
        run(optimizer=optimizer)
    with pytest.raises(ValueError, match="an optimizer with a rate, got LBFGS"):
        nn.lr_curve(network(), X, SIGNS, loss="squared_error", optimizer=optim.LBFGS)
    with pytest.raises(ValueError, match="one label a row in y to stratify, got 3"):
        run("kl_divergence", validation=0.2, stratify=True)
    assert run("cross_entropy_with_logits", y=np.eye(3)[CLASSES], metrics=accuracy_score, epochs=1)[0].epochs == 1


def test_a_signal_that_is_switched_off_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        history, _ = run(epochs=1)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert history.epochs == 1


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (partial(optim.SGD, lr=0.1, momentum=0.5), {}),
        (lambda p: optim.Groups(optim.Adam(p[:5]), optim.SGD(p[5:], lr=0.1, momentum=0.5)), {}),
        (optim.LBFGS, {"batch_size": None}),
    ],
    ids=["one", "groups", "search"],
)
def test_a_loss_that_becomes_nan_takes_numbers_and_states_back(optimizer, options):
    calls = itertools.count()
    model = network()

    def poisoned(gradients):
        return gradients * (math.nan if next(calls) == 4 else 1.0)

    def loss(p, t):
        return losses.squared_error(p, t) + sqrt(1.0 - (p - first) ** 2)

    first = model(X[0].tolist()).data + 0.9  # soon out of the root's domain
    more = {} if options else {"clip": poisoned}
    with pytest.raises(
        nn.NotANumber,
        match=r"loss of nan in epoch \d+, batch \d+: (layers.* was nan before it|it takes layers|all parameters are finite)",
    ):
        run(
            losses.squared_error if more else loss,
            model=model,
            y=SIGNS,
            optimizer=optimizer,
            epochs=400,
            **options,
            **more,
        )
    assert np.isfinite(list(model.state_dict().values())).all()


def test_losses_with_keywords_are_known_as_what_they_are_and_eager_metrics_see_all_outputs():
    loss = partial(losses.cross_entropy_with_logits, smoothing=0.1)
    found = [
        run(loss, model=network(3), y=CLASSES, metrics=accuracy_score, epochs=3, compiled=how)[0].metrics
        for how in (True, False)
    ]
    assert found[0] == found[1]
    with pytest.raises(ValueError, match="a class from 0 to 2, got 3 in row 2"):
        run(loss, model=network(3), y=CLASSES + 1)


def test_a_loss_of_nan_that_no_parameter_has_a_say_in_is_told_as_such():
    with pytest.raises(nn.NotANumber, match="epoch 1, batch 1: all parameters are finite"):
        run(lambda p, t: (p - t) ** 2 + where(t > 0.0, math.nan, 0.0), y=SIGNS, shuffle=False, batch_size=None)
