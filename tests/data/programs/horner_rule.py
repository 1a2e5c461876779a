"""A polynomial by Horner's rule, as a reduce over its coefficients, highest power first."""

from functools import reduce


def program(coefficients, x):
    return reduce(lambda total, c: total * x + c, coefficients)


CALLS = [([3.0, -4.0, 5.0], 3.0), ([3.0, -4.0, 5.0], 2 / 3), ([1.0, 0.0, 0.0, -2.0, 0.5], -1.25)]
KNOWN = {0: 20.0}
KNOWN_GRADIENT = {0: [9.0, 3.0, 1.0, 14.0]}
