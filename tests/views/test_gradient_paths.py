"""Paths: their products, the largest of them, counts and sums, against a listing of every single one."""

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slopewise as sw
from slopewise import Value
from slopewise.engine.value import local_derivatives, operands_of
from slopewise.errors import DomainError
from slopewise.views import find_paths
from slopewise.views.path_ranking import Steps, largest


def article() -> Any:
    a, b = Value(-2.0), Value(3.0)
    d, e = a * b, a + b
    return a, b, d, e, d * e


def every_path(leaf: Any, root: Any) -> Any:
    """List the products of all paths, one by one."""
    found = []
    waiting = [(root, 1)]
    while waiting:
        node, product = waiting.pop()
        if node is leaf:
            found.append(product)
            continue
        for operand, partial in zip(operands_of(node), local_derivatives(node), strict=False):
            waiting.append((operand, partial * product))
    return found


class TestSmallGraphs:
    def test_the_articles_graph(self) -> None:
        a, _, d, e, f = article()
        paths = find_paths(a, f)
        assert [path.nodes for path in paths.listed] == [(f, e, a), (f, d, a)]
        assert [path.factors for path in paths.listed] == [(-6.0, 1), (1.0, 3.0)]
        assert [path.product for path in paths.listed] == [-6.0, 3.0]
        assert (paths.total, paths.count, paths.others.count, paths.others.sum) == (-3.0, 2, 0, 0)

    def test_nothing_is_written(self) -> None:
        a, _, d, _, f = article()
        find_paths(a, f)
        assert (a.grad, d.grad, f.grad) == (0, 0, 0)
        f.backward()
        a.grad = 17.0
        assert find_paths(a, f).total == -3.0
        assert a.grad == 17.0

    def test_an_operand_used_twice_gives_two_paths(self) -> None:
        a = Value(3.0)
        paths = find_paths(a, a * a)
        assert [path.links[0].role for path in paths.listed] == ["left factor", "right factor"]
        assert [path.product for path in paths.listed] == [3.0, 3.0]

    def test_paths_may_end_in_an_inner_node(self) -> None:
        _, _, d, _, f = article()
        assert [path.factors for path in find_paths(d, f).listed] == [(1.0,)]

    def test_the_root_itself(self) -> None:
        a = Value(3.0)
        paths = find_paths(a, a)
        assert (paths.count, paths.total, paths.listed[0].factors, paths.listed[0].nodes) == (1, 1, (), (a,))

    def test_a_node_elsewhere(self) -> None:
        assert find_paths(Value(1.0), Value(2.0) * 3).part is None

    @pytest.mark.parametrize("most", [-1, 2.5, True, "3"])
    def test_most_must_be_a_count(self, most: Any) -> None:
        a = Value(3.0)
        with pytest.raises(DomainError, match="most must be a whole number"):
            find_paths(a, a * 2, most)


class TestIdioms:
    @pytest.mark.parametrize(
        ("write", "roles", "factors"),
        [
            (lambda x: x - x, ["left term", "subtracted"], [1, -1]),
            (lambda x: x / x, ["dividend", "divisor"], [0.25, -0.25]),
            (lambda x: 2 - x, ["subtracted"], [-1]),
            (lambda x: 2 / x, ["divisor"], [-0.125]),
            (lambda x: sw.sum([x, 1.0, x]), ["term 1", "term 3"], [1, 1]),
            (lambda x: sw.mean([x, Value(1.0), Value(1.0), x]), ["term 1", "term 4"], [0.25, 0.25]),
            (lambda x: -x, [""], [-1]),
            (lambda x: x**x, ["base", "exponent"], None),
        ],
    )
    def test_one_step_each(self, write: Any, roles: Any, factors: Any) -> None:
        x = Value(4.0)
        paths = find_paths(x, write(x)).listed
        assert all(len(path.links) == 1 for path in paths)
        assert sorted(path.links[0].role for path in paths) == sorted(roles)
        if factors is not None:
            assert sorted(path.factors[0] for path in paths) == sorted(factors)

    def test_a_hand_written_difference_stays_what_it_is(self) -> None:
        a, b = Value(5.0), Value(2.0)
        assert len(find_paths(b, a + b * -1).listed[0].links) == 2

    def test_a_sum_within_a_sum(self) -> None:
        x = Value(1.0)
        inner = sw.sum([x, x])
        outer = sw.sum([inner, x, inner])
        assert find_paths(x, outer).count == 5
        assert sum(path.product for path in find_paths(x, outer).listed) == 5


