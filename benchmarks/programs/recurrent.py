"""A recurrent net: tanh units read four numbers at each time; after the last one, a line through their states."""

import slopewise as sw
from subjects import recurrent
from training import train

SUBJECT = recurrent(32, 50, 16)
FORM = "ROWS"
STEPS = 8
REPEATS = 3


def loss(parameters, xs, y):
    from_input, from_state, biases, weights, last = parameters
    state = [0.0] * len(biases)
    for x in xs:
        state = [
            sw.tanh(sum(w * a for w, a in zip(u, x)) + sum(w * h for w, h in zip(v, state)) + b)
            for u, v, b in zip(from_input, from_state, biases)
        ]
    guess = sum((w * h for w, h in zip(weights[0], state)), last[0])
    return (guess - y) ** 2


seconds, answers, expected, extra = train(SUBJECT, loss, FORM, STEPS, REPEATS)
