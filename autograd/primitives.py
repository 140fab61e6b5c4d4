"""The table of primitives: each one's value, partial derivatives, domain and twin, written once.

A partial takes the arguments and the output and uses operators and other primitives only. So it gives a float for
floats, a graph for Values and a formula for symbols, and whatever is derived from the table is closed under
differentiation. `None` says that there is no derivative. Sources of the formulas: special.py. What a column means:
primitive.py.
"""

import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

from . import special
from .interval import POSITIVE, REAL, UNIT, Interval, Whole
from .primitive import Primitive
from .special import INF, NAN, TWO_OVER_SQRT_PI

WITHIN_ONE = Interval(-1.0, 1.0)
ABOVE_ONE = Interval(1.0, INF)
ABOVE_MINUS_ONE = Interval(-1.0, INF)
WHOLE = Whole(0.0, 4.0)

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


def shares(xs: Sequence[Any], y: Any = None) -> list[Any]:
    """exp(x)/sum(exp(xs)) for each x: the softmax, also at infinities and ties."""
    largest = peak(*xs)
    weights = [exp(gap(x, largest)) * (1.0 + gap_error(x, largest)) for x in xs]
    whole = sum(*weights)
    return [weight / whole for weight in weights]


def _other_factors(xs: Sequence[Any], y: Any) -> Sequence[Any]:
    half = len(xs) // 2  # as `groups` has it, without a call: every neuron comes here
    return [*xs[half : 2 * half], *xs[:half], *[1.0] * (len(xs) % 2)]


def _pairs(xs: Sequence[Any]) -> list[tuple[Any, Any]]:
    (first, second), start = dot.groups(xs)
    return [*((x, 1.0) for x in start), *zip(first, second, strict=True)]


Row = Primitive

# fmt: off
# Arithmetic
add:        Row = Row("add", lambda a, b: a + b, lambda a, b, y: 1.0, lambda a, b, y: 1.0,
                      array="np.add", commutes=True, starts_at_zero=True, products=lambda a, b: [(a, 1.0), (b, 1.0)],
                      doc="the sum a + b", symbol="+", binds=(2, 3), exact="added")
sub:        Row = Row("sub", lambda a, b: a - b, lambda a, b, y: 1.0, lambda a, b, y: -1.0,
                      array="np.subtract", products=lambda a, b: [(a, 1.0), (b, -1.0)],
                      doc="the difference a - b", symbol="-", binds=(2, 3), exact="subtracted")
mul:        Row = Row("mul", lambda a, b: a * b, lambda a, b, y: b, lambda a, b, y: a,
                      array="np.multiply", commutes=True, products=lambda a, b: [(a, b)],
                      doc="the product a * b", symbol="*", binds=(3, 4), exact="multiplied")
truediv:    Row = Row("truediv", lambda a, b: a / b, lambda a, b, y: 1.0 / b, lambda a, b, y: -y / b, array="np.true_divide", raises=True,
                      doc="the quotient a / b", symbol="/", binds=(3, 4), latex=r"\frac{{{0}}}{{{1}}}",
                      textbook=(lambda a, b, y: 1.0 / b, lambda a, b, y: -a / pow(b, 2.0)), exact="divided")
pow:        Row = Row("pow", math.pow, _power_by_base, _power_by_exponent, domain=(POSITIVE, REAL), array="np.power", raises=True,
                      doc="a to the power b", symbol="**", binds=(6, 5), latex=r"{0}^{{{1}}}",
                      textbook=(lambda a, b, y: where(compare(b, 0.0), b * pow(a, b - 1.0), 0.0), _power_by_exponent), exact="power")
neg:        Row = Row("neg", lambda x: -x, lambda x, y: -1.0, array="np.negative", products=lambda x: [(x, -1.0)],
                      doc="the negative, -x", symbol="-", binds=(4,), exact="negated")
pos:        Row = Row("pos", lambda x: x, lambda x, y: 1.0, array="np.positive",
                      doc="x itself, as a new node", symbol="+", binds=(4,), exact=lambda m, x: x)
abs:        Row = Row("abs", math.fabs, lambda x, y: sign(x), array="np.absolute", kinks=lambda x: (x,),
                      doc="the distance of x from 0", operator=True, latex=r"\left|{0}\right|", exact="absolute")

# Exponentials, logarithms, roots
exp:        Row = Row("exp", math.exp, lambda x, y: y, array="np.exp", raises=True,
                      doc="e to the power x", latex=r"e^{{{0}}}", exact="exp")
