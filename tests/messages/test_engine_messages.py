"""The exact words of what the engine and the operations say."""

# The wrong uses here are the point.
# mypy: disable-error-code="assignment,attr-defined"

import copy
import math
import statistics
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value


def message(action: Callable[[], object]) -> str:
    with pytest.raises(Exception) as info:
        action()
    return str(info.value)


def anomaly(action: Callable[[], object]) -> list[str]:
    def watched() -> None:
        with sw.anomalies():
            action()

    return message(watched).splitlines()


def test_a_value_of_no_number() -> None:
    assert (
        message(lambda: Value("3")) == "a Value holds a number, got '3'\nconvert it first, for example Value(float(x))"
    )
    assert message(lambda: Value([1, 2])).startswith("a Value holds a number, got [1, 2]\n")


def test_children_that_are_no_values() -> None:
    assert (
        message(lambda: Value(1.0, (2.0,), "x"))
        == "the operands of a node must be Values, got 2.0\nwrap numbers first: Value(2.0)"
    )


def test_local_derivatives_of_another_count() -> None:
    a = Value(1.0)
    assert message(lambda: Value(1.0, (a, a), (1.0,))) == (
        "Value(data, children, local_grads): 2 children and 1 local derivative\ngive one local derivative per child"
    )


def test_an_anomaly_in_a_value() -> None:
    x = Value(0.0, label="x")
    lines = anomaly(lambda: sw.log(x))
    assert lines[0] == "log made -inf from x = 0.0"
    assert lines[1].startswith(f"at {__file__}:")
    assert lines[1].endswith("lines = anomaly(lambda: sw.log(x))")
    assert lines[2] == "keep the operands inside the operation's domain, or clip them before it"


def test_an_anomaly_handed_on() -> None:
    w = Value(math.nan, label="w")
    lines = anomaly(lambda: w * Value(2.0))
    assert lines[0] == "* made nan from w = nan and 2.0"
    assert lines[2] == "w came in like that: look at where it was made"
    lines = anomaly(lambda: Value(2.0) * math.inf)
    assert lines[0] == "* made inf from 2.0 and inf"
    assert lines[2] == "operand 2 came in like that: look at where it was made"


def test_an_anomaly_of_a_division_speaks_of_the_division() -> None:
    a, b = Value(1.0, label="a"), Value(0.0, label="b")
    for action in (lambda: a / b, lambda: 1 / b):
        assert anomaly(action)[0] == "a reciprocal (a division, or ** -1) made inf from b = 0.0"
    assert anomaly(lambda: a / 0.0)[0] == "/ made inf from a = 1.0 divided by 0"


def test_an_anomaly_in_a_gradient() -> None:
    x = Value(0.0, label="x")

    def action() -> None:
        y = sw.sqrt(x)
        (y * 3.0).backward()

    lines = anomaly(action)
    assert (
        lines[0] == "the backward step of sqrt made the gradient of x inf, from the upstream gradient 3.0 and x = 0.0"
    )
    assert lines[1].endswith("y = sw.sqrt(x)")
    assert (
        lines[2] == "the local derivative is not finite there: move the operand away, or clip it before the operation"
    )


def test_an_anomaly_of_an_older_graph() -> None:
    y = sw.sqrt(Value(0.0))
    assert anomaly(y.backward)[1] == "at a line that was not recorded: build the graph inside the block too"


def test_a_numbers_own_exception() -> None:
    rate = Value(Fraction(0), label="rate")
    assert message(lambda: 1 / rate) == "Fraction(1, 0) (in '**' of rate = Fraction(0, 1) and -1)"
    assert message(lambda: Value(10**400) * 0.5).startswith("int too large to convert to float (in '*' of 1000")


def test_a_step_that_cannot_be_called() -> None:
    def action() -> None:
        Value(1.0)._backward = 5

    assert message(action) == "_backward must be callable, got 5"


