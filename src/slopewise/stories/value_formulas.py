"""How an operation's result is written: from the names of its operands, or from their numbers."""

from slopewise.stories.formula import (
    Call,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Word,
    difference,
)

# More terms than this are not written out: the first few, "…" and the last.
MOST_TERMS = 8
_BEFORE_THE_GAP = 4


def value_formula(operation: str, operands: tuple[Formula, ...]) -> Formula:
    """Write the operation applied to operands.

    Args:
        operation: Its word: "addition", "product", "tanh"; or a symbol or name of the user's.
        operands: Their names or numbers, constants included.
    """
    match operation, len(operands):
        case ("addition" | "+" | "add", 2) | ("sum", _):
            return Sum(shortened(operands)) if operands else Number(0)
        case ("subtraction" | "-" | "−", 2):
            return difference(operands[0], operands[1])
        case ("product" | "multiplication" | "*" | "·" | "×", 2):
            return Product(operands)
        case ("division" | "/" | "÷", 2):
            return Quotient(operands[0], operands[1])
        case ("negation", 1):
            return Negative(operands[0])
        case ("mean", _) if operands:
            return Quotient(Sum(shortened(operands)), Number(len(operands)))
        case ("power", 2) | ("power_value", 2) | ("**", 2):
            return Power(operands[0], operands[1])
        case ("square", 1):
            return Power(operands[0], Number(2))
        case ("modulo" | "%", 2):
            return Call("mod", operands)
        case ("absolute" | "absolute value", 1):
            return Call("abs", operands)
        case _:
            return Call(SPELLINGS.get(operation, operation) or "op", operands)


SPELLINGS = {"maximum": "max", "minimum": "min", "ReLU": "relu", "operation": "op"}


def shortened(terms: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """Return many terms as the first few, a gap and the last."""
    if len(terms) <= MOST_TERMS:
        return terms
    return (*terms[:_BEFORE_THE_GAP], Word("…"), terms[-1])
