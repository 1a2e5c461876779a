"""Sparse Jacobians: the entries, their places, the way that is chosen, and how many equations they take."""

import math
from typing import Literal

import pytest

from slopewise import ir
from slopewise.errors import DomainError
from slopewise.passes.differentiate import vjp
from slopewise.passes.jacobians import jacobian


def rosenbrock(n: int) -> ir.Program:
    """Return the sum of (1 - x)**2 + 100 * (y - x**2)**2 over neighbours x, y, as a trace of Values would be."""
    build = ir.Builder()
    add, multiply, power = map(ir.code_of, ("add", "multiply", "power"))
    x = [build.input() for _ in range(n)]
    total = build.constant(0.0)
    for i in range(n - 1):
        minus = build.emit(multiply, x[i], build.constant(-1.0))
        first = build.emit(power, build.emit(add, build.constant(1.0), minus), build.constant(2.0))
        minus = build.emit(multiply, build.emit(power, x[i], build.constant(2.0)), build.constant(-1.0))
        second = build.emit(power, build.emit(add, x[i + 1], minus), build.constant(2.0))
        term = build.emit(add, first, build.emit(multiply, second, build.constant(100.0)))
        total = build.emit(add, total, term)
    return build.extract(x, [total])


def rosenbrock_hessian(x: list[float]) -> dict[tuple[int, int], float]:
    entries = {(i, i): 0.0 for i in range(len(x))}
    for i in range(len(x) - 1):
        entries[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        entries[i + 1, i + 1] += 200
        entries[i, i + 1] = entries[i + 1, i] = -400 * x[i]
    return entries


@pytest.mark.parametrize("way", [None, "forward", "backward"])
@pytest.mark.parametrize("symmetric", [False, True])
def test_hessian_of_rosenbrock(symmetric: bool, way: None) -> None:
    n = 7
    gradient = vjp(rosenbrock(n), range(n))
    x = [0.3 * i - 0.8 for i in range(n)]
    expected = rosenbrock_hessian(x)
    derived, rows, columns = jacobian(gradient, range(n), range(1, n + 1), symmetric, way)
    ir.verify(derived)
    assert list(zip(rows, columns, strict=True)) == sorted(expected)
    assert ir.interpret(derived, x)[n + 1 :] == pytest.approx([expected[place] for place in sorted(expected)])


def test_hessian_of_rosenbrock_takes_few_equations() -> None:
    n = 60
    gradient = vjp(rosenbrock(n), range(n))
    derived, rows, _ = jacobian(gradient, range(n), range(1, n + 1))
    assert len(rows) == 3 * n - 2
    assert derived.n_equations - gradient.n_equations < 5 * len(rows)
    half, _, _ = jacobian(gradient, range(n), range(1, n + 1), symmetric=True)
    assert half.n_equations < derived.n_equations
    # mirrored entries are one slot
    assert len(set(half.outputs[n + 1 :])) <= 2 * n - 1


def test_a_symmetric_matrix_has_its_mirrored_entries() -> None:
    p = ir.parse("program(%0 x, %1 y) { %2 = multiply %0 %1; %3 = exp %2; return %3 }")
    gradient = vjp(p, [0, 1])
    for way in (None, "forward", "backward"):
        derived, rows, columns = jacobian(gradient, [0, 1], [1, 2], symmetric=True, way=way)
        assert list(zip(rows, columns, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        x, y = 0.3, 0.7
        e = math.exp(x * y)
        expected = [y * y * e, e + x * y * e, e + x * y * e, x * x * e]
        assert ir.interpret(derived, [x, y])[3:] == pytest.approx(expected, rel=1e-14)


def wide(n: int) -> ir.Program:
    """One output of many inputs: a sum of squares, added up one after the other."""
    build = ir.Builder()
    x = [build.input() for _ in range(n)]
    total = build.emit(ir.code_of("square"), x[0])
    for slot in x[1:]:
        total = build.emit(ir.code_of("add"), total, build.emit(ir.code_of("square"), slot))
    return build.extract(x, [build.emit(ir.code_of("sqrt"), total)])


def tall(n: int) -> ir.Program:
    """Many outputs of one input."""
    build = ir.Builder()
    x = build.input()
    e = build.emit(ir.code_of("exp"), x)
    return build.extract([x], [build.emit(ir.code_of("multiply"), e, build.constant(float(k))) for k in range(n)])


def test_the_shorter_way_is_chosen() -> None:
    p = wide(30)
    x = [1.0 + 0.1 * i for i in range(30)]
    norm = math.sqrt(sum(a * a for a in x))
    sizes = {}
    for way in (None, "forward", "backward"):
        derived, rows, columns = jacobian(p, range(30), [0], way=way)
        assert (list(rows), list(columns)) == ([0] * 30, list(range(30)))
        assert ir.interpret(derived, x)[1:] == pytest.approx([a / norm for a in x])
        sizes[way] = derived.n_equations
    assert sizes[None] <= min(sizes.values()) + 2
    p = tall(20)
    assert jacobian(p, [0], range(20))[0] == jacobian(p, [0], range(20), way="forward")[0]
    # two dense blocks, in which counting has to decide: 2 rows of 12 columns, then 12 rows of 2 columns
    for outer, inner, way in [(2, 12, "backward"), (12, 2, "forward")]:
        build = ir.Builder()
        xs = [build.input() for _ in range(inner)]
        total = xs[0]
        for slot in xs[1:]:
            total = build.emit(ir.code_of("tanh"), build.emit(ir.code_of("multiply"), total, slot))
        rows_ = []
        for _ in range(outer):
            total = build.emit(ir.code_of("sin"), build.emit(ir.code_of("multiply"), total, xs[0]))
            rows_.append(total)
        p = build.extract(xs, rows_)
        chosen = jacobian(p, range(inner), range(outer))[0]
        assert chosen == jacobian(p, range(inner), range(outer), way=way)[0]  # type: ignore[arg-type]
        both = [jacobian(p, range(inner), range(outer), way=w)[0].n_equations for w in ("forward", "backward")]
        assert chosen.n_equations == min(both)


def test_a_long_sum_costs_its_terms_alone() -> None:
    n = 3000
    build = ir.Builder()
    x = [build.input() for _ in range(n)]
    total = build.constant(0.0)
    outputs = []
    for slot in x:
        term = build.emit(ir.code_of("square"), slot)
        outputs.append(term)
        total = build.emit(ir.code_of("add"), total, term)
    p = build.extract(x, [*outputs, total])
    for way in (None, "forward", "backward"):
        derived, rows, _ = jacobian(p, range(n), range(n + 1), way=way)
        assert len(rows) == 2 * n
        assert derived.n_equations <= p.n_equations + n


def test_outputs_that_are_inputs_or_constants_and_repeated_places() -> None:
    p = ir.parse("program(%0 x, %1 y) { %2 = constant 3.0; %3 = multiply %0 %2; return %0 %2 %3 %1 }")
    for way in (None, "forward", "backward"):
        derived, rows, columns = jacobian(p, [1, 0, 0], [3, 0, 1, 2, 2], way=way)
        ir.verify(derived)
        entries = list(zip(rows, columns, ir.interpret(derived, [2.0, 7.0])[4:], strict=True))
        assert entries == [
            (0, 0, 1.0), (1, 1, 1.0), (1, 2, 1.0), (3, 1, 3.0), (3, 2, 3.0), (4, 1, 3.0), (4, 2, 3.0),
        ]  # fmt: skip


def test_what_never_varies_has_no_entry() -> None:
    p = ir.parse("program(%0 x, %1 y) { %2 = floor %0; %3 = where %0 %1 %2; %4 = less %0 %1; return %3 %4 }")
    _, rows, columns = jacobian(p, [0, 1], [0, 1])
    assert (list(rows), list(columns)) == ([0], [1])


def test_empty_matrices() -> None:
    p = ir.parse("program(%0 x) { return %0 }")
    for wrt, of in [([], [0]), ([0], []), ([], [])]:
        derived, rows, columns = jacobian(p, wrt, of)
        assert (list(rows), list(columns)) == ([], [])
        assert ir.interpret(derived, [3.0]) == [3.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1], [0]), "the program has 1 input, and number 1 was asked for\nthe first is number 0"),
        (([0], [4]), "the program has 1 output, and number 4 was asked for\nthe first is number 0"),
        (([0], [0, 0], True), "a symmetric matrix is square: 2 rows and 1 columns were asked for"),
        (([0], [0], False, "up"), "the way of jacobian() is 'forward' or 'backward', got 'up'"),
    ],
)
def test_errors(arguments: tuple[list[int], list[int]], words: str) -> None:
    with pytest.raises(DomainError) as caught:
        jacobian(ir.parse("program(%0 x) { return %0 }"), *arguments)
    assert str(caught.value) == words


