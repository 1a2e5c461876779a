"""Gradient descent inside a function of numbers: leaves made inside, backward inside, the weights after ten steps out."""

from slopewise import Value


def program(start, rate, xs, ys):
    w, b = Value(start), Value(0.0)
    for _ in range(10):
        w.grad = b.grad = 0.0
        loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
        loss.backward()
        w.data -= rate * w.grad
        b.data -= rate * b.grad
    return w.data * 2.0 + b.data


CALLS = [(0.5, 0.05, [0.0, 1.0, 2.0], [1.0, 2.9, 5.2])]
PLAIN = "its numbers become leaves of its own"
