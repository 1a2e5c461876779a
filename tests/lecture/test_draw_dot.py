"""`trace`, `draw_dot` and the `Digraph` that it returns."""

import math
import os
import re
import stat
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

import slopewise
from slopewise.engine import NATIVE
from slopewise.errors import DataError, DomainError, MissingExtraError, NumberError
from slopewise.lecture import Digraph, Value, draw_dot, trace
from slopewise.lecture.digraph import quote


def graph_of_the_lecture() -> Any:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    return d


def test_trace_gives_sets_of_nodes_and_edges() -> None:
    d = graph_of_the_lecture()
    nodes, edges = trace(d)
    e, c = d._prev
    a, b = e._prev
    assert isinstance(nodes, set)
    assert nodes == {a, b, c, d, e}
    assert edges == {(a, e), (b, e), (e, d), (c, d)}
    assert [n.label for n in nodes] == ["a", "b", "e", "c", "d"]
    assert [(x.label, y.label) for x, y in edges] == [("a", "e"), ("b", "e"), ("e", "d"), ("c", "d")]
    extra = Value(1.0)
    nodes.add(extra)
    nodes.discard(a)
    assert [n.label for n in nodes] == ["b", "e", "c", "d", ""]


def test_the_text_of_a_picture() -> None:
    d = graph_of_the_lecture()
    d.backward()
    assert draw_dot(d).source == (
        "digraph {\n"
        "\tgraph [rankdir=LR]\n"
        '\tn0 [label="{ a | data 2.0000 | grad -3.0000 }" shape=record]\n'
        '\tn1 [label="{ b | data -3.0000 | grad 2.0000 }" shape=record]\n'
        '\tn2 [label="{ e | data -6.0000 | grad 1.0000 }" shape=record]\n'
        '\t"n2*" [label="*"]\n'
        '\t"n2*" -> n2\n'
        '\tn3 [label="{ c | data 10.0000 | grad 1.0000 }" shape=record]\n'
        '\tn4 [label="{ d | data 4.0000 | grad 1.0000 }" shape=record]\n'
        '\t"n4+" [label="+"]\n'
        '\t"n4+" -> n4\n'
        '\tn0 -> "n2*"\n'
        '\tn1 -> "n2*"\n'
        '\tn2 -> "n4+"\n'
        '\tn3 -> "n4+"\n'
        "}\n"
    )


def test_the_same_text_every_time() -> None:
    assert draw_dot(graph_of_the_lecture()).source == draw_dot(graph_of_the_lecture()).source


def test_an_operand_used_twice_has_two_edges() -> None:
    a = Value(3.0)
    assert draw_dot(a + a).source.count('n0 -> "n1+"') == 2


def test_arguments() -> None:
    d = graph_of_the_lecture()
    dot = draw_dot(d, format="png", rankdir="TB")
    assert (dot.format, dot.graph_attr) == ("png", {"rankdir": "TB"})
    assert draw_dot(d).format == "svg"
    with pytest.raises(DomainError, match="rankdir='up' is no direction"):
        draw_dot(d, rankdir="up")
    with pytest.raises(NumberError, match="draw one of its Values"):
        draw_dot([d])


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("x|y", r"x\|y"),
        ("{x}", r"\{x\}"),
        ("a<b>", r"a\<b\>"),
        ('say "hi"', r"say \"hi\""),
        ("back\\slash", r"back\\slash"),
        ("two\nlines", r"two\nlines"),
        ("Größe β₁", "Größe β₁"),
        (7, "7"),
    ],
)
def test_labels_are_shown_and_not_obeyed(label: Any, expected: Any) -> None:
    assert f'[label="{{ {expected} | data' in draw_dot(Value(1.0, label=label)).source


def test_operations_of_every_name() -> None:
    a = Value(2.0)
    for op in ('q"', "a:b", "2nd", "back\\", "node"):
        out = Value(1.0, (a,), op)
        lines = draw_dot(out).source.splitlines()
        name = lines[4].split(" [")[0].strip()
        assert lines[5] == f"\t{name} -> n1"
        assert lines[6] == f"\tn0 -> {name}"
        assert name not in ("n0", "n1")
    by_hand = Value(6.0, (a,), (3.0,))
    assert "\tn0 -> n1\n" in draw_dot(by_hand).source


def test_numbers_of_every_type() -> None:
    for x, text in ((3, "3.0000"), (1j, "0.0000+1.0000j"), (math.nan, "nan"), (-math.inf, "-inf")):
        assert f"data {text} " in draw_dot(slopewise.Value(x)).source


def test_many_nodes() -> None:
    additions = 100_000 if NATIVE else 10_000
    x: Any = Value(0.0)
    for _ in range(additions):
        x = x + 1.0
    assert len(trace(x)[0]) == 2 * additions + 1
    assert draw_dot(x).source.count("shape=record") == 2 * additions + 1


# ---------------------------------------------------------------------- Digraph


