"""`and`, `or`, `not`, chained and negated comparisons, a bool and a string and None among the arguments."""


def program(x, y, flip=False, mode="sum", extra=None):
    if not flip and (x > 0 or y > 0) and not x > 2 * y:
        total = x * y
    elif x <= y <= 3.0 or flip:
        total = x - y**2
    else:
        total = x / (1 + y**2)
    if mode == "sum":
        total = total + x + y
    elif mode == "product":
        total = total * x * y
    if extra is not None:
        total = total * extra
    weight = 1.0 if x != y else 2.0
    return total * weight + (x.data == y.data) * x


CALLS = [
    (0.5, 1.5),
    (0.5, 1.5, True),
    (-0.5, -1.5, False, "product"),
    (3.0, 1.0, False, "product", 0.5),
    (-2.0, -1.0, False, "none"),
]
