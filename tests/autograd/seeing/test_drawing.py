"""draw: what a picture shows of small and large graphs, and that it is a snapshot nobody's name can break."""

import re
import sys
import time
import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest

import autograd as ag
import nn
from autograd import GraphTooLarge, GraphvizNotFound, Value, draw
from autograd.seeing.scopes import scopes
from autograd.seeing.steps import below
from examples.data import two_moons

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ['</script>"&<é', "a|b{c}\\n\\", "\x00\x01\n\t", "]]>", "x" * 10_000, "日本語", "", "a//b", "/", "\\N", "<b>"]


def small(scale=1.0):
    x1, x2 = Value(2.0 * scale, "x1"), Value(3.0, "x2")
    y = x1 * x2 + ag.sin(x1)
    y.backward()
    return x1, x2, y


@pytest.fixture
def network():
    model = nn.MLP(2, [3, 2, 1], "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0, "x1"), Value(3.0, "x2")]), 1.0)
    loss.name = "L"
    loss.backward()
    return model, loss


@pytest.fixture(scope="module")
def batch():
    points, labels = two_moons(100)
    model = nn.MLP(2, [16, 16, 1], rng=0, fused=False)
    scores = [model(point) for point in points]
    loss = sum(nn.losses.hinge(score, label) for score, label in zip(scores, labels, strict=True)) / 100.0
    loss.backward()
    return model, loss


def parts(svg, kind):
    return [g for g in ET.fromstring(svg).iter(f"{SVG}g") if kind in (g.get("class") or "").split()]


def texts(svg):
    return ["".join(node.itertext()).strip() for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_value_is_a_box_and_every_argument_an_edge(network):
    _, loss = network
    nodes = below(loss)
    svg = draw(loss).svg()
    numbers = sum(type(arg) is not Value for node in nodes for arg in node.args)
    assert len(parts(svg, "node")) == len(nodes) + numbers
    assert len(parts(svg, "edge")) == sum(len(node.args) for node in nodes)


def test_kinds_have_their_classes_and_shapes(network):
    _, loss = network
    drawing = draw(loss)
    svg = drawing.svg()
    assert {kind: len(parts(svg, kind)) for kind in ("leaf", "parameter", "operation", "result")} == {
        "leaf": 2, "parameter": 20, "operation": 12, "result": 1,
    }  # fmt: skip
    assert drawing.source.count("shape=hexagon") == 20
    assert "2 leaves, 20 parameters, 13 operations" in drawing.summary


def test_parameters_can_be_named_by_their_module_or_listed():
    neuron = nn.Neuron(1, rng=0)
    y = neuron([1.0])
    assert len(parts(draw(y).svg(), "parameter")) == 0
    assert len(parts(draw(y, parameters=neuron).svg(), "parameter")) == 2
    assert len(parts(draw(y, parameters=[neuron.b]).svg(), "parameter")) == 1


def test_what_is_shown_can_be_chosen():
    *_, y = small()
    shown = texts(draw(y, show="data", fmt=".2f").svg())
    assert "data 6.91" in shown
    assert not any("grad" in text for text in shown)
    assert not any(text == "1" for text in shown)
    assert "1" in texts(draw(y, show=["partials"]).svg())


def test_scopes_are_frames_where_asked_for(network):
    _, loss = network
    assert len(parts(draw(loss).svg(), "cluster")) == 0
    svg = draw(loss, show=("data", "grad", "partials", "scopes"), collapse=False).svg()
    assert len(parts(svg, "cluster")) == 3 + 6
    assert {"layers[0]", "neurons[2]", "w[1]"} <= set(texts(svg))


def test_the_result_of_a_graph_is_a_snapshot():
    x1, _, y = small()
    drawing = draw(y)
    before = drawing.source
    x1.data, x1.grad = 7.0, 9.0
    y.name = "later"
    assert drawing.source == before
    assert "grad 2.584" in texts(drawing.svg())


def test_a_leaf_alone_can_be_drawn():
    assert "1 Values" in draw(Value(1.0, "x")).summary


def test_a_dot_unfolds_into_products_and_a_sum(network):
    _, loss = network
    dots = [node for node in below(loss) if node.op is not None and node.op.name == "dot"]
    before = texts(draw(loss, collapse=False).svg())
    after = texts(draw(loss, collapse=False, expand=[dots[0]]).svg())
    assert (before.count("dot"), after.count("dot")) == (6, 5)
    assert after.count("sum") == 1
    assert after.count("*") - before.count("*") == 2
    assert texts(draw(ag.unfold(loss), collapse=False).svg()).count("dot") == 0
    opened = draw(loss, expand=dots[0], collapse=True)  # where it stands is opened, too
    assert "sum" in {" ".join(text.split()) for text in texts(opened.svg())}


def test_an_unfolded_graph_has_the_same_numbers_names_and_gradients(network):
    model, loss = network
    same = ag.unfold(loss)
    grads = [p.grad for p in model.parameters()]
    assert (same.data, same.grad, same.name) == (loss.data, loss.grad, "L")
    model.zero_grad()
    same.backward()
    assert [p.grad for p in model.parameters()] == pytest.approx(grads, rel=1e-15)


def test_a_dot_of_constants_and_a_start_unfolds_too():
    x = Value(2.0)
    y = ag.unfold(ag.dot([x, 1.0], [3.0, 4.0], 5.0) * 2.0)
    (total, _) = y.args
    assert total.data == 15.0
    assert [arg if type(arg) is float else arg.data for arg in total.args] == [5.0, 6.0, 4.0]
    assert total.partials == (None, 1.0, None)


def test_what_has_no_dot_unfolds_to_itself():
    *_, y = small()
    assert ag.unfold(y) is y


# Large graphs


def test_a_collapsed_picture_of_tens_of_thousands_of_nodes_never_sends_them_to_graphviz(batch):
    _, loss = batch
    assert len(draw(loss).source) < 100_000


@pytest.mark.no_cover
def test_any_group_expands_and_a_level_can_be_chosen(batch):
    _, loss = batch
    assert {"layers[0]", "layers[1]"} <= set(texts(draw(loss, collapse=1).svg()))
    opened = texts(draw(loss, collapse=1, expand="layers[0]").svg())
    assert {"neurons[0]", "neurons[15]", "layers[1]"} <= set(opened)
    inside = texts(draw(loss, expand="layers[0].neurons[3]").svg())
    assert "* ×200" in inside
    assert "w[1]" in inside


def test_named_scopes_collapse_in_a_small_graph_and_the_rest_stays(network):
    _, loss = network
    svg = draw(loss, collapse=["layers[0]", "layers[1].neurons[0]"]).svg()
    assert len(parts(svg, "group")) == 2
    assert len(parts(draw(loss, collapse="layers[0]").svg(), "group")) == 1
    assert len(parts(draw(loss, collapse=True).svg(), "group")) > 0


def test_edges_between_groups_are_counted(network):
    _, loss = network
    found = texts(draw(loss, collapse=1).svg())
    assert "×6" in found  # three neurons, each used by two


@pytest.mark.no_cover
def test_a_long_chain_without_scopes_is_counted_by_operation():
    y = Value(0.5, "x")
    for _ in range(50_000):
        y = ag.sin(y) * 1.5
    begun = time.perf_counter()
    drawing = draw(y)
    assert {"sin ×50000", "* ×49999"} <= {
        part for line in drawing.source.split("<b>") for part in line.split("</b>")[:1]
    }
    assert time.perf_counter() - begun < 30.0  # not a benchmark: nothing is quadratic


def test_graphs_with_more_kinds_of_operation_than_boxes_still_collapse():
    x = Value(0.5)
    y = x
    for i in range(400):
        y = ag.Primitive(f"p{i}", lambda a: a, lambda a, y: 1.0)(y)
    drawing = draw(y)
    assert "collapsed into" in drawing.summary


def test_many_scopes_at_the_first_level_are_counted_by_operation():
    y = sum(Value(float(i), f"s{i}/w") * 2.0 for i in range(200))
    boxes = [part for part in parts(draw(y).svg(), "node") if "number" not in part.get("class")]
    assert len(boxes) <= 60


def test_a_neighbourhood_is_drawn_around_a_value_with_hints_at_what_is_left_out(batch, network):
    model, loss = network
    weight = model.layers[1].neurons[0].w[1]
    drawing = draw(loss, focus=weight, radius=1)
    assert "2 of them around the one in focus" in drawing.summary
    assert any("more" in text for text in texts(drawing.svg()))
    assert drawing.source == draw(loss, focus="layers[1].neurons[0].w[1]", radius=1).source
    assert "Values" in draw(batch[1], focus=batch[1], radius=2).summary
    with pytest.raises(GraphTooLarge, match="pass a smaller radius"):
        draw(batch[1], focus="layers[0].neurons[0].w[0]", radius=9, collapse=False)
    around = texts(draw(batch[1], focus="layers[0].neurons[0].w[0]", radius=3).svg())
    assert "w[0]" in around
    assert {"* ×100", "+ ×200"} & set(around)
    with pytest.raises(ValueError, match="focus or collapse, not both"):
        draw(loss, focus=weight, collapse=1)


def test_a_picture_that_would_be_too_large_says_what_to_do(batch):
    with pytest.raises(GraphTooLarge, match=r"draw\(\) got a graph of \d+ nodes, and draws up to 500: leave collapse"):
        draw(batch[1], collapse=False)


# Scopes


def test_operations_belong_where_all_their_users_and_an_argument_are():
    model = nn.MLP(1, [1, 1], "tanh", rng=0, fused=False)
    x = Value(2.0, "x")
    scaled = x * 0.5
    loss = (model([scaled]) - 1.0) ** 2.0
    nodes = below(loss)
    found = {node: ".".join(path) for node, path in scopes(nodes).items()}
    assert found[scaled] == found[loss] == found[x] == ""
    inner = [found[node] for node in nodes if node.op and found[node]]
    assert inner.count("layers[0].neurons[0]") == 3  # product, sum, tanh
    assert inner.count("layers[1].neurons[0]") == 2


def test_values_named_with_a_path_make_scopes_of_their_own():
    h = Value(1.0, "encoder.w") * Value(2.0, "encoder.x")
    h.name = "encoder.h"
    y = h * 3.0
    found = scopes(below(y))
    assert (found[h], found[y]) == (("encoder",), ())


# Files, notebooks, layouts


def test_saved_by_suffix(tmp_path):
    *_, y = small()
    drawing = draw(y)
    assert drawing.save(tmp_path / "a.svg").read_text().startswith("<svg")
    assert drawing.save(str(tmp_path / "a.png")).read_bytes().startswith(b"\x89PNG")
    assert drawing.save(tmp_path / "a.dot").read_text() == drawing.source
    assert drawing.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(ValueError, match=r"ends in \.svg, \.png, \.jpg, \.pdf or \.dot, got .*a\.docx"):
        drawing.save(tmp_path / "a.docx")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot", ".pdf", ".png", ".svg"]


def test_a_notebook_gets_an_image_and_a_summary():
    *_, y = small()
    bundle = draw(y)._repr_mimebundle_()
    image = re.fullmatch(
        r'<img src="data:image/svg\+xml;base64,([^"]*)" alt="[^"]*" style="[^"]*"/><p>.*</p>', bundle["text/html"]
    )
    assert b64decode(image[1]).decode() == draw(y).svg()
    assert bundle["text/plain"] == "<drawing of y: 5 Values (2 leaves, 0 parameters, 3 operations), 5 edges>"


def test_the_font_is_arial_in_dot_and_a_family_in_svg():
    *_, y = small()
    drawing = draw(y)
    assert set(re.findall(r"fontname=(\w+)", drawing.source)) == {"Arial"}
    assert drawing.svg().count("font-family") == 1


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_themes_differ_in_colours(theme):
    *_, y = small()
    svg = draw(y, theme=theme).svg()
    assert ("prefers-color-scheme" in svg) == (theme == "auto")
    assert ("#16181c" in svg.lower()) == (theme != "light")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_can_break_dot_or_svg(name):
    x = Value(1.0, name=name)
    y = x * 2.0
    y.name = name
    for options in ({}, {"collapse": True}, {"show": ("data", "grad", "partials", "scopes")}, {"focus": x}):
        svg = draw(y, **options).svg()
        assert len(svg) < 20_000
        assert ET.fromstring(svg).tag == f"{SVG}svg"


def test_without_the_wheels_or_the_system_s_dot_it_says_so(monkeypatch):
    *_, y = small()
    monkeypatch.setenv("PATH", "")
    assert draw(y, layout="wheels").svg().startswith("<svg")
    with pytest.raises(GraphvizNotFound, match="Graphviz is not installed"):
        draw(y, layout="system").svg()
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    drawing = draw(y)
    with pytest.raises(GraphvizNotFound, match=r"pip install 'pygraphviz>=2.0'"):
        drawing.png()
    assert "No picture: Graphviz is not installed" in drawing._repr_mimebundle_()["text/plain"]
    assert "digraph" in drawing.source


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layout": "neato"}, ValueError, "layout to be among auto, system, wheels, got 'neato'"),
        ({"rankdir": "XX"}, ValueError, r"draw\(\) expects rankdir LR, TB, RL or BT, got 'XX'"),
        ({"show": "loss"}, ValueError, "show to be among names, data, grad, partials, scopes, got 'loss'"),
        ({"fmt": ".4q"}, ValueError, "fmt to be a format of a number"),
        ({"theme": "blue"}, ValueError, "theme among auto, light, dark, got 'blue'"),
        ({"radius": -1}, ValueError, "radius"),
        ({"max_nodes": 0}, ValueError, "max_nodes"),
        ({"focus": 3}, TypeError, "focus to be a Value or its name, got int"),
        ({"focus": "x9"}, ValueError, "no Value to focus on named 'x9'; there are v1, v2, x1, x2, y"),
        ({"focus": Value(1.0)}, ValueError, "focus to be a Value of the graph"),
        ({"collapse": "layers[9]"}, ValueError, r"no scope 'layers\[9\]' to collapse; the graph has none"),
        ({"expand": "layers[9]"}, ValueError, r"no scope 'layers\[9\]' to expand"),
        ({"expand": [3]}, TypeError, "expand to have names of scopes, got int"),
        ({"expand": Value(1.0)}, ValueError, "expand to be `dot` nodes of the graph, got a leaf"),
        ({"parameters": 3}, TypeError, r"a module or a list of parameters.*got int"),
    ],
)
def test_bad_input_is_refused_by_name(options, error, message):
    *_, y = small()
    with pytest.raises(error, match=message):
        draw(y, **options)


