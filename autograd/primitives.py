"""The table of primitives: each one's value, partial derivatives, domain and twin, written once.

A partial takes the arguments and the output and uses operators and other primitives only. So it gives a float for
floats, a graph for Values and a formula for symbols, and whatever is derived from the table is closed under
differentiation. `None` says that there is no derivative. Sources of the formulas: special.py.
"""

import math
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from . import special
from .modes import FAULTS, MODE, is_arithmetic, report
from .reals import listed, number, quoted, real
from .special import INF, NAN, TWO_OVER_SQRT_PI

Interval = tuple[float, float]
Partial = Callable[..., Any]

REAL: Interval = (-INF, INF)
POSITIVE: Interval = (0.0, INF)
UNIT: Interval = (0.0, 1.0)
WITHIN_ONE: Interval = (-1.0, 1.0)
ABOVE_ONE: Interval = (1.0, INF)
ABOVE_MINUS_ONE: Interval = (-1.0, INF)
WHOLE: Interval = (0.0, 4.0)  # for an argument without derivative: its integers

CO_VARARGS = 4  # of a code object: there is a *args
TWINS = {"np": "numpy", "sc": "scipy.special", "own": "autograd.kernels.twins"}


class Primitive:
    """A function of real numbers with its partial derivatives: one row of the table.

    `forward` takes floats and returns one; each of `partials`, one per argument, takes the arguments and the output,
    `(*args, y)`, and uses operators and other primitives only, or is None where there is no derivative. A row that is
    `variadic` takes all its arguments as one sequence, in `forward(xs)` as in `partial(xs, y)`, which returns the
    partials in a sequence; 2 says that two sequences of equal length come one behind the other.

    `domain` has an open interval for each argument, inside which all of them have a value. `symbol` is the operator that the
    primitive is written as. `array` names the twin in NumPy (np.exp), scipy.special (sc.erf), or of our own (own.relu). `commutes` says that
    the order of the arguments does not matter, `selects` that the first one chooses among the others, `starts_at_zero`
    that Python's sum() hands it an int 0 to begin with, `helper` that only other rows' partials need the row. `products`
    gives the value as a sum of products, in pairs of factors, where it is one; `shorter` an equal value that takes less
    work for some constants among the arguments, else None; `plain` an equal value whose derivatives differ, for programs
    that need the value only. `kinks` tells, on floats, how far it is
    to each point without derivative; `latex` is a format of the arguments where they are not written
    as those of a function, and `textbook` has the partials as they are taught, where the exact ones are written otherwise.

    Called with numbers it returns a float, called with Values a Value.

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
        domain: Interval | tuple[Interval, ...] = REAL,
        symbol: str = "",
        array: str = "",
        commutes: bool = False,
        selects: bool = False,
        variadic: int = 0,
        starts_at_zero: bool = False,
        helper: bool = False,
        products: Callable[..., Any] | None = None,
        shorter: Callable[..., Any] | None = None,
        plain: Callable[..., Any] | None = None,
        kinks: Callable[..., tuple[float, ...]] | None = None,
        latex: str = "",
        textbook: tuple[Partial, ...] = (),
        doc: str = "",
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
        self.domain: tuple[Interval, ...] = domain if isinstance(domain[0], tuple) else (domain,) * len(partials)
        self.symbol = symbol or name
        self.array = array
        self.commutes = commutes
        self.selects = selects
        self.variadic = variadic
        self.starts_at_zero = starts_at_zero
        self.helper = helper
        self.products = products
        self.shorter = shorter
        self.plain = plain
        self.kinks = kinks
        self.latex = latex
        self.textbook = textbook
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
            own = type(arg)
            if own is not float:
                if getattr(own, "takes_rows", False):
                    return own.apply(self, args)
                if issubclass(own, float):
                    kind = own  # np.float64 in, np.float64 out, so that 1/0 stays inf down a formula
        self.check_count(len(args))
        return kind(self.value([number(arg, f"{self.name}()") for arg in args]))

    @property
    def is_operator(self) -> bool:
        """Whether Python has a method __name__ for it: it is written with a symbol."""
        return not self.symbol.isidentifier() or self.name == "abs"

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
        report(kind, self.written(args))
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
            found = self.derived(args, y, wanted)
        except FAULTS as fault:
            if not is_arithmetic(fault):
                raise
            import numpy as np

            with np.errstate(all="ignore"):
                found = self.derived([np.float64(x) for x in args], np.float64(y), wanted)
        return [None if d is None else real(d, f"a partial of {self.name}()") for d in found]

    def derived(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials in whatever arithmetic the arguments have; None where not wanted or not there."""
        token = MODE.set(MODE.get().quiet)
        try:
            if self.variadic:
                found = self._of_sequence(args, y, wanted)
            else:
                found = [
                    partial(*args, y) if want and partial is not None else None
                    for partial, want in zip(self.partials, wanted, strict=True)
                ]
        finally:
            MODE.reset(token)
        partials = self.partials * len(args) if self.variadic else self.partials
        for position, (d, partial, want) in enumerate(zip(found, partials, wanted, strict=True)):
            if d is None and want and partial is not None:
                raise TypeError(f"partial {position} of {self.name}() returned None: it must return a slope")
        return found

    def _of_sequence(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials by the members of a sequence."""
        each = self.partials[0]
        found = [None] * len(args) if each is None else each(args, y)
        if len(found) != len(args):
            raise TypeError(f"the partial of {self.name}() gives {len(found)} slopes for {len(args)} arguments")
        return [d if want else None for d, want in zip(found, wanted, strict=True)]

    def taught(self, args: Sequence[Any], y: Any, wanted: Sequence[bool]) -> list[Any]:
        """The partials as textbooks have them, for formulas only; None where not wanted."""
        found = self.textbook[0](args, y) if self.variadic else [partial(*args, y) for partial in self.textbook]
        return [d if want else None for d, want in zip(found, wanted, strict=True)]

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


# Partials too long for a line. `where` asks whether a number is 0: compare(x, 0.0) is the question x != 0.


def _power_by_base(a: Any, b: Any, y: Any) -> Any:
    exact = b * pow(a, b - 1.0)  # for whole b; elsewhere b - 1 is rounded, and y / a is better where it has a value
    share = y / a
    other = where(y, where(y - y, exact, b * share), exact)
    at_zero = where(share - share, 0.0, b * y / a)  # 0 for b = 0, but with the slope 1 / a by b; 0 * share could be nan
    return where(compare(b, 0.0), where(compare(b, floor(b)), other, exact), at_zero)


def _power_by_exponent(a: Any, b: Any, y: Any) -> Any:
    return where(compare(a, 0.0), y * log(a), where(b >= 0.0, 0.0, -y))


def _turn(side: Any, distance: Any) -> Any:
    return where(distance, side / distance / distance, 0.0)


def _leaky_slope(x: Any, slope: Any, y: Any) -> Any:
    return where(x > 0.0, 1.0, where(x <= 0.0, slope, NAN))


def _clip_by_x(x: Any, low: Any, high: Any, y: Any) -> Any:
    return where(x < low, 0.0, where(x > high, 0.0, 1.0 + compare(x, x)))  # nan at nan


def _clip_by_low(x: Any, low: Any, high: Any, y: Any) -> Any:
    return where(x < low, where(low <= high, 1.0, 0.0), 0.0)


def _clip_by_high(x: Any, low: Any, high: Any, y: Any) -> Any:
    return where(maximum(x, low) > high, 1.0, 0.0)


def _unless_infinite(x: Any, slope: Any) -> Any:
    """The slope of a ramp from 0 to x: its formula is inf * 0 at the infinities, where it is 0 and 1."""
    return where(compare(abs(x), INF), slope, step(x))


def _quantile_slope(p: Any, y: Any) -> Any:
    inner = where(p < 0.5, 1.0 / (p * hazard(y)), 1.0 / ((1.0 - p) * hazard(-y)))
    return where(p * (1.0 - p), inner, INF)


def _share(a: Any, b: Any) -> Any:
    """sigmoid(a - b), with what rounding took from the difference."""
    return sigmoid(gap(a, b)) * (1.0 + gap_error(a, b) * sigmoid(gap(b, a)))


def _shares(xs: Sequence[Any], y: Any) -> list[Any]:
    """exp(x)/sum(exp(xs)) for each x: the softmax, also at infinities and ties."""
    largest = peak(*xs)
    weights = [exp(gap(x, largest)) * (1.0 + gap_error(x, largest)) for x in xs]
    whole = sum(*weights)
    return [weight / whole for weight in weights]


def _other_factors(xs: Sequence[Any], y: Any) -> Sequence[Any]:
    half = len(xs) // 2
    others = [*xs[half : 2 * half], *xs[:half]]
    if len(xs) % 2:
        others.append(1.0)  # of the start
    return others


def _pairs(xs: Sequence[Any]) -> list[tuple[Any, Any]]:
    half = len(xs) // 2
    start = [(xs[-1], 1.0)] if len(xs) % 2 else []
    return start + list(zip(xs[:half], xs[half : 2 * half], strict=True))


# Shorter ways for constants, which are floats: the same to the last bit, and within 1 ulp for a square.


def _shorter_product(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if type(one) is float and abs(one) == 1.0:
            return other if one == 1.0 else neg(other)
    return None


def _shorter_quotient(a: Any, b: Any) -> Any:
    if type(b) is float and math.frexp(b)[0] in (0.5, -0.5) and 1e-300 < math.fabs(b) < 1e300:
        return mul(a, 1.0 / b)  # a power of 2: exact
    return None


def _shorter_power(a: Any, b: Any) -> Any:
    if type(b) is not float:
        return None
    if b == 0.0:
        return 1.0
    if b == 1.0:
        return a
    if b == 2.0:
        return mul(a, a)
    return truediv(1.0, a) if b == -1.0 else None


Row = Primitive

# fmt: off
# Arithmetic
add:        Row = Row("add",        lambda a, b: a + b,  lambda a, b, y: 1.0, lambda a, b, y: 1.0,                array="np.add", symbol="+", commutes=True, starts_at_zero=True, products=lambda a, b: [(a, 1.0), (b, 1.0)], doc="the sum a + b")
sub:        Row = Row("sub",        lambda a, b: a - b,  lambda a, b, y: 1.0, lambda a, b, y: -1.0,               array="np.subtract", symbol="-", products=lambda a, b: [(a, 1.0), (b, -1.0)], doc="the difference a - b")
mul:        Row = Row("mul",        lambda a, b: a * b,  lambda a, b, y: b, lambda a, b, y: a,                    array="np.multiply", symbol="*", commutes=True, products=lambda a, b: [(a, b)], shorter=_shorter_product, doc="the product a * b")
truediv:    Row = Row("truediv",    lambda a, b: a / b,  lambda a, b, y: 1.0 / b, lambda a, b, y: -y / b,         array="np.true_divide", symbol="/", shorter=_shorter_quotient, latex=r"\frac{{{0}}}{{{1}}}", textbook=(lambda a, b, y: 1.0 / b, lambda a, b, y: -a / pow(b, 2.0)), doc="the quotient a / b")
pow:        Row = Row("pow",        math.pow,            _power_by_base, _power_by_exponent,                      domain=(POSITIVE, REAL), array="np.power", symbol="**", shorter=_shorter_power, latex=r"{0}^{{{1}}}", textbook=(lambda a, b, y: where(compare(b, 0.0), b * pow(a, b - 1.0), 0.0), _power_by_exponent), doc="a to the power b")
neg:        Row = Row("neg",        lambda x: -x,        lambda x, y: -1.0,                                       array="np.negative", symbol="-", products=lambda x: [(x, -1.0)], doc="the negative, -x")
pos:        Row = Row("pos",        lambda x: x,         lambda x, y: 1.0,                                        array="np.positive", symbol="+", plain=lambda x: x, doc="x itself, as a new node")
abs:        Row = Row("abs",        math.fabs,           lambda x, y: sign(x),                                    array="np.absolute", kinks=lambda x: (x,), latex=r"\left|{0}\right|", doc="the distance of x from 0")

# Exponentials, logarithms, roots
exp:        Row = Row("exp",        math.exp,            lambda x, y: y,                                          array="np.exp", latex=r"e^{{{0}}}", doc="e to the power x")
log:        Row = Row("log",        math.log,            lambda x, y: 1.0 / (x + 0.0),                            domain=POSITIVE, array="np.log", latex=r"\log\left({0}\right)", doc="the natural logarithm")
log1p:      Row = Row("log1p",      math.log1p,          lambda x, y: 1.0 / (1.0 + x),                            domain=ABOVE_MINUS_ONE, array="np.log1p", doc="log(1 + x), exact for small x")
expm1:      Row = Row("expm1",      math.expm1,          lambda x, y: exp(x),                                     array="np.expm1", doc="exp(x) - 1, exact for small x")
log1pmx:    Row = Row("log1pmx",    special.log1pmx,     lambda x, y: -x / (1.0 + x),                             domain=ABOVE_MINUS_ONE)
sqrt:       Row = Row("sqrt",       math.sqrt,           lambda x, y: 0.5 / (y + 0.0),                            domain=POSITIVE, array="np.sqrt", latex=r"\sqrt{{{0}}}", textbook=(lambda x, y: 1.0 / (2.0 * y),), doc="the square root")

# Circular and hyperbolic functions
sin:        Row = Row("sin",        math.sin,            lambda x, y: cos(x),                                     array="np.sin", latex=r"\sin\left({0}\right)", doc="the sine of x radians")
cos:        Row = Row("cos",        math.cos,            lambda x, y: -sin(x),                                    array="np.cos", latex=r"\cos\left({0}\right)", doc="the cosine of x radians")
tan:        Row = Row("tan",        math.tan,            lambda x, y: 1.0 + y * y,                                array="np.tan", latex=r"\tan\left({0}\right)", doc="the tangent of x radians")
asin:       Row = Row("asin",       math.asin,           lambda x, y: 1.0 / sqrt(one_minus_square(x)),          domain=WITHIN_ONE, array="np.arcsin", latex=r"\arcsin\left({0}\right)", textbook=(lambda x, y: 1.0 / sqrt(1.0 - x * x),), doc="the angle whose sine is x")
acos:       Row = Row("acos",       math.acos,           lambda x, y: -1.0 / sqrt(one_minus_square(x)),         domain=WITHIN_ONE, array="np.arccos", latex=r"\arccos\left({0}\right)", textbook=(lambda x, y: -1.0 / sqrt(1.0 - x * x),), doc="the angle whose cosine is x")
atan:       Row = Row("atan",       math.atan,           lambda x, y: pow(1.0 / hypot(1.0, x), 2.0),              array="np.arctan", latex=r"\arctan\left({0}\right)", textbook=(lambda x, y: 1.0 / (1.0 + x * x),), doc="the angle whose tangent is x")
atan2:      Row = Row("atan2",      math.atan2,          lambda a, b, y: _turn(b, hypot(a, b)), lambda a, b, y: _turn(-a, hypot(a, b)), array="np.arctan2", textbook=(lambda a, b, y: b / (a * a + b * b), lambda a, b, y: -a / (a * a + b * b)), doc="the angle of the point (b, a)")
hypot:      Row = Row("hypot",      math.hypot,          lambda a, b, y: where(y, a / y, 0.0), lambda a, b, y: where(y, b / y, 0.0), array="np.hypot", commutes=True, kinks=lambda a, b: (math.hypot(a, b),), doc="sqrt(a*a + b*b), without overflow")
sinh:       Row = Row("sinh",       math.sinh,           lambda x, y: cosh(x),                                    array="np.sinh", latex=r"\sinh\left({0}\right)", doc="the hyperbolic sine")
cosh:       Row = Row("cosh",       math.cosh,           lambda x, y: sinh(x),                                    array="np.cosh", latex=r"\cosh\left({0}\right)", doc="the hyperbolic cosine")
tanh:       Row = Row("tanh",       math.tanh,           lambda x, y: sech2(x),                                   array="np.tanh", latex=r"\tanh\left({0}\right)", textbook=(lambda x, y: 1.0 - y * y,), doc="the hyperbolic tangent")
asinh:      Row = Row("asinh",      math.asinh,          lambda x, y: 1.0 / hypot(1.0, x),                        array="np.arcsinh", textbook=(lambda x, y: 1.0 / sqrt(1.0 + x * x),), doc="the number whose sinh is x")
acosh:      Row = Row("acosh",      math.acosh,          lambda x, y: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),      domain=ABOVE_ONE, array="np.arccosh", textbook=(lambda x, y: 1.0 / sqrt(x * x - 1.0),), doc="the number not below 0 whose cosh is x")
atanh:      Row = Row("atanh",      math.atanh,          lambda x, y: 1.0 / one_minus_square(x),              domain=WITHIN_ONE, array="np.arctanh", textbook=(lambda x, y: 1.0 / (1.0 - x * x),), doc="the number whose tanh is x")

# The normal distribution and the gamma function
erf:        Row = Row("erf",        math.erf,            lambda x, y: TWO_OVER_SQRT_PI * gauss(x),                array="sc.erf", textbook=(lambda x, y: TWO_OVER_SQRT_PI * exp(-(x * x)),), doc="the error function")
erfc:       Row = Row("erfc",       math.erfc,           lambda x, y: -TWO_OVER_SQRT_PI * gauss(x),               doc="1 - erf(x), exact for large x", textbook=(lambda x, y: -TWO_OVER_SQRT_PI * exp(-(x * x)),))
norm_pdf:   Row = Row("norm_pdf",   special.norm_pdf,    lambda x, y: -x * y, latex=r"\phi\left({0}\right)")
norm_cdf:   Row = Row("norm_cdf",   special.norm_cdf,    lambda x, y: norm_pdf(x), latex=r"\Phi\left({0}\right)")
log_ndtr:   Row = Row("log_ndtr",   special.log_ndtr,    lambda x, y: hazard(x), textbook=(lambda x, y: norm_pdf(x) / norm_cdf(x),))
ndtri:      Row = Row("ndtri",      special.ndtri,       _quantile_slope,                                         domain=UNIT, latex=r"\Phi^{{-1}}\left({0}\right)", textbook=(lambda p, y: 1.0 / norm_pdf(y),))
lgamma:     Row = Row("lgamma",     special.lgamma,      lambda x, y: digamma(x),                                 domain=POSITIVE, latex=r"\ln\Gamma\left({0}\right)")
digamma:    Row = Row("digamma",    special.digamma,     lambda x, y: polygamma(1.0, x),                          domain=POSITIVE, latex=r"\psi\left({0}\right)")
polygamma:  Row = Row("polygamma",  special.polygamma,   None, lambda n, x, y: polygamma(n + 1.0, x),             domain=(WHOLE, POSITIVE))

# Smooth and broken ramps
sigmoid:    Row = Row("sigmoid",    special.sigmoid,     lambda x, y: 0.25 * sech2(0.5 * x), latex=r"\sigma\left({0}\right)", textbook=(lambda x, y: y * (1.0 - y),))
logsigmoid: Row = Row("logsigmoid", special.logsigmoid,  lambda x, y: sigmoid(-x))
softplus:   Row = Row("softplus",   special.softplus,    lambda x, y: sigmoid(x))
logit:      Row = Row("logit",      special.logit,       lambda p, y: 1.0 / (p * (1.0 - p)),                      domain=UNIT)
relu:       Row = Row("relu",       special.relu,        lambda x, y: relu(compare(x, 0.0)), array="own.relu", kinks=lambda x: (x,), textbook=(lambda x, y: where(x > 0.0, 1.0, 0.0),))
leaky_relu: Row = Row("leaky_relu", special.leaky_relu,  _leaky_slope, lambda x, slope, y: where(x > 0.0, 0.0, x), array="own.leaky_relu", kinks=lambda x, slope: (x,))
elu:        Row = Row("elu",        special.elu,         lambda x, a, y: where(x > 0.0, 1.0, a * exp(x)), lambda x, a, y: where(x > 0.0, 0.0, expm1(x)), kinks=lambda x, a: (x,))
silu:       Row = Row("silu",       special.silu,        lambda x, y: _unless_infinite(x, sigmoid(x) + y * sigmoid(-x)), textbook=(lambda x, y: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),))
gelu:       Row = Row("gelu",       special.gelu,        lambda x, y: _unless_infinite(x, norm_cdf(x) + x * norm_pdf(x)), textbook=(lambda x, y: norm_cdf(x) + x * norm_pdf(x),))

# Choices
maximum:    Row = Row("maximum",    special.maximum,     lambda a, b, y: 0.5 + 0.5 * compare(a, b), lambda a, b, y: 0.5 - 0.5 * compare(a, b), array="np.maximum", commutes=True, kinks=lambda a, b: (a - b,), latex=r"\max\left({0}, {1}\right)", textbook=(lambda a, b, y: where(a > b, 1.0, where(a < b, 0.0, 0.5)), lambda a, b, y: where(a < b, 1.0, where(a > b, 0.0, 0.5))))
minimum:    Row = Row("minimum",    special.minimum,     lambda a, b, y: 0.5 - 0.5 * compare(a, b), lambda a, b, y: 0.5 + 0.5 * compare(a, b), array="np.minimum", commutes=True, kinks=lambda a, b: (a - b,), latex=r"\min\left({0}, {1}\right)", textbook=(lambda a, b, y: where(a < b, 1.0, where(a > b, 0.0, 0.5)), lambda a, b, y: where(a > b, 1.0, where(a < b, 0.0, 0.5))))
clip:       Row = Row("clip",       special.clip,        _clip_by_x, _clip_by_low, _clip_by_high,                 array="np.clip", kinks=lambda x, low, high: (x - low, x - high), textbook=(lambda x, low, high, y: where(x < low, 0.0, where(x > high, 0.0, 1.0)), _clip_by_low, _clip_by_high))
where:      Row = Row("where",      special.where,       None, lambda c, a, b, y: where(c, 1.0, 0.0), lambda c, a, b, y: where(c, 0.0, 1.0), domain=(WHOLE, REAL, REAL), array="np.where", selects=True)

# Sums of exponentials, products with a logarithm
logaddexp:  Row = Row("logaddexp",  special.logaddexp,   lambda a, b, y: _share(a, b), lambda a, b, y: _share(b, a), commutes=True, textbook=(lambda a, b, y: exp(a - y), lambda a, b, y: exp(b - y)))
xlogy:      Row = Row("xlogy",      special.xlogy,       lambda a, b, y: log(b), lambda a, b, y: ratio(a, b), domain=(REAL, POSITIVE), textbook=(lambda a, b, y: log(b), lambda a, b, y: a / b))
xlog1py:    Row = Row("xlog1py",    special.xlog1py,     lambda a, b, y: log1p(b), lambda a, b, y: ratio(a, 1.0 + b), domain=(REAL, ABOVE_MINUS_ONE), textbook=(lambda a, b, y: log1p(b), lambda a, b, y: a / (1.0 + b)))

# Steps: no derivative
sign:       Row = Row("sign",       special.sign,        None,                                                    array="np.sign", kinks=lambda x: (x,))
floor:      Row = Row("floor",      special.floor,       None,                                                    array="np.floor", kinks=lambda x: (math.remainder(x, 1.0),), latex=r"\left\lfloor{0}\right\rfloor")
ceil:       Row = Row("ceil",       special.ceil,        None,                                                    array="np.ceil", kinks=lambda x: (math.remainder(x, 1.0),), latex=r"\left\lceil{0}\right\rceil")
step:       Row = Row("step",       special.step,        None, array="own.step", kinks=lambda x: (x,))
threshold:  Row = Row("threshold",  special.threshold,   None, array="own.threshold", kinks=lambda x: (x,))

# Over sequences
sum:        Row = Row("sum",        special.total,       lambda xs, y: (1.0,) * len(xs),                          variadic=1, commutes=True, products=lambda xs: [(x, 1.0) for x in xs])
dot:        Row = Row("dot",        special.dot,         _other_factors,                                          variadic=2, products=_pairs)
logsumexp:  Row = Row("logsumexp",  special.logsumexp,   _shares,                                                 variadic=1, commutes=True, textbook=(lambda xs, y: [exp(x - y) for x in xs],))

# Helpers that other rows' partials need
lt:         Row = Row("lt",         lambda a, b: a < b,  None, None,                                              array="np.less", symbol="<", helper=True, doc="1 where a < b, else 0")
le:         Row = Row("le",         lambda a, b: a <= b, None, None,                                              array="np.less_equal", symbol="<=", helper=True, doc="1 where a <= b, else 0")
compare:    Row = Row("compare",    special.compare,     None, None,                                              helper=True, array="own.compare")
paced:      Row = Row("paced",      special.paced,       lambda rate, slope, d, y: d, lambda rate, slope, d, y: rate, None, helper=True, plain=lambda rate, slope, d: mul(rate, slope))
ratio:      Row = Row("ratio",      special.ratio,       lambda a, b, y: 1.0 / (b + 0.0), lambda a, b, y: -ratio(y, b), helper=True, array="own.ratio")
one_minus_square: Row = Row("one_minus_square", special.one_minus_square, lambda x, y: -2.0 * x,                   helper=True)
sech2:      Row = Row("sech2",      special.sech2,       lambda x, y: -2.0 * y * tanh(x),                         helper=True)
gauss:      Row = Row("gauss",      special.gauss,       lambda x, y: -2.0 * x * y,                               helper=True)
hazard:     Row = Row("hazard",     special.hazard,      lambda x, y: -y * excess(x),                             helper=True)
excess:     Row = Row("excess",     special.excess,      lambda x, y: 1.0 - hazard(x) * y,                        helper=True)
gap:        Row = Row("gap",        special.gap,         lambda a, b, y: 1.0, lambda a, b, y: -1.0,               helper=True)
gap_error:  Row = Row("gap_error",  special.gap_error,   None, None,                                              helper=True)
peak:       Row = Row("peak",       special.peak,        None,                                                    variadic=1, commutes=True, helper=True)
# fmt: on

PRIMITIVES: dict[str, Primitive] = {name: row for name, row in list(globals().items()) if isinstance(row, Primitive)}
