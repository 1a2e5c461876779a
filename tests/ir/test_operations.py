"""The codes of a program: saved programs hold them, so they never change; the C types know the same numbers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from slopewise import ir
from slopewise.ir import operations
from slopewise.ops import CODE, TABLE
from slopewise.ops.arithmetic import ARITHMETIC

FROZEN = """
    input add multiply power power_value modulo absolute relu tanh exp exp2 expm1 log log2 log10 log1p sqrt square sin cos
    tan asin acos atan atan2 sinh cosh asinh acosh atanh sigmoid softplus leaky_relu elu gelu silu erf maximum minimum
    where hypot
""".split()
FROZEN_ARITHMETIC = """
    subtract negate divide floor_divide floor ceil truncate round less less_equal greater greater_equal equal not_equal
    detach attach
""".split()


def test_codes_never_change() -> None:
    assert [ir.name_of(code) for code in range(len(FROZEN))] == FROZEN
    assert [ir.name_of(code) for code in range(64, 64 + len(FROZEN_ARITHMETIC))] == FROZEN_ARITHMETIC
    assert ir.name_of(63) == "constant"
    assert [ir.code_of(name) for name in FROZEN] == list(range(len(FROZEN)))


def test_the_table_has_room_below_the_constant() -> None:
    assert len(TABLE) <= operations.CONSTANT
    assert all(ir.code_of(name) == code for name, code in CODE.items() if name != "leaf")
    assert {row.name for row in TABLE}.isdisjoint(row.name for row in ARITHMETIC)


def test_the_c_types_hold_the_same_numbers() -> None:
    types = Path(operations.__file__).with_suffix(".pxd").read_text(encoding="utf-8")
    there = {name: int(number) for name, number in re.findall(r"^    ([A-Z0-9_]+) = (\d+)$", types, re.MULTILINE)}
    here = {name: number for name, number in vars(operations).items() if name.isupper() and type(number) is int}
    assert there == here
    assert len(here) == len(TABLE) - 1 + len(ARITHMETIC) + 4


@pytest.mark.parametrize("code", [*range(1, len(TABLE)), *range(64, 64 + len(ARITHMETIC))])
def test_every_row_takes_its_operands_and_gives_a_slope_for_each(code: int) -> None:
    row = ir.row_of(code)
    assert ir.arity_of(code) == row.arity == operations.ARITY[code]
    operands = (0.3, 0.7, 0.2)[: row.arity]
    result = row.value(*operands)
    assert len(row.derivative(*operands, result)) == row.arity


@pytest.mark.parametrize("code", [-1, 41, 62, 80, 255, 256])
def test_a_code_that_means_nothing(code: int) -> None:
    assert ir.name_of(code) == ""
    for asked in (ir.row_of, ir.arity_of):
        with pytest.raises(KeyError):
            asked(code)


def test_inputs_and_constants_take_nothing_and_have_no_row() -> None:
    for code in (ir.INPUT, ir.CONSTANT):
        assert ir.arity_of(code) == 0
        with pytest.raises(KeyError):
            ir.row_of(code)
    with pytest.raises(KeyError):
        ir.code_of("sine")


def test_the_room_loads_no_numpy() -> None:
    program = "import sys; import slopewise.ir; print(sorted({'numpy', 'scipy'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
