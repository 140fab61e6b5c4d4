"""Every notebook is its source, run: the pair is in step, runs in a clean kernel, and was run before it was committed."""

import importlib.util
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

FOLDER = Path(__file__).parents[2] / "notebooks"

spec = importlib.util.spec_from_file_location("build", FOLDER / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

NAMES = sorted({path.stem for path in FOLDER.glob("[0-9]*") if path.suffix in (".py", ".ipynb")})


def problems(script):
    """What is amiss with a pair, in words; nothing if the notebook is its source, run."""
    target = script.with_suffix(".ipynb")
    missing = [path.name for path in (script, target) if not path.exists()]
    if missing:
        return [f"{name} is missing" for name in missing]
    source, notebook = (
        [(cell.cell_type, cell.source) for cell in side.cells]
        for side in (build.read(script), nbformat.read(target, as_version=4))
    )
    if source != notebook:
        return [f"{target.name} is not {script.name}: run python notebooks/build.py"]
    return []


def code_cells(name):
    return [cell for cell in nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_the_cells_of_its_source(name):
    assert not problems(FOLDER / f"{name}.py")


@pytest.mark.parametrize("name", NAMES)
def test_a_source_runs_in_a_clean_kernel(name):
    build.run(build.read(FOLDER / f"{name}.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_was_run_from_top_to_bottom_before_it_was_committed(name):
    cells = code_cells(name)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_output_is_neither_an_error_nor_a_warning(name):
    outputs = [output for cell in code_cells(name) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_as_build_writes_it_and_names_no_folder_of_a_machine(name):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    printed = "".join(output.get("text", "") for cell in code_cells(name) for output in cell.outputs)
    assert notebook.metadata == build.METADATA
    assert [cell.id for cell in notebook.cells] == [f"cell-{i}" for i in range(len(notebook.cells))]
    assert not any(cell.metadata for cell in notebook.cells)
    assert str(FOLDER.parent) not in printed
    assert sys.prefix not in printed


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_small_enough_to_keep_in_git(name):
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 300_000


@pytest.fixture
def pair(tmp_path):
    """A source of two cells and the notebook built from it."""
    script = tmp_path / "00_small.py"
    script.write_text("# %% [markdown]\n# # Small\n\n# %%\nprint(1 + 1)\n", encoding="utf-8")
    build.build(script)
    return script


def test_build_runs_the_cells_and_leaves_nothing_of_the_machine(pair):
    notebook = nbformat.read(pair.with_suffix(".ipynb"), as_version=4)
    assert notebook.cells[1].outputs[0].text == "2\n"
    assert notebook.cells[1].execution_count == 1
    assert notebook.metadata == build.METADATA


def test_building_twice_gives_the_same_bytes(pair):
    before = pair.with_suffix(".ipynb").read_bytes()
    assert build.build(pair).read_bytes() == before


def test_a_pair_out_of_step_is_found(pair):
    assert problems(pair) == []
    pair.write_text(pair.read_text(encoding="utf-8").replace("1 + 1", "1 + 2"), encoding="utf-8")
    assert problems(pair) == ["00_small.ipynb is not 00_small.py: run python notebooks/build.py"]


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_a_pair_with_one_missing_is_found(pair, suffix):
    pair.with_suffix(suffix).unlink()
    assert problems(pair) == [f"00_small{suffix} is missing"]


def test_a_cell_that_fails_stops_the_build(tmp_path):
    script = tmp_path / "00_wrong.py"
    script.write_text("# %%\nassert 1 + 1 == 3\n", encoding="utf-8")
    with pytest.raises(CellExecutionError, match="AssertionError"):
        build.build(script)
    assert not script.with_suffix(".ipynb").exists()


def test_a_warning_stops_the_build(tmp_path):
    script = tmp_path / "00_warns.py"
    script.write_text("# %%\nimport warnings\n\nwarnings.warn('look out')\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"without warnings, got: .*UserWarning: look out"):
        build.build(script)
    assert not script.with_suffix(".ipynb").exists()
