"""The house: the rooms of both packages from the ground up. A file imports only from those that stand before it.

`python -m tools.house` writes the table of CONTRIBUTING.md; a test holds the files to it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
Room = tuple[str, str]  # its files in order, and what it is for

AUTOGRAD: list[Room] = [
    ("errors reals held modes faults interval special", "small things: the door of numbers, what is switched on, values on floats"),
    ("primitive primitives", "what a primitive is, and the table of them"),
    ("walks symbols rewrites", "orders and chain rules over any graph; formulas; what a formula may be replaced by"),
    ("tracing protocols node value functions composed", "a number that remembers: what Python asks of it, `backward`, operators, functions"),
    ("trees arrays recording wanted transforms", "structures taken apart; a call recorded, pulled back and pushed forward; `grad` and the others"),
    ("parser", "formulas that a person types"),
    (
        "compiling compiling.settings compiling.threads compiling.twins compiling.program compiling.tape compiling.arguments compiling.traces "
        "compiling.specializations compiling.plan compiling.array_forms compiling.python compiling.numpy",
        "`compile`: a graph as a tape, what a call hands over, a function traced; a tape on floats, and in NumPy",
    ),
    (
        "compiling.numba compiling.numba.kept compiling.numba.vectors compiling.numba.rows compiling.numba.kernel",
        "a tape in numba: its interpreter, and where the machine code is kept",
    ),
    ("compiling.runners compiling.eager compiling.flat compiling.compiled", "what runs a call: arrays, Values, a trainer's parameters; `compile`"),
    (
        "seeing.tables seeing.looks seeing.picture seeing.latex seeing.names seeing.steps seeing.formulas",
        "the list of steps, names, formulas, tables: what all pictures are made of",
    ),
    (
        "seeing.scopes seeing.unfolding seeing.sentences seeing.boxes seeing.options seeing.columns seeing.groups seeing.view "
        "seeing.dot seeing.svg seeing.diagram seeing.blackboard seeing.drawing seeing.player seeing.evaluation seeing",
        "what is shown of a graph, and how it is drawn, played and tabled",
    ),
    (
        "seeing.instruments.lines seeing.instruments.mends seeing.instruments.diagnosis seeing.instruments.kink_search "
        "seeing.instruments.mistakes seeing.instruments.path_search seeing.instruments.rounding_errors seeing.instruments",
        "what explains a gradient",
    ),
    (
        "testing.strategies.points testing.strategies.programs testing.strategies testing.libraries testing.rebound testing.arithmetic testing.arithmetics testing.evaluation testing.sharp",
        "strategies for hypothesis; a graph in other arithmetics, and its derivatives at many digits",
    ),
    (
        "testing.foreign testing.engines testing.differences testing.remainders testing.comparisons testing.layers testing.suspects testing.accumulation "
        "testing.circumstances testing.causes testing.check testing.kernels",
        "checks with a verdict: of our rules, of others' gradients, of kernels",
    ),
    ("testing.mutants testing.ready testing.mutation testing.plugin testing", "rules broken on purpose, and the plugin for pytest"),
    (" __main__", "the package, and the command line"),
]  # fmt: skip

NN: list[Room] = [
    ("names storage", "small things; files"),
    (
        "module activations means links family families losses.outputs losses.errors losses.labels losses.likelihoods losses.risks losses heads diagrams",
        "what models are made of: modules, links, distributions, losses; and how they are drawn",
    ),
    (
        "init chance layers penalties testing",
        "networks, the random numbers of their layers, and what keeps weights small",
    ),
    (
        "optim.base optim.rules optim.lbfgs optim.clipping optim.schedules optim",
        "optimizers, schedules of their rate, gradients within bounds",
    ),
    (
        "tables checks scaling exchange smooths.terms smooths.plain smooths.splines smooths.parametric smooths datasets metrics axes plots",
        "what users hand in: read, checked, scaled, networks of PyTorch, terms of a GAM; data to learn from; metrics; plots",
    ),
    (
        "training.eager training.movers training.step training.history training training.rows training.task training.reading "
        "training.evaluation training.checking training.progress training.loop training.fit training.curve",
        "training: a step, compiled or by graphs; a run and what is known of it; `fit`",
    ),
    (
        "regression regression.estimator regression.source regression.given regression.design regression.curves regression.likelihood regression.objective",
        "what scikit-learn asks of a model; rows in blocks, a row's predictors, what it adds, and the sums that a fit makes small",
    ),
    (
        "regression.solvers regression.solvers.factors regression.solvers.cuts regression.solvers.edges regression.solvers.separation "
        "regression.solvers.steps regression.solvers.limits regression.solvers.starts regression.solvers.newton regression.solvers.marquardt "
        "regression.solvers.lasso regression.solvers.medians regression.solvers.table",
        "solvers, what they share, and the rows that are told apart or stand on an edge",
    ),
    (
        "regression.inference.null regression.inference.result regression.inference.quantiles regression.inference.dispersion "
        "regression.inference.information regression.inference regression.inference.intervals",
        "what follows from a fit",
    ),
    (
        "regression.predictor regression.summary regression.graph regression.fitted regression.glm regression.network regression.neural_glm",
        "fitted models: what they predict and tell; the GLM, and the GLM whose predictor is a network",
    ),
    (
        "regression.smoothing regression.criteria regression.tangents regression.curved regression.terms regression.effects regression.check "
        "regression.additive regression.gam",
        "the GAM: its lambdas, terms that are curves in their parameters, what a fitted one tells of its terms",
    ),
    ("", "the package"),
]

HOUSE = {"autograd": AUTOGRAD, "nn": NN}


def floors(package: str) -> dict[str, int]:
    """Return the place of each file of a package, by its name without the package's; that of the package itself is "" ."""
    names = [name for files, _ in HOUSE[package] for name in files.split(" ")]
    return {name: place for place, name in enumerate(names)}


