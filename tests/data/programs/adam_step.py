"""A step of Adam, written out: its moments and its count are Values of their own, changed in place like the weights."""

from slopewise import Value


def make_step():
    weights = [Value(2.0), Value(-1.5), Value(0.5)]
    first, second = [Value(0.0) for _ in weights], [Value(0.0) for _ in weights]
    count = Value(0.0)

    def step(x, target):
        a, b, c = weights
        loss = (a * x * x + b * x + c - target) ** 2
        for w in weights:
            w.grad = 0.0
        loss.backward()
        count.data += 1
        for w, m, v in zip(weights, first, second):
            m.data = 0.9 * m.data + 0.1 * w.grad
            v.data = 0.999 * v.data + 0.001 * w.grad**2
            m_hat = m.data / (1 - 0.9**count.data)
            v_hat = v.data / (1 - 0.999**count.data)
            w.data -= 0.05 * m_hat / (v_hat**0.5 + 1e-8)
        return loss.data

    return step, [*weights, *first, *second, count]


CALLS = [(0.1 * k, 0.3 * k) for k in range(12)]
PATHS = 1
