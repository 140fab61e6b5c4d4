"""The values of the primitives, on floats: formulas that keep their digits.

Arithmetic, comparison, loops and `math` only, so that each function compiles as it stands. Each one is total: outside
its domain it returns nan, at a pole inf, and it never raises. Errors are stated in ulps of the exact result.
"""

import math
from collections.abc import Sequence

INF = math.inf
NAN = math.nan
TWO_OVER_SQRT_PI = 1.1283791670955126
INV_SQRT_TWO_PI = 0.3989422804014327
HALF_LOG_TWO_PI = 0.9189385332046728
INV_SQRT_TWO = 0.7071067811865476
INV_SQRT_TWO_TAIL = -4.833646656726457e-17  # 1/sqrt(2) to 106 bits is the sum of the two
VELTKAMP = 134217729.0  # 2**27 + 1: splits a double into halves of 26 bits (Dekker 1971)


# Order and rounding


def compare(a: float, b: float) -> float:
    """-1, 0 or 1 as a is below, at or above b."""
    if a < b:
        return -1.0
    if a > b:
        return 1.0
    return 0.0 if a == b else NAN


def sign(x: float) -> float:
    """-1, 0 or 1."""
    return compare(x, 0.0)


def step(x: float) -> float:
    """1 where x >= 0, else 0."""
    return where(x >= 0.0, 1.0, where(x < 0.0, 0.0, NAN))


def threshold(x: float) -> float:
    """1 where x >= 0, else -1."""
    return where(x >= 0.0, 1.0, where(x < 0.0, -1.0, NAN))


def stop_gradient(x: float) -> float:
    """x itself, which every derivative takes for a constant."""
    return x


def floor(x: float) -> float:
    """the largest whole number not above x."""
    if not abs(x) < 4503599627370496.0:  # 2**52: whole already, or inf, or nan
        return x
    return math.copysign(float(math.floor(x)), x)


def ceil(x: float) -> float:
    """the smallest whole number not below x."""
    return -floor(-x)


def maximum(a: float, b: float) -> float:
    """the larger; at a tie the slope is shared."""
    if a > b or a != a:
        return a
    return b


def minimum(a: float, b: float) -> float:
    """the smaller; at a tie the slope is shared."""
    if a < b or a != a:
        return a
    return b


def clip(x: float, low: float, high: float) -> float:
    """x kept between low and high; at a bound the slope goes to x."""
    return minimum(maximum(x, low), high)


def where(condition: float, a: float, b: float) -> float:
    """a where the condition holds, else b; the branch not taken contributes nothing."""
    return a if condition else b


def paced(rate: float, slope: float, partial: float) -> float:
    """rate * slope; the derivative by rate is `partial`, which is another number where a rate of 0 counts as no rate."""
    return rate * slope


def ratio(a: float, b: float) -> float:
    """a / b, and 0 where both are 0."""
    if b == 0.0:
        return 0.0 if a == 0.0 else a * math.copysign(INF, b)
    return a / b


def one_minus_square(x: float) -> float:
    """(1 - x) * (1 + x), which keeps the digits of 1 - x*x next to 1 and -1."""
    return (1.0 - x) * (1.0 + x)


def gap(a: float, b: float) -> float:
    """a - b, and 0 between equal infinities."""
    return where(a == b, 0.0, a - b)


def gap_error(a: float, b: float) -> float:
    """what a - b loses by rounding.

    Knuth's two-sum; 0 where the difference is not finite.
    """
    difference = a - b
    shadow = difference - a
    return where(difference - difference == 0.0, (a - (difference - shadow)) - (b + shadow), 0.0)


# Exponentials and the logistic family


# They choose among values and do not branch, so that a loop over rows becomes one over vectors.


def log(x: float) -> float:
    return where(x > 0.0, math.log(where(x > 0.0, x, 1.0)), where(x == 0.0, -INF, NAN))


def log1p(x: float) -> float:
    return where(x > -1.0, math.log1p(where(x > -1.0, x, 0.0)), where(x == -1.0, -INF, NAN))


