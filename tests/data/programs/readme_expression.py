"""The expression of micrograd's README, in-place operators and numbers on either side."""


def program(a, b):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


CALLS = [(-4.0, 2.0), (1.5, -0.5), (0.25, 3.0)]
KNOWN = {0: 24.70408163265306}
KNOWN_GRADIENT = {0: [138.83381924198252, 645.5772594752186]}
PATHS = 1
