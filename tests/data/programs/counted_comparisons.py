"""Comparisons that are counted and multiplied, never decided on: they cost no paths."""


def program(scores, labels):
    right = sum((score > 0) == (label > 0) for score, label in zip(scores, labels))
    margin = sum((1 - label * score).relu() for score, label in zip(scores, labels))
    gated = sum((score > 0.5) * score for score in scores)
    return margin / len(scores) + 0.1 * gated, right / len(scores)


LABELS = [1.0, -1.0, 1.0, -1.0, 1.0]
CALLS = [
    ([0.7, -0.2, 1.5, 0.4, -0.9], LABELS),
    ([-0.7, 0.2, -1.5, -0.4, 0.9], LABELS),
    ([2.7, 0.2, 1.5, -0.4, -0.9], [-1.0, 1.0, 1.0, -1.0, 1.0]),
]
PATHS = 1
