"""Functions of ids: tables of Values indexed by ints that are others at every call."""

import math
import random
import warnings

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.compiler import paths
from slopewise.compiler.paths import MANY_BY_INDEX
from slopewise.tracer import CAN_CHOOSE

pytestmark = pytest.mark.skipif(not CAN_CHOOSE, reason="the interpreted engine cannot hear subscripts: it makes paths")

N, D, B = 12, 3, 4


class Model:
    """Embeddings and a layer of logits."""

    def __init__(self) -> None:
        draw = random.Random(7)
        self.table = [[Value(draw.gauss(0, 1)) for _ in range(D)] for _ in range(N)]
        self.weights = [[Value(draw.gauss(0, 0.3)) for _ in range(D)] for _ in range(N)]

    def parameters(self) -> list[Value]:
        return [p for m in (self.table, self.weights) for row in m for p in row]

    def loss(self, ids: list[int], labels: list[int]) -> Value:
        total = Value(0.0)
        for i, y in zip(ids, labels, strict=True):
            logits = [sum(w * x for w, x in zip(row, self.table[i], strict=True)) for row in self.weights]
            total = total + sw.logsumexp(logits) - logits[y]
        return total / len(ids)

    def step(self, ids: list[int], labels: list[int], rate: float) -> Value:
        loss = self.loss(ids, labels)
        for p in self.parameters():
            p.grad = 0.0
        loss.backward()
        for p in self.parameters():
            p.data -= rate * p.grad
        return loss


def batches(count: int) -> list[tuple[list[int], list[int]]]:
    draw = random.Random(1)
    return [([draw.randrange(N) for _ in range(B)], [draw.randrange(N) for _ in range(B)]) for _ in range(count)]


def numbers(model: Model) -> list[float]:
    return [p.data for p in model.parameters()]


@pytest.mark.parametrize("backend", ["replay", "auto", "llvm"])
def test_batches_of_ids_take_one_path_in_the_end(backend: str) -> None:
    eager, model = Model(), Model()
    step = sw.compile(model.step, backend=backend)
    for ids, labels in batches(3 * MANY_BY_INDEX):
        expected = eager.step(ids, labels, 0.1).data
        assert step(ids, labels, 0.1) == pytest.approx(expected, rel=1e-11)
    assert numbers(model) == pytest.approx(numbers(eager), rel=1e-10)
    assert len(step.paths) == 1
    assert [guard.kind for guard in step.paths[0].guards] == ["truth"] * 2 * B


def test_gradients_of_ids_are_the_eager_ones() -> None:
    eager, model = Model(), Model()
    k = sw.compile(model.loss)
    for ids, labels in batches(2 * MANY_BY_INDEX):
        eager.loss(ids, labels).backward()
        k.backward(ids, labels)
    assert [p.grad for p in model.parameters()] == pytest.approx([p.grad for p in eager.parameters()], rel=1e-10)
    assert len(k.paths) == 1


def test_a_table_among_the_arguments() -> None:
    table = [[0.1 * i, 0.2 * j] for i in range(5) for j in range(5)]
    value_and_gradient = sw.value_and_grad(lambda rows, i, j: rows[i][0] * rows[j][1] ** 2)
    draw = random.Random(3)
    for _ in range(3 * MANY_BY_INDEX):
        i, j = draw.randrange(25), draw.randrange(25)
        value, gradient = value_and_gradient(table, i, j)
        expected = [[0.0, 0.0] for _ in table]
        expected[i][0] += table[j][1] ** 2
        expected[j][1] += 2 * table[i][0] * table[j][1]
        assert value == pytest.approx(table[i][0] * table[j][1] ** 2)
        assert [x for row in gradient for x in row] == pytest.approx([x for row in expected for x in row])
    assert len(value_and_gradient.paths) == 1


def test_what_comes_back_stays_in_paths() -> None:
    model = Model()
    k = sw.compile(lambda i: sum(x * x for x in model.table[i]))
    for _ in range(20):
        for i in range(MANY_BY_INDEX):
            assert k(i) == pytest.approx(sum(x.data**2 for x in model.table[i]))
    assert len(k.paths) == MANY_BY_INDEX


def test_an_id_outside_is_pythons_error_also_later() -> None:
    table = [Value(float(i)) for i in range(100)]
    k = sw.compile(lambda i: table[i] * 2.0)
    for i in range(3 * MANY_BY_INDEX):
        assert k(i) == 2.0 * i
    with pytest.raises(IndexError, match="list index out of range"):
        k(100)
    assert k(-1) == 198.0
    assert k(99) == 198.0


