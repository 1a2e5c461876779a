"""The moons classifier of moons_demo.py under `sw.watch()`; the clock runs over the whole step, update included."""

import random
from contextlib import nullcontext
from time import perf_counter

import numpy as np
import slopewise as sw
from moons_data import make_moons
from slopewise.engine import Value
from slopewise.nn import MLP

WATCH = sw.watch
STEPS = 100

np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=100, noise=0.1)
X, y = X.tolist(), (y * 2 - 1).tolist()

model = MLP(2, [16, 16, 1])


def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum((p * p for p in model.parameters()))


seconds = []
answers = []
with WATCH():
    for k in range(STEPS):
        began = perf_counter()
        total_loss = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        seconds.append(perf_counter() - began)
        answers.append(float(total_loss.data))
answers = answers[:3]
extra = {"whole_s": sum(seconds)}
