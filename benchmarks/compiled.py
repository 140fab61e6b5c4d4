"""Compiled functions beside their peers: make bench-compiled, or python -m benchmarks.compiled.

All in float64 on one core, to which the process is bound. The peers take turns within one process (HIPS autograd, whose
import name is ours, in one of its own, if the variable HIPS names its Python), and medians over the rounds are printed,
with ratios to ours: 2.0 says that a peer takes twice our time. The garbage collector is on. Works:

W2      a training step: 100 points, network 2-16-16-1 with relu, hinge loss and L2, all 337 gradients, the SGD update
W3      the logistic loss and its gradient, 10^6 rows, 10 features
W4      the gradient of (x1 x2 sin x3 + exp(x1 x2)) / x3 at 10^6 points
W4 one  the same at one point, called from Python
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import autograd
import nn
from autograd import dot, exp, sin, softplus
from examples.data import two_moons

Run = Callable[[], Any]
RATE, PENALTY, SIZES = 0.05, 1e-4, ((2, 16), (16, 16), (16, 1))
POINT = [0.5, 1.5, 0.75]


def dataset(rows: int) -> dict[str, Any]:
    """The inputs of all works."""
    rng = np.random.default_rng(0)
    points, labels = two_moons(100)
    model = nn.MLP(2, [16, 16, 1], rng=0)
    features = rng.standard_normal((rows, 10))
    return {
        "points": np.array(points),
        "labels": np.array(labels, dtype=np.float64),
        "parameters": np.array([p.data for p in model.parameters()]),
        "features": features,
        "weights": rng.standard_normal(10) / 10,
        "classes": np.where(rng.random(rows) < 1 / (1 + np.exp(-features[:, 0])), 1.0, -1.0),
        "columns": rng.uniform(0.5, 1.5, (3, rows)),
    }


def formula(x1: Any, x2: Any, x3: Any) -> Any:
    """The function of W4."""
    return (x1 * x2 * sin(x3) + exp(x1 * x2)) / x3


def ours(data: dict[str, Any]) -> dict[str, Run]:
    """Our works."""
    model = nn.MLP(2, [16, 16, 1], rng=0)
    parameters = model.parameters()

    def loss(x: Any, y: Any) -> Any:
        return nn.losses.hinge(model(x), y) + PENALTY * sum(p * p for p in parameters)

    # In a block, where parameters live in an array, as those of the peers do.
    step = nn.Training(loss, nn.optim.SGD(parameters, lr=RATE)).__enter__()
    logistic = autograd.compile(
        autograd.value_and_grad(lambda w, x, y: softplus(-y * dot(w, x))), rows=(1, 2), reduce="mean"
    )
    slope = autograd.compile(autograd.grad(formula, argnums=(0, 1, 2)))
    columns = list(data["columns"])
    return {
        "W2": lambda: step(data["points"], data["labels"]),
        "W3": lambda: logistic(data["weights"], data["features"], data["classes"]),
        "W4": lambda: slope(*columns),
        "W4 one": lambda: slope(*POINT),
    }


def by_hand(data: dict[str, Any]) -> dict[str, Run]:
    """The derivative of W4 as one would write it in Python."""
    sine, cosine, power = math.sin, math.cos, math.exp

    def slope(x1: float, x2: float, x3: float) -> tuple[float, float, float]:
        product = x1 * x2
        s, e = sine(x3), power(product)
        both = (s + e) / x3
        return x2 * both, x1 * both, (product * cosine(x3) - (product * s + e) / x3) / x3

    return {"W4 one": lambda: slope(*POINT)}


def c(data: dict[str, Any]) -> dict[str, Run]:
    """The works in C."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limits.so"
        source = Path(__file__).with_name("limits.c")
        options = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run(["gcc", *options, str(source), "-o", str(library), "-lm"], check=True)
        limits = ctypes.CDLL(str(library))
    limits.w2.restype = limits.w3.restype = ctypes.c_double
    arrays = {name: np.ascontiguousarray(array).copy() for name, array in data.items()}
    at = {name: ctypes.c_void_p(array.ctypes.data) for name, array in arrays.items()}
    rows = len(data["classes"])
    columns = [ctypes.c_void_p(column.ctypes.data) for column in arrays["columns"]]
    gradient = np.empty(10)

    def w4() -> Any:
        out = [np.empty(rows) for _ in range(3)]
        limits.w4(ctypes.c_long(rows), *columns, *(ctypes.c_void_p(column.ctypes.data) for column in out))
        return out

    rate, penalty = ctypes.c_double(RATE), ctypes.c_double(PENALTY)
    place = ctypes.c_void_p(gradient.ctypes.data)
    keep = (arrays, limits)
    return {
        "W2": lambda: (
            keep,
            limits.w2(ctypes.c_long(100), at["parameters"], at["points"], at["labels"], rate, penalty),
        )[1],
        "W3": lambda: (limits.w3(ctypes.c_long(rows), at["weights"], at["features"], at["classes"], place), gradient),
        "W4": w4,
    }


