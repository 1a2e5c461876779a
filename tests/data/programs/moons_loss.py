"""The loss of micrograd's moons demo: hinge on a minibatch, a penalty for large weights, and the accuracy beside it."""

import random

import numpy as np

from slopewise import Value
from slopewise.data import moons
from slopewise.nn import MLP

table = moons()
X, y = np.array(table.points("x", "y")), np.array(table.column("label"))


def make_loss():
    random.seed(1337)
    model = MLP(2, [8, 8, 1])

    def loss(Xb, yb):
        inputs = [list(map(Value, xrow)) for xrow in Xb]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
        return data_loss + reg_loss, sum(accuracy) / len(accuracy)

    return loss, model.parameters()


CALLS = [(X[:10], y[:10]), (X[10:20], y[10:20]), (X[37:47], y[37:47])]
PATHS = 1
