"""Finished engines pass; unfinished ones read "not yet"; hostile ones neither hang nor shout."""

import importlib.util
import json
import threading
from pathlib import Path
from types import ModuleType

import pytest

import slopewise as sw
from slopewise.engine import LectureValue
from slopewise.errors import NumberError
from slopewise.quizzes.engine_report import EngineCheck

ENGINES = Path(__file__).parents[1] / "data" / "engines"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"engines_{name}", ENGINES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STAGES = load("stages")
HOSTILE = load("hostile")


def states(report: EngineCheck) -> dict[str, str]:
    return {rung.name: rung.state for rung in report.rungs}


@pytest.mark.parametrize("cls", [sw.Value, LectureValue])
def test_our_own_engine_is_right_on_every_rung(cls: type) -> None:
    report = sw.check_engine(cls)
    assert set(states(report).values()) == {"right"}, report
    assert report.passed and report.is_finished and bool(report)
    assert "a.sigmoid()" in states(report)


def test_micrograd_passes_with_notes() -> None:
    engine = pytest.importorskip("micrograd.engine")
    report = sw.check_engine(engine.Value)
    assert report.passed and report.first_failure is None
    found = states(report)
    assert [name for name, state in found.items() if state == "note"] == ["a second pass", "a deep chain"]
    assert {name for name, state in found.items() if state == "not yet"} == {
        "tanh", "backward through tanh", "the chain rule through tanh", "one operand under two tanh", "exp",
        "tanh through exp", "a large tanh",
    }  # fmt: skip
    second = next(rung for rung in report.rungs if rung.name == "a second pass")
    assert "12 where 8 is right" in second.says


def test_just_numbers() -> None:
    report = sw.check_engine(STAGES.JustNumbers)
    found = states(report)
    assert [name for name, state in found.items() if state == "right"] == ["a number", "a + b", "a * b"]
    assert set(found.values()) == {"right", "not yet"}
    assert report.passed and not report.is_finished
    assert report.next_step is not None and report.next_step.name == "tanh"


def test_a_graph_without_a_pass() -> None:
    report = sw.check_engine(STAGES.WithGraph)
    assert report.passed
    assert report.next_step is not None and report.next_step.name == "backward through a + b"
    assert report.next_step.says == "there is no backward() yet"


def test_steps_by_hand_that_assign() -> None:
    report = sw.check_engine(STAGES.StepsByHand)
    failure = report.first_failure
    assert failure is not None and failure.name == "an operand used twice"
    assert failure.cause is not None and failure.cause.code == "assign"
    assert failure.program == ("a = StepsByHand(3.0)", "b = a + a", "b.grad = 1.0", "b._backward()")
    assert any("called by hand" in remark for remark in report.remarks)


def test_steps_by_hand_that_add() -> None:
    found = states(sw.check_engine(STAGES.AddingByHand))
    assert "wrong" not in found.values()
    assert found["a diamond"] == found["visiting in order"] == "right"


def test_a_pass_without_constants() -> None:
    report = sw.check_engine(STAGES.WithPass)
    found = states(report)
    assert "wrong" not in found.values()
    assert found["visiting in order"] == found["one operand under two tanh"] == "right"
    assert found["a + 1 and a * 2"] == found["2 * a"] == found["a - b"] == found["exp"] == "not yet"
    says = {rung.name: rung.says for rung in report.rungs}
    assert says["a + 1 and a * 2"] == "plain numbers are not taken yet"
    assert says["2 * a"] == "there is no __rmul__ yet"
    assert says["sum()"] == "there is no __radd__ yet"


def test_a_value_without_its_step_is_not_yet() -> None:
    report = sw.check_engine(STAGES.NoStepForTanh)
    rung = next(rung for rung in report.rungs if rung.name == "backward through tanh")
    assert (rung.state, rung.says) == ("not yet", "the value is right; its step is not written yet")
    assert report.passed


@pytest.mark.parametrize("name", ["Stubs", "Empty"])
def test_announced_and_not_written(name: str) -> None:
    report = sw.check_engine(getattr(STAGES, name))
    assert "wrong" not in states(report).values(), report
    assert report.first_failure is None


def test_nothing_right_is_no_pass() -> None:
    assert not sw.check_engine(STAGES.Empty).passed


def test_other_names_are_found_and_remarked() -> None:
    report = sw.check_engine(STAGES.OtherNames, seconds=0.5)
    found = states(report)
    assert report.passed
    assert found["visiting in order"] == "right"
    assert found["many paths"] == "note"
    assert report.remarks[:3] == (
        "the number is read from .value; the lecture calls it .data",
        "the gradient is read from .derivative; the lecture calls it .grad",
        "the pass is run by .backprop(); the lecture calls it .backward()",
    )


