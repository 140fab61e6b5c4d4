"""What a derivative is asked by and along: argnums, leaves, tangents and cotangents, checked."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from .reals import OtherForm, quoted, real
from .trees import Form, numbers_in, take_apart
from .value import Value

Argnums = Any  # what has __index__, or several of it


def indices(argnums: Argnums, who: str) -> int | tuple[int, ...]:
    """What argnums names: one position, or several."""
    try:
        return index(argnums)
    except TypeError:
        pass
    try:
        return tuple(map(index, argnums))
    except TypeError:
        got = quoted(repr(argnums))
        raise TypeError(f"{who} expects argnums to be a position, or a tuple of positions, got {got}") from None


def positions(argnums: int | tuple[int, ...], count: int, who: str) -> list[int]:
    """The positions that argnums names among so many arguments, each once."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    for number in numbers:
        if not -count <= number < count:
            raise ValueError(f"{who} got argnums={quoted(argnums)} for {count} positional arguments")
    places = [number % count for number in numbers]
    if len(set(places)) < len(places):
        raise ValueError(f"{who} got argnums={quoted(argnums)}, which names an argument twice")
    return places


def check_leaves(wrt: Any, who: str) -> None:
    """Raise unless these are leaf Values, in whatever form."""
    for position, leaf in enumerate(numbers_in(take_apart(wrt)[1])):
        if type(leaf) is not Value:
            raise TypeError(f"{who} expects leaf Values as wrt, got {type(leaf).__name__} at {position}")
        if leaf.op is not None:
            raise ValueError(f"{who} expects leaf Values as wrt, got the result of {leaf.op.name}() at {position}")


def matching(forms: Sequence[Form], tangents: Any, who: str) -> list[Any]:
    """The numbers of tangents, one tangent for each primal and in its form."""
    if not isinstance(tangents, (list, tuple)) or len(tangents) != len(forms):
        came = len(tangents) if isinstance(tangents, (list, tuple)) else type(tangents).__name__
        raise OtherForm(f"{who} expects tangents in the form of primals: a tuple of {len(forms)}, got {came}")
    parts = [
        form.matched(tangent, who, f"tangents[{position}]", f"primals[{position}]")
        for position, (form, tangent) in enumerate(zip(forms, tangents, strict=True))
    ]
    return checked_rates([x for part in parts for x in part], who)


def checked_rates(numbers: list[Any], who: str) -> list[Any]:
    """Tangents or cotangents, checked to be numbers or Values."""
    return [x if type(x) is Value else real(x, who) for x in numbers]