def sech2(x: float) -> float:
    """1/cosh(x)**2."""
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def sigmoid(x: float) -> float:
    """1/(1 + exp(-x))."""
    e = math.exp(-abs(x))
    return where(x >= 0.0, 1.0, e) / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow."""
    return maximum(x, 0.0) + math.log1p(math.exp(-abs(x)))


def logsigmoid(x: float) -> float:
    """log(sigmoid(x)), exact in both tails."""
    return -softplus(-x)


def logit(p: float) -> float:
    """log(x/(1 - x)), exact next to 1/2."""
    if 0.25 <= p <= 0.75:
        return 2.0 * math.atanh(2.0 * p - 1.0)  # log(p/(1-p)) loses every digit next to 1/2
    if p == 1.0:
        return INF
    return log(p / (1.0 - p))


def relu(x: float) -> float:
    """the larger of x and 0; its slope at 0 is 0."""
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, slope: float = 0.01) -> float:
    """x above 0, slope * x below and at 0."""
    return x if x > 0.0 else slope * x


def elu(x: float, a: float = 1.0) -> float:
    """x above 0, a * (exp(x) - 1) below; its slope at 0 is a."""
    return where(x > 0.0, x, a * math.expm1(minimum(x, 0.0)))


def silu(x: float) -> float:
    """x * sigmoid(x)."""
    half = math.exp(0.5 * minimum(x, 0.0))  # in the far tail sigmoid(x) alone has no digits
    return where(x == -INF, 0.0, where(x < -700.0, (x * half) * half, x * sigmoid(x)))


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow."""
    return maximum(a, b) + math.log1p(math.exp(-abs(gap(a, b))))


def xlogy(a: float, b: float) -> float:
    """a * log(b), and 0 where a is 0."""
    return where(a == 0.0, where(b == b, 0.0, b), a * log(b))


def xlog1py(a: float, b: float) -> float:
    """a * log(1 + b), and 0 where a is 0."""
    return where(a == 0.0, where(b == b, 0.0, b), a * log1p(b))


def log1pmx(x: float) -> float:
    """log(1 + x) - x, exact next to 0.

    With s = x/(2 + x), log(1 + x) = 2 atanh(s) and x = 2s + xs; the series is good to |s| = 0.43 (Loader 2000 has the idea).
    """
    x = where(x < -1.0, NAN, x)
    s = x / (2.0 + x)
    t = s * s
    p = 0.0
    for k in range(43, 1, -2):
        p = p * t + 1.0 / k
    near = 2.0 * s * t * p - x * s
    far = where(x == INF, -INF, log1p(x) - x)
    return where(abs(x - 0.45) < 1.05, near, far)


# The normal distribution


def exp_minus_square(x: float) -> float:
    """exp(-x*x). With h, x rounded to 1/16, the square h*h is exact, and what is left of x*x is small."""
    h = floor(16.0 * x + 0.5) / 16.0
    return math.exp(-h * h) * math.exp((h - x) * (h + x))


def gauss(x: float) -> float:
    """exp(-x*x)."""
    return where(abs(x) > 28.0, 0.0, exp_minus_square(minimum(maximum(x, -28.0), 28.0)))


def norm_pdf(x: float) -> float:
    """The density of the standard normal distribution."""
    near = minimum(maximum(x, -39.5), 39.5)
    h = floor(16.0 * near + 0.5) / 16.0
    tail = math.exp(-0.5 * h * h) * math.exp(0.5 * (h - near) * (h + near))
    return where(abs(x) > 39.5, 0.0, INV_SQRT_TWO_PI * tail)


def norm_cdf(x: float) -> float:
    """The standard normal's probability of a value up to x.

    erfc(-x/sqrt 2)/2 with the argument in two doubles, and one term of Taylor's series for the second.
    """
    x = minimum(maximum(x, -40.0), 40.0)  # 0 and 1 there
    t = x * INV_SQRT_TWO
    head = VELTKAMP * x - (VELTKAMP * x - x)
    tail = x - head
    high = VELTKAMP * INV_SQRT_TWO - (VELTKAMP * INV_SQRT_TWO - INV_SQRT_TWO)
    low = INV_SQRT_TWO - high
    error = ((head * high - t) + head * low + tail * high) + tail * low
    return 0.5 * (math.erfc(-t) + TWO_OVER_SQRT_PI * gauss(t) * (error + x * INV_SQRT_TWO_TAIL))


