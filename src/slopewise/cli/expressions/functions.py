"""The functions and constants that an expression may use: the table of operations, under every name it goes by."""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "inf": math.inf}
_OTHER_NAMES = {"max": "maximum", "min": "minimum", "ln": "log", "pow": "power", "arsinh": "asinh", "arcosh": "acosh"}
_OTHER_NAMES |= {"artanh": "atanh", "swish": "silu", "σ": "sigmoid"}
_PYTHON_ALONE = {
    "Value": "every name is a Value already: write a = 2",
    "float": "numbers stand as they are: write a = 2.0",
    "int": "rounding has slope 0 wherever it has one",
    "round": "rounding has slope 0 wherever it has one",
    "floor": "rounding has slope 0 wherever it has one",
    "ceil": "rounding has slope 0 wherever it has one",
    "sign": "a sign has slope 0 wherever it has one",
    "softmax": "softmax gives several numbers: write one, as in exp(a) / (exp(a) + exp(b))",
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of an expression.

    Attributes:
        name: As slopewise calls it.
        apply: Computes it from numbers and Values.
        least: The fewest operands.
        most: The most operands; None when there is no limit.
    """

    name: str
    apply: Callable[..., Any]
    least: int
    most: int | None

    def takes(self) -> str:
        """Return how many operands it takes, in words."""
        if self.most is None:
            return f"{self.least} or more operands"
        if self.least != self.most:
            return f"{self.least} or {self.most} operands"
        return f"{self.most} operand{'s' * (self.most != 1)}"


def function_names() -> list[str]:
    """Return the names of all functions, in alphabetical order."""
    from slopewise.ops import functions
    from slopewise.ops.row import Operation

    rows = {name for name, item in vars(functions).items() if isinstance(item, Operation)}
    return sorted(rows | _OTHER_NAMES.keys() | {"sum", "mean", "logsumexp"})


def function_of(name: str) -> Function | None:
    """Return the function of a name; None when there is none.

    Example:
        >>> from slopewise.cli.expressions.functions import function_of
        >>> function_of("max").takes(), function_of("leaky_relu").takes(), function_of("eval")
        ('2 or more operands', '1 or 2 operands', None)
    """
    import slopewise
    from slopewise.ops import functions
    from slopewise.ops.row import Operation

    if name in ("sum", "mean", "logsumexp"):
        reduction = getattr(slopewise, name)
        return Function(name, lambda *terms: reduction(terms), 1, None)
    name = _OTHER_NAMES.get(name, name)
    if name == "power":
        return Function("pow", lambda base, exponent: base**exponent, 2, 2)
    row = vars(functions).get(name)
    if not isinstance(row, Operation):
        return None
    if name in ("maximum", "minimum"):
        return Function(name, _folded(row), 2, None)
    return Function(name, row, row.arity - len(row.defaults), row.arity)


def unknown(name: str) -> str:
    """Return what to say of a function that there is not."""
    if name in _PYTHON_ALONE:
        return f"there is no function {name}: {_PYTHON_ALONE[name]}"
    near = difflib.get_close_matches(name, function_names(), 2, 0.7)
    if near:
        return f"there is no function {name}; did you mean {' or '.join(near)}?"
    return f"there is no function {name}; there are relu, tanh, exp, log, max and more: slopewise explain --functions"


def _folded(row: Callable[..., Any]) -> Callable[..., Any]:
    def apply(first: Any, *others: Any) -> Any:
        for other in others:
            first = row(first, other)
        return first

    return apply
