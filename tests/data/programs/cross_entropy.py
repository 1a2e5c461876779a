"""Cross-entropy of logits against a class given as an int, which is an index; the maximum over `.data` taken out."""

import slopewise as sw


def program(logits, target):
    largest = max(v.data for v in logits)
    exps = [sw.exp(v - largest) for v in logits]
    total = sum(exps)
    probabilities = [e / total for e in exps]
    return -sw.log(probabilities[target]), probabilities


CALLS = [([1.0, 2.0, 3.0, -1.0], 2), ([1.0, 2.0, 3.0, -1.0], 0), ([5.0, 2.0, 3.0, 700.0], 3), ([0.1, 0.1, 0.0, 0.1], -1)]
