"""Nodes that are made with the numbers of their local derivatives, in microgpt's form: Value(data, children, slopes)."""

import math

from slopewise import Value


def log(x):
    return Value(math.log(x.data), (x,), (1 / x.data,))


def exp(x):
    e = math.exp(x.data)
    return Value(e, (x,), (e,))


def product(x, y):
    return Value(x.data * y.data, (x, y), (y.data, x.data))


def program(a, b, c):
    logits = [product(a, b), b + c, product(c, c)]
    total = sum(exp(v) for v in logits)
    return log(total) - logits[1]


CALLS = [(0.5, 1.5, -0.5), (-2.0, 0.3, 1.0), (1.0, 0.0, 0.0)]
PATHS = 1
