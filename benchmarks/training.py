"""Training beside its peers: make bench-training, or python -m benchmarks.training.

All in float64 on one core, to which the process is bound; the peers take turns within one process, and medians over the rounds are
printed, with ratios to ours: 2.0 says that a peer takes twice our time. The garbage collector is on. Works:

moons    100 full-batch steps of 100 points, network 2-16-16-1 with relu, cross entropy of logits, SGD with momentum, from Python with
         the optimizer; ours compiled is `nn.Training` in a block, `fit` the same with History, traced anew; eager is each engine's own loop, with the hinge loss
digits   20 epochs of scikit-learn's 8x8 digits, 1,797 rows less 20 % for a test, network 64-32-10, Adam, batches of 32 in a new order
         each epoch; and the accuracy on the test rows, over five seeds
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import time
from collections.abc import Callable
from functools import partial
from statistics import mean, median
from typing import Any

import numpy as np

import nn

STEPS, RATE, MOMENTUM = 100, 0.05, 0.9
Run = Callable[[], float]


def moons() -> tuple[Any, Any]:
    """The rows of the first work."""
    X, y = nn.datasets.two_moons(100)
    return X, y.astype(np.float64)


def ours() -> dict[str, Run]:
    """Our ways of the first work."""
    X, y = moons()
    loss = nn.losses.binary_cross_entropy_with_logits

    def optimizer(parameters: Any) -> Any:
        return nn.optim.SGD(parameters, lr=RATE, momentum=MOMENTUM)

    model = nn.MLP(2, [16, 16, 1], rng=0)
    step = nn.Training(lambda x, y: loss(model(x), y), optimizer(model.parameters()))

    def compiled() -> float:
        with step:
            return [step(X, y) for _ in range(STEPS)][-1]

    def fit() -> float:
        fresh = nn.MLP(2, [16, 16, 1], rng=0)
        return nn.fit(fresh, X, y, loss=loss, optimizer=optimizer, epochs=STEPS, progress=False).loss[-1]

    return {"ours compiled": compiled, "ours fit, traced anew": fit}


def torch_moons() -> dict[str, Run]:
    """The first work in PyTorch, with its own SGD."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    X, y = (torch.tensor(part) for part in moons())
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    loss = torch.nn.BCEWithLogitsLoss()

    def run() -> float:
        for _ in range(STEPS):
            optimizer.zero_grad()
            value = loss(net(X)[:, 0], y)
            value.backward()
            optimizer.step()
        return float(value.detach())

    return {"torch": run}


def jax_moons() -> dict[str, Run]:
    """The first work in JAX, jitted, with optax."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    X, y = (jnp.array(part) for part in moons())
    rng = np.random.default_rng(0)
    params = [(jnp.array(rng.standard_normal((i, o)) / i**0.5), jnp.zeros(o)) for i, o in ((2, 16), (16, 16), (16, 1))]
    optimizer = optax.sgd(RATE, momentum=MOMENTUM)

    def loss(params: Any) -> Any:
        hidden = X
        for w, b in params[:-1]:
            hidden = jax.nn.relu(hidden @ w + b)
        logits = (hidden @ params[-1][0] + params[-1][1])[:, 0]
        return optax.sigmoid_binary_cross_entropy(logits, y).mean()

    def stepped(params: Any, state: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(params)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(params, updates), state, value

    step = jax.jit(stepped)

    def run() -> float:
        ours, state = params, optimizer.init(params)
        for _ in range(STEPS):
            ours, state, value = step(ours, state)
        return float(value)

    return {"jax and optax": run}


def eager_ours(steps: int = 2) -> dict[str, Run]:
    """Our loop by hand, on graphs: fewer steps, scaled up."""
    X, y = moons()
    rows, labels = X.tolist(), (2.0 * y - 1.0).tolist()
    model = nn.MLP(2, [16, 16, 1], rng=0)
    optimizer = nn.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)

    def run() -> float:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = nn.losses.risk([model(row) for row in rows], labels, nn.losses.hinge)
            loss.backward()
            optimizer.step()
        return float(loss.data)

    return {"ours, eager": run}


def eager_micrograd(steps: int = 2) -> dict[str, Run]:
    """The loop of micrograd's demo, with momentum: fewer steps, scaled up."""
    import micrograd.engine
    import micrograd.nn

    X, y = moons()
    rows, labels = X.tolist(), (2.0 * y - 1.0).tolist()
    random.seed(0)
    model = micrograd.nn.MLP(2, [16, 16, 1])
    velocity = [0.0] * len(model.parameters())

    def run() -> float:
        for _ in range(steps):
            inputs = [list(map(micrograd.engine.Value, row)) for row in rows]
            losses = [(1 + -label * score).relu() for label, score in zip(labels, map(model, inputs), strict=True)]
            total = sum(losses) * (1.0 / len(losses))
            model.zero_grad()
            total.backward()
            for k, p in enumerate(model.parameters()):
                velocity[k] = MOMENTUM * velocity[k] + p.grad
                p.data -= RATE * velocity[k]
        return float(total.data)

    return {"micrograd, eager": run}


