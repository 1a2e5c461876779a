"""A sentence for every operation: what it does with the gradient that it is handed, and with its operands."""

from collections.abc import Callable
from typing import Any

from slopewise.basics.shown_numbers import MINUS, shown

# What each operation does going forward.
# fmt: off
FORWARD = {
    "addition":    "adds its operands",
    "subtraction": "takes the second operand from the first",
    "negation":    "changes the sign of its operand",
    "product":     "multiplies its operands",
    "division":    "divides the first operand by the second",
    "power":       "raises its operand to a fixed power",
    "power_value": "raises the first operand to the power of the second",
    "modulo":      "is what is left of the first operand after division by the second",
    "sum":         "adds up its terms",
    "mean":        "is the average of its terms",
    "absolute":    "is the size of its operand, without the sign",
    "relu":        "lets a positive number pass and makes a negative one 0",
    "tanh":        "squashes its operand to between −1 and 1",
    "exp":         "raises e to the power of its operand",
    "exp2":        "raises 2 to the power of its operand",
    "expm1":       "raises e to the power of its operand and takes 1 off",
    "log":         "is the natural logarithm of its operand",
    "log2":        "is the logarithm of its operand to base 2",
    "log10":       "is the logarithm of its operand to base 10",
    "log1p":       "is the natural logarithm of 1 plus its operand",
    "sqrt":        "is the square root of its operand",
    "square":      "multiplies its operand by itself",
    "sin":         "is the sine of its operand",
    "cos":         "is the cosine of its operand",
    "tan":         "is the tangent of its operand",
    "asin":        "is the angle whose sine is its operand",
    "acos":        "is the angle whose cosine is its operand",
    "atan":        "is the angle whose tangent is its operand",
    "atan2":       "is the angle of the point whose height is the first operand and whose width the second",
    "sinh":        "is the hyperbolic sine of its operand",
    "cosh":        "is the hyperbolic cosine of its operand",
    "asinh":       "is the number whose hyperbolic sine is its operand",
    "acosh":       "is the number whose hyperbolic cosine is its operand",
    "atanh":       "is the number whose tanh is its operand",
    "sigmoid":     "squashes its operand to between 0 and 1",
    "softplus":    "is a smooth relu",
    "leaky_relu":  "lets a positive number pass and shrinks a negative one",
    "elu":         "lets a positive number pass and bends a negative one towards a floor",
    "gelu":        "lets positive numbers pass and fades negative ones out",
    "silu":        "multiplies its operand by its sigmoid",
    "erf":         "is the error function of its operand",
    "maximum":     "is the larger of its operands",
    "minimum":     "is the smaller of its operands",
    "where":       "chooses between two operands by a condition",
    "hypot":       "is the long side over two legs at a right angle",
}

