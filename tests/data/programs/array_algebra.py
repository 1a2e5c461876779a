"""numpy arrays of Values: `@`, `dot`, sums over axes, slices, transposes, broadcasting, a function of numpy's by name."""

import numpy as np


def program(matrix, vector, offset):
    hidden = np.tanh(matrix @ vector + offset)
    gram = matrix.T @ matrix
    centred = vector - vector.mean()
    row_sums = np.sum(matrix * matrix, axis=1)
    return hidden.sum() + np.dot(row_sums, hidden) + gram[0, 1] * gram[1, 0] + (centred[:2] ** 2).sum(), hidden


MATRIX = np.array([[0.5, -1.0, 0.25], [1.5, 0.3, -0.7], [0.1, 0.2, 0.9]])
CALLS = [
    (MATRIX, np.array([1.0, -0.5, 2.0]), 0.1),
    (MATRIX.T + 0.5, np.array([0.3, 0.1, -1.0]), np.array([0.1, 0.2, 0.3])),
]
