"""A number that remembers how it was made: storage, making, and the backward pass.

The operators and functions of `Value`, generated from the table of primitives, stand on this class. A node keeps its
arguments and the partial for each of them, taken at the point of the forward pass; no closure, no reference to its users. So
graphs have no cycles and are freed the moment they are dropped, and nothing here recurses over a graph.

How it is fast. One or two arguments stand in `_a` and `_b` with their partials in `_da` and `_db`, None where there is no
edge; any other number of them stands in tuples in `_a` and `_da`. `_users` counts, during a walk, the nodes that use this one
and have not been seen; it is None on a leaf. `UNUSUAL` is a list that is empty as long as nothing unusual holds anywhere in
the process (no_grad, errstate("raise"), a trace): so one test of it lets an operator take its short way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

from .errors import GraphError
from .faults import FAULTS, is_arithmetic, note_line, warn_of
from .modes import MODE, UNUSUAL
from .primitive import Primitive
from .primitives import IDENTITY
from .protocols import AsNumber, here
from .reals import number, real
from .tracing import UNKNOWN, recorded

Self = TypeVar("Self", bound="Node")
new = object.__new__


class Kind(Enum):
    """What a leaf stands for by which nothing is differentiated; it stands in `_a` of such a leaf."""

    PLAIN = "a plain number"
    FIXED = "a plain number that will never be another one"


class Node(AsNumber):
    """The part of `Value` that does not depend on the table of primitives."""

    __slots__ = ("_a", "_b", "_da", "_data", "_db", "_grad", "_users", "name", "op")

    takes_rows = True  # primitives are applied to it by `apply`

    _data: float
    _grad: float
    name: str | None
    op: Primitive | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _users: int | None

    def __init__(self, data: float, name: str | None = None, **other: Any) -> None:
        if other:
            raise TypeError(f"Value() got {next(iter(other))!r:.60}: it takes data and name{here(next(iter(other)))}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"Value() takes a str as its name, got {type(name).__name__}")
        self._data = data if type(data) is float else real(data, "Value()")
        self._grad = 0.0
        self.name = name
        self.op = self._a = self._b = self._da = self._db = self._users = None

    __init__.__qualname__ = "Value.__init__"  # how an error of Python's own calls it

    @property
    def data(self) -> float:
        """The number. It can be set on a leaf; graphs built before keep the partials of their own point.

        Raises GraphError when set on a node that was computed, TraceError while `compile` traces.
        """
        data = self._data
        if UNUSUAL or data is UNKNOWN:
            self._known("the .data of a Value")
        return data

    @data.setter
    def data(self, data: float) -> None:
        self._known("a change of .data")
        if self.op is not None:
            raise GraphError(
                f"data can be set on a leaf only, and this is the result of {self.op.name}(); make a new Value({data})"
            )
        self._data = real(data, "Value.data")

    @property
    def grad(self) -> float:
        """The derivative that `backward()` left here; it can be set, to 0.0 before the next pass.

        Raises TypeError when it is set to what is no number.
        """
        return self._grad

    @grad.setter
    def grad(self, grad: float) -> None:
        self._grad = grad if type(grad) is float else real(grad, "Value.grad (0.0 where there is none)")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if Node not in cls.__bases__:
            raise TypeError("Value cannot be subclassed: its operators return Values; wrap one in a class of your own")
        super().__init_subclass__(**kwargs)

    @property
    def is_constant(self) -> bool:
        """Whether it is a leaf that will never have another number."""
        return self._a is Kind.FIXED

    @property
    def is_plain(self) -> bool:
        """Whether it is a leaf that stands for a plain number, by which nothing is differentiated."""
        return type(self._a) is Kind

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments it was computed from, Values and plain numbers, in order; empty on a leaf."""
        if self.op is None:
            return ()
        if type(self._a) is tuple:
            return self._a
        return (self._a,) if self._b is None else (self._a, self._b)

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The partial derivative by each of `args` at the point of the forward pass; None where there is no edge.

        >>> from autograd import Value
        >>> (Value(2.0) * Value(3.0)).partials
        (3.0, 2.0)
        """
        if self.op is None:
            return ()
        if type(self._a) is tuple:
            return self._da  # type: ignore[no-any-return]
        return (self._da,) if self._b is None else (self._da, self._db)

    @property
    def edges(self) -> list[tuple[Any, float]]:
        """Each Value this one depends on, with the partial by it."""
        if type(self._a) is tuple:
            return [edge for edge in zip(self._a, self._da, strict=True) if edge[1] is not None]
        if self._da is None:
            return [] if self._db is None else [(self._b, self._db)]
        return [(self._a, self._da)] if self._db is None else [(self._a, self._da), (self._b, self._db)]

    def derivatives(self, wanted: Sequence[bool]) -> list[Any]:
        """The partials by the wanted arguments, evaluated on Values: graphs that can be differentiated again."""
        assert self.op is not None
        try:
            return self.op.derived(self.args, self, wanted)
        except FAULTS as fault:  # of plain numbers among the arguments, as in 1/0; Values follow IEEE arithmetic
            if not is_arithmetic(fault):
                raise
            args = [arg if type(arg) is type(self) else self.standing_for(Kind.PLAIN, arg) for arg in self.args]
            return self.op.derived(args, self, wanted)

    # Making nodes

    @classmethod
    def _node(cls: type[Self], op: Primitive, data: float, a: Any, da: Any, b: Any = None, db: Any = None) -> Self:
        node = new(cls)
        node._data = data
        node._grad = 0.0
        node.name = None
        node.op = op
        node._a = a
        node._b = b
        node._da = da
        node._db = db
        node._users = 0
        return node

    @classmethod
    def standing_for(cls: type[Self], kind: Kind, data: float) -> Self:
        """Return a leaf by which nothing is differentiated."""
        leaf = cls(data)
        leaf._a = kind
        return leaf

    @classmethod
    def apply(cls: type[Self], op: Primitive, args: Sequence[Any]) -> Self:
        """Return op applied to args, Values and numbers, with all care: the way of every case that is not usual."""
        mode = MODE.get()
        who = f"{op.name}()"
        op.check_count(len(args))
        inputs = [arg if type(arg) is cls else number(arg, who) for arg in args]
        if mode.tracing:
            return recorded(cls, op, inputs, mode)  # type: ignore[no-any-return]
        numbers: list[Any] = [arg._data if type(arg) is cls else arg for arg in inputs]
        data = op.value(numbers)
        if mode.faults == "raise" and not math.isfinite(data):
            warn_of(f"a value of {data}", op.written(numbers))
        if not mode.recording:
            return cls.standing_for(Kind.PLAIN, data)
        if op.selects:  # the condition and the branches not taken become plain numbers
            taken = op.chosen(numbers[0])
            inputs = [arg if position == taken else numbers[position] for position, arg in enumerate(inputs)]
        partials = op.slopes(numbers, data, [type(arg) is cls for arg in inputs])
        if mode.faults == "raise":
            for position, d in enumerate(partials):
                if d is not None and not math.isfinite(d):
                    warn_of(f"a partial of {d} by argument {position}", op.written(numbers))
        node = cls.made(op, data, inputs, partials)
        note_line(node)
        return node

    @classmethod
    def made(cls: type[Self], op: Primitive, data: float, args: Sequence[Any], partials: Sequence[Any]) -> Self:
        """Return the node of op whose number and partials are known already."""
        if op.variadic or len(args) > 2:
            return cls._node(op, data, tuple(args), tuple(partials))
        return cls._node(op, data, *(part for pair in zip(args, partials, strict=True) for part in pair))

    @classmethod
    def unknown(cls: type[Self], name: str | None = None) -> Self:
        """Return a leaf that stands for every number, as `compile` hands it to a function that it traces."""
        leaf = cls(0.0, name)
        leaf._data = UNKNOWN
        return leaf

    @classmethod
    def fixed(cls: type[Self], data: float) -> Self:
        """Return a leaf that will never be another number."""
        return cls.standing_for(Kind.FIXED, data)

    @classmethod
    def fresh(cls: type[Self], x: Self) -> Self:
        """Return a node of its own with the value of x, so that derivatives by the two are kept apart."""
        return cls._node(IDENTITY, x._data, x, 1.0)

    @classmethod
    def over(cls: type[Self], op: Primitive, args: tuple[Any, ...]) -> Self | float:
        """Return a variadic op applied to a sequence of numbers and Values."""
        plain: list[int] = []
        try:
            numbers = [arg._data for arg in args]
        except AttributeError:  # there are plain numbers among them
            plain = [i for i, arg in enumerate(args) if type(arg) is not cls]
            numbers = [arg._data if type(arg) is cls else arg for arg in args]
        if UNUSUAL or len(plain) == len(args) or not all(type(args[i]) is float for i in plain):
            return op(*args)  # type: ignore[no-any-return]
        data = op.forward(numbers)  # total, as are the partials of the rows that come here
        partials = op.partials[0](numbers, data)  # type: ignore[misc]
        if plain:
            partials = list(partials)
            for i in plain:
                partials[i] = None
        return cls._node(op, data, args, tuple(partials))

    # The backward pass

    def backward(self, grad: float = 1.0) -> None:
        """Add `grad` times the derivative of this Value by each leaf below it to that leaf's `.grad`.

        Leaves accumulate from call to call; inner nodes start afresh at each. The order is one in which a node comes
        after all its users (Kahn 1962), found by counting users: linear in the number of edges, without recursion.

        Raises TypeError for a `grad` that is no real number, GraphError on a result of `no_grad`. Two threads must not
        run it on graphs that share nodes; `autograd.grad` is safe there.

        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> y = x * x + x
        >>> y.backward()
        >>> x.grad
        7.0
        """
        seed = real(grad, "backward()")
        self._known("backward(), which needs numbers; grad() is traced as any function,")
        if self.is_plain:
            raise GraphError("backward() has nothing to differentiate: this Value was built under no_grad()")
        if self.op is None:
            self._grad += seed
            return
        order = [self]
        try:
            self._count_users(order)
            self._grad = seed
            self._pass_back()
        except BaseException:  # an interrupt must not leave counts behind for the next call
            for node in order:
                node._users = 0
            raise

    def _count_users(self, order: list[Any]) -> None:
        """Append every inner node below to order, its users counted and its gradient 0."""
        append = order.append
        for node in order:
            a = node._a
            if type(a) is tuple:
                for arg, d in zip(a, node._da, strict=True):
                    if d is not None:
                        users = arg._users
                        if users is not None:
                            if not users:
                                arg._grad = 0.0
                                append(arg)
                            arg._users = users + 1
                continue
            if node._da is not None:
                users = a._users
                if users is not None:
                    if not users:
                        a._grad = 0.0
                        append(a)
                    a._users = users + 1
            if node._db is not None:
                b = node._b
                users = b._users
                if users is not None:
                    if not users:
                        b._grad = 0.0
                        append(b)
                    b._users = users + 1

    def _pass_back(self) -> None:
        """Hand each node's gradient on to its arguments once all its users have been seen."""
        ready: list[Any] = [self]
        append = ready.append
        for node in ready:
            g = node._grad
            a = node._a
            if type(a) is tuple:
                for arg, d in zip(a, node._da, strict=True):
                    if d is not None:
                        arg._grad += g * d
                        if users := arg._users:  # none on a leaf
                            arg._users = users = users - 1
                            if not users:
                                append(arg)
                continue
            d = node._da
            if d is not None:
                a._grad += g * d
                if users := a._users:
                    a._users = users = users - 1
                    if not users:
                        append(a)
            d = node._db
            if d is not None:
                b = node._b
                b._grad += g * d
                if users := b._users:
                    b._users = users = users - 1
                    if not users:
                        append(b)
