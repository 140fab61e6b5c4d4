"""How far a program's floating-point results may be from each other: a running first-order error analysis."""

import math

import numpy as np
import promised

from autograd import errstate

EPS = 2.0**-53
ULPS = 2.0 * promised.ON_ARRAYS  # of one primitive: twice as much where a formula may stand in its place


def _with(args, position, x):
    return [*args[:position], x, *args[position + 1 :]]


def _moves(op, args, errors, y):
    """The most that the value moves when each argument moves by its error, or inf where it jumps."""
    total = 0.0
    for position, error in enumerate(errors):
        if error == 0.0:
            continue
        if not math.isfinite(error):
            return math.inf
        for x in (args[position] - error, args[position] + error):
            moved = op.value(_with(args, position, x))
            if not math.isfinite(y) or not math.isfinite(moved):
                if moved != y and not (moved != moved and y != y):
                    return math.inf
                continue
            total += abs(moved - y)
    return total


def _size(op, args, y):
    """What a value's own rounding is measured by: of a sum, all that is added."""
    if op.variadic and op.products:
        terms = [abs(a * b) for a, b in op.products(args)]
        finite = all(math.isfinite(a) and math.isfinite(b) for a, b in op.products(args))
        # an overflow on the way, which a fused multiplication and addition may avoid
        return math.inf if finite and max(terms) > 1e308 else (len(args) + 1.0) * sum(terms)
    scale = max(1.0, *(abs(x) for x in args if math.isfinite(x)), 0.0)
    return abs(y) + promised.BETWEEN_WAYS.get(op.name, 0.0) * scale / (ULPS * EPS)


def bounds(tape, numbers):
    """The outputs of a tape at a point, and bounds of their errors: inf where nothing can be said."""
    constants = tape.constants
    values = [*numbers]
    errors = [0.0] * len(values)
    with errstate("ignore"), np.errstate(all="ignore"):
        for op, refs in tape.instructions:
            args = [values[ref] if ref >= 0 else constants[-1 - ref] for ref in refs]
            y = op.value(args)
            error = _moves(op, args, [errors[ref] if ref >= 0 else 0.0 for ref in refs], y)
            if (math.isfinite(y) or op.variadic) and op.partials != (None,) * len(op.partials):
                error += ULPS * EPS * _size(op, args, y) + 5e-324 * ULPS
            values.append(y)
            errors.append(error if error == error else math.inf)
    outputs = [values[ref] if ref >= 0 else constants[-1 - ref] for ref in tape.outputs]
    return outputs, [errors[ref] if ref >= 0 else 0.0 for ref in tape.outputs]
