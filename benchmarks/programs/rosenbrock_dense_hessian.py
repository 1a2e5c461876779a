"""The dense Hessian of Rosenbrock's function in a hundred dimensions, from an array to an array."""

from itertools import pairwise
from time import perf_counter

import numpy as np

import slopewise as sw

DIMENSIONS = 100
CALLS = 100
REPEATS = 15


def rosenbrock(x):
    total = 0.0
    for a, b in pairwise(x):
        total = total + 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
    return total


hessian = sw.hessian(rosenbrock)
start = np.tile([-1.2, 1.0], DIMENSIONS // 2)
hessian(start)

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    for _ in range(CALLS):
        found = hessian(start)
    seconds.append((perf_counter() - began) / CALLS)
answers = found.ravel().tolist()

inner = 200.0 + 1200.0 * start**2 - 400.0 * np.append(start[1:], 0.0) + 2.0
inner[0] -= 200.0
inner[-1] = 200.0
beside = -400.0 * start[:-1]
expected = (np.diag(inner) + np.diag(beside, 1) + np.diag(beside, -1)).ravel().tolist()
