"""One call of a small function with its gradient: ten operations on two numbers."""

from time import perf_counter

from slopewise import sin, tanh, value_and_grad

CALLS = 2_000
REPEATS = 15


def f(a, b):
    c = a * b + a
    d = sin(c) * b
    return tanh(d + c * c) / (b * b + 1.0)


value_and_gradient = value_and_grad(f, (0, 1))
found = value_and_gradient(0.5, 1.5)

seconds = []
for _ in range(REPEATS):
    numbers = [(0.5 + 1e-4 * k, 1.5) for k in range(CALLS)]
    began = perf_counter()
    for a, b in numbers:
        found = value_and_gradient(a, b)
    seconds.append((perf_counter() - began) / CALLS)

value, slopes = value_and_gradient(0.5, 1.5)
answers = [float(value), *map(float, slopes)]
