"""Draw the pictures of README and docs again: `.venv/bin/python docs/pictures/build.py` (the player's needs Chromium)."""

import shutil
import tempfile
from pathlib import Path

import nn
from autograd import Value, draw, play, sin, unfold

HERE = Path(__file__).parent
STEP = 14  # of the player: the product that is added at v1


def main() -> None:
    """Write formula.svg, neuron.svg, batch.svg, network.svg, glm.svg and player.png beside this file."""
    x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
    y = x1 * x2 + sin(x1)
    y.backward()
    draw(y).save(HERE / "formula.svg")

    neuron = nn.Neuron(2, rng=2, fused=False)
    y = neuron([Value(1.0, "x1"), Value(-0.5, "x2")])
    y.backward()
    draw(y, parameters=neuron).save(HERE / "neuron.svg")

    points = [[i / 50 - 1.0, i * 7 % 100 / 50 - 1.0] for i in range(100)]
    model = nn.MLP(2, [16, 16, 1], "tanh", rng=0, fused=False)
    losses = [nn.losses.squared_error(model(p), 1.0 if p[0] * p[1] > 0.0 else -1.0) for p in points]
    loss = sum(losses) / 100
    loss.backward()
    draw(loss).save(HERE / "batch.svg")

    network = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    draw(network, [0.5, -1.0], 1, loss="binary_cross_entropy_with_logits").save(HERE / "network.svg")
    temperatures = [[53.0], [57.0], [63.0], [66.0], [67.0], [70.0], [75.0]]
    launches = nn.GLM("bernoulli").fit(temperatures, [1, 1, 1, 0, 1, 0, 0])
    draw(launches, [60.0], 1).save(HERE / "glm.svg")

    neuron = nn.Neuron(2, "tanh", rng=2)
    loss = nn.losses.squared_error(neuron([Value(0.5, "x1"), Value(-1.0, "x2")]), 1.0)
    loss.name = "L"
    photograph(play(unfold(loss), parameters=neuron))


def photograph(player: object) -> None:
    """A screenshot of one step of the player."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = player.save(Path(folder) / "passes.html")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1080, "height": 560})
        page.goto(f"{path.as_uri()}#{STEP}")
        page.wait_for_timeout(500)
        page.screenshot(path=HERE / "player.png")
        browser.close()


if __name__ == "__main__":
    main()
