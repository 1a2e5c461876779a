"""`make large`: ten million operations in one chain; build, sweep, copy the root, clear, free."""

import gc
import time

import pytest

import slopewise.engine
from slopewise import Value

LENGTH = 10_000_000


@pytest.mark.large
def test_ten_million_operations() -> None:
    started = time.perf_counter()
    x = Value(1.0)
    v = x
    w = [Value(0.5), Value(-0.5)]
    for i in range(LENGTH // 2):
        v = v + w[i & 1] * 1.0
    built = time.perf_counter()
    v.backward()
    swept = time.perf_counter()
    assert x.grad == 1.0
    assert w[0].grad == w[1].grad == LENGTH // 4
    v.zero_grad()
    assert x.grad == 0
    cleared = time.perf_counter()
    del v
    freed = time.perf_counter()
    gc.collect()
    print(
        f"\n{LENGTH:,} operations, native={slopewise.engine.NATIVE}: build {built - started:.1f} s, "
        f"backward {swept - built:.2f} s ({(swept - built) / LENGTH * 1e9:.0f} ns each), "
        f"zero_grad {cleared - swept:.2f} s, free {freed - cleared:.2f} s"
    )
