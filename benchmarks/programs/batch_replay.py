"""Value and gradient of a small net's loss for every sample of a batch: replayed in lanes, weights shared."""

import random
from time import perf_counter

import numpy as np

from slopewise import Value
from slopewise.backends.replay import Kernel
from slopewise.nn import MLP
from slopewise.passes.differentiate import vjp
from slopewise.passes.simplify import simplify
from slopewise.tracer import record

ROWS = 256
REPEATS = 15

random.seed(1337)
model = MLP(2, [16, 16, 1])
parameters = model.parameters()


def loss(numbers):
    *weights, x, y, label = numbers
    at = iter(weights)
    h = [x, y]
    for layer in model.layers:
        h = [
            neuron_of([next(at) for _ in neuron.w], next(at), h, neuron.nonlin)
            for neuron in layer.neurons
        ]
    return [(1.0 - label * h[0]).relu()]


def neuron_of(w, b, x, nonlin):
    total = sum((wi * xi for wi, xi in zip(w, x)), b)
    return total.relu() if nonlin else total


weights = [float(p.data) for p in parameters]
draw = random.Random(7)
samples = [(draw.uniform(-1, 2), draw.uniform(-1, 1), draw.choice([-1.0, 1.0])) for _ in range(ROWS)]

program = simplify(vjp(record(loss, [*weights, *samples[0]]).program, range(len(weights))))
kernel = Kernel(program)
columns = [*weights, *(np.array(column) for column in zip(*samples))]

kernel.run_batch(columns, ROWS)
seconds = []
for _ in range(REPEATS):
    began = perf_counter()
    outputs = kernel.run_batch(columns, ROWS)
    seconds.append((perf_counter() - began) / (program.n_equations * ROWS))

# Some rows in full, each by the engine: value and gradient.
answers, expected = [], []
for row in range(0, ROWS, max(1, ROWS // 8)):
    answers += [float(column[row]) for column in outputs]
    leaves = [Value(n) for n in (*weights, *samples[row])]
    [root] = loss(leaves)
    root.backward()
    expected += [float(root.data), *(float(leaf.grad) for leaf in leaves[: len(weights)])]
extra = {"equations": program.n_equations}
