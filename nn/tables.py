"""Tables, arrays and lists as arrays of numbers and labels.

Tables and series of pandas, polars and pyarrow are read through narwhals, which is imported when the first of them comes.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from numbers import Real
from reprlib import repr as short
from typing import Any

import numpy as np

from autograd import MissingPackage

from .names import few

Array = Any
Frame = Any  # narwhals' name for a table
Series = Any  # and for one of its columns
PLAIN = (np.ndarray, np.generic, list, tuple, str, int, float, type(None))  # what needs no narwhals


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
        if not is_number(item) and not is_missing(item):
            row = f" in row {place[0]}" if place else ""
            column = (
                f", column {place[1]}" if len(place) > 1 else f", {where}: encode it as numbers first" if where else ""
            )
            raise TypeError(f"{who}, got {type(item).__name__} {short(item)}{row}{column}")
        numbers[place] = float(item) if is_number(item) else np.nan
    return numbers


def is_number(item: Any) -> bool:
    """Return whether an entry is a real number."""
    return isinstance(item, (float, int, Real, Decimal, np.bool_))


def order_of(y: Any) -> Array | None:
    """Return the categories of y in their order, or None if they have none."""
    found = _single(known(y, ""))
    if found is None or hasattr(found, "columns"):
        return None
    import narwhals.stable.v2 as nw

    return found.cat.get_categories().to_numpy() if nw.is_ordered_categorical(found) else None


def categories_of(x: Any) -> Array | None:
    """Return the categories of a column, ordered or not, in the order that they were given; None if it has none."""
    found = known(x, "")
    import narwhals.stable.v2 as nw

    return (
        found.cat.get_categories().to_numpy()
        if found is not None and found.dtype in (nw.Categorical, nw.Enum)
        else None
    )


def _single(found: Frame | Series | None) -> Frame | Series | None:
    """A table of one column as this column."""
    return found[:, 0] if found is not None and len(getattr(found, "columns", ())) == 1 else found


def array_of(x: Any, who: str) -> Array:
    """Return an array of whatever is in a list, an array, a series, or a table; of one column (n), of several (n, k)."""
    found = _single(known(x, who))
    array = np.asarray(_whole(x)) if found is None else found.to_numpy()
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def is_missing(label: Any) -> bool:
    """Return whether a label or number is None, nan, or what pandas has for it, of which nothing is true."""
    try:
        return label is None or bool(label != label)
    except TypeError:
        return True
    except ValueError:  # an array, which is not one thing
        return False
