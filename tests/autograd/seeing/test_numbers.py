"""What is drawn is parsed again: each number, name and arrow is that of the engine, in every variant of a picture."""

import inspect
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from math import isfinite

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, draw, draw_dot, play, trace, unfold
from autograd.seeing.looks import DARK, LIGHT, LOOKS
from autograd.seeing.names import names, own_name
from autograd.seeing.scopes import scopes
from autograd.seeing.steps import below

SVG = "{http://www.w3.org/2000/svg}"


def network(points=1):
    model = nn.MLP(2, [3, 2, 1], "tanh", rng=0)
    rows = [[Value(0.5 - i, "x1"), Value(3.0 * i - 1.0, "x2")] for i in range(points)]
    loss = sum(nn.losses.squared_error(model(row), 1.0) for row in rows)
    loss.backward()
    return loss


def broken():
    with ag.errstate("ignore"):
        x = Value(0.0, "x")
        y = ag.sqrt(x) * 0.0 + ag.log(x)
        y.backward()
    return y


def boxes_of(svg):
    """The class and the text of each box, by its id."""
    found = {}
    for part in ET.fromstring(svg).iter(f"{SVG}g"):
        if "node" in part.get("class", "").split():
            texts = ["".join(t.itertext()) for t in part.iter(f"{SVG}text")]
            found[part.get("id")] = part.get("class"), " ".join(" ".join(texts).split())
    return found


def edges_of(source):
    """Each arrow with its ends and its attributes."""
    found = {}
    for tail, head, attributes in re.findall(r"^\s*(\w+) -> (\w+) \[(.*)\]$", source, re.MULTILINE):
        if "invis" not in attributes:
            label = re.search(r'label=" (.*?) "', attributes)
            found[re.search(r"id=(\w+)", attributes)[1]] = (
                tail,
                head,
                label[1] if label else "",
                "dashed" in attributes,
            )
    return found


EVERYTHING = ("names", "data", "grad", "partials", "scopes")


@pytest.mark.parametrize(
    ("show", "fmt", "rankdir"),
    [((), ".4g", "LR"), (("names",), ".4g", "TB"), (("data",), ".2f", "RL"), (("grad",), ".1e", "BT"), (("partials",), ".3f", "LR"),
     (EVERYTHING, ".4g", "LR"), (EVERYTHING, ".2f", "TB"), (EVERYTHING[:4], ".1e", "RL")],
    ids=str,
)  # fmt: skip
def test_each_box_has_the_numbers_of_its_value_and_each_arrow_its_partial(show, fmt, rankdir):
    root = network()
    nodes = below(root)
    called, places = names(nodes, root), scopes(nodes)
    drawing = draw(root, show=show, fmt=fmt, rankdir=rankdir, collapse=False)
    boxes, edges = boxes_of(drawing.svg()), edges_of(drawing.source)
    expected = {}
    for i, node in enumerate(nodes):
        kind = "result" if node is root else "operation" if node.op else "parameter" if places[node] else "leaf"
        head, text = boxes[f"v{i}"]
        assert head.split() == ["node", kind]
        own = own_name(node)
        name = called[node] if "names" in show else own
        if "scopes" in show and places[node] and own:
            name = own.rpartition(".")[2]
        numbers = [f"data {node.data:{fmt}}"] * ("data" in show) + [f"grad {node.grad:{fmt}}"] * ("grad" in show)
        made = "  ".join([node.op.symbol, "result"] if node is root else [node.op.symbol] if node.op else [kind])
        assert text.replace("]. ", "].") == " ".join([*name.split(), *made.split(), *numbers])  # a path has two lines
        for position, (arg, d) in enumerate(zip(node.args, node.partials, strict=True)):
            edge = f"v{i}_{position}"
            if type(arg) is Value:
                label = f"{d:{fmt}}" if "partials" in show else ""
                expected[f"e{edge}"] = (f"v{nodes.index(arg)}", f"v{i}", label, False)
            else:
                assert boxes[f"{edge}n"] == ("node number", f"{arg:{fmt}}")
                expected[f"e{edge}"] = (f"{edge}n", f"v{i}", "", False)
    assert edges == expected


