"""Exercises made to measure: graphs with friendly numbers in which no common slip goes unnoticed.

A candidate is thrown away when a slip gives the right answer by chance, or when two unlike slips give the same number:
then a wrong answer would not tell what went wrong. That a slip gives the right answer whatever the numbers are, as
where a relu is on, is seen by moving all leaves a little.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from slopewise.basics.shown_numbers import is_exact
from slopewise.engine import Value
from slopewise.errors import DomainError, InternalError
from slopewise.quizzes.gradient_slips import node_slips
from slopewise.quizzes.puzzle import Item, Part, Puzzle, rounded, shown_number
from slopewise.quizzes.recipes import LEVELS, RECIPES, Step, read_recipe
from slopewise.quizzes.slips import Slip, is_same
from slopewise.quizzes.value_slips import value_slips

MOST_TRIES = 20_000
LARGEST = 100.0
MOST_ZEROS = 3  # a relu that is off is worth a question, not a graph of zeros

# Where tanh and exp have friendly numbers: the input, as the learner sees it, and what comes out.
TANH_AT = (math.log(2), -math.log(2), 0.5 * math.log(3), -0.5 * math.log(3), math.log(3), -math.log(3))
EXP_AT = (math.log(2), -math.log(2), math.log(3), math.log(4), math.log(5))
_WHOLE = (-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
_HALVES = (-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)
_POOLS = {1: _WHOLE, 2: _WHOLE + _HALVES, 3: _WHOLE + _HALVES, 4: _WHOLE + _HALVES, 5: _WHOLE + _HALVES}


@dataclass(frozen=True)
class Exercise:
    """A generated graph.

    Attributes:
        level: From 1 to 5.
        seed: What it was drawn with: the same level and seed give the same exercise everywhere.
        blank: What will be asked: "gradients" or "values".
        leaves: The given numbers by name.
        steps: The lines that follow, each with its operation.
        puzzle: All its numbers.
    """

    level: int
    seed: int
    blank: Literal["gradients", "values"]
    leaves: dict[str, float]
    steps: tuple[Step, ...]
    puzzle: Puzzle

    def build(self) -> Value:
        """Make the graph of Values, labelled, and return its root."""
        made = {name: Value(number, label=name) for name, number in self.leaves.items()}
        node = next(iter(made.values()))
        for step in self.steps:
            parts: list[Any] = [made[part] if isinstance(part, str) else _plain(part) for part in step.parts]
            node = _APPLY[step.operation](*parts)
            node.label = step.name
            made[step.name] = node
        return node


def make_exercise(level: int = 1, seed: int = 0, *, blank: Literal["gradients", "values"] = "gradients") -> Exercise:
    """Draw an exercise; the same arguments give the same one on every platform and version of Python.

    Args:
        level: From 1 (one operation) to 5 (a neuron with its loss).
        seed: Any whole number.
        blank: What will be asked. Slips differ between gradients and values, so the graph may too.

    Returns:
        The exercise, with friendly numbers throughout.

    Raises:
        DomainError: The level is not 1 to 5, or the seed is no whole number.

    Example:
        >>> from slopewise.quizzes import make_exercise
        >>> exercise = make_exercise(level=2, seed=1)
        >>> exercise.build().label
        'f'
    """
    if type(level) is not int or level not in LEVELS:
        said = "; ".join(f"{number} {words}" for number, words in LEVELS.items())
        raise DomainError(f"the level must be a whole number from 1 to 5, got {level!r}\n{said}")
    if type(seed) is not int:
        raise DomainError(f"the seed must be a whole number, got {seed!r}")
    random = Random(f"slopewise {blank} {level} {seed}")  # text is hashed by SHA-512: the same everywhere
    recipe = _pick(random, RECIPES[level])
    for attempt in range(1, MOST_TRIES + 1):
        if attempt % 400 == 0:
            recipe = _pick(random, RECIPES[level])
        leaves, steps = read_recipe(recipe)
        numbers = _drawn(random, level, leaves, steps)
        puzzle = evaluated(numbers, steps) if numbers else None
        if puzzle and _is_friendly(puzzle, level) and tells_slips_apart(numbers, steps, puzzle, blank):
            return Exercise(level, seed, blank, numbers, steps, puzzle)
    raise InternalError(f"no exercise of level {level} was found for seed {seed}; please report it")


def evaluated(leaves: dict[str, float], steps: tuple[Step, ...]) -> Puzzle | None:
    """Work out values, local derivatives and gradients of a recipe with these numbers; None if one is not finite."""
    names = [*leaves, *(step.name for step in steps)]
    where = {name: position for position, name in enumerate(names)}
    numbers = list(leaves.values())
    made: list[tuple[tuple[float, ...], tuple[float, ...]]] = [((), ())] * len(leaves)
    for step in steps:
        xs = tuple(numbers[where[part]] if isinstance(part, str) else part for part in step.parts)
        try:
            number, partials = _step(step.operation, xs)
        except (ZeroDivisionError, OverflowError):
            return None
        if isinstance(number, complex) or not math.isfinite(number):
            return None
        numbers.append(number)
        made.append((xs, partials))
    gradients = [0.0] * len(names)
    gradients[-1] = 1.0
    for position in range(len(names) - 1, len(leaves) - 1, -1):
        step, (_, partials) = steps[position - len(leaves)], made[position]
        for part, partial in zip(step.parts, partials, strict=True):
            if isinstance(part, str) and partial:
                gradients[where[part]] += partial * gradients[position]
    items = [Item(name, "", "", (), number, gradients[i]) for i, (name, number) in enumerate(leaves.items())]
    for i, (step, (xs, partials)) in enumerate(zip(steps, made[len(leaves) :], strict=True), len(leaves)):
        parts = tuple(
            Part(where[p] if isinstance(p, str) else None, p if isinstance(p, str) else shown_number(x), x, d)
            for p, x, d in zip(step.parts, xs, partials, strict=True)
        )
        items.append(Item(step.name, step.operation, "", parts, numbers[i], gradients[i]))
    return Puzzle(tuple(items), len(items) - 1, tuple(range(len(items) - 1, -1, -1)))


def tells_slips_apart(
    leaves: dict[str, float], steps: tuple[Step, ...], puzzle: Puzzle, blank: Literal["gradients", "values"]
) -> bool:
    """Tell whether no slip gives a right answer by chance, and no two unlike slips the same number by chance."""
    moved: Puzzle | None = None
    for position, item in enumerate(puzzle.items):
        if blank == "values" and item.is_leaf:
            continue
        slips = slips_of(puzzle, position, blank)
        common = [slip for slip in slips if slip.tier == 1]
        right = item.gradient if blank == "gradients" else item.number
        hits = [slip for slip in slips if slip.tier <= 3 and is_same(slip.number, right)]
        pairs = [
            (one, other)
            for i, one in enumerate(common)
            for other in common[:i]
            if one.code != other.code and (is_same(one.number, other.number) or is_same(other.number, one.number))
        ]
        if not hits and not pairs:
            continue
        if any(_must_show(slip, puzzle) for slip in hits):
            return False
        moved = moved or evaluated(
            {name: number * (1 + 0.01 * math.sin(i + 1)) for i, (name, number) in enumerate(leaves.items())}, steps
        )
        if moved is None:
            return False
        there = {(slip.code, slip.place): slip.number for slip in slips_of(moved, position, blank)}
        its = moved.items[position].gradient if blank == "gradients" else moved.items[position].number
        for slip in hits:
            if not _agree(there.get((slip.code, slip.place)), its):
                return False
        for one, other in pairs:
            if one in hits or other in hits:
                continue
            same = _agree(there.get((one.code, one.place)), there.get((other.code, other.place)))
            if not same or not _are_alike(one.code, other.code):
                return False
    return True


def slips_of(puzzle: Puzzle, position: int, blank: str) -> list[Slip]:
    """Return the slips that count when a candidate is judged: those of the node itself and of the pass."""
    if blank == "values":
        return value_slips(puzzle, position)
    return node_slips(puzzle, position)


# Slips that are one mistake where they agree whatever the numbers are: contributions lost in one way or another, and a
# factor of the root taken for the other one, which is to give its value.
_LOST = {
    "one-contribution", "missing-contribution", "missing-path", "assign", "first-kept", "order-levels", "order-depth",
    "order-recursion",
}  # fmt: skip
_OWN_VALUE = {"value", "swapped-factors", "exponent-not-down"}


def _are_alike(one: str, other: str) -> bool:
    return {one, other} <= _LOST or {one, other} <= _OWN_VALUE


def _must_show(slip: Slip, puzzle: Puzzle) -> bool:
    """Tell whether a slip may not go unnoticed even if the graph's shape makes it so."""
    if slip.code != "upstream-forgotten":
        return False
    user, slot = slip.place
    return puzzle.items[user].parts[slot].partial != 0


