"""What numpy does to arrays of Values: where, sort, cumsum, outer, einsum, norms, standard deviation, stacking, reshaping."""

import numpy as np


def program(x, m):
    positive = np.where(x > 0, x, -0.5 * x)
    ordered = np.sort(x)
    table = np.outer(ordered, positive) + m
    trace = np.einsum("ii->", table)
    stacked = np.concatenate([x, np.cumsum(x)]).reshape(2, -1)
    spread = stacked.std() + np.sqrt(np.dot(x, x)) + np.prod(m[0])
    tall = np.vstack([stacked, np.exp(-positive)])
    return trace + spread + tall.max() * tall.min() + np.trace(m @ m) / x.size, tall[-1]


M = np.arange(9.0).reshape(3, 3) / 10
CALLS = [(np.array([0.5, -1.0, 2.0]), M), (np.array([-0.5, 1.5, 0.7]), M.T)]
