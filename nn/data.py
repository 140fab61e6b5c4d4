"""What users hand to a fit, read and checked: tables of numbers, observations, weights, offsets.

Whatever is wrong raises before anything is changed, and names the row, the column and what was expected. Tables and series of
pandas, polars and pyarrow are read through narwhals, which is imported when the first of them comes.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from numbers import Real
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from autograd import MissingPackage

from .families import Family
from .names import few

Array = Any
Frame = Any  # narwhals' name for a table
Series = Any  # and for one of its columns
PLAIN = (np.ndarray, np.generic, list, tuple, str, int, float, type(None))  # what needs no narwhals
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


def known(x: Any, who: str) -> Frame | Series | None:
    """Return narwhals' frame for a table of pandas, polars or pyarrow, its series for one of their columns, else None.

    Raises TypeError for a table that is not computed yet, ValueError for two columns of one name.
    """
    if isinstance(x, PLAIN):
        return None
    with MissingPackage.told("a table of pandas, polars or pyarrow"):
        import narwhals.stable.v2 as nw
        from narwhals.exceptions import DuplicateError
    try:
        found = nw.from_native(_at_home(x), pass_through=True, allow_series=True)
    except DuplicateError:
        names = list(getattr(x, "column_names", x.columns))
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            f"{who} under a name of its own for each column, got {names.count(twice)} columns {few([repr(twice)])}"
        ) from None
    if isinstance(found, nw.LazyFrame):
        raise TypeError(f"{who}, got a lazy {type(x).__name__}: collect it first")
    return found if isinstance(found, (nw.DataFrame, nw.Series)) else None


def _at_home(x: Any) -> Any:
    """Arrays of pandas and pyarrow as series, and a batch of records as a table: narwhals knows these only."""
    home: Any = sys.modules.get(type(x).__module__.partition(".")[0])
    name = getattr(home, "__name__", "")
    if name == "pandas" and isinstance(x, (home.Index, home.api.extensions.ExtensionArray)):
        return home.Series(x)
    if name == "pyarrow" and isinstance(x, home.Array):
        return home.chunked_array([x])
    return home.Table.from_batches([x]) if name == "pyarrow" and isinstance(x, home.RecordBatch) else x


def names_of(found: Frame | Series | None, who: str) -> list[str] | None:
    """Return the names of a table's columns, None if they are not strings, as in scikit-learn.

    Raises TypeError if only some of them are strings.
    """
    names = getattr(found, "columns", [])
    strings = [isinstance(name, str) for name in names]
    if any(strings) and not all(strings):
        other = names[strings.index(False)]
        raise TypeError(
            f"{who} expects names of columns that are all strings or none of them, got {type(other).__name__} "
            f"{short(other)} among strings: X.columns = X.columns.astype(str)"
        )
    return list(map(str, names)) if any(strings) else None


def moved(frame: Frame, name: str, number: float) -> Any:
    """Return the table that narwhals' frame stands for, with one number in all rows of a column."""
    import narwhals.stable.v2 as nw

    return frame.with_columns(nw.lit(number).alias(name)).to_native()


def like(frame: Frame, columns: dict[str, list[float]]) -> Any:
    """Return a table of columns, of the library that narwhals' frame is of."""
    import narwhals.stable.v2 as nw

    return nw.from_dict(columns, backend=frame.implementation).to_native()


def check_index(who: str, X: Any, **others: Any) -> None:
    """Raise ValueError if what goes with X, by name, is of pandas as X is and has another index."""
    own = _index(X)
    for what, x in others.items():
        index = None if own is None else _index(x)
        if index is None or own.equals(index):
            continue
        same = own.isin(index).all() and index.isin(own).all()
        by_label = f"{what}.loc[X.index] to go by labels, " if same and own.is_unique else ""
        row = int(np.argmax(own != index))
        raise ValueError(
            f"{who} expects {what} to have the index of X, got {'its labels in another order' if same else 'other labels'}: "
            f"in row {row} {short(index[row])} for {short(own[row])}; pass {by_label}{what}.to_numpy() to go by position"
        )


def _index(x: Any) -> Any:
    """The index of what is of pandas, else None."""
    found = known(x, "")
    if found is None:
        return None
    import narwhals.stable.v2 as nw

    return nw.maybe_get_index(found)


def floats(x: Any, who: str) -> Array:
    """Return an array of floats, nan where one is missing; the same array where it is one already.

    Numbers are those of Python and NumPy, Decimals and booleans, in arrays and in columns of any type that holds them.

    Raises TypeError for what is no real number, with its row and its column.
    """
    found = known(x, who)
    if found is None:
        return _plain(_whole(x), who)
    if not hasattr(found, "columns"):
        return _numbers(found, who)
    if {str(kind) for kind in found.schema.values()} == {"Float64"} and (whole := found.to_numpy()).dtype == np.float64:
        return whole
    matrix = np.empty(found.shape, order="F")
    for j, series in enumerate(found.iter_columns()):
        matrix[:, j] = _numbers(series, who, f"column {few([repr(series.name)])}")
    return matrix


