"""What a call hands to a compiled function: its arguments taken apart, checked, and named in errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Any, NamedTuple

from ..reals import is_array, listed, plain_array, quoted, real
from ..trees import Branch, Form, Leaf, branch_of, numbers_in, size_of, take_apart
from ..value import Value


class Given(NamedTuple):
    """The arguments of a call: the form of each, its leaves, and what it is called.

    A leaf is a number or an array. With rows, the leaves of an argument are its columns, and its form is that of one row;
    an array in another argument has been taken apart into numbers. `counts` has the number of rows of each.
    """

    forms: tuple[Form, ...]
    parts: list[list[Any]]
    titles: list[str]
    counts: dict[str, int]
    names: tuple[str, ...]  # of keyword arguments

    @property
    def positional(self) -> int:
        """How many arguments were given by position."""
        return len(self.forms) - len(self.names)

    @property
    def leaves(self) -> list[Any]:
        """The leaves of all arguments."""
        return [leaf for part in self.parts for leaf in part]

    @property
    def owners(self) -> list[str]:
        """The argument of each leaf."""
        return [title for title, part in zip(self.titles, self.parts, strict=True) for _ in part]

    @property
    def has_values(self) -> bool:
        """Whether there are Values among them."""
        return any(type(leaf) is not float and _has_values(leaf) for part in self.parts for leaf in part)

    @property
    def has_arrays(self) -> bool:
        """Whether there are arrays in the forms: without rows, among the leaves."""
        return any(form.has_arrays for form in self.forms)

    @property
    def is_exact(self) -> bool:
        """Whether all leaves are floats."""
        return all(type(leaf) is float for part in self.parts for leaf in part)


class Door:
    """Takes the arguments of calls apart: it knows which have rows, and what the function calls its parameters."""

    def __init__(self, f: Callable[..., Any], rows: Sequence[int], who: str) -> None:
        self.rows = frozenset(rows)
        self.who = who
        self.parameters = _parameter_names(f)

    def name(self, position: int) -> str:
        """What to call an argument."""
        return self.parameters[position] if position < len(self.parameters) else f"argument {position}"

    def given(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Given:
        """Return the arguments of a call taken apart.

        Raises TypeError where one with rows is missing, ValueError where its rows have not the same length.
        """
        if len(args) <= max(self.rows, default=-1):
            missing = listed(self.name(i) for i in sorted(self.rows) if i >= len(args))
            raise TypeError(
                f"{self.who} expects what has rows by position: {missing} is missing among {len(args)} positional arguments"
            )
        forms: list[Form] = []
        parts: list[list[Any]] = []
        counts: dict[str, int] = {}
        titles = [*map(self.name, range(len(args))), *map(quoted, kwargs)]
        for position, (title, arg) in enumerate(zip(titles, [*args, *kwargs.values()], strict=True)):
            if position in self.rows:
                form, leaves = self._columns(title, arg, counts)
            else:
                form, leaves = take_apart(arg)
                leaves = numbers_in(leaves) if self.rows else leaves
            forms.append(form)
            parts.append(leaves)
        return Given(tuple(forms), parts, titles, counts, tuple(kwargs))

    def _columns(self, name: str, arg: Any, counts: dict[str, int]) -> tuple[Form, list[Any]]:
        """The form of one row of an argument with rows, and its columns; a table is a dict of its columns."""
        import numpy as np

        parts: list[Branch | Leaf] = []
        columns: list[Any] = []
        waiting = [(name, arg)]
        while waiting:
            name, tree = waiting.pop()
            if hasattr(tree, "columns") and hasattr(tree, "to_numpy"):
                tree = self._of_table(name, tree)
            if isinstance(tree, dict) or (isinstance(tree, (list, tuple)) and any(map(_is_column, tree))):
                parts.append(branch_of(tree))
                items = tree.items() if isinstance(tree, dict) else enumerate(tree)
                waiting += [(quoted(f"{name}[{key!r}]"), part) for key, part in items][::-1]
                continue
            try:
                array = np.asarray(plain_array(tree) if is_array(tree) else tree)
            except ValueError:
                raise ValueError(f"{self.who} expects rows of equal length in {name}") from None
            if array.ndim == 0:
                raise ValueError(f"{self.who} expects rows on the first axis of {name}, got one {type(tree).__name__}")
            counts[name] = len(array)
            parts.append(array.shape[1:] or None)
            columns += columns_of(array)
        return Form(tuple(parts)), columns

    def _of_table(self, name: str, table: Any) -> dict[Any, Any]:
        """The columns of a table by their names."""
        names = list(table.columns)
        if len(set(names)) < len(names):
            twice = listed(repr(key) for key, count in Counter(names).items() if count > 1)
            raise ValueError(f"{self.who} expects each column of {name} once, got {twice} more than once")
        return {key: table[key].to_numpy() for key in names}

    def row_count(self, counts: dict[str, int], reduce: str | None) -> int:
        """Return the number of rows. Raises ValueError where the arguments differ in it, or have none, also to take a mean of."""
        if not counts:
            raise ValueError(f"{self.who} expects at least one array with rows, got none")
        if len(set(counts.values())) > 1:
            lengths = listed(f"{count} in {name}" for name, count in counts.items())
            raise ValueError(f"{self.who} expects the same number of rows in each argument with rows, got {lengths}")
        (count,) = set(counts.values())
        if reduce == "mean" and not count:
            raise ValueError(f"{self.who} expects at least one row for a mean, got none")
        return count

    def numbers(self, given: Given) -> list[Any]:
        """Return the leaves as floats and arrays of them. Raises TypeError, in the argument's name, for anything else."""
        if given.is_exact:
            return given.leaves
        return [
            leaf if type(leaf) is float else _number(leaf, f"argument {name} of {self.who}")
            for leaf, name in zip(given.leaves, given.owners, strict=True)
        ]

    def described(self, forms: Sequence[Form]) -> str:
        """Return what each argument is in one row, for an error of the function."""
        return listed(f"{self.name(i)} is {_described(form)}" for i, form in enumerate(forms))


