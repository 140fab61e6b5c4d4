"""Structures of numbers, nested lists, tuples, dicts and arrays: taken apart and put together again.

What is left of a structure without its numbers is its form: hashable, so that equal structures can be told, and
picklable. An array is a leaf with a shape and holds numbers, no structures; one of shape () is a number. Nothing here
recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

from .reals import OtherForm, is_array, listed, plain_array, quoted, real, shape_of

Shape = tuple[int, ...]
PLAIN = (list, tuple, dict)
SIMPLE = (int, float, str, bool, type(None))
Leaf = Shape | None  # the shape of an array, None for a number


def array(numbers: Sequence[Any], shape: Shape) -> Any:
    """Return an array of numbers or Values."""
    import numpy as np

    return np.array(numbers, dtype=None if len(numbers) else float).reshape(shape)


class Empty:
    """A list, dict or tuple of a kind of its own without its items, with what else it holds: attributes, a default.

    Two are equal if what they hold is: a plain value, or the very same object.
    """

    def __init__(self, tree: Any) -> None:
        self.tree = copy(tree)
        if not isinstance(tree, tuple):
            if self.tree is tree:
                raise TypeError(f"a {type(tree).__name__} cannot be copied: copy() gives the same object")
            self.tree.clear()
        held = {**getattr(tree, "__dict__", {}), "default_factory": getattr(tree, "default_factory", None)}
        self.state = tuple((name, x if type(x) in SIMPLE else id(x)) for name, x in held.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Empty) and self.state == other.state

    def __hash__(self) -> int:
        return hash(self.state)


class Branch(NamedTuple):
    """A list, tuple or dict without what is in it."""

    kind: type
    keys: tuple[Any, ...] | int  # how many items it has, where they have no keys
    empty: Empty | None = None

    @property
    def size(self) -> int:
        """How many items it has."""
        return self.keys if isinstance(self.keys, int) else len(self.keys)

    def each_key(self) -> Iterable[Any]:
        """The keys of a dict, the positions in a list or tuple."""
        return range(self.keys) if isinstance(self.keys, int) else self.keys

    @property
    def base(self) -> type:
        """Which of list, tuple and dict it is, or a kind of."""
        return next(kind for kind in (list, tuple, dict) if issubclass(self.kind, kind))

    def of_items(self, items: list[Any]) -> Any:
        """Return the structure with these items."""
        kind, keys, empty = self
        if kind is list:
            return items
        if isinstance(keys, tuple):
            tree = {} if empty is None else copy(empty.tree)
            for key, item in zip(keys, items, strict=True):
                tree[key] = item
            return tree
        if issubclass(kind, tuple):
            tree = tuple.__new__(kind, items)  # past a constructor that takes something else
            if empty is not None:
                vars(tree).update(vars(empty.tree))
            return tree
        assert empty is not None
        tree = copy(empty.tree)
        tree.extend(items)
        return tree

    def items_of(self, tree: Any) -> list[Any] | None:
        """The items of another structure in the order of this one's, or None if it has another form."""
        if not isinstance(tree, (list, tuple, dict)) or not isinstance(tree, self.base) or len(tree) != self.size:
            return None
        if type(tree) is not self.kind and self.base not in (type(tree), self.kind):
            return None  # two kinds of their own
        if not isinstance(tree, dict) or isinstance(self.keys, int):
            return list(tree)
        return [tree[key] for key in self.keys] if all(key in tree for key in self.keys) else None

    def __str__(self) -> str:
        name = self.kind.__name__
        return (
            f"a {name} with {listed(map(repr, self.keys))}"
            if isinstance(self.keys, tuple)
            else f"a {name} of {self.keys}"
        )


