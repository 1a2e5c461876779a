"""DOT texts, read and drawn without Graphviz."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slopewise.drawing.graphs.colour_names import as_hex
from slopewise.drawing.graphs.dot_labels import label_lines, record_fields, words_of_markup
from slopewise.drawing.graphs.dot_picture import dot_picture, dot_scene
from slopewise.drawing.graphs.dot_reader import read_dot
from slopewise.drawing.graphs.scene import Trail
from slopewise.errors import DataError
from slopewise.lecture import Digraph, Value, draw_dot

SVG = "{http://www.w3.org/2000/svg}"


def drawn(source: str) -> ElementTree.Element:
    return ElementTree.fromstring(dot_picture(source, "svg").decode())


def texts_of(source: str) -> list[str]:
    return [item.text or "" for item in drawn(source).iter(f"{SVG}text")]


def test_statements() -> None:
    graph = read_dot(
        '/* a comment */ strict digraph "the graph" { // another\n'
        "# and a third\n"
        "graph [label=x]; rankdir = LR; node [shape=box] edge [color=red]\n"
        'a [label="one\\ntwo", style="filled,rounded"]; b\n'
        'a -> b -> c [label="w"] a -> {d e} subgraph s { node [shape=circle] f } f:p:n -> "g h":q\n'
        "a -> b [style=dashed] }"
    )
    assert graph.name == "the graph" and graph.is_directed
    assert graph.attributes == {"label": "x", "rankdir": "LR"}
    assert list(graph.nodes) == ["a", "b", "c", "d", "e", "f", "g h"]
    assert graph.nodes["a"] == {"shape": "box", "label": "one\\ntwo", "style": "filled,rounded"}
    assert graph.nodes["f"]["shape"] == "circle" and graph.nodes["g h"]["shape"] == "box"
    edges = [(e.tail, e.tail_port, e.head, e.head_port, dict(e.attributes)) for e in graph.edges]
    assert edges == [
        ("a", "", "b", "", {"color": "red", "label": "w", "style": "dashed"}),
        ("b", "", "c", "", {"color": "red", "label": "w"}),
        ("a", "", "d", "", {"color": "red"}),
        ("a", "", "e", "", {"color": "red"}),
        ("f", "p:n", "g h", "q", {"color": "red"}),
    ]


def test_clusters_are_framed() -> None:
    source = 'digraph { subgraph cluster_0 { label="part" color=blue a -> b } b -> c }'
    assert read_dot(source).clusters[0].members == ("a", "b")
    assert "part" in texts_of(source)
    around_a_stranger = "digraph { a -> b -> c; subgraph cluster_0 { label=part a; c } }"
    assert "part" not in texts_of(around_a_stranger)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "ends too soon: a DOT text begins with digraph or graph"),
        ("digraph {", "ends too soon"),
        ("digraph { a -> }", "the name of a node is needed"),
        ("digraph { a [label= ] }", "a value is needed"),
        ("digraph {\n\n a [x=1 \n", "at line 3"),
        ('digraph { a [label="x] }', "a quote that does not end"),
        ("digraph { a [label=<b] }", "'<' without its '>'"),
        ("digraph { a ! b }", "'!' in it"),
        ("digraph { } more", "nothing may follow"),
        ("tree { }", "begins with digraph or graph"),
        ("digraph " + "{" * 300, "nested more than 100 deep"),
    ],
)
def test_what_is_no_dot_text(source: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_dot(source)


def test_labels() -> None:
    assert [line[0].text for line in label_lines("a\\lb\\rc\\n", name="n", size=14, colour="ink")] == ["a", "b", "c"]
    assert [line[0].text for line in label_lines("\\\\N \\N", name="n", size=14, colour="ink")] == ["\\N n"]
    assert words_of_markup("<table><tr><td>a</td><td>b</td></tr><tr><td>c &amp; d</td></tr></table>") == "a   b\nc & d"
    fields = record_fields("<l> left | { up | <m> do\\|wn } | \\{x\\}", name="n", size=14, colour="ink")
    assert [field.port for field in fields] == ["l", "", ""]
    assert [line[0].text for line in fields[1].fields[1].lines] == ["do|wn"]
    assert [line[0].text for line in fields[2].lines] == ["{x}"]
    assert record_fields("} {{{ a", name="n", size=14, colour="ink")


def test_colours() -> None:
    assert as_hex("Red", "") == "#ff0000"
    assert as_hex("/x11/blue", "") == "#0000ff"
    assert as_hex("#abc", "") == "#aabbcc"
    assert as_hex("#aabbcc80", "") == "#aabbcc"
    assert as_hex("red:blue", "") == "#ff0000"
    assert as_hex("0.0,1.0,1.0", "") == "#ff0000"
    assert as_hex("red3", "") == "#cd0000"
    assert as_hex("grey200", "ink") == as_hex("", "ink") == "ink"


def test_shapes_and_styles() -> None:
    source = (
        "digraph { a [shape=box style=filled fillcolor=yellow] b [shape=circle] c [shape=diamond] d [shape=doublecircle] "
        'e [shape=plaintext] f [shape=record label="x|y"] g [shape=hexagon] h [shape=point] i [shape=house] j [style=invis] '
        'k [shape=Mrecord label="p|q"] a -> b [style=invis] a -> c [dir=both color=red] c -> d [dir=none] d -> d }'
    )
    root = drawn(source)
    assert len(list(root.iter(f"{SVG}polygon"))) >= 4
    assert any(item.get("fill") == "#ffff00" for item in root.iter(f"{SVG}rect"))
    assert {"a", "b", "c", "d", "e", "x", "y", "g", "i", "p", "q"} <= set(texts_of(source))
    assert any(item.get("stroke") == "#ff0000" for item in root.iter(f"{SVG}path"))


def test_ports_of_records() -> None:
    source = 'digraph { rankdir=LR r [shape=record label="<top> a|<low> b"] r:top -> x; r:low -> y }'
    scene = dot_scene(read_dot(source))
    trails = [item for group in scene.groups for item in group.items if isinstance(item, Trail)]
    starts = [trail.start[1] for trail in trails if trail.start[0] > 20]
    assert starts[0] != starts[1]


def test_direction_of_the_graph() -> None:
    wide = dot_scene(read_dot("digraph { rankdir=LR a -> b -> c }"))
    tall = dot_scene(read_dot("digraph { a -> b -> c }"))
    assert wide.width > wide.height and tall.height > tall.width
    assert dot_scene(read_dot("digraph { rankdir=XX a -> b }")).height > 0


def test_what_users_add_to_draw_dot() -> None:
    dot = draw_dot(Value(2.0, label="a") * Value(3.0, label="b"))
    dot.attr("node", shape="box", style="filled", fillcolor="lightblue")
    dot.node("note", "mine\nand yours <&>")
    dot.edge("note", "n0", label="see", color="red")
    with dot.subgraph(name="cluster_x") as part:
        part.attr(label="a part")
        part.node("inner")
    shown = texts_of(dot.source)
    assert {"mine", "and yours <&>", "see", "data 2.0000", "inner", "*"} <= set(shown)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_labels_of_any_kind_come_through(label: str, name: str) -> None:
    dot = draw_dot(Value(2.0, label=label) + 1.0)
    drawn(dot.source)
    by_hand = Digraph()
    by_hand.node("n" + name, label)
    by_hand.edge("n" + name.replace(":", ""), "other", label)
    ElementTree.fromstring(dot_picture(by_hand.source, "svg").decode())


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='digraph{}[]=->;"\\<>|:ab \n', max_size=60))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    try:
        graph = read_dot(f"digraph {{ {text} }}")
    except DataError:
        return
    assert dot_scene(graph).width > 0


def test_the_same_picture_every_time() -> None:
    source = draw_dot(Value(2.0, label="a").tanh()).source
    assert dot_picture(source, "svg") == dot_picture(source, "svg")
    assert dot_picture(source, "png") == dot_picture(source, "png")
    assert dot_picture(source, "pdf") == dot_picture(source, "pdf")


def test_an_empty_graph() -> None:
    assert drawn("digraph { }").get("role") == "img"
    assert texts_of("digraph { label=alone }") == ["alone"]
