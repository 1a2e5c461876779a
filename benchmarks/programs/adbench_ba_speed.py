"""The Jacobian of every observation of a bundle: two residuals by a camera, a point and a weight, 30 numbers each."""

from time import perf_counter

import numpy as np
from adbench_ba import residual
from adbench_data import bundle, jacobian_entries, jacobian_expected

import slopewise as sw

OBSERVATIONS = 31_843
REPEATS = 9

data = bundle(OBSERVATIONS)
cameras, points, weights, features, seen = data
per_observation = sw.batched(sw.jacobian(residual, wrt=("camera", "point", "weight")))


def jacobian():
    """Return for each residual its derivatives by camera, point and weight."""
    return per_observation(cameras[seen[:, 0]], points[seen[:, 1]], weights, features)


found = jacobian()
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    found = jacobian()
    seconds.append((perf_counter() - began) / OBSERVATIONS)

by_camera, by_point, by_weight = found
rows = [np.hstack([by_camera[i], by_point[i], by_weight[i][:, None]]) for i in range(2)]
answers = jacobian_entries(np.stack(rows, axis=1))
expected = jacobian_expected(data)
