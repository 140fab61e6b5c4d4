"""The demonstration: two formulas, a network that learns, a regression that agrees with the published one.

`make demo` runs it; everything is written into out/.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

from autograd import MissingPackage, Value, draw, grad, hessian, play
from autograd.__main__ import main as command_line
from nn import MLP, Neuron, plots
from nn.losses import binary_cross_entropy_with_logits, hinge
from nn.optim import SGD

from .data import challenger, two_moons

with MissingPackage.told("the demonstration"):
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

OUT = Path("out")
# glm(Fail > 0 ~ Temp, family = binomial) in R on the same 23 launches: estimates and standard errors as published,
# among others, in the statistics notebook of Brigham Young University, Idaho (data challeng of the R package alr4).
PUBLISHED = {"intercept": (15.0429, 7.3786), "temperature": (-0.2322, 0.1082)}
STEPS = 100


def formulas() -> dict[str, str]:
    """Run the command line on the two formulas of the lecture."""
    for expression, name, values in [
        ("x1*x2 + sin(x1)", "formula_1.svg", ["x1=2", "x2=3"]),
        ("(x1*x2*sin(x3) + exp(x1*x2))/x3", "formula_2.svg", ["x1=2", "x2=3", "x3=0.5"]),
    ]:
        file = OUT / name
        print(f'\n$ python -m autograd "{expression}" {" ".join(values)} -o {file}\n')
        command_line([expression, *values, "-o", str(file)])
    return {
        "formula_1.svg": "The graph of x1*x2 + sin(x1), with each value, each gradient and each local derivative.",
        "formula_2.svg": "The same for (x1*x2*sin(x3) + exp(x1*x2))/x3.",
    }


def batch_loss(model: MLP, points: list[list[float]], labels: list[int]) -> tuple[Any, float]:
    """The mean hinge loss with a small penalty on the squared weights, and the share of points on the right side."""
    scores = [model(point) for point in points]
    mean = sum(hinge(score, label) for score, label in zip(scores, labels, strict=True)) / len(labels)
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    right = sum((score > 0) == (label > 0) for score, label in zip(scores, labels, strict=True))
    return mean + penalty, right / len(labels)


def network() -> dict[str, str]:
    """Train a network of two hidden layers on two moons, and draw what it learned and one of its neurons."""
    points, labels = two_moons(100, noise=0.1, seed=1)
    model = MLP(2, [16, 16, 1], rng=1)
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.5)
    print(f"\n{model}, {len(model.parameters())} parameters, on two moons of {len(points)} points")
    losses = []
    for step in range(1, STEPS + 1):
        loss, accuracy = batch_loss(model, points, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.lr = 0.5 * (1.0 - 0.9 * step / STEPS)
        optimizer.step()
        losses.append(loss.data)
        show_progress(step, f"loss {loss:.4f}  right {accuracy:.0%}")
    plot_losses(losses)
    plot_boundary(model, points, labels)
    draw_neuron(model, points[0], labels[0])
    return {
        "moons_loss.png": f"The loss of the {STEPS} steps, from {losses[0]:.2f} down to {losses[-1]:.4f}.",
        "moons_boundary.png": "The boundary that the network draws between the two moons.",
        "neuron.html": "The two passes over one of its neurons, step by step: open it in a browser.",
        "neuron.svg": "The graph of one of its neurons, products and sums apart, with every derivative of its output.",
    }


def show_progress(step: int, text: str) -> None:
    """Print a line that moves on a terminal, and every tenth one elsewhere."""
    done = 30 * step // STEPS
    line = f"  [{'#' * done}{'.' * (30 - done)}] step {step:3d}  {text}"
    if sys.stdout.isatty() and step < STEPS:
        print(line, end="\r", flush=True)
    elif step % 10 == 0:
        print(line)


def plot_losses(losses: list[float]) -> None:
    """Draw the loss curve."""
    axes = plots.loss_curve(losses)
    axes.set(ylabel="hinge loss + penalty", title="Two moons: the loss")
    save(axes, "moons_loss.png")


def plot_boundary(model: MLP, points: list[list[float]], labels: list[int]) -> None:
    """Draw where the score is 0, and the points."""
    axes = plots.decision_boundary(model, points, labels)
    axes.set(title="Two moons: the boundary")
    save(axes, "moons_boundary.png")


def save(axes: Any, name: str) -> None:
    """Write a figure and forget it."""
    axes.figure.savefig(OUT / name, dpi=120)
    plt.close(axes.figure)


def draw_neuron(model: MLP, point: list[float], label: int) -> None:
    """Draw a neuron of the first layer with the trained weights, its products and sums as nodes of their own."""
    trained = next(neuron for neuron in model.layers[0].neurons if neuron(point) > 0)
    neuron = Neuron(2, fused=False)
    neuron.load_state_dict(trained.state_dict())
    x = [Value(coordinate, name=f"x{i}") for i, coordinate in enumerate(point)]
    y = neuron(x)
    y.backward()
    draw(y, parameters=neuron).save(OUT / "neuron.svg")
    play(y, parameters=neuron).save(OUT / "neuron.html")


def shuttle() -> dict[str, str]:
    """Fit a logistic regression by Newton's method, the Hessian being the engine's own."""
    temperatures, damaged = challenger()
    centre = sum(temperatures) / len(temperatures)

    def loss(theta: list[Value]) -> Any:
        eta = [theta[0] + theta[1] * (t - centre) for t in temperatures]
        return sum(map(binary_cross_entropy_with_logits, eta, damaged))

    print("\nlogistic regression of O-ring damage on temperature, by Newton's method")
    theta = [0.0, 0.0]
    for iteration in range(1, 20):
        (g0, g1), ((a, b), (_, d)) = grad(loss)(theta), hessian(loss)(theta)
        determinant = a * d - b * b
        step = [(d * g0 - b * g1) / determinant, (a * g1 - b * g0) / determinant]
        theta = [t - s for t, s in zip(theta, step, strict=True)]
        print(f"  iteration {iteration}: gradient ({g0:9.2e}, {g1:9.2e})")
        if max(map(abs, step)) < 1e-10:
            break
    variance = [[d / determinant, -b / determinant], [-b / determinant, a / determinant]]
    intercept_variance = variance[0][0] - 2.0 * centre * variance[0][1] + centre**2 * variance[1][1]
    found = {
        "intercept": (theta[0] - theta[1] * centre, math.sqrt(intercept_variance)),
        "temperature": (theta[1], math.sqrt(variance[1][1])),
    }
    for name, (estimate, error) in found.items():
        known, known_error = PUBLISHED[name]
        agrees = abs(estimate - known) < 5e-5 and abs(error - known_error) < 5e-5
        print(
            f"  {name:12s}{estimate:9.4f} (standard error {error:.4f});  published {known:9.4f} ({known_error:.4f}): "
            f"{'they agree' if agrees else 'THEY DIFFER'}"
        )
    plot_shuttle(temperatures, damaged, found["intercept"][0], found["temperature"][0])
    return {"shuttle.png": "The probability of O-ring damage by temperature, fitted with the engine's own Hessian."}


def plot_shuttle(temperatures: list[float], damaged: list[int], intercept: float, slope: float) -> None:
    """Draw the launches and the fitted probability."""
    grid = [30.0 + i / 4 for i in range(4 * 55)]
    _, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.plot(grid, [1.0 / (1.0 + math.exp(-intercept - slope * t)) for t in grid], color="#0072B2")
    axes.scatter(temperatures, damaged, marker="o", facecolors="none", edgecolors="#B35900")
    axes.axvline(31.0, color="#555555", linestyle="--", linewidth=1)
    axes.annotate("the Challenger's last launch, 31 °F", (31.5, 0.45), fontsize=9)
    axes.set(xlabel="temperature at launch, °F", ylabel="probability of damage", title="O-rings: 23 launches")
    save(axes, "shuttle.png")


def main() -> None:
    """Run all three parts and list what they wrote."""
    started = time.perf_counter()
    OUT.mkdir(exist_ok=True)
    written = formulas() | network() | shuttle()
    print(f"\ndone in {time.perf_counter() - started:.0f} seconds; the files are")
    for name, sentence in written.items():
        print(f"  {OUT / name!s:24s}{sentence}")


if __name__ == "__main__":
    main()