def _agree(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)


def _is_friendly(puzzle: Puzzle, level: int) -> bool:
    if sum(item.gradient == 0 for item in puzzle.items) > MOST_ZEROS:
        return False
    for item in puzzle.items:
        for x in (item.number, item.gradient):
            if abs(x) > LARGEST:
                return False
        gradient = rounded(item.gradient)
        if not is_exact(gradient) or not is_exact(rounded(item.gradient * 1000 % 1), 1) or (gradient * 1000) % 1:
            return False
        if level <= 3 and (gradient * 4) % 1:
            return False
        if item.operation and item.operation not in ("tanh", "exp") and not _feeds_a_curve(puzzle, item):
            number = rounded(item.number)
            if not is_exact(number) or (number * 1000) % 1:
                return False
    return True


def _feeds_a_curve(puzzle: Puzzle, item: Item) -> bool:
    position = puzzle.positions[item.name]
    return any(puzzle.items[use.user].operation in ("tanh", "exp") for use in puzzle.uses[position])


def _drawn(random: Random, level: int, leaves: tuple[str, ...], steps: tuple[Step, ...]) -> dict[str, float]:
    """Draw the leaves, all different; the last one before a tanh or exp is set so that it lands on a friendly point."""
    pool = list(_POOLS[level])
    numbers = {name: pool.pop(_below(random, len(pool))) for name in leaves}
    for index, step in enumerate(steps):
        if step.operation in ("tanh", "exp"):
            _aim(random, numbers, steps, index)
    return numbers


