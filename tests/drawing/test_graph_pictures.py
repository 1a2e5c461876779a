"""`sw.draw` of a graph: what is shown, what is said, and that nothing overlaps or is cut off."""

import gc
import math
import random
import re
from fractions import Fraction
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest

import slopewise as sw
from slopewise import Value, nn
from slopewise.drawing.graphs.palette import DARK, GROUNDS, LIGHT, TEXTS, contrast
from slopewise.drawing.graphs.scene import Group, Rectangle, Scene, Trail, Words
from slopewise.drawing.graphs.svg_writer import path_data
from slopewise.drawing.graphs.text_width import one_line, shortened, text_width, wrapped
from slopewise.errors import DomainError, NumberError
from slopewise.lecture import MLP

SVG = "{http://www.w3.org/2000/svg}"
STRANGE = (
    '<b>&"q"</b>', "two\nlines", "bell\x07nul\x00esc\x1b[31m", "עברית", "日本語のラベル", "🎉🚀", "a|b{c}", "long " * 40,
    "\ud800", "$x^2$", "\u202eevil", "]]>", "-->", "\ufffe",
)  # fmt: skip


def article() -> Any:
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return f


def readme() -> Any:
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def lecture_loss() -> Any:
    random.seed(1337)
    n = MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    loss: Any = sum((n(x) - y) ** 2 for x, y in zip(xs, [1.0, -1.0, -1.0, 1.0]))
    return loss, n


def texts_of(picture: Any) -> list[str]:
    return [item.text or "" for item in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


# ---------------------------------------------------------------------- geometry


def extent(words: Words, group: Group) -> tuple[float, float, float, float]:
    width = text_width(words.text, words.size, bold=words.bold) / 1.02
    left = words.x + group.x - {"start": 0.0, "middle": width / 2, "end": width}[words.anchor]
    return left, words.y + group.y - words.size * 0.72, left + width, words.y + group.y + words.size * 0.02


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] - 0.3 and b[0] < a[2] - 0.3 and a[1] < b[3] - 0.3 and b[1] < a[3] - 0.3


def check_geometry(scene: Scene) -> None:
    """No text leaves the picture or its box, none lies over another or over a box that is not its own."""
    texts = [
        (extent(item, group), group, item) for group in scene.groups for item in group.items if isinstance(item, Words)
    ]
    boxes = []
    for group in scene.groups:
        outlines = [item for item in group.items if isinstance(item, Rectangle)]
        if outlines and group.title:
            outline = max(outlines, key=lambda item: item.width)
            left, top = group.x + outline.x, group.y + outline.y
            boxes.append((group, (left, top, left + outline.width, top + outline.height)))
    for (left, top, right, bottom), _, item in texts:
        assert left >= 0 and top >= 0 and right <= scene.width and bottom <= scene.height, item
    for (a, _, one), (b, _, other) in combinations(texts, 2):
        assert not overlap(a, b), (one, other)
    for group, box in boxes:
        for room, owner, item in texts:
            if owner is group:
                assert box[0] <= room[0] and room[2] <= box[2] and box[1] <= room[1] and room[3] <= box[3], item
            else:
                assert not overlap(room, box), (item, group.title)
    for (one_group, a), (other_group, b) in combinations(boxes, 2):
        assert one_group is other_group or not overlap(a, b)


def points_of(trail: Trail, group: Group) -> list[tuple[float, float]]:
    """Points along an edge, at most about 4 pixels apart."""
    x, y = trail.start
    found = []
    for piece in trail.pieces:
        a, b = (piece[0], piece[1]) if len(piece) == 3 else ((x, y), piece[0])
        ex, ey = piece[-1]
        count = max(int(math.hypot(ex - x, ey - y) / 4), 2)
        for step in range(count + 1):
            t = step / count
            if len(piece) == 3:
                k = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
                found.append(
                    (k[0] * x + k[1] * a[0] + k[2] * b[0] + k[3] * ex, k[0] * y + k[1] * a[1] + k[2] * b[1] + k[3] * ey)
                )
            else:
                found.append((x + (ex - x) * t, y + (ey - y) * t))
        x, y = ex, ey
    return [(x + group.x, y + group.y) for x, y in found]


