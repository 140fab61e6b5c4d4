"""A Chromium for the tests that use pages as a person does; where there is none, they are skipped, and say why."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SHOTS = Path(__file__).parents[2] / "out" / "screenshots"


def missing():
    """What is needed and not there."""
    if next(filter(None, map(shutil.which, NAMES)), None) is None:
        return "no Chromium on the PATH (Debian, Ubuntu: apt install chromium)"
    for package in ("playwright", "jupyterlab", "nbconvert"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed (make browser)"
    return None


def pytest_collection_modifyitems(items):
    reason = missing()
    if reason and os.environ.get("BROWSER") == "required":
        raise pytest.UsageError(f"BROWSER=required, and there is {reason}")
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Open a file and return its page; at the end there must have been no other request, no error, no dialog."""
    pages = []

    def open_file(path, **options):
        page = chromium.new_page(**{"viewport": {"width": 1200, "height": 800}, **options})
        page.heard = []
        page.on("console", lambda message: page.heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: page.heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: page.heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: page.heard.append(f"request: {request.url[:80]}"))
        page.goto(Path(path).as_uri())
        pages.append(page)
        return page

    yield open_file
    for page in pages:
        heard = [what for what in page.heard if not what.startswith(("request: data:", "request: about:"))]
        assert len(heard) == 1, heard  # the page itself
        page.close()


@pytest.fixture
def shot():
    """Keep a screenshot, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=SHOTS / f"{name}.png")