class Form:
    """The form of a structure: its branches and leaves, each branch before what is in it.

    `leaves` has the shapes of the arrays, and None for a number.
    """

    __slots__ = ("has_arrays", "leaves", "parts")

    def __init__(self, parts: tuple[Branch | Leaf, ...]) -> None:
        self.parts = parts
        self.leaves: tuple[Leaf, ...] = tuple([part for part in parts if type(part) is not Branch])  # type: ignore[misc]
        self.has_arrays = self.leaves.count(None) < len(self.leaves)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return Form, (self.parts,)

    @property
    def size(self) -> int:
        """How many numbers a structure of this form has."""
        return sum(map(size_of, self.leaves))

    @property
    def is_number(self) -> bool:
        """Whether it is the form of one number."""
        return self.parts == (None,)

    def with_leaves(self, leaves: Iterable[Leaf]) -> Form:
        """Return the same form with other leaves."""
        each = iter(leaves)
        return Form(tuple(part if type(part) is Branch else next(each) for part in self.parts))

    def assembled(self, items: Iterable[Any]) -> Any:
        """Return the structure with these numbers and arrays, one for each leaf."""
        leaves, parts = list(items), self.parts
        first = parts[0]
        if type(first) is Branch and len(parts) == len(leaves) + 1:  # no other branch
            return first.of_items(leaves)
        built: list[Any] = []
        for part in reversed(parts):
            if type(part) is Branch:
                built.append(part.of_items([built.pop() for _ in range(part.size)]))
            else:
                built.append(leaves.pop())
        return built[0]

    def filled(self, numbers: Iterable[Any], array: Callable[[list[Any], Shape], Any] = array) -> Any:
        """Return the structure with the next numbers in it; `array` makes an array of a list and a shape."""
        each = iter(numbers)
        if not self.has_arrays:
            return self.assembled(islice(each, len(self.leaves)))
        return self.assembled(
            next(each) if shape is None else array(list(islice(each, prod(shape))), shape) for shape in self.leaves
        )

    def numbers(self, leaves: list[Any]) -> list[Any]:
        """Return the numbers of leaves of this form, those of arrays one by one."""
        return numbers_in(leaves) if self.has_arrays else leaves

    def places(self) -> list[str]:
        """Return the way to each number as Python writes it, such as ['w'][0]."""
        places: list[str] = []
        waiting: list[Any] = [None]
        for part in self.parts:
            path = waiting.pop()
            if isinstance(part, Branch):
                waiting += [(path, key) for key in part.each_key()][::-1]
            else:
                places += [_written(path) + index for index in _indices(part)]
        return places

    def matched(self, tree: Any, who: str, what: str, other: str) -> list[Any]:
        """Return the numbers of a structure that must have this form, in its order.

        Raises ValueError that says where it has another.
        """
        numbers: list[Any] = []
        waiting: list[tuple[Any, Any]] = [(tree, None)]  # with the way to it: the key, behind the way before
        for part in self.parts:
            given, path = waiting.pop()
            items = part.items_of(given) if isinstance(part, Branch) else _numbers(given, part)
            if items is None:
                wanted = part if isinstance(part, Branch) else described(part)
                at = f" at {_written(path)}" if path else ""
                came = take_apart(given)[0].parts[0]
                got = came if isinstance(came, Branch) else described(came) if is_array(given) else type(given).__name__
                raise OtherForm(f"{who} expects {what} in the form of {other}: {wanted}{at}, got {got}")
            if isinstance(part, Branch):
                waiting += [(item, (path, key)) for item, key in zip(items, part.each_key(), strict=True)][::-1]
            else:
                numbers += items
        return numbers


NUMBER = Form((None,))


def list_of(count: int) -> Form:
    """Return the form of a list of so many numbers."""
    return Form((Branch(list, count), *[None] * count))


def size_of(leaf: Leaf) -> int:
    """How many numbers a leaf has."""
    return 1 if leaf is None else prod(leaf)


def described(leaf: Leaf) -> str:
    """A leaf in words."""
    return "a number" if leaf is None else f"an array of shape {leaf}"