# What each operation does with its gradient, by operand where that differs ("it" is the gradient).
BACKWARD: dict[str, tuple[str, ...]] = {
    "addition":    ("addition passes the gradient on",),
    "subtraction": ("a difference passes the gradient on to its first term",
                    "the subtracted term gets it with the opposite sign"),
    "negation":    ("a minus sign passes it on with the opposite sign",),
    "product":     ("a product passes it on times the other operand",),
    "division":    ("the number divided gets it divided by the divisor",
                    "the divisor gets it times minus the number divided, over the divisor squared"),
    "square":      ("a square passes it on times twice the base",),
    "reciprocal":  ("a reciprocal passes it on times −1 over the base squared",),
    "power":       ("a power passes it on times the exponent times the base to one power less",),
    "power_value": ("the base gets it times the exponent times the base to one power less",
                    "the exponent gets it times the result times the logarithm of the base"),
    "modulo":      ("a remainder passes it on to the number divided",
                    "the divisor gets it times minus the number of whole times that it fits in"),
    "sum":         ("a sum passes the gradient on to every term",),
    "mean":        ("a mean gives every term an equal share",),
    "tanh":        ("tanh passes it on times 1 minus its own result squared",),
    "exp":         ("exp passes it on times its own result",),
    "exp2":        ("a power of 2 passes it on times its own result and the logarithm of 2",),
    "expm1":       ("expm1 passes it on times e to the power of its operand",),
    "log":         ("a logarithm passes it on divided by its operand",),
    "log2":        ("a logarithm to base 2 passes it on divided by its operand and by log(2)",),
    "log10":       ("a logarithm to base 10 passes it on divided by its operand and by log(10)",),
    "log1p":       ("log1p passes it on divided by 1 plus its operand",),
    "sqrt":        ("a square root passes it on divided by twice its own result",),
    "sin":         ("sine passes it on times the cosine of its operand",),
    "cos":         ("cosine passes it on times minus the sine of its operand",),
    "tan":         ("tangent passes it on times 1 plus its own result squared",),
    "asin":        ("arcsine passes it on divided by the root of 1 minus its operand squared",),
    "acos":        ("arccosine passes it on divided by minus the root of 1 minus its operand squared",),
    "atan":        ("arctangent passes it on divided by 1 plus its operand squared",),
    "atan2":       ("the height gets it times the width over the distance squared",
                    "the width gets it times minus the height over the distance squared"),
    "sinh":        ("hyperbolic sine passes it on times the hyperbolic cosine of its operand",),
    "cosh":        ("hyperbolic cosine passes it on times the hyperbolic sine of its operand",),
    "asinh":       ("asinh passes it on divided by the root of 1 plus its operand squared",),
    "acosh":       ("acosh passes it on divided by the root of its operand squared minus 1",),
    "atanh":       ("atanh passes it on divided by 1 minus its operand squared",),
    "sigmoid":     ("sigmoid passes it on times its own result and 1 minus that",),
    "softplus":    ("softplus passes it on times the sigmoid of its operand",),
    "gelu":        ("gelu passes it on times its slope, Φ(x) + x · φ(x) with the normal curve φ and its area Φ",),
    "silu":        ("silu passes it on times its slope, s · (1 + x · (1 − s)) with s = sigmoid(x)",),
    "erf":         ("erf passes it on times the height of its bell curve",),
    "hypot":       ("a leg gets it times its own share of the long side",),
}
# fmt: on


def forward_rule(operation: str) -> str:
    """Say what an operation does with its operands.

    Args:
        operation: The operation's word.

    Example:
        >>> from slopewise.stories.rules import forward_rule
        >>> forward_rule("product"), forward_rule("cube")
        ('multiplies its operands', 'cube of its operands')
    """
    known = FORWARD.get(operation)
    if known:
        return known
    return f"{operation} of its operands" if operation else "was made by hand from its operands"


def backward_rule(operation: str, which: int, numbers: tuple[Any, ...], result: Any, kind: str = "table") -> str:
    """Say what an operation does with its gradient, for one of its operands.

    Args:
        operation: The operation's word.
        which: The operand's place.
        numbers: The operands' numbers, constants included.
        result: The result's number.
        kind: "table" for an operation of the table or an idiom, "user" for a registered one, "own step" for a
            `_backward` set by hand, "given" for local derivatives that came with the node.

    Example:
        >>> from slopewise.stories.rules import backward_rule
        >>> backward_rule("subtraction", 1, (5.0, 2.0), 3.0)
        'the subtracted term gets it with the opposite sign'
        >>> backward_rule("relu", 0, (-2.0,), 0)
        'relu is off, its operand −2 is not above 0: it passes nothing on'
    """
    name = operation or "this node"
    if kind == "own step":
        return f"{name} has a _backward of its own, which hands on what it likes"
    if kind == "given":
        return f"{name} came with its local derivatives as numbers, and passes it on times those"
    if kind == "user":
        return f"{name} passes it on times the derivative that it was registered with"
    if operation in DEPENDING:
        return DEPENDING[operation](which, numbers, result)
    sentences = BACKWARD.get(operation)
    if not sentences:
        return f"{name} passes it on times its local derivative"
    sentence = sentences[min(which, len(sentences) - 1)]
    return sentence + _remark(operation, result)


