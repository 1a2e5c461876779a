import math
import random

from micrograd.engine import Value

random.seed(5)


def exp(x):
    out = Value(math.exp(x.data), (x,), "exp")

    def _backward():
        x.grad += out.data * out.grad

    out._backward = _backward
    return out


def log(x):
    out = Value(math.log(x.data), (x,), "log")

    def _backward():
        x.grad += out.grad / x.data

    out._backward = _backward
    return out


def sigmoid(x):
    return 1 / (1 + exp(-x))


points = [(random.gauss(k, 1), random.gauss(-k, 1), k) for k in (0, 1) for _ in range(10)]
w, b = [Value(0.0), Value(0.0)], Value(0.0)
for step in range(15):
    loss = Value(0.0)
    for x1, x2, t in points:
        p = sigmoid(w[0] * x1 + w[1] * x2 + b)
        loss = loss - (t * log(p) + (1 - t) * log(1 - p))
    loss = loss / len(points)
    for q in w + [b]:
        q.grad = 0
    loss.backward()
    for q in w + [b]:
        q.data -= 0.5 * q.grad
    if step % 5 == 0:
        print(step, loss.data)
print([q.data for q in w + [b]])
