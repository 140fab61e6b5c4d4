"""One derivative beside another: what was compared, how far they are apart, and how much was allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .differences import EPSILON, Differences, Estimate
from .remainders import slope_instead

FROM_DIFFERENCES, FROM_REMAINDER = "from central differences", "from the Taylor remainder"
NEAR = 0.1  # share of the distance between two numbers: what is so near to one of them is not the other
ROUNDED = 32.0  # times the distance from 1 to the next number: as near as two derivatives may be expected
APART = 1e-3  # by what share the slopes on both sides differ where that is told


@dataclass(frozen=True)
class Comparison:
    """One derivative, exact and numerical; `share` is their difference over the one `allowed`.

    `sharp` is the derivative at 60 digits where there is one (`way` says if it is a complex step), and `ulps` how far the exact one is from it.
    """

    where: str
    expected: float
    got: float
    share: float
    left: float
    right: float
    output: int = 0
    step: float = 0.0
    source: str = FROM_DIFFERENCES
    origin: str = "the rules"
    sharp: float | None = None
    way: str = ""
    allowed: float = 0.0

    @property
    def ulps(self) -> float:
        """How far the exact derivative is from that at 60 digits, in units in the last place of it; nan where there is none."""
        if self.sharp is None:
            return math.nan
        return abs(self.got - self.sharp) / math.ulp(self.sharp) if self.got != self.sharp else 0.0

    def __str__(self) -> str:
        text = f"{self.where}: expected {self.expected!r} {self.source}, got {self.got!r} from {self.origin}"
        if self.sharp is not None and self.source != self.way:
            text += f"; {self.way} it is {self.sharp!r}"
        if not abs(self.left - self.right) > APART * (1.0 + abs(self.expected)):
            return text
        return f"{text}; the slope is {self.left:.6g} from the left, {self.right:.6g} from the right"


@dataclass(frozen=True)
class Verdict:
    """How many derivatives agreed, and the one that came nearest to the difference allowed.

    `ulps` is how far the worst of them is from its value at 60 digits, in units in the last place (nan where not all could be computed
    so), and `rate` the lowest power of the step with which a Taylor remainder shrinks: 2 or more for a right gradient.
    """

    compared: int
    worst: Comparison
    ulps: float = math.nan
    rate: float = math.inf
    what: str = "derivatives"

    def __str__(self) -> str:
        told = f"{self.compared} {self.what} agree" if self.compared != 1 else f"1 {self.what.removesuffix('s')} agrees"
        told += f"; at the worst, {self.worst}"
        if not math.isnan(self.ulps):
            told += f"; the furthest from the derivative {self.worst.way} is {self.ulps:.3g} ulp off"
        elif self.what == "derivatives":
            told += "; not all have values of many digits: differences alone judge the others"
        return told if self.rate == math.inf else f"{told}; the Taylor remainder goes with h**{self.rate:.2f}"


def compared(
    differences: Differences, output: int, where: str, got: float, tolerances: tuple[float, float]
) -> Comparison:
    """Return the derivative of an output beside the exact one; other steps are tried if the usual one does not agree.

    Where these do not agree either, the Taylor remainder decides which of the two is off. An infinite derivative is right where the slopes
    grow without end.
    """
    first, finer = roughly(differences, output, where, got, tolerances)
    if max(first.share, finer.share) <= 1.0:
        return first
    best = beside(differences, differences.best[output], output, where, got, tolerances)
    if best.share <= 1.0:
        return best
    infinite = {slope for slope in differences.endless(output) if slope is not None and math.isinf(slope)}
    if infinite:
        return (
            replace(best, expected=got, share=0.0) if infinite == {got} and differences.cusp(output) is None else best
        )
    instead = slope_instead(differences, output, best.expected, got)
    if instead is None:
        return best
    return replace(best, expected=instead, share=1.0, source=best.source.replace(FROM_DIFFERENCES, FROM_REMAINDER))


def tell_apart(differences: Differences, output: int, got: float, sharp: float) -> bool:
    """Return whether some difference is near `sharp`, and too exact to be as near to `got`."""
    for one in (differences.usual[output], differences.finer[output], differences.best[output]):
        near = abs(one.slope - sharp) + one.error
        if near <= NEAR * abs(got - sharp) and abs(one.left - one.right) <= abs(got - sharp):
            return True
    return False


def roughly(
    differences: Differences, output: int, where: str, got: float, tolerances: tuple[float, float]
) -> tuple[Comparison, Comparison]:
    """Return the derivative of an output beside the estimates of the usual step and of a finer one."""
    usual, finer = differences.usual[output], differences.finer[output]
    return (
        beside(differences, usual, output, where, got, tolerances),
        beside(differences, finer, output, where, got, tolerances),
    )


def beside(
    differences: Differences, estimate: Estimate, output: int, where: str, got: float, tolerances: tuple[float, float]
) -> Comparison:
    """Return the derivative of an output beside one estimate."""
    rtol, atol = max(tolerances[0], ROUNDED * differences.epsilon), tolerances[1]
    allowed = atol + rtol * abs(estimate.slope) + estimate.error
    share = _share(estimate.slope, got, allowed)
    usual = differences.usual[output]
    sides = usual if math.isfinite(usual.left + usual.right) else estimate
    source = f"from differences to the {estimate.side} only" if estimate.side else FROM_DIFFERENCES
    source += " in float32" if differences.epsilon > EPSILON else ""
    return Comparison(
        where, estimate.slope, got, share, sides.left, sides.right, output, estimate.step, source, allowed=allowed
    )


def _share(expected: float, got: float, allowed: float) -> float:
    if expected == got or (math.isnan(expected) and math.isnan(got)):
        return 0.0
    share = abs(expected - got) / allowed if allowed else math.inf
    return math.inf if math.isnan(share) else share
