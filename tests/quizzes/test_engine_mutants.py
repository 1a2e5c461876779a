"""A right engine with one thing broken at a time: each must be given its own cause, on its own rung."""

import importlib.util
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import slopewise as sw
from slopewise.quizzes import EngineCheck, engine_check

ENGINES = Path(__file__).parents[1] / "data" / "engines"
FINISHED = (ENGINES / "finished.py").read_text(encoding="utf-8")
PASS = FINISHED[FINISHED.index("    def backward(self):") :]
ADD = "            self.grad += 1.0 * out.grad\n            other.grad += 1.0 * out.grad\n"
MUL = "            self.grad += other.data * out.grad\n            other.grad += self.data * out.grad\n"
TANH = "(math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)"
TOPO = """            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)
"""

Broken = Callable[..., EngineCheck]
_numbers = itertools.count()


@pytest.fixture
def check(tmp_path: Path) -> Broken:
    def run(*changes: tuple[str, str]) -> EngineCheck:
        source = FINISHED
        for old, new in changes:
            assert old in source, old
            source = source.replace(old, new) if len(old) < 14 else source.replace(old, new, 1)
        name = f"mutant_{next(_numbers)}"
        file = tmp_path / f"{name}.py"
        file.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return sw.check_engine(module.Value)

    return run


def test_the_engine_as_it_is_passes_with_three_notes(check: Broken) -> None:
    report = check()
    assert report.passed and report.is_finished and report.first_failure is None
    assert [rung.name for rung in report.rungs if rung.state == "note"] == [
        "a second pass",
        "a deep chain",
        "a large tanh",
    ]