def take_apart(tree: Any) -> tuple[Form, list[Any]]:
    """Return the form of a structure, and its leaves in order: arrays, and whatever else is no list, tuple or dict."""
    if type(tree) is float:
        return NUMBER, [tree]
    parts: list[Branch | Leaf] = []
    leaves: list[Any] = []
    waiting = [tree]
    while waiting:
        subtree = waiting.pop()
        kind = type(subtree)
        if kind is not float:
            if isinstance(subtree, (list, tuple, dict)):
                parts.append(branch_of(subtree))
                waiting += list(subtree.values() if isinstance(subtree, dict) else subtree)[::-1]
                continue
            if is_array(subtree):
                if shape := shape_of(plain_array(subtree)):
                    parts.append(shape)
                    leaves.append(subtree)
                    continue
                subtree = subtree.item()
        parts.append(None)
        leaves.append(subtree)
    return Form(tuple(parts)), leaves


def branch_of(tree: Any) -> Branch:
    """Return a list, tuple or dict without what is in it."""
    kind = type(tree)
    keys = tuple(tree) if isinstance(tree, dict) else len(tree)
    custom = kind not in PLAIN and (not isinstance(tree, tuple) or bool(getattr(tree, "__dict__", None)))
    return Branch(kind, keys, Empty(tree) if custom else None)


def numbers_in(leaves: Iterable[Any]) -> list[Any]:
    """Return the numbers of leaves, those of arrays one by one."""
    numbers: list[Any] = []
    for leaf in leaves:
        if is_array(leaf):
            numbers += leaf.ravel().tolist()
        else:
            numbers.append(leaf)
    return numbers


def flatten(tree: Any) -> tuple[Any, Callable[[Iterable[Any]], Any]]:
    """Return the numbers of nested lists, tuples, dicts and arrays as one array, and the function that puts others back.

    The way from parameters of any form to what takes one array of numbers, such as `scipy.optimize`, and back. Values
    stay Values, in an array of objects.

    Raises TypeError for what is no number.

    >>> from autograd import flatten, grad
    >>> numbers, unflatten = flatten({"w": [2.0, 3.0], "b": 4.0})
    >>> numbers
    array([2., 3., 4.])
    >>> unflatten([5.0, 6.0, 7.0])
    {'w': [5.0, 6.0], 'b': 7.0}
    """
    form, leaves = take_apart(tree)
    numbers = [_number(x, "flatten()") for x in numbers_in(leaves)]

    def unflatten(others: Iterable[Any]) -> Any:
        """Return the structure with these numbers in it; arrays are of the kind that the given one is."""
        given = [_number(x, "unflatten()") for x in (numbers_in([others]) if is_array(others) else others)]
        if len(given) != len(numbers):
            raise ValueError(f"unflatten() expects {len(numbers)} numbers, got {len(given)}")
        kind = type(others)
        return form.filled(
            given, lambda xs, shape: array(xs, shape).view(kind) if is_array(others) else array(xs, shape)
        )

    return array(numbers, (len(numbers),)), unflatten


def _number(x: Any, who: str) -> Any:
    """A Value as it is, anything else as a float."""
    return x if getattr(type(x), "takes_rows", False) else real(x, who)


def _written(path: Any) -> str:
    """The way to a part of a structure, as Python writes it."""
    keys: list[str] = []
    while path:
        path, key = path
        keys.append(f"[{key!r}]")
    return quoted("".join(keys[::-1]))


def _indices(leaf: Leaf) -> list[str]:
    """The index of each number of an array, as Python writes it; nothing for a number."""
    return [""] if leaf is None else [f"[{', '.join(map(str, index))}]" for index in product(*map(range, leaf))]


def _numbers(x: Any, leaf: Leaf) -> list[Any] | None:
    """The numbers of what should be a number, or an array of a shape; None if it is not."""
    if isinstance(x, (list, tuple, dict)):
        return None
    if is_array(x):
        return numbers_in([x]) if shape_of(x) == (leaf or ()) else None
    return [x] if leaf is None else None
