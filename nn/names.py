"""Things that go by a name: looked up in their table, and pickled by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property, partial
from reprlib import repr as short
from typing import Any, TypeVar

T = TypeVar("T")


def few(things: Sequence[Any], between: str = ", ", most: int = 5, longest: int = 60) -> str:
    """Return the first of some things as text, for a message that stays short whatever there is.

    >>> few(["a", "b"]), few(range(9))
    ('a, b', '0, 1, 2, 3, 4, ... (9 in all)')
    """
    texts = [text if len(text) <= longest else f"{text[:longest]}..." for text in map(str, things[:most])]
    return between.join(texts) + (f"{between}... ({len(things)} in all)" if len(things) > most else "")


def look_up(what: str, name: str, table: Mapping[str, T]) -> T:
    """Return what a table has under a name.

    Raises ValueError for a name that is not in it, with the valid ones and the closest, TypeError for what is no string.

    >>> look_up("letter", "b", {"a": 1, "b": 2})
    2
    """
    if not isinstance(name, str):
        raise TypeError(f"a {what} goes by a name, got {type(name).__name__}")
    if name in table:
        return table[name]
    near = get_close_matches(name, table, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"unknown {what} {short(name)}{hint}; the names are {', '.join(table)}")


def unwrapped(f: Any) -> Any:
    """Return the function within partials of it.

    >>> from functools import partial
    >>> unwrapped(partial(partial(max, 1), 2)) is max
    True
    """
    while isinstance(f, partial):
        f = f.func
    return f


def positive_int(count: Any, who: str, what: str) -> int:
    """Return a whole number from 1 up. Raises TypeError or ValueError, with its name, for any other.

    >>> positive_int(3, "fit()", "epochs")
    3
    """
    if isinstance(count, bool) or not hasattr(count, "__index__"):
        raise TypeError(f"{who} expects {what} to be an int, got {type(count).__name__} ({short(count)})")
    if count < 1:
        raise ValueError(f"{who} expects {what} to be at least 1, got {short(count)}")
    return int(count)


class Named:
    """The base of what has a name of its own in a module, or comes from a function with parameters."""

    name: str
    made_by: tuple[Callable[..., Any], tuple[Any, ...]] | None = None

    def __reduce__(self) -> Any:
        """Pickled as what its module has under its name, or as the call that makes it, else by its parts without what was computed from them."""
        from sys import modules

        for name, known in vars(modules[self.__module__]).items():
            if known is self:
                return name
        kind = type(self)
        own = {
            name: part
            for name, part in vars(self).items()
            if not isinstance(getattr(kind, name, None), cached_property)
        }
        return self.made_by or (object.__new__, (kind,), own)

    def __deepcopy__(self, _: Any) -> Named:
        """Copied as a function is: not at all."""
        return self
