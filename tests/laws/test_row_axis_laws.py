"""Loops for many rows compute what the Loops of one row compute, row by row; sums over the rows to rounding."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loop_programs import loops_programs
from test_roll_laws import Weaver

from programs import CALM, points, quick
from slopewise import ir
from slopewise.ir.loops import Loops
from slopewise.passes.rolling import roll
from slopewise.passes.row_axis import with_rows
from slopewise.passes.row_blocks import MEAN, NONE, SUM, Block
from slopewise.passes.row_lines import rows_in_a_line


def check(loops: Loops, n_rows: int, tables: Sequence[int], blocks: Sequence[Block], rows: list[list[float]]) -> None:
    """Compare with the Loops of one row, on rows that have the same numbers where they share them."""
    compare(
        with_rows(loops, n_rows, tables, blocks), [ir.interpret_loops(loops, row) for row in rows], tables, blocks, rows
    )


def compare(
    many: Loops,
    of_rows: list[list[float]],
    tables: Sequence[int],
    blocks: Sequence[Block],
    rows: list[list[float]],
    *,
    is_strict: bool = True,
) -> None:
    if is_strict:
        ir.verify_loops(many)
    n_rows = len(rows)
    given = [x for x, table in zip(rows[0], tables, strict=True) if table < 0]
    for number in range(max(tables, default=-1) + 1):
        for row in rows:
            given += [x for x, table in zip(row, tables, strict=True) if table == number]
    assert many.n_inputs == len(given)
    found = ir.interpret_loops(many, given)
    expected: list[float] = []
    begin = 0
    for block in blocks:
        parts = [row[begin : begin + block.length] for row in of_rows]
        begin += block.length
        if block.reduction == NONE:
            expected += [x for part in parts for x in part]
        else:
            totals = [sum(column) for column in zip(*parts, strict=True)]
            expected += [x / n_rows for x in totals] if block.reduction == MEAN else totals
    assert len(found) == len(expected)
    for x, y in zip(expected, found, strict=True):
        # beyond, partial sums in another order overflow
        assert (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or not abs(x) < 1e100


def drawn_blocks(chance: random.Random, n_outputs: int) -> list[Block]:
    """Cut outputs into blocks of random lengths."""
    blocks, left = [], n_outputs
    only = chance.choice([None, NONE, SUM, MEAN])
    while left:
        length = chance.choice([left, chance.randint(1, left)])
        blocks.append(Block(length, only or chance.choice([NONE, SUM, MEAN])))
        left -= length
    return blocks


def drawn_tables(chance: random.Random, n_inputs: int) -> list[int]:
    """Say where each input comes from: a few runs, or at random."""
    if chance.random() < 0.3:
        found = [chance.randint(-1, 1) for _ in range(n_inputs)]
    else:
        cuts = sorted(chance.randint(0, n_inputs) for _ in range(3))
        found = [chance.choice([-1, 0, 1, 2])] * cuts[0] + [chance.choice([-1, 0])] * (cuts[1] - cuts[0])
        found += [1] * (cuts[2] - cuts[1]) + [-1] * (n_inputs - cuts[2])
    used = sorted({table for table in found if table >= 0})
    return [used.index(table) if table >= 0 else -1 for table in found]


def drawn_rows(chance: random.Random, n_rows: int, tables: Sequence[int]) -> list[list[float]]:
    first = [chance.choice(CALM) for _ in tables]
    return [first] + [
        [x if table < 0 else chance.choice(CALM) for x, table in zip(first, tables, strict=True)]
        for _ in range(n_rows - 1)
    ]


@given(st.data())
@quick
def test_random_loops(data: st.DataObject) -> None:
    loops = data.draw(loops_programs(most=4))
    chance = random.Random(data.draw(st.integers(0, 1 << 30)))
    n_rows = chance.choice([1, 2, 3, 5])
    tables = drawn_tables(chance, loops.n_inputs)
    rows = drawn_rows(chance, n_rows, tables)
    if rows[0]:
        rows[0] = data.draw(points(loops.n_inputs, st.sampled_from(CALM)))
        rows = [rows[0]] + [
            [a if t < 0 else b for a, b, t in zip(rows[0], row, tables, strict=True)] for row in rows[1:]
        ]
    check(loops, n_rows, tables, drawn_blocks(chance, loops.n_outputs), rows)


@pytest.mark.parametrize("block", range(4))
def test_rolled_programs(block: int) -> None:
    for seed in range(60 * block, 60 * block + 60):
        program = Weaver(seed).weave()
        chance = random.Random(seed)
        n_rows = chance.choice([1, 2, 5, 17])
        tables = drawn_tables(chance, program.n_inputs)
        check(
            roll(program), n_rows, tables, drawn_blocks(chance, program.n_outputs), drawn_rows(chance, n_rows, tables)
        )


@pytest.mark.parametrize("block", range(2))
def test_programs_in_a_line(block: int) -> None:
    for seed in range(60 * block, 60 * block + 60):
        program = Weaver(seed).weave()
        chance = random.Random(seed)
        n_rows = chance.choice([1, 2, 5])
        tables, blocks = drawn_tables(chance, program.n_inputs), drawn_blocks(chance, program.n_outputs)
        rows = drawn_rows(chance, n_rows, tables)
        many = rows_in_a_line(program, n_rows, tables, blocks)
        compare(many, [ir.interpret(program, row) for row in rows], tables, blocks, rows)
