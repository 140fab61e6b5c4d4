"""Players and pictures in JupyterLab, trusted and not, and in what nbconvert writes."""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from autograd import Value, draw, formula, play, sin, trace

pytestmark = pytest.mark.no_cover  # the lines are run by other tests


def notebook():
    """A notebook that has been run: each output as the kernel would have written it."""
    x1, x2 = Value(2.0, "x1"), Value(3.0, "x2")
    y = x1 * x2 + sin(x1)
    y.backward()
    cells = []
    for shown in (play(y), draw(y), trace(y), formula(y)):
        data = (
            shown._repr_mimebundle_() if hasattr(shown, "_repr_mimebundle_") else {"text/latex": shown._repr_latex_()}
        )
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
        cells.append(nbformat.v4.new_code_cell("y", outputs=[output], execution_count=1))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab of its own, with one notebook trusted and one not."""
    home = tmp_path_factory.mktemp("lab")
    nbformat.write(notebook(), home / "trusted.ipynb")
    other = notebook()
    other.cells.append(nbformat.v4.new_markdown_cell("another notebook, so that its signature differs"))
    nbformat.write(other, home / "untrusted.ipynb")
    folders = {f"JUPYTER_{what}_DIR": str(home / what.lower()) for what in ("CONFIG", "DATA", "RUNTIME")}
    env = {**os.environ, **folders, "HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", "trusted.ipynb"], cwd=home, env=env, check=True, capture_output=True
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=",
               "--ServerApp.root_dir=" + str(home), "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log) as server,
    ):
        address = f"http://127.0.0.1:{port}"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
        server.terminate()
        server.wait(20)


def opened_in_lab(chromium, lab, name):
    page = chromium.new_page(viewport={"width": 1300, "height": 950})
    page.goto(f"{lab}/lab/workspaces/{name}/tree/{name}.ipynb", timeout=60_000)  # no tab of another test
    page.wait_for_selector(".jp-OutputArea-output img", timeout=90_000)
    return page


def assert_seen(player):
    """All five boxes of the graph can be seen, at a size that can be read."""
    stage = player.locator("#stage").bounding_box()
    boxes = [player.locator(f"#v{i}").bounding_box() for i in range(5)]
    for box in boxes:
        assert box["width"] > 40
        middle = box["x"] + box["width"] / 2 - stage["x"], box["y"] + box["height"] / 2 - stage["y"]
        assert 20 < middle[0] < stage["width"] - 20
        assert 20 < middle[1] < stage["height"] - 20


def test_a_trusted_notebook_plays(chromium, lab, shot):
    page = opened_in_lab(chromium, lab, "trusted")
    page.wait_for_selector(".jp-OutputArea-output iframe", timeout=30_000)
    player = page.frame_locator(".jp-OutputArea-output iframe").first
    player.get_by_role("button", name="Backward pass").click()
    assert player.locator("#what").inner_text() == "dy/dy = 1"
    assert_seen(player)
    shot(page, "lab_trusted")
    page.close()


def test_an_untrusted_notebook_shows_the_still_picture(chromium, lab, shot):
    page = opened_in_lab(chromium, lab, "untrusted")
    assert page.locator(".jp-OutputArea-output iframe").count() == 0
    pictures = page.locator(".jp-OutputArea-output img")
    pictures.nth(1).wait_for(timeout=30_000)  # cells are rendered one by one
    assert pictures.count() == 2
    for i in range(2):
        assert pictures.nth(i).evaluate("img => img.complete && img.naturalWidth > 100 && img.clientHeight > 50")
    shot(page, "lab_untrusted")
    page.close()


def test_nbconvert_s_html_plays_and_shows(chromium, tmp_path, shot):
    from nbconvert import HTMLExporter  # of the extra `browser`, which may be missing

    body, _ = HTMLExporter().from_notebook_node(notebook())
    path = tmp_path / "notebook.html"
    path.write_text(body, encoding="utf-8")
    page = chromium.new_page(viewport={"width": 1300, "height": 950})
    page.route("http*://**", lambda route: route.abort())  # the template asks for MathJax; the player for nothing
    page.goto(path.as_uri())
    player = page.frame_locator("iframe").first
    player.get_by_role("button", name="To the end").click()
    assert "(3 -> 2.584)" in player.locator("#what").inner_text()
    assert_seen(player)
    assert page.locator("img").count() == 2
    shot(page, "nbconvert")
    page.close()
