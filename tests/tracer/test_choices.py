"""`items[i]` with a traced whole number, as a choice in the Program."""

import operator
from typing import Any

import pytest

from slopewise import Value
from slopewise.ir.interpreter import interpret
from slopewise.passes.cotangents import reverse_into
from slopewise.tracer import CAN_CHOOSE, Trace, record
from slopewise.tracer.choices import MOST_ITEMS, ChoiceRefusedError

pytestmark = pytest.mark.skipif(not CAN_CHOOSE, reason="the interpreted engine cannot hear subscripts: it makes paths")


def table(rows: int, width: int) -> list[list[Value]]:
    return [[Value(10.0 * i + j) for j in range(width)] for i in range(rows)]


def recorded(f: object, *numbers: float, integers: tuple[int, ...] = (0,)) -> Trace:
    return record(
        lambda xs: [f(*xs)],  # type: ignore[operator]
        numbers,
        integers=integers,
        reverse=reverse_into,
        choices=True,
    )


def outputs(trace: Trace, *numbers: float) -> list[float]:
    return list(interpret(trace.program, [*numbers, *(getattr(c.value, c.attribute) for c in trace.captured)]))


def test_one_program_serves_every_index() -> None:
    rows = table(5, 3)
    trace = recorded(lambda i: sum(x * x for x in rows[i]), 2)
    assert trace.n_choices == 1
    assert [guard.kind for guard in trace.guards] == ["truth"]
    for i in range(5):
        total, is_inside = outputs(trace, i)
        assert (total, is_inside) == (sum(x.data**2 for x in rows[i]), 1.0)


@pytest.mark.parametrize("i", [-1.0, 5.0, 100.0])
def test_the_guard_tells_indices_outside(i: float) -> None:
    rows = table(5, 1)
    trace = recorded(lambda i: rows[i][0], 2)
    assert outputs(trace, i)[-1] == 0.0


def test_an_index_from_the_end_is_an_answer() -> None:
    rows = table(5, 1)
    trace = recorded(lambda i: rows[i][0], -2)
    assert [(guard.kind, guard.expected) for guard in trace.guards] == [("truth", False), ("integer", -2)]
    assert outputs(trace, -2)[0] == 30.0


def test_an_index_outside_is_pythons_error() -> None:
    with pytest.raises(IndexError, match="list index out of range"):
        recorded(lambda i: table(3, 1)[i][0], 7)


def test_gradients_reach_every_item() -> None:
    rows = table(4, 2)

    def step(i: int, j: int) -> Value:
        loss = rows[i][0] * rows[j][1]
        loss.backward()
        return loss

    trace = recorded(step, 1, 3, integers=(0, 1))
    place = {id(write.value): 1 + k for k, write in enumerate(trace.writes)}
    for i in range(4):
        for j in range(4):
            numbers = outputs(trace, i, j)
            assert numbers[0] == rows[i][0].data * rows[j][1].data
            for k in range(4):
                assert numbers[place[id(rows[k][0])]] == (rows[j][1].data if k == i else 0.0)
                assert numbers[place[id(rows[k][1])]] == (rows[i][0].data if k == j else 0.0)


def test_what_was_computed_is_chosen_too() -> None:
    trace = recorded(lambda x, y: [x * k for k in range(6)][y], 2.5, 3, integers=(1,))
    assert [outputs(trace, 2.5, y)[0] for y in range(6)] == [2.5 * y for y in range(6)]


def test_ints_of_a_list_are_indices_again() -> None:
    rows, where = table(4, 1), [3, 1, 0, 2, 2]
    trace = recorded(lambda i: rows[where[i]][0], 0)
    assert trace.n_choices == 2
    assert [outputs(trace, i)[0] for i in range(5)] == [30.0, 10.0, 0.0, 20.0, 20.0]


def test_two_indices_into_a_grid() -> None:
    grid = table(3, 4)
    trace = recorded(lambda i, j: grid[i][j], 0, 0, integers=(0, 1))
    assert trace.n_choices == 2
    assert [outputs(trace, i, j)[0] for i in range(3) for j in range(4)] == [
        10.0 * i + j for i in range(3) for j in range(4)
    ]


def test_tuples_and_the_operator_module() -> None:
    rows = tuple(tuple(row) for row in table(3, 2))
    trace = recorded(lambda i: operator.getitem(rows, i)[1] + rows[i + 1][0], 1)
    assert trace.n_choices == 2
    assert outputs(trace, 0)[0] == 1.0 + 10.0


def test_a_number_that_is_not_chosen_does_no_harm() -> None:
    items = [Value(float("inf")), Value(float("nan")), Value(2.0)]
    trace = recorded(lambda i: items[i] * 3.0, 2)
    assert outputs(trace, 2)[0] == 6.0
    assert outputs(trace, 0)[0] == float("inf")


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([[Value(1.0)], [Value(1.0), Value(2.0)], [Value(3.0)]], id="ragged"),
        pytest.param([Value(1.0), 2.0, Value(3.0)], id="of two types"),
        pytest.param([[], [], []], id="empty"),
        pytest.param([Value(float(i)) for i in range(MOST_ITEMS + 1)], id="too long"),
    ],
)
def test_where_items_differ_in_form_the_index_is_an_answer(items: list[object]) -> None:
    trace = recorded(lambda i: 1.0 if items[i] is None else 2.0, 1)
    assert trace.n_choices == 0
    assert ("integer", 1) in [(guard.kind, guard.expected) for guard in trace.guards]


def assigned(x: Value) -> None:
    x.data = 1.0


def gradient_assigned(x: Value) -> None:
    x.grad = 0.0


@pytest.mark.parametrize(
    "use",
    [assigned, gradient_assigned, lambda x: x.grad, lambda x: x.backward(), lambda x: (x * 2).zero_grad()],
    ids=["data =", "grad =", "grad", "backward", "zero_grad"],
)
def test_it_is_refused_where_it_matters_which_value_was_chosen(use: object) -> None:
    rows = table(3, 1)
    with pytest.raises(ChoiceRefusedError):
        recorded(lambda i: use(rows[i][0]), 1)  # type: ignore[operator]


@pytest.mark.parametrize(
    "change", [lambda row: row.append(1.0), lambda row: row.__setitem__(0, 1.0), lambda row: row.sort()]
)
def test_a_chosen_list_is_not_changed(change: object) -> None:
    rows = table(3, 2)
    with pytest.raises(ChoiceRefusedError):
        recorded(lambda i: change(rows[i]), 1)  # type: ignore[operator]
    assert [len(row) for row in rows] == [2, 2, 2]


def test_lists_are_lists_again_after_the_trace() -> None:
    recorded(lambda i: table(3, 1)[i][0], 1)
    assert [1, 2, 3][True] == 2
    assert (1, 2, 3)[-1] == 3
    place: Any = 1.0
    with pytest.raises(TypeError, match="list indices must be integers or slices, not float"):
        [1, 2][place]


def test_without_choices_an_index_is_an_answer() -> None:
    rows = table(3, 1)
    trace = record(lambda xs: [rows[xs[0]][0]], [1], integers=(0,))
    assert [(guard.kind, guard.expected) for guard in trace.guards] == [("integer", 1)]