log:        Row = Row("log", math.log, lambda x, y: 1.0 / (x + 0.0), domain=POSITIVE, array="np.log", raises=True,
                      doc="the natural logarithm", also="ln", latex=r"\log\left({0}\right)", exact="log")
log1p:      Row = Row("log1p", math.log1p, lambda x, y: 1.0 / (1.0 + x), domain=ABOVE_MINUS_ONE, array="np.log1p", raises=True,
                      doc="log(1 + x), exact for small x", exact="log1p")
expm1:      Row = Row("expm1", math.expm1, lambda x, y: exp(x), array="np.expm1", raises=True,
                      doc="exp(x) - 1, exact for small x", exact="expm1")
log1pmx:    Row = Row("log1pmx", special.log1pmx, lambda x, y: -x / (1.0 + x), domain=ABOVE_MINUS_ONE, raises=True, exact=lambda m, x: m.log1p(x) - x)
sqrt:       Row = Row("sqrt", math.sqrt, lambda x, y: 0.5 / (y + 0.0), domain=POSITIVE, array="np.sqrt", raises=True,
                      doc="the square root", latex=r"\sqrt{{{0}}}", textbook=(lambda x, y: 1.0 / (2.0 * y),), exact="sqrt")

# Circular and hyperbolic functions
sin:        Row = Row("sin", math.sin, lambda x, y: cos(x), array="np.sin", raises=True,
                      doc="the sine of x radians", latex=r"\sin\left({0}\right)", exact="sin")
cos:        Row = Row("cos", math.cos, lambda x, y: -sin(x), array="np.cos", raises=True,
                      doc="the cosine of x radians", latex=r"\cos\left({0}\right)", exact="cos")
tan:        Row = Row("tan", math.tan, lambda x, y: 1.0 + y * y, array="np.tan", raises=True,
                      doc="the tangent of x radians", latex=r"\tan\left({0}\right)", exact="tan")
asin:       Row = Row("asin", math.asin, lambda x, y: 1.0 / sqrt(one_minus_square(x)), domain=WITHIN_ONE, array="np.arcsin", raises=True,
                      doc="the angle whose sine is x", latex=r"\arcsin\left({0}\right)", textbook=(lambda x, y: 1.0 / sqrt(1.0 - x * x),), exact="asin")
acos:       Row = Row("acos", math.acos, lambda x, y: -1.0 / sqrt(one_minus_square(x)), domain=WITHIN_ONE, array="np.arccos", raises=True,
                      doc="the angle whose cosine is x", latex=r"\arccos\left({0}\right)", textbook=(lambda x, y: -1.0 / sqrt(1.0 - x * x),), exact="acos")
atan:       Row = Row("atan", math.atan, lambda x, y: pow(1.0 / hypot(1.0, x), 2.0), array="np.arctan",
                      doc="the angle whose tangent is x", latex=r"\arctan\left({0}\right)", textbook=(lambda x, y: 1.0 / (1.0 + x * x),), exact="atan")
atan2:      Row = Row("atan2", math.atan2, lambda a, b, y: _turn(b, hypot(a, b)), lambda a, b, y: _turn(-a, hypot(a, b)), array="np.arctan2",
                      kinks=lambda a, b: (a if b < 0.0 else math.hypot(a, b),),
                      doc="the angle of the point (b, a)", textbook=(lambda a, b, y: b / (a * a + b * b), lambda a, b, y: -a / (a * a + b * b)), exact="atan2")
hypot:      Row = Row("hypot", math.hypot, lambda a, b, y: where(y, a / y, 0.0), lambda a, b, y: where(y, b / y, 0.0),
                      array="np.hypot", commutes=True, kinks=lambda a, b: (math.hypot(a, b),),
                      doc="sqrt(a*a + b*b), without overflow", exact=lambda m, a, b: m.sqrt(a * a + b * b))
sinh:       Row = Row("sinh", math.sinh, lambda x, y: cosh(x), array="np.sinh", raises=True,
                      doc="the hyperbolic sine", latex=r"\sinh\left({0}\right)", exact="sinh")
cosh:       Row = Row("cosh", math.cosh, lambda x, y: sinh(x), array="np.cosh", raises=True,
                      doc="the hyperbolic cosine", latex=r"\cosh\left({0}\right)", exact="cosh")
