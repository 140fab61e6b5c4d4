"""A call of a function recorded, and what flows through its graph: adjoints are pulled back, tangents pushed forward.

A function is called once with fresh nodes in place of its arguments, and its graph is walked. Over floats the partials of the
forward pass are used, and results are numbers. Where the function also depends on Values from outside, such as the arguments of
another derivative that is being taken, the same partials are evaluated on Values, and results are graphs themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .modes import MODE, Switch
from .node import Kind
from .reals import ArrayGiven, quoted, real
from .trees import Form, Shape, array, take_apart
from .value import Value
from .walks import GUARDED, PLAIN, Edge, adjoints, tangents, users_first

Array = Callable[[list[Any], Shape], Any]  # makes an array


class Recording(NamedTuple):
    """One call of a function on fresh nodes: its inputs and outputs, the forms they come in, and the walk between them.

    `symbolic` says that a Value from outside has a say, so that derivatives are Values; `active` are then the nodes that depend
    on the inputs.
    """

    inputs: list[Value]
    outputs: list[Any]
    forms: list[Form]
    result: Form
    walk: dict[Any, Sequence[Edge]]
    symbolic: bool
    active: set[Value]
    array: Array

    def edges(self, node: Value) -> Sequence[Edge]:
        """The arguments that depend on the inputs, with the graphs of the partials, and the conditions that guard them."""
        if not self.walk[node]:
            return []
        op: Any = node.op
        wanted = [d is not None and arg in self.active for arg, d in zip(node.args, node.partials, strict=True)]
        if op.selects and type(node.args[0]) is Value:
            condition = node.args[0]
            branches = zip(node.args[1:], wanted[1:], (condition, op(condition, 0.0, 1.0)), strict=True)
            return [(arg, 1.0, guard) for arg, want, guard in branches if want]
        slopes = zip(node.args, node.derivatives(wanted), wanted, strict=True)
        return [(arg, d._data if type(d) is Value and d.is_constant else d, None) for arg, d, want in slopes if want]

    def numbered(self, node: Value) -> Sequence[Edge]:
        """The edges with the partials of the forward pass, which no condition guards."""
        return [(arg, d, None) for arg, d in self.walk[node]]

    def _way(self, seeds: Iterable[Any]) -> tuple[Any, Any]:
        """The edges and the rule of a walk: conditions are minded where there may be some, or a seed is a Value that may be 0."""
        if self.symbolic:
            return self.edges, GUARDED
        return (
            (self.numbered, GUARDED) if any(type(seed) is Value for seed in seeds) else (self.walk.__getitem__, PLAIN)
        )

    def pull(self, cotangents: Iterable[Any]) -> list[Any]:
        """Return the derivative of the sum of cotangent * output by each input."""
        seeds: dict[Any, Any] = {}
        for output, g in zip(self.outputs, cotangents, strict=True):
            if type(output) is Value and not is_nothing(g):
                seeds[output] = seeds[output] + g if output in seeds else g
        rates = adjoints(self.walk, seeds, *self._way(seeds.values()))
        return [rates.get(node, 0.0) for node in self.inputs]

    def gradient(self, cotangents: Iterable[Any]) -> tuple[Any, ...]:
        """Return the derivative of the sum of cotangent * output by each argument, in that argument's form."""
        each = iter(self.pull(cotangents))
        return tuple([form.filled(each, self.array) for form in self.forms])

    def push(self, rates: Iterable[Any]) -> Any:
        """Return the change of the outputs when each input changes at its rate, in the form of the result."""
        seeds = {node: rate for node, rate in zip(self.inputs, rates, strict=True) if not is_nothing(rate)}
        changes = tangents(reversed(self.walk), seeds, *self._way(seeds.values()))
        rates_out = [changes.get(output, 0.0) if type(output) is Value else 0.0 for output in self.outputs]
        return self.result.filled(rates_out, self.array)

    def value(self) -> Any:
        """Return the result: numbers, unless a Value from outside has a say."""
        numbers = [
            (output if self.symbolic else output.data) if type(output) is Value else float(output)
            for output in self.outputs
        ]
        return self.result.filled(numbers, self.array)

    def scalar(self, who: str) -> None:
        """Raise TypeError unless the result is a single number."""
        if not self.result.is_number:
            first = self.result.parts[0]
            came = f"an array of shape {first}" if type(first) is tuple else str(first)
            raise (ArrayGiven if type(first) is tuple else TypeError)(
                f"{who} expects a function that returns one number, got {came}; see jacobian"
            )


def record(
    f: Callable[..., Any], args: Sequence[Any], argnums: Sequence[int], kwargs: dict[str, Any], wrt: Any = ()
) -> Recording:
    """Call f with fresh nodes in place of the arguments at `argnums`, and return what there is to differentiate by these and by
    the leaves `wrt` that f closes over.
    """
    mode = MODE.get()
    make = _array_maker(mode.tracing)
    form, leaves = take_apart(wrt)
    inputs: list[Value] = list(form.numbers(leaves))
    start = len(inputs)
    forms, given = [form] if start else [], list(args)
    with Switch(recording=True, deriving=True, watched=mode.watched | set(inputs)):
        for position in argnums:
            form, leaves = take_apart(args[position])
            nodes = [_fresh(x, position, f) for x in form.numbers(leaves)]
            inputs += nodes
            forms.append(form)
            given[position] = form.filled(nodes, make)
        returned = f(*given, **kwargs)
    result, leaves = take_apart(returned)
    outputs = result.numbers(leaves)
    for output in outputs:
        if type(output) is not Value:
            real(output, f"a derivative needs numbers from {name_of(f)}; it")
    walk = users_first([y for y in outputs if type(y) is Value], until=inputs)
    symbolic = mode.tracing or (mode.recording and _depends_on_others(walk, inputs, mode.watched))
    active = _active(walk, inputs) if symbolic else set()
    for node in inputs[start:]:
        if node.op is None:
            node._a = Kind.FIXED  # to a derivative taken around this one
    return Recording(inputs, outputs, forms, result, walk, symbolic, active, make)


def _depends_on_others(walk: dict[Any, Any], inputs: Sequence[Value], watched: frozenset[Value]) -> bool:
    """Whether a Value from outside has a say, so that the derivative is a Value too."""
    known = set(inputs)
    if any(node.op is not None or node in watched for node in known):
        return True
    return any(node.op is None and not node.is_plain and node not in known for node in walk)


def _active(walk: dict[Any, Any], inputs: Sequence[Value]) -> set[Value]:
    """The nodes that depend on the inputs."""
    active = set(inputs)
    for node in reversed(walk):
        if any(arg in active for arg, _ in walk[node]):
            active.add(node)
    return active


def _array_maker(tracing: bool) -> Array:
    """What makes an array of Values for a function."""
    if not tracing:
        return array
    from .arrays import traced_array

    return traced_array


def _fresh(x: Any, position: int, f: Callable[..., Any]) -> Value:
    """A node of its own for an argument, so that d/dx and d/dy are kept apart."""
    if type(x) is Value:
        return Value.fresh(x)
    return Value(x if type(x) is float else real(x, f"argument {position} of {name_of(f)}"))


def is_nothing(x: Any) -> bool:
    """Return whether a cotangent or tangent is exactly 0: there is none then, and it does not meet an infinite partial."""
    return type(x) is not Value and x == 0.0


def name_of(f: Callable[..., Any]) -> str:
    """Return a function's name as errors have it."""
    return f"{quoted(getattr(f, '__name__', type(f).__name__))}()"