def test_where_it_matters_which_value_it_is_ids_make_paths() -> None:
    eager, table = ([Value(float(i)) for i in range(30)] for _ in range(2))

    def step(rows: list[Value], i: int) -> Value:
        loss = (rows[i] - 1.0) ** 2
        rows[i].grad = 0.0
        loss.backward()
        rows[i].data -= 0.1 * rows[i].grad
        return loss

    k = sw.compile(lambda i: step(table, i))
    for i in [*range(30), *range(30)]:
        assert k(i) == step(eager, i).data
    assert [x.data for x in table] == [x.data for x in eager]


def test_exact_results_keep_to_paths() -> None:
    model = Model()
    k = sw.compile(model.loss, exact=True)
    for ids, labels in batches(2 * MANY_BY_INDEX):
        assert k(ids, labels) == model.loss(ids, labels).data
    assert len(k.paths) > MANY_BY_INDEX


def test_lengths_make_paths() -> None:
    k = sw.compile(lambda n, x: sum(x**i for i in range(n)))
    for n in range(2, 2 + 2 * MANY_BY_INDEX):
        assert k(n, 0.5) == pytest.approx(2.0, rel=4 * 0.5**n)
    assert len(k.paths) == 2 * MANY_BY_INDEX


def test_batched_rows_of_ids() -> None:
    model = Model()
    data = batches(50)
    ids = [i for batch, _ in data for i in batch]
    labels = [y for _, batch in data for y in batch]
    mean = sw.batched(lambda i, y: model.loss([i], [y]), reduction="mean")
    expected = model.loss(ids, labels).data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            assert mean(ids, labels) == pytest.approx(expected, rel=1e-11)
            assert mean(ids[:60], labels[:60]) == pytest.approx(model.loss(ids[:60], labels[:60]).data, rel=1e-11)


def test_tables_of_plain_numbers() -> None:
    places, heights = [3, 0, 2, 1] * 10, [math.sin(i) for i in range(40)]
    k = sw.compile(lambda i, x: x * heights[i] + heights[places[i]])
    for i in range(40):
        assert k(i, 2.0) == pytest.approx(2.0 * heights[i] + heights[places[i]])
    assert len(k.paths) == 1


def test_where_there_is_too_much_to_choose_from_calls_run_step_by_step() -> None:
    eager, table = ([[Value(1e-4 * i + j) for j in range(2)] for i in range(9000)] for _ in range(2))

    def step(rows: list[list[Value]], i: int, j: int) -> Value:
        loss = (rows[i][0] * rows[j][1] - 0.5) ** 2
        for k in (i, j):
            for p in rows[k]:
                p.grad = 0.0
        loss.backward()
        for p in {id(p): p for k in (i, j) for p in rows[k]}.values():
            p.data -= 0.1 * p.grad
        return loss

    k = sw.compile(lambda i, j: step(table, i, j))
    draw = random.Random(5)

    def calls() -> None:
        for _ in range(100):
            i, j = draw.randrange(9000), draw.randrange(9000)
            assert k(i, j) == pytest.approx(step(eager, i, j).data, rel=1e-12)

    with pytest.warns(sw.errors.PathWarning, match="32 different paths in nearly as many calls") as warned:
        calls()
    assert str(warned[0].message).endswith(
        "give what the index chooses, table[i], in place of i; or leave this function uncompiled"
    )
    assert len(k.paths) == 32
    assert [p.data for row in table for p in row] == pytest.approx([p.data for row in eager for p in row], rel=1e-12)


def test_few_large_paths_are_enough_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MUCH", 10)
    table = [[Value(1e-4 * i + j) for j in range(2)] for i in range(9000)]
    k = sw.compile(lambda i, j: (table[i][0] * table[j][1] - 0.5) ** 2)
    draw = random.Random(6)
    given = [(draw.randrange(9000), draw.randrange(9000)) for _ in range(20)]
    with pytest.warns(sw.errors.PathWarning, match="4 different paths in nearly as many calls"):
        found = [k(i, j) for i, j in given]
    assert found == [(table[i][0].data * table[j][1].data - 0.5) ** 2 for i, j in given]
    assert len(k.paths) == 4
