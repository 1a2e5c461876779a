"""Trains a net whose loss is written for one row, in scalars, on batches; keeps times and answers.

WHOLE: a step of training is one compiled function: the rows of a batch in a Python loop, backward, update.
ROWS: loss and gradient of a row are compiled, all rows of a batch run at once and come as their mean; NumPy updates.

Classes arrive as rows of zeros and a one: an int used as an index would be a path of its own for each new batch.
"""

from time import perf_counter

import numpy as np
from repeating import repeat
from subjects import answers_of, expected_of

import slopewise as sw


def train(subject, loss, form, steps, repeats):
    """Return (seconds of a step, answers, expected, other measurements) of `loss(parameters, x, y)`."""
    prepare = whole if form == "WHOLE" else by_rows
    began = perf_counter()
    restart, step, gradient = prepare(subject, loss)
    ys = np.eye(10)[subject.ys] if subject.ys.dtype == np.int64 else subject.ys
    first = float(step(0, subject.xs[0], ys[0]))
    first_s = perf_counter() - began
    slopes = gradient()
    seconds, losses = [], []
    for _ in range(repeats):
        restart()
        began = perf_counter()
        losses = repeat(step, steps, subject.xs, ys)
        seconds.append((perf_counter() - began) / steps)
    answers = answers_of(subject, first, slopes, losses[:3])
    return seconds, answers, expected_of(subject), {"first_s": first_s}


def whole(subject, loss):
    """Return what trains by one compiled function, the update in it."""
    parameters = [as_values(p) for p in subject.start]
    every = [v for p in parameters for v in p.ravel()]
    first, slope = subject.rate

    @sw.compile
    def step(k, xs, ys):
        total = sum(loss(parameters, x, y) for x, y in zip(xs, ys)) * (1.0 / len(xs))
        for v in every:
            v.grad = 0.0
        total.backward()
        rate = first + slope * k
        for v in every:
            v.data -= rate * v.grad
        return total

    def restart():
        numbers = np.concatenate([p.ravel() for p in subject.start]).tolist()
        for v, number in zip(every, numbers, strict=True):
            v.data = number

    def gradient():
        return [np.array([v.grad for v in p.ravel()]) for p in parameters]

    return restart, step, gradient


def by_rows(subject, loss):
    """Return what trains by the mean of the gradients of all rows of a batch."""
    of_rows = sw.batched(sw.value_and_grad(loss), shared=0, reduction="mean")
    parameters = [p.copy() for p in subject.start]
    slopes = []
    first, slope = subject.rate

    def step(k, xs, ys):
        total, slopes[:] = of_rows(parameters, xs, ys)
        rate = first + slope * k
        for p, g in zip(parameters, slopes):
            p -= rate * g
        return total

    def restart():
        for p, start in zip(parameters, subject.start):
            p[...] = start

    return restart, step, lambda: list(slopes)


def as_values(numbers):
    """Return an object array of Values."""
    found = np.empty(numbers.shape, dtype=object)
    found.ravel()[:] = [sw.Value(float(x)) for x in numbers.ravel()]
    return found
