"""What a call means when nothing is said: every default of the GLM side in one table, and the numbers that the docs state."""

import inspect
import re
from math import inf, isnan, nan
from pathlib import Path

import pytest

import nn.data
import nn.edges
import nn.estimator
import nn.families
import nn.glm
import nn.inference
import nn.lasso
import nn.likelihood
import nn.links
import nn.names
import nn.separation
import nn.solvers
import nn.steps
import nn.summary
from nn import families, links

ROOT = Path(__file__).parents[2]
MODULES = (
    nn.data, nn.edges, nn.estimator, nn.families, nn.glm, nn.inference, nn.lasso, nn.likelihood, nn.links, nn.names,
    nn.separation, nn.solvers, nn.steps, nn.summary,
)  # fmt: skip
REAL = (-inf, inf)
NEW_ROWS = {"offset": None, "exposure": None}

DEFAULTS = {
    "glm.GLM": {
        "family": "gaussian", "link": None, "alpha": 0.0, "l1_ratio": 0.0, "fit_intercept": True, "solver": "auto",
        "max_iter": 100, "tol": 1e-8, "threads": 1, "keep_rows": False,
    },
    "estimator.Estimator.get_params": {"deep": True},
    "glm.GLM.fit": {"sample_weight": None, **NEW_ROWS},
    "glm.GLM.cov_params": {"kind": None},
    "glm.GLM.standard_errors": {"kind": None},
    "glm.GLM.conf_int": {"level": 0.95, "kind": None},
    "glm.GLM.summary": {"kind": None, "level": 0.95},
    "glm.GLM.residuals": {"kind": "deviance"},
    "glm.GLM.decision_function": NEW_ROWS,
    "glm.GLM.predict_mean": NEW_ROWS,
    "glm.GLM.predict": NEW_ROWS,
    "glm.GLM.predict_proba": NEW_ROWS,
    "glm.GLM.predict_interval": {"level": 0.95, "of": "mean", "kind": None, **NEW_ROWS},
    "glm.GLM.score": {"sample_weight": None, **NEW_ROWS},
    "glm.GLM.graph": {"y": None, "offset": 0.0},
    "families.Family": {
        "support": REAL, "link": None, "deviance": None, "targets": "numbers", "labelled": False, "distribution": None,
        "complete": True, "name": "",
    },
    "families.Family.loss": {"link": None, "phi": 1.0},
    "families.Family.unit_deviance": {"phi": 1.0},
    "links.Link": {"range": REAL, "domain": REAL, "log": None, "log1m": None, "several": False, "name": ""},
    "likelihood.Curves": {"phi": 1.0},
    "likelihood.Curves.at": {"kinds": ()},
    "likelihood.Curves.loss": {"phi": 1.0},
    "likelihood.Curves.expected": {"phi": 1.0},
    "likelihood.Curves.here": {"phi": 1.0},
    "likelihood.Curves.nll": {"phi": 1.0},
    "likelihood.Curves.unit_deviance": {"phi": 1.0},
    "likelihood.Rows.changed": {"kept": None, "offset": None},
    "likelihood.Rows": {
        "weights": None, "offset": None, "intercept": True, "ridge": 0.0, "l1": 0.0, "names": (), "trials": None,
        "threads": 1,
    },
    "likelihood.Rows.shifted": {"back": False},
    "likelihood.Rows.matrix": {"out": None},
    "likelihood.Rows.predictors": {"plain": False},
    "likelihood.Rows.eta": {"plain": False},
    "likelihood.Rows.totals": {"kinds": ("observed",)},
    "inference.Inference": {"phi": nan},
    "inference.null_deviance": {"nll": nan, "deviance": nan},
    "data.Targets": {"trials": None, "classes": None},
    "data.column": {"spread": False},
    "names.few": {"between": ", ", "most": 5, "longest": 60},
    "data.labels_of": {"columns": False},
    "steps.Solution": {
        "trouble": "", "doubt": True, "separation": None, "standing": None, "limit": None, "far": None,
    },
    "solvers.Solver": {"kinds": (), "l1": False, "ridge": True, "kinks": False},
    "steps.lifted": {"share": 1e-3, "floor": 0.0},
    "steps.identified": {"columns": None},
    "steps.halved": {"l1": 0.0},
    "separation.Contrasts.rows": {"signed": True},
    "solvers.newton": {"known": None},
    "solvers.starts": {"margin": 0.01},
    "steps.stuck": {"said": "no step is better"},
    "solvers.solve": {"solver": "auto", "max_iter": 100, "tol": 1e-8},
}  # fmt: skip


