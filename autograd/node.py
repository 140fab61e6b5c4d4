"""A number that remembers how it was made: storage, the backward pass, and what Python may ask of it.

The operators and functions of `Value`, generated from the table of primitives, stand on this class. A node keeps its
arguments and the partial for each of them, taken at the point of the forward pass; no closure, no reference to its
users. So graphs have no cycles and are freed the moment they are dropped, and nothing here recurses over a graph.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from .errors import GraphError
from .modes import FAULTS, MODE, UNUSUAL, Mode, is_arithmetic, note_line, report
from .primitives import PRIMITIVES, Primitive, le, lt, pos, where
from .reals import is_array, is_real, number, real
from .tracing import UNKNOWN, refuse, tracing

Self = TypeVar("Self", bound="Node")
new = object.__new__
MICROGRAD = {"label": "name", "_prev": "args", "_children": "args", "_op": "op", "_backward": "partials"}
CONSTANT = object()  # stands in _a of a leaf that is a plain number to derivatives,
NUMBER = object()  # and of one that will never be another number


class Elsewhere:
    """An attribute of micrograd's: asking for it tells what it is called here."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, node: object, owner: type | None = None) -> NoReturn:
        raise AttributeError(f"'Value' object has no attribute {self.name!r}{_here(self.name)}")


