"""Rarer slips of a gradient: other ways to combine the numbers, mistakes further up, and two mistakes at once."""

import math
from collections.abc import Iterator
from functools import partial

from slopewise.quizzes import wrong_passes
from slopewise.quizzes.puzzle import Puzzle, shown_number
from slopewise.quizzes.slips import Slip
from slopewise.quizzes.use_slips import RARE, is_always_one, slips_of_use
from slopewise.quizzes.wrong_rules import wrong_rules

MOST_NODES = 400
MOST_USES = 12


def rarer_slips(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    item, uses = puzzle.items[position], puzzle.uses[position]
    right, name = item.gradient, item.name
    for use in uses[:MOST_USES]:
        user = puzzle.items[use.user]
        rest, place = right - use.contribution, (use.user, use.slot)
        phrase = f"using the value of {user.name} in place of its gradient"
        yield Slip("upstream-value", rest + use.partial * user.number, phrase, tier=2, place=place)
        if use.partial and user.operation != "product" and not is_always_one(user.operation, use.slot):
            phrase = f"dividing by ∂{user.name}/∂{name} in place of multiplying"
            yield Slip("divided", rest + use.upstream / use.partial, phrase, tier=2, place=place)
        for above in puzzle.uses[use.user][:MOST_USES]:
            upper = puzzle.items[above.user].name
            skipped = rest + use.partial * above.upstream
            fact = f"{shown_number(skipped)} takes the gradient of {upper} as upstream; {name} goes into {user.name}, "
            yield Slip(
                "skipped-a-node",
                skipped,
                f"skipping {user.name}",
                fact + f"so it is {user.name}'s",
                2,
                (*place, above.user, above.slot),
            )
        if len(uses) > 1:
            phrase = f"getting the sign of the contribution through {puzzle.place(position, use)} wrong"
            yield Slip("contribution-sign", right - 2 * use.contribution, phrase, tier=2, place=place)
    if len(uses) > 1:
        product = math.prod(use.contribution for use in uses)
        phrase = "multiplying the contributions"
        yield Slip("product-for-sum", product, phrase, f"{shown_number(product)} comes from {phrase}: they add up", 2)
        mean = right / len(uses)
        fact = f"{shown_number(mean)} is the mean of the contributions; their sum is the gradient"
        yield Slip("mean-for-sum", mean, "averaging the contributions", fact, 2)
    if position == puzzle.root:
        return
    turned = shown_number(-right)
    yield Slip("sign", -right, "a sign got wrong", f"only the sign is wrong, {turned} has the right size", 2)
    if right:
        yield Slip(
            "reciprocal", 1 / right, "turning it upside down", f"{shown_number(1 / right)} is 1 over the gradient", 2
        )
    root = puzzle.items[puzzle.root]
    phrase = f"starting with the value of {root.name} in place of 1"
    yield Slip("seed-value", right * root.number, phrase, tier=2)
    if right:
        fact = f"0 would mean that {name} has no influence on {root.name}"
        yield Slip("zero", 0.0, "leaving it at 0", fact, 2)
    for other, its in enumerate(puzzle.items[: 2 * MOST_NODES]):
        if other != position:
            number = shown_number(its.gradient)
            yield Slip(
                "other-gradient",
                its.gradient,
                "",
                f"{number} is the gradient of {its.name}, not of {name}",
                3,
                (other,),
            )
    for other, its in enumerate(puzzle.items[: 2 * MOST_NODES]):
        if other != position:
            number = shown_number(its.number)
            yield Slip(
                "other-value", its.number, "", f"{number} is the value of {its.name}; a gradient is asked", 3, (other,)
            )
    for factor, words in ((10, "ten times too large"), (0.1, "ten times too small")):
        yield Slip(
            "decimal-point", right * factor, "", f"this is {words}: look at the decimal point", 3, (int(factor),)
        )


def slips_further_up(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    """List what comes out when a rule was got wrong in a node that lies between this one and the root."""
    right = puzzle.items[position].gradient
    moved = [0.0] * len(puzzle.items)  # ∂ node / ∂ this one
    moved[position] = 1.0
    for above, _, _user, part in puzzle.edges():
        if above > position and part.position is not None and moved[part.position]:
            moved[above] += part.partial * moved[part.position]
    for above, slot, user, part in puzzle.edges():
        if part.position in (None, position) or not moved[part.position or 0]:
            continue
        assert part.position is not None
        for rule in wrong_rules(user, slot):
            number = right + (rule.partial - part.partial) * user.gradient * moved[part.position]
            phrase = f"{rule.phrase}, further up"
            fact = f"{shown_number(number)} comes from {phrase}: {rule.why}"
            yield Slip(rule.code, number, phrase, fact, 4 if rule.code in RARE else 3, (above, slot))
    for code in dict.fromkeys(rule.code for _, slot, user, _ in puzzle.edges() for rule in wrong_rules(user, slot)):
        numbers = wrong_passes.with_every_rule(puzzle, partial(_by_code, puzzle, code))
        phrase = f"the same slip in every operation of its kind ({code.replace('-', ' ')})"
        yield Slip(code, numbers[position], phrase, tier=4)


def _by_code(puzzle: Puzzle, code: str, position: int, slot: int) -> float | None:
    return next((rule.partial for rule in wrong_rules(puzzle.items[position], slot) if rule.code == code), None)


def two_slips_at_once(puzzle: Puzzle, position: int) -> Iterator[Slip]:
    """List what one contribution alone gives when its own step was got wrong as well."""
    uses = puzzle.uses[position]
    if len(uses) < 2:
        return
    right = puzzle.items[position].gradient
    for use in uses[:MOST_USES]:
        place = puzzle.place(position, use)
        alone = f"taking the contribution through {place} alone"
        rest = right - use.contribution
        for slip in slips_of_use(puzzle, position, use):
            number = slip.number - rest
            fact = f"{shown_number(number)} comes from two slips at once: {alone}, and {slip.phrase}"
            yield Slip(slip.code, number, alone, fact, 4, slip.place)
