"""The types of algebra.py, for type checkers; what each thing means stands there."""

from slopewise.passes.sharing import Sharing

class Algebra:
    loose: bool
    refused: bool
    def __init__(self, share: Sharing, exact: bool, differentiable: bool) -> None: ...
    def apply(self, code: int, a: int, b: int, c: int) -> int: ...
