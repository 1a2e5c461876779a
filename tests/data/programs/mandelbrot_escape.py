"""How fast a point leaves the Mandelbrot set, smooth in the point: a `while True` that is left in one of two ways."""

import slopewise as sw


def program(re, im):
    x, y = 0.0, 0.0
    count = 0
    while True:
        x, y = x * x - y * y + re, 2 * x * y + im
        count += 1
        if x * x + y * y > 256.0:
            break
        if count == 40:
            return x * x + y * y
    return count + 1 - sw.log2(sw.log(x * x + y * y) / 2)


CALLS = [(0.5, 0.5), (0.3, 0.8), (-0.1, 0.1), (1.0, 1.0), (-0.75, 0.3)]
