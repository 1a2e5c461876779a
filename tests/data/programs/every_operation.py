"""Every operation of the table once, in one sum, on operands from inside each one's domain."""

import slopewise as sw

ONE = "relu tanh exp exp2 expm1 log log2 log10 log1p sqrt square sin cos tan asin acos atan sinh cosh asinh atanh"
MORE = "sigmoid softplus leaky_relu elu gelu silu erf abs"
TWO = "maximum minimum atan2 hypot leaky_relu elu"


def program(x, y):
    total = sw.acosh(1.0 + x) + x**3 + x**-1 + x**0.5 + x**y + 2.0**y + y % x - x / y
    for name in (ONE + " " + MORE).split():
        total = total + getattr(sw, name)(x) * 0.5
    for name in MORE.split():
        total = total - getattr(sw, name)(-x)
    for name in TWO.split():
        total = total + getattr(sw, name)(x, y)
    return total + sw.where(x > y, x * y, x + y) + sw.clip(x, 0.3, 0.4)


CALLS = [(0.25, 0.7), (0.7, 0.25), (0.35, 0.36)]
PATHS = 1
