"""Pictures: what they say, that they are stable, and that they come without a system Graphviz."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter

import graphviz
import pytest

import autograd as ag
from autograd import GraphTooLarge, GraphvizNotFound, Value, draw_dot
from nn import MLP, Neuron

SVG = "{http://www.w3.org/2000/svg}"


def example():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    y = a * a + ag.sin(b) * 2
    y.backward()
    return a, b, y


@pytest.fixture
def no_dot(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def no_wheels(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


def texts(svg):
    return ["".join(node.itertext()).strip() for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_value_is_one_box_and_every_argument_one_edge():
    _, _, y = example()
    root = ET.fromstring(draw_dot(y).pipe("svg"))
    groups = [g.get("class") for g in root.iter(f"{SVG}g")]
    assert groups.count("node") == 6 + 1  # a, b, a*a, sin, *2, +, and the number 2
    assert groups.count("edge") == 2 + 1 + 2 + 2


def test_boxes_have_name_operation_data_and_gradient_and_edges_the_local_derivative():
    _, _, y = example()
    found = texts(draw_dot(y).pipe("svg"))
    assert Counter(found) == Counter([
        "a", "leaf", "data 2", "grad 4", "b", "leaf", "data -3", "grad -1.98",
        "v1", "*", "data 4", "grad 1", "v2", "sin", "data -0.1411", "grad 2", "v3", "*", "data -0.2822", "grad 1", "2",
        "y", "+ \xa0result", "data 3.718", "grad 1", "2", "2", "-0.99", "2", "1", "1",
    ])  # fmt: skip


def test_a_times_a_has_two_labelled_edges():
    a = Value(3.0)
    source = draw_dot(a * a).source
    assert source.count("v0 -> v1") == 2
    assert source.count('label=" 3 "') == 2


def test_an_edge_without_derivative_is_dashed():
    source = draw_dot(ag.floor(Value(1.5)) * 2.0).source
    assert source.count("style=dashed") == 1


def test_kinds_differ_in_shape_and_text_not_in_colour_alone():
    neuron = Neuron(1, rng=0)
    source = draw_dot(neuron([Value(1.0, name="x")]), parameters=neuron.parameters()).source
    boxes = {line.split()[0]: line for line in source.splitlines() if "tooltip" in line}
    kinds = {kind: [b for b in boxes.values() if kind in b] for kind in ("parameter", "leaf", "result")}
    assert [len(found) for found in kinds.values()] == [2, 1, 1]
    assert all("shape=hexagon" in b for b in kinds["parameter"])
    assert all("shape=box" in b and "rounded" not in b for b in kinds["leaf"])
    assert all("peripheries=2" in b for b in kinds["result"])


PROGRAM = "from autograd import *; x = Value(0.5, name='x'); print(draw_dot(tanh(x * x) / (x + exp(x))).source)"


def test_the_text_is_the_same_byte_for_byte_in_every_process():
    runs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={"PYTHONHASHSEED": str(seed)}, capture_output=True, check=True
        ).stdout
        for seed in range(3)
    }
    assert len(runs) == 1


@pytest.mark.parametrize("name", ['</script>"&<é', "a|b{c}\\n\\", "\x00\x01\n\t", "]]>", "x" * 10_000, "日本語", ""])
def test_no_name_can_break_the_picture(name, no_dot):
    x = Value(1.0, name=name)
    svg = draw_dot(x * 2.0).pipe("svg", encoding="utf-8")
    found = " ".join(texts(svg))
    assert "data 1" in found
    assert len(found) < 200


def test_it_is_a_digraph_that_can_be_edited():
    picture = draw_dot(Value(1.0) * 2.0, rankdir="TB")
    assert isinstance(picture, graphviz.Digraph)
    picture.attr(label="edited")
    assert "edited" in picture.source
    assert "rankdir=TB" in picture.source


def test_pictures_come_without_a_system_dot(no_dot, tmp_path):
    picture = draw_dot(Value(1.0) * 2.0)
    assert picture.pipe("png").startswith(b"\x89PNG")
    assert picture.pipe("svg", encoding="utf-8").lstrip().startswith("<?xml")
    path = picture.render(tmp_path / "graph", cleanup=True)
    assert path == str(tmp_path / "graph.svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["graph.svg"]
    assert picture.render(outfile=tmp_path / "other.png") == str(tmp_path / "other.png")
    assert "digraph" in (tmp_path / "other.gv").read_text()
    assert (tmp_path / "other.png").read_bytes().startswith(b"\x89PNG")
    assert set(picture._repr_mimebundle_()) == {"image/svg+xml"}


def test_a_system_dot_is_used_where_there_is_one(tmp_path, monkeypatch):
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\ncat > /dev/null\necho drawn by the system > \"${0%/*}/used\"; echo '<svg/>'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    picture = draw_dot(Value(1.0) * 2.0)
    assert picture.pipe("svg").strip() == b"<svg/>"
    assert (tmp_path / "used").exists()
    assert picture.render(tmp_path / "graph") == str(tmp_path / "graph.svg")


def test_what_graphviz_refuses_is_an_error_and_in_a_notebook_a_text(no_dot):
    picture = draw_dot(Value(1.0) * 2.0)
    with pytest.raises(graphviz.CalledProcessError, match="nothing"):
        picture._drawn_by_wheels("nothing", None)
    picture.body.append("[[[")
    assert picture._repr_mimebundle_()["text/plain"].startswith("No picture:")


def test_without_either_the_error_says_how_to_install_and_a_notebook_shows_it(no_dot, no_wheels, tmp_path):
    picture = draw_dot(Value(1.0) * 2.0)
    with pytest.raises(GraphvizNotFound, match=r"pip install 'pygraphviz>=2.0'.*apt install.*brew install"):
        picture.pipe("svg")
    with pytest.raises(GraphvizNotFound):
        picture.render(tmp_path / "graph")
    shown = picture._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert shown["text/plain"].startswith("No picture: Graphviz is not installed")


def test_a_graph_too_large_to_draw_names_its_size_and_the_limit():
    y = Value(1.0)
    for _ in range(600):
        y = y + 1.0
    with pytest.raises(GraphTooLarge, match="601 nodes, and draws up to 500"):
        draw_dot(y)
    assert draw_dot(y, max_nodes=601).source.count("->") == 1200


def test_a_whole_network_s_loss_can_be_drawn(no_dot):
    model = MLP(2, [3, 1], "tanh", rng=1)
    y = model([Value(1.0), Value(-1.0)])
    y.backward()
    assert draw_dot(y, parameters=model.parameters()).pipe("svg").count(b'class="node"') > 20


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((3.0,), TypeError, r"draw_dot\(\) expects a Value, got float"),
        ((Value(1.0), 3), TypeError, r"as from model\.parameters\(\), got int"),
        ((Value(1.0), (), "XX"), ValueError, "rankdir LR, TB, RL or BT, got 'XX'"),
    ],
)
def test_bad_input_is_refused_by_name(args, error, message):
    with pytest.raises(error, match=message):
        draw_dot(*args)
