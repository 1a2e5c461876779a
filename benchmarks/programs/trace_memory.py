"""How much memory recording takes at its peak, for each equation: the chain v + w[i] * w[j], an equation each + and *."""

import gc
import os
import resource
import sys

from slopewise.backends.replay import Kernel
from slopewise.tracer import record

EQUATIONS = 4_000_000
LEAVES = 1_000


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def chain(w, equations):
    v = w[0]
    i = 0
    for _ in range(equations // 2):
        i = (i * 7 + 1) % LEAVES
        v = v + w[i] * w[i - 1]
    return [v]


numbers = [1.0 + i / LEAVES for i in range(LEAVES)]
record(lambda w: chain(w, 2_000), numbers)  # whatever is made once has been made
gc.collect()

before = resident_bytes()
trace = record(lambda w: chain(w, EQUATIONS), numbers)
peak = peak_bytes()

seconds = []
expected = chain(numbers, EQUATIONS)
answers = Kernel(trace.program).run(numbers)
extra = {
    "peak": (peak - before) / trace.program.n_equations,
    "program": trace.program.n_bytes / trace.program.n_equations,
}
