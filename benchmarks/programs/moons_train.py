"""From start to a trained moons net, to be run as a new process: a hundred steps of the compiled loop body."""

import random

import numpy as np
import slopewise as sw
from moons_data import make_moons
from repeating import repeat
from slopewise.engine import Value
from slopewise.nn import MLP

POINTS = 100
STEPS = 100

np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=POINTS, noise=0.1)
y = y * 2 - 1
model = MLP(2, [16, 16, 1])


@sw.compile
def step(k):
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
    total_loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum((p * p for p in model.parameters()))
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    return total_loss


losses = repeat(step, STEPS)
seconds = []
answers = [float(one) for one in losses[:3]]
