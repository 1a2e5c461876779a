"""Where nodes and edges of a graph's picture are put."""

import math
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slopewise.drawing.graphs.layering import in_columns
from slopewise.drawing.graphs.layout import DIRECTIONS, Layout, Link, Shape, lay_out
from slopewise.drawing.graphs.placing import settled


@st.composite
def graphs(draw: Any, circles: bool = False) -> tuple[list[Shape], list[Link]]:
    count = draw(st.integers(1, 14))
    sizes = st.integers(10, 160)
    shapes = [
        Shape(draw(sizes), draw(sizes), is_round=draw(st.booleans()), keeps_order=draw(st.booleans()))
        for _ in range(count)
    ]
    ends = st.integers(0, count - 1)
    links = []
    for tail, head in draw(st.lists(st.tuples(ends, ends), max_size=24)):
        if not circles:
            if tail == head:
                continue
            tail, head = min(tail, head), max(tail, head)
        label = draw(st.sampled_from([(0.0, 0.0), (50.0, 32.0), (90.0, 28.0)]))
        links.append(Link(tail, head, *label))
    return shapes, links


def boxes_of(placed: Layout) -> list[tuple[float, float, float, float]]:
    return [(x, y, x + w, y + h) for (x, y), (w, h) in zip(placed.corners, placed.sizes, strict=True)]


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    gap = 1e-6
    return a[0] < b[2] - gap and b[0] < a[2] - gap and a[1] < b[3] - gap and b[1] < a[3] - gap


@settings(max_examples=120, deadline=None)
@given(graphs(circles=True), st.sampled_from(DIRECTIONS))
def test_nothing_overlaps_and_all_is_inside(graph: Any, direction: str) -> None:
    shapes, links = graph
    placed = lay_out(shapes, links, direction=direction)
    boxes = boxes_of(placed)
    for a, b in combinations(boxes, 2):
        assert not overlap(a, b)
    for (left, top, right, bottom), shape in zip(boxes, shapes, strict=True):
        assert left >= -1e-6 and top >= -1e-6 and right <= placed.width + 1e-6 and bottom <= placed.height + 1e-6
        assert right - left >= shape.width - 1e-6 and bottom - top >= shape.height - 1e-6
    for route in placed.routes:
        for x, y in [route.start, *(point for piece in route.pieces for point in piece)]:
            assert math.isfinite(x) and math.isfinite(y)
            assert -1e-6 <= x <= placed.width + 1e-6 and -1e-6 <= y <= placed.height + 1e-6


@settings(max_examples=80, deadline=None)
@given(graphs(), st.sampled_from(DIRECTIONS))
def test_edges_go_from_border_to_border_in_the_direction(graph: Any, direction: str) -> None:
    shapes, links = graph
    placed = lay_out(shapes, links, direction=direction)
    boxes = boxes_of(placed)
    side = {"LR": 2, "RL": 0, "TB": 3, "BT": 1}[direction]
    opposite = {2: 0, 0: 2, 3: 1, 1: 3}[side]
    axis = 0 if side in (0, 2) else 1
    sign = 1 if side in (2, 3) else -1
    for link, route in zip(links, placed.routes, strict=True):
        assert sign * boxes[link.head][opposite] > sign * boxes[link.tail][side] - 1e-6
        if not shapes[link.tail].is_round:
            assert route.start[axis] == pytest.approx(boxes[link.tail][side])
        if not shapes[link.head].is_round:
            assert route.end[axis] == pytest.approx(boxes[link.head][opposite])
        across = 1 - axis
        for node, point in ((link.tail, route.start), (link.head, route.end)):
            assert boxes[node][across] - 1e-6 <= point[across] <= boxes[node][across + 2] + 1e-6


@settings(max_examples=60, deadline=None)
@given(graphs(circles=True))
def test_the_same_layout_every_time(graph: Any) -> None:
    assert lay_out(*graph) == lay_out(*graph)


def test_an_edge_passes_between_the_nodes_of_a_column() -> None:
    shapes = [Shape(60, 30)] * 4
    placed = lay_out(shapes, [Link(0, 1), Link(1, 2), Link(2, 3), Link(0, 3)])
    boxes = boxes_of(placed)
    for x, y in (point for piece in placed.routes[3].pieces for point in piece):
        assert not any(overlap((x, y, x, y), box) for box in boxes[1:3])


def test_parallel_edges_stay_apart() -> None:
    placed = lay_out([Shape(60, 40)] * 2, [Link(0, 1)] * 3)
    starts = [route.start[1] for route in placed.routes]
    ends = [route.end[1] for route in placed.routes]
    assert len(set(starts)) == len(set(ends)) == 3
    assert min(abs(a - b) for a, b in combinations(ends, 2)) >= 5


def test_the_order_of_creation_is_kept_where_no_crossing_is_saved() -> None:
    edges = [(0, 4), (1, 4), (2, 5), (3, 5), (4, 6), (5, 6)]
    assert in_columns(7, edges).order == [[0, 1, 2, 3], [4, 5], [6]]


def test_crossings_are_taken_out() -> None:
    columns = in_columns(6, [(0, 4), (1, 3), (2, 3), (3, 5), (4, 5)])
    place = {vertex: index for column in columns.order for index, vertex in enumerate(column)}
    assert (place[0] < min(place[1], place[2])) == (place[4] < place[3])


def test_operands_that_must_keep_their_order_do() -> None:
    crossing = [Link(0, 2), Link(1, 2), Link(1, 3), Link(0, 3), Link(3, 4), Link(2, 4)]
    for keeps in (False, True):
        shapes = [Shape(50, 30)] * 4 + [Shape(50, 60, keeps_order=keeps)]
        ends = [route.end[1] for route in lay_out(shapes, crossing).routes]
        first_is_upper = ends[4] < ends[5]
        if keeps:
            assert first_is_upper


def test_leaves_stand_beside_what_they_go_into() -> None:
    columns = in_columns(5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert columns.column_of[3] == columns.column_of[4] - 1


def test_circles_and_loops_are_drawn() -> None:
    placed = lay_out([Shape(40, 30)] * 3, [Link(0, 1), Link(1, 2), Link(2, 0), Link(1, 1)])
    assert placed.routes[2].end[0] > placed.corners[0][0]
    assert placed.routes[3].start != placed.routes[3].end


def test_a_long_chain_is_no_recursion() -> None:
    count = 30_000
    placed = lay_out([Shape(20, 10)] * count, [Link(i, i + 1) for i in range(count - 1)])
    assert len({corner[1] for corner in placed.corners}) == 1


def test_very_many_long_edges_share_their_ways() -> None:
    count = 600
    links = [Link(0, i) for i in range(1, count)] + [Link(i, i + 1) for i in range(1, count - 1)]
    columns = in_columns(count, [(link.tail, link.head) for link in links])
    assert len(columns.column_of) < 3 * count
    placed = lay_out([Shape(40, 20)] * count, links)
    assert len(placed.routes) == len(links)


def test_pooling_meets_wishes_as_well_as_it_can() -> None:
    assert settled([5.0], [1.0], [0.0]) == [5.0]
    assert settled([0.0, 0.0], [1.0, 3.0], [0.0, 4.0]) == [-3.0, 1.0]
    assert settled([0.0, 10.0, 10.0, 30.0], [1.0] * 4, [0.0, 2.0, 2.0, 2.0]) == [0.0, 9.0, 11.0, 30.0]
