"""Loops: what a Program does as nests of loops over arrays; checked, printed, read back and run.

The grammar stands in `docs/loops.md`.
"""

from slopewise.ir.loops.interpreter import interpret_loops
from slopewise.ir.loops.parser import parse_loops
from slopewise.ir.loops.printer import print_loops
from slopewise.ir.loops.spelling import is_name
from slopewise.ir.loops.structure import (
    Affine,
    Apply,
    Array,
    Expression,
    For,
    Index,
    Kind,
    Let,
    Literal,
    Load,
    Local,
    Loops,
    Range,
    Statement,
    Store,
    Sum,
    Table,
)
from slopewise.ir.loops.verifier import verify_loops

__all__ = [
    "Affine",
    "Apply",
    "Array",
    "Expression",
    "For",
    "Index",
    "Kind",
    "Let",
    "Literal",
    "Load",
    "Local",
    "Loops",
    "Range",
    "Statement",
    "Store",
    "Sum",
    "Table",
    "interpret_loops",
    "is_name",
    "parse_loops",
    "print_loops",
    "verify_loops",
]
