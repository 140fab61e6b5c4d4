"""GAM beside its peers: make bench-gam, or python -m benchmarks.gam.

10^5 rows and three smooth functions of 10 splines each, whose lambdas every library chooses by its own criterion: ours by REML and by GCV
or UBRE, pyGAM by its grid search of GCV or UBRE (one lambda for all terms, 11 of them), statsmodels' GLMGam by its search of
GCV with SciPy's minimize (its default, basinhopping, had not ended after five minutes on 20,000 rows), mgcv-rust and gamfit by REML, R's mgcv by bam with fREML, with and
without discretized features, if Rscript is there. All take turns; the first turn, in which some of them compile, is not counted, but of those who take more than 20 seconds. Medians
over the rounds are printed, with ratios to our REML: 2.0 says that a peer takes twice our time. Beside each is the root mean squared error
of its predictor from the one that the data were made with. The garbage collector is on; ours takes two threads.

pyGAM needs SciPy below 1.17, so all of this has an environment of its own. gamfit is under the AGPL: it is asked here, and nothing is taken
from it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from nn import GAM
from nn.smooths import s

FAMILIES = ("gaussian", "poisson", "bernoulli")
SLOW = 20.0  # seconds, from which on a peer is asked once
IN_R = {"gaussian": "gaussian", "poisson": "poisson", "bernoulli": "binomial"}
LINKS: dict[str, Callable[[Any], Any]] = {
    "gaussian": np.asarray, "poisson": np.log, "bernoulli": lambda mean: np.log(mean / (1.0 - mean)),
}  # fmt: skip
Fit = Callable[[str, Any, Any], Any]  # family, X, y -> the predictor of each row


def dataset(family: str, rows: int) -> tuple[Any, Any, Any]:
    """Features, observations, and the predictor that made them."""
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(rows, 3))
    eta = np.sin(6.0 * X[:, 0]) + X[:, 1] ** 2 - np.exp(-3.0 * X[:, 2])
    draws: dict[str, Callable[[], Any]] = {
        "gaussian": lambda: eta + 0.5 * rng.standard_normal(rows),
        "poisson": lambda: rng.poisson(np.exp(eta)).astype(np.float64),
        "bernoulli": lambda: (rng.random(rows) < 1.0 / (1.0 + np.exp(-eta))).astype(np.float64),
    }
    return X, draws[family](), eta


def ours(lam: str) -> Fit:
    """Our fit by a criterion."""
    return lambda family, X, y: GAM([s(0), s(1), s(2)], family, lam=lam, threads=2).fit(X, y).decision_function(X)


def by_pygam(family: str, X: Any, y: Any) -> Any:
    """The fit of pyGAM."""
    pygam: Any = import_module("pygam")
    kind = {"gaussian": pygam.LinearGAM, "poisson": pygam.PoissonGAM, "bernoulli": pygam.LogisticGAM}[family]
    terms = pygam.s(0, n_splines=10) + pygam.s(1, n_splines=10) + pygam.s(2, n_splines=10)
    model = kind(terms).gridsearch(X, y, progress=False)
    return model._linear_predictor(X)


def by_statsmodels(family: str, X: Any, y: Any) -> Any:
    """The fit of statsmodels."""
    sm: Any = import_module("statsmodels.api")
    gam: Any = import_module("statsmodels.gam.api")
    splines = gam.BSplines(X, df=[10, 10, 10], degree=[3, 3, 3])
    kind: Any = getattr(sm.families, {"gaussian": "Gaussian", "poisson": "Poisson", "bernoulli": "Binomial"}[family])()
    model = gam.GLMGam(y, exog=np.ones((len(y), 1)), smoother=splines, family=kind, alpha=[1.0] * 3)
    model.fit()  # without it the search does not begin
    model.alpha, *_ = model.select_penweight(criterion="gcv", method="minimize")
    return kind.link(model.fit().fittedvalues)


def by_rust(family: str, X: Any, y: Any) -> Any:
    """The fit of mgcv-rust."""
    make: Any = import_module("mgcv_rust").Gam
    model = make(family=IN_R[family], k_default=10, method="REML").fit(X, y)
    mean = np.asarray(model.predict(X)).ravel()
    return LINKS[family](mean)


def by_gamfit(family: str, X: Any, y: Any) -> Any:
    """The fit of gamfit."""
    gamfit = import_module("gamfit")
    table = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y}
    model = gamfit.fit(table, "y ~ s(a, k=10) + s(b, k=10) + s(c, k=10)", family=family)
    mean = np.asarray(model.predict(table)).ravel()
    return LINKS[family](mean)


PEERS: dict[str, Fit] = {
    "ours, REML": ours("reml"), "ours, GCV or UBRE": ours("gcv"), "pyGAM": by_pygam, "statsmodels": by_statsmodels,
    "mgcv-rust": by_rust, "gamfit": by_gamfit,
}  # fmt: skip


def by_r(family: str, X: Any, y: Any, eta: Any, rounds: int) -> Iterator[tuple[str, list[float], float]]:
    """What R says, where it is there."""
    if shutil.which("Rscript") is None:
        print("(R is not there)")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        np.c_[X, y, eta].astype(np.float64).tofile(file)
        script = str(Path(__file__).with_suffix(".R"))
        for name, discrete in (("mgcv's bam", "no"), ("mgcv's bam, discrete", "yes")):
            command = ["Rscript", script, str(file), IN_R[family], str(rounds), discrete]
            lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
            numbers = [list(map(float, line.split())) for line in lines if line]
            yield name, [row[0] for row in numbers], numbers[0][1]


def compare(family: str, rows: int, rounds: int) -> None:
    """Print the rows of a family."""
    X, y, eta = dataset(family, rows)
    times: dict[str, list[float]] = {name: [] for name in PEERS}
    errors: dict[str, float] = {}
    for turn in range(rounds + 1):
        for name, fit in PEERS.items():
            if turn > 0 and (name not in errors or times[name][:1] > [SLOW]):
                continue
            begin = time.perf_counter()
            try:
                found = fit(family, X, y)
            except Exception as trouble:  # a peer that fails is told of, and left out
                print(f"{name}: {type(trouble).__name__}: {str(trouble)[:100]}")
                continue
            seconds = time.perf_counter() - begin
            errors[name] = float(np.sqrt(np.mean((np.asarray(found) - eta) ** 2)))
            if turn > 0 or seconds > SLOW:
                times[name].append(seconds)
    told = [(name, times[name], errors[name]) for name in errors]
    told += by_r(family, X, y, eta, rounds)
    own = median(times["ours, REML"])
    print(f"\n{family}, {rows:,} rows{'':12}{'seconds':>9}{'ratio':>8}{'error':>10}")
    for name, taken, error in told:
        print(f"{name:34}{median(taken):9.2f}{median(taken) / own:8.2f}{error:10.5f}", flush=True)


def main() -> None:
    """Compare all families."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=FAMILIES)
    parser.add_argument("--without", nargs="+", choices=list(PEERS), default=[], help="peers that are not asked")
    given = parser.parse_args()
    for name in given.without:
        del PEERS[name]
    warnings.simplefilter("ignore")
    for family in given.families:
        compare(family, given.rows, given.rounds)


if __name__ == "__main__":
    main()
