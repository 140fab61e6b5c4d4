"""Data: small problems to learn from, drawn by a seed, and what takes rows apart.

`train_test_split` and `split` never take the tail: rows are shuffled first.
"""

from __future__ import annotations

import csv
from math import pi
from numbers import Real
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np

Array = Any


def generator(rng: Any, who: str) -> np.random.Generator:
    """Return NumPy's generator for an int, or the one given; TypeError for anything else."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None and (isinstance(rng, bool) or not hasattr(rng, "__index__")):
        raise TypeError(f"{who} expects rng to be an int or a NumPy Generator, got {type(rng).__name__}")
    return np.random.default_rng(rng)


def _count(n: Any, who: str, least: int = 1) -> int:
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"{who} expects a number of rows that is an int, got {type(n).__name__}")
    if n < least:
        raise ValueError(f"{who} expects at least {least} rows, got {short(n)}")
    return int(n)


def two_moons(n: int = 100, noise: float = 0.1, rng: Any = 0) -> tuple[Array, Array]:
    """Return points (n, 2) on two half circles that interleave, and their labels 0 and 1.

    >>> X, y = two_moons(6, noise=0.0)
    >>> X[1].tolist(), y.tolist()
    ([0.0, 1.0], [0, 0, 0, 1, 1, 1])
    """
    n, draw = _count(n, "two_moons()", 2), generator(rng, "two_moons()")
    upper, lower = np.linspace(0.0, pi, n - n // 2), np.linspace(0.0, pi, n // 2)
    points = np.concatenate(
        [
            np.stack([np.cos(upper), np.sin(upper)], 1),
            np.stack([1.0 - np.cos(lower), 0.5 - np.sin(lower)], 1),
        ]
    )
    return np.round(points + noise * draw.standard_normal((n, 2)), 12), np.repeat([0, 1], [len(upper), len(lower)])


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, rng: Any = 0) -> tuple[Array, Array]:
    """Return points (n, 2) on a circle of radius 1, labels 0, and one of radius `factor`, labels 1.

    >>> X, y = circles(4, noise=0.0)
    >>> np.hypot(*X.T).round(6).tolist(), y.tolist()
    ([1.0, 1.0, 0.5, 0.5], [0, 0, 1, 1])
    """
    n, draw = _count(n, "circles()", 2), generator(rng, "circles()")
    labels = np.repeat([0, 1], [n - n // 2, n // 2])
    angles = np.concatenate([np.linspace(0.0, 2.0 * pi, k, endpoint=False) for k in (n - n // 2, n // 2)])
    radius = np.where(labels, factor, 1.0)
    points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], 1)
    return points + noise * draw.standard_normal((n, 2)), labels


def spirals(
    n: int = 150, classes: int = 3, noise: float = 0.1, turns: float = 0.75, rng: Any = 0
) -> tuple[Array, Array]:
    """Return points (n, 2) on arms of a spiral, one for each class, and the labels from 0 up.

    >>> X, y = spirals(6, classes=3)
    >>> X.shape, y.tolist()
    ((6, 2), [0, 0, 1, 1, 2, 2])
    """
    n, draw = _count(n, "spirals()", _count(classes, "spirals()")), generator(rng, "spirals()")
    labels = np.sort(np.arange(n) % classes)
    radius = np.concatenate([np.linspace(0.05, 1.0, int(k)) for k in np.bincount(labels)])
    angles = 2.0 * pi * (turns * radius + labels / classes) + noise * draw.standard_normal(n)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], 1), labels


def xor(n: int = 4, noise: float = 0.0, rng: Any = 0) -> tuple[Array, Array]:
    """Return the corners (0, 0), (0, 1), (1, 0), (1, 1) over and over, with noise, and whether just one coordinate is 1.

    >>> X, y = xor()
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    n, draw = _count(n, "xor()"), generator(rng, "xor()")
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])[np.arange(n) % 4]
    return corners + noise * draw.standard_normal((n, 2)), np.array([0, 1, 1, 0])[np.arange(n) % 4]


def blobs(n: int = 100, centers: int = 3, spread: float = 1.0, features: int = 2, rng: Any = 0) -> tuple[Array, Array]:
    """Return points (n, features) around centres, which are drawn from -10 to 10, and the number of the centre of each.

    >>> X, y = blobs(6, centers=2)
    >>> X.shape, y.tolist()
    ((6, 2), [0, 0, 0, 1, 1, 1])
    """
    n, draw = _count(n, "blobs()", _count(centers, "blobs()")), generator(rng, "blobs()")
    labels = np.sort(np.arange(n) % centers)
    places = draw.uniform(-10.0, 10.0, (centers, features))
    return places[labels] + spread * draw.standard_normal((n, features)), labels


def sine(n: int = 100, noise: float = 0.1, rng: Any = 0) -> tuple[Array, Array]:
    """Return numbers (n, 1) from -pi to pi in order, and their sines with noise.

    >>> X, y = sine(3, noise=0.0)
    >>> X.shape, (y + 0.0).round(6).tolist()
    ((3, 1), [0.0, 0.0, 0.0])
    """
    n, draw = _count(n, "sine()"), generator(rng, "sine()")
    x = np.linspace(-pi, pi, n)
    return x[:, None], np.round(np.sin(x), 15) + noise * draw.standard_normal(n)


