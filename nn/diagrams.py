"""Diagrams of models, as the lectures draw them: inputs, layers, mean, observation and loss, with numbers and gradients where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from numbers import Real
from reprlib import repr as short
from typing import Any, NamedTuple

from autograd import Diagram, Value, errstate

from . import losses
from .families import Family
from .links import Link, identity
from .names import look_up, unwrapped

GREEK = {
    "mu": "μ",
    "phi": "φ",
    "eta": "η",
    "**2": "²",
    "**3": "³",
    "**": "^",
    "*": " ",
    "_k": "ₖ",
    "_j": "ⱼ",
    "sum": "Σ",
}


class Head(NamedTuple):
    """What comes behind a network's outputs: the mean, if there is a link, and the loss, by its name and its formula."""

    loss: Callable[[Any, Any], Any]
    link: Link | None = None
    family: Family | None = None
    labels: Sequence[Any] = ()  # of the outputs
    formula: str = ""


class Column(NamedTuple):
    """A layer as it was passed: its neurons (none of a layer that takes numbers one by one), their sums, and what came out."""

    layer: Any
    neurons: Sequence[Any]
    sums: Sequence[Any]
    outputs: Sequence[Any]


def pretty(formula: str) -> str:
    """Return a formula that is written as in Python as people write it.

    >>> pretty("(y - mu)**2 / (2*phi)")
    '(y - μ)² / (2 φ)'
    """
    for plain, sign in GREEK.items():
        formula = formula.replace(plain, sign)
    return formula


def head_of(loss: Any) -> Head:
    """Return what a loss says of the outputs: the family and the link that it is the likelihood of, where it is one.

    Raises ValueError for a name that is none, TypeError for what is no function.
    """
    if isinstance(loss, str):
        loss = look_up("loss", loss, losses.LOSSES)
    if not callable(loss):
        raise TypeError(f"draw() expects a function or a name as loss, got {type(loss).__name__}")
    reading = losses.READINGS.get(unwrapped(loss))
    if reading is None:
        return Head(loss, formula=f"{getattr(loss, '__name__', 'loss')}(yhat, y)")
    link = None if reading.family is None else reading.link or identity
    return Head(loss, link, reading.family, formula=reading.formula)


def head_of_family(family: Family, link: Link, phi: float, labels: Sequence[Any]) -> Head:
    """Return what a family and a link say of the predictors."""

    def loss(etas: Any, y: Any) -> Any:
        return family.nll(y, link.mean(etas), phi)

    return Head(loss, link, family, labels)


def diagram(
    name: str,
    layers: Iterable[Any],
    names: Sequence[str],
    x: Any = None,
    y: Any = None,
    head: Head | None = None,
    offset: Any = None,
) -> Diagram:
    """Return the diagram of layers, whose inputs have names, with the numbers of a row x, and of its observation y the gradients.

    The layers are copies of the model's, as `y` leaves gradients in them. `offset` is added to the outputs.

    Raises TypeError and ValueError for a row, or a model, that is none.
    """
    inputs = [Value(number) for number in (_numbers(x, len(names)) if x is not None else [0.0] * len(names))]
    with errstate("ignore"):
        columns = _passed(layers, inputs)
        outputs = list(columns[-1].outputs)
        if offset is not None:
            outputs = [out + shift if shift else out for out, shift in zip(outputs, offset, strict=True)]
        given: Any = outputs if len(outputs) > 1 else outputs[0]
        loss = None
        if head is not None and y is not None:
            for column in columns:
                for parameter in (
                    part for neuron in column.neurons for part in (*neuron.w, neuron.b) if isinstance(part, Value)
                ):
                    parameter.grad = 0.0  # what an earlier pass left
            loss = head.loss(given, y)
            loss.backward()
    drawing = Diagram(name)
    drawer = _Drawer(drawing, x is not None, loss is not None)
    drawer.inputs(inputs, names)
    last = "output" if head is None or head.link is None else "predictor"
    hidden = count(1)
    for k, column in enumerate(columns):
        title = (
            last
            if k == len(columns) - 1
            else f"layer {next(hidden)}"
            if column.neurons
            else type(column.layer).__name__
        )
        drawer.layer(column, k, title, head)
    if head is not None:
        drawer.head(head, given, y, loss)
    return drawing