def mills(u: float, start: float) -> float:
    """start/(u + (start+1)/(u + ...)): the continued fraction of the normal tail, for u > 3 (Abramowitz 26.2.14)."""
    fraction = 0.0
    for k in range(80, 0, -1):
        fraction = (start + k - 1.0) / (u + fraction)
    return fraction


def hazard(x: float) -> float:
    """norm_pdf(x)/norm_cdf(x)."""
    if x < -8.0:
        return mills(-x, 1.0) - x
    return norm_pdf(x) / norm_cdf(x)


def excess(x: float) -> float:
    """x + hazard(x).

    Without the cancellation that the sum has for x < -3.
    """
    if x < -3.0:
        return mills(-x, 1.0)
    return x + hazard(x)


def log_ndtr(x: float) -> float:
    """log(norm_cdf(x)), exact in both tails."""
    if x < -35.0:
        return -0.5 * x * x - (HALF_LOG_TWO_PI + log(hazard(x)))
    if x < 0.0:
        return math.log(norm_cdf(x))
    return math.log1p(-norm_cdf(-x))


def ndtri(p: float) -> float:
    """The quantile of the standard normal: the number whose norm_cdf is x.

    Hastings's approximation, good to 4.5e-4 (Abramowitz and Stegun 26.2.23), then two steps of Halley's method.
    """
    if not 0.0 < p < 1.0:
        return (INF if p == 1.0 else -INF) if p in (0.0, 1.0) else NAN
    q = min(p, 1.0 - p)
    t = math.sqrt(-2.0 * math.log(q))
    x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
    for _ in range(2):
        if q < 1e-300:  # norm_cdf has few digits there: Newton's method with its logarithm
            x -= (log_ndtr(x) - math.log(q)) / hazard(x)
        else:
            below = norm_cdf(x) - q if x < -0.5 else 0.5 * math.erf(x * INV_SQRT_TWO) - (q - 0.5)
            newton = below / norm_pdf(x)
            x -= newton / (1.0 + 0.5 * x * newton)
    return x if p < 0.5 else 0.0 - x


def gelu(x: float) -> float:
    """x * norm_cdf(x)."""
    return where(x == -INF, 0.0, x * norm_cdf(x))


# The gamma function's logarithm and its derivatives


def lgamma(x: float) -> float:
    """the logarithm of |gamma(x)|; absolute error 2e-15 near its zeros 1 and 2, 2e-14 for x < 0."""
    if x > 2.5e305 or x == -INF or (x <= 0.0 and x == floor(x)):
        return INF
    return math.lgamma(x)


def digamma(x: float) -> float:
    """The slope of lgamma; for x < 0 its error is 4 eps max(1, |y|).

    Reflection, recurrence, a rational function with its root split off (from Boost) or an asymptotic series.
    """
    if x <= 0.0 and (x == -INF or x == floor(x)):
        return NAN
    if x <= -1.0:
        return digamma(1.0 - x) - math.pi / math.tan(math.pi * (x - floor(x + 0.5)))
    shift = 0.0
    if x >= 10.0:
        z = 1.0 / (x * x)
        series = 691.0 / 32760.0 - z * (1.0 / 12.0 - z * (3617.0 / 8160.0))
        series = 1.0 / 12.0 - z * (1.0 / 120.0 - z * (1.0 / 252.0 - z * (1.0 / 240.0 - z * (1.0 / 132.0 - z * series))))
        return math.log(x) - (0.5 / x + z * series) if x < INF else INF
    while x > 2.0:
        x -= 1.0
        shift += 1.0 / x
    while x < 1.0:
        shift -= 1.0 / x
        x += 1.0
    z = x - 1.0
    top = -0.045251321448739056 + z * -0.0020713321167745952
    top = 0.25479851061131551 + z * (
        -0.32555031186804491 + z * (-0.65031853770896507 + z * (-0.28919126444774784 + z * top))
    )
    end = 0.054151797245674225 + z * (0.0021284987017821144 + z * -0.55789841321675513e-6)
    end = 1.0 + z * (2.0767117023730469 + z * (1.4606242909763515 + z * (0.43593529692665969 + z * end)))
    distance = ((x - 1.4616321449683622) - 9.549995429965697e-17) - 2.89392992820415e-33
    return shift + (distance * 0.99558162689208984 + distance * (top / end))


BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def factorial_over_power(k: int, x: float) -> float:
    """(k - 1)!/x**k, as a product of k small factors where (k - 1)! or x**k alone would overflow."""
    if k <= 6 and 1e-50 < abs(x) < 1e50:
        return math.gamma(k) / math.pow(x, k)
    result = 1.0 / x
    for j in range(1, k):
        result *= j / x
    return result


def cotangent_derivative(n: int, x: float) -> float:
    """The n-th derivative of cot(pi x): a polynomial in the cotangent, by c' = -pi (1 + c*c)."""
    coefficients = [0.0, 1.0]
    for k in range(1, n + 1):
        slope = [math.pi * j * coefficients[j] for j in range(1, k + 1)]
        coefficients = [0.0] * (k + 2)
        for j in range(k):
            coefficients[j] -= slope[j]
            coefficients[j + 2] -= slope[j]
    c = 1.0 / math.tan(math.pi * (x - floor(x + 0.5)))
    result = 0.0
    for coefficient in coefficients[::-1]:
        result = result * c + coefficient
    return result


def polygamma(n: float, x: float) -> float:
    """The n-th derivative of digamma, n from 0 to 170.

    Recurrence, then an asymptotic series (Abramowitz and Stegun 6.4.11); reflection far to the left.
    """
    if n == 0.0:
        return digamma(x)
    if not 0.0 < n <= 170.0 or n != floor(n) or x != x or x == -INF or (x <= 0.0 and x == floor(x)):
        return NAN
    order = int(n)
    odd = order % 2 == 1
    if x < -12.0:
        mirrored = polygamma(n, 1.0 - x)
        return (-mirrored if odd else mirrored) - math.pi * cotangent_derivative(order, x)
    result = 0.0
    while x < max(12.0, n + 8.0):
        result += factorial_over_power(order + 1, x)
        x += 1.0
    z = 1.0 / (x * x)
    series = 0.0
    for k in range(10, 0, -1):
        rising = 1.0  # (2k + n - 1)!/((2k)! (n - 1)!)
        for j in range(1, order):
            rising *= (2.0 * k + j) / j
        series = z * (series + BERNOULLI[k - 1] * rising)
    result += factorial_over_power(order, x) * (1.0 + (0.5 * n / x + series))
    return result if odd else -result


# Over sequences


def total(xs: Sequence[float]) -> float:
    """The sum, added from the left.

    The built-in sum compensates from Python 3.12 on; this one does not.
    """
    result = 0.0
    for x in xs:
        result = result + x
    return result


def dot(xs: Sequence[float]) -> float:
    """The sum of products, added from the left to a start.

    The sequence has the first factors, the second factors and, where its length is odd, the start.
    """
    half = len(xs) // 2
    result = 0.0
    for start in xs[2 * half :]:
        result = result + start
    for x, y in zip(xs, xs[half : 2 * half]):  # noqa: B905 - stops after the first half
        result = result + x * y
    return result


def peak(xs: Sequence[float]) -> float:
    """the largest of the numbers; no derivative is taken of it."""
    result = -INF
    for x in xs:
        result = maximum(x, result)
    return result


def logsumexp(xs: Sequence[float]) -> float:
    """log of the sum of exponentials, without overflow."""
    largest = peak(xs)
    rest = seen = 0.0
    for x in xs:  # one exp of 0 is the 1 of log1p, so that a small rest keeps its digits
        first = where(x == largest, 1.0 - seen, 0.0)
        seen = seen + first
        rest = rest + (math.exp(gap(x, largest)) - first)
    return largest + math.log1p(rest)


# The functions that choose by `where` and do not branch: they run on arrays as they stand.
ON_ARRAYS = (
    sign, step, threshold, stop_gradient, ceil, clip, paced, one_minus_square, gap, gap_error, log, log1p, sech2, sigmoid, softplus, logsigmoid,
    elu, silu, logaddexp, xlogy, xlog1py, log1pmx, exp_minus_square, gauss, norm_pdf, norm_cdf, mills, gelu,
    cotangent_derivative, total, dot, peak, logsumexp,
)  # fmt: skip
