"""The forward algorithm of a hidden Markov model in logarithms; what was seen is a tuple of ints, all of them indices."""

import slopewise as sw


def log_softmax(row):
    norm = sw.logsumexp(row)
    return [v - norm for v in row]


def program(start, moves, shows, seen):
    start = log_softmax(start)
    moves, shows = [log_softmax(row) for row in moves], [log_softmax(row) for row in shows]
    forward = [s + show[seen[0]] for s, show in zip(start, shows)]
    for symbol in seen[1:]:
        forward = [
            sw.logsumexp([f + moves[i][j] for i, f in enumerate(forward)]) + shows[j][symbol]
            for j in range(len(start))
        ]
    return sw.logsumexp(forward)


MODEL = ([0.1, -0.2], [[0.5, -0.5], [-0.3, 0.2]], [[0.1, 0.2, 0.3], [1.0, -1.0, 0.0]])
CALLS = [(*MODEL, (0, 1, 2, 1, 0)), (*MODEL, (2, 2, 2, 1, 0))]
