"""The eager engine beside micrograd: python -m benchmarks.eager.

Each measurement is a process of its own; the two engines take turns, and medians and their ratios are printed, with
Python's garbage collector on and off. Works:

W1  1,000 chains of 100 mixed operations (+ * - / ** relu), all built, then each differentiated, then dropped
W2  a training step of micrograd's own demo: 100 points, MLP 2-16-16-1, hinge loss plus L2, all 337 gradients; our
    network as it comes, with a fused `dot`, on the same weights
W5  one chain of a million operations, built, differentiated and freed; micrograd's backward() recurses and cannot
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import platform
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from examples.data import two_moons

ENGINES = {"ours": ("autograd", "nn"), "micrograd": ("micrograd.engine", "micrograd.nn")}
CHAINS, LENGTH, DEEP = 1000, 100, 1_000_000


def memory() -> int:
    """The largest size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def w1(value: Callable[..., Any], _: Any) -> dict[str, float]:
    """Many short chains."""
    started, before = time.perf_counter(), memory()
    leaves = [value(1.0 + i / CHAINS) for i in range(CHAINS)]
    chains = []
    for x in leaves:
        y = x
        for _ in range(LENGTH // 10):
            y = y * x + 0.25
            y = (y - x) * 0.5 + x
            y = (y / 1.5) ** 2
            y = y.relu() + x
            y = y * 0.3
        chains.append(y)
    for y in chains:
        y.backward()
    grown = memory() - before
    chains.clear()
    leaves.clear()
    del x, y
    return {"seconds": time.perf_counter() - started, "bytes": grown / (CHAINS * LENGTH)}


def w2(value: Callable[..., Any], network: Any) -> dict[str, float]:
    """A training step, the median of three after one to warm up."""
    points, labels = two_moons(100)
    random.seed(0)
    model = network.MLP(2, [16, 16, 1])
    rng = random.Random(0)
    for parameter in model.parameters():
        parameter.data = rng.uniform(-1.0, 1.0)
    times = []
    for _ in range(4):
        started = time.perf_counter()
        scores = [model([value(x) for x in point]) for point in points]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for parameter in model.parameters():
            parameter.data -= 0.1 * parameter.grad
        del scores, losses
        times.append(time.perf_counter() - started)
    return {"seconds": median(times[1:]), "loss": total.data}


def w5(value: Callable[..., Any], _: Any) -> dict[str, float]:
    """One deep chain."""
    started, before = time.perf_counter(), memory()
    x = value(1.0)
    y = x
    for _ in range(DEEP // 2):
        y = y * 1.0 + 1e-6
    y.backward()
    grown = memory() - before
    del y
    return {"seconds": time.perf_counter() - started, "bytes": grown / DEEP}


WORKS = {"W1": w1, "W2": w2, "W5": w5}


def measured(engine: str, work: str, collector: str) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.eager", "--engine", engine, "--work", work, "--collector", collector]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(run.stdout))


def one(engine: str, work: str, collector: str) -> None:
    """Be that process: print the figures as JSON."""
    if collector == "off":
        gc.disable()
    engine_module, network_module = ENGINES[engine]
    value = importlib.import_module(engine_module).Value
    print(json.dumps(WORKS[work](value, importlib.import_module(network_module))))


def compare(work: str, collector: str, rounds: int) -> None:
    """Print the medians of interleaved runs, and their ratio."""
    runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine, found in runs.items():
            found.append(measured(engine, work, collector))
    ours, theirs = (median(run["seconds"] for run in runs[engine]) for engine in ENGINES)
    ratio = median(b["seconds"] / a["seconds"] for a, b in zip(*runs.values(), strict=True))
    size = f"  {runs['ours'][0]['bytes']:4.0f} bytes a node" if "bytes" in runs["ours"][0] else ""
    print(f"{work}  collector {collector:3s}  ours {ours:7.4f} s  micrograd {theirs:8.4f} s  ratio {ratio:5.1f}{size}")
    losses = [run["loss"] for found in runs.values() for run in found if "loss" in run]
    if losses:
        assert max(losses) - min(losses) < 1e-9, "the engines disagree about the loss"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="interleaved runs of each engine")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--work", choices=WORKS, help=argparse.SUPPRESS)
    parser.add_argument("--collector", choices=["on", "off"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        one(options.engine, options.work, options.collector)
        return
    print(f"Python {platform.python_version()} on {platform.machine()}, {options.rounds} interleaved runs, medians")
    for work in ("W1", "W2"):
        for collector in ("on", "off"):
            compare(work, collector, options.rounds)
    for collector in ("on", "off"):
        deep = [measured("ours", "W5", collector) for _ in range(max(1, options.rounds // 2))]
        seconds, size = median(run["seconds"] for run in deep), median(run["bytes"] for run in deep)
        print(
            f"W5  collector {collector:3s}  ours {seconds:7.4f} s  micrograd recurses and fails  {size:4.0f} bytes a node"
        )


if __name__ == "__main__":
    main()
