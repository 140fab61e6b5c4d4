"""Random tables, some of them separated, and a linear program of all their rows that says which: Konis (2007).

python tests/support/separated.py 10000        # so many tables of each family and link; prints those that disagree
"""

import sys
import warnings

import numpy as np
from scipy.optimize import linprog

from nn import GLM, SeparationWarning, families, links

# Each family whose means have a limit that observations may be at, with the links that lead there, and the way to 0 and to 1.
BINARY = [
    (family, link)
    for family in ("bernoulli", "binomial")
    for link in ("logit", "probit", "cloglog", "loglog", "cauchit")
]
COUNTS = [
    ("poisson", "log"),
    ("poisson", "inverse"),
    (families.NegativeBinomial(0.5), "log"),
    (families.Tweedie(1.5), "log"),
]
OTHERS = [("bernoulli", "log"), ("gaussian", "log"), ("categorical", "softmax")]
PAIRS = [*BINARY, *COUNTS, *OTHERS]
KINDS = ("groups", "dummies", "covariates")


def columns(kind, rng):
    """A matrix, and which of its rows are likely to be separated."""
    if kind == "groups":
        first, second = rng.integers(3, 21, 2)
        group = rng.permutation(np.r_[np.zeros(first), np.ones(second)])
        return group[:, None], group == 1.0
    if kind == "dummies":
        n = int(rng.integers(30, 60))
        group = rng.integers(0, 6, n)
        dummies = (group[:, None] == np.arange(1, 6)).astype(float)
        return np.c_[dummies, rng.integers(-3, 4, (n, 2))], group == 1
    n = int(rng.integers(6, 16))
    X = rng.integers(-4, 5, (n, int(rng.integers(1, 3)))).astype(float)
    return X, X[:, 0] > 1


def table(kind, family, link, rng):
    """Arguments of a fit: X, y, and for some tables weights and offsets."""
    X, edge = columns(kind, rng)
    n, name = len(X), families.resolved(family).name
    edge &= rng.random() < 0.8
    more = {}
    if name in ("bernoulli", "binomial"):
        y = np.where(edge, float(rng.random() < 0.5), rng.integers(0, 2, n))
        if name == "binomial":
            trials = rng.integers(1, 5, n)
            y = np.where((y == 0.0) | (y == 1.0), y, 0.5)
            successes = np.where(edge, y * trials, rng.integers(0, trials + 1))
            y = np.c_[successes, trials - successes]
    elif name == "categorical":
        y = np.where(edge, 2, rng.integers(0, 3, n))
    elif name == "gaussian":
        y = np.where(edge, -1.0, np.round(rng.normal(1.0, 1.0, n), 1))
    else:
        y = np.where(edge, 0.0, rng.poisson(1.5, n))
    if rng.random() < 0.3:
        more["sample_weight"] = rng.integers(0, 4, n).astype(float)
    if rng.random() < 0.3 and link not in ("inverse",):
        more["offset"] = rng.normal(size=(n, 3) if name == "categorical" else n)
        if (name, link) == ("bernoulli", "log"):
            more["offset"] = -np.abs(more["offset"])
    return X, y, more


def refused(X, y, family, more):
    """Whether a table is none that can be fitted: columns that depend on others, labels that are all alike."""
    kept = more.get("sample_weight", np.ones(len(X))) > 0.0
    ones = np.c_[np.ones(len(X)), X][kept]
    labels = set(y[kept]) if family == "categorical" else {0, 1, 2}
    return np.linalg.matrix_rank(ones) < ones.shape[1] or labels != {0, 1, 2}


def ways(y, family, link):
    """Which way the predictor of each row may run for ever: -1, 1, or 0 for neither; by what the means' limits are."""
    y = y[:, 0] / y.sum(axis=1) if y.ndim == 2 else y
    down = -1 if link != "inverse" else 1
    up = 0 if link in ("log", "inverse") else 1
    return np.where(y <= 0.0, down, np.where((y >= 1.0) & (families.resolved(family).targets == "binary"), up, 0))


def is_separated(X, y, family, link, more):
    """Whether some direction lets no row's likelihood fall and lets some row's grow for ever: one program of all rows."""
    kept = more.get("sample_weight", np.ones(len(X))) > 0.0
    ones, y = np.c_[np.ones(len(X)), X][kept], y[kept]
    if family == "categorical":
        made = []
        for x, own in zip(ones, y, strict=True):
            for other in {0, 1, 2} - {own}:
                row = np.zeros((3, len(x)))
                row[own], row[other] = x, -x
                made.append(row[1:].ravel())
        free, fixed = np.array(made), np.zeros((0, 2 * ones.shape[1]))
    else:
        signs = ways(y, family, link)
        free, fixed = ones[signs != 0] * signs[signs != 0][:, None], ones[signs == 0]
    if not len(free):
        return False
    equal = {"A_eq": fixed, "b_eq": np.zeros(len(fixed))} if len(fixed) else {}
    found = linprog(-free.sum(axis=0), -free, np.zeros(len(free)), bounds=(-1.0, 1.0), method="highs", **equal)
    return -found.fun > 1e-6


def disagreements(family, link, count, seed=0):
    """How many of so many random tables were separated, and those of which a fit says otherwise."""
    rng = np.random.default_rng([seed, PAIRS.index((family, link))])
    separated, wrong, tried = 0, [], 0
    while tried < count:
        X, y, more = table(KINDS[tried % 3], family, link, rng)
        if refused(X, y, family, more):
            continue
        tried += 1
        expected = is_separated(X, y, family, link, more)
        separated += expected
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = GLM(family, links.softmax if link == "softmax" else link).fit(X, y, **more)
        said = any(issubclass(w.category, SeparationWarning) for w in caught)
        if said != expected or (expected and model.converged_):
            wrong.append((X.tolist(), y.tolist(), {k: v.tolist() for k, v in more.items()}, expected))
    return separated, wrong


if __name__ == "__main__":
    for family, link in PAIRS:
        separated, wrong = disagreements(family, link, int(sys.argv[1]), seed=1)
        print(
            f"{families.resolved(family).name:22} {link:8} {separated:6} separated, {len(wrong)} wrong",
            *wrong[:1],
            flush=True,
        )
