"""Whether the fit of an additive model can be trusted: bases that are too small, terms that nearly say the same, residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..axes import COLOURS, finished, four_axes
from .source import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOME, TIMES = 5000, 400  # rows that are looked at, and how often they are shuffled
DOUBT, FULL = (
    0.05,
    0.7,
)  # the p-value below which a basis may be too small, and the share of its functions that is then in use
ALIKE = 0.8  # the concurvity above which two terms say nearly the same


class Basis(NamedTuple):
    """Whether a term may bend as much as it needs: its number of functions, its effective degrees of freedom, the mean squared difference of
    residuals of neighbours along its feature over that of all, and how often shuffled residuals are as much alike.
    """

    functions: int
    edf: float
    ratio: float
    p: float


class Concurvity(NamedTuple):
    """How much of a term another one can say, from 0 to 1: of any function of it, of the one that was fitted, and of all on average."""

    worst: float
    observed: float
    estimate: float


@dataclass(frozen=True, eq=False)
class Check:
    """What `GAM.check` returns: for each smooth term its `bases`, for each pair of terms (that which is said, by which) its `concurvity`, and
    of each row the predictor, the mean, the observation and the deviance residual.
    """

    bases: dict[str, Basis]
    concurvity: dict[tuple[str, str], Concurvity]
    eta: Array
    mean: Array
    y: Array
    residuals: Array

    def __str__(self) -> str:
        lines = [f"{'smooth term':24}{'functions':>10}{'edf':>8}{'ratio':>8}{'p':>8}"] if self.bases else []
        for name, row in self.bases.items():
            doubt = "  perhaps too few functions: raise n_basis" * (row.p < DOUBT and row.edf > FULL * row.functions)
            lines.append(f"{name:24}{row.functions:10d}{row.edf:8.2f}{row.ratio:8.3f}{row.p:8.3f}{doubt}")
        if self.concurvity:
            lines += ["", f"{'term':24}{'said by':24}{'worst':>8}{'observed':>10}{'estimate':>10}"]
        for (name, by), found in self.concurvity.items():
            doubt = "  hard to tell apart" * (found.worst > ALIKE)
            lines.append(f"{name:24}{by:24}{found.worst:8.3f}{found.observed:10.3f}{found.estimate:10.3f}{doubt}")
        return "\n".join(lines).strip()

    __repr__ = __str__

    def plot(self, axes: Sequence[Axes] | None = None) -> Sequence[Axes]:
        """Draw the residuals on four matplotlib Axes, new ones if there are none: against normal quantiles, against the predictor, as a
        histogram, and the observations against the means.

        Raises ValueError for another number of Axes, and for several classes, whose residuals are not on one scale.
        """
        from scipy.stats import norm

        if self.residuals.shape[1] > 1:
            raise ValueError("Check.plot() draws the residuals of a single mean, and here are several classes")
        four = four_axes() if axes is None else list(np.ravel(np.array(axes, dtype=object)))
        if len(four) != 4:
            raise ValueError(f"Check.plot() expects four Axes, got {len(four)}")
        rest = self.residuals[:, 0]
        quantiles = norm.ppf((np.arange(len(rest)) + 0.5) / len(rest))
        for ax, x, y, names in (
            (four[0], quantiles, np.sort(rest), ("normal quantile", "deviance residual")),
            (four[1], self.eta[:, 0], rest, (r"predictor $\eta$", "deviance residual")),
            (four[3], self.mean, self.y, (r"mean $\mu$", "observation $y$")),
        ):
            ax.plot(x, y, ".", color=COLOURS[0], markersize=3.0)
            ax.set(xlabel=names[0], ylabel=names[1])
        four[0].axline((0.0, float(rest.mean())), slope=float(rest.std()), color=COLOURS[1], linewidth=1.0)
        four[1].axhline(0.0, color=COLOURS[1], linewidth=1.0)
        four[2].hist(rest, bins="auto", color=COLOURS[0])
        four[2].set(xlabel="deviance residual", ylabel="rows")
        four[3].axline((float(self.mean.mean()),) * 2, slope=1.0, color=COLOURS[1], linewidth=1.0)
        return [finished(ax) for ax in four]


def basis_check(x: Array, residuals: Array, functions: int, edf: float) -> Basis:
    """Return whether neighbours along a feature have residuals, (n, K), that are more alike than those of any rows: then the function could not
    follow. Of many rows some are looked at; the shuffles are the same at each call.

    Source: Wood, Generalized Additive Models, 2017, section 5.9.
    """
    random = np.random.default_rng(0)
    if len(x) > SOME:
        some = random.choice(len(x), SOME, replace=False)
        x, residuals = x[some], residuals[some]
    along = _roughness(residuals[np.argsort(x, kind="stable")])
    whole = float((residuals**2).sum(axis=1).mean())
    shuffled = [_roughness(random.permutation(residuals)) for _ in range(TIMES)]
    return Basis(functions, edf, along / whole if whole else 1.0, float(np.mean(np.array(shuffled) < along)))


def concurvity_of(columns: Array, others: Array, coefficients: Array) -> Concurvity:
    """Return how much of a term's columns, times (K) blocks of coefficients (k, K), those of another can say; constants count as said.

    Source: Wood, Generalized Additive Models, 2017, section 5.6.3.
    """
    other, _ = np.linalg.qr(others - others.mean(axis=0))
    own = columns - columns.mean(axis=0)
    basis, _ = np.linalg.qr(own)
    fitted, said = own @ coefficients, other.T @ own
    worst = float(np.linalg.norm(other.T @ basis, 2)) ** 2
    shares = [
        (part**2).sum() / max(float((whole**2).sum()), 1e-300)
        for part, whole in ((other.T @ fitted, fitted), (said, own))
    ]
    return Concurvity(min(1.0, worst), *map(float, shares))


def _roughness(residuals: Array) -> float:
    """Half the mean squared difference of neighbours."""
    return 0.5 * float((np.diff(residuals, axis=0) ** 2).sum(axis=1).mean())
