"""The loops of scalar programs: how many nests there are, that no table is needed where a formula does, the numbers."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
import scalar_loops as made

from slopewise import ir
from slopewise.ir import Loops, Program
from slopewise.passes import differentiate
from slopewise.passes.rolling import roll, roll_within
from slopewise.tracer import record

# The program, two sizes of it, how many nests its value and gradient are, and whether tables are needed for them.
# fmt: off
PROGRAMS: list[tuple[Callable[..., made.Made], tuple[int, ...], tuple[int, ...], int, bool]] = [
    (made.micrograd_moons,    (5, 4),       (12, 7),      15, False),
    (made.softmax_classifier, (5, 4, 3),    (9, 6, 5),    16, True),
    (made.labelled_net,       (9, 4, 3),    (14, 6, 5),   11, True),
    (made.recurrent_net,      (8, 4, 2, 3), (12, 6, 3, 4), 13, True),
    (made.convolution_net,    (2, 6, 2),    (3, 8, 3),    20, True),
    (made.causal_attention,   (5, 4),       (8, 6),       25, True),
    (made.causal_softmax,     (5, 3),       (8, 4),       29, True),
    (made.mixture,            (6, 3, 2),    (9, 4, 3),    14, False),
    (made.horner,             (10,),        (40,),         8, False),
    (made.oscillator,         (10,),        (40,),        24, True),
    (made.embedded,           (20, 9, 6, 7), (28, 7, 6, 4),  9, True),
    (made.pairs,              (6,),         (12,),         7, True),
    (made.triangle,           (5,),         (9,),          5, True),
    (made.rosenbrock,         (10,),        (40,),         6, False),
    (made.epochs,             (6, 5, 3),    (12, 9, 4),   11, False),
    (made.gated,              (9, 3),       (15, 4),      37, True),
    (made.hidden_states,      (16, 3),      (22, 4),      34, True),
    (made.runge_kutta,        (6,),         (9,),        185, False),
    (made.factors,            (12, 9, 4),   (16, 13, 3),   5, False),
    (made.ratings,            (20, 3),      (40, 4),       7, True),
    (made.nested_chains,      (12,),        (20,),        29, False),
    (made.observed_epidemic,  (50,),        (100,),       89, False),
    (made.heated_rod,         (12, 20),     (16, 30),     32, True),
    (made.shortest_paths,     (6,),         (8,),         25, True),
    (made.elimination,        (8,),         (11,),        33, True),
    (made.cholesky,           (7,),         (11,),        43, True),
]
# fmt: on


def value_and_gradient(f: Callable[[list[Any]], list[Any]], numbers: list[float]) -> Program:
    program = record(f, numbers).program
    return differentiate.vjp(program, tuple(range(program.n_inputs)), (0,))


def check_numbers(loops: Loops, program: Program) -> None:
    ir.verify_loops(loops)
    draw = random.Random(7)
    inputs = [draw.gauss(0, 1) for _ in range(program.n_inputs)]
    for expected, found in zip(ir.interpret(program, inputs), ir.interpret_loops(loops, inputs), strict=True):
        assert math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("program", "small", "large", "nests", "tables"), PROGRAMS, ids=lambda x: getattr(x, "__name__", "")
)
def test_as_many_nests_at_any_size(
    program: Callable[..., made.Made], small: tuple[int, ...], large: tuple[int, ...], nests: int, tables: bool
) -> None:
    sizes = []
    for size in (small, large):
        equations = value_and_gradient(*program(*size))
        loops = roll(equations)
        assert loops.n_nests == nests, str(loops)
        assert bool(loops.tables) is tables, str(loops)
        check_numbers(loops, equations)
        sizes.append(len(str(loops.body)))
    assert sizes[1] < 1.2 * sizes[0]  # formulas do not grow either


def test_errors_at_labels_are_part_of_the_formula_of_all() -> None:
    loops = roll(value_and_gradient(*made.labelled_net(9, 4, 3)))
    assert [(table.name, len(table.values)) for table in loops.tables] == [("at", 9)]  # the scores of the labels alone
    assert "where(c1[i, j], multiply1[0] * -1, -0.0)" in str(loops)


def test_an_update_of_all_parameters_is_three_nests() -> None:
    for n in (5, 50):
        program = record(*made.adam(n)).program
        loops = roll(program)
        assert (loops.n_nests, loops.tables) == (3, ())
        ir.verify_loops(loops)
        inputs = [0.5 + i for i in range(4 * n)]
        assert ir.interpret_loops(loops, inputs) == pytest.approx(ir.interpret(program, inputs))


def test_the_nets_loops_are_what_a_person_would_write(golden: Callable[..., None]) -> None:
    program = value_and_gradient(*made.micrograd_moons(20, 16))
    golden(
        "roll/moons.txt",
        str(roll(program)),
        "value and gradient of micrograd's demo: layers, hinge, penalty, and the way back",
    )


def test_the_steps_of_a_recurrent_net_are_scans(golden: Callable[..., None]) -> None:
    program = value_and_gradient(*made.recurrent_net(9, 4, 2, 3))
    golden(
        "roll/recurrent.txt", str(roll(program)), "a recurrent net over nine steps: one scan forwards, one backwards"
    )


@pytest.mark.parametrize(
    "text",
    [
        "program() { %0 = constant 2.5; return %0 %0 }",
        "program(%0 x, %1 y) { return %1 %0 %1 }",
        "program(%0 x) { %1 = sin %0; %2 = cos %0; return %1 }",
        "program(%0 x) { return }",
        "program(%0 x) { %1 = add %0 %0; %2 = add %1 %1; %3 = add %2 %2; return %3 %2 }",
        "program(%0 x, %1 y) { %2 = subtract %0 %1; %3 = subtract %1 %0; return %2 %3 }",
        "program(%0 x) { %1 = constant 2.0; %2 = power %0 %1; %3 = constant 3.0; %4 = power %0 %3; return %2 %4 }",
        "program(%0 x, %1 y) { %2 = where %0 %1 %0; %3 = where %2 %0 %1; %4 = where %3 %0 %1; %5 = where %4 %0 %1; return %5 }",
    ],
)
def test_small_programs(text: str) -> None:
    program = ir.parse(text)
    check_numbers(roll(program), program)


def test_what_nobody_needs_is_left_out() -> None:
    loops = roll(ir.parse("program(%0 x) { %1 = sin %0; %2 = cos %0; return %1 }"))
    assert loops.n_nests == 1


def test_powers_with_different_exponents_are_different() -> None:
    f = lambda x: [sum(v**2 for v in x) + sum(v**-1 for v in x)]
    program = record(f, [1.0, 2.0, 3.0]).program
    text = str(roll(program))
    assert "** 2" in text
    assert "** -1" in text


@pytest.mark.parametrize("choose", [lambda v: max(v), lambda v: min(v)], ids=["max", "min"])
def test_choices_among_any_number_are_alike(choose: Callable[[list[Any]], Any]) -> None:
    def f(x: list[Any]) -> list[Any]:
        return [choose([v.data for v in x[: k + 2]]) * x[k] for k in range(len(x) - 1)]

    for n in (5, 9):
        program = record(f, [1.0] * n).program
        loops = roll(program)
        assert loops.n_nests == 5, str(loops)
        ir.verify_loops(loops)
        for inputs in ([1.0] * n, [-0.0, 0.0] * n, [math.nan, 1.0, 2.0, 0.5] * n, [3.0, math.nan, -math.inf] * n):
            found = ir.interpret_loops(loops, inputs[:n])
            assert list(map(repr, found)) == list(map(repr, ir.interpret(program, inputs[:n])))


def test_choices_among_unlike_numbers_stay_apart() -> None:
    def f(x: list[Any]) -> list[Any]:
        return [max([x[0].data, (x[1] * x[2]).data, x[3].data]), max([(x[0] * x[3]).data, x[1].data])]

    program = record(f, [1.0, 2.0, 3.0, 4.0]).program
    check_numbers(roll(program), program)


def test_the_products_that_a_step_adds_up_are_no_array() -> None:
    width, steps = 5, 7
    seen = made.data(steps, 2)

    def f(p: list[Any]) -> list[Any]:
        given = iter(p)
        inputs, rows = ([[next(given) for _ in range(n)] for _ in range(width)] for n in (2, width))
        state: list[Any] = [0.0] * width
        for x in seen:
            state = [
                (sum(w * a for w, a in zip(u, x)) + sum(w * h for w, h in zip(v, state)) + u[0]).tanh()
                for u, v in zip(inputs, rows)
            ]
        return [sum(state)]

    program = value_and_gradient(f, [0.1] * width * (width + 2))
    loops = roll(program)
    assert max(a.size for a in loops.arrays if a.kind.value == "local") <= width * (steps + 1), str(loops)
    check_numbers(loops, program)


def test_what_is_computed_again_from_the_same_numbers_is_computed_once() -> None:
    def f(x: list[Any]) -> list[Any]:
        shares = []
        for begin, end in ((0, 2), (2, 5), (5, 9)):
            e = [v.exp() for v in x[begin:end]]
            total = sum(e)
            shares += [v / total for v in e]  # 1 / total for each of them
        return [sum(v * v for v in shares)]

    program = value_and_gradient(f, [0.1 * k for k in range(9)])
    loops = roll(program)
    assert [a.size for a in loops.arrays if a.name == "power"] == [3], str(loops)
    check_numbers(loops, program)


def test_one_sum_of_other_length_stays_apart() -> None:
    text = str(roll(value_and_gradient(*made.ratings(20, 3))))
    assert "sum[5*i + j] = sum(k in 3: x[j, k] * x[@at[j] + k]) + c[i, j]" in text
    assert "sum[20] = sum(i in 27: x[@i] * x[@i])" in text


def test_what_does_not_roll_is_given_up() -> None:
    draw = random.Random(5)

    def irregular(x: list[Any]) -> list[Any]:
        made = list(x)
        ways: list[Callable[[Any, Any], Any]] = [
            lambda a, b: a * b,
            lambda a, b: a + b,
            lambda a, b: a.tanh(),
            lambda a, b: (a - b).sin(),
        ]
        for _ in range(3000):
            made.append(draw.choice(ways)(draw.choice(made[-50:]), draw.choice(made[-50:])))
        return made[-3:]

    program = record(irregular, [0.1, 0.2, 0.3]).program
    assert roll_within(program, 100) is None
    check_numbers(roll(program), program)


def test_a_long_recurrence_is_one_scan() -> None:
    def steps(x: list[Any]) -> list[Any]:
        h, a, b = x
        for _ in range(20_000):
            h = (h * a + b).tanh()
        return [h]

    program = record(steps, [0.1, 0.2, 0.3]).program
    loops = roll_within(program, 10)
    assert loops is not None
    assert loops.n_nests == 3
    inputs = [0.5, 0.9, 0.1]
    assert ir.interpret_loops(loops, inputs) == pytest.approx(ir.interpret(program, inputs))


def test_a_sum_of_many_samples_is_rolled_in_linear_time() -> None:
    n = 20_000  # where each term looked for the whole sum through all the others, this took minutes

    def loss(w: Any) -> Any:
        total = 0.0
        for i in range(n):
            total = total + (w[0] * (0.001 * i) - w[1]) ** 2
        return [total]

    program = differentiate.vjp(record(loss, [0.5, 0.25]).program, (0, 1))
    loops = roll(program)
    assert loops.n_nests <= 6
    expected = ir.interpret(program, [0.5, 0.25])
    assert ir.interpret_loops(loops, [0.5, 0.25]) == pytest.approx(expected, rel=1e-9)


def test_the_greatest_of_numbers_at_each_front_of_a_grid() -> None:
    program = value_and_gradient(*made.time_warp(8))
    loops = roll(program)
    check_numbers(loops, program)
    assert loops.n_nests < 100  # the fronts are scans, and what stands along two edges before them is not
