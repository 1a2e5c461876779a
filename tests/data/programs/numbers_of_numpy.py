"""numpy's scalars on either side, and numpy's functions on a list of `.data`: numbers that carry no gradient."""

import numpy as np


def program(xs, rate):
    scale = np.float64(0.5)
    seen = np.array([x.data for x in xs])
    centre, width = np.mean(seen), np.sqrt(np.mean((seen - np.mean(seen)) ** 2))
    normed = [(x - centre) / width for x in xs]
    total = scale * normed[0] + normed[1] * np.float64(2.0) - np.int64(3) * normed[2]
    total = total + np.sum(np.array(normed) ** 2) * rate
    return np.float64(1.5) - total / np.exp(seen).sum() + (np.float64(0.1) < xs[0]) * rate


CALLS = [([0.5, -2.0, 1.5], 0.3), ([0.05, 0.3, 1.0], -0.2)]
DETACHED = "mean and width are taken as numbers"
PATHS = 1