def test_only_values_are_drawn_and_the_nearest_scope_is_suggested(network):
    with pytest.raises(TypeError, match=r"draw\(\) expects a Value, or a model: .*, got float"):
        draw(1.0)
    with pytest.raises(ValueError, match=r"did you mean 'layers\[1\]'"):
        draw(network[1], expand="layers[11]")


@pytest.mark.parametrize("name", ["\\N", "\\Gamma", "\\Ea", "a\\\\b"])
def test_backslashes_are_shown_as_they_are(name):
    assert f"{name}" in [text.split("  ")[0] for text in texts(draw(Value(1.0, name) * 2.0).svg())]


@pytest.mark.no_cover
@pytest.mark.parametrize("scope", ["a['\x01b']", "a." * 1500 + "a", "x" * 5000, "a['<&>']", "a['\\\\N']", "a b"])
def test_no_scope_can_break_the_picture(scope):
    leaves = [Value(float(i), f"{scope}.w{i}") for i in range(30)]
    y = ag.sum([leaf * 2.0 for leaf in leaves])
    for options in ({"collapse": True}, {"show": ("scopes",)}, {"collapse": 1}):
        assert ET.fromstring(draw(y, **options).svg()).tag == f"{SVG}svg"


def test_many_plain_numbers_of_one_node_share_a_box():
    y = ag.dot([Value(1.0)] + [1.5] * 3000, [2.0] * 3001)
    svg = draw(y).svg()
    assert len(parts(svg, "node")) == 3
    assert "6001 numbers" in texts(svg)