def check_edges(picture: Any) -> None:
    """No edge runs through a text or through a box that is not at its end."""
    scene = picture._scene()
    texts = [extent(item, group) for group in scene.groups for item in group.items if isinstance(item, Words)]
    boxes = []
    for group in scene.groups:
        outlines = [item for item in group.items if isinstance(item, Rectangle)]
        if outlines and group.title:
            o = max(outlines, key=lambda item: item.width)
            left, top = group.x + o.x, group.y + o.y
            boxes.append((left + 5, top + 5, left + o.width - 5, top + o.height - 5))  # a root has a second outline
    for group in scene.groups:
        if any(isinstance(item, Rectangle) for item in group.items):
            continue
        for item in group.items:
            if isinstance(item, Trail) and item.paint.fill == "none":
                for x, y in points_of(item, group):
                    for left, top, right, bottom in [*texts, *boxes]:
                        assert not (left < x < right and top < y < bottom), (group.title, x, y)


@pytest.mark.parametrize("look", ["fused", "lecture"])
@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
@pytest.mark.parametrize("labels", [False, True])
def test_no_overlap_and_nothing_cut_off(look: str, direction: str, labels: bool) -> None:
    for root in (article(), readme()):
        root.backward()
        picture = sw.draw(root, look=look, direction=direction, local=labels, contributions=labels)
        check_geometry(picture._scene())
        check_edges(picture)


def test_geometry_of_strange_labels_sums_and_folds() -> None:
    total = Value(1.0, label="start")
    for label in STRANGE:
        total = total * Value(2.0, label=label) + 1e-9
    total.backward()
    check_geometry(sw.draw(total, local=True, contributions=True)._scene())
    many = sw.sum([Value(float(i)) for i in range(40)]) + sw.mean([Value(float(i)) for i in range(7)])
    many.backward()
    check_geometry(sw.draw(many, local=True, contributions=True)._scene())
    check_edges(sw.draw(many, local=True, contributions=True))
    loss, net = lecture_loss()
    loss.backward()
    for fold in ("neuron", "layer", "same"):
        check_geometry(sw.draw(loss, fold=fold, model=net)._scene())


def test_the_geometry_check_can_fail() -> None:
    words = Words(10, 20, "text", 12)
    with pytest.raises(AssertionError):
        check_geometry(Scene(100, 100, (Group(0, 0, (words, words)),)))
    with pytest.raises(AssertionError):
        check_geometry(Scene(20, 100, (Group(0, 0, (words,)),)))


# ---------------------------------------------------------------------- what is shown


def test_the_article_graph(golden: Any) -> None:
    f = article()
    f.backward()
    picture = sw.draw(f, local=True, contributions=True)
    golden(
        "drawing/article.svg.txt", picture.svg, "the article's graph: boxes, local derivatives, contributions, legend"
    )
    assert picture.title == "Graph of f: 3 operations"
    assert picture.description == (
        "Given a = −2 and b = 3. d = a · b = −6. e = a + b = 1. f = d · e = −6. "
        "Gradients, from f back: f 1, e −6, d 1, b −8 and a −3."
    )
    shown = texts_of(picture)
    assert [shown.count(text) for text in ("× −2", "× 3", "← 3", "← −2", "← −6")] == [1, 1, 1, 1, 3]
    assert picture.notes == ()


def test_the_same_picture_every_time() -> None:
    def made() -> Any:
        f = readme()
        f.backward()
        return sw.draw(f)

    assert made().svg == made().svg
    assert made().html == made().html
    assert made().dot == made().dot


