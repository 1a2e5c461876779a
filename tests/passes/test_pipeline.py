"""A pipeline of passes: in order, verified between, told about, and reported."""

from array import array

import pytest

from slopewise import ir
from slopewise.errors import InternalError, IRError
from slopewise.passes import pipeline
from slopewise.passes.pipeline import Pass

SUM = ir.parse("program(%0 x) { %1 = constant 1.0; %2 = multiply %0 %1; %3 = sin %2; return %3 }")


def test_passes_run_in_order_and_are_reported() -> None:
    seen = []
    nothing = Pass("nothing", lambda program: program)
    done = pipeline.run(
        SUM,
        [nothing, pipeline.SIMPLIFY],
        lambda name, before, after, seconds: seen.append((name, before, after, seconds)),
    )
    assert str(done.program) == "program(%0 x) {\n  %1 = sin %0\n  return %1\n}"
    assert [(name, before, after) for name, before, after, _ in seen] == [
        ("nothing", SUM, SUM),
        ("simplify", SUM, done.program),
    ]
    assert [row.seconds for row in done.rows] == [seconds for *_, seconds in seen]
    last = done.rows[1]
    assert (last.name, last.equations_before, last.equations_after) == ("simplify", 2, 1)
    assert (last.bytes_before, last.bytes_after) == (SUM.n_bytes, done.program.n_bytes)
    assert str(last).startswith("simplify: 2 → 1 equations, ")
    assert str(last).endswith(" ms")


def test_no_passes_give_the_program() -> None:
    done = pipeline.run(SUM, [])
    assert done.program is SUM
    assert done.rows == ()


def test_exact_and_last_simplifications() -> None:
    p = ir.parse("program(%0 x) { %1 = constant 2.0; %2 = power %0 %1; %3 = detach %2; return %3 }")
    codes = {
        name: [ir.name_of(code) for code in pipeline.run(p, [step]).program.codes[1:]]
        for name, step in vars(pipeline).items()
        if isinstance(step, Pass)
    }
    assert codes == {
        "SIMPLIFY": ["square", "detach"],
        "SIMPLIFY_EXACTLY": ["constant", "power", "detach"],
        "FINISH": ["square"],
        "FINISH_EXACTLY": ["constant", "power"],
    }


def test_a_pass_that_breaks_a_program_is_named() -> None:
    def break_it(program: ir.Program) -> ir.Program:
        a = program.a[:]
        a[3] = 3
        return ir.Program(program.codes, a, program.b, program.c, program.pool, program.outputs, program.names)

    called: list[str] = []
    with pytest.raises(InternalError) as caught:
        pipeline.run(SUM, [Pass("break", break_it)], lambda name, *_: called.append(name))
    assert str(caught.value).splitlines() == [
        "the pass 'break' broke the program: %3 reads %3, which is not computed before it",
        "at %3 = sin %3",
        "an operation reads slots before its own: 0 to 2",
        "if the pass is not your own, please report this",
    ]
    assert isinstance(caught.value.__cause__, IRError)
    assert called == []


def test_a_pass_that_returns_something_else_is_named() -> None:
    with pytest.raises(InternalError, match="the pass 'list' returned list, and a pass returns a Program"):
        pipeline.run(SUM, [Pass("list", lambda program: [program])])  # type: ignore[arg-type, return-value]


def test_a_broken_program_is_refused_before_the_first_pass() -> None:
    broken = ir.Program(
        array("B", [9]), array("i", [0]), array("i", [-1]), array("i", [-1]), array("d"), array("i", [0])
    )
    with pytest.raises(IRError, match="%0 reads %0"):
        pipeline.run(broken, [Pass("never", lambda program: pytest.fail("was run"))])


def test_what_a_callback_raises_goes_through() -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.run(SUM, [pipeline.SIMPLIFY], stop)
