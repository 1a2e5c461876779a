"""Kernels: long programs, sharing, threads, memory, and what is refused; the bits stand in tests/laws."""

import copy
import pickle
import random
import threading
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from slopewise import ir
from slopewise.backends.replay import Kernel
from slopewise.errors import IRError, NumberError, ShapeError
from slopewise.ir import Builder, Program, code_of

ADD, MULTIPLY, TANH, NEGATE, WHERE = map(code_of, ("add", "multiply", "tanh", "negate", "where"))


def random_program(equations: int, window: int, seed: int = 1, inputs: int = 5) -> Program:
    """Return a program that mixes operations, with its operands among the last `window` slots, and a dozen outputs."""
    draw = random.Random(seed)
    build = Builder()
    slots = [build.input() for _ in range(inputs)] + [build.constant(c) for c in (0.5, -1.5, 0.5)]
    for _ in range(equations):
        x, y, z = (slots[-1 - draw.randrange(min(window, len(slots)))] for _ in range(3))
        code = draw.choice((ADD, MULTIPLY, TANH, NEGATE, WHERE))
        operands = {TANH: (x,), NEGATE: (x,), WHERE: (x, y, z)}.get(code, (x, y))
        made = build.emit(code, *operands)
        # Keeps the numbers within reach: a mean is never larger than both.
        slots.append(made if code != ADD else build.emit(MULTIPLY, made, slots[inputs]))
    outputs = [slots[-1], *draw.sample(slots, 10), slots[0]]
    return build.extract(slots[:inputs], outputs, [f"x{i}" for i in range(inputs)])


def same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    return array("d", xs).tobytes() == array("d", ys).tobytes()


# A window of 1 is one long chain; 40 has many equations that may change places; 20,000 spans several windows of `runs`.
@pytest.mark.parametrize("window", [1, 3, 40, 20_000])
def test_long_programs_are_the_interpreters(window: int) -> None:
    program = random_program(5_000, window)
    inputs = [0.1, -0.2, 0.3, -0.4, 0.5]
    assert same(Kernel(program).run(inputs), ir.interpret(program, inputs))


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 300])
def test_long_batches_are_single_runs(rows: int) -> None:
    program = random_program(600, 100)
    kernel = Kernel(program)
    draw = random.Random(rows)
    columns: list[Any] = [0.25, *([draw.uniform(-1, 1) for _ in range(rows)] for _ in range(3)), -0.5]
    found = kernel.run_batch(columns, rows)
    for row in {0, rows // 2, rows - 1}:
        inputs = [column if isinstance(column, float) else column[row] for column in columns]
        assert same([column[row] for column in found], kernel.run(inputs))


def test_dead_equations_are_left_out_and_registers_used_again() -> None:
    text = "\n".join(f"%{i + 1} = add %{i} %0" for i in range(100))
    kernel = Kernel(ir.parse(f"program(%0 x) {{\n{text}\n%101 = exp %5\nreturn %100 }}"))
    assert (kernel.n_equations, kernel.n_registers) == (100, 2)
    assert kernel.run([2.0]) == [202.0]


def test_equal_constants_share_a_register_and_zeros_keep_their_signs() -> None:
    kernel = Kernel(
        ir.parse("""
        program(%0 x) {
          %1 = constant 2.0; %2 = constant 2.0; %3 = constant -0.0; %4 = constant 0.0
          %5 = multiply %0 %1; %6 = multiply %5 %2; %7 = add %6 %3; %8 = atan2 %4 %3
          return %7 %8 %3 %4
        }""")
    )
    assert len(kernel.runs.constants) == 3
    assert same(kernel.run([-0.0]), [-0.0, 3.141592653589793, -0.0, 0.0])


def test_memory_is_bounded_by_the_equations() -> None:
    kernel = Kernel(random_program(20_000, 1_000))
    assert kernel.n_bytes <= 24 * kernel.n_equations
    chain = Kernel(random_program(20_000, 1))
    assert chain.n_bytes <= 24 * chain.n_equations


def test_outputs_can_be_inputs_constants_and_repeated() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 unused) { %2 = constant 7.0; %3 = negate %0; return %3 %0 %2 %3 %1 }"))
    assert kernel.run([1.5, 9.0]) == [-1.5, 1.5, 7.0, -1.5, 9.0]
    columns = kernel.run_batch([[1.5, 2.5], 9.0])
    assert [list(column) for column in columns] == [[-1.5, -2.5], [1.5, 2.5], [7.0, 7.0], [-1.5, -2.5], [9.0, 9.0]]


def test_a_program_without_inputs_or_outputs_runs() -> None:
    nothing = Kernel(ir.parse("program() { return }"))
    assert nothing.run([]) == []
    assert nothing.run_batch([], 3) == []
    fixed = Kernel(ir.parse("program() { %0 = constant 2.0; %1 = square %0; return %1 }"))
    assert fixed.run([]) == [4.0]
    assert list(fixed.run_batch([], 2)[0]) == [4.0, 4.0]
    assert list(fixed.run_batch([], 0)[0]) == []


