"""A compiled function called with Values: the function itself, run row by row, or number by number where an array means many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..primitives import TOTAL
from ..reals import TakesNumbers, is_array
from ..trees import Form, array, numbers_in, take_apart
from .arguments import Given
from .runners import rows_first
from .settings import Settings

Call = Callable[[list[Any]], Any]


def on_values(call: Call, given: Given) -> Any:
    """Return what the function makes of its arguments; of each number, where the library takes no array."""
    try:
        return call([_of_values(form, part) for form, part in zip(given.forms, given.parts, strict=True)])
    except TakesNumbers:
        if not given.has_arrays:
            raise
    return _each(call, given)


def over_rows(call: Call, given: Given, settings: Settings, count: int, form: Callable[[], Form]) -> Any:
    """Return the results of single rows, put together as over all rows; `form` tells that of a result where there is none."""
    taken = [take_apart(call(_row(given, settings.rows, row))) for row in range(count)]
    result = taken[0][0] if taken else form()
    columns: Any = zip(*(numbers_in(leaves) for _, leaves in taken), strict=True) if taken else [()] * result.size
    if settings.reduce is None:
        return result.filled((list(column) for column in columns), rows_first)
    share = 1.0 / count if settings.reduce == "mean" else 1.0
    return result.filled(TOTAL(*column) * share for column in columns)


def _row(given: Given, rows: tuple[int, ...], row: int) -> list[Any]:
    """The arguments in one row."""
    return [
        form.filled([column[row] for column in part] if position in rows else part)
        for position, (form, part) in enumerate(zip(given.forms, given.parts, strict=True))
    ]


def _of_values(form: Form, leaves: list[Any]) -> Any:
    """A structure whose arrays of Values refuse what a Value can do and an array cannot."""
    if not form.has_arrays:
        return form.assembled(leaves)
    from ..arrays import Traced

    return form.assembled(x.view(Traced) if is_array(x) and x.dtype == object else x for x in leaves)


def _each(call: Call, given: Given) -> Any:
    """The function of each number."""
    import numpy as np

    many = np.broadcast_arrays(*(np.asarray(leaf, dtype=object) for leaf in given.leaves))
    shape = many[0].shape
    forms = [form.with_leaves([None] * len(form.leaves)) for form in given.forms]
    results = []
    for index in np.ndindex(shape):
        each = iter([x[index] for x in many])
        results.append(take_apart(call([form.filled(each) for form in forms])))
    columns = zip(*(leaves for _, leaves in results), strict=True)
    return results[0][0].filled(array(list(column), shape) for column in columns)
