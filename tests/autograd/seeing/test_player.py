"""play: the page, its data and what notebooks get. What a person does with it is tested in tests/browser."""

import html
import json
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from hashlib import sha256

import pytest

import autograd as ag
import nn
from autograd import GraphTooLarge, Value, draw, play
from autograd.seeing.steps import Backward, Forward, Seed, below, steps


def network():
    model = nn.MLP(2, [2, 1], "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0, "x1"), Value(3.0, "x2")]), 1.0)
    loss.name = "L"
    return loss


def data(player):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', player.html, re.DOTALL)[1])


def test_the_leaves_are_one_step_and_then_each_step_of_the_passes_is_a_step_of_the_page():
    loss = network()
    player = play(loss)
    ids = {node: f"v{i}" for i, node in enumerate(below(loss))}
    leaves = [node for node in ids if node.op is None]
    found = [step for step in steps(loss) if not (isinstance(step, Forward) and step.node.op is None)]
    first, *told = data(player)["steps"]
    assert first["kind"] == "forward"
    assert first["nodes"] == [ids[node] for node in leaves]
    assert player.steps == 1 + len(told) == 1 + len(found)
    kinds = {Forward: "forward", Seed: "seed", Backward: "backward"}
    assert [step["kind"] for step in told] == [kinds[type(step)] for step in found]
    assert told[data(player)["backward"] - 2]["kind"] == "seed"
    for step, said in zip(found, told, strict=True):
        assert said["nodes"] == [ids[step.node]]
        if isinstance(step, Forward):
            assert said["what"].endswith(f" = {step.node.data:.4g}")
        elif isinstance(step, Backward):
            numbers = f"= {step.adjoint:.4g} * {step.partial:.4g} = {step.contribution:.4g} ({step.before:.4g} -> {step.after:.4g})"
            assert said["what"].endswith(numbers)
            assert (said["before"], said["after"]) == (f"{step.before:.4g}", f"{step.after:.4g}")
            assert (said["arg"], said["edge"]) == (ids[step.arg], f"e{ids[step.node]}_{step.position}")
        else:
            assert said["after"] == "1"


@pytest.mark.parametrize(("count", "told"), [(8, "w7 = 7"), (9, "… 1 more"), (20, "… 12 more")])
def test_of_many_leaves_the_first_eight_are_told(count, told):
    leaves = [Value(float(i), f"w{i}") for i in range(count)]
    (first, *_) = data(play(ag.sum(leaves)))["steps"]
    assert first["what"].split(", ")[:8] == [f"w{i} = {i}" for i in range(8)]
    assert first["what"].split(", ")[-1] == told
    assert len(first["nodes"]) == count


@pytest.mark.parametrize(
    ("make", "what", "why"),
    [
        (lambda a, b: a * b, "y = a * b = 2 * (-3) = -6", "mul: the product a * b"),
        (lambda a, b: a + b, "y = a + b = 2 + (-3) = -1", "add: the sum a + b"),
        (lambda a, b: b**2.0, "y = b ** 2 = (-3) ** 2 = 9", "pow: a to the power b"),
        (lambda a, b: ag.sin(a), "y = sin(a) = sin(2) = 0.9093", "sin: the sine of x radians"),
        (lambda a, b: -a, "y = -a = -2 = -2", "neg: the negative, -x"),
        (lambda a, b: ag.dot([a, b], [b, 0.5]), "y = dot([a, b], [b, 0.5]) = dot([2, -3], [-3, 0.5]) = -7.5", "dot: "),
    ],
)
def test_a_forward_step_says_what_it_computes_in_symbols_numbers_and_words(make, what, why):
    said = data(play(make(Value(2.0, "a"), Value(-3.0, "b"))))["steps"][1]
    assert said["what"] == what
    assert said["why"].startswith(why)


def test_numbers_that_will_change_are_centred_in_their_boxes_and_fit_whatever_they_become():
    player = play(network())
    svg = ET.fromstring(re.search(r"<svg xmlns.*</svg>", player.html, re.DOTALL)[0])
    tag = "{http://www.w3.org/2000/svg}"
    for part in svg.iter(f"{tag}g"):
        if set(part.get("class", "").split()) & {"leaf", "parameter", "operation", "result"}:
            shape = next(child for child in part if child.tag in (f"{tag}polygon", f"{tag}path"))
            across = [float(x) for x in re.findall(r"(-?[\d.]+),", shape.get("points") or shape.get("d"))]
            lines = part.findall(f"{tag}text")[-2:]
            assert [line.text.split()[0] for line in lines] == ["data", "grad"]
            for line in lines:
                assert line.get("text-anchor") == "middle"
                assert float(line.get("x")) == pytest.approx((min(across) + max(across)) / 2.0, abs=0.01)
    step = max((s for s in data(player)["steps"] if "after" in s), key=lambda s: len(s["after"]))
    assert max(across) - min(across) >= 5.5 * len(f"grad {step['after']}")


@pytest.mark.parametrize(("count", "height"), [(1, 420), (4, 546), (40, 680)])
def test_a_player_in_a_notebook_is_as_high_as_its_graph_needs(count, height):
    y = ag.sum([Value(float(i)) for i in range(count)])
    still = draw(y, collapse=False)
    needed = min(max(play(y)._still.height + 320, 420), 680)
    assert f"height:{needed:.0f}px" in play(y)._repr_mimebundle_()["text/html"]
    assert needed == pytest.approx(height, abs=60)
    assert still.height == pytest.approx(play(y)._still.height, rel=0.05)


def test_the_name_in_the_picture_is_the_name_in_the_sentence():
    twins = [Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "layers[0].neurons[3].w[1]"), Value(4.0, "x" * 60)]
    y = ag.sum([ag.sin(twin) for twin in twins])
    player = play(y)
    called = [node["name"] for node in data(player)["nodes"]]
    assert {"w", "w#2", "layers[0].neurons[3].w[1]", "v1", "y"} <= set(called)
    svg = ET.fromstring(re.search(r"<svg xmlns.*</svg>", player.html, re.DOTALL)[0])
    bold = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text") if text.get("font-weight") == "bold"]
    assert sorted("\n".join(bold).replace("].\n", "].").split("\n")) == sorted(called)  # a path has two lines
    sentences = " ".join(step["what"] for step in data(player)["steps"])
    assert all(name in sentences for name in called)


def test_a_backward_step_reads_as_the_chain_rule_with_the_formula_of_its_partial():
    x = Value(0.5, "x")
    y = ag.tanh(x) + 1.0
    said = data(play(y))["steps"]
    assert said[4]["what"] == "dy/dv1 += dy/dy * ∂y/∂v1 = 1 * 1 = 1 (0 -> 1)"
    assert said[5]["what"] == "dy/dx += dy/dv1 * ∂v1/∂x = 1 * 0.7864 = 0.7864 (0 -> 0.7864)"
    assert said[5]["why"] == "v1 = tanh(x), so ∂v1/∂x = 1 - v1 * v1"
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
    assert "url(" not in page
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
    assert re.fullmatch(r"<player of 29 steps, \d+ kB; 18 Values .*>", repr(player))


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
    player = play(loss, focus="layers[0].neurons[0].w[1]", radius=2)
    assert 0 < player.steps < play(loss).steps
    drawn = {node["id"] for node in data(player)["nodes"]}
    for step in data(player)["steps"]:
        assert (
            {step["arg"]} <= drawn if "arg" in step else set(step["nodes"]) <= drawn
        )  # a product may come from outside


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
