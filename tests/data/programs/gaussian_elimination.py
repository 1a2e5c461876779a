"""A determinant and the solution of a linear system, rows swapped by the largest pivot: decisions on `.data`."""


def program(matrix, right):
    a = [[*row, r] for row, r in zip(matrix, right)]
    n = len(a)
    determinant = 1.0
    for k in range(n):
        pivot = max(range(k, n), key=lambda row: abs(a[row][k].data))
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            determinant = -determinant
        determinant = determinant * a[k][k]
        for row in range(k + 1, n):
            factor = a[row][k] / a[k][k]
            for column in range(k, n + 1):
                a[row][column] = a[row][column] - factor * a[k][column]
    x = [0.0] * n
    for k in reversed(range(n)):
        x[k] = (a[k][n] - sum(a[k][j] * x[j] for j in range(k + 1, n))) / a[k][k]
    return determinant + sum(v * v for v in x), {"x": x, "determinant": determinant}


CALLS = [
    ([[2.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 4.0]], [1.0, 2.0, 3.0]),
    ([[0.1, 1.0, 0.5], [1.0, 3.0, -1.0], [2.5, -1.0, 4.0]], [1.0, 2.0, 3.0]),
]