def _numbers(x: Any, size: int) -> list[float]:
    """A row of so many numbers."""
    row = list(x) if hasattr(x, "__iter__") and not isinstance(x, str) else [x]
    if len(row) != size:
        raise ValueError(f"draw() expects {size} numbers as x, got {len(row)}")
    for k, part in enumerate(row):
        if not isinstance(part, (Real, Value)) or isinstance(part, bool):
            raise TypeError(f"draw() expects numbers as x, got {type(part).__name__} ({short(part)}) at {k}")
    return [part.data if isinstance(part, Value) else float(part) for part in row]


def _passed(layers: Iterable[Any], row: Sequence[Any]) -> list[Column]:
    """Layers as they are passed by a row; one without neurons takes numbers one by one."""
    columns = []
    for layer in layers:
        neurons = getattr(layer, "neurons", ())
        sums: list[Any] = []
        outputs: Any
        if neurons and all(hasattr(neuron, "total") for neuron in neurons):
            sums = [neuron.total(row) for neuron in neurons]
            outputs = [neuron.activation(total) for neuron, total in zip(neurons, sums, strict=True)]
        else:
            neurons = ()
            outputs = layer(row)
            outputs = list(outputs) if hasattr(outputs, "__len__") else [outputs]
            if len(outputs) != len(row):
                raise TypeError(
                    f"draw() knows layers of neurons, and those that take numbers one by one, got {type(layer).__name__}; draw(model(x)) "
                    "draws the graph of every model"
                )
        columns.append(Column(layer, neurons, sums, outputs))
        row = outputs
    return columns


