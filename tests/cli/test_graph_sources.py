"""`FILE.py:NAME` as a target: what may be named, and one clear line for all that may not."""

import re
import sys
from pathlib import Path

import pytest

from slopewise import Value
from slopewise.cli.graph_sources import is_file_target, read_graph
from slopewise.cli.terminal import BadInput
from slopewise.engine import source_of
from slopewise.engine.reading import survey

SOURCE = """
from slopewise import Value
from slopewise.nn import MLP

print("hello")
a = Value(-2.0)
b = Value(3.0)
f = (a * b) * (a + b)
losses = [a * i for i in range(3)]
table = {"train": f}
number = f.data
net = MLP(2, [3, 1])
nothing = None
class Thing:
    pass
thing = Thing()
thing.loss = a + b
class Rude:
    def __repr__(self):
        raise ValueError("no")
rude = Rude()

def make():
    x = Value(3.0)
    y = x * x
    return y + a

def pair():
    return make(), a

def apply(x, k=2):
    return x * k

def fails():
    return 1 / 0

def empty():
    make()

for i in losses:
    pass
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    return tmp_path


def names_of(target: str) -> list[str]:
    source = read_graph(target)
    nodes, _ = survey(source.item)
    names = source.names(nodes)
    return [names.of(node) for node in nodes if names.is_given(node)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("f", -6.0),
        ("losses[2]", -4.0),
        ("losses[-1]", -4.0),
        ("table['train']", -6.0),
        ('table["train"]', -6.0),
        ("thing.loss", 1.0),
        ("make", 7.0),
        ("make()", 7.0),
        ("pair()[0]", 7.0),
        ("pair[0]", 7.0),
        ("net.layers[0].neurons[1].b", 0.0),
    ],
)
def test_what_may_be_named(name: str, data: float) -> None:
    source = read_graph(f"mine.py:{name}")
    assert isinstance(source.item, Value)
    assert source.item.data == data
    assert source.title == name


def test_nodes_are_called_as_in_the_file() -> None:
    assert names_of("mine.py:f") == ["a", "b", "f"]
    assert names_of("mine.py:losses[2]") == ["a", "losses[2]"]


def test_nodes_of_a_function_are_called_as_in_it() -> None:
    assert names_of("mine.py:make") == ["x", "y", "a"]
    assert sys.getprofile() is None


def test_lines_are_recorded_when_asked_for() -> None:
    assert source_of(read_graph("mine.py:f").item) is None
    sys.modules.pop("mine")
    source = source_of(read_graph("mine.py:f", lines=True).item)
    assert source is not None
    assert source.line == 8


def test_a_net_where_one_is_taken() -> None:
    assert len(read_graph("mine.py:net", take_models=True).item.parameters()) == 13


def test_what_the_file_prints_is_left_out_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    read_graph("mine.py:f")
    assert capsys.readouterr() == ("", "note: mine.py printed 1 line, left out here\n")


def test_an_expression_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert read_graph("f = a*a; a=2; b=3").title == "f"
    assert capsys.readouterr().err == "note: the result is f; b has no part in it\n"


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("\ufefff = a*b\na = 2\nb = 3\n"))
    assert read_graph("-").item.data == 6


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("mine.py", "mine.py names no Value: write mine.py:NAME; there are a, b, f"),
        ("mine.py:", "mine.py: names no Value: write mine.py:NAME; there are a, b, f"),
        ("mime.py:f", "no file mime.py; did you mean mine.py?"),
        ("mine.py:makee", "no makee in mine.py; did you mean make?"),
        ("mine.py:zzz", "no zzz in mine.py; there are a, b, f"),
        ("mine.py:net", "net in mine.py is a net: name what it computes, such as its loss, or look at it with slopewise draw"),
        ("mine.py:losses", "losses in mine.py holds 3 elements: name one of them, losses[0] to losses[2]"),
        ("mine.py:losses[7]", "losses in mine.py has 3 elements, so there is no losses[7]"),
        ("mine.py:table", "table in mine.py is a dict: name one of its Values, as in table['train']"),
        ("mine.py:table['test']", "table in mine.py has no 'test'; there is 'train'"),
        ("mine.py:pair", "pair in mine.py holds 2 elements: name one of them, pair[0] to pair[1]"),
        ("mine.py:number", "number in mine.py is the number -6.0, which has no graph: keep the Value itself, without .data"),
        ("mine.py:nothing", "nothing in mine.py is None, not a Value; a function must return its Value"),
        ("mine.py:empty", "empty in mine.py is None, not a Value; a function must return its Value"),
        ("mine.py:Thing", "Thing in mine.py is a class, not a Value; there are a, b, f"),
        ("mine.py:rude", "rude in mine.py is a Rude whose repr raises ValueError, not a Value; there are a, b, f"),
        ("mine.py:thing.los", "thing in mine.py has no los; did you mean thing.loss?"),
        ("mine.py:apply", "apply() in mine.py takes x, and is called without arguments here; keep its result in the file: loss = apply(…), and name that"),
        ("mine.py:fails", "fails() raised mine.py:35: return 1 / 0: ZeroDivisionError: division by zero"),
        ("mine.py:a()", "a in mine.py is Value(data=-2.0, grad=0), not a function"),
        ("mine.py:f + 1", "'f + 1' is not a name in mine.py: write mine.py:NAME, as in loss, net.loss or losses[0]"),
        ("mine.py:[0]", "'[0]' is not a name in mine.py"),
        ("mine.py:Value", "Value in mine.py is a class, not a Value"),
    ],
)  # fmt: skip
def test_what_may_not(target: str, line: str) -> None:
    with pytest.raises(BadInput, match="^" + re.escape(line)):
        read_graph(target)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("class Value:\n    pass\nf = Value()\n", "f in other.py is the file's own Value, not slopewise's; change the file to: from slopewise import Value"),
        ("from micrograd.engine import Value\nf = Value(1.0) + 2\n", "f in other.py is micrograd's Value, not slopewise's; change the file to: from slopewise import Value"),
        ("import numpy\nf = numpy.float64(2)\n", "f in other.py is the number np.float64(2.0), which has no graph"),
        ("def f():\n    import sys\n    sys.exit(3)\n", "f() in other.py ended itself with exit code 3"),
        ("x = 1\n", "no f in other.py; there is no Value in it"),
        ("f = [1, 2]\n", "f in other.py holds 2 elements, and none is a Value; there is no Value in it"),
    ],
)  # fmt: skip
def test_other_files(source: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.py").write_text(source, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "other", raising=False)
    with pytest.raises(BadInput, match="^" + re.escape(line)):
        read_graph("other.py:f")


def test_which_targets_are_files() -> None:
    assert is_file_target("a folder/net.py:loss")
    assert is_file_target("C:\\code\\net.py:loss")
    assert is_file_target("net.py")
    assert not is_file_target("f = a*b; a=1; b=2")
    assert not is_file_target("net:loss")