tanh:       Row = Row("tanh", math.tanh, lambda x, y: sech2(x), array="np.tanh",
                      doc="the hyperbolic tangent", latex=r"\tanh\left({0}\right)", textbook=(lambda x, y: 1.0 - y * y,), exact="tanh")
asinh:      Row = Row("asinh", math.asinh, lambda x, y: 1.0 / hypot(1.0, x), array="np.arcsinh",
                      doc="the number whose sinh is x", textbook=(lambda x, y: 1.0 / sqrt(1.0 + x * x),), exact="asinh")
acosh:      Row = Row("acosh", math.acosh, lambda x, y: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)), domain=ABOVE_ONE, array="np.arccosh", raises=True,
                      doc="the number not below 0 whose cosh is x", textbook=(lambda x, y: 1.0 / sqrt(x * x - 1.0),), exact="acosh")
atanh:      Row = Row("atanh", math.atanh, lambda x, y: 1.0 / one_minus_square(x), domain=WITHIN_ONE, array="np.arctanh", raises=True,
                      doc="the number whose tanh is x", textbook=(lambda x, y: 1.0 / (1.0 - x * x),), exact="atanh")

# The normal distribution and the gamma function
erf:        Row = Row("erf", math.erf, lambda x, y: TWO_OVER_SQRT_PI * gauss(x), array="sc.erf",
                      doc="the error function", textbook=(lambda x, y: TWO_OVER_SQRT_PI * exp(-(x * x)),), exact="erf")
erfc:       Row = Row("erfc", math.erfc, lambda x, y: -TWO_OVER_SQRT_PI * gauss(x),
                      doc="1 - erf(x), exact for large x", textbook=(lambda x, y: -TWO_OVER_SQRT_PI * exp(-(x * x)),), exact="erfc")
norm_pdf:   Row = Row("norm_pdf", special.norm_pdf, lambda x, y: -x * y,
                      latex=r"\phi\left({0}\right)", exact="npdf")
norm_cdf:   Row = Row("norm_cdf", special.norm_cdf, lambda x, y: norm_pdf(x),
                      latex=r"\Phi\left({0}\right)", exact="ncdf")
log_ndtr:   Row = Row("log_ndtr", special.log_ndtr, lambda x, y: hazard(x),
                      textbook=(lambda x, y: norm_pdf(x) / norm_cdf(x),), exact=lambda m, x: m.log(m.ncdf(x)))
ndtri:      Row = Row("ndtri", special.ndtri, _quantile_slope, domain=UNIT,
                      latex=r"\Phi^{{-1}}\left({0}\right)", textbook=(lambda p, y: 1.0 / norm_pdf(y),), exact="ncdf_inverse")
lgamma:     Row = Row("lgamma", special.lgamma, lambda x, y: digamma(x), domain=POSITIVE,
                      latex=r"\ln\Gamma\left({0}\right)", exact="loggamma")
digamma:    Row = Row("digamma", special.digamma, lambda x, y: polygamma(1.0, x), domain=POSITIVE,
                      latex=r"\psi\left({0}\right)", exact=lambda m, x: m.polygamma(m.number(0.0), x))
polygamma:  Row = Row("polygamma", special.polygamma, None, lambda n, x, y: polygamma(n + 1.0, x), domain=(WHOLE, POSITIVE), exact="polygamma")

# Smooth and broken ramps
sigmoid:    Row = Row("sigmoid", special.sigmoid, lambda x, y: 0.25 * sech2(0.5 * x),
                      latex=r"\sigma\left({0}\right)", textbook=(lambda x, y: y * (1.0 - y),), exact=lambda m, x: 1 / (1 + m.exp(-x)))
logsigmoid: Row = Row("logsigmoid", special.logsigmoid, lambda x, y: sigmoid(-x), exact=lambda m, x: -m.log(1 + m.exp(-x)))
softplus:   Row = Row("softplus", special.softplus, lambda x, y: sigmoid(x), exact=lambda m, x: m.log(1 + m.exp(x)))
logit:      Row = Row("logit", special.logit, lambda p, y: 1.0 / (p * (1.0 - p)), domain=UNIT, raises=True, exact=lambda m, p: m.log(p / (1 - p)))
relu:       Row = Row("relu", special.relu, lambda x, y: relu(compare(x, 0.0)), array="own.relu", kinks=lambda x: (x,),
                      textbook=(lambda x, y: where(x > 0.0, 1.0, 0.0),), exact=lambda m, x: m.maximum(x, m.number(0.0)))
