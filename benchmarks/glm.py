"""GLM beside its peers: make bench-glm, or python -m benchmarks.glm.

10^6 rows, 10 features and an intercept, float64, all cores. The peers take turns within one process; medians over the
rounds are printed, with ratios to ours: 2.0 says that a peer takes twice our time. Ours includes the standard errors, and
so does statsmodels'; scikit-learn and glum are asked for coefficients only. scikit-learn fits by its newton-cholesky solver
(Gaussian: LinearRegression), glum and statsmodels by IRLS. The garbage collector is on. The worst difference of a
coefficient from the most exact fit of ours (tol 1e-12) is printed too: some peers stop earlier.

Memory is its growth during our fit, at the peak, over the memory of X, in a process of its own that has fitted a tenth of
the rows before.

Last come fits with an l1 penalty, 2,000 columns and 200 rows of counts, beside glum's, both at their own tolerances; the
difference is from glum at a tolerance of 1e-12. glum's alpha is of the mean over rows, ours n times that.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from nn import GLM

WORKS = {"logit": "bernoulli", "poisson": "poisson", "gamma-log": "gamma", "gaussian": "gaussian"}
STATSMODELS = {"bernoulli": "Binomial", "poisson": "Poisson", "gamma": "Gamma", "gaussian": "Gaussian"}


def dataset(work: str, rows: int) -> tuple[Any, Any]:
    """Features, and observations that a model of them makes."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, 10))
    eta = X @ (0.2 * rng.standard_normal(10)) + 0.3
    draws: dict[str, Callable[[], Any]] = {
        "logit": lambda: (rng.random(rows) < 1.0 / (1.0 + np.exp(-eta))).astype(np.float64),
        "poisson": lambda: rng.poisson(np.exp(eta)).astype(np.float64),
        "gamma-log": lambda: rng.gamma(2.0, 0.5 * np.exp(eta)),
        "gaussian": lambda: eta + rng.standard_normal(rows),
    }
    return X, draws[work]()


def ours(work: str, X: Any, y: Any, tol: float = 1e-8) -> Any:
    """Our fit, with standard errors."""
    model = GLM(WORKS[work], "log" if work == "gamma-log" else None, tol=tol, threads=os.cpu_count() or 1).fit(X, y)
    model.standard_errors()
    return np.r_[model.intercept_, model.coef_]


def by_statsmodels(work: str, X: Any, y: Any) -> Any:
    """The fit of statsmodels, whose results have standard errors."""
    sm = import_module("statsmodels.api")
    make = getattr(sm.families, STATSMODELS[WORKS[work]])
    family = make(link=sm.families.links.Log()) if work == "gamma-log" else make()
    return sm.GLM(y, sm.add_constant(X), family=family).fit().params


def by_glum(work: str, X: Any, y: Any) -> Any:
    """The fit of glum."""
    family = {"logit": "binomial", "gaussian": "normal", "gamma-log": "gamma"}.get(work, work)
    model = import_module("glum").GeneralizedLinearRegressor(
        family=family, link="log" if work == "gamma-log" else "auto", alpha=0
    )
    fitted = model.fit(X, y)
    return np.r_[fitted.intercept_, fitted.coef_]


def by_sklearn(work: str, X: Any, y: Any) -> Any:
    """The fit of scikit-learn."""
    linear = import_module("sklearn.linear_model")
    made: dict[str, Callable[[], Any]] = {
        "logit": lambda: linear.LogisticRegression(C=np.inf, solver="newton-cholesky"),
        "poisson": lambda: linear.PoissonRegressor(alpha=0.0, solver="newton-cholesky"),
        "gamma-log": lambda: linear.GammaRegressor(alpha=0.0, solver="newton-cholesky"),
        "gaussian": lambda: linear.LinearRegression(),
    }
    fitted = made[work]().fit(X, y)
    return np.r_[np.ravel(fitted.intercept_), np.ravel(fitted.coef_)]