def jax(data: dict[str, Any]) -> dict[str, Run]:
    """The works in JAX, jitted; each run waits for its results."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    arrays = {name: jnp.array(array) for name, array in data.items()}

    def predicted(layers: Any, h: Any) -> Any:
        for number, (w, b) in enumerate(layers):
            h = h @ w + b
            h = jax.nn.relu(h) if number < 2 else h
        return h[:, 0]

    def loss(layers: Any) -> Any:
        margins = 1.0 - arrays["labels"] * predicted(layers, arrays["points"])
        penalty = sum((part * part).sum() for part in jax.tree.leaves(layers))
        return jnp.mean(jax.nn.relu(margins)) + PENALTY * penalty

    @jax.jit  # type: ignore[untyped-decorator]
    def step(layers: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(layers)
        return value, jax.tree.map(lambda p, g: p - RATE * g, layers, slopes)

    state = [_layers(data["parameters"], jnp.array)]

    def w2() -> float:
        value, state[0] = step(state[0])
        return float(value)

    logistic = jax.jit(jax.value_and_grad(lambda w, x, y: jnp.mean(jax.nn.softplus(-y * (x @ w)))))
    slope = lambda a, b, c: (a * b * jnp.sin(c) + jnp.exp(a * b)) / c  # noqa: E731
    batch = jax.jit(jax.vmap(jax.grad(slope, argnums=(0, 1, 2))))
    single = jax.jit(jax.grad(slope, argnums=(0, 1, 2)))
    columns = list(arrays["columns"])
    ready = jax.block_until_ready
    return {
        "W2": w2,
        "W3": lambda: ready(logistic(arrays["weights"], arrays["features"], arrays["classes"])),
        "W4": lambda: ready(batch(*columns)),
        "W4 one": lambda: ready(single(*POINT)),
    }


def torch(data: dict[str, Any]) -> dict[str, Run]:
    """The works in PyTorch, eagerly, as it is used."""
    import torch

    torch.set_num_threads(1)
    arrays = {name: torch.tensor(array) for name, array in data.items()}
    layers = _layers(data["parameters"], lambda array: torch.tensor(array, requires_grad=True))
    parameters = [part for layer in layers for part in layer]
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def w2() -> float:
        h = arrays["points"]
        for number, (w, b) in enumerate(layers):
            h = h @ w + b
            h = torch.relu(h) if number < 2 else h
        penalty = sum((part * part).sum() for part in parameters)
        loss = torch.relu(1.0 - arrays["labels"] * h[:, 0]).mean() + PENALTY * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss)

    def w3() -> Any:
        w = arrays["weights"].clone().requires_grad_()
        value = torch.nn.functional.softplus(-arrays["classes"] * (arrays["features"] @ w)).mean()
        return value, torch.autograd.grad(value, w)

    def gradient(columns: list[Any]) -> Any:
        a, b, c = (column.detach().requires_grad_() for column in columns)
        return torch.autograd.grad(((a * b * torch.sin(c) + torch.exp(a * b)) / c).sum(), (a, b, c))

    point = [torch.tensor(x, dtype=torch.float64) for x in POINT]
    columns = list(arrays["columns"])
    return {"W2": w2, "W3": w3, "W4": lambda: gradient(columns), "W4 one": lambda: gradient(point)}


def _layers(parameters: Any, made: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
    """The parameters as matrices and vectors."""
    layers, at = [], 0
    for inputs, outputs in SIZES:
        block = parameters[at : at + outputs * (inputs + 1)].reshape(outputs, inputs + 1)
        layers.append((made(block[:, :inputs].T.copy()), made(block[:, inputs].copy())))
        at += block.size
    return layers


def casadi(data: dict[str, Any]) -> dict[str, Run]:
    """W4 at one point in CasADi: a function called as usual, which copies, is slower than this, its buffer."""
    casadi: Any = import_module("casadi")
    x = casadi.SX.sym("x", 3)
    y = (x[0] * x[1] * casadi.sin(x[2]) + casadi.exp(x[0] * x[1])) / x[2]
    buffer, call = casadi.Function("slope", [x], [casadi.gradient(y, x)]).buffer()
    point, out = np.array(POINT), np.empty(3)
    buffer.set_arg(0, point.data)
    buffer.set_res(0, out.data)

    def one() -> Any:
        point[:] = POINT
        call()
        return out

    return {"W4 one": lambda: (buffer, one())[1]}


def micrograd(data: dict[str, Any]) -> dict[str, Run]:
    """W2 in micrograd."""
    import random

    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(0)
    model = MLP(2, [16, 16, 1])
    for parameter, number in zip(model.parameters(), data["parameters"].tolist(), strict=True):
        parameter.data = number

    def w2() -> float:
        scores = [model([Value(x) for x in point]) for point in data["points"].tolist()]
        labels = data["labels"].tolist()
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for parameter in model.parameters():
            parameter.data -= RATE * parameter.grad
        return float(total.data)

    return {"W2": w2}


def hips(data: dict[str, Any]) -> dict[str, Any]:
    """HIPS autograd in its own process: here a run is timed there."""
    with tempfile.NamedTemporaryFile(suffix=".npz", delete=False) as file:
        np.savez(file, **data)
    command = [os.environ["HIPS"], str(Path(__file__).with_name("hips.py")), file.name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def timed(work: str) -> Callable[[int], float]:
        def run(number: int) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            print(work, number, file=process.stdin, flush=True)
            return float(process.stdout.readline())

        return run

    return {work: timed(work) for work in ("W2", "W3", "W4", "W4 one")}


PEERS = {
    "ours": ours, "C": c, "by hand": by_hand, "jax": jax, "torch": torch, "casadi": casadi, "HIPS autograd": hips,
    "micrograd": micrograd,
}  # fmt: skip


def seconds(run: Any, peer: str, number: int) -> float:
    """The time of one run, of so many."""
    if peer == "HIPS autograd":
        return float(run(number))
    started = time.perf_counter()
    for _ in range(number):
        run()
    return (time.perf_counter() - started) / number


def agree(works: dict[str, dict[str, Any]]) -> None:
    """Stop unless ours, C's, JAX's and PyTorch's results are the same."""
    losses = [works[peer]["W2"]() for peer in ("ours", "C", "jax", "torch", "micrograd") if peer in works]
    assert max(losses) - min(losses) < 1e-9, losses
    values = [
        np.hstack([*map(np.ravel, _numbers(works[p]["W3"]()))]) for p in ("ours", "C", "jax", "torch") if p in works
    ]
    assert all(np.allclose(value, values[0], rtol=1e-9, atol=1e-12) for value in values), values
    for work in ("W4", "W4 one"):
        found = [
            works[p][work]() for p in ("ours", "C", "by hand", "jax", "torch", "casadi") if work in works.get(p, {})
        ]
        arrays = [np.array([np.asarray(part) for part in _numbers(result)]) for result in found]
        assert all(np.allclose(array, arrays[0], rtol=1e-9) for array in arrays), work


