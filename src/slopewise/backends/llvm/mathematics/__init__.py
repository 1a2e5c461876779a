"""The operations of a Program on vector registers, as LLVM IR of our own with stated errors.

Importing this loads neither llvmlite nor numpy: the text is made by Python alone. Each module holds the formulas of one
family, written with Python's operators on `formulas.Number`; `catalogue` lists them all.

Example:
    >>> text = definitions(["exp", "tanh"], "float64", 8, fma=True)
    >>> symbol("exp", "float64", 8) in text, ERRORS["exp"] <= 4
    (True, True)
"""

from slopewise.backends.llvm.mathematics.catalogue import BRANCHING, ERRORS, definitions, instructions, symbol

__all__ = ["BRANCHING", "ERRORS", "definitions", "instructions", "symbol"]
