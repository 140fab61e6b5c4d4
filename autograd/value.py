"""Value: a number that remembers how it was made, and its operators.

Generated from the table in primitives.py by `make generate`: change the row there.
"""

from __future__ import annotations

import math
from typing import Any, final

from . import primitives as table
from . import special
from .faults import FAULTS
from .modes import UNUSUAL
from .node import Node
from .reals import number, operand


@final
class Value(Node):
    """A number that remembers how it was made, so that `backward()` can tell what it depends on, and how much.

    `Value(data, name=None)` is a leaf; operators and the functions of `autograd` make inner nodes. `op` is the
    primitive that made the node (None on a leaf), `args` its arguments, `grad` what `backward()` left there.
    Comparison with < and its like compares the data; == is identity, and bool() and float() are refused.

    Raises TypeError for what is no real number, OverflowError for an int beyond the floats.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = a * b + a**2
    >>> y.backward()
    >>> y, a.grad, b.grad
    (Value(data=-2.0, grad=1.0), 1.0, 2.0)
    """

    __slots__ = ()

    def __add__(self, other: Value | float) -> Value:
        """Return the sum a + b."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.add, (self, other))
            b = other._data
            return node(table.add, a + b, self, 1.0, other, 1.0)
        b = other if type(other) is float else operand(other)
        if b is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.add, (self, b))
        return node(table.add, a + b, self, 1.0, b, None)

    def __radd__(self, other: float) -> Value:
        """Return the sum a + b."""
        if type(other) is int and other == 0:
            return self  # where sum() starts
        a = other if type(other) is float else operand(other)
        if a is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.add, (a, self))
        b = self._data
        return node(table.add, a + b, a, None, self, 1.0)

    def __sub__(self, other: Value | float) -> Value:
        """Return the difference a - b."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.sub, (self, other))
            b = other._data
            return node(table.sub, a - b, self, 1.0, other, -1.0)
        b = other if type(other) is float else operand(other)
        if b is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.sub, (self, b))
        return node(table.sub, a - b, self, 1.0, b, None)

    def __rsub__(self, other: float) -> Value:
        """Return the difference a - b."""
        a = other if type(other) is float else operand(other)
        if a is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.sub, (a, self))
        b = self._data
        return node(table.sub, a - b, a, None, self, -1.0)

    def __mul__(self, other: Value | float) -> Value:
        """Return the product a * b."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.mul, (self, other))
            b = other._data
            return node(table.mul, a * b, self, b, other, a)
        b = other if type(other) is float else operand(other)
        if b is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.mul, (self, b))
        return node(table.mul, a * b, self, b, b, None)

    def __rmul__(self, other: float) -> Value:
        """Return the product a * b."""
        a = other if type(other) is float else operand(other)
        if a is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.mul, (a, self))
        b = self._data
        return node(table.mul, a * b, a, None, self, a)

    def __truediv__(self, other: Value | float) -> Value:
        """Return the quotient a / b."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.truediv, (self, other))
            b = other._data
            try:
                y = a / b
                return node(table.truediv, y, self, 1.0 / b, other, -y / b)
            except FAULTS:
                return apply(table.truediv, (self, other))
        b = other if type(other) is float else operand(other)
        if b is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.truediv, (self, b))
        try:
            return node(table.truediv, a / b, self, 1.0 / b, b, None)
        except FAULTS:
            return apply(table.truediv, (self, b))

    def __rtruediv__(self, other: float) -> Value:
        """Return the quotient a / b."""
        a = other if type(other) is float else operand(other)
        if a is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.truediv, (a, self))
        b = self._data
        try:
            y = a / b
            return node(table.truediv, y, a, None, self, -y / b)
        except FAULTS:
            return apply(table.truediv, (a, self))

    def __pow__(self, other: Value | float) -> Value:
        """Return a to the power b."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.pow, (self, other))
            b = other._data
            try:
                y = math.pow(a, b)
                return node(
                    table.pow,
                    y,
                    self,
                    (
                        (
                            ((b * math.pow(a, b - 1.0) if y - y else b * (y / a)) if y else b * math.pow(a, b - 1.0))
                            if special.compare(b, special.floor(b))
                            else b * math.pow(a, b - 1.0)
                        )
                        if special.compare(b, 0.0)
                        else (0.0 if y / a - y / a else b * y / a)
                    ),
                    other,
                    (y * math.log(a) if special.compare(a, 0.0) else (0.0 if b >= 0.0 else -y)),
                )
            except FAULTS:
                return apply(table.pow, (self, other))
        b = other if type(other) is float else operand(other)
        if b is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.pow, (self, b))
        try:
            y = math.pow(a, b)
            return node(
                table.pow,
                y,
                self,
                (
                    (
                        ((b * math.pow(a, b - 1.0) if y - y else b * (y / a)) if y else b * math.pow(a, b - 1.0))
                        if special.compare(b, special.floor(b))
                        else b * math.pow(a, b - 1.0)
                    )
                    if special.compare(b, 0.0)
                    else (0.0 if y / a - y / a else b * y / a)
                ),
                b,
                None,
            )
        except FAULTS:
            return apply(table.pow, (self, b))

    def __rpow__(self, other: float) -> Value:
        """Return a to the power b."""
        a = other if type(other) is float else operand(other)
        if a is NotImplemented:
            return NotImplemented
        if UNUSUAL:
            return apply(table.pow, (a, self))
        b = self._data
        try:
            y = math.pow(a, b)
            return node(
                table.pow, y, a, None, self, (y * math.log(a) if special.compare(a, 0.0) else (0.0 if b >= 0.0 else -y))
            )
        except FAULTS:
            return apply(table.pow, (a, self))

    def __neg__(self) -> Value:
        """Return the negative, -x."""
        if UNUSUAL:
            return apply(table.neg, (self,))
        x = self._data
        return node(table.neg, -x, self, -1.0)

    neg = __neg__

    def __pos__(self) -> Value:
        """Return x itself, as a new node."""
        if UNUSUAL:
            return apply(table.pos, (self,))
        x = self._data
        return node(table.pos, +x, self, 1.0)

    pos = __pos__

    def __abs__(self) -> Value:
        """Return the distance of x from 0."""
        if UNUSUAL:
            return apply(table.abs, (self,))
        x = self._data
        return node(table.abs, math.fabs(x), self, special.sign(x))

    abs = __abs__

    def exp(self) -> Value:
        """Return e to the power x."""
        if UNUSUAL:
            return apply(table.exp, (self,))
        x = self._data
        try:
            y = math.exp(x)
            return node(table.exp, y, self, y)
        except FAULTS:
            return apply(table.exp, (self,))

    def log(self) -> Value:
        """Return the natural logarithm."""
        if UNUSUAL:
            return apply(table.log, (self,))
        x = self._data
        try:
            return node(table.log, math.log(x), self, 1.0 / (x + 0.0))
        except FAULTS:
            return apply(table.log, (self,))

    def log1p(self) -> Value:
        """Return log(1 + x), exact for small x."""
        if UNUSUAL:
            return apply(table.log1p, (self,))
        x = self._data
        try:
            return node(table.log1p, math.log1p(x), self, 1.0 / (1.0 + x))
        except FAULTS:
            return apply(table.log1p, (self,))

    def expm1(self) -> Value:
        """Return exp(x) - 1, exact for small x."""
        if UNUSUAL:
            return apply(table.expm1, (self,))
        x = self._data
        try:
            return node(table.expm1, math.expm1(x), self, math.exp(x))
        except FAULTS:
            return apply(table.expm1, (self,))

    def log1pmx(self) -> Value:
        """Return log(1 + x) - x, exact next to 0."""
        if UNUSUAL:
            return apply(table.log1pmx, (self,))
        x = self._data
        try:
            return node(table.log1pmx, special.log1pmx(x), self, -x / (1.0 + x))
        except FAULTS:
            return apply(table.log1pmx, (self,))

    def sqrt(self) -> Value:
        """Return the square root."""
        if UNUSUAL:
            return apply(table.sqrt, (self,))
        x = self._data
        try:
            y = math.sqrt(x)
            return node(table.sqrt, y, self, 0.5 / (y + 0.0))
        except FAULTS:
            return apply(table.sqrt, (self,))

    def sin(self) -> Value:
        """Return the sine of x radians."""
        if UNUSUAL:
            return apply(table.sin, (self,))
        x = self._data
        try:
            return node(table.sin, math.sin(x), self, math.cos(x))
        except FAULTS:
            return apply(table.sin, (self,))

    def cos(self) -> Value:
        """Return the cosine of x radians."""
        if UNUSUAL:
            return apply(table.cos, (self,))
        x = self._data
        try:
            return node(table.cos, math.cos(x), self, -math.sin(x))
        except FAULTS:
            return apply(table.cos, (self,))

    def tan(self) -> Value:
        """Return the tangent of x radians."""
        if UNUSUAL:
            return apply(table.tan, (self,))
        x = self._data
        try:
            y = math.tan(x)
            return node(table.tan, y, self, 1.0 + y * y)
        except FAULTS:
            return apply(table.tan, (self,))

    def asin(self) -> Value:
        """Return the angle whose sine is x."""
        if UNUSUAL:
            return apply(table.asin, (self,))
        x = self._data
        try:
            return node(table.asin, math.asin(x), self, 1.0 / math.sqrt(special.one_minus_square(x)))
        except FAULTS:
            return apply(table.asin, (self,))

    arcsin = asin

    def acos(self) -> Value:
        """Return the angle whose cosine is x."""
        if UNUSUAL:
            return apply(table.acos, (self,))
        x = self._data
        try:
            return node(table.acos, math.acos(x), self, -1.0 / math.sqrt(special.one_minus_square(x)))
        except FAULTS:
            return apply(table.acos, (self,))

    arccos = acos

    def atan(self) -> Value:
        """Return the angle whose tangent is x."""
        if UNUSUAL:
            return apply(table.atan, (self,))
        x = self._data
        return node(table.atan, math.atan(x), self, math.pow(1.0 / math.hypot(1.0, x), 2.0))

    arctan = atan

    def atan2(self, other: Value | float) -> Value:
        """Return the angle of the point (b, a)."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.atan2, (self, other))
            b = other._data
            return node(
                table.atan2,
                math.atan2(a, b),
                self,
                (b / math.hypot(a, b) / math.hypot(a, b) if math.hypot(a, b) else 0.0),
                other,
                (-a / math.hypot(a, b) / math.hypot(a, b) if math.hypot(a, b) else 0.0),
            )
        b = other if type(other) is float else number(other, "atan2()")
        if UNUSUAL:
            return apply(table.atan2, (self, b))
        return node(
            table.atan2,
            math.atan2(a, b),
            self,
            (b / math.hypot(a, b) / math.hypot(a, b) if math.hypot(a, b) else 0.0),
            b,
            None,
        )

    arctan2 = atan2

    def hypot(self, other: Value | float) -> Value:
        """Return sqrt(a*a + b*b), without overflow."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.hypot, (self, other))
            b = other._data
            y = math.hypot(a, b)
            return node(table.hypot, y, self, (a / y if y else 0.0), other, (b / y if y else 0.0))
        b = other if type(other) is float else number(other, "hypot()")
        if UNUSUAL:
            return apply(table.hypot, (self, b))
        y = math.hypot(a, b)
        return node(table.hypot, y, self, (a / y if y else 0.0), b, None)

    def sinh(self) -> Value:
        """Return the hyperbolic sine."""
        if UNUSUAL:
            return apply(table.sinh, (self,))
        x = self._data
        try:
            return node(table.sinh, math.sinh(x), self, math.cosh(x))
        except FAULTS:
            return apply(table.sinh, (self,))

    def cosh(self) -> Value:
        """Return the hyperbolic cosine."""
        if UNUSUAL:
            return apply(table.cosh, (self,))
        x = self._data
        try:
            return node(table.cosh, math.cosh(x), self, math.sinh(x))
        except FAULTS:
            return apply(table.cosh, (self,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent."""
        if UNUSUAL:
            return apply(table.tanh, (self,))
        x = self._data
        return node(table.tanh, math.tanh(x), self, special.sech2(x))

    def asinh(self) -> Value:
        """Return the number whose sinh is x."""
        if UNUSUAL:
            return apply(table.asinh, (self,))
        x = self._data
        return node(table.asinh, math.asinh(x), self, 1.0 / math.hypot(1.0, x))

    arcsinh = asinh

    def acosh(self) -> Value:
        """Return the number not below 0 whose cosh is x."""
        if UNUSUAL:
            return apply(table.acosh, (self,))
        x = self._data
        try:
            return node(table.acosh, math.acosh(x), self, 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0)))
        except FAULTS:
            return apply(table.acosh, (self,))

    arccosh = acosh

    def atanh(self) -> Value:
        """Return the number whose tanh is x."""
        if UNUSUAL:
            return apply(table.atanh, (self,))
        x = self._data
        try:
            return node(table.atanh, math.atanh(x), self, 1.0 / special.one_minus_square(x))
        except FAULTS:
            return apply(table.atanh, (self,))

    arctanh = atanh

    def erf(self) -> Value:
        """Return the error function."""
        if UNUSUAL:
            return apply(table.erf, (self,))
        x = self._data
        return node(table.erf, math.erf(x), self, 1.1283791670955126 * special.gauss(x))

    def erfc(self) -> Value:
        """Return 1 - erf(x), exact for large x."""
        if UNUSUAL:
            return apply(table.erfc, (self,))
        x = self._data
        return node(table.erfc, math.erfc(x), self, -1.1283791670955126 * special.gauss(x))

    def norm_pdf(self) -> Value:
        """Return the density of the standard normal distribution."""
        if UNUSUAL:
            return apply(table.norm_pdf, (self,))
        x = self._data
        y = special.norm_pdf(x)
        return node(table.norm_pdf, y, self, -x * y)

    def norm_cdf(self) -> Value:
        """Return the standard normal's probability of a value up to x."""
        if UNUSUAL:
            return apply(table.norm_cdf, (self,))
        x = self._data
        return node(table.norm_cdf, special.norm_cdf(x), self, special.norm_pdf(x))

    def log_ndtr(self) -> Value:
        """Return log(norm_cdf(x)), exact in both tails."""
        if UNUSUAL:
            return apply(table.log_ndtr, (self,))
        x = self._data
        return node(table.log_ndtr, special.log_ndtr(x), self, special.hazard(x))

    def ndtri(self) -> Value:
        """Return the quantile of the standard normal: the number whose norm_cdf is x."""
        if UNUSUAL:
            return apply(table.ndtri, (self,))
        x = self._data
        y = special.ndtri(x)
        return node(
            table.ndtri,
            y,
            self,
            (
                (1.0 / (x * special.hazard(y)) if x < 0.5 else 1.0 / ((1.0 - x) * special.hazard(-y)))
                if x * (1.0 - x)
                else math.inf
            ),
        )

    def lgamma(self) -> Value:
        """Return the logarithm of |gamma(x)|; absolute error 2e-15 near its zeros 1 and 2, 2e-14 for x < 0."""
        if UNUSUAL:
            return apply(table.lgamma, (self,))
        x = self._data
        return node(table.lgamma, special.lgamma(x), self, special.digamma(x))

    def digamma(self) -> Value:
        """Return the slope of lgamma; for x < 0 its error is 4 eps max(1, |y|)."""
        if UNUSUAL:
            return apply(table.digamma, (self,))
        x = self._data
        return node(table.digamma, special.digamma(x), self, special.polygamma(1.0, x))

    def sigmoid(self) -> Value:
        """Return 1/(1 + exp(-x))."""
        if UNUSUAL:
            return apply(table.sigmoid, (self,))
        x = self._data
        return node(table.sigmoid, special.sigmoid(x), self, 0.25 * special.sech2(0.5 * x))

    def logsigmoid(self) -> Value:
        """Return log(sigmoid(x)), exact in both tails."""
        if UNUSUAL:
            return apply(table.logsigmoid, (self,))
        x = self._data
        return node(table.logsigmoid, special.logsigmoid(x), self, special.sigmoid(-x))

    def softplus(self) -> Value:
        """Return log(1 + exp(x)), without overflow."""
        if UNUSUAL:
            return apply(table.softplus, (self,))
        x = self._data
        return node(table.softplus, special.softplus(x), self, special.sigmoid(x))

    def logit(self) -> Value:
        """Return log(x/(1 - x)), exact next to 1/2."""
        if UNUSUAL:
            return apply(table.logit, (self,))
        x = self._data
        try:
            return node(table.logit, special.logit(x), self, 1.0 / (x * (1.0 - x)))
        except FAULTS:
            return apply(table.logit, (self,))

    def relu(self) -> Value:
        """Return the larger of x and 0; its slope at 0 is 0."""
        if UNUSUAL:
            return apply(table.relu, (self,))
        x = self._data
        return node(table.relu, special.relu(x), self, special.relu(special.compare(x, 0.0)))

    def leaky_relu(self, other: Value | float = 0.01) -> Value:
        """Return x above 0, slope * x below and at 0."""
        x = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.leaky_relu, (self, other))
            slope = other._data
            return node(
                table.leaky_relu,
                special.leaky_relu(x, slope),
                self,
                (1.0 if x > 0.0 else (slope if x <= 0.0 else math.nan)),
                other,
                (0.0 if x > 0.0 else x),
            )
        slope = other if type(other) is float else number(other, "leaky_relu()")
        if UNUSUAL:
            return apply(table.leaky_relu, (self, slope))
        return node(
            table.leaky_relu,
            special.leaky_relu(x, slope),
            self,
            (1.0 if x > 0.0 else (slope if x <= 0.0 else math.nan)),
            slope,
            None,
        )

    def elu(self, other: Value | float = 1.0) -> Value:
        """Return x above 0, a * (exp(x) - 1) below; its slope at 0 is a."""
        x = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.elu, (self, other))
            a = other._data
            return node(
                table.elu,
                special.elu(x, a),
                self,
                (1.0 if x > 0.0 else a * math.exp(x)),
                other,
                (0.0 if x > 0.0 else math.expm1(x)),
            )
        a = other if type(other) is float else number(other, "elu()")
        if UNUSUAL:
            return apply(table.elu, (self, a))
        return node(table.elu, special.elu(x, a), self, (1.0 if x > 0.0 else a * math.exp(x)), a, None)

    def silu(self) -> Value:
        """Return x * sigmoid(x)."""
        if UNUSUAL:
            return apply(table.silu, (self,))
        x = self._data
        y = special.silu(x)
        return node(
            table.silu,
            y,
            self,
            (
                special.sigmoid(x) + y * special.sigmoid(-x)
                if special.compare(math.fabs(x), math.inf)
                else special.step(x)
            ),
        )

    def gelu(self) -> Value:
        """Return x * norm_cdf(x)."""
        if UNUSUAL:
            return apply(table.gelu, (self,))
        x = self._data
        return node(
            table.gelu,
            special.gelu(x),
            self,
            (
                special.norm_cdf(x) + x * special.norm_pdf(x)
                if special.compare(math.fabs(x), math.inf)
                else special.step(x)
            ),
        )

    def maximum(self, other: Value | float) -> Value:
        """Return the larger; at a tie the slope is shared."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.maximum, (self, other))
            b = other._data
            return node(
                table.maximum,
                special.maximum(a, b),
                self,
                0.5 + 0.5 * special.compare(a, b),
                other,
                0.5 - 0.5 * special.compare(a, b),
            )
        b = other if type(other) is float else number(other, "maximum()")
        if UNUSUAL:
            return apply(table.maximum, (self, b))
        return node(table.maximum, special.maximum(a, b), self, 0.5 + 0.5 * special.compare(a, b), b, None)

    def minimum(self, other: Value | float) -> Value:
        """Return the smaller; at a tie the slope is shared."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.minimum, (self, other))
            b = other._data
            return node(
                table.minimum,
                special.minimum(a, b),
                self,
                0.5 - 0.5 * special.compare(a, b),
                other,
                0.5 + 0.5 * special.compare(a, b),
            )
        b = other if type(other) is float else number(other, "minimum()")
        if UNUSUAL:
            return apply(table.minimum, (self, b))
        return node(table.minimum, special.minimum(a, b), self, 0.5 - 0.5 * special.compare(a, b), b, None)

    def clip(self, low: Value | float, high: Value | float) -> Value:
        """Return x kept between low and high; at a bound the slope goes to x."""
        return apply(table.clip, (self, low, high))

    def logaddexp(self, other: Value | float) -> Value:
        """Return log(exp(a) + exp(b)), without overflow."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.logaddexp, (self, other))
            b = other._data
            return node(
                table.logaddexp,
                special.logaddexp(a, b),
                self,
                special.sigmoid(special.gap(a, b))
                * (1.0 + special.gap_error(a, b) * special.sigmoid(special.gap(b, a))),
                other,
                special.sigmoid(special.gap(b, a))
                * (1.0 + special.gap_error(b, a) * special.sigmoid(special.gap(a, b))),
            )
        b = other if type(other) is float else number(other, "logaddexp()")
        if UNUSUAL:
            return apply(table.logaddexp, (self, b))
        return node(
            table.logaddexp,
            special.logaddexp(a, b),
            self,
            special.sigmoid(special.gap(a, b)) * (1.0 + special.gap_error(a, b) * special.sigmoid(special.gap(b, a))),
            b,
            None,
        )

    def xlogy(self, other: Value | float) -> Value:
        """Return a * log(b), and 0 where a is 0."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.xlogy, (self, other))
            b = other._data
            try:
                return node(table.xlogy, special.xlogy(a, b), self, math.log(b), other, special.ratio(a, b))
            except FAULTS:
                return apply(table.xlogy, (self, other))
        b = other if type(other) is float else number(other, "xlogy()")
        if UNUSUAL:
            return apply(table.xlogy, (self, b))
        try:
            return node(table.xlogy, special.xlogy(a, b), self, math.log(b), b, None)
        except FAULTS:
            return apply(table.xlogy, (self, b))

    def xlog1py(self, other: Value | float) -> Value:
        """Return a * log(1 + b), and 0 where a is 0."""
        a = self._data
        if type(other) is Value:
            if UNUSUAL:
                return apply(table.xlog1py, (self, other))
            b = other._data
            try:
                return node(table.xlog1py, special.xlog1py(a, b), self, math.log1p(b), other, special.ratio(a, 1.0 + b))
            except FAULTS:
                return apply(table.xlog1py, (self, other))
        b = other if type(other) is float else number(other, "xlog1py()")
        if UNUSUAL:
            return apply(table.xlog1py, (self, b))
        try:
            return node(table.xlog1py, special.xlog1py(a, b), self, math.log1p(b), b, None)
        except FAULTS:
            return apply(table.xlog1py, (self, b))

    def sign(self) -> Value:
        """Return -1, 0 or 1."""
        if UNUSUAL:
            return apply(table.sign, (self,))
        x = self._data
        return node(table.sign, special.sign(x), self, None)

    def floor(self) -> Value:
        """Return the largest whole number not above x."""
        if UNUSUAL:
            return apply(table.floor, (self,))
        x = self._data
        return node(table.floor, special.floor(x), self, None)

    def ceil(self) -> Value:
        """Return the smallest whole number not below x."""
        if UNUSUAL:
            return apply(table.ceil, (self,))
        x = self._data
        return node(table.ceil, special.ceil(x), self, None)

    def step(self) -> Value:
        """Return 1 where x >= 0, else 0."""
        if UNUSUAL:
            return apply(table.step, (self,))
        x = self._data
        return node(table.step, special.step(x), self, None)

    def threshold(self) -> Value:
        """Return 1 where x >= 0, else -1."""
        if UNUSUAL:
            return apply(table.threshold, (self,))
        x = self._data
        return node(table.threshold, special.threshold(x), self, None)

    def stop_gradient(self) -> Value:
        """Return x itself, which every derivative takes for a constant."""
        if UNUSUAL:
            return apply(table.stop_gradient, (self,))
        x = self._data
        return node(table.stop_gradient, special.stop_gradient(x), self, None)

    def __lt__(self, other: Any) -> Any:
        return self._ordered(table.lt, self, other, other)

    def __gt__(self, other: Any) -> Any:
        return self._ordered(table.lt, other, self, other)

    def __le__(self, other: Any) -> Any:
        return self._ordered(table.le, self, other, other)

    def __ge__(self, other: Any) -> Any:
        return self._ordered(table.le, other, self, other)


node = Value._node
apply = Value.apply
