"""Functions of math, NumPy and SciPy that the kit knows beside the rows of the table."""

import math

import numpy as np
import pytest
import scipy.special as sc

from autograd import Value, grad
from autograd.testing.libraries import LIBRARIES
from autograd.testing.rebound import rebound

MODULES = {"math": math, "np": np, "sc": sc}
TWO = {"np.logaddexp", "sc.xlogy", "sc.xlog1py", "sc.betaln"}
THERE = [name for name in LIBRARIES if hasattr(MODULES[name.partition(".")[0]], name.partition(".")[2])]


@pytest.mark.parametrize("name", THERE)
@pytest.mark.parametrize("x", [0.4, 0.83])
def test_a_function_of_a_library_has_its_value_and_its_slope(name, x):
    library, _, function = name.partition(".")
    f = getattr(MODULES[library], function)
    more = (1.7,) if name in TWO else ()
    known = rebound(lambda x: f(x, *more))
    assert known(Value(x)).data == pytest.approx(float(f(x, *more)), rel=1e-14, abs=1e-15)
    slope = (float(f(x + 1e-5, *more)) - float(f(x - 1e-5, *more))) / 2e-5
    assert grad(known)(x) == pytest.approx(slope, rel=1e-7)