def _whole(x: Any) -> Any:
    """A sparse or a masked array with all its entries, None where one is masked; whatever else as it is."""
    if np.ma.is_masked(x):
        return np.where(np.ma.getmaskarray(x), None, x.data)
    if not hasattr(x, "toarray"):
        return x
    return (x.astype(np.float64) if x.dtype.kind in "biu" else x).toarray()  # floats first: dense once, not twice


def _numbers(series: Series, who: str, where: str = "") -> Array:
    """The numbers of a column; TypeError if its type is of something else."""
    import narwhals.stable.v2 as nw

    kind, native = series.dtype, series.to_native()
    own = getattr(native, "dtype", None)
    if kind.is_numeric() or kind == nw.Boolean:
        return series.cast(nw.Float64).to_numpy()
    if kind in (nw.Object, nw.Unknown) or own == np.dtype(object):
        return _plain(series.to_numpy(), who, where)
    said = few([native.type if own is None else own])
    raise TypeError(f"{who}, got {said}{where and ' in '}{where}: encode it as numbers first")


def _plain(x: Any, who: str, where: str = "") -> Array:
    """The numbers of an array, or of what NumPy makes one of."""
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(f"{who}, in rows of equal length") from None
    if array.dtype.kind in "biuf":
        return np.asarray(array, dtype=np.float64)
    if array.dtype.kind in "mMV":  # whose entries NumPy gives as numbers
        raise TypeError(f"{who}, got {array.dtype}{where and ' in '}{where}: encode it as numbers first")
    array = np.asarray(x, dtype=object)
    numbers = np.empty(array.shape)
    for place, item in np.ndenumerate(array):
        if not _is_number(item) and not _is_missing(item):
            row = f" in row {place[0]}" if place else ""
            column = (
                f", column {place[1]}" if len(place) > 1 else f", {where}: encode it as numbers first" if where else ""
            )
            raise TypeError(f"{who}, got {type(item).__name__} {short(item)}{row}{column}")
        numbers[place] = float(item) if _is_number(item) else np.nan
    return numbers


def _is_number(item: Any) -> bool:
    return isinstance(item, (float, int, Real, Decimal, np.bool_))


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
    order = _order(y)
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


def _order(y: Any) -> Array | None:
    """The categories of y in their order, if they have one."""
    found = _single(known(y, ""))
    if found is None or hasattr(found, "columns"):
        return None
    import narwhals.stable.v2 as nw

    return found.cat.get_categories().to_numpy() if nw.is_ordered_categorical(found) else None


def _single(found: Frame | Series | None) -> Frame | Series | None:
    """A table of one column as this column."""
    return found[:, 0] if found is not None and len(getattr(found, "columns", ())) == 1 else found


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


def array_of(x: Any, who: str) -> Array:
    """Return an array of whatever is in a list, an array, a series, or a table; of one column (n), of several (n, k)."""
    found = _single(known(x, who))
    array = np.asarray(_whole(x)) if found is None else found.to_numpy()
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def labels_of(y: Any, count: int, who: str, columns: bool = False) -> Array:
    """Return the labels of rows, or two `columns` of numbers; numbers in an array of objects as numbers.

    Raises ValueError for another count and for one that is missing, by row, TypeError for what is no list.
    """
    labels = array_of(y, f"{who} expects labels as y")
    if labels.ndim == 0:
        raise TypeError(f"{who} expects a list or an array as y, got {type(y).__name__}")
    if len(labels) != count:
        raise ValueError(f"{who} expects as many observations as X has rows, got {len(labels)} for {count}")
    if labels.ndim != 1 and not (columns and labels.shape[1:] == (2,)):
        raise ValueError(f"{who} expects one label a row as y, got the shape {labels.shape}")
    if labels.dtype.kind in "OmM" and labels.ndim == 1:
        for row, label in enumerate(labels):
            if _is_missing(label):
                raise ValueError(f"{who} expects a label in every row as y, got {label} in row {row}")
    if labels.dtype.kind == "O" and labels.ndim == 1 and all(map(_is_number, labels)):
        plain = np.asarray(labels.tolist())  # whole numbers stay whole, booleans booleans
        labels = floats(plain, who) if plain.dtype.kind == "O" else plain
    return labels


def _is_missing(label: Any) -> bool:
    """Whether a label or number is None, nan, or what pandas has for it, of which nothing is true."""
    try:
        return label is None or bool(label != label)
    except TypeError:
        return True
    except ValueError:  # an array, which is not one thing
        return False


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
