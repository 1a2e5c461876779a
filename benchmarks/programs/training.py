"""Trains a net whose loss is written for one row, in scalars, on batches; keeps times and answers.

WHOLE: a step of training is one compiled function: the rows of a batch in a Python loop, backward, update.
ROWS: a step on one row is compiled, the update in it. All rows of a batch run at once, and the parameters come as the
mean over the rows.

Classes arrive as rows of zeros and a one: an int used as an index would be a path of its own for each new batch.
"""

from time import perf_counter

import numpy as np
from repeating import repeat
from subjects import answers_of, expected_of

import slopewise as sw


def train(subject, loss, form, steps, repeats, dtype="float64"):
    """Return (seconds of a step, answers, expected, other measurements) of `loss(parameters, x, y)`."""
    prepare = whole if form == "WHOLE" else by_rows
    began = perf_counter()
    restart, step, gradient = prepare(subject, loss, dtype)
    xs = subject.xs.astype(dtype)
    ys = (np.eye(10)[subject.ys] if subject.ys.dtype == np.int64 else subject.ys).astype(dtype)
    first = float(step(0, xs[0], ys[0]))
    first_s = perf_counter() - began
    slopes = gradient()
    seconds, losses = [], []
    for _ in range(repeats + 1):
        restart()
        began = perf_counter()
        losses = repeat(step, steps, xs, ys)
        seconds.append((perf_counter() - began) / steps)
    answers = answers_of(subject, first, slopes, losses[:3])
    return seconds[1:], answers, expected_of(subject), {"first_s": first_s}  # the first run prepares, as the peers' does


def whole(subject, loss, dtype):
    """Return what trains by one compiled function, the update in it."""
    parameters = [as_values(p) for p in subject.start]
    every = [v for p in parameters for v in p.ravel()]
    first, slope = subject.rate

    def step(k, xs, ys):
        total = sum(loss(parameters, x, y) for x, y in zip(xs, ys)) * (1.0 / len(xs))
        for v in every:
            v.grad = 0.0
        total.backward()
        rate = first + slope * k
        for v in every:
            v.data -= rate * v.grad
        return total

    step = sw.compile(step, dtype=dtype)

    def restart():
        numbers = np.concatenate([p.ravel() for p in subject.start]).tolist()
        for v, number in zip(every, numbers, strict=True):
            v.data = number

    def gradient():
        return [np.array([v.grad for v in p.ravel()]) for p in parameters]

    return restart, step, gradient


def by_rows(subject, loss, dtype):
    """Return what trains by the mean over all rows of a batch."""
    both = sw.value_and_grad(loss)
    first, slope = subject.rate

    def step_on_row(parameters, x, y, rate):
        value, slopes = both(parameters, x, y)
        return value, [p - rate * g for p, g in zip(parameters, slopes)]

    step_on_batch = sw.batched(step_on_row, shared=(0, 3), reduction="mean", dtype=dtype)
    start = [p.astype(dtype) for p in subject.start]
    parameters = list(start)
    given = []

    def step(k, xs, ys):
        given[:] = xs, ys
        value, parameters[:] = step_on_batch(parameters, xs, ys, first + slope * k)
        return value

    def restart():
        parameters[:] = start

    def gradient():
        return sw.batched(both, shared=0, reduction="mean", dtype=dtype)(start, *given)[1]

    return restart, step, gradient


def as_values(numbers):
    """Return an object array of Values."""
    found = np.empty(numbers.shape, dtype=object)
    found.ravel()[:] = [sw.Value(float(x)) for x in numbers.ravel()]
    return found