def test_svg_has_role_title_and_description() -> None:
    root = ElementTree.fromstring(sw.draw(article()).svg)
    assert root.get("role") == "img"
    ids = (root.get("aria-labelledby") or "").split()
    named = {item.get("id"): item for item in root.iter()}
    assert [named[i].tag for i in ids] == [f"{SVG}title", f"{SVG}desc"]
    assert (named[ids[1]].text or "").startswith("Given a = −2 and b = 3.")
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_a_value_keeps_its_plain_repr() -> None:
    assert not hasattr(Value, "_repr_svg_") and not hasattr(Value, "_repr_html_")


def test_not_run_is_said_and_never_zero() -> None:
    f = article()
    picture = sw.draw(f, contributions=True, local=True)
    shown = texts_of(picture)
    assert shown.count("gradient not run") == 5
    assert not any("gradient" in text and "0" in text for text in shown)
    assert not any("←" in text for text in shown)
    assert "× 3" in shown
    assert picture.notes == (
        "Gradients: not run. backward() was not called on f, so there are no contributions to show.",
    )
    assert "backward() was not run" in picture.description


def test_a_walk_by_hand_shows_how_far_it_came() -> None:
    f = article()
    f.grad = 1.0
    f._backward()
    shown = texts_of(sw.draw(f, contributions=True))
    assert shown.count("gradient not run") == 2
    assert sum("←" in text for text in shown) == 2


def test_a_wide_graph_is_turned_where_that_makes_it_narrower() -> None:
    random.seed(3)
    net = nn.MLP(2, [3, 2, 1])
    loss = (net([1.0, 2.0]) - 1) ** 2
    loss.backward()
    y = Value(0.5)
    for _ in range(150):
        y = sw.tanh(y * 0.9 + 0.1)
    for picture, lying in (
        (sw.draw(loss, contributions=True), sw.draw(loss, contributions=True, direction="LR")),
        (sw.draw(y, fold="none"), sw.draw(y, fold="none", direction="LR")),
    ):
        assert lying.width > 1280
        assert picture.width < 0.75 * lying.width
    total = sum(Value(float(i)) * 2 for i in range(30))
    assert sw.draw(total, fold="none").svg == sw.draw(total, fold="none", direction="TB").svg
    wide = sw.sum([Value(float(i)) for i in range(200)])
    assert sw.draw(wide, fold="none").svg == sw.draw(wide, fold="none", direction="LR").svg


def test_no_false_equation_is_told_of_a_stale_graph() -> None:
    a, b = Value(2.0, label="a"), Value(5.0, label="b")
    d = a * b
    d.label = "d"
    f = d * d
    f.label = "f"
    d.data = 1.0
    for picture in (sw.draw(f), sw.draw(f, look="lecture")):
        assert picture.description.startswith("Out of date: d was set to 1 by hand; it was computed as 10. ")
        assert "d = a · b when it was computed, and holds 1." in picture.description
        assert "f = d · d when it was computed, and holds 100." in picture.description
        said = picture.description + picture.svg + picture.html
        assert "d = a · b = 1" not in said
        assert "f = d · d = 100" not in said
    table = re.sub(r"<[^>]+>", " ", sw.draw(f).html.split("</svg>")[1])
    assert "now 1 " in table
    assert "= 1 " not in table
    d.data = 10.0
    assert sw.draw(f).description.startswith("Given a = 2 and b = 5. d = a · b = 10. f = d · d = 100.")


def test_a_large_stale_graph_says_so_first() -> None:
    x = y = Value(1.0, label="x")
    for _ in range(100):
        y = y * 1.5 + x
    x.data = 2.0
    assert sw.draw(y, everything=True).description.startswith("Out of date: x is now 2")


def test_a_difference_with_a_changed_operand_is_not_told_as_an_equation() -> None:
    a, b = Value(2.0, label="a"), Value(5.0, label="b")
    f = a - b
    f.label = "f"
    b.data = 1.0
    assert "f = a − b when it was computed, and holds −3." in sw.draw(f).description


def test_a_stale_graph_says_so() -> None:
    f = article()
    f.backward()
    a = f._prev[0]._prev[0]
    a.data = -1.7
    picture = sw.draw(f)
    assert picture.notes[0].startswith("Out of date: a is now −1.7, this graph was built with −2.")
    assert any("Out of date" in text for text in texts_of(picture))


