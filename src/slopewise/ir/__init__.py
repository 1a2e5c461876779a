"""Programs: what a function does to numbers, in arrays; built, checked, printed, read back and run.

The grammar and what each operation means stand in `docs/program.md`.
"""

from slopewise import _native

_native.choose(*_native.IR)

from slopewise.ir.builder import Builder, from_program  # noqa: E402
from slopewise.ir.interpreter import interpret  # noqa: E402
from slopewise.ir.operations import CONSTANT, INPUT, arity_of, code_of, name_of, row_of  # noqa: E402
from slopewise.ir.parser import parse  # noqa: E402
from slopewise.ir.program import Program  # noqa: E402
from slopewise.ir.verifier import verify  # noqa: E402

__all__ = [
    "CONSTANT",
    "INPUT",
    "Builder",
    "Program",
    "arity_of",
    "code_of",
    "from_program",
    "interpret",
    "name_of",
    "parse",
    "row_of",
    "verify",
]
