"""What a primitive is: its value, its partial derivatives, and what else its row in the table says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from .faults import FAULTS, is_arithmetic, warn_of
from .interval import REAL, Interval
from .modes import MODE
from .reals import listed, number, quoted, real

Partial = Callable[..., Any]
CO_VARARGS = 4  # of a code object: there is a *args
TWINS = {"np": "numpy", "sc": "scipy.special", "own": "autograd.compiling.twins"}


class Primitive:
    """A function of real numbers with its partial derivatives: one row of the table.

    `forward` takes floats and returns one. Each of `partials`, one per argument, takes the arguments and the output,
    `(*args, y)`, and uses operators and other primitives only; it is None where there is no derivative. Called with
    numbers, a primitive returns a float; called with Values, a Value.

    Mathematics:

    - `domain`: an open interval for each argument, inside which all of them have a value.
    - `array`: its twin for arrays, of NumPy (np.exp), scipy.special (sc.erf), or our own (own.relu).
    - `raises`: for some floats Python's arithmetic raises in the value or in a partial, where IEEE's gives inf or nan.
    - `commutes`: the order of the arguments does not matter.
    - `selects`: the first argument chooses one of the two others.
    - `variadic`: all arguments are one sequence, in `forward(xs)` and in `partial(xs, y)`, which returns a sequence too;
      2 says that two sequences of equal length come one behind the other, and perhaps a number to start from.
    - `products`: returns the value as a sum of products, in pairs of factors, where it is one.
    - `kinks`: tells, on floats, how far it is to each point without derivative.
    - `starts_at_zero`: Python's sum() hands it an int 0 to begin with.
    - `exact`: what it is in mathematics, for other arithmetics than that of floats: a function of an arithmetic m and the arguments, or the
      name of one of m's functions; where it is left out, the forward is taken. See `autograd.testing.evaluate`.
    - `helper`: only other rows' partials need it.

    What is shown:

    - `doc`: what it is, in some words.
    - `symbol`: the operator that it is written as, which binds its operands as tightly as `binds` says.
    - `operator`: Python has a method for it; so it is with all that have a symbol.
    - `mirrored`: the method and the symbol of the same question asked from the other side, as > is for <.
    - `also`: what it is called elsewhere.
    - `latex`: a format of the arguments, where they are not written as those of a function.
    - `textbook`: the partials as they are taught, where the exact ones are written otherwise.

    Raises TypeError for a name that is no identifier, a forward or partial that is not callable, no partial at all.

    >>> from autograd import Primitive, Value
    >>> cube = Primitive("cube", lambda x: x * x * x, lambda x, y: 3.0 * x * x)
    >>> x = Value(2.0)
    >>> y = cube(x)
    >>> y.backward()
    >>> y.data, x.grad
    (8.0, 12.0)
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        *partials: Partial | None,
        domain: tuple[float, float] | tuple[tuple[float, float], ...] = REAL,
        array: str = "",
        raises: bool = False,
        commutes: bool = False,
        selects: bool = False,
        variadic: int = 0,
        products: Callable[..., Any] | None = None,
        kinks: Callable[..., tuple[float, ...]] | None = None,
        starts_at_zero: bool = False,
        helper: bool = False,
        doc: str = "",
        symbol: str = "",
        binds: tuple[int, ...] = (),
        operator: bool = False,
        mirrored: tuple[str, str] | None = None,
        also: str = "",
        latex: str = "",
        textbook: tuple[Partial, ...] = (),
        exact: str | Callable[..., Any] = "",
    ) -> None:
        if not (isinstance(name, str) and name.isidentifier()):
            raise TypeError(f"Primitive() expects an identifier as its name, got {quoted(repr(name))}")
        if not callable(forward):
            raise TypeError(f"Primitive {name} expects a callable forward, got {type(forward).__name__}")
        if not partials:
            raise TypeError(f"Primitive {name} expects a partial for each argument (None where there is none), got 0")
        for position, partial in enumerate(partials):
            if not (partial is None or callable(partial)):
                raise TypeError(
                    f"Primitive {name} expects a callable or None as partial {position}, got {type(partial).__name__}"
                )
            _check_partial(name, position, partial, 2 if variadic else len(partials) + 1)
        self.__module__ = sys._getframe(1).f_globals.get("__name__", "")
        self.name = self.__name__ = name
        self.forward = forward
        self.partials = partials
        each = domain if isinstance(domain[0], tuple) else (domain,) * len(partials)
        self.domain = tuple(Interval.of(ends, f"Primitive {name} expects as domain") for ends in each)
        self.array = array
        self.raises = raises
        self.commutes = commutes
        self.selects = selects
        self.variadic = variadic
        self.products = products
        self.kinks = kinks
        self.starts_at_zero = starts_at_zero
        self.helper = helper
        self.symbol = symbol or name
        self.binds = binds
        self.is_operator = operator or not self.symbol.isidentifier()
        self.mirrored = mirrored
        self.also = also
        self.latex, self.textbook, self.exact = latex, textbook, exact
        summary = doc or (forward.__doc__ or name).split("\n")[0].rstrip(".")
        self.doc = summary[0].lower() + summary[1:]

    def __repr__(self) -> str:
        return f"Primitive({self.name!r})"

    def __reduce__(self) -> str:
        """Pickled by its name, as a function is."""
        return self.name

    def __call__(self, *args: Any) -> Any:
        """Apply to Values, to symbols, or to numbers."""
        kind: type = float
        for arg in args:
            cls = type(arg)
            if cls is not float:
                if getattr(cls, "takes_rows", False):
                    return cls.apply(self, args)
                if issubclass(cls, float):
                    kind = cls  # np.float64 in, np.float64 out, so that 1/0 stays inf down a formula
        self.check_count(len(args))
        return kind(self.value([number(arg, f"{self.name}()") for arg in args]))

    @property
    def inline(self) -> bool:
        """Whether its value is written with the symbol, as an operator of Python."""
        return self.is_operator and self.forward.__name__ == "<lambda>"

    @property
    def is_unary(self) -> bool:
        """Whether one argument is enough: the others have defaults."""
        optional = getattr(self.forward, "__defaults__", None) or ()
        return not self.variadic and len(self.partials) - len(optional) == 1

    def check_count(self, count: int) -> None:
        """Raise TypeError unless the primitive takes so many arguments."""
        if not self.variadic and count != len(self.partials):
            raise TypeError(
                f"{self.name}() takes as many arguments as it has partials, {len(self.partials)}, got {count}"
            )

    def value(self, args: Sequence[float]) -> float:
        """The value on floats by IEEE arithmetic; where Python raises, NumPy's answer and a warning."""
        try:
            y = self.forward(args) if self.variadic else self.forward(*args)
        except FAULTS as fault:
            if not is_arithmetic(fault):
                raise
            y = self._rescued(args, fault)
        if type(y) is not float:
            y = real(y, f"the value of {self.name}()")
        return y

    def _rescued(self, args: Sequence[float], fault: Exception) -> float:
        """The row rerun on np.float64, by its twin where it has one."""
        import numpy as np

        function = self.twin or self.forward
        with np.errstate(all="ignore"):
            try:
                y = float(function(*map(np.float64, args)))
            except FAULTS:
                raise fault from None
        kind = "invalid value" if y != y else "overflow" if isinstance(fault, OverflowError) else "divide by zero"
        warn_of(kind, self.written(args))
        return y

    @property
    def twin(self) -> Callable[..., Any] | None:
        """The function of NumPy or SciPy that `array` names."""
        if not self.array:
            return None
        module, _, name = self.array.partition(".")
        return getattr(import_module(TWINS[module]), name)  # type: ignore[no-any-return]

    def slopes(self, args: Sequence[float], y: float, wanted: Sequence[bool]) -> list[float | None]:
        """The partials on floats by IEEE arithmetic, without a warning; None where not wanted or not there."""
        try:
            slopes = self.derived(args, y, wanted)
        except FAULTS as fault:
            if not is_arithmetic(fault):
                raise
            import numpy as np

            with np.errstate(all="ignore"):
                slopes = self.derived([np.float64(x) for x in args], np.float64(y), wanted)
        return [None if d is None else real(d, f"a partial of {self.name}()") for d in slopes]

    def derived(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials in whatever arithmetic the arguments have; None where not wanted or not there."""
        token = MODE.set(MODE.get().quiet)
        try:
            if self.variadic:
                slopes = self._of_sequence(args, y, wanted)
            else:
                slopes = [
                    partial(*args, y) if want and partial is not None else None
                    for partial, want in zip(self.partials, wanted, strict=True)
                ]
        finally:
            MODE.reset(token)
        partials = self.partials * len(args) if self.variadic else self.partials
        for position, (d, partial, want) in enumerate(zip(slopes, partials, wanted, strict=True)):
            if d is None and want and partial is not None:
                raise TypeError(f"partial {position} of {self.name}() returned None: it must return a slope")
        return slopes

    def _of_sequence(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials by the members of a sequence."""
        each = self.partials[0]
        slopes = [None] * len(args) if each is None else each(args, y)
        if len(slopes) != len(args):
            raise TypeError(f"the partial of {self.name}() gives {len(slopes)} slopes for {len(args)} arguments")
        return [d if want else None for d, want in zip(slopes, wanted, strict=True)]

    def taught(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials as textbooks have them, for formulas only; None where not wanted."""
        slopes = self.textbook[0](args, y) if self.variadic else [partial(*args, y) for partial in self.textbook]
        return [d if want else None for d, want in zip(slopes, wanted, strict=True)]

    def chosen(self, condition: float) -> int:
        """Return the position of the argument that a row which selects takes."""
        return 1 if condition else 2

    def groups(self, args: Sequence[Any]) -> tuple[list[Sequence[Any]], Sequence[Any]]:
        """Return the sequences of a variadic row's arguments, and what else there is: the number to start from."""
        size = len(args) // self.variadic
        if self.variadic == 1:
            return [args], ()
        return [args[:size], args[size : 2 * size]], args[2 * size :]

    def written(self, args: Sequence[Any]) -> str:
        """The call with these arguments, as in log(-1.0); of many only the first."""
        return f"{self.name}({listed(args)})"


def _check_partial(name: str, position: int, partial: Partial | None, count: int) -> None:
    """Raise TypeError unless a partial takes the arguments and the output."""
    code = getattr(partial, "__code__", None)
    if code is None or code.co_flags & CO_VARARGS:
        return
    if not code.co_argcount - len(getattr(partial, "__defaults__", None) or ()) <= count <= code.co_argcount:
        raise TypeError(
            f"Primitive {name}: a partial takes all the arguments and the output, {count} in all, as in lambda x, y: ...; "
            f"partial {position} takes {code.co_argcount}"
        )