def test_gradients_of_two_passes_are_named() -> None:
    f = article()
    f.backward()
    f.backward()
    assert sw.draw(f).notes == (
        "a.grad holds −6, this graph's own gradient there is −3; b.grad holds −16, this graph's own gradient there is −8.",
    )


def test_an_operand_used_twice_is_two_edges() -> None:
    a = Value(3.0, label="a")
    b = a + a
    b.backward()
    picture = sw.draw(b, contributions=True)
    assert len(picture._diagram.edges) == 2
    assert texts_of(picture).count("← 1") == 2
    assert picture.dot.count("n0 -> n1") == 2


def test_operations_stand_in_the_box_with_their_constants() -> None:
    x = Value(2.0, label="x")
    for made, cell in (
        (x * 2, "× 2"), (2 * x, "2 ×"), (x - 1, "− 1"), (1 - x, "1 −"), (x / 4, "÷ 4"), (8 / x, "8 ÷"), (x**3, "** 3"),
        (2**x, "2 **"), (-x, "−"), (x.relu(), "relu"), (sw.maximum(x, 0.5), "maximum(…, 0.5)"),
    ):  # fmt: skip
        matches = {cell, cell.split(" ")[1] + " " + cell.split(" ")[0] if " " in cell else cell}
        assert matches & set(texts_of(sw.draw(made))), (cell, texts_of(sw.draw(made)))


def test_idioms_are_one_node_and_opened_on_request() -> None:
    a, b = Value(5.0, label="a"), Value(2.0, label="b")
    y = a - b / a
    assert len(sw.draw(y)._diagram.faces) == 4
    assert len(sw.draw(y, idioms=False)._diagram.faces) > 4


def test_signs_are_told_by_more_than_colour() -> None:
    f = article()
    f.backward()
    edges = sw.draw(f)._diagram.edges
    assert {(edge.colour, edge.dash) for edge in edges} == {("positive", ""), ("negative", "dashed")}
    plain = sw.draw(f, colour=False)._diagram.edges
    assert {(edge.colour, edge.dash, edge.width) for edge in plain} == {("line", "", 1.2)}
    g = readme()
    g.backward()
    assert ("line", "dotted") in {(edge.colour, edge.dash) for edge in sw.draw(g)._diagram.edges}
    widths = [edge.width for edge in sw.draw(g)._diagram.edges]
    assert max(widths) > 3 * min(widths)


def test_nan_infinite_and_other_kinds_of_numbers() -> None:
    x = Value(math.nan, label="x")
    y = x * Value(math.inf, label="big") + Value(Fraction(1, 3), label="third") * Value(2 + 3j, label="c")
    y.backward()
    picture = sw.draw(y, local=True, contributions=True)
    ElementTree.fromstring(picture.svg)
    assert "strange" in {edge.colour for edge in picture._diagram.edges}
    assert any("no sign" in text for text in texts_of(picture))


def test_a_path_is_highlighted() -> None:
    f = article()
    f.backward()
    d, e = f._prev
    a, b = d._prev
    picture = sw.draw(f, highlight=[f, e, a])
    on_path = [(edge.tail, edge.head) for edge in picture._diagram.edges if edge.is_on_path]
    names = [face.title.split(" ")[0] for face in picture._diagram.faces]
    assert [(names[tail], names[head]) for tail, head in on_path] == [("a", "e"), ("e", "f")]
    assert "highlighted path" in texts_of(picture)

    class Path:
        nodes = (f, d, b)

    class Answer:
        nodes = None
        paths = (Path(),)

    del Answer.nodes
    for given in (Path(), Answer()):
        assert sum(edge.is_on_path for edge in sw.draw(f, highlight=given)._diagram.edges) == 2
    path = sw.why(a, f).paths[0]
    assert sum(edge.is_on_path for edge in sw.draw(f, highlight=path)._diagram.edges) == 2


