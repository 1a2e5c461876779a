"""What Python brings along: accumulate, prod, map, filter, slices, a generator, unpacking, closures, `any` and `all`."""

import itertools
import math
import operator

import slopewise as sw


def pairs(values):
    yield from zip(values, values[1:])


def program(first, *rest, **named):
    values = [first, *rest]
    running = list(itertools.accumulate(values))
    products = list(itertools.accumulate(values, operator.mul))
    slopes = list(map(lambda pair: (pair[1] - pair[0]) ** 2, pairs(values)))
    positive = [v for v in values if v > 0]
    bonus = 0.5 if all(v < 10 for v in values) and any(v < 0 for v in values) else 1.0
    head, *middle, tail = running
    total = sum(slopes) * bonus + math.prod(positive) + products[-1] * head
    total += sum(sw.tanh(m) for m in middle) - tail / len(values)
    return total * named.get("scale", 1.0) + named["shift"] ** 2


KEYWORDS = True  # the last entry of a call holds its keywords
CALLS = [
    (1.0, 2.0, -0.5, 3.0, {"scale": 2.0, "shift": 0.5}),
    (1.0, 2.0, 0.5, 3.0, {"shift": 0.5}),
    (-1.0, 2.0, -0.5, 11.0, {"scale": 0.5, "shift": 1.5}),
]