def test_an_unfolded_graph_is_that_of_its_own_point():
    x, w = Value(2.0), Value(3.0)
    y = ag.dot([x, 5.0], [w, 7.0])
    w.data = 10.0
    product, constant = ag.unfold(y).args
    assert (product.data, product.partials, constant) == (6.0, (3.0, 2.0), 35.0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"expand": 5}, TypeError, "expand to be a name or a list of them, got int"),
        ({"show": None}, TypeError, "show to be a name or a list of them, got NoneType"),
        ({"collapse": 0.5}, TypeError, "collapse to be a name or a list of them, got float"),
        ({"collapse": -1}, ValueError, "collapse to be a level, at least 0, got -1"),
        ({"parameters": [3.0]}, TypeError, "parameters to be Values, got float"),
        ({"parameters": "ab"}, TypeError, "parameters to be Values, got str"),
        ({"radius": True}, ValueError, "radius to be a whole number, at least 0, got True"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused_by_name(options, error, message):
    *_, y = small()
    with pytest.raises(error, match=message):
        draw(y, **options)


def test_values_without_a_name_bear_that_of_traces_unless_asked_otherwise():
    *_, y = small()
    assert {"v1", "v2", "y"} <= set(texts(draw(y).svg()))
    assert not {"v1", "v2", "y"} & set(texts(draw(y, show=("data", "grad")).svg()))
    assert draw(y, focus="v2", radius=0).summary.endswith("1 of them around the one in focus are drawn")


def test_scopes_that_begin_alike_share_their_beginning():
    a, b = Value(1.0, "net.left.w"), Value(2.0, "net.right.w")
    h, k = a * 2.0, b * 3.0
    h.name, k.name = "net.left.", "net.right."
    shared = a * b
    y = h * shared + k * shared
    found = scopes(below(y))
    assert found[shared] == ()
    h2 = shared * 1.0
    h2.name = "net.left.h"
    k2 = shared * 2.0
    k2.name = "net.right.k"
    found = scopes(below(h2 + k2))
    assert found[shared] == ("net",)


def test_a_group_tells_what_is_asked_for_and_how_much_of_it_is_not_finite():
    with ag.errstate("ignore"):
        y = sum(ag.log(Value(0.0)) * 0.0 for _ in range(20))
    found = texts(draw(y, collapse=True).svg())
    assert {"log ×20", "data not finite", "20 not finite"} <= set(found)
    assert not any(text.startswith(("data", "grad")) for text in texts(draw(y, collapse=True, show="partials").svg()))
