"""The types of lanes.py, for type checkers; what each thing means stands there."""

from array import array

from slopewise.backends.runs import Runs
from slopewise.ir import Program

class Lanes:
    code: array[int]
    single: Runs
    n_registers: int
    width: int
    columns: array[int]
    inputs: array[int]
    outputs: array[int]
    n_equations: int
    def __init__(
        self,
        code: array[int],
        single: Runs,
        n_registers: int,
        columns: array[int],
        inputs: array[int],
        outputs: array[int],
        n_equations: int,
    ) -> None: ...
    @property
    def n_bytes(self) -> int: ...

def lanes_for(registers: int) -> int: ...
def lower_lanes(program: Program, shared: array[int]) -> Lanes: ...
def replay_rows(
    lanes: Lanes,
    numbers: list[float],
    columns: list[memoryview[float]],
    rows: int,
    results: list[memoryview[float]],
) -> None: ...