class Node:
    """The part of `Value` that does not depend on the table of primitives."""

    # One or two arguments stand in _a and _b with their partials in _da and _db, None where there is no edge; any other
    # number of them stands in tuples in _a and _da. _users counts the nodes of a walk that use this one; None on a leaf.
    __slots__ = ("_a", "_b", "_da", "_data", "_db", "_grad", "_users", "name", "op")

    takes_rows = True  # primitives are applied to it by `apply`
    _prev, _children, _op, _backward, label = Elsewhere(), Elsewhere(), Elsewhere(), Elsewhere(), Elsewhere()

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
            raise TypeError(f"Value() got {next(iter(other))!r:.60}: it takes data and name{_here(next(iter(other)))}")
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

    def _known(self, what: str) -> None:
        """Raise TraceError where this Value stands for every number at once."""
        if self._data is UNKNOWN or tracing():
            refuse(what)

    @property
    def is_constant(self) -> bool:
        """Whether it is a leaf that will never have another number."""
        return self._a is NUMBER

    @property
    def is_plain(self) -> bool:
        """Whether it is a leaf that stands for a plain number, by which nothing is differentiated."""
        return self._a is CONSTANT or self._a is NUMBER

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
            args = [arg if type(arg) is type(self) else self._constant(arg) for arg in self.args]
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
    def _constant(cls: type[Self], data: float) -> Self:
        """A leaf that stands for a plain number: nothing is differentiated by it."""
        leaf = cls(data)
        leaf._a = CONSTANT
        return leaf

    @classmethod
    def _number(cls: type[Self], data: float) -> Self:
        """A leaf that will never be another number."""
        leaf = cls(data)
        leaf._a = NUMBER
        return leaf

    @classmethod
    def apply(cls: type[Self], op: Primitive, args: Sequence[Any]) -> Self:
        """Return op applied to args, Values and numbers, with all care: the way of every case that is not usual."""
        mode = MODE.get()
        who = f"{op.name}()"
        op.check_count(len(args))
        inputs = [arg if type(arg) is cls else number(arg, who) for arg in args]
        if mode.tracing:
            return cls._traced(op, inputs, mode)
        numbers: list[Any] = [arg._data if type(arg) is cls else arg for arg in inputs]
        data = op.value(numbers)
        if mode.faults == "raise" and not math.isfinite(data):
            report(f"a value of {data}", op.written(numbers))
        if not mode.recording:
            return cls._constant(data)
        if op.selects:  # the condition and the branches not taken become plain numbers
            taken = 1 if numbers[0] else 2
            inputs = [arg if position == taken else numbers[position] for position, arg in enumerate(inputs)]
        partials = op.slopes(numbers, data, [type(arg) is cls for arg in inputs])
        if mode.faults == "raise":
            for position, d in enumerate(partials):
                if d is not None and not math.isfinite(d):
                    report(f"a partial of {d} by argument {position}", op.written(numbers))
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
    def fresh(cls: type[Self], x: Self) -> Self:
        """Return a node of its own with the value of x, so that derivatives by the two are kept apart."""
        return cls._node(pos, x._data, x, 1.0)

    @classmethod
    def _traced(cls: type[Self], op: Primitive, inputs: list[Any], mode: Mode) -> Self:
        """Return the node of op without a number, the same for the same inputs; partials only tell where edges are."""
        if op.selects and type(inputs[0]) is not cls:  # settled already
            taken = inputs[1] if inputs[0] else inputs[2]
            if type(taken) is cls:
                return taken
            return cls._number(taken)
        if op.shorter is not None and any(type(x) is float for x in inputs):
            shorter = op.shorter(*inputs)
            if shorter is not None:
                return shorter if type(shorter) is cls else cls._number(shorter)
        known: dict[Any, Self] = mode.trace  # type: ignore[assignment]
        key = (op, mode.recording, *[x if type(x) is cls else x.hex() for x in inputs])
        if key not in known:
            partials = op.partials * len(inputs) if op.variadic else op.partials
            slopes = [
                1.0 if mode.recording and partial is not None and type(x) is cls else None
                for x, partial in zip(inputs, partials, strict=False)
            ]
            known[key] = cls._node(op, UNKNOWN, tuple(inputs), tuple(slopes))
        return known[key]

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
            return cls._carefully(op, args)
        data = op.forward(numbers)  # total, as are the partials of the rows that come here
        partials = op.partials[0](numbers, data)  # type: ignore[misc]
        if plain:
            partials = list(partials)
            for i in plain:
                partials[i] = None
        return cls._node(op, data, args, tuple(partials))

    @classmethod
    def _carefully(cls: type[Self], op: Primitive, args: tuple[Any, ...]) -> Self | float:
        result: Self | float = op(*args)
        return result

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

    # What Python asks of an object

    def __dir__(self) -> list[str]:
        """What there is for users; what only the library calls is left out."""
        rows = [row.name for row in PRIMITIVES.values() if not row.helper]
        shown = {"data", "grad", "name", "op", "args", "partials", "backward", *rows}
        return [name for name in super().__dir__() if name in shown or name.startswith("__")]

    def conjugate(self: Self) -> Self:
        """Return the number itself, as of every real number: NumPy's std and var ask for it."""
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if Node not in cls.__bases__:
            raise TypeError("Value cannot be subclassed: its operators return Values; wrap one in a class of your own")
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        return "Value(traced)" if self._data is UNKNOWN else f"Value(data={self._data}, grad={self.grad})"

    def __format__(self, spec: str) -> str:
        self._known("the text of a Value")
        return format(self._data, spec)

    def _ordered(self, op: Primitive, a: Any, b: Any, other: Any) -> Any:
        """Whether a and b, of which the other is not this Value, are in order: a bool, or a condition for `where`."""
        if not isinstance(other, Node):
            plain = operand(other)
            if plain is NotImplemented:
                return NotImplemented
            a, b = (plain if x is other else x for x in (a, b))
        if tracing():
            return self.apply(op, (a, b))
        return op.forward(*(x._data if isinstance(x, Node) else x for x in (a, b)))

    def __lt__(self, other: Any) -> Any:
        return self._ordered(lt, self, other, other)

    def __le__(self, other: Any) -> Any:
        return self._ordered(le, self, other, other)

    def __gt__(self, other: Any) -> Any:
        return self._ordered(lt, other, self, other)

    def __ge__(self, other: Any) -> Any:
        return self._ordered(le, other, self, other)

    @property
    def _is_condition(self) -> bool:
        """Whether it comes of a comparison, or of two that were joined."""
        return self.op is not None and (self.op.selects or not any(self.op.partials))

    def _joined(self, other: Any, both: bool) -> Any:
        """Two conditions joined while a function is traced; elsewhere they are bools already."""
        if not (
            tracing() and self._is_condition and (isinstance(other, bool) or getattr(other, "_is_condition", False))
        ):
            return NotImplemented
        return self.apply(where, (self, other, 0.0) if both else (self, 1.0, other))

    def __and__(self, other: Any) -> Any:
        return self._joined(other, True)

    def __or__(self, other: Any) -> Any:
        return self._joined(other, False)

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: object) -> bool:
        if UNUSUAL and self is not other and (isinstance(other, Node) or is_real(other)):
            self._known("==, which asks whether two Values are the same object,")
        return self is other

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        self._known("a branch")
        raise TypeError("a Value has no truth value: compare its .data, or choose with autograd.where")

    def __float__(self) -> NoReturn:
        self._known("float()")
        raise TypeError(
            "float(Value) would forget how it was made: take .data for the number; for math.sin and its like there are "
            "autograd.sin and its like, which give a Value"
        )

    def _as_number(self) -> NoReturn:
        self._known("a whole or complex number")
        raise TypeError(
            "a Value is no plain number, and lists and strings are no operands for it: take .data for the number"
        )

    __int__ = __complex__ = __index__ = _as_number

    def _rounded(self, *_: object) -> NoReturn:
        self._known("a rounded number")
        raise TypeError(
            "round(), math.floor() and their like lose the Value: use autograd.floor or autograd.ceil, or .data"
        )

    __round__ = __trunc__ = __floor__ = __ceil__ = _rounded

    def _divided_whole(self, _: object) -> NoReturn:
        self._known("a whole quotient")
        raise TypeError("// and % are not defined for a Value: use autograd.floor(a / b), or .data")

    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _divided_whole

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle leaves; an inner node would lose its history, or recurse over it."""
        self._known("a copy")
        if self.op is not None:
            raise GraphError(
                f"only leaves can be copied or pickled, and this is the result of {self.op.name}(); copy its .data"
            )
        return _restored, (type(self), self._data, self.name, self.grad)


def _restored(cls: type[Self], data: float, name: str | None, grad: float) -> Self:
    leaf = cls(data, name)
    leaf.grad = grad
    return leaf


def _here(name: str) -> str:
    """What to add to an error about a name that micrograd has: what it is here."""
    return f"; micrograd's {name} is {MICROGRAD[name]} here" if name in MICROGRAD else ""


def operand(other: Any) -> Any:
    """The other operand as a float, or NotImplemented, so that Python goes on to ask its type."""
    if is_real(other) or isinstance(other, complex) or (is_array(other) and not other.ndim and other.dtype != object):
        return number(other, "Value arithmetic")  # it raises for what is complex, and says what to do
    return NotImplemented