def _aim(random: Random, numbers: dict[str, float], steps: tuple[Step, ...], index: int) -> None:
    """Choose the leaf that is added last before a curve so that the curve's input is a friendly point."""
    target = _pick(random, TANH_AT if steps[index].operation == "tanh" else EXP_AT)
    name = steps[index].parts[0]
    maker = next(step for step in steps if step.name == name)
    known = dict(numbers)
    for step in steps[:index]:
        if step is not maker:
            xs = [known[part] if isinstance(part, str) else part for part in step.parts]
            try:
                known[step.name] = _step(step.operation, tuple(xs))[0]
            except (ZeroDivisionError, OverflowError):
                return
    left, right = maker.parts
    if not isinstance(right, str) or right not in numbers or not isinstance(left, str):
        return
    rest = known[left]
    solved = {"addition": target - rest, "subtraction": rest - target, "product": target / rest if rest else math.nan}
    numbers[right] = solved[maker.operation]


def _step(operation: str, xs: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """Return an operation's value and local derivatives."""
    match operation, xs:
        case "addition", (x, y):
            return x + y, (1.0, 1.0)
        case "subtraction", (x, y):
            return x - y, (1.0, -1.0)
        case "product", (x, y):
            return x * y, (y, x)
        case "division", (x, y):
            return x / y, (1 / y, -x / y**2)
        case "power", (x, k):
            return x**k, (k * x ** (k - 1), 0.0)
        case "negation", (x,):
            return -x, (-1.0,)
        case "relu", (x,):
            return (x, (1.0,)) if x > 0 else (0.0, (0.0,))
        case "tanh", (x,):
            t = math.tanh(x)
            return t, (1 - t * t,)
        case "exp", (x,):
            y = math.exp(x)
            return y, (y,)
    raise InternalError(f"a recipe asks for {operation!r} of {len(xs)} operands, which the generator does not know")


_APPLY: dict[str, Callable[..., Value]] = {
    "addition": lambda x, y: x + y,
    "subtraction": lambda x, y: x - y,
    "product": lambda x, y: x * y,
    "division": lambda x, y: x / y,
    "power": lambda x, k: x**k,
    "negation": lambda x: -x,
    "relu": lambda x: x.relu(),
    "tanh": lambda x: x.tanh(),
    "exp": lambda x: x.exp(),
}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _below(random: Random, count: int) -> int:
    """Draw a whole number below count; `random()` is the one method whose sequence Python promises to keep."""
    return int(random.random() * count)


def _pick(random: Random, items: Any) -> Any:
    return items[_below(random, len(items))]
