"""HIPS autograd on the same works, in an environment of its own, which shares its import name with ours.

Run by benchmarks/compiled.py: reads the data's file from its argument, then the name of a work and a number of runs from
each line, and answers with the seconds that one run took.
"""

# mypy: ignore-errors

import sys
import time

import autograd.numpy as np
import numpy

from autograd import elementwise_grad, grad, value_and_grad

data = numpy.load(sys.argv[1])


def predicted(p, xs):
    at, h = 0, xs
    for inputs, outputs in ((2, 16), (16, 16), (16, 1)):
        block = p[at : at + outputs * (inputs + 1)].reshape(outputs, inputs + 1)
        at += outputs * (inputs + 1)
        h = np.dot(h, block[:, :inputs].T) + block[:, inputs]
        h = np.maximum(h, 0.0) if outputs > 1 else h
    return h[:, 0]


w2 = value_and_grad(
    lambda p: np.mean(np.maximum(1.0 - data["labels"] * predicted(p, data["points"]), 0.0)) + 1e-4 * np.sum(p * p)
)
w3 = value_and_grad(lambda w: np.mean(np.logaddexp(0.0, -data["classes"] * np.dot(data["features"], w))))
f = lambda x: (x[0] * x[1] * np.sin(x[2]) + np.exp(x[0] * x[1])) / x[2]  # noqa: E731
w4, w4_one = elementwise_grad(f), grad(f)
point = numpy.array([0.5, 1.5, 0.75])


def step():
    _, g = w2(data["parameters"])
    return data["parameters"] - 0.05 * g


WORKS = {
    "W2": step,
    "W3": lambda: w3(data["weights"]),
    "W4": lambda: w4(data["columns"]),
    "W4 one": lambda: w4_one(point),
}
data = {name: data[name] for name in data.files}
for line in sys.stdin:
    work, _, number = line.strip().rpartition(" ")
    started = time.perf_counter()
    for _ in range(int(number)):
        WORKS[work]()
    print((time.perf_counter() - started) / int(number), flush=True)
