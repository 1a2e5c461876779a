"""Laws of stories on graphs that nobody wrote down: contributions add up to gradients, and every line is true."""

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import slopewise as sw
from slopewise import Value
from slopewise.stories.arithmetic import agree, number_of
from slopewise.stories.formula import Relation

_path = Path(__file__).parents[1] / "laws" / "test_engine_laws.py"
_spec = importlib.util.spec_from_file_location("engine_laws_for_stories", _path)
assert _spec is not None and _spec.loader is not None
_laws = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_laws)

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def built(program: Any, at: list[float]) -> tuple[list[Value], Value]:
    xs = [Value(x, label=f"x{i}") for i, x in enumerate(at)]
    pool = _laws.run(program, xs)
    root = pool[-1]
    root.label = "root"
    return xs, root


@quick
@given(_laws.programs, _laws.points)
def test_contributions_add_up_to_the_gradient(program: Any, at: list[float]) -> None:
    xs, root = built(program, at)
    for nodes in (False, True):
        story = sw.explain(root, nodes=nodes)
        sums: dict[int, Any] = {}
        for step in story.steps:
            if step.kind == "backward":
                assert step.operand is not None
                assert agree(step.before, sums.get(id(step.operand), 0), 1e-12)
                sums[id(step.operand)] = step.after
                assert agree(step.after, step.before + step.contribution, 1e-12)
        root.zero_grad()
        root.backward()
        for step in story.steps:
            if step.operand is not None:
                assert agree(sums[id(step.operand)], step.operand.grad, 1e-9), step.formula
        for x in xs:
            assert agree(sums.get(id(x), 0), x.grad, 1e-9) or x is root


@quick
@given(_laws.programs, _laws.points)
def test_every_line_of_numbers_is_true(program: Any, at: list[float]) -> None:
    _, root = built(program, at)
    for step in sw.explain(root).steps:
        told = step.numbers_tree
        result = step.contribution if step.kind == "backward" else step.node.data
        if isinstance(told, Relation):
            meant = number_of(told.sides[0])
            assert meant is None or agree(meant, result, 1e-9), step
            read = number_of(told.sides[0], as_shown=True)
            assert read is None or agree(read, result, 0.03) or abs(read - result) < 1e-9, step
            if told.signs[0] == "=":
                assert read is None or agree(read, number_of(told.sides[1], as_shown=True), 1e-12), step
        else:
            assert agree(number_of(told), result, 1e-12)


@quick
@given(_laws.programs, _laws.points)
def test_every_format_can_be_written(program: Any, at: list[float]) -> None:
    _, root = built(program, at)
    story = sw.explain(root)
    assert max(len(line) for line in story.text(100).split("\n")) <= 100
    assert story.text() and story.markdown() and story.latex() and story.html() and story.json()


@quick
@given(_laws.programs, _laws.points)
def test_the_rest_of_the_graph_does_not_matter_to_a_part(program: Any, at: list[float]) -> None:
    """A node's neighbours, opened, take the steps that the whole story has for it."""
    _, root = built(program, at)
    whole = sw.explain(root)
    middle = whole.graph.nodes[len(whole.graph.nodes) // 2]
    opened = sw.explain(root, most=1).steps_of(middle.value)
    expected = whole.steps_of(middle.value)
    numbers = [(s.kind, s.name, s.operand_name, s.contribution) for s in expected]
    short = [(s.kind, s.operation, s.contribution) for s in opened]
    assert len(short) == len(numbers)
    assert [(kind, c) for kind, _, c in short] == [(kind, c) for kind, *_, c in numbers]
    assert all(agree(s.before, t.before, 1e-9) for s, t in zip(opened, expected, strict=True) if s.kind == "backward")


@pytest.mark.parametrize("x", [0.9999999, 20.0, -0.0, math.inf, math.nan, 1e-300, 1e300])
def test_hard_numbers(x: float) -> None:
    a = Value(x, label="a")
    for root in (a.tanh(), sw.sigmoid(a), a * a, a**-1, abs(a), a.relu(), sw.log(a), 1 / a, sw.maximum(a, 1.0)):
        story = sw.explain(root)
        assert agree(story.gradients["a"], sum(s.contribution for s in story if s.operand is a), 1e-12)
        str(story)


def test_a_rounding_that_would_mislead_shows_more_digits() -> None:
    a = Value(6.0, label="a")
    o = a.tanh()
    o.label = "o"
    step = sw.explain(o).steps[-1]
    assert step.numbers == "1 · (1 − 0.999987712²) ≈ 2.458e−5"
