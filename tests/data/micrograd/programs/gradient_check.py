import random

from micrograd.engine import Value

random.seed(4)


def f(a, b, c):
    return ((a * b - c / (a * a + 1)) ** 3 + (b - c).relu() * a - 2 / (c**2 + 1)) * 0.1


for _ in range(10):
    point = [random.uniform(-2, 2) for _ in range(3)]
    vs = [Value(p) for p in point]
    out = f(*vs)
    out.backward()
    worst = 0
    for i, v in enumerate(vs):
        h = 1e-6
        up, down = list(point), list(point)
        up[i] += h
        down[i] -= h

        class Plain(float):
            def relu(self):
                return max(0.0, self)

        hi = f(*[Value(p) for p in up]).data
        lo = f(*[Value(p) for p in down]).data
        worst = max(worst, abs((hi - lo) / (2 * h) - v.grad) / max(1, abs(v.grad)))
    print(out.data.hex(), [v.grad for v in vs], worst < 1e-6)