def test_draw_dot_has_the_same_boxes_and_arrows_with_the_names_of_reports():
    root = network()
    called = names(below(root), root)
    source = draw_dot(root).source
    assert edges_of(source) == edges_of(draw(root, collapse=False).source)
    whole = source.replace("].</b><br/><b>", "].")  # a path has two lines
    bold = [re.sub("<.*?>", "", text) for text in re.findall(r"<b>.*?</b>", whole)]
    assert Counter(bold) == Counter(called.values())


def members_of(nodes, places, root, level):
    """What each box of a picture collapsed at a level holds, by an own rule: scopes cut at the level, the rest alone."""
    found = {}
    for node in nodes:
        found.setdefault(places[node][:level] if len(places[node]) >= level else node, []).append(node)
    return found


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("fmt", [".4g", ".2f"])
@pytest.mark.parametrize("points", [1, 3])
def test_a_box_of_a_scope_has_the_count_and_the_ranges_of_its_values(level, fmt, points):
    root = network(points)
    nodes = below(root)
    groups = members_of(nodes, scopes(nodes), root, level)
    boxes = boxes_of(draw(root, collapse=level, fmt=fmt).svg())
    called = names(nodes, root)
    assert len([head for head, _ in boxes.values() if "number" not in head]) == len(groups)
    box_of = {}
    for key, group in groups.items():
        own = f"v{nodes.index(group[0])}"
        box_of |= dict.fromkeys(group, own)
        _, text = boxes[own]
        if type(key) is Value:
            assert text.split()[0] == called[key]
            continue
        low_high = [
            " … ".join(dict.fromkeys(f"{end(numbers):{fmt}}" for end in (min, max)))
            for numbers in ([node.data for node in group], [node.grad for node in group])
        ]
        assert text == f"{key[-1]} {len(group)} Values data {low_high[0]} grad {low_high[1]}"
    counts = Counter(
        (box_of[arg], box_of[node])
        for node in nodes
        for arg in node.args
        if type(arg) is Value and box_of[arg] != box_of[node]
    )
    source = draw(root, collapse=level, fmt=fmt).source
    drawn = [(tail, head) for tail, head, *_ in edges_of(source).values() if tail in boxes and not tail.endswith("n")]
    assert set(drawn) == set(counts)
    titles = Counter()
    for part in ET.fromstring(draw(root, collapse=level, fmt=fmt).svg()).iter(f"{SVG}g"):
        if part.get("class") == "edge":
            shown = [t.text for t in part.iter(f"{SVG}text")] + [t.text for t in part.iter(f"{SVG}title")]
            titles[part.get("id")] = shown[0].strip() if shown else ""
    for (tail, head), count in counts.items():
        if f"e{tail}_{head}" in titles:  # an arrow between groups, and not one of a Value's own
            assert titles[f"e{tail}_{head}"] == (f"×{count}" if count > 1 else "")


@pytest.mark.parametrize("count", [24, 25])
def test_up_to_24_arrows_of_a_collapsed_picture_bear_their_numbers(count):
    parts = [Value(float(i), f"part{i}.w") * Value(2.0, f"part{i}.v") for i in range(count - 12)]
    for i, part in enumerate(parts):
        part.name = f"part{i}.h"
    y = ag.sum([*parts, *parts, *(ag.sin(parts[0]) for _ in range(6))])
    edges = edges_of(draw(y, collapse=1).source).values()
    assert len(edges) == count  # two from each part are one arrow
    assert sorted(label for *_, label, _ in edges if label) == (["1"] * 6 + ["×2"] * 12 if count == 24 else [])


