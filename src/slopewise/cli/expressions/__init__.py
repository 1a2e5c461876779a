"""Expressions such as `f = (a*b) * (a+b); a = -2; b = 3`: parsed into a graph, never evaluated as code.

`tokens` finds the words, `grammar` the statements, `building` applies them to Values; `functions` lists what may be
called, and `faults` says what is wrong, with a caret under the spot.
"""

from slopewise.cli.expressions.building import Expression, read_expression
from slopewise.cli.expressions.faults import BadExpression
from slopewise.cli.expressions.functions import function_names

__all__ = ["BadExpression", "Expression", "function_names", "read_expression"]
