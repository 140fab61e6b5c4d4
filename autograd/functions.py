"""The primitives as functions: numbers in, a number out; a Value in, a Value out.

Generated from the table in primitives.py by `make generate`: change the row there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import overload

from . import primitives as table
from .primitive import Primitive
from .value import Value


def apply(row: Primitive, *args: Value | float) -> Value | float:
    """A row on numbers or Values."""
    result: Value | float = row(*args)
    return result


@overload
def add(a: float, b: float) -> float: ...
@overload
def add(a: Value, b: Value | float) -> Value: ...
@overload
def add(a: float, b: Value) -> Value: ...
def add(a: Value | float, b: Value | float) -> Value | float:
    """Return the sum a + b.

    The partial by a is 1.
    The partial by b is 1.

    >>> f"{add(0.5, 2.0):.6g}"
    '2.5'
    """
    return apply(table.add, a, b)


@overload
def sub(a: float, b: float) -> float: ...
@overload
def sub(a: Value, b: Value | float) -> Value: ...
@overload
def sub(a: float, b: Value) -> Value: ...
def sub(a: Value | float, b: Value | float) -> Value | float:
    """Return the difference a - b.

    The partial by a is 1.
    The partial by b is -1.

    >>> f"{sub(0.5, 2.0):.6g}"
    '-1.5'
    """
    return apply(table.sub, a, b)


@overload
def mul(a: float, b: float) -> float: ...
@overload
def mul(a: Value, b: Value | float) -> Value: ...
@overload
def mul(a: float, b: Value) -> Value: ...
def mul(a: Value | float, b: Value | float) -> Value | float:
    """Return the product a * b.

    The partial by a is b.
    The partial by b is a.

    >>> f"{mul(0.5, 2.0):.6g}"
    '1'
    """
    return apply(table.mul, a, b)


@overload
def truediv(a: float, b: float) -> float: ...
@overload
def truediv(a: Value, b: Value | float) -> Value: ...
@overload
def truediv(a: float, b: Value) -> Value: ...
def truediv(a: Value | float, b: Value | float) -> Value | float:
    """Return the quotient a / b.

    The partial by a is 1 / b.
    The partial by b is -y / b.

    >>> f"{truediv(0.5, 2.0):.6g}"
    '0.25'
    """
    return apply(table.truediv, a, b)


@overload
def pow(a: float, b: float) -> float: ...
@overload
def pow(a: Value, b: Value | float) -> Value: ...
@overload
def pow(a: float, b: Value) -> Value: ...
def pow(a: Value | float, b: Value | float) -> Value | float:
    """Return a to the power b.

    The partial by a is where(compare(b, 0), where(compare(b, floor(b)), where(y, where(y - y, b * a ** (b - 1), b * (y / a)), b * a ** (b - 1)), b * a ** (b - 1)), where(y / a - y / a, 0, b * y / a)).
    The partial by b is where(compare(a, 0), y * log(a), where(b >= 0, 0, -y)).
    Domain: a > 0.

    >>> f"{pow(0.5, 2.0):.6g}"
    '0.25'
    """
    return apply(table.pow, a, b)


@overload
def neg(x: float) -> float: ...
@overload
def neg(x: Value) -> Value: ...
def neg(x: Value | float) -> Value | float:
    """Return the negative, -x.

    The partial by x is -1.

    >>> f"{neg(0.5):.6g}"
    '-0.5'
    """
    return apply(table.neg, x)


@overload
def pos(x: float) -> float: ...
@overload
def pos(x: Value) -> Value: ...
def pos(x: Value | float) -> Value | float:
    """Return x itself, as a new node.

    The partial by x is 1.

    >>> f"{pos(0.5):.6g}"
    '0.5'
    """
    return apply(table.pos, x)


@overload
def abs(x: float) -> float: ...
@overload
def abs(x: Value) -> Value: ...
def abs(x: Value | float) -> Value | float:
    """Return the distance of x from 0.

    The partial by x is sign(x).

    >>> f"{abs(0.5):.6g}"
    '0.5'
    """
    return apply(table.abs, x)


@overload
def exp(x: float) -> float: ...
@overload
def exp(x: Value) -> Value: ...
def exp(x: Value | float) -> Value | float:
    """Return e to the power x.

    The partial by x is y.

    >>> f"{exp(0.5):.6g}"
    '1.64872'
    """
    if type(x) is Value:
        return x.exp()
    return apply(table.exp, x)


@overload
def log(x: float) -> float: ...
@overload
def log(x: Value) -> Value: ...
def log(x: Value | float) -> Value | float:
    """Return the natural logarithm.

    The partial by x is 1 / (x + 0).
    Domain: x > 0.

    >>> f"{log(0.5):.6g}"
    '-0.693147'
    """
    if type(x) is Value:
        return x.log()
    return apply(table.log, x)


@overload
def log1p(x: float) -> float: ...
@overload
def log1p(x: Value) -> Value: ...
def log1p(x: Value | float) -> Value | float:
    """Return log(1 + x), exact for small x.

    The partial by x is 1 / (1 + x).
    Domain: x > -1.

    >>> f"{log1p(0.5):.6g}"
    '0.405465'
    """
    if type(x) is Value:
        return x.log1p()
    return apply(table.log1p, x)


@overload
def expm1(x: float) -> float: ...
@overload
def expm1(x: Value) -> Value: ...
def expm1(x: Value | float) -> Value | float:
    """Return exp(x) - 1, exact for small x.

    The partial by x is exp(x).

    >>> f"{expm1(0.5):.6g}"
    '0.648721'
    """
    if type(x) is Value:
        return x.expm1()
    return apply(table.expm1, x)


@overload
def log1pmx(x: float) -> float: ...
@overload
def log1pmx(x: Value) -> Value: ...
def log1pmx(x: Value | float) -> Value | float:
    """Return log(1 + x) - x, exact next to 0.

    The partial by x is -x / (1 + x).
    Domain: x > -1.

    >>> f"{log1pmx(0.5):.6g}"
    '-0.0945349'
    """
    if type(x) is Value:
        return x.log1pmx()
    return apply(table.log1pmx, x)


@overload
def sqrt(x: float) -> float: ...
@overload
def sqrt(x: Value) -> Value: ...
def sqrt(x: Value | float) -> Value | float:
    """Return the square root.

    The partial by x is 0.5 / (y + 0).
    Domain: x > 0.

    >>> f"{sqrt(0.5):.6g}"
    '0.707107'
    """
    if type(x) is Value:
        return x.sqrt()
    return apply(table.sqrt, x)


@overload
def sin(x: float) -> float: ...
@overload
def sin(x: Value) -> Value: ...
def sin(x: Value | float) -> Value | float:
    """Return the sine of x radians.

    The partial by x is cos(x).

    >>> f"{sin(0.5):.6g}"
    '0.479426'
    """
    if type(x) is Value:
        return x.sin()
    return apply(table.sin, x)


@overload
def cos(x: float) -> float: ...
@overload
def cos(x: Value) -> Value: ...
def cos(x: Value | float) -> Value | float:
    """Return the cosine of x radians.

    The partial by x is -sin(x).

    >>> f"{cos(0.5):.6g}"
    '0.877583'
    """
    if type(x) is Value:
        return x.cos()
    return apply(table.cos, x)


@overload
def tan(x: float) -> float: ...
@overload
def tan(x: Value) -> Value: ...
def tan(x: Value | float) -> Value | float:
    """Return the tangent of x radians.

    The partial by x is 1 + y * y.

    >>> f"{tan(0.5):.6g}"
    '0.546302'
    """
    if type(x) is Value:
        return x.tan()
    return apply(table.tan, x)


@overload
def asin(x: float) -> float: ...
@overload
def asin(x: Value) -> Value: ...
def asin(x: Value | float) -> Value | float:
    """Return the angle whose sine is x.

    The partial by x is 1 / sqrt(one_minus_square(x)).
    Domain: -1 < x < 1.

    >>> f"{asin(0.5):.6g}"
    '0.523599'
    """
    if type(x) is Value:
        return x.asin()
    return apply(table.asin, x)


@overload
def acos(x: float) -> float: ...
@overload
def acos(x: Value) -> Value: ...
def acos(x: Value | float) -> Value | float:
    """Return the angle whose cosine is x.

    The partial by x is -1 / sqrt(one_minus_square(x)).
    Domain: -1 < x < 1.

    >>> f"{acos(0.5):.6g}"
    '1.0472'
    """
    if type(x) is Value:
        return x.acos()
    return apply(table.acos, x)


@overload
def atan(x: float) -> float: ...
@overload
def atan(x: Value) -> Value: ...
def atan(x: Value | float) -> Value | float:
    """Return the angle whose tangent is x.

    The partial by x is (1 / hypot(1, x)) ** 2.

    >>> f"{atan(0.5):.6g}"
    '0.463648'
    """
    if type(x) is Value:
        return x.atan()
    return apply(table.atan, x)


@overload
def atan2(a: float, b: float) -> float: ...
@overload
def atan2(a: Value, b: Value | float) -> Value: ...
@overload
def atan2(a: float, b: Value) -> Value: ...
def atan2(a: Value | float, b: Value | float) -> Value | float:
    """Return the angle of the point (b, a).

    The partial by a is where(hypot(a, b), b / hypot(a, b) / hypot(a, b), 0).
    The partial by b is where(hypot(a, b), -a / hypot(a, b) / hypot(a, b), 0).

    >>> f"{atan2(0.5, 2.0):.6g}"
    '0.244979'
    """
    if type(a) is Value:
        return a.atan2(b)
    return apply(table.atan2, a, b)


@overload
def hypot(a: float, b: float) -> float: ...
@overload
def hypot(a: Value, b: Value | float) -> Value: ...
@overload
def hypot(a: float, b: Value) -> Value: ...
def hypot(a: Value | float, b: Value | float) -> Value | float:
    """Return sqrt(a*a + b*b), without overflow.

    The partial by a is where(y, a / y, 0).
    The partial by b is where(y, b / y, 0).

    >>> f"{hypot(0.5, 2.0):.6g}"
    '2.06155'
    """
    if type(a) is Value:
        return a.hypot(b)
    return apply(table.hypot, a, b)


@overload
def sinh(x: float) -> float: ...
@overload
def sinh(x: Value) -> Value: ...
def sinh(x: Value | float) -> Value | float:
    """Return the hyperbolic sine.

    The partial by x is cosh(x).

    >>> f"{sinh(0.5):.6g}"
    '0.521095'
    """
    if type(x) is Value:
        return x.sinh()
    return apply(table.sinh, x)


@overload
def cosh(x: float) -> float: ...
@overload
def cosh(x: Value) -> Value: ...
def cosh(x: Value | float) -> Value | float:
    """Return the hyperbolic cosine.

    The partial by x is sinh(x).

    >>> f"{cosh(0.5):.6g}"
    '1.12763'
    """
    if type(x) is Value:
        return x.cosh()
    return apply(table.cosh, x)


@overload
def tanh(x: float) -> float: ...
@overload
def tanh(x: Value) -> Value: ...
def tanh(x: Value | float) -> Value | float:
    """Return the hyperbolic tangent.

    The partial by x is sech2(x).

    >>> f"{tanh(0.5):.6g}"
    '0.462117'
    """
    if type(x) is Value:
        return x.tanh()
    return apply(table.tanh, x)


@overload
def asinh(x: float) -> float: ...
@overload
def asinh(x: Value) -> Value: ...
def asinh(x: Value | float) -> Value | float:
    """Return the number whose sinh is x.

    The partial by x is 1 / hypot(1, x).

    >>> f"{asinh(0.5):.6g}"
    '0.481212'
    """
    if type(x) is Value:
        return x.asinh()
    return apply(table.asinh, x)


@overload
def acosh(x: float) -> float: ...
@overload
def acosh(x: Value) -> Value: ...
def acosh(x: Value | float) -> Value | float:
    """Return the number not below 0 whose cosh is x.

    The partial by x is 1 / (sqrt(x - 1) * sqrt(x + 1)).
    Domain: x > 1.

    >>> f"{acosh(2.0):.6g}"
    '1.31696'
    """
    if type(x) is Value:
        return x.acosh()
    return apply(table.acosh, x)


@overload
def atanh(x: float) -> float: ...
@overload
def atanh(x: Value) -> Value: ...
def atanh(x: Value | float) -> Value | float:
    """Return the number whose tanh is x.

    The partial by x is 1 / one_minus_square(x).
    Domain: -1 < x < 1.

    >>> f"{atanh(0.5):.6g}"
    '0.549306'
    """
    if type(x) is Value:
        return x.atanh()
    return apply(table.atanh, x)


@overload
def erf(x: float) -> float: ...
@overload
def erf(x: Value) -> Value: ...
def erf(x: Value | float) -> Value | float:
    """Return the error function.

    The partial by x is 1.1283791670955126 * gauss(x).

    >>> f"{erf(0.5):.6g}"
    '0.5205'
    """
    if type(x) is Value:
        return x.erf()
    return apply(table.erf, x)


@overload
def erfc(x: float) -> float: ...
@overload
def erfc(x: Value) -> Value: ...
def erfc(x: Value | float) -> Value | float:
    """Return 1 - erf(x), exact for large x.

    The partial by x is -1.1283791670955126 * gauss(x).

    >>> f"{erfc(0.5):.6g}"
    '0.4795'
    """
    if type(x) is Value:
        return x.erfc()
    return apply(table.erfc, x)


@overload
def norm_pdf(x: float) -> float: ...
@overload
def norm_pdf(x: Value) -> Value: ...
def norm_pdf(x: Value | float) -> Value | float:
    """Return the density of the standard normal distribution.

    The partial by x is -x * y.

    >>> f"{norm_pdf(0.5):.6g}"
    '0.352065'
    """
    if type(x) is Value:
        return x.norm_pdf()
    return apply(table.norm_pdf, x)


@overload
def norm_cdf(x: float) -> float: ...
@overload
def norm_cdf(x: Value) -> Value: ...
def norm_cdf(x: Value | float) -> Value | float:
    """Return the standard normal's probability of a value up to x.

    The partial by x is norm_pdf(x).

    >>> f"{norm_cdf(0.5):.6g}"
    '0.691462'
    """
    if type(x) is Value:
        return x.norm_cdf()
    return apply(table.norm_cdf, x)


@overload
def log_ndtr(x: float) -> float: ...
@overload
def log_ndtr(x: Value) -> Value: ...
def log_ndtr(x: Value | float) -> Value | float:
    """Return log(norm_cdf(x)), exact in both tails.

    The partial by x is hazard(x).

    >>> f"{log_ndtr(0.5):.6g}"
    '-0.368946'
    """
    if type(x) is Value:
        return x.log_ndtr()
    return apply(table.log_ndtr, x)


@overload
def ndtri(x: float) -> float: ...
@overload
def ndtri(x: Value) -> Value: ...
def ndtri(x: Value | float) -> Value | float:
    """Return the quantile of the standard normal: the number whose norm_cdf is x.

    The partial by x is where(x * (1 - x), where(x < 0.5, 1 / (x * hazard(y)), 1 / ((1 - x) * hazard(-y))), inf).
    Domain: 0 < x < 1.

    >>> f"{ndtri(0.5):.6g}"
    '0'
    """
    if type(x) is Value:
        return x.ndtri()
    return apply(table.ndtri, x)


@overload
def lgamma(x: float) -> float: ...
@overload
def lgamma(x: Value) -> Value: ...
def lgamma(x: Value | float) -> Value | float:
    """Return the logarithm of |gamma(x)|; absolute error 2e-15 near its zeros 1 and 2, 2e-14 for x < 0.

    The partial by x is digamma(x).
    Domain: x > 0.

    >>> f"{lgamma(0.5):.6g}"
    '0.572365'
    """
    if type(x) is Value:
        return x.lgamma()
    return apply(table.lgamma, x)


@overload
def digamma(x: float) -> float: ...
@overload
def digamma(x: Value) -> Value: ...
def digamma(x: Value | float) -> Value | float:
    """Return the slope of lgamma; for x < 0 its error is 4 eps max(1, |y|).

    The partial by x is polygamma(1, x).
    Domain: x > 0.

    >>> f"{digamma(0.5):.6g}"
    '-1.96351'
    """
    if type(x) is Value:
        return x.digamma()
    return apply(table.digamma, x)


@overload
def polygamma(n: float, x: float) -> float: ...
@overload
def polygamma(n: Value, x: Value | float) -> Value: ...
@overload
def polygamma(n: float, x: Value) -> Value: ...
def polygamma(n: Value | float, x: Value | float) -> Value | float:
    """Return the n-th derivative of digamma, n from 0 to 170.

    No derivative by n.
    The partial by x is polygamma(n + 1, x).
    Domain: x > 0.

    >>> f"{polygamma(0.5, 2.0):.6g}"
    'nan'
    """
    return apply(table.polygamma, n, x)


@overload
def sigmoid(x: float) -> float: ...
@overload
def sigmoid(x: Value) -> Value: ...
def sigmoid(x: Value | float) -> Value | float:
    """Return 1/(1 + exp(-x)).

    The partial by x is 0.25 * sech2(0.5 * x).

    >>> f"{sigmoid(0.5):.6g}"
    '0.622459'
    """
    if type(x) is Value:
        return x.sigmoid()
    return apply(table.sigmoid, x)


@overload
def logsigmoid(x: float) -> float: ...
@overload
def logsigmoid(x: Value) -> Value: ...
def logsigmoid(x: Value | float) -> Value | float:
    """Return log(sigmoid(x)), exact in both tails.

    The partial by x is sigmoid(-x).

    >>> f"{logsigmoid(0.5):.6g}"
    '-0.474077'
    """
    if type(x) is Value:
        return x.logsigmoid()
    return apply(table.logsigmoid, x)


@overload
def softplus(x: float) -> float: ...
@overload
def softplus(x: Value) -> Value: ...
def softplus(x: Value | float) -> Value | float:
    """Return log(1 + exp(x)), without overflow.

    The partial by x is sigmoid(x).

    >>> f"{softplus(0.5):.6g}"
    '0.974077'
    """
    if type(x) is Value:
        return x.softplus()
    return apply(table.softplus, x)


@overload
def logit(x: float) -> float: ...
@overload
def logit(x: Value) -> Value: ...
def logit(x: Value | float) -> Value | float:
    """Return log(x/(1 - x)), exact next to 1/2.

    The partial by x is 1 / (x * (1 - x)).
    Domain: 0 < x < 1.

    >>> f"{logit(0.5):.6g}"
    '0'
    """
    if type(x) is Value:
        return x.logit()
    return apply(table.logit, x)


@overload
def relu(x: float) -> float: ...
@overload
def relu(x: Value) -> Value: ...
def relu(x: Value | float) -> Value | float:
    """Return the larger of x and 0; its slope at 0 is 0.

    The partial by x is relu(compare(x, 0)).

    >>> f"{relu(0.5):.6g}"
    '0.5'
    """
    if type(x) is Value:
        return x.relu()
    return apply(table.relu, x)


@overload
def leaky_relu(x: float, slope: float = 0.01) -> float: ...
@overload
def leaky_relu(x: Value, slope: Value | float = 0.01) -> Value: ...
@overload
def leaky_relu(x: float, slope: Value) -> Value: ...
def leaky_relu(x: Value | float, slope: Value | float = 0.01) -> Value | float:
    """Return x above 0, slope * x below and at 0.

    The partial by x is where(x > 0, 1, where(x <= 0, slope, nan)).
    The partial by slope is where(x > 0, 0, x).

    >>> f"{leaky_relu(0.5, 2.0):.6g}"
    '0.5'
    """
    if type(x) is Value:
        return x.leaky_relu(slope)
    return apply(table.leaky_relu, x, slope)


@overload
def elu(x: float, a: float = 1.0) -> float: ...
@overload
def elu(x: Value, a: Value | float = 1.0) -> Value: ...
@overload
def elu(x: float, a: Value) -> Value: ...
def elu(x: Value | float, a: Value | float = 1.0) -> Value | float:
    """Return x above 0, a * (exp(x) - 1) below; its slope at 0 is a.

    The partial by x is where(x > 0, 1, a * exp(x)).
    The partial by a is where(x > 0, 0, expm1(x)).

    >>> f"{elu(0.5, 2.0):.6g}"
    '0.5'
    """
    if type(x) is Value:
        return x.elu(a)
    return apply(table.elu, x, a)


@overload
def silu(x: float) -> float: ...
@overload
def silu(x: Value) -> Value: ...
def silu(x: Value | float) -> Value | float:
    """Return x * sigmoid(x).

    The partial by x is where(compare(abs(x), inf), sigmoid(x) + y * sigmoid(-x), step(x)).

    >>> f"{silu(0.5):.6g}"
    '0.31123'
    """
    if type(x) is Value:
        return x.silu()
    return apply(table.silu, x)


@overload
def gelu(x: float) -> float: ...
@overload
def gelu(x: Value) -> Value: ...
def gelu(x: Value | float) -> Value | float:
    """Return x * norm_cdf(x).

    The partial by x is where(compare(abs(x), inf), norm_cdf(x) + x * norm_pdf(x), step(x)).

    >>> f"{gelu(0.5):.6g}"
    '0.345731'
    """
    if type(x) is Value:
        return x.gelu()
    return apply(table.gelu, x)


@overload
def maximum(a: float, b: float) -> float: ...
@overload
def maximum(a: Value, b: Value | float) -> Value: ...
@overload
def maximum(a: float, b: Value) -> Value: ...
def maximum(a: Value | float, b: Value | float) -> Value | float:
    """Return the larger; at a tie the slope is shared.

    The partial by a is 0.5 + 0.5 * compare(a, b).
    The partial by b is 0.5 - 0.5 * compare(a, b).

    >>> f"{maximum(0.5, 2.0):.6g}"
    '2'
    """
    if type(a) is Value:
        return a.maximum(b)
    return apply(table.maximum, a, b)


@overload
def minimum(a: float, b: float) -> float: ...
@overload
def minimum(a: Value, b: Value | float) -> Value: ...
@overload
def minimum(a: float, b: Value) -> Value: ...
def minimum(a: Value | float, b: Value | float) -> Value | float:
    """Return the smaller; at a tie the slope is shared.

    The partial by a is 0.5 - 0.5 * compare(a, b).
    The partial by b is 0.5 + 0.5 * compare(a, b).

    >>> f"{minimum(0.5, 2.0):.6g}"
    '0.5'
    """
    if type(a) is Value:
        return a.minimum(b)
    return apply(table.minimum, a, b)


@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: Value, low: Value | float, high: Value | float) -> Value: ...
@overload
def clip(x: float, low: Value, high: Value | float) -> Value: ...
@overload
def clip(x: float, low: float, high: Value) -> Value: ...
def clip(x: Value | float, low: Value | float, high: Value | float) -> Value | float:
    """Return x kept between low and high; at a bound the slope goes to x.

    The partial by x is where(x < low, 0, where(high < x, 0, 1 + compare(x, x))).
    The partial by low is where(x < low, where(low <= high, 1, 0), 0).
    The partial by high is where(high < maximum(x, low), 1, 0).

    >>> f"{clip(0.5, 2.0, 1.5):.6g}"
    '1.5'
    """
    if type(x) is Value:
        return x.clip(low, high)
    return apply(table.clip, x, low, high)


@overload
def where(condition: float, a: float, b: float) -> float: ...
@overload
def where(condition: Value, a: Value | float, b: Value | float) -> Value: ...
@overload
def where(condition: float, a: Value, b: Value | float) -> Value: ...
@overload
def where(condition: float, a: float, b: Value) -> Value: ...
def where(condition: Value | float, a: Value | float, b: Value | float) -> Value | float:
    """Return a where the condition holds, else b; the branch not taken contributes nothing.

    No derivative by condition.
    The partial by a is where(condition, 1, 0).
    The partial by b is where(condition, 0, 1).

    >>> f"{where(0.5, 2.0, 1.5):.6g}"
    '2'
    """
    return apply(table.where, condition, a, b)


@overload
def logaddexp(a: float, b: float) -> float: ...
@overload
def logaddexp(a: Value, b: Value | float) -> Value: ...
@overload
def logaddexp(a: float, b: Value) -> Value: ...
def logaddexp(a: Value | float, b: Value | float) -> Value | float:
    """Return log(exp(a) + exp(b)), without overflow.

    The partial by a is sigmoid(gap(a, b)) * (1 + gap_error(a, b) * sigmoid(gap(b, a))).
    The partial by b is sigmoid(gap(b, a)) * (1 + gap_error(b, a) * sigmoid(gap(a, b))).

    >>> f"{logaddexp(0.5, 2.0):.6g}"
    '2.20141'
    """
    if type(a) is Value:
        return a.logaddexp(b)
    return apply(table.logaddexp, a, b)


@overload
def xlogy(a: float, b: float) -> float: ...
@overload
def xlogy(a: Value, b: Value | float) -> Value: ...
@overload
def xlogy(a: float, b: Value) -> Value: ...
def xlogy(a: Value | float, b: Value | float) -> Value | float:
    """Return a * log(b), and 0 where a is 0.

    The partial by a is log(b).
    The partial by b is ratio(a, b).
    Domain: b > 0.

    >>> f"{xlogy(0.5, 2.0):.6g}"
    '0.346574'
    """
    if type(a) is Value:
        return a.xlogy(b)
    return apply(table.xlogy, a, b)


@overload
def xlog1py(a: float, b: float) -> float: ...
@overload
def xlog1py(a: Value, b: Value | float) -> Value: ...
@overload
def xlog1py(a: float, b: Value) -> Value: ...
def xlog1py(a: Value | float, b: Value | float) -> Value | float:
    """Return a * log(1 + b), and 0 where a is 0.

    The partial by a is log1p(b).
    The partial by b is ratio(a, 1 + b).
    Domain: b > -1.

    >>> f"{xlog1py(0.5, 2.0):.6g}"
    '0.549306'
    """
    if type(a) is Value:
        return a.xlog1py(b)
    return apply(table.xlog1py, a, b)


@overload
def sign(x: float) -> float: ...
@overload
def sign(x: Value) -> Value: ...
def sign(x: Value | float) -> Value | float:
    """Return -1, 0 or 1.

    No derivative by x.

    >>> f"{sign(0.5):.6g}"
    '1'
    """
    if type(x) is Value:
        return x.sign()
    return apply(table.sign, x)


@overload
def floor(x: float) -> float: ...
@overload
def floor(x: Value) -> Value: ...
def floor(x: Value | float) -> Value | float:
    """Return the largest whole number not above x.

    No derivative by x.

    >>> f"{floor(0.5):.6g}"
    '0'
    """
    if type(x) is Value:
        return x.floor()
    return apply(table.floor, x)


@overload
def ceil(x: float) -> float: ...
@overload
def ceil(x: Value) -> Value: ...
def ceil(x: Value | float) -> Value | float:
    """Return the smallest whole number not below x.

    No derivative by x.

    >>> f"{ceil(0.5):.6g}"
    '1'
    """
    if type(x) is Value:
        return x.ceil()
    return apply(table.ceil, x)


@overload
def step(x: float) -> float: ...
@overload
def step(x: Value) -> Value: ...
def step(x: Value | float) -> Value | float:
    """Return 1 where x >= 0, else 0.

    No derivative by x.

    >>> f"{step(0.5):.6g}"
    '1'
    """
    if type(x) is Value:
        return x.step()
    return apply(table.step, x)


@overload
def threshold(x: float) -> float: ...
@overload
def threshold(x: Value) -> Value: ...
def threshold(x: Value | float) -> Value | float:
    """Return 1 where x >= 0, else -1.

    No derivative by x.

    >>> f"{threshold(0.5):.6g}"
    '1'
    """
    if type(x) is Value:
        return x.threshold()
    return apply(table.threshold, x)


@overload
def stop_gradient(x: float) -> float: ...
@overload
def stop_gradient(x: Value) -> Value: ...
def stop_gradient(x: Value | float) -> Value | float:
    """Return x itself, which every derivative takes for a constant.

    No derivative by x.

    >>> f"{stop_gradient(0.5):.6g}"
    '0.5'
    """
    if type(x) is Value:
        return x.stop_gradient()
    return apply(table.stop_gradient, x)


@overload
def sum(xs: Iterable[float]) -> float: ...
@overload
def sum(xs: Iterable[Value]) -> Value: ...
@overload
def sum(xs: Iterable[Value | float]) -> Value | float: ...
def sum(xs: Iterable[Value | float]) -> Value | float:
    """Return the sum, added from the left.

    >>> f"{sum([0.5, 2.0]):.6g}"
    '2.5'
    """
    return Value.over(table.sum, tuple(xs))


@overload
def dot(xs: Iterable[float], ys: Iterable[float], start: float = ...) -> float: ...
@overload
def dot(xs: Iterable[Value], ys: Iterable[Value], start: Value = ...) -> Value: ...
@overload
def dot(xs: Iterable[Value | float], ys: Iterable[Value | float], start: Value | float = ...) -> Value | float: ...
def dot(xs: Iterable[Value | float], ys: Iterable[Value | float], start: Value | float = 0.0) -> Value | float:
    """Return the sum of products, added from the left to a start.

    >>> f"{dot([0.5, 2.0], [0.5, 2.0]):.6g}"
    '4.25'
    """
    first, second = tuple(xs), tuple(ys)
    if len(first) != len(second):
        raise ValueError(f"dot() expects sequences of equal length, got {len(first)} and {len(second)}")
    args = (*first, *second, start) if type(start) is Value or start else first + second
    return Value.over(table.dot, args)


@overload
def logsumexp(xs: Iterable[float]) -> float: ...
@overload
def logsumexp(xs: Iterable[Value]) -> Value: ...
@overload
def logsumexp(xs: Iterable[Value | float]) -> Value | float: ...
def logsumexp(xs: Iterable[Value | float]) -> Value | float:
    """Return log of the sum of exponentials, without overflow.

    >>> f"{logsumexp([0.5, 2.0]):.6g}"
    '2.20141'
    """
    return Value.over(table.logsumexp, tuple(xs))
