# mypy: ignore-errors
"""The interpreter of tapes, for numba: it holds all that it calls, so that its cache is never stale.

Generated from the table in primitives.py by `make generate`: change the row there.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from . import vectors as math
from .vectors import peek, poke, tile_of_8, tile_of_32, tile_of_64, transpose, whole

scalar = njit(nogil=True, error_model="numpy")

INF = math.inf
NAN = math.nan
TWO_OVER_SQRT_PI = 1.1283791670955126
INV_SQRT_TWO_PI = 0.3989422804014327
HALF_LOG_TWO_PI = 0.9189385332046728
INV_SQRT_TWO = 0.7071067811865476
INV_SQRT_TWO_TAIL = -4.833646656726457e-17
VELTKAMP = 134217729.0
BERNOULLI = (
    0.16666666666666666,
    -0.03333333333333333,
    0.023809523809523808,
    -0.03333333333333333,
    0.07575757575757576,
    -0.2531135531135531,
    1.1666666666666667,
    -7.092156862745098,
    54.971177944862156,
    -529.1242424242424,
)


@scalar
def compare(a: float, b: float) -> float:
    """-1, 0 or 1 as a is below, at or above b."""
    if a < b:
        return -1.0
    if a > b:
        return 1.0
    return 0.0 if a == b else NAN


@scalar
def sign(x: float) -> float:
    """-1, 0 or 1."""
    return compare(x, 0.0)


@scalar
def step(x: float) -> float:
    """1 where x >= 0, else 0."""
    return where(x >= 0.0, 1.0, where(x < 0.0, 0.0, NAN))


@scalar
def threshold(x: float) -> float:
    """1 where x >= 0, else -1."""
    return where(x >= 0.0, 1.0, where(x < 0.0, -1.0, NAN))


@scalar
def stop_gradient(x: float) -> float:
    """x itself, which every derivative takes for a constant."""
    return x


@scalar
def floor(x: float) -> float:
    """the largest whole number not above x."""
    if not abs(x) < 4503599627370496.0:  # 2**52: whole already, or inf, or nan
        return x
    return math.copysign(float(math.floor(x)), x)


@scalar
def ceil(x: float) -> float:
    """the smallest whole number not below x."""
    return -floor(-x)


@scalar
def maximum(a: float, b: float) -> float:
    """the larger; at a tie the slope is shared."""
    if a > b or a != a:
        return a
    return b


@scalar
def minimum(a: float, b: float) -> float:
    """the smaller; at a tie the slope is shared."""
    if a < b or a != a:
        return a
    return b


@scalar
def clip(x: float, low: float, high: float) -> float:
    """x kept between low and high; at a bound the slope goes to x."""
    return minimum(maximum(x, low), high)


@scalar
def where(condition: float, a: float, b: float) -> float:
    """a where the condition holds, else b; the branch not taken contributes nothing."""
    return a if condition else b


@scalar
def paced(rate: float, slope: float, partial: float) -> float:
    """rate * slope; the derivative by rate is `partial`, which is another number where a rate of 0 counts as no rate."""
    return rate * slope


@scalar
def ratio(a: float, b: float) -> float:
    """a / b, and 0 where both are 0."""
    if b == 0.0:
        return 0.0 if a == 0.0 else a * math.copysign(INF, b)
    return a / b


@scalar
def one_minus_square(x: float) -> float:
    """(1 - x) * (1 + x), which keeps the digits of 1 - x*x next to 1 and -1."""
    return (1.0 - x) * (1.0 + x)


@scalar
def gap(a: float, b: float) -> float:
    """a - b, and 0 between equal infinities."""
    return where(a == b, 0.0, a - b)


@scalar
def gap_error(a: float, b: float) -> float:
    """what a - b loses by rounding.

    Knuth's two-sum; 0 where the difference is not finite.
    """
    difference = a - b
    shadow = difference - a
    return where(difference - difference == 0.0, (a - (difference - shadow)) - (b + shadow), 0.0)


@scalar
def log(x: float) -> float:
    return where(x > 0.0, math.log(where(x > 0.0, x, 1.0)), where(x == 0.0, -INF, NAN))


@scalar
def log1p(x: float) -> float:
    return where(x > -1.0, math.log1p(where(x > -1.0, x, 0.0)), where(x == -1.0, -INF, NAN))


@scalar
def sech2(x: float) -> float:
    """1/cosh(x)**2."""
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


@scalar
def sigmoid(x: float) -> float:
    """1/(1 + exp(-x))."""
    e = math.exp(-abs(x))
    return where(x >= 0.0, 1.0, e) / (1.0 + e)


@scalar
def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow."""
    return maximum(x, 0.0) + math.log1p(math.exp(-abs(x)))


