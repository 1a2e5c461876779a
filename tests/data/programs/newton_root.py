"""A cube root by Newton's method on `.data`, and one last step that carries the gradient (the implicit function rule)."""


def cube_root(a):
    x = 1.0
    for _ in range(100):
        new = x - (x**3 - a.data) / (3 * x**2)
        if abs(new - x) <= 1e-15 * abs(new):
            break
        x = new
    else:
        raise ArithmeticError("Newton's method did not settle")
    return x - (x**3 - a) / (3 * x**2)


def program(a, b):
    return cube_root(a) * b + cube_root(a * b)


CALLS = [(8.0, 3.0), (0.001, 2.0), (27.0, 1.0), (2.0, 2.0)]
KNOWN_GRADIENT = {0: [0.25 + 3.0 / (3 * 24.0 ** (2 / 3)), 2.0 + 8.0 / (3 * 24.0 ** (2 / 3))]}
