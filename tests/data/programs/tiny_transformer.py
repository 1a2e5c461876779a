"""A transformer of one layer on lists of lists, in the manner of microgpt: embeddings, attention, a relu block, softmax."""

import random

from slopewise import Value

VOCABULARY, POSITIONS, WIDTH, HEADS = 5, 4, 4, 2
HEAD = WIDTH // HEADS


def matrix(rows, columns):
    return [[Value(random.gauss(0, 0.4)) for _ in range(columns)] for _ in range(rows)]


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


def softmax(logits):
    largest = max(v.data for v in logits)
    exps = [(v - largest).exp() for v in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rms_norm(x):
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def make_loss():
    random.seed(3)
    weights = {"token": matrix(VOCABULARY, WIDTH), "position": matrix(POSITIONS, WIDTH)}
    for name in ("query", "key", "value", "out"):
        weights[name] = matrix(WIDTH, WIDTH)
    weights["up"], weights["down"] = matrix(2 * WIDTH, WIDTH), matrix(WIDTH, 2 * WIDTH)
    weights["head"] = matrix(VOCABULARY, WIDTH)

    def logits_of(token, position, keys, values):
        x = [t + p for t, p in zip(weights["token"][token], weights["position"][position])]
        x = rms_norm(x)
        residual, x = x, rms_norm(x)
        query = linear(x, weights["query"])
        keys.append(linear(x, weights["key"]))
        values.append(linear(x, weights["value"]))
        attended = []
        for head in range(HEADS):
            part = slice(head * HEAD, (head + 1) * HEAD)
            scores = [sum(q * k for q, k in zip(query[part], key[part])) / HEAD**0.5 for key in keys]
            shares = softmax(scores)
            attended += [sum(s * v[part][i] for s, v in zip(shares, values)) for i in range(HEAD)]
        x = [a + b for a, b in zip(linear(attended, weights["out"]), residual)]
        residual, x = x, rms_norm(x)
        x = [h.relu() ** 2 for h in linear(x, weights["up"])]
        x = [a + b for a, b in zip(linear(x, weights["down"]), residual)]
        return linear(x, weights["head"])

    def loss(tokens):
        keys, values, losses = [], [], []
        for position in range(min(POSITIONS, len(tokens) - 1)):
            probabilities = softmax(logits_of(tokens[position], position, keys, values))
            losses.append(-probabilities[tokens[position + 1]].log())
        return sum(losses) * (1 / len(losses))

    return loss, [p for m in weights.values() for row in m for p in row]


CALLS = [([0, 3, 1, 2, 0],), ([2, 2, 4, 1, 3],), ([0, 1, 0],), ([0, 3, 1, 2, 0],)]
