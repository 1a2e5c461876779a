"""Replay gives what the interpreter gives, bit for bit: one row, many rows, whatever is shared, in both engines."""

from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from programs import points, programs, quick, same_bits
from slopewise import ir
from slopewise.backends.replay import Kernel


@given(st.data())
@quick
def test_a_run_is_the_interpreters(data: st.DataObject) -> None:
    program = data.draw(programs())
    kernel = Kernel(program)
    for _ in range(2):  # the registers of the first run are used again
        inputs = data.draw(points(program.n_inputs))
        expected = ir.interpret(program, inputs)
        assert same_bits(kernel.run(inputs), expected)
        outputs = array("d", bytes(8 * program.n_outputs))
        kernel.run_array(array("d", inputs), outputs)
        assert same_bits(outputs, expected)


@given(st.data())
@settings(quick, max_examples=25)
def test_long_programs_with_every_operation_are_the_interpreters(data: st.DataObject) -> None:
    program = data.draw(programs(inputs=(1, 6), equations=(60, 90), outputs=(1, 8)))
    inputs = data.draw(points(program.n_inputs))
    assert same_bits(Kernel(program).run(inputs), ir.interpret(program, inputs))


@given(st.data())
@settings(quick, max_examples=80)
def test_each_row_of_a_batch_is_the_interpreters(data: st.DataObject) -> None:
    program = data.draw(programs(inputs=(1, 5), equations=(0, 40)))
    rows = data.draw(st.sampled_from([1, 2, 7, 8, 9, 131]))
    base = [data.draw(points(program.n_inputs)) for _ in range(min(rows, 3))]
    samples = [base[i % len(base)] for i in range(rows)]
    is_shared = data.draw(st.lists(st.booleans(), min_size=program.n_inputs, max_size=program.n_inputs))
    columns = [
        samples[0][i] if shared else array("d", [sample[i] for sample in samples]) for i, shared in enumerate(is_shared)
    ]
    kernel = Kernel(program)
    for _ in range(2):
        found = kernel.run_batch(columns, rows)
        for row, sample in enumerate(samples[:3]):
            inputs = [samples[0][i] if shared else sample[i] for i, shared in enumerate(is_shared)]
            assert same_bits([column[row] for column in found], ir.interpret(program, inputs))
        assert all(same_bits([column[row]], [column[row % len(base)]]) for column in found for row in range(rows))
