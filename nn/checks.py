"""What users hand to a fit, checked: rows, observations, weights, offsets.

Whatever is wrong raises before anything is changed, and names the row, the column and what was expected.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .family import Family
from .names import few
from .tables import Array, array_of, floats, is_missing, is_number, known, names_of, order_of

BINARY = ". Only binary classification is supported: for more classes there is the family categorical"


class Targets(NamedTuple):
    """Observations as a family's likelihood takes them, with the number of trials of each and the names of classes."""

    y: Array
    trials: Array | None = None
    classes: Array | None = None


def table(X: Any, who: str) -> tuple[Array, list[str] | None]:
    """Return a matrix of floats and the names of its columns, if it has any.

    X is an array, a list of rows, a table of pandas, polars or pyarrow, or a sparse matrix of SciPy, which is made dense at
    once: 8 bytes for each of its n times p entries. As in scikit-learn, columns have names if all of them are strings.

    Raises TypeError for what is no number and for names of which only some are strings, ValueError for another shape, no
    rows, two columns of one name, and for what is missing, nan or infinite.

    >>> table([[1, 2], [3, 4]], "fit()")[0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    names = names_of(known(X, f"{who} expects numbers in X"), who)
    matrix = floats(X, f"{who} expects numbers in X")
    if matrix.ndim != 2:
        way = (
            ". Reshape your data: X.reshape(-1, 1) is one column, X.reshape(1, -1) one row" if matrix.ndim == 1 else ""
        )
        way = ": X.to_frame() is one column" if hasattr(X, "to_frame") else way
        raise ValueError(f"{who} expects X to have rows and columns, got the shape {matrix.shape}{way}")
    if not len(matrix):
        raise ValueError(f"{who} expects at least one row, got X of the shape {matrix.shape}")
    with np.errstate(all="ignore"):
        if not np.isfinite(matrix.sum()) and not np.isfinite(matrix).all():
            row, column = np.argwhere(~np.isfinite(matrix))[0]
            where = few([repr(names[column])]) if names else column
            raise ValueError(
                f"{who} expects finite numbers in X, got {matrix[row, column]} in row {row}, column {where}{_hint(matrix[row, column])}"
            )
    return matrix, names


def _hint(number: float) -> str:
    """What to do about a number that is none."""
    return ": NaN stands for what is missing; fill it in, or leave the row out" if np.isnan(number) else ""


def column(x: Any, count: int, who: str, what: str, spread: bool = False) -> Array:
    """Return one finite number for each of `count` rows; with `spread`, a single number stands for all of them.

    Raises TypeError and ValueError, naming what it is and the row.

    >>> column([1, 2, 3], 3, "fit()", "offset").tolist()
    [1.0, 2.0, 3.0]
    >>> column(0.5, 3, "fit()", "offset", spread=True).tolist()
    [0.5, 0.5, 0.5]
    """
    array = floats(x, f"{who} expects numbers as {what}")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 0 and spread:
        array = np.full(count, array)
    if array.ndim != 1:
        raise ValueError(f"{who} expects one number a row as {what}, got the shape {array.shape}")
    if len(array) != count:
        raise ValueError(f"{who} expects as many numbers in {what} as X has rows, got {len(array)} for {count}")
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"{who} expects finite numbers as {what}, got {array[row]} in row {row}{_hint(array[row])}")
    return array


def columns(x: Any, shape: tuple[int, int], who: str, what: str) -> Array:
    """Return a finite number for each row and class.

    Raises TypeError and ValueError, naming what it is and the row.

    >>> columns([[1, 2], [3, 4]], (2, 2), "fit()", "offset").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    array = floats(x, f"{who} expects numbers as {what}")
    if array.shape != shape:
        raise ValueError(
            f"{who} expects a number for each row and class as {what}, {shape}, got the shape {array.shape}"
        )
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise ValueError(f"{who} expects finite numbers as {what}, got {array[row]} in row {row}")
    return array


def weights_of(sample_weight: Any, count: int, who: str) -> Array | None:
    """Return the weights, or None where all of them are 1.

    Raises ValueError for a negative one, and if all of them are 0.
    """
    if sample_weight is None:
        return None
    weights = column(sample_weight, count, who, "sample_weight")
    if (weights < 0.0).any():
        row = int(np.argmax(weights < 0.0))
        raise ValueError(f"{who} expects no negative sample_weight, got {weights[row]} in row {row}")
    if not weights.any():
        raise ValueError(f"{who} expects a sample_weight above 0 in some row, got zero in all {count}")
    return None if (weights == 1.0).all() else weights