def columns_of(array: Any) -> list[Any]:
    """Return the columns of an array with rows: for each number of a row, an array of that of all rows."""
    return [array] if array.ndim == 1 else list(array.reshape(len(array), size_of(array.shape[1:])).T)


def owners_of_numbers(owners: Sequence[str], leaves: Sequence[Leaf]) -> list[str]:
    """Return the argument of each number, given that of each leaf."""
    return [owner for owner, leaf in zip(owners, leaves, strict=True) for _ in range(size_of(leaf))]


def number_names(owners: Sequence[str]) -> list[str]:
    """Return a name for each number: its argument's, with a number where that has several."""
    counts = Counter(owners)
    seen: Counter[str] = Counter()
    names = []
    for owner in owners:
        plain = "".join(c if c.isalnum() else "_" for c in owner).strip("_")
        names.append(plain if counts[owner] == 1 else f"{plain}{seen[owner]}")
        seen[owner] += 1
    return names


def _is_column(x: Any) -> bool:
    """Whether a list that has it is a list of columns, and not of rows."""
    return isinstance(x, dict) or hasattr(x, "to_numpy") or (is_array(x) and x.ndim > 0)


def _has_values(leaf: Any) -> bool:
    return type(leaf) is Value or (is_array(leaf) and leaf.dtype == object and any(type(x) is Value for x in leaf.flat))


def _number(x: Any, who: str) -> Any:
    """A float, or an array of them."""
    if not is_array(x):
        return real(x, who)
    import numpy as np

    if x.dtype == object:
        return np.array([real(item, who) for item in x.flat], dtype=float).reshape(x.shape)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{who} takes real numbers, got an array of {quoted(x.dtype)}")
    return np.asarray(x, dtype=np.float64)


def _described(form: Form) -> str:
    first = form.parts[0]
    if first is None:
        return "a number"
    return f"a {first.kind.__name__}" if isinstance(first, Branch) else f"an array {first}"


def _parameter_names(f: Callable[..., Any]) -> list[str]:
    """The names of the positional parameters, as far as they can be known."""
    try:
        parameters = signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
