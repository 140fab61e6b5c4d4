"""GLM.summary(): every number printed is the one that statsmodels, or the model itself, gives, in its own place."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from nn import GLM
from nn.regression.summary import ERRORS

RNG = np.random.default_rng(7)
X = RNG.normal(size=(60, 2))
COUNTS = RNG.poisson(np.exp(0.4 + 0.7 * X[:, 0]))
AMOUNTS = RNG.gamma(2.0, np.exp(0.3 - 0.5 * X[:, 1]) / 2.0)


NAMES = [
    "family", "link", "rows", "degrees of freedom", "deviance", "null deviance", "dispersion", "log-likelihood", "AIC", "BIC",
    "iterations",
]  # fmt: skip
FACT = re.compile(rf"({'|'.join(NAMES)}) +(\d+, NOT CONVERGED|\S+)")


def printed(text):
    """The title, the facts, the headings, the rows and the note of a summary that was printed."""
    head, table, note = text.split("\n\n")
    title, *lines = head.splitlines()
    assert len({len(line) for line in lines[:-1]}) == len({len(line) for line in table.splitlines()}) == 1
    pairs = [FACT.findall(line) for line in lines]
    assert [" ".join(line.split()) for line in lines] == [" ".join(map(" ".join, pair)) for pair in pairs]
    facts = [pair[0] for pair in pairs] + [pair[1] for pair in pairs if len(pair) > 1]
    rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()]
    return title, facts, ["", *rows[0]], rows[1:], note


def shown(html):
    """The same of a summary that a notebook shows."""
    page = ElementTree.fromstring(html)
    assert not any((e.tail or "").strip() for e in page.iter())
    facts, table = page.findall("table")
    cells = [[cell.text or "" for cell in tr] for tr in table.iter("tr")]
    return (
        page.find("b").text,
        [tuple(td.text for td in tr) for tr in facts],
        cells[0],
        cells[1:],
        page.find("small").text,
    )


def expected(model, kind, level):
    """What is to be told, from the model's own numbers and SciPy's distributions."""
    estimates, errors = model.parameters_, model.standard_errors(kind)
    low, high = np.asarray(model.conf_int(level, kind)).T
    student = model.family in ("gaussian", "gamma")
    made = stats.t(len(X) - len(estimates)) if student else stats.norm()
    facts = {
        "family": model.family, "link": "log", "rows": "60", "degrees of freedom": f"{60 - len(estimates)}",
        "deviance": model.deviance_, "null deviance": model.null_deviance_, "dispersion": model.dispersion_,
        "log-likelihood": model.loglik_, "AIC": model.aic_, "BIC": model.bic_, "iterations": f"{model.n_iter_}",
    }  # fmt: skip
    heads = [
        "",
        "estimate",
        "std. error",
        "t" if student else "z",
        "p",
        f"{50 - 50 * level:g} %",
        f"{50 + 50 * level:g} %",
    ]
    rows = [
        [name, f"{x:.6g}", f"{e:.6g}", f"{x / e:.3f}", f"{2.0 * made.sf(abs(x / e)):.3g}", f"{lo:.6g}", f"{hi:.6g}"]
        for name, x, e, lo, hi in zip(model.parameter_names_, estimates, errors, low, high, strict=True)
    ]
    facts = [(name, fact if isinstance(fact, str) else f"{fact:.6g}") for name, fact in facts.items()]
    return "Generalized linear model", facts, heads, rows, f"standard errors: {ERRORS[kind]}"


@pytest.mark.parametrize(("family", "y"), [("poisson", COUNTS), ("gamma", AMOUNTS)])
@pytest.mark.parametrize("kind", ["expected", "observed", "robust"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_every_number_is_the_model_s_in_print_and_in_a_notebook(family, y, kind, level):
    model = GLM(family, "log").fit(X, y)
    summary = model.summary(kind, level)
    assert printed(str(summary)) == shown(summary._repr_html_()) == expected(model, kind, level)


def test_a_poisson_fit_is_printed_as_statsmodels_has_it():
    found = sm.GLM(COUNTS, sm.add_constant(X), family=sm.families.Poisson()).fit(tol=1e-14)
    _, facts, _, rows, _ = printed(str(GLM("poisson").fit(X, COUNTS).summary()))
    facts = dict(facts)
    assert facts["deviance"] == f"{found.deviance:.6g}"
    assert facts["null deviance"] == f"{found.null_deviance:.6g}"
    assert facts["log-likelihood"] == f"{found.llf:.6g}"
    assert facts["AIC"] == f"{found.aic:.6g}"
    assert facts["BIC"] == f"{found.bic_llf:.6g}"
    columns = [found.params, found.bse, found.tvalues, found.pvalues, *found.conf_int().T]
    formats = [".6g", ".6g", ".3f", ".3g", ".6g", ".6g"]
    assert [row[1:] for row in rows] == [
        [f"{x:{form}}" for x, form in zip(row, formats, strict=True)] for row in zip(*columns, strict=True)
    ]


def test_the_words_for_the_kinds_of_standard_errors():
    assert ERRORS == {
        "expected": "expected information (Fisher's)",
        "observed": "observed information",
        "robust": "robust (sandwich)",
    }


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({"alpha": 4.0}, "standard errors: expected information (Fisher's); penalties: ridge 4, l1 0"),
        ({"alpha": 4.0, "l1_ratio": 1.0}, "penalties: ridge 0, l1 4; no standard errors with an l1 penalty"),
        ({"alpha": 4.0, "l1_ratio": 0.25}, "penalties: ridge 3, l1 1; no standard errors with an l1 penalty"),
    ],
)
def test_penalties_are_told_and_what_they_take_away(options, note):
    model = GLM("poisson", **options).fit(X, COUNTS)
    found = printed(str(model.summary()))
    assert found[-1] == note
    if model.l1_ratio:
        assert found[2] == ["", "estimate"]
        assert [row[1] for row in found[3]] == [f"{x:.6g}" for x in model.parameters_]


def test_a_fit_that_did_not_converge_says_so_beside_its_iterations():
    with pytest.warns(UserWarning, match="converge"):
        model = GLM("poisson", max_iter=1).fit(X, COUNTS)
    assert ("iterations", "1, NOT CONVERGED") in printed(str(model.summary()))[1]
