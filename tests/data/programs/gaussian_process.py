"""Log marginal likelihood of a Gaussian process: kernel matrix, Cholesky factor, two triangular solves."""

import math

import slopewise as sw


def cholesky(a):
    n = len(a)
    factor = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i][j] - sum(factor[i][k] * factor[j][k] for k in range(j))
            factor[i][j] = sw.sqrt(rest) if i == j else rest / factor[j][j]
    return factor


def program(log_length, log_scale, log_noise, xs, ys):
    length, scale, noise = (sw.exp(v) for v in (log_length, log_scale, log_noise))
    kernel = [
        [scale**2 * sw.exp(-0.5 * ((a - b) / length) ** 2) + (noise**2 if i == j else 0.0) for j, b in enumerate(xs)]
        for i, a in enumerate(xs)
    ]
    factor = cholesky(kernel)
    whitened = []
    for i, y in enumerate(ys):
        whitened.append((y - sum(factor[i][k] * whitened[k] for k in range(i))) / factor[i][i])
    fit = -0.5 * sum(w * w for w in whitened)
    size = -sum(sw.log(factor[i][i]) for i in range(len(xs)))
    return fit + size - 0.5 * len(xs) * math.log(2 * math.pi)


XS, YS = [-1.5, -0.8, 0.1, 0.6, 1.4], [0.2, 0.9, 1.1, 0.4, -0.7]
CALLS = [(0.0, 0.1, -1.0, XS, YS), (-0.7, 0.3, -2.0, XS, YS)]
PATHS = 1
