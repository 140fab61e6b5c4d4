"""Each row on arrays and in the interpreter, beside its own float: within 4 ulp, wherever floats go."""

import os
import subprocess
import sys

import numpy as np
import promised
import pytest

from autograd import PRIMITIVES, compile, errstate

SIZE = 400
ENDS = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-308, 709.78, 709.79, -745.1, -745.2, 1.0, -1.0, 0.5]
ROWS = list(PRIMITIVES.values())
SLOW = {"polygamma", "ndtri", "digamma"}


def samples(seed, size):
    """Floats of every kind: any bits, and the ranges where functions live."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(-(2**63), 2**63 - 1, size, dtype=np.int64).view(np.float64)
    parts = [bits, rng.uniform(-1, 1, size), 30 * rng.normal(size=size), rng.uniform(-750, 750, size), np.array(ENDS)]
    return np.concatenate(parts)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row_on_arrays_is_within_4_ulp_of_its_float(row, backend):
    size = 20 if row.name in SLOW else SIZE
    count = 4 if row.variadic else len(row.partials)
    columns = [samples(seed, size) for seed in range(count)]
    if row.name == "polygamma":
        columns[0] = np.arange(len(columns[0])) % 4.0
    for k in range(1, count):  # the ends meet each other
        columns[k][-len(ENDS) :] = np.roll(ENDS, 3 * k)
    found = compile(lambda *xs: row(*xs), backend=backend)(*columns)
    points = [list(point) for point in zip(*(column.tolist() for column in columns), strict=True)]
    with errstate("ignore"):
        expected = np.array([row.value(point) for point in points])
    scale = np.abs(expected)
    if row.products and row.variadic:  # an overflow on the way depends on the order, and on fused multiplication
        scale = np.array([sum(abs(a * b) for a, b in row.products(point)) * len(point) for point in points])
        finite = np.all(np.isfinite(columns), axis=0)
        kept = ~(finite & ~np.isfinite(scale)) & ~np.any(np.abs(columns) > 1e150, axis=0)
        found, expected, scale = found[kept], expected[kept], scale[kept]
        columns = [column[kept] for column in columns]
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    finite = np.isfinite(expected)
    assert np.array_equal(found[~finite], expected[~finite], equal_nan=True)
    largest = np.max(np.abs(np.where(np.isfinite(columns), columns, 0.0)), axis=0)
    with np.errstate(invalid="ignore"):
        allowed = promised.ARRAYS.get(row.name, promised.ON_ARRAYS) * np.spacing(scale) + promised.BETWEEN_WAYS.get(
            row.name, 0.0
        ) * np.maximum(largest, 1.0)
        off = np.where(finite, np.abs(found - expected) / allowed, 0.0)
    worst = np.argmax(off)
    assert off[worst] <= 1.0, ([column[worst] for column in columns], found[worst], expected[worst])


@pytest.mark.skipif("ELSEWHERE" not in os.environ, reason="compiles all anew: make test-elsewhere runs it")
def test_without_the_vector_library_the_interpreter_calls_math(tmp_path):
    """What a machine without libmvec runs: compiled anew in a process of its own, so this takes a while."""
    program = (
        "import ctypes, numpy as np\n"
        "real = ctypes.CDLL\n"
        "def missing(name, *args, **kwargs):\n"
        "    if name == 'libmvec.so.1':\n"
        "        raise OSError(name)\n"
        "    return real(name, *args, **kwargs)\n"
        "ctypes.CDLL = missing\n"
        "from autograd import compile, exp, grad, sin\n"
        "from autograd.compiling.numba import vectors\n"
        "assert vectors.VARIANTS == {}\n"
        "run = compile(grad(lambda x: sin(x) * exp(x)))\n"
        "x = np.linspace(-2.0, 2.0, 101)\n"
        "assert np.allclose(run(x), np.exp(x) * (np.sin(x) + np.cos(x)), rtol=1e-14)\n"
        "assert run.ran == 'numba'\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
