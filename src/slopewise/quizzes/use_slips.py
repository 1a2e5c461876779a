"""The slips of one use: a contribution whose local derivative, upstream gradient or product was got wrong."""

from collections.abc import Iterator

from slopewise.quizzes.puzzle import Puzzle, Use, shown_number
from slopewise.quizzes.slips import Slip
from slopewise.quizzes.wrong_rules import wrong_rules

# Wrong rules that are met seldom: a common slip that gives the same number is spoken of first.
RARE = {
    "both-factors", "divided-by-the-factor", "power-times-base", "exponent-alone", "quotient-as-numerator",
    "quotient-sign-and-square", "tanh-plus", "tanh-as-sigmoid", "product-rule-for-sum", "sqrt-times", "degrees",
    "choice-halved", "sum-as-mean", "log-upside-down", "subtraction-sign-on-the-wrong-term", "function-of-input",
}  # fmt: skip

# Here a forgotten local derivative is a forgotten sign, or a relu that lets everything through, and told as such.
_SAID_BY_ITS_RULE = ("subtraction", "negation", "relu")


def slips_of_use(puzzle: Puzzle, position: int, use: Use) -> Iterator[Slip]:
    """List what one use gives when its step is got wrong, with the other contributions right."""
    item, user = puzzle.items[position], puzzle.items[use.user]
    rest = item.gradient - use.contribution
    is_alone = len(puzzle.uses[position]) == 1
    local = f"∂{user.name}/∂{item.name}"
    place = (use.user, use.slot)
    if use.user != puzzle.root:
        number = rest + use.partial
        fact = (
            f"{shown_number(number)} is the local derivative {local} alone; the gradient of {user.name} is still to be "
        )
        yield Slip(
            "upstream-forgotten",
            number,
            f"forgetting the upstream gradient of {user.name}",
            fact + "multiplied in"
            if is_alone
            else f"{shown_number(number)} comes from forgetting the upstream gradient of {user.name}: {local} is to be "
            "multiplied by it",
            place=place,
        )
    if user.operation not in _SAID_BY_ITS_RULE and not is_always_one(user.operation, use.slot):
        number = rest + use.upstream
        yield Slip(
            "local-forgotten",
            number,
            f"forgetting the local derivative {local}",
            f"{shown_number(number)} is the gradient of {user.name} handed on unchanged; the local derivative {local} "
            "is missing"
            if is_alone
            else f"{shown_number(number)} comes from forgetting the local derivative {local}: the gradient of "
            f"{user.name} goes on unchanged",
            place=place,
        )
    for rule in wrong_rules(user, use.slot):
        number = rest + (rule.partial * use.upstream if rule.partial else 0.0)
        fact = f"{shown_number(number)} comes from {rule.phrase}: {rule.why}"
        yield Slip(rule.code, number, rule.phrase, fact, 2 if rule.code in RARE else 1, place)
    if use.user != puzzle.root and use.partial and use.upstream and not is_always_one(user.operation, use.slot):
        number = rest + use.partial + use.upstream
        phrase = f"adding {local} and the upstream gradient of {user.name}"
        yield Slip(
            "sum-for-product",
            number,
            phrase,
            f"{shown_number(number)} comes from {phrase}: along a path they are multiplied",
            place=place,
        )


def is_always_one(operation: str, slot: int) -> bool:
    return operation in ("addition", "sum") or (operation == "subtraction" and slot == 0)
