"""What Python asks of a number, and what a Value answers: text, order, truth, copies.

A Value has no truth, no order of its own and no float, lest a graph be lost in silence: what would lose it is refused, and the
message says what to write instead.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from .errors import GraphError
from .modes import UNUSUAL
from .primitive import Primitive
from .primitives import CHOICE, PRIMITIVES
from .reals import is_real, operand
from .tracing import UNKNOWN, refuse, tracing

Self = TypeVar("Self", bound="AsNumber")
MICROGRAD = {"label": "name", "_prev": "args", "_children": "args", "_op": "op", "_backward": "partials"}


class Elsewhere:
    """An attribute of micrograd's: asking for it tells what it is called here."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, node: object, owner: type | None = None) -> NoReturn:
        raise AttributeError(f"'Value' object has no attribute {self.name!r}{here(self.name)}")


def here(name: str) -> str:
    """Return what to add to an error about a name that micrograd has: what it is here."""
    return f"; micrograd's {name} is {MICROGRAD[name]} here" if name in MICROGRAD else ""


class AsNumber:
    """The answers of a Value to Python."""

    __slots__ = ()

    _prev, _children, _op, _backward, label = Elsewhere(), Elsewhere(), Elsewhere(), Elsewhere(), Elsewhere()

    _data: float
    grad: float
    name: str | None
    op: Primitive | None
    apply: Any

    def _known(self, what: str) -> None:
        """Raise TraceError where this Value stands for every number at once."""
        if self._data is UNKNOWN or tracing():
            refuse(what)

    def __dir__(self) -> list[str]:
        """What there is for users; what only the library calls is left out."""
        rows = [row.name for row in PRIMITIVES.values() if not row.helper]
        shown = {"data", "grad", "name", "op", "args", "partials", "backward", *rows}
        return [name for name in super().__dir__() if name in shown or name.startswith("__")]

    def conjugate(self: Self) -> Self:
        """Return the number itself, as of every real number: NumPy's std and var ask for it."""
        return self

    def __repr__(self) -> str:
        return "Value(traced)" if self._data is UNKNOWN else f"Value(data={self._data}, grad={self.grad})"

    def __format__(self, spec: str) -> str:
        self._known("the text of a Value")
        return format(self._data, spec)

    def _ordered(self, op: Primitive, a: Any, b: Any, other: Any) -> Any:
        """Whether a and b, of which the other is not this Value, are in order: a bool, or a condition for `where`."""
        if not isinstance(other, AsNumber):
            plain = operand(other)
            if plain is NotImplemented:
                return NotImplemented
            a, b = (plain if x is other else x for x in (a, b))
        if tracing():
            return self.apply(op, (a, b))
        return op.forward(*(x._data if isinstance(x, AsNumber) else x for x in (a, b)))

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
        return self.apply(CHOICE, (self, other, 0.0) if both else (self, 1.0, other))

    def __and__(self, other: Any) -> Any:
        return self._joined(other, True)

    def __or__(self, other: Any) -> Any:
        return self._joined(other, False)

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: object) -> bool:
        if UNUSUAL and self is not other and (isinstance(other, AsNumber) or is_real(other)):
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


def _restored(cls: type[Any], data: float, name: str | None, grad: float) -> Any:
    leaf = cls(data, name)
    leaf.grad = grad
    return leaf