def test_a_sum_that_is_needed_again_keeps_its_list() -> None:
    n = 12
    build = ir.Builder()
    x = [build.input() for _ in range(n)]
    total = build.emit(ir.code_of("sin"), x[0])
    sums = [total]
    for slot in x[1:]:
        total = build.emit(ir.code_of("add"), total, build.emit(ir.code_of("sin"), slot))
        sums.append(total)
    later = build.emit(ir.code_of("multiply"), sums[5], sums[5])
    p = build.extract(x, [total, later, sums[8]])
    point = [0.1 * i for i in range(n)]
    for way in ("forward", "backward"):
        derived, _, columns = jacobian(p, range(n), range(3), way=way)
        assert list(columns) == [*range(n), *range(6), *range(9)]
        cosines = [math.cos(x) for x in point]
        half = 2 * sum(math.sin(x) for x in point[:6])
        expected = [*cosines, *[half * c for c in cosines[:6]], *cosines[:9]]
        assert ir.interpret(derived, point)[3:] == pytest.approx(expected)


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_what_only_mirrored_entries_need_is_not_computed(way: Literal["forward", "backward"]) -> None:
    build = ir.Builder()
    x, y = build.input(), build.input()
    one, other = build.emit(ir.code_of("sin"), x), build.emit(ir.code_of("tanh"), y)
    gradient = vjp(build.extract([x, y], [build.emit(ir.code_of("multiply"), one, other)]), [0, 1])
    whole, *_ = jacobian(gradient, [0, 1], [1, 2], False, way)
    half, *_ = jacobian(gradient, [0, 1], [1, 2], True, way)
    assert half.n_equations < whole.n_equations
    assert ir.interpret(half, [0.3, 0.7]) == pytest.approx(ir.interpret(whole, [0.3, 0.7]))


def test_a_way_that_is_too_long_to_count_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from slopewise.passes import jacobians

    program = vjp(rosenbrock(6), range(6))
    n, x = program.n_outputs, [0.3, -0.5, 1.0, 0.7, 0.2, -0.1]
    counted = [jacobian(program, range(6), of) for of in (range(n), range(2), [0])]
    monkeypatch.setattr(jacobians, "MOST_COUNTED", 0)
    for (expected, rows, columns), of in zip(counted, (range(n), range(2), [0]), strict=True):
        made, own_rows, own_columns = jacobian(program, range(6), of)
        assert (list(own_rows), list(own_columns)) == (list(rows), list(columns))
        assert ir.interpret(made, x) == pytest.approx(ir.interpret(expected, x))
