"""Generated exercises: the same everywhere, friendly, and no slip goes unnoticed. The slips are reckoned anew here."""

import functools
import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, Literal

import pytest

from slopewise import Value
from slopewise.engine.reading import is_constant, survey
from slopewise.engine.value import local_derivatives, operands_of
from slopewise.errors import DomainError
from slopewise.quizzes import generator, make_exercise, quiz
from slopewise.quizzes.generator import evaluated, slips_of, tells_slips_apart
from slopewise.quizzes.puzzle import rounded
from slopewise.quizzes.puzzle_reading import graph_of, puzzle_of
from slopewise.quizzes.recipes import RECIPES, read_recipe
from slopewise.quizzes.slips import is_same

LEVELS = (1, 2, 3, 4, 5)
SEEDS = range(12)
BLANKS: tuple[Literal["gradients", "values"], ...] = ("gradients", "values")


drawn = functools.cache(make_exercise)


@pytest.mark.parametrize("level", LEVELS)
def test_the_numbers_are_those_of_the_engine(level: int) -> None:
    for seed in range(10):
        exercise = drawn(level, seed)
        built = puzzle_of(graph_of(exercise.build(), None))
        ours = exercise.puzzle.positions
        assert set(built.positions) == set(ours)
        for item in built.items:
            own = exercise.puzzle.items[ours[item.name]]
            assert item.operation == own.operation
            assert item.number == pytest.approx(own.number, rel=1e-12)
            assert item.gradient == pytest.approx(own.gradient, rel=1e-12)
            assert [part.partial for part in item.parts if part.position is not None] == pytest.approx(
                [part.partial for part in own.parts if part.position is not None]
            )


def one_pass(root: Value, step: Callable[[float, float], float], order: str = "right") -> dict[str, float]:
    """Run a backward pass that puts contributions together with `step`, and return the gradients by label."""
    nodes, _ = survey(root)
    gradients = {id(node): 0.0 for node in nodes}
    gradients[id(root)] = 1.0

    def hand_on(node: Value) -> None:
        for operand, partial in zip(operands_of(node), local_derivatives(node)):
            gradients[id(operand)] = step(gradients[id(operand)], partial * gradients[id(node)])

    def recurse(node: Value) -> None:
        hand_on(node)
        for operand in dict.fromkeys(operands_of(node)):
            recurse(operand)

    if order == "recursion":
        recurse(root)
    else:
        for node in reversed(nodes):
            hand_on(node)
    return {node.label: gradients[id(node)] for node in nodes if not is_constant(node)}


@pytest.mark.parametrize("level", LEVELS)
def test_no_slip_gives_the_right_answer_and_is_told(level: int) -> None:
    """Whole passes with a mistake, reckoned here: where one gives another number, the quiz tells so."""
    telling = 0
    for seed in SEEDS:
        root = drawn(level, seed).build()
        right = one_pass(root, lambda old, new: old + new)
        asked = quiz(root)
        for step, order, code in (
            (lambda old, new: new, "right", "assign"),
            (lambda old, new: old + new, "recursion", "order-recursion"),
        ):
            folded = {"subtraction", "division", "negation"} & {item.operation for item in asked.puzzle.items}
            if order == "recursion" and folded:
                continue  # the nodes inside an idiom would be visited again as well
            wrong = one_pass(root, step, order)
            for name in asked.blanks:
                if math.isclose(wrong[name], right[name], rel_tol=1e-9, abs_tol=1e-12):
                    continue  # this node has one way to the root
                assert not is_same(wrong[name], right[name]), (level, seed, name, code)
                assert not asked.answer(name, wrong[name])
                found = [slip for slip in asked.slips(name) if slip.code == code]
                assert found and is_same(wrong[name], found[0].number), (level, seed, name, code)
                telling += code == "assign"
    assert telling > (5 if level > 1 else -1)


@pytest.mark.parametrize("level", LEVELS)
def test_an_operand_used_twice_tells_one_contribution_from_the_gradient(level: int) -> None:
    for seed in SEEDS:
        puzzle = drawn(level, seed).puzzle
        for position, item in enumerate(puzzle.items):
            uses = puzzle.uses[position]
            for use in uses if len(uses) > 1 else ():
                if use.upstream and use.partial:
                    rest = sum(other.contribution for other in uses if other is not use)
                    if rest:
                        assert not is_same(use.contribution, item.gradient), (level, seed, item.name)
            for use in uses:  # a forgotten upstream gradient shows everywhere but right below the root
                if use.user != puzzle.root and use.partial:
                    rest = sum(other.contribution for other in uses if other is not use)
                    assert not is_same(rest + use.partial, item.gradient), (level, seed, item.name)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("blank", BLANKS)
