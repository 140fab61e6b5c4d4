"""What docs/semantics.md promises of the primitives' digits, in ulps, and the exceptions: one place for all tests.

The figures are for Linux with glibc; elsewhere Python's own `math` functions may be an ulp or two further off.
"""

OF_MATH = 2.0  # a function of Python's `math`, beside mpmath
VALUE = 3.0  # a value of our own
SLOPE = 4.0  # a first derivative at ordinary points; twice as much in the tails
SECOND = 32.0  # a second derivative, of the larger of itself and the first over x
ON_ARRAYS = 4.0  # what a compiled function on arrays may add for each primitive

VALUES = {"sech2": 4.0, "hazard": 4.0, "excess": 30.0, "polygamma": 4.0}
SLOPES = {"hazard": 30.0, "gelu": 6.0, "silu": 5.0, "polygamma": 5.0}
# Products of two exponentials, each within 3 ulp in vector libraries; and a factor near the smallest floats.
ARRAYS = {"gauss": 8.0, "norm_pdf": 8.0, "silu": 8.0, "gelu": 60.0}

# Next to a zero, where terms cancel, the error is absolute: inside the domain by mpmath, as a share of the largest term,
NEAR_ZERO = {
    "lgamma": 2e-15,
    "digamma": 1e-15,
    "polygamma": 1e-15,
    "logaddexp": 1e-15,
    "logsumexp": 1e-15,
    "silu": 1e-15,
    "gelu": 1e-15,
    "xlogy": 1e-15,
    "sum": 1e-15,
    "dot": 1e-15,
}
# and between one way of computing and another, left of 0 too, as a share of the largest argument.
BETWEEN_WAYS = {"lgamma": 2e-14, "digamma": 2e-15, "polygamma": 2e-15, "logaddexp": 3e-16, "logsumexp": 3e-16}


def value_ulps(row):
    """What is promised of a row's value."""
    return VALUES.get(row.name, VALUE if row.forward.__module__ == "autograd.special" else OF_MATH)
