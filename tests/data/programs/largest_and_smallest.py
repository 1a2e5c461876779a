"""Python's `max` and `min` in their forms: several arguments, one list, a plain number beside, a key, a default, nested."""


def program(xs, floor):
    clipped = [max(x, floor) for x in xs]
    top, bottom = max(clipped), min(xs[0], xs[1], 5.0)
    by_size = max(xs, key=lambda v: abs(v.data))
    where = min(range(len(xs)), key=lambda i: xs[i].data)
    none = max([], default=2.0)
    spread = max(max(pair) - min(pair) for pair in zip(xs, xs[1:]))
    return top * bottom + by_size**2 + where * xs[where] * none + spread


CALLS = [([0.5, -2.0, 1.5], 0.0), ([-3.0, 0.3, 1.0], 0.2), ([9.0, 7.0, 8.0], 7.5)]