def _remark(operation: str, result: Any) -> str:
    """Point out a squashing function that is nearly flat."""
    try:
        if operation == "tanh" and 0.99 < abs(result) <= 1:
            return ": it is nearly flat here, so little gets through"
        if operation == "sigmoid" and not 0.01 <= result <= 0.99 and 0 <= result <= 1:
            return ": it is nearly flat here, so little gets through"
    except TypeError:
        pass
    return ""


def _is(test: Callable[[], Any]) -> bool:
    try:
        return bool(test())
    except (TypeError, ValueError):
        return False


def _relu(which: int, numbers: tuple[Any, ...], result: Any) -> str:
    x = shown(numbers[0])
    if _is(lambda: result > 0):
        return f"relu is on, its operand {x} is above 0: it passes the gradient on"
    return f"relu is off, its operand {x} is not above 0: it passes nothing on"


def _bent_relu(name: str, below: str, third: str) -> Callable[[int, tuple[Any, ...], Any], str]:
    def sentence(which: int, numbers: tuple[Any, ...], result: Any) -> str:
        x = numbers[0]
        if which == 1:
            return (
                third
                if _is(lambda: x < 0)
                else f"the operand of {name} is not below 0, so its {_SETTING[name]} plays no part"
            )
        if _is(lambda: x > 0):
            return f"{name} passes the gradient on, as its operand {shown(x)} is above 0"
        return f"{name} passes on only a part, as its operand {shown(x)} is not above 0: {below}"

    return sentence


_SETTING = {"leaky_relu": "slope", "elu": "alpha"}


def _absolute(which: int, numbers: tuple[Any, ...], result: Any) -> str:
    x = numbers[0]
    if _is(lambda: x > 0):
        return f"the operand {shown(x)} is positive, so its size grows with it: the gradient is passed on"
    if _is(lambda: x < 0):
        return f"the operand {shown(x)} is negative, so its size shrinks as it grows: it gets the opposite sign"
    if _is(lambda: x == 0):
        return "at 0 the slope of the size counts as 0: nothing is passed on"
    return "the size of a number passes it on times the number's sign"


def _extreme(name: str, word: str) -> Callable[[int, tuple[Any, ...], Any], str]:
    def sentence(which: int, numbers: tuple[Any, ...], result: Any) -> str:
        x, y = numbers[0], numbers[1]
        if _is(lambda: x == y):
            return "both are equal, and a tie goes to the first" if which == 0 else "the second gets nothing"
        first = _is(lambda: x == result) or _is(lambda: x != x)
        if which == (0 if first else 1):
            return f"the {word}, {shown(numbers[which])}, gets the whole gradient"
        return f"{shown(numbers[which])} is not the {word} of the two and gets nothing"

    return sentence


def _where(which: int, numbers: tuple[Any, ...], result: Any) -> str:
    if which == 0:
        return "the condition of a choice gets nothing"
    is_true = _is(lambda: numbers[0])
    branch = "first" if which == 1 else "second"
    if which == (1 if is_true else 2):
        return f"it is {'true' if is_true else 'false'}, so the {branch} branch gets the whole gradient"
    return f"the {branch} branch was not chosen and gets nothing"


DEPENDING: dict[str, Callable[[int, tuple[Any, ...], Any], str]] = {
    "relu": _relu,
    "leaky_relu": _bent_relu(
        "leaky_relu", "its slope there", "the slope gets it times the operand, which is below 0"
    ),
    "elu": _bent_relu("elu", "its result plus alpha", f"alpha gets it times e to the operand {MINUS} 1"),
    "absolute": _absolute,
    "maximum": _extreme("maximum", "larger"),
    "minimum": _extreme("minimum", "smaller"),
    "where": _where,
}  # fmt: skip
