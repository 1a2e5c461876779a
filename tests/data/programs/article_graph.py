"""The article's graph d = a b, e = a + b, f = d e: two paths from each input."""


def program(a, b):
    d = a * b
    e = a + b
    return d * e


CALLS = [(-2.0, 3.0), (-1.7, 3.0)]
KNOWN = {0: -6.0, 1: -6.63}
KNOWN_GRADIENT = {0: [-3.0, -8.0]}
PATHS = 1