def test_copying_a_closure() -> None:
    a = Value(1.0)
    out = Value(2.0, (a,), "sin", "s")
    out._backward = lambda: None
    assert message(lambda: copy.deepcopy(out)) == (
        "cannot copy 's': its _backward was set by hand and would go on writing into the original\n"
        "copy the parameters and build the graph anew from the copies, or make the step an operation: @slopewise.operation"
    )


def test_operand_counts_and_lengths() -> None:
    assert message(lambda: sw.exp(1.0, 2.0)) == "exp() takes 1 operand, got 2"
    assert message(lambda: sw.hypot(1.0)) == "hypot() takes 2 operands, got 1"
    assert message(lambda: sw.maximum([1.0], [1.0, 2.0])) == "maximum() of sequences needs equal lengths, got 1 and 2"
    assert message(lambda: sw.dot([1.0], [1.0, 2.0])) == "dot() needs two sequences of equal length, got 1 and 2"


def test_operands_that_are_no_numbers() -> None:
    assert message(lambda: sw.exp("1")).splitlines()[0] == "exp('1'): needs a real number, got a str"
    assert message(lambda: sw.exp(None)).splitlines()[0] == "exp(None): needs a real number, got a NoneType"
    assert message(lambda: sw.maximum(Value(1.0), "a")) == "maximum() needs a number or a Value, got 'a'"
    assert message(lambda: sw.sum([Value(1.0), "a"])) == "sum() needs numbers and Values, got 'a'"


def test_reductions_of_nothing() -> None:
    assert message(lambda: sw.mean([])) == "mean() of no values: give at least one"


def test_clip_bounds() -> None:
    assert message(lambda: sw.clip(1.0, 2.0, 1.0)) == "clip() needs low <= high, got 2.0 and 1.0"


def test_a_cycle() -> None:
    a = Value(2.0, label="a")
    b = a * 2
    a._prev = (b,)
    lines = message(b.backward).splitlines()
    a._prev = ()
    assert "has a cycle through" in lines[0]
    assert lines[1] == "only an assignment to _prev can make one: give it the operands that the node was computed from"


def test_registering_operations() -> None:
    assert message(lambda: sw.operation("many", value=lambda *x: 0, derivative=lambda *x: 0)) == (
        "operation 'many': its value takes a variable number of operands or none\nwrite the operands out, as in `lambda x, y: …`"
    )
    assert message(lambda: sw.operation("f", value=lambda x: x, derivative=lambda a, b, c: 0)) == (
        "operation 'f': its value takes 1 operand, its derivative 3\n"
        "the derivative takes the same operands, and the result after them if it wants it"
    )
    bad = sw.operation("bad", value=lambda x, y: x, derivative=lambda x, y: (1,))
    assert message(bad(Value(1.0), Value(1.0)).backward) == (
        "bad: 2 operands and 1 local derivative\nthe derivative returns one number per operand, in a tuple"
    )


def test_mistyped_names() -> None:
    assert message(lambda: sw.sigmod) == "slopewise has no 'sigmod'; did you mean 'sigmoid'?"
    assert message(lambda: sw.jit) == "slopewise has no 'jit'; did you mean 'compile'?"
    assert message(lambda: sw.Adam) == "slopewise has no 'Adam'; did you mean 'optim.Adam'?"
    assert message(lambda: sw.zzzzzz) == "slopewise has no 'zzzzzz'"


@pytest.mark.parametrize("function", [statistics.mean, statistics.pvariance, statistics.stdev])
@pytest.mark.parametrize("traced", [False, True])
def test_exact_fractions(function: Callable[[list[Any]], Any], traced: bool) -> None:
    def action() -> object:
        numbers = [Value(1.0), Value(2.0)]
        return sw.compile(lambda x: function([x, x + 1.0]))(1.0) if traced else function(numbers)

    first, where, cure = message(action).splitlines()
    assert first == "an exact fraction of a Value is asked for, and its gradient would end there"
    assert where.startswith("at ") and "test_engine_messages.py" in where
    assert cure == (
        "the functions of `statistics` work on plain numbers: sw.mean(values) has a gradient, numpy.var, numpy.std and "
        "numpy.median of the list have one too"
    )
