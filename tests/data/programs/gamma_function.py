"""The logarithm of the gamma function by Lanczos' series, and an incomplete one by a series to a tolerance."""

import math

import slopewise as sw

COEFFICIENTS = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]  # fmt: skip


def log_gamma(x):
    if x < 0.5:
        return math.log(math.pi) - sw.log(sw.sin(math.pi * x)) - log_gamma(1 - x)
    x = x - 1
    series = COEFFICIENTS[0] + sum(c / (x + i) for i, c in enumerate(COEFFICIENTS[1:], 1))
    t = x + 7.5
    return 0.5 * math.log(2 * math.pi) + (x + 0.5) * sw.log(t) - t + sw.log(series)


def program(shape, x):
    term = total = 1 / shape
    n = 1
    while abs(term.data) > 1e-15 * abs(total.data):
        term = term * x / (shape + n)
        total = total + term
        n += 1
    return sw.exp(shape * sw.log(x) - x - log_gamma(shape)) * total


CALLS = [(2.0, 1.0), (0.3, 0.5), (5.0, 2.5), (2.0, 1.1)]
KNOWN = {0: 1 - 2 * 2.718281828459045**-1}
