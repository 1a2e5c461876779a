"""The lecture's neuron, tanh broken up into exp, arguments as lists, the bias by name."""

import slopewise as sw


def program(x, w, *, b):
    n = sum((wi * xi for wi, xi in zip(w, x)), b)
    e = sw.exp(2 * n)
    return (e - 1) / (e + 1)


KEYWORDS = True  # the last entry of a call holds its keywords
CALLS = [([2.0, 0.0], [-3.0, 1.0], {"b": 6.8813735870195432}), ([1.0, -1.0], [0.5, 0.25], {"b": 0.1})]
KNOWN = {0: 0.7071067811865477}
KNOWN_GRADIENT = {0: [-1.5, 0.5, 1.0, 0.0, 0.5]}
PATHS = 1
