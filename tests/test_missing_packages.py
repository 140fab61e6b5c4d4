"""Without an optional package the rest works, and who needs it says in one line what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GRAPH = "from autograd import Value, draw, draw_dot, play\ny = Value(2.0, 'x') * 3.0\n"
ROWS = "import numpy as np\nfrom autograd import compile, sin\n"
DOORS = [
    ("graphviz", "draw()", GRAPH + "draw(y)"),
    ("graphviz", "draw()", GRAPH + "draw_dot(y)"),
    ("graphviz", "draw()", GRAPH + "play(y)"),
    ("matplotlib", "nn.plots", "import nn\nnn.plots.loss_curve([1.0])"),
    ("matplotlib", "nn.plots", "import nn\nnn.plots.links()"),
    ("matplotlib", "nn.plots", "import nn\nnn.plots.activations()"),
    ("matplotlib", "nn.plots", "import nn\nnn.plots.decision_boundary(sum, [[1.0, 2.0]], [0])"),
    ("matplotlib", "nn.plots", "import nn\nnn.plots.partial_effects(sum, [[1.0, 2.0]])"),
    ("numpy", "nn.GLM", "import nn\nnn.GLM"),
    ("scipy", "nn.GLM", "import nn\nnn.GLM"),
    (
        "narwhals",
        "a table of pandas, polars or pyarrow",
        "import nn, polars\nnn.GLM().fit(polars.DataFrame({'a': [1.0]}), [1.0])",
    ),
    ("sklearn", "GLM.set_fit_request()", "import nn\nnn.GLM().set_fit_request(offset=True)"),
    ("matplotlib", "the demonstration", "import examples.demo"),
    ("hypothesis", "autograd.testing.strategies", "import autograd.testing.strategies"),
    ("hypothesis", "nn.testing", "import nn.testing"),
    ("torch", "from_torch()", "from autograd.testing import from_torch\nfrom_torch(abs)"),
    ("jax", "from_jax()", "from autograd.testing import from_jax\nfrom_jax(abs)"),
    ("numba", "compile(backend='numba')", ROWS + "compile(sin, rows=0, backend='numba')(np.ones(3))"),
    ("numba", "compile(backend='numba')", ROWS + "compile(sin, backend='numba')(1.0)"),
    ("jupytext", "make notebooks", "import runpy\nrunpy.run_path('notebooks/build.py', run_name='__main__')"),
]


def without(package, code, *words):
    """Run Python where a package is not installed."""
    hide = f"import sys; sys.modules[{package!r}] = None; sys.argv = {['python', *words]!r}\n"
    return subprocess.run([sys.executable, "-c", hide + code], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("package", "who", "code"), DOORS, ids=[f"{p} {c.splitlines()[-1]}" for p, _, c in DOORS])
def test_every_door_says_what_to_install(package, who, code):
    ran = without(package, code)
    assert ran.returncode == 1
    assert "During handling" not in ran.stderr
    sold = package.replace("sklearn", "scikit-learn")
    assert ran.stderr.splitlines()[-1] == (
        f"autograd.errors.MissingPackage: {who} needs the package {sold}, which this Python does not have: "
        f"pip install {sold} (or take the Python that make test sets up: . .venv/bin/activate)"
    )


COMMAND = "import runpy\nrunpy.run_module('autograd', run_name='__main__')"


@pytest.mark.parametrize("option", [("-o", "g.svg"), ("--play", "p.html")], ids=" ".join)
def test_the_command_line_prints_its_tables_and_one_line(option):
    ran = without("graphviz", COMMAND, "x*x", "x=3", *option)
    assert ran.returncode == 1
    assert ran.stdout == without("graphviz", COMMAND, "x*x", "x=3").stdout
    assert "y  = x * x  = 9" in ran.stdout
    assert ran.stderr.startswith("python -m autograd: no picture: draw() needs the package graphviz, ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("package", ["numpy", "scipy", "graphviz", "numba", "matplotlib", "hypothesis"])
def test_the_command_line_needs_no_package_for_its_tables(package):
    for words in (["x*x + sin(x)", "x=3"], ["x*x", "x=3", "--trace"], ["x*x", "x=3", "--tex"]):
        ran = without(package, COMMAND, *words)
        assert (ran.returncode, ran.stderr) == (0, "")


def test_arrays_run_in_numpy_where_numba_is_missing():
    ran = without("numba", ROWS + "f = compile(sin, rows=0)\nprint(f(np.zeros(3)).tolist(), f.ran)")
    assert (ran.stdout, ran.stderr) == ("[0.0, 0.0, 0.0] numpy\n", "")


def test_another_package_that_a_package_misses_is_named_itself():
    from autograd import MissingPackage

    with pytest.raises(MissingPackage, match="needs the package no_such_part, "), MissingPackage.told("draw()"):
        import no_such_part.inside  # noqa: F401
    with pytest.raises(ImportError, match="cannot import name"), MissingPackage.told("draw()"):
        from math import nothing  # noqa: F401
