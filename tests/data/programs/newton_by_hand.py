"""Newton's method whose slopes come from `backward()`, inside the function; the last step carries the gradient."""

import slopewise as sw
from slopewise import Value


def program(a, b):
    x = Value(1.0)
    for _ in range(8):
        x.grad = 0.0
        y = sw.exp(x) * x - a.data * b.data
        y.backward()
        x.data = x.data - y.data / x.grad
    rest = sw.exp(x.data) * x.data - a * b
    return x.data - rest / x.grad


CALLS = [(1.0, 1.0), (2.0, 0.5), (3.0, 1.5)]
KNOWN = {0: 0.5671432904097838}
KNOWN_GRADIENT = {0: [0.3618962566348892, 0.3618962566348892]}
PATHS = 1
