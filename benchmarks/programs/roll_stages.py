"""What rolling takes, and machine code after it: a net's loss over more and more samples, and a program without loops.

The net is MLP 4-6-1 with tanh; each sample is written out in Python, and value and gradient are rolled. The answers are
those of the machine code. The program without loops mixes numbers picked at random, and rolling has to give up on it.
"""

import random
from array import array
from statistics import median
from time import perf_counter

import numpy as np
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.passes.differentiate import vjp
from slopewise.passes.rolling import roll_within
from slopewise.tracer import record

EQUATIONS = 1_000_000
REPEATS = 1
FEATURES, HIDDEN = 4, 6
A_SAMPLE = 161  # equations of one sample, those of the gradient too
MOST_NESTS = 100

samples = max(2, EQUATIONS // A_SAMPLE)
draw = np.random.default_rng(1337)
xs = draw.normal(size=(samples, FEATURES)).tolist()
ys = draw.normal(size=samples).tolist()
start = draw.normal(size=HIDDEN * FEATURES + 2 * HIDDEN).tolist()


def loss(w):
    rows = [w[FEATURES * j : FEATURES * (j + 1)] for j in range(HIDDEN)]
    biases, out = w[FEATURES * HIDDEN :][:HIDDEN], w[FEATURES * HIDDEN + HIDDEN :]
    total = 0.0
    for x, y in zip(xs, ys):
        hidden = [sum((a * b for a, b in zip(row, x)), bias).tanh() for row, bias in zip(rows, biases)]
        total = total + (sum(a * h for a, h in zip(out, hidden)) - y) ** 2
    return [total]


def by_numpy(w):
    """Return the loss and its gradient along a direction, by one complex step."""
    rows = np.array(w[: FEATURES * HIDDEN]).reshape(HIDDEN, FEATURES)
    hidden = np.tanh(np.array(xs) @ rows.T + np.array(w[FEATURES * HIDDEN :][:HIDDEN]))
    return ((hidden @ np.array(w[FEATURES * HIDDEN + HIDDEN :]) - np.array(ys)) ** 2).sum()


numbers = random.Random(1337)
picks = [(numbers.randrange(at), numbers.randrange(at)) for at in range(2, EQUATIONS)]
names = numbers.choices(("sin", "cos", "exp", "tanh"), k=len(picks))


def mix(w):
    values = list(w)
    for name, (i, j) in zip(names, picks):
        values.append(getattr(values[i], name)() * values[j])
    return values[len(values) // 2 :]


times = {"roll_s": [], "kernel_s": [], "give_up_s": []}
program = record(loss, start).program
both = vjp(program, range(len(start)))
irregular = record(mix, [0.1, 0.2]).program
for _ in range(REPEATS):
    began = perf_counter()
    loops = roll_within(both, MOST_NESTS)
    rolled = perf_counter()
    kernel = LoopKernel(loops)
    made = perf_counter()
    nothing = roll_within(irregular, MOST_NESTS)
    gave_up = perf_counter()
    assert nothing is None
    for name, s in zip(times, (rolled - began, made - rolled, gave_up - made)):
        times[name].append(s)

inputs, outputs = array("d", start), array("d", bytes(8 * (1 + len(start))))
kernel.run_array(inputs, outputs)
seconds = []
for _ in range(3):
    began = perf_counter()
    kernel.run_array(inputs, outputs)
    seconds.append(perf_counter() - began)
along = draw.normal(size=len(start))
moved = np.array(start) + 1e-30j * along
answers = [outputs[0], float(np.array(outputs[1:]) @ along)]
expected = [float(by_numpy(start)), float(by_numpy(moved).imag / 1e-30)]
extra = {
    "equations": both.n_equations,
    "irregular": irregular.n_equations,
    "nests": loops.n_nests,
    **{name: median(some) for name, some in times.items()},
}
