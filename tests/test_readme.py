"""README, CONTRIBUTING and the demonstration do what they say."""

import inspect
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest

import autograd
from autograd import PRIMITIVES
from autograd.__main__ import main
from examples import demo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLM = (ROOT / "docs" / "glm.md").read_text(encoding="utf-8")
SEMANTICS = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
NETWORKS = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
SEEING = (ROOT / "docs" / "seeing.md").read_text(encoding="utf-8")
COMPILE = (ROOT / "docs" / "compile.md").read_text(encoding="utf-8")
TRAINING = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
TESTING = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
MICROGRAD = (ROOT / "docs" / "from_micrograd.md").read_text(encoding="utf-8")
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
]
SNIPPETS = re.findall(
    r"```python\n(.*?)```",
    README + COMPILE + GLM + SEMANTICS + NETWORKS + TRAINING + TESTING + MICROGRAD,
    flags=re.DOTALL,
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.splitlines()[-1][:40])
def test_the_code_of_the_readme_runs(snippet):
    exec(compile(snippet, "README.md", "exec"), {"__name__": "snippet"})


@pytest.mark.no_cover
def test_the_page_on_seeing_runs_from_top_to_bottom_and_prints_what_it_shows(capsys):
    code = re.findall(r"```python\n(.*?)```", SEEING, flags=re.DOTALL)
    exec(compile("\n".join(code), "docs/seeing.md", "exec"), {})
    out = capsys.readouterr().out
    for block in re.findall(r"```text\n(.*?)```", SEEING, flags=re.DOTALL):
        assert block in out
    assert "<drawing of y: 5 Values (2 leaves, 0 parameters, 3 operations), 5 edges>" in out
    assert "write          logsumexp([a, b]) = 1000" in out
    assert r"y = \log\left(x_{1}\right) + x_{1} \cdot x_{2} - \sin\left(x_{2}\right)" in out


def test_the_page_on_seeing_has_every_keyword_of_draw():
    for name in inspect.signature(autograd.draw).parameters:
        assert name == "root" or f"`{name}=`" in SEEING, name


def test_the_readme_shows_what_the_command_line_prints(capsys):
    block = re.search(r"```console\n\$ python -m autograd (.*?)\n(.*?)```", README, flags=re.DOTALL)
    assert main(shlex.split(block[1])) == 0
    assert capsys.readouterr().out == block[2]


def test_what_the_pages_write_where_they_are_run_is_no_file_of_the_project():
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in PAGES]
    written = set(re.findall(r"(?:save\(\"|-o |--output |--play )([\w./]+\.\w+)", "\n".join(texts)))
    ignored = [line[1:] for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line[:1] == "/"]
    assert {"formula.svg", "graph.svg", "passes.html"} <= written
    assert all(any(fnmatch(name, pattern) for pattern in ignored) for name in written)


def test_the_readme_counts_the_primitives_right():
    assert f"[{sum(not row.helper for row in PRIMITIVES.values())} primitives]" in README


def test_the_page_on_models_names_every_family_link_and_solver():
    from nn import families, links
    from nn.regression.solvers.table import SOLVERS

    names = [k for k, f in vars(families).items() if isinstance(f, families.Family)] + ["NegativeBinomial", "Tweedie"]
    for name in [*names, *links.LINKS, *SOLVERS, "power(p)", "negative_binomial(alpha)"]:
        assert f"`{name}" in GLM or f'`"{name}"' in GLM, name


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def test_the_row_of_contributing_is_a_row(tmp_path):
    row = re.search(r"```python\nsinc: Row = (.*?)\n```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
    names = {name: PRIMITIVES[name] for name in ("where", "cos")}

    class special:
        @staticmethod
        def sinc(x):
            return names["cos"](x) if x == 0.0 else PRIMITIVES["sin"](x) / x

    from autograd import Primitive, check_grads

    sinc = eval(row[1], {"Row": Primitive, "special": special, **names})
    assert check_grads(sinc, (0.7,)).compared == 4


@pytest.mark.no_cover
def test_make_demo_s_program_writes_what_it_lists_and_agrees_with_the_published_fit(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "STEPS", 20)
    demo.main()
    out = capsys.readouterr().out
    listed = re.findall(r"^  out/(\S+) +[A-Z].*\.$", out, flags=re.MULTILINE)
    assert set(listed) == {path.name for path in (tmp_path / "out").iterdir()}
    assert len(listed) == 7
    assert out.count("they agree") == 2
    assert "step  20  loss" in out


def test_the_moving_progress_line_is_for_terminals(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    demo.show_progress(1, "loss 1")
    assert capsys.readouterr().out.endswith("loss 1\r")
