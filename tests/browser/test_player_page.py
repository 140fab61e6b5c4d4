"""The saved player, used as a person does: every control, the keyboard, what it says against what the engine says."""

import re
import time

import pytest

import autograd as ag
import nn
from autograd import Value, play
from autograd.seeing.steps import Backward, Forward, Seed, below, steps

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

TOO_WIDE = """() => [...document.querySelectorAll("g.node:not(.number):not(.more)")].flatMap((g) => {
  const box = g.querySelector("polygon, path").getBBox();
  return [...g.querySelectorAll("text")].filter((t) => {
    const own = t.getBBox();
    return own.x < box.x - 0.5 || own.x + own.width > box.x + box.width + 0.5;
  }).map((t) => t.textContent);
})"""


def network(sizes=(3, 2, 1)):
    model = nn.MLP(2, list(sizes), "tanh", rng=0)
    loss = nn.losses.squared_error(model([Value(2.0, "x1"), Value(3.0, "x2")]), 1.0)
    loss.name = "L"
    return loss


def played(root):
    """The steps that the page has behind that of the leaves."""
    return [step for step in steps(root) if not (isinstance(step, Forward) and step.node.op is None)]


def count_of(root):
    return 1 + len(played(root))


@pytest.fixture
def loss():
    return network()


@pytest.fixture
def page(loss, opened, tmp_path):
    return opened(play(loss).save(tmp_path / "player.html"))


