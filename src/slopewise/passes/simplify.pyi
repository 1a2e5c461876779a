"""The types of simplify.py, for type checkers; what each thing means stands there."""

from typing import Literal

from slopewise.ir import Program

def simplify(
    program: Program,
    exact: bool = False,
    constants: Literal["merge", "keep"] = "merge",
    differentiable: bool = True,
) -> Program: ...

SIGNS: bytes