def digits(seed: int) -> tuple[Any, ...]:
    """The rows of the second work: features between 0 and 1."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return nn.datasets.train_test_split(X / 16.0, y, test=0.2, rng=seed, stratify=True)


def our_digits(seed: int, epochs: int) -> tuple[float, float]:
    """Seconds and accuracy of ours, tracing included."""
    X, X_test, y, y_test = digits(seed)
    model = nn.MLP(64, [32, 10], rng=seed)
    started = time.perf_counter()
    nn.fit(
        model, X, y, loss=nn.losses.cross_entropy_with_logits, optimizer=nn.optim.Adam, epochs=epochs, batch_size=32, rng=seed, progress=False
    )  # fmt: skip
    seconds = time.perf_counter() - started
    right = [
        int(np.argmax([score.data for score in model(row)]) == k)
        for row, k in zip(X_test.tolist(), y_test, strict=True)
    ]
    return seconds, mean(right)


def torch_digits(seed: int, epochs: int) -> tuple[float, float]:
    """Seconds and accuracy of PyTorch, in its fastest plain form: rows indexed by a permutation, no DataLoader."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(seed)
    X, X_test, y, y_test = (torch.tensor(part) for part in digits(seed))
    net = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss()
    started = time.perf_counter()
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for start in range(0, len(X), 32):
            batch = order[start : start + 32]
            optimizer.zero_grad()
            loss(net(X[batch]), y[batch]).backward()
            optimizer.step()
    seconds = time.perf_counter() - started
    return seconds, float((net(X_test).argmax(1) == y_test).double().mean())


def told(works: dict[str, Run], rounds: int) -> None:
    """Print the medians of the first work, and ratios to ours compiled."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for run in works.values():
        run()  # traced and warm
    for _ in range(rounds):
        for name, run in works.items():
            started = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - started) * (STEPS / 2 if "eager" in name else 1.0))
    ours = times["ours compiled"]
    for name, seconds in times.items():
        ratio = median(there / here for there, here in zip(seconds, ours, strict=True))
        print(f"moons   {name:24s} {1e3 * median(seconds):10.2f} ms   ratio {ratio:8.1f}")
    ratio = median(a / b for a, b in zip(times["micrograd, eager"], times["ours, eager"], strict=True))
    print(f"moons   micrograd over ours, both eager {ratio:5.1f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds in which the peers take turns")
    parser.add_argument("--epochs", type=int, default=20, help="epochs of the second work")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"Python {platform.python_version()} on {platform.machine()}, {options.rounds} rounds, medians, collector on")
    works = {**ours(), **torch_moons(), **jax_moons(), **eager_ours(), **eager_micrograd()}
    told(works, options.rounds)
    found: dict[str, list[tuple[float, float]]] = {"ours": [], "torch": []}
    for seed in range(5):
        for name, run in (("ours", partial(our_digits, seed)), ("torch", partial(torch_digits, seed))):
            found[name].append(run(options.epochs))
    ratio = median(there[0] / here[0] for here, there in zip(found["ours"], found["torch"], strict=True))
    for name, pairs in found.items():
        seconds, right = (list(part) for part in zip(*pairs, strict=True))
        print(
            f"digits  {name:24s} {median(seconds):10.2f} s    accuracy {mean(right):.4f} ({min(right):.4f} to {max(right):.4f})"
        )
    print(f"digits  torch over ours {ratio:5.2f}")


if __name__ == "__main__":
    main()
