"""Local derivatives as they are often got wrong: for each operation the mistaken rules, with what they give here."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slopewise.quizzes.puzzle import Item, Part, shown_number


@dataclass(frozen=True, slots=True)
class WrongRule:
    """A local derivative got wrong.

    Attributes:
        code: The mistake's name, the same wherever it is made.
        partial: What it gives in place of the local derivative.
        phrase: The mistake, as a noun: "forgetting the sign of the subtraction in e".
        why: What is right instead.
    """

    code: str
    partial: float
    phrase: str
    why: str


def wrong_rules(item: Item, slot: int) -> Iterator[WrongRule]:
    """List the mistaken rules for one operand of an operation, the likeliest first; none repeats the right number.

    Args:
        item: The operation.
        slot: Which of its operands the derivative is taken by.
    """
    part = item.parts[slot]
    maker = _RULES.get(item.operation)
    found = list(maker(item, part, slot)) if maker else []
    for rule in found:
        if math.isfinite(rule.partial) and not math.isclose(rule.partial, part.partial, rel_tol=1e-9, abs_tol=1e-12):
            yield rule


def _other(item: Item, slot: int) -> Part:
    return item.parts[1 - slot]


def _is_constant_first(item: Item) -> bool:
    return len(item.parts) == 2 and item.parts[0].position is None


def _addition(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if len(item.parts) == 2:
        other = _other(item, slot)
        yield WrongRule(
            "product-rule-for-sum",
            other.number,
            f"treating {item.name} as a product",
            f"{item.line} is a sum, it passes the gradient on unchanged",
        )


def _subtraction(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if slot == 1:
        if _is_constant_first(item):
            yield WrongRule(
                "reflected-sign",
                1.0,
                f"losing the sign of the reflected subtraction in {item.name}",
                f"{item.line} subtracts {part.name}, so {part.name} gets the gradient with the opposite sign",
            )
        else:
            yield WrongRule(
                "subtraction-sign",
                1.0,
                f"forgetting the sign of the subtraction in {item.name}",
                f"{item.line} subtracts {part.name}, so {part.name} gets the gradient with the opposite sign",
            )
    else:
        yield WrongRule(
            "subtraction-sign-on-the-wrong-term",
            -1.0,
            f"putting the sign of the subtraction in {item.name} on the wrong term",
            f"in {item.line} only the subtracted term gets the opposite sign",
        )


def _negation(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    yield WrongRule(
        "negation-sign",
        1.0,
        f"forgetting the minus of {item.name}",
        f"{item.line} passes the gradient on with the opposite sign",
    )


def _product(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if len(item.parts) != 2:
        return
    other = _other(item, slot)
    if other.position == part.position:
        return
    yield WrongRule(
        "swapped-factors",
        part.number,
        f"swapping the factors of {item.name}",
        f"{item.line} passes the gradient on times the other factor, {_named(other)}",
    )
    yield WrongRule(
        "both-factors",
        part.number * other.number,
        f"multiplying by both factors of {item.name}",
        f"only the other factor of {item.line} counts, {_named(other)}",
    )
    yield WrongRule(
        "divided-by-the-factor",
        1 / other.number if other.number else math.nan,
        f"dividing by the other factor of {item.name}",
        f"{item.line} passes the gradient on times {_named(other)}",
    )


def _division(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if len(item.parts) != 2:
        return
    a, b = item.parts[0].number, item.parts[1].number
    top, bottom = item.parts[0].name, item.parts[1].name
    if slot == 0:
        yield WrongRule(
            "times-the-divisor",
            b,
            f"multiplying by the divisor of {item.name}",
            f"the derivative of {item.line} by {top} is 1/{bottom}",
        )
        return
    if not b:
        return
    right = f"the derivative of {item.line} by {bottom} is −{top}/{bottom}²"
    yield WrongRule("quotient-sign", a / b**2, f"forgetting the sign in the division of {item.name}", right)
    yield WrongRule("quotient-square", -a / b, f"forgetting the square of the divisor of {item.name}", right)
    if item.parts[0].position is not None or a != 1:
        yield WrongRule("quotient-top", -1 / b**2, f"forgetting the numerator of {item.name}", right)
    yield WrongRule("quotient-as-numerator", 1 / b, f"treating {bottom} as the numerator of {item.name}", right)
    yield WrongRule("quotient-sign-and-square", a / b, f"taking {item.name} itself for its derivative", right)


def _power(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if slot != 0 or len(item.parts) != 2 or item.parts[1].position is not None:
        return
    x, k = part.number, item.parts[1].number
    base, exponent = part.name, shown_number(k)
    lower = item.parts[1].number - 1
    formula = f"{exponent} · {base}" if lower == 1 else f"{exponent} · {base}^{shown_number(lower)}"
    right = f"the derivative of {item.line} by {base} is {formula}"
    yield WrongRule(
        "exponent-not-down", _raised(x, k - 1), f"not bringing the exponent of {item.name} down in front", right
    )
    yield WrongRule("exponent-not-lowered", k * _raised(x, k), f"not lowering the exponent of {item.name}", right)
    yield WrongRule("power-times-base", k * x, f"multiplying the base of {item.name} by the exponent", right)
    yield WrongRule("exponent-alone", k, f"taking the exponent of {item.name} for the derivative", right)
    yield WrongRule("power-itself", item.number, f"taking {item.name} itself for its derivative", right)


def _tanh(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    t, x = item.number, part.number
    right = f"the derivative of {item.line} is 1 − {item.name}²"
    yield WrongRule("tanh-not-squared", 1 - t, f"forgetting the square in 1 − {item.name}²", right)
    yield WrongRule("tanh-squared-alone", t * t, f"forgetting the 1 in 1 − {item.name}²", right)
    yield WrongRule(
        "tanh-of-the-input",
        1 - x * x,
        f"squaring {part.name} in place of {item.name} in the derivative of tanh",
        right,
    )
    yield WrongRule("tanh-plus", 1 + t * t, f"adding in place of subtracting in 1 − {item.name}²", right)
    yield WrongRule("tanh-as-sigmoid", t * (1 - t), f"using the sigmoid's derivative for {item.name}", right)
    yield WrongRule("function-itself", t, f"taking {item.name} itself for its derivative", right)


def _sigmoid(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    s = item.number
    right = f"the derivative of {item.line} is {item.name} · (1 − {item.name})"
    yield WrongRule("sigmoid-as-tanh", 1 - s * s, f"using the derivative of tanh for {item.name}", right)
    yield WrongRule(
        "sigmoid-half", 1 - s, f"forgetting the factor {item.name} in {item.name} · (1 − {item.name})", right
    )
    yield WrongRule("function-itself", s, f"taking {item.name} itself for its derivative", right)


def _relu(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if part.number > 0:
        right = f"relu passes the gradient on unchanged, because {_named(part)} is positive"
        yield WrongRule("relu-off", 0.0, f"switching the relu of {item.name} off", right)
        yield WrongRule("function-itself", item.number, f"multiplying by {item.name} itself", right)
    else:
        right = f"relu passes nothing on, because {_named(part)} is not positive"
        yield WrongRule("relu-always-one", 1.0, f"letting the gradient through the relu of {item.name}", right)
        yield WrongRule("function-of-input", part.number, f"multiplying by {part.name} itself", right)


def _exp(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    x = part.number
    right = f"exp is its own derivative: that of {item.line} is {item.name}"
    yield WrongRule(
        "exp-as-power", x * _exponential(x - 1), f"using the rule of powers for {item.name}, where the base is e", right
    )
    yield WrongRule("function-of-input", x, f"multiplying by {part.name} in place of {item.name}", right)


def _log(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    right = f"the derivative of {item.line} is 1/{part.name}"
    yield WrongRule("function-of-input", part.number, f"multiplying by {part.name} in place of dividing", right)
    yield WrongRule("function-itself", item.number, f"taking {item.name} itself for its derivative", right)
    if item.number:
        yield WrongRule("log-upside-down", 1 / item.number, f"dividing by {item.name} in place of {part.name}", right)


def _sqrt(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    right = f"the derivative of {item.line} is 1/(2 · {item.name})"
    if item.number:
        yield WrongRule("sqrt-half", 1 / item.number, f"forgetting the ½ in the derivative of {item.name}", right)
    yield WrongRule("sqrt-not-down", item.number / 2, f"not lowering the exponent ½ of {item.name}", right)
    yield WrongRule("sqrt-times", 2 * item.number, f"turning the derivative of {item.name} upside down", right)


def _square(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    right = f"the derivative of {item.line} is 2 · {part.name}"
    yield WrongRule("exponent-not-down", part.number, f"not bringing the exponent of {item.name} down in front", right)
    yield WrongRule("exponent-not-lowered", 2 * item.number, f"not lowering the exponent of {item.name}", right)
    yield WrongRule("power-itself", item.number, f"taking {item.name} itself for its derivative", right)


def _sin(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    x = part.number
    right = f"the derivative of {item.line} is cos({part.name})"
    yield WrongRule("sine-sign", -math.cos(x), f"a minus too many in the derivative of {item.name}", right)
    yield WrongRule("function-itself", item.number, f"taking {item.name} itself for its derivative", right)
    yield WrongRule("degrees", math.cos(math.radians(x)), "reckoning in degrees", f"{right}, in radians")


def _cos(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    x = part.number
    right = f"the derivative of {item.line} is −sin({part.name})"
    yield WrongRule("cosine-sign", math.sin(x), f"forgetting the minus in the derivative of {item.name}", right)
    yield WrongRule("function-itself", item.number, f"taking {item.name} itself for its derivative", right)
    yield WrongRule("degrees", -math.sin(math.radians(x)), "reckoning in degrees", f"{right}, in radians")


def _absolute(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    right = f"abs passes the gradient on with the sign of {_named(part)}"
    yield WrongRule("abs-sign", -part.partial, f"forgetting the sign of {part.name} in {item.name}", right)
    yield WrongRule("function-itself", item.number, f"multiplying by {item.name} itself", right)


def _chosen(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    """The larger or the smaller of two gets everything."""
    right = f"{item.line} passes the gradient on to the operand that it chose, and 0 to the other"
    if part.partial:
        yield WrongRule("choice-reversed", 0.0, f"choosing the other operand of {item.name}", right)
    else:
        yield WrongRule("choice-forgotten", 1.0, f"letting the gradient of {item.name} through to both operands", right)
    yield WrongRule("choice-halved", 0.5, f"sharing the gradient of {item.name} among the operands", right)


def _mean(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    count = len(item.parts)
    yield WrongRule(
        "mean-as-sum",
        part.partial * count,
        f"forgetting to divide by {count} in the mean {item.name}",
        f"a mean of {count} numbers passes 1/{count} of the gradient on to each",
    )


def _sum(item: Item, part: Part, slot: int) -> Iterator[WrongRule]:
    if len(item.parts) > 1:
        yield WrongRule(
            "sum-as-mean",
            part.partial / len(item.parts),
            f"sharing the gradient of {item.name} among its terms",
            "a sum passes the whole gradient on to each term",
        )


def _named(part: Part) -> str:
    number = shown_number(part.number)
    return number if part.position is None else f"{part.name} = {number}"


def _raised(x: float, k: float) -> float:
    try:
        number = x**k
    except (OverflowError, ZeroDivisionError):
        return math.nan
    return math.nan if isinstance(number, complex) else float(number)


def _exponential(x: float) -> float:
    return math.exp(x) if x < 700 else math.nan


_RULES: dict[str, Callable[[Item, Part, int], Iterator[WrongRule]]] = {
    "addition": _addition,
    "subtraction": _subtraction,
    "negation": _negation,
    "product": _product,
    "division": _division,
    "power": _power,
    "square": _square,
    "sqrt": _sqrt,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "relu": _relu,
    "exp": _exp,
    "log": _log,
    "sin": _sin,
    "cos": _cos,
    "abs": _absolute,
    "absolute value": _absolute,
    "max": _chosen,
    "maximum": _chosen,
    "min": _chosen,
    "minimum": _chosen,
    "mean": _mean,
    "sum": _sum,
}
