"""The types of grouping.py, for type checkers; what each thing means stands there."""

from array import array

from slopewise.ir import Program

class Groups:
    n: int
    codes: array[int]
    starts: array[int]
    members: array[int]
    group_of: array[int]
    place_of: array[int]
    consumers: array[int]
    first: array[int]
    second: array[int]
    third: array[int]
    sum_of: array[int]
    within: array[int]
    term_starts: array[int]
    terms: array[int]
    uses: array[int]
    contexts: array[int]

def group(program: Program) -> Groups: ...
