"""The closed set of operations: name, value, derivative, domain and formula, one row each.

`table` holds the rows, `numeric` the mathematics of single numbers, `row` what a row is and how it is applied.
"""

from slopewise.ops.row import Operation, operation
from slopewise.ops.table import BY_NAME, CODE, TABLE

__all__ = ["BY_NAME", "CODE", "TABLE", "Operation", "operation"]