def test_the_tooltip_of_an_arrow_without_room_has_its_number():
    model = nn.MLP(2, [8, 8, 1], rng=0)
    y = nn.losses.squared_error(model([0.5, -1.0]), 1.0)
    y.backward()
    svg = draw(y).svg()
    score = y.args[0].args[0]
    (box,) = (i for i, node in enumerate(below(y)) if node is y)
    told = {part.get("id"): part.findtext(f"{SVG}title") for part in ET.fromstring(svg).iter(f"{SVG}g")}
    assert told[f"ev{box}_0"] == f"{y.partials[0]:.4g}" == f"{score.data - 1.0:.4g}"
    assert "label" not in "".join(line for line in draw(y).source.splitlines() if "->" in line)


@pytest.mark.parametrize(("rows", "boxes"), [(12, 12), (13, 1)])
def test_more_than_12_operations_alike_share_a_box(rows, boxes):
    model = nn.Neuron(1, rng=0)
    y = ag.sum([ag.sin(model([float(i)])) for i in range(rows)])
    found = [text for _, text in boxes_of(draw(y, parameters=model, collapse=0).svg()).values()]
    assert sum(text.startswith(f"sin ×{rows} data") for text in found) == 1  # level 0 counts all
    leaves = [Value(1.0, "scope.w")]
    y = ag.sum([ag.sin(leaves[0] * float(i)) for i in range(rows)])
    texts = [text for _, text in boxes_of(draw(y, collapse=1).svg()).values()]
    assert sum("sin" in text for text in texts) == boxes


@pytest.mark.parametrize(("count", "text"), [(12, None), (13, "13 numbers")])
def test_more_than_12_plain_numbers_share_a_box(count, text):
    y = ag.dot([Value(1.0)] * count, [2.0] * count)
    found = [text for head, text in boxes_of(draw(y).svg()).values() if "number" in head]
    assert found == (["2"] * count if text is None else [text])


@pytest.mark.parametrize(("radius", "count"), [(0, 1), (1, 3), (2, 5), (3, 7), (None, 5)])
def test_a_neighbourhood_reaches_as_far_as_its_radius_and_by_default_two_edges(radius, count):
    chain = [Value(0.5, "x")]
    for _ in range(10):
        chain.append(ag.sin(chain[-1]))
    options = {} if radius is None else {"radius": radius}
    for focus in (chain[5], "v5"):
        drawing = draw(chain[-1], focus=focus, **options)
        heads = [head for head, _ in boxes_of(drawing.svg()).values() if "more" not in head]
        assert len(heads) == count
        assert drawing.summary.endswith(f"; {count} of them around the one in focus are drawn")
        hints = [text for head, text in boxes_of(drawing.svg()).values() if "more" in head]
        assert hints == ["… 1 more", "… 1 more"]
        (marked,) = ((head, text) for head, text in boxes_of(drawing.svg()).values() if "focus" in head.split())
        assert marked[1] == f"v5 sin in focus data {chain[5].data:.4g} grad 0"
    dashed = [edge for edge in edges_of(drawing.source).values() if edge[3]]
    assert len(dashed) == 2


def test_hints_count_all_that_is_left_out_on_either_side():
    x = Value(2.0, "x")
    y = ag.sum([x * float(i) for i in range(5)] + [ag.dot([x, Value(1.0, "w")], [Value(1.0, "v"), 2.0])])
    found = [text for head, text in boxes_of(draw(y, focus=x, radius=1).svg()).values() if "more" in head]
    assert Counter(found) == {"… 1 more": 6, "… 2 more": 1}


