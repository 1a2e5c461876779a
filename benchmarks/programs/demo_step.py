"""The loop of a moons classifier like micrograd's public demo, its body a function: nothing else is changed.

The clock runs over whole steps: loss and accuracy, zeroing, backward, update.
"""

import random
from time import perf_counter

import numpy as np
import slopewise as sw
from slopewise.engine import Value
from slopewise.nn import MLP
from moons_data import make_moons
from subjects import expected_of, moons

POINTS = 100
STEPS = 100

np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=POINTS, noise=0.1)
y = y * 2 - 1

model = MLP(2, [16, 16, 1])


def loss(batch_size=None):
    if batch_size is None:
        Xb, yb = X, y
    else:
        ri = np.random.permutation(X.shape[0])[:batch_size]
        Xb, yb = X[ri], y[ri]
    inputs = [list(map(Value, xrow)) for xrow in Xb]

    scores = list(map(model, inputs))
    losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(yb, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum((p * p for p in model.parameters()))
    total_loss = data_loss + reg_loss

    accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(yb, scores)]
    return total_loss, sum(accuracy) / len(accuracy)


@sw.compile
def step(k):
    total_loss, acc = loss()

    model.zero_grad()
    total_loss.backward()

    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    return total_loss, acc


seconds, answers = [], []
for k in range(STEPS):
    began = perf_counter()
    total_loss, acc = step(k)
    seconds.append(perf_counter() - began)
    answers += [float(getattr(total_loss, "data", total_loss)), float(acc)]
first_s = seconds.pop(0)
extra = {"first_s": first_s}
answers = answers[:8]
expected = expected_of(moons(POINTS))[:1]
