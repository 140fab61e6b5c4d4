"""What a fit is given: rows, observations, weights and offsets, checked before anything is changed."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from .. import checks, families, links
from ..families import Family
from ..links import Link
from ..tables import check_index
from .source import Array, Arrays


def family_and_link(family: str | Family, link: str | Link | None, who: str) -> tuple[Family, Link]:
    """Return the family and the link that are meant; by default the family's own link.

    Raises ValueError where only one of them is of several classes.
    """
    family = families.resolved(family)
    link = family.link if link is None else links.resolved(link)
    if link.several != (family.targets == "classes"):
        raise ValueError(
            f"{who} expects the link softmax with the family categorical and no other, got {link!r}, {family!r}"
        )
    return family, link


def offset_of(offset: Any, exposure: Any, count: int, link: Link, who: str, classes: int = 1) -> Array | None:
    """Return the offset, with the logarithm of the exposure; of classes (n, K); None where there is none.

    Raises ValueError for an exposure under another link than log, and for one that is not above 0.
    """
    if link.several and offset is not None:
        return checks.columns(offset, (count, classes), who, "offset")
    shifts = None if offset is None else checks.column(offset, count, who, "offset", spread=True)
    if exposure is None:
        return shifts
    if link is not links.log:
        raise ValueError(f"{who} takes an exposure with the link log only, got {link!r}: it multiplies the mean")
    exposed = checks.column(exposure, count, who, "exposure", spread=True)
    if (exposed <= 0.0).any():
        row = int(np.argmax(exposed <= 0.0))
        raise ValueError(f"{who} expects an exposure above 0, got {exposed[row]} in row {row}")
    return np.log(exposed) if shifts is None else shifts + np.log(exposed)


class Given(NamedTuple):
    """Rows of features with the names of their columns, observations, weights and offsets, for a family and a link.

    `places` says which rows have a weight above 0: the others are left out of a fit.
    """

    matrix: Array
    names: list[str] | None
    found: checks.Targets
    weights: Array | None
    shifts: Array | None
    link: Link
    places: Array

    @classmethod
    def of(
        cls,
        family: Family,
        link: Link,
        who: str,
        rows: tuple[Array, list[str] | None],
        X: Any,
        y: Any,
        sample_weight: Any,
        offset: Any,
        exposure: Any,
    ) -> Given:
        """Return what `fit` was handed, checked: the rows as they were read from X, a matrix and the names of its columns, and the rest.

        Raises TypeError and ValueError, with the row and the column. Warns where the mean of y is out of the link's reach.
        """
        matrix, names = rows
        count = len(matrix)
        found = checks.targets(y, family, count, who)
        weights = checks.weights_of(sample_weight, count, who)
        checks.check_classes(found, weights, who)
        classes = 1 if not link.several or found.classes is None else len(found.classes)
        shifts = offset_of(offset, exposure, count, link, who, classes)
        check_index(who, X, y=y, sample_weight=sample_weight, offset=offset, exposure=exposure)
        places = np.arange(count) if weights is None else np.flatnonzero(weights)
        given = cls(matrix, names, found, weights, shifts, link, places)
        if not link.several and shifts is None and not link.range[0] <= given.mean <= link.range[1]:
            warnings.warn(
                f"{who}: the mean of y is {given.mean:g}, and {link!r} reaches from {link.range[0]:g} to {link.range[1]:g} only",
                UserWarning,
                stacklevel=3,
            )
        return given

    @property
    def K(self) -> int:
        """The number of linear predictors."""
        return 1 if not self.link.several or self.found.classes is None else len(self.found.classes)

    @property
    def columns(self) -> list[str]:
        """The names of the columns; of those that have none, x0 and so on."""
        return self.names or [f"x{k}" for k in range(self.matrix.shape[1])]

    @property
    def whole_weights(self) -> Array | None:
        """The weights of the rows times their trials; None where all of them are 1."""
        both = [part for part in (self.weights, self.found.trials) if part is not None]
        return np.prod(both, axis=0) if both else None

    @property
    def mean(self) -> float:
        """The mean of the observations."""
        return float(np.average(self.found.y, weights=self.whole_weights))

    def source(self, threads: int) -> Arrays:
        """Return the rows that have a weight, for a solver."""
        source = Arrays(self.matrix, self.found.y, self.whole_weights, self.shifts, self.found.trials, threads)
        return source if len(self.places) == source.n else source.only(self.places)