@scalar
def logsigmoid(x: float) -> float:
    """log(sigmoid(x)), exact in both tails."""
    return -softplus(-x)


@scalar
def logit(p: float) -> float:
    """log(x/(1 - x)), exact next to 1/2."""
    if 0.25 <= p <= 0.75:
        return 2.0 * math.atanh(2.0 * p - 1.0)  # log(p/(1-p)) loses every digit next to 1/2
    if p == 1.0:
        return INF
    return log(p / (1.0 - p))


@scalar
def relu(x: float) -> float:
    """the larger of x and 0; its slope at 0 is 0."""
    return 0.0 if x <= 0.0 else x


@scalar
def leaky_relu(x: float, slope: float = 0.01) -> float:
    """x above 0, slope * x below and at 0."""
    return x if x > 0.0 else slope * x


@scalar
def elu(x: float, a: float = 1.0) -> float:
    """x above 0, a * (exp(x) - 1) below; its slope at 0 is a."""
    return where(x > 0.0, x, a * math.expm1(minimum(x, 0.0)))


@scalar
def silu(x: float) -> float:
    """x * sigmoid(x)."""
    half = math.exp(0.5 * minimum(x, 0.0))  # in the far tail sigmoid(x) alone has no digits
    return where(x == -INF, 0.0, where(x < -700.0, (x * half) * half, x * sigmoid(x)))