def test_a_path_of_a_square_marks_the_edge_of_its_factor() -> None:
    a = Value(3.0, label="a")
    b = a * a
    b.backward()
    for path in sw.why(a, b).paths:
        marked = [edge.is_on_path for edge in sw.draw(b, highlight=path)._diagram.edges]
        assert marked == [path.links[0].place == 0, path.links[0].place == 1]


def test_texts_can_be_replaced() -> None:
    f = article()
    f.backward()
    d, _ = f._prev
    shown = texts_of(sw.draw(f, gradient_text={d: "____", "a": "<?>"}, number_text={"e": "……"}))
    assert "____" in shown and "<?>" in shown and "= ……" in shown
    assert "−3" not in shown


def test_directions() -> None:
    f = article()
    for direction, axis, sign in (("LR", 0, 1), ("RL", 0, -1), ("TB", 1, 1), ("BT", 1, -1)):
        picture = sw.draw(f, direction=direction)
        at = {
            group.title.split(" ")[0]: (group.x, group.y)
            for group in picture._scene().groups
            if "gradient not" in group.title
        }
        assert sign * at["f"][axis] > sign * at["d"][axis] > sign * at["a"][axis]
    assert sw.draw(f, direction="lr").svg == sw.draw(f).svg


def test_a_wide_graph_goes_downwards_by_itself() -> None:
    x = Value(1.0, label="x")
    for _ in range(20):
        x = x * 1.5
    assert sw.draw(x).width < sw.draw(x).height
    assert sw.draw(x, direction="LR").width > 1_280


def test_themes() -> None:
    f = article()
    light, dark, both = (sw.draw(f, theme=theme).svg for theme in ("light", "dark", "auto"))
    assert LIGHT["paper"] in light and DARK["paper"] not in light
    assert DARK["paper"] in dark and LIGHT["paper"] not in dark
    assert "prefers-color-scheme: dark" in both and DARK["paper"] in both and LIGHT["paper"] in both


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_texts_have_contrast_on_every_ground(palette: Any) -> None:
    for text in TEXTS:
        for ground in GROUNDS:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    for line in ("line", "frame", "positive", "negative", "strange"):
        assert contrast(palette[line], palette["paper"]) >= 3.0


# ---------------------------------------------------------------------- names and labels


@pytest.mark.parametrize("label", STRANGE)
def test_labels_of_any_kind(label: str) -> None:
    x = Value(2.0, label=label)
    y = (x * x).tanh()
    y.backward()
    for look in ("fused", "lecture"):
        picture = sw.draw(y, look=look, local=True)
        ElementTree.fromstring(picture.svg)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202e]", picture.svg + picture.html + picture.dot)
    whole = f"{sw.draw(y).svg}"
    if label == '<b>&"q"</b>':
        assert "<b>" not in whole and "<b>" not in sw.draw(y).html


def test_one_line_and_its_width() -> None:
    assert one_line("a\tb\r\nc") == "a b↵c"
    assert text_width("日本", 10) == pytest.approx(2 * text_width("00", 10))
    assert text_width("🎉", 10) == pytest.approx(text_width("00", 10))
    assert text_width("e\u0301", 10) == text_width("e", 10)
    assert text_width("é", 10) == text_width("e", 10)
    assert text_width("bold", 10, bold=True) > text_width("bold", 10)
    assert shortened("abc", 10, 100) == "abc"
    assert text_width(shortened("m" * 100, 12, 90.0), 12) <= 90
    assert wrapped("a b c", 10, 1_000) == ["a b c"]


def test_widths_are_those_of_the_font() -> None:
    textpath = pytest.importorskip("matplotlib.textpath")
    font = pytest.importorskip("matplotlib.font_manager").FontProperties(family="DejaVu Sans", size=100)
    for text in ("gradient −3.142", "layers.0.neurons.3.w.1", "Ωμέγα"):
        truth = textpath.TextToPath().get_text_width_height_descent(text, font, False)[0]
        assert truth * 0.97 <= text_width(text, 100) <= truth * 1.08


# ---------------------------------------------------------------------- large graphs


