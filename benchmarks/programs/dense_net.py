"""A net of dense layers with relu, and a softmax at the end: scalar code for one row."""

import slopewise as sw
from subjects import digits, wide
from training import train

SUBJECT = digits((64, 64, 10), 1797)
FORM = "ROWS"
STEPS = 4
REPEATS = 3
DTYPE = "float64"


def dense(weights, biases, xs):
    return [sum((w * x for w, x in zip(row, xs)), b) for row, b in zip(weights, biases)]


def loss(parameters, x, y):
    *hidden, weights, biases = parameters
    for at in range(0, len(hidden), 2):
        x = [sw.relu(h) for h in dense(hidden[at], hidden[at + 1], x)]
    logits = dense(weights, biases, x)
    return sw.logsumexp(logits) - sum(t * z for t, z in zip(y, logits))


seconds, answers, expected, extra = train(SUBJECT, loss, FORM, STEPS, REPEATS, DTYPE)
