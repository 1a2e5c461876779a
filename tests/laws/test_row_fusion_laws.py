"""Kernels whose rows are fused give what the Loops of these rows give."""

import math
import random

import pytest
from test_roll_laws import Weaver

from slopewise import ir
from slopewise.backends.llvm import availability, rows, written_out
from slopewise.backends.llvm.fusion import fuse
from slopewise.backends.llvm.kernel import LoopKernel
from slopewise.backends.llvm.prepared import prepare
from slopewise.passes.rolling import roll
from slopewise.passes.row_axis import with_rows
from slopewise.passes.row_blocks import Block

pytestmark = pytest.mark.skipif(not availability.is_available(), reason="there is no llvmlite")


@pytest.mark.parametrize("block", range(3))
def test_random_programs_over_rows(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_out, "LEAST_ROWS", 2)
    monkeypatch.setattr(rows._Group, "pays", lambda self: True)
    n_fused = 0
    for seed in range(20 * block, 20 * block + 20):
        program, chance = Weaver(seed).weave(), random.Random(seed)
        tables = [chance.choice([0, 0, -1]) for _ in range(program.n_inputs)]
        tables = tables if 0 in tables else [0] * len(tables)
        reduction = chance.choice(["none", "sum"])
        loops = with_rows(roll(program), chance.choice([9, 17, 24]), tables, [Block(program.n_outputs, reduction)])
        prepared = fuse(prepare(loops), loops)
        n_fused += rows.fuse_rows(prepared, loops).body != prepared.body
        inputs = [chance.uniform(0.2, 1.2) for _ in range(loops.n_inputs)]
        expected, found = ir.interpret_loops(loops, inputs), LoopKernel(loops).run(inputs)
        for one, other in zip(expected, found, strict=True):
            is_same = one == other or (math.isnan(one) and math.isnan(other))
            assert is_same or one == pytest.approx(other, rel=1e-9, abs=1e-11), seed
    assert n_fused >= 5