def test_a_loss_is_folded_by_neurons_and_says_so() -> None:
    loss, n = lecture_loss()
    loss.backward()
    picture = sw.draw(loss, model=n)
    shown = texts_of(picture)
    assert {f"layers.{i}.neurons.{j}" for i, size in enumerate((4, 4, 1)) for j in range(size)} <= set(shown)
    assert "5 parameters, tanh" in shown and "sum of 4 terms" in shown
    assert picture.notes == ("Folded: 345 nodes are drawn as 11 boxes, one for each neuron. fold='none' draws all.",)
    assert len(sw.draw(loss, fold="layer", model=n)._diagram.faces) == 5
    assert len(sw.draw(loss, fold="none")._diagram.faces) == 345


def test_the_moons_net_is_readable_folded() -> None:
    random.seed(1)
    net = nn.MLP(2, [16, 16, 1])
    rows = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(6)]
    losses = [(1 + -y * net(row)).relu() for row, y in zip(rows, [1, -1] * 3)]
    total = sum(losses) * (1.0 / 6) + 1e-4 * sum(p * p for p in net.parameters())
    total.backward()
    picture = sw.draw(total)
    boxes = len(picture._diagram.faces)
    assert 35 <= boxes <= 45
    shown = texts_of(picture)
    assert "337 × product" in shown and "6 × product, addition, relu" in shown and "sum of 337 terms" in shown
    assert picture.width < 2_200
    check_geometry(picture._scene())
    assert len(picture._diagram.edges) == 16 * 16 + 16 + 33 + 7


def test_a_net_used_in_a_circle_folds_too() -> None:
    net = nn.MLP(1, [2, 1])
    x: Any = Value(0.5, label="x")
    for _ in range(3):
        x = net([x])
    x.backward()
    picture = sw.draw(x, fold="neuron")
    ElementTree.fromstring(picture.svg)
    assert len(picture._diagram.faces) <= 5


def test_a_deep_chain_shows_its_top_and_says_what_is_left_out() -> None:
    x: Any = Value(1.0, label="x")
    y = x
    for _ in range(10_000):
        y = y * 1.0001 + 1e-6
    picture = sw.draw(y)
    assert len(picture._diagram.faces) == 40
    assert re.match(r"Gradients: not run\.", picture.notes[0])
    assert picture.notes[1].startswith("Left out: 19,961 of 20,001 nodes, those farthest from y;")
    assert "everything=True draws all" in picture.notes[1]
    assert any(text.startswith("⋯") for text in texts_of(picture))


def test_everything_draws_everything() -> None:
    x: Any = Value(1.0, label="x")
    y = x
    for _ in range(150):
        y = y * 1.5
    assert len(sw.draw(y)._diagram.faces) < 150
    assert len(sw.draw(y, everything=True)._diagram.faces) == 151
    assert sw.draw(y, everything=True).notes == ("Gradients: not run. backward() was not called on y.",)


def test_alike_nodes_become_a_pile() -> None:
    xs = [Value(float(i), label=f"x{i}") for i in range(60)]
    y = sw.sum([x.tanh() ** 2 for x in xs])
    y.backward()
    shown = texts_of(sw.draw(y))
    assert "60 × leaves" in shown and "60 × tanh, power" in shown


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    sw.draw(article()).svg
    assert gc.isenabled()
    gc.disable()
    try:
        sw.draw(article()).svg
        assert not gc.isenabled()
    finally:
        gc.enable()


# ---------------------------------------------------------------------- files and notebooks