def test_columns_are_read_where_they_are() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 y, %2 z) { %3 = multiply %0 %1; %4 = add %3 %2; return %4 %3 }"))
    table = np.arange(12.0).reshape(4, 3)
    table.setflags(write=False)
    out = np.zeros((2, 8))
    given = (out[0, ::2], out[1, ::-2])
    found = kernel.run_batch([table[:, 0], table[::-1, 1], np.float32(0.5)], 4, out=given)
    assert found is given
    expected = table[:, 0] * table[::-1, 1]
    assert out[0].tolist() == [x for pair in zip(expected + 0.5, [0.0] * 4) for x in pair]
    assert given[1].tolist() == expected.tolist()


def test_other_sequences_are_copied_and_numbers_shared() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 y) { %2 = subtract %0 %1; return %2 }"))
    for column in ([1, 2], (1.0, 2), range(1, 3), np.array([1, 2]), np.array([1, 2], np.float32), array("f", [1, 2])):
        assert list(kernel.run_batch([column, 1])[0]) == [0.0, 1.0]
    for number in (1, 1.0, True, np.float64(1), np.int8(1), np.array(1.0)):
        assert list(kernel.run_batch([number, [1.0, 2.0]])[0]) == [0.0, -1.0]


def test_what_rows_share_is_computed_once() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 k) { %2 = exp %1; %3 = sin %2; %4 = multiply %3 %0; return %4 }"))
    from slopewise.backends.lanes import lower_lanes

    lanes = lower_lanes(kernel.program, array("B", [0, 1]))
    assert (lanes.n_equations, lanes.single.n_equations) == (1, 2)
    assert list(kernel.run_batch([[1.0, 2.0], 0.5])[0]) == [kernel.run([x, 0.5])[0] for x in (1.0, 2.0)]


def test_threads_and_calls_within_calls_have_registers_of_their_own() -> None:
    program = random_program(3_000, 200)
    kernel = Kernel(program)
    points = [[0.1 * k, -0.2, 0.3, 0.05 * k, 0.5] for k in range(8)]
    expected = [ir.interpret(program, point) for point in points]
    wrong: list[int] = []

    def work(k: int) -> None:
        for _ in range(20):
            if not same(kernel.run(points[k]), expected[k]):
                wrong.append(k)
            rows = kernel.run_batch([[x] * 40 for x in points[k]])
            if not same([column[39] for column in rows], expected[k]):
                wrong.append(k)

    class Nosy(float):
        def __float__(self) -> float:
            assert same(kernel.run(points[1]), expected[1])
            return super().__float__()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    assert same(kernel.run([Nosy(x) for x in points[2]]), expected[2])
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_failed_run_leaves_the_kernel_as_it_was() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 y) { %2 = add %0 %1; return %2 }"))
    with pytest.raises((TypeError, ValueError)):
        kernel.run([1.0, "two"])
    assert kernel.run([1.0, 2.0]) == [3.0]


def test_copies_and_pickles_run() -> None:
    kernel = Kernel(ir.parse("program(%0 x) { %1 = sin %0; return %1 }"))
    assert copy.copy(kernel) is copy.deepcopy(kernel) is kernel
    assert pickle.loads(pickle.dumps(kernel)).run([0.5]) == kernel.run([0.5])


def test_a_broken_program_is_refused() -> None:
    program = ir.parse("program(%0 x) { %1 = sin %0; return %1 }")
    program.a[1] = 5_000_000
    with pytest.raises(IRError):
        Kernel(program)


def test_counts_and_lengths_that_do_not_fit_are_refused() -> None:
    kernel = Kernel(ir.parse("program(%0 x, %1 y) { %2 = add %0 %1; return %2 }"))
    x, y = array("d", [1.0, 2.0]), array("d", [0.0])
    for call in (
        lambda: kernel.run([1.0]),
        lambda: kernel.run_array(y, y),
        lambda: kernel.run_array(x, x),
        lambda: kernel.run_batch([1.0], 2),
        lambda: kernel.run_batch([[1.0, 2.0], [1.0]]),
        lambda: kernel.run_batch([[1.0, 2.0], 1.0], 3),
        lambda: kernel.run_batch([np.ones((2, 2)), 1.0]),
        lambda: kernel.run_batch([1.0, 2.0]),
        lambda: kernel.run_batch([1.0, 2.0], -1),
        lambda: kernel.run_batch([x, 2.0], out=[]),
        lambda: kernel.run_batch([x, 2.0], out=[y]),
        lambda: kernel.run_batch([x, 2.0], out=[(0.0, 0.0)]),
    ):
        with pytest.raises(ShapeError):
            call()
    for column in ("ab", [None, 1.0], object(), ["1", "2"]):
        with pytest.raises(NumberError):
            kernel.run_batch([column, 1.0], 2)
