"""What each primitive is, in mpmath: definitions that share no formula with the table."""

from mpmath import mp, mpf


def erfc(x):
    if abs(x) < 1e5:
        return mp.erfc(x)
    if x < 0:
        return 2 - erfc(-x)
    terms = [(-1) ** k * mp.fac2(2 * k - 1) / (2 * x * x) ** k for k in range(20)]  # mpmath's own refuses 1e300
    return mp.exp(-x * x) / (x * mp.sqrt(mp.pi)) * mp.fsum(terms)


def ncdf(x):
    return erfc(-x / mp.sqrt(2)) / 2


def ndtri(p):
    """Newton's method: steps of at most 1 at few digits, then full steps, each of which doubles the digits."""
    x = mp.sqrt(-2 * mp.log(min(p, 1 - p)))
    x = -x if p < 0.5 else x
    with mp.workdps(40):
        for _ in range(60):
            x -= max(min((ncdf(x) - p) / mp.npdf(x), mpf(1)), mpf(-1))
    for _ in range(max(2, int(mp.log(mp.dps, 2)) - 3)):
        x -= (ncdf(x) - p) / mp.npdf(x)
    return x


UNARY = {
    "neg": lambda x: -x,
    "pos": lambda x: +x,
    "abs": abs,
    "exp": mp.exp,
    "log": mp.log,
    "log1p": mp.log1p,
    "log1pmx": lambda x: mp.log1p(x) - x,
    "expm1": mp.expm1,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "erf": lambda x: 1 - erfc(x) if abs(x) > 1 else mp.erf(x),
    "erfc": erfc,
    "norm_pdf": mp.npdf,
    "norm_cdf": ncdf,
    "log_ndtr": lambda x: mp.log(ncdf(x)),
    "ndtri": ndtri,
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": mp.digamma,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "logsigmoid": lambda x: -mp.log(1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "logit": lambda p: mp.log(p / (1 - p)),
    "relu": lambda x: max(x, mpf(0)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * ncdf(x),
    "sech2": lambda x: mp.sech(x) ** 2,
    "gauss": lambda x: mp.exp(-x * x),
    "one_minus_square": lambda x: 1 - x * x,
    "hazard": lambda x: mp.npdf(x) / ncdf(x),
    "excess": lambda x: x + mp.npdf(x) / ncdf(x),
    "sign": mp.sign,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "step": lambda x: mpf(x >= 0),
    "threshold": lambda x: mpf(1 if x >= 0 else -1),
    "stop_gradient": lambda x: x,
}

BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "pow": lambda a, b: mp.power(a, b),
    "atan2": mp.atan2,
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "maximum": max,
    "minimum": min,
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, a: x if x > 0 else a * mp.expm1(x),
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "xlogy": lambda x, y: x * mp.log(y),
    "xlog1py": lambda x, y: x * mp.log1p(y),
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
    "lt": lambda a, b: mpf(a < b),
    "le": lambda a, b: mpf(a <= b),
    "compare": lambda a, b: mp.sign(a - b),
    "gap": lambda a, b: a - b,
    "ratio": lambda a, b: a / b if b else mpf(0) if a == 0 else a * mp.inf,
    "gap_error": lambda a, b: (a - b) - mpf(float(a) - float(b)),
}

TERNARY = {
    "paced": lambda rate, slope, d: rate * slope,
    "where": lambda c, a, b: a if c else b,
    "clip": lambda x, low, high: min(max(x, low), high),
}

VARIADIC = {
    "sum": lambda *xs: mp.fsum(xs),
    "dot": lambda *xs: mp.fdot(xs[: len(xs) // 2], xs[len(xs) // 2 :]),
    "logsumexp": lambda *xs: mp.log(mp.fsum(map(mp.exp, xs))),
    "peak": lambda *xs: max(xs),
}

ORACLES = UNARY | BINARY | TERNARY | VARIADIC

# Derivatives of some order that are themselves known functions; differences of these would take minutes.
KNOWN_DERIVATIVES = {
    "lgamma": lambda order, x: mp.polygamma(order - 1, x),
    "digamma": lambda order, x: mp.polygamma(order, x),
    "polygamma": lambda order, n, x: mp.polygamma(int(n) + order, x),
}
