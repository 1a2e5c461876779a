"""Dynamic time warping: a table of costs, each the smallest of three by Python's own `min`."""


def program(xs, ys):
    far = 1e9
    row = [0.0] + [far] * len(ys)
    for x in xs:
        new = [far]
        for j, y in enumerate(ys, 1):
            new.append((x - y) ** 2 + min(row[j], new[j - 1], row[j - 1]))
        row = new
    return row[-1]


CALLS = [
    ([0.0, 1.1, 2.3, 1.0], [0.2, 0.9, 1.2, 2.0, 0.7]),
    ([2.0, 1.1, -0.3, 1.0], [0.2, 0.9, 1.2, 2.0, 0.7]),
    ([0.1, 0.0, 5.3, 1.0], [0.2, 0.9, 1.2, 2.0, 9.7]),
]
PATHS = 1
EXACT_PATHS = 3