def targets(y: Any, family: Family, count: int, who: str) -> Targets:
    """Return the observations as the family takes them.

    "numbers" are in the support; "binary" observations 0 and 1, -1 and +1, shares between 0 and 1, two labels, or columns
    of successes and failures; "classes" labels of any kind.

    Raises TypeError for what is no number or label, ValueError for None, another count, nan, and what the family cannot
    observe.
    """
    if y is None:
        raise ValueError(f"{who} requires y to be passed, but the target y is None")
    if family.targets == "numbers":
        return Targets(supported(column(y, count, who, "y"), family, who))
    labels = labels_of(y, count, who, columns=family.targets == "binary")
    if labels.ndim == 2:
        return _counts(labels, who)
    order = order_of(y)
    numeric = order is None and labels.dtype.kind in "iuf"
    numbers = column(labels, count, who, "y") if numeric else labels
    if numeric and family.targets == "binary":
        if np.isin(numbers, (0.0, 1.0)).all():
            return Targets(numbers, classes=np.array([0, 1]).astype(labels.dtype))
        whole = (numbers == np.round(numbers)).all()
        if not whole or len(np.unique(numbers)) != 2:
            return Targets(supported(numbers, family, who))
    if numeric and (numbers != np.floor(numbers)).any():
        row = int(np.argmax(numbers != np.floor(numbers)))
        raise ValueError(f"{who} expects labels of classes as y, no continuous numbers, got {labels[row]} in row {row}")
    classes, codes = _coded(labels, order, who)
    allowed = "two classes" if family.targets == "binary" else "at least two classes"
    if len(classes) < 2 or (len(classes) > 2 and family.targets == "binary"):
        hint = BINARY if len(classes) > 2 else ""
        counted = f"{len(classes)} class{'es' * (len(classes) != 1)}"
        raise ValueError(
            f"{who} expects {allowed} in y, got {counted}: {', '.join(map(repr, classes[:5].tolist()))}{hint}"
        )
    return Targets(codes.astype(np.float64), classes=classes)


def _coded(labels: Array, order: Array | None, who: str) -> tuple[Array, Array]:
    """The classes that occur, sorted or in the order of categories, and the number of each label's class."""
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = sorted({type(label).__name__ for label in labels})
        raise TypeError(f"{who} expects labels of one kind as y, got {few(kinds)}") from None
    if order is None:
        return classes, codes
    ranks = np.argsort([np.flatnonzero(order == label)[0] for label in classes])
    return classes[ranks], np.argsort(ranks)[codes]


def labels_of(y: Any, count: int, who: str, columns: bool = False, name: str = "y") -> Array:
    """Return the labels of rows, or two `columns` of numbers; numbers in an array of objects as numbers. `name` is what they are called.

    Raises ValueError for another count and for one that is missing, by row, TypeError for what is no list.
    """
    labels = array_of(y, f"{who} expects labels as {name}")
    if labels.ndim == 0:
        raise TypeError(f"{who} expects a list or an array as {name}, got {type(y).__name__}")
    if len(labels) != count:
        raise ValueError(f"{who} expects as many observations as X has rows, got {len(labels)} for {count}")
    if labels.ndim != 1 and not (columns and labels.shape[1:] == (2,)):
        raise ValueError(f"{who} expects one label a row as {name}, got the shape {labels.shape}")
    if labels.dtype.kind in "OmM" and labels.ndim == 1:
        for row, label in enumerate(labels):
            if is_missing(label):
                raise ValueError(f"{who} expects a label in every row as {name}, got {label} in row {row}")
    if labels.dtype.kind == "O" and labels.ndim == 1 and all(map(is_number, labels)):
        plain = np.asarray(labels.tolist())  # whole numbers stay whole, booleans booleans
        labels = floats(plain, who) if plain.dtype.kind == "O" else plain
    return labels


def check_classes(found: Targets, weights: Array | None, who: str) -> None:
    """Raise ValueError if a class has rows of weight 0 only."""
    if found.classes is None or weights is None or not np.isin(found.y, range(len(found.classes))).all():
        return
    for k, label in enumerate(found.classes):
        if not weights[found.y == k].any() and len(found.classes) > 2:
            raise ValueError(f"{who} expects a sample_weight above 0 in some row of each class, got none for {label!r}")


def supported(y: Array, family: Family, who: str) -> Array:
    """Return the observations, if the family can make each of them; ValueError names the first that it cannot."""
    low, high = family.support
    inside = (y > low) & (y < high)
    for end in {float(x) for x in np.unique(y[~inside])[:2]}:
        if family.admits(end):
            inside |= y == end
    if not inside.all():
        row = int(np.argmin(inside))
        left, right = "[" if family.admits(low) else "(", "]" if family.admits(high) else ")"
        whole = len(np.unique(y)) > 2 and family.targets == "binary" and (y == np.round(y)).all()
        hint = BINARY if whole else ""
        raise ValueError(
            f"{who} expects y in {left}{low:g}, {high:g}{right} for the family {family.name}, got {y[row]} in row {row}{hint}"
        )
    return y


def _counts(labels: Array, who: str) -> Targets:
    """The shares of successes, and the numbers of trials."""
    counts = floats(labels, f"{who} expects numbers as y")
    bad = ~(np.isfinite(counts).all(axis=1) & (counts >= 0.0).all(axis=1) & (counts.sum(axis=1) > 0.0))
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(
            f"{who} expects counts of successes and failures as y, not both 0, got {counts[row]} in row {row}"
        )
    trials = counts.sum(axis=1)
    return Targets(counts[:, 0] / trials, trials=trials)