leaky_relu: Row = Row("leaky_relu", special.leaky_relu, _leaky_slope, lambda x, slope, y: where(x > 0.0, 0.0, x),
                      array="own.leaky_relu", kinks=lambda x, slope: (x,), exact=lambda m, x, slope: m.select(m.less(m.number(0.0), x), x, slope * x))
elu:        Row = Row("elu", special.elu, lambda x, a, y: where(x > 0.0, 1.0, a * exp(x)), lambda x, a, y: where(x > 0.0, 0.0, expm1(x)),
                      kinks=lambda x, a: (x,), exact=lambda m, x, a: m.select(m.less(m.number(0.0), x), x, a * m.expm1(x)))
silu:       Row = Row("silu", special.silu, lambda x, y: _unless_infinite(x, sigmoid(x) + y * sigmoid(-x)),
                      textbook=(lambda x, y: sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),), exact=lambda m, x: x / (1 + m.exp(-x)))
gelu:       Row = Row("gelu", special.gelu, lambda x, y: _unless_infinite(x, norm_cdf(x) + x * norm_pdf(x)),
                      textbook=(lambda x, y: norm_cdf(x) + x * norm_pdf(x),), exact=lambda m, x: x * m.ncdf(x))

# Choices
maximum:    Row = Row("maximum", special.maximum, lambda a, b, y: 0.5 + 0.5 * compare(a, b), lambda a, b, y: 0.5 - 0.5 * compare(a, b),
                      array="np.maximum", commutes=True, kinks=lambda a, b: (a - b,),
                      latex=r"\max\left({0}, {1}\right)",
                      textbook=(lambda a, b, y: where(a > b, 1.0, where(a < b, 0.0, 0.5)), lambda a, b, y: where(a < b, 1.0, where(a > b, 0.0, 0.5))), exact="maximum")
minimum:    Row = Row("minimum", special.minimum, lambda a, b, y: 0.5 - 0.5 * compare(a, b), lambda a, b, y: 0.5 + 0.5 * compare(a, b),
                      array="np.minimum", commutes=True, kinks=lambda a, b: (a - b,),
                      latex=r"\min\left({0}, {1}\right)",
                      textbook=(lambda a, b, y: where(a < b, 1.0, where(a > b, 0.0, 0.5)), lambda a, b, y: where(a > b, 1.0, where(a < b, 0.0, 0.5))), exact=lambda m, a, b: -m.maximum(-a, -b))
clip:       Row = Row("clip", special.clip, _clip_by_x, _clip_by_low, _clip_by_high, array="np.clip", kinks=lambda x, low, high: (x - low, x - high, low - high),
                      textbook=(lambda x, low, high, y: where(x < low, 0.0, where(x > high, 0.0, 1.0)), _clip_by_low, _clip_by_high), exact=lambda m, x, low, high: -m.maximum(-m.maximum(x, low), -high))
where:      Row = Row("where", special.where, None, lambda c, a, b, y: where(c, 1.0, 0.0), lambda c, a, b, y: where(c, 0.0, 1.0),
                      domain=(WHOLE, REAL, REAL), array="np.where", selects=True, exact="select")

# Sums of exponentials, products with a logarithm
logaddexp:  Row = Row("logaddexp", special.logaddexp, lambda a, b, y: _share(a, b), lambda a, b, y: _share(b, a), commutes=True,
                      textbook=(lambda a, b, y: exp(a - y), lambda a, b, y: exp(b - y)), exact=lambda m, a, b: m.log(m.exp(a) + m.exp(b)))
xlogy:      Row = Row("xlogy", special.xlogy, lambda a, b, y: log(b), lambda a, b, y: ratio(a, b), domain=(REAL, POSITIVE), raises=True,
                      textbook=(lambda a, b, y: log(b), lambda a, b, y: a / b), exact=lambda m, a, b: m.times(a, m.log, b))
xlog1py:    Row = Row("xlog1py", special.xlog1py, lambda a, b, y: log1p(b), lambda a, b, y: ratio(a, 1.0 + b), domain=(REAL, ABOVE_MINUS_ONE), raises=True,
                      textbook=(lambda a, b, y: log1p(b), lambda a, b, y: a / (1.0 + b)), exact=lambda m, a, b: m.times(a, m.log1p, b))

# Steps: no derivative
sign:       Row = Row("sign", special.sign, None, array="np.sign", kinks=lambda x: (x,), exact="sign")
floor:      Row = Row("floor", special.floor, None, array="np.floor", kinks=lambda x: (math.remainder(x, 1.0),),
                      latex=r"\left\lfloor{0}\right\rfloor", exact="floor")
