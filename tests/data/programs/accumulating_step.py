"""Two losses, two backward passes that add up, the gradients' length cut to 1 when it is more, momentum, an early return."""

import slopewise as sw
from slopewise import Value


def make_step():
    weights = [Value(1.5), Value(-0.5)]
    velocity = [Value(0.0), Value(0.0)]

    def step(x, y, enough):
        for w in weights:
            w.grad = 0.0
        total = 0.0
        for a, b in ((x, y), (y, -x)):
            loss = (sw.tanh(weights[0] * a) + weights[1] * a - b) ** 2
            loss.backward()
            total += loss.data
        if total < enough:
            return total, "enough"
        length = sum(w.grad**2 for w in weights) ** 0.5
        if length > 1.0:
            for w in weights:
                w.grad /= length
        for w, v in zip(weights, velocity):
            v.data = 0.9 * v.data - 0.1 * w.grad
            w.data = w.data + v.data
        return total, "changed"

    return step, [*weights, *velocity]


CALLS = [(1.0, 0.5, 0.05)] * 6 + [(0.2, 0.1, 0.05)] * 4 + [(1.0, 0.5, 0.6)] * 3