NUMBERS = {
    "floats": st.sampled_from([0.0, 1.0, -1.0, 2.0, -0.5]) | st.floats(-3, 3).map(lambda x: round(x, 3)),
    "ints": st.integers(-3, 3),
    "fractions": st.fractions(-3, 3, max_denominator=5),
}


@st.composite
def small_graphs(draw: Any) -> Any:
    """A leaf and a root of a small graph with zeros, ties and nodes used twice."""
    numbers = draw(st.sampled_from(list(NUMBERS)))
    nodes = [Value(draw(NUMBERS[numbers])) for _ in range(3)]
    leaf = nodes[0]
    for _ in range(draw(st.integers(1, 10))):
        a, b = draw(st.sampled_from(nodes[-6:])), draw(st.sampled_from(nodes[-6:]))
        kind = draw(st.integers(0, 6))
        if kind == 6 and numbers == "fractions":
            kind = 5
        nodes.append([a + b, a * b, a - b, a * 3, -a, b * a, a][kind] if kind < 6 else a.relu())
    return leaf, nodes[-1]


class TestAgainstAListingOfEveryPath:
    @settings(deadline=None, max_examples=150)
    @given(small_graphs(), st.none() | st.integers(0, 6))
    def test_products_counts_and_sums(self, graph: Any, most: Any) -> None:
        leaf, root = graph
        products = every_path(leaf, root)
        paths = find_paths(leaf, root, most)
        assert paths.count == len(products)
        if not products:
            assert paths.part is None
            return
        found = [abs(path.product) for path in paths.listed]
        expected = sorted(map(abs, products), reverse=True)[: len(found)]
        assert found == pytest.approx(expected, rel=1e-12, abs=0)
        assert found == sorted(found, reverse=True)
        if most is not None:
            assert len(found) == min(most, len(products))
        size = 1 + sum(map(abs, products))
        listed = sum(path.product for path in paths.listed)
        assert abs(sum(products) - listed - paths.others.sum) <= 1e-12 * size
        assert abs(paths.total - listed - paths.others.sum) <= 1e-12 * size
        assert len(products) - len(found) == paths.others.count
        assert sum(death.count for death in paths.dead) == sum(product == 0 for product in products)
        for path in paths.listed:
            product = 1
            for factor in path.factors:
                product = factor * product
            assert product == pytest.approx(path.product, rel=1e-12, abs=0)

    def test_exact_kinds_of_numbers_stay_exact(self) -> None:
        a = Value(Fraction(1, 3))
        y = a
        for _ in range(5):
            y = y * a + y
        paths = find_paths(a, y, 3)
        assert sum(path.product for path in paths.listed) + paths.others.sum == paths.total
        assert isinstance(paths.others.sum, Fraction)


class TestManyPaths:
    def test_a_chain_of_doublings(self) -> None:
        x = y = Value(1.0)
        for _ in range(60):
            y = y + y
        paths = find_paths(x, y, 10)
        assert paths.count == 2**60
        assert paths.others.count == 2**60 - 10
        assert paths.others.sum == 2**60 - 10
        assert [path.taken for path in paths.listed[:2]] == [[0] * 60, [0] * 59 + [1]]
        assert len({tuple(path.taken) for path in paths.listed}) == 10

    def test_the_largest_are_found_far_down(self) -> None:
        x = y = Value(1.0)
        for _ in range(40):
            y = y * 1.0 + y * 0.5
        paths = find_paths(x, y, 42)
        assert [path.product for path in paths.listed] == [1.0] + [0.5] * 40 + [0.25]
        assert paths.others.sum == pytest.approx(1.5**40 - 21.25, rel=1e-14)

    def test_the_others_are_not_the_difference_of_large_numbers(self) -> None:
        a, b = Value(1.0), Value(1.0)
        y = a * 1e20 + b * 0 + a * 1e-20
        assert find_paths(a, y, 1).others.sum == 1e-20

    def test_long_chains(self) -> None:
        x = y = Value(1.0)
        for _ in range(20_000):
            y = y + y * 1e-4
        paths = find_paths(x, y, 5)
        assert paths.count == 2**20_000
        assert [path.product for path in paths.listed] == pytest.approx([1.0] + [1e-4] * 4)
        assert sum(path.product for path in paths.listed) + paths.others.sum == pytest.approx(paths.total)

    def test_the_same_order_every_time(self) -> None:
        rng = random.Random(5)
        x = Value(1.0)
        layer = [x * rng.choice([1.0, -1.0]) for _ in range(4)]
        for _ in range(4):
            layer = [sw.sum([v * rng.choice([1.0, -1.0]) for v in layer]) for _ in range(4)]
        first = [path.taken for path in find_paths(x, layer[0], 20).listed]
        assert first == [path.taken for path in find_paths(x, layer[0], 20).listed]


