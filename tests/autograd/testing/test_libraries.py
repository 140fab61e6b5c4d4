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


def test_a_third_root_has_both_signs_and_gamma_is_known_to_the_right_of_0():
    assert rebound(np.cbrt)(Value(-8.0)).data == pytest.approx(-2.0)
    with pytest.raises(TypeError, match="to the right of 0 only"):
        rebound(math.gamma)(Value(-1.5))


def test_all_that_are_known_are_there_from_python_3_11_on():
    assert set(LIBRARIES) - set(THERE) <= {"math.cbrt", "math.exp2"}
