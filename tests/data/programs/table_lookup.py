"""Interpolation in a table, linear between the entries; `int` of a number is the index, `math.floor` beside it."""

import math

TABLE = [0.0, 0.5, 2.0, 1.5, 1.0, 3.0]


def program(x, heights):
    i = min(max(int(x.data), 0), len(heights) - 2)
    t = x - i
    linear = heights[i] * (1 - t) + heights[i + 1] * t
    j = math.floor(x.data) % len(TABLE)
    return linear**2 + TABLE[j] * x


CALLS = [(0.25, TABLE), (0.75, TABLE), (3.5, TABLE), (4.9, TABLE), (-0.5, TABLE), (7.25, TABLE)]