def until(page, condition, seconds=20.0):
    """Wait for a condition; the page's policy forbids to hand it code that polls."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(30)


def at(page):
    return int(page.input_value("#step"))


def grads(page):
    """The gradient that each box shows."""
    lines = page.eval_on_selector_all(
        "g.node:not(.number)", "gs => gs.map(g => [g.id, [...g.querySelectorAll('text')].pop().textContent])"
    )
    return {name: text.removeprefix("grad ") for name, text in lines}


def test_every_step_says_what_the_engine_says_and_the_boxes_show_it(page, loss):
    nodes = below(loss)
    ids = {node: f"v{i}" for i, node in enumerate(nodes)}
    shown = dict.fromkeys(ids.values(), "0")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#why") == "the leaves: numbers to begin with"
    for node in nodes:  # all leaves are there, and nothing else
        line = page.locator(f"#{ids[node]} > text").all_text_contents()[-2]
        assert line == (f"data {node.data:.4g}" if node.op is None else "data ?")
        assert page.locator(f"#{ids[node]}.now").count() == (node.op is None)
    for count, step in enumerate(played(loss), 2):
        page.keyboard.press("ArrowRight")
        text = page.inner_text("#what")
        if isinstance(step, Forward):
            assert text.endswith(f"= {step.node.data:.4g}")
            assert step.node.op.name in page.inner_text("#why")
            assert f"data {step.node.data:.4g}" in page.text_content(f"#{ids[step.node]}")
        elif isinstance(step, Backward):
            product = f"= {step.adjoint:.4g} * {step.partial:.4g} = {step.contribution:.4g} ({step.before:.4g} -> {step.after:.4g})"
            assert text.endswith(product)
            assert page.inner_text("#why").count(" = ") == 2
            shown[ids[step.arg]] = f"{step.after:.4g}"
        else:
            assert isinstance(step, Seed)
            assert text == "dL/dL = 1"
            shown[ids[step.node]] = "1"
        assert at(page) == count
        assert grads(page) == shown
    loss.backward()
    assert grads(page) == {ids[node]: f"{node.grad:.4g}" for node in nodes}


def test_going_back_undoes_each_step(page, loss):
    seen = [grads(page)]
    for _ in range(count_of(loss)):
        page.keyboard.press("ArrowRight")
        seen.append(grads(page))
    for expected in reversed(seen[:-1]):
        page.keyboard.press("ArrowLeft")
        assert grads(page) == expected
    assert page.inner_text("#what") == "Before the first step."
    assert page.locator("g.node.done:not(.number)").count() == 0


def test_the_buttons_do_what_they_are_called(page, loss, shot):
    total = count_of(loss)
    page.get_by_role("button", name="Step forward").click()
    page.get_by_role("button", name="Step forward").click()
    assert at(page) == 2
    page.get_by_role("button", name="Step back").click()
    assert at(page) == 1
    page.get_by_role("button", name="To the end").click()
    assert at(page) == total
    page.get_by_role("button", name="To the start").click()
    assert at(page) == 0
    page.get_by_role("button", name="Backward pass").click()
    assert page.inner_text("#what") == "dL/dL = 1"
    for _ in range(5):
        page.get_by_role("button", name="Step forward").click()
    shot(page, "player_light")


def test_it_plays_pauses_and_stops_at_the_end(page, loss):
    page.get_by_label("Speed").select_option("16")
    page.get_by_role("button", name="Play").click()
    until(page, lambda: at(page) >= 3)
    page.get_by_role("button", name="Pause").click()
    stopped = at(page)
    page.wait_for_timeout(300)
    assert at(page) == stopped
    assert page.get_attribute("#said", "aria-live") == "polite"
    page.get_by_role("button", name="Play").click()
    assert page.get_attribute("#said", "aria-live") == "off"
    until(page, lambda: at(page) == count_of(loss))
    assert page.get_by_role("button", name="Play").is_visible()
    page.get_by_role("button", name="Play").click()  # from the start again
    assert at(page) < count_of(loss)


def test_the_keyboard_is_enough(page, loss):
    total = count_of(loss)
    for key, place in (
        ("End", total),
        ("ArrowUp", total - 1),
        ("Home", 0),
        ("ArrowDown", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
    ):
        page.keyboard.press(key)
        assert at(page) == place
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Pause").count() == 1
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Play").count() == 1
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    order = [
        "start",
        "back",
        "play",
        "next",
        "end",
        "backward",
        "speed",
        "out",
        "in",
        "fit",
        "step",
        "stage",
        "which",
        "SUMMARY",
    ]
    assert reached == order


def test_the_slider_goes_anywhere(page):
    page.locator("#step").fill("7")
    assert page.inner_text("#count") == "7 of 57"
    page.locator("#step").press("ArrowRight")
    assert at(page) == 8
    assert page.get_attribute("#step", "aria-valuetext") == "step 8 of 57"


def test_a_click_and_the_list_tell_all_of_a_value(page, loss):
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="To the end").click()
    (w,) = (i for i, node in enumerate(below(loss)) if node.name == "layers[2].neurons[0].w[0]")
    page.locator(f"#v{w}").click()
    assert page.locator("#which").evaluate("s => s.selectedOptions[0].text") == "layers[2].neurons[0].w[0]"
    assert "1 of 1 products" in page.inner_text("#about")
    page.get_by_label("Value", exact=True).select_option("L")
    assert "L = v12 * v12" in page.inner_text("#about")
    assert f"data {loss.data!r}" in page.inner_text("#about").replace("\n", " ")
    assert page.locator("g.chosen").count() == 1


def test_the_graph_moves_and_zooms(page):
    view = lambda: [float(x) for x in page.get_attribute("#stage", "data-view").split()]  # noqa: E731
    page.get_by_role("button", name="Show all").click()
    x, y, w, h = view()
    page.get_by_role("button", name="Zoom in").click()
    assert view()[2] == pytest.approx(0.7 * w)
    page.get_by_role("button", name="Zoom out").click()
    assert view() == pytest.approx([x, y, w, h])
    stage = page.locator("#stage").bounding_box()
    middle = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 30)
    page.mouse.up()
    assert view()[0] < x
    assert view()[1] < y
    page.get_by_role("button", name="Show all").click()
    assert view() == pytest.approx([x, y, w, h])
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    until(page, lambda: view()[2] < w)


def test_a_step_that_is_out_of_sight_comes_into_it(page):
    inside = """() => { const stage = document.getElementById("stage").getBoundingClientRect();
        return [...document.querySelectorAll("g.node.now")].every((g) => { const r = g.getBoundingClientRect();
          return r.left >= stage.left - 1 && r.right <= stage.right + 1 && r.top >= stage.top - 1 && r.bottom <= stage.bottom + 1; }); }"""
    page.get_by_role("button", name="Zoom in").click()
    page.keyboard.press("ArrowRight")  # the leaves, which need not all be seen at once
    for _ in range(56):
        page.keyboard.press("ArrowRight")
        until(page, lambda: page.evaluate(inside))  # a frame later on a machine at work


def test_the_table_has_every_step_and_goes_there(page, loss, shot):
    page.locator("summary").click()
    rows = page.locator("#all tbody tr")
    until(page, lambda: rows.count() > 0)
    assert rows.count() == count_of(loss)
    page.get_by_role("button", name="Go to step 40", exact=True).click()
    assert at(page) == 40
    assert page.locator("tr.now").inner_text().split("\t")[0].strip() == "40"
    assert rows.nth(39).locator("td").nth(2).inner_text() == page.inner_text("#what")
    shot(page, "player_table")


@pytest.mark.parametrize(("theme", "scheme", "dark"), [
    ("auto", "light", False), ("auto", "dark", True), ("light", "dark", False), ("dark", "light", True),
])  # fmt: skip
def test_light_and_dark(loss, opened, tmp_path, shot, theme, scheme, dark):
    page = opened(play(loss, theme=theme).save(tmp_path / "p.html"), color_scheme=scheme)
    page.keyboard.press("End")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(22, 24, 28)" if dark else "rgb(255, 255, 255)"
    )
    if dark and theme == "auto":
        shot(page, "player_dark")


def test_forced_colours_leave_everything_visible(loss, opened, tmp_path, shot):
    page = opened(play(loss).save(tmp_path / "p.html"), forced_colors="active")
    page.keyboard.press("End")
    colours = page.evaluate("""() => { const s = (q, p) => getComputedStyle(document.querySelector(q))[p];
        return [s("body", "backgroundColor"), s("g.node > text", "fill"), s("g.operation > path", "stroke"), s("g.operation > path", "fill")]; }""")
    paper, text, line, fill = colours
    assert paper not in (text, line)
    assert fill not in (text, line)
    shot(page, "player_forced_colours")


def test_reduced_motion_has_no_animation(loss, opened, tmp_path):
    for motion, moving in (("reduce", False), ("no-preference", True)):
        page = opened(play(loss).save(tmp_path / "p.html"), reduced_motion=motion)
        page.get_by_role("button", name="Backward pass").click()
        page.get_by_role("button", name="Play").click()
        page.locator("g.edge.now").first.wait_for(state="attached")
        name = page.evaluate("getComputedStyle(document.querySelector('g.edge.now > path')).animationName")
        assert (name != "none") == moving
        page.get_by_role("button", name="Pause").click()


def test_every_control_has_a_name_and_there_is_one_polite_live_region(page):
    for control in page.locator("button, select, input").all():
        name = control.evaluate(
            "e => e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels[0] && e.labels[0].textContent.trim())"
        )
        assert name
    assert page.locator("[aria-live=polite]").count() == 1
    assert page.get_attribute("html", "lang") == "en"
    assert page.locator("main").count() == 1
    assert page.locator("h1").inner_text() == "L: the two passes"


def test_no_text_is_wider_than_its_box_at_any_step(page):
    assert page.evaluate(TOO_WIDE) == []
    for key in ["ArrowRight"] * 57:
        page.keyboard.press(key)
        assert page.evaluate(TOO_WIDE) == []


def test_nothing_moves_on_a_small_screen_but_everything_is_there(loss, opened, tmp_path, shot):
    page = opened(play(loss).save(tmp_path / "p.html"), viewport={"width": 400, "height": 700})
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth <= 400")
    for control in page.locator("button").all()[:10]:
        box = control.bounding_box()
        assert 0 <= box["x"] <= 400 - box["width"]
    shot(page, "player_phone")


@pytest.mark.parametrize(
    "name", ['</script><script>alert(1)</script>"&<é', "<img src=x onerror=alert(1)>", "x" * 10_000, "\u2028\x00]]>"]
)
def test_names_are_text_whatever_they_are(name, opened, tmp_path):
    x = Value(1.5, name)
    y = x * x
    y.name = name
    page = opened(play(y).save(tmp_path / "p.html"))
    page.keyboard.press("End")
    page.locator("summary").click()
    assert page.locator("img").count() == 0
    assert page.evaluate(TOO_WIDE) == []


def test_what_is_not_finite_is_marked_once_it_is_there_in_a_colour_of_its_own(opened, tmp_path, shot):
    with ag.errstate("ignore"):
        x = Value(0.0, "x")
        y = ag.sqrt(x) * 0.0 + ag.log(x)
    page = opened(play(y).save(tmp_path / "p.html"))
    bad = lambda: sorted(page.eval_on_selector_all("g.node.broken:not(.number)", "gs => gs.map(g => g.id)"))  # noqa: E731
    shown = lambda: sorted(  # noqa: E731
        page.eval_on_selector_all(
            "g.node:not(.number)",
            "gs => gs.filter(g => /nan|inf/.test(g.lastChild.textContent + g.children[g.children.length - 2].textContent)).map(g => g.id)",
        )
    )
    assert bad() == []
    for _ in range(count_of(y)):
        page.keyboard.press("ArrowRight")
        assert bad() == shown()
    assert len(bad()) == 3
    assert re.search(r"grad nan", page.text_content("#v0"))
    shot(page, "player_nan")
    page.keyboard.press("Home")
    assert bad() == []
    page.keyboard.press("End")
    look = lambda query, what: page.evaluate(f"getComputedStyle(document.querySelector('{query}')).{what}")  # noqa: E731
    page.wait_for_timeout(300)
    assert look("g.now.broken > :not(text):not(title)", "stroke") != look(
        "g.broken:not(.now) > :not(text):not(title)", "stroke"
    )
    assert look("g.broken:not(.now) > :not(text):not(title)", "fill") != look("g.operation:not(.broken) > path", "fill")


# Screens


def extent(page):
    """The stage, and what of it the boxes cover."""
    stage = page.locator("#stage").bounding_box()
    boxes = [box.bounding_box() for box in page.locator("g.node").all()]
    left, right = min(box["x"] for box in boxes), max(box["x"] + box["width"] for box in boxes)
    top, bottom = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return stage, (left, right, top - stage["y"], bottom - stage["y"])


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720)])
def test_on_a_projector_a_small_graph_fills_the_width_and_is_seen_whole(opened, tmp_path, shot, width, height):
    x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
    path = play(x1 * x2 + ag.sin(x1)).save(tmp_path / "p.html")
    page = opened(path, viewport={"width": width, "height": height})
    stage, (left, right, top, bottom) = extent(page)
    assert right - left > 0.9 * width
    assert left >= 0
    assert right <= width
    assert top >= 0
    assert bottom <= stage["height"]
    shot(page, f"player_projector_{width}")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720)])
def test_on_a_projector_a_network_fills_the_width_and_can_be_read(loss, opened, tmp_path, shot, width, height):
    page = opened(play(loss).save(tmp_path / "p.html"), viewport={"width": width, "height": height})
    _, (left, right, *_) = extent(page)
    assert right - left > 0.9 * width
    assert page.locator("g.node.parameter > text").first.bounding_box()["height"] > 10
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    shot(page, f"player_network_{width}")


def test_on_a_phone_the_graph_has_half_of_the_screen_at_every_step(loss, opened, tmp_path, shot):
    page = opened(play(loss).save(tmp_path / "p.html"), viewport={"width": 390, "height": 844})
    for _ in range(count_of(loss)):
        page.keyboard.press("ArrowRight")
        assert page.locator("#stage").bounding_box()["height"] >= 422
        said, lines = page.locator("#said").bounding_box(), page.locator("#why").bounding_box()
        assert lines["y"] + lines["height"] <= said["y"] + said["height"] + 1  # nothing of the sentence is cut
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    shot(page, "player_phone_390")


# Links


def test_a_link_opens_a_step_and_the_address_follows(loss, opened, tmp_path):
    path = play(loss).save(tmp_path / "p.html")
    page = opened(path)
    assert at(page) == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, lambda: page.url.endswith("#2"))
    page.evaluate("location.hash = '12'")
    until(page, lambda: at(page) == 12)
    assert page.inner_text("#count") == "12 of 57"
    page.goto(f"{path.as_uri()}#30")
    until(page, lambda: at(page) == 30)
    page.reload()
    assert at(page) == 30
    for odd, place in (("#nothing", 0), ("#9999", 57), ("#-4", 0)):
        page.goto(f"{path.as_uri()}{odd}")
        until(page, lambda place=place: at(page) == place)
    page.heard[:] = page.heard[:1]  # the page was loaded again, as was asked for


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_a_large_network_can_be_read_at_every_step_and_the_box_that_changes_is_seen(opened, tmp_path, width, height):
    path = play(network((8, 8, 1))).save(tmp_path / "large.html")
    page = opened(path, viewport={"width": width, "height": height})
    stage = page.locator("#stage")
    for _ in range(150):
        page.keyboard.press("ArrowRight")
        if at(page) % 5 or at(page) < 2:
            continue
        area = stage.bounding_box()
        _, _, w, h = (float(x) for x in page.get_attribute("#stage", "data-view").split())
        assert min(area["width"] / w, area["height"] / h) * 11.0 >= 7.9  # pixels of the letters
        changing = page.locator("g.node:has(.flash)")
        box = (changing if changing.count() else page.locator("g.node.now")).first.bounding_box()
        assert area["x"] - 1 <= box["x"] + box["width"] / 2 <= area["x"] + area["width"] + 1
        assert area["y"] - 1 <= box["y"] + box["height"] / 2 <= area["y"] + area["height"] + 1
