"""Parts of a computation under `no_grad`, a copy of a number, a leaf made of another's data: none of them hands on slopes."""

import slopewise as sw
from slopewise import Value


def program(x, y):
    with sw.no_grad():
        scale = sw.sqrt(x * x + y * y)
    anchor = Value(x.data * 2.0)
    return (x / scale) ** 2 * anchor + y * y.data + anchor


CALLS = [(3.0, 4.0), (1.0, -2.0)]
DETACHED = "on purpose"
KNOWN_GRADIENT = {0: [2 * 3.0 / 25.0 * 6.0, 4.0]}
PATHS = 1
