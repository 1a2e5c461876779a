"""Quaternions as tuples: turns one after the other, normalised where they have drifted, applied to a vector."""

import slopewise as sw


def times(a, b):
    w, x, y, z = a
    p, q, r, s = b
    return (w * p - x * q - y * r - z * s, w * q + x * p + y * s - z * r, w * r - x * s + y * p + z * q,
            w * s + x * r - y * q + z * p)  # fmt: skip


def turn(axis, angle):
    length = sw.sqrt(sum(a**2 for a in axis))
    half = sw.sin(angle / 2) / length
    return (sw.cos(angle / 2), *(a * half for a in axis))


def program(turns, vector):
    whole = (1.0, 0.0, 0.0, 0.0)
    for axis, angle in turns:
        whole = times(turn(axis, angle), whole)
        norm = sum(q * q for q in whole)
        if abs(norm - 1) > 1e-9:
            whole = tuple(q / sw.sqrt(norm) for q in whole)
    w, *rest = whole
    turned = times(times(whole, (0.0, *vector)), (w, *(-q for q in rest)))
    return turned[1] * 0.5 + turned[2] ** 2 - turned[3], turned


CALLS = [([((0.0, 0.0, 1.0), 0.5), ((1.0, 2.0, -1.0), 1.2)], [1.0, 0.5, -0.25])]
