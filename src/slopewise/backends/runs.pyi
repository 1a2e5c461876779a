"""The types of runs.py, for type checkers; what each thing means stands there."""

from array import array

from slopewise.ir import Program

UNASKED: int

class Runs:
    code: array[int]
    places: array[int]
    constants: array[float]
    n_inputs: int
    n_registers: int
    n_equations: int
    n_runs: int
    entry: int
    left: int
    def __init__(
        self,
        code: array[int],
        places: array[int],
        constants: array[float],
        n_inputs: int,
        n_registers: int,
        n_equations: int,
        n_runs: int,
    ) -> None: ...
    @property
    def n_bytes(self) -> int: ...

def runs_of_code(
    n_inputs: int,
    n_outputs: int,
    n_equations: int,
    n_nests: int,
    entry: int,
    frozen: int,
    scratch_bytes: int,
    keeper: object,
) -> Runs: ...
def lower(program: Program, outputs: array[int]) -> Runs: ...
