"""The slips of a value: the wrong operation, a lost sign, a forgotten operand, and their kin."""

import math
from collections.abc import Iterator, Mapping

from slopewise.quizzes.puzzle import Item, Puzzle, shown_number
from slopewise.quizzes.slips import Slip


def value_slips(puzzle: Puzzle, position: int, wrong_so_far: Mapping[int, float] | None = None) -> list[Slip]:
    """List the slips of one value, the likeliest first; none gives a number that is not finite.

    Args:
        puzzle: The graph.
        position: Whose value is asked.
        wrong_so_far: Wrong answers given for other values: what follows from one is told as such.
    """
    item = puzzle.items[position]
    found = [*_carried(item, wrong_so_far or {}), *_of_operation(item), *_general(puzzle, position)]
    return [slip for slip in found if math.isfinite(slip.number)]


def _carried(item: Item, wrong_so_far: Mapping[int, float]) -> Iterator[Slip]:
    wrong = [part for part in item.parts if part.position in wrong_so_far]
    if not wrong or item.operation not in _AGAIN:
        return
    xs = [wrong_so_far.get(-1 if part.position is None else part.position, part.number) for part in item.parts]
    try:
        number = _AGAIN[item.operation](xs)
    except (ZeroDivisionError, OverflowError, ValueError):
        return
    if isinstance(number, complex):
        return
    part = wrong[0]
    given = f"{part.name} = {shown_number(wrong_so_far[part.position or 0])}"
    yield Slip(
        "carried",
        number,
        "carrying an earlier slip on",
        f"{shown_number(number)} follows from {given}, which was not right; this step itself is sound",
    )


_AGAIN = {
    "addition": math.fsum,
    "sum": math.fsum,
    "subtraction": lambda xs: xs[0] - xs[1],
    "product": math.prod,
    "division": lambda xs: xs[0] / xs[1],
    "power": lambda xs: xs[0] ** xs[1],
    "negation": lambda xs: -xs[0],
    "relu": lambda xs: max(xs[0], 0.0),
    "tanh": lambda xs: math.tanh(xs[0]),
    "exp": lambda xs: math.exp(xs[0]),
    "mean": lambda xs: math.fsum(xs) / len(xs),
}


def _of_operation(item: Item) -> Iterator[Slip]:
    xs = [part.number for part in item.parts]
    name, line, operation = item.name, item.line, item.operation
    for code, number, phrase, why in _wrong_results(operation, xs, name):
        if number is None or math.isclose(number, item.number, rel_tol=1e-9, abs_tol=1e-12):
            continue
        yield Slip(code, number, phrase, f"{shown_number(number)} comes from {phrase}: {line} {why}")


def _wrong_results(operation: str, xs: list[float], name: str) -> Iterator[tuple[str, float | None, str, str]]:
    if operation in ("addition", "subtraction", "product", "division") and len(xs) == 2:
        x, y = xs
        why = {"addition": "adds", "subtraction": "subtracts", "product": "multiplies", "division": "divides"}[
            operation
        ]
        results = {
            "addition": ("adding", x + y),
            "subtraction": ("subtracting", x - y),
            "product": ("multiplying", x * y),
            "division": ("dividing", x / y if y else None),
        }
        for other, (verb, number) in results.items():
            if other != operation:
                right = results[operation][0]
                yield f"{other}-for-{operation}", number, f"{verb} in place of {right} in {name}", why
        if operation == "subtraction":
            yield (
                "subtraction-reversed",
                y - x,
                f"subtracting the wrong way round in {name}",
                "takes the second from the first",
            )
        if operation == "division":
            yield (
                "division-reversed",
                y / x if x else None,
                f"dividing the wrong way round in {name}",
                "divides by the second",
            )
        if operation in ("addition", "subtraction"):
            yield "sign-lost", abs(x) + abs(y), f"losing a minus sign in {name}", f"{why} numbers with their signs"
    elif operation == "power" and len(xs) == 2:
        x, k = xs
        yield "power-as-product", x * k, f"multiplying by the exponent in {name}", "multiplies the base by itself"
        if x < 0 and k == int(k):
            even = int(k) % 2 == 0
            why = f"is {'positive' if even else 'negative'}: {int(k)} minus signs"
            yield "power-sign", -(x**k), f"a sign got wrong in the power {name}", why
    elif operation == "relu":
        yield "relu-kept", xs[0], f"keeping a negative number in {name}", "makes 0 of it"
        yield "relu-cut", 0.0, f"cutting a positive number off in {name}", "keeps it"
        yield "relu-sign", abs(xs[0]), f"dropping the minus sign in {name}", "makes 0 of a negative number"
    elif operation in ("sum", "mean"):
        total = math.fsum(xs)
        yield "mean-for-sum", total / len(xs), f"dividing by {len(xs)} in {name}", "adds only"
        yield "sum-for-mean", total, f"forgetting to divide by {len(xs)} in {name}", "is a mean"
    elif operation in ("sin", "cos", "tan"):
        turned = getattr(math, operation)(math.radians(xs[0]))
        yield "degrees", turned, f"reckoning in degrees in {name}", "takes its operand in radians"
    elif operation == "exp":
        yield "exp-as-product", math.e * xs[0], f"multiplying by e in {name}", "raises e to that number"
    elif operation == "negation":
        yield "negation-sign", xs[0], f"forgetting the minus in {name}", "turns the sign round"


def _general(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    item = puzzle.items[position]
    for part in item.parts:
        if len(item.parts) > 1:
            fact = f"{shown_number(part.number)} is {part.name} alone; {item.line} has another operand"
            yield Slip("operand-alone", part.number, f"taking {part.name} alone", fact, 2)
    yield Slip(
        "sign",
        -item.number,
        "a sign got wrong",
        f"{shown_number(-item.number)} has the right size; its sign is wrong",
        2,
    )
    yield Slip(
        "gradient",
        item.gradient,
        f"giving the gradient of {item.name}",
        f"{shown_number(item.gradient)} is the gradient of {item.name}; its value is asked",
        2,
    )
    for other, its in enumerate(puzzle.items[:400]):
        if other != position:
            yield Slip(
                "other-value",
                its.number,
                "",
                f"{shown_number(its.number)} is the value of {its.name}, not of {item.name}",
                3,
                (other,),
            )
    for factor, words in ((10, "ten times too large"), (0.1, "ten times too small")):
        yield Slip(
            "decimal-point", item.number * factor, "", f"this is {words}: look at the decimal point", 3, (int(factor),)
        )
