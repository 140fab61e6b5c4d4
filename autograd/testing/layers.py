"""What is compared at each order: a function, the derivatives that are claimed of it, and the directions that are tried."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

from ..modes import errstate
from ..reals import OtherForm, real
from ..transforms import jvp, vjp
from ..trees import Branch, Form, numbers_in, take_apart
from ..value import Value
from .differences import EPSILON, Differences, Flat, epsilon_of

ORDERS = ("derivative", "second derivative", "third derivative")
SMALL = 50  # numbers of which each is a direction of its own
FEW = 100  # numbers that a layer has at most; of more a random combination is taken
Rates = list[float]


class Direction(NamedTuple):
    """A direction in which a function's arguments move, and what it is called."""

    name: str
    rates: Rates


class Claimed(ABC):
    """A function of an order below, with the derivatives that are claimed of it.

    `order` is theirs, `origin` where they come from, `lifted` what the function is handed in place of a number, and `epsilon` the distance from
    1 to the next number that it knows.
    """

    order = 1
    origin: str
    lifted: Callable[[float], Any]
    epsilon: float = EPSILON

    def __init__(self, f: Flat, form: Form, point: list[float], labels: list[str]) -> None:
        self.f, self.form, self.point, self.labels = f, form, point, labels
        self.traced = f  # the same, for Values

    @abstractmethod
    def along(self, rates: Rates) -> dict[str, list[float]]:
        """The derivatives of all outputs in a direction, by where they come from."""

    @property
    @abstractmethod
    def rows(self) -> list[Rates]:
        """The derivatives of each output by each number, where they are known all at once."""


class ByRules(Claimed):
    """The derivatives that the rules make, in forward and in reverse mode."""

    origin, lifted = "the rules", Value

    def __init__(
        self,
        f: Flat,
        form: Form,
        point: list[float],
        labels: list[str],
        modes: Sequence[str],
        order: int,
        below: Flat | None,
    ) -> None:
        super().__init__(f, form, point, labels)
        self.modes, self.order, self.below = modes, order, below  # what f is the derivative of

    @cached_property
    def slopes(self) -> list[float]:
        """The derivatives of each output by each number, in reverse mode."""
        return plain(slopes_of(self.f)(*self.form.filled(self.point)))

    @property
    def rows(self) -> list[Rates]:
        """The derivatives of each output by each number, in reverse mode where that is asked for."""
        size = len(self.point)
        count = len(self.labels) if "reverse" in self.modes else 0
        return [self.slopes[i * size : (i + 1) * size] for i in range(count)]

    def along(self, rates: Rates) -> dict[str, list[float]]:
        """The derivatives of all outputs in a direction, by mode."""
        found = {}
        if "forward" in self.modes:
            args = self.form.filled(self.point)
            found["in forward mode"] = plain(jvp(self.f, args, self.form.filled(rates))[1])
        if "reverse" in self.modes:
            found["in reverse mode"] = [product(row, rates) for row in self.rows]
        return found