PEERS: dict[str, Callable[[str, Any, Any], Any]] = {
    "ours": ours, "statsmodels": by_statsmodels, "glum": by_glum, "scikit-learn": by_sklearn,
}  # fmt: skip


def sparse_by_ours(alpha: float, X: Any, y: Any) -> Any:
    """Our fit with an l1 penalty."""
    return GLM("poisson", alpha=alpha * len(y), l1_ratio=1.0).fit(X, y).coef_


def sparse_by_glum(alpha: float, X: Any, y: Any, **tight: float) -> Any:
    """The fit of glum with an l1 penalty."""
    make = import_module("glum").GeneralizedLinearRegressor
    return make(family="poisson", alpha=alpha, l1_ratio=1.0, **tight).fit(X, y).coef_


def compare_sparse(rounds: int) -> None:
    """Print the rows of fits with an l1 penalty."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2000))
    y = rng.poisson(np.exp(X[:, :10] @ (0.3 * rng.choice([-1.0, 1.0], 10)))).astype(np.float64)
    print(f"\n{'l1, 200 x 2000':16}{'ours':>9}{'glum':>11}   difference of coefficients")
    for alpha in (0.1, 0.01):
        exact = sparse_by_glum(alpha, X, y, gradient_tol=1e-12, max_iter=10000)
        times: dict[Any, list[float]] = {sparse_by_ours: [], sparse_by_glum: []}
        off: list[str] = []
        for _ in range(rounds):
            off = []
            for fit, taken in times.items():
                begin = time.perf_counter()
                found = fit(alpha, X, y)
                taken.append(time.perf_counter() - begin)
                off.append(f"{np.abs(found - exact).max():.0e}")
        own, peer = (median(taken) for taken in times.values())
        print(f"alpha {alpha:<8}{own:9.3f} s{peer / own:11.1f}   ours {off[0]}, glum {off[1]}", flush=True)


def resident(what: str) -> int:
    """The memory that the process has now, VmRSS, or has had at most, VmHWM, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def memory(work: str, rows: int) -> float:
    """The growth of the memory at its peak during our fit, over the memory of X."""
    X, y = dataset(work, rows)
    ours(work, X[: rows // 10], y[: rows // 10])
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Linux: the peak begins anew
    ours(work, X, y)
    return (resident("VmHWM") - before) / float(X.nbytes)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10**6)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", choices=WORKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.memory:
        print(memory(options.memory, options.rows))
        return
    names = {"statsmodels": "statsmodels", "glum": "glum", "scikit-learn": "sklearn"}
    print("with", ", ".join(f"{name} {import_module(module).__version__}" for name, module in names.items()))
    print(f"{options.rows:,} rows, 10 features and an intercept, medians of {options.rounds} rounds\n")
    print(
        f"{'':12}{'ours':>10}"
        + "".join(f"{name:>14}" for name in names)
        + f"{'memory':>10}   difference of coefficients"
    )
    for work in WORKS:
        X, y = dataset(work, options.rows)
        exact = ours(work, X, y, 1e-12)  # and warm
        times: dict[str, list[float]] = {name: [] for name in PEERS}
        found: dict[str, Any] = {}
        for _ in range(options.rounds):
            for name, fit in PEERS.items():
                begin = time.perf_counter()
                found[name] = fit(work, X, y)
                times[name].append(time.perf_counter() - begin)
        middle = {name: median(taken) for name, taken in times.items()}
        ratios = "".join(f"{middle[name] / middle['ours']:14.1f}" for name in names)
        command = [sys.executable, "-m", "benchmarks.glm", "--memory", work, "--rows", str(options.rows)]
        grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        off = ", ".join(f"{name} {np.abs(found[name] - exact).max():.0e}" for name in PEERS)
        print(f"{work:12}{middle['ours']:8.3f} s{ratios}{grown:9.2f}X   {off}", flush=True)
    compare_sparse(options.rounds)


if __name__ == "__main__":
    main()