class TestNumbersThatAreNotFinite:
    def test_a_slope_without_end(self) -> None:
        a = Value(0.0)
        paths = find_paths(a, sw.sqrt(a) * 3 + a)
        assert [path.product for path in paths.listed] == [math.inf, 1]

    def test_nan_is_listed_first(self) -> None:
        a = Value(-1.0)
        paths = find_paths(a, a * 1e300 + sw.log(a), 1)
        assert math.isnan(paths.listed[0].product)
        assert paths.others.sum == 1e300

    def test_a_selection_makes_0_of_an_infinite_gradient(self) -> None:
        a = Value(-1.0)
        y = sw.sqrt(a.relu()) + a * 2
        paths = find_paths(a, y)
        assert [path.product for path in paths.listed] == [2, 0]
        assert paths.total == 2

    def test_infinite_paths_among_the_others(self) -> None:
        a = Value(0.0)
        y = sw.sqrt(a) + sw.sqrt(a) + a
        assert find_paths(a, y, 0).others.sum == math.inf

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.sampled_from([0.0, 1.0, -2.0, math.inf, math.nan, 0.5]), min_size=6, max_size=6))
    def test_the_largest_first(self, weights: Any) -> None:
        a = Value(1.0)
        w = [Value(x) for x in weights]
        y = ((a * w[0] + a * w[1]) * w[2] + a * w[3]) * w[4] + a * w[5]
        products = every_path(a, y)

        def size(x: Any) -> Any:
            return math.inf if math.isnan(x) else abs(x)

        for most in range(5):
            found = [size(path.product) for path in find_paths(a, y, most).listed]
            assert found == sorted(map(size, products), reverse=True)[:most]


class TestStepsOfOnesOwn:
    def test_a_step_that_a_user_wrote(self) -> None:
        x = Value(0.7)
        s = Value(math.sin(x.data), (x,), "sin")

        def step() -> None:
            x.grad += math.cos(x.data) * s.grad

        s._backward = step
        paths = find_paths(x, s * s)
        assert [path.factors[1] for path in paths.listed] == [math.cos(0.7)] * 2
        assert sum(path.product for path in paths.listed) == pytest.approx(paths.total)

    def test_an_operand_that_such_a_step_uses_twice_is_one_path(self) -> None:
        x = Value(3.0)
        s = Value(9.0, (x, x), "square")

        def step() -> None:
            x.grad += 2 * x.data * s.grad

        s._backward = step
        assert [path.product for path in find_paths(x, s * 1).listed] == [6.0]

    def test_given_local_derivatives(self) -> None:
        x = Value(2.0)
        assert find_paths(x, Value(6.0, (x,), (3.0,)) * 2).listed[0].factors == (2, 3.0)

    def test_a_node_without_a_step_hands_nothing_on(self) -> None:
        x = Value(2.0)
        paths = find_paths(x, Value(6.0, (x,), "mystery") * 2)
        assert (paths.total, paths.listed[0].product, paths.dead[0].count) == (0, 0, 1)


def test_largest_on_a_graph_of_lists() -> None:
    steps = Steps([(), (0, 0), (1, 0), (2, 1)], [(), (3.0, 1.0), (2.0, 5.0), (1.0, 4.0)], {0: 1.0})
    every = [1 * 2 * 3, 1 * 2 * 1, 1 * 5, 4 * 3, 4 * 1]
    found = largest(steps, 3, 5)
    sizes = []
    for nodes, taken in found:
        size = 1.0
        for node, edge in itertools.zip_longest(nodes[:-1], taken):
            size *= steps.weights[node][edge]
        sizes.append(size)
    assert sizes == sorted(map(float, every), reverse=True)