def test_common_slips_are_told_apart(level: int, blank: Literal["gradients", "values"]) -> None:
    alike = generator._are_alike
    for seed in SEEDS:
        exercise = drawn(level, seed, blank=blank)
        puzzle = exercise.puzzle
        for position, item in enumerate(puzzle.items):
            if blank == "values" and item.is_leaf:
                continue
            right = item.gradient if blank == "gradients" else item.number
            slips = [slip for slip in slips_of(puzzle, position, blank) if slip.tier == 1]
            slips = [slip for slip in slips if not is_same(slip.number, right)]
            for i, one in enumerate(slips):
                for other in slips[:i]:
                    if one.code != other.code and is_same(one.number, other.number):
                        assert alike(one.code, other.code), (level, seed, item.name, one.code, other.code)


def test_graphs_that_hide_a_slip_are_thrown_away() -> None:
    def is_kept(recipe: str, **leaves: float) -> bool:
        _, steps = read_recipe(recipe)
        puzzle = evaluated(leaves, steps)
        assert puzzle is not None
        return tells_slips_apart(leaves, steps, puzzle, "gradients")

    assert is_kept("f=a*b", a=3.0, b=5.0)
    assert not is_kept("f=a*b", a=3.0, b=3.0)  # swapped factors give the right answer
    assert not is_kept("f=a*b", a=3.0, b=-1.0)  # turned upside down, −1 is −1
    assert not is_kept("f=a^2", a=2.0)  # 2 · 2 = 2²
    assert not is_kept("d=a*b f=d+c", a=3.0, b=5.0, c=2.0)  # the upstream gradient is 1 everywhere
    assert not is_kept("d=a*b e=a+b f=d*e", a=-2.0, b=2.0)  # f is 0: e's number is 0


@pytest.mark.parametrize("level", LEVELS)
def test_numbers_are_friendly(level: int) -> None:
    for seed in SEEDS:
        exercise = drawn(level, seed)
        assert len(set(exercise.leaves.values())) == len(exercise.leaves)
        assert sum(item.gradient == 0 for item in exercise.puzzle.items) <= 3
        for item in exercise.puzzle.items:
            gradient = rounded(item.gradient)
            assert abs(gradient) <= 100 and gradient * 1000 % 1 == 0
            if level <= 3:
                assert gradient * 4 % 1 == 0


def test_every_level_brings_what_it_says() -> None:
    words = {
        level: {item.operation for seed in range(40 if level == 4 else 12) for item in drawn(level, seed).puzzle.items}
        for level in LEVELS
    }
    assert words[1] <= {"", "addition", "product"} and words[2] <= {"", "addition", "product"}
    assert {"subtraction", "power"} <= words[3] and {"division", "relu", "tanh", "exp"} <= words[4]
    assert {"tanh", "relu", "power"} <= words[5]
    for seed in SEEDS:
        for level in (2, 3):
            puzzle = drawn(level, seed).puzzle
            assert any(len(uses) > 1 for uses in puzzle.uses), (level, seed)


def test_recipes_are_sound() -> None:
    for recipes in RECIPES.values():
        assert len(set(recipes)) == len(recipes)
        for recipe in recipes:
            leaves, steps = read_recipe(recipe)
            names = [step.name for step in steps]
            assert len(set(names)) == len(names) and not set(names) & set(leaves)
            used = {part for step in steps for part in step.parts}
            assert set(leaves) <= used and set(names[:-1]) <= used
    with pytest.raises(ValueError, match="no step"):
        read_recipe("a=b&c")


def test_the_same_seed_gives_the_same_exercise() -> None:
    assert make_exercise(3, 7) == make_exercise(3, 7)
    assert make_exercise(3, 7).leaves != make_exercise(3, 8).leaves
    assert make_exercise(2, -1) != make_exercise(2, 1)
    make_exercise(1, 10**30)


def test_exercises_are_those_of_the_record() -> None:
    """Reason: a seed written on a worksheet has to give that worksheet for ever, on every platform."""
    record: list[Any] = [
        [level, seed, {name: rounded(x) for name, x in exercise.leaves.items()}, [step.name for step in exercise.steps]]
        for level in LEVELS
        for seed in (0, 1, 2)
        for exercise in [make_exercise(level, seed)]
    ]
    assert hashlib.sha256(json.dumps(record).encode()).hexdigest()[:16] == "2331085daa7b121e"


@pytest.mark.parametrize(
    ("level", "seed"), [(0, 0), (6, 0), (2.0, 0), (True, 0), ("2", 0), (1, 1.5), (1, "x"), (1, None), (None, 1)]
)
def test_what_is_no_level_or_seed(level: Any, seed: Any) -> None:
    with pytest.raises(DomainError):
        make_exercise(level, seed)
