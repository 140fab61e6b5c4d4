"""Pictures and players beside torchviz on the same networks: `make bench-seeing`.

Times are medians of interleaved runs, the collector on. Both draw through the same Graphviz: the system's, or that of the
wheels in a process of its own. torchviz gets the same scalars, each a tensor of one number, as it draws what autograd
recorded. A step's time in the browser is from the event to the end of style and layout, over all steps of the player.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import nn
from autograd import Value, draw, play
from autograd.seeing.picture import Picture
from examples.data import two_moons

ROUNDS = 5
PATIENCE = 60  # seconds, after which a peer is stopped
SIZES = {"small": ([2, 4, 2, 1], 1, True), "middle": ([2, 10, 10, 1], 1, False), "batch": ([2, 16, 16, 1], 100, False)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STEPS = """() => { const slider = document.getElementById("step"), times = [];
  document.body.getBoundingClientRect();  // the page itself is laid out before
  for (let i = 1; i <= slider.max; i++) {
    const begun = performance.now();
    slider.value = i; slider.dispatchEvent(new Event("input")); document.body.getBoundingClientRect();
    times.push(performance.now() - begun);
  } return times; }"""


def loss_of(name: str) -> Value:
    """The mean squared error of a network on so many points, after its backward pass."""
    sizes, count, fused = SIZES[name]
    points, labels = two_moons(max(count, 2), seed=1)
    model = nn.MLP(sizes[0], sizes[1:], "tanh", rng=0, fused=fused)
    scores = [model(point) for point in points[:count]]
    losses = [nn.losses.squared_error(score, label) for score, label in zip(scores, labels, strict=False)]
    loss: Value = losses[0] if count == 1 else sum(losses) / count
    loss.backward()
    return loss


def torch_loss_of(name: str) -> Any:
    """The same in PyTorch, number by number."""
    import torch

    sizes, count, _ = SIZES[name]
    points, labels = two_moons(max(count, 2), seed=1)
    layers = [
        [([torch.tensor(0.1, requires_grad=True) for _ in range(inputs)], torch.tensor(0.0, requires_grad=True)) for _ in range(outputs)]
        for inputs, outputs in pairwise(sizes)
    ]  # fmt: skip
    total: Any = 0.0
    for point, label in zip(points[:count], labels, strict=False):
        row: list[Any] = list(point)
        for depth, layer in enumerate(layers):
            sums = [sum((w * x for w, x in zip(ws, row, strict=True)), b) for ws, b in layer]
            row = sums if depth == len(layers) - 1 else [torch.tanh(s) for s in sums]
        total = total + (row[0] - label) ** 2
    return total / count


def torchviz_draws(name: str) -> str:
    """Draw with torchviz in a process of its own: seconds from the loss to the SVG, or what became of it."""
    command = [sys.executable, "-m", "benchmarks.seeing", "torchviz", name]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as run:
        try:
            said, error = run.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)  # with the layout that it has begun
            return f"stopped after {PATIENCE} s"
    return said.strip() if run.returncode == 0 else error.strip().splitlines()[-1][:80]


def draw_with_torchviz(name: str) -> None:
    """What that process does."""
    from torchviz import make_dot

    loss = torch_loss_of(name)
    begun = time.perf_counter()
    source = make_dot(loss).source
    nodes = sum("->" not in line and "[" in line for line in source.splitlines())
    svg = lay_out(source)
    print(f"{time.perf_counter() - begun:.2f} s, about {nodes} nodes, {len(svg) / 1000:.0f} kB")


def lay_out(source: str) -> str:
    """DOT text through the Graphviz that we use."""
    picture = Picture()
    picture.body = [line + "\n" for line in source.splitlines()[1:-1]]
    return str(picture.pipe("svg", encoding="utf-8"))


def draws(loss: Value, **options: Any) -> Callable[[], str]:
    """What draws a loss."""
    return lambda: draw(loss, **options).svg()


def median(work: Callable[[], Any]) -> float:
    """Seconds, the median of several runs."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def steps_in_the_browser(path: Path) -> list[float]:
    """Milliseconds of each step of a saved player."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.goto(path.resolve().as_uri())
        found = page.evaluate(STEPS)
        browser.close()
    return [float(x) for x in found]


def main() -> None:
    """Print a line for each network and each of us."""
    Path("out").mkdir(exist_ok=True)
    for name in SIZES:
        loss = loss_of(name)
        drawing = draw(loss)
        seconds = median(draws(loss))
        print(f"{name}: {drawing.summary}")
        print(f"  draw to SVG        {seconds:6.2f} s, {len(drawing.svg()) / 1000:.0f} kB")
        if name == "middle":
            seconds = median(draws(loss, collapse=False))
            print(f"  draw, not collapsed{seconds:6.2f} s")
        if name != "batch":
            seconds = median(partial(play, loss))
            path = play(loss).save(Path("out") / f"bench_{name}.html")
            times = steps_in_the_browser(path)
            print(f"  play to HTML       {seconds:6.2f} s, {path.stat().st_size / 1000:.0f} kB")
            most = statistics.quantiles(times, n=100)[98]
            print(
                f"  a step: median {statistics.median(times):.1f} ms, 99 of 100 below {most:.1f} ms, longest {max(times):.1f} ms"
            )
        print(f"  torchviz to SVG    {torchviz_draws(name)}")


if __name__ == "__main__":
    draw_with_torchviz(sys.argv[2]) if sys.argv[1:2] == ["torchviz"] else main()
