"""Pictures as a browser shows them."""

import pytest

import nn
from autograd import Value, draw
from examples.data import two_moons

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

WIDER = """() => [...document.querySelectorAll("g.node:not(.number):not(.more)")].flatMap((g) => {
  const box = g.querySelector("polygon, path").getBBox();
  return [...g.querySelectorAll("text")].filter((t) => {
    const own = t.getBBox();
    return own.width > box.width || own.x < box.x - 0.5 || own.x + own.width > box.x + box.width + 0.5;
  }).map((t) => t.textContent);
})"""


def network():
    model = nn.MLP(2, [3, 1], "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0e-7, "a name of some length"), Value(-3.0e123, "x2")]), 1.0)
    loss.backward()
    return loss


def batch():
    points, labels = two_moons(40)
    model = nn.MLP(2, [8, 8, 1], rng=0)
    loss = sum(nn.losses.hinge(model(p), label) for p, label in zip(points, labels, strict=True)) / 40.0
    loss.backward()
    return loss


@pytest.mark.parametrize(("make", "options"), [
    (network, {}), (network, {"show": ("data", "grad", "partials", "scopes")}), (network, {"theme": "dark", "rankdir": "TB"}),
    (network, {"focus": "v3"}), (batch, {}), (batch, {"collapse": 1}), (batch, {"focus": "layers[1].neurons[3].w[2]", "radius": 1}),
])  # fmt: skip
def test_no_text_is_wider_than_its_box(make, options, opened, tmp_path, shot):
    page = opened(draw(make(), **options).save(tmp_path / "picture.svg"))
    assert page.evaluate(WIDER) == []
    shot(page, f"draw_{make.__name__}_{'_'.join(options)}")


def test_an_image_goes_with_the_reader_s_scheme(opened, tmp_path):
    path = draw(network()).save(tmp_path / "picture.svg")
    colour = "() => getComputedStyle(document.querySelector('.paper')).fill"
    assert opened(path).evaluate(colour) == "rgb(255, 255, 255)"
    assert opened(path, color_scheme="dark").evaluate(colour) == "rgb(22, 24, 28)"
