"""What Values are called: by their own names or by numbers, no two alike."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import chain, count
from typing import Any

from ..value import Value

LONGEST_NAME = 40


class Names(dict[Value, str]):
    """What each Value is called; it remembers the partials that were written with these names."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.partials: dict[Value, list[Any]] = {}


def names(nodes: Iterable[Value], root: Value) -> Names:
    """Return a name for each Value, no two alike: its own, or v1, v2, ...; the result without one is y, f or z.

    Names that come twice are told apart as w, w#2, w#3; what cannot be
    printed becomes a blank, and long ones are cut.
    """
    given = {node: own_name(node) for node in nodes}
    taken = set(given.values())
    fresh = (name for name in (f"v{i}" for i in count(1)) if name not in taken)
    called = Names()
    used: dict[str, int] = {}
    for node, name in given.items():
        name = wanted = shown(name) or (_result(taken) if node is root else next(fresh))
        while name in used:
            used[wanted] += 1
            name = f"{wanted}#{used[wanted]}"
        used[name] = 1
        called[node] = name
    return called


def result_name(nodes: Iterable[Value], root: Value) -> str:
    """What the result is called."""
    return shown(own_name(root)) or _result({own_name(node) for node in nodes})


def _result(taken: set[str]) -> str:
    return next(name for name in chain("yfz", (f"y{i}" for i in count(1))) if name not in taken)


def find(name: str, nodes: Iterable[Value], root: Value, who: str, what: str) -> Value:
    """Return the first of the nodes with this name, its own or the one that it is shown by; raise ValueError for none."""
    order = list(nodes)
    called = names(order, root)
    found = next((node for node in order if name in (node.name, called[node])), None)
    if found is None:
        raise ValueError(f"{who}() has no {what} named {name!r}{closest(name, called.values())}")
    return found


def closest(name: str, known: Iterable[str]) -> str:
    """What to add to an error about an unknown name: the one that is nearest, or some that there are."""
    listed = list(known)
    near = get_close_matches(name, listed, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(sorted(listed)[:5])}{', ...' if len(listed) > 5 else ''}" if listed else ""


def own_name(node: Value) -> str:
    """The name of a Value, if it has one; one that ends in a point only says where it belongs."""
    return "" if node.name is None or node.name.endswith(".") else node.name


def shown(name: str, longest: int = LONGEST_NAME) -> str:
    """A name as one line of text, cut in the middle where it is long."""
    text = "".join(
        c if c.isprintable() else " " for c in name[: 2 * longest] + name[-longest:] * (len(name) > 2 * longest)
    )
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-(longest // 2 - 1) :]}"
