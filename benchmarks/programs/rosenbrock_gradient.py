"""Value and gradient of Rosenbrock's function in a hundred dimensions, from an array to an array."""

from itertools import pairwise
from time import perf_counter

import numpy as np

import slopewise as sw

DIMENSIONS = 100
CALLS = 500
REPEATS = 15


def rosenbrock(x):
    total = 0.0
    for a, b in pairwise(x):
        total = total + 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
    return total


value_and_gradient = sw.value_and_grad(rosenbrock)
start = np.tile([-1.2, 1.0], DIMENSIONS // 2)
value_and_gradient(start)

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    for _ in range(CALLS):
        value, gradient = value_and_gradient(start)
    seconds.append((perf_counter() - began) / CALLS)
answers = [float(value), *gradient.tolist()]
