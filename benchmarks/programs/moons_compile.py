"""What the first call of the compiled moons step takes: recording, passes, lowering, and the call; imports are done."""

import os
import tempfile
from time import perf_counter

# Where compiled code is kept between processes: a fresh folder, or one that the process before has filled.
FOLDER = tempfile.mkdtemp()
os.environ["XDG_CACHE_HOME"] = FOLDER

import random

import numpy as np
import slopewise as sw
import slopewise.backends.llvm.kernel
import slopewise.backends.llvm.remembered
import slopewise.passes.rolling
from moons_data import make_moons
from slopewise.backends.llvm import availability
from slopewise.engine import Value
from slopewise.nn import MLP

POINTS = 100

np.random.seed(1337)
random.seed(1337)
X, y = make_moons(n_samples=POINTS, noise=0.1)
y = y * 2 - 1
sw.compile(lambda x: x.tanh() * x)(1.0)
availability.is_available()  # what is loaded late is loaded: llvmlite, too

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


began = perf_counter()
first = step(0)
seconds = [perf_counter() - began]
answers = [float(first), float(step(1))]
extra = {"equations": step.program.n_equations}
