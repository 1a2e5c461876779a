"""Insertion sort by comparing Values, ranks as weights; `sorted` with and without a key beside it."""


def insertion_sorted(values):
    values = list(values)
    for i in range(1, len(values)):
        j = i
        while j > 0 and values[j] < values[j - 1]:
            values[j], values[j - 1] = values[j - 1], values[j]
            j -= 1
    return values


def program(values):
    ours = insertion_sorted(values)
    theirs = sorted(values)
    by_key = sorted(values, key=lambda v: -v.data)
    weighted = sum((rank + 1) * v for rank, v in enumerate(ours))
    return weighted + 0.5 * theirs[0] * theirs[-1] + by_key[0] ** 2, ours


CALLS = [([3.0, 1.0, 2.0],), ([1.0, 2.0, 3.0],), ([2.5, -1.0, 2.5],), ([0.5, 9.0, -3.0],)]
DETACHED = "ties: the gradient takes the order of equal values"
