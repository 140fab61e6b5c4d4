"""The terms of a GAM on rows: their columns, their penalties, and whether the rows tell them apart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .. import checks, tables
from ..names import few, look_up
from ..smooths import Factor, Piece, Term
from .objective import Objective
from .smoothing import Smoothness
from .source import Array


def grid_of(piece: Piece, resolution: int) -> tuple[Array, Array, bool]:
    """Return the numbers of a term in the fit and a tenth of their range beyond, or its levels; which of them are inside; whether they are levels."""
    if piece.levels is not None:
        return piece.levels, np.ones(len(piece.levels), dtype=bool), True
    low, high = piece.inside
    beyond = 0.1 * (high - low)
    x = np.unique(np.r_[np.linspace(low - beyond, high + beyond, resolution), low, high])
    return x, (x >= low) & (x <= high), False


def columns_of(X: Any, terms: list[Term], who: str) -> tuple[list[Array], list[str] | None, int]:
    """Return the column of each term, numbers or labels, with the names of all columns, and how many there are."""
    found: Any = tables.known(X, f"{who} expects columns in X")
    names = None if found is None else tables.names_of(found, who)
    if found is None:
        found = tables.array_of(X, f"{who} expects rows in X")
        found = found[:, None] if found.ndim == 1 else found
    if len(found.shape) != 2:
        raise ValueError(f"{who} expects X to have rows and columns, got the shape {found.shape}")
    width, columns = found.shape[1], []
    for term in terms:
        place = term.column
        if isinstance(place, str):
            if names is None:
                raise ValueError(f"{who} expects a table with names of columns for {term.name}, got {type(X).__name__}")
            place = look_up("column", place, {name: k for k, name in enumerate(names)})
        if not 0 <= place < width:
            raise ValueError(f"{who} expects a position from 0 to {width - 1} in {term.name}, got {place}")
        column = found[:, place]
        columns.append(_column(column.to_native() if hasattr(column, "to_native") else column, term, who))
    return columns, names, width


def _column(column: Any, term: Term, who: str) -> Array:
    """The numbers or labels of a term. Raises TypeError and ValueError, with the row, for what is neither."""
    count = len(column)
    if not count:
        raise ValueError(f"{who} expects at least one row in X, got none")
    if isinstance(term, Factor):
        return checks.labels_of(column, count, who, name=term.name)
    return checks.column(column, count, who, term.name)


def matrix_of(pieces: list[Piece], columns: list[Array], who: str) -> Array:
    """Return the model matrix without an intercept."""
    return np.ascontiguousarray(
        np.column_stack(
            [
                piece.columns(x, who) if piece.known else np.zeros((len(x), len(piece.names)))
                for piece, x in zip(pieces, columns, strict=True)
            ]
        )
    )


def beside_of(pieces: list[Piece], columns: list[Array], who: str) -> Array | None:
    """Return what curves add to rows beside the columns of their tangents times their parameters; None without a curve."""
    with np.errstate(all="ignore"):  # far out a curve may have no number
        parts = [
            piece.share(x, piece.at, who) - piece.columns(x, who) @ piece.at
            for piece, x in zip(pieces, columns, strict=True)
            if piece.curved
        ]
    return np.sum(parts, axis=0) if parts else None


def places_of(pieces: list[Piece], intercept: int) -> list[slice]:
    """Return where the coefficients of each term stand."""
    ends = np.cumsum([intercept, *(len(piece.names) for piece in pieces)]).tolist()
    return [slice(low, high) for low, high in pairwise(ends)]


def one_row(row: Any) -> Any:
    """Return a row, a list or an array of its features or a table of one row, as rows."""
    return row if hasattr(row, "columns") or hasattr(row, "schema") or np.ndim(row) > 1 else [row]


def order_of(X: Any, term: Term) -> Array | None:
    """Return the categories of a term's column in their order, where they have one."""
    found: Any = tables.known(X, "")
    if found is None or not isinstance(term, Factor):
        return None
    names = tables.names_of(found, "") or []
    place = names.index(term.column) if isinstance(term.column, str) else term.column
    return tables.categories_of(found[:, place].to_native())


def smoothness_of(pieces: list[Piece], places: list[slice], size: int, given: Any = None, K: int = 1) -> Smoothness:
    """Return the penalties of all terms but those whose lambda, or the one `given` for all, is 0."""
    matrices, ranks = [], []
    for piece, place in zip(pieces, places, strict=True):
        if piece.penalty is not None and lambda_of(piece, given) != 0.0:
            matrix = np.zeros((size, size))
            matrix[place, place] = piece.penalty
            matrices.append(matrix)
            ranks.append(len(piece.names) - piece.free)
    return Smoothness(matrices, ranks, size, K)


def identify(who: str, smoothness: Smoothness, pieces: list[Piece], places: list[slice], objective: Objective) -> None:
    """Raise ValueError, naming the terms, if some functions of different terms are the same on all rows, and no penalty tells them apart."""
    corner = objective.corner()
    scale = np.maximum(np.linalg.norm(corner, axis=0), 1e-300)
    held = [
        scaled / np.abs(scaled).max() for scaled in (matrix / np.outer(scale, scale) for matrix in smoothness.matrices)
    ]
    _, sizes, turned = np.linalg.svd(np.vstack([corner / scale, *held]))
    if sizes[-1] > 1e-9 * sizes[0] and len(sizes) == objective.p:
        return
    loose = np.abs(turned[-1])
    named = [piece for piece, place in zip(pieces, places, strict=True) if loose[place].max() > 1e-6]
    free = ["the intercept"] * bool(objective.design.intercept and loose[0] > 1e-6)
    if any(piece.curved for piece in named):
        raise ValueError(f"{who} {_direction(objective, turned[-1] / scale, loose)}")
    raise ValueError(
        f"{who} cannot tell {few([piece.term.name for piece in named] + free, ' and ')} apart: on these rows they can be the same function. "
        "Leave one of them out"
    )


def _direction(objective: Objective, direction: Array, loose: Array) -> str:
    """What is to be said of coefficients that may move along a direction while no answer changes."""
    names = ["the intercept"] * objective.design.intercept + list(objective.design.names)
    there = np.flatnonzero(loose > 1e-6)
    way = "Leave one out, take bounds or another init" + ", or fit_intercept=False" * (names[0] == "the intercept")
    if len(there) == 1:
        return (
            f"finds nothing of {names[there[0]]} in these rows, where the search ends: no answer changes with it. {way}"
        )
    steps = direction[there] / direction[there][np.argmax(np.abs(direction[there]))]
    moved = [f"{step:+.4g} of {names[k]}" for k, step in zip(there, steps, strict=True)]
    return f"cannot tell {few([names[k] for k in there], ' and ')} apart: no answer changes where they move together, by {few(moved)}. {way}"


def lambda_of(piece: Piece, given: Any) -> float | None:
    """Return the lambda that a term has of its own, or the number that is given for all; None where it is to be chosen."""
    own = piece.term.lam
    return own if own is not None else None if given is None or isinstance(given, str) else float(given)
