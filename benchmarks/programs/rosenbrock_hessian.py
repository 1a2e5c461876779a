"""The sparse Hessian of Rosenbrock's function in ten thousand dimensions; its entries are known."""

from itertools import pairwise
from time import perf_counter

import numpy as np

import slopewise as sw

DIMENSIONS = 10_000
REPEATS = 15


def rosenbrock(x):
    total = 0.0
    for a, b in pairwise(x):
        total = total + 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
    return total


hessian = sw.hessian(rosenbrock, sparse=True)
x = np.tile([-1.2, 1.0], DIMENSIONS // 2)
began = perf_counter()
hessian(x)
first_s = perf_counter() - began

seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = hessian(x)
    seconds.append((perf_counter() - began) / found.nnz)
answers = [float(found.nnz), *found.diagonal(0).tolist(), *found.diagonal(1).tolist(), *found.diagonal(-1).tolist()]

inner = 200.0 + 1200.0 * x**2 - 400.0 * np.append(x[1:], 0.0) + 2.0
inner[0] -= 200.0
inner[-1] = 200.0
beside = -400.0 * x[:-1]
expected = [3.0 * DIMENSIONS - 2.0, *inner.tolist(), *beside.tolist(), *beside.tolist()]
extra = {"first_s": first_s}
