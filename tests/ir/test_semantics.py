"""What docs/program.md says about nan, truth and zeros, asked of every operation."""

import itertools
import math
from pathlib import Path

import pytest

from slopewise import ir
from slopewise.ir.evaluation import value_of
from slopewise.ir.operations import ROWS

nan = math.nan
EQUATIONS = [code for code, row in enumerate(ROWS) if row is not None]
NUMBERS = [-math.inf, -2.0, -0.0, 0.0, 1.0, 3.0, math.inf]

# The operations that a nan does not always go through, and the operands by which it can be stopped.
STOPPED = {
    "power": {0, 1}, "power_value": {0, 1}, "hypot": {0, 1}, "where": {0, 1, 2}, "leaky_relu": {1}, "elu": {1},
    "attach": {1, 2}, "less": {0, 1}, "less_equal": {0, 1}, "greater": {0, 1}, "greater_equal": {0, 1}, "equal": {0, 1},
    "not_equal": {0, 1},
}  # fmt: skip


@pytest.mark.parametrize("code", EQUATIONS, ids=ir.name_of)
def test_a_nan_goes_through_but_where_the_page_says(code: int) -> None:
    arity = ir.arity_of(code)
    stopped = set()
    for place in range(arity):
        for others in itertools.product(NUMBERS, repeat=arity - 1):
            operands = [*others[:place], nan, *others[place:]]
            if not math.isnan(value_of(code, *operands)):
                stopped.add(place)
    assert stopped == STOPPED.get(ir.name_of(code), set())


@pytest.mark.parametrize("name", ["floor", "ceil", "truncate", "round"])
def test_what_python_makes_an_integer_has_no_negative_zero(name: str) -> None:
    for x in (-0.0, -0.4, 0.0, 0.4, -5e-324):
        assert math.copysign(1.0, value_of(ir.code_of(name), x)) == 1.0 or value_of(ir.code_of(name), x) == -1.0


def test_the_page_has_every_operation_with_its_code() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "program.md").read_text(encoding="utf-8")
    for code in EQUATIONS:
        assert f"| {code} | `{ir.name_of(code)}` |" in page