def steps(
    n: int = 100, levels: tuple[float, ...] = (0.0, 1.0, -0.5, 0.5), noise: float = 0.0, rng: Any = 0
) -> tuple[Array, Array]:
    """Return numbers (n, 1) from 0 to 1 in order, and a function of steps with noise: the interval has as many parts as levels.

    >>> steps(4)[1].tolist()
    [0.0, 1.0, -0.5, 0.5]
    """
    n, draw = _count(n, "steps()"), generator(rng, "steps()")
    x = (np.arange(n) + 0.5) / n
    return x[:, None], np.array(levels)[(x * len(levels)).astype(int)] + noise * draw.standard_normal(n)


def challenger() -> tuple[Array, Array]:
    """Return the temperatures (23, 1) at launches of the space shuttle, in degrees Fahrenheit, and whether an O-ring was damaged.

    Source: Report of the Presidential Commission on the Space Shuttle Challenger Accident (1986), a work of the US government and in
    the public domain; as tabled by Dalal, Fowlkes, Hoadley, Journal of the American Statistical Association 84 (1989).

    >>> X, y = challenger()
    >>> X.shape, int(y.sum())
    ((23, 1), 7)
    """
    rows = _table("challenger")
    return np.array([[float(row["temperature"])] for row in rows]), np.array([int(row["damaged"]) for row in rows])


def iris() -> tuple[Array, Array]:
    """Return length and width of sepals and petals (150, 4), in centimetres, and the species: 0 setosa, 1 versicolor, 2 virginica.

    Source: R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7 (1936); in the public domain.

    >>> X, y = iris()
    >>> X[0].tolist(), np.bincount(y).tolist()
    ([5.1, 3.5, 1.4, 0.2], [50, 50, 50])
    """
    rows = _table("iris")
    names = list(dict.fromkeys(row["species"] for row in rows))
    return (
        np.array([[float(x) for key, x in row.items() if key != "species"] for row in rows]),
        np.array([names.index(row["species"]) for row in rows]),
    )


def _table(name: str) -> list[dict[str, str]]:
    """The rows of a file; its first lines say where it comes from."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def split(n: int, share: float, rng: Any = 0, labels: Any = None) -> tuple[Array, Array]:
    """Return the positions of n rows in two parts, each in order, of which the second has this share, at least one row.

    The rows are drawn; with `labels` from each label its share.

    Raises ValueError for a share outside (0, 1), and where a part would be empty.

    >>> first, second = split(10, 0.3)
    >>> len(first), len(second), sorted([*first, *second]) == list(range(10))
    (7, 3, True)
    """
    if not isinstance(share, Real) or isinstance(share, bool):
        raise TypeError(f"split() expects a share that is a number, got {type(share).__name__}")
    if not 0.0 < float(share) < 1.0:
        raise ValueError(f"split() expects a share between 0 and 1, got {short(share)}")
    draw = generator(rng, "split()")
    order = draw.permutation(_count(n, "split()", 2))
    wanted = min(max(1, round(n * float(share))), n - 1)
    if labels is None:
        chosen = order[:wanted]
    else:
        kinds, codes = np.unique(np.asarray(labels), return_inverse=True)
        exact = np.bincount(codes) * wanted / n
        counts = np.floor(exact).astype(int)
        for k in np.argsort(counts - exact, kind="stable")[: wanted - int(counts.sum())]:  # the largest remainders
            counts[k] += 1
        chosen = np.concatenate([order[codes[order] == k][: counts[k]] for k in range(len(kinds))])
    mask = np.zeros(n, dtype=bool)
    mask[chosen] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def train_test_split(
    X: Any, y: Any, test: float = 0.25, rng: Any = 0, stratify: bool = False
) -> tuple[Any, Any, Any, Any]:
    """Return X_train, X_test, y_train, y_test, as scikit-learn does: rows drawn by a seed, each part in its order.

    Arrays, lists and tables of pandas keep their kind. `stratify` takes from each label its share.

    Raises ValueError for a share outside (0, 1), and where X and y have other numbers of rows.

    >>> X_train, X_test, y_train, y_test = train_test_split(np.arange(8.0).reshape(4, 2), [0, 0, 1, 1], stratify=True, test=0.5)
    >>> y_train, y_test
    ([0, 1], [0, 1])
    """
    if len(X) != len(y):
        raise ValueError(f"train_test_split() expects as many observations as rows, got {len(y)} for {len(X)}")
    parts = split(len(X), test, rng, y if stratify else None)
    first, second = ([_taken(rows, part) for part in parts] for rows in (X, y))
    return first[0], first[1], second[0], second[1]


def _taken(rows: Any, places: Array) -> Any:
    """The rows at some positions, of an array, a table or a list."""
    if hasattr(rows, "iloc"):
        return rows.iloc[places]
    return rows[places] if hasattr(rows, "dtype") or hasattr(rows, "columns") else [rows[k] for k in places]


def minibatches(n: int, size: int, rng: Any = 0, shuffle: bool = True) -> list[Array]:
    """Return the positions of n rows in batches of a size, the last one perhaps smaller; shuffled anew by each call with a Generator.

    Raises ValueError for a size below 1.

    >>> [len(batch) for batch in minibatches(10, 4)]
    [4, 4, 2]
    """
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        raise TypeError(f"minibatches() expects a size that is an int, got {type(size).__name__}")
    if size < 1:
        raise ValueError(f"minibatches() expects a size of at least 1, got {size}")
    order = generator(rng, "minibatches()").permutation(n) if shuffle else np.arange(n)
    return [order[start : start + size] for start in range(0, n, size)]


def __dir__() -> list[str]:
    """What is public, for tab completion."""
    return [
        "blobs", "challenger", "circles", "iris", "minibatches", "sine", "spirals", "split", "steps", "train_test_split", "two_moons", "xor",
    ]  # fmt: skip
