"""The default picture of every network of the lectures: on one screen, at a size that can be read, in order."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

import autograd as ag
import nn
from autograd import Value, draw
from autograd.seeing.boxes import Box, Edge
from autograd.seeing.columns import columns, extent
from autograd.seeing.steps import below
from examples.data import two_moons

SVG = "{http://www.w3.org/2000/svg}"
SCREEN = (1600.0, 1200.0)  # pixels
SMALLEST = 11.0  # pixels that a letter is high


def mean_loss(sizes, loss, points=1, fused=True, penalty=False):
    model = nn.MLP(sizes[0], sizes[1:], "tanh", rng=0, fused=fused)
    rows, labels = two_moons(max(points, 2), seed=1)
    losses = []
    for row, label in list(zip(rows, labels, strict=True))[:points]:
        x = [row[i % 2] + i for i in range(sizes[0])]
        target = int(label > 0) if loss is nn.losses.cross_entropy_with_logits else label
        losses.append(loss(model(x), target))
    total = losses[0] if points == 1 else sum(losses) / points
    if penalty:
        total = total + 1e-3 * sum(p * p for p in model.parameters())
    total.backward()
    return total


NETWORKS = [
    *(([*sizes, 1], nn.losses.squared_error, points, fused, penalty)
      for sizes in ([1, 2], [2, 4], [2, 4, 2], [3, 4, 4], [2, 10, 10], [2, 16, 16])
      for points, fused, penalty in ((1, True, False), (1, False, True), (4, True, False))),
    ([2, 16, 16, 1], nn.losses.hinge, 1, True, False),
    ([2, 16, 16, 1], nn.losses.hinge, 100, False, False),
    ([2, 16, 16, 1], nn.losses.hinge, 20, True, True),
    ([3, 4, 4, 1], nn.losses.hinge, 4, True, False),
    ([10, 1], nn.losses.squared_error, 1, True, False),
    *(([4, 8, 3], nn.losses.cross_entropy_with_logits, points, fused, penalty)
      for points, fused, penalty in ((1, True, False), (1, False, True), (5, True, True))),
    ([4, 40, 3], nn.losses.cross_entropy_with_logits, 1, True, False),
]  # fmt: skip


def named(case):
    sizes, loss, points, fused, penalty = case
    return (
        f"{'-'.join(map(str, sizes))}_{loss.__name__}_{points}{'' if fused else '_unfused'}{'_L2' if penalty else ''}"
    )


def positions(svg):
    """Where the first text of each box stands, by the box's id, and each frame's by its name."""
    boxes, frames = {}, {}
    for part in ET.fromstring(svg).iter(f"{SVG}g"):
        texts = list(part.findall(f"{SVG}text")) or list(part.iter(f"{SVG}text"))
        if texts and part.get("class", "").startswith("node"):
            boxes[part.get("id")] = float(texts[0].get("x")), float(texts[0].get("y"))
        elif texts and part.get("class") == "cluster":
            frames[texts[0].text] = float(texts[0].get("x")), float(texts[0].get("y"))
    return boxes, frames


@pytest.mark.parametrize("case", NETWORKS, ids=named)
def test_a_network_s_picture_fits_a_screen_can_be_read_and_is_in_order(case):
    drawing = draw(mean_loss(*case))
    svg = drawing.svg()
    width, height = (float(re.search(rf' {side}="([\d.]+)pt"', svg)[1]) * 96 / 72 for side in ("width", "height"))
    assert width <= SCREEN[0]
    assert height <= SCREEN[1]
    scale = float(re.search(r"scale\(([\d.]+)", svg)[1])
    assert scale * 11.0 * 96 / 72 >= SMALLEST - 0.1
    boxes, frames = positions(svg)
    neurons = {}
    for box in drawing._seen.boxes:
        if box.kind == "group" and box.name.startswith(("neuron", "layer")):
            along = box.name.startswith("layer")
            neurons.setdefault(box.scope, []).append((int(re.sub(r"\D", "", box.name)), boxes[box.id][not along]))
    for found in neurons.values():
        places = [place for _, place in sorted(found)]
        assert places == sorted(places)
    layers = [frames[f"layers[{i}]"][0] for i in range(len(frames)) if f"layers[{i}]" in frames]
    assert layers == sorted(layers)


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
def test_neurons_are_in_order_in_every_direction(rankdir):
    drawing = draw(mean_loss([2, 8, 8, 1], nn.losses.hinge), rankdir=rankdir, collapse=2)
    boxes, _ = positions(drawing.svg())
    for layer in ("layers[0]", "layers[1]"):
        across = [
            (box.name, boxes[box.id][rankdir in ("LR", "RL")]) for box in drawing._seen.boxes if box.scope == (layer,)
        ]
        assert [name for name, _ in sorted(across, key=lambda pair: pair[1])] == [f"neurons[{i}]" for i in range(8)]


def test_parts_are_in_the_order_of_their_numbers_whatever_the_order_of_their_use():
    parts = [Value(float(i), f"head{i}.w") * Value(2.0, f"head{i}.v") for i in range(12)]
    for i, part in enumerate(parts):
        part.name = f"head{i}.h"
    drawing = draw(ag.sum(parts[::-1]), collapse=1)
    boxes, _ = positions(drawing.svg())
    heads = {box.name: boxes[box.id][1] for box in drawing._seen.boxes if box.name.startswith("head")}
    assert sorted(heads, key=heads.get) == [f"head{i}" for i in range(12)]


def test_what_fits_is_drawn_in_full_and_what_was_asked_for_is_not_made_smaller():
    small = mean_loss([2, 2, 1], nn.losses.squared_error)
    assert "collapsed" not in draw(small).summary
    large = mean_loss([2, 8, 8, 1], nn.losses.squared_error)
    assert draw(large).summary.endswith("collapsed into 19 boxes")
    whole = draw(large, collapse=False)
    assert "collapsed" not in whole.summary
    assert " size=" not in whole.source
    assert 'size="16.67,12.50"' in draw(large).source


@pytest.mark.parametrize(("length", "collapsed"), [(59, False), (60, True)])
def test_a_chain_without_scopes_of_up_to_60_values_is_drawn_in_full(length, collapsed):
    y = Value(0.5, "x")
    for _ in range(length):
        y = ag.sin(y)
    assert ("collapsed" in draw(y).summary) == collapsed


def test_expanding_does_not_change_what_else_is_collapsed():
    loss = mean_loss([2, 16, 16, 1], nn.losses.squared_error)
    before = [box for box in draw(loss)._seen.boxes if box.scope != ("layers[0]",)]
    after = draw(loss, expand="layers[0].neurons[3]")._seen.boxes
    assert {box.name for box in before} <= {box.name for box in after}
    assert {"w[0]", "w[1]", "b"} <= {box.name for box in after if box.scope == ("layers[0]", "neurons[3]")}


def test_the_default_follows_the_direction():
    loss = mean_loss([2, 16, 16, 1], nn.losses.squared_error)
    across, down = (len(draw(loss, rankdir=direction)._seen.boxes) for direction in ("LR", "TB"))
    assert across > 30  # sixteen neurons fit one below the other,
    assert down < 10  # and not side by side


def box(name):
    return Box(name, "operation", name, "", (), "")


def test_a_box_stands_just_before_its_first_user():
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("late", "d"), ("early", "b"), ("early", "d"), ("a", "d")]
    place = columns([box(n) for n in ("a", "late", "early", "b", "c", "d")], [Edge("", *edge) for edge in edges])
    assert place == {"a": 0, "early": 0, "b": 1, "c": 2, "late": 2, "d": 3}
    place = columns(
        [box(n) for n in ("a", "late", "early", "b", "c", "d")], [Edge("", *edge) for edge in edges], early=True
    )
    assert place == {"a": 0, "early": 0, "b": 1, "c": 2, "late": 0, "d": 3}


def test_a_circle_of_groups_is_cut_at_its_last_box():
    ring = [("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")]
    place = columns([box(n) for n in "xabc"], [Edge("", *edge) for edge in ring])
    assert place == {"x": 0, "a": 1, "b": 2, "c": 3}
    assert columns([box("alone")], []) == {"alone": 0}


def test_the_size_of_a_picture_is_about_what_graphviz_makes_of_it():
    for case in NETWORKS[::3]:
        loss = mean_loss(*case)
        for collapse in (1, 2, False):
            if collapse is False and len(below(loss)) > 80:
                continue
            for rankdir, along in (("LR", True), ("TB", False)):
                drawing = draw(loss, collapse=collapse, rankdir=rankdir)
                sides = [float(re.search(rf' {side}="([\d.]+)pt"', drawing.svg())[1]) for side in ("width", "height")]
                about = extent(drawing._seen.boxes, drawing._seen.edges, along)
                assert about[0] == pytest.approx(sides[0], rel=0.7)
                assert about[1] == pytest.approx(sides[1], rel=0.7)


def test_the_room_of_boxes_arrows_labels_and_frames_adds_up():
    two = [box("a"), box("bbbb")]  # 5.6 points a letter and 18 around, 12.2 a line and 10 around
    wide, high = 5.6 + 18.0 + 28.0 + 4 * 5.6 + 18.0, 6.0 + 12.2 + 10.0
    assert extent(two, [Edge("", "a", "bbbb")], True) == pytest.approx((wide, high))
    assert extent(two, [Edge("", "a", "bbbb")], False) == pytest.approx(
        (6.0 + 4 * 5.6 + 18.0, 2 * (12.2 + 10.0) + 28.0)
    )
    label = Edge("", "a", "bbbb", " 0.5 ")
    assert extent(two, [label], True) == pytest.approx((1.08 * (wide + 5 * 5.6), 1.08 * high))
    many = extent(two, [label] * 5, True)  # each label between the two has its line
    assert many == pytest.approx((1.08 * (wide + 5 * 5.6), 1.08 * 5 * (6.0 + 12.2)))
    assert extent(two, [label] * 9, True)[0] == pytest.approx(1.08 * (wide + 5 * 5.6 + 28.0))  # a crowd
    framed = [Box("a", "operation", "a", "", (), "", scope=("layers[0]",)), box("bbbb")]
    assert extent(framed, [Edge("", "a", "bbbb")], True) == pytest.approx((wide + 2 * 12.0, high + 32.0))
    three = [box(n) for n in "abc"]
    passing = [Edge("", "a", "b"), Edge("", "b", "c"), Edge("", "a", "c")]
    assert extent(three, passing, True)[1] == pytest.approx(high + 17.0)


def test_arrows_are_thin_only_in_a_crowd():
    chain = Value(0.5, "x")
    assert "penwidth" not in draw(ag.sin(chain)).source
    assert 'penwidth="0.5"' in draw(mean_loss([2, 16, 16, 1], nn.losses.hinge)).source.replace(
        "penwidth=0.5", 'penwidth="0.5"'
    )


def test_a_long_chain_has_a_column_for_each_box_and_nothing_recurses():
    ends = [f"n{i}" for i in range(5000)]
    place = columns([box(n) for n in ends], [Edge("", *pair) for pair in pairwise(ends)])
    assert [place[n] for n in ends] == list(range(5000))
