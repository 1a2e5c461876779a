"""The slipped engine: right without a slip, and every slip of it told from all others by its numbers alone."""

from typing import Any

import pytest

import slopewise as sw
from slopewise.quizzes.engine_ladder import LADDER, Program
from slopewise.quizzes.engine_slipped import RIGHT, Behaviour, Engine, Node
from slopewise.quizzes.engine_slips import Slip, slips_of, slips_of_the_pass
from slopewise.quizzes.engine_trials import numbers_with, right_numbers

OPERATIONS = ("add", "mul", "rmul", "radd", "neg", "sub", "rsub", "pow", "div", "rdiv", "tanh", "exp", "relu")
SLIPS = [slip for operation in OPERATIONS for slip in slips_of(operation)] + list(slips_of_the_pass())
PROGRAMS = [program for step in LADDER if step.kind not in ("many paths", "deep") for program in step.programs]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: "; ".join(program.lines)[:70])
def test_what_is_called_right_is_what_value_gives(program: Program) -> None:
    scope: dict[str, Any] = {"Value": sw.Value}
    exec(program.text, scope)
    found = [eval(expression, scope) for expression in program.observed]
    assert found == pytest.approx(list(right_numbers(program)), rel=1e-12)


def test_composed_and_plain_engines_agree() -> None:
    for program in PROGRAMS:
        plain = next(numbers_with(program, RIGHT))
        assert next(numbers_with(program, Behaviour(is_composed=True))) == pytest.approx(plain, rel=1e-12)


def test_there_are_many_slips_and_no_two_alike() -> None:
    assert len(SLIPS) > 250
    assert len({slip.says for slip in SLIPS}) > 200
    for slip in SLIPS:
        assert slip.says[0] not in " ." and not slip.says.endswith(".")
        assert slip.cure


def class_with(slip: Slip) -> type:
    """Return a class whose engine has the slip; its source shows nothing of it."""
    engine = Engine(slip.behaviour)

    class Value(Node):
        __slots__ = ()

        def __new__(cls, data: float) -> Any:
            return engine.leaf(data)

        def __init__(self, data: float) -> None:
            pass

    return Value


def attributed(slip: Slip) -> tuple[bool, str]:
    """Tell whether the check names the slip, and what it said instead."""
    failure = sw.check_engine(class_with(slip), seconds=0.3).first_failure
    if failure is None or failure.cause is None:
        return False, f"{slip.says}: {failure and failure.name}"
    named = (failure.cause.says, *failure.cause.others)
    # Without the learner's source these two give the same numbers.
    twins = {"only the root's own step runs: the gradient stops at its operands"}
    divides = "divides by the slope" in slip.says  # by zero, which raises
    return slip.says in named or slip.says in twins or divides, f"{slip.says}: {failure.name}, {named}"


def test_slips_are_attributed() -> None:
    assert [said for is_named, said in map(attributed, SLIPS[3::23]) if not is_named] == []


@pytest.mark.large
def test_every_slip_is_attributed() -> None:
    assert [said for is_named, said in map(attributed, SLIPS) if not is_named] == []