# name: what is changed, the first rung that is wrong, the code of the cause, a piece of its sentence
MUTANTS: dict[str, tuple[tuple[tuple[str, str], ...], str, str, str]] = {
    "+ assigns": (((ADD, ADD.replace("+=", "=")),), "an operand used twice", "assign", "the step of a + b writes .grad with `=`"),
    "* assigns": (((MUL, MUL.replace("+=", "=")),), "an operand used twice", "assign", "the step of a * b writes .grad with `=`"),
    "+ assigns on the right": (((ADD, ADD.replace("other.grad +=", "other.grad =")),), "an operand used twice", "assign", "the right operand's .grad"),
    "all assign": (((" += ", " = "),), "an operand used twice", "assign", "gradients are written with `=`"),
    "tanh assigns": ((("self.grad += (1 - t**2)", "self.grad = (1 - t**2)"),), "one operand under two tanh", "assign", "the step of tanh"),
    "+ without upstream": (((ADD, ADD.replace(" * out.grad", "")),), "the chain rule", "upstream", "the step of a + b leaves out the upstream gradient"),
    "* without upstream": (((MUL, MUL.replace(" * out.grad", "")),), "the chain rule", "upstream", "the step of a * b leaves out the upstream gradient"),
    "tanh without upstream": ((("(1 - t**2) * out.grad", "(1 - t**2)"),), "the chain rule through tanh", "upstream", "the step of tanh"),
    "nothing with upstream": (((" * out.grad", ""),), "the chain rule", "upstream", "no step multiplies by the upstream gradient"),
    "product rule swapped": (((MUL, "            self.grad += self.data * out.grad\n            other.grad += other.data * out.grad\n"),), "backward through a * b", "product-rule", "its own number"),
    "data captured wrongly": (((MUL, MUL.replace("other.data", "out.data").replace("self.data", "out.data")),), "backward through a * b", "captured", "the result's number"),
    "* as +": (((MUL, ADD),), "backward through a * b", "rule-of-sum", "the rule of a sum"),
    "* forgets the right": (((MUL, MUL.split("\n")[0] + "\n"),), "backward through a * b", "operand-lost", "the right operand of a * b gets nothing from its step"),
    "tanh slope 1 - t": ((("(1 - t**2)", "(1 - t)"),), "backward through tanh", "derivative", "taken as 1 − t;"),
    "tanh slope t²": ((("(1 - t**2)", "t**2"),), "backward through tanh", "derivative", "taken as t²;"),
    "tanh slope 1 - x²": ((("(1 - t**2)", "(1 - x**2)"),), "backward through tanh", "derivative", "taken as 1 − x²;"),
    "tanh of x/2": (((TANH, TANH.replace("2 * x", "x")),), "tanh", "value", "tanh takes exp(x) where exp(2x) belongs"),
    "tanh without brackets": (((TANH, "math.exp(2 * x) - 1 / math.exp(2 * x) + 1"),), "tanh", "value", "tanh lacks brackets"),
    "2 - a as a - 2": ((("return other + (-self)", "return self - other"),), "2 - a", "reflected", "2 - a is computed as a - 2"),
    "2 / a as a / 2": ((("return other * self**-1", "return self / other"),), "2 / a", "reflected", "2 / a is computed as a / 2"),
    "a - b as b - a": ((("return self + (-other)", "return other + (-self)"),), "a - b", "reflected", "a - b is computed as b - a"),
    "a - b as a + b": ((("return self + (-other)", "return self + other"),), "a - b", "value", "a - b adds"),
    "-a as a": ((("return self * -1", "return self * 1"),), "-a", "sign", "-a gives a"),
    "power without factor": ((("other * (self.data ** (other - 1))", "(self.data ** (other - 1))"),), "a ** 2", "power-rule", "forgets the factor k"),
    "power not lowered": ((("(self.data ** (other - 1))", "(self.data ** other)"),), "a ** 2", "power-rule", "does not lower the exponent"),
    "exp by the power rule": ((("out.data * out.grad", "self.data * math.exp(self.data - 1) * out.grad"),), "exp", "power-rule", "x · exp(x − 1)"),
    "exp by its operand": ((("out.data * out.grad", "self.data * out.grad"),), "exp", "derivative", "takes the operand itself for the slope"),
    "relu passes everything": ((("(out.data > 0) * out.grad", "out.grad"),), "relu", "derivative", "where relu is off"),
    "relu leaks": ((("max(0.0, self.data)", "self.data if self.data > 0 else 0.01 * self.data"), ("(out.data > 0) * out.grad", "(1.0 if self.data > 0 else 0.01) * out.grad")), "relu", "value", "relu leaks"),
    "no seed": ((("        self.grad = 1.0\n        for", "        for"),), "backward through a + b", "seed", "the pass does not start"),
    "seeded with the value": ((("        self.grad = 1.0\n        for", "        self.grad = self.data\n        for"),), "backward through a + b", "seed", "the root's value in the place of 1"),
    "not reversed": ((("reversed(topo)", "topo"),), "the chain rule", "reversed", "from the leaves up"),
    "root alone": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        self._backward()\n"),), "the chain rule", "recursion", "only the root's own step runs"),
    "naive recursion": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        self.walk()\n\n    def walk(self):\n        self._backward()\n        for child in self._prev:\n            child.walk()\n"),), "visiting in order", "order", "once for each path"),
    "seeding recursion": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        self._backward()\n        for child in self._prev:\n            child.backward()\n"),), "backward through a * b", "seed", "every node that the pass reaches gets the gradient 1"),
    "first met": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        seen = set()\n        def go(v):\n            if v not in seen:\n                seen.add(v)\n                v._backward()\n                for c in v._prev:\n                    go(c)\n        go(self)\n"),), "visiting in order", "order", "as soon as it meets it"),
    "level by level": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        seen = {self}\n        queue = [self]\n        while queue:\n            v = queue.pop(0)\n            v._backward()\n            for c in v._prev:\n                if c not in seen:\n                    seen.add(c)\n                    queue.append(c)\n"),), "visiting in order", "order", "level by level"),
    "no visited": (((TOPO, "            for child in v._prev:\n                build_topo(child)\n            topo.append(v)\n"),), "visiting in order", "order", "once for each path"),
    "one child only": (((TOPO, TOPO.replace("build_topo(child)\n", "build_topo(child)\n                    break\n")),), "the chain rule", "children", "one operand of each node"),
    "the list is kept": ((("    def __init__", "    topo = []\n    visited = set()\n\n    def __init__"), ("        topo = []\n        visited = set()\n\n        def", "        topo = Value.topo\n        visited = Value.visited\n\n        def")), "two graphs over the same leaves", "kept", "the list of nodes is kept"),
    "visited is kept": ((("    def __init__", "    visited = set()\n\n    def __init__"), ("        visited = set()\n\n        def", "        visited = Value.visited\n\n        def")), "a second pass", "kept", "(the visited nodes, or a tape)"),
    "== compares data": ((("    def __repr__", "    def __eq__(self, other):\n        return self.data == other.data\n\n    __hash__ = object.__hash__\n\n    def __repr__"), ("visited = set()", "visited = []"), ("visited.add(v)", "visited.append(v)")), "one operand under two tanh", "equality", "== compares their data"),
    "== without hash": ((("    def __repr__", "    def __eq__(self, other):\n        return self.data == other.data\n\n    def __repr__"),), "a + b", "unhashable", "unhashable type"),
    "radd calls itself": ((("    def __radd__(self, other):\n        return self + other", "    def __radd__(self, other):\n        return other + self"),), "1 + a", "endless-recursion", "RecursionError"),
    "return forgotten": ((("        out._backward = _backward\n        return out\n\n    def __mul__", "        out._backward = _backward\n\n    def __mul__"),), "a + b", "none", "a + b gives None"),
    "step called at once": ((("        out._backward = _backward\n        return out\n\n    def __mul__", "        out._backward = _backward()\n        return out\n\n    def __mul__"),), "backward through a + b", "none", "'NoneType' object is not callable"),
    "in place": ((('        out = Value(self.data + other.data, (self, other), "+")', "        self.data += other.data\n        return self\n        out = 1"),), "a + b", "in-place", "changes a itself"),
    "import forgotten": ((("import math\n", ""),), "tanh", "name", "name 'math' is not defined"),
    "gradient None": ((("self.grad = 0.0", "self.grad = None"),), "backward through a + b", "none", "NoneType"),
    "misspelt": ((("node._backward()", "node._backwards()"),), "backward through a + b", "spelling", "_backwards"),
    "whole division": ((("return self * other**-1", "other = other if isinstance(other, Value) else Value(other)\n        return Value(self.data // other.data, (self, other))"),), "a / b", "whole", "divides whole numbers"),
    "quotient's sign": ((("return self * other**-1", "other = other if isinstance(other, Value) else Value(other)\n        out = Value(self.data / other.data, (self, other))\n        def _backward():\n            self.grad += out.grad / other.data\n            other.grad += self.data / other.data**2 * out.grad\n        out._backward = _backward\n        return out"),), "a / b", "sign", "its right operand with the opposite sign"),
    "product not remembered": ((("Value(self.data * other.data, (self, other), \"*\")", "Value(self.data * other.data)"),), "the chain rule", "children", "a * b does not remember its operands"),
    "product remembers the left": ((("Value(self.data * other.data, (self, other)", "Value(self.data * other.data, (self,)"),), "the chain rule", "children", "a * b does not remember the right operand"),
    "nothing is remembered": ((("set(_children)", "set()"),), "the chain rule", "children", "the nodes do not remember their operands"),
    "two levels": (((PASS, "    def backward(self):\n        self.grad = 1.0\n        self._backward()\n        for c in self._prev:\n            c._backward()\n"),), "the chain rule", "order", "backward() never runs the step of d"),
    "sorted by data": (((TOPO, TOPO), ("reversed(topo)", "sorted(topo, key=lambda n: -n.data)")), "the chain rule", "order", "backward() runs the step of d before that of y"),
    "a Value in a Value": ((("isinstance(other, Value)", "isinstance(other, float)"),), "a + b", "wrapped", "no plain number stands in this program"),
    "step on the operand": ((("            other.grad += 1.0 * out.grad\n\n        out._backward", "            other.grad += 1.0 * out.grad\n\n        self._backward"),), "the chain rule", "not-stored", "the step of a + b is stored on the operand self"),
    "step not stored": ((("            other.grad += 1.0 * out.grad\n\n        out._backward = _backward\n", "            other.grad += 1.0 * out.grad\n\n"),), "backward through a + b", "not-stored", "the step of a + b is written, and never stored"),
    "whole gradients": (((MUL, MUL.replace("other.data * out.grad", "int(other.data * out.grad)")),), "the chain rule", "step", "called by itself"),
    "whole numbers": ((("self.data = data", "self.data = int(data)"),), "a number", "rounded", "cut to a whole one: 2.5 became 2"),
    "two decimals": ((("self.data = data", "self.data = round(data, 2)"),), "tanh", "rounded", "a number is rounded to 2 decimals"),
    "times and equals": (((MUL, MUL.replace("self.grad +=", "self.grad *=")),), "backward through a * b", "step", "multiplies the left operand's .grad"),
    "own gradient": (((ADD, ADD.replace("self.grad += 1.0 * out", "self.grad += 1.0 * self").replace("other.grad += 1.0 * out", "other.grad += 1.0 * other")),), "backward through a + b", "upstream", "the step of a + b multiplies by its operand's own gradient"),
    "returns its operand": ((("    def __radd__(self, other):\n        return self + other", "    def __radd__(self, other):\n        return self"),), "1 + a", "in-place", "the operation returns its operand a"),
    "2 * a adds": ((("    def __rmul__(self, other):\n        return self * other", "    def __rmul__(self, other):\n        return self + other"),), "2 * a", "value", "2 * a adds"),
    "grad for data": (((MUL, MUL.replace("other.data * out.grad", "other.grad * out.grad")),), "backward through a * b", "step", "takes the other operand's .grad"),
    "seed added": ((("        self.grad = 1.0\n        for", "        self.grad += 1.0\n        for"),), "a second pass", "seed", "adds 1 to the root's gradient"),
    "seed two": ((("        self.grad = 1.0\n        for", "        self.grad = 2.0\n        for"),), "backward through a + b", "seed", "starts with 2 in the place of 1"),
    "seed late": ((("        self.grad = 1.0\n        for node in reversed(topo):\n            node._backward()\n", "        for node in reversed(topo):\n            node._backward()\n        self.grad = 1.0\n"),), "backward through a + b", "seed", "only after the steps have run"),
    "all seeded": ((("        self.grad = 1.0\n        for", "        for node in topo:\n            node.grad = 1.0\n        for"),), "backward through a + b", "seed", "the gradients of all nodes are set to 1"),
    "gradients begin at 1": ((("self.grad = 0.0", "self.grad = 1.0"),), "backward through a + b", "start", "a new node's .grad begins at 1"),
    "a + a apart": (((ADD, "            self.grad += 1.0 * out.grad\n            if other is not self:\n                other.grad += 1.0 * out.grad\n"),), "an operand used twice", "collision", "a + a, an operand used twice"),
    "power lacks brackets": ((("other * (self.data ** (other - 1)) * out.grad", "other * self.data ** other - 1 * out.grad"),), "a ** 2", "power-rule", "lacks brackets"),
    "power of |k|": ((("other * (self.data", "abs(other) * (self.data"),), "a ** 2", "power-rule", "takes |k|"),
    "tanh slope 1 - x t": ((("(1 - t**2)", "(1 - x * t)"),), "backward through tanh", "derivative", "taken as 1 − x · t;"),
    "tanh slope of the sigmoid": ((("(1 - t**2)", "t * (1 - t)"),), "backward through tanh", "derivative", "taken as t · (1 − t), as for the sigmoid; it is"),
    "data changed by +": ((('        out = Value(self.data + other.data', '        self.data += other.data\n        out = Value(self.data'),), "a + b", "in-place", "a.data was 2, and is -1"),
    "data changed by the step": (((MUL, "            self.data -= 0.1 * out.grad\n" + MUL),), "backward through a * b", "in-place", "a.data was 2"),
    "quotient times 2": ((("return self * other**-1", "other = other if isinstance(other, Value) else Value(other)\n        out = Value(self.data / other.data, (self, other))\n        def _backward():\n            self.grad += out.grad / other.data\n            other.grad -= self.data / other.data * 2 * out.grad\n        out._backward = _backward\n        return out"),), "a / b", "quotient-rule", "multiplies by 2 where it should square"),
    "quotient's square": ((("return self * other**-1", "other = other if isinstance(other, Value) else Value(other)\n        out = Value(self.data / other.data, (self, other))\n        def _backward():\n            self.grad += out.grad / other.data\n            other.grad -= self.data / other.data * out.grad\n        out._backward = _backward\n        return out"),), "a / b", "quotient-rule", "forgets the square"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_the_cause_is_named(check: Broken, name: str) -> None:
    changes, rung, code, sentence = MUTANTS[name]
    report = check(*changes)
    failure = report.first_failure
    assert failure is not None, report
    assert failure.cause is not None, report
    assert (failure.name, failure.cause.code) == (rung, code), report
    assert len([one for one in report.rungs if one.state == "wrong"]) == 1, report
    assert sentence in failure.cause.says
    assert not failure.cause.others, failure.cause.others
    assert failure.cause.cure
    assert not report.passed
    assert failure.program


def test_shared_operands_are_seen_wherever_they_do_harm(check: Broken) -> None:
    report = check(
        ("self._prev = set(_children)", "self._prev = Value.shared\n        self._prev.update(_children)"),
        ("    def __init__", "    shared = set()\n\n    def __init__"),
    )
    failure = report.first_failure
    assert failure is not None and failure.cause is not None
    assert failure.cause.says == "all nodes share one set of operands: a._prev is b._prev"


def test_the_learners_line_is_shown(check: Broken) -> None:
    report = check((MUL, MUL.replace("+=", "=")))
    assert report.first_failure is not None and report.first_failure.cause is not None
    lines = report.first_failure.cause.where
    assert [line.split(": ", 1)[1] for line in lines] == [
        "self.grad = other.data * out.grad",
        "other.grad = self.data * out.grad",
    ]
    assert all(":33" in line or ":34" in line for line in lines)


def test_three_mistakes_are_three_failures(check: Broken) -> None:
    report = check(
        (MUL, MUL.replace("+=", "=")), ("(1 - t**2)", "(1 - t)"), ("return other + (-self)", "return self - other")
    )
    wrong = [rung for rung in report.rungs if rung.state == "wrong"]
    assert [(rung.name, rung.cause.code if rung.cause else "") for rung in wrong] == [
        ("backward through tanh", "derivative"),
        ("an operand used twice", "assign"),
        ("2 - a", "reflected"),
    ]
    waiting = {rung.name: rung.waits for rung in report.rungs if rung.waits}
    assert waiting["the chain rule through tanh"] == "backward through tanh"
    assert not any(rung.state == "wrong" for rung in report.rungs if rung.name in waiting)


def test_two_mistakes_in_one_step(check: Broken) -> None:
    report = check((MUL, MUL.replace("+=", "=").replace(" * out.grad", "")))
    wrong = [rung.cause for rung in report.rungs if rung.state == "wrong" and rung.cause]
    assert [(cause.code, cause.says) for cause in wrong] == [
        (
            "upstream",
            (
                "two slips together: the step of a * b leaves out the upstream gradient; and the step of a * b writes "
                ".grad with `=`: a second contribution wipes out the first"
            ),
        )
    ]


def test_a_search_that_is_cut_short_says_so(check: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_check, "RUNS_OF_SEARCH", 100)
    report = check((MUL, MUL.replace("+=", "=").replace(" * out.grad", "")))
    assert report.first_failure is not None and report.first_failure.cause is not None
    assert report.first_failure.cause.code == "step"  # called by itself it is wrong
    monkeypatch.setattr(engine_check, "odd_step", lambda *_: None)
    report = check((MUL, MUL.replace("+=", "=").replace(" * out.grad", "")))
    assert report.first_failure is not None and report.first_failure.cause is None
    assert report.first_failure.says == "looking for two slips together was cut short"


def test_what_no_slip_explains_says_so(check: Broken) -> None:
    report = check(("(1 - t**2) * out.grad", "(0.37 + 0.11 * x) * out.grad"))
    failure = report.first_failure
    assert failure is not None and failure.name == "backward through tanh"
    assert failure.cause is not None and failure.cause.code == "step"
    assert failure.cause.says == (
        "called by itself with a = 0.5 and an upstream gradient of 1.75, the step of tanh takes a.grad from 0.25 to "
        "0.9938; 1.626 is right"
    )


def test_a_rung_that_does_not_depend_on_the_failed_one_is_still_tried(check: Broken) -> None:
    report = check(("return other + (-self)", "return self - other"))
    states = {rung.name: rung.state for rung in report.rungs}
    assert states["2 - a"] == "wrong"
    assert states["exp"] == states["relu"] == states["sum()"] == states["visiting in order"] == "right"


def missing(*names: str) -> list[tuple[str, str]]:
    """Return the changes that take methods of one line out of the class."""
    changes = []
    for name in names:
        start = FINISHED.index(f"\n    def {name}(")
        changes.append((FINISHED[start : FINISHED.index("\n    def ", start + 8)], ""))
    return changes


@pytest.mark.parametrize(
    ("names", "rungs"),
    [
        (("__radd__",), {"1 + a", "2 - a", "sum()"}),
        (("__rmul__",), {"2 * a", "2 / a"}),
        (("__rsub__",), {"2 - a"}),
        (("__neg__",), {"-a", "a - b", "2 - a"}),
        (("__pow__",), {"a ** 2", "a / b", "2 / a"}),
        (("exp",), {"exp"}),
        (("relu",), {"relu"}),
    ],
)
def test_a_missing_method_is_not_yet(check: Broken, names: Any, rungs: set[str]) -> None:
    report = check(*missing(*names))
    assert report.passed
    unfinished = {rung.name for rung in report.rungs if rung.state == "not yet"}
    assert rungs <= unfinished
    assert not {"a + b", "the chain rule", "a diamond"} & unfinished
