"""How each operation's local derivative is written: from the names of operands and result, or from their numbers."""

import math
from collections.abc import Callable
from typing import Any

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

_1, _2 = Number(1), Number(2)
Rule = Callable[[tuple[Formula, ...], Formula], "Formula | None"]


def _squared(x: Formula) -> Formula:
    return Power(x, _2)


def _over(x: Formula) -> Formula:
    return Quotient(_1, x)


def _root(x: Formula) -> Formula:
    return Call("sqrt", (x,))


def _silu(x: Formula) -> Formula:
    s = Call("sigmoid", (x,))
    return Product((s, Sum((_1, Product((x, difference(_1, s)))))))


def _gelu(x: Formula) -> Formula:
    return Sum((Call("Φ", (x,)), Product((x, Call("φ", (x,))))))


def _erf(x: Formula) -> Formula:
    return Product((Quotient(_2, _root(Word("π"))), Call("exp", (Negative(_squared(x)),))))


# One formula per operand; x stands for the operands and z for the result. What is missing here depends on the numbers
# (relu, max, …) or has no short formula, and is then written as a number.
# fmt: off
RULES: dict[str, tuple[Rule, ...]] = {
    "addition":    (lambda x, z: _1, lambda x, z: _1),
    "subtraction": (lambda x, z: _1, lambda x, z: Number(-1)),
    "negation":    (lambda x, z: Number(-1),),
    "product":     (lambda x, z: x[1], lambda x, z: x[0]),
    "division":    (lambda x, z: _over(x[1]), lambda x, z: Negative(Quotient(x[0], _squared(x[1])))),
    "power_value": (lambda x, z: Product((x[1], Power(x[0], difference(x[1], _1)))),
                    lambda x, z: Product((z, Call("log", (x[0],))))),
    "modulo":      (lambda x, z: _1, lambda x, z: Quotient(difference(z, x[0]), x[1])),
    "tanh":        (lambda x, z: difference(_1, _squared(z)),),
    "exp":         (lambda x, z: z,),
    "exp2":        (lambda x, z: Product((z, Call("log", (_2,)))),),
    "expm1":       (lambda x, z: Call("exp", x),),
    "log":         (lambda x, z: _over(x[0]),),
    "log2":        (lambda x, z: _over(Product((x[0], Call("log", (_2,))))),),
    "log10":       (lambda x, z: _over(Product((x[0], Call("log", (Number(10),))))),),
    "log1p":       (lambda x, z: _over(Sum((_1, x[0]))),),
    "sqrt":        (lambda x, z: _over(Product((_2, z))),),
    "square":      (lambda x, z: Product((_2, x[0])),),
    "sin":         (lambda x, z: Call("cos", x),),
    "cos":         (lambda x, z: Negative(Call("sin", x)),),
    "tan":         (lambda x, z: Sum((_1, _squared(z))),),
    "asin":        (lambda x, z: _over(_root(difference(_1, _squared(x[0])))),),
    "acos":        (lambda x, z: Negative(_over(_root(difference(_1, _squared(x[0]))))),),
    "atan":        (lambda x, z: _over(Sum((_1, _squared(x[0])))),),
    "atan2":       (lambda x, z: Quotient(x[1], Sum((_squared(x[0]), _squared(x[1])))),
                    lambda x, z: Negative(Quotient(x[0], Sum((_squared(x[0]), _squared(x[1])))))),
    "sinh":        (lambda x, z: Call("cosh", x),),
    "cosh":        (lambda x, z: Call("sinh", x),),
    "asinh":       (lambda x, z: _over(_root(Sum((_1, _squared(x[0]))))),),
    "acosh":       (lambda x, z: _over(_root(difference(_squared(x[0]), _1))),),
    "atanh":       (lambda x, z: _over(difference(_1, _squared(x[0]))),),
    "sigmoid":     (lambda x, z: Product((z, difference(_1, z))),),
    "softplus":    (lambda x, z: Call("sigmoid", x),),
    "gelu":        (lambda x, z: _gelu(x[0]),),
    "silu":        (lambda x, z: _silu(x[0]),),
    "erf":         (lambda x, z: _erf(x[0]),),
    "hypot":       (lambda x, z: Quotient(x[0], z), lambda x, z: Quotient(x[1], z)),
}
# fmt: on


def slope_formula(
    operation: str, operands: tuple[Formula, ...], result: Formula, which: int, exponent: Any = None
) -> Formula | None:
    """Write the local derivative of an operation by one of its operands.

    Args:
        operation: The operation's word.
        operands: Names or numbers, constants included.
        result: The result's name or number.
        which: The operand's place.
        exponent: The number k of a power `x ** k`.

    Returns:
        The formula, or None when there is none: then the derivative is a number.
    """
    if operation == "sum":
        return _1
    if operation == "mean":
        return _over(Number(len(operands)))
    if operation == "power":
        return _power(operands[0], exponent)
    rules = RULES.get(operation, ())
    return rules[which](operands, result) if which < len(rules) else None


def _power(x: Formula, k: Any) -> Formula | None:
    if isinstance(k, complex) or k is None or k != k or k in (math.inf, -math.inf):
        return None
    if k == 0:
        return None
    if k == 1:
        return _1
    if k == 2:
        return Product((Number(k), x))
    if k == int(k) and k < 0:
        return Quotient(Number(int(k)), Power(x, Number(1 - int(k))))
    return Product((Number(k), Power(x, Number(k - 1))))
