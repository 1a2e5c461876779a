"""Names: the label, the variable, the place in a model, or a short name; no two alike."""

import random
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np

import slopewise as sw
from slopewise import Value
from slopewise.engine.reading import survey
from slopewise.lecture import MLP as LectureMLP  # noqa: N811
from slopewise.nn import MLP, Layer
from slopewise.views import Names, caller_names, names_in, places_in, shown_graph

outer = Value(1.0)
Pair = namedtuple("Pair", "left right")


def test_a_label_comes_before_the_variable() -> None:
    a = Value(1.0, label="alpha")
    b = Value(2.0)
    names = caller_names([a, b])
    assert (names.of(a), names.of(b)) == ("alpha", "b")
    assert names.is_given(a)
    assert names.is_given(b)


def test_globals_are_seen_and_locals_come_first() -> None:
    assert caller_names([outer]).of(outer) == "outer"
    again = outer
    assert caller_names([outer]).of(outer) == "again"
    del again


def test_what_nobody_named_is_numbered_in_order() -> None:
    a = Value(1.0)
    y = (a * a) * (a + a)
    nodes, _ = survey(y)
    names = caller_names(nodes)
    names.settle(nodes)
    assert [names.of(n) for n in nodes] == ["a", "v1", "v2", "y"]
    assert not names.is_given(nodes[1])


def test_no_two_nodes_have_one_name() -> None:
    labels = ["a", "a", "v1", "a#2", "a", "", "  "]
    nodes = [Value(float(i), label=label) for i, label in enumerate(labels)]
    names = Names()
    names.settle(nodes)
    found = [names.of(n) for n in nodes]
    assert len(set(found)) == len(found)
    assert found[:4] == ["a", "a#2", "v1", "a#2#2"]
    assert found[5:] == ["v2", "v3"]


def test_a_label_that_is_no_text_and_one_with_odd_characters() -> None:
    a, b = Value(1.0), Value(2.0, label="a\n<b>\x1b")
    a.label = 7
    names = Names()
    assert names.of(a) == "7"
    assert names.of(b) == "a\n<b>\x1b"


def test_lists_dicts_objects_and_arrays() -> None:
    xs = [Value(1.0), Value(2.0)]
    grid = [[Value(3.0)], [Value(4.0), Value(5.0)]]
    rates = {"slow": Value(6.0)}
    point = SimpleNamespace(x=Value(7.0))
    pair = Pair(Value(8.0), Value(9.0))
    array = np.array([[Value(10.0), Value(11.0)]], dtype=object)
    names = caller_names(xs)
    found = [xs[1], grid[1][1], rates["slow"], point.x, pair.right, array[0, 1]]
    assert [names.of(n) for n in found] == [
        "xs[1]", "grid[1][1]", "rates['slow']", "point.x", "pair.right", "array[0, 1]",
    ]  # fmt: skip


def test_a_walk_such_as_the_lecture_s_topo_names_nothing() -> None:
    a = Value(1.0)
    b = a * 2
    topo = [a, b, b + 1]
    names = caller_names(topo)
    assert names.of(topo[2]) == "v1"


def test_the_variable_of_a_loop_comes_last() -> None:
    net = MLP(2, [3, 1])
    for p in net.parameters():
        p.data += 0.0
    names = caller_names([p])
    assert names.of(p) == "layers.1.neurons.0.b"
    loose = [Value(1.0)]
    for q, _r in [(loose[0], 1)]:  # noqa: B007
        pass
    alone = q
    names = caller_names([alone])
    assert names.of(alone) == "alone"


def test_places_in_a_model() -> None:
    net = MLP(3, [2, 1])
    layer = net.layers[0]
    names = caller_names(net.parameters())
    weight = net.layers[0].neurons[1].w[2]
    assert names.of(weight) == "layers.0.neurons.1.w.2"
    assert names.place_of(weight) == "layers.0.neurons.1.w.2"
    assert names.place_of(Value(1.0)) == ""
    assert isinstance(layer, Layer)
    assert len(places_in(net)) == len(net.parameters())


def test_two_models_in_one_graph_are_told_apart() -> None:
    random.seed(0)
    actor, critic, idle = MLP(1, [1]), LectureMLP(1, [1]), MLP(1, [1])
    y = actor([1.0]) + critic([2.0])
    names = caller_names(survey(y)[0])
    assert names.of(actor.layers[0].neurons[0].b) == "actor.layers.0.neurons.0.b"
    assert names.of(critic.layers[0].neurons[0].w[0]) == "critic.layers.0.neurons.0.w.0"
    z = actor([1.0])
    assert caller_names(survey(z)[0]).of(actor.layers[0].neurons[0].b) == "layers.0.neurons.0.b"
    assert idle is not actor


def test_a_model_can_be_given() -> None:
    class Line:
        def __init__(self) -> None:
            self.slope = [Value(1.0), Value(2.0)]

    nodes = Line()
    names = names_in({}, nodes.slope, model=nodes)
    assert names.of(nodes.slope[1]) == "slope.1"
    names = names_in({}, nodes.slope, model={"line": nodes})
    assert names.of(nodes.slope[1]) == "slope.1"


def test_hostile_objects_in_scope_are_passed_by() -> None:
    class Hostile:
        __slots__ = ("missing",)

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("no")

        __hash__ = None  # type: ignore[assignment]

    class Proxy:
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise RuntimeError("outside of a request")

    class Shelf(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("closed")

    class Line(list[Any]):
        def __len__(self) -> int:
            raise ValueError("no length")

    odd, request, shelf, line = Hostile(), Proxy(), Shelf(), Line()
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    a = Value(1.0)
    held = [request, odd, shelf, line]
    scope = {"odd": odd, "request": request, "held": held, "loop": loop, "deep": deep, "np": np, "a": a, "int": int}
    assert names_in(scope, [a]).of(a) == "a"
    assert caller_names([a]).of(a) == "a"
    assert sw.why(a, a * a).total == 2.0


def test_slopewise_s_own_answers_name_nothing() -> None:
    a = Value(2.0)
    y = (a * a) + a
    story = sw.explain(y)
    assert len(story.steps) > 0
    graph = shown_graph(y)
    nodes, _ = survey(y)
    names = caller_names(nodes)
    assert names.of(nodes[1]) == "v1"
    assert graph.nodes[1].name == "v1"
