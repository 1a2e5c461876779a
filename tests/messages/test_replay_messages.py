"""What a kernel says when its inputs do not fit."""

from collections.abc import Callable
from typing import Any

import pytest

from slopewise import ir
from slopewise.backends.replay import Kernel
from slopewise.errors import NumberError, ShapeError

KERNEL = Kernel(ir.parse("program(%0 x, %1 y) { %2 = add %0 %1; return %2 }"))


LENGTHS = """\
column 1 (y) holds 1 number, and there are 2 rows
all columns are of one length; a single number is shared by all rows"""
A_HALF: Any = 1.5


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: KERNEL.run([1.0]), ShapeError, "the program takes 2 inputs (x, y), got 1 number"),
        (lambda: KERNEL.run_batch([1.0] * 3, 2), ShapeError, "the program takes 2 inputs (x, y), got 3 columns"),
        (
            lambda: KERNEL.run_batch([[1.0, 2.0], [1.0]]),
            ShapeError,
            LENGTHS,
        ),
        (
            lambda: KERNEL.run_batch([1.0, 2.0]),
            ShapeError,
            "no column says how many rows there are\ngive rows=, or a sequence of numbers for at least one input",
        ),
        (lambda: KERNEL.run_batch([1.0, 2.0], A_HALF), ShapeError, "rows is 1.5; a whole number from 0 on is needed"),
        (
            lambda: KERNEL.run_batch([1.0, ["a"]], 1),
            NumberError,
            "column 1 (y) is no number and no sequence of numbers: list ['a']",
        ),
        (
            lambda: KERNEL.run_batch([1.0, [2.0]], 1, out=[[0.0]]),
            ShapeError,
            "out[0] is no writable column of doubles: list [0.0]",
        ),
    ],
    ids=["too few", "too many columns", "lengths", "no rows", "broken rows", "no number", "out"],
)
def test_the_words(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        call()
    assert str(raised.value) == message