def test_building_by_hand() -> None:
    dot = Digraph("g", comment="made by hand", node_attr={"shape": "box"}, strict=True)
    dot.node("a", "the input", color="red")
    dot.node("node")
    dot.edge("a", "b c", label="w")
    dot.edge("r:left", "b:n")
    dot.edges(["ab", ("x", "y")])
    dot.attr(rankdir="LR")
    dot.attr("edge", color="grey")
    dot.attr("node")
    with dot.subgraph(name="cluster_0") as part:
        part.node("inner")
    dot.subgraph(Digraph("other", body=["\tz\n"]))
    assert str(dot) == dot.source == "".join(dot) == (
        "// made by hand\n"
        "strict digraph g {\n"
        "\tnode [shape=box]\n"
        '\ta [label="the input" color=red]\n'
        '\t"node"\n'
        '\ta -> "b c" [label=w]\n'
        "\tr:left -> b:n\n"
        "\ta -> b\n"
        "\tx -> y\n"
        "\trankdir=LR\n"
        "\tedge [color=grey]\n"
        "\tsubgraph cluster_0 {\n"
        "\t\tinner\n"
        "\t}\n"
        "\tsubgraph other {\n"
        "\t\tz\n"
        "\t}\n"
        "}\n"
    )  # fmt: skip
    with pytest.raises(DomainError, match="graph, node or edge"):
        dot.attr("nodes", color="red")


def test_copy_and_clear() -> None:
    dot = draw_dot(graph_of_the_lecture())
    other = dot.copy()
    other.node("more")
    assert other.source != dot.source
    other.clear(keep_attrs=True)
    assert other.source == "digraph {\n\tgraph [rankdir=LR]\n}\n"
    other.clear()
    assert other.source == "digraph {\n}\n"


def test_quoting_never_breaks_out() -> None:
    for text in ("a", "1.5", "a b", 'q"', "end\\", '\\"', 'x\\\\"', "edge", "", "n1+"):
        quoted = quote(text)
        assert re.fullmatch(r'[a-z]|1\.5|"([^"\\]|\\.)*"', quoted, re.DOTALL), (text, quoted)


def test_save(tmp_path: Any) -> None:
    dot = draw_dot(graph_of_the_lecture())
    path = dot.save(tmp_path / "deep" / "graph.gv")
    assert (tmp_path / "deep" / "graph.gv").read_text(encoding="utf-8") == dot.source
    assert path == dot.filepath == str(tmp_path / "deep" / "graph.gv")
    assert Digraph("g", directory=str(tmp_path)).save() == os.path.join(str(tmp_path), "g.gv")
    empty = Digraph()
    empty.save(path, skip_existing=True)
    assert (tmp_path / "deep" / "graph.gv").read_text(encoding="utf-8") == dot.source


def test_pictures_need_no_program(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    dot = draw_dot(graph_of_the_lecture())
    svg = dot._repr_svg_()
    assert svg is not None and svg == dot.pipe("svg", encoding="utf-8") == dot.pipe().decode()
    assert dot._repr_mimebundle_() == {"text/plain": dot.source, "image/svg+xml": svg}
    assert dot._repr_mimebundle_(include={"image/svg+xml"}) == {"image/svg+xml": svg}
    texts = [item.text for item in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["a", "data 2.0000", "grad 0.0000", "b", "data -3.0000", "grad 0.0000",
                     "e", "data -6.0000", "grad 0.0000", "*", "c", "data 10.0000", "grad 0.0000",
                     "d", "data 4.0000", "grad 0.0000", "+"]  # fmt: skip
    assert dot.render(tmp_path / "graph", cleanup=True) == str(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == svg
    assert not (tmp_path / "graph").exists()
    assert dot.render(outfile=tmp_path / "named.pdf") == str(tmp_path / "named.pdf")
    assert (tmp_path / "named.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "named.gv").exists()
    assert dot.pipe("png").startswith(b"\x89PNG")
    assert dot.pipe("dot", encoding="utf-8") == dot.source


def test_other_formats_and_engines_need_the_program(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    dot = draw_dot(graph_of_the_lecture())
    with pytest.raises(MissingExtraError, match="svg, png and pdf need no program"):
        dot.render(tmp_path / "g", format="ps")
    with pytest.raises(MissingExtraError, match="'neato'"):
        dot.pipe(engine="neato")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_no_dot(tmp_path: Any) -> None:
    dot = Digraph(body=["\ta -> [\n"])
    with pytest.raises(DataError, match="at line 2"):
        dot.pipe("svg")
    assert dot._repr_svg_() is None
    assert dot._repr_mimebundle_() == {"text/plain": dot.source}


def test_a_very_long_text_says_so_in_a_notebook() -> None:
    svg = Digraph(body=["\ta -> b\n"] * 9_000)._repr_svg_()
    assert svg is not None
    assert "9,000 lines of DOT" in svg and "sw.draw(root)" in svg


@pytest.fixture
def program(tmp_path: Any, monkeypatch: Any) -> Any:
    """A stand-in for Graphviz's program: it wraps the text that it is given, and refuses the format `bad`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "dot"
    path.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if sys.argv[1] == '-Tbad': sys.exit('Format: \"bad\" not recognized')\n"
        "sys.stdout.write(f'<svg {sys.argv[1]}>' + sys.stdin.read() + '</svg>')\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    return path


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a first line for Unix")
def test_with_the_program(program: Any, tmp_path: Any) -> None:
    dot = draw_dot(graph_of_the_lecture())
    expected = f"<svg -Tps>{dot.source}</svg>"
    assert dot.pipe("ps") == expected.encode()
    assert dot.pipe("ps", encoding="utf-8") == expected
    assert dot.render(tmp_path / "graph", format="ps") == str(tmp_path / "graph.ps")
    assert (tmp_path / "graph.ps").read_text(encoding="utf-8") == expected
    with pytest.raises(DomainError, match='Format: "bad" not recognized'):
        dot.pipe("bad")
