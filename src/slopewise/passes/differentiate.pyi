"""The types of differentiate.py, for type checkers; what each thing means stands there."""

from collections.abc import Sequence
from typing import Literal

from slopewise.ir.program import Program
from slopewise.passes.cotangents import reverse_into

__all__ = ["check_places", "jvp", "reverse_into", "vjp"]

def vjp(
    program: Program,
    wrt: Sequence[int],
    of: Sequence[int] = (0,),
    seeds: Literal["one", "inputs"] = "one",
    exact: bool = False,
) -> Program: ...
def jvp(program: Program, wrt: Sequence[int], of: Sequence[int] | None = None) -> Program: ...
def check_places(places: Sequence[int], count: int, noun: str) -> None: ...
