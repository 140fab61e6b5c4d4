"""Diagrams of models, as the lectures draw them: inputs, layers, mean, observation and loss, with numbers and gradients where asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from numbers import Real
from reprlib import repr as short
from typing import Any, NamedTuple

from autograd import Diagram, Value, errstate

from .families import Family
from .heads import Head, distribution, pretty
from .links import Link
from .names import unwrapped


class Column(NamedTuple):
    """A layer as it was passed: its neurons (none of a layer that takes numbers one by one), their sums, and what came out."""

    layer: Any
    path: str
    neurons: Sequence[Any]
    sums: Sequence[Any]
    outputs: Sequence[Any]


def diagram(
    name: str,
    layers: Iterable[Any],
    names: Sequence[str],
    x: Any = None,
    y: Any = None,
    head: Head | None = None,
    offset: Any = None,
    told: Any = None,
) -> Diagram:
    """Return the diagram of layers, whose inputs have names, with the numbers of a row x, and of its observation y the gradients.

    The layers are copies of the model's, as `y` leaves gradients in them. `offset` is added to the outputs; `told` is what stands for the
    observation.

    Raises TypeError and ValueError for a row, an observation or a model that is none.
    """
    inputs = [Value(number) for number in (_numbers(x, len(names)) if x is not None else [0.0] * len(names))]
    shifts = [0.0] if offset is None else offset
    with errstate("ignore"):
        columns = _passed(layers, inputs)
        outputs = list(columns[-1].outputs)
        if any(shifts):
            outputs = [out + shift for out, shift in zip(outputs, shifts, strict=True)]
        given: Any = outputs if len(outputs) > 1 else outputs[0]
        target = _target(y)
        loss = None if head is None or y is None else _loss(head, given, target, columns)
    drawing = Diagram(name)
    drawer = _Drawer(drawing, x is not None, loss is not None, shifts if any(shifts) else [])
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
        if column.neurons:
            drawer.layer(column, title, () if head is None else head.labels, k == len(columns) - 1)
        else:
            drawer.one_by_one(column, title)
    if head is not None:
        drawer.head(head, given, _shown(target) if told is None else (told,), loss)
    return drawing


class Addend(NamedTuple):
    """A term of additive predictors: its name, which of the inputs it takes, and what it adds to each of them."""

    name: str
    source: int
    shares: Sequence[float]


def additive(
    name: str,
    inputs: Sequence[tuple[str, Any]],
    terms: Sequence[Addend],
    intercepts: Sequence[float] | None,
    head: Head,
    y: Any = None,
    offsets: Sequence[float] = (0.0,),
    told: str | None = None,
    numbers: bool = True,
) -> Diagram:
    """Return the diagram of additive predictors: inputs with their numbers or levels, what each term adds, and what stands behind.

    Raises TypeError and ValueError for an observation that is none.
    """
    frees = [Value(free) for free in intercepts or [0.0] * len(offsets)]
    shares = [[Value(term.shares[k]) for term in terms] for k in range(len(offsets))]
    several, shifted, etas = len(offsets) > 1, any(offsets), []
    for free, own, offset in zip(frees, shares, offsets, strict=True):
        eta: Any = free
        for share in own:
            eta = eta + share
        etas.append(eta + offset if offset else eta)
    given = etas if several else etas[0]
    with errstate("ignore"):
        loss = None if y is None else _loss(head, given, y, ())
    drawing = Diagram(name)
    drawer = _Drawer(drawing, numbers, loss is not None, [])
    drawing.stage("inputs", "x")
    for k, (label, x) in enumerate(inputs):
        shown = () if not numbers or x is None else (float(x) if isinstance(x, Real) else str(x),)
        drawing.unit(f"x{k}", "input", (label, *shown), title=f"input {label}")
    drawing.stage("terms", "f(x)")
    if intercepts is not None:
        drawing.unit("one", "one", ("1",), title="what the intercept is the weight of")
    for k, term in enumerate(terms):
        added = drawer.number(term.shares[0]) if not several else ()
        drawing.unit(f"f{k}", "neuron", (term.name, *added), title=f"what {term.name} adds")
        drawing.wire(f"x{term.source}", f"f{k}")
    if shifted:
        drawing.unit("offset", "one", ("offset", *offsets), title="what is added to the sum")
    inner = f"{'b + ' * (intercepts is not None)}Σ f(x){' + offset' * shifted}"
    drawing.stage("predictors" if several else "predictor", f"η{'ₖ' * several} = {inner}")
    drawer.last = [f"eta{k}" for k in range(len(etas))]
    for k, (key, eta, free) in enumerate(zip(drawer.last, etas, frees, strict=True)):
        label = f"η {head.labels[k]}{' =' * numbers}" if several else "Σ"
        drawing.unit(
            key, "neuron", (label, *drawer.number(eta)), slope=drawer.slope(eta), title=label.removesuffix(" =")
        )
        if intercepts is not None:
            drawing.wire("one", key, free.data, drawer.slope(free), "intercept")
        for m, share in enumerate(shares[k]):
            if several and numbers:
                drawing.wire(f"f{m}", key, share.data, drawer.slope(share), f"what {terms[m].name} adds")
            else:  # to a single predictor: that stands in its box
                drawing.wire(f"f{m}", key)
        if shifted:
            drawing.wire("offset", key)
    drawer.head(head, given, _shown(y) if told is None else (told,), loss)
    return drawing


def _loss(head: Head, given: Any, target: Any, columns: Iterable[Column]) -> Value:
    """The loss, after its backward pass."""
    try:
        loss = head.loss(given, target)
    except (TypeError, ValueError) as error:
        raise type(error)(f"draw() could not compute the loss: {error}") from error
    if not isinstance(loss, Value):
        raise TypeError(f"draw() expects a loss that returns a Value, got {type(loss).__name__}")
    for column in columns:
        for parameter in (
            part for neuron in column.neurons for part in (*neuron.w, neuron.b) if isinstance(part, Value)
        ):
            parameter.grad = 0.0  # what an earlier pass left
    loss.backward()
    return loss


def _numbers(x: Any, size: int) -> list[float]:
    """A row of so many numbers."""
    if isinstance(x, (str, Mapping)) or hasattr(x, "columns"):
        raise TypeError(f"draw() expects a row of numbers as x, got {type(x).__name__}")
    row = list(x) if hasattr(x, "__iter__") else [x]
    if len(row) != size:
        raise ValueError(f"draw() expects {size} numbers as x, got {len(row)}")
    for k, part in enumerate(row):
        if not isinstance(part, (Real, Value)) or isinstance(part, bool):
            raise TypeError(f"draw() expects numbers as x, got {type(part).__name__} ({short(part)}) at {k}")
    return [part.data if isinstance(part, Value) else Value(part).data for part in row]


def _target(y: Any) -> Any:
    """An observation as plain numbers."""
    if hasattr(y, "__len__") and not isinstance(y, str) and getattr(y, "ndim", 1) != 0:
        return [_target(part) for part in y]
    return y.data if isinstance(y, Value) else y.item() if hasattr(y, "item") else y


def _passed(layers: Iterable[Any], row: Sequence[Any], path: str = "") -> list[Column]:
    """Layers as they are passed by a row, those of networks within too; what has a formula takes numbers one by one."""
    columns: list[Column] = []
    for k, layer in enumerate(layers):
        where, neurons = f"{path}layers[{k}]", getattr(layer, "neurons", ())
        if hasattr(layer, "layers"):
            columns += _passed(layer.layers, row, f"{where}.")
        elif neurons and all(hasattr(neuron, "total") for neuron in neurons):
            sums = [neuron.total(row) for neuron in neurons]
            outputs = [neuron.activation(total) for neuron, total in zip(neurons, sums, strict=True)]
            columns.append(Column(layer, where, neurons, sums, outputs))
        elif hasattr(layer, "formula"):
            outputs = layer(row)
            columns.append(Column(layer, where, (), (), outputs if isinstance(outputs, (list, tuple)) else [outputs]))
        else:
            raise TypeError(
                f"draw() knows layers of neurons, Dropout and Standardize, got {type(layer).__name__}; draw(model(x)) draws the graph of "
                "every model"
            )
        row = columns[-1].outputs
    return columns


class _Drawer:
    """Adds the columns to a diagram, with numbers and slopes where they are asked for."""

    def __init__(self, diagram: Diagram, numbers: bool, slopes: bool, shifts: Sequence[float]) -> None:
        self.diagram, self.numbers, self.slopes, self.shifts = diagram, numbers, slopes, shifts
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
        self.last = [f"x{k}" for k in range(len(row))]
        for key, part, name in zip(self.last, row, names, strict=True):
            self.diagram.unit(key, "input", (name, *self.number(part)), title=f"input {name}")

    def one_by_one(self, column: Column, title: str) -> None:
        """A column that numbers pass one by one."""
        self.diagram.stage(title, column.layer.formula)
        tails, self.last = self.last, [f"{column.path} {j}" for j in range(len(self.last))]
        for key, tail, out in zip(self.last, tails, column.outputs, strict=True):
            self.diagram.unit(key, "neuron", self.number(out) or ("·",), title=title)
            self.diagram.wire(tail, key)

    def layer(self, column: Column, title: str, labels: Sequence[Any], last: bool) -> None:
        """A column of neurons, with a line for each weight."""
        diagram, tails, several = self.diagram, self.last, len(column.neurons) > 1
        one, shift = f"one {column.path}", f"offset {column.path}"
        biased, shifts = any(isinstance(neuron.b, Value) for neuron in column.neurons), self.shifts if last else []
        if biased:
            diagram.unit(one, "one", ("1",), title="what the biases are weights of", first=True)
        if shifts:
            diagram.unit(shift, "one", ("offset", *shifts), title="what is added to the sum")
        functions = list(dict.fromkeys(_activation(neuron) for neuron in column.neurons))
        inner = f"{'W ' if several else 'w·'}{self.letter}{' + b' if biased else ''}{' + offset' if shifts else ''}"
        outer = functions[0] if len(functions) == 1 else "f"
        self.letter = {"predictor": "η", "output": "ŷ"}.get(title, "a" if outer == "identity" else "z")
        diagram.stage(title, f"{self.letter} = {inner if outer == 'identity' else f'{outer}({inner})'}")
        self.last = [f"{column.path} {j}" for j in range(len(column.neurons))]
        for j, (key, neuron, total, out) in enumerate(
            zip(self.last, column.neurons, column.sums, column.outputs, strict=True)
        ):
            label = f"η {labels[j]}{' =' * self.numbers}" if several and labels else "Σ"
            function, where = _activation(neuron), f"{column.path}.neurons[{j}]"
            cells: list[tuple[str | float, ...]] = [
                (label, *(n + (shifts[j] if shifts else 0.0) for n in self.number(total)))
            ]
            cells += [(function, *self.number(out))] if function != "identity" else []
            diagram.unit(key, "neuron", *cells, slope=self.slope(total), title=f"{title}, neuron {j}")
            if isinstance(neuron.b, Value):
                diagram.wire(one, key, neuron.b.data, self.slope(neuron.b), f"{where}.b")
            for i, (tail, w) in enumerate(zip(tails, neuron.w, strict=True)):
                diagram.wire(tail, key, w.data, self.slope(w), f"{where}.w[{i}]")
            if shifts:
                diagram.wire(shift, key)

    def mean(self, head: Head, family: Family, link: Link, outputs: Any) -> None:
        """The mean of the answer, under its distribution."""
        several = isinstance(outputs, list)
        written = pretty(link.formula) or f"{link.name}⁻¹(η)"
        self.diagram.stage(f"Y ~ {distribution(family)}", f"μ{'ₖ' * several} = {written}")
        with errstate("ignore"):
            means = link.inverse(outputs) if several else [link.inverse(outputs)]
        names = tuple(f"μ {label}" for label in head.labels or range(len(means))) if several else ("μ",)
        numbers = tuple(number for mean in means for number in self.number(mean))
        cells: list[tuple[Any, ...]] = [names, numbers] if several and numbers else [(*names, *numbers)]
        self.diagram.unit("mu", "mean", *cells, title=f"the mean, by the link {link.name}")
        for key in self.last:
            self.diagram.wire(key, "mu")
        self.last = ["mu"]

    def head(self, head: Head, outputs: Any, told: tuple[str | float, ...], loss: Any) -> None:
        """The mean and the observation, and the loss."""
        formula = pretty(head.formula)
        if head.link is not None and head.family is not None:
            self.mean(head, head.family, head.link, outputs)
            formula = pretty(head.family.formula) or "-log p(y | μ)"
        if head.trials != 1.0:
            formula = f"{head.trials:g} times {formula}"
        self.diagram.unit("y", "input", ("y", *told), title="the observation")
        self.diagram.stage("loss", f"L = {formula}")
        self.diagram.unit("loss", "result", ("L", *(() if loss is None else (float(loss.data),))), title="the loss")
        for key in (*self.last, "y"):
            self.diagram.wire(key, "loss")


def _shown(y: Any) -> tuple[str | float, ...]:
    """An observation: a class where it is shares of which one is 1, else its numbers."""
    if y is None:
        return ()
    if not isinstance(y, list):
        return (float(y),)
    one = [k for k, part in enumerate(y) if part == 1.0]
    return (
        (f"class {one[0]}",)
        if len(one) == 1 and not any(part for k, part in enumerate(y) if k != one[0])
        else tuple(map(float, y))
    )


def _activation(neuron: Any) -> str:
    return getattr(unwrapped(neuron.activation), "__name__", "f")
