"""The floors of the house: a file imports only from those before it, and nothing heavy before it is needed."""

import ast
import builtins
import io
import tokenize
from pathlib import Path

import numpy as np
import pytest

import autograd
from tools.house import HOUSE, floors, imports, module_of, written

ROOT = Path(__file__).parents[1]
FILES = [(package, path) for package in HOUSE for path in sorted((ROOT / package).rglob("*.py"))]
OWNERS = {
    "graphviz": "seeing.picture", "pygraphviz": "seeing.picture", "narwhals": "tables",
    "hypothesis": ("testing.strategies", "testing.strategies.points", "testing.strategies.programs", "testing.plugin", "testing.mutation", "testing"),
    "mpmath": "testing.arithmetics", "sympy": "testing.arithmetics", "torch": ("testing.engines", "exchange"), "jax": "testing.engines", "pytest": ("testing.plugin", "testing.mutation"),
}  # fmt: skip
FAST = (
    "compiling.numba.vectors",
    "compiling.numba.kept",
    "compiling.numba.rows",
)  # where numba and llvmlite are at home
LATE = {  # imported when they are needed, and with them NumPy
    "autograd": ("arrays", "compiling.twins", "compiling.array_forms", "compiling.numpy", "compiling.numba.kernel", *FAST),
    "nn": (
        "tables", "checks", "scaling", "exchange", "smooths", "smooths.terms", "smooths.plain", "smooths.splines", "smooths.parametric", "datasets", "metrics", "training.rows", "training.task", "training.reading", "training.evaluation", "training.checking",
        "training.loop", "training.fit", "training.curve", *(name for name in floors("nn") if name.startswith("regression.")),
    ),
}  # fmt: skip
HEAVY = ("numpy", "scipy", "matplotlib", "sklearn", "pandas")
# What must be read to understand Value, backward, grad, jvp and any order.
CORE = ("primitive", "walks", "node", "modes", "tracing", "recording", "transforms")
MOST_LINES, MOST_TO_READ = 350, 895
GENERATED = ("__init__", "value", "functions", "primitives", "special")  # and the table


def named(package_and_path):
    package, path = package_and_path
    return f"{package}.{module_of(path, package)}"


@pytest.mark.parametrize("package", HOUSE)
def test_every_file_has_a_place_in_the_house(package):
    assert {module_of(path, package) for own, path in FILES if own == package} == set(floors(package))


@pytest.mark.parametrize(("package", "path"), FILES, ids=map(named, FILES))
def test_a_file_imports_only_from_those_before_it(package, path):
    place, own = floors(package), module_of(path, package)
    for name, relative, _ in imports(path, package):
        if relative:
            assert place[name] < place[own], f"{own} looks up at {name}"


@pytest.mark.parametrize(("package", "path"), FILES, ids=map(named, FILES))
def test_optional_packages_are_imported_by_their_owner_and_numpy_only_when_needed(package, path):
    own = module_of(path, package)
    for name, relative, inside in imports(path, package):
        outer = name.split(".")[0]
        if not relative:
            assert own in np.atleast_1d(OWNERS.get(outer, own)), f"{own} imports {outer}"
            assert outer not in ("numba", "llvmlite") or own in FAST, f"{own} imports {outer}"
            assert inside or outer != "narwhals", f"{own} imports {outer} at once"
        late = inside or own in LATE[package]
        assert late or relative or outer not in HEAVY, f"{own} imports {outer} at once"
        assert late or not relative or name not in LATE[package], f"{own} imports {name} at once"


def test_autograd_does_not_know_nn_and_nn_knows_only_what_autograd_makes_public():
    public = {*vars(autograd), *dir(autograd)}  # what is imported late, too
    for package, path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert package == "nn" or name.split(".")[0] not in ("nn", "autograd"), path
                assert package == "autograd" or name.split(".")[0] != "autograd" or name == "autograd", path
            if package == "nn" and names == ["autograd"] and isinstance(node, ast.ImportFrom):
                assert {alias.name for alias in node.names} <= public, path


def test_contributing_has_the_table_of_the_house():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert text == written(text), "run: make generate"


def lines_of_code(path):
    """How many lines have code: no docstrings, comments and blank lines."""
    text = path.read_text(encoding="utf-8")
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in silent]
    return len({line for t in tokens for line in range(t.start[0], t.end[0] + 1)} - docstrings)


def test_what_must_be_read_to_understand_derivatives_is_short():
    counts = {name: lines_of_code(ROOT / "autograd" / f"{name}.py") for name in CORE}
    assert sum(counts.values()) < MOST_TO_READ, counts


def test_no_file_is_long():
    for package, path in FILES:
        if package == "nn" or (path.stem not in GENERATED and not path.stem.startswith("rows_")):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, path


def test_a_star_import_brings_what_exists_and_hides_no_builtin():
    assert all(hasattr(autograd, name) for name in autograd.__all__)
    assert set(autograd.__all__) <= set(dir(autograd))
    with pytest.raises(AttributeError, match="module 'autograd' has no attribute 'nothing'"):
        autograd.nothing  # noqa: B018
    assert not set(autograd.__all__) & set(vars(builtins))
    assert {"abs", "pow", "sum"} <= set(vars(autograd))
