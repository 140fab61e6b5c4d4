"""What a call means when nothing is said: every default of the GLM side in one table, and the numbers that the docs state."""

import inspect
import re
from math import inf, isnan
from pathlib import Path

import pytest

import nn.families
import nn.links
import nn.regression.estimator
import nn.regression.fitted
import nn.regression.given
import nn.regression.glm
import nn.regression.neural_glm
import nn.regression.predictor
import nn.regression.summary
from nn import families, links
from nn.regression.objective import WIDE
from nn.regression.solvers.factors import WELL
from nn.regression.solvers.table import MANY

ROOT = Path(__file__).parents[2]
MODULES = (
    nn.families, nn.links, nn.regression.estimator, nn.regression.fitted, nn.regression.given, nn.regression.glm,
    nn.regression.neural_glm, nn.regression.predictor, nn.regression.summary,
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
    "fitted.Fitted.cov_params": {"kind": None},
    "fitted.Fitted.standard_errors": {"kind": None},
    "fitted.Fitted.conf_int": {"level": 0.95, "kind": None},
    "fitted.Fitted.summary": {"kind": None, "level": 0.95},
    "fitted.Fitted.residuals": {"kind": "deviance"},
    "predictor.Predictor.decision_function": NEW_ROWS,
    "predictor.Predictor.predict_mean": NEW_ROWS,
    "predictor.Predictor.predict": NEW_ROWS,
    "predictor.Predictor.predict_proba": NEW_ROWS,
    "fitted.Fitted.predict_interval": {"level": 0.95, "of": "mean", "kind": None, **NEW_ROWS},
    "predictor.Predictor.score": {"sample_weight": None, **NEW_ROWS},
    "glm.GLM.graph": {"y": None, "offset": 0.0},
    "neural_glm.NeuralGLM": {
        "family": "gaussian", "link": None, "hidden": (16,), "activation": "tanh", "alpha": 0.0, "dropout": 0.0, "optimizer": None,
        "epochs": 1000, "batch_size": None, "validation": None, "patience": 20, "rng": 0, "threads": 1, "keep_rows": False,
    },
    "neural_glm.NeuralGLM.fit": {"sample_weight": None, **NEW_ROWS},
    "neural_glm.NeuralGLM.graph": {"y": None, "offset": 0.0},
    "given.offset_of": {"classes": 1},
    "families.Family": {
        "support": REAL, "link": None, "deviance": None, "targets": "numbers", "labelled": False, "distribution": None,
        "complete": True, "name": "", "formula": "",
    },
    "families.Family.loss": {"link": None, "phi": 1.0},
    "families.Family.unit_deviance": {"phi": 1.0},
    "links.Link": {"range": REAL, "domain": REAL, "log": None, "log1m": None, "several": False, "cross": None, "name": "", "formula": ""},
}  # fmt: skip


def public(module):
    """The functions and classes that a module defines, and the methods of these, by name."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", "") != module.__name__ or not callable(found):
            continue
        if isinstance(found, (families.Family, links.Link)):
            continue
        path = f"{module.__name__.removeprefix('nn.').removeprefix('regression.')}.{name}"
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
    own = f"{module.__name__.removeprefix('nn.').removeprefix('regression.')}."
    assert found == {
        path: {k: "nan" if x != x else x for k, x in values.items()}
        for path, values in DEFAULTS.items()
        if path.startswith(own)
    }


DOCS = re.sub(r"\s+", " ", (ROOT / "docs" / "glm.md").read_text(encoding="utf-8"))
STATED = [
    (r"alpha is (\d+) unless asked", DEFAULTS["glm.GLM"]["alpha"]),
    (r"the default up to ([\d,]+) coefficients", MANY),
    (r"up to (\d+) coefficients one compiled program", WIDE),
    (r"its condition, columns scaled, is below 10\^(\d+)", round(-__import__("math").log10(WELL))),
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
