"""The lecture's training step as one compiled function: MLP 3-4-4-1 with tanh, four samples, rate 0.1."""

import random
from time import perf_counter

import numpy as np
import slopewise as sw
from repeating import repeat
from slopewise.lecture import MLP
from subjects import answers_of, expected_of, lecture

STEPS = 2_000
REPEATS = 9

random.seed(1337)
xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
n = MLP(3, [4, 4, 1])


@sw.compile
def step(k):
    ypred = [n(x) for x in xs]
    loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
    for p in n.parameters():
        p.grad = 0.0
    loss.backward()
    for p in n.parameters():
        p.data += -0.1 * p.grad
    return loss


start = [p.data for p in n.parameters()]
first = float(step(0))
gradient = []
for layer in n.layers:
    gradient += [np.array([[w.grad for w in one.w] for one in layer.neurons])]
    gradient += [np.array([one.b.grad for one in layer.neurons])]

seconds = []
for _ in range(REPEATS):
    for p, number in zip(n.parameters(), start):
        p.data = number
    began = perf_counter()
    losses = repeat(step, STEPS)
    seconds.append((perf_counter() - began) / STEPS)
subject = lecture()
answers = answers_of(subject, first, gradient, [float(one) for one in losses[:3]])
expected = expected_of(subject)