# What is not finite


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_what_is_not_finite_has_its_look_in_every_theme_and_nothing_else_has(theme):
    y = broken()
    nodes = below(y)
    drawing = draw(y, theme=theme)
    boxes = boxes_of(drawing.svg())
    bad = {f"v{i}" for i, node in enumerate(nodes) if not (isfinite(node.data) and isfinite(node.grad))}
    assert {name for name, (head, _) in boxes.items() if "broken" in head.split()} == bad
    assert bad
    assert drawing.summary == f"5 Values (1 leaf, 0 parameters, 4 operations), 5 edges, {len(bad)} not finite"
    look = LOOKS["broken"]
    fill, line = (look.dark, DARK.ink) if theme == "dark" else (look.light, LIGHT.ink)
    for box in re.findall(r"^\s*(v\d+) \[(.*)\]$", drawing.source, re.MULTILINE):
        assert (f'fillcolor="{fill}"' in box[1] and f'color="{line}"' in box[1] and "penwidth=2.5" in box[1]) == (
            box[0] in bad
        )


def test_a_number_that_is_not_finite_and_a_group_with_one_have_that_look():
    with ag.errstate("ignore"):
        y = Value(1.0, "x") * float("inf")
    heads = {text.split()[0]: head for head, text in boxes_of(draw(y).svg()).values()}
    assert (heads["inf"], heads["x"]) == ("node number broken", "node leaf")
    y = ag.sum([ag.log(Value(float(i + 1))) for i in range(20)] + [Value(float("nan")) * 1.0])
    found = set(boxes_of(draw(y, collapse=0).svg()).values())
    assert ("node group", f"log ×20 data 0 … {ag.log(20.0):.4g} grad 0") in found
    assert ("node group broken", "leaf ×21 data 1 … 20 grad 0 1 not finite") in found


# Pictures as pixels


def pixels(drawing):
    from matplotlib.image import imread

    image = imread(io.BytesIO(drawing.png()))
    return np.unique((image[:, :, :3].reshape(-1, 3) * 255).round().astype(int), axis=0), image


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


@pytest.mark.parametrize(("theme", "dark"), [("auto", False), ("light", False), ("dark", True)])
def test_a_png_has_the_colours_of_its_theme(theme, dark):
    found, image = pixels(draw(broken(), theme=theme))
    colours, other = (DARK, LIGHT) if dark else (LIGHT, DARK)
    assert (image[0, 0, :3] * 255).round().tolist() == rgb(colours.paper)
    present = {tuple(colour) for colour in found.tolist()}
    for kind in ("operation", "broken"):
        assert tuple(rgb(LOOKS[kind].dark if dark else LOOKS[kind].light)) in present
        assert tuple(rgb(LOOKS[kind].light if dark else LOOKS[kind].dark)) not in present
    assert tuple(rgb(other.paper)) not in present or other.paper == LOOKS["leaf"].light


def test_a_png_has_150_dots_an_inch_unless_told_otherwise():
    drawing = draw(network())
    width = float(re.search(r' width="([\d.]+)pt"', drawing.svg())[1]) / 72.0
    for dpi, options in ((150, {}), (96, {"dpi": 96}), (300, {"dpi": 300})):
        from matplotlib.image import imread

        assert imread(io.BytesIO(drawing.png(**options))).shape[1] == pytest.approx(width * dpi, rel=0.02)


@pytest.mark.parametrize(("theme", "dark"), [("auto", False), ("light", False), ("dark", True)])
def test_an_svg_has_the_colours_of_its_theme_and_switches_only_where_it_follows_the_reader(theme, dark):
    svg = draw(network(), theme=theme, collapse=False).svg()
    fixed = re.sub("<style>.*?</style>", "", svg, flags=re.DOTALL).lower()
    for kind in ("parameter", "operation", "result"):
        assert ((LOOKS[kind].dark if dark else LOOKS[kind].light).lower() in fixed) is True
        assert ((LOOKS[kind].light if dark else LOOKS[kind].dark).lower() in fixed) is False
    assert ("prefers-color-scheme: dark" in svg) == (theme == "auto")
    assert re.search(r'class="graph"[^>]* fill="(#\w+)"', svg)[1] == (DARK if dark else LIGHT).ink


