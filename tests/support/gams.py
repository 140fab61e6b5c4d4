"""The fits that mgcv answered for: their rows, terms and answers, as tests/peers/gam_references.R asked for them."""

import json
from pathlib import Path

import pandas

from nn import GAM
from nn.smooths import f, s

ANSWERS = json.loads((Path(__file__).parents[1] / "peers" / "gam_answers.json").read_text(encoding="utf-8"))["fits"]
FAMILIES = {"gaussian": "gaussian", "binomial": "bernoulli", "poisson": "poisson", "Gamma": "gamma"}
TERMS = {  # as tests/peers/gam_references.R has them: what is to be explained, and each smooth term
    "mcycle": ("accel", {"times": {"n_basis": 20}}),
    "iris": ("Petal.Width", {"Sepal.Length": {"n_basis": 8}, "Sepal.Width": {"n_basis": 7, "penalty": "curvature"}}),
    "quakes": ("stations", {"mag": {"n_basis": 8, "order": 1}, "depth": {"n_basis": 10}}),
    "kyphosis": ("Kyphosis", {"Age": {"n_basis": 8}, "Start": {"n_basis": 7}}),
    "trees": ("Volume", {"Girth": {"n_basis": 6}, "Height": {"n_basis": 6, "penalty": "curvature"}}),
}


def fitted(name, how="fixed", **given):
    answer = ANSWERS[name]
    y, smooths = TERMS[name]
    table = pandas.DataFrame(answer["data"])
    lams = answer["fixed"]["lambdas"] if how == "fixed" else [None] * len(smooths)
    terms = [
        s(column, knots=answer["knots"][column], lam=lam, **options)
        for (column, options), lam in zip(smooths.items(), lams, strict=True)
    ]
    terms += [f("Species")] if name == "iris" else []
    lam = "gcv" if how == "gcv" else "reml"
    return (
        GAM(terms, FAMILIES[answer["family"]], answer["link"], lam=lam, **given).fit(table, table[y]),
        table,
        answer[how],
    )