class ByGradient(Claimed):
    """The derivatives that somebody else's gradient reports."""

    origin, lifted = "the given gradient", float

    def __init__(
        self, f: Flat, form: Form, point: list[float], labels: list[str], gradient: Callable[..., Any]
    ) -> None:
        super().__init__(f, form, point, labels)
        self.gradient = gradient
        self.epsilon = epsilon_of(Differences(f, form, point, _weights(len(point), "digits"), len(labels), float))

    def again(self) -> ByGradient:
        """Return the same, to ask the gradient once more."""
        other = copy(self)
        vars(other).pop("rows", None)
        return other

    @cached_property
    def rows(self) -> list[Rates]:
        """The derivatives of each output by each number.

        Raises ValueError where there are more or fewer.
        """
        args = self.form.filled(self.point)
        parts = self.gradient(*args)
        if (numbers := self._by_form(parts, args)) is not None:
            return [numbers]
        blocks = list(parts) if isinstance(parts, tuple) and len(parts) == len(args) > 1 else [parts]
        flat = [_numbers(numbers_in(take_apart(block)[1])) for block in blocks]
        outputs = len(self.labels)
        if sum(map(len, flat)) != outputs * len(self.point):
            each = "1 number" if len(self.point) == 1 else f"{len(self.point)} numbers"
            wanted = each if outputs == 1 else f"{outputs} rows of {each}"
            raise ValueError(f"check_grads() expects {wanted} from gradient, got {sum(map(len, flat))}")
        widths = [len(block) // outputs for block in flat]
        return [
            [d for block, width in zip(flat, widths, strict=True) for d in block[i * width : (i + 1) * width]]
            for i in range(outputs)
        ]

    def _by_form(self, parts: Any, args: Sequence[Any]) -> Rates | None:
        """The numbers of a gradient in the form of the arguments; None where it only has as many numbers as they.

        Raises ValueError where keys differ: they are not matched by their order.
        """
        if len(self.labels) > 1:
            return None
        tree = (parts,) if len(args) == 1 else parts
        try:
            return _numbers(self.form.matched(tree, "check_grads()", "the gradient", "the arguments"))
        except OtherForm:
            if any(isinstance(part, Branch) and part.base is dict for part in take_apart(tree)[0].parts):
                raise
            return None

    def along(self, rates: Rates) -> dict[str, list[float]]:
        """The derivatives of all outputs in a direction."""
        return {"as given": [product(row, rates) for row in self.rows]}


def layers_by_rules(
    values: Flat, form: Form, point: list[float], names: list[str], order: int, modes: Sequence[str], outputs: int
) -> list[Claimed]:
    """Return the function with its derivatives, and the same of these, up to an order."""
    labels = [""] if outputs == 1 else [f" of output {i}" for i in range(outputs)]
    f, below = values, None
    layers: list[Claimed] = []
    for step in range(order):
        if len(labels) > FEW:
            f, labels = combined(f, len(labels)), [" of a random combination"]
        layers.append(ByRules(f, form, point, [f"{ORDERS[step]}{label}" for label in labels], modes, step + 1, below))
        joint = "by" if step == 0 else "and"
        labels = [f"{label} {joint} {name}" for label in labels for name in names] if step + 1 < order else []
        f, below = slopes_of(f), f
    return layers


def flattened(f: Callable[..., Any]) -> Flat:
    """Return the function that returns the numbers in f's result in a list."""
    return lambda *args: numbers_in(take_apart(f(*args))[1])


def slopes_of(values: Flat) -> Flat:
    """Return the function that returns the derivatives of each output by each argument in a list."""

    def slopes(*args: Any) -> list[Any]:
        outputs, back = vjp(values, *args)
        rows = [back([float(i == j) for j in range(len(outputs))]) for i in range(len(outputs))]
        return [d for row in rows for d in numbers_in(take_apart(row)[1])]

    return slopes


def combined(f: Flat, outputs: int) -> Flat:
    """Return the function whose one output is a sum of all outputs with random weights."""
    weights = _weights(outputs, "outputs")

    def total(*args: Any) -> list[Any]:
        with errstate("ignore"):
            return [sum(weight * y for weight, y in zip(weights, f(*args), strict=True))]

    return total


def directions(names: Sequence[str], directional: bool | None) -> list[Direction]:
    """Return each single number as a direction, or where they are many two random ones, in which every number has its say."""
    if len(names) > 1 and (directional or (directional is None and len(names) > SMALL)):
        count = 1 if directional else 2
        return [Direction("a random direction", _weights(len(names), seed)) for seed in range(count)]
    return [Direction(name, [float(i == j) for i in range(len(names))]) for j, name in enumerate(names)]


def argument_names(args: Sequence[Any]) -> list[str]:
    """Return the name of each number: its argument's, with the place in it."""
    return [f"argument {i}{place}" for i, arg in enumerate(args) for place in take_apart(arg)[0].places()]


def _numbers(derivatives: Sequence[Any]) -> Rates:
    return [real(d, "check_grads(gradient=)") for d in derivatives]


def plain(derivatives: Sequence[Any]) -> list[float]:
    """Return derivatives as numbers: those of a function that also depends on Values from outside are Values."""
    return [d.data if type(d) is Value else d for d in derivatives]


def product(row: Sequence[float], rates: Sequence[float]) -> float:
    """Return the derivative in a direction; what does not move has no say."""
    return sum(d * rate for d, rate in zip(row, rates, strict=True) if rate)


def _weights(count: int, seed: Any) -> Rates:
    rng = random.Random(seed)
    return [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.5) for _ in range(count)]