def test_a_picture_that_is_saved_is_the_one_that_is_shown(tmp_path):
    drawing = draw(network(), theme="dark")
    assert drawing.save(tmp_path / "a.svg").read_text() == drawing.svg()
    assert drawing.save(tmp_path / "a.png").read_bytes() == drawing.png()
    assert drawing.save(tmp_path / "a.gv").read_text() == drawing.source


# Sentences


@pytest.mark.parametrize("points", [1, 2])
@pytest.mark.parametrize("parameters", [False, True])
def test_the_summary_counts_what_there_is(points, parameters):
    x = [Value(float(i)) for i in range(points)]
    w = Value(3.0)
    y = ag.sum([w * value for value in x] + [1.0])
    nodes = below(y)
    found = draw(y, parameters=[w] if parameters else ()).summary
    counted = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", found)}
    leaves, kept = points + (not parameters), int(parameters)
    assert counted["Values"] == len(nodes) == 2 + 2 * points
    assert counted["leaf" if leaves == 1 else "leaves"] == leaves
    assert counted["parameter" if kept == 1 else "parameters"] == kept
    assert counted["operations"] == points + 1
    assert counted["edges"] == sum(type(arg) is Value for node in nodes for arg in node.args)
    assert draw(Value(1.0)).summary == "1 Values (1 leaf, 0 parameters, 0 operations), 0 edges"


def test_a_title_tells_the_exact_numbers():
    y = network()
    nodes = below(y)
    titles = [part.findtext(f"{SVG}title") for part in ET.fromstring(draw(y, collapse=False).svg()).iter(f"{SVG}g")]
    for node in nodes:
        own = f"{own_name(node)}: " if own_name(node) else ""
        kind = node.op.name if node.op else "parameter" if own.startswith("layer") else "leaf"
        assert f"{own}{kind}, data {node.data!r}, grad {node.grad!r}" in titles
    whole = [part.findtext(f"{SVG}title") for part in ET.fromstring(draw(y, collapse=2).svg()).iter(f"{SVG}g")]
    assert "layers[0].neurons[1]: parameter ×3, dot ×1, tanh ×1" in whole


def test_an_unfolded_graph_has_each_product_and_its_numbers():
    xs, ws = [Value(2.0, "a"), Value(3.0, "b")], [Value(5.0, "c"), 7.0]
    y = ag.dot(xs, ws, 11.0)
    y.backward()
    same = unfold(y)
    assert same.data == y.data == 2.0 * 5.0 + 3.0 * 7.0 + 11.0
    assert [arg if type(arg) is float else arg.data for arg in same.args] == [11.0, 10.0, 21.0]
    assert [arg.partials for arg in same.args[1:]] == [(5.0, 2.0), (7.0, None)]
    assert [arg.grad for arg in same.args[1:]] == [1.0, 1.0]
    assert same.partials == (None, 1.0, 1.0)
    other = ag.dot([Value(2.0)], [3.0])
    assert unfold(other * Value(1.0)).args[0].args[0].args == (other.args[0], 3.0)


# Defaults


@pytest.mark.parametrize(
    ("function", "defaults"),
    [
        (draw, {"x": None, "y": None, "loss": None, "parameters": (), "layout": "auto", "rankdir": "LR", "show": ("names", "data", "grad", "partials"),
                "fmt": ".4g", "collapse": None, "expand": (), "focus": None, "radius": 2, "max_nodes": 500, "theme": "auto"}),
        (play, {"parameters": (), "layout": "auto", "rankdir": "LR", "fmt": ".4g", "expand": (), "focus": None, "radius": 2,
                "max_nodes": 500, "theme": "auto"}),
        (draw_dot, {"parameters": (), "rankdir": "LR", "max_nodes": 500}),
        (trace, {"wrt": None, "max_nodes": 1000}),
        (ag.steps, {"seed": 1.0}),
        (ag.formula, {}), (ag.unfold, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_the_defaults_of_what_draws(function, defaults):
    parameters = inspect.signature(function).parameters.values()
    assert {p.name: p.default for p in parameters if p.default is not p.empty} == defaults
