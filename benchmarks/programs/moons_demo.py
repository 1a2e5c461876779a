"""A moons classifier in the manner of micrograd's public demo: a user's program, run as it stands.

Hinge loss plus L2 penalty on all 100 points, MLP 2-16-16-1, plain gradient descent. The clock runs over forward,
zeroing and backward; the previous step's graph is given back while it runs, as in any user's loop.
"""

import random
from time import perf_counter

import numpy as np
from micrograd.engine import Value
from micrograd.nn import MLP
from moons_data import make_moons

STEPS = 13

np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=100, noise=0.1)
y = y * 2 - 1

model = MLP(2, [16, 16, 1])


def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    penalty = 1e-4 * sum((p * p for p in model.parameters()))
    accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores)]
    return data_loss + penalty, sum(accuracy) / len(accuracy)


seconds = []
answers = []
for k in range(STEPS):
    began = perf_counter()
    total_loss, accuracy = loss()
    model.zero_grad()
    total_loss.backward()
    seconds.append(perf_counter() - began)

    answers.append(float(total_loss.data))
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
