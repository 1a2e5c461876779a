"""ADBench's Gaussian mixture: the log-likelihood of points under K Gaussians, with a Wishart prior on their shapes.

A Gaussian k has a weight alpha[k], a mean mu[k] and the inverse factor Q[k] of its covariance, a lower triangular matrix
with exp(q) on its diagonal, so that it is never singular:

    L = sum over points x of  log sum over k of exp(alpha[k] + sum(q[k]) - |Q[k] (x - mu[k])|^2 / 2)
        - n log sum over k of exp(alpha[k])  - n d log(2 pi) / 2  + prior

Source: F. Srajer, Z. Kukelova, A. Fitzgibbon, "A benchmark of selected algorithmic differentiation tools on some
problems in computer vision and machine learning", Optimization Methods and Software 33 (2018), section 2.
"""

import math
from dataclasses import dataclass

import slopewise as sw


@dataclass
class Mixture:
    """One data file: K Gaussians in d dimensions, n points, and the two numbers of the prior."""

    alphas: list  # K
    means: list  # K rows of d
    factors: list  # K rows of d + d(d-1)/2: the log-diagonal q, then the strict lower triangle, column by column
    points: list  # n rows of d
    gamma: float
    m: int


def read_mixture(path):
    """Read a file: `d K n`, the alphas, the means, the factors, the points, `gamma m`; all separated by white space."""
    with open(path, encoding="ascii") as file:
        words = iter(file.read().split())
    d, K, n = (int(next(words)) for _ in range(3))

    def rows(count, width):
        return [[float(next(words)) for _ in range(width)] for _ in range(count)]

    alphas = [row[0] for row in rows(K, 1)]
    means, factors, points = rows(K, d), rows(K, d + d * (d - 1) // 2), rows(n, d)
    return Mixture(alphas, means, factors, points, float(next(words)), int(next(words)))


def log_likelihood(mixture):
    """Return the function of (alphas, means, factors) that the benchmark differentiates; the points stay as they are."""
    points, others = mixture.points, rest(mixture)
    d = len(mixture.means[0])

    def objective(alphas, means, factors):
        diagonals = [[sw.exp(q) for q in row[:d]] for row in factors]
        total = others(alphas, factors)
        for x in points:
            total = total + term(alphas, means, factors, diagonals, x)
        return total

    return objective


def term(alphas, means, factors, diagonals, x):
    """Return what one point adds to the log-likelihood."""
    d, terms = len(x), []
    for k in range(len(means)):
        centred = [x[i] - means[k][i] for i in range(d)]
        length = squared_length(diagonals[k], factors[k], centred)
        terms.append(alphas[k] + sum(factors[k][:d]) - 0.5 * length)
    return sw.logsumexp(terms)


def rest(mixture):
    """Return the function of (alphas, factors) that is the log-likelihood without the terms of the points."""
    n, d, K = len(mixture.points), len(mixture.means[0]), len(mixture.alphas)
    constant = -0.5 * n * d * math.log(2.0 * math.pi) + wishart_constant(mixture.gamma, mixture.m, d, K)

    def others(alphas, factors):
        prior = 0.0
        for row in factors:
            frobenius = sum(sw.exp(q) ** 2 for q in row[:d]) + sum(l * l for l in row[d:])
            prior = prior + 0.5 * mixture.gamma**2 * frobenius - mixture.m * sum(row[:d])
        return constant - n * sw.logsumexp(alphas) + prior

    return others


def squared_length(diagonal, factor, v):
    """Return |Q v|^2, Q with `diagonal` on its diagonal and below it the rest of `factor`, column by column."""
    d = len(v)
    image = [diagonal[i] * v[i] for i in range(d)]
    at = d
    for column in range(d):
        for row in range(column + 1, d):
            image[row] = image[row] + factor[at] * v[column]
            at += 1
    return sum(y * y for y in image)


def wishart_constant(gamma, m, d, K):
    """Return the part of the Wishart prior that no parameter changes."""
    n = d + m + 1
    gammas = sum(math.lgamma(0.5 * (n + 1 - j)) for j in range(1, d + 1)) + 0.25 * d * (d - 1) * math.log(math.pi)
    return -K * (n * d * (math.log(gamma) - 0.5 * math.log(2.0)) - gammas)
