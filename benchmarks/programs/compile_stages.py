"""What compiling takes, stage by stage: record a function, differentiate and simplify it, lower it, replay it.

The function mixes numbers: x = w y + v z, with y and z picked among the last WINDOW numbers, and w + v = 1, so that
nothing grows. One equation is one * or one +. The answers are its value and its slopes by every w and v, which a loop
over plain floats gives as well.
"""

import random
from array import array
from statistics import median
from time import perf_counter

from slopewise import Value
from slopewise.backends.replay import Kernel
from slopewise.passes.differentiate import vjp
from slopewise.passes.simplify import simplify
from slopewise.tracer import record

EQUATIONS = 1_000_000
WINDOW = 1_000
REPEATS = 1
REPLAYS = 5
LEAVES = 500

draw = random.Random(1337)
weights = [draw.uniform(0.2, 0.8) for _ in range(LEAVES)]
weights += [1.0 - w for w in weights]
picks = []
unused = set(range(LEAVES))
for at in range(LEAVES, LEAVES + EQUATIONS // 3):
    low = max(0, at - WINDOW)
    k, i, j = at % LEAVES, draw.randrange(low, at), draw.randrange(low, at)
    picks.append((k, i, j))
    unused.discard(i)
    unused.discard(j)
    unused.add(at)
unused = sorted(unused)


def mix(ws):
    xs = ws[:LEAVES]
    for k, i, j in picks:
        xs.append(ws[k] * xs[i] + ws[LEAVES + k] * xs[j])
    return [sum(xs[i] for i in unused)]


def by_hand():
    """Return the value and its slopes, from plain floats."""
    xs = weights[:LEAVES]
    for k, i, j in picks:
        xs.append(weights[k] * xs[i] + weights[LEAVES + k] * xs[j])
    bars, slopes = [0.0] * len(xs), [0.0] * (2 * LEAVES)
    for i in unused:
        bars[i] = 1.0
    for at in range(len(xs) - 1, LEAVES - 1, -1):
        k, i, j = picks[at - LEAVES]
        bar = bars[at]
        slopes[k] += bar * xs[i]
        slopes[LEAVES + k] += bar * xs[j]
        bars[i] += bar * weights[k]
        bars[j] += bar * weights[LEAVES + k]
    for i in range(LEAVES):
        slopes[i] += bars[i]
    return [sum(xs[i] for i in unused), *slopes]


expected = by_hand()

began = perf_counter()
graph = mix([Value(w) for w in weights])
eager_s = perf_counter() - began
del graph

times = {"trace_s": [], "passes_s": [], "lower_s": []}
for _ in range(REPEATS):
    began = perf_counter()
    trace = record(mix, weights)
    traced = perf_counter()
    both = simplify(vjp(trace.program, range(2 * LEAVES)))
    passed = perf_counter()
    kernel = Kernel(both)
    lowered = perf_counter()
    for name, s in zip(times, (traced - began, passed - traced, lowered - passed)):
        times[name].append(s)

inputs, outputs = array("d", weights), array("d", bytes(8 * (1 + 2 * LEAVES)))
kernel.run_array(inputs, outputs)  # its buffers are made at the first time
seconds = []
for _ in range(REPLAYS):
    began_replay = perf_counter()
    kernel.run_array(inputs, outputs)
    seconds.append(perf_counter() - began_replay)
answers = list(outputs)

extra = {
    "equations": trace.program.n_equations,
    "equations_both": both.n_equations,
    **{name: median(some) for name, some in times.items()},
    "eager_s": eager_s,
    "program_bytes": both.n_bytes,
}