class _Drawer:
    """Adds the columns to a diagram, with numbers and slopes where they are asked for."""

    def __init__(self, diagram: Diagram, numbers: bool, slopes: bool) -> None:
        self.diagram, self.numbers, self.slopes = diagram, numbers, slopes
        self.last: list[str] = []  # the units that the next column takes, with the letter of their numbers
        self.letter = "x"

    def number(self, x: Any) -> tuple[float, ...]:
        """The number of a Value, where numbers are asked for."""
        return (float(getattr(x, "data", x)),) if self.numbers else ()

    def slope(self, x: Any) -> float | None:
        """The slope of the loss by a Value, where the loss is known."""
        return float(x.grad) if self.slopes and isinstance(x, Value) else None

    def inputs(self, row: Sequence[Any], names: Sequence[str]) -> None:
        """The column of inputs."""
        self.diagram.stage("inputs", "x")
        for k, (part, name) in enumerate(zip(row, names, strict=True)):
            self.diagram.unit(f"x{k}", "input", (name, *self.number(part)), title=f"input {name}")
        self.last = [f"x{k}" for k in range(len(row))]

    def layer(self, column: Column, k: int, title: str, head: Head | None) -> None:
        """A column of neurons with a line for each weight, or of numbers that pass one by one."""
        diagram, before, tails = self.diagram, self.letter, self.last
        if not column.neurons:
            diagram.stage(title, getattr(column.layer, "formula", ""))
            self.last = [f"p{k}.{j}" for j in range(len(tails))]
            for key, tail, out in zip(self.last, tails, column.outputs, strict=True):
                diagram.unit(key, "neuron", (*(self.number(out) or ("·",)),), title=title)
                diagram.wire(tail, key)
            return
        one = f"one{k}"
        biased = any(isinstance(neuron.b, Value) for neuron in column.neurons)
        if biased:
            diagram.unit(one, "one", ("1",), title="what the biases are weights of", first=True)
        predictor = title == "predictor"
        functions = list(dict.fromkeys(_activation(neuron) for neuron in column.neurons))
        letters = {"predictor": "η", "output": "ŷ"}.get(title, "z" if functions != ["identity"] else "a")
        inner = (
            f"W {before} + b" if biased and len(column.neurons) > 1 else f"w·{before} + b" if biased else f"w·{before}"
        )
        shown = functions[0] if len(functions) == 1 else "f"
        diagram.stage(title, f"{letters} = {inner}" if shown == "identity" else f"{letters} = {shown}({inner})")
        self.letter, self.last = letters, [f"n{k}.{j}" for j in range(len(column.neurons))]
        for j, (key, neuron, total, out) in enumerate(
            zip(self.last, column.neurons, column.sums, column.outputs, strict=True)
        ):
            labelled = predictor and head is not None and len(head.labels) > j and len(column.neurons) > 1
            label = f"η {head.labels[j]}{' =' * self.numbers}" if labelled and head is not None else "Σ"
            function = _activation(neuron)
            cells: list[tuple[str | float, ...]] = [(label, *self.number(total))]
            cells += [(function, *self.number(out))] if function != "identity" else []
            diagram.unit(key, "neuron", *cells, slope=self.slope(total), title=f"{title}, neuron {j}")
            where = f"layers[{k}].neurons[{j}]"
            if isinstance(neuron.b, Value):
                diagram.wire(one, key, neuron.b.data, self.slope(neuron.b), f"{where}.b")
            for i, (tail, w) in enumerate(zip(tails, neuron.w, strict=True)):
                diagram.wire(tail, key, w.data, self.slope(w), f"{where}.w[{i}]")

    def head(self, head: Head, outputs: Any, y: Any, loss: Any) -> None:
        """The mean and the observation, and the loss."""
        diagram, several = self.diagram, isinstance(outputs, list)
        if head.link is not None and head.family is not None:
            diagram.stage(
                f"Y ~ {_distribution(head.family)}",
                f"μ{'ₖ' * several} = {pretty(head.link.formula) or f'{head.link.name}⁻¹(η)'}",
            )
            with errstate("ignore"):
                means = head.link.inverse(outputs)
            means = means if several else [means]
            names = [f"μ {label}" for label in head.labels or range(len(means))] if several else ["μ"]
            numbers = tuple(number for mean in means for number in self.number(mean))
            cells: list[tuple[Any, ...]] = [tuple(names), numbers] if numbers and several else [(*names, *numbers)]
            diagram.unit("mu", "mean", *cells, title=f"the mean, by the link {head.link.name}")
            for key in self.last:
                diagram.wire(key, "mu")
            self.last = ["mu"]
            formula = pretty(head.family.formula) or "-log p(y | μ)"
        else:
            formula = pretty(head.formula)
        diagram.unit("y", "input", ("y", *(_shown_y(y, head) if y is not None else ())), title="the observation")
        diagram.stage("loss", f"L = {formula}")
        diagram.unit("loss", "result", ("L", *((float(loss.data),) if loss is not None else ())), title="the loss")
        for key in (*self.last, "y"):
            diagram.wire(key, "loss")


def _shown_y(y: Any, head: Head) -> tuple[str | float, ...]:
    """An observation, as a label where it is one of several."""
    if hasattr(y, "__len__"):
        place = max(range(len(y)), key=lambda k: float(y[k]))
        return (str(head.labels[place]) if len(head.labels) > place else f"class {place}",)
    return (float(y),)


def _activation(neuron: Any) -> str:
    return getattr(unwrapped(neuron.activation), "__name__", "f")


def _distribution(family: Family) -> str:
    """A family's name with its parameters, as in Gaussian(μ, φ)."""
    name, _, own = family.name.partition("(")
    inside = ["μ", *(["φ"] if family.has_dispersion else []), *([own.rstrip(")")] if own else [])]
    return f"{name.title().replace('_', '')}({', '.join(inside)})"
