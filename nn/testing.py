"""Strategies for hypothesis: small networks, and tables of data to fit. Needs the extra `testing`."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

from autograd import MissingPackage

from .families import resolved
from .family import Family
from .layers import MLP

with MissingPackage.told("nn.testing"):
    from hypothesis import strategies as st

if TYPE_CHECKING:
    import numpy as np

SMOOTH = ("tanh", "sigmoid", "softplus", "gelu", "silu")
WIDEST, DEEPEST, MOST_ROWS, MOST_FEATURES, CLASSES = 4, 2, 8, 3, 3
SIZE, DECIMALS = 3.0, 2  # of the numbers in a table


def networks(
    inputs: int | None = None, outputs: int | None = None, activations: Sequence[Any] = SMOOTH, max_width: int = WIDEST
) -> st.SearchStrategy[MLP]:
    """Return small MLPs with up to two hidden layers; their weights come from a seed that is drawn, too.

    `activations` are those of the hidden layers: by default smooth ones, so that derivatives can be checked at any point.

    >>> from hypothesis import find
    >>> find(networks(inputs=2, outputs=1), lambda model: len(model.layers) == 2)
    MLP(2 -> 1 tanh -> 1 identity)
    """
    width = st.integers(1, max_width)
    return st.builds(
        lambda features, hidden, last, activation, seed: MLP(features, [*hidden, last], activation, rng=seed),
        st.just(inputs) if inputs is not None else width,
        st.lists(width, max_size=DEEPEST),
        st.just(outputs) if outputs is not None else width,
        st.sampled_from(list(activations)),
        st.integers(0, 2**16),
    )


@st.composite
def datasets(
    draw: st.DrawFn, family: str | Family = "gaussian", features: int | None = None, max_rows: int = MOST_ROWS
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of a table X of shape (rows, features) and targets y that a family admits, all of two decimals.

    Targets are labels 0 and 1, classes 0 to 2, or numbers that the family admits, whole ones among them, and 0 where it is one.

    >>> from hypothesis import find
    >>> X, y = find(datasets("poisson"), lambda pair: len(pair[1]) > 1)
    >>> X.shape, y.tolist()
    ((2, 1), [1.0, 1.0])
    """
    import numpy as np

    distribution = resolved(family)
    columns = features if features is not None else draw(st.integers(1, MOST_FEATURES))
    rows = draw(st.integers(1, max_rows))
    numbers = st.floats(-SIZE, SIZE).map(lambda x: round(x, DECIMALS))
    X = draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
    y = draw(st.lists(_targets(distribution), min_size=rows, max_size=rows))
    return np.array(X).reshape(rows, columns), np.array(y)


def _targets(family: Family) -> st.SearchStrategy[Any]:
    """What may be observed."""
    if family.targets == "binary":
        return st.integers(0, 1)
    if family.targets == "classes":
        return st.integers(0, CLASSES - 1)
    low, high = family.support
    step = 10.0**-DECIMALS
    least = -SIZE if low == -inf else low + step
    most = SIZE if high == inf else high - step
    inside = st.floats(least, most).map(lambda x: round(x, DECIMALS))
    whole = [float(x) for x in range(ceil(max(low, -SIZE)), floor(min(high, SIZE)) + 1) if family.admits(float(x))]
    return st.one_of(inside, st.sampled_from(whole)) if whole else inside
