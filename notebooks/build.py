"""Make each notebook: read NN_topic.py, run it in a clean kernel, write NN_topic.ipynb beside it.

The .py (jupytext's percent format) is the source, and the only one of the two to edit. What changes from run to run or
from machine to machine (random cell ids, versions, times) is left out, so that git shows real changes only.

`make notebooks` runs this.
"""

import re
from pathlib import Path

from autograd import MissingPackage

with MissingPackage.told("make notebooks"):
    import jupytext  # type: ignore[import-untyped]
    import nbformat
    from nbclient import NotebookClient
    from nbformat import NotebookNode

FOLDER = Path(__file__).parent
SECONDS = 120  # the longest that one cell may take
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
PYTHON_WARNING = re.compile(r"\b[A-Z]\w*Warning: ")


def scripts(folder: Path = FOLDER) -> list[Path]:
    """Return the sources of the notebooks, in order."""
    return sorted(folder.glob("[0-9]*.py"))


def read(script: Path) -> NotebookNode:
    """Return a source as a notebook that has not been run, with the ids and metadata that it always has."""
    notebook: NotebookNode = jupytext.read(script, fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    return notebook


def run(notebook: NotebookNode, folder: Path = FOLDER) -> NotebookNode:
    """Run every cell in a new kernel, fill in the outputs, and return the notebook.

    Raises nbclient's CellExecutionError at the first cell that fails.
    """
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources=resources,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # the kernel's remarks on its sockets
        coalesce_streams=True,  # otherwise what is printed is cut into pieces by chance
    )
    client.execute()
    return notebook


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Take out what a machine adds to a notebook that has been run, and return it."""
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_noise(output)]
    return notebook


def _is_noise(output: NotebookNode) -> bool:
    """Whether this is stderr: C libraries talk there of this machine's fonts. Raise for one of Python's warnings."""
    if output.output_type != "stream" or output.name != "stderr":
        return False
    if PYTHON_WARNING.search(output.text):
        raise RuntimeError(f"a notebook must run without warnings, got: {output.text}")
    return True


def build(script: Path) -> Path:
    """Write the .ipynb beside a source, run, and return its path."""
    target = script.with_suffix(".ipynb")
    notebook = tidy(run(read(script), script.parent))
    nbformat.validate(notebook)
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]
    return target


def main() -> None:
    """Build every notebook."""
    for script in scripts():
        print(build(script).name)


if __name__ == "__main__":
    main()