def test_a_constructor_that_needs_a_label() -> None:
    report = sw.check_engine(STAGES.LabelFirst)
    assert states(report)["a + b"] == "right"
    assert report.remarks == ("a leaf needs label too; give it a default, so that LabelFirst(2.0) is enough",)


def test_a_pass_that_is_given_its_seed() -> None:
    report = sw.check_engine(STAGES.SeedGiven)
    assert states(report)["visiting in order"] == "right"
    assert ".backward() needs gradient: it was given 1.0, the root's own gradient" in report.remarks


@pytest.mark.parametrize("name", ["LoopsForEver", "CatchesEverything", "SleepsLong"])
def test_what_does_not_end_is_stopped(name: str) -> None:
    report = sw.check_engine(getattr(HOSTILE, name), seconds=0.3)
    failure = report.first_failure
    assert failure is not None and failure.name == "a + b"
    assert failure.cause is not None and failure.cause.code == "endless"
    assert [rung.name for rung in report.rungs if rung.state == "wrong"] == ["a + b"]


@pytest.mark.parametrize("name", ["LoopsForEver", "CatchesEverything", "FillsMemory"])
def test_a_loop_leaves_no_thread_behind(name: str) -> None:
    before = set(threading.enumerate())
    sw.check_engine(getattr(HOSTILE, name), seconds=0.2)
    for thread in set(threading.enumerate()) - before:  # on a busy machine it may take longer than is waited for
        thread.join(60.0)
    assert set(threading.enumerate()) <= before


def test_memory_is_guarded() -> None:
    report = sw.check_engine(HOSTILE.FillsMemory, seconds=0.3)
    assert report.first_failure is not None and report.first_failure.name == "backward through a + b"


def test_exit_and_input_are_exceptions_like_others() -> None:
    report = sw.check_engine(HOSTILE.EndsTheProgram)
    wrong = [(rung.name, rung.cause.code) for rung in report.rungs if rung.state == "wrong" and rung.cause]
    assert wrong == [("a + b", "exit"), ("a * b", "input")]


def test_prints_are_kept_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report = sw.check_engine(HOSTILE.Shouts)
    assert capsys.readouterr() == ("", "")
    assert any("Shouts printed" in remark for remark in report.remarks)


def test_no_control_character_reaches_the_report() -> None:
    report = sw.check_engine(HOSTILE.Controls)
    for text in (report.text(), report._repr_html_(), report.markdown()):
        assert "\x1b" not in text
    assert report.first_failure is not None and report.first_failure.name == "a number"


def test_what_is_no_number_is_named() -> None:
    failure = sw.check_engine(HOSTILE.NoNumbers).first_failure
    assert failure is not None and failure.cause is not None
    assert failure.cause.says == "a.data is the text '2.5'"
    failure = sw.check_engine(HOSTILE.GradIsMethod).first_failure
    assert failure is not None and failure.cause is not None
    assert failure.cause.says == "a.grad is a method"


def test_a_class_that_answers_to_every_name() -> None:
    report = sw.check_engine(HOSTILE.HasEverything)
    assert states(report)["a number"] == "right"
    assert states(report)["a + b"] == "not yet"


def test_the_limits_are_put_back() -> None:
    import sys

    limit, stdin = sys.getrecursionlimit(), sys.stdin
    stack = threading.stack_size()
    sw.check_engine(STAGES.WithPass)
    assert (sys.getrecursionlimit(), sys.stdin, threading.stack_size()) == (limit, stdin, stack)


@pytest.mark.parametrize("wrong", [sw.Value(2.0), 3, lambda x: x, "Value", None])
def test_only_a_class_is_taken(wrong: object) -> None:
    with pytest.raises(NumberError, match=r"check_engine\(\) needs a class"):
        sw.check_engine(wrong)


def test_the_report_in_every_format() -> None:
    report = sw.check_engine(STAGES.StepsByHand)
    data = json.loads(report.to_json())
    assert data["passed"] is False and data["first_failure"] == "an operand used twice"
    assert {rung["state"] for rung in data["rungs"]} <= {"right", "wrong", "not yet", "note"}
    failure = next(rung for rung in data["rungs"] if rung["state"] == "wrong")
    assert {"what": "a.grad", "came": 1.0, "right": 2.0} in failure["results"]
    assert failure["cause"]["code"] == "assign"
    html = report._repr_html_()
    assert html.startswith('<div class="slopewise">') and "b = a + a" in html
    assert "an operand used twice" in report.markdown()
    assert report.text(60).splitlines()[0].startswith("Check of StepsByHand:")
    assert repr(report) == f"<EngineCheck of StepsByHand: {report.summary()}>"


def test_the_same_report_twice() -> None:
    assert str(sw.check_engine(STAGES.StepsByHand)) == str(sw.check_engine(STAGES.StepsByHand))
