"""Bisection of x exp(x) = a between two bounds: fifty decisions on Values, then one Newton step for the gradient."""

import slopewise as sw


def program(a, low, high):
    for _ in range(50):
        middle = (low + high) / 2
        if middle * sw.exp(middle) < a:
            low = middle
        else:
            high = middle
    x = ((low + high) / 2).data
    e = sw.exp(x)
    return x - (x * e - a) / (e * (1 + x))


CALLS = [(1.0, 0.0, 2.0), (2.0, 0.0, 2.0), (1.0, 0.0, 2.0)]
KNOWN = {0: 0.5671432904097838}
KNOWN_GRADIENT = {0: [0.3618962566348892, 0.0, 0.0]}