def module_of(path: Path, package: str) -> str:
    """Return the name of a file of a package, without the package's; the hash of a generated name is left out."""
    parts = path.relative_to(ROOT / package).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    return re.sub(r"rows_[0-9a-f]{8}$", "rows", name)


def imports(path: Path, package: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield each import of a file: its name (from the package, where it is one of its own), whether it is one of its own, and
    whether it stands inside a function or is for types only.
    """
    tree, known = ast.parse(path.read_text(encoding="utf-8")), floors(package)
    later = {
        id(node)
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef) or (isinstance(part, ast.If) and "TYPE_CHECKING" in ast.dump(part.test))
        for node in ast.walk(part)
    }
    folder = list(path.relative_to(ROOT / package).parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            whole = ".".join([*base, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{whole}.{alias.name}".strip(".")
                yield inner if node.level and inner in known else whole, bool(node.level), id(node) in later
        elif isinstance(node, ast.Import):
            yield from ((alias.name, False, id(node) in later) for alias in node.names)


def table() -> str:
    """Return the table of CONTRIBUTING.md."""
    lines = []
    for package, rooms in HOUSE.items():
        lines += [f"| files of `{package}/`, from the ground up | what they are for |", "|---|---|"]
        for files, purpose in rooms:
            names = " ".join(f"`{name or '__init__'}`" for name in files.split(" "))
            lines.append(f"| {names} | {purpose} |")
        lines.append("")
    return "\n".join(lines)


def written(text: str) -> str:
    """Return CONTRIBUTING's text with the table as it is now."""
    head, rest = text.split("<!-- the house -->\n")
    return f"{head}<!-- the house -->\n{table()}<!-- its end -->\n" + rest.split("<!-- its end -->\n")[1]


if __name__ == "__main__":
    place = ROOT / "CONTRIBUTING.md"
    place.write_text(written(place.read_text(encoding="utf-8")), encoding="utf-8")
