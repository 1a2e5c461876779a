"""Two updates in one call, the second on weights that the first has changed; a weight's history goes out in a list."""

import slopewise as sw
from slopewise import Value


def make_step():
    w, b = Value(0.5), Value(-0.25)

    def step(x, y):
        seen = []
        for rate in (0.1, 0.05):
            out = sw.sigmoid(w * x + b)
            loss = (out - y) ** 2
            w.grad, b.grad = 0.0, 0.0
            loss.backward()
            w.data, b.data = w.data - rate * w.grad, b.data - rate * b.grad
            seen.append((loss.data, w.data))
        return seen

    return step, [w, b]


CALLS = [(0.5 * k, k % 2.0) for k in range(1, 7)]
PATHS = 1