ceil:       Row = Row("ceil", special.ceil, None, array="np.ceil", kinks=lambda x: (math.remainder(x, 1.0),),
                      latex=r"\left\lceil{0}\right\rceil", exact=lambda m, x: -m.floor(-x))
step:       Row = Row("step", special.step, None, kinks=lambda x: (x,), exact=lambda m, x: 1 - m.less(x, m.number(0.0)))
threshold:  Row = Row("threshold", special.threshold, None, kinks=lambda x: (x,), exact=lambda m, x: 1 - 2 * m.less(x, m.number(0.0)))
stop_gradient: Row = Row("stop_gradient", special.stop_gradient, None, exact=lambda m, x: x)

# Over sequences
sum:        Row = Row("sum", special.total, lambda xs, y: (1.0,) * len(xs), commutes=True, variadic=1, products=lambda xs: [(x, 1.0) for x in xs], exact=lambda m, *xs: reduce(operator.add, xs))
dot:        Row = Row("dot", special.dot, _other_factors, variadic=2, products=_pairs, exact=lambda m, *xs: reduce(operator.add, (a * b for a, b in _pairs(xs))))
logsumexp:  Row = Row("logsumexp", special.logsumexp, shares, commutes=True, variadic=1,
                      textbook=(lambda xs, y: [exp(x - y) for x in xs],), exact=lambda m, *xs: m.log(reduce(operator.add, map(m.exp, xs))))

# Helpers that other rows' partials need
lt:         Row = Row("lt", lambda a, b: a < b, None, None, array="np.less", helper=True,
                      doc="1 where a < b, else 0", symbol="<", binds=(1, 2), mirrored=("gt", ">"), exact="less")
le:         Row = Row("le", lambda a, b: a <= b, None, None, array="np.less_equal", helper=True,
                      doc="1 where a <= b, else 0", symbol="<=", binds=(1, 2), mirrored=("ge", ">="), exact=lambda m, a, b: 1 - m.less(b, a))
compare:    Row = Row("compare", special.compare, None, None, array="own.compare", kinks=lambda a, b: (a - b,), helper=True, exact=lambda m, a, b: m.sign(a - b))
paced:      Row = Row("paced", special.paced, lambda rate, slope, d, y: d, lambda rate, slope, d, y: rate, None, helper=True, exact=lambda m, rate, slope, d: rate * slope)
ratio:      Row = Row("ratio", special.ratio, lambda a, b, y: 1.0 / (b + 0.0), lambda a, b, y: -ratio(y, b), array="own.ratio", raises=True, helper=True, exact="ratio")
one_minus_square:Row = Row("one_minus_square", special.one_minus_square, lambda x, y: -2.0 * x, helper=True, exact=lambda m, x: 1 - x * x)
sech2:      Row = Row("sech2", special.sech2, lambda x, y: -2.0 * y * tanh(x), helper=True, exact=lambda m, x: 1 / m.cosh(x) ** 2)
gauss:      Row = Row("gauss", special.gauss, lambda x, y: -2.0 * x * y, helper=True, exact=lambda m, x: m.exp(-x * x))
hazard:     Row = Row("hazard", special.hazard, lambda x, y: -y * excess(x), helper=True, exact=lambda m, x: m.npdf(x) / m.ncdf(x))
excess:     Row = Row("excess", special.excess, lambda x, y: 1.0 - hazard(x) * y, helper=True, exact=lambda m, x: x + m.npdf(x) / m.ncdf(x))
gap:        Row = Row("gap", special.gap, lambda a, b, y: 1.0, lambda a, b, y: -1.0, helper=True, exact=lambda m, a, b: a - b)
gap_error:  Row = Row("gap_error", special.gap_error, None, None, helper=True, exact=lambda m, a, b: m.number(0.0))
peak:       Row = Row("peak", special.peak, None, commutes=True, variadic=1, helper=True, exact=lambda m, *xs: reduce(m.maximum, xs))
# fmt: on

PRIMITIVES: dict[str, Primitive] = {name: row for name, row in list(globals().items()) if isinstance(row, Primitive)}

# The rows that the engine itself is built of, by what they do in it.
IDENTITY, DIFFERENCE, PRODUCT, TOTAL, PRODUCTS, CHOICE, PACED, DETACHED = (
    pos,
    sub,
    mul,
    sum,
    dot,
    where,
    paced,
    stop_gradient,
)
