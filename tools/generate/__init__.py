"""Writes what is generated from the table of primitives: `make generate`."""

from pathlib import Path

from .documentation import documentation
from .functions import functions_module
from .interpreter import fingerprint, interpreter
from .methods import value_module
from .package import package

ROOT = Path(__file__).parents[2]


def written(root: Path = ROOT) -> dict[Path, str]:
    """Return each generated file with its text, before ruff has laid it out."""
    text = interpreter()
    return {
        root / "autograd" / "__init__.py": package(),
        root / "autograd" / "value.py": value_module(),
        root / "autograd" / "functions.py": functions_module(),
        root / "docs" / "primitives.md": documentation(),
        root / "autograd" / "compiling" / "numba" / f"rows_{fingerprint(text)}.py": text,
    }


def main(root: Path = ROOT) -> None:
    """Write the generated files below root."""
    for stale in (root / "autograd" / "compiling" / "numba").glob("rows_*.py"):
        stale.unlink()
    for path, text in written(root).items():
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8", newline="\n")
