"""An operation that the user has registered, with a rule for its derivative."""

import math

import slopewise as sw


@sw.operation(derivative=lambda x, z: 1 / math.sqrt(2 * math.pi) * sw.exp(-0.5 * x * x))
def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def program(a, b):
    return normal_cdf(a * b) * a - normal_cdf(b) ** 2


CALLS = [(0.5, 1.0), (-1.5, 0.3)]