@scalar
def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow."""
    return maximum(a, b) + math.log1p(math.exp(-abs(gap(a, b))))


@scalar
def xlogy(a: float, b: float) -> float:
    """a * log(b), and 0 where a is 0."""
    return where(a == 0.0, where(b == b, 0.0, b), a * log(b))


@scalar
def xlog1py(a: float, b: float) -> float:
    """a * log(1 + b), and 0 where a is 0."""
    return where(a == 0.0, where(b == b, 0.0, b), a * log1p(b))


@scalar
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


@scalar
def exp_minus_square(x: float) -> float:
    """exp(-x*x). With h, x rounded to 1/16, the square h*h is exact, and what is left of x*x is small."""
    h = floor(16.0 * x + 0.5) / 16.0
    return math.exp(-h * h) * math.exp((h - x) * (h + x))


@scalar
def gauss(x: float) -> float:
    """exp(-x*x)."""
    return where(abs(x) > 28.0, 0.0, exp_minus_square(minimum(maximum(x, -28.0), 28.0)))


@scalar
def norm_pdf(x: float) -> float:
    """The density of the standard normal distribution."""
    near = minimum(maximum(x, -39.5), 39.5)
    h = floor(16.0 * near + 0.5) / 16.0
    tail = math.exp(-0.5 * h * h) * math.exp(0.5 * (h - near) * (h + near))
    return where(abs(x) > 39.5, 0.0, INV_SQRT_TWO_PI * tail)


@scalar
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


@scalar
def mills(u: float, start: float) -> float:
    """start/(u + (start+1)/(u + ...)): the continued fraction of the normal tail, for u > 3 (Abramowitz 26.2.14)."""
    fraction = 0.0
    for k in range(80, 0, -1):
        fraction = (start + k - 1.0) / (u + fraction)
    return fraction


@scalar
def hazard(x: float) -> float:
    """norm_pdf(x)/norm_cdf(x)."""
    if x < -8.0:
        return mills(-x, 1.0) - x
    return norm_pdf(x) / norm_cdf(x)


@scalar
def excess(x: float) -> float:
    """x + hazard(x).

    Without the cancellation that the sum has for x < -3.
    """
    if x < -3.0:
        return mills(-x, 1.0)
    return x + hazard(x)


@scalar
def log_ndtr(x: float) -> float:
    """log(norm_cdf(x)), exact in both tails."""
    if x < -35.0:
        return -0.5 * x * x - (HALF_LOG_TWO_PI + log(hazard(x)))
    if x < 0.0:
        return math.log(norm_cdf(x))
    return math.log1p(-norm_cdf(-x))


@scalar
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


@scalar
def gelu(x: float) -> float:
    """x * norm_cdf(x)."""
    return where(x == -INF, 0.0, x * norm_cdf(x))


@scalar
def lgamma(x: float) -> float:
    """the logarithm of |gamma(x)|; absolute error 2e-15 near its zeros 1 and 2, 2e-14 for x < 0."""
    if x > 2.5e305 or x == -INF or (x <= 0.0 and x == floor(x)):
        return INF
    return math.lgamma(x)


@scalar
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


@scalar
def factorial_over_power(k: int, x: float) -> float:
    """(k - 1)!/x**k, as a product of k small factors where (k - 1)! or x**k alone would overflow."""
    if k <= 6 and 1e-50 < abs(x) < 1e50:
        return math.gamma(k) / math.pow(x, k)
    result = 1.0 / x
    for j in range(1, k):
        result *= j / x
    return result


@scalar
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


@scalar
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


@scalar
def total(xs: Sequence[float]) -> float:
    """The sum, added from the left.

    The built-in sum compensates from Python 3.12 on; this one does not.
    """
    result = 0.0
    for x in xs:
        result = result + x
    return result


@scalar
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


@scalar
def peak(xs: Sequence[float]) -> float:
    """the largest of the numbers; no derivative is taken of it."""
    result = -INF
    for x in xs:
        result = maximum(x, result)
    return result


@scalar
def logsumexp(xs: Sequence[float]) -> float:
    """log of the sum of exponentials, without overflow."""
    largest = peak(xs)
    rest = seen = 0.0
    for x in xs:  # one exp of 0 is the 1 of log1p, so that a small rest keeps its digits
        first = where(x == largest, 1.0 - seen, 0.0)
        seen = seen + first
        rest = rest + (math.exp(gap(x, largest)) - first)
    return largest + math.log1p(rest)


# The interpreter

# A program is an array of whole numbers. It starts with a table of contents: where each of its parts begins, and ends.
# An instruction is five of them: the operation, where its result goes, and where its arguments are, as distances in bytes
# from the first register or shared number; where the arguments are many, where their list begins and how long it is.
# Operation 0 is the sum of products: of pairs of a shared number and a register, then of pairs of registers.

# Everything is handed on as addresses: NumPy's arrays are counted at each call, which costs more than a block of some
# operations.

BEFORE, EACH, AFTER, LOADS, SPREAD, GROUPS, MEMBERS, STORES, PLACES, OPERANDS = range(0, 80, 8)

sums = njit(nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})


@scalar
def part(program, name):
    """Where a part of the program starts, and how many bytes it has."""
    start = whole(program, name)
    return program + 8 * start, 8 * (whole(program, name + 8) - start)


@scalar
def sum_of_products(y, operands, linear, pairs, r, s, n):
    """Sum products over a block of n bytes; the last tile may lie over rows that the one before has done."""
    size = 512 if n >= 512 else 256 if n >= 256 else 64
    i = 0
    while i < n:
        i = min(i, n - size)
        if size == 512:
            tile_of_64(y + i, operands, linear, pairs, r + i, s)
        elif size == 256:
            tile_of_32(y + i, operands, linear, pairs, r + i, s)
        else:
            tile_of_8(y + i, operands, linear, pairs, r + i, s)
        i += size


@sums
def sum_one(u, a, n):
    p = 0.0
    for i in range(0, n, 8):
        p += peek(u, i) * peek(a, i)
    return p


@sums
def sum_four(u, a, b, c, d, n):
    p = q = s = t = 0.0
    for i in range(0, n, 8):
        x = peek(u, i)
        p += x * peek(a, i)
        q += x * peek(b, i)
        s += x * peek(c, i)
        t += x * peek(d, i)
    return p, q, s, t


@scalar
def add_sums(total, groups, groups_size, members, r, n):
    """Add the sums over a block: a group is a register and the end of its members, the registers it is multiplied by."""
    k = 0
    for g in range(0, groups_size, 16):
        u, end = r + whole(groups, g), 8 * whole(groups, g + 8)
        while k + 32 <= end:
            a, b = r + whole(members, k), r + whole(members, k + 8)
            c, d = r + whole(members, k + 16), r + whole(members, k + 24)
            p, q, s, t = sum_four(u, a, b, c, d, n)
            poke(total, k, peek(total, k) + p)
            poke(total, k + 8, peek(total, k + 8) + q)
            poke(total, k + 16, peek(total, k + 16) + s)
            poke(total, k + 24, peek(total, k + 24) + t)
            k += 32
        while k < end:
            poke(total, k, peek(total, k) + sum_one(u, r + whole(members, k), n))
            k += 8


@scalar
def run_rows(codes, size, operands, r, s, n):
    """Run instructions on a block of n bytes."""
    for pc in range(0, size, 40):
        op, y = whole(codes, pc), r + whole(codes, pc + 8)
        a, b, c = whole(codes, pc + 16), whole(codes, pc + 24), whole(codes, pc + 32)
        if op == 0:
            sum_of_products(y, operands + a, b, c, r, s, n)
        elif op == 1:  # add
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u + v)
        elif op == 2:  # sub
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u - v)
        elif op == 3:  # mul
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u * v)
        elif op == 4:  # truediv
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u / v)
        elif op == 5:  # pow
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, math.pow(u, v))
        elif op == 6:  # neg
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, -u)
        elif op == 7:  # pos
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, +u)
        elif op == 8:  # abs
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.fabs(u))
        elif op == 9:  # exp
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.exp(u))
        elif op == 10:  # log
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.log(u))
        elif op == 11:  # log1p
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.log1p(u))
        elif op == 12:  # expm1
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.expm1(u))
        elif op == 13:  # log1pmx
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, log1pmx(u))
        elif op == 14:  # sqrt
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.sqrt(u))
        elif op == 15:  # sin
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.sin(u))
        elif op == 16:  # cos
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.cos(u))
        elif op == 17:  # tan
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.tan(u))
        elif op == 18:  # asin
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.asin(u))
        elif op == 19:  # acos
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.acos(u))
        elif op == 20:  # atan
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.atan(u))
        elif op == 21:  # atan2
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, math.atan2(u, v))
        elif op == 22:  # hypot
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, math.hypot(u, v))
        elif op == 23:  # sinh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.sinh(u))
        elif op == 24:  # cosh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.cosh(u))
        elif op == 25:  # tanh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.tanh(u))
        elif op == 26:  # asinh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.asinh(u))
        elif op == 27:  # acosh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.acosh(u))
        elif op == 28:  # atanh
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.atanh(u))
        elif op == 29:  # erf
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.erf(u))
        elif op == 30:  # erfc
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, math.erfc(u))
        elif op == 31:  # norm_pdf
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, norm_pdf(u))
        elif op == 32:  # norm_cdf
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, norm_cdf(u))
        elif op == 33:  # log_ndtr
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, log_ndtr(u))
        elif op == 34:  # ndtri
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, ndtri(u))
        elif op == 35:  # lgamma
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, lgamma(u))
        elif op == 36:  # digamma
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, digamma(u))
        elif op == 37:  # polygamma
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, polygamma(u, v))
        elif op == 38:  # sigmoid
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, sigmoid(u))
        elif op == 39:  # logsigmoid
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, logsigmoid(u))
        elif op == 40:  # softplus
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, softplus(u))
        elif op == 41:  # logit
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, logit(u))
        elif op == 42:  # relu
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, relu(u))
        elif op == 43:  # leaky_relu
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, leaky_relu(u, v))
        elif op == 44:  # elu
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, elu(u, v))
        elif op == 45:  # silu
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, silu(u))
        elif op == 46:  # gelu
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, gelu(u))
        elif op == 47:  # maximum
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, maximum(u, v))
        elif op == 48:  # minimum
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, minimum(u, v))
        elif op == 49:  # clip
            for i in range(0, n, 8):
                u, v, w = peek(r + a, i), peek(r + b, i), peek(r + c, i)
                poke(y, i, clip(u, v, w))
        elif op == 50:  # where
            for i in range(0, n, 8):
                u, v, w = peek(r + a, i), peek(r + b, i), peek(r + c, i)
                poke(y, i, (v if u else w))
        elif op == 51:  # logaddexp
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, logaddexp(u, v))
        elif op == 52:  # xlogy
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, xlogy(u, v))
        elif op == 53:  # xlog1py
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, xlog1py(u, v))
        elif op == 54:  # sign
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, sign(u))
        elif op == 55:  # floor
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, floor(u))
        elif op == 56:  # ceil
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, ceil(u))
        elif op == 57:  # step
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, step(u))
        elif op == 58:  # threshold
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, threshold(u))
        elif op == 59:  # stop_gradient
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, stop_gradient(u))
        elif op == 62:  # logsumexp
            xs = np.empty(b)
            for i in range(0, n, 8):
                for k in range(b):
                    xs[k] = peek(r + whole(operands, a + 8 * k), i)
                poke(y, i, logsumexp(xs))
        elif op == 63:  # lt
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u < v)
        elif op == 64:  # le
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, u <= v)
        elif op == 65:  # compare
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, compare(u, v))
        elif op == 66:  # paced
            for i in range(0, n, 8):
                u, v, w = peek(r + a, i), peek(r + b, i), peek(r + c, i)
                poke(y, i, paced(u, v, w))
        elif op == 67:  # ratio
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, ratio(u, v))
        elif op == 68:  # one_minus_square
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, one_minus_square(u))
        elif op == 69:  # sech2
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, sech2(u))
        elif op == 70:  # gauss
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, gauss(u))
        elif op == 71:  # hazard
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, hazard(u))
        elif op == 72:  # excess
            for i in range(0, n, 8):
                u = peek(r + a, i)
                poke(y, i, excess(u))
        elif op == 73:  # gap
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, gap(u, v))
        elif op == 74:  # gap_error
            for i in range(0, n, 8):
                u, v = peek(r + a, i), peek(r + b, i)
                poke(y, i, gap_error(u, v))
        elif op == 75:  # peak
            xs = np.empty(b)
            for i in range(0, n, 8):
                for k in range(b):
                    xs[k] = peek(r + whole(operands, a + 8 * k), i)
                poke(y, i, peak(xs))


@scalar
def run_scalars(codes, size, operands, s):
    """Run instructions on shared numbers."""
    for pc in range(0, size, 40):
        op, y = whole(codes, pc), s + whole(codes, pc + 8)
        a, b, c = whole(codes, pc + 16), whole(codes, pc + 24), whole(codes, pc + 32)
        if op == 0:
            total = 0.0
            for k in range(a, a + 16 * c, 16):
                total += peek(s, whole(operands, k)) * peek(s, whole(operands, k + 8))
            poke(y, 0, total)
        elif op == 1:  # add
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u + v)
        elif op == 2:  # sub
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u - v)
        elif op == 3:  # mul
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u * v)
        elif op == 4:  # truediv
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u / v)
        elif op == 5:  # pow
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, math.pow(u, v))
        elif op == 6:  # neg
            u = peek(s, a)
            poke(y, 0, -u)
        elif op == 7:  # pos
            u = peek(s, a)
            poke(y, 0, +u)
        elif op == 8:  # abs
            u = peek(s, a)
            poke(y, 0, math.fabs(u))
        elif op == 9:  # exp
            u = peek(s, a)
            poke(y, 0, math.exp(u))
        elif op == 10:  # log
            u = peek(s, a)
            poke(y, 0, math.log(u))
        elif op == 11:  # log1p
            u = peek(s, a)
            poke(y, 0, math.log1p(u))
        elif op == 12:  # expm1
            u = peek(s, a)
            poke(y, 0, math.expm1(u))
        elif op == 13:  # log1pmx
            u = peek(s, a)
            poke(y, 0, log1pmx(u))
        elif op == 14:  # sqrt
            u = peek(s, a)
            poke(y, 0, math.sqrt(u))
        elif op == 15:  # sin
            u = peek(s, a)
            poke(y, 0, math.sin(u))
        elif op == 16:  # cos
            u = peek(s, a)
            poke(y, 0, math.cos(u))
        elif op == 17:  # tan
            u = peek(s, a)
            poke(y, 0, math.tan(u))
        elif op == 18:  # asin
            u = peek(s, a)
            poke(y, 0, math.asin(u))
        elif op == 19:  # acos
            u = peek(s, a)
            poke(y, 0, math.acos(u))
        elif op == 20:  # atan
            u = peek(s, a)
            poke(y, 0, math.atan(u))
        elif op == 21:  # atan2
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, math.atan2(u, v))
        elif op == 22:  # hypot
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, math.hypot(u, v))
        elif op == 23:  # sinh
            u = peek(s, a)
            poke(y, 0, math.sinh(u))
        elif op == 24:  # cosh
            u = peek(s, a)
            poke(y, 0, math.cosh(u))
        elif op == 25:  # tanh
            u = peek(s, a)
            poke(y, 0, math.tanh(u))
        elif op == 26:  # asinh
            u = peek(s, a)
            poke(y, 0, math.asinh(u))
        elif op == 27:  # acosh
            u = peek(s, a)
            poke(y, 0, math.acosh(u))
        elif op == 28:  # atanh
            u = peek(s, a)
            poke(y, 0, math.atanh(u))
        elif op == 29:  # erf
            u = peek(s, a)
            poke(y, 0, math.erf(u))
        elif op == 30:  # erfc
            u = peek(s, a)
            poke(y, 0, math.erfc(u))
        elif op == 31:  # norm_pdf
            u = peek(s, a)
            poke(y, 0, norm_pdf(u))
        elif op == 32:  # norm_cdf
            u = peek(s, a)
            poke(y, 0, norm_cdf(u))
        elif op == 33:  # log_ndtr
            u = peek(s, a)
            poke(y, 0, log_ndtr(u))
        elif op == 34:  # ndtri
            u = peek(s, a)
            poke(y, 0, ndtri(u))
        elif op == 35:  # lgamma
            u = peek(s, a)
            poke(y, 0, lgamma(u))
        elif op == 36:  # digamma
            u = peek(s, a)
            poke(y, 0, digamma(u))
        elif op == 37:  # polygamma
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, polygamma(u, v))
        elif op == 38:  # sigmoid
            u = peek(s, a)
            poke(y, 0, sigmoid(u))
        elif op == 39:  # logsigmoid
            u = peek(s, a)
            poke(y, 0, logsigmoid(u))
        elif op == 40:  # softplus
            u = peek(s, a)
            poke(y, 0, softplus(u))
        elif op == 41:  # logit
            u = peek(s, a)
            poke(y, 0, logit(u))
        elif op == 42:  # relu
            u = peek(s, a)
            poke(y, 0, relu(u))
        elif op == 43:  # leaky_relu
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, leaky_relu(u, v))
        elif op == 44:  # elu
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, elu(u, v))
        elif op == 45:  # silu
            u = peek(s, a)
            poke(y, 0, silu(u))
        elif op == 46:  # gelu
            u = peek(s, a)
            poke(y, 0, gelu(u))
        elif op == 47:  # maximum
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, maximum(u, v))
        elif op == 48:  # minimum
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, minimum(u, v))
        elif op == 49:  # clip
            u, v, w = peek(s, a), peek(s, b), peek(s, c)
            poke(y, 0, clip(u, v, w))
        elif op == 50:  # where
            u, v, w = peek(s, a), peek(s, b), peek(s, c)
            poke(y, 0, (v if u else w))
        elif op == 51:  # logaddexp
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, logaddexp(u, v))
        elif op == 52:  # xlogy
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, xlogy(u, v))
        elif op == 53:  # xlog1py
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, xlog1py(u, v))
        elif op == 54:  # sign
            u = peek(s, a)
            poke(y, 0, sign(u))
        elif op == 55:  # floor
            u = peek(s, a)
            poke(y, 0, floor(u))
        elif op == 56:  # ceil
            u = peek(s, a)
            poke(y, 0, ceil(u))
        elif op == 57:  # step
            u = peek(s, a)
            poke(y, 0, step(u))
        elif op == 58:  # threshold
            u = peek(s, a)
            poke(y, 0, threshold(u))
        elif op == 59:  # stop_gradient
            u = peek(s, a)
            poke(y, 0, stop_gradient(u))
        elif op == 62:  # logsumexp
            xs = np.empty(b)
            for k in range(b):
                xs[k] = peek(s, whole(operands, a + 8 * k))
            poke(y, 0, logsumexp(xs))
        elif op == 63:  # lt
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u < v)
        elif op == 64:  # le
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, u <= v)
        elif op == 65:  # compare
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, compare(u, v))
        elif op == 66:  # paced
            u, v, w = peek(s, a), peek(s, b), peek(s, c)
            poke(y, 0, paced(u, v, w))
        elif op == 67:  # ratio
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, ratio(u, v))
        elif op == 68:  # one_minus_square
            u = peek(s, a)
            poke(y, 0, one_minus_square(u))
        elif op == 69:  # sech2
            u = peek(s, a)
            poke(y, 0, sech2(u))
        elif op == 70:  # gauss
            u = peek(s, a)
            poke(y, 0, gauss(u))
        elif op == 71:  # hazard
            u = peek(s, a)
            poke(y, 0, hazard(u))
        elif op == 72:  # excess
            u = peek(s, a)
            poke(y, 0, excess(u))
        elif op == 73:  # gap
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, gap(u, v))
        elif op == 74:  # gap_error
            u, v = peek(s, a), peek(s, b)
            poke(y, 0, gap_error(u, v))
        elif op == 75:  # peak
            xs = np.empty(b)
            for k in range(b):
                xs[k] = peek(s, whole(operands, a + 8 * k))
            poke(y, 0, peak(xs))


@scalar
def load(r, loads, size, columns, start, n, width):
    """Fetch n rows of each column, given by its address, the distance of its numbers, and how many lie beside it.

    Registers of columns that lie side by side do too: eight at a time are taken from a matrix stored row by row.
    """
    for k in range(0, size, 8):
        x, stride, near = r + whole(loads, k), whole(columns + size, k), whole(columns + 2 * size, k)
        address = whole(columns, k) + start * stride
        if near < 0:
            continue  # one of eight that have been fetched together
        if near >= 8:
            done = n // 8 * 8
            for i in range(0, done, 8):
                transpose(address + i * stride, stride, x + 8 * i, 8 * width)
            for j in range(8):
                for i in range(done, n):
                    poke(x + 8 * j * width, 8 * i, peek(address + 8 * j, stride * i))
        elif stride == 8:
            for i in range(n):
                poke(x, 8 * i, peek(address, 8 * i))
        else:
            for i in range(n):
                poke(x, 8 * i, peek(address, stride * i))


def run(program, values, registers, columns, totals, out, width, chunk, count, divisor, first, last, end):
    """Run a plan on the chunks of rows from first to last; before it, if the first is 0, what comes before.

    `values` are the shared numbers, `registers` has room for a block of rows in each register, `totals` a row for each
    chunk, of its sums. With `end`, the sums of all chunks are added in order, divided, and what comes after is run.
    """
    p, s, r, described = program.ctypes.data, values.ctypes.data, registers.ctypes.data, columns.ctypes.data
    operands, _ = part(p, OPERANDS)
    if first == 0:
        codes, size = part(p, BEFORE)
        run_scalars(codes, size, operands, s)
    spread, size = part(p, SPREAD)
    for k in range(0, size, 16):
        x, shared = r + whole(spread, k), peek(s, whole(spread, k + 8))
        for i in range(width):
            poke(x, 8 * i, shared)
    each, each_size = part(p, EACH)
    loads, loads_size = part(p, LOADS)
    groups, groups_size = part(p, GROUPS)
    members, members_size = part(p, MEMBERS)
    stores, stores_size = part(p, STORES)
    results = out.ctypes.data
    for number in range(first, last):
        total = totals.ctypes.data + number * members_size
        for k in range(0, members_size, 8):
            poke(total, k, 0.0)
        stop = min(count, (number + 1) * chunk)
        for start in range(number * chunk, stop, width):
            n = min(width, stop - start)
            load(r, loads, loads_size, described, start, n, width)
            run_rows(each, each_size, operands, r, s, (n + 7) // 8 * 64)
            add_sums(total, groups, groups_size, members, r, 8 * n)
            for k in range(0, stores_size, 16):
                x, y = r + whole(stores, k), results + 8 * (whole(stores, k + 8) * count + start)
                for i in range(n):
                    poke(y, 8 * i, peek(x, 8 * i))
    if end:
        places, _ = part(p, PLACES)
        for k in range(0, members_size, 8):
            whole_sum = 0.0
            for number in range(totals.shape[0]):
                whole_sum += peek(totals.ctypes.data + number * members_size, k)
            poke(s, whole(places, 0) + k, whole_sum / divisor)
        codes, size = part(p, AFTER)
        run_scalars(codes, size, operands, s)
        for k in range(out.shape[0]):
            out[k, 0] = peek(s, whole(places, 8 + 8 * k))


# The name of the cached machine code tells which vector functions it calls.
run.__qualname__ += f"_{len(math.VARIANTS)}_{'_'.join(str(width) for _, width in math.widths())}"
run = njit(nogil=True, error_model="numpy", cache=True)(run)
