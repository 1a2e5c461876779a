"""A sine of the user's own: a node made from a number, with a closure as its `_backward`, as the lecture teaches."""

import math

from slopewise import Value


def sine(x):
    out = Value(math.sin(x.data), (x,), "sin")

    def _backward():
        x.grad += math.cos(x.data) * out.grad

    out._backward = _backward
    return out


def program(a, b):
    return sine(a * b) + 2.0 * sine(sine(b)) * a


CALLS = [(0.5, 1.5), (-2.0, 0.3), (3.0, 3.0)]
PATHS = 1
