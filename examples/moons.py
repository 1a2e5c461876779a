"""Micrograd's moons demo: a net learns to tell two half moons apart, 100 steps on all 100 points.

    python examples/moons.py                  # numbers
    python examples/moons.py boundary.png     # and the boundary that it draws

Only the imports differ from code written for micrograd: `from micrograd.engine import Value` and
`from micrograd.nn import MLP`. The points are the demo's own and ship with slopewise.
"""

import random
import sys

import numpy as np

from slopewise.data import moons
from slopewise.engine import Value
from slopewise.nn import MLP

table = moons()
X, y = np.array(table.points("x", "y")), np.array(table.column("label"))

random.seed(1337)
model = MLP(2, [16, 16, 1])
print(model)
print("number of parameters", len(model.parameters()))


def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))

    # max-margin loss, plus a little for large weights
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())

    accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores, strict=True)]
    return data_loss + reg_loss, sum(accuracy) / len(accuracy)


for k in range(100):
    total_loss, acc = loss()

    model.zero_grad()
    total_loss.backward()

    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad

    print(f"step {k} loss {total_loss.data}, accuracy {acc * 100}%")

if len(sys.argv) > 1:
    from slopewise.drawing import new_axes, plot_boundary, save_picture

    save_picture(plot_boundary(model, X, y, title="after 100 steps", ax=new_axes()), sys.argv[1])
    print("boundary in", sys.argv[1])
