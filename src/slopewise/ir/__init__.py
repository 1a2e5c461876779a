"""Programs: what a function does to numbers, in arrays; built, checked, printed, read back and run. And Loops.

The grammars and what each operation means stand in `docs/program.md` and `docs/loops.md`. Loops are loaded when first
asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from slopewise import _native

if TYPE_CHECKING:
    from slopewise.ir.loops import Loops, interpret_loops, parse_loops, print_loops, verify_loops

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
    "Loops",
    "Program",
    "arity_of",
    "code_of",
    "from_program",
    "interpret",
    "interpret_loops",
    "name_of",
    "parse",
    "parse_loops",
    "print_loops",
    "row_of",
    "verify",
    "verify_loops",
]

_OF_LOOPS = frozenset({"Loops", "interpret_loops", "parse_loops", "print_loops", "verify_loops"})


if not TYPE_CHECKING:  # a checker would take any name for one that is there

    def __getattr__(name: str) -> Any:
        if name not in _OF_LOOPS:
            raise AttributeError(f"module 'slopewise.ir' has no attribute {name!r}")
        item = getattr(importlib.import_module("slopewise.ir.loops"), name)
        globals()[name] = item
        return item
