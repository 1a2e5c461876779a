"""How many bytes an operation's node takes: the process's memory before and after a million of them."""

import gc
import os
import sys

from slopewise import Value

OPERATIONS = 1_000_000
SWEEPS = 1
LEAVES = 1_000


def resident_bytes():
    """Return the memory that the process holds: now, where the system tells, else at its peak."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def chain(operations):
    v = Value(0.0)
    i = 0
    for _ in range(operations // 2):
        i = (i * 7 + 1) % LEAVES
        v = v + w[i] * w[i - 1]
    return v


w = [Value(1.0 + i / LEAVES) for i in range(LEAVES)]
chain(2_000)  # whatever is made once has been made
gc.collect()

before = resident_bytes()
v = chain(OPERATIONS)
gc.collect()
built = resident_bytes()
for _ in range(SWEEPS):
    v.backward()
gc.collect()
swept = resident_bytes()

seconds = []
answers = [v.data]
extra = {
    "built": (built - before) / OPERATIONS,
    "swept": (swept - before) / OPERATIONS,
    "getsizeof": sys.getsizeof(v),
}
sys.stdout.flush()