def public(module):
    """The functions and classes that a module defines, and the methods of these, by name."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", "") != module.__name__ or not callable(found):
            continue
        if isinstance(found, (families.Family, links.Link)):
            continue
        path = f"{module.__name__.removeprefix('nn.')}.{name}"
        yield path, found
        if inspect.isclass(found) and not issubclass(found, tuple):
            own = {k: getattr(found, k) for k in vars(found) if not k.startswith("_")}
            methods = {k: f for k, f in own.items() if inspect.isfunction(f)}
            yield from ((f"{path}.{k}", f) for k, f in methods.items())


def defaults(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_default_is_the_one_of_the_table(module):
    found = {}
    for path, function in public(module):
        try:
            found[path] = {k: "nan" if x != x else x for k, x in defaults(function).items()}
        except ValueError:  # an exception has no signature of its own
            assert issubclass(function, Exception)
    found = {path: values for path, values in found.items() if values}
    own = f"{module.__name__.removeprefix('nn.')}."
    assert found == {
        path: {k: "nan" if x != x else x for k, x in values.items()}
        for path, values in DEFAULTS.items()
        if path.startswith(own)
    }


DOCS = re.sub(r"\s+", " ", (ROOT / "docs" / "glm.md").read_text(encoding="utf-8"))
STATED = [
    (r"alpha is (\d+) unless asked", DEFAULTS["glm.GLM"]["alpha"]),
    (r"the default up to ([\d,]+) coefficients", nn.solvers.MANY),
    (r"up to (\d+) coefficients one compiled program", nn.likelihood.WIDE),
    (r"its condition, columns scaled, is below 10\^(\d+)", round(-__import__("math").log10(nn.steps.WELL))),
]


@pytest.mark.parametrize(("pattern", "number"), STATED, ids=[pattern for pattern, _ in STATED])
def test_numbers_that_the_docs_state_are_those_of_the_code(pattern, number):
    assert float(re.search(pattern, DOCS)[1].replace(",", "")) == number


def table_of_families():
    lines = (ROOT / "docs" / "glm.md").read_text(encoding="utf-8").split("\n")
    start = lines.index("| family | y | variance | link by itself | dispersion |")
    for line in lines[start + 2 : lines.index("", start)]:
        name, _, variance, link, dispersion = (cell.strip() for cell in line.strip("|").split("|"))
        yield name.strip("`"), variance, link, dispersion


@pytest.mark.parametrize(("name", "variance", "link", "dispersion"), list(table_of_families()))
def test_each_family_is_what_the_docs_say(name, variance, link, dispersion):
    call = {"NegativeBinomial(alpha)": families.NegativeBinomial(0.5), "Tweedie(p)": families.Tweedie(1.5)}
    family = call.get(name) or getattr(families, name)
    assert family.link.name == link
    assert family.has_dispersion == (dispersion == "estimated")
    words = {"mu": 0.4, "phi": 1.0, "alpha": 0.5, "p": 1.5, "trials": 1.0}
    if variance:
        formula = variance.replace("²", "**2").replace("³", "**3").replace("^", "**").replace("mu (1", "mu*(1")
        formula = re.sub(r"(phi|alpha) mu", r"\1*mu", formula)
        assert family.variance(0.4) == pytest.approx(eval(formula, {}, words), rel=1e-12)


def test_tweedie_alone_leaves_a_series_out_and_bernoulli_and_categorical_alone_give_labels():
    made = [*families.FAMILIES.values(), families.NegativeBinomial(0.5), families.Tweedie(1.5), families.Tweedie(2.5)]
    assert {f.name for f in made if not f.complete} == {"tweedie(1.5)", "tweedie(2.5)"}
    assert {f.name for f in made if f.labelled} == {"bernoulli", "categorical"}
    assert isnan(families.Tweedie(1.5).slopes[0])
