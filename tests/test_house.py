"""The floors of the house: a file imports only from lower floors, and nothing heavy before it is needed."""

import ast
import builtins
import re
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parents[1]
FLOORS = {
    "errors": 0, "reals": 0, "special": 0, "modes": 0, "graph": 0, "trees": 1,
    "primitives": 1, "tracing": 1, "symbols": 2, "guards": 2, "node": 2, "generate": 3, "value": 3,
    "functions": 4, "composed": 4, "transforms": 4, "tape": 4, "arguments": 4, "traces": 5,
    "kernels": 0, "kernels.twins": 0, "kernels.traced": 2, "kernels.vectors": 0, "kernels.kept": 0, "kernels.rows": 1,
    "kernels.arrays": 2,
    "kernels.plan": 5, "kernels.floats": 5, "kernels.blocks": 6, "kernels.fast": 6, "compiled": 7,
    "check": 5, "passes": 5, "report": 0, "strategies": 5, "expression": 5,
    "drawn.looks": 0, "drawn.picture": 1, "drawn.scopes": 6, "drawn.sentences": 6, "drawn.unfolding": 6, "drawn.tex": 6,
    "drawn.options": 7, "drawn.traces": 7, "drawn.boxes": 7, "drawn.columns": 8, "drawn.groups": 8, "drawn.view": 9, "drawn.dot": 10, "drawn.svg": 10,
    "drawn.drawing": 11, "drawn.player": 12, "drawn": 13,
    "instruments.lines": 5, "instruments.rewrites": 5, "instruments.diagnosis": 6, "instruments.kink_search": 6,
    "instruments.mistakes": 6, "instruments.path_search": 6, "instruments": 7, "": 14, "__main__": 15,
}  # fmt: skip
NN_FLOORS = {
    "names": 0, "terms": 0, "module": 1, "activations": 1, "init": 2, "links": 1, "losses": 1, "optim": 1,
    "layers": 3, "families": 2, "train": 2, "estimator": 3, "data": 3, "likelihood": 3, "edges": 4, "separation": 4,
    "steps": 5, "lasso": 6, "solvers": 7, "inference": 8, "summary": 9, "glm": 10, "plots": 4, "__init__": 11,
}  # fmt: skip
NN_LATE = (
    "data",
    "likelihood",
    "edges",
    "separation",
    "steps",
    "lasso",
    "solvers",
    "inference",
    "summary",
    "glm",
)  # with NumPy
OWNERS = {"graphviz": "drawn.picture", "pygraphviz": "drawn.picture", "hypothesis": "strategies"}
FAST = ("kernels.vectors", "kernels.kept", "kernels.rows")  # where numba and llvmlite are at home
LATE = (
    "kernels.twins",
    "kernels.traced",
    "kernels.arrays",
    "kernels.blocks",
    "kernels.fast",
    *FAST,
)  # imported when they are needed
FILES = sorted((ROOT / "autograd").rglob("*.py"))


def module_of(path):
    parts = path.relative_to(ROOT / "autograd").with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    return re.sub(r"rows_[0-9a-f]{8}$", "rows", name)  # the generated one


def imports(path):
    """Each import of a file: the dotted name, from the package's root, and whether it stands inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        or (isinstance(function, ast.If) and "TYPE_CHECKING" in ast.dump(function.test))
        for node in ast.walk(function)
    }
    package = module_of(path).split(".")[: len(path.relative_to(ROOT / "autograd").parts) - 1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *(node.module.split(".") if node.module else [])])
            names = [f"{whole}.{a.name}".strip(".") for a in node.names]
            found = [name if node.level and name in FLOORS else whole for name in names]
            yield from ((name, bool(node.level), id(node) in inside) for name in found)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, False, id(node) in inside) for alias in node.names)


def test_every_file_has_a_floor():
    assert {module_of(path) for path in FILES} == set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_autograd_imports_only_from_lower_floors(path):
    own = module_of(path)
    for name, relative, _ in imports(path):
        if relative:
            assert FLOORS[name] < FLOORS[own], f"{own} looks up at {name}"
        assert name.split(".")[0] not in ("nn", "autograd"), f"{own} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_optional_packages_are_imported_by_their_owner_and_numpy_only_when_needed(path):
    own = module_of(path)
    for name, _, inside in imports(path):
        package = name.split(".")[0]
        assert OWNERS.get(package, own) == own, f"{own} imports {package}"
        assert package not in ("numba", "llvmlite") or own in FAST, f"{own} imports {package}"
        late = inside or own in LATE
        assert late or package not in ("numpy", "scipy", "matplotlib"), f"{own} imports {package} at once"
        assert late or name not in LATE, f"{own} imports {name} at once"


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda path: path.stem)
def test_nn_imports_only_what_autograd_makes_public(path):
    public = set(vars(autograd))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module.split(".")[0] == "autograd":
            assert node.module == "autograd"
            assert {alias.name for alias in node.names} <= public


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda path: path.stem)
def test_nn_imports_only_from_lower_floors_and_numpy_only_when_needed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.If)) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                assert NN_FLOORS[name] < NN_FLOORS[path.stem] or id(node) in later, f"{path.stem} looks up at {name}"
                assert name not in NN_LATE or path.stem in NN_LATE or id(node) in later, (
                    f"{path.stem} imports {name} at once"
                )
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in later and path.stem not in NN_LATE:
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            assert module.split(".")[0] not in ("numpy", "scipy", "sklearn"), f"{path.stem} imports {module} at once"


def test_narwhals_is_imported_by_the_file_that_reads_tables_and_only_when_a_table_comes():
    found = [
        (path.stem, id(node) in later)
        for path in (ROOT / "nn").rglob("*.py")
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for later in [{id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "narwhals" in ast.dump(node)
    ]
    assert set(found) == {("data", True)}


def test_a_star_import_brings_what_exists_and_hides_no_builtin():
    assert all(hasattr(autograd, name) for name in autograd.__all__)
    assert set(autograd.__all__) <= set(dir(autograd))
    with pytest.raises(AttributeError, match="module 'autograd' has no attribute 'nothing'"):
        autograd.nothing  # noqa: B018
    assert not set(autograd.__all__) & set(vars(builtins))
    assert {"abs", "pow", "sum"} <= set(vars(autograd))