def _numbers(result: Any) -> list[Any]:
    """The parts of a result as NumPy understands them."""
    if isinstance(result, (list, tuple)):
        return [x for part in result for x in _numbers(part)]
    return [result.detach().numpy() if hasattr(result, "detach") else np.asarray(result)]


def compare(works: dict[str, dict[str, Any]], rounds: int) -> None:
    """Print the medians of interleaved runs: our time, and the others' over ours."""
    others = [peer for peer in works if peer != "ours"]
    print("".join(f"{name:>14s}" for name in ("work", "ours", *others)))
    for work in ("W2", "W3", "W4", "W4 one"):
        peers = [peer for peer in works if work in works[peer]]
        numbers = {}
        for peer in peers:
            once = min(seconds(works[peer][work], peer, 1) for _ in range(2))
            numbers[peer] = max(1, min(20_000, round(0.02 / once)))
        times: dict[str, list[float]] = {peer: [] for peer in peers}
        for number in range(rounds):
            for peer in peers:
                if peer != "micrograd" or number < 3:
                    times[peer].append(seconds(works[peer][work], peer, numbers[peer]))
        base = median(times["ours"])
        found = [median(times[peer]) / base if peer in times else math.nan for peer in others]
        ratios = ["" if x != x else f"{x:,.0f}" if x >= 100.0 else f"{x:.3g}" for x in found]
        print("".join(f"{cell:>14s}" for cell in (work, written(base), *ratios)), flush=True)


