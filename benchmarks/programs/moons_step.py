"""A moons classifier like micrograd's demo, its loop body a compiled function: loss, backward, update, schedule.

Hinge loss plus L2 penalty on all 100 points, MLP 2-16-16-1, gradient descent with a falling rate. The clock runs over
whole steps, a hundred at a time, from the same start.
"""

import random
from time import perf_counter

import numpy as np
import slopewise as sw
from moons_data import make_moons
from repeating import repeat
from slopewise.engine import Value
from slopewise.nn import MLP
from subjects import answers_of, expected_of, moons

POINTS = 100
STEPS = 100
REPEATS = 9


np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=POINTS, noise=0.1)
y = y * 2 - 1

model = MLP(2, [16, 16, 1])


def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    return data_loss + 1e-4 * sum((p * p for p in model.parameters()))


@sw.compile
def step(k):
    total_loss = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    return total_loss


def plain(found):
    return float(getattr(found, "data", found))  # a Value where the step is not compiled


start = [p.data for p in model.parameters()]
began = perf_counter()
first = plain(step(0))
extra = {"first_s": perf_counter() - began}
gradient = []
for layer in model.layers:
    gradient += [np.array([[w.grad for w in n.w] for n in layer.neurons]), np.array([n.b.grad for n in layer.neurons])]

seconds = []
warm = int(hasattr(step, "map"))  # the first run prepares the loop of steps, as the peers' does
for _ in range(REPEATS + warm):
    for p, number in zip(model.parameters(), start):
        p.data = number
    began = perf_counter()
    losses = repeat(step, STEPS)
    seconds.append((perf_counter() - began) / STEPS)
seconds = seconds[warm:]
subject = moons(POINTS)
answers = answers_of(subject, first, gradient, [plain(one) for one in losses[:3]])
expected = expected_of(subject)
