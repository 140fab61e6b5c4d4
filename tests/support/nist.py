"""NIST's nonlinear regression problems with one predictor: their data, starts and certified values, and their models."""

import json
from math import pi
from pathlib import Path

from autograd import atan, cos, exp, sin

DATA = Path(__file__).parents[1] / "nn" / "data" / "nist_nonlinear.json"
PROBLEMS = json.loads(DATA.read_text(encoding="utf-8"))["problems"]


def _waves(x, b1, b2, b3, b4, b5, b6, b7, b8, b9):
    year = b1 + b2 * cos(2 * pi * x / 12) + b3 * sin(2 * pi * x / 12)
    return (
        year
        + b5 * cos(2 * pi * x / b4)
        + b6 * sin(2 * pi * x / b4)
        + b8 * cos(2 * pi * x / b7)
        + b9 * sin(2 * pi * x / b7)
    )


def _bells(x, b1, b2, b3, b4, b5, b6, b7, b8):
    return b1 * exp(-b2 * x) + b3 * exp(-((x - b4) ** 2) / b5**2) + b6 * exp(-((x - b7) ** 2) / b8**2)


def _decays(x, b1, b2, b3, b4, b5, b6):
    return b1 * exp(-b2 * x) + b3 * exp(-b4 * x) + b5 * exp(-b6 * x)


def _cubics(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def _decay_over_line(x, b1, b2, b3):
    return exp(-b1 * x) / (b2 + b3 * x)


MODELS = {
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x) ** (-1 / b3),
    "BoxBOD": lambda x, b1, b2: b1 * (1 - exp(-b2 * x)),
    "Chwirut1": _decay_over_line,
    "Chwirut2": _decay_over_line,
    "DanWood": lambda x, b1, b2: b1 * x**b2,
    "ENSO": _waves,
    "Eckerle4": lambda x, b1, b2, b3: b1 / b2 * exp(-0.5 * ((x - b3) / b2) ** 2),
    "Gauss1": _bells,
    "Gauss2": _bells,
    "Gauss3": _bells,
    "Hahn1": _cubics,
    "Kirby2": lambda x, b1, b2, b3, b4, b5: (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2),
    "Lanczos1": _decays,
    "Lanczos2": _decays,
    "Lanczos3": _decays,
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "MGH10": lambda x, b1, b2, b3: b1 * exp(b2 / (x + b3)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: b1 + b2 * exp(-x * b4) + b3 * exp(-x * b5),
    "Misra1a": lambda x, b1, b2: b1 * (1 - exp(-b2 * x)),
    "Misra1b": lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2),
    "Misra1c": lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** -0.5),
    "Misra1d": lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x),
    "Rat42": lambda x, b1, b2, b3: b1 / (1 + exp(b2 - b3 * x)),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / (1 + exp(b2 - b3 * x)) ** (1 / b4),
    "Roszman1": lambda x, b1, b2, b3, b4: b1 - b2 * x - atan(b3 / (x - b4)) / pi,
    "Thurber": _cubics,
}
BESIDE_AN_INTERCEPT = {  # the problems whose b1 is an intercept
    "ENSO": lambda x, b2, b3, b4, b5, b6, b7, b8, b9: _waves(x, 0.0, b2, b3, b4, b5, b6, b7, b8, b9),
    "MGH17": lambda x, b2, b3, b4, b5: b2 * exp(-x * b4) + b3 * exp(-x * b5),
    "Roszman1": lambda x, b2, b3, b4: -b2 * x - atan(b3 / (x - b4)) / pi,
}