def written(t: float) -> str:
    """A time with its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if t >= size:
            return f"{t / size:.3g} {unit}"
    return f"{t * 1e9:.0f} ns"


def long_program(rounds: int) -> None:
    """Print how long 100,000 instructions take, from the function and from its graph, to the first result."""
    from autograd import Tape, Value
    from autograd.compiling.runners import runner_of

    def f(x: Any) -> Any:
        y = x
        for _ in range(20_000):
            y = sin(y * x + 0.25)
            y = (y - x) * 0.5
        return y

    xs = np.linspace(0.0, 1.0, 100)

    def from_graph(x: Any, y: Any) -> Any:
        runner = runner_of(Tape(y, [x], rows=[0]), None, "numba")
        return runner.run([math.nan], runner.columns([xs]), len(xs))

    first, graph, again = [], [], []
    for _ in range(rounds):
        compiled = autograd.compile(f)
        first.append(seconds(partial(compiled, xs), "ours", 1))
        again.append(seconds(partial(compiled, xs), "ours", 5))
        x = Value(0.5, "x")
        graph.append(seconds(partial(from_graph, x, f(x)), "ours", 1))
    print(
        f"a program of {len(compiled.tapes[0]):,} instructions: {written(median(graph))} from its graph to the first result, "
        f"{written(median(first))} from the function, then {written(median(again))} for 100 rows"
    )


def start_up(rounds: int) -> None:
    """Print what the import costs, and the first compilation on a machine."""
    bare: list[float] = []
    whole: list[float] = []
    cached = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", "import autograd"], check=True, env=cached)  # byte code is written once
    for _ in range(rounds):
        for command, times in (("", bare), ("import autograd", whole)):
            run = partial(subprocess.run, [sys.executable, "-c", command], check=True, env=cached)
            times.append(seconds(run, "ours", 1))
    print(f"import autograd: {written(median(whole) - median(bare))} over a bare interpreter")
    program = "import numpy as np, autograd; print(autograd.compile(autograd.sin)(np.ones(3)))"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        cold, warm = (
            seconds(
                lambda: subprocess.run([sys.executable, "-c", program], check=True, env=environment, stdout=-3),
                "ours",
                1,
            )
            for _ in range(2)
        )
    print(
        f"the first array ever, the interpreter's compilation included: {written(cold)}; in a new process: {written(warm)}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved runs of each peer")
    parser.add_argument("--rows", type=int, default=10**6, help="rows of W3 and W4")
    parser.add_argument("--peers", default=",".join(PEERS), help="which to compare with, by name")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # before any of the peers counts the cores
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    chosen = ["ours", *(peer for peer in options.peers.split(",") if peer != "ours")]
    if "HIPS" not in os.environ and "HIPS autograd" in chosen:
        chosen.remove("HIPS autograd")
    data = dataset(options.rows)
    works = {peer: PEERS[peer](data) for peer in chosen}
    agree(works)
    print(
        f"Python {platform.python_version()} on {platform.machine()}, one core, {options.rounds} interleaved runs, medians;"
    )
    print("a peer's number is its time over ours: 2 says that it takes twice as long")
    compare(works, options.rounds)
    long_program(max(3, options.rounds // 3))
    start_up(max(3, options.rounds // 3))


if __name__ == "__main__":
    main()
