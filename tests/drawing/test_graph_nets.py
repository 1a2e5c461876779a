"""`sw.draw` of a net: circles and lines, weights and gradients."""

import random
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest

import slopewise as sw
from slopewise import Value, lecture, nn
from slopewise.drawing.graphs.net_structure import is_net, layers_of, parameters_of
from slopewise.drawing.graphs.scene import Oval, Words
from slopewise.drawing.graphs.text_width import text_width

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(picture: Any) -> list[str]:
    return [item.text or "" for item in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def lecture_net(run: bool) -> Any:
    random.seed(1337)
    n = lecture.MLP(3, [4, 4, 1])
    if run:
        n([2.0, 3.0, -1.0]).backward()
    return n


def test_a_small_net_shows_its_numbers() -> None:
    picture = sw.draw(lecture_net(run=True))
    assert repr(picture).startswith("<Picture of a net: MLP 3-4-4-1, 41 parameters, ")
    shown = texts_of(picture)
    assert shown.count("tanh") == 9
    assert {"x1", "x2", "x3", "0.2355"} <= set(shown)
    assert picture.notes == ()
    assert len(picture._diagram.edges) == 3 * 4 + 4 * 4 + 4
    assert picture.description.startswith(
        "A net with 3 inputs, then 4 neurons (tanh), then 4 neurons (tanh), then 1 neuron (tanh). Its 41 parameters lie in "
    )


def test_gradients_that_are_not_there_are_no_zeros() -> None:
    picture = sw.draw(lecture_net(run=False))
    assert picture.notes == ("Gradients: not run. backward() has not reached these weights.",)
    assert "Their gradients have not been computed." in picture.description
    assert not {"0", "0.0"} & set(texts_of(picture))
    assert "not run" in picture.html


def test_weights_are_told_by_dash_and_width_too() -> None:
    neuron = nn.Neuron(3)
    neuron.w = [Value(2.0), Value(-0.5), Value(0.0)]
    edges = sw.draw(neuron)._diagram.edges
    assert [(edge.colour, edge.dash) for edge in edges] == [
        ("positive", ""),
        ("negative", "dashed"),
        ("line", "dotted"),
    ]
    assert edges[0].width > edges[1].width > edges[2].width
    assert {edge.colour for edge in sw.draw(neuron, colour=False)._diagram.edges} == {"line"}


def test_lines_can_show_gradients() -> None:
    net = nn.MLP(2, [16, 16, 1])
    net([1.0, -2.0]).backward()
    weights, gradients = sw.draw(net), sw.draw(net, lines="gradients")
    assert [edge.width for edge in weights._diagram.edges] != [edge.width for edge in gradients._diagram.edges]
    assert weights.notes == ("Lines show weights; lines='gradients' shows their gradients.",)
    assert "positive gradient" in texts_of(gradients) and "positive weight" in texts_of(weights)


def test_a_net_keeps_the_order_of_its_neurons() -> None:
    net = nn.MLP(2, [16, 16, 1])
    picture = sw.draw(net)
    places: dict[str, list[float]] = {}
    for group in picture._scene().groups:
        if group.title.startswith("layer "):
            places.setdefault(group.title.split(",")[0], []).append(group.y)
    assert [len(ys) for ys in places.values()] == [16, 16, 1]
    assert all(ys == sorted(ys) for ys in places.values())


def test_circles_do_not_overlap_and_hold_their_texts() -> None:
    for net in (lecture_net(True), nn.MLP(2, [16, 16, 1]), nn.MLP(40, [30, 3])):
        for direction in ("LR", "TB"):
            circles = []
            for group in sw.draw(net, direction=direction)._scene().groups:
                ovals = [item for item in group.items if isinstance(item, Oval)]
                if not ovals:
                    continue
                circles.append((group.x + ovals[0].x, group.y + ovals[0].y, ovals[0].radius_x))
                assert ovals[0].radius_x == ovals[0].radius_y
                for item in group.items:
                    if isinstance(item, Words):
                        half = text_width(item.text, item.size, bold=item.bold) / 2
                        assert abs(item.y - ovals[0].y) < ovals[0].radius_y and half < ovals[0].radius_x
            for (x1, y1, r1), (x2, y2, r2) in combinations(circles, 2):
                assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= (r1 + r2 - 0.5) ** 2


def test_of_a_large_layer_the_middle_is_left_out() -> None:
    picture = sw.draw(nn.MLP(64, [32, 10]))
    shown = texts_of(picture)
    assert "⋮ 53 more" in shown and "⋮ 21 more" in shown and "x64" in shown and "x30" not in shown
    assert picture.notes[-1] == "Left out: 74 of 106 circles, and their lines."


def test_parts_of_nets_and_classes_of_the_users() -> None:
    class MyNeuron:
        def __init__(self, nin: int) -> None:
            self.w = [Value(0.5) for _ in range(nin)]
            self.b = Value(0.1)

        def __call__(self, x: Any) -> Any:
            return sum((w * i for w, i in zip(self.w, x)), self.b).tanh()

    class MyLayer:
        def __init__(self, nin: int, nout: int) -> None:
            self.neurons = [MyNeuron(nin) for _ in range(nout)]

    class MyNet:
        def __init__(self) -> None:
            self.first = MyLayer(2, 3)
            self.second = MyLayer(3, 1)

    for net, title in (
        (MyNeuron(2), "MyNeuron 2-1, 3 parameters"),
        (MyLayer(2, 3), "MyLayer 2-3, 9 parameters"),
        (MyNet(), "MyNet 2-3-1, 13 parameters"),
        (nn.Layer(2, 2), "Layer 2-2, 6 parameters"),
        (lecture.Neuron(1), "Neuron 1-1, 2 parameters"),
        ([nn.Layer(2, 3), nn.Layer(3, 1)], "list 2-3-1, 13 parameters"),
    ):
        assert sw.draw(net).title == title
    assert texts_of(sw.draw(MyNet())).count("tanh") == 4
    assert len(parameters_of(MyNet())) == 0


def test_layers_that_do_not_fit_are_drawn_as_parameters() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            self.one = nn.Layer(2, 3)
            self.other = nn.Layer(2, 1)
            self.gain = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return self.gain * self.other(x)

    net = Odd()
    assert layers_of(net) is None and is_net(net)
    picture = sw.draw(net)
    assert picture.title == "Odd, 13 parameters"
    shown = texts_of(picture)
    assert "gain" in shown and "one.neurons.0.w.0" in shown and shown.count("gradient not run") == 13
    net([1.0, 2.0]).backward()
    assert texts_of(sw.draw(net)).count("gradient not run") == 9


def test_many_loose_parameters_are_shortened() -> None:
    class Table(nn.Module):
        def __init__(self) -> None:
            self.cells = [Value(float(i)) for i in range(500)]

    picture = sw.draw(Table())
    assert len(picture._diagram.faces) == 29
    assert picture.notes[-1] == "Left out: 472 of 500 parameters."


def test_nets_in_files_and_directions(tmp_path: Any) -> None:
    net = lecture_net(True)
    for direction in ("LR", "TB", "RL", "BT"):
        ElementTree.fromstring(sw.draw(net, direction=direction, theme="auto").svg)
    for ending in ("svg", "png", "pdf", "html", "dot"):
        sw.draw(net).save(tmp_path / f"net.{ending}")
        assert (tmp_path / f"net.{ending}").stat().st_size > 1_000
    assert "layers.0.neurons.0.w.0" in sw.draw(net).html


@pytest.mark.parametrize("thing", [3.0, "net", None, {}, [], Value(1.0), Value, nn.MLP])
def test_what_is_no_net(thing: Any) -> None:
    assert not is_net(thing)


def test_the_legend_says_what_stands_in_the_circles() -> None:
    net = nn.MLP(2, [16, 16, 1])
    assert "b: the bias" in sw.draw(net).svg
    assert "b: the bias; bold" not in sw.draw(net).svg
    sw.sum([net([1.0, 2.0])]).backward()
    assert "b: the bias; bold under it: its gradient" in sw.draw(net).svg