def test_saving_in_every_format(tmp_path: Any) -> None:
    f = article()
    f.backward()
    picture = sw.draw(f, contributions=True)
    for ending, start in (
        ("svg", b"<svg"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("html", b"<!DOCTYPE"),
        ("dot", b"digraph"),
    ):
        path = picture.save(tmp_path / f"graph.{ending}")
        first = (tmp_path / f"graph.{ending}").read_bytes()
        assert first.startswith(start) and path.endswith(ending)
        picture.save(path)
        assert (tmp_path / f"graph.{ending}").read_bytes() == first
    assert picture.save(tmp_path / "g.HTM").endswith("HTM")


def test_the_page_carries_the_steps() -> None:
    f = article()
    f.backward()
    page = sw.draw(f, theme="dark").html
    assert 'data-theme="dark"' in page and "<math" in page and page.count("<table") == 2
    assert "Forward: what was computed" in page and "Backward: what flows back" in page
    assert "Backward: what flows back" not in sw.draw(article()).html
    for tag in ("script", "link"):
        assert f"<{tag}" not in page
    assert "data-theme" not in sw.draw(f, theme="auto").html.split("<style>")[0]


def test_notebooks() -> None:
    small = sw.draw(article())._repr_mimebundle_()
    assert set(small) == {"text/plain", "image/svg+xml"}
    assert small["text/plain"].startswith("<Picture of a graph: Graph of f: 3 operations, ")
    x: Any = Value(1.0)
    for _ in range(12):
        x = x * 1.5
    wide = sw.draw(x, direction="LR")._repr_mimebundle_()
    assert "overflow-x:auto" in wide["text/html"] and 'alt="' in wide["text/html"]
    assert sw.draw(article())._repr_mimebundle_(include={"image/svg+xml"}).keys() == {"image/svg+xml"}
    assert sw.draw(article())._repr_svg_().startswith("<svg")


def test_a_picture_stays_as_it_was_drawn() -> None:
    f = article()
    picture = sw.draw(f)
    f.backward()
    assert "gradient not run" in picture.svg


def test_dot_text_can_be_read_again() -> None:
    from slopewise.drawing.graphs.dot_reader import read_dot

    total = Value(1.0, label="start")
    for label in STRANGE:
        total = total * Value(2.0, label=label)
    total.backward()
    for look in ("fused", "lecture"):
        picture = sw.draw(total, look=look, local=True, contributions=True)
        graph = read_dot(picture.dot)
        assert len(graph.nodes) == len(picture._diagram.faces)
        assert len(graph.edges) == len(picture._diagram.edges)


def test_a_huge_png_is_refused_in_words(tmp_path: Any) -> None:
    x: Any = Value(1.0)
    for _ in range(2_500):
        x = x * 1.0001
    with pytest.raises(DomainError, match=r"too large for a PNG"):
        sw.draw(x, everything=True, direction="LR").save(tmp_path / "x.png")


def test_curves_are_written_as_svg_has_them() -> None:
    from slopewise.drawing.graphs.scene import Paint, Trail

    assert path_data(Trail((0, 0), (((1, 2),), ((1, 1), (2, 2), (3, 3))), Paint())) == (
        "M0.0,0.0L1.0,2.0C1.0,1.0 2.0,2.0 3.0,3.0"
    )


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize("bad", [3.0, "f", [], (), None, {}, object(), [1.0, 2.0]])
def test_what_cannot_be_drawn(bad: Any) -> None:
    with pytest.raises(NumberError, match=r"draw\(\) needs a Value or a net"):
        sw.draw(bad)


@pytest.mark.parametrize(
    "options",
    [{"look": "fusd"}, {"direction": "up"}, {"fold": "neurons"}, {"theme": "drak"}, {"lines": "weight"}, {"fold": 3}],
)
def test_unknown_choices(options: Any) -> None:
    with pytest.raises(DomainError, match="is none of"):
        sw.draw(article(), **options)


def test_highlights_that_are_no_path() -> None:
    with pytest.raises(NumberError, match="highlight needs a path"):
        sw.draw(article(), highlight=3)
    with pytest.raises(NumberError, match="highlight needs a path"):
        sw.draw(article(), highlight=["a"])
    with pytest.raises(DomainError, match="none of the highlighted Values"):
        sw.draw(article(), highlight=[Value(1.0)])


def test_folding_what_has_no_neurons() -> None:
    with pytest.raises(DomainError, match="needs the parameters of a net"):
        sw.draw(article(), fold="neuron")
