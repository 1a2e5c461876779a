"""Adaptive Simpson quadrature, recursive, deeper where the two estimates differ: the depth depends on the numbers."""

import slopewise as sw


def program(a, width):
    def f(x):
        return sw.exp(-a * x * x) * sw.sin(3 * x + a)

    def simpson(low, high):
        return (high - low) / 6 * (f(low) + 4 * f((low + high) / 2) + f(high))

    def adaptive(low, high, whole, tolerance):
        middle = (low + high) / 2
        left, right = simpson(low, middle), simpson(middle, high)
        if abs(left + right - whole) < 15 * tolerance:
            return left + right + (left + right - whole) / 15
        return adaptive(low, middle, left, tolerance / 2) + adaptive(middle, high, right, tolerance / 2)

    return adaptive(0.0, width, simpson(0.0, width), 1e-4)


CALLS = [(1.0, 2.0), (1.0, 2.1), (4.0, 2.0), (0.1, 5.0)]
