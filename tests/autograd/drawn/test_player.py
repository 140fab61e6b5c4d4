"""play: the page, its data and what notebooks get. What a person does with it is tested in tests/browser."""

import html
import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest

import autograd as ag
import nn
from autograd import GraphTooLarge, Value, play
from autograd.passes import Backward, Forward, Seed, steps


def network():
    model = nn.MLP(2, [2, 1], "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0, "x1"), Value(3.0, "x2")]), 1.0)
    loss.name = "L"
    return loss


def data(player):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', player.html, re.DOTALL)[1])


def test_each_step_of_the_passes_is_a_step_of_the_page():
    loss = network()
    player = play(loss)
    found = steps(loss)
    told = data(player)["steps"]
    assert player.steps == len(told) == len(found)
    kinds = {Forward: "forward", Seed: "seed", Backward: "backward"}
    assert [step["kind"] for step in told] == [kinds[type(step)] for step in found]
    assert told[data(player)["backward"] - 1]["kind"] == "seed"
    for step, said in zip(found, told, strict=True):
        if isinstance(step, Backward):
            numbers = f"= {step.adjoint:.4g} * {step.partial:.4g} = {step.contribution:.4g} ({step.before:.4g} -> {step.after:.4g})"
            assert said["what"].endswith(numbers)


def test_a_backward_step_reads_as_the_chain_rule_with_the_formula_of_its_partial():
    x = Value(0.5, "x")
    y = ag.tanh(x) + 1.0
    said = data(play(y))["steps"]
    assert said[4]["what"] == "dy/dv1 += dy/dy * dy/dv1 = 1 * 1 = 1 (0 -> 1)"
    assert said[5]["what"] == "dy/dx += dy/dv1 * dv1/dx = 1 * 0.7864 = 0.7864 (0 -> 0.7864)"
    assert said[5]["why"] == "v1 = tanh(x), so dv1/dx = 1 - v1 * v1"
    assert said[1]["why"] == "tanh: the hyperbolic tangent"


def test_the_adjoints_are_those_of_this_pass_whatever_grad_holds():
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    y.backward()
    assert (x.grad, data(play(y))["steps"][-1]["after"]) == (12.0, "6")


def test_the_page_refers_to_nothing_outside_and_its_policy_allows_only_its_own_script_and_style():
    page = play(network()).html
    assert not re.findall(r"(?:src|href)=[\"'](?!data:,)", page)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in page
    assert "url(" not in page.replace("url(#hatch)", "")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(text) == 1
        assert f"'sha256-{b64encode(sha256(text[0].encode()).digest()).decode()}'" in policy


def test_a_notebook_gets_the_page_over_a_still_picture():
    player = play(network())
    bundle = player._repr_mimebundle_()
    shown = bundle["text/html"]
    assert shown.index('<img src="data:image/svg+xml;base64,') < shown.index("<iframe")
    frame = re.search(r'<iframe sandbox="allow-scripts" title="[^"]+" srcdoc="([^"]*)"', shown)
    assert html.unescape(frame[1]) == player.html
    assert bundle["text/plain"] == repr(player)
    assert re.fullmatch(r"<player of 39 steps, \d+ kB; 18 Values .*>", repr(player))


def test_saved_as_a_page_and_as_nothing_else(tmp_path):
    player = play(network())
    assert player.save(tmp_path / "a.html").read_text(encoding="utf-8") == player.html
    with pytest.raises(ValueError, match=r"ends in \.html, got .*a\.svg"):
        player.save(tmp_path / "a.svg")


def test_a_player_of_some_forty_nodes_is_small():
    model = nn.MLP(2, [3, 2, 1], "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0), Value(3.0)]), 1.0)
    assert len(play(loss).html) < 100_000


def test_the_neighbourhood_of_a_value_is_played_alone():
    loss = network()
    player = play(loss, focus="layer0/neuron0/w1", radius=2)
    assert 0 < player.steps < play(loss).steps
    drawn = {node["id"] for node in data(player)["nodes"]}
    for step in data(player)["steps"]:
        assert step.get("arg", step["node"]) in drawn  # a product may come from outside


def test_the_adjoints_of_a_neighbourhood_are_those_of_the_whole_graph():
    x = Value(0.5, "x")
    h = ag.tanh(x * 2.0)
    z = h * h * 3.0 + h
    y = z * z * 5.0
    y.backward()
    told = data(play(y, focus=x, radius=2))
    (shown,) = (node["id"] for node in told["nodes"] if node["op"] == "tanh")
    assert [step["after"] for step in told["steps"] if step.get("arg") == shown][-1] == f"{h.grad:.4g}"


def test_dots_unfold_in_the_player():
    loss = network()
    assert play(ag.unfold(loss)).steps > play(loss).steps
    x = Value(2.0)
    y = ag.dot([x, x], [3.0, x])
    assert any("v1 + v2" in step["what"] or "sum(" in step["what"] for step in data(play(y, expand=y))["steps"])


@pytest.mark.parametrize("name", ['</script>"&<é', "</style>", "<!--", "x" * 10_000, "{{script}}", "\u2028\x00"])
def test_no_name_can_break_the_page(name):
    x = Value(1.0, name=name)
    y = x * 2.0
    y.name = name
    page = play(y).html
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert page.count("<style>") == page.count("</style>") == 1
    assert len(page) < 60_000
    assert len(data(play(y))["nodes"]) == 2


def test_what_is_too_large_or_wrong_is_refused_by_name():
    y = Value(1.0)
    for _ in range(600):
        y = y + 1.0
    with pytest.raises(GraphTooLarge, match=r"play\(\) got a graph of 601 nodes, and draws up to 500"):
        play(y)
    for options, message in (
        ({"theme": "x"}, r"play\(\) expects a theme"),
        ({"rankdir": "x"}, r"play\(\) expects rankdir"),
        ({"layout": "x"}, r"play\(\) expects layout"),
        ({"fmt": "x"}, r"play\(\) expects fmt"),
    ):
        with pytest.raises(ValueError, match=message):
            play(Value(1.0) * 2.0, **options)
    with pytest.raises(TypeError, match=r"play\(\) expects a Value, got int"):
        play(3)
