"""The types of levels.py, for type checkers; what each thing means stands there."""

from array import array

from slopewise.ir import Program
from slopewise.passes.grouping import Groups

def group_by_levels(program: Program) -> tuple[Groups, array[int], array[int], array[int], array[int]]: ...
