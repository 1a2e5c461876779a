"""A B-spline by de Boor's recursion: the interval is found with `bisect`, pieces are remembered in a dict."""

from bisect import bisect_right

KNOTS = [0.0, 0.0, 0.0, 1.0, 2.5, 4.0, 4.0, 4.0]


def program(points, x):
    degree = 2
    k = min(max(bisect_right(KNOTS, x.data) - 1, degree), len(points) - 1)
    known = {}

    def piece(i, r):
        if r == 0:
            return points[i]
        if (i, r) not in known:
            share = (x - KNOTS[i]) / (KNOTS[i + degree + 1 - r] - KNOTS[i])
            known[i, r] = (1 - share) * piece(i - 1, r - 1) + share * piece(i, r - 1)
        return known[i, r]

    return piece(k, degree)


POINTS = [1.0, 3.0, -1.0, 2.0, 0.5]
CALLS = [(POINTS, 0.4), (POINTS, 1.0001), (POINTS, 3.9), (POINTS, 2.0)]
