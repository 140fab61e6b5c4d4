"""The data of the demonstration, the notebooks and the benchmarks."""

from __future__ import annotations

import math
import random

from nn import datasets


def two_moons(count: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Return points on two interleaving half circles, and their labels -1 and +1.

    >>> points, labels = two_moons(6, noise=0.0)
    >>> [[round(c, 3) for c in point] for point in points[1:4]], labels
    ([[0.0, 1.0], [-1.0, 0.0], [0.0, 0.5]], [-1, -1, -1, 1, 1, 1])
    """
    rng = random.Random(seed)
    half = count // 2
    points, labels = [], []
    for i in range(count):
        upper = i < half
        place, among = (i, half) if upper else (i - half, count - half)
        angle = math.pi * place / max(among - 1, 1)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x, y) if upper else (1.0 - x, 0.5 - y)
        points.append([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)])
        labels.append(-1 if upper else 1)
    return points, labels


def challenger() -> tuple[list[float], list[int]]:
    """Return the temperatures at 23 launches, in degrees Fahrenheit, and whether an O-ring was damaged (1) or not (0)."""
    X, y = datasets.challenger()
    return X[:, 0].tolist(), y.tolist()
