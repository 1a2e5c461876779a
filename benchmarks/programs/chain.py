"""A long chain of `v + w[i] * w[j]`: build it, sweep it back three times, give it back. One operation is one node.

The answers are the gradients of every `w`, which plain arithmetic gives as well: each `w[i] * w[j]` hands `w[j]` to i
and `w[i]` to j.
"""

import random
from time import perf_counter

from slopewise import Value

OPERATIONS = 1_000_000
SWEEPS = 3
LEAVES = 1_000

draw = random.Random(1337)
numbers = [draw.uniform(-1, 1) for _ in range(LEAVES)]
pairs = [(draw.randrange(LEAVES), draw.randrange(LEAVES)) for _ in range(10_007)]

seconds = []
answers = []
w = [Value(x) for x in numbers]
v = Value(0.0)
count = 0
began = perf_counter()
while count < OPERATIONS:
    for i, j in pairs[: (OPERATIONS - count) // 2]:
        v = v + w[i] * w[j]
    count += 2 * min(len(pairs), (OPERATIONS - count) // 2)
build_s = perf_counter() - began

for _ in range(SWEEPS):
    for leaf in w:
        leaf.grad = 0.0
    began = perf_counter()
    v.backward()
    seconds.append(perf_counter() - began)
answers = [leaf.grad for leaf in w]

began = perf_counter()
del v
free_s = perf_counter() - began

expected = [0.0] * LEAVES
rounds, rest = divmod(OPERATIONS // 2, len(pairs))
for position, (i, j) in enumerate(pairs):
    times = rounds + (position < rest)
    expected[i] += times * numbers[j]
    expected[j] += times * numbers[i]

extra = {"build_s": build_s, "free_s": free_s}
