"""L-BFGS, with SciPy's line search and SciPy's inverse Hessian of few pairs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

from autograd import Value

from .base import Keeper, leaves

Evaluate = Callable[[Any], tuple[float, Any]]
ROUNDING = 2.0**-53
LEAST = (
    1e-8 * ROUNDING
)  # of the loss, that a step should gain to be worth it: the gradient tells of less than the loss does


@dataclass(slots=True)
class LBFGS(Keeper):
    """The quasi-Newton method of limited memory (Liu, Nocedal 1989): a step goes along minus H g, H being an inverse Hessian
    made of the last `memory` pairs of moves and changes of the gradient, as far as the strong Wolfe conditions ask. Before these pairs
    it is the square of a unit, that of the last pair (their formula 7.20 in Nocedal, Wright 2006).

    H is `scipy.optimize.LbfgsInvHessProduct`, the search `scipy.optimize.line_search`. A step needs the loss at other places too:
    `step(closure)` is given a function that sets the gradients to 0, calls `backward()` and returns the loss. It is for all rows at
    once, not for mini-batches. After a step, `gain` is the share of the loss that it was expected to gain: at a minimum next to none.

    Raises ValueError for a memory below 1, and for parameters that are none, not leaves, or twice there, TypeError for what is no
    number.

    >>> x, y = Value(-1.0), Value(2.0)
    >>> optimizer = LBFGS([x, y])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(60):
    ...     loss = optimizer.step(closure)
    >>> f"{x.data:.6f} {y.data:.6f}"
    '1.000000 1.000000'
    """

    parameters: Iterable[Value]
    memory: int = 10
    states: list[Any] = field(init=False, repr=False)
    gain: float = field(init=False, repr=False, default=inf)

    def __post_init__(self) -> None:
        if isinstance(self.memory, bool) or not isinstance(self.memory, int):
            raise TypeError(f"LBFGS expects memory to be a number, got {type(self.memory).__name__}")
        if self.memory < 1:
            raise ValueError(f"LBFGS expects memory at least 1, got {self.memory}")
        self.parameters = leaves(self.parameters, "LBFGS")
        self.states = []

    @property
    def groups(self) -> Sequence[LBFGS]:
        """The optimizers that it consists of: itself."""
        return (self,)

    def settings(self) -> dict[str, Any]:
        """Return the options that it has now, by name."""
        return {"memory": self.memory}

    def state_dict(self) -> dict[str, Any]:
        """Return its kind, its options and the pairs that it remembers."""
        return {"kind": "LBFGS", "options": self.settings(), "states": [[*pair] for pair in self.states]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set options and states to those of a `state_dict()`. Raises ValueError for one of another kind or size."""
        count = len(list(self.parameters))
        if state.get("kind") != "LBFGS":
            raise ValueError(f"LBFGS.load_state_dict() expects the state of LBFGS, got one of {state.get('kind')}")
        if any(len(part) != count for pair in state["states"] for part in pair):
            raise ValueError(f"LBFGS.load_state_dict() expects states for {count} parameters, got other ones")
        self.memory, self.states = state["options"]["memory"], [[*pair] for pair in state["states"]]

    def step(self, closure: Callable[[], Any]) -> Any:
        """Move the parameters, and return the loss, as `closure` gave it, where they were."""
        import numpy as np

        parameters = list(self.parameters)
        before = [p.data for p in parameters]

        def evaluate(numbers: Any) -> tuple[float, Any]:
            for parameter, number in zip(parameters, numbers, strict=True):
                parameter.data = float(number)
            loss = closure()
            return float(getattr(loss, "data", loss)), np.array([p.grad for p in parameters])

        first = closure()
        gradient = np.array([p.grad for p in parameters])
        numbers = np.array(before)
        try:
            numbers = self.search(numbers, float(getattr(first, "data", first)), gradient, evaluate)
        finally:
            for parameter, number in zip(parameters, numbers.tolist(), strict=True):
                parameter.data = number
        return first

    def search(self, x: Any, value: float, gradient: Any, evaluate: Evaluate) -> Any:
        """Return the numbers after a step from x, where loss and gradient are known; where no step makes the loss smaller, x."""
        import numpy as np
        from scipy.optimize import LbfgsInvHessProduct, line_search

        kept: dict[bytes, tuple[float, Any]] = {x.tobytes(): (value, gradient)}

        def at(place: Any) -> tuple[float, Any]:
            key = place.tobytes()
            if key not in kept:
                kept[key] = evaluate(place)
            return kept[key]

        for pairs in (self.states, []):  # where the memory leads nowhere, the gradient may
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # that the search found nothing: it says so by None, too
                direction = -gradient
                if pairs:
                    moves, changes = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
                    unit = np.sqrt(moves[-1] @ changes[-1]) / np.linalg.norm(
                        changes[-1]
                    )  # in which SciPy's first H is 1
                    direction = unit * LbfgsInvHessProduct(moves / unit, changes * unit).matvec(unit * direction)
                slope = float(gradient @ direction)
                if not isfinite(slope):  # of a loss next to 0
                    continue
                self.gain = 0.5 * abs(slope / value) if value else inf
                if self.gain < LEAST:
                    return x
                along = direction if pairs else direction / max(1.0, float(np.linalg.norm(gradient)))
                share = line_search(lambda z: at(z)[0], lambda z: at(z)[1], x, along, gradient, value)[0]
                if share is None and pairs and _flatter(value, slope, *at(x + along), along):
                    share = 1.0
                after = x if share is None else x + share * along
                if share is not None and np.isfinite(after).all():
                    move, change = after - x, at(after)[1] - gradient
                    pairs = [*pairs, [move.tolist(), change.tolist()]] if move @ change > 0.0 else [*pairs]
                    self.states = pairs[-self.memory :]
                    return after
        return x


def _flatter(value: float, slope: float, after: float, gradient: Any, along: Any) -> bool:
    """Whether a step makes the slope along it smaller, where the loss says nothing more: it is the same but for rounding.

    So a minimum is found to the digits of the gradient, not to half of them (Hager, Zhang 2005: approximate Wolfe conditions).
    """
    return bool(after <= value + 4.0 * ROUNDING * abs(value) and abs(gradient @ along) < 0.9 * abs(slope))
