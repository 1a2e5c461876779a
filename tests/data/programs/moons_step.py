"""A step of the moons demo: minibatch and rate come in, loss and accuracy go out, weights change in place."""

import random

import numpy as np

from slopewise import Value
from slopewise.data import moons
from slopewise.nn import MLP

table = moons()
X, y = np.array(table.points("x", "y")), np.array(table.column("label"))


def make_step():
    random.seed(7)
    model = MLP(2, [6, 1])

    def step(Xb, yb, learning_rate):
        scores = [model(list(map(Value, row))) for row in Xb]
        losses = [(1 + -yi * score).relu() for yi, score in zip(yb, scores)]
        total_loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(yb, scores)]

        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        return total_loss, sum(accuracy) / len(accuracy)

    return step, model.parameters()


CALLS = [(X[8 * k : 8 * k + 8], y[8 * k : 8 * k + 8], 1.0 - 0.9 * k / 10) for k in range(10)]
PATHS = 1
